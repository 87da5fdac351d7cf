// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Faults that no vector can tell from the right design, each with its reason: sim/mutants/equivalent.yaml.
//!
//! A fault is named by its file, its operator, the text of its line and the change, so that it is found again when
//! lines move. An entry that fits no fault of today's RTL is an error; so is one that a vector kills.

use crate::mutant::generate::Generated;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// An entry of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// File below rtl/.
    pub file: String,
    /// The line, without the blanks around it.
    pub line: String,
    /// Kind of fault.
    pub operator: String,
    /// What stands there instead.
    pub is: String,
    /// Which of the faults of the file that all this fits, from 1; all of them when absent.
    pub nth: Option<usize>,
    /// Yosys and ABC have shown that the module is the same with it (`mutants --prove`).
    #[serde(default)]
    pub proof: bool,
    /// Why nothing can tell.
    pub reason: String,
}

/// A fault that is in the file.
#[derive(Clone, Debug)]
pub struct Known {
    /// Why nothing can tell.
    pub reason: String,
    /// It has a proof.
    pub proof: bool,
}

/// Reasons of those of `faults` that are in the file, by id.
///
/// # Errors
/// The file is wrong, or an entry fits none of `all` or several.
pub fn reasons(root: &Path, all: &[Generated]) -> Result<BTreeMap<String, Known>> {
    let path = root.join("sim/mutants/equivalent.yaml");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let entries: Vec<Entry> = serde_yaml::from_str(&text).with_context(|| path.display().to_string())?;
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for e in &entries {
        if e.reason.trim().is_empty() {
            bail!("{}: an entry of {} has no reason", path.display(), e.file);
        }
        let file = root.join("rtl").join(&e.file);
        if !texts.contains_key(e.file.as_str()) {
            let text = std::fs::read_to_string(&file).with_context(|| format!("{}: {}", path.display(), e.file))?;
            texts.insert(&e.file, text);
        }
        let text = &texts[e.file.as_str()];
        let fits = |g: &&Generated| {
            g.file == e.file
                && g.fault.operator == e.operator
                && text.lines().nth(g.line - 1).is_some_and(|l| l.trim() == e.line)
                && g.change(text).1 == e.is
        };
        let mut hits: Vec<&Generated> = all.iter().filter(fits).collect();
        if let Some(n) = e.nth {
            hits = n.checked_sub(1).and_then(|k| hits.get(k).copied()).into_iter().collect();
        }
        if hits.is_empty() {
            bail!("{}: `{}` of {} ({}) fits no fault of the RTL any more", path.display(), e.line, e.file, e.is);
        }
        for g in hits {
            found.insert(g.id.clone(), Known { reason: e.reason.clone(), proof: e.proof });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_reason_belongs_to_a_fault_of_todays_rtl() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let all = crate::mutant::generate::generate(&root.join("rtl")).expect("the RTL is in the subset");
        super::reasons(&root, &all).expect("each fits");
    }
}
