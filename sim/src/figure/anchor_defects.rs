// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `anchor-defects`: the classes of defects that the best existing parts were seen to have, planted into the RTL and
//! looked for by the search alone: no directed vector runs, and nothing but the bench's own checks judges.

use super::{Context, Figure};
use crate::cover::Plan;
use crate::direct::{Profile, Search, Setup, Strategy, profile, search};
use crate::mutant::{Campaign, Mutant, load};
use crate::rtl::RtlModels;
use crate::run::{Dut, Outcome, Verdict};
use anyhow::{Context as _, Result, anyhow};
use serde_json::{Map, json};
use std::sync::Arc;

/// Class of defect, and the mutants that have it in this RTL.
const CLASSES: [(&str, &[&str]); 11] = [
    ("pending word of a vector off by a factor of two", &["pending_row_off", "pba_word_off"]),
    ("a masked cause is dropped", &["masked_cause_dropped"]),
    ("the upper address is ignored", &["upper_address_ignored"]),
    ("an unmask sends while the function is masked", &["unmask_sends_under_function_mask"]),
    ("the end of the function mask sends what is masked", &["function_unmask_ignores_vector_masks"]),
    ("the enable bit is not looked at", &["msix_enable_ignored"]),
    ("the function mask is not implemented", &["function_mask_ignored"]),
    ("extended message data is not enabled by its own bit", &["msi_extended_data_always"]),
    ("the mask of an MSI vector is not looked at", &["msi_mask_ignored"]),
    ("a function reset resets nothing", &["function_reset_keeps_pending"]),
    ("a cached entry outlives its invalidation", &["line_not_dropped"]),
];
/// Cycles of a search after which a defect counts as not found.
const ENOUGH: u64 = 2_000_000;
/// Seeds of the search; the median counts.
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];
/// Classes of the short form.
const FEW: usize = 3;

/// A find.
struct Found {
    /// Cycles of the search until the check spoke.
    cycles: u64,
    /// The check.
    check: String,
}

/// First report in an outcome that is about the device.
fn report(o: &Outcome) -> Option<(&'static str, u64)> {
    if search::is_about_the_plan(o) || o.verdict == Verdict::Passed {
        return None;
    }
    o.findings.iter().min_by_key(|f| f.tick).map(|f| (f.check, f.tick))
}

/// Searches `wrong` until a check reports what `right` does not do.
fn look(plan: &Arc<Plan>, profile: &Profile, wrong: &Dut, right: &Dut, seed: u64) -> Option<Found> {
    let setup = |dut: &Dut| Setup {
        plan: plan.clone(),
        profile: profile.clone(),
        dut: dut.clone(),
        params: Vec::new(),
        strategy: Strategy::Random,
        seed,
        aim: Vec::new(),
        covers: None,
    };
    let mut search = Search::new(setup(wrong));
    while search.state.cycles < ENOUGH {
        let before = search.state.cycles;
        let step = search.once();
        let Some((check, tick)) = report(&step.outcome) else { continue };
        // What the right device is blamed for, too, shows nothing.
        let (control, _) = search::run_once(&setup(right), &step.vector);
        if report(&control).is_none() {
            return Some(Found { cycles: before + tick, check: check.to_owned() });
        }
    }
    None
}

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let classes = &CLASSES[..if ctx.small { FEW } else { CLASSES.len() }];
    let names: Vec<&str> = CLASSES.iter().flat_map(|(_, m)| m.iter().copied()).collect();
    let mut mutants: Vec<Mutant> = load(&ctx.root.join("sim/mutants/rtl"), None)?;
    mutants.retain(|m| names.contains(&m.name.as_str()));
    let campaign = Campaign::new(&ctx.root)?;
    let shared = campaign.shared(&mutants)?;
    let plain = RtlModels::new(&ctx.root, ctx.root.join("rtl"), verilated::Variant::Plain)?;
    plain.build(&crate::run::Params::from(&vectors::op::DutParams::default()))?;
    let right = Dut::Rtl(Arc::new(plain));
    let plan = Arc::new(Plan::load(&ctx.root, None)?);
    let profile = profile::named(&ctx.root, "everything").map_err(|e| anyhow!(e))?;
    let seeds = &SEEDS[..if ctx.small { 1 } else { SEEDS.len() }];
    let (mut found, mut missed, mut by_mutant) = (0, Vec::new(), Map::new());
    for (class, of) in classes {
        let mut all = true;
        for name in *of {
            let m = mutants.iter().find(|m| m.name == *name).with_context(|| format!("no mutant {name}"))?;
            let models = match shared.get(*name) {
                Some(models) => models.clone(),
                None => campaign.own(m)?,
            };
            models.build(&crate::run::Params::from(&vectors::op::DutParams::default()))?;
            let wrong = Dut::Rtl(models);
            let (mut cycles, mut checks) = (Vec::new(), Vec::new());
            for &seed in seeds {
                (ctx.say)(&format!("{name}, seed {seed}"));
                let find = look(&plan, &profile, &wrong, &right, seed);
                cycles.push(find.as_ref().map(|f| f.cycles));
                checks.extend(find.map(|f| f.check));
            }
            let mut sorted = cycles.clone();
            sorted.sort_by_key(|c| c.unwrap_or(u64::MAX));
            let median = sorted[sorted.len() / 2];
            all &= median.is_some();
            checks.sort();
            checks.dedup();
            by_mutant.insert(
                (*name).to_owned(),
                json!({ "class": class, "median_cycles": median, "cycles": cycles, "by": checks }),
            );
        }
        if all {
            found += 1;
        } else {
            missed.push(*class);
        }
    }
    Ok(Figure {
        name: "anchor-defects",
        value: json!({ "classes": classes.len(), "found": found, "missed": missed, "mutants": by_mutant }),
        unit: "classes of known defects that the search finds without a directed vector; simulated cycles until it does",
        goal: "all".into(),
        ok: missed.is_empty(),
        spread: None,
        how: format!(
            "ims-cosim close --strategy random --profile everything on the wrong RTL, seeds {seeds:?}, at most {ENOUGH} cycles each; the right RTL must pass the sequence that finds; no directed vector{}",
            if ctx.small { format!("; short form: one seed, the first {FEW} classes") } else { String::new() }
        ),
    })
}
