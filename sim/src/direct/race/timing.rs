// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How long actions take from their step to the device. Until one is seen, attempts move on in steps that leave no gap
//! in the collector's window; what is seen beside the causes says how far off they were.

use super::Race;
use crate::cover::races::{AFTER, BEFORE, Kind, Raced};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// Where the search begins: a posted write takes about so long.
const FIRST: i64 = 4;
/// Step of the search for an action that has never been seen.
const SCAN: i64 = 14;
/// Where the search begins anew.
const FARTHEST: i64 = 420;

type Key = (Kind, usize, u8);

/// Where actions have been seen.
#[derive(Clone, Debug, Default)]
pub struct Timing {
    after: BTreeMap<Key, i64>,
    seen: BTreeMap<Key, u32>,
}

impl Timing {
    /// Cycles from the step to the action, as far as known, now and then a little beside: some actions take now more,
    /// now less time.
    pub fn after(&self, kind: Kind, store: usize, way: u8, rng: &mut ChaCha8Rng) -> i64 {
        let key = (kind, store, way);
        let after = self.after.get(&key).copied().unwrap_or(FIRST);
        match self.seen.get(&key) {
            Some(n) if *n > 1 && rng.random_range(0..3) == 0 => after + rng.random_range(-2..=2),
            _ => after,
        }
    }

    /// Whether the action has been seen.
    pub fn knows(&self, kind: Kind, store: usize, way: u8) -> bool {
        self.seen.contains_key(&(kind, store, way))
    }

    /// What was seen of an attempt.
    pub fn learn(&mut self, race: &Race, seen: &[Raced]) {
        if race.kind == Kind::Event || race.distances.is_empty() {
            return;
        }
        let key = (race.kind, race.store, race.way);
        let after = self.after.entry(key).or_insert(FIRST);
        let found = || seen.iter().filter(|r| r.kind == race.kind && r.store == race.store).map(|r| r.distance);
        let ends = |all: &mut dyn Iterator<Item = i64>| {
            all.fold(None, |e: Option<(i64, i64)>, d| Some(e.map_or((d, d), |(a, b)| (a.min(d), b.max(d)))))
        };
        let Some((low, high)) = ends(&mut found()) else {
            if !self.seen.contains_key(&key) {
                *after += SCAN;
                if *after > FARTHEST {
                    *after = 0;
                }
            }
            return;
        };
        let (first, last) = ends(&mut race.distances.iter().copied()).unwrap_or((0, 0));
        // Causes that lay beyond the window were not seen: one end of what was seen is a true end. Behind a reset none
        // is taken any more, so its late end says nothing.
        let off = if race.kind != Kind::Reset && high < AFTER {
            high - last
        } else if low > -BEFORE {
            low - first
        } else {
            0
        };
        let n = self.seen.entry(key).or_default();
        *n += 1;
        // What is known is followed by small steps.
        let right = race.after - off;
        *after = if *n > 3 && (right - *after).abs() <= 3 { *after + (right - *after).signum() } else { right };
        *after = (*after).clamp(0, FARTHEST);
    }
}
