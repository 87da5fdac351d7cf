// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One action that concerns every source of a store, with causes of several sources around it.

use super::super::levers::shape::HOT;
use super::super::levers::steps::{calm, function_reset, hot_reset, master_off, msix_control, source};
use super::super::raw;
use super::super::soft::Soft;
use super::stage::{self, State, causes};
use super::timing::Timing;
use super::wanted::Wanted;
use super::{Lead, Race};
use crate::cover::races::{AFTER, BEFORE, Kind};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use vectors::op::Op;

/// Cycles before the action.
const LEAD: i64 = 16;
/// Sources with a state of their own; the others fill the wide rows.
const OWN: usize = 5;

/// Operations for what is wanted of one kind.
pub fn lead(all: &[Wanted], soft: &Soft, timing: &Timing, rng: &mut ChaCha8Rng) -> Option<Lead> {
    let first = all.first()?;
    let (store, kind) = (first.store, first.kind);
    // The core takes one cause a cycle: a distance serves one source.
    let mut at_distance: BTreeMap<i64, u32> = BTreeMap::new();
    let (mut states, mut bins): (Vec<State>, Vec<usize>) = (Vec::new(), Vec::new());
    for w in all {
        let Some(state) = w.state.filter(|_| states.len() < OWN && !at_distance.contains_key(&w.distance)) else {
            continue;
        };
        at_distance.insert(w.distance, states.len() as u32);
        states.push(state);
        bins.push(w.bin);
    }
    let spare = states.len() as u32;
    let (mut stage, held) = stage::set(store, (first.enable, first.function_mask), &states, soft, rng);
    match kind {
        Kind::Services => stage.push(Op::Ats(true)),
        // The device can queue four.
        Kind::InvalidateRequest => stage.push(Op::AtsInvalidate { at: None, bytes: 0x1000, no_wait: false }),
        _ => {}
    }
    let gate = store == 0 && (!first.enable || first.function_mask);
    let early: Vec<u32> = (0..spare).filter(|k| states[*k as usize] == (false, true) && !gate).collect();
    // Causes ahead of the action keep their sources pending; they have the cycles in front of the window.
    let before: Vec<i64> = (0..early.len() as i64).map(|k| -BEFORE - 1 - k).collect();
    let turn = timing.wants_turn(first.distance);
    let way = u8::from(held) | u8::from(turn) << 1;
    // A cause every cycle takes turns with the device's own work; where there are such, now and then only what is wanted.
    let sparse = timing.takes_turns() && rng.random_range(0..3) == 0;
    let wanted = |d: i64| all.iter().any(|w| w.state.is_none() && w.distance == d);
    for (n, d) in (-BEFORE..=AFTER).enumerate() {
        if spare < HOT && (!sparse || wanted(d)) {
            at_distance.entry(d).or_insert(spare + n as u32 % (HOT - spare));
        }
    }
    bins.extend(all.iter().filter(|w| w.state.is_none() && at_distance.contains_key(&w.distance)).map(|w| w.bin));
    // Under stalls nothing of the wide rows is aimed at: the port would be full of it.
    if held {
        at_distance.retain(|_, k| *k < spare);
    }
    let after = timing.after(kind, store, way, rng);
    let lead = LEAD.max(BEFORE + 8 - after);
    let mut at: Vec<_> = at_distance.iter().map(|(d, k)| (lead + after + d, source(store, *k))).collect();
    let nearest = rng.random_range(0..5);
    at.extend(early.iter().zip(&before).map(|(k, d)| (lead + after + d + nearest, source(store, *k))));
    let first_cause = at.iter().map(|(t, _)| *t).min();
    let mut aimed = causes(at);
    aimed.push(Op::Wait(lead as u64));
    aimed.extend(turn.then(raw::of_no_bytes));
    aimed.extend(act(kind, first.enable, first.function_mask)?);
    if held {
        aimed.extend([Op::Wait(20), calm()]);
    }
    aimed.push(Op::Wait(30));
    if kind == Kind::Reset {
        aimed.push(hot_reset());
    }
    Some(Lead { stage, aimed, race: Race { bins, kind, store, way, index: None, actions: vec![lead], first_cause } })
}

/// The step that makes it happen.
fn act(kind: Kind, enable: bool, function_mask: bool) -> Option<Vec<Op>> {
    Some(match kind {
        Kind::FunctionMask => vec![msix_control(enable, !function_mask)],
        Kind::Enable => vec![msix_control(!enable, function_mask)],
        Kind::BusMaster => vec![master_off()],
        Kind::Reset => vec![function_reset()],
        Kind::Disable => vec![Op::HostStoreOff],
        Kind::InvalidateRequest => vec![Op::AtsInvalidate { at: None, bytes: 0x1000, no_wait: true }],
        Kind::Services => vec![Op::Ats(false)],
        Kind::Invalidate => vec![Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false }],
        _ => return None,
    })
}
