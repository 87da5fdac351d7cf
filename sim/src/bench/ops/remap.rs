// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The remapping unit: on, off, entries, queue.

use crate::bench::machine::{DEVICES, EVENTS, QUEUE, STATUS, TABLE};
use crate::bench::places;
use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use crate::check::target::Table;
use host_model::driver::Bus;
use host_model::driver::amdvi::{AmdConfig, AmdRemapping, Format};
use host_model::driver::msg::MsiMsg;
use host_model::driver::vtd::{InterruptRemapping, IrConfig, IrteSpec};
use vectors::op::{Irte, Read, RemapUnitKind, Write};

/// Global command and status registers, the status bits that are no one-shots, and QIES [VT-d 11.4.4].
const GCMD: u32 = 0x18;
const GSTS: u32 = 0x1c;
const GSTS_KEEP: u64 = 0x96ff_ffff;
const QUEUE_ENABLED: u64 = 1 << 26;

fn input(text: String) -> Stop {
    Stop::Input(text)
}

pub fn on(s: &mut Sequencer<'_>, eime: bool, size: u8, compatibility: bool) -> Result<(), Stop> {
    match s.machine.unit {
        RemapUnitKind::Vtd => {}
        RemapUnitKind::Amd => return amd_on(s, eime),
        RemapUnitKind::None => return Err(input("this machine has no remapping unit".into())),
    }
    if compatibility && eime {
        return Err(input("compatibility format cannot pass in extended interrupt mode [VT-d 5.1.4]".into()));
    }
    // A queue left on by an earlier owner is switched off first, as Linux does.
    let status = s.world.vtd_read(GSTS, 4);
    let status = s.drive("remapping unit status", status)? & GSTS_KEEP;
    if status & QUEUE_ENABLED != 0 {
        let off = s.world.vtd_write(GCMD, 4, status & !QUEUE_ENABLED);
        s.drive("switching the queue off", off)?;
        s.world.wait(64)?;
    }
    let config =
        IrConfig { table: TABLE, size, x2apic: eime, queue: QUEUE, status: STATUS, poll_cycles: 8, polls_max: 10_000 };
    let enabled = InterruptRemapping::enable(&mut s.world, config);
    let mut ir = s.drive("switching interrupt remapping on", enabled)?;
    if compatibility {
        let passes = ir.compat_passes(&mut s.world, true);
        s.drive("letting compatibility format pass", passes)?;
    }
    s.machine.remapping = Some(ir);
    s.machine.eime = eime;
    let table = Table { base: TABLE, entries: 2 << size, eime, compatibility };
    s.world.targets.set_table(Some(table), s.world.host.mem());
    Ok(())
}

/// AMD-Vi: entries of 128 bits, tables of 2,048. Where messages arrive, the vector's own expectations say: the check of
/// targets reads entries of VT-d.
fn amd_on(s: &mut Sequencer<'_>, eime: bool) -> Result<(), Stop> {
    let config = AmdConfig {
        devices: DEVICES,
        commands: QUEUE,
        events: EVENTS,
        status: STATUS,
        tables: TABLE,
        format: if eime { Format::WideX2apic } else { Format::Wide },
        order: 11,
        poll_cycles: 8,
        polls_max: 10_000,
    };
    let enabled = AmdRemapping::enable(&mut s.world, config);
    s.machine.amd = Some(s.drive("switching AMD-Vi on", enabled)?);
    s.machine.eime = eime;
    s.world.targets.look_away();
    Ok(())
}

/// Whether messages go through a remapping table.
pub fn is_on(s: &Sequencer<'_>) -> bool {
    s.machine.remapping.is_some() || s.machine.amd.is_some()
}

/// Entries of the device in the unit's table, `count` consecutive ones.
pub fn alloc(s: &mut Sequencer<'_>, count: u32) -> Result<u32, Stop> {
    let device = s.world.device_id();
    let index = match s.machine.amd.as_mut() {
        Some(amd) => amd.alloc(&mut s.world, device, count, true),
        None => driver(s)?.0.alloc(count),
    };
    s.drive("allocating remapping entries", index)
}

/// The message that leads to an entry.
pub fn compose(s: &mut Sequencer<'_>, index: u32) -> Result<MsiMsg, Stop> {
    if s.machine.amd.is_some() {
        return Ok(AmdRemapping::compose(index));
    }
    let message = driver(s)?.0.compose(index, 0);
    s.drive("composing a message", message)
}

/// Stores an entry; with VT-d nothing is invalidated, with AMD-Vi what the unit had of it is gone.
pub fn aim(s: &mut Sequencer<'_>, index: u32, spec: &IrteSpec) -> Result<(), Stop> {
    let device = s.world.device_id();
    let stored = match s.machine.amd.as_mut() {
        Some(amd) => {
            let image = amd.image(spec.destination, spec.vector);
            amd.modify(&mut s.world, device, index, image)
        }
        None => {
            let (ir, world) = driver(s)?;
            ir.store_unflushed(world, index, spec)
        }
    };
    s.drive("writing a remapping entry", stored)
}

/// An entry that serves no longer, and is not cached.
pub fn clear(s: &mut Sequencer<'_>, index: u32) -> Result<(), Stop> {
    let device = s.world.device_id();
    if let Some(amd) = s.machine.amd.as_mut() {
        let cleared = amd.modify(&mut s.world, device, index, 0);
        return s.drive("clearing a remapping entry", cleared);
    }
    set_irte_raw(s, index, [0, 0])?;
    iec(s, Some(index), 0)
}

