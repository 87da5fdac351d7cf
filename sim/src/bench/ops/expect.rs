// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Expectations of vectors.

use super::audit;
use super::causes::{read_register, write_register};
use super::errors;
use crate::bench::sequencer::{CountBase, Sequencer};
use crate::bench::world::Stop;
use crate::shadow::parts;
use host_model::driver::Bus;
use tlp::CauseOp;
use vectors::op::{Source, Target};
use vectors::regs;

/// Cycles within which a followed interrupt must arrive.
const FOLLOW_BOUND: u64 = 20_000;

pub fn count(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    s.base = CountBase {
        total: s.world.ledger.counters.messages,
        messages: s.world.ledger.sent(),
        arrivals: s.world.arrivals.clone(),
        intx: s.world.host.rc().intx().asserted(0),
        error_messages: errors::received(s),
    };
    Ok(())
}

fn sent(s: &mut Sequencer<'_>, at: Source) -> u64 {
    let base = s.base.messages.get(&at).copied().unwrap_or(0);
    s.world.ledger.source(at).sent - base
}

pub fn messages(s: &mut Sequencer<'_>, at: Source, range: [u64; 2]) -> Result<(), Stop> {
    let n = sent(s, at);
    s.expect((range[0]..=range[1]).contains(&n), || match range {
        [a, b] if a == b => format!("{n} message(s) of {at:?}, expected {a}"),
        [a, b] => format!("{n} message(s) of {at:?}, expected {a} to {b}"),
    });
    Ok(())
}

pub fn messages_total(s: &mut Sequencer<'_>, want: u64) -> Result<(), Stop> {
    let n = s.world.ledger.counters.messages - s.base.total;
    s.expect(n == want, || format!("{n} message(s) altogether, expected {want}"));
    Ok(())
}

pub fn arrivals(s: &mut Sequencer<'_>, at: Target, want: u64) -> Result<(), Stop> {
    let key = (at.cpu, at.vector);
    let n = s.world.arrivals.get(&key).copied().unwrap_or(0) - s.base.arrivals.get(&key).copied().unwrap_or(0);
    s.expect(n == want, || {
        format!("{n} arrival(s) of vector {:#x} at processor {}, expected {want}", at.vector, at.cpu)
    });
    Ok(())
}

pub fn interrupt(s: &mut Sequencer<'_>, at: Source, address: u64, data: u32, to: Option<Target>) -> Result<(), Stop> {
    let sent_before = s.world.ledger.source(at).sent;
    let arrived = |s: &Sequencer<'_>, t: Target| s.world.arrivals.get(&(t.cpu, t.vector)).copied().unwrap_or(0);
    let arrived_before = to.map(|t| arrived(s, t));
    let now = s.world.now();
    s.world.raise(CauseOp::Raise, at, now);
    let deadline = now + FOLLOW_BOUND;
    loop {
        let left = s.world.ledger.source(at).sent > sent_before;
        let there = to.is_none_or(|t| arrived(s, t) > arrived_before.unwrap_or(0));
        if left && there || s.world.now() >= deadline {
            break;
        }
        s.world.advance(deadline)?;
    }
    let page = s.world.ledger.source(at);
    let (n, last) = (page.sent - sent_before, page.last);
    s.expect(n == 1, || format!("{at:?}: {n} message(s) after one cause, expected one"));
    if n > 0 {
        s.expect(last == (address, data), || {
            format!("{at:?} sent {:#x}/{:#x}, expected {address:#x}/{data:#x}", last.0, last.1)
        });
    }
    if let Some(t) = to {
        let got = arrived(s, t) - arrived_before.unwrap_or(0);
        s.expect(got == 1, || {
            format!("{got} arrival(s) of vector {:#x} at processor {}, expected one", t.vector, t.cpu)
        });
    }
    s.tally.compared += 1;
    Ok(())
}

pub fn pending(s: &mut Sequencer<'_>, at: Source, want: bool) -> Result<(), Stop> {
    let (place, bit) = audit::place(s, at)?;
    let word = audit::read(s, place)?;
    s.expect((word >> bit & 1 == 1) == want, || format!("pending bit of {at:?} reads {}", word >> bit & 1));
    Ok(())
}

pub fn intx(s: &mut Sequencer<'_>, asserted: bool, status: bool, asserts: Option<u64>) -> Result<(), Stop> {
    let wires = s.world.host.rc().intx();
    let (level, n) = (wires.level(0), wires.asserted(0) - s.base.intx);
    s.expect(level == asserted, || format!("INTA is {level} at the root port, expected {asserted}"));
    if let Some(want) = asserts {
        s.expect(n == want, || format!("INTA has been asserted {n} time(s), expected {want}"));
    }
    let word = s.world.cfg_read(6, 2);
    let word = s.drive("status register", word)?;
    s.expect((word >> 3 & 1 == 1) == status, || format!("Interrupt Status reads {}, expected {status}", word >> 3 & 1));
    Ok(())
}

