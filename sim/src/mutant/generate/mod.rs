// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Faults generated over the whole RTL, from its text.
//!
//! Why the text and not a netlist: a fault then has a line that a reader can open, the laws bound to the design stay
//! bound, and coverage speaks of the same lines.

mod convert;
mod expression;
mod fault;
mod places;
mod token;

pub use convert::{applied, as_fault};
pub use fault::{Edit, Fault, OPERATORS};
pub use places::Ports;

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// A generated fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Generated {
    /// `file:line:column:operator`, with a number where one place has several of a kind.
    pub id: String,
    /// File below rtl/.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// The fault.
    pub fault: Fault,
}

impl Generated {
    /// What stands there, and what stands there instead, on one line each.
    pub fn change(&self, text: &str) -> (String, String) {
        let flat = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
        let was = self.fault.edits.iter().map(|e| flat(&text[e.span.clone()])).collect::<Vec<_>>();
        let is = self.fault.edits.iter().map(|e| flat(e.text.as_deref().unwrap_or(""))).collect::<Vec<_>>();
        (was.join(" | "), is.join(" | "))
    }
}

/// Design files of the tree `rtl` that have logic: those of rtl.f but packages.
///
/// # Errors
/// rtl.f cannot be read.
pub fn design_files(rtl: &Path) -> Result<Vec<String>> {
    let list = rtl.join("rtl.f");
    let text = std::fs::read_to_string(&list).with_context(|| list.display().to_string())?;
    let files = text.lines().map(str::trim).filter(|l| l.ends_with(".sv") && !l.starts_with("//"));
    Ok(files.filter(|f| !f.starts_with("pkg/")).map(str::to_owned).collect())
}

/// Texts of the design files, by name, and the ports of all modules.
type Design = (Vec<(String, String)>, BTreeMap<String, Ports>);

/// Reads the design files of the tree `rtl`.
///
/// # Errors
/// A file cannot be read or taken apart.
pub fn read(rtl: &Path) -> Result<Design> {
    let (mut texts, mut modules) = (Vec::new(), BTreeMap::new());
    for file in design_files(rtl)? {
        let path = rtl.join(&file);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        modules.extend(places::ports(&text).with_context(|| file.clone())?);
        texts.push((file, text));
    }
    Ok((texts, modules))
}

/// Every fault of the tree `rtl`, in the order of rtl.f and of the places.
///
/// # Errors
/// A file cannot be read, or has something that the subset does not have.
pub fn generate(rtl: &Path) -> Result<Vec<Generated>> {
    let (texts, modules) = read(rtl)?;
    let mut all = Vec::new();
    for (file, text) in &texts {
        let places = places::places(text, &modules).with_context(|| file.clone())?;
        let mut used: BTreeMap<String, usize> = BTreeMap::new();
        for fault in fault::faults(text, &places) {
            let before = &text[..fault.edits[0].span.start];
            let line = 1 + before.matches('\n').count();
            let column = 1 + before.len() - before.rfind('\n').map_or(0, |n| n + 1);
            let stem = format!("{file}:{line}:{column}:{}", fault.operator);
            let n = used.entry(stem.clone()).and_modify(|n| *n += 1).or_insert(1);
            let id = if *n == 1 { stem } else { format!("{stem}{n}") };
            all.push(Generated { id, file: file.clone(), line, fault });
        }
    }
    Ok(all)
}

/// `n` of them, chosen by `seed`; the same for every machine, and each fault's chance does not depend on the others'.
pub fn sample(all: Vec<Generated>, n: usize, seed: u64) -> Vec<Generated> {
    let rank = |g: &Generated| {
        let mut h = blake3::Hasher::new();
        h.update(&seed.to_le_bytes());
        h.update(g.id.as_bytes());
        *h.finalize().as_bytes()
    };
    let mut ranked: Vec<_> = all.into_iter().enumerate().map(|(k, g)| (rank(&g), k, g)).collect();
    ranked.sort_by_key(|(r, _, _)| *r);
    ranked.truncate(n);
    ranked.sort_by_key(|(_, k, _)| *k);
    ranked.into_iter().map(|(_, _, g)| g).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_whole_rtl_is_read_and_every_kind_of_fault_occurs() {
        let rtl = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rtl");
        let all = generate(&rtl).expect("the RTL is in the subset");
        assert!(all.len() >= 1000, "{} faults", all.len());
        let ids: BTreeSet<&str> = all.iter().map(|g| g.id.as_str()).collect();
        assert_eq!(ids.len(), all.len(), "an id names one fault");
        let operators: BTreeSet<&str> = all.iter().map(|g| g.fault.operator).collect();
        assert_eq!(operators, OPERATORS.iter().map(|o| o.0).collect());
        let files: BTreeSet<&str> = all.iter().map(|g| g.file.as_str()).collect();
        for file in design_files(&rtl).expect("the list") {
            assert!(files.contains(file.as_str()), "{file} has no fault");
        }
    }

    #[test]
    fn a_sample_is_a_function_of_its_seed() {
        let rtl = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rtl");
        let all = generate(&rtl).expect("the RTL is in the subset");
        let ids = |v: Vec<Generated>| v.into_iter().map(|g| g.id).collect::<Vec<_>>();
        let one = ids(sample(all.clone(), 50, 1));
        assert_eq!(one, ids(sample(all.clone(), 50, 1)));
        assert_ne!(one, ids(sample(all.clone(), 50, 2)));
        let more: BTreeSet<String> = ids(sample(all, 60, 1)).into_iter().collect();
        assert!(one.iter().all(|id| more.contains(id)), "a larger sample has the smaller one");
    }
}
