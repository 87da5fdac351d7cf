// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Causes: the user's port, the function's doorbell and sweep, races.

use super::access;
use crate::bench::machine::BELLS_KEPT;
use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use crate::finding::Kind;
use crate::shadow::parts;
use host_model::driver::Bus;
use tlp::CauseOp;
use vectors::op::{Op, Range, Source, Write};
use vectors::regs;

/// Cycles after which a cause port that takes nothing is a finding.
const PORT_BOUND: u64 = 100_000;

/// Cycles after which a full doorbell queue is a finding.
const BELL_BOUND: u64 = 100_000;

/// The k-th source of a run.
pub fn nth(range: &Range, k: u32) -> Source {
    range.first.plus(k)
}

fn wait_taken(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    let deadline = s.world.now() + PORT_BOUND;
    while s.world.causes_waiting() > 0 {
        if s.world.now() >= deadline {
            let n = s.world.causes_waiting();
            let text = format!("{n} cause(s) not taken at the cause port within {PORT_BOUND} cycles");
            s.world.find("cause_port_stuck", Kind::Liveness, text);
            return Err(Stop::Stuck);
        }
        // Taking a cause does not end a run of the device: small steps.
        s.world.advance(s.world.now() + 32)?;
    }
    Ok(())
}

pub fn cause(s: &mut Sequencer<'_>, at: Source, times: u32, gap: u64) -> Result<(), Stop> {
    let now = s.world.now();
    for k in 0..u64::from(times) {
        s.world.raise(CauseOp::Raise, at, now + k * gap);
    }
    wait_for(s, u64::from(times) * gap)
}

/// Gives the port a cause that falls due later, and goes on.
pub fn cause_in(s: &mut Sequencer<'_>, at: Source, ticks: u64) -> Result<(), Stop> {
    let due = s.world.now() + ticks;
    s.world.raise(CauseOp::Raise, at, due);
    Ok(())
}

fn wait_for(s: &mut Sequencer<'_>, cycles: u64) -> Result<(), Stop> {
    if cycles > 0 {
        s.world.wait(cycles)?;
    }
    wait_taken(s)
}

pub fn cause_range(s: &mut Sequencer<'_>, range: &Range) -> Result<(), Stop> {
    let now = s.world.now();
    for k in 0..range.count {
        s.world.raise(CauseOp::Raise, nth(range, k), now);
    }
    wait_taken(s)
}

pub fn withdraw(s: &mut Sequencer<'_>, at: Source) -> Result<(), Stop> {
    let now = s.world.now();
    s.world.raise(CauseOp::Withdraw, at, now);
    wait_taken(s)
}

/// Code and index of a source that cause port and doorbell can name.
fn named(at: Source) -> Result<(tlp::Store, u32), Stop> {
    parts(at).ok_or_else(|| Stop::Input("MSI vectors are raised by events".into()))
}

/// Writes a register of BAR0.
pub fn write_register(s: &mut Sequencer<'_>, offset: u32, value: u32) -> Result<(), Stop> {
    let address = s.world.shadow.config.bar(0) + u64::from(offset);
    let written = s.world.mem_write(address, 4, u64::from(value));
    s.drive("register write", written)
}

/// Reads a register of BAR0.
pub fn read_register(s: &mut Sequencer<'_>, offset: u32) -> Result<u32, Stop> {
    let address = s.world.shadow.config.bar(0) + u64::from(offset);
    let read = s.world.mem_read(address, 4);
    Ok(s.drive("register read", read)? as u32)
}

pub fn doorbell(s: &mut Sequencer<'_>, at: Source, count: u32, record: bool, withdraw: bool) -> Result<(), Stop> {
    if record && s.world.shadow.record_base == 0 {
        let ring = s.machine.record_ring();
        write_register(s, regs::FN_REC_ADDR_LO, ring as u32)?;
        write_register(s, regs::FN_REC_ADDR_HI, (ring >> 32) as u32)?;
        write_register(s, regs::FN_REC_ORDER, 8)?;
    }
    await_room(s)?;
    let (store, index) = named(at)?;
    let value = index
        | store.code() << regs::fn_doorbell::STORE_LSB
        | count << regs::fn_doorbell::COUNT_LSB
        | u32::from(record) << regs::fn_doorbell::RECORD_LSB
        | u32::from(withdraw) << regs::fn_doorbell::WITHDRAW_LSB;
    write_register(s, regs::FN_DOORBELL, value)
}

/// Keeps count of the doorbells rung, as a driver would, and looks at the level
/// when the queue could be full.
fn await_room(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    use regs::fn_status as f;
    let deadline = s.world.now() + BELL_BOUND;
    while s.machine.bells == 0 {
        let level = (read_register(s, regs::FN_STATUS)? & f::LEVEL_MASK) >> f::LEVEL_LSB;
        s.machine.bells = BELLS_KEPT.saturating_sub(level);
        if s.world.now() >= deadline {
            s.expect(false, || format!("no room for a doorbell within {BELL_BOUND} cycles"));
            return Ok(());
        }
    }
    s.machine.bells -= 1;
    Ok(())
}

pub fn sweep(s: &mut Sequencer<'_>, range: &Range) -> Result<(), Stop> {
    let (store, first) = named(range.first)?;
    write_register(s, regs::FN_SWEEP_FIRST, first | store.code() << regs::fn_sweep_first::STORE_LSB)?;
    write_register(s, regs::FN_SWEEP_COUNT, range.count)?;
    write_register(s, regs::FN_SWEEP_GO, 1)
}

/// One round per distance: the cause `offset` ticks from the write, then `then`.
pub fn race(s: &mut Sequencer<'_>, offsets: [i64; 2], at: Source, write: &Write, then: &[Op]) -> Result<(), Stop> {
    rounds(s, offsets, at, then, |s| access::write(s, write))
}

/// As [`race`], around a configuration write.
pub fn race_config(
    s: &mut Sequencer<'_>,
    offsets: [i64; 2],
    at: Source,
    write: &Write,
    then: &[Op],
) -> Result<(), Stop> {
    rounds(s, offsets, at, then, |s| access::cfg_write(s, write))
}

fn rounds(
    s: &mut Sequencer<'_>,
    offsets: [i64; 2],
    at: Source,
    then: &[Op],
    write: impl Fn(&mut Sequencer<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    for offset in offsets[0]..=offsets[1] {
        let centre = s.world.now() + 16 + offsets[0].unsigned_abs();
        let cause_at = centre.checked_add_signed(offset).expect("the centre is past the largest distance");
        s.world.raise(CauseOp::Raise, at, cause_at);
        s.world.run_to(centre)?;
        write(s)?;
        s.world.run_to(cause_at.max(centre) + 1)?;
        wait_taken(s)?;
        s.steps(then)?;
    }
    Ok(())
}
