// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A set of small integers with a fast "next member from here".
//!
//! Pending bits are a hundred thousand and sparse; round robin needs the next set
//! one. Each level has one bit per non-zero word of the level below.

/// Set of integers below a fixed bound.
#[derive(Clone, Debug)]
pub(crate) struct BitTree {
    /// Level 0 holds the members; the last level is a single word.
    levels: Vec<Vec<u64>>,
    len: usize,
}

impl BitTree {
    /// The empty subset of `0..len`.
    pub(crate) fn new(len: usize) -> Self {
        let mut levels = Vec::new();
        let mut words = len.div_ceil(64).max(1);
        loop {
            levels.push(vec![0; words]);
            if words == 1 {
                return Self { levels, len };
            }
            words = words.div_ceil(64);
        }
    }

    /// Whether `index` is a member; false beyond the bound.
    pub(crate) fn get(&self, index: usize) -> bool {
        self.word(index / 64) >> (index % 64) & 1 != 0
    }

    /// Puts `index` in or out; ignored beyond the bound.
    pub(crate) fn set(&mut self, index: usize, member: bool) {
        if index >= self.len {
            return;
        }
        let mut position = index;
        for level in &mut self.levels {
            let word = &mut level[position / 64];
            let bit = 1u64 << (position % 64);
            if member {
                let known = *word != 0;
                *word |= bit;
                if known {
                    return;
                }
            } else {
                *word &= !bit;
                if *word != 0 {
                    return;
                }
            }
            position /= 64;
        }
    }

    /// Members `64 * word ..` as bits; 0 beyond the bound.
    pub(crate) fn word(&self, word: usize) -> u64 {
        self.levels[0].get(word).copied().unwrap_or(0)
    }

    /// Whether there is no member.
    pub(crate) fn is_empty(&self) -> bool {
        self.levels[self.levels.len() - 1][0] == 0
    }

    /// Takes every member out.
    pub(crate) fn clear(&mut self) {
        if !self.is_empty() {
            for level in &mut self.levels {
                level.fill(0);
            }
        }
    }

    /// The smallest member that is `from` or above.
    pub(crate) fn at_or_after(&self, from: usize) -> Option<usize> {
        let mut position = from;
        for (height, level) in self.levels.iter().enumerate() {
            let above = level.get(position / 64)? & (!0u64 << (position % 64));
            if above != 0 {
                let mut found = position / 64 * 64 + above.trailing_zeros() as usize;
                for lower in self.levels[..height].iter().rev() {
                    found = found * 64 + lower[found].trailing_zeros() as usize;
                }
                return Some(found);
            }
            position = position / 64 + 1;
        }
        None
    }

    /// The next member from `from` on, wrapping round.
    pub(crate) fn round_robin(&self, from: usize) -> Option<usize> {
        self.at_or_after(from).or_else(|| self.at_or_after(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_member_in_order_and_wraps() {
        for len in [1, 63, 64, 65, 4096, 4097, 1 << 20] {
            let members: Vec<usize> = [0, 1, 62, 63, 64, 65, 4095, 4096, len - 1, len / 2, len / 3]
                .into_iter()
                .filter(|&m| m < len)
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect();
            let mut set = BitTree::new(len);
            members.iter().for_each(|&m| set.set(m, true));
            let mut found = Vec::new();
            let mut from = 0;
            while let Some(m) = set.at_or_after(from) {
                found.push(m);
                from = m + 1;
            }
            assert_eq!(found, members);
            assert_eq!(set.round_robin(len), Some(members[0]));
            members.iter().for_each(|&m| set.set(m, false));
            assert!(set.is_empty());
            assert_eq!(set.round_robin(0), None);
        }
    }

    #[test]
    fn indices_beyond_the_bound_are_never_members() {
        let mut set = BitTree::new(100);
        set.set(100, true);
        set.set(1 << 30, true);
        assert!(set.is_empty() && !set.get(100) && !set.get(1 << 30));
    }
}
