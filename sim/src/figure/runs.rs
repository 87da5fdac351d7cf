// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Figures that run the project's vectors: verdicts, determinism, reset state, replays.

use super::{Context, Figure};
use crate::rtl::RtlModels;
use crate::run::batch::project_vectors;
use crate::run::{Batch, Dut, Outcome, Verdict};
use anyhow::{Result, bail};
use serde_json::json;
use std::sync::Arc;
use vectors::op::Op;
use vectors::suite::{self, Loaded};
use verilated::Variant;

/// The RTL of the checkout.
pub fn rtl(ctx: &Context) -> Result<Dut> {
    Ok(Dut::Rtl(Arc::new(RtlModels::new(&ctx.root, ctx.root.join("rtl"), Variant::Plain)?)))
}

/// Every vector of the project.
pub fn all(ctx: &Context) -> Result<Vec<Loaded>> {
    Ok(suite::load(&project_vectors(&ctx.root), None)?)
}

/// Runs vectors; an interruption is an error.
pub fn run(batch: &Batch, found: &[Loaded]) -> Result<Vec<Outcome>> {
    batch.prepare(found)?;
    let (outcomes, _) = batch.run(found, |_| {})?;
    if outcomes.len() != found.len() {
        bail!("interrupted after {} of {} tests", outcomes.len(), found.len());
    }
    Ok(outcomes)
}

/// Hash of a run: of its tests' event logs in order.
fn hash(outcomes: &[Outcome]) -> String {
    let mut h = blake3::Hasher::new();
    for o in outcomes {
        h.update(o.events_hash.as_bytes());
    }
    h.finalize().to_hex()[..16].to_string()
}

fn directed(ctx: &Context, name: &'static str, dut: Dut) -> Result<Figure> {
    let found = all(ctx)?;
    let outcomes = run(&Batch::new(dut), &found)?;
    let failed = outcomes.iter().filter(|o| o.verdict != Verdict::Passed).count();
    let in_dir = |d: &str| found.iter().filter(|l| l.path.parent().is_some_and(|p| p.ends_with(d))).count();
    let (directed, recorded) = (in_dir("directed"), in_dir("linux"));
    let unchecked = outcomes.iter().filter(|o| o.checks == 0).count();
    let mut c = crate::ledger::Counters::default();
    for o in &outcomes {
        c.add(&o.counters);
    }
    let wrong = c.lost + c.duplicated + c.stale + c.misdirected + c.overtook_data;
    Ok(Figure {
        name,
        value: json!({
            "tests": outcomes.len(), "directed": directed, "recorded": recorded, "failed": failed,
            "without_checks": unchecked, "checks": outcomes.iter().map(|o| o.checks).sum::<u64>(),
            "causes": c.causes, "delivered": c.delivered, "merged": c.merged, "pending": c.pending,
            "blocked": c.blocked, "lost": c.lost, "duplicated": c.duplicated, "stale": c.stale,
            "misdirected": c.misdirected, "overtook_data": c.overtook_data,
        }),
        unit: "tests and causes",
        goal: "at least 60 directed tests and every recording, 0 failed, each with checks, nothing lost, duplicated, stale, misdirected or ahead of its data".into(),
        ok: failed == 0 && directed >= 60 && recorded > 0 && unchecked == 0 && wrong == 0,
        spread: None,
        how: "every vector below vectors/, seed 1".into(),
    })
}

/// `sim-directed`.
pub fn sim_directed(ctx: &Context) -> Result<Figure> {
    directed(ctx, "sim-directed", rtl(ctx)?)
}

/// `golden-directed`.
pub fn golden_directed(ctx: &Context) -> Result<Figure> {
    directed(ctx, "golden-directed", Dut::Golden(Vec::new()))
}

