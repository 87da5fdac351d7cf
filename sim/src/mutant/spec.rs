// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Mutants as files: `sim/mutants/rtl/<name>.yaml`, and of the host model `sim/mutants/host/<name>.yaml`.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::{Component, Path, PathBuf};
use vectors::suite;

/// A fault to be planted, as its file says it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// Its name: the stem of its file.
    pub name: String,
    /// What is wrong with the device or the host then, and which kind of defect that is.
    pub intent: String,
    /// File that is changed, below rtl/ or host-model/src/.
    pub file: PathBuf,
    /// Text that is there exactly once.
    pub find: String,
    /// What stands there instead.
    pub replace: String,
    /// Checks of which any has to report it.
    pub expect: Vec<String>,
    /// Vectors to run, by name, part of a name or glob, in this order; every one of directed/ and regress/ when empty.
    #[serde(default)]
    pub tests: Vec<String>,
    /// Where this was read.
    #[serde(skip)]
    pub path: PathBuf,
}

impl Mutant {
    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let mut mutant: Self = serde_yaml::from_str(&text).map_err(|e| {
            let line = e.location().map_or(1, |l| l.line());
            anyhow::anyhow!("{}:{line}: {e}", path.display())
        })?;
        mutant.path = path.to_owned();
        match mutant.problem() {
            Some((key, problem)) => {
                let line = text.lines().position(|l| l.starts_with(key)).map_or(1, |n| n + 1);
                bail!("{}:{line}: {key}: {problem}", path.display())
            }
            None => Ok(mutant),
        }
    }

    /// What is wrong with it beyond its types: key and reason.
    fn problem(&self) -> Option<(&'static str, String)> {
        let snake = |s: &str| !s.is_empty() && s.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        let stem = self.path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        if self.name != stem || !snake(&self.name) {
            return Some(("name", format!("`{}` is not the file's stem `{stem}` in snake case", self.name)));
        }
        if self.intent.trim().is_empty() {
            return Some(("intent", "says nothing".into()));
        }
        let below = self.file.components().all(|c| matches!(c, Component::Normal(_)));
        if !below || self.file.as_os_str().is_empty() {
            return Some(("file", format!("`{}` is not a file below the sources", self.file.display())));
        }
        if self.find.is_empty() || self.find == self.replace {
            return Some(("find", "changes nothing".into()));
        }
        // A law of the RTL is called Like_A.
        let law = |s: &str| s.ends_with("_A") && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        match self.expect.iter().find(|n| !snake(n) && !law(n)) {
            Some(n) => Some(("expect", format!("`{n}` is not the name of a check"))),
            None if self.expect.is_empty() => Some(("expect", "names no check".into())),
            None => None,
        }
    }
}

/// Every mutant below `dir` whose name passes the filter (as names of tests do), by name.
///
/// # Errors
/// The first file that cannot be used, with its line.
pub fn load(dir: &Path, filter: Option<&str>) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for path in suite::find(&[dir.to_owned()])? {
        let mutant = Mutant::read(&path)?;
        if filter.is_none_or(|f| suite::accepts(f, &mutant.name)) {
            mutants.push(mutant);
        }
    }
    Ok(mutants)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuse(text: &str) -> String {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("wrong_bit.yaml");
        std::fs::write(&path, text).expect("written");
        load(dir.path(), None).expect_err("it must be refused").to_string()
    }

    const GOOD: &str = "name: wrong_bit\nintent: a\nfile: irq/x.sv\nfind: a\nreplace: b\nexpect: [lost_interrupt]\n";

    #[test]
    fn mistakes_are_told_with_file_and_line() {
        let typo = refuse(&GOOD.replace("expect:", "expects:"));
        assert!(typo.contains("wrong_bit.yaml:") && typo.contains("expects"), "{typo}");
        let path = refuse(&GOOD.replace("irq/x.sv", "../x.sv"));
        assert!(path.contains("wrong_bit.yaml:3: file"), "{path}");
        let same = refuse(&GOOD.replace("replace: b", "replace: a"));
        assert!(same.contains("wrong_bit.yaml:4: find"), "{same}");
        let none = refuse(&GOOD.replace("[lost_interrupt]", "[]"));
        assert!(none.contains("wrong_bit.yaml:6: expect"), "{none}");
        let name = refuse(&GOOD.replace("name: wrong_bit", "name: other"));
        assert!(name.contains("wrong_bit.yaml:1: name"), "{name}");
    }

    #[test]
    fn every_mutant_of_the_project_can_be_planted() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mutants = load(&root.join("sim/mutants/rtl"), None).expect("they are valid");
        for m in &mutants {
            super::super::apply::changed(m, &root.join("rtl")).expect("its text is there once");
        }
        assert!(mutants.len() >= 26, "{} mutants", mutants.len());
        let faults = load(&root.join("sim/mutants/host"), None).expect("they are valid");
        for m in &faults {
            super::super::apply::changed(m, &root.join("host-model/src")).expect("its text is there once");
        }
        assert!(faults.len() >= 10, "{} faults of the host", faults.len());
    }
}
