// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `planted-faults`: of the faults planted into copies of the RTL, how many the bench reports.

use super::{Context, Figure};
use crate::mutant::{Campaign, Verdict, load};
use anyhow::{Result, bail};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::json;

/// Mutants of the short form.
const FEW: usize = 4;
/// Seed that chooses them.
const SEED: u64 = 1;

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let mut mutants = load(&ctx.root.join("sim/mutants/rtl"), None)?;
    if mutants.is_empty() {
        bail!("there is no mutant below sim/mutants/rtl");
    }
    let all = mutants.len();
    if ctx.small {
        mutants.shuffle(&mut ChaCha8Rng::seed_from_u64(SEED));
        mutants.truncate(FEW);
    }
    let mut done = 0;
    let end = Campaign::new(&ctx.root)?.run(&mutants, |j| {
        done += 1;
        (ctx.say)(&format!("{done} of {}: {} {}", mutants.len(), j.name, j.verdict.word()));
    })?;
    let names = |wanted: fn(&Verdict) -> bool| -> Vec<&str> {
        end.judged.iter().filter(|j| wanted(&j.verdict)).map(|j| j.name.as_str()).collect()
    };
    let survived = names(|v| matches!(v, Verdict::Survived));
    let mut cycles: Vec<u64> = end.judged.iter().filter_map(|j| j.verdict.catch()).map(|c| c.cycles).collect();
    cycles.sort_unstable();
    Ok(Figure {
        name: "planted-faults",
        value: json!({
            "planted": end.judged.len(), "caught": end.caught(), "survived": survived,
            "by_another_check": names(|v| matches!(v, Verdict::CaughtByAnother(_))),
            "median_cycles_to_detection": cycles.get(cycles.len() / 2), "seconds": end.seconds.round(),
        }),
        unit: "wrong devices reported by a named check, of those planted",
        goal: "all".into(),
        ok: survived.is_empty(),
        spread: None,
        how: format!(
            "each file of sim/mutants/rtl changes one place in a copy of the RTL; directed vectors, seed 1{}",
            if ctx.small { format!("; short form: {FEW} of {all}, chosen by seed {SEED}") } else { String::new() }
        ),
    })
}
