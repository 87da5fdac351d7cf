// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One search: makes a vector, runs it, learns from what it covered. A run is a function of the search's seed, the
//! strategy, its number and what the runs before it have covered.

use super::corpus::{Found, Kept, State, VERSION};
use super::draw::{Draw, empty, ending};
use super::levers;
use super::mutate;
use super::profile::Profile;
use super::soft::Soft;
use super::timing::{Race, Timing, is_race};
use crate::cover::plan::IMPOSSIBLE;
use crate::cover::{Collector, Counts, Plan, items, name_of};
use crate::run::pool::broken;
use crate::run::{Dut, Job, Outcome, Verdict, observe, test_seed};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use vectors::op::{Op, Vector};

/// How the next sequence is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Drawn from the profile.
    Random,
    /// A change of a kept sequence.
    Mutate,
    /// Led to what is not covered.
    Directed,
}

impl Strategy {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Strategy::Random => "random",
            Strategy::Mutate => "mutate",
            Strategy::Directed => "directed",
        }
    }
}

/// What a search is.
pub struct Setup {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The profile.
    pub profile: Profile,
    /// The device.
    pub dut: Dut,
    /// How it chooses.
    pub strategy: Strategy,
    /// Its seed.
    pub seed: u64,
    /// Only these bins are wanted; all when empty.
    pub aim: Vec<usize>,
}

/// Most steps of a led sequence.
const STEPS: usize = 360;
/// Every so many runs of a directed search are mutations: what no lever leads to is found so.
const EXPLORE: u64 = 7;
/// Attempts after which a hole is left to the others for a while.
const PATIENCE: u32 = 40;
/// Kept sequences that are not forgotten.
const KEPT: usize = 2000;

/// Part of a led sequence: what it is for, and the steps that it has.
struct Part {
    bins: Vec<usize>,
    steps: std::ops::Range<usize>,
    race: Option<Race>,
}

/// A search under way.
pub struct Search {
    /// What it is.
    pub setup: Setup,
    /// Where it stands.
    pub state: State,
    /// Counts so far.
    pub counts: Counts,
    /// Sequences that added something.
    pub kept: Vec<Kept>,
    timing: Timing,
    tried: BTreeMap<usize, u32>,
}

/// What a run came to.
pub struct Step {
    /// The vector.
    pub vector: Vector,
    /// Its outcome; a bin that cannot be is among the findings.
    pub outcome: Outcome,
    /// Bins that it was the first to hit.
    pub new: Vec<usize>,
}

impl Setup {
    /// What makes two searches the same.
    pub fn identity(&self) -> String {
        let dut = match &self.dut {
            Dut::Golden(quirks) if quirks.is_empty() => "golden".to_string(),
            Dut::Golden(quirks) => quirks.iter().map(|q| q.name()).collect::<Vec<_>>().join("+"),
            Dut::Rtl(_) => "rtl".to_string(),
        };
        format!("{} {} {dut}", self.strategy.name(), self.profile.name)
    }
}

impl Search {
    /// A search that begins.
    pub fn new(setup: Setup) -> Self {
        let state = State::new(setup.identity(), setup.seed);
        Self::resume(setup, state, Counts::new(), Vec::new())
    }

    /// A search that goes on.
    pub fn resume(setup: Setup, state: State, counts: Counts, kept: Vec<Kept>) -> Self {
        Self { setup, state, counts, kept, timing: Timing::default(), tried: BTreeMap::new() }
    }

    fn stream(&self, purpose: &str) -> ChaCha8Rng {
        let name = format!("{} {} {purpose}", self.setup.strategy.name(), self.state.runs);
        ChaCha8Rng::seed_from_u64(test_seed(self.setup.seed, &name))
    }

    /// Bins that are wanted and not covered.
    pub fn holes(&self) -> Vec<usize> {
        let holes = self.setup.plan.holes(&self.counts);
        if self.setup.aim.is_empty() {
            return holes;
        }
        holes.into_iter().filter(|b| self.setup.aim.contains(b)).collect()
    }

