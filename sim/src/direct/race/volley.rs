// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Actions that concern one source each, one behind the other, every one with causes of its own source around it.

use super::super::draw::{entry, read, write};
use super::super::illegal;
use super::super::levers::shape::HOT;
use super::super::levers::steps::{calm, source};
use super::super::raw;
use super::super::soft::Soft;
use super::stage::{self, State, causes, mask};
use super::timing::Timing;
use super::wanted::Wanted;
use super::{Lead, Race};
use crate::cover::races::Kind;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use vectors::op::{Op, Place, RawTlp, Source};

/// Cycles before the first action.
const LEAD: i64 = 16;
/// Fewest cycles between two actions.
const PITCH: i64 = 6;

/// One source, its state, and the causes around its action.
#[derive(Clone, Debug)]
pub struct Shot {
    /// Masked, pending.
    pub state: State,
    /// Distances of the causes.
    pub at: Vec<i64>,
    /// A cause ahead of all, which is still pending at the action.
    pub early: bool,
    /// Bins.
    pub bins: Vec<usize>,
}

/// Shots for what is wanted of one kind, most bins first. A cause in front of the action that finds a closed source
/// idle leaves it pending for those behind it.
pub fn shots(all: &[Wanted], rng: &mut ChaCha8Rng) -> Vec<Shot> {
    let mut shots = Vec::new();
    for masked in [false, true] {
        let closed = all.first().is_some_and(|w| w.closed(masked));
        let of =
            |pending: bool| -> Vec<&Wanted> { all.iter().filter(|w| w.state == Some((masked, pending))).collect() };
        let (idle, mut pending) = (of(false), of(true));
        for w in idle.iter().filter(|w| w.distance <= 0) {
            let mut shot = Shot { state: (masked, false), at: vec![w.distance], early: false, bins: vec![w.bin] };
            if closed {
                for p in pending.iter().filter(|p| p.distance > w.distance) {
                    shot.at.push(p.distance);
                    shot.bins.push(p.bin);
                }
                pending.retain(|p| p.distance <= w.distance);
            }
            shots.push(shot);
        }
        let behind: Vec<_> = idle.iter().filter(|w| w.distance > 0).collect();
        if !behind.is_empty() {
            let (at, bins) = (behind.iter().map(|w| w.distance).collect(), behind.iter().map(|w| w.bin).collect());
            shots.push(Shot { state: (masked, false), at, early: false, bins });
        }
        if !pending.is_empty() {
            let (at, bins) = (pending.iter().map(|w| w.distance).collect(), pending.iter().map(|w| w.bin).collect());
            shots.push(Shot { state: (masked, true), at, early: !closed, bins });
        }
    }
    let wide: Vec<_> = all.iter().filter(|w| w.state.is_none()).collect();
    for part in wide.chunks(8) {
        let (at, bins) = (part.iter().map(|w| w.distance).collect(), part.iter().map(|w| w.bin).collect());
        shots.push(Shot { state: (rng.random(), false), at, early: false, bins });
    }
    shots
}

/// Operations for what is wanted of one kind.
pub fn lead(all: &[Wanted], soft: &Soft, timing: &Timing, rng: &mut ChaCha8Rng) -> Option<Lead> {
    let first = all.first()?;
    let (store, kind) = (first.store, first.kind);
    let mut shots = shots(all, rng);
    // The one that was asked for comes in any case.
    shots.sort_by_key(|s| (!s.bins.contains(&first.bin), std::cmp::Reverse(s.bins.len())));
    shots.truncate(HOT as usize);
    let states: Vec<State> = shots.iter().map(|s| s.state).collect();
    let (stage, held) = stage::set(store, (first.enable, first.function_mask), &states, soft, rng);
    let turn = timing.wants_turn(first.distance);
    let way = u8::from(held) | u8::from(turn) << 1;
    let after = timing.after(kind, store, way, rng);
    let mut used = BTreeSet::new();
    let (mut at, mut actions) = (Vec::new(), Vec::new());
    let mut next = LEAD;
    for (k, shot) in shots.iter().enumerate() {
        let s = source(store, k as u32);
        let mut times: Vec<i64> = shot.at.clone();
        if shot.early {
            times.push(shot.at.iter().copied().fold(0, i64::min) - rng.random_range(2..7));
        }
        while times.iter().any(|d| used.contains(&(next + after + d)) || next + after + d < 0) {
            next += 1;
        }
        for d in &times {
            used.insert(next + after + d);
            at.push((next + after + d, s));
        }
        actions.push((next, s));
        next += PITCH;
    }
    let first_cause = at.iter().map(|(t, _)| *t).min();
    let mut aimed = causes(at);
    let mut now = 0;
    for (t, s) in &actions {
        aimed.extend((*t > now).then(|| Op::Wait((t - now) as u64)));
        now = now.max(*t);
        aimed.extend(turn.then(raw::of_no_bytes));
        aimed.push(act(kind, *s)?);
    }
    let actions = actions.into_iter().map(|(t, _)| t).collect();
    if held {
        aimed.extend([Op::Wait(24), calm()]);
    }
    aimed.push(Op::Wait(30));
    let bins = shots.into_iter().flat_map(|s| s.bins).collect();
    Some(Lead { stage, aimed, race: Race { bins, kind, store, way, index: None, actions, first_cause } })
}

/// The step that makes it happen; none of them waits.
fn act(kind: Kind, s: Source) -> Option<Op> {
    Some(match kind {
        Kind::Mask => mask(s, true),
        Kind::Unmask => mask(s, false),
        Kind::Rewrite => write(entry(s, 1)?, 0),
        Kind::ReadBack => {
            let Op::Tlp(t) = illegal::packet(7, 0) else { return Some(read(entry(s, 3)?, 4)) };
            let at = Some(Place::Name(entry(s, 3)?));
            Op::Tlp(RawTlp { at, address: 0, fmt: 1, data: Vec::new(), ..t })
        }
        _ => return None,
    })
}
