// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Causes at the ports of all endpoints, at any tick.

use super::net::Net;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use tlp::{CauseOp, Tick};
use vectors::op::Source;

/// Ticks without a cause after which no more are waited for: no port takes any.
const GIVEN_UP: Tick = 200_000;

/// What is still to be raised.
pub struct Traffic {
    /// Ticks between two causes of an endpoint, on average.
    gap: u64,
    /// Causes still to come.
    left: u64,
    /// Sources of each endpoint.
    sources: Vec<Vec<Source>>,
    /// Sources that their drivers have brought to rest.
    resting: BTreeSet<(usize, Source)>,
    /// When each raises its next one.
    next: Vec<Tick>,
    random: ChaCha8Rng,
    /// When the last one was raised.
    last: Tick,
    /// Causes raised.
    pub raised: u64,
}

impl Traffic {
    /// Nothing yet: [`start`](Self::start) begins.
    pub fn new(gap: u64, seed: u64) -> Self {
        let random = ChaCha8Rng::seed_from_u64(seed);
        Self {
            gap,
            left: 0,
            sources: Vec::new(),
            resting: BTreeSet::new(),
            next: Vec::new(),
            random,
            last: 0,
            raised: 0,
        }
    }

    /// From `now` on, `causes` over these sources of each endpoint.
    pub fn start(&mut self, now: Tick, causes: u64, sources: Vec<Vec<Source>>) {
        (self.left, self.last) = (causes, now);
        self.next = sources.iter().map(|_| now + self.random.random_range(1..=2 * self.gap)).collect();
        self.sources = sources;
    }

    /// A source raises nothing from now on, or again.
    pub fn rest(&mut self, endpoint: usize, source: Source, on: bool) {
        if on {
            self.resting.insert((endpoint, source));
        } else {
            self.resting.remove(&(endpoint, source));
        }
    }

    /// Whether all have been raised.
    pub fn is_over(&self) -> bool {
        self.left == 0
    }

    /// Gives the causes of the next window to the ports.
    pub(super) fn raise(net: &mut Net, end: Tick) {
        let t = &mut net.traffic;
        for n in 0..t.sources.len() {
            let e = &mut net.endpoints[n];
            while t.left > 0 && t.next[n] < end && !t.sources[n].is_empty() {
                let at = t.next[n];
                t.next[n] += t.random.random_range(1..2 * t.gap.max(1));
                if e.quiet || e.dead {
                    continue;
                }
                // A port that takes nothing is given nothing more: what waits there has not happened.
                if e.device.causes_waiting() > 64 {
                    continue;
                }
                let source = t.sources[n][t.random.random_range(0..t.sources[n].len())];
                if t.resting.contains(&(n, source)) {
                    continue;
                }
                e.device.raise(CauseOp::Raise, source, at);
                t.left -= 1;
                t.last = at;
                t.raised += 1;
            }
        }
        // With nobody left to raise them, the rest will not come.
        if net.endpoints.iter().all(|e| e.dead) || end > t.last + GIVEN_UP {
            t.left = 0;
        }
    }
}
