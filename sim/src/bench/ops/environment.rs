// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What surrounds the device: pressure, credits, memory, resets, processors.

use crate::bench::machine;
use crate::bench::sequencer::Sequencer;
use crate::bench::world::{RESET_CYCLES, Stop};
use host_model::driver::Bus;
use host_model::rc::fault::{FaultRule, FaultWhen, ReadFault as HostFault};
use host_model::rc::header::Status;
use rand::RngExt;
use tlp::{Pressure, Reset};
use vectors::op::{Completions, Credits, ReadFault, ResetKind, Source};
use vectors::regs;

pub fn pressure(s: &mut Sequencer<'_>, rx_gap: u8, tx_stall: u8, cause_gap: u8) -> Result<(), Stop> {
    let seed = s.world.rng.random();
    s.world.dut.pressure(Pressure { rx_gap, tx_stall, cause_gap }, seed);
    Ok(())
}

pub fn credits(s: &mut Sequencer<'_>, c: &Credits) -> Result<(), Stop> {
    let set = [c.ph.is_some(), c.pd.is_some(), c.nph.is_some(), c.cplh.is_some(), c.cpld.is_some()];
    if s.world.infinite().iter().zip(set).any(|(infinite, set)| *infinite && set) {
        // What was advertised as infinite stays so [PCIe Base 2.6.1]: the step would do nothing.
        let text = "these credits are infinite from the start and stay so; begin with finite ones in host.credits";
        return Err(Stop::Input(text.into()));
    }
    let w = &mut s.world.window;
    w.ph = c.ph.or(w.ph);
    w.pd = c.pd.or(w.pd);
    w.nph = c.nph.or(w.nph);
    w.cplh = c.cplh.or(w.cplh);
    w.cpld = c.cpld.or(w.cpld);
    s.world.grant();
    Ok(())
}

pub fn completions(s: &mut Sequencer<'_>, c: &Completions) -> Result<(), Stop> {
    let rcb = u32::from(s.world.host.rc().config().completion.rcb.bytes());
    s.world.host.rc_mut().set_completion_policy(machine::policy(rcb, c));
    Ok(())
}

/// Ticks of delay that pass the shortest completion timeout of the device (2^14, data sheet §3).
const LATE: u64 = 20_000;

pub fn fail_reads(
    s: &mut Sequencer<'_>,
    how: ReadFault,
    times: u32,
    at: Option<Source>,
    ring: Option<u32>,
    range: Option<[u64; 2]>,
) -> Result<(), Stop> {
    let fault = match how {
        ReadFault::Ur => HostFault::Status(Status::UnsupportedRequest),
        ReadFault::Ca => HostFault::Status(Status::CompleterAbort),
        ReadFault::Crs => HostFault::Status(Status::ConfigRetry),
        ReadFault::ReservedStatus => HostFault::Status(Status::Reserved(3)),
        ReadFault::Poison => HostFault::Poison,
        ReadFault::Withhold => HostFault::Withhold,
        ReadFault::WrongDigest => HostFault::WrongDigest,
        ReadFault::Short => HostFault::Short { words: 2 },
        ReadFault::WrongTag => HostFault::WrongTag(0x80),
        ReadFault::Duplicate => HostFault::Duplicate,
        ReadFault::Late => HostFault::Delay(LATE),
    };
    let slot = match at {
        None => None,
        Some(Source::Host(k)) => Some(k),
        Some(other) => return Err(Stop::Input(format!("{other:?} is not read from host memory"))),
    };
    let when = match (slot, ring, range) {
        (None, Some(q), _) => {
            let (first, last) = super::work::ring_of(q);
            FaultWhen::Address { first, last }
        }
        (None, None, Some([first, bytes])) => FaultWhen::Address { first, last: first + bytes.max(1) - 1 },
        (None, None, None) => FaultWhen::Always,
        (Some(k), ..) => {
            let first = s.world.shadow.host_base + 16 * u64::from(k);
            FaultWhen::Address { first, last: first + 15 }
        }
    };
    s.world.host.rc_mut().inject(FaultRule { when, fault, times: Some(times) });
    let unchecked = how == ReadFault::WrongDigest && !s.world.shadow.config.reporting.latest().checks_digests();
    if how != ReadFault::Duplicate && !unchecked && ring.is_none() && range.is_none() {
        s.world.doom_reads(times, slot);
    }
    Ok(())
}

