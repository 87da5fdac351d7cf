// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Totals of the results contract.

use serde::{Deserialize, Serialize};

/// What became of the causes, and what went wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Causes that the interrupt core took.
    pub causes: u64,
    /// Causes whose message was accepted by a processor.
    pub delivered: u64,
    /// Causes that share a message (or an IRR bit) with another.
    pub merged: u64,
    /// Causes legally still pending at the end.
    pub pending: u64,
    /// Causes legally blocked: refused, reset, withdrawn, or stopped by remapping with its fault.
    pub blocked: u64,
    /// Causes that never led to anything.
    pub lost: u64,
    /// Messages for which no cause was owed.
    pub duplicated: u64,
    /// Messages with content that software had replaced for certain.
    pub stale: u64,
    /// Messages or arrivals that no programmed content explains.
    pub misdirected: u64,
    /// Messages ahead of the data that they announce.
    pub overtook_data: u64,
    /// Messages that left the device.
    pub messages: u64,
}

impl Counters {
    /// Adds another run's totals.
    pub fn add(&mut self, o: &Counters) {
        self.causes += o.causes;
        self.delivered += o.delivered;
        self.merged += o.merged;
        self.pending += o.pending;
        self.blocked += o.blocked;
        self.lost += o.lost;
        self.duplicated += o.duplicated;
        self.stale += o.stale;
        self.misdirected += o.misdirected;
        self.overtook_data += o.overtook_data;
        self.messages += o.messages;
    }

    /// Whether every cause is in exactly one place.
    pub fn balances(&self) -> bool {
        self.causes == self.delivered + self.merged + self.pending + self.blocked + self.lost
    }
}
