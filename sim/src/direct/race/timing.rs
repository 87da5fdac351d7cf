// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How long actions take from their step to the device, and causes from the port to the core. The collector notes when
//! both happened: one attempt tells what the next one needs.

use super::Race;
use crate::cover::races::{Acted, Kind};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use tlp::Tick;

/// What is taken for an action that has never been seen: a posted write takes about so long.
const FIRST: i64 = 4;
/// Clocks from the packet to its access.
const ACCESS: i64 = 2;
/// Nothing that belongs to an attempt is later.
const FARTHEST: i64 = 420;
/// Attempts that are remembered.
const KEPT: usize = 6;

type Key = (Kind, usize, u8);

/// The last few cycles that something took, newest last.
#[derive(Clone, Debug, Default)]
struct Took(Vec<i64>);

impl Took {
    fn note(&mut self, cycles: i64) {
        if (0..=FARTHEST).contains(&cycles) {
            self.0.push(cycles);
        }
        if self.0.len() > KEPT {
            self.0.remove(0);
        }
    }

    /// What it took most often, of equals the newest; now and then another: some things take now more, now less time.
    fn some(&self, rng: &mut ChaCha8Rng) -> Option<i64> {
        let often = |n: i64| self.0.iter().filter(|m| **m == n).count();
        let most = self.0.iter().copied().max_by_key(|n| often(*n))?;
        Some(if rng.random_range(0..4) == 0 { self.0[rng.random_range(0..self.0.len())] } else { most })
    }
}

/// What attempts have shown.
#[derive(Clone, Debug, Default)]
pub struct Timing {
    actions: BTreeMap<Key, Took>,
    /// Causes, by store.
    causes: BTreeMap<usize, Took>,
    /// Accesses and causes take turns at the device.
    turns: bool,
}

impl Timing {
    /// Nothing seen yet. `turns`: the device takes an access or a cause in a clock, in turns, as the RTL does. There a
    /// cause never falls into the clock of an action's access unless another access came just before.
    pub fn new(turns: bool) -> Self {
        Self { turns, ..Self::default() }
    }

    /// Whether an access ahead of the action lets a cause into its clock.
    pub fn wants_turn(&self, distance: i64) -> bool {
        self.turns && distance == ACCESS
    }

    /// Whether accesses and causes take turns at the device.
    pub fn takes_turns(&self) -> bool {
        self.turns
    }

    /// By how many cycles a cause is to be given to the port later than its action's step, so that both happen in one
    /// cycle; now and then a little beside.
    pub fn after(&self, kind: Kind, store: usize, way: u8, rng: &mut ChaCha8Rng) -> i64 {
        let Some(action) = self.actions.get(&(kind, store, way)).and_then(|t| t.some(rng)) else { return FIRST };
        let cause = self.causes.get(&store).and_then(|t| t.some(rng)).unwrap_or(0);
        let beside = if rng.random_range(0..8) == 0 { rng.random_range(-2..=2) } else { 0 };
        action - cause + beside
    }

    /// What was seen of an attempt that began at `begin`: its actions, and when the core took its causes.
    pub fn learn(&mut self, race: &Race, begin: Tick, acted: &[Acted], causes: &[Tick]) {
        let took = |at: Tick, planned: i64| at as i64 - begin as i64 - planned;
        if let (Some(first), Some(planned)) = (causes.first(), race.first_cause) {
            self.causes.entry(race.store).or_default().note(took(*first, planned));
        }
        let meant = |a: &&Acted| a.kind == race.kind && (race.index.is_none() || a.index == race.index);
        let seen = acted.iter().filter(meant).map(|a| a.tick);
        for (at, planned) in seen.zip(&race.actions) {
            self.actions.entry((race.kind, race.store, race.way)).or_default().note(took(at, *planned));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn one_attempt_tells_what_the_next_one_needs() {
        let mut timing = Timing::default();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let race = |actions: Vec<i64>| Race {
            bins: Vec::new(),
            kind: Kind::Mask,
            store: 0,
            way: 0,
            index: None,
            actions,
            first_cause: Some(20),
        };
        assert_eq!(timing.after(Kind::Mask, 0, 0, &mut rng), FIRST);
        let acted = |tick| Acted { step: 0, kind: Kind::Mask, index: None, tick };
        let other = Acted { step: 0, kind: Kind::Unmask, index: None, tick: 1 };
        // Steps at 16 and 22, taken 9 cycles later; the cause of 20 was taken 3 cycles later.
        timing.learn(&race(vec![16, 22]), 1000, &[other, acted(1025), acted(1031)], &[1023]);
        let after: Vec<i64> = (0..200).map(|_| timing.after(Kind::Mask, 0, 0, &mut rng)).collect();
        assert!(after.iter().filter(|a| **a == 6).count() > 150, "{after:?}");
        // One of several that is off does not mislead.
        timing.learn(&race(vec![16]), 1000, &[acted(1060)], &[1023]);
        let next: Vec<i64> = (0..200).map(|_| timing.after(Kind::Mask, 0, 0, &mut rng)).collect();
        assert!(next.iter().filter(|a| **a == 6).count() > 120, "{next:?}");
        assert!(after.iter().all(|a| (4..=8).contains(a)) && after.iter().any(|a| *a != 6));
        // What came long after is of something else.
        timing.learn(&race(vec![16]), 1000, &[acted(9000)], &[]);
        assert!(timing.after(Kind::Mask, 0, 0, &mut rng) <= 43);
        assert_eq!(timing.after(Kind::Mask, 1, 0, &mut rng), FIRST);
    }
}
