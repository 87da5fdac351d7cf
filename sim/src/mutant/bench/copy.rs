// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The copy of the sources that has the faults, and its verdicts, kept on disk.

use super::generate;
use super::judge::{Line, Verdict};
use super::text::with_faults;
use crate::basis::files_below;
use crate::mutant::generate::{Fault, Generated, sample};
use crate::mutant::host::{SOURCES, build, refresh};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where the switch stands in the checkout, and in the copy: below everything that asks it.
const SWITCH: &str = "sim/src/mutant/bench/switch.rs";
const SWITCH_COPY: &str = "host-model/src/fault_switch.rs";

/// How to go about it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Faults to judge; all when absent.
    pub sample: Option<usize>,
    /// Seed of the sample.
    pub seed: u64,
    /// Threads.
    pub workers: usize,
    /// Begin nothing more after this time: what is open then is for the next run.
    pub within: Option<Duration>,
}

/// What came out.
pub struct End {
    /// Faults that the judges have.
    pub all: usize,
    /// Faults of the sample with their verdicts, and the change in words.
    pub judged: Vec<(Generated, Verdict)>,
    /// Texts of the files, for reports.
    pub texts: BTreeMap<String, String>,
    /// Faults of the sample that time did not suffice for.
    pub open: usize,
}

/// Judges a sample of the faults of the checkout `root`; `say` hears how it goes.
///
/// # Errors
/// The copy does not build, or what it judges without any fault is not right.
pub fn campaign(root: &Path, options: &Options, say: &dyn Fn(&str)) -> Result<End> {
    let all = generate(root)?;
    let picked = options.sample.map_or_else(|| all.clone(), |n| sample(all.clone(), n, options.seed));
    let dir = root.join("target/mutants");
    std::fs::create_dir_all(dir.join("verdicts"))?;
    let kept = dir.join("verdicts").join(format!("bench-{}.jsonl", basis(root)?));
    let mut known = read(&kept)?;
    let open: Vec<&Generated> = picked.iter().filter(|g| !known.contains_key(&g.id)).collect();
    if !open.is_empty() {
        say(&format!("building a bench with {} faults", all.len()));
        // All of them are in the copy, so that a larger sample needs no other.
        let program = write_and_build(root, &dir, &all)?;
        let number: BTreeMap<&str, u32> = (1u32..).zip(&all).map(|(n, g)| (g.id.as_str(), n)).collect();
        let numbers: Vec<u32> = open.iter().map(|g| number[g.id.as_str()]).collect();
        let mut file = OpenOptions::new().create(true).append(true).open(&kept)?;
        let mut done = 0;
        run(root, &program, &numbers, options, &mut |line| {
            let id = &all[line.number as usize - 1].id;
            writeln!(file, "{}", serde_json::to_string(&(id, &line.verdict))?)?;
            known.insert(id.clone(), line.verdict);
            done += 1;
            say(&format!("{done} of {}: {id}", numbers.len()));
            Ok(())
        })?;
    }
    let texts = texts(root, &picked)?;
    let count = picked.len();
    let judged: Vec<_> = picked.into_iter().filter_map(|g| known.get(&g.id).cloned().map(|v| (g, v))).collect();
    Ok(End { all: all.len(), open: count - judged.len(), judged, texts })
}

/// What verdicts rest on: the sources of the bench and all vectors.
fn basis(root: &Path) -> Result<String> {
    let mut h = blake3::Hasher::new();
    for part in
        ["sim/src", "sim/golden/src", "sim/vectors/src", "host-model/src", "vectors/directed", "vectors/regress"]
    {
        for f in files_below(&root.join(part))? {
            h.update(f.strip_prefix(root).unwrap_or(&f).to_string_lossy().as_bytes());
            h.update(&std::fs::read(&f).with_context(|| f.display().to_string())?);
        }
    }
    Ok(h.finalize().to_hex()[..16].to_owned())
}

fn read(kept: &Path) -> Result<BTreeMap<String, Verdict>> {
    let text = if kept.exists() { std::fs::read_to_string(kept)? } else { String::new() };
    Ok(text.lines().filter_map(|l| serde_json::from_str::<(String, Verdict)>(l).ok()).collect())
}

fn texts(root: &Path, faults: &[Generated]) -> Result<BTreeMap<String, String>> {
    let files: BTreeSet<&String> = faults.iter().map(|g| &g.file).collect();
    files.into_iter().map(|f| Ok((f.clone(), std::fs::read_to_string(root.join(f))?))).collect()
}

/// Writes the copy with all faults in it and builds its program.
fn write_and_build(root: &Path, dir: &Path, all: &[Generated]) -> Result<PathBuf> {
    let copy = dir.join("bench-src");
    // What differs from the checkout is written once, so that cargo finds nothing to do the next time.
    let mut changed: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut by_file: BTreeMap<&str, Vec<(u32, &Fault)>> = BTreeMap::new();
    for (n, g) in (1u32..).zip(all) {
        by_file.entry(&g.file).or_default().push((n, &g.fault));
    }
    for (file, faults) in by_file {
        let path = root.join(file);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let of_host = file.starts_with("host-model/");
        let on = if of_host { "crate::fault_switch::on" } else { "host_model::fault_switch::on" };
        changed.insert(copy.join(file), with_faults(&text, &faults, on));
    }
    changed.insert(copy.join(SWITCH_COPY), std::fs::read_to_string(root.join(SWITCH))?);
    changed.insert(copy.join(SWITCH), "//! In the host model.\npub use host_model::fault_switch::*;\n".into());
    let lib = "host-model/src/lib.rs";
    let text = std::fs::read_to_string(root.join(lib))?;
    changed.insert(copy.join(lib), format!("{text}\npub mod fault_switch;\n"));
    for name in SOURCES {
        refresh(&root.join(name), &copy.join(name), &changed)?;
    }
    let target = dir.join("bench-target");
    build(&copy, &target, true)?;
    Ok(target.join("release/ims-cosim"))
}

/// Has the copy judge `numbers`.
fn run(
    root: &Path,
    program: &Path,
    numbers: &[u32],
    options: &Options,
    tell: &mut dyn FnMut(Line) -> Result<()>,
) -> Result<()> {
    let list = tempfile::NamedTempFile::new()?;
    std::fs::write(list.path(), serde_json::to_string(numbers)?)?;
    let mut command = Command::new(program);
    command.args(["mutants", "--bench", "--jobs", &options.workers.to_string(), "--judge"]).arg(list.path());
    if let Some(d) = options.within {
        command.args(["--seconds", &d.as_secs().to_string()]);
    }
    let mut child = command
        .env("IMS_COSIM_ROOT", root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("the bench with faults does not start")?;
    let out = child.stdout.take().context("its output")?;
    for line in BufReader::new(out).lines() {
        let line = line?;
        match serde_json::from_str::<Line>(&line) {
            Ok(line) => tell(line)?,
            Err(_) => bail!("the bench with faults says: {line}"),
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("the bench with faults ended with {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::JUDGES;
    use super::SOURCES;

    #[test]
    fn what_is_mutated_is_copied() {
        for part in JUDGES {
            assert!(SOURCES.iter().any(|s| part.starts_with(s)), "{part} is not in the copy");
        }
    }
}
