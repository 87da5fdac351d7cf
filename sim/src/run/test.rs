// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One test from power-on to verdict.

use super::dut::{Dut, Params};
use super::outcome::{Outcome, Verdict};
use crate::bench::machine;
use crate::bench::sequencer::Sequencer;
use crate::bench::world::{GiveUp, Stop, World};
use crate::cover::Collector;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use vectors::op::Vector;

/// What to run.
#[derive(Clone)]
pub struct Job {
    /// The vector.
    pub vector: Arc<Vector>,
    /// Seed of the test.
    pub seed: u64,
    /// Seed of what registers without reset hold; part of the replay.
    pub reset_seed: u64,
    /// The device.
    pub dut: Dut,
    /// Write a waveform here.
    pub trace: Option<PathBuf>,
    /// Keep the event log of a test that passes, too.
    pub keep_events: bool,
    /// When to give up before the end; the verdict is then `Stopped`.
    pub give_up: GiveUp,
    /// Raised from outside: stop soon.
    pub cancel: Arc<AtomicBool>,
}

/// Runs it.
pub fn run(job: &Job) -> Outcome {
    observe(job).0
}

/// Runs it, and gives the collector of its coverage too: where each bin was hit first.
pub fn observe(job: &Job) -> (Outcome, Collector) {
    let started = std::time::Instant::now();
    let v = &job.vector;
    let mut outcome = Outcome {
        name: v.name.clone(),
        items: v.items.clone(),
        verdict: Verdict::Broken,
        seed: job.seed,
        cycles: 0,
        tlps_rx: 0,
        tlps_tx: 0,
        counters: Default::default(),
        checks: 0,
        looked: Default::default(),
        untranslated: Default::default(),
        compared: 0,
        notes: serde_json::Value::Null,
        findings: Vec::new(),
        error: None,
        events_hash: String::new(),
        coverage: Default::default(),
        events: String::new(),
        wall_s: 0.0,
    };
    let device = match job.dut.make(&v.dut, job.reset_seed, job.trace.as_ref()) {
        Ok(d) => d,
        Err(e) => {
            outcome.error = Some(e);
            return (outcome, Collector::default());
        }
    };
    let host = machine::host(&v.host, job.seed);
    let sizes = Params::from(&v.dut).sizes();
    let mut world = World::new(device, host, sizes, v.host.cpus as usize, v.host.credits, job.seed);
    world.cancel = Some(job.cancel.clone());
    world.give_up = job.give_up;
    let mut sequencer = Sequencer::new(world, v, job.seed);
    let end = sequencer.run();
    let (mut world, tally) = sequencer.into_parts();
    outcome.findings = world.take_findings();
    outcome.cycles = world.now();
    (outcome.tlps_rx, outcome.tlps_tx) = world.tlps;
    outcome.counters = world.ledger.counters;
    outcome.looked = world.report.looked();
    let tally_expectations = tally.expectations;
    outcome.checks = tally.expectations + outcome.looked.values().sum::<u64>();
    outcome.untranslated = tally.untranslated;
    outcome.compared = tally.compared;
    outcome.notes = tally.notes;
    outcome.coverage = world.cover.counts();
    outcome.events_hash = world.log.hash();
    outcome.verdict = match end {
        Ok(()) | Err(Stop::Stuck) => Outcome::judge(&outcome.findings, tally.expectations),
        Err(Stop::Input(e)) => {
            outcome.error = Some(e);
            Verdict::BadInput
        }
        Err(Stop::Tool(e)) => {
            outcome.error = Some(e);
            Verdict::Broken
        }
        Err(Stop::Cancelled) => Verdict::Stopped,
    };
    if outcome.findings.is_empty() && tally_expectations == 0 && outcome.error.is_none() {
        outcome.error = Some("it raised no cause and expected nothing: a pass would show nothing".into());
    }
    if job.keep_events || outcome.verdict != Verdict::Passed {
        outcome.events = world.log.lines();
    }
    outcome.wall_s = started.elapsed().as_secs_f64();
    (outcome, std::mem::take(&mut world.cover))
}
