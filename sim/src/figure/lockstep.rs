// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `lockstep`: the same random traffic to RTL and golden endpoint; `lockstep-catches`:
//! wrong devices that such a comparison alone reports.

use super::kept::Pieces;
use super::{Context, Figure};
use crate::lockstep::{self, Report};
use crate::mutant::{Mutant, load, plant};
use crate::rtl::RtlModels;
use anyhow::{Result, bail};
use golden::Quirk;
use serde_json::json;
use verilated::{Builder, Toolchain, Variant};

const SEED: u64 = 1;
/// Packets of the full form and of the short form.
const FULL: u64 = 10_000_000;
const SHORT: u64 = 100_000;
/// Bursts of a piece that is kept.
const PIECE: u64 = 50;
/// Packets given to each wrong device, at most.
const EACH: u64 = 300_000;
/// Wrong copies of the RTL that are tried, evenly over the list; each is a model to build.
const MUTANTS: usize = 12;

/// Measures `lockstep`.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let models = RtlModels::new(&ctx.root, ctx.root.join("rtl"), Variant::Plain)?;
    models.build(&lockstep::PARAMS)?;
    let make = || Ok([lockstep::rtl(&models)?, lockstep::golden(&[])?]);
    let tlps = if ctx.small { SHORT } else { FULL };
    let pieces = Pieces::new(ctx)?;
    let mut report = Report::default();
    while report.tlps < tlps && report.difference.is_none() {
        let first = report.bursts;
        let piece = format!("lockstep {SEED} {first} {PIECE}");
        // A difference is never kept: what is kept has none.
        let mut different = None;
        let done = pieces.piece(&piece, || {
            let r = lockstep::bursts(&make, SEED, first, PIECE)?;
            match r.difference {
                None => Ok(r),
                Some(_) => {
                    different = Some(r);
                    bail!("they differ")
                }
            }
        });
        report.add(match different {
            Some(r) => r,
            None => done?,
        });
        (ctx.say)(&format!("{} of {tlps} packets", report.tlps));
    }
    let share = report.tally.exact as f64 / (report.tally.exact + report.tally.raced).max(1) as f64;
    Ok(Figure {
        name: "lockstep",
        value: json!({
            "tlps": report.tlps, "bursts": report.bursts, "differences": u32::from(report.difference.is_some()),
            "exact": report.tally.exact, "raced": report.tally.raced, "exact_share": (share * 1e4).round() / 1e4,
            "episodes": report.kinds, "cycles": report.cycles,
            "first": first(&report),
        }),
        unit: "packets of random traffic, both directions, RTL against golden endpoint",
        goal: format!("differences 0 in {tlps}"),
        ok: report.difference.is_none() && report.tlps >= tlps,
        spread: None,
        how: format!(
            "ims-cosim lockstep --seed {SEED} --tlps {tlps}; what equal means: docs/verification.md{}",
            if ctx.small { "; short form" } else { "" }
        ),
    })
}

fn first(r: &Report) -> Option<String> {
    r.difference.as_ref().map(|d| format!("burst {}, {}: {}", d.burst, d.kind, d.whole))
}

/// Whether lockstep reports a golden endpoint with this quirk, compared with one without.
pub fn catches(quirk: Quirk, tlps: u64) -> Result<bool> {
    let make = || Ok([lockstep::golden(&[])?, lockstep::golden(&[quirk])?]);
    lockstep::differs(&make, SEED, tlps)
}

fn mutant(ctx: &Context, m: &Mutant) -> Result<bool> {
    let dir = ctx.root.join("target/mutants").join(&m.name);
    let copy = plant(m, &ctx.root.join("rtl"), &dir)?;
    let builder = Builder::new(Toolchain::find(&ctx.root)?, ctx.root.join("target/mutants/models")).jobs(1).quick();
    let models = RtlModels::with_builder(builder, copy, Variant::Plain);
    models.build(&lockstep::PARAMS)?;
    let make = || Ok([lockstep::rtl(&models)?, lockstep::golden(&[])?]);
    lockstep::differs(&make, SEED, EACH)
}

/// Measures `lockstep-catches`.
pub fn measure_catches(ctx: &Context) -> Result<Figure> {
    let pieces = Pieces::new(ctx)?;
    let mut missed = Vec::new();
    let mut caught = 0;
    for &quirk in Quirk::ALL {
        (ctx.say)(quirk.name());
        if pieces.piece(&format!("lockstep-catches {} {EACH}", quirk.name()), || catches(quirk, EACH))? {
            caught += 1;
        } else {
            missed.push(quirk.name().to_string());
        }
    }
    let all = load(&ctx.root.join("sim/mutants/rtl"), None)?;
    let step = all.len().div_ceil(MUTANTS).max(1);
    let sample: Vec<&Mutant> = if ctx.small { Vec::new() } else { all.iter().step_by(step).collect() };
    let (mut rtl_caught, mut rtl_missed) = (0, Vec::new());
    for m in &sample {
        (ctx.say)(&m.name);
        // What the planted fault is belongs to the piece: another text of it is another fault.
        if pieces.piece(&format!("lockstep-catches {m:?} {EACH}"), || mutant(ctx, m))? {
            rtl_caught += 1;
        } else {
            rtl_missed.push(m.name.clone());
        }
    }
    Ok(Figure {
        name: "lockstep-catches",
        value: json!({
            "golden": { "tried": Quirk::ALL.len(), "caught": caught, "missed": missed },
            "rtl": { "tried": sample.len(), "of": all.len(), "caught": rtl_caught, "missed": rtl_missed },
        }),
        unit: "wrong devices that lockstep alone reports, of those tried",
        goal: "all misbehaviours of the golden endpoint".into(),
        ok: missed.is_empty(),
        spread: None,
        how: format!(
            "each misbehaviour against the golden endpoint without, and every {step}th file of sim/mutants/rtl against the golden endpoint; at most {EACH} packets each{}",
            if ctx.small { "; short form: no RTL" } else { "" }
        ),
    })
}
