// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which vectors can notice which faults at all: every vector once on the right design, which tells at every place when
//! the fault would make a difference there. A vector that never makes one cannot kill that fault and need not be run.
//!
//! On the way it is seen that both models with faults in them, none switched on, do what the RTL as it is does.

use crate::bench::world::GiveUp;
use crate::rtl::{RtlModels, Seen};
use crate::run::{Batch, Dut, Job, Outcome, Verdict, run, test_seed};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use vectors::suite::Loaded;

/// What a vector does on the right design.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probed {
    /// Cycles that it takes.
    pub cycles: u64,
    /// It can be ended at the first finding: without a fault there is none, not even for a while.
    pub early: bool,
    /// Hash of its events.
    pub hash: String,
    /// Faults, by number, that make a difference somewhere.
    pub sees: BTreeSet<u32>,
}

/// The models that are compared.
pub struct Models<'m> {
    /// Tells what faults would do.
    pub probing: &'m RtlModels,
    /// Has them behind a number.
    pub select: &'m RtlModels,
    /// The RTL as it is.
    pub plain: &'m RtlModels,
}

/// Cycles above which a vector takes no part: few do, and each would take as long as hundreds of others.
pub const LONGEST: u64 = 300_000;

/// Cycles up to which a vector is run on all three; the longer ones are run on the probing model alone.
const COMPARED: u64 = 5_000;

/// No fault has this number. A model that has faults wants to be told some number, so 0, which tells nothing, is none.
const NOBODY: u32 = u32::MAX;

/// Runs one vector on `dut`.
pub fn once(batch: &Batch, dut: Dut, l: &Loaded, how: GiveUp) -> Outcome {
    run(&Job {
        vector: Arc::new(l.vector.clone()),
        seed: test_seed(batch.seed, &l.vector.name),
        reset_seed: batch.reset_seed,
        dut,
        trace: None,
        keep_events: false,
        give_up: how,
        cancel: Arc::new(AtomicBool::new(false)),
    })
}

fn one(models: &Models, batch: &Batch, l: &Loaded) -> Result<Probed> {
    let seen: Seen = Arc::default();
    let dut = || Dut::Rtl(Arc::new(models.probing.probing(seen.clone())));
    let mut early = true;
    let mut outcome = once(batch, dut(), l, GiveUp { at_finding: true, after: Some(LONGEST) });
    if outcome.verdict == Verdict::Stopped && outcome.cycles > LONGEST {
        return Ok(Probed { cycles: outcome.cycles, early: false, hash: String::new(), sees: BTreeSet::new() });
    }
    if outcome.verdict == Verdict::Stopped {
        early = false;
        outcome = once(batch, dut(), l, GiveUp::default());
    }
    let name = &l.vector.name;
    if outcome.verdict != Verdict::Passed {
        let what = outcome.findings.first().map(|f| f.text.clone()).or(outcome.error).unwrap_or_default();
        bail!("the vector {name} fails without any fault, so what it kills means nothing: {what}");
    }
    if outcome.cycles <= COMPARED {
        for other in [models.select, models.plain] {
            let o = once(batch, Dut::Rtl(Arc::new(other.with_mutant(NOBODY))), l, GiveUp::default());
            if let Some(error) = o.error {
                bail!("with no fault switched on, {name} breaks: {error}");
            }
            if o.events_hash != outcome.events_hash {
                bail!("with no fault switched on, {name} has other events than on the RTL as it is");
            }
        }
    }
    let sees = seen.lock().unwrap_or_else(|p| p.into_inner()).clone();
    Ok(Probed { cycles: outcome.cycles, early, hash: outcome.events_hash, sees })
}

/// A line of the file of what was probed before.
#[derive(Serialize, Deserialize)]
struct Line {
    /// Name of the vector and hash of its file.
    vector: (String, String),
    #[serde(flatten)]
    probed: Probed,
}

