// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Results that are kept: a law is decided once for what its solver reads, so a campaign goes on where it stopped, and
//! one whose sources have not changed is over at once.
//!
//! A law's result stands below target/formal/kept under two keys. The first is over the texts that Yosys reads for the law
//! and all that is asked; it costs nothing to look up. The second is over the graph that Yosys made of them and what
//! ABC is asked: a comment, or a package that grew a constant, changes the texts and leaves the graph as it was.

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// Name of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Over `parts`, in order. Each goes in with its length, so none runs into the next.
    pub fn over<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut h = blake3::Hasher::new();
        for p in parts {
            h.update(&(p.len() as u64).to_le_bytes());
            h.update(p);
        }
        Self(h.finalize().to_hex()[..24].to_owned())
    }

    /// Its letters.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The first eight of them.
    pub fn short(&self) -> String {
        self.0[..8].to_owned()
    }
}

/// The results of a tree.
#[derive(Clone, Debug)]
pub struct Kept {
    dir: PathBuf,
}

impl Kept {
    /// Those below `dir`.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    fn file(&self, key: &Key) -> PathBuf {
        self.dir.join(format!("{}.json", key.0))
    }

    /// What was found, if it was.
    ///
    /// # Errors
    /// A file that is no result.
    pub fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>> {
        let file = self.file(key);
        match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).with_context(|| file.display().to_string()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e).with_context(|| file.display().to_string()),
        }
    }

    /// Keeps it. Whole or not at all: a campaign may be ended at any time.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn put(&self, key: &Key, result: &impl Serialize) -> Result<()> {
        let file = self.file(key);
        std::fs::create_dir_all(&self.dir).with_context(|| self.dir.display().to_string())?;
        let part = tempfile::NamedTempFile::new_in(&self.dir).with_context(|| self.dir.display().to_string())?;
        serde_json::to_writer(part.as_file(), result).with_context(|| file.display().to_string())?;
        part.persist(&file).with_context(|| file.display().to_string())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Report, Standing};
    use super::*;

    #[test]
    fn a_result_comes_back_under_its_own_key_only() {
        let dir = tempfile::tempdir().expect("a directory");
        let kept = Kept::new(&dir.path().join("kept"));
        let (a, b) = (Key::over([&b"ab"[..], b"c"]), Key::over([&b"a"[..], b"bc"]));
        assert_ne!(a, b, "the same letters, divided otherwise");
        let report = Report { proof: "p".into(), law: "l".into(), standing: Standing::Bounded(17), seconds: 2.5 };
        assert!(kept.get::<Report>(&a).expect("no file is no error").is_none());
        kept.put(&a, &report).expect("it is written");
        let back: Report = kept.get(&a).expect("it is read").expect("it is there");
        assert_eq!((back.law.as_str(), back.standing, back.seconds), ("l", Standing::Bounded(17), 2.5));
        assert!(kept.get::<Report>(&b).expect("no file is no error").is_none());
    }

    #[test]
    fn what_is_no_result_is_an_error() {
        let dir = tempfile::tempdir().expect("a directory");
        let kept = Kept::new(dir.path());
        let key = Key::over([&b"x"[..]]);
        std::fs::write(kept.file(&key), "{}").expect("it is written");
        assert!(kept.get::<Report>(&key).is_err());
    }
}
