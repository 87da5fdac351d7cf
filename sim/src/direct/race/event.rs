// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A cause beside another of the same source. Nothing has to be learned: both are given to the port with their times.

use super::super::levers::shape::HOT;
use super::super::levers::steps::source;
use super::super::soft::Soft;
use super::stage::{self, State, causes};
use super::wanted::Wanted;
use super::{Lead, Race};
use crate::cover::races::Kind;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use vectors::op::Op;

/// Operations for what is wanted.
pub fn lead(all: &[Wanted], soft: &Soft) -> Option<Lead> {
    let first = all.first()?;
    let store = first.store;
    let mut states: Vec<State> = Vec::new();
    let mut times: Vec<Vec<i64>> = Vec::new();
    let mut bins = Vec::new();
    let mut put = |state: State, at: Vec<i64>, of: Vec<usize>| {
        if states.len() < HOT as usize {
            states.push(state);
            times.push(at);
            bins.extend(of);
        }
    };
    for masked in [false, true] {
        let of = |pending, d| all.iter().find(|w| w.state == Some((masked, pending)) && w.distance == d).map(|w| w.bin);
        // The first of three finds its source idle, the second pending.
        for (near, far, at) in [(1, 2, vec![0, 1, 3]), (2, 1, vec![0, 2, 3])] {
            let some: Vec<usize> = [of(false, near), of(true, far)].into_iter().flatten().collect();
            if !some.is_empty() {
                put((masked, false), at, some);
            }
        }
    }
    let wide: Vec<&Wanted> = all.iter().filter(|w| w.state.is_none()).collect();
    if !wide.is_empty() {
        let sum = |t: &mut i64, w: &&Wanted| {
            *t += w.distance;
            Some(*t)
        };
        let at = [0].into_iter().chain(wide.iter().scan(0, sum)).collect();
        put((false, false), at, wide.iter().map(|w| w.bin).collect());
    }
    // The stage asks for chance only where a source is not connected yet.
    let mut rng = ChaCha8Rng::seed_from_u64(first.bin as u64);
    let (stage, _) = stage::set(store, (first.enable, first.function_mask), &states, soft, &mut rng);
    let (mut at, mut begin) = (Vec::new(), 4);
    for (k, times) in times.iter().enumerate() {
        at.extend(times.iter().map(|t| (begin + t, source(store, k as u32))));
        begin += times.last().copied().unwrap_or(0) + 1;
    }
    let mut aimed = causes(at);
    aimed.push(Op::Wait(begin as u64 + 30));
    Some(Lead {
        stage,
        aimed,
        race: Race { bins, kind: Kind::Event, store, way: 0, index: None, actions: Vec::new(), first_cause: None },
    })
}
