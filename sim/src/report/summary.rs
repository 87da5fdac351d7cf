// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `summary.json`: the results contract.

use crate::run::{Outcome, Skipped, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// Where the tool comes from and what it ran on.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Identity {
    /// `ims-cosim`.
    pub tool: String,
    /// Version of the package.
    pub version: String,
    /// Commit of the checkout; `unknown` outside one.
    pub commit: String,
    /// The checkout has uncommitted changes.
    pub dirty: bool,
    /// Identity of Verilator; `none` on the golden endpoint.
    pub verilator: String,
    /// Device: `rtl` or `golden`.
    pub dut: String,
    /// Parameters of the device that the run chose, `NAME=VALUE`.
    pub parameters: Vec<String>,
    /// Misbehaviours of the golden endpoint.
    pub quirks: Vec<String>,
    /// RTL tree other than the project's.
    pub rtl: Option<String>,
}

/// Totals of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Tool, version, commit, device.
    #[serde(flatten)]
    pub identity: Identity,
    /// Seed of the run.
    pub seed: u64,
    /// Seed of what registers without reset hold.
    pub reset_seed: u64,
    /// Tests run to a verdict.
    pub tests: u64,
    /// Passed.
    pub passed: u64,
    /// Not passed.
    pub failed: u64,
    /// Left out, each with its reason.
    pub skipped: Vec<Skipped>,
    /// Comparisons made.
    pub checks: u64,
    /// Cycles simulated.
    pub cycles: u64,
    /// Packets to the device.
    pub tlps_rx: u64,
    /// Packets from the device.
    pub tlps_tx: u64,
    /// What became of the causes.
    #[serde(flatten)]
    pub counters: crate::ledger::Counters,
    /// How often each check looked, over all tests.
    pub looked: BTreeMap<String, u64>,
    /// Recorded accesses replayed and compared.
    pub trace_compared: u64,
    /// Recorded accesses without counterpart.
    pub trace_untranslated: u64,
    /// Hash of the whole event log: of the tests' hashes in the order of the tests.
    pub events_hash: String,
    /// Wall-clock seconds of the run.
    pub wall_s: f64,
    /// Cycles over wall-clock seconds, all workers together.
    pub cycles_per_s: f64,
    /// Ended by a signal before all tests had a verdict.
    pub interrupted: bool,
}

impl Summary {
    /// Adds up outcomes.
    pub fn of(
        identity: Identity,
        seed: u64,
        reset_seed: u64,
        outcomes: &[Outcome],
        wall_s: f64,
        interrupted: bool,
    ) -> Self {
        let mut counters = crate::ledger::Counters::default();
        let mut looked = BTreeMap::new();
        let mut hash = blake3::Hasher::new();
        for o in outcomes {
            counters.add(&o.counters);
            for (k, n) in &o.looked {
                *looked.entry(k.clone()).or_default() += n;
            }
            hash.update(o.name.as_bytes());
            hash.update(o.events_hash.as_bytes());
        }
        let sum = |f: fn(&Outcome) -> u64| outcomes.iter().map(f).sum::<u64>();
        let cycles = sum(|o| o.cycles);
        let passed = outcomes.iter().filter(|o| o.verdict == Verdict::Passed).count() as u64;
        Self {
            identity,
            seed,
            reset_seed,
            tests: outcomes.len() as u64,
            passed,
            failed: outcomes.len() as u64 - passed,
            skipped: Vec::new(),
            checks: sum(|o| o.checks),
            cycles,
            tlps_rx: sum(|o| o.tlps_rx),
            tlps_tx: sum(|o| o.tlps_tx),
            counters,
            looked,
            trace_compared: sum(|o| o.compared),
            trace_untranslated: sum(|o| o.untranslated.values().sum()),
            events_hash: hash.finalize().to_hex().to_string(),
            wall_s,
            cycles_per_s: if wall_s > 0.0 { cycles as f64 / wall_s } else { 0.0 },
            interrupted,
        }
    }

    /// Exit code of the run: the gravest verdict decides, safety before liveness.
    pub fn exit_code(&self, outcomes: &[Outcome]) -> u8 {
        if self.interrupted {
            return 130;
        }
        let order = [Verdict::Broken, Verdict::BadInput, Verdict::Failed, Verdict::Liveness, Verdict::Stopped];
        for v in order {
            if outcomes.iter().any(|o| o.verdict == v) {
                // A test over its time limit is something that never came.
                return if v == Verdict::Stopped { 3 } else { v.exit_code() };
            }
        }
        if outcomes.is_empty() { 2 } else { 0 }
    }
}
