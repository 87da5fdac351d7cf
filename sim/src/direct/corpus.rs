// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a search keeps: sequences that added something, and where it stands. Files name their version and the coverage
//! model; those of another one are refused with the reason, nothing is guessed. A state is written whole or not at
//! all, so that an interrupted search goes on where it stood.

use crate::cover::{Counts, counts, items, name_of};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_yaml::with::singleton_map_recursive as one_key;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use vectors::op::Vector;

/// Version of corpus files: changes with the operations and the rules of the search.
pub const VERSION: u32 = 3;

/// A kept sequence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Version.
    pub corpus: u32,
    /// Coverage model for which it was kept.
    pub model: String,
    /// Seed of the run that found it; the test's own follows from its name.
    pub seed: u64,
    /// Bins that it was the first to hit.
    pub adds: Vec<String>,
    /// The sequence.
    pub vector: Vector,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The run.
    pub run: u64,
    /// The vector's name.
    pub vector: String,
    /// Checks that reported, each once.
    pub checks: Vec<String>,
    /// The first report.
    pub text: String,
}

/// Where a search stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Version.
    pub search: u32,
    /// Coverage model.
    pub model: String,
    /// Strategy, profile, device: what a search is.
    pub identity: String,
    /// Seed.
    pub seed: u64,
    /// Runs made.
    pub runs: u64,
    /// Cycles simulated.
    pub cycles: u64,
    /// Seconds of processor time.
    pub seconds: f64,
    /// How often each bin was hit.
    pub counts: BTreeMap<String, u64>,
    /// After how many cycles each bin was hit first.
    pub hit_at: BTreeMap<String, u64>,
    /// What was found.
    pub found: Vec<Found>,
    /// Points of the RTL that were reached, by short names, if they count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reached: Vec<u32>,
}

