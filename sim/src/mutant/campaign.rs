// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Many mutants: those that can be switched on share a model, each other has a copy of the RTL and a model of its own;
//! and as many vectors as it takes.

use super::generate::{Generated, as_fault, read};
use super::judge::{Judged, judge};
use super::kept::Kept;
use super::schemata::{Mode, build};
use super::{Mutant, plant};
use crate::rtl::RtlModels;
use crate::run::Params;
use crate::run::{Batch, Dut, Verdict as TestVerdict};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use vectors::op::DutParams;
use vectors::suite::{self, Loaded};
use verilated::{Builder, Toolchain, Variant};

/// Wall-clock limit of one vector on one mutant: far above what any takes, for a model that hangs in one clock.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Faults from which on one model for all of them is cheaper than a model each.
const WORTH: usize = 4;

/// How to go about it.
pub struct Campaign {
    root: PathBuf,
    vectors: Vec<Loaded>,
    builder: Builder,
    /// Mutants at a time.
    pub workers: usize,
    /// Seed of the runs.
    pub seed: u64,
    /// Begin no mutant after this time: the next run goes on from there.
    pub within: Option<Duration>,
}

/// What came out.
pub struct End {
    /// Every mutant with its verdict, in their order.
    pub judged: Vec<Judged>,
    /// Mutants that time did not suffice for.
    pub open: usize,
    /// Wall-clock seconds.
    pub seconds: f64,
}

impl End {
    /// Mutants that some check reported.
    pub fn caught(&self) -> usize {
        self.judged.iter().filter(|j| j.verdict.catch().is_some()).count()
    }
}

impl Campaign {
    /// A campaign on the RTL of the checkout with its directed vectors and those of found faults.
    ///
    /// # Errors
    /// No Verilator or compiler; a vector that cannot be read.
    pub fn new(root: &Path) -> Result<Self> {
        let vectors = suite::load(&[root.join("vectors/directed"), root.join("vectors/regress")], None)?;
        // One model at a time has one compiler process: mutants run beside each other instead.
        let builder = Builder::new(Toolchain::find(root)?, root.join("target/mutants/models")).jobs(1).quick();
        Ok(Self {
            root: root.to_owned(),
            vectors,
            builder,
            workers: crate::run::batch::default_workers(),
            seed: 1,
            within: None,
        })
    }

    /// Judges all of them; `progress` hears of each as it ends.
    ///
    /// # Errors
    /// A mutant that does not fit the RTL or does not compile; a vector that fails without any fault.
    pub fn run(&self, mutants: &[Mutant], mut progress: impl FnMut(&Judged)) -> Result<End> {
        let started = Instant::now();
        // All of them first: a text that is gone should be told before an hour of building.
        for m in mutants {
            super::apply::changed(m, &self.root.join("rtl"))?;
            self.tests(m)?;
        }
        let kept = Kept::open(&self.root, self.seed)?;
        let mut judged = Vec::new();
        for m in mutants {
            judged.push(kept.get(&kept.basis(m, &self.tests(m)?)?).cloned());
        }
        judged.iter().flatten().for_each(&mut progress);
        let todo: Vec<(usize, &Mutant)> = mutants.iter().enumerate().filter(|(k, _)| judged[*k].is_none()).collect();
        // All mutants, not only those to do: an interrupted run finds its model again.
        let shared = if todo.is_empty() { BTreeMap::new() } else { self.shared(mutants)? };
        let queue = Mutex::new(todo.into_iter());
        let stop = AtomicBool::new(false);
        let mut failure = None;
        std::thread::scope(|scope| {
            let (tell, hear) = mpsc::channel();
            for _ in 0..self.workers.clamp(1, mutants.len().max(1)) {
                let (tell, queue, stop, shared, kept) = (tell.clone(), &queue, &stop, &shared, &kept);
                scope.spawn(move || {
                    let late = || self.within.is_some_and(|d| started.elapsed() > d);
                    while !stop.load(Ordering::Relaxed) && !late() {
                        let next = queue.lock().unwrap_or_else(|e| e.into_inner()).next();
                        let Some((k, m)) = next else { return };
                        let result = self.one(m, shared.get(&m.name).cloned()).and_then(|j| {
                            kept.keep(kept.basis(m, &self.tests(m)?)?, &j)?;
                            Ok(j)
                        });
                        let _ = tell.send((k, result));
                    }
                });
            }
            drop(tell);
            for (k, result) in hear {
                match result {
                    Ok(j) => {
                        progress(&j);
                        judged[k] = Some(j);
                    }
                    Err(e) => {
                        stop.store(true, Ordering::Relaxed);
                        failure.get_or_insert(e);
                    }
                }
            }
        });
        if let Some(e) = failure {
            return Err(e);
        }
        let judged: Vec<Judged> = judged.into_iter().flatten().collect();
        let open = mutants.len() - judged.len();
        if open == 0 {
            self.without_fault(&judged)?;
        }
        Ok(End { judged, open, seconds: started.elapsed().as_secs_f64() })
    }

