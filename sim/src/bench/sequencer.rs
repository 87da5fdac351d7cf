// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Carries out the steps of a vector.

use super::machine::Machine;
use super::ops;
use super::world::{Stop, World};
use crate::finding::{Finding, Kind};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use vectors::op::{Op, Source, Vector};

/// How often pending bits are read at the end while causes still come.
const AUDITS: usize = 4;

/// What a vector's own expectations amounted to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Expectations compared.
    pub expectations: u64,
    /// Recorded accesses compared.
    pub compared: u64,
    /// What operations that measure have to say.
    pub notes: serde_json::Value,
    /// Recorded accesses without counterpart, by reason.
    pub untranslated: BTreeMap<String, u64>,
}

/// Runs one vector in one world.
pub struct Sequencer<'v> {
    /// The world.
    pub world: World,
    /// The software of the machine.
    pub machine: Machine,
    /// Counts so far.
    pub tally: Tally,
    /// Messages of sources and arrivals at processors when counting began.
    pub base: CountBase,
    /// Cycles within which everything owed must arrive.
    pub bound: u64,
    vector: &'v Vector,
    seed: u64,
    /// Seed of what stands behind a restart.
    own_seed: u64,
    /// Number of the step, from 1, with those of the repeats around it.
    step: Vec<usize>,
}

/// Where counting began.
#[derive(Clone, Debug, Default)]
pub struct CountBase {
    /// Messages per source.
    pub messages: BTreeMap<Source, u64>,
    /// All messages.
    pub total: u64,
    /// Arrivals per processor and vector.
    pub arrivals: BTreeMap<(u32, u8), u64>,
    /// Rises of INTA.
    pub intx: u64,
    /// Error messages at the root port: correctable, non-fatal, fatal.
    pub error_messages: [u64; 3],
}

impl<'v> Sequencer<'v> {
    /// A sequencer before the first step.
    pub fn new(world: World, vector: &'v Vector, seed: u64) -> Self {
        Self {
            world,
            machine: Machine::new(&vector.host),
            tally: Tally::default(),
            base: CountBase::default(),
            bound: vector.bound,
            vector,
            seed,
            own_seed: seed,
            step: Vec::new(),
        }
    }

    /// The same, whose `restart` begins anew with this seed.
    pub fn with_own_seed(self, own_seed: u64) -> Self {
        Self { own_seed, ..self }
    }

    /// All steps, then calm, then judgement.
    pub fn run(&mut self) -> Result<(), Stop> {
        self.begin()?;
        self.part(0, self.vector.steps.len())?;
        self.end()
    }

    /// Power-on.
    pub fn begin(&mut self) -> Result<(), Stop> {
        use tlp::Reset;
        self.world.cover.begin(self.vector);
        self.world.reset(Reset::Cold)?;
        if !self.vector.host.auto_service {
            self.world.service.fill(false);
        }
        Ok(())
    }

    /// Carries out steps of the vector from one number to another, counted from 0.
    pub fn part(&mut self, from: usize, to: usize) -> Result<(), Stop> {
        let vector = self.vector;
        self.numbered(from, &vector.steps[from..to])
    }

    /// Calm behind the last step, then judgement.
    pub fn end(&mut self) -> Result<(), Stop> {
        self.step.clear();
        self.finish()
    }

    /// Random choices begin anew.
    pub fn begin_anew(&mut self) {
        self.seed = self.own_seed;
        self.world.rng = ChaCha8Rng::seed_from_u64(self.own_seed);
    }

    /// World and tally, when all is over.
    pub fn into_parts(self) -> (World, Tally) {
        (self.world, self.tally)
    }

    /// Seed of the test.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Carries out steps.
    pub fn steps(&mut self, steps: &[Op]) -> Result<(), Stop> {
        self.numbered(0, steps)
    }

    fn numbered(&mut self, first: usize, steps: &[Op]) -> Result<(), Stop> {
        for (i, op) in steps.iter().enumerate() {
            self.step.push(first + i + 1);
            self.watch(op);
            let result = ops::carry_out(self, op);
            if let Some(stop) = self.world.stop.take() {
                return Err(stop);
            }
            match result {
                Err(Stop::Input(text)) => return Err(Stop::Input(format!("{}: {text}", self.place()))),
                other => other?,
            }
            self.step.pop();
        }
        Ok(())
    }

    /// Coverage wants to know which step is carried out; those inside others count as those.
    fn watch(&mut self, op: &Op) {
        let outer = self.step.first().map_or(0, |n| n - 1);
        let outstanding = self.machine.queues.values().map(|q| q.driver.outstanding() as u64).sum();
        let (now, flying) = (self.world.now(), !self.world.ledger.arrivals.is_empty());
        self.world.cover.operation(now, outer, op, flying, outstanding);
    }

    /// Where in the vector this is.
    pub fn place(&self) -> String {
        if self.step.is_empty() {
            return "after the last step".into();
        }
        let numbers: Vec<String> = self.step.iter().map(usize::to_string).collect();
        format!("step {}", numbers.join("."))
    }

    /// Compares; a difference is a finding of the vector's own.
    pub fn expect(&mut self, holds: bool, text: impl FnOnce() -> String) {
        self.tally.expectations += 1;
        if !holds {
            let text = format!("{}: {}", self.place(), text());
            let tick = self.world.now();
            self.world.report.findings.push(Finding { check: "expectation", kind: Kind::Safety, tick, text });
        }
    }

    /// A driver sequence that fails ends the test with a finding.
    pub fn drive<T>(&mut self, what: &str, result: Result<T, impl std::fmt::Display>) -> Result<T, Stop> {
        match result {
            Ok(v) => Ok(v),
            Err(e) => {
                if let Some(stop) = self.world.stop.take() {
                    return Err(stop);
                }
                let text = format!("{}: {what}: {e}", self.place());
                self.world.find("driver_sequence_failed", Kind::Safety, text);
                Err(Stop::Stuck)
            }
        }
    }

    /// No step of the vector holds a processor up.
    fn services_throughout(&self) -> bool {
        let holds = |op: &Op| matches!(op, Op::Tpr { .. } | Op::Service { .. } | Op::Take { .. } | Op::Eoi { .. });
        !self.vector.steps.iter().any(holds)
    }

    /// Disturbance ends; everything owed must come; what is left is audited.
    fn finish(&mut self) -> Result<(), Stop> {
        self.world.calm(self.seed);
        // What a timer raises while pending bits are read is settled, and read, too.
        for _ in 0..AUDITS {
            self.world.settle(self.bound)?;
            let causes = self.world.ledger.counters.causes;
            ops::audit::pending_bits(self)?;
            if self.world.ledger.counters.causes == causes {
                break;
            }
        }
        if self.vector.host.auto_service && self.services_throughout() {
            self.world.judge_service();
        }
        self.world.judge_answers(self.bound.min(20_000));
        self.world.judge_events();
        let c = self.world.ledger.counters;
        let reasons: Vec<String> =
            self.world.blocked.drain(..).filter(|b| !b.explained).map(|b| format!("{:#x}", b.reason)).collect();
        if !reasons.is_empty() {
            let text =
                format!("the remapping unit blocked what the vector did not expect, reasons {}", reasons.join(", "));
            self.world.find("unexpected_block", Kind::Safety, text);
        }
        if !c.balances() {
            self.world.find("ledger_unbalanced", Kind::Safety, format!("causes do not add up: {c:?}"));
        }
        if c.causes > 0 {
            self.tally.expectations += c.causes;
        }
        Ok(())
    }
}
