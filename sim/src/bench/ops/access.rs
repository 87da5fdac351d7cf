// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Raw accesses and packets.

use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use crate::finding::Kind;
use host_model::driver::Bus;
use host_model::rc::ecrc;
use host_model::rc::requests::{Outcome, RawTag, Request};
use smallvec::SmallVec;
use tlp::Packet;
use vectors::op::{Digest, Place, RawTlp, Read, Status, Write};
use vectors::place::{self, Memory};

fn input(text: String) -> Stop {
    Stop::Input(text)
}

fn mask_of(len: u32) -> u64 {
    if len >= 8 { u64::MAX } else { (1 << (8 * len)) - 1 }
}

/// Compares what was read with what the vector expects.
pub fn compare(s: &mut Sequencer<'_>, r: &Read, value: u64) {
    if let Some(expect) = r.expect {
        let mask = r.mask.unwrap_or(u64::MAX) & mask_of(r.len);
        s.expect(value & mask == expect & mask, || {
            format!("{:?} reads {value:#x}, expected {expect:#x} under mask {mask:#x}", r.at)
        });
        s.tally.compared += 1;
    }
}

/// Compares the way a request ended with what the vector expects.
fn compare_status(s: &mut Sequencer<'_>, at: &Place, want: Option<Status>, got: &Outcome) {
    let is = match got {
        Outcome::Data(_) | Outcome::Done | Outcome::Sent => Status::Sc,
        Outcome::UnsupportedRequest => Status::Ur,
        Outcome::CompleterAbort => Status::Ca,
        _ => Status::None,
    };
    let want = want.unwrap_or(Status::Sc);
    s.expect(is == want, || format!("{at:?} ended with {got:?}, expected {want:?}"));
}

/// Bus address of a place in the device's memory.
pub fn address(s: &Sequencer<'_>, at: &Place) -> Result<u64, Stop> {
    Ok(match place::memory(at).map_err(input)? {
        Memory::Absolute(a) => a,
        Memory::Bar { bar, offset } => s.world.shadow.config.bar(bar) + offset,
        Memory::Vf { vf, offset } => s.world.shadow.functions.base(vf) + offset,
    })
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |v, b| v << 8 | u64::from(*b))
}

pub fn cfg_read(s: &mut Sequencer<'_>, r: &Read) -> Result<(), Stop> {
    let reg = place::config(&r.at).map_err(input)?;
    let id = s.world.function_id(r.vf);
    let outcome = s.world.config_read(id, reg, r.len as u8)?;
    if let Outcome::Data(b) = &outcome {
        let value = number(b) >> (8 * u32::from(reg & 3)) & mask_of(r.len);
        compare(s, r, value);
    }
    compare_status(s, &r.at, r.status, &outcome);
    Ok(())
}

pub fn cfg_write(s: &mut Sequencer<'_>, w: &Write) -> Result<(), Stop> {
    let reg = place::config(&w.at).map_err(input)?;
    let shift = 8 * u32::from(reg & 3);
    let be = w.be.unwrap_or((((1u16 << w.len) - 1) << (reg & 3)) as u8);
    let value = if w.be.is_some() { w.value as u32 } else { (w.value << shift) as u32 };
    let id = s.world.function_id(w.vf);
    let outcome = s.world.config_write_be(id, reg & !3, be, value)?;
    compare_status(s, &w.at, w.status, &outcome);
    Ok(())
}

pub fn read(s: &mut Sequencer<'_>, r: &Read) -> Result<(), Stop> {
    let at = address(s, &r.at)?;
    let outcome = s.world.memory_read(at, r.len as u16)?;
    if let Outcome::Data(b) = &outcome {
        let value = number(b);
        compare(s, r, value);
    }
    compare_status(s, &r.at, r.status, &outcome);
    Ok(())
}

pub fn write(s: &mut Sequencer<'_>, w: &Write) -> Result<(), Stop> {
    let at = address(s, &w.at)?;
    let outcome = match w.be {
        None => s.world.memory_write_to(at, w.value.to_le_bytes()[..w.len as usize].to_vec())?,
        Some(be) => {
            let four = at >> 32 != 0;
            let header = [
                (if four { 0x6000_0001 } else { 0x4000_0001 }),
                u32::from(be & 0xf),
                if four { (at >> 32) as u32 } else { at as u32 & !3 },
                if four { at as u32 & !3 } else { 0 },
            ];
            let packet = Packet::with_data(header, [w.value as u32]);
            s.world.request(Request::Raw { packet, tag: RawTag::Unwatched })?
        }
    };
    compare_status(s, &w.at, w.status, &outcome);
    Ok(())
}

pub fn dram_read(s: &mut Sequencer<'_>, r: &Read) -> Result<(), Stop> {
    let Place::Number(at) = r.at else { return Err(input("host memory is named by address".into())) };
    let mut bytes = vec![0; r.len as usize];
    let read = s.world.dram_read(at, &mut bytes);
    s.drive("processor read", read)?;
    compare(s, r, number(&bytes));
    Ok(())
}

