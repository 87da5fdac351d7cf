// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `anchor-defects`: the classes of defects that the best existing parts were seen to have, planted into the RTL and
//! looked for by random traffic alone: no directed vector runs.

use super::{Context, Figure};
use crate::lockstep;
use crate::mutant::{Campaign, Mutant, load};
use anyhow::{Context as _, Result};
use serde_json::{Map, json};

/// Class of defect, and the mutants that have it in this RTL.
const CLASSES: [(&str, &[&str]); 9] = [
    ("pending word of a vector off by a factor of two", &["pending_row_off", "pba_word_off"]),
    ("a masked cause is dropped", &["masked_cause_dropped"]),
    ("the upper address is ignored", &["upper_address_ignored"]),
    ("an unmask sends while the function is masked", &["unmask_sends_under_function_mask"]),
    ("the end of the function mask sends what is masked", &["function_unmask_ignores_vector_masks"]),
    ("the enable bit is not looked at", &["msix_enable_ignored"]),
    ("the function mask is not implemented", &["function_mask_ignored"]),
    ("extended message data is not enabled by its own bit", &["msi_extended_data_always"]),
    ("a function reset resets nothing", &["function_reset_keeps_pending"]),
];
/// Packets until a defect counts as not found.
const ENOUGH: u64 = 300_000;
/// Seeds of the random traffic; the median counts.
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let names: Vec<&str> = CLASSES.iter().flat_map(|(_, m)| m.iter().copied()).collect();
    let mut mutants: Vec<Mutant> = load(&ctx.root.join("sim/mutants/rtl"), None)?;
    mutants.retain(|m| names.contains(&m.name.as_str()));
    let campaign = Campaign::new(&ctx.root)?;
    let shared = campaign.shared(&mutants)?;
    let seeds = &SEEDS[..if ctx.small { 1 } else { SEEDS.len() }];
    let (mut found, mut missed, mut by_class) = (0, Vec::new(), Map::new());
    for (class, of) in CLASSES {
        let mut all = true;
        for name in of {
            let m = mutants.iter().find(|m| m.name == *name).with_context(|| format!("no mutant {name}"))?;
            let models = match shared.get(*name) {
                Some(models) => models.clone(),
                None => campaign.own(m)?,
            };
            models.build(&lockstep::PARAMS)?;
            let make = || Ok([lockstep::rtl(&models)?, lockstep::golden(&[])?]);
            let mut packets = Vec::new();
            for &seed in seeds {
                (ctx.say)(&format!("{name}, seed {seed}"));
                let report = lockstep::run(&make, seed, 0, ENOUGH, |_| {})?;
                packets.push(report.difference.is_some().then_some(report.tlps));
            }
            packets.sort_by_key(|p| p.unwrap_or(u64::MAX));
            let median = packets[packets.len() / 2];
            all &= median.is_some();
            by_class.insert((*name).to_owned(), json!({ "class": class, "median_packets": median, "seeds": packets }));
        }
        if all {
            found += 1;
        } else {
            missed.push(class);
        }
    }
    Ok(Figure {
        name: "anchor-defects",
        value: json!({ "classes": CLASSES.len(), "found": found, "missed": missed, "mutants": by_class }),
        unit: "classes of known defects that random traffic alone finds; packets until it does",
        goal: "all".into(),
        ok: missed.is_empty(),
        spread: None,
        how: format!(
            "random traffic of lockstep, the wrong RTL against the golden endpoint, seeds {seeds:?}, at most {ENOUGH} packets; no directed vector{}",
            if ctx.small { "; short form: one seed" } else { "" }
        ),
    })
}
