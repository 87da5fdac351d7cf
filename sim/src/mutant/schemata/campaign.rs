// SPDX-License-Identifier: Apache-2.0 OR MIT
//! From a sample of faults to their verdicts.

use super::equivalent::{self, Known};
use super::judge::{Case, judge};
use super::model;
use super::probe::{Models, Relevance, probe, spread};
use super::store::{Basis, Store};
use super::text::Mode;
use super::verdict::{Result as Judged, Verdict};
use crate::basis::of_simulations;
use crate::mutant::equal::{Standing, compare};
use crate::mutant::generate::{Generated, generate, sample};
use crate::rtl::RtlModels;
use crate::run::Params;
use crate::run::batch::{default_workers, project_vectors};
use crate::run::{Batch, Dut};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use vectors::op::DutParams;
use vectors::suite::{self, Loaded};
use verilated::{Builder, Toolchain, Variant};

/// Faults in one model. More make it slower than a second build costs.
const TOGETHER: usize = 600;

/// Cycles that every fault gets first: most are reported by then, and the few that are not take longer than all others.
const FIRST: u64 = 1_000_000;

/// How to go about it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Faults to judge; all when absent.
    pub sample: Option<usize>,
    /// Seed of the sample.
    pub seed: u64,
    /// Only faults whose id contains this.
    pub only: Option<String>,
    /// Threads.
    pub workers: usize,
    /// Forget earlier verdicts.
    pub fresh: bool,
    /// Begin nothing more after this time: what is open then is for the next run.
    pub within: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self { sample: Some(500), seed: 1, only: None, workers: default_workers(), fresh: false, within: None }
    }
}

/// What came out.
pub struct End {
    /// Faults that the RTL has.
    pub all: usize,
    /// Verdicts on the sample, in the order of the RTL.
    pub judged: Vec<Judged>,
    /// Faults of the sample that time did not suffice for.
    pub open: usize,
    /// Vectors that took part.
    pub vectors: usize,
    /// Seconds of building, probing and judging in this run.
    pub seconds: [f64; 3],
}

/// A campaign.
pub struct Campaign {
    root: PathBuf,
    options: Options,
    vectors: Vec<Loaded>,
    builder: Builder,
}

impl Campaign {
    /// A campaign on the RTL of the checkout `root` with its vectors for the device as it is by default.
    ///
    /// # Errors
    /// No Verilator or compiler; a vector that cannot be read.
    pub fn new(root: &Path, options: Options) -> Result<Self> {
        let mut vectors = suite::load(&project_vectors(root), None)?;
        let device = Params::from(&DutParams::default());
        vectors.retain(|l| Params::from(&l.vector.dut) == device);
        let builder = Builder::new(Toolchain::find(root)?, root.join("target/mutants/models")).jobs(options.workers);
        Ok(Self { root: root.to_owned(), options, vectors, builder })
    }

    /// The faults of the RTL, and the sample.
    ///
    /// # Errors
    /// The RTL has something that the generator cannot read.
    pub fn faults(&self) -> Result<(Vec<Generated>, Vec<Generated>)> {
        let all = generate(&self.root.join("rtl"))?;
        let mut picked: Vec<Generated> = all.clone();
        if let Some(only) = &self.options.only {
            picked.retain(|g| g.id.contains(only.as_str()));
        }
        if let Some(n) = self.options.sample {
            picked = sample(picked, n, self.options.seed);
        }
        Ok((all, picked))
    }

