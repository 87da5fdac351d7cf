// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The log of searches: one line each, with what its state said at its end; and what came of what they found.

use super::corpus::{State, write_whole};
use crate::run::options::{self, Param};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::path::Path;

/// One search that was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Commit of the project.
    pub commit: String,
    /// Strategy.
    pub strategy: String,
    /// Device.
    pub dut: String,
    /// Its parameters, where they are not the default ones.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub params: String,
    /// Profile.
    #[serde(default = "usual", skip_serializing_if = "is_usual")]
    pub profile: String,
    /// Seed of the search.
    pub seed: u64,
    /// Sequences that it ran.
    pub runs: u64,
    /// Cycles that it simulated.
    pub cycles: u64,
    /// Processor time, in seconds.
    pub seconds: u64,
    /// Sequences that did not pass.
    pub findings: u64,
}

/// Something that was found and what became of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defect {
    /// What was wrong.
    pub what: String,
    /// Where.
    pub place: String,
    /// What became of it.
    pub became: String,
}

/// The profile of searches that name none.
fn usual() -> String {
    "everything".into()
}

fn is_usual(profile: &str) -> bool {
    profile == "everything"
}

impl Entry {
    /// What the state of a search says.
    pub fn of(state: &State, commit: &str, strategy: &str, dut: &str, params: &[Param]) -> Self {
        Self {
            commit: commit.into(),
            strategy: strategy.into(),
            dut: dut.into(),
            params: options::text(params),
            profile: usual(),
            seed: state.seed,
            runs: state.runs,
            cycles: state.cycles,
            seconds: state.seconds.round() as u64,
            findings: state.found.len() as u64,
        }
    }

    fn line(&self) -> String {
        let Self { commit, strategy, dut, params, profile, seed, runs, cycles, seconds, findings } = self;
        // Quoted: a commit of digits alone, or with an e among them, is a number to YAML.
        let profile = if is_usual(profile) { String::new() } else { format!("profile: {profile}, ") };
        let params = if params.is_empty() { String::new() } else { format!("params: {params}, ") };
        format!(
            "- {{ commit: \"{commit}\", strategy: {strategy}, dut: {dut}, {params}{profile}seed: {seed}, runs: {runs}, cycles: {cycles}, seconds: {seconds}, findings: {findings} }}\n"
        )
    }
}

/// Reads a log, or what was found.
///
/// # Errors
/// It is not there, or not a list of such entries: with line and column.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    // A file of comments alone is a list of nothing.
    let list: Option<Vec<T>> = serde_yaml::from_str(&text).with_context(|| format!("{}", path.display()))?;
    Ok(list.unwrap_or_default())
}

/// Enters a search behind those that are there; the file is written whole or not at all.
///
/// # Errors
/// What is there is no log, or has this search already; it cannot be written.
pub fn enter(path: &Path, entry: &Entry) -> Result<()> {
    let there: Vec<Entry> = read(path)?;
    let same = |e: &Entry| {
        let of = |e: &Entry| (e.commit.clone(), e.strategy.clone(), e.dut.clone(), e.params.clone(), e.seed);
        of(e) == of(entry)
    };
    ensure!(!there.iter().any(same), "{}: seed {} of this commit is in it already", path.display(), entry.seed);
    let mut text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    write_whole(path, &(text + &entry.line()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seed: u64) -> Entry {
        let state = State { runs: 3, cycles: 12, seconds: 1.6, ..State::new("directed everything rtl".into(), seed) };
        // All but the first on a device that is not the default one.
        let params = if seed > 1 { options::of_line("DataW=64,HostCacheLines=16").unwrap() } else { Vec::new() };
        let profile = if seed > 1 { "long" } else { "everything" };
        Entry { profile: profile.into(), ..Entry::of(&state, "1234567", "directed", "rtl", &params) }
    }

    #[test]
    fn what_is_entered_is_read_again_and_nothing_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("searches.yaml");
        assert!(enter(&path, &entry(1)).is_err());
        std::fs::write(&path, "# a comment\n[]\n").unwrap();
        assert!(read::<Entry>(&path).unwrap().is_empty());
        std::fs::write(&path, "# a comment\n").unwrap();
        enter(&path, &entry(1)).unwrap();
        enter(&path, &entry(2)).unwrap();
        assert_eq!(read::<Entry>(&path).unwrap(), [entry(1), entry(2)]);
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("# a comment\n"));
        assert!(enter(&path, &entry(2)).unwrap_err().to_string().contains("seed 2"));
        std::fs::write(&path, "- { commit: 1 }\n").unwrap();
        assert!(format!("{:#}", enter(&path, &entry(3)).unwrap_err()).contains("line 1"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "- { commit: 1 }\n");
    }
}
