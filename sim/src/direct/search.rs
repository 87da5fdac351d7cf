// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One search: makes a vector, runs it, learns from what it covered. A run is a function of the search's seed, the
//! strategy, its number, what the runs before it have covered and, for a directed one, what they have taught since the
//! process began.

use super::corpus::{Found, Kept, State, VERSION};
use super::covers::Covers;
use super::draw::Draw;
use super::effort::{Effort, Way, Ways};
use super::mutate;
use super::part::Part;
use super::profile::Profile;
use super::race::Timing;
use super::snapshots::Snapshots;
use super::spent;
use crate::cover::plan::IMPOSSIBLE;
use crate::cover::{Collector, Counts, Plan, items, name_of};
use crate::cover_rtl::Counter;
use crate::run::options::{self, Param};
use crate::run::pool::broken;
use crate::run::{Dut, Job, Outcome, Saved, Verdict, observe_from, restart_of, test_seed};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use vectors::op::{DutParams, Vector};

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
    /// Its parameters, where they are not the default ones.
    pub params: Vec<Param>,
    /// How it chooses.
    pub strategy: Strategy,
    /// Its seed.
    pub seed: u64,
    /// Only these bins are wanted; all when empty.
    pub aim: Vec<usize>,
    /// Where the devices leave what they reach of the RTL, if that is to count.
    pub covers: Option<Counter>,
}

/// Kept sequences that are not forgotten.
const KEPT: usize = 2000;

/// A sequence that is about to run.
struct Made {
    vector: Vector,
    parts: Vec<Part>,
    way: Option<Way>,
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
    pub(super) timing: Timing,
    pub(super) effort: Effort,
    ways: Ways,
    snapshots: Snapshots,
    covers: Option<Covers>,
    /// Processor time when the last run ended.
    spent: Option<f64>,
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
    /// The parameters as a vector has them.
    pub fn dut_params(&self) -> DutParams {
        options::chosen(&self.params)
    }

    /// What makes two searches the same.
    pub fn identity(&self) -> String {
        let dut = match &self.dut {
            Dut::Golden(quirks) if quirks.is_empty() => "golden".to_string(),
            Dut::Golden(quirks) => quirks.iter().map(|q| q.name()).collect::<Vec<_>>().join("+"),
            Dut::Rtl(_) => "rtl".to_string(),
        };
        let params: String = self.params.iter().map(|p| format!(" {p}")).collect();
        format!("{} {} {dut}{params}", self.strategy.name(), self.profile.name)
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
        let turns = matches!(setup.dut, Dut::Rtl(_));
        let covers = setup.covers.clone().map(|counted| Covers::new(counted, &state.reached));
        Self {
            covers,
            setup,
            state,
            counts,
            kept,
            timing: Timing::new(turns),
            effort: Effort::default(),
            ways: Ways::default(),
            snapshots: Snapshots::default(),
            spent: spent::seconds(),
        }
    }