    /// Makes a run.
    pub fn once(&mut self) -> Step {
        let name = format!("{}_{:06}", self.setup.strategy.name(), self.state.runs);
        let (vector, parts) = match self.setup.strategy {
            Strategy::Random => (self.random(name), Vec::new()),
            Strategy::Mutate => (self.mutated(name), Vec::new()),
            Strategy::Directed if self.state.runs % EXPLORE == EXPLORE - 1 => (self.mutated(name), Vec::new()),
            Strategy::Directed => self.led(name),
        };
        let (mut outcome, collector) = run_once(&self.setup, &vector);
        let findings = self.setup.plan.judge(&outcome.coverage, outcome.cycles);
        if !findings.is_empty() {
            outcome.findings.extend(findings);
            outcome.verdict = outcome.verdict.max(Verdict::Failed);
        }
        let new = self.learn(&vector, &outcome, &collector, &parts);
        Step { vector, outcome, new }
    }

    fn learn(&mut self, vector: &Vector, outcome: &Outcome, seen: &Collector, parts: &[Part]) -> Vec<usize> {
        let new: Vec<usize> = self.counts.new_in(&outcome.coverage).collect();
        for f in &seen.first {
            if self.counts.get(f.bin as usize) == 0 {
                self.state.hit_at.insert(name_of(f.bin as usize), self.state.cycles + f.tick);
            }
        }
        for part in parts {
            for bin in &part.bins {
                *self.tried.entry(*bin).or_default() += 1;
            }
            if let Some(race) = &part.race {
                let within = |r: &&crate::cover::Raced| part.steps.contains(&(r.step as usize));
                let seen: Vec<_> = seen.raced.iter().filter(within).copied().collect();
                self.timing.learn(race, &seen);
            }
        }
        self.counts.merge(&outcome.coverage);
        let wanted = new.iter().any(|b| self.setup.plan.can_be(*b));
        if wanted && outcome.verdict == Verdict::Passed {
            self.kept.push(Kept {
                corpus: VERSION,
                model: items::model().into(),
                seed: self.setup.seed,
                adds: new.iter().map(|b| name_of(*b)).collect(),
                vector: vector.clone(),
            });
            if self.kept.len() > KEPT {
                self.kept.remove(0);
            }
        }
        if outcome.verdict != Verdict::Passed {
            let mut checks: Vec<String> = outcome.findings.iter().map(|f| f.check.to_string()).collect();
            checks.sort();
            checks.dedup();
            let text = outcome.findings.first().map(|f| f.text.clone()).or(outcome.error.clone()).unwrap_or_default();
            self.state.found.push(Found { run: self.state.runs, vector: vector.name.clone(), checks, text });
        }
        self.state.runs += 1;
        self.state.cycles += outcome.cycles;
        self.state.seconds += outcome.wall_s;
        new
    }

    fn random(&self, name: String) -> Vector {
        Draw::new(&self.setup.profile, self.stream("draw")).vector(name)
    }

    fn mutated(&self, name: String) -> Vector {
        let mut rng = self.stream("mutate");
        // New blood, and a beginning.
        if self.kept.len() < 4 || rng.random_range(0..8) == 0 {
            return self.random(name);
        }
        // Late ones are rarer in what they cover: one of two draws goes to the last quarter.
        let n = self.kept.len();
        let pick = |rng: &mut ChaCha8Rng| {
            if rng.random() { rng.random_range(0..n) } else { rng.random_range(n - n.div_ceil(4)..n) }
        };
        let (a, b) = (pick(&mut rng), pick(&mut rng));
        let mut draw = Draw::new(&self.setup.profile, self.stream("draw"));
        let mut v = mutate::mutate(&self.kept[a].vector, &self.kept[b].vector, &mut draw, &mut rng);
        v.name = name;
        v
    }