    /// Models with many of the faults built in, each for the fault that is switched on: those of which a model can have
    /// several (schemata). A few faults are not worth it.
    ///
    /// # Errors
    /// A mutant does not fit, or the models do not compile.
    pub fn shared(&self, mutants: &[Mutant]) -> Result<BTreeMap<String, Arc<RtlModels>>> {
        let rtl = self.root.join("rtl");
        let (texts, modules) = read(&rtl)?;
        let mut faults = Vec::new();
        for m in mutants {
            let Some((file, text)) = texts.iter().find(|(f, _)| Path::new(f) == m.file) else { continue };
            let changed = super::apply::changed(m, &rtl)?;
            if let Some(fault) = as_fault(text, &changed, &modules) {
                faults.push(Generated { id: m.name.clone(), file: file.clone(), line: 0, fault });
            }
        }
        if faults.len() < WORTH {
            return Ok(BTreeMap::new());
        }
        let builder = Builder::new(self.builder.toolchain().clone(), self.root.join("target/mutants/models"));
        let device = [Params::from(&DutParams::default())];
        let built = build(&builder, &rtl, &self.root.join("target/mutants/planted"), &faults, Mode::Select, &device)?;
        let numbered = (1u32..).zip(&faults).filter(|(n, _)| !built.refused.contains_key(n));
        Ok(numbered.map(|(n, g)| (g.id.clone(), Arc::new(built.models.with_mutant(n)))).collect())
    }

    /// Models of a copy of the RTL with one fault.
    ///
    /// # Errors
    /// The mutant does not fit.
    pub fn own(&self, m: &Mutant) -> Result<Arc<RtlModels>> {
        let copy = plant(m, &self.root.join("rtl"), &self.root.join("target/mutants").join(&m.name))?;
        Ok(Arc::new(RtlModels::with_builder(self.builder.clone(), copy, Variant::Plain)))
    }

    fn one(&self, m: &Mutant, shared: Option<Arc<RtlModels>>) -> Result<Judged> {
        let tests = self.tests(m)?;
        let models = shared.map_or_else(|| self.own(m), Ok)?;
        let batch = self.batch(Dut::Rtl(models));
        let begun = Instant::now();
        let needed: Vec<Loaded> = tests.iter().take(1).map(|l| (*l).clone()).collect();
        batch.prepare(&needed).with_context(|| format!("mutant {} ({})", m.name, m.path.display()))?;
        let build_s = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let (verdict, tests) = judge(m, &batch, &tests)?;
        Ok(Judged { name: m.name.clone(), verdict, tests, build_s, run_s: begun.elapsed().as_secs_f64() })
    }

    fn batch(&self, dut: Dut) -> Batch {
        Batch { workers: 1, timeout: TIMEOUT, seed: self.seed, ..Batch::new(dut) }
    }

    /// Vectors of a mutant: those that it names, in its order, or every one for the device as it is by default.
    fn tests(&self, m: &Mutant) -> Result<Vec<&Loaded>> {
        if m.tests.is_empty() {
            let device = Params::from(&DutParams::default());
            return Ok(self.vectors.iter().filter(|l| Params::from(&l.vector.dut) == device).collect());
        }
        let mut tests: Vec<&Loaded> = Vec::new();
        for filter in &m.tests {
            let before = tests.len();
            let known: BTreeSet<&str> = tests.iter().map(|l| l.vector.name.as_str()).collect();
            let hits = self.vectors.iter().filter(|l| suite::accepts(filter, &l.vector.name));
            tests.extend(hits.filter(|l| !known.contains(l.vector.name.as_str())));
            if tests.len() == before {
                bail!("{}: tests: no vector of directed/ or regress/ is called `{filter}`", m.path.display());
            }
        }
        Ok(tests)
    }

    /// A vector that fails on the RTL as it is has caught nothing.
    fn without_fault(&self, judged: &[Judged]) -> Result<()> {
        let names: BTreeSet<&str> = judged.iter().filter_map(|j| j.verdict.catch()).map(|c| c.test.as_str()).collect();
        let found: Vec<Loaded> =
            self.vectors.iter().filter(|l| names.contains(l.vector.name.as_str())).cloned().collect();
        let models = RtlModels::new(&self.root, self.root.join("rtl"), Variant::Plain)?;
        let batch = Batch { workers: self.workers, ..self.batch(Dut::Rtl(Arc::new(models))) };
        batch.prepare(&found)?;
        let (outcomes, _) = batch.run(&found, |_| {})?;
        match outcomes.iter().find(|o| o.verdict != TestVerdict::Passed) {
            Some(o) => bail!("the vector {} fails without any fault, so what it caught means nothing", o.name),
            None if outcomes.len() < found.len() => bail!("interrupted"),
            None => Ok(()),
        }
    }
}