/// `determinism`: each run twice with one seed, and on 1 and 2 workers.
pub fn determinism(ctx: &Context) -> Result<Figure> {
    let found = all(ctx)?;
    let mut value = serde_json::Map::new();
    let mut equal = true;
    for (kind, dut) in [("golden", Dut::Golden(Vec::new())), ("rtl", rtl(ctx)?)] {
        let mut hashes = Vec::new();
        for workers in [1, 1, 2] {
            (ctx.say)(&format!("{kind}, {workers} worker(s)"));
            let outcomes = run(&Batch { workers, ..Batch::new(dut.clone()) }, &found)?;
            hashes.push(hash(&outcomes));
        }
        equal &= hashes.iter().all(|h| *h == hashes[0]);
        value.insert(kind.into(), json!(hashes));
    }
    Ok(Figure {
        name: "determinism",
        value: value.into(),
        unit: "hash of all event logs: one worker, one worker again, two workers",
        goal: "equal per device".into(),
        ok: equal,
        spread: None,
        how: format!("{} vectors, seed 1", found.len()),
    })
}

/// `reset-seeds`: what registers without reset hold at power-on must not matter.
pub fn reset_seeds(ctx: &Context) -> Result<Figure> {
    let found = all(ctx)?;
    let dut = rtl(ctx)?;
    let mut verdicts: Vec<Vec<Verdict>> = Vec::new();
    let seeds = [1, 0x5eed, 0xdead_beef];
    for reset_seed in seeds {
        (ctx.say)(&format!("reset seed {reset_seed:#x}"));
        let outcomes = run(&Batch { reset_seed, ..Batch::new(dut.clone()) }, &found)?;
        verdicts.push(outcomes.iter().map(|o| o.verdict).collect());
    }
    let passed: Vec<usize> = verdicts.iter().map(|v| v.iter().filter(|v| **v == Verdict::Passed).count()).collect();
    Ok(Figure {
        name: "reset-seeds",
        value: json!({ "seeds": seeds, "passed": passed, "tests": found.len() }),
        unit: "tests passed per reset seed",
        goal: "the same verdicts, all passed".into(),
        ok: verdicts.iter().all(|v| *v == verdicts[0]) && passed[0] == found.len(),
        spread: None,
        how: "every vector on RTL whose memories and registers without reset start at random, three seeds".into(),
    })
}

/// Steps that stem from one recorded access.
fn accesses(steps: &[Op]) -> u64 {
    let one = |op: &Op| {
        matches!(
            op,
            Op::CfgRead(_)
                | Op::CfgWrite(_)
                | Op::Read(_)
                | Op::Write(_)
                | Op::ExpectInterrupt { .. }
                | Op::ExpectDecode { .. }
                | Op::Untranslated { .. }
        )
    };
    steps.iter().filter(|op| one(op)).count() as u64
}

/// `trace-replays`.
pub fn trace_replays(ctx: &Context) -> Result<Figure> {
    let found: Vec<Loaded> = suite::load(&[ctx.root.join("vectors/linux")], None)?;
    let outcomes = run(&Batch::new(rtl(ctx)?), &found)?;
    let total: u64 = found.iter().map(|l| accesses(&l.vector.steps)).sum();
    let without: u64 = outcomes.iter().map(|o| o.untranslated.values().sum::<u64>()).sum();
    let compared: u64 = outcomes.iter().map(|o| o.compared).sum();
    let failed = outcomes.iter().filter(|o| o.verdict != Verdict::Passed).count();
    Ok(Figure {
        name: "trace-replays",
        value: json!({
            "traces": found.len(), "failed": failed, "accesses": total, "replayed": total - without,
            "compared": compared, "without_counterpart": without,
        }),
        unit: "recorded accesses",
        goal: "every access of every trace replayed, every read and message compared, but those that vectors/linux/README.md names".into(),
        ok: failed == 0 && !found.is_empty() && without * 20 <= total,
        spread: None,
        how: "vectors/linux on RTL; writes are replayed, reads, decodes and messages replayed and compared".into(),
    })
}
