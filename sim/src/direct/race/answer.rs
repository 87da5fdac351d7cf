// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A cause beside the fetch of its slot or beside the answer. A first cause makes the device fetch; what follows it
//! finds the slot pending, unless it was taken back.

use super::super::levers::shape::HOT;
use super::super::levers::steps::source;
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
    let shots = shots(all, rng);
    let shot = shots.into_iter().find(|s| s.bins.contains(&first.bin))?;
    let (masked, pending) = shot.state;
    let (mut stage, _) = stage::set(store, (true, false), &[(masked, false)], soft, rng);
    stage.push(Op::Completions(Completions { split: false, reorder: false, delay: [DELAY, DELAY] }));
    stage.push(Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false });
    if kind == Kind::Fetch && !pending && first.state.is_some() {
        return Some(fetches(masked, shot.bins, stage, store, rng));
    }
    let at = source(store, 0);
    let taken_back = kind == Kind::Answer && first.state.is_some() && !pending;
    let way = u8::from(taken_back);
    let after = timing.after(kind, store, way, rng);
    let mut aimed = vec![Op::CauseIn { at, ticks: 0 }];
    aimed.extend(taken_back.then_some(Op::Withdraw { at }));
    aimed.extend(causes(shot.at.iter().map(|d| (after + d, at)).collect()));
    aimed.push(Op::Wait(after.max(0) as u64 + 40));
    aimed.push(Op::Wait(DELAY + 40));
    aimed.push(Op::Completions(Completions::default()));
    Some(Lead { stage, aimed, race: Race { bins: shot.bins, kind, store, way, after, distances: shot.at } })
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
    Lead { stage, aimed, race: Race { bins, kind: Kind::Fetch, store, way: 2, after: 0, distances: Vec::new() } }
}
