// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Aims causes at actions, to the cycle. One attempt serves as many bins as can be told apart: several sources, each
//! with its action, or one action for all of them, with causes on both sides of it. How long an action takes from its
//! step to the device is learned from what the collector saw (`timing`).

mod answer;
mod event;
mod msi;
mod shared;
mod stage;
mod timing;
mod volley;
mod wanted;

pub use timing::Timing;
pub use wanted::{Wanted, is_race, wanted};

use super::soft::Soft;
use crate::cover::races::Kind;
use rand_chacha::ChaCha8Rng;
use vectors::op::Op;

/// An attempt: what is prepared, what is then aimed, and at which bins.
#[derive(Clone, Debug)]
pub struct Lead {
    /// Brings sources into their states.
    pub stage: Vec<Op>,
    /// Causes and actions.
    pub aimed: Vec<Op>,
    /// What it is for.
    pub race: Race,
}

/// What an attempt is for.
#[derive(Clone, Debug)]
pub struct Race {
    /// Bins.
    pub bins: Vec<usize>,
    /// What happens.
    pub kind: Kind,
    /// Store of the causes.
    pub store: usize,
    /// Way in which it was tried: each has its own time.
    pub way: u8,
    /// Index of the source whose action alone counts; none: those of all.
    pub index: Option<u32>,
    /// When the steps of its actions come, in cycles from the first step that counts.
    pub actions: Vec<i64>,
    /// When the first of its causes is given to the port, likewise.
    pub first_cause: Option<i64>,
}

/// Whether what happens resets or closes so much that nothing can follow.
pub fn is_last(w: &Wanted) -> bool {
    matches!(w.kind, Kind::Reset | Kind::Disable)
}

/// Operations for a race bin, with others that fit beside it; none: it cannot be tried now.
pub fn lead(bin: usize, holes: &[usize], soft: &Soft, timing: &Timing, rng: &mut ChaCha8Rng) -> Option<Lead> {
    let first = wanted(bin)?;
    let beside = |other: &Wanted| {
        other.store == first.store
            && other.kind == first.kind
            && (other.enable, other.function_mask) == (first.enable, first.function_mask)
    };
    // Narrow ones are rarer than what they hit of the wide rows.
    let mut all: Vec<Wanted> = vec![first.clone()];
    all.extend(holes.iter().filter(|b| **b != bin).filter_map(|b| wanted(*b)).filter(beside));
    match first.kind {
        _ if first.store == 3 => msi::lead(&all, soft, timing, rng),
        Kind::Event => event::lead(&all, soft),
        Kind::Fetch | Kind::Answer => answer::lead(&all, soft, timing, rng),
        Kind::Mask | Kind::Unmask | Kind::Rewrite | Kind::ReadBack => volley::lead(&all, soft, timing, rng),
        _ => shared::lead(&all, soft, timing, rng),
    }
}
