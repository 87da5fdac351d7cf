// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What is to be proven: `rtl/formal/proofs.yaml`.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// All proofs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// In the order of the report.
    pub proofs: Vec<Proof>,
}

/// One top module and the laws that are to hold in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Its name.
    pub name: String,
    /// What stands inside, and how large; a sentence for the report.
    pub about: String,
    /// Top module.
    pub top: String,
    /// Sources below rtl/, in order.
    pub files: Vec<PathBuf>,
    /// Files of binds; of each, those are used whose target and checker are among the sources.
    #[serde(default)]
    pub binds: Vec<PathBuf>,
    /// Macros, for sizes.
    #[serde(default)]
    pub define: BTreeMap<String, String>,
    /// Laws that the surroundings keep: assumed here, asserted elsewhere.
    #[serde(default)]
    pub assume: Vec<String>,
    /// Registers without a reset, and memories, start at 0; otherwise at anything.
    #[serde(default)]
    pub zeroed: bool,
    /// Laws to prove and what they say; all others of the sources are left out.
    pub laws: BTreeMap<String, Law>,
}

/// How to go about a law.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    /// What it says.
    pub says: String,
    /// Laws of the same proof that it may rely on; they have to be proven without it.
    #[serde(default)]
    pub given: Vec<String>,
    /// Seconds of processor time for the unbounded proof, and as many again for the bounded search.
    #[serde(default = "Law::seconds")]
    pub seconds: u32,
    /// Clocks from reset that are looked through where there is no unbounded proof.
    #[serde(default = "Law::depth")]
    pub depth: u32,
    /// Part of the short form.
    #[serde(default)]
    pub small: bool,
    /// Which of the promises about interrupts it shows; none of a helper.
    pub shows: Option<Promise>,
}

/// What is promised of the path from cause to message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// No message while masked or disabled.
    Silent,
    /// A set pending bit is never lost.
    NotLost,
    /// One cause gives at least one message.
    AtLeastOnce,
    /// One cause gives at most one message, unless merged.
    AtMostOnce,
    /// Message content is one that software committed.
    Committed,
    /// A masked source never blocks.
    NoBlocking,
    /// No message behind a flushed change carries the old content.
    NoOldContent,
}

impl Promise {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Silent,
        Self::NotLost,
        Self::AtLeastOnce,
        Self::AtMostOnce,
        Self::Committed,
        Self::NoBlocking,
        Self::NoOldContent,
    ];
}

impl Law {
    const fn seconds() -> u32 {
        120
    }
    const fn depth() -> u32 {
        20
    }
}

impl Plan {
    /// Reads it.
    ///
    /// # Errors
    /// The file is not there or is wrong; a law relies on one that relies on it.
    pub fn load(rtl: &Path) -> Result<Self> {
        let path = rtl.join("formal/proofs.yaml");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let plan: Self = serde_yaml::from_str(&text).with_context(|| path.display().to_string())?;
        for p in &plan.proofs {
            for (name, law) in &p.laws {
                for g in &law.given {
                    match p.laws.get(g) {
                        None => bail!("{}: {}/{name} relies on {g}, which is not there", path.display(), p.name),
                        Some(_) if p.reaches(g, name, 0) => {
                            bail!("{}: {}/{name} and {g} rely on each other", path.display(), p.name)
                        }
                        Some(_) => {}
                    }
                }
            }
        }
        Ok(plan)
    }

    /// A law that is there.
    ///
    /// # Panics
    /// It is not.
    pub fn law(&self, proof: &str, law: &str) -> &Law {
        let p = self.proofs.iter().find(|p| p.name == proof).expect("the proof is there");
        &p.laws[law]
    }

    /// Number of laws.
    pub fn laws(&self) -> usize {
        self.proofs.iter().map(|p| p.laws.len()).sum()
    }
}

impl Proof {
    /// Whether `from` relies on `to`, over however many others.
    fn reaches(&self, from: &str, to: &str, deep: usize) -> bool {
        from == to
            || deep > self.laws.len()
            || self.laws.get(from).is_some_and(|l| l.given.iter().any(|g| self.reaches(g, to, deep + 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../rtl")).expect("the plan")
    }

    #[test]
    fn every_promise_is_shown_by_a_law() {
        let shown: Vec<Promise> = plan().proofs.iter().flat_map(|p| p.laws.values().filter_map(|l| l.shows)).collect();
        for p in Promise::ALL {
            assert!(shown.contains(&p), "{p:?}");
        }
    }

    #[test]
    fn a_circle_is_found() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(dir.path().join("formal")).expect("a directory");
        let text = "proofs: [{ name: p, about: x, top: t, files: [], \
                    laws: { A: { says: a, given: [B] }, B: { says: b, given: [A] } } }]";
        std::fs::write(dir.path().join("formal/proofs.yaml"), text).expect("it is written");
        assert!(Plan::load(dir.path()).is_err());
    }
}
