// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Requests that have been looked up and are on their way out.
//!
//! Each takes a time of its own, but two of one requester never change order:
//! they are posted writes of one stream.

use crate::interrupt::{ApicMessage, InterruptRequest};
use crate::remap::FaultReason;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};
use tlp::Tick;

/// Ticks that a request spends in the unit, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Latency {
    /// Shortest.
    pub min: u64,
    /// Longest; not below `min`.
    pub max: u64,
}

/// What became of a request at its look-up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    Deliver(ApicMessage),
    /// `log`: a fault record is asked for.
    Blocked {
        reason: FaultReason,
        log: bool,
    },
}

/// A request between look-up and delivery.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub request: InterruptRequest,
    pub index: Option<u32>,
    pub outcome: Outcome,
    /// The table entry that decided, cached or fetched.
    pub entry: Option<u16>,
}

/// Requests in flight, by due tick and then order of entry.
#[derive(Clone, Debug)]
pub(super) struct Path {
    latency: Latency,
    rng: ChaCha8Rng,
    entered: u64,
    flights: BTreeMap<(Tick, u64), Flight>,
    /// Latest due tick per requester.
    last: BTreeMap<u16, Tick>,
}

impl Path {
    pub fn new(latency: Latency, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // Others may draw from the same seed; a stream of its own keeps them independent.
        rng.set_stream(u64::from_be_bytes(*b"vtd path"));
        Self { latency, rng, entered: 0, flights: BTreeMap::new(), last: BTreeMap::new() }
    }

    pub fn enter(&mut self, flight: Flight, now: Tick) {
        let Latency { min, max } = self.latency;
        let delay = if min < max { self.rng.random_range(min..=max) } else { min };
        let last = self.last.entry(flight.request.source.bits()).or_default();
        let due = (now + delay).max(*last);
        *last = due;
        self.flights.insert((due, self.entered), flight);
        self.entered += 1;
    }

    /// Takes out the next flight that is due.
    pub fn leave(&mut self, now: Tick) -> Option<(u64, Flight)> {
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

    /// Numbers of the flights that used an entry of `first..=last`.
    pub fn using(&self, first: u16, last: u16) -> impl Iterator<Item = u64> + '_ {
        self.flights
            .iter()
            .filter(move |(_, f)| f.entry.is_some_and(|e| (first..=last).contains(&e)))
            .map(|(&(_, number), _)| number)
    }
}
