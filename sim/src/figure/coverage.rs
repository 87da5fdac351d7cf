// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `functional-coverage`: bins that can be, covered on the RTL by vectors, corpus and search. `search-hours`: machine
//! time of directed search on the unmutated RTL, and what it found.

use super::{Context, Figure};
use crate::cover::{Counts, Plan, name_of};
use crate::direct::log::{self, Defect, Entry};
use crate::direct::{Search, Setup, Strategy, corpus, profile, search};
use crate::rtl::RtlModels;
use crate::run::{Batch, Dut, Verdict};
use anyhow::Result;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use verilated::Variant;

/// Cycles of search on top of vectors and corpus, on the golden endpoint and on the RTL.
const SEARCH: [u64; 2] = [20_000_000, 12_000_000];
const SHORT: u64 = 3_000_000;
/// Seconds that the short form has for the RTL.
const SECONDS: u64 = 20;

/// What one device came to.
struct Part {
    covered: usize,
    by_vectors: usize,
    with_corpus: usize,
    cycles: u64,
    failed: usize,
    impossible: usize,
    holes: Vec<String>,
    reachable: usize,
}

impl Part {
    fn value(&self) -> serde_json::Value {
        let reachable = self.reachable;
        json!({
            "covered": self.covered, "reachable": reachable, "percent": (self.covered as f64 / reachable as f64 * 1e4).round() / 1e2,
            "by_vectors": self.by_vectors, "with_corpus": self.with_corpus, "cycles_of_search": self.cycles,
            "cannot_be_and_hit": self.impossible, "not_passed": self.failed,
            "holes": self.holes.iter().take(60).collect::<Vec<_>>(),
        })
    }

    fn ok(&self) -> bool {
        self.holes.is_empty() && self.impossible == 0 && self.failed == 0
    }
}

fn measure_on(
    ctx: &Context,
    plan: &Arc<Plan>,
    dut: &Dut,
    vectors: bool,
    budget: u64,
    limit: Option<u64>,
) -> Result<Part> {
    let started = std::time::Instant::now();
    let late = || limit.is_some_and(|s| started.elapsed().as_secs() >= s);
    let plan = &Arc::new(plan.on(dut.kind()));
    let mut all = Counts::new();
    let (mut failed, mut by_vectors) = (0, 0);
    if vectors {
        (ctx.say)("vectors");
        for o in &super::runs::run(&Batch::new(dut.clone()), &super::runs::all(ctx)?)? {
            all.merge(&o.coverage);
            failed += usize::from(o.verdict != Verdict::Passed);
        }
        by_vectors = plan.covered(&all);
    }
    let setup = |seed| -> Result<Setup> {
        Ok(Setup {
            plan: plan.clone(),
            profile: profile::named(&ctx.root, "everything").map_err(|e| anyhow::anyhow!(e))?,
            dut: dut.clone(),
            params: Vec::new(),
            strategy: Strategy::Directed,
            seed,
            aim: Vec::new(),
            covers: None,
        })
    };
    for kept in corpus::load_all(&ctx.root.join("vectors/corpus"))? {
        if late() {
            break;
        }
        (ctx.say)(&kept.vector.name);
        let (o, _) = search::run_once(&setup(kept.seed)?, &kept.vector);
        all.merge(&o.coverage);
        failed += usize::from(o.verdict != Verdict::Passed);
    }
    let with_corpus = plan.covered(&all);
    let mut s = Search::new(setup(1)?);
    s.counts = all;
    while s.state.cycles < budget && !s.holes().is_empty() && !late() {
        s.once();
    }
    failed += s.state.found.len();
    Ok(Part {
        covered: plan.covered(&s.counts),
        by_vectors,
        with_corpus,
        cycles: s.state.cycles,
        failed,
        impossible: plan.judge(&s.counts, 0).len(),
        holes: s.holes().into_iter().map(name_of).collect(),
        reachable: plan.reachable(),
    })
}

/// Measures `functional-coverage`.
pub fn functional(ctx: &Context) -> Result<Figure> {
    let plan = Arc::new(Plan::load(&ctx.root, None)?);
    let models = RtlModels::new(&ctx.root, ctx.root.join("rtl"), Variant::Plain)?;
    let rtl = Dut::Rtl(Arc::new(models));
    rtl.prepare(&[Default::default()])?;
    (ctx.say)("golden endpoint");
    let budget = if ctx.small { SHORT } else { SEARCH[0] };
    let golden = measure_on(ctx, &plan, &Dut::Golden(Vec::new()), true, budget, None)?;
    (ctx.say)("RTL");
    let limit = ctx.small.then_some(SECONDS);
    let rtl = measure_on(ctx, &plan, &rtl, !ctx.small, SEARCH[1], limit)?;
    Ok(Figure {
        name: "functional-coverage",
        value: json!({
            "cannot_be_on_either": plan.never.len(), "golden": golden.value(), "rtl": rtl.value(),
        }),
        unit: "bins of the coverage plan that can be, hit on the golden endpoint and on the RTL",
        goal: "100 % of those that can be, none that cannot, on both".into(),
        ok: golden.ok() && rtl.ok(),
        spread: None,
        how: format!(
            "vectors, then vectors/corpus, then directed search, at most {budget} cycles on the golden endpoint and {} on the RTL{}",
            SEARCH[1],
            if ctx.small {
                "; short form: on the RTL as much of corpus and search as fits into 20 seconds"
            } else {
                ""
            }
        ),
    })
}

/// Measures `search-hours`: adds up the log.
pub fn hours(ctx: &Context) -> Result<Figure> {
    let dir = ctx.root.join("vectors/corpus/log");
    let searches: Vec<Entry> = log::read(&dir.join("searches.yaml"))?;
    let defects: Vec<Defect> = log::read(&dir.join("found.yaml"))?;
    let on_rtl = || searches.iter().filter(|s| s.dut == "rtl" && s.strategy == "directed");
    let seconds: u64 = on_rtl().map(|s| s.seconds).sum();
    let mut by_device: BTreeMap<String, [u64; 5]> = BTreeMap::new();
    for s in on_rtl() {
        let device = if s.params.is_empty() { "default".into() } else { s.params.clone() };
        let sums = by_device.entry(device).or_default();
        for (sum, n) in sums.iter_mut().zip([1, s.runs, s.cycles, s.seconds, s.findings]) {
            *sum += n;
        }
    }
    let rows: Vec<_> = by_device
        .iter()
        .map(|(device, [searches, runs, cycles, seconds, findings])| {
            json!({ "device": device, "searches": searches, "runs": runs, "cycles": cycles, "seconds": seconds, "findings": findings })
        })
        .collect();
    let found: Vec<_> =
        defects.iter().map(|d| json!({ "what": d.what, "place": d.place, "became": d.became })).collect();
    let hours = seconds as f64 / 3600.0;
    Ok(Figure {
        name: "search-hours",
        value: json!({ "hours": (hours * 100.0).round() / 100.0, "runs": on_rtl().map(|s| s.runs).sum::<u64>(),
            "cycles": on_rtl().map(|s| s.cycles).sum::<u64>(), "by_device": rows, "found": found }),
        unit: "hours of processor time of directed search on the unmutated RTL",
        goal: "at least 8".into(),
        ok: hours >= 8.0,
        spread: None,
        how: "vectors/corpus/log/searches.yaml, where `ims-cosim search` enters every search with what its state says; found.yaml beside it; processor time of the search, not time that has passed".into(),
    })
}
