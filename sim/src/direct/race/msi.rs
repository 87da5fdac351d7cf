// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Races of MSI vectors. A vector is raised by its event, some cycles later; an action concerns all vectors at once.
//! With 32 vectors event q has vector 1 + q.

use super::super::levers::steps::{calm, normal, stalls};
use super::super::raw;
use super::super::soft::Soft;
use super::stage::causes;
use super::timing::Timing;
use super::wanted::Wanted;
use super::{Lead, Race};
use crate::cover::races::Kind;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use vectors::op::{Op, Place, Read, Source, Write};

/// Cycles before the action.
const LEAD: i64 = 24;

fn mask(value: u64) -> Op {
    let at = Place::Name("msi_mask".into());
    Op::CfgWrite(Write { at, len: 4, value, be: None, status: None, vf: None })
}

/// Operations for what is wanted of one kind.
pub fn lead(all: &[Wanted], soft: &Soft, timing: &Timing, rng: &mut ChaCha8Rng) -> Option<Lead> {
    let first = all.first()?;
    let mut at_distance: BTreeMap<i64, u32> = BTreeMap::new();
    let (mut states, mut bins) = (Vec::new(), Vec::new());
    for w in all {
        let Some(state) = w.state.filter(|_| states.len() < 5 && !at_distance.contains_key(&w.distance)) else {
            continue;
        };
        at_distance.insert(w.distance, states.len() as u32);
        states.push(state);
        bins.push(w.bin);
    }
    let vector = |k: usize| 1 + k as u32;
    let bits = states.iter().enumerate().filter(|(_, s)| s.0).fold(0u64, |m, (k, _)| m | 1 << vector(k));
    let mut stage = normal(soft);
    stage.extend([mask(0), Op::Wait(60), mask(bits)]);
    for (k, (masked, pending)) in states.iter().enumerate() {
        if *masked && *pending {
            stage.push(Op::CauseIn { at: Source::Event(k as u32), ticks: 2 * k as u64 });
        }
    }
    let early: Vec<usize> = (0..states.len()).filter(|k| states[*k] == (false, true)).collect();
    let held = !early.is_empty();
    stage.extend(held.then(|| stalls(0, 216, 0)));
    stage.push(Op::Wait(60));
    if first.kind == Kind::Event {
        return Some(pairs(stage, held, &states, &at_distance, bins, rng));
    }
    let turn = timing.wants_turn(first.distance);
    let way = u8::from(held) | u8::from(turn) << 1;
    let after = timing.after(first.kind, 3, way, rng);
    let mut at: Vec<_> = at_distance.iter().map(|(d, k)| (LEAD + after + d, Source::Event(*k))).collect();
    at.extend(early.iter().map(|k| (LEAD + after - 8 - rng.random_range(0..8), Source::Event(*k as u32))));
    let first_cause = at.iter().map(|(t, _)| *t).min();
    let mut aimed = causes(at);
    aimed.push(Op::Wait(LEAD as u64));
    aimed.extend(turn.then(raw::of_no_bytes));
    aimed.push(act(first.kind)?);
    aimed.push(Op::Wait(40));
    aimed.extend(held.then(calm));
    if first.kind == Kind::Enable {
        let at = Place::Name("msi_control".into());
        aimed.push(Op::CfgWrite(Write { at, len: 2, value: 0x51, be: None, status: None, vf: None }));
    }
    aimed.push(Op::Wait(30));
    Some(Lead {
        stage,
        aimed,
        race: Race { bins, kind: first.kind, store: 3, way, index: None, actions: vec![LEAD], first_cause },
    })
}

/// A raise beside another of the same vector.
fn pairs(
    stage: Vec<Op>,
    held: bool,
    states: &[(bool, bool)],
    at_distance: &BTreeMap<i64, u32>,
    bins: Vec<usize>,
    rng: &mut ChaCha8Rng,
) -> Lead {
    let (mut at, mut t) = (Vec::new(), 4);
    for (d, k) in at_distance {
        let s = Source::Event(*k);
        if states[*k as usize] == (false, true) {
            at.push((t, s));
            t += rng.random_range(4..9);
        }
        at.extend([(t, s), (t + d, s)]);
        t += d + rng.random_range(6..12);
    }
    let mut aimed = causes(at);
    aimed.push(Op::Wait(t as u64 + 40));
    aimed.extend(held.then(calm));
    aimed.push(Op::Wait(30));
    Lead {
        stage,
        aimed,
        race: Race { bins, kind: Kind::Event, store: 3, way: 0, index: None, actions: Vec::new(), first_cause: None },
    }
}

/// The step that makes it happen.
fn act(kind: Kind) -> Option<Op> {
    let config = |at: &str, value: u64, len: u32| {
        Op::CfgWrite(Write { at: Place::Name(at.into()), len, value, be: None, status: None, vf: None })
    };
    Some(match kind {
        Kind::Mask => config("msi_mask", 0xffff_ffff, 4),
        Kind::Unmask => config("msi_mask", 0, 4),
        Kind::Enable => config("msi_control", 0x50, 2),
        Kind::Rewrite => config("msi_upper", 0, 4),
        Kind::ReadBack => {
            let at = Place::Name("msi_mask".into());
            Op::CfgRead(Read { at, len: 4, expect: None, mask: None, status: None, vf: None })
        }
        _ => return None,
    })
}
