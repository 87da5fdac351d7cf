// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Judges a generated fault: vectors in turn, until a check reports it.

use super::probe::{Probed, once};
use super::store::Store;
use super::verdict::{Result, Verdict};
use crate::bench::world::GiveUp;
use crate::run::{self, Batch, Dut};
use std::time::Instant;
use vectors::suite::Loaded;

/// A fault that keeps a vector from its end has this many cycles more than the right design takes.
pub const PATIENCE: u64 = 200_000;

/// A fault with what it is judged by.
pub struct Case<'c> {
    /// Its id.
    pub id: &'c str,
    /// The device that has it.
    pub dut: Dut,
    /// All vectors, and what they do on the right design.
    pub vectors: (&'c [Loaded], &'c [Probed]),
    /// Those that can notice it, in the order in which they run.
    pub order: Vec<usize>,
    /// What killed the same fault in an earlier text of the design.
    pub earlier: Option<&'c Result>,
}

/// Runs vectors in turn until one of them reports what the device does wrong, or `budget` cycles are spent. What it has
/// passed before, as `store` knows, is not run again.
///
/// # Errors
/// The store cannot be written.
pub fn judge(batch: &Batch, case: &Case, store: &Store, budget: u64) -> anyhow::Result<(Verdict, f64)> {
    let begun = Instant::now();
    let (vectors, probed) = case.vectors;
    let mut before = 0;
    // What killed it before goes first: it will again, unless design or bench have changed where it matters. How soon
    // the fault is found is a matter of the first time.
    if let Some(Result { verdict: Verdict::Killed { test, cycles, .. }, seconds, .. }) = case.earlier
        && let Some(&k) = case.order.iter().find(|k| vectors[**k].vector.name == *test)
        && !store.has_passed(case.id, test)
    {
        match attempt(batch, case, k) {
            Some((check, _)) => {
                let killed = Verdict::Killed { check: check.to_owned(), test: test.clone(), cycles: *cycles };
                return Ok((killed, *seconds));
            }
            None => store.keep_passed(case.id, test)?,
        }
    }
    for &k in &case.order {
        if before >= budget {
            return Ok((Verdict::Open, begun.elapsed().as_secs_f64()));
        }
        let name = &vectors[k].vector.name;
        if !store.has_passed(case.id, name) {
            if let Some((check, at)) = attempt(batch, case, k) {
                let killed = Verdict::Killed { check: check.to_owned(), test: name.clone(), cycles: before + at };
                return Ok((killed, begun.elapsed().as_secs_f64()));
            }
            store.keep_passed(case.id, name)?;
        }
        before += probed[k].cycles;
    }
    Ok((Verdict::Survived { vectors: case.order.len() }, begun.elapsed().as_secs_f64()))
}

/// Runs one vector on the fault; the check that reports it, and when.
fn attempt(batch: &Batch, case: &Case, k: usize) -> Option<(&'static str, u64)> {
    let (vectors, probed) = case.vectors;
    let how = GiveUp { at_finding: probed[k].early, after: Some(probed[k].cycles + PATIENCE) };
    let outcome = once(batch, case.dut.clone(), &vectors[k], how);
    match outcome.findings.iter().min_by_key(|f| f.tick) {
        Some(f) => Some((f.check, f.tick)),
        None if outcome.verdict == run::Verdict::Passed => None,
        None => Some((if outcome.error.is_some() { "test_ended_early" } else { "test_did_not_end" }, outcome.cycles)),
    }
}
