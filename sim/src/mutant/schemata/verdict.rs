// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What becomes of a generated fault.

use super::probe::{Probed, once};
use crate::bench::world::GiveUp;
use crate::run::{self, Batch, Dut};
use serde::{Deserialize, Serialize};
use std::time::Instant;
use vectors::suite::Loaded;

/// Verdict on a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// A check reported it.
    Killed {
        /// The check.
        check: String,
        /// In which vector.
        test: String,
        /// Cycles simulated until then, with those of the vectors before.
        cycles: u64,
    },
    /// Every vector that could notice it passed.
    Survived {
        /// How many that are.
        vectors: usize,
    },
    /// No vector can tell it from the right design, for a reason that is written down.
    Equivalent {
        /// The reason.
        reason: String,
    },
    /// It is no legal RTL.
    NotCompiled {
        /// What Verilator says.
        reason: String,
    },
}

impl Verdict {
    /// A word for tables.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Killed { .. } => "killed",
            Verdict::Survived { .. } => "SURVIVED",
            Verdict::Equivalent { .. } => "equivalent",
            Verdict::NotCompiled { .. } => "not compiled",
        }
    }
}

/// A fault with its verdict, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Result {
    /// `file:line:column:operator`.
    pub id: String,
    /// What stands there.
    pub was: String,
    /// What stands there instead.
    pub is: String,
    /// Verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Wall-clock seconds of simulation until the verdict.
    pub seconds: f64,
}

/// A fault that keeps a vector from its end has this many cycles more than the right design takes.
const PATIENCE: u64 = 200_000;

/// Runs vectors in turn until one of them reports what `dut` does wrong.
pub fn judge(batch: &Batch, dut: &Dut, vectors: &[Loaded], probed: &[Probed], order: &[usize]) -> (Verdict, f64) {
    let begun = Instant::now();
    let mut before = 0;
    for &k in order {
        let how = GiveUp { at_finding: probed[k].early, after: Some(probed[k].cycles + PATIENCE) };
        let outcome = once(batch, dut.clone(), &vectors[k], how);
        let by = match outcome.findings.iter().min_by_key(|f| f.tick) {
            Some(f) => Some((f.check, f.tick)),
            None if outcome.verdict == run::Verdict::Passed => None,
            None => {
                Some((if outcome.error.is_some() { "test_ended_early" } else { "test_did_not_end" }, outcome.cycles))
            }
        };
        if let Some((check, at)) = by {
            let killed = Verdict::Killed { check: check.to_owned(), test: outcome.name, cycles: before + at };
            return (killed, begun.elapsed().as_secs_f64());
        }
        before += outcome.cycles;
    }
    (Verdict::Survived { vectors: order.len() }, begun.elapsed().as_secs_f64())
}
