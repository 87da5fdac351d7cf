// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The second half of the way: from the packet through remapping to the processor.

use std::collections::{BTreeMap, VecDeque};
use tlp::{Bdf, Tick};
use vectors::op::Source;

/// A message under way between packet and processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// Source that sent it; none if no store explains it.
    pub source: Option<Source>,
    /// Cause that it answers; 0 for none.
    pub cause: u64,
    /// Tick at which the packet arrived.
    pub tick: Tick,
}

/// Messages under way, by what identifies them to the remapping unit.
#[derive(Clone, Default)]
pub struct Arrivals {
    under_way: BTreeMap<(Bdf, u64, u32), VecDeque<UnderWay>>,
    count: u64,
}

impl Arrivals {
    /// A message packet has arrived at the host.
    pub fn depart(&mut self, requester: Bdf, address: u64, data: u32, m: UnderWay) {
        self.under_way.entry((requester, address, data)).or_default().push_back(m);
        self.count += 1;
    }

    /// The host has dealt with a message of this identity; which one it was.
    pub fn arrive(&mut self, requester: Bdf, address: u64, data: u32) -> Option<UnderWay> {
        let m = self.under_way.get_mut(&(requester, address, data))?.pop_front()?;
        self.count -= 1;
        Some(m)
    }

    /// Messages under way.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether none is under way.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Forgets all; how many there were.
    pub fn abandon(&mut self) -> u64 {
        self.under_way.clear();
        std::mem::take(&mut self.count)
    }
}
