// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A cause beside the fetch of its slot or beside the answer. A first cause makes the device fetch; what follows it
//! finds the slot pending, unless it was taken back.

use super::super::levers::shape::HOT;
use super::super::levers::steps::{calm, source, stalls};
use super::super::soft::Soft;
use super::stage::{self, causes};
use super::timing::Timing;
use super::volley::shots;
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
    if idle && rng.random_range(0..3) > 0 {
        return Some(scattered(first, all, soft, rng));
    }
    let shots = shots(all, rng);
    let shot = shots.into_iter().find(|s| s.bins.contains(&first.bin))?;
    let (masked, _) = shot.state;
    let mut stage = fetching(store, masked, 1, DELAY, soft, rng);
    if kind == Kind::Fetch && idle {
        return Some(fetches(masked, shot.bins, stage, store, rng));
    }
    let at = source(store, 0);
    let taken_back = kind == Kind::Answer && idle;
    let way = u8::from(taken_back);
    let after = timing.after(kind, store, way, rng);
    stage.push(Op::Wait(2));
    let mut aimed = vec![Op::CauseIn { at, ticks: 0 }];
    aimed.extend(taken_back.then_some(Op::Withdraw { at }));
    aimed.extend(causes(shot.at.iter().map(|d| (after + d, at)).collect()));
    aimed.push(Op::Wait(after.max(0) as u64 + 40));
    aimed.push(Op::Wait(DELAY + 40));
    aimed.push(Op::Completions(Completions::default()));
    let race = Race { bins: shot.bins, kind, store, way, actions: vec![0], first_cause: Some(0) };
    Some(Lead { stage, aimed, race })
}

/// So many slots are in this state and held by nobody; answers take up to so long.
fn fetching(store: usize, masked: bool, slots: u32, delay: u64, soft: &Soft, rng: &mut ChaCha8Rng) -> Vec<Op> {
    let states = vec![(masked, false); slots as usize];
    let (mut stage, _) = stage::set(store, (true, false), &states, soft, rng);
    stage.push(Op::Completions(Completions { split: false, reorder: false, delay: [DELAY.min(delay), delay] }));
    stage.push(Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false });
    stage
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
    let race = Race { bins, kind: Kind::Fetch, store, way: 2, actions: Vec::new(), first_cause: None };
    Lead { stage, aimed, race }
}

/// Fetches of several slots leave or are answered one by one, their causes were taken back, and new causes come at
/// times that chance gives: where a fetch waits for others its time cannot be told beforehand.
fn scattered(first: &Wanted, all: &[Wanted], soft: &Soft, rng: &mut ChaCha8Rng) -> Lead {
    let (store, kind) = (first.store, first.kind);
    let masked = first.state.is_some_and(|(masked, _)| masked);
    let same = |w: &&Wanted| w.state == Some((masked, false));
    let bins: Vec<usize> = all.iter().filter(same).map(|w| w.bin).collect();
    let slots = if kind == Kind::Fetch { rng.random_range(1..=4) } else { HOT };
    let mut stage = fetching(store, masked, slots, DELAY + 60, soft, rng);
    let (begin, end) = if kind == Kind::Fetch { (1, 60) } else { (DELAY as i64 - 30, DELAY as i64 + 60) };
    let mut aimed = Vec::new();
    for _ in 0..3 {
        if kind == Kind::Fetch {
            // Each waits for its turn at the link.
            aimed.push(stalls(0, rng.random_range(220..249), 0));
        }
        aimed.extend(causes((0..slots).map(|k| (i64::from(k), source(store, k))).collect()));
        aimed.push(Op::Wait(u64::from(slots) + rng.random_range(1..8)));
        aimed.extend((0..slots).map(|k| Op::Withdraw { at: source(store, k) }));
        aimed.extend(causes((0..slots).map(|k| (rng.random_range(begin..end), source(store, k))).collect()));
        aimed.extend([Op::Wait(end as u64 + 20), calm(), Op::Wait(DELAY + 80)]);
        aimed.push(Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false });
    }
    stage.push(Op::Wait(2));
    aimed.push(Op::Completions(Completions::default()));
    Lead { stage, aimed, race: Race { bins, kind, store, way: 3, actions: Vec::new(), first_cause: None } }
}
