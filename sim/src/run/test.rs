// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One test from power-on to verdict.

use super::dut::Dut;
use super::outcome::{Outcome, Verdict};
use super::params::Params;
use crate::bench::machine::{self, Machine};
use crate::bench::sequencer::{CountBase, Sequencer, Tally};
use crate::bench::world::{GiveUp, Stop, World};
use crate::cover::Collector;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use vectors::op::{Op, Vector};

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
    observe_from(job, None, false).0
}

/// Seed of what stands before a `restart`, whatever the seed of the test.
const BEFORE_RESTART: u64 = 1;

/// A bench as it stands where a vector has its `restart`: everything up to there has been carried out.
#[derive(Clone)]
pub struct Saved {
    world: World,
    machine: Machine,
    tally: Tally,
    base: CountBase,
    at: usize,
}

impl Saved {
    /// Cycles that it took to come there.
    pub fn cycles(&self) -> tlp::Tick {
        self.world.now()
    }
}

/// Where a vector has its `restart`.
pub fn restart_of(v: &Vector) -> Option<usize> {
    v.steps.iter().position(|op| *op == Op::Restart)
}

fn fresh<'v>(job: &'v Job, device: Box<dyn tlp::Endpoint>) -> Sequencer<'v> {
    let v = &job.vector;
    let seed = if restart_of(v).is_some() { BEFORE_RESTART } else { job.seed };
    let host = machine::host(&v.host, seed);
    let sizes = Params::from(&v.dut).sizes();
    let world = World::new(device, host, sizes, v.host.cpus as usize, v.host.credits, seed);
    Sequencer::new(world, v, seed).with_own_seed(job.seed)
}

/// The steps; the state at the restart, if it is to be kept and is reached.
fn steps(s: &mut Sequencer<'_>, v: &Vector, from: Option<usize>, keep: bool) -> (Result<(), Stop>, Option<Saved>) {
    let mut saved = None;
    let mut all = || {
        let mut next = from.unwrap_or(0);
        if from.is_none() {
            s.begin()?;
            if let Some(at) = restart_of(v).filter(|_| keep && s.world.dut.copies()) {
                s.part(0, at)?;
                let (world, machine) = (s.world.clone(), s.machine.clone());
                saved = Some(Saved { world, machine, tally: s.tally.clone(), base: s.base.clone(), at });
                next = at;
            }
        }
        s.part(next, v.steps.len())?;
        s.end()
    };
    (all(), saved)
}

/// As [`observe`]: goes on from a state that was kept of a vector with the same machine, device and steps up to its
/// restart; or, with `keep`, begins at power-on and gives the state at the restart.
pub fn observe_from(job: &Job, from: Option<&Saved>, keep: bool) -> ((Outcome, Collector), Option<Saved>) {
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
    let mut sequencer = match from {
        None => match job.dut.make(&v.dut, job.reset_seed, job.trace.as_ref()) {
            Ok(device) => fresh(job, device),
            Err(e) => {
                outcome.error = Some(e);
                return ((outcome, Collector::default()), None);
            }
        },
        Some(saved) => {
            let Saved { world, machine, tally, base, .. } = saved.clone();
            let mut s = Sequencer::new(world, v, BEFORE_RESTART).with_own_seed(job.seed);
            (s.machine, s.tally, s.base) = (machine, tally, base);
            s
        }
    };
    sequencer.world.cancel = Some(job.cancel.clone());
    sequencer.world.give_up = job.give_up;
    let (end, saved) = steps(&mut sequencer, v, from.map(|s| s.at), keep);
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
    ((outcome, std::mem::take(&mut world.cover)), saved)
}
