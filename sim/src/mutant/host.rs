// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Faults planted into a copy of the host model, one at a time, and what the bench says of each.
//!
//! The host model is linked into the bench. So a fault needs a bench of its own: the sources are
//! copied once, the fault is written into the copy, the bench built there, and its program run with
//! the vectors of the checkout on the golden endpoint.

use super::apply::changed;
use super::{Catch, Mutant, Verdict};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use vectors::suite;

/// What cargo needs to build the bench.
pub(super) const SOURCES: [&str; 6] = ["Cargo.toml", "Cargo.lock", "clippy.toml", "host-model", "sim", "scripts/xtask"];
/// Wall-clock seconds of one vector: far above what any takes, for a host that goes in circles.
const TIMEOUT_S: &str = "30";

/// A finding as tests.json has it.
#[derive(Deserialize)]
struct Reported {
    /// Name of the check.
    check: String,
    /// When.
    tick: u64,
    /// What it said.
    text: String,
}

/// A test as tests.json has it, as far as a verdict needs it.
#[derive(Deserialize)]
struct Ran {
    /// Name of the vector.
    name: String,
    /// Verdict in one word.
    verdict: String,
    /// Cycles simulated.
    cycles: u64,
    /// What the checks said.
    findings: Vec<Reported>,
    /// What ended it early.
    error: Option<String>,
}

/// What became of a fault.
pub struct Tried {
    /// Verdict; cycles are those of the catching vector alone, for the vectors run beside each other.
    pub verdict: Verdict,
    /// Vectors that did not pass.
    pub failing: usize,
    /// Seconds that building took.
    pub build_s: f64,
    /// Seconds that all vectors took.
    pub run_s: f64,
}

/// The copy and its target directory.
pub struct HostFaults {
    root: PathBuf,
    copy: PathBuf,
    target: PathBuf,
}

impl HostFaults {
    /// Copies the sources of the checkout `root`; a bench without fault has to pass every vector.
    ///
    /// # Errors
    /// Reading or writing fails, the sources do not build, or a vector fails without any fault.
    pub fn new(root: &Path) -> Result<Self> {
        let dir = root.join("target/mutants");
        let this = Self { root: root.to_owned(), copy: dir.join("host-src"), target: dir.join("host-target") };
        for name in SOURCES {
            refresh(&root.join(name), &this.copy.join(name), &BTreeMap::new())?;
        }
        this.build().context("the bench without fault")?;
        let (ran, _) = this.run()?;
        match ran.iter().find(|r| r.verdict != "passed") {
            Some(r) => bail!("the vector {} fails without any fault, so what it catches means nothing", r.name),
            None if ran.is_empty() => bail!("no vector ran"),
            None => Ok(this),
        }
    }

    /// Plants `m`, runs every vector, and takes the fault out again.
    ///
    /// # Errors
    /// The fault does not fit or does not compile; no results came out.
    pub fn attempt(&self, m: &Mutant) -> Result<Tried> {
        let (source, file) = (self.root.join("host-model/src"), self.copy.join("host-model/src").join(&m.file));
        let text = changed(m, &source)?;
        std::fs::write(&file, text).with_context(|| file.display().to_string())?;
        let tried = self.build_and_judge(m).with_context(|| format!("fault {} ({})", m.name, m.path.display()));
        std::fs::copy(source.join(&m.file), &file).with_context(|| file.display().to_string())?;
        tried
    }

    fn build_and_judge(&self, m: &Mutant) -> Result<Tried> {
        let build_s = self.build()?;
        let (ran, run_s) = self.run()?;
        let failing = ran.iter().filter(|r| r.verdict != "passed").count();
        Ok(Tried { verdict: judge(m, &ran), failing, build_s, run_s })
    }

    fn build(&self) -> Result<f64> {
        let begun = Instant::now();
        build(&self.copy, &self.target, false)?;
        Ok(begun.elapsed().as_secs_f64())
    }

    fn run(&self) -> Result<(Vec<Ran>, f64)> {
        let begun = Instant::now();
        let results = tempfile::tempdir()?;
        // A vector that fails makes the exit code, so only the results tell whether the run itself worked.
        let out = Command::new(self.target.join("debug/ims-cosim"))
            .args(["sim", "--dut", "golden", "--json", "--seed", "1", "--timeout", TIMEOUT_S, "--out"])
            .arg(results.path())
            .env("IMS_COSIM_ROOT", &self.root)
            .stdin(Stdio::null())
            .output()
            .context("the bench does not start")?;
        let file = results.path().join("latest/tests.json");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("no results:\n{}", String::from_utf8_lossy(&out.stderr)))?;
        Ok((serde_json::from_str(&text)?, begun.elapsed().as_secs_f64()))
    }
}

/// Who reported `m`. What a vector states counts only for the vectors that the fault names: there
/// the vector's name says what is wrong, and elsewhere it says that something is.
fn judge(m: &Mutant, ran: &[Ran]) -> Verdict {
    let named = |r: &Ran| m.tests.iter().any(|t| suite::accepts(t, &r.name));
    let meant = |r: &Ran, check: &str| m.expect.iter().any(|e| e == check) && (check != "expectation" || named(r));
    let catch = |r: &Ran, f: &Reported| Catch {
        check: f.check.clone(),
        test: r.name.clone(),
        cycles: f.tick,
        text: f.text.clone(),
    };
    let all = || ran.iter().flat_map(|r| r.findings.iter().map(move |f| (r, f)));
    // A law says more than a statement of a vector, and a vector that is about the fault more than any other.
    let own = all().filter(|(r, f)| meant(r, &f.check)).min_by_key(|(r, f)| (f.check == "expectation", !named(r)));
    if let Some((r, f)) = own {
        return Verdict::Caught(catch(r, f));
    }
    let ended = || {
        ran.iter().filter(|r| r.verdict != "passed").map(|r| Catch {
            check: "test_ended_early".into(),
            test: r.name.clone(),
            cycles: r.cycles,
            text: r.error.clone().unwrap_or_default(),
        })
    };
    let other = all().next().map(|(r, f)| catch(r, f)).or_else(|| ended().next());
    other.map_or(Verdict::Survived, Verdict::CaughtByAnother)
}

