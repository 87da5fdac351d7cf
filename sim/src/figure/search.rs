// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `directed-vs-random`, `directed-vs-mutate`: simulated cycles to what random reaches within its budget.

use super::{Context, Figure};
use crate::cover::Plan;
use crate::direct::compare::{Curve, Ran, run};
use crate::direct::{Profile, Strategy, curve, profile};
use crate::run::{Dut, DutKind};
use anyhow::Result;
use serde_json::json;
use std::sync::Arc;

/// Seeds; medians are over these.
const SEEDS: u64 = 5;
/// Budget of random in cycles.
const BUDGET: u64 = 40_000_000;
const SHORT: u64 = 8_000_000;

/// The searches of one seed.
struct Round {
    random: Ran,
    other: Ran,
    directed: Ran,
}

/// Cycles until the strategy has hit every bin that random has hit, and so many of them.
fn until(of: &Ran, random: &Ran, share: f64) -> Option<u64> {
    if share >= 1.0 {
        return of.until_all(random.hit_at.keys().copied());
    }
    let wanted = (random.hit_at.len() as f64 * share).ceil() as usize;
    let mut at: Vec<u64> = random.hit_at.keys().filter_map(|b| of.hit_at.get(b).copied()).collect();
    at.sort_unstable();
    at.get(wanted.max(1) - 1).copied()
}

fn rounds(ctx: &Context, plan: &Arc<Plan>, profile: &Profile, against: Strategy) -> Vec<Round> {
    let dut = Dut::Golden(Vec::new());
    let budget = if ctx.small { SHORT } else { BUDGET };
    let seeds = if ctx.small { 1 } else { SEEDS };
    (1..=seeds)
        .map(|seed| {
            (ctx.say)(&format!("random, seed {seed}"));
            let random = run(plan, profile, &dut, Strategy::Random, seed, budget, |_| false);
            // The others go on until they have what random has; more than its budget they do not get.
            let targets: Vec<usize> = random.hit_at.keys().copied().collect();
            let all = |s: &crate::direct::Search| targets.iter().all(|b| s.counts.get(*b) > 0);
            (ctx.say)(&format!("directed, seed {seed}"));
            let directed = run(plan, profile, &dut, Strategy::Directed, seed, budget, all);
            let other = if against == Strategy::Mutate {
                (ctx.say)(&format!("mutate, seed {seed}"));
                run(plan, profile, &dut, Strategy::Mutate, seed, budget, all)
            } else {
                random_of(&random)
            };
            Round { random, other, directed }
        })
        .collect()
}

fn random_of(r: &Ran) -> Ran {
    Ran { strategy: r.strategy, hit_at: r.hit_at.clone(), cycles: r.cycles, runs: r.runs, failed: r.failed }
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(0.0)
}

fn measure(ctx: &Context, name: &'static str, against: Strategy, goal: f64) -> Result<Figure> {
    let plan = Arc::new(Plan::load(&ctx.root, None)?.on(DutKind::Golden));
    let profile = profile::named(&ctx.root, "everything").map_err(|e| anyhow::anyhow!(e))?;
    let rounds = rounds(ctx, &plan, &profile, against);
    let (mut last, mut most, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for (k, r) in rounds.iter().enumerate() {
        // A strategy that does not get there within what it was given counts with that: a lower bound for mutate,
        // nothing for directed.
        let cycles = |of: &Ran, share| until(of, &r.random, share);
        let ratio = |share| match cycles(&r.directed, share) {
            Some(d) => cycles(&r.other, share).unwrap_or(r.other.cycles) as f64 / d.max(1) as f64,
            None => 0.0,
        };
        last.push(ratio(1.0));
        most.push(ratio(0.95));
        rows.push(json!({
            "seed": k + 1, "bins": r.random.hit_at.len(), "against": cycles(&r.other, 1.0), "directed": cycles(&r.directed, 1.0),
            "against_95": cycles(&r.other, 0.95), "directed_95": cycles(&r.directed, 0.95),
            "directed_bins": r.directed.hit_at.len(),
        }));
    }
    let spread = json!({ "last": last, "at_95": most });
    let (last, most) = (median(last), median(most));
    if against == Strategy::Random && !ctx.small {
        picture(ctx, &plan, &profile, &rounds)?;
    }
    // Each seed must come to the last bin; how soon, the median says.
    let each = rounds.iter().all(|r| until(&r.directed, &r.random, 1.0).is_some());
    let reached = each && last >= goal && most >= goal;
    Ok(Figure {
        name,
        value: json!({ "to_the_last_bin": round(last), "to_95_percent": round(most), "seeds": rows, "reachable": plan.reachable() }),
        unit: "times fewer simulated cycles, directed against the other, to the bins that random reaches",
        goal: format!("at least {goal} both ways, median of {SEEDS} seeds, each of which comes to the last bin"),
        ok: reached,
        spread: Some(spread),
        how: format!(
            "golden endpoint, profile everything; random has {} cycles a seed; bringing machines up is charged to directed alone, each time that it is simulated{}",
            if ctx.small { SHORT } else { BUDGET },
            if ctx.small { "; short form: one seed" } else { "" }
        ),
    })
}

fn round(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

/// Draws the three strategies of the first seeds, each over the same cycles.
fn picture(ctx: &Context, plan: &Arc<Plan>, profile: &Profile, rounds: &[Round]) -> Result<()> {
    let dut = Dut::Golden(Vec::new());
    let (mut mutate, mut directed): (Vec<Curve>, Vec<Curve>) = (Vec::new(), Vec::new());
    for seed in 1..=2 {
        (ctx.say)(&format!("picture, seed {seed}"));
        mutate.push(run(plan, profile, &dut, Strategy::Mutate, seed, BUDGET / 2, |_| false).curve());
        directed.push(run(plan, profile, &dut, Strategy::Directed, seed, BUDGET / 2, |_| false).curve());
    }
    let random = rounds.iter().take(2).map(|r| r.random.curve()).collect();
    let dir = ctx.root.join("docs/img");
    std::fs::create_dir_all(&dir)?;
    let title = "Bins hit over simulated cycles, golden endpoint";
    let curves = [("random", random), ("mutate", mutate), ("directed", directed)];
    curve::draw(&dir.join("coverage-over-cycles.svg"), title, plan.reachable(), &curves)
}

/// Measures `directed-vs-random`.
pub fn directed_vs_random(ctx: &Context) -> Result<Figure> {
    measure(ctx, "directed-vs-random", Strategy::Random, 10.0)
}

/// Measures `directed-vs-mutate`.
pub fn directed_vs_mutate(ctx: &Context) -> Result<Figure> {
    measure(ctx, "directed-vs-mutate", Strategy::Mutate, 3.0)
}
