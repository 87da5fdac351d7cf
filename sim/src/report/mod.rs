// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a run leaves behind: `target/cosim/<run>/` and the lines on the terminal.

pub mod junit;
pub mod summary;
pub mod table;

pub use summary::Summary;

use crate::run::Outcome;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Directory of one run.
pub struct RunDir {
    /// The directory.
    pub path: PathBuf,
}

impl RunDir {
    /// Creates a fresh directory under `base`. The name counts up, so that no clock is needed to tell runs apart.
    pub fn create(base: &Path, label: &str) -> Result<Self> {
        std::fs::create_dir_all(base).with_context(|| format!("cannot create {}", base.display()))?;
        for n in 1.. {
            let path = base.join(format!("{label}-{n:04}"));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e).with_context(|| format!("cannot create {}", path.display())),
            }
        }
        unreachable!("directory numbers do not end")
    }

    /// Writes a file of the run, whole or not at all.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let target = self.path.join(name);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        let part = target.with_extension("part");
        std::fs::write(&part, bytes)
            .and_then(|()| std::fs::rename(&part, &target))
            .with_context(|| format!("cannot write {}; is the disk full?", target.display()))
    }

    /// Points `latest` here.
    pub fn publish(&self) -> Result<()> {
        let base = self.path.parent().expect("made under a base");
        let link = base.join("latest");
        let fresh = base.join(format!(".latest-{}", std::process::id()));
        let _ = std::fs::remove_file(&fresh);
        std::os::unix::fs::symlink(self.path.file_name().expect("has a name"), &fresh)
            .and_then(|()| std::fs::rename(&fresh, &link))
            .with_context(|| format!("cannot point {} at this run", link.display()))
    }

    /// Writes everything that the results contract names.
    pub fn store(&self, summary: &Summary, outcomes: &[Outcome]) -> Result<()> {
        self.write("summary.json", &serde_json::to_vec_pretty(summary)?)?;
        self.write("tests.json", &serde_json::to_vec_pretty(outcomes)?)?;
        let coverage = outcomes.iter().map(|o| (o.name.as_str(), &o.coverage));
        self.write("coverage.json", crate::cover::counts::to_text(coverage)?.as_bytes())?;
        self.write("junit.xml", junit::xml(summary, outcomes)?.as_bytes())?;
        for o in outcomes.iter().filter(|o| !o.events.is_empty()) {
            self.write(&format!("{}/events.jsonl", o.name), o.events.as_bytes())?;
        }
        self.publish()
    }
}
