// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Requests that have been looked up and are on their way out of a unit.
//!
//! Each takes a time of its own, but two of one requester never change order:
//! they are posted writes of one stream.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};
use tlp::{Bdf, Tick};

/// Ticks that a request spends in the unit, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Latency {
    /// Shortest.
    pub min: u64,
    /// Longest; not below `min`.
    pub max: u64,
}

/// Requests in flight, by due tick and then order of entry. `F` is what the unit notes of each.
#[derive(Clone, Debug)]
pub(super) struct Path<F> {
    latency: Latency,
    rng: ChaCha8Rng,
    entered: u64,
    flights: BTreeMap<(Tick, u64), F>,
    /// Latest due tick per requester.
    last: BTreeMap<u16, Tick>,
}

impl<F> Path<F> {
    /// `stream` names the unit: others may draw from the same seed, and a stream of its own keeps them independent.
    pub fn new(latency: Latency, seed: u64, stream: [u8; 8]) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(u64::from_be_bytes(stream));
        Self { latency, rng, entered: 0, flights: BTreeMap::new(), last: BTreeMap::new() }
    }

    pub fn enter(&mut self, source: Bdf, flight: F, now: Tick) {
        let Latency { min, max } = self.latency;
        let delay = if min < max { self.rng.random_range(min..=max) } else { min };
        let last = self.last.entry(source.bits()).or_default();
        let due = (now + delay).max(*last);
        *last = due;
        self.flights.insert((due, self.entered), flight);
        self.entered += 1;
    }

    /// Takes out the next flight that is due, with its number.
    pub fn leave(&mut self, now: Tick) -> Option<(u64, F)> {
        let (&key, _) = self.flights.first_key_value().filter(|((due, _), _)| *due <= now)?;
        self.flights.remove(&key).map(|flight| (key.1, flight))
    }

    pub fn next_due(&self) -> Option<Tick> {
        self.flights.first_key_value().map(|(&(due, _), _)| due)
    }

    /// Numbers of all flights under way.
    pub fn all(&self) -> BTreeSet<u64> {
        self.flights.keys().map(|&(_, number)| number).collect()
    }

    /// Numbers of the flights that `wanted` picks.
    pub fn those(&self, wanted: impl Fn(&F) -> bool) -> impl Iterator<Item = u64> {
        self.flights.iter().filter(move |(_, f)| wanted(f)).map(|(&(_, number), _)| number)
    }
}
