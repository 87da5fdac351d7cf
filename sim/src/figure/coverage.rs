// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `functional-coverage`: bins that can be, covered on the RTL by vectors, corpus and search. `search-hours`: machine
//! time of directed search on the unmutated RTL, and what it found.

use super::{Context, Figure};
use crate::cover::{Counts, Plan, name_of};
use crate::direct::{Search, Setup, Strategy, corpus, profile, search};
use crate::rtl::RtlModels;
use crate::run::{Batch, Dut, Verdict};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use verilated::Variant;

/// Cycles of search on top of vectors and corpus.
const SEARCH: u64 = 20_000_000;
const SHORT: u64 = 1_000_000;

/// Measures `functional-coverage`.
pub fn functional(ctx: &Context) -> Result<Figure> {
    let plan = Arc::new(Plan::load(&ctx.root, None)?);
    let models = RtlModels::new(&ctx.root, ctx.root.join("rtl"), Variant::Plain)?;
    let dut = Dut::Rtl(Arc::new(models));
    dut.prepare(&[Default::default()])?;
    let mut all = Counts::new();
    let (mut failed, mut by_vectors, mut by_corpus) = (0, 0, 0);
    if !ctx.small {
        (ctx.say)("vectors");
        let outcomes = super::runs::run(&Batch::new(dut.clone()), &super::runs::all(ctx)?)?;
        for o in &outcomes {
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
            strategy: Strategy::Directed,
            seed,
            aim: Vec::new(),
        })
    };
    for kept in corpus::load_all(&ctx.root.join("vectors/corpus"))? {
        (ctx.say)(&kept.vector.name);
        let (o, _) = search::run_once(&setup(kept.seed)?, &kept.vector);
        all.merge(&o.coverage);
        failed += usize::from(o.verdict != Verdict::Passed);
    }
    by_corpus += plan.covered(&all);
    let mut s = Search::new(setup(1)?);
    s.counts = all;
    let budget = if ctx.small { SHORT } else { SEARCH };
    while s.state.cycles < budget && !s.holes().is_empty() {
        s.once();
        (ctx.say)(&format!("{} of {}", plan.covered(&s.counts), plan.reachable()));
    }
    failed += s.state.found.len();
    let (covered, reachable) = (plan.covered(&s.counts), plan.reachable());
    let holes: Vec<String> = s.holes().into_iter().map(name_of).collect();
    let impossible = plan.judge(&s.counts, 0).len();
    Ok(Figure {
        name: "functional-coverage",
        value: json!({
            "covered": covered, "reachable": reachable, "percent": (covered as f64 / reachable as f64 * 1e4).round() / 1e2,
            "by_vectors": by_vectors, "with_corpus": by_corpus, "cycles_of_search": s.state.cycles,
            "cannot_be": plan.never.len(), "cannot_be_and_hit": impossible, "not_passed": failed,
            "holes": holes.iter().take(40).collect::<Vec<_>>(),
        }),
        unit: "bins of the coverage plan that can be, hit on the RTL",
        goal: "100 % of those that can be, none that cannot".into(),
        ok: covered == reachable && impossible == 0 && failed == 0 && !ctx.small,
        spread: None,
        how: format!(
            "vectors, then vectors/corpus, then directed search on the RTL, at most {budget} cycles{}",
            if ctx.small { "; short form: corpus and a little search only" } else { "" }
        ),
    })
}

/// The log of searches.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    searches: Vec<Logged>,
    #[serde(default)]
    found: Vec<Defect>,
}

/// One search that was made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Logged {
    commit: String,
    strategy: String,
    dut: String,
    seed: u64,
    runs: u64,
    cycles: u64,
    seconds: u64,
    findings: u64,
}

/// Something that was found and what became of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Defect {
    what: String,
    place: String,
    became: String,
}

/// Measures `search-hours`: adds up the log.
pub fn hours(ctx: &Context) -> Result<Figure> {
    let path = ctx.root.join("vectors/corpus/log/searches.yaml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    let log: Log = serde_yaml::from_str(&text).with_context(|| format!("{}", path.display()))?;
    let on_rtl = || log.searches.iter().filter(|s| s.dut == "rtl" && s.strategy == "directed");
    let seconds: u64 = on_rtl().map(|s| s.seconds).sum();
    let rows: Vec<_> = log
        .searches
        .iter()
        .map(|s| json!({ "commit": s.commit, "search": format!("{} on {} seed {}", s.strategy, s.dut, s.seed), "runs": s.runs, "cycles": s.cycles, "seconds": s.seconds, "findings": s.findings }))
        .collect();
    let found: Vec<_> =
        log.found.iter().map(|d| json!({ "what": d.what, "place": d.place, "became": d.became })).collect();
    let hours = seconds as f64 / 3600.0;
    Ok(Figure {
        name: "search-hours",
        value: json!({ "hours": (hours * 100.0).round() / 100.0, "runs": on_rtl().map(|s| s.runs).sum::<u64>(),
            "cycles": on_rtl().map(|s| s.cycles).sum::<u64>(), "searches": rows, "found": found }),
        unit: "hours of machine time of directed search on the unmutated RTL",
        goal: "at least 8".into(),
        ok: hours >= 8.0,
        spread: None,
        how: "vectors/corpus/log/searches.yaml, where every search is entered with what its state.json says".into(),
    })
}
