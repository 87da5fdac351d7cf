// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The bench that has the faults judges itself; runs in the copy.

use super::switch;
use crate::bench::world::GiveUp;
use crate::figure::device_misbehaviour::{TABLE, named};
use crate::mutant::schemata::{LONGEST, PATIENCE, once, spread};
use crate::run::batch::project_vectors;
use crate::run::{self, Batch, Dut, Outcome};
use anyhow::{Context, Result, bail};
use golden::Quirk;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};
use vectors::suite::{self, Loaded};

/// Vectors that a fault is run on before misbehaviours: most faults blame a right device in any of them.
const FIRST: usize = 12;

/// Verdict on a fault of a judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// A right device is blamed: this vector fails, first by this check.
    Blames {
        /// The vector.
        test: String,
        /// The check.
        check: String,
    },
    /// This misbehaviour is not reported by name any more.
    Overlooks {
        /// The misbehaviour.
        quirk: String,
    },
    /// Neither.
    Survived {
        /// Vectors and misbehaviours that come to its place.
        runs: usize,
    },
}

/// A line of what the copy says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Number of the fault.
    pub number: u32,
    /// Verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// A vector on the right device.
struct Right<'l> {
    vector: &'l Loaded,
    cycles: u64,
    early: bool,
    reaches: BTreeSet<u32>,
}

/// A misbehaviour, and the vector that names it first.
struct Wrong {
    quirk: &'static str,
    reports: &'static [&'static str],
    dut: Dut,
    by: usize,
    reaches: BTreeSet<u32>,
}

/// Judges the faults of these numbers; `tell` hears of each as it ends. Begins none after `within`.
///
/// # Errors
/// A vector fails or a misbehaviour is not named without any fault.
pub fn judge(
    root: &Path,
    numbers: &[u32],
    workers: usize,
    within: Option<Duration>,
    tell: &(dyn Fn(&Line) + Sync),
) -> Result<()> {
    let found = suite::load(&project_vectors(root), None)?;
    let batch = Batch::new(Dut::Golden(vec![]));
    let vectors: Vec<&Loaded> = found.iter().collect();
    let right = spread(&vectors, workers, |l| right(&batch, l)).into_iter().collect::<Result<Vec<_>>>()?;
    let mut right: Vec<Right> = right.into_iter().flatten().collect();
    right.sort_by_key(|r| r.cycles);
    let wrong = spread(TABLE, workers, |(quirk, reports)| wrong(&batch, &right, quirk, reports));
    let wrong = wrong.into_iter().collect::<Result<Vec<_>>>()?;
    // What has to be known before any fault is judged does not count.
    let until = within.map(|d| Instant::now() + d);
    spread(numbers, workers, |n| {
        if until.is_none_or(|u| Instant::now() < u) {
            tell(&Line { number: *n, verdict: one(&batch, &right, &wrong, *n) });
        }
    });
    Ok(())
}

/// Runs a vector without fault. None if it takes no part, for its length.
fn right<'l>(batch: &Batch, l: &&'l Loaded) -> Result<Option<Right<'l>>> {
    let dut = || Dut::Golden(vec![]);
    let how = GiveUp { at_finding: true, after: Some(LONGEST) };
    let (mut outcome, mut reaches) = switch::probe(|| once(batch, dut(), l, how));
    if outcome.verdict == run::Verdict::Stopped && outcome.cycles > LONGEST {
        return Ok(None);
    }
    let early = outcome.verdict == run::Verdict::Passed;
    if !early {
        (outcome, reaches) = switch::probe(|| once(batch, dut(), l, GiveUp::default()));
    }
    if outcome.verdict != run::Verdict::Passed {
        bail!("the vector {} fails without any fault", l.vector.name);
    }
    Ok(Some(Right { vector: l, cycles: outcome.cycles, early, reaches }))
}

/// Whether a run names a misbehaviour.
fn names(outcome: &Outcome, reports: &[&str]) -> bool {
    named(std::slice::from_ref(outcome), reports).is_some()
}

/// The order in which vectors are tried on a misbehaviour: those that a report asks for, then short ones.
fn order(right: &[Right], reports: &[&str]) -> Vec<usize> {
    let asked = |k: &usize| reports.iter().any(|r| r.strip_prefix("vector ") == Some(&right[*k].vector.vector.name));
    let (first, rest): (Vec<usize>, Vec<usize>) = (0..right.len()).partition(asked);
    first.into_iter().chain(rest).collect()
}

fn patient(r: &Right) -> GiveUp {
    GiveUp { at_finding: false, after: Some(r.cycles + PATIENCE) }
}

fn wrong(batch: &Batch, right: &[Right], quirk: &'static str, reports: &'static [&'static str]) -> Result<Wrong> {
    let of: Quirk = quirk.parse().with_context(|| format!("{quirk} names no misbehaviour"))?;
    let dut = Dut::Golden(vec![of]);
    for by in order(right, reports) {
        let r = &right[by];
        if names(&once(batch, dut.clone(), r.vector, patient(r)), reports) {
            let (_, reaches) = switch::probe(|| once(batch, dut.clone(), r.vector, patient(r)));
            return Ok(Wrong { quirk, reports, dut, by, reaches });
        }
    }
    bail!("the misbehaviour {quirk} is not named without any fault")
}

/// One fault.
fn one(batch: &Batch, right: &[Right], wrong: &[Wrong], n: u32) -> Verdict {
    let can: Vec<&Right> = right.iter().filter(|r| r.reaches.contains(&n)).collect();
    let runs = can.len() + wrong.iter().filter(|w| w.reaches.contains(&n)).count();
    let blames = |r: &&Right| -> Option<Verdict> {
        let how = GiveUp { at_finding: r.early, ..patient(r) };
        let test = r.vector.vector.name.clone();
        // A judge that breaks has noticed, too.
        let Ok(outcome) =
            switch::with(n, || catch_unwind(AssertUnwindSafe(|| once(batch, Dut::Golden(vec![]), r.vector, how))))
        else {
            return Some(Verdict::Blames { test, check: "panic".into() });
        };
        let first = outcome.findings.iter().min_by_key(|f| f.tick).map(|f| f.check.to_owned());
        match first {
            Some(check) if outcome.verdict != run::Verdict::Passed => Some(Verdict::Blames { test, check }),
            None if outcome.verdict != run::Verdict::Passed => {
                Some(Verdict::Blames { test, check: "test_did_not_end".into() })
            }
            _ => None,
        }
    };
    let (first, rest) = can.split_at(FIRST.min(can.len()));
    let overlooks = |w: &Wrong| w.reaches.contains(&n) && !still(batch, right, w, n);
    let by_quirk = || wrong.iter().find(|w| overlooks(w)).map(|w| Verdict::Overlooks { quirk: w.quirk.into() });
    first
        .iter()
        .find_map(blames)
        .or_else(by_quirk)
        .or_else(|| rest.iter().find_map(blames))
        .unwrap_or(Verdict::Survived { runs })
}

/// Whether the misbehaviour is still named with the fault, by the vector that named it or any other.
fn still(batch: &Batch, right: &[Right], w: &Wrong, n: u32) -> bool {
    let rest = order(right, w.reports).into_iter().filter(|k| *k != w.by);
    std::iter::once(w.by).chain(rest).any(|k| {
        let r = &right[k];
        let ran =
            switch::with(n, || catch_unwind(AssertUnwindSafe(|| once(batch, w.dut.clone(), r.vector, patient(r)))));
        ran.is_ok_and(|outcome| names(&outcome, w.reports))
    })
}