    /// A sequence that leads to holes, those first that were tried least.
    fn led(&mut self, name: String) -> (Vector, Vec<Part>) {
        let mut rng = self.stream("lead");
        let mut holes = self.holes();
        holes.shuffle(&mut rng);
        holes.sort_by_key(|b| self.tried.get(b).map_or(0, |n| n / 4 + if *n > PATIENCE { 1 << 20 } else { 0 }));
        let Some(first) = holes.first().copied() else { return (self.random(name), Vec::new()) };
        let (item, values) = items::parts(first);
        let shape = levers::shape(item, &values);
        let mut v = empty(name, &shape);
        let mut soft = Soft::new(&v);
        let mut parts: Vec<Part> = Vec::new();
        let mut done = Vec::new();
        let put = |v: &mut Vector, soft: &mut Soft, ops: Vec<Op>| {
            v.steps.extend(ops.into_iter().filter(|op| soft.admit(op)));
        };
        put(&mut v, &mut soft, shape.bring_up().into_iter().chain(shape.connect(0)).collect());
        let mut targets = shape.sources.len() as u32;
        for hole in &holes {
            if v.steps.len() > STEPS {
                break;
            }
            let (item, values) = items::parts(*hole);
            if done.contains(hole) || levers::shape(item, &values) != shape {
                continue;
            }
            if !soft.enumerated {
                let mut ops = if soft.d3 { vec![Op::PowerState(0)] } else { Vec::new() };
                ops.push(Op::Enumerate);
                ops.extend(shape.again());
                ops.extend(shape.connect(targets));
                targets += shape.sources.len() as u32;
                put(&mut v, &mut soft, ops);
            }
            let begin = v.steps.len();
            let (ops, bins, race) = if is_race(item) {
                let Some((ops, race)) = self.timing.lead(*hole, &holes, &soft, &mut rng) else { continue };
                (ops, race.bins.iter().map(|(b, _)| *b).collect(), Some(race))
            } else {
                match levers::lead(item, &values, &soft, &mut rng) {
                    Some(ops) => (ops, vec![*hole], None),
                    None => {
                        *self.tried.entry(*hole).or_default() += 1;
                        continue;
                    }
                }
            };
            put(&mut v, &mut soft, ops);
            done.extend(bins.iter().copied());
            // What is seen before the aimed causes is set-up.
            let aimed = v.steps[begin..].iter().position(|op| matches!(op, Op::CauseIn { .. })).unwrap_or(0);
            parts.push(Part { bins, steps: begin + aimed..v.steps.len(), race });
        }
        v.steps.extend(ending(&soft));
        (v, parts)
    }
}

/// Runs a vector; what breaks the bench itself is an outcome too.
pub fn run_once(setup: &Setup, vector: &Vector) -> (Outcome, Collector) {
    let job = Job {
        vector: Arc::new(vector.clone()),
        seed: test_seed(setup.seed, &vector.name),
        reset_seed: 0,
        dut: setup.dut.clone(),
        trace: None,
        keep_events: false,
        give_up: Default::default(),
        cancel: Arc::new(AtomicBool::new(false)),
    };
    let observed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| observe(&job)));
    let (mut outcome, collector) =
        observed.unwrap_or_else(|panic| (broken(&job, panic.as_ref()), Collector::default()));
    outcome.events = String::new();
    // A sequence whose every cause was refused has still been watched.
    if outcome.findings.is_empty() && outcome.error.as_deref().is_some_and(|e| e.starts_with("it raised no cause")) {
        (outcome.verdict, outcome.error) = (Verdict::Passed, None);
    }
    (outcome, collector)
}

/// Whether a finding is about the plan and not about the device.
pub fn is_about_the_plan(o: &Outcome) -> bool {
    !o.findings.is_empty() && o.findings.iter().all(|f| f.check == IMPOSSIBLE)
}
