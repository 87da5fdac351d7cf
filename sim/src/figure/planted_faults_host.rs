// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `planted-faults-host`: of the faults planted into copies of the host model, how many the bench reports.

use super::{Context, Figure};
use crate::mutant::{HostFaults, Verdict, load};
use anyhow::{Result, bail};
use serde_json::{Map, json};
use std::time::Instant;

/// Faults of the short form: the first by name.
const FEW: usize = 3;

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let mut faults = load(&ctx.root.join("sim/mutants/host"), None)?;
    if faults.is_empty() {
        bail!("there is no fault below sim/mutants/host");
    }
    let all = faults.len();
    if ctx.small {
        faults.truncate(FEW);
    }
    let begun = Instant::now();
    (ctx.say)("the bench without fault");
    let bench = HostFaults::new(&ctx.root)?;
    let (mut by, mut survived, mut by_another) = (Map::new(), Vec::new(), Vec::new());
    for (n, m) in faults.iter().enumerate() {
        let tried = bench.attempt(m)?;
        let who = match tried.verdict.catch() {
            Some(c) => format!("{} in {}", c.check, c.test),
            None => "nobody".into(),
        };
        (ctx.say)(&format!(
            "{} of {}: {} {}, by {who}; {} vectors fail; {:.1} s",
            n + 1,
            faults.len(),
            m.name,
            tried.verdict.word(),
            tried.failing,
            tried.build_s + tried.run_s
        ));
        match tried.verdict {
            Verdict::Caught(_) => _ = by.insert(m.name.clone(), who.into()),
            Verdict::CaughtByAnother(_) => by_another.push(json!({ "fault": m.name, "by": who })),
            Verdict::Survived => survived.push(m.name.as_str()),
        }
    }
    let (planted, caught) = (faults.len(), by.len());
    Ok(Figure {
        name: "planted-faults-host",
        value: json!({
            "planted": planted, "caught": caught, "by": by, "by_another_check": by_another, "survived": survived,
            "seconds": begun.elapsed().as_secs_f64().round(),
        }),
        unit: "wrong host models reported by a named check, of those planted",
        goal: "all".into(),
        ok: caught == planted,
        spread: None,
        how: format!(
            "each file of sim/mutants/host changes one place in a copy of the host model; every vector on the golden \
             endpoint, seed 1{}",
            if ctx.small { format!("; short form: the first {FEW} of {all} by name") } else { String::new() }
        ),
    })
}