pub fn off(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    if s.machine.amd.take().is_some() {
        // IommuEn and all else off.
        let disabled = s.world.vtd_write(GCMD, 8, 0);
        s.drive("switching AMD-Vi off", disabled)?;
    }
    if let Some(mut ir) = s.machine.remapping.take() {
        let disabled = ir.disable(&mut s.world);
        s.drive("switching interrupt remapping off", disabled)?;
    }
    s.machine.connections.clear();
    s.machine.reserved.clear();
    s.world.targets.set_table(None, s.world.host.mem());
    Ok(())
}

/// The unit's driver, or an error that says that remapping is off.
pub fn driver<'a>(
    s: &'a mut Sequencer<'_>,
) -> Result<(&'a mut InterruptRemapping, &'a mut crate::bench::world::World), Stop> {
    match s.machine.remapping.as_mut() {
        Some(ir) => Ok((ir, &mut s.world)),
        None => Err(input("this step needs interrupt remapping on (`- remapping: {}`)".into())),
    }
}

/// The bits of an entry [VT-d 9.10]; in xAPIC mode the destination stands in bits 47:40.
fn pack(e: &Irte, eime: bool) -> u128 {
    let destination = if eime { e.destination } else { (e.destination & 0xff) << 8 };
    u128::from(e.present)
        | u128::from(e.fpd) << 1
        | u128::from(e.logical) << 2
        | u128::from(e.redirection_hint) << 3
        | u128::from(e.level) << 4
        | u128::from(e.delivery_mode & 7) << 5
        | u128::from(e.vector) << 16
        | u128::from(destination) << 32
        | u128::from(e.sid) << 64
        | u128::from(e.sq & 3) << 80
        | u128::from(e.svt & 3) << 82
}

pub fn set_irte(s: &mut Sequencer<'_>, index: u32, entry: &Irte) -> Result<(), Stop> {
    let words = pack(entry, s.machine.eime);
    s.world.dram_write(TABLE + 16 * u64::from(index), &words.to_le_bytes())
}

pub fn set_irte_raw(s: &mut Sequencer<'_>, index: u32, words: [u64; 2]) -> Result<(), Stop> {
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    s.world.dram_write(TABLE + 16 * u64::from(index), &bytes)
}

pub fn iec(s: &mut Sequencer<'_>, index: Option<u32>, mask: u8) -> Result<(), Stop> {
    let device = s.world.device_id();
    if let Some(amd) = s.machine.amd.as_mut() {
        let flushed = amd.flush_interrupts(&mut s.world, device);
        return s.drive("invalidating interrupt entries", flushed);
    }
    let mark = s.world.targets.mark();
    let (ir, world) = driver(s)?;
    let flushed = match index {
        Some(i) => ir.flush(world, i, u32::from(mask)),
        None => ir.flush_all(world),
    };
    s.drive("invalidating interrupt entries", flushed)?;
    let (first, last) = match index {
        Some(i) => {
            let first = i >> mask << mask;
            (first, first + (1 << mask) - 1)
        }
        None => (0, u32::MAX),
    };
    s.world.targets.flushed(first, last, mark);
    Ok(())
}

pub fn descriptor(s: &mut Sequencer<'_>, words: [u64; 2], wait: bool) -> Result<(), Stop> {
    // By hand, behind the driver's back: the driver's own queue position is read from the unit.
    let vtd = |e: Result<u64, _>, s: &mut Sequencer<'_>| s.drive("queue register", e);
    let iqa = s.world.vtd_read(0x90, 8);
    let iqa = vtd(iqa, s)?;
    let tail = s.world.vtd_read(0x88, 8);
    let tail = vtd(tail, s)?;
    let (base, size) = (iqa & !0xfff, 4096u64 << (iqa & 7));
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    s.world.dram_write(base + tail, &bytes)?;
    let next = (tail + 16) % size;
    let written = s.world.vtd_write(0x88, 8, next);
    s.drive("queue tail", written)?;
    if wait {
        for _ in 0..1000 {
            let head = s.world.vtd_read(0x80, 8);
            if vtd(head, s)? == next {
                return Ok(());
            }
            s.world.wait(8)?;
        }
        s.expect(false, || format!("the queue head has not reached {next:#x} within 8,000 cycles"));
    }
    Ok(())
}

fn width(len: u32) -> Result<u8, Stop> {
    match len {
        4 | 8 => Ok(len as u8),
        _ => Err(input(format!("registers of the remapping unit are 4 or 8 bytes wide, not {len}"))),
    }
}

pub fn read(s: &mut Sequencer<'_>, r: &Read) -> Result<(), Stop> {
    let at = places::vtd(&r.at).map_err(input)?;
    let value = s.world.vtd_read(at, width(r.len)?);
    let value = s.drive("register read", value)?;
    super::access::compare(s, r, value);
    Ok(())
}

pub fn write(s: &mut Sequencer<'_>, w: &Write) -> Result<(), Stop> {
    let at = places::vtd(&w.at).map_err(input)?;
    // Commands and the table pointer decide where interrupts go: from here on the
    // vector's own expectations are the judge of that.
    if matches!(at, 0x18 | 0xb8) {
        s.world.targets.look_away();
    }
    let written = s.world.vtd_write(at, width(w.len)?, w.value);
    s.drive("register write", written)
}
