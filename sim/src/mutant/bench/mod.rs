// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Faults generated over the judges: laws, ledger, shadow, and the checks of the host model's root complex.
//!
//! A check that is wrong is no check, and nobody notices as long as the device is right. So all faults are written into a
//! copy of the sources, each behind a number, the bench is built from it once, and that bench judges itself: a fault is
//! *killed* when a vector fails on the right golden endpoint, or when a misbehaviour of the golden endpoint
//! that the right bench reports by name ([`crate::figure::device_misbehaviour`]) is not reported by name any more.

mod copy;
mod judge;
mod places;
mod report;
pub mod switch;
mod text;

pub use copy::{End, Options, campaign};
pub use judge::{Line, Verdict, judge};
pub use report::{Sums, page};

use crate::basis::files_below;
use crate::mutant::generate::Generated;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// What is mutated: sources that judge.
pub const JUDGES: &[&str] = &[
    "sim/src/check",
    "sim/src/ledger",
    "sim/src/shadow",
    "host-model/src/rc/inbound.rs",
    "host-model/src/rc/window.rs",
    "host-model/src/rc/requests.rs",
];

/// Every fault of the judges of the checkout `root`, in the order of files and places.
///
/// # Errors
/// A file cannot be read or is no Rust.
pub fn generate(root: &Path) -> Result<Vec<Generated>> {
    let mut all = Vec::new();
    for part in JUDGES {
        let path = root.join(part);
        let files = if path.is_dir() { files_below(&path)? } else { vec![path] };
        for path in files {
            let file = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).with_context(|| file.clone())?;
            let mut used: BTreeMap<String, usize> = BTreeMap::new();
            for fault in places::faults(&text).with_context(|| file.clone())? {
                let before = &text[..fault.edits[0].span.start];
                let line = 1 + before.matches('\n').count();
                let column = 1 + before.len() - before.rfind('\n').map_or(0, |n| n + 1);
                let stem = format!("{file}:{line}:{column}:{}", fault.operator);
                let n = used.entry(stem.clone()).and_modify(|n| *n += 1).or_insert(1);
                let id = if *n == 1 { stem } else { format!("{stem}{n}") };
                all.push(Generated { id, file: file.clone(), line, fault });
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_judge_is_read_and_every_kind_of_fault_occurs() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let all = super::generate(&root).expect("the judges are Rust");
        let ids: BTreeSet<&str> = all.iter().map(|g| g.id.as_str()).collect();
        assert_eq!(ids.len(), all.len(), "an id names one fault");
        let operators: BTreeSet<&str> = all.iter().map(|g| g.fault.operator).collect();
        assert_eq!(operators, super::places::OPERATORS.iter().copied().collect());
        assert!(all.iter().any(|g| g.file == "sim/src/check/answers.rs" && g.fault.operator == "silent"));
    }
}
