// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Verdicts on planted faults on disk, a line each as they come: a run that was stopped goes on where it stood.
//!
//! A verdict holds while RTL, bench, the mutant's file and the vectors that it runs are what they were.

use super::Mutant;
use super::judge::Judged;
use crate::basis::of_simulations;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use vectors::suite::Loaded;

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    /// Hash of what the verdict rests on.
    rests_on: String,
    #[serde(flatten)]
    judged: Judged,
}

/// The file, open for more.
pub struct Kept {
    file: Mutex<File>,
    known: BTreeMap<String, Judged>,
    design: blake3::Hash,
}

impl Kept {
    /// Opens the file below `root`.
    ///
    /// # Errors
    /// RTL or program cannot be read, or the file not be written.
    pub fn open(root: &Path, seed: u64) -> Result<Self> {
        let mut h = blake3::Hasher::new();
        h.update(&seed.to_le_bytes());
        h.update(of_simulations(root)?.as_bytes());
        let dir = root.join("target/mutants/verdicts");
        std::fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
        let path = dir.join("planted.jsonl");
        let text = if path.exists() { std::fs::read_to_string(&path)? } else { String::new() };
        let known = text.lines().filter_map(|l| serde_json::from_str::<Line>(l).ok()).map(|l| (l.rests_on, l.judged));
        let known = known.collect();
        let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        Ok(Self { file: Mutex::new(file), known, design: h.finalize() })
    }

    /// What a verdict on `m` rests on when it runs `tests`.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn basis(&self, m: &Mutant, tests: &[&Loaded]) -> Result<String> {
        let mut h = blake3::Hasher::new();
        h.update(self.design.as_bytes());
        for path in std::iter::once(&m.path).chain(tests.iter().map(|l| &l.path)) {
            h.update(blake3::hash(&std::fs::read(path).with_context(|| path.display().to_string())?).as_bytes());
        }
        Ok(h.finalize().to_hex()[..24].to_owned())
    }

    /// The verdict that holds, if there is one.
    pub fn get(&self, basis: &str) -> Option<&Judged> {
        self.known.get(basis)
    }

    /// Keeps a verdict.
    ///
    /// # Errors
    /// Writing fails.
    pub fn keep(&self, basis: String, judged: &Judged) -> Result<()> {
        let mut text = serde_json::to_string(&Line { rests_on: basis, judged: judged.clone() })?;
        text.push('\n');
        self.file.lock().unwrap_or_else(|p| p.into_inner()).write_all(text.as_bytes())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Catch, Verdict};
    use super::*;

    #[test]
    fn a_verdict_holds_as_long_as_its_files_are_the_same() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir_all(dir.path().join("rtl")).expect("made");
        std::fs::write(dir.path().join("rtl/a.sv"), "module a; endmodule").expect("written");
        let path = dir.path().join("m.yaml");
        std::fs::write(&path, "one").expect("written");
        let m = Mutant {
            name: "m".into(),
            intent: "i".into(),
            file: "a.sv".into(),
            find: "a".into(),
            replace: "b".into(),
            expect: vec!["c".into()],
            tests: vec![],
            path: path.clone(),
        };
        let judged = Judged {
            name: "m".into(),
            verdict: Verdict::Caught(Catch { check: "c".into(), test: "t".into(), cycles: 7, text: "x".into() }),
            tests: 1,
            build_s: 0.5,
            run_s: 0.25,
        };
        let kept = Kept::open(dir.path(), 1).expect("opened");
        kept.keep(kept.basis(&m, &[]).expect("read"), &judged).expect("kept");
        let holds = |seed| {
            let kept = Kept::open(dir.path(), seed).expect("opened");
            let basis = kept.basis(&m, &[]).expect("read");
            kept.get(&basis).map(|j| j.verdict.clone())
        };
        assert_eq!(holds(1), Some(judged.verdict.clone()));
        assert_eq!(holds(2), None, "another seed");
        std::fs::write(&path, "two").expect("written");
        assert_eq!(holds(1), None, "another mutant");
    }
}
