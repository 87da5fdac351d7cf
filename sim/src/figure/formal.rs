// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `formal`, `formal-breaks`, `synth`: what was proven, whether it could fail, and what the RTL costs.

use super::{Context, Figure};
use crate::formal::{Campaign, Promise, Report, Standing, synth as synthesis};
use anyhow::Result;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

fn campaign(ctx: &Context) -> Result<Campaign> {
    let mut c = Campaign::new(&ctx.root)?;
    c.small = ctx.small;
    Ok(c)
}

const SHORT: &str = "; short form: the laws marked small in rtl/formal/proofs.yaml";

/// Each promise with the laws that show it, and how they stand.
fn promises(c: &Campaign, reports: &[Report]) -> BTreeMap<String, Vec<serde_json::Value>> {
    let of = |p: Promise| {
        let shows = reports.iter().filter(|r| c.plan().law(&r.proof, &r.law).shows == Some(p));
        shows.map(|r| json!([format!("{}/{}", r.proof, r.law), r.standing])).collect()
    };
    Promise::ALL.iter().map(|p| (json!(p).as_str().unwrap_or_default().to_owned(), of(*p))).collect()
}

/// Wall time of the solvers: that of the run in which each law was decided.
fn seconds(all: impl Iterator<Item = f64>) -> f64 {
    all.sum::<f64>().round()
}

/// `formal`.
pub fn proofs(ctx: &Context) -> Result<Figure> {
    let c = campaign(ctx)?;
    let total = c.plan().laws();
    let mut done = 0;
    // Workers tell from their own threads, and a context stays in its own: nothing is said meanwhile.
    let reports = c.run(|_| done += 1)?;
    let named = |f: fn(Standing) -> bool| -> Vec<String> {
        reports.iter().filter(|r| f(r.standing)).map(|r| format!("{}/{}", r.proof, r.law)).collect()
    };
    let proven = named(|s| s == Standing::Proven).len();
    let bounded: Vec<_> = reports
        .iter()
        .filter_map(|r| match r.standing {
            Standing::Bounded(n) => Some(json!([format!("{}/{}", r.proof, r.law), n])),
            _ => None,
        })
        .collect();
    let open = named(|s| s == Standing::Open);
    let failing = named(|s| matches!(s, Standing::Fails(_)));
    Ok(Figure {
        name: "formal",
        value: json!({
            "laws": reports.len(), "proven": proven, "bounded": bounded, "open": open, "failing": failing,
            "promises": promises(&c, &reports), "seconds": seconds(reports.iter().map(|r| r.seconds)),
        }),
        unit: "laws: proven by an inductive invariant; bounded, with the clocks from reset; open; failing; by promise; wall time of the solvers",
        goal: "none open, none failing".into(),
        ok: open.is_empty() && failing.is_empty(),
        spread: None,
        how: format!(
            "rtl/formal/proofs.yaml, Yosys and ABC{}",
            if ctx.small { format!("{SHORT}; {total} in all") } else { String::new() }
        ),
    })
}

/// `formal-breaks`.
pub fn breaks(ctx: &Context) -> Result<Figure> {
    let c = campaign(ctx)?;
    let broken = c.breaks(|_| ())?;
    let all: BTreeSet<String> = c
        .plan()
        .proofs
        .iter()
        .flat_map(|p| p.laws.iter().map(move |(n, l)| (format!("{}/{n}", p.name), l.small)))
        .filter(|(_, small)| !ctx.small || *small)
        .map(|(n, _)| n)
        .collect();
    let caught: BTreeSet<String> = broken.iter().filter(|b| b.caught()).map(|b| b.law.clone()).collect();
    let missed: Vec<String> = broken.iter().filter(|b| !b.caught()).map(|b| format!("{} {}", b.name, b.law)).collect();
    let never: Vec<&String> = all.difference(&caught).collect();
    Ok(Figure {
        name: "formal-breaks",
        value: json!({
            "laws": all.len(), "shown_able_to_fail": caught.len(), "not_shown": never, "faults_not_noticed": missed,
            "seconds": seconds(broken.iter().map(|b| b.seconds)),
        }),
        unit: "laws that fail in a copy of the RTL with a fault, of all laws",
        goal: "all".into(),
        ok: never.is_empty() && missed.is_empty(),
        spread: None,
        how: format!(
            "each file of sim/mutants/formal changes one place in a copy of the RTL{}",
            if ctx.small { SHORT } else { "" }
        ),
    })
}

/// `synth`.
pub fn synth(ctx: &Context) -> Result<Figure> {
    let rows = synthesis::all(&ctx.root, ctx.small, None, |r| (ctx.say)(&format!("{} {}", r.size, r.target)))?;
    let latches: u64 = rows.iter().map(|r| r.latches).sum();
    let problems: u64 = rows.iter().map(|r| r.problems).sum();
    let misplaced: u64 = rows.iter().map(|r| r.lost_memories + r.misplaced.len() as u64).sum();
    Ok(Figure {
        name: "synth",
        value: json!(rows),
        unit: "LUT, FF, block RAM of 18 kbit, latches, Fmax in MHz per device and target",
        goal: "latches 0, loops and other problems of Yosys' check 0, no memory in flip-flops, none above 9,216 bits outside block RAM".into(),
        ok: latches + problems + misplaced == 0,
        spread: None,
        how: format!(
            "Yosys synth_xilinx and synth_ecp5, nextpnr for an 85k ECP5 out of context, speed grade 8, seed 1{}",
            if ctx.small { "; short form: the smallest device" } else { "" }
        ),
    })
}
