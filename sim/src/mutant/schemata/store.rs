// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Verdicts on disk, a line each as they come: an interrupted campaign goes on where it stood.
//!
//! A kill stays valid while RTL, bench and the killing vector are what they were; a survivor only while all vectors are.
//! Which vectors a fault has passed is kept beside it, so that a new vector is all that a survivor is run on again.

use super::verdict::{Result as Judged, Verdict};
use crate::basis::files_below;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    /// Hash of the vector that killed, or of all vectors.
    rests_on: String,
    #[serde(flatten)]
    judged: Judged,
}

/// What verdicts depend on.
pub struct Basis {
    /// RTL and bench.
    pub design: String,
    /// Every vector, by name.
    pub vectors: BTreeMap<String, String>,
}

impl Basis {
    fn of(&self, v: &Verdict) -> String {
        match v {
            Verdict::Killed { test, .. } => self.vectors.get(test).cloned().unwrap_or_default(),
            Verdict::NotCompiled { .. } => String::new(),
            _ => {
                let mut h = blake3::Hasher::new();
                for (name, hash) in &self.vectors {
                    h.update(name.as_bytes());
                    h.update(hash.as_bytes());
                }
                h.finalize().to_hex()[..16].to_owned()
            }
        }
    }
}

/// A vector that a fault has passed: id, name, hash of the vector.
type Passed = (String, String, String);

/// The files, open for more.
pub struct Store {
    file: Mutex<File>,
    passed_file: Mutex<File>,
    passed: Mutex<BTreeSet<Passed>>,
    /// What they depend on.
    pub basis: Basis,
    /// Verdicts that hold.
    pub known: BTreeMap<String, Judged>,
    /// Kills of the same faults in other texts of the design or by other benches.
    earlier: BTreeMap<Change, Judged>,
}

/// A fault wherever its line has moved to: file, operator, what stands there and what stands there instead.
type Change = (String, String, String, String);

fn change(j: &Judged) -> Change {
    let mut parts = j.id.split(':');
    let file = parts.next().unwrap_or_default().to_owned();
    let operator = parts.next_back().unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    (file, operator, j.was.clone(), j.is.clone())
}

/// Kills in all files of verdicts below `dir` but `own`.
fn earlier(dir: &Path, own: &Path) -> Result<BTreeMap<Change, Judged>> {
    let mut out = BTreeMap::new();
    for path in files_below(dir)? {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        // Those of the design are called by its hash alone.
        if path == own || name.len() != "0123456789abcdef.jsonl".len() {
            continue;
        }
        for line in std::fs::read_to_string(&path)?.lines().filter_map(|l| serde_json::from_str::<Line>(l).ok()) {
            if matches!(line.judged.verdict, Verdict::Killed { .. }) {
                out.insert(change(&line.judged), line.judged);
            }
        }
    }
    Ok(out)
}

impl Store {
    /// Opens the file of this design below `dir`; with `fresh` what is in it counts for nothing.
    ///
    /// # Errors
    /// It cannot be read or written. A last line that is cut short is no error: the campaign was interrupted there.
    pub fn open(dir: &Path, basis: Basis, fresh: bool) -> Result<Self> {
        std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
        let path = dir.join(format!("{}.jsonl", basis.design));
        let beside = dir.join(format!("{}.passed.jsonl", basis.design));
        let (text, file) = lines_of(&path, fresh)?;
        let (passed, passed_file) = lines_of(&beside, fresh)?;
        let mut known = BTreeMap::new();
        for line in text.lines().filter_map(|l| serde_json::from_str::<Line>(l).ok()) {
            if line.rests_on == basis.of(&line.judged.verdict) {
                known.insert(line.judged.id.clone(), line.judged);
            }
        }
        let earlier = earlier(dir, &path)?;
        let passed = passed.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
        Ok(Self {
            file: Mutex::new(file),
            passed_file: Mutex::new(passed_file),
            passed: Mutex::new(passed),
            basis,
            known,
            earlier,
        })
    }

    /// What killed the same fault before, as `j` has its id and its change.
    pub fn earlier(&self, j: &Judged) -> Option<&Judged> {
        self.earlier.get(&change(j))
    }

    fn pass(&self, id: &str, vector: &str) -> Passed {
        (id.to_owned(), vector.to_owned(), self.basis.vectors.get(vector).cloned().unwrap_or_default())
    }