/// Builds the program of a copy of the sources.
pub(super) fn build(copy: &Path, target: &Path, release: bool) -> Result<()> {
    let out = Command::new("cargo")
        .args(["build", "--quiet", "--offline", "--locked", "-p", "sim", "--bin", "ims-cosim", "--target-dir"])
        .arg(target)
        .args(release.then_some("--release"))
        // The bench with hundreds of faults in it runs for minutes: it need not be compiled as long.
        .args(["--config", "profile.release.package.sim.opt-level=1"])
        .current_dir(copy)
        .stdin(Stdio::null())
        .output()
        .context("cargo does not start")?;
    if !out.status.success() {
        bail!("does not build:\n{}", String::from_utf8_lossy(&out.stderr));
    }
    Ok(())
}

/// Makes `to` what `from` is but for the files of `changed`, which have texts of their own, and touches only what
/// differs: cargo goes by the times of files.
pub(super) fn refresh(from: &Path, to: &Path, changed: &BTreeMap<PathBuf, String>) -> Result<()> {
    let context = || format!("{} to {}", from.display(), to.display());
    if !from.is_dir() {
        let text = match changed.get(to) {
            Some(text) => text.clone().into_bytes(),
            None => std::fs::read(from).with_context(context)?,
        };
        if std::fs::read(to).ok().as_ref() != Some(&text) {
            std::fs::create_dir_all(to.parent().context("a file is in a directory")?).with_context(context)?;
            std::fs::write(to, text).with_context(context)?;
        }
        return Ok(());
    }
    std::fs::create_dir_all(to).with_context(context)?;
    for entry in std::fs::read_dir(to).with_context(context)? {
        let (name, path) = entry.map(|e| (e.file_name(), e.path()))?;
        match (from.join(name).exists() || changed.contains_key(&path), path.is_dir()) {
            (true, _) => {}
            (false, true) => std::fs::remove_dir_all(&path).with_context(context)?,
            (false, false) => std::fs::remove_file(&path).with_context(context)?,
        }
    }
    for entry in std::fs::read_dir(from).with_context(context)? {
        let name = entry?.file_name();
        refresh(&from.join(&name), &to.join(&name), changed)?;
    }
    // Files that the copy alone has.
    for (path, text) in changed.iter().filter(|(p, _)| p.parent() == Some(to)) {
        if std::fs::read_to_string(path).ok().as_ref() != Some(text) {
            std::fs::write(path, text).with_context(context)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(name: &str, checks: &[&str]) -> Ran {
        let findings =
            checks.iter().map(|c| Reported { check: (*c).into(), tick: 7, text: String::new() }).collect::<Vec<_>>();
        let verdict = if findings.is_empty() { "passed" } else { "failed" };
        Ran { name: name.into(), verdict: verdict.into(), cycles: 9, findings, error: None }
    }

    #[test]
    fn a_statement_counts_only_in_a_vector_that_the_fault_names() {
        let mut m = Mutant {
            name: "m".into(),
            intent: "i".into(),
            file: "a.rs".into(),
            find: "a".into(),
            replace: "b".into(),
            expect: vec!["expectation".into(), "stale_entry_used".into()],
            tests: vec!["about_it".into()],
            path: "m.yaml".into(),
        };
        assert_eq!(judge(&m, &[ran("about_it", &[])]), Verdict::Survived);
        let other = judge(&m, &[ran("elsewhere", &["expectation"])]);
        assert!(matches!(other, Verdict::CaughtByAnother(ref c) if c.test == "elsewhere"), "{other:?}");
        let own = [ran("elsewhere", &["expectation"]), ran("about_it", &["expectation"])];
        assert!(matches!(judge(&m, &own), Verdict::Caught(c) if c.test == "about_it"));
        let law = [ran("about_it", &["expectation"]), ran("elsewhere", &["stale_entry_used"])];
        assert!(matches!(judge(&m, &law), Verdict::Caught(c) if c.check == "stale_entry_used"));
        m.expect = vec!["wrong_processor".into()];
        assert!(matches!(judge(&m, &law), Verdict::CaughtByAnother(_)));
        let ended = [Ran { verdict: "broken".into(), ..ran("about_it", &[]) }];
        assert!(matches!(judge(&m, &ended), Verdict::CaughtByAnother(c) if c.check == "test_ended_early"));
    }

    #[test]
    fn the_copy_follows_its_source() {
        let dir = tempfile::tempdir().expect("a directory");
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        std::fs::create_dir_all(from.join("a")).expect("made");
        std::fs::create_dir_all(to.join("gone")).expect("made");
        std::fs::write(from.join("a/b"), "new").expect("written");
        std::fs::write(to.join("old"), "old").expect("written");
        let own = [(to.join("a/own"), "x".to_owned()), (to.join("a/c"), "changed".to_owned())].into_iter().collect();
        std::fs::write(from.join("a/c"), "as it is").expect("written");
        for _ in 0..2 {
            refresh(&from, &to, &own).expect("copied");
            let read = |name: &str| std::fs::read_to_string(to.join(name)).expect("read");
            assert_eq!((read("a/b"), read("a/own"), read("a/c")), ("new".into(), "x".into(), "changed".into()));
            assert!(!to.join("old").exists() && !to.join("gone").exists());
        }
    }
}