pub fn hole(s: &mut Sequencer<'_>, address: u64, len: u64) -> Result<(), Stop> {
    s.world.host.mem_mut().punch_hole(address, len);
    s.world.note_hole(address, len);
    Ok(())
}

pub fn reset(s: &mut Sequencer<'_>, kind: ResetKind) -> Result<(), Stop> {
    s.machine.device_reset();
    s.world.reset(match kind {
        ResetKind::Cold => Reset::Cold,
        ResetKind::Hot => Reset::Hot,
    })
}

pub fn flr(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    let at = regs::CAP_PCIE_OFFSET as u16 + 8;
    let control = s.world.cfg_read(at, 2);
    let control = s.drive("device control", control)?;
    let written = s.world.cfg_write(at, 2, control | 1 << 15);
    s.drive("starting a function level reset", written)?;
    after_function_reset(s)
}

/// Software starts anew with a device that has forgotten everything, translations and invalidations too.
fn after_function_reset(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    s.machine.device_reset();
    s.world.wait(RESET_CYCLES + 64)?;
    let agent = s.world.host.rc_mut().ats_mut();
    agent.enabled = false;
    agent.forget();
    Ok(())
}

pub fn power_state(s: &mut Sequencer<'_>, state: u8) -> Result<(), Stop> {
    let at = regs::CAP_PM_OFFSET as u16 + 4;
    let written = s.world.cfg_write(at, 2, u32::from(state & 3));
    s.drive("power state", written)?;
    if s.world.in_function_reset() {
        after_function_reset(s)?;
    }
    let back = s.world.cfg_read(at, 2);
    let back = s.drive("power state", back)?;
    let legal = matches!(state, 0 | 3);
    s.expect(!legal || back & 3 == u32::from(state), || format!("power state reads back {back:#x}"));
    Ok(())
}

fn processor(s: &Sequencer<'_>, cpu: u32) -> Result<usize, Stop> {
    if cpu < s.machine.cpus {
        Ok(cpu as usize)
    } else {
        Err(Stop::Input(format!("there is no processor {cpu}, only {}", s.machine.cpus)))
    }
}

/// Task priority register [SDM 11.8.3.1].
const TPR: u32 = 0x80;

pub fn tpr(s: &mut Sequencer<'_>, cpu: u32, value: u8) -> Result<(), Stop> {
    let k = processor(s, cpu)?;
    s.world.wake(k);
    let apics = s.world.host.apics_mut();
    if s.machine.x2apic {
        let written = apics.write_x2apic(k, 0x800 + (TPR >> 4), u64::from(value));
        s.drive("task priority", written.map_err(|e| format!("{e:?}"))).map(|_| ())
    } else {
        apics.write_xapic(k, TPR, u32::from(value));
        Ok(())
    }
}

pub fn service(s: &mut Sequencer<'_>, cpu: u32, on: bool) -> Result<(), Stop> {
    let k = processor(s, cpu)?;
    s.world.service[k] = on;
    s.world.wake(k);
    Ok(())
}

pub fn take(s: &mut Sequencer<'_>, cpu: u32, vector: u8) -> Result<(), Stop> {
    let k = processor(s, cpu)?;
    let got = s.world.host.apics_mut().acknowledge(k).unwrap_or(0);
    s.expect(got == vector, || format!("processor {cpu} takes vector {got:#x}, expected {vector:#x}"));
    Ok(())
}

pub fn eoi(s: &mut Sequencer<'_>, cpu: u32) -> Result<(), Stop> {
    let k = processor(s, cpu)?;
    let ended = s.world.host.apics_mut().eoi(k);
    s.world.wake(k);
    s.expect(ended.is_some(), || format!("processor {cpu} has nothing in service"));
    Ok(())
}