    /// Whether the fault has been seen to pass this vector.
    pub fn has_passed(&self, id: &str, vector: &str) -> bool {
        self.passed.lock().unwrap_or_else(|p| p.into_inner()).contains(&self.pass(id, vector))
    }

    /// Keeps that the fault passes this vector.
    ///
    /// # Errors
    /// Writing fails.
    pub fn keep_passed(&self, id: &str, vector: &str) -> Result<()> {
        let pass = self.pass(id, vector);
        let mut text = serde_json::to_string(&pass)?;
        text.push('\n');
        self.passed_file.lock().unwrap_or_else(|p| p.into_inner()).write_all(text.as_bytes())?;
        self.passed.lock().unwrap_or_else(|p| p.into_inner()).insert(pass);
        Ok(())
    }

    /// Keeps a verdict.
    ///
    /// # Errors
    /// Writing fails.
    pub fn keep(&self, judged: &Judged) -> Result<()> {
        let line = Line { rests_on: self.basis.of(&judged.verdict), judged: judged.clone() };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        self.file.lock().unwrap_or_else(|p| p.into_inner()).write_all(text.as_bytes())?;
        Ok(())
    }
}

/// What a file has, and the file open for more, at the begin of a line.
fn lines_of(path: &Path, fresh: bool) -> Result<(String, File)> {
    if fresh && path.exists() {
        std::fs::remove_file(path).with_context(|| path.display().to_string())?;
    }
    let text = if path.exists() { std::fs::read_to_string(path)? } else { String::new() };
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    if !text.is_empty() && !text.ends_with('\n') {
        file.write_all(b"\n")?;
    }
    Ok((text, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basis(a: &str, b: &str) -> Basis {
        let vectors = [("a".to_owned(), a.to_owned()), ("b".to_owned(), b.to_owned())];
        Basis { design: "d".into(), vectors: vectors.into_iter().collect() }
    }

    fn judged(id: &str, verdict: Verdict) -> Judged {
        Judged { id: id.into(), was: String::new(), is: String::new(), verdict, seconds: 0.0 }
    }

    #[test]
    fn a_verdict_holds_as_long_as_what_it_rests_on() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path(), basis("1", "2"), false).expect("opened");
        let killed = Verdict::Killed { check: "c".into(), test: "a".into(), cycles: 1 };
        store.keep(&judged("x", killed)).expect("kept");
        store.keep(&judged("y", Verdict::Survived { vectors: 2 })).expect("kept");
        store.keep_passed("y", "a").expect("kept");
        drop(store);
        std::fs::OpenOptions::new()
            .append(true)
            .open(dir.path().join("d.jsonl"))
            .and_then(|mut f| f.write_all(b"{\"cut"))
            .expect("written");
        let ids = |b: Basis, fresh| -> Vec<String> {
            Store::open(dir.path(), b, fresh).expect("opened").known.into_keys().collect()
        };
        assert_eq!(ids(basis("1", "2"), false), ["x", "y"], "an interrupted campaign goes on");
        assert_eq!(ids(basis("1", "3"), false), ["x"], "a changed vector may kill what survived");
        let later = Store::open(dir.path(), basis("1", "3"), false).expect("opened");
        assert!(later.has_passed("y", "a") && !later.has_passed("y", "b") && !later.has_passed("x", "a"));
        let other = Store::open(dir.path(), basis("4", "3"), false).expect("opened");
        assert!(!other.has_passed("y", "a"), "another vector of that name");
        assert!(ids(basis("3", "2"), false).is_empty(), "the vector that killed is another one now");
        let moved = Store::open(dir.path(), Basis { design: "0123456789abcdee".into(), ..basis("1", "2") }, false)
            .expect("opened");
        std::fs::rename(dir.path().join("d.jsonl"), dir.path().join("0123456789abcdef.jsonl")).expect("renamed");
        assert!(moved.earlier(&judged("x", Verdict::Open)).is_none(), "the file's name is no hash");
        let moved = Store::open(dir.path(), moved.basis, false).expect("opened");
        assert!(
            moved.earlier(&judged("x", Verdict::Open)).is_some()
                && moved.earlier(&judged("y", Verdict::Open)).is_none()
        );
        std::fs::rename(dir.path().join("0123456789abcdef.jsonl"), dir.path().join("d.jsonl")).expect("renamed");
        assert!(ids(basis("1", "2"), true).is_empty());
    }
}
