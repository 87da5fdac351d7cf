// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Brings sources into the states in which an action is to find them.

use super::super::draw::{entry, write};
use super::super::levers::shape::HOT;
use super::super::levers::steps::{msix_control, normal, source, stalls};
use super::super::shape::dealt;
use super::super::soft::Soft;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Op, Source};

/// State of a source: masked, pending.
pub type State = (bool, bool);

/// Steps that bring the first sources of a store into these states, MSI-X into that one; whether some of them can
/// only be pending while messages cannot leave.
pub fn set(
    store: usize,
    (enable, function_mask): (bool, bool),
    states: &[State],
    soft: &Soft,
    rng: &mut ChaCha8Rng,
) -> (Vec<Op>, bool) {
    let mut ops = normal(soft);
    if store == 2 && soft.host.is_none() {
        ops.push(Op::HostStore { slots: 64, base: None });
    }
    // Open first, so that what is pending leaves.
    let mut settled = false;
    for k in 0..HOT {
        let at = source(store, k);
        match soft.conns.get(&at) {
            Some(c) if !c.custom => {
                if c.masked {
                    ops.push(mask(at, false));
                }
            }
            other => {
                if k as usize >= states.len() {
                    continue;
                }
                if other.is_some() && !std::mem::replace(&mut settled, true) {
                    ops.push(Op::Settle);
                }
                let to = dealt(soft.cpus, rng.random_range(700..1400));
                ops.push(Op::Connect { at, to, masked: false });
            }
        }
    }
    ops.push(Op::Wait(30));
    for (k, (masked, _)) in states.iter().enumerate() {
        if *masked {
            ops.push(mask(source(store, k as u32), true));
        }
    }
    if store == 0 && (enable, function_mask) != (true, false) {
        ops.push(msix_control(enable, function_mask));
    }
    let gate = store == 0 && (!enable || function_mask);
    let mut held = false;
    ops.push(Op::Wait(2 + 2 * states.len() as u64));
    for (k, (masked, pending)) in states.iter().enumerate() {
        if *pending && (*masked || gate) {
            ops.push(Op::CauseIn { at: source(store, k as u32), ticks: k as u64 });
        }
        held |= *pending && !*masked && !gate;
    }
    if held {
        // What is open stays pending only while its message cannot leave.
        ops.push(stalls(0, 216, 0));
    }
    ops.push(Op::Wait(12));
    (ops, held)
}

/// A mask bit: one write in the device; of a host slot with its invalidation.
pub fn mask(at: Source, on: bool) -> Op {
    match entry(at, 3) {
        Some(place) => write(place, u64::from(on)),
        None if on => Op::Mask { at },
        None => Op::Unmask { at },
    }
}

/// Causes at their times, in the order in which the port takes them.
pub fn causes(mut at: Vec<(i64, Source)>) -> Vec<Op> {
    at.sort();
    at.into_iter().map(|(t, at)| Op::CauseIn { at, ticks: t.max(0) as u64 }).collect()
}