    /// Judges the sample; `say` hears how it goes.
    ///
    /// # Errors
    /// The RTL does not compile, a vector fails without fault, or an entry of equivalent.yaml is wrong.
    pub fn run(&self, say: &(dyn Fn(&str) + Sync)) -> Result<End> {
        let until = self.options.within.map(|d| Instant::now() + d);
        let (all, picked) = self.faults()?;
        if picked.is_empty() {
            bail!("no fault is called like that");
        }
        let reasons = equivalent::reasons(&self.root, &all)?;
        let store = Store::open(&self.kept(), self.basis()?, self.options.fresh)?;
        let mut seconds = [0.0; 3];
        let held = picked.iter().filter(|g| store.known.contains_key(&g.id)).count();
        if held > 0 {
            say(&format!("{held} verdicts of an earlier run hold"));
        }
        let mut judged = store.known.clone();
        // Parts of the sample, not of what is open: an interrupted run finds its models and probes again.
        for (k, part) in picked.chunks(TOGETHER).enumerate() {
            let over = |id: &String| store.known.get(id).is_some_and(|j| j.verdict != Verdict::Open);
            if part.iter().all(|g| over(&g.id)) {
                continue;
            }
            for j in self.part(part, k, &store, &reasons, until, &mut seconds, say)? {
                judged.insert(j.id.clone(), j);
            }
        }
        let over = |j: &&Judged| j.verdict != Verdict::Open;
        let judged = picked.iter().filter_map(|g| judged.get(&g.id)).filter(over).map(|j| self.explained(j, &reasons));
        let judged = judged.collect::<Result<Vec<_>>>()?;
        let open = picked.len() - judged.len();
        Ok(End { all: all.len(), judged, open, vectors: self.vectors.len(), seconds })
    }

    /// Formal equivalence of what has survived in the sample so far, and of all entries of equivalent.yaml that claim a
    /// proof; `tell` hears of each. Whether every claim holds.
    ///
    /// # Errors
    /// Yosys is not there, or does not read the RTL.
    pub fn prove(&self, seconds: u64, mut tell: impl FnMut(&Generated, bool, Standing)) -> Result<bool> {
        let (all, picked) = self.faults()?;
        let reasons = equivalent::reasons(&self.root, &all)?;
        let store = Store::open(&self.kept(), self.basis()?, false)?;
        let claims = all.iter().filter(|g| reasons.get(&g.id).is_some_and(|k| k.proof)).map(|g| (g, true));
        let survives = |g: &&Generated| {
            let survived = store.known.get(&g.id).is_some_and(|j| matches!(j.verdict, Verdict::Survived { .. }));
            survived && !reasons.contains_key(&g.id)
        };
        let survivors = picked.iter().filter(survives).map(|g| (g, false));
        let mut hold = true;
        for (g, claimed) in claims.chain(survivors) {
            let standing = compare(&self.root, g, seconds)?;
            hold &= !claimed || standing == Standing::Equal;
            tell(g, claimed, standing);
        }
        Ok(hold)
    }

    fn explained(&self, j: &Judged, reasons: &BTreeMap<String, Known>) -> Result<Judged> {
        let mut j = j.clone();
        match (&j.verdict, reasons.get(&j.id)) {
            (Verdict::Killed { check, test, .. }, Some(_)) => {
                bail!("equivalent.yaml calls {} equivalent, but {check} of {test} tells it from the right design", j.id)
            }
            (Verdict::Survived { .. }, Some(known)) => {
                j.verdict = Verdict::Equivalent { reason: known.reason.clone() };
            }
            _ => {}
        }
        Ok(j)
    }

