// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A value that software has changed while the device may still act on the old one.

use smallvec::SmallVec;

/// The values that may be in force, oldest first, each with the number of the
/// write that made it. Posted writes take effect somewhere between leaving the
/// host and the completion of a later read; until then the old value is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Possible<T> {
    values: SmallVec<[(u64, T); 1]>,
}

impl<T: Clone + PartialEq> Possible<T> {
    /// Certainly this value.
    pub fn certain(value: T) -> Self {
        Self { values: SmallVec::from_iter([(0, value)]) }
    }

    /// Write number `seq` changes the value; `flushed` writes are known to be in force.
    pub fn set(&mut self, seq: u64, value: T, flushed: u64) {
        self.prune(flushed);
        if *self.latest() != value {
            self.values.push((seq, value));
        }
    }

    /// Drops what writes up to number `flushed` have replaced.
    pub fn prune(&mut self, flushed: u64) {
        if self.values.len() > 1
            && let Some(last) = self.values.iter().rposition(|(seq, _)| *seq <= flushed)
        {
            self.values.drain(..last);
        }
    }

    /// The value as software sees it.
    pub fn latest(&self) -> &T {
        &self.values[self.values.len() - 1].1
    }

    /// Whether the predicate holds whichever value is in force.
    pub fn certainly(&mut self, flushed: u64, f: impl Fn(&T) -> bool) -> bool {
        self.prune(flushed);
        self.values.iter().all(|(_, v)| f(v))
    }

    /// Whether the predicate holds for a value that may be in force.
    pub fn perhaps(&mut self, flushed: u64, f: impl Fn(&T) -> bool) -> bool {
        self.prune(flushed);
        self.values.iter().any(|(_, v)| f(v))
    }

    /// What the values that may be in force say, each answer once.
    pub fn all<U: PartialEq>(&mut self, flushed: u64, f: impl Fn(&T) -> U) -> Vec<U> {
        self.prune(flushed);
        let mut all = Vec::new();
        for u in self.values.iter().map(|(_, v)| f(v)) {
            if !all.contains(&u) {
                all.push(u);
            }
        }
        all
    }

    /// Whether only one value is left.
    pub fn is_settled(&self) -> bool {
        self.values.len() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_value_is_possible_until_the_write_is_flushed() {
        let mut p = Possible::certain(1);
        p.set(5, 2, 0);
        p.set(7, 3, 0);
        assert!(p.perhaps(4, |v| *v == 1));
        assert!(!p.perhaps(5, |v| *v == 1));
        assert!(p.perhaps(6, |v| *v == 2));
        assert!(p.certainly(7, |v| *v == 3));
        assert!(p.is_settled());
    }
}
