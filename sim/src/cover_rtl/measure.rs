// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Runs vectors on models that count.

use super::kept::Kept;
use super::points::{Counter, Cover};
use crate::basis::of_simulations;
use crate::mutant::generate::design_files;
use crate::mutant::schemata::spread;
use crate::rtl::RtlModels;
use crate::run::Params;
use crate::run::batch::project_vectors;
use crate::run::{Dut, Job, Param, Verdict, options, run, test_seed};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use vectors::suite::{self, Loaded};
use verilated::{Builder, Toolchain, Variant};

/// Devices that are measured: parameters that differ from the default. Some lines exist at one width only.
pub const DEVICES: &[&[&str]] = &[&[], &["DataW=64"], &["DataW=512"]];

/// How to go about it.
pub struct Options {
    /// Devices, as in [`DEVICES`].
    pub devices: Vec<Vec<Param>>,
    /// Only vectors whose name contains this or matches it as a glob.
    pub filter: Option<String>,
    /// Threads.
    pub workers: usize,
    /// Begin no vector after this time: the next call goes on from there.
    pub within: Option<Duration>,
}

/// What came out.
pub struct Measured {
    /// How many vectors reach each point.
    pub cover: Cover,
    /// Vectors that time did not suffice for.
    pub open: usize,
}

/// Runs every vector that fits on each of the devices, and adds up what they reach.
///
/// # Errors
/// No Verilator, or a vector that does not pass.
pub fn measure(root: &Path, options: &Options, say: &(dyn Fn(&str) + Sync)) -> Result<Measured> {
    let until = options.within.map(|d| Instant::now() + d);
    let found = suite::load(&project_vectors(root), options.filter.as_deref())?;
    let builder = Builder::new(Toolchain::find(root)?, root.join("target/models"));
    let design = basis(root)?;
    let (mut cover, mut open) = (Cover::default(), 0);
    for device in &options.devices {
        let name: Vec<String> = device.iter().map(ToString::to_string).collect();
        let name = if name.is_empty() { "default".to_owned() } else { name.join(" ") };
        let (fitting, skipped) = options::fit(found.clone(), &options::chosen(device));
        // A width of its own asks for a model of its own; those of the default device have run already.
        let params = Params::from(&options::chosen(device));
        let (own, others): (Vec<_>, Vec<_>) = fitting.into_iter().partition(|l| Params::from(&l.vector.dut) == params);
        say(&format!("{name}: {} vectors, {} left out", own.len(), skipped.len() + others.len()));
        let models = RtlModels::with_builder(builder.clone(), root.join("rtl"), Variant::Coverage);
        models.build(&params).with_context(|| name.clone())?;
        let kept = Kept::open(&root.join(format!("target/cover/kept/{design}-{}.jsonl", name.replace(' ', "-"))))?;
        let mut rest = Vec::new();
        for l in &own {
            let text = std::fs::read(&l.path).with_context(|| l.path.display().to_string())?;
            let key = (l.vector.name.clone(), blake3::hash(&text).to_hex()[..16].to_owned());
            if !kept.has(&key, &mut cover) {
                rest.push((l, key));
            }
        }
        let done = AtomicUsize::new(own.len() - rest.len());
        let counter = Counter::default();
        let results = spread(&rest, options.workers, |(l, key)| -> Result<Option<Vec<bool>>> {
            if until.is_some_and(|u| Instant::now() > u) {
                return Ok(None);
            }
            let hits = one(&models, counter.fresh(), l).with_context(|| format!("at {name}"))?;
            kept.keep(key, counter.points(), &hits)?;
            say(&format!("{name}: {} of {}: {}", 1 + done.fetch_add(1, Ordering::Relaxed), own.len(), l.vector.name));
            Ok(Some(hits))
        });
        for hits in results {
            match hits? {
                Some(hits) => cover.reached(counter.points(), hits.into_iter()),
                None => open += 1,
            }
        }
    }
    Ok(Measured { cover, open })
}

/// Runs a vector; which points it reaches.
fn one(models: &RtlModels, counter: Counter, l: &Loaded) -> Result<Vec<bool>> {
    let outcome = run(&Job {
        vector: Arc::new(l.vector.clone()),
        seed: test_seed(1, &l.vector.name),
        reset_seed: 0,
        dut: Dut::Rtl(Arc::new(models.counting(counter.clone()))),
        trace: None,
        keep_events: false,
        give_up: Default::default(),
        cancel: Arc::default(),
    });
    if outcome.verdict != Verdict::Passed {
        let why = outcome.error.or(outcome.findings.first().map(|f| f.text.clone())).unwrap_or_default();
        bail!("{} does not pass, and coverage of a failing run says nothing: {why}", l.vector.name);
    }
    Ok(counter.hits())
}

/// What a measurement depends on beside its vectors: RTL and bench.
fn basis(root: &Path) -> Result<String> {
    Ok(of_simulations(root)?.to_hex()[..16].to_owned())
}

/// Lines of every design file, by name below rtl/.
///
/// # Errors
/// rtl.f or a file of it cannot be read.
pub fn texts(root: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let rtl = root.join("rtl");
    let files = design_files(&rtl)?.into_iter().map(|f| {
        let path = rtl.join(&f);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Ok((f, text.lines().map(str::to_owned).collect()))
    });
    files.collect()
}