pub(super) fn write_whole(path: &Path, text: &str) -> Result<()> {
    let part = path.with_extension("part");
    std::fs::write(&part, text)
        .and_then(|()| std::fs::rename(&part, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// The text of a corpus file.
pub fn kept_text(kept: &Kept) -> Result<String> {
    let mut out = b"# SPDX-License-Identifier: Apache-2.0 OR MIT\n".to_vec();
    one_key::serialize(kept, &mut serde_yaml::Serializer::new(&mut out))?;
    Ok(String::from_utf8(out)?)
}

/// Reads a corpus file.
///
/// # Errors
/// It is of another version or for another coverage model, or is none.
pub fn kept_of(text: &str) -> Result<Kept> {
    // The version first: a file of another one need not be readable otherwise.
    let head: serde_yaml::Value = serde_yaml::from_str(text)?;
    match head.get("corpus").and_then(serde_yaml::Value::as_u64) {
        Some(n) if n == u64::from(VERSION) => {}
        Some(n) => bail!("written by version {n} of the search; this is version {VERSION}"),
        None => bail!("not a corpus file: it names no version"),
    }
    let kept: Kept = one_key::deserialize(serde_yaml::Deserializer::from_str(text))?;
    if kept.model != items::model() {
        bail!("kept for the coverage model {}; this one is {}", kept.model, items::model());
    }
    vectors::check::vector(&kept.vector, None)
        .map_err(|p| anyhow::anyhow!("{}: {}", vectors::check::path_text(&p.path), p.message))?;
    Ok(kept)
}

/// Reads all corpus files of a directory, in order of their names.
///
/// # Errors
/// The first that cannot be read, with its name.
pub fn load_all(dir: &Path) -> Result<Vec<Kept>> {
    let mut paths: Vec<PathBuf> = match std::fs::read_dir(dir) {
        Ok(entries) => entries.filter_map(|e| e.ok().map(|e| e.path())).collect(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(e).with_context(|| format!("{} cannot be read", dir.display())),
    };
    paths.retain(|p| p.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    paths
        .iter()
        .map(|p| {
            let text = std::fs::read_to_string(p).with_context(|| format!("{} cannot be read", p.display()))?;
            kept_of(&text).with_context(|| format!("{}", p.display()))
        })
        .collect()
}

/// Keeps a sequence below `dir`.
pub fn keep(dir: &Path, kept: &Kept) -> Result<PathBuf> {
    std::fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    let path = dir.join(format!("{}.yaml", kept.vector.name));
    write_whole(&path, &kept_text(kept)?)?;
    Ok(path)
}

impl State {
    /// A search that has not begun.
    pub fn new(identity: String, seed: u64) -> Self {
        Self {
            search: VERSION,
            model: items::model().into(),
            identity,
            seed,
            runs: 0,
            cycles: 0,
            seconds: 0.0,
            counts: BTreeMap::new(),
            hit_at: BTreeMap::new(),
            found: Vec::new(),
            reached: Vec::new(),
        }
    }

    /// Reads where a search stands, if it has begun.
    ///
    /// # Errors
    /// It is another search, or another version's.
    pub fn load(path: &Path, identity: &str, seed: u64) -> Result<Option<Self>> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e).with_context(|| format!("{} cannot be read", path.display())),
        };
        let at = || format!("{}", path.display());
        let head: serde_json::Value = serde_json::from_str(&text).with_context(at)?;
        if head["search"] != VERSION {
            bail!("{}: written by version {} of the search; this is version {VERSION}", at(), head["search"]);
        }
        let state: Self = serde_json::from_str(&text).with_context(at)?;
        if state.model != items::model() {
            bail!(
                "{}: its coverage model is {}, this one's {}; begin anew in another directory",
                at(),
                state.model,
                items::model()
            );
        }
        if state.identity != identity || state.seed != seed {
            let (was, now) = (format!("{} seed {}", state.identity, state.seed), format!("{identity} seed {seed}"));
            bail!("{}: it holds the search \"{was}\", not \"{now}\"", at());
        }
        Ok(Some(state))
    }

    /// Writes where it stands.
    pub fn store(&self, path: &Path) -> Result<()> {
        write_whole(path, &serde_json::to_string(self)?)
    }

    /// Counts by bin.
    pub fn coverage(&self) -> Result<Counts> {
        let mut all = Counts::new();
        for (name, n) in &self.counts {
            for bin in items::named(name).map_err(|e| anyhow::anyhow!(e))? {
                all.add(bin, *n);
            }
        }
        Ok(all)
    }

    /// Takes counts over.
    pub fn note(&mut self, counts: &Counts) {
        self.counts = counts.hit().map(|(bin, n)| (name_of(bin), n)).collect();
    }

    /// As a coverage file.
    pub fn coverage_text(&self) -> Result<String> {
        let all = self.coverage()?;
        counts::to_text([("search", &all)].into_iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::direct::draw::empty;
    use crate::direct::shape::Shape;
    use vectors::op::Op;

    fn kept() -> Kept {
        let shape = Shape::default();
        let steps = shape.bring_up().into_iter().chain(shape.connect(0)).chain([Op::Settle]).collect();
        let vector = Vector { steps, ..empty("one".into(), &shape) };
        Kept { corpus: VERSION, model: items::model().into(), seed: 3, adds: vec!["cause_op:raise".into()], vector }
    }

    #[test]
    fn kept_sequences_come_back_and_other_versions_are_refused() {
        let text = kept_text(&kept()).unwrap();
        assert_eq!(kept_of(&text).unwrap(), kept());
        let later = text.replace(&format!("corpus: {VERSION}"), "corpus: 9");
        assert!(kept_of(&later).unwrap_err().to_string().contains("version 9"));
        assert!(kept_of("a: 1").unwrap_err().to_string().contains("no version"));
        let other = text.replace(items::model(), "0123456789abcdef");
        assert!(kept_of(&other).unwrap_err().to_string().contains("0123456789abcdef"));
        let wrong = text.replace("vectors: 8", "vectors: 80000");
        assert!(format!("{:#}", kept_of(&wrong).unwrap_err()).contains("80000"));
    }

    #[test]
    fn a_search_goes_on_only_where_it_stood() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.json");
        assert!(State::load(&path, "directed", 1).unwrap().is_none());
        let mut state = State::new("directed".into(), 1);
        state.runs = 7;
        state.store(&path).unwrap();
        assert_eq!(State::load(&path, "directed", 1).unwrap().unwrap().runs, 7);
        assert!(format!("{:#}", State::load(&path, "random", 1).unwrap_err()).contains("directed seed 1"));
        assert!(State::load(&path, "directed", 2).is_err());
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace(&format!("\"search\":{VERSION}"), "\"search\":8")).unwrap();
        assert!(format!("{:#}", State::load(&path, "directed", 1).unwrap_err()).contains("version 8"));
    }
}
