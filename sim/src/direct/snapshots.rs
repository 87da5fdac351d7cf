// SPDX-License-Identifier: Apache-2.0 OR MIT
//! States that a search goes on from: a machine that has been brought up once need not be brought up again. A state
//! belongs to all vectors with the same device, the same host and the same steps up to their `restart`; a run that goes
//! on from it ends as one from power-on does, to the last event (`run::test` has the test).

use crate::run::{Saved, restart_of};
use std::collections::VecDeque;
use vectors::op::Vector;

/// States that are kept; each holds a device and a host.
const KEPT: usize = 24;

/// States by what led to them, the latest last.
#[derive(Default)]
pub struct Snapshots {
    kept: VecDeque<(blake3::Hash, Saved)>,
}

impl Snapshots {
    /// Names what stands before the restart.
    pub fn key(v: &Vector) -> Option<blake3::Hash> {
        let at = restart_of(v)?;
        Some(blake3::hash(format!("{:?} {:?} {} {:?}", v.dut, v.host, v.bound, &v.steps[..at]).as_bytes()))
    }

    /// The state, if it is kept.
    pub fn get(&self, key: &blake3::Hash) -> Option<&Saved> {
        self.kept.iter().find(|(k, _)| k == key).map(|(_, saved)| saved)
    }

    /// Keeps a state; the oldest goes.
    pub fn put(&mut self, key: blake3::Hash, saved: Saved) {
        if self.kept.len() >= KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((key, saved));
    }
}
