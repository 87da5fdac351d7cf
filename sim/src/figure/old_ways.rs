// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `dance-old` and `dance-new`: what it costs to have one more vector, by taking all away and by adding one; and
//! the other two ways of old beside those of today.

use super::runs::{rtl, run};
use super::storm::peak_mib;
use super::{Context, Figure};
use crate::run::{Batch, Dut, Outcome, Verdict};
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::time::Duration;
use vectors::op::{Change, DutParams, HostParams, KernelOp, Op, Vector, Way};
use vectors::suite::Loaded;

/// Interrupts of the full form, of the short one, and of each of the smaller comparisons.
const FULL: u64 = 1_000_000;
const SHORT: u64 = 10_000;
const BESIDE: u64 = 20_000;
/// Queues, each with a vector of its own beside vector 0.
const QUEUES: u32 = 24;

fn vector(change: Change, way: Way, events: u64) -> Vector {
    let kernel = Op::Kernel;
    let underway = KernelOp::Underway { change, way, events, queues: QUEUES, lost: [0, events] };
    Vector {
        name: format!("{change:?}_{way:?}").to_lowercase(),
        intent: "a figure".into(),
        items: Vec::new(),
        dut: DutParams { num_msix: Some(65), ..DutParams::default() },
        host: HostParams { cpus: 8, ..HostParams::default() },
        bound: 50_000,
        steps: vec![
            Op::Enumerate,
            Op::Remapping { eime: false, size: 9, compatibility: false },
            kernel(KernelOp::Start { blocks: false, nodes: 1, threads: 1 }),
            kernel(underway),
        ],
    }
}

/// One run; what the operation reports is in the notes of its outcome.
fn one(dut: &Dut, change: Change, way: Way, events: u64) -> Result<(Outcome, Value)> {
    let vector = vector(change, way, events);
    let path = format!("{}.yaml", vector.name).into();
    let found = [Loaded { path, vector }];
    let mut outcomes =
        run(&Batch { workers: 1, timeout: Duration::from_secs(6 * 3600), ..Batch::new(dut.clone()) }, &found)?;
    let Some(outcome) = outcomes.pop() else { bail!("no outcome") };
    let notes = outcome.notes.clone();
    Ok((outcome, notes))
}

fn dance(ctx: &Context, name: &'static str, way: Way) -> Result<Figure> {
    let mut value = serde_json::Map::new();
    let mut ok = true;
    for (device, dut, full) in [("golden", Dut::Golden(Vec::new()), FULL), ("rtl", rtl(ctx)?, FULL)] {
        let events = if ctx.small { SHORT } else { full };
        (ctx.say)(&format!("{device}: {events} interrupts"));
        let started = std::time::Instant::now();
        let (outcome, notes) = one(&dut, Change::Grow, way, events)?;
        let wall = started.elapsed().as_secs();
        let n = |key: &str| notes[key].as_u64().unwrap_or(u64::MAX);
        let clean = outcome.verdict == Verdict::Passed && notes["balances"] == json!(true) && n("events") == events;
        let lost = n("lost");
        ok &= clean && if way == Way::Old { lost > 0 } else { lost == 0 };
        let mut notes = notes;
        notes["device_lost"] = json!(outcome.counters.lost);
        notes["passed"] = json!(outcome.verdict == Verdict::Passed);
        notes["cycles"] = json!(outcome.cycles);
        notes["wall_s"] = json!(wall);
        notes["peak_mib"] = json!(peak_mib());
        value.insert(device.into(), notes);
    }
    (ctx.say)("the other ways");
    for (what, change) in [("slots beside MSI-X", Change::Slots), ("two masks in one register", Change::Masks)] {
        let events = if ctx.small { SHORT / 4 } else { BESIDE };
        let (outcome, notes) = one(&Dut::Golden(Vec::new()), change, way, events)?;
        let lost = notes["lost"].as_u64().unwrap_or(u64::MAX);
        ok &= outcome.verdict == Verdict::Passed && if way == Way::Old { lost > 0 } else { lost == 0 };
        value.insert(what.into(), notes);
    }
    Ok(Figure {
        name,
        value: value.into(),
        unit: "interrupts that no handler saw",
        goal: if way == Way::Old { "more than 0, counted" } else { "0" }.into(),
        ok,
        spread: None,
        how: format!(
            "{QUEUES} queues, each raising its next interrupt when its handler has run for the last, given up after 40,000 cycles; every 500 interrupts {}; each interrupt has a number and a handler must begin at its tick or later{}",
            if way == Way::Old {
                "all vectors are freed and allocated again with one more, as VFIO did before 6.5"
            } else {
                "one vector is added by msix_alloc_irq_at"
            },
            if ctx.small { "; short form" } else { "" }
        ),
    })
}

/// `dance-old`.
pub fn old(ctx: &Context) -> Result<Figure> {
    dance(ctx, "dance-old", Way::Old)
}

/// `dance-new`.
pub fn new(ctx: &Context) -> Result<Figure> {
    dance(ctx, "dance-new", Way::New)
}
