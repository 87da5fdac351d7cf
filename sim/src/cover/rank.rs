// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Tests in the order of what they add: the one that covers most first, then always the one that adds most to those
//! before it.

use super::{Counts, Plan};
use std::collections::BTreeMap;

/// A test in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Its name.
    pub test: String,
    /// Bins that it adds to those before it.
    pub adds: usize,
    /// Bins that it hits.
    pub hits: usize,
}

/// Ranks tests; those that add nothing come last, by name.
pub fn rank(tests: &BTreeMap<String, Counts>, plan: &Plan) -> Vec<Ranked> {
    let mut left: Vec<(&String, Vec<usize>)> = tests
        .iter()
        .map(|(name, counts)| (name, counts.hit().map(|(b, _)| b).filter(|b| plan.can_be(*b)).collect()))
        .collect();
    let (mut covered, mut ranked) = (Counts::new(), Vec::new());
    while !left.is_empty() {
        let adds = |bins: &Vec<usize>| bins.iter().filter(|b| covered.get(**b) == 0).count();
        // The first of the best, so that the order is the same on every machine.
        let best = (0..left.len()).max_by_key(|k| (adds(&left[*k].1), std::cmp::Reverse(*k))).expect("not empty");
        let (name, bins) = left.remove(best);
        ranked.push(Ranked { test: name.clone(), adds: adds(&bins), hits: bins.len() });
        for b in bins {
            covered.add(b, 1);
        }
    }
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn who_adds_most_comes_first() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let plan = Plan::load(&root, None).unwrap();
        let can: Vec<usize> = (0..crate::cover::bins()).filter(|b| plan.can_be(*b)).collect();
        let of = |range: std::ops::Range<usize>| {
            let mut c = Counts::new();
            can[range].iter().for_each(|b| c.add(*b, 1));
            c
        };
        let tests = BTreeMap::from([
            ("a".to_string(), of(0..3)),
            ("b".to_string(), of(2..8)),
            ("c".to_string(), of(2..7)),
            ("d".to_string(), of(8..10)),
        ]);
        let order: Vec<(String, usize)> = rank(&tests, &plan).into_iter().map(|r| (r.test, r.adds)).collect();
        let want = [("b", 6), ("a", 2), ("d", 2), ("c", 0)].map(|(n, k)| (n.to_string(), k));
        assert_eq!(order, want);
    }
}
