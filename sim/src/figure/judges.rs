// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `judges-score`: faults generated over the bench's own checks, and how many show.

use super::{Context, Figure};
use crate::mutant::bench::{Options, Sums, Verdict, campaign};
use crate::run::batch::default_workers;
use anyhow::Result;
use serde_json::json;

/// Faults of the full form and of the short one.
const SAMPLE: usize = 300;
const FEW: usize = 12;
/// Seed of the sample.
const SEED: u64 = 1;
/// Score to reach, in percent.
const GOAL: f64 = 80.0;

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let sample = if ctx.small { FEW } else { SAMPLE };
    let options = Options { sample: Some(sample), seed: SEED, workers: default_workers(), within: None };
    let end = campaign(&ctx.root, &options, &ctx.say)?;
    let s = Sums::of(&end);
    let survivors: Vec<&str> =
        end.judged.iter().filter(|(_, v)| matches!(v, Verdict::Survived { .. })).map(|(g, _)| g.id.as_str()).collect();
    Ok(Figure {
        name: "judges-score",
        value: json!({ "faults_of_the_judges": end.all, "sums": s, "survivors": survivors }),
        unit: "percent of generated faults of laws, ledger, shadow and root complex that show: a vector fails on the right golden endpoint, or a misbehaviour of it is not reported by name any more",
        goal: format!("at least {GOAL} % of a seeded sample of {SAMPLE}"),
        ok: s.score >= GOAL && s.judged >= SAMPLE,
        spread: None,
        how: format!(
            "ims-cosim mutants --bench --sample {sample} --seed {SEED}: every vector up to 300,000 cycles and every misbehaviour of device-misbehaviour{}",
            if ctx.small { "; short form" } else { "" }
        ),
    })
}