    pub(super) fn stream(&self, purpose: &str) -> ChaCha8Rng {
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

    /// What the state is to keep beside what it counts itself.
    pub fn note(&mut self) {
        let counts = self.counts.clone();
        self.state.note(&counts);
        self.state.reached = self.covers.as_ref().map_or_else(Vec::new, Covers::reached);
    }

    fn make(&mut self) -> Made {
        let name = format!("{}_{:06}", self.setup.strategy.name(), self.state.runs);
        let made = |vector, way| Made { vector, parts: Vec::new(), way };
        match self.setup.strategy {
            Strategy::Random => made(self.random(name), None),
            Strategy::Mutate => made(self.mutated(name), None),
            Strategy::Directed => match self.ways.choose() {
                Way::Led => {
                    let (vector, parts) = self.led(name);
                    Made { vector, parts, way: Some(Way::Led) }
                }
                Way::Mutated => made(self.mutated(name), Some(Way::Mutated)),
                Way::Drawn => made(self.random(name), Some(Way::Drawn)),
            },
        }
    }

    /// Makes a run.
    pub fn once(&mut self) -> Step {
        let made = self.make();
        // Shapes that are drawn hardly come twice.
        let keep = self.setup.strategy != Strategy::Random && made.way != Some(Way::Drawn);
        let key = Snapshots::key(&made.vector);
        let from = key.as_ref().and_then(|key| self.snapshots.get(key));
        let (again, keep) = (from.is_some(), keep && from.is_none());
        let ((mut outcome, collector), saved) = run_from(&self.setup, &made.vector, from, keep);
        if let (Some(key), Some(saved)) = (key, saved) {
            self.snapshots.put(key, saved);
        }
        let findings = self.setup.plan.judge(&outcome.coverage, outcome.cycles);
        if !findings.is_empty() {
            outcome.findings.extend(findings);
            outcome.verdict = outcome.verdict.max(Verdict::Failed);
        }
        let before = bring_up(&made.vector, &collector);
        // Bringing a machine up is charged to the directed search alone, each time that it is simulated.
        let free = again || self.setup.strategy != Strategy::Directed;
        let skipped = if free { before } else { 0 };
        let new = self.learn(&made, &outcome, &collector, skipped);
        Step { vector: made.vector, outcome, new }
    }

    fn learn(&mut self, made: &Made, outcome: &Outcome, seen: &Collector, skipped: u64) -> Vec<usize> {
        let new: Vec<usize> = self.counts.new_in(&outcome.coverage).collect();
        let cycles = outcome.cycles.saturating_sub(skipped);
        for f in &seen.first {
            if self.counts.get(f.bin as usize) == 0 {
                let at = self.state.cycles + f.tick.saturating_sub(skipped);
                self.state.hit_at.insert(name_of(f.bin as usize), at);
            }
        }
        self.counts.merge(&outcome.coverage);
        for part in &made.parts {
            self.judge(part, seen, outcome.cycles);
        }
        let useful = new.iter().filter(|b| self.setup.plan.can_be(**b)).count();
        let reached = self.covers.as_mut().map_or(0, Covers::new_points);
        if let Some(way) = made.way {
            self.ways.note(way, useful + reached, cycles);
        }
        if useful + reached > 0 && outcome.verdict == Verdict::Passed {
            self.kept.push(Kept {
                corpus: VERSION,
                model: items::model().into(),
                seed: self.setup.seed,
                adds: new.iter().map(|b| name_of(*b)).collect(),
                vector: made.vector.clone(),
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
            self.state.found.push(Found { run: self.state.runs, vector: made.vector.name.clone(), checks, text });
        }
        self.state.runs += 1;
        self.state.cycles += cycles;
        let (before, now) = (self.spent, spent::seconds());
        self.spent = now;
        self.state.seconds += now.zip(before).map_or(outcome.wall_s, |(now, before)| now - before);
        new
    }

    /// What an attempt cost and brought.
    fn judge(&mut self, part: &Part, seen: &Collector, end: u64) {
        let began = |step: usize| {
            let k = seen.began.partition_point(|(s, _)| (*s as usize) < step);
            seen.began.get(k).map_or(end, |(_, tick)| *tick)
        };
        let cycles = began(part.steps.end).saturating_sub(began(part.steps.start));
        let hit = part.bins.iter().filter(|b| self.counts.get(**b) > 0).count();
        self.effort.note(part.item, &part.bins, hit, cycles);
        if let Some((race, aimed)) = &part.race {
            let within = |step: u32| (*aimed..part.steps.end).contains(&(step as usize));
            let acted: Vec<_> = seen.acted.iter().filter(|a| within(a.step)).copied().collect();
            let causes = seen.caused.iter().filter(|c| within(c.step) && c.store == race.store).map(|c| c.tick);
            self.timing.learn(race, began(*aimed), &acted, &causes.collect::<Vec<_>>());
        }
    }

    fn draw(&self) -> Draw<'_> {
        Draw::new(&self.setup.profile, &self.setup.dut_params(), self.stream("draw"))
    }

    pub(super) fn random(&self, name: String) -> Vector {
        self.draw().vector(name)
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
        let mut draw = self.draw();
        let mut v = mutate::mutate(&self.kept[a].vector, &self.kept[b].vector, &mut draw, &mut rng);
        v.name = name;
        v
    }
}

/// Cycles before a vector's restart.
fn bring_up(v: &Vector, seen: &Collector) -> u64 {
    let Some(at) = restart_of(v) else { return 0 };
    seen.began.iter().find(|(step, _)| *step as usize == at).map_or(0, |(_, tick)| *tick)
}

/// Runs a vector; what breaks the bench itself is an outcome too.
pub fn run_once(setup: &Setup, vector: &Vector) -> (Outcome, Collector) {
    run_from(setup, vector, None, false).0
}

/// As [`run_once`], from a kept state, or keeping the one at the restart.
fn run_from(setup: &Setup, vector: &Vector, from: Option<&Saved>, keep: bool) -> ((Outcome, Collector), Option<Saved>) {
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
    let observed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| observe_from(&job, from, keep)));
    let ((mut outcome, collector), saved) =
        observed.unwrap_or_else(|panic| ((broken(&job, panic.as_ref()), Collector::default()), None));
    outcome.events = String::new();
    // A sequence whose every cause was refused has still been watched.
    if outcome.findings.is_empty() && outcome.error.as_deref().is_some_and(|e| e.starts_with("it raised no cause")) {
        (outcome.verdict, outcome.error) = (Verdict::Passed, None);
    }
    ((outcome, collector), saved)
}

/// Whether a finding is about the plan and not about the device.
pub fn is_about_the_plan(o: &Outcome) -> bool {
    !o.findings.is_empty() && o.findings.iter().all(|f| f.check == IMPOSSIBLE)
}
