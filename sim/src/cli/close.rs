// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `close`: search for what is not covered yet.

use super::run::{device, number};
use super::standing::{Standing, interruption};
use super::{Failure, root};
use anyhow::anyhow;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use sim::cover::{Plan, items, name_of};
use sim::cover_rtl::Counter;
use sim::direct::{Search, Setup, Strategy, corpus, profile, search};
use sim::run::options::{self, Param};
use sim::run::{Dut, DutKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use verilated::Variant;

/// Arguments of `close`.
#[derive(Args, Clone)]
pub struct CloseArgs {
    /// How sequences are chosen.
    #[arg(long, value_enum, default_value = "directed")]
    pub strategy: Strategy,
    /// Profile, a file of vectors/profiles.
    #[arg(long, default_value = "everything")]
    pub profile: String,
    /// Seed of the search.
    #[arg(long, default_value_t = 1, value_parser = number)]
    pub seed: u64,
    /// Device.
    #[arg(long, value_enum, default_value = "rtl")]
    pub dut: DutKind,
    /// Misbehaviours of the golden endpoint, by name.
    #[arg(long, value_delimiter = ',')]
    pub quirk: Vec<String>,
    /// Parameters of the device, as in the data sheet.
    #[arg(long, value_delimiter = ',', value_name = "NAME=VALUE")]
    pub param: Vec<Param>,
    /// RTL tree other than the project's.
    #[arg(long)]
    pub rtl: Option<PathBuf>,
    /// Cycles to simulate, in millions, those of earlier calls included.
    #[arg(long, default_value_t = 20)]
    pub cycles: u64,
    /// Stop after so many seconds.
    #[arg(long)]
    pub seconds: Option<u64>,
    /// Only these bins: `item:value/value/…`, where a value may be `*` or `a|b`.
    #[arg(long)]
    pub aim: Option<String>,
    /// Directory in which the search stands; it goes on where it stood.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Also write the kept sequences that are needed, ranked, to vectors/corpus.
    #[arg(long)]
    pub keep: bool,
    /// What a run reaches of the RTL counts too: lines, branches, toggles, cover properties.
    #[arg(long)]
    pub covers: bool,
    /// Stop at the first run that does not pass.
    #[arg(long)]
    pub first: bool,
}

/// The plan of the project, checked against its vectors.
pub fn plan(root: &Path) -> Result<Plan, Failure> {
    let dirs = sim::run::batch::project_vectors(root);
    let found = vectors::suite::load(&dirs, None).map_err(Failure::input)?;
    let names = found.into_iter().map(|l| l.vector.name).collect();
    Plan::load(root, Some(&names)).map_err(Failure::input)
}

/// `close`.
pub fn close(a: CloseArgs, json: bool) -> Result<u8, Failure> {
    let root = root();
    let plan = Arc::new(plan(&root)?.on(a.dut));
    let profile = profile::named(&root, &a.profile).map_err(|e| Failure::input(anyhow!(e)))?;
    let aim = match &a.aim {
        None => Vec::new(),
        Some(pattern) => items::named(pattern).map_err(|e| Failure::input(anyhow!(e)))?,
    };
    if let Some((bin, reason)) = aim.iter().find_map(|b| plan.never.get(b).map(|r| (b, r))) {
        return Err(Failure::input(anyhow!("{} cannot be hit: {reason}", name_of(*bin))));
    }
    let how = super::run::How { dut: a.dut, quirk: a.quirk.clone(), rtl: a.rtl.clone(), ..super::run::How::plain() };
    if a.covers && a.dut != DutKind::Rtl {
        return Err(Failure::input(anyhow!("--covers counts what is reached in the RTL: want --dut rtl")));
    }
    let covers: Option<Counter> = a.covers.then(Counter::default);
    let mut dut = device(&how, if a.covers { Variant::Coverage } else { Variant::Plain })?;
    if let (Dut::Rtl(models), Some(counted)) = (&dut, &covers) {
        dut = Dut::Rtl(Arc::new(models.counting(counted.clone())));
    }
    let params = options::distinct(&a.param);
    dut.prepare(&[options::chosen(&params)]).map_err(super::run::verilated)?;
    let kind = if a.dut == DutKind::Rtl { "rtl" } else { "golden" };
    let other: String = params.iter().map(|p| format!("-{p}")).collect();
    let name = format!("{}-{kind}-{}{other}", a.strategy.name(), a.seed);
    let setup = Setup { plan: plan.clone(), profile, dut, params, strategy: a.strategy, seed: a.seed, aim, covers };
    let dir = a.out.clone().unwrap_or_else(|| root.join("target/close").join(name));
    let mut standing = Standing::at(setup, &dir)?;
    let interrupted = interruption()?;
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new(a.cycles * 1_000_000) };
    bar.set_style(ProgressStyle::with_template("{bar:30.green} {elapsed} {msg}").expect("a fixed template"));
    let started = Instant::now();
    let before = standing.search.state.found.len();
    while standing.search.state.cycles < a.cycles * 1_000_000 && (a.covers || !standing.search.holes().is_empty()) {
        if interrupted.load(Ordering::Relaxed) || a.seconds.is_some_and(|s| started.elapsed().as_secs() >= s) {
            break;
        }
        if let Some(found) = standing.once()? {
            bar.suspend(|| println!("{found}"));
        }
        let search = &standing.search;
        bar.set_position(search.state.cycles);
        bar.set_message(format!(
            "run {} · {:.1} M cycles · {} of {} bins · {} found",
            search.state.runs,
            search.state.cycles as f64 / 1e6,
            plan.covered(&search.counts),
            plan.reachable(),
            search.state.found.len()
        ));
        if a.first && search.state.found.len() > before {
            break;
        }
    }
    bar.finish_and_clear();
    standing.save()?;
    let search = standing.search;
    if a.keep {
        keep_ranked(&search, &root.join("vectors/corpus"))?;
    }
    tell(&search, &plan, &dir, json)?;
    let about_plan = search.state.found[before..].iter().any(|f| !f.checks.is_empty());
    Ok(match (interrupted.load(Ordering::Relaxed), about_plan) {
        (true, _) => 130,
        (_, true) => 1,
        _ => 0,
    })
}

