// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The interrupt entry cache: what makes a forgotten invalidation visible.

use super::entry::Irte;
use std::collections::BTreeMap;

/// Entries of the largest table.
const ENTRIES: usize = 1 << 16;

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
pub(super) struct Line {
    entry: Irte,
    used: u64,
}

/// Entries by index.
#[derive(Clone, Debug)]
pub(super) enum EntryCache {
    /// Nothing is kept.
    None,
    /// All that was read, one place for each index: a look-up costs the same at any size.
    All {
        entries: Vec<Irte>,
        /// A bit an index: the entry is there.
        valid: Vec<u64>,
    },
    /// As many as there is room for.
    Few { room: usize, lines: BTreeMap<u16, Line>, uses: u64 },
}

impl EntryCache {
    pub fn new(policy: Cache) -> Self {
        match policy {
            Cache::None | Cache::Lines(0) => Self::None,
            Cache::Lines(room) => Self::Few { room, lines: BTreeMap::new(), uses: 0 },
            Cache::Unlimited => Self::All { entries: Vec::new(), valid: vec![0; ENTRIES / 64] },
        }
    }

    pub fn lookup(&mut self, index: u16) -> Option<Irte> {
        match self {
            Self::None => None,
            Self::All { entries, valid } => {
                let at = usize::from(index);
                (valid[at / 64] >> (at % 64) & 1 == 1).then(|| entries[at])
            }
            Self::Few { lines, uses, .. } => {
                *uses += 1;
                let line = lines.get_mut(&index)?;
                line.used = *uses;
                Some(line.entry)
            }
        }
    }

    pub fn fill(&mut self, index: u16, entry: Irte) {
        match self {
            Self::None => {}
            Self::All { entries, valid } => {
                let at = usize::from(index);
                if entries.len() <= at {
                    entries.resize(at + 1, Irte::new());
                }
                entries[at] = entry;
                valid[at / 64] |= 1 << (at % 64);
            }
            Self::Few { room, lines, uses } => {
                if lines.len() >= *room {
                    // The oldest use; uses are counted, so no two lines tie.
                    if let Some((&victim, _)) = lines.iter().min_by_key(|(_, line)| line.used) {
                        lines.remove(&victim);
                    }
                }
                *uses += 1;
                lines.insert(index, Line { entry, used: *uses });
            }
        }
    }

    /// Forgets the entries `first..=last`.
    pub fn invalidate(&mut self, first: u16, last: u16) {
        match self {
            Self::None => {}
            Self::All { valid, .. } if (first, last) == (0, u16::MAX) => valid.fill(0),
            Self::All { valid, .. } => {
                for at in usize::from(first)..=usize::from(last) {
                    valid[at / 64] &= !(1 << (at % 64));
                }
            }
            Self::Few { lines, .. } => lines.retain(|index, _| !(first..=last).contains(index)),
        }
    }
}
