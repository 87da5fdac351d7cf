// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Long figures are made of pieces, and a piece that is done is kept: a run that was ended goes on
//! where it stood.
//!
//! A piece is kept below target/figures/kept under all that it came of: the program that runs (the
//! bench, the golden endpoint, the clock loop), the RTL, and what the piece is. Another
//! program or another RTL starts anew.

use super::Context;
use crate::basis::of_simulations;
use crate::formal::kept::{Kept, Key};
use crate::run::{Batch, Outcome, Verdict};
use anyhow::{Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use vectors::suite::Loaded;

/// The pieces of this program on this RTL.
pub struct Pieces {
    kept: Kept,
    of: Key,
}

/// How a vector ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Told {
    /// Its name.
    pub name: String,
    /// Catalogue items that it covers.
    pub items: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
}

impl From<&Outcome> for Told {
    fn from(o: &Outcome) -> Self {
        Self { name: o.name.clone(), items: o.items.clone(), verdict: o.verdict }
    }
}

impl Pieces {
    /// Those of the running program and the RTL of the checkout.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn new(ctx: &Context) -> Result<Self> {
        let of = Key::over([of_simulations(&ctx.root)?.as_bytes().as_slice()]);
        Ok(Self { kept: Kept::new(&ctx.root.join("target/figures/kept")), of })
    }

    fn key(&self, piece: &str) -> Key {
        Key::over([self.of.bytes(), piece.as_bytes()])
    }

    /// The piece of this description: kept, or made now and kept from now on.
    ///
    /// # Errors
    /// It cannot be made or kept.
    pub fn piece<T: Serialize + DeserializeOwned>(&self, piece: &str, make: impl FnOnce() -> Result<T>) -> Result<T> {
        let key = self.key(piece);
        if let Some(there) = self.kept.get(&key)? {
            return Ok(there);
        }
        let new = make()?;
        self.kept.put(&key, &new)?;
        Ok(new)
    }

    /// Runs vectors, each a piece; verdicts in their order.
    ///
    /// # Errors
    /// A device cannot be made; an interruption.
    pub fn verdicts(&self, batch: &Batch, found: &[Loaded]) -> Result<Vec<Told>> {
        let keys: Vec<Key> = found
            .iter()
            .map(|l| {
                let text = serde_json::to_string(&l.vector)?;
                Ok(self.key(&format!("{:?} {} {} {text}", batch.dut.kind(), batch.seed, batch.reset_seed)))
            })
            .collect::<Result<_>>()?;
        let mut told: Vec<Option<Told>> = keys.iter().map(|k| self.kept.get(k)).collect::<Result<_>>()?;
        let open: Vec<usize> = (0..found.len()).filter(|&i| told[i].is_none()).collect();
        let left: Vec<Loaded> = open.iter().map(|&i| found[i].clone()).collect();
        batch.prepare(&left)?;
        let mut failed = Ok(());
        let (outcomes, _) = batch.run(&left, |o| {
            // Names are unique within a suite.
            let at = open.iter().find(|&&i| found[i].vector.name == o.name);
            if let Some(&i) = at.filter(|_| o.verdict != Verdict::Stopped) {
                let kept = self.kept.put(&keys[i], &Told::from(o));
                failed = std::mem::replace(&mut failed, Ok(())).and(kept);
            }
        })?;
        failed?;
        if outcomes.len() != left.len() || outcomes.iter().any(|o| o.verdict == Verdict::Stopped) {
            bail!("interrupted after {} of {} tests", outcomes.len(), left.len());
        }
        for (&i, o) in open.iter().zip(&outcomes) {
            told[i] = Some(o.into());
        }
        Ok(told.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Dut;
    use crate::run::batch::project_vectors;
    use std::cell::Cell;
    use std::path::Path;
    use vectors::suite;

    fn pieces(dir: &Path) -> Pieces {
        Pieces { kept: Kept::new(dir), of: Key::over([&b"this"[..]]) }
    }

    #[test]
    fn a_piece_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let made = Cell::new(0);
        let make = || {
            made.set(made.get() + 1);
            Ok(made.get())
        };
        let p = pieces(dir.path());
        assert_eq!(p.piece("a", make).unwrap(), 1);
        assert_eq!(p.piece("a", make).unwrap(), 1);
        assert_eq!(p.piece("b", make).unwrap(), 2);
        let other = Pieces { of: Key::over([&b"that"[..]]), ..pieces(dir.path()) };
        assert_eq!(other.piece("a", make).unwrap(), 3, "another program");
        assert!(p.piece("c", || bail!("no") as Result<u32>).is_err());
        assert_eq!(p.piece("c", make).unwrap(), 4, "what failed is not kept");
    }

    #[test]
    fn verdicts_are_kept_each_and_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut found = suite::load(&project_vectors(&root), Some("bar_sizing")).unwrap();
        found.extend(suite::load(&project_vectors(&root), Some("capability_lists_end")).unwrap());
        assert_eq!(found.len(), 2);
        let (p, batch) = (pieces(dir.path()), Batch::new(Dut::Golden(Vec::new())));
        let first = p.verdicts(&batch, &found[1..]).unwrap();
        let both = p.verdicts(&batch, &found).unwrap();
        assert_eq!(both.iter().map(|t| &t.name).collect::<Vec<_>>(), [&found[0].vector.name, &found[1].vector.name]);
        assert_eq!(first[0].name, both[1].name);
        assert!(both.iter().all(|t| t.verdict == Verdict::Passed));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