pub fn quiet(s: &mut Sequencer<'_>, cycles: u64) -> Result<(), Stop> {
    let before = s.world.ledger.counters.messages;
    s.world.wait(cycles)?;
    let n = s.world.ledger.counters.messages - before;
    s.expect(n == 0, || format!("{n} message(s) within {cycles} cycles, expected none"));
    Ok(())
}

pub fn fault(s: &mut Sequencer<'_>, reason: u8, index: Option<u32>, source: Option<u16>) -> Result<(), Stop> {
    s.world.wait(64)?;
    let (ir, world) = super::remap::driver(s)?;
    let found = ir.drain_faults(world);
    let found = s.drive("reading fault records", found)?;
    // One look clears every record; those for later expectations are kept.
    s.machine.faults.extend(found.records);
    let want = source.unwrap_or(s.world.device_id().bits());
    let hit =
        s.machine.faults.iter().position(|f| {
            f.reason == reason && f.source.bits() == want && index.is_none_or(|i| u32::from(f.index) == i)
        });
    let seen = format!("{:?}", s.machine.faults);
    s.expect(hit.is_some(), || format!("fault {reason:#x} of {want:#06x}, index {index:?}, is not among {seen}"));
    if let Some(k) = hit {
        s.machine.faults.remove(k);
        if let Some(b) = s.world.blocked.iter_mut().find(|b| b.reason == reason && !b.explained) {
            b.explained = true;
        }
    }
    Ok(())
}

pub fn no_fault(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    s.world.wait(64)?;
    let (ir, world) = super::remap::driver(s)?;
    let found = ir.drain_faults(world);
    let found = s.drive("reading fault records", found)?;
    let mut left = std::mem::take(&mut s.machine.faults);
    left.extend(found.records);
    s.expect(left.is_empty(), || format!("no fault was expected, found {left:?}"));
    Ok(())
}

pub fn blocked(s: &mut Sequencer<'_>, reason: u8) -> Result<(), Stop> {
    s.world.wait(64)?;
    let next = s.world.blocked.iter().position(|b| !b.explained);
    let got = next.and_then(|k| s.world.blocked.remove(k)).map(|b| b.reason);
    s.expect(got == Some(reason), || format!("blocked for reason {got:x?}, expected {reason:#x}"));
    Ok(())
}

pub fn error(s: &mut Sequencer<'_>, code: u8, at: Source) -> Result<(), Stop> {
    use regs::irq_err as e;
    let word = read_register(s, regs::IRQ_ERR)?;
    let Some((store, index)) = parts(at) else {
        return Err(Stop::Input("errors of MSI vectors are not recorded".into()));
    };
    let field = |mask: u32, lsb: u32| (word & mask) >> lsb;
    let got =
        (field(e::CODE_MASK, e::CODE_LSB), field(e::STORE_MASK, e::STORE_LSB), field(e::INDEX_MASK, e::INDEX_LSB));
    let want = (u32::from(code), store.code(), index);
    s.expect(word & e::VALID_MASK != 0 && got == want, || {
        format!("irq_err {word:#010x} (code, store, index {got:?}), expected {want:?}")
    });
    write_register(s, regs::IRQ_ERR, e::VALID_MASK)?;
    // Read back: a later error must find the record free.
    read_register(s, regs::IRQ_ERR).map(|_| ())
}

pub fn no_error(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    let word = read_register(s, regs::IRQ_ERR)?;
    s.expect(word & regs::irq_err::VALID_MASK == 0, || format!("irq_err {word:#010x}, expected no error"));
    Ok(())
}

pub fn finding(s: &mut Sequencer<'_>, name: &str) -> Result<(), Stop> {
    let device = &mut s.world.device;
    let ledger = &mut device.ledger.findings;
    let report = &mut device.report.findings;
    let before = ledger.len() + report.len();
    ledger.retain(|f| f.check != name);
    report.retain(|f| f.check != name);
    let hits = before - ledger.len() - report.len();
    s.expect(hits > 0, || format!("the check {name} has reported nothing"));
    Ok(())
}

pub fn decode(s: &mut Sequencer<'_>, bar: u8, base: Option<u64>) -> Result<(), Stop> {
    let at = 0x10 + 4 * u16::from(bar);
    let low = s.world.cfg_read(at, 4);
    let low = s.drive("reading a BAR", low)?;
    let high = if low & 6 == 4 {
        let high = s.world.cfg_read(at + 4, 4);
        s.drive("reading a BAR", high)?
    } else {
        0
    };
    let command = s.world.cfg_read(4, 2);
    let command = s.drive("reading the command register", command)?;
    let address = u64::from(high) << 32 | u64::from(low & !15);
    let decoded = (command & 2 != 0).then_some(address);
    s.expect(
        match base {
            Some(b) => decoded == Some(b),
            None => decoded.is_none(),
        },
        || format!("BAR {bar} decodes {decoded:x?}, expected {base:x?}"),
    );
    s.tally.compared += 1;
    Ok(())
}
