// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A cause beside the fetch of its slot or beside the answer. A first cause makes the device fetch; what follows it
//! finds the slot pending, unless it was taken back.

use super::super::levers::shape::HOT;
use super::super::levers::steps::{calm, source, stalls};
use super::super::raw;
use super::super::soft::Soft;
use super::stage::{self, causes};
use super::timing::Timing;
use super::volley::{Shot, shots};
use super::wanted::Wanted;
use super::{Lead, Race};
use crate::cover::races::Kind;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Completions, Op};

/// Cycles that answers take: time enough to take a cause back.
const DELAY: u64 = 70;

/// Operations for what is wanted of one kind.
pub fn lead(all: &[Wanted], soft: &Soft, timing: &Timing, rng: &mut ChaCha8Rng) -> Option<Lead> {
    let first = all.first()?;
    let (store, kind) = (first.store, first.kind);
    let idle = first.state.is_some_and(|(_, pending)| !pending);
    let shots = shots(all, rng);
    let shot = shots.into_iter().find(|s| s.bins.contains(&first.bin))?;
    let (masked, _) = shot.state;
    let (mut stage, _) = stage::set(store, (true, false), &[(masked, false)], soft, rng);
    stage.push(Op::Completions(Completions { split: false, reorder: false, delay: [DELAY, DELAY] }));
    stage.push(Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false });
    if kind == Kind::Fetch && idle {
        return Some(match rng.random_range(0..4) {
            0 => fetches(masked, shot.bins, stage, store, rng),
            _ => held_up(shot, stage, store, timing, rng),
        });
    }
    let at = source(store, 0);
    let turn = timing.wants_turn(first.distance);
    let way = u8::from(idle) | u8::from(turn) << 1;
    let after = timing.after(kind, store, way, rng);
    stage.push(Op::Wait(2));
    let make = Op::CauseIn { at, ticks: 0 };
    let mut aimed = if idle {
        stage.extend([make, Op::Withdraw { at }]);
        Vec::new()
    } else {
        vec![make]
    };
    let planned: Vec<_> = shot.at.iter().map(|d| (after + d, at)).collect();
    let first_cause = if idle { planned.iter().map(|(t, _)| *t).min() } else { Some(0) };
    aimed.extend(causes(planned));
    // The answer has no step of its own: accesses come at fixed times around it, with room for it between them.
    if turn {
        aimed.push(Op::Wait(DELAY - 16));
        aimed.extend((0..16).flat_map(|_| [raw::of_no_bytes(), Op::Wait(2)]));
    }
    aimed.push(Op::Wait(after.max(0) as u64 + 40));
    aimed.push(Op::Wait(DELAY + 40));
    aimed.push(Op::Completions(Completions::default()));
    let race = Race { bins: shot.bins, kind, store, way, index: Some(0), actions: vec![0], first_cause };
    Some(Lead { stage, aimed, race })
}

/// A fetch that stands at a link that hardly moves; its cause is taken back meanwhile. When the link is let go the
/// fetch leaves at a time that can be told, unless it was gone already.
fn held_up(shot: Shot, mut stage: Vec<Op>, store: usize, timing: &Timing, rng: &mut ChaCha8Rng) -> Lead {
    const LEAD: i64 = 10;
    let at = source(store, 0);
    let after = timing.after(Kind::Fetch, store, 5, rng);
    stage.push(stalls(0, 249, 0));
    stage.extend([Op::CauseIn { at, ticks: 1 }, Op::Wait(rng.random_range(3..12)), Op::Withdraw { at }]);
    let planned: Vec<_> = shot.at.iter().map(|d| (LEAD + after + d, at)).collect();
    let first_cause = planned.iter().map(|(t, _)| *t).min();
    let mut aimed = causes(planned);
    aimed.extend([Op::Wait(LEAD as u64), calm(), Op::Wait(DELAY + 80)]);
    aimed.push(Op::Completions(Completions::default()));
    let race =
        Race { bins: shot.bins, kind: Kind::Fetch, store, way: 5, index: Some(0), actions: vec![LEAD], first_cause };
    Lead { stage, aimed, race }
}

/// A cause that finds its slot idle and makes the device fetch: how soon depends on what else is fetched.
fn fetches(masked: bool, bins: Vec<usize>, mut stage: Vec<Op>, store: usize, rng: &mut ChaCha8Rng) -> Lead {
    if masked {
        stage.extend((1..HOT).map(|k| Op::Mask { at: source(store, k) }));
        stage.push(Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false });
    }
    let mut t = 4;
    let mut at = Vec::new();
    for k in 0..HOT {
        at.push((t, source(store, k)));
        t += rng.random_range(1..9);
    }
    let mut aimed = causes(at);
    aimed.push(Op::Wait(t as u64 + DELAY + 60));
    aimed.push(Op::Completions(Completions::default()));
    let race = Race { bins, kind: Kind::Fetch, store, way: 2, index: None, actions: Vec::new(), first_cause: None };
    Lead { stage, aimed, race }
}