/// Runs every vector once. What the file has of the same vectors (by the hashes of their names) is taken from there. None
/// if it was `late` before all had run.
///
/// # Errors
/// A vector that fails without any fault, or models that differ though no fault is switched on.
pub fn probe(
    models: &Models,
    batch: &Batch,
    vectors: &[Loaded],
    (file, hashes): (&Path, &BTreeMap<String, String>),
    workers: usize,
    late: &(dyn Fn() -> bool + Sync),
    say: &(dyn Fn(&str) + Sync),
) -> Result<Option<Vec<Probed>>> {
    let text = if file.exists() { std::fs::read_to_string(file)? } else { String::new() };
    let known: BTreeMap<(String, String), Probed> =
        text.lines().filter_map(|l| serde_json::from_str::<Line>(l).ok()).map(|l| (l.vector, l.probed)).collect();
    let kept = OpenOptions::new().create(true).append(true).open(file).with_context(|| file.display().to_string())?;
    let kept = Mutex::new(kept);
    if !text.is_empty() && !text.ends_with('\n') {
        kept.lock().unwrap_or_else(|p| p.into_inner()).write_all(b"\n")?;
    }
    let (done, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let all = spread(vectors, workers, |l| {
        let at = done.fetch_add(1, Ordering::Relaxed) + 1;
        let key = (l.vector.name.clone(), hashes.get(&l.vector.name).cloned().unwrap_or_default());
        if let Some(p) = known.get(&key) {
            return Ok(Some(p.clone()));
        }
        if late() {
            return Ok(None);
        }
        if failed.load(Ordering::Relaxed) {
            bail!("an earlier vector failed");
        }
        say(&format!("probing: {at} of {} vectors", vectors.len()));
        let probed = one(models, batch, l).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
        let mut line = serde_json::to_string(&Line { vector: key, probed: probed.clone() })?;
        line.push('\n');
        kept.lock().unwrap_or_else(|p| p.into_inner()).write_all(line.as_bytes())?;
        Ok(Some(probed))
    });
    // The first failure is the one that says something.
    let (good, bad): (Vec<_>, Vec<_>) = all.into_iter().partition(|r| r.is_ok());
    match bad.into_iter().filter_map(Result::err).find(|e| !e.to_string().starts_with("an earlier")) {
        Some(e) => Err(e),
        None => good.into_iter().collect(),
    }
}

/// Does `work` for every item on a few threads; results in their order.
pub fn spread<T: Sync, R: Send>(items: &[T], workers: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<R>>> = Mutex::new(items.iter().map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..workers.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let k = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(k) else { return };
                    let r = work(item);
                    results.lock().unwrap_or_else(|p| p.into_inner())[k] = Some(r);
                }
            });
        }
    });
    results.into_inner().unwrap_or_else(|p| p.into_inner()).into_iter().flatten().collect()
}

/// How much each vector has to do with each file: the faults of the file in which it makes a difference, those that few
/// vectors reach counting most.
pub struct Relevance<'f> {
    by_file: BTreeMap<&'f str, Vec<f64>>,
}

impl<'f> Relevance<'f> {
    /// Of faults, numbered from 1 in their order, each in one of `files`.
    pub fn new(files: &[&'f str], probed: &[Probed]) -> Self {
        let mut by_file: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (number, file) in (1u32..).zip(files) {
            let seeing: Vec<usize> = (0..probed.len()).filter(|k| probed[*k].sees.contains(&number)).collect();
            let rarity = (probed.len() as f64 / seeing.len().max(1) as f64).ln();
            let of_file = by_file.entry(file).or_insert_with(|| vec![0.0; probed.len()]);
            seeing.into_iter().for_each(|k| of_file[k] += rarity);
        }
        Self { by_file }
    }

    /// Vectors, by place, that a fault is run on: those in which it makes a difference. In turn the one that has most to
    /// do with its file for the cycles that it takes, and the shortest: most faults are so coarse that any vector
    /// notices them, the others need one that is about them.
    pub fn chosen(&self, number: u32, file: &str, probed: &[Probed]) -> Vec<usize> {
        let of_file = self.by_file.get(file);
        let worth = |k: usize| of_file.map_or(0.0, |of| of[k]) / probed[k].cycles.max(1) as f64;
        let mut shortest: Vec<usize> = (0..probed.len()).filter(|k| probed[*k].sees.contains(&number)).collect();
        shortest.sort_by_key(|k| (probed[*k].cycles, *k));
        let mut fittest = shortest.clone();
        fittest.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)));
        let mut taken = BTreeSet::new();
        shortest.into_iter().zip(fittest).flat_map(|(s, f)| [f, s]).filter(|k| taken.insert(*k)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_vectors_that_can_notice_are_run_those_about_the_file_and_short_ones_first() {
        let p = |cycles, sees: &[u32]| Probed {
            cycles,
            early: true,
            hash: String::new(),
            sees: sees.iter().copied().collect(),
        };
        // Faults 1 to 3 are of one file, 4 of another; the last vector is long and about the first file.
        let probed = [p(100, &[1, 4]), p(120, &[1]), p(300, &[1, 2, 3, 4])];
        let files = ["a", "a", "a", "b"];
        let r = Relevance::new(&files, &probed);
        assert_eq!(r.chosen(1, "a", &probed), [2, 0, 1], "the fittest, the shortest, the rest");
        assert_eq!(r.chosen(2, "a", &probed), [2]);
        assert_eq!(r.chosen(4, "b", &probed), [0, 2]);
        assert!(r.chosen(5, "c", &probed).is_empty());
    }

    #[test]
    fn work_is_spread_and_results_keep_their_order() {
        let items: Vec<u32> = (0..50).collect();
        assert_eq!(spread(&items, 4, |n| n * 2), items.iter().map(|n| n * 2).collect::<Vec<_>>());
    }
}
