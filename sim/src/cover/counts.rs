// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Counts of bins: added exactly, kept as files.

use super::items::{bins, model, name_of, named};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Version of coverage files.
pub const VERSION: u32 = 1;

/// How often each bin was hit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(Vec<u64>);

/// A file of counts: bins by name, so that a person can read it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    coverage: u32,
    model: String,
    /// Per test, what it hit.
    tests: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Counts {
    /// Nothing hit.
    pub fn new() -> Self {
        Self(vec![0; bins()])
    }

    /// From how often each bin was hit.
    pub fn of(hits: &[u32]) -> Self {
        Self(hits.iter().map(|n| u64::from(*n)).collect())
    }

    /// How often a bin was hit.
    pub fn get(&self, bin: usize) -> u64 {
        self.0.get(bin).copied().unwrap_or(0)
    }

    /// Adds so many hits.
    pub fn add(&mut self, bin: usize, n: u64) {
        if self.0.is_empty() {
            self.0 = vec![0; bins()];
        }
        self.0[bin] += n;
    }

    /// Adds another's counts: exact, whatever the order.
    pub fn merge(&mut self, other: &Self) {
        for (bin, n) in other.hit() {
            self.add(bin, n);
        }
    }

    /// Bins that were hit, with how often.
    pub fn hit(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.0.iter().copied().enumerate().filter(|(_, n)| *n > 0)
    }

    /// Bins of the other that are new here.
    pub fn new_in<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = usize> + 'a {
        other.hit().map(|(bin, _)| bin).filter(|bin| self.get(*bin) == 0)
    }
}

/// The text of a coverage file.
pub fn to_text<'a>(tests: impl Iterator<Item = (&'a str, &'a Counts)>) -> Result<String> {
    let mut all: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for (name, counts) in tests {
        let bins = all.entry(name.to_string()).or_default();
        for (bin, n) in counts.hit() {
            *bins.entry(name_of(bin)).or_default() += n;
        }
    }
    Ok(serde_json::to_string(&File { coverage: VERSION, model: model().into(), tests: all })?)
}

/// Reads a coverage file: counts per test.
///
/// # Errors
/// It is of another version, or of another coverage model, or names what is not there.
pub fn load(path: &Path) -> Result<BTreeMap<String, Counts>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    from_text(&text).with_context(|| format!("{}", path.display()))
}

fn from_text(text: &str) -> Result<BTreeMap<String, Counts>> {
    let file: File = serde_json::from_str(text)?;
    if file.coverage != VERSION {
        bail!("written by version {} of coverage files; this is version {VERSION}", file.coverage);
    }
    if file.model != model() {
        bail!("its coverage model is {}, this one's {}: items or values have changed since", file.model, model());
    }
    let mut all = BTreeMap::new();
    for (test, bins) in file.tests {
        let mut counts = Counts::new();
        for (name, n) in bins {
            for bin in named(&name).map_err(|e| anyhow::anyhow!("{test}: {e}"))? {
                counts.add(bin, n);
            }
        }
        all.insert(test, counts);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(hits: &[(usize, u64)]) -> Counts {
        let mut c = Counts::new();
        for (bin, n) in hits {
            c.add(*bin, *n);
        }
        c
    }

    #[test]
    fn merging_is_exact_in_any_order() {
        let (a, b) = (counts(&[(1, 2), (9, 1)]), counts(&[(1, 3), (7, 5)]));
        let (mut ab, mut ba) = (a.clone(), b.clone());
        ab.merge(&b);
        ba.merge(&a);
        assert_eq!(ab, ba);
        assert_eq!(ab, counts(&[(1, 5), (7, 5), (9, 1)]));
        assert_eq!(a.new_in(&b).collect::<Vec<_>>(), [7]);
    }

    #[test]
    fn files_come_back_and_others_are_refused() {
        let c = counts(&[(0, 1), (bins() - 1, 4)]);
        let text = to_text([("one", &c)].into_iter()).unwrap();
        assert_eq!(from_text(&text).unwrap()["one"], c);
        let other = text.replace(model(), "0000000000000000");
        assert!(format!("{:#}", from_text(&other).unwrap_err()).contains("coverage model"));
        let later = text.replace("\"coverage\":1", "\"coverage\":2");
        assert!(format!("{:#}", from_text(&later).unwrap_err()).contains("version 2"));
        let gone = text.replace("cause_store:msix", "cause_store:gone");
        assert!(format!("{:#}", from_text(&gone).unwrap_err()).contains("gone"));
    }
}
