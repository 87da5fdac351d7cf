// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How a test ended.

use crate::cover::Counts;
use crate::finding::{Finding, Kind};
use crate::ledger::Counters;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Verdict of a test, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every check held and at least one was made.
    Passed,
    /// Something owed never came.
    Liveness,
    /// A check failed.
    Failed,
    /// The vector cannot be carried out as written.
    BadInput,
    /// The tool itself broke.
    Broken,
    /// Not run to its end: interrupted or out of time.
    Stopped,
}

impl Verdict {
    /// The process exit code that this verdict asks for (design: results contract).
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Passed => 0,
            Verdict::Failed => 1,
            Verdict::BadInput => 2,
            Verdict::Liveness => 3,
            Verdict::Broken => 4,
            Verdict::Stopped => 130,
        }
    }

    /// One word for tables.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "pass",
            Verdict::Failed => "FAIL",
            Verdict::BadInput => "BAD INPUT",
            Verdict::Liveness => "LIVENESS",
            Verdict::Broken => "BROKEN",
            Verdict::Stopped => "stopped",
        }
    }
}

/// Everything that is kept of a test.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Name of the vector.
    pub name: String,
    /// Catalogue items that it covers.
    pub items: Vec<String>,
    /// How it ended.
    pub verdict: Verdict,
    /// Seed of this test.
    pub seed: u64,
    /// Cycles simulated.
    pub cycles: u64,
    /// Packets to the device.
    pub tlps_rx: u64,
    /// Packets from the device.
    pub tlps_tx: u64,
    /// What became of the causes.
    pub counters: Counters,
    /// Comparisons made: laws, ledger and expectations together.
    pub checks: u64,
    /// How often each check looked.
    pub looked: BTreeMap<String, u64>,
    /// Recorded accesses without counterpart, by reason.
    pub untranslated: BTreeMap<String, u64>,
    /// Recorded accesses replayed and compared.
    pub compared: u64,
    /// What operations that measure have to say.
    #[serde(skip_serializing_if = "serde_json::Value::is_null")]
    pub notes: serde_json::Value,
    /// Findings.
    pub findings: Vec<Finding>,
    /// Why it stopped early, if it did.
    pub error: Option<String>,
    /// Hash of the event log.
    pub events_hash: String,
    /// Functional coverage.
    #[serde(skip)]
    pub coverage: Counts,
    /// Event lines, kept for tests that did not pass.
    #[serde(skip)]
    pub events: String,
    /// Wall-clock seconds.
    pub wall_s: f64,
}

impl Outcome {
    /// The verdict that findings ask for.
    pub fn judge(findings: &[Finding], checks: u64) -> Verdict {
        if findings.iter().any(|f| f.kind != Kind::Liveness) {
            Verdict::Failed
        } else if !findings.is_empty() {
            Verdict::Liveness
        } else if checks == 0 {
            // A test that looked at nothing has shown nothing.
            Verdict::Failed
        } else {
            Verdict::Passed
        }
    }
}