/// The smallest set of kept sequences that a greedy choice finds, each run anew so that its counts are its own.
fn keep_ranked(search: &Search, dir: &Path) -> Result<(), Failure> {
    let mut tests = std::collections::BTreeMap::new();
    for kept in &search.kept {
        let (outcome, _) = search::run_once(&search.setup, &kept.vector);
        tests.insert(kept.vector.name.clone(), outcome.coverage);
    }
    let ranked = sim::cover::rank::rank(&tests, &search.setup.plan);
    for r in ranked.iter().filter(|r| r.adds > 0) {
        if let Some(kept) = search.kept.iter().find(|k| k.vector.name == r.test) {
            corpus::keep(dir, kept).map_err(Failure::tool)?;
        }
    }
    Ok(())
}

fn tell(search: &Search, plan: &Plan, dir: &Path, json: bool) -> Result<(), Failure> {
    let holes = search.holes();
    let s = &search.state;
    if json {
        let names: Vec<String> = holes.iter().map(|b| name_of(*b)).collect();
        let value = json!({
            "strategy": search.setup.strategy, "seed": s.seed, "runs": s.runs, "cycles": s.cycles,
            "covered": plan.covered(&search.counts), "reachable": plan.reachable(), "holes": names,
            "found": s.found, "seconds": s.seconds, "dir": dir,
        });
        println!("{value}");
        return Ok(());
    }
    println!(
        "{} · {} runs · {} cycles · {} of {} bins covered · {} found · {:.0} s of processor time",
        s.identity,
        s.runs,
        s.cycles,
        plan.covered(&search.counts),
        plan.reachable(),
        s.found.len(),
        s.seconds
    );
    for bin in holes.iter().take(if search.setup.aim.is_empty() { 20 } else { 200 }) {
        println!("  not covered: {}", name_of(*bin));
    }
    if holes.len() > 20 {
        println!(
            "  … {} altogether; all of them: scripts/ims-cosim cov {}",
            holes.len(),
            dir.join("coverage.json").display()
        );
    }
    if !search.setup.aim.is_empty() {
        for bin in search.setup.aim.iter().filter(|b| search.counts.get(**b) > 0) {
            let by = search.kept.iter().find(|k| k.adds.contains(&name_of(*bin)));
            let by = by.map_or("a run that is not kept".to_string(), |k| format!("kept/{}.yaml", k.vector.name));
            println!("  hit: {} by {by}", name_of(*bin));
        }
    }
    println!("{}", dir.display());
    Ok(())
}
