// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `mutation-score`, `mutation-time`: faults generated over the RTL, how many the bench reports and how soon.

use super::{Context, Figure};
use crate::mutant::schemata::{Campaign, End, Options, Sums, Verdict};
use anyhow::Result;
use serde_json::json;
use std::sync::mpsc;

/// Faults of the full form and of the short one.
const SAMPLE: usize = 500;
const FEW: usize = 60;
/// Seed of the sample.
const SEED: u64 = 1;
/// Score to reach, in percent.
const GOAL: f64 = 98.0;

fn run(ctx: &Context) -> Result<End> {
    let sample = if ctx.small { FEW } else { SAMPLE };
    let campaign = Campaign::new(&ctx.root, Options { sample: Some(sample), seed: SEED, ..Options::default() })?;
    // The figure's voice belongs to this thread, the campaign has several.
    let (tell, hear) = mpsc::channel::<String>();
    std::thread::scope(|scope| {
        let work = scope.spawn(move || campaign.run(&|text| _ = tell.send(text.to_owned())));
        for text in hear {
            (ctx.say)(&text);
        }
        work.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the campaign broke")))
    })
}

fn how(ctx: &Context) -> String {
    let n = if ctx.small { FEW } else { SAMPLE };
    format!(
        "ims-cosim mutants --sample {n} --seed {SEED}: every vector for the default device{}",
        if ctx.small { "; short form" } else { "" }
    )
}

/// Measures `mutation-score`.
pub fn score(ctx: &Context) -> Result<Figure> {
    let end = run(ctx)?;
    let s = Sums::of(&end.judged);
    let survivors: Vec<&str> =
        end.judged.iter().filter(|j| matches!(j.verdict, Verdict::Survived { .. })).map(|j| j.id.as_str()).collect();
    Ok(Figure {
        name: "mutation-score",
        value: json!({
            "score": s.score, "faults_of_the_rtl": end.all, "judged": s.judged, "killed": s.killed,
            "survived": s.survived, "equivalent": s.equivalent, "not_compiled": s.not_compiled, "survivors": survivors,
        }),
        unit: "percent of generated faults, without equivalent ones, that a check reports",
        goal: format!("at least {GOAL} % of a seeded sample of at least 500"),
        ok: s.score >= GOAL && s.judged >= SAMPLE,
        spread: None,
        how: how(ctx),
    })
}

/// Measures `mutation-time`.
pub fn time(ctx: &Context) -> Result<Figure> {
    let end = run(ctx)?;
    let s = Sums::of(&end.judged);
    Ok(Figure {
        name: "mutation-time",
        value: json!({
            "median_cycles": s.median_cycles, "ninth_decile_cycles": s.ninth_decile_cycles,
            "median_seconds": s.median_seconds, "killed": s.killed, "by_check": s.by_check,
        }),
        unit: "simulated cycles, and seconds, from the first vector run to the report",
        goal: "a figure to watch".into(),
        ok: s.killed > 0,
        spread: None,
        how: how(ctx) + "; vectors that can notice the fault, those about its file and short ones first",
    })
}
