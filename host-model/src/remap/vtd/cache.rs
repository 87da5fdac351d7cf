// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The interrupt entry cache: what makes a forgotten invalidation visible.

use super::entry::Irte;
use std::collections::BTreeMap;

/// How long the unit keeps an entry that it has read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Cache {
    /// Not at all: every request reads memory.
    None,
    /// The most recently used entries, this many.
    Lines(usize),
    /// Until it is invalidated. The harshest to software, so the default.
    #[default]
    Unlimited,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    entry: Irte,
    used: u64,
}

/// Entries by index.
#[derive(Clone, Debug)]
pub(super) struct EntryCache {
    policy: Cache,
    lines: BTreeMap<u16, Line>,
    uses: u64,
}

impl EntryCache {
    pub fn new(policy: Cache) -> Self {
        Self { policy, lines: BTreeMap::new(), uses: 0 }
    }

    pub fn lookup(&mut self, index: u16) -> Option<Irte> {
        self.uses += 1;
        let line = self.lines.get_mut(&index)?;
        line.used = self.uses;
        Some(line.entry)
    }

    pub fn fill(&mut self, index: u16, entry: Irte) {
        let room = match self.policy {
            Cache::None | Cache::Lines(0) => return,
            Cache::Lines(n) => n,
            Cache::Unlimited => usize::MAX,
        };
        if self.lines.len() >= room {
            // The oldest use; uses are counted, so no two lines tie.
            if let Some((&victim, _)) = self.lines.iter().min_by_key(|(_, line)| line.used) {
                self.lines.remove(&victim);
            }
        }
        self.uses += 1;
        self.lines.insert(index, Line { entry, used: self.uses });
    }

    /// Forgets the entries `first..=last`.
    pub fn invalidate(&mut self, first: u16, last: u16) {
        let doomed: Vec<u16> = self.lines.range(first..=last).map(|(&index, _)| index).collect();
        for index in doomed {
            self.lines.remove(&index);
        }
    }
}
