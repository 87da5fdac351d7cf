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

/// Entries by index, one place for each: a look-up costs the same at any size.
///
/// Entries of a table differ in vector, destination and requester; what else they say is often the same. So a place
/// holds the three and the number of the rest, and each rest stands once. That is half the entry: all
/// 65,536 places fit the second-level cache of a processor, the entries themselves would not.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    packed: Vec<u64>,
    /// Entries without what places hold; number `n` is `rests[n - 1]`.
    rests: Vec<u128>,
    /// Entries whose rest has got no number.
    others: BTreeMap<u16, Irte>,
}

/// Where the three stand in an entry: vector, destination, requester [VT-d 9.10]. The posted form has there its virtual
/// vector, the lower part of its descriptor's address, and the requester [VT-d 9.11].
const VECTOR: u32 = 16;
const DESTINATION: u32 = 32;
const SOURCE: u32 = 64;
/// Number of a place that holds nothing, and of one whose entry is among the others.
const NOTHING: u8 = 0;
const OTHER: u8 = u8::MAX;

impl Places {
    fn lookup(&self, index: u16) -> Option<Irte> {
        let place = *self.packed.get(usize::from(index))?;
        let [number, vector, ..] = place.to_le_bytes();
        match number {
            NOTHING => None,
            OTHER => self.others.get(&index).copied(),
            number => {
                let (source, destination) = (u128::from(place >> 16 & 0xffff), u128::from(place >> 32));
                let three = u128::from(vector) << VECTOR | destination << DESTINATION | source << SOURCE;
                Some(Irte::from_bits(self.rests[usize::from(number) - 1] | three))
            }
        }
    }

    fn fill(&mut self, index: u16, entry: Irte) {
        const THREE: u128 = 0xff << VECTOR | 0xffff_ffff << DESTINATION | 0xffff << SOURCE;
        let bits = entry.into_bits();
        let rest = bits & !THREE;
        let known = self.rests.iter().position(|r| *r == rest);
        let number = match known.unwrap_or(self.rests.len()) {
            n if n + 1 >= usize::from(OTHER) => OTHER,
            n => n as u8 + 1,
        };
        if number == OTHER {
            self.others.insert(index, entry);
        } else if known.is_none() {
            self.rests.push(rest);
        }
        if self.packed.is_empty() {
            self.packed.resize(ENTRIES, 0);
        }
        let field = |at: u32, bits_of: u128| (bits >> at & bits_of) as u64;
        self.packed[usize::from(index)] = u64::from(number)
            | field(VECTOR, 0xff) << 8
            | field(SOURCE, 0xffff) << 16
            | field(DESTINATION, 0xffff_ffff) << 32;
    }

    fn invalidate(&mut self, first: u16, last: u16) {
        if (first, last) == (0, u16::MAX) {
            self.rests.clear();
            self.others.clear();
        }
        // Before the first entry there are no places.
        let end = self.packed.len().min(usize::from(last) + 1);
        if let Some(places) = self.packed.get_mut(usize::from(first)..end) {
            places.fill(0);
        }
    }
}

/// What is kept.
#[derive(Clone, Debug)]
pub(super) enum EntryCache {
    /// Nothing.
    None,
    /// All that was read.
    All(Places),
    /// As many as there is room for.
    Few { room: usize, lines: BTreeMap<u16, Line>, uses: u64 },
}

impl EntryCache {
    pub fn new(policy: Cache) -> Self {
        match policy {
            Cache::None | Cache::Lines(0) => Self::None,
            Cache::Lines(room) => Self::Few { room, lines: BTreeMap::new(), uses: 0 },
            Cache::Unlimited => Self::All(Places::default()),
        }
    }

    pub fn lookup(&mut self, index: u16) -> Option<Irte> {
        match self {
            Self::None => None,
            Self::All(places) => places.lookup(index),
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
            Self::All(places) => places.fill(index, entry),
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
            Self::All(places) => places.invalidate(first, last),
            Self::Few { lines, .. } => lines.retain(|index, _| !(first..=last).contains(index)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Places against a map of whole entries: of any bits, of few kinds and of more kinds than there are numbers.
    #[test]
    fn what_is_kept_comes_back_bit_by_bit() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        for kinds in [1u128, 200, 4000] {
            let (mut places, mut map) = (Places::default(), BTreeMap::new());
            for round in 0..20_000 {
                let index: u16 = random.random::<u16>() >> random.random_range(0..12);
                if round % 64 == 63 {
                    let last = if round % 4096 == 4095 { u16::MAX } else { index | 15 };
                    let first = if last == u16::MAX { 0 } else { index & !15 };
                    places.invalidate(first, last);
                    map.retain(|at, _| !(first..=last).contains(at));
                } else {
                    let rest = random.random_range(0..kinds) * 0x1_0000_0001_0000_0000_0000_0001;
                    let three = u128::from(random.random::<u8>()) << 16
                        | u128::from(random.random::<u32>()) << 32
                        | u128::from(random.random::<u16>()) << 64;
                    let entry = Irte::from_bits(rest ^ three);
                    places.fill(index, entry);
                    map.insert(index, entry);
                }
                let probe = if random.random() { index } else { random.random() };
                assert_eq!(places.lookup(probe), map.get(&probe).copied());
            }
        }
    }
}
