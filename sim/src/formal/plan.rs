// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What is to be proven: `rtl/formal/proofs.yaml`.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
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
    /// Seconds for the unbounded proof; 0: it is not tried.
    #[serde(default = "Law::seconds")]
    pub seconds: u32,
    /// Clocks from reset that are looked through where there is no unbounded proof.
    #[serde(default = "Law::depth")]
    pub depth: u32,
    /// Part of the short form.
    #[serde(default)]
    pub small: bool,
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