    #[allow(clippy::too_many_arguments)]
    fn part(
        &self,
        faults: &[Generated],
        k: usize,
        store: &Store,
        reasons: &BTreeMap<String, Known>,
        until: Option<Instant>,
        seconds: &mut [f64; 3],
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<Vec<Judged>> {
        let (rtl, dir) = (self.root.join("rtl"), self.root.join("target/mutants/generated"));
        let device = [Params::from(&DutParams::default())];
        let mut texts: BTreeMap<&str, String> = BTreeMap::new();
        for g in faults {
            if !texts.contains_key(g.file.as_str()) {
                texts.insert(&g.file, std::fs::read_to_string(rtl.join(&g.file))?);
            }
        }
        let result = |g: &Generated, verdict, seconds| {
            let (was, is) = g.change(&texts[g.file.as_str()]);
            Judged { id: g.id.clone(), was, is, verdict, seconds }
        };
        say(&format!("building models with {} faults", faults.len()));
        let begun = Instant::now();
        let select = model::build(&self.builder, &rtl, &dir.join(format!("select{k}")), faults, Mode::Select, &device)?;
        let probing = model::build(&self.builder, &rtl, &dir.join(format!("probe{k}")), faults, Mode::Probe, &device)?;
        seconds[0] += begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let batch = Batch { seed: 1, ..Batch::new(Dut::Golden(vec![])) };
        let plain = Builder::new(Toolchain::find(&self.root)?, self.root.join("target/models"));
        let plain = RtlModels::with_builder(plain, rtl.clone(), Variant::Plain);
        plain.build(&device[0])?;
        let models = Models { probing: &probing.models, select: &select.models, plain: &plain };
        let file = self.kept().join(format!("probe-{}-{}.jsonl", store.basis.design, name_of(faults)));
        let late = || until.is_some_and(|u| Instant::now() > u);
        let kept = (file.as_path(), &store.basis.vectors);
        let probed = probe(&models, &batch, &self.vectors, kept, self.options.workers, &late, say)?;
        seconds[1] += begun.elapsed().as_secs_f64();
        let Some(probed) = probed else { return Ok(vec![]) };
        let begun = Instant::now();
        let numbered: Vec<(u32, &Generated)> = (1u32..).zip(faults).collect();
        let files: Vec<&str> = faults.iter().map(|g| g.file.as_str()).collect();
        let relevance = Relevance::new(&files, &probed);
        let mut judged: BTreeMap<String, Judged> = BTreeMap::new();
        for (round, budget) in [(1, FIRST), (2, u64::MAX)] {
            let todo: Vec<&(u32, &Generated)> =
                numbered.iter().filter(|(_, g)| judged.get(&g.id).is_none_or(|j| j.verdict == Verdict::Open)).collect();
            let done = AtomicUsize::new(0);
            let alive = AtomicUsize::new(0);
            let results = spread(&todo, self.options.workers, |(n, g)| -> Result<Option<Judged>> {
                let known = judged.get(&g.id).or_else(|| store.known.get(&g.id));
                if known.is_some_and(|j| j.verdict != Verdict::Open) {
                    return Ok(known.cloned());
                }
                if late() {
                    return Ok(None);
                }
                let refused = select.refused.get(n).or_else(|| probing.refused.get(n));
                let j = if let Some(reason) = refused {
                    result(g, Verdict::NotCompiled { reason: reason.clone() }, 0.0)
                } else if reasons.get(&g.id).is_some_and(|k| k.proof) {
                    // No vector can tell what is proven equal.
                    result(g, Verdict::Survived { vectors: 0 }, 0.0)
                } else {
                    let open = result(g, Verdict::Open, 0.0);
                    let case = Case {
                        id: &g.id,
                        dut: Dut::Rtl(Arc::new(select.models.with_mutant(*n))),
                        vectors: (&self.vectors, &probed),
                        order: relevance.chosen(*n, &g.file, &probed),
                        earlier: store.earlier(&open),
                    };
                    let (verdict, s) = judge(&batch, &case, store, budget)?;
                    result(g, verdict, s + known.map_or(0.0, |j| j.seconds))
                };
                store.keep(&j)?;
                let still = matches!(j.verdict, Verdict::Survived { .. } | Verdict::Open);
                let alive = alive.fetch_add(usize::from(still), Ordering::Relaxed) + usize::from(still);
                let at = done.fetch_add(1, Ordering::Relaxed) + 1;
                say(&format!("round {round}: {at} of {}, {alive} alive: {} {}", todo.len(), j.verdict.word(), j.id));
                Ok(Some(j))
            });
            for j in results {
                if let Some(j) = j? {
                    judged.insert(j.id.clone(), j);
                }
            }
        }
        seconds[2] += begun.elapsed().as_secs_f64();
        Ok(judged.into_values().collect())
    }

    /// Where verdicts and what was probed are kept.
    fn kept(&self) -> PathBuf {
        self.root.join("target/mutants/verdicts")
    }

    fn basis(&self) -> Result<Basis> {
        let vectors = self
            .vectors
            .iter()
            .map(|l| {
                let text = std::fs::read(&l.path).with_context(|| l.path.display().to_string())?;
                Ok((l.vector.name.clone(), blake3::hash(&text).to_hex()[..16].to_owned()))
            })
            .collect::<Result<BTreeMap<_, _>>>()?;
        Ok(Basis { design: of_simulations(&self.root)?.to_hex()[..16].to_owned(), vectors })
    }
}

/// A name for a list of faults.
fn name_of(faults: &[Generated]) -> String {
    let mut h = blake3::Hasher::new();
    for g in faults {
        h.update(g.id.as_bytes());
        h.update(b"\n");
    }
    h.finalize().to_hex()[..16].to_owned()
}