pub fn dram_write(s: &mut Sequencer<'_>, w: &Write) -> Result<(), Stop> {
    let Place::Number(at) = w.at else { return Err(input("host memory is named by address".into())) };
    s.world.dram_write(at, &w.value.to_le_bytes()[..w.len as usize])
}

/// Builds a packet field by field, right or wrong [PCIe Base 2.2].
fn build(s: &Sequencer<'_>, t: &RawTlp, requester: u16) -> Result<Packet, Stop> {
    let at = match &t.at {
        Some(place) => address(s, place)?,
        None => t.address,
    };
    let payload = t.data.len() as u32 - u32::from(t.td && !t.data.is_empty());
    let length = t.length.unwrap_or(payload.max(1)) & 0x3ff;
    let tag = u32::from(t.tag.unwrap_or(0));
    let bit = |b: bool, k: u32| u32::from(b) << k;
    // A place above 4 GiB needs four header words whatever the vector's author had in mind.
    let memory = t.at.is_some() && matches!(t.typ, 0 | 1);
    let fmt = t.fmt & 7 | u8::from(memory && at >> 32 != 0);
    let w0 = u32::from(fmt) << 29
        | u32::from(t.typ & 0x1f) << 24
        | (tag >> 9 & 1) << 23
        | u32::from(t.tc & 7) << 20
        | (tag >> 8 & 1) << 19
        | u32::from(t.attr >> 2 & 1) << 18
        | bit(t.th, 16)
        | bit(t.td, 15)
        | bit(t.ep, 14)
        | u32::from(t.attr & 3) << 12
        | u32::from(t.address_type & 3) << 10
        | length;
    let full = if length == 1 { 0 } else { 0xf };
    let w1 = u32::from(requester) << 16
        | (tag & 0xff) << 8
        | u32::from(t.last_be.unwrap_or(full) & 0xf) << 4
        | u32::from(t.first_be.unwrap_or(0xf) & 0xf);
    let config = matches!(t.typ, 4 | 5);
    let (w2, w3) = if config {
        // Place in configuration space: the function's id above the register.
        (u32::from(s.world.function_id(t.vf).bits()) << 16 | at as u32 & 0xffff_fffc, 0)
    } else if fmt & 1 == 1 {
        ((at >> 32) as u32, at as u32)
    } else {
        (at as u32, 0)
    };
    let mut packet = Packet { prefix: t.prefix, header: [w0, w1, w2, w3], data: SmallVec::from_slice(&t.data) };
    match t.digest {
        None => {}
        Some(Digest::Right) => ecrc::append(&mut packet, 0),
        Some(Digest::Wrong) => ecrc::append(&mut packet, 1 << 17),
    }
    Ok(packet)
}

pub fn tlp(s: &mut Sequencer<'_>, t: &RawTlp) -> Result<(), Stop> {
    let packet = build(s, t, 0)?;
    s.world.watch_by_hand(&packet);
    if t.no_wait {
        s.world.submit(Request::Raw { packet, tag: RawTag::Assigned });
        return Ok(());
    }
    let Some(expect) = &t.expect else {
        s.world.request(Request::Raw { packet, tag: RawTag::Unwatched })?;
        return Ok(());
    };
    s.world.watch_raw();
    if expect.status == Status::None {
        s.world.request(Request::Raw { packet: packet.clone(), tag: RawTag::Unwatched })?;
        s.world.wait(2_000)?;
        let came = s.world.raw_completions();
        s.expect(came.is_empty(), || format!("{} completion(s) came, none may", came.len()));
        s.world.retire_answer(t.tag.unwrap_or(0));
        return Ok(());
    }
    let tag = if t.tag.is_some() { RawTag::Own } else { RawTag::Assigned };
    let outcome = s.world.request(Request::Raw { packet, tag })?;
    let came = s.world.raw_completions();
    compare_status(s, &Place::Name("packet".into()), Some(expect.status), &outcome);
    let first = came.first();
    if let Some(want) = expect.byte_count {
        let got = first.map(|c| c.byte_count);
        s.expect(got == Some(want), || format!("byte count {got:?}, expected {want}"));
    }
    if let Some(want) = expect.lower_address {
        let got = first.map(|c| c.lower);
        s.expect(got == Some(want), || format!("lower address {got:?}, expected {want:#x}"));
    }
    if let Some(want) = &expect.data {
        let got: Vec<u32> = came.iter().flat_map(|c| c.data.iter().copied()).collect();
        s.expect(got == *want, || format!("data {got:08x?}, expected {want:08x?}"));
    }
    Ok(())
}

/// A packet as if the device had sent it: monitor and ledger do not see it, the host must cope.
pub fn stray(s: &mut Sequencer<'_>, t: &RawTlp) -> Result<(), Stop> {
    let id = s.world.device_id().bits();
    let packet = build(s, t, id)?;
    let findings = s.world.stray(&packet)?;
    for text in findings {
        s.world.find("host_refused", Kind::Safety, text);
    }
    Ok(())
}
