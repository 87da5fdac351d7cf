// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `shrink`: planted faults, found by random sequences of a thousand operations and more, each made short.

use super::{Context, Figure};
use crate::direct::draw::Draw;
use crate::direct::profile;
use crate::run::{Dut, test_seed};
use crate::shrink::{Case, reported, run_on, shrink};
use anyhow::{Context as _, Result};
use golden::Quirk;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use std::time::Instant;

/// Faults of all parts of a device.
const FAULTS: [&str; 20] = [
    "masked-cause-dropped",
    "cause-lost",
    "pending-kept-after-send",
    "vector-mask-ignored",
    "function-mask-ignored",
    "msix-enable-ignored",
    "message-torn",
    "message-of-neighbour",
    "message-unallocated-vector",
    "message-without-bus-master",
    "disable-clears-pending",
    "enable-drops-pending",
    "masked-blocks-others",
    "record-after-message",
    "stale-slot-after-invalidation",
    "fetch-of-neighbour",
    "completion-overtakes-message",
    "completion-byte-count",
    "dma-data-wrong",
    "header-log-overwritten",
];
/// Fewest operations of a sequence that finds.
const OPERATIONS: usize = 1000;
/// Most operations of what is left.
const SHORT: usize = 12;
/// Sequences that are tried.
const SEQUENCES: u64 = 60;

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let profile = profile::named(&ctx.root, "long").map_err(|e| anyhow::anyhow!(e))?;
    let faults = if ctx.small { &FAULTS[..3] } else { &FAULTS[..] };
    let (mut rows, mut times, mut short) = (Vec::new(), Vec::new(), 0);
    for name in faults {
        (ctx.say)(name);
        let quirk: Quirk = name.parse().with_context(|| format!("{name} names no misbehaviour"))?;
        let dut = Dut::Golden(vec![quirk]);
        let found = (0..SEQUENCES).find_map(|k| {
            let rng = ChaCha8Rng::seed_from_u64(test_seed(k, name));
            let v = Draw::new(&profile, &Default::default(), rng).vector(format!("sequence_{k}"));
            let (o, _) = run_on(&dut, &v, 1);
            let check = reported(&o).first().map(|c| (*c).to_string());
            check.filter(|_| v.steps.len() >= OPERATIONS).map(|check| (v, check))
        });
        let Some((vector, check)) = found else {
            rows.push(json!({ "fault": name, "check": null, "before": 0, "after": 0, "runs": 0, "seconds": 0 }));
            continue;
        };
        let control = Some(Dut::Golden(Vec::new()));
        let case = Case { dut, control, seed: 1, check: check.clone(), runs: 4000 };
        let started = Instant::now();
        let shrunk = shrink(&case, &vector, |_, _| {}).context("what failed fails again")?;
        let seconds = started.elapsed().as_secs_f64();
        let after = shrunk.vector.steps.len();
        short += usize::from(after <= SHORT);
        times.push(seconds);
        rows.push(json!({ "fault": name, "check": check, "before": vector.steps.len(), "after": after,
            "runs": shrunk.runs, "seconds": (seconds * 10.0).round() / 10.0 }));
    }
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or(0.0);
    Ok(Figure {
        name: "shrink",
        value: json!({ "short": short, "found": times.len(), "tried": faults.len(), "median_seconds": (median * 10.0).round() / 10.0, "faults": rows }),
        unit: "planted faults found by random sequences of 1,000 operations and more and shrunk to 12 or fewer",
        goal: "20 of 20".into(),
        ok: short == faults.len(),
        spread: times.first().zip(times.last()).map(|(a, b)| json!([a, b])),
        how: format!(
            "golden endpoint with one misbehaviour at a time, profile long; the golden endpoint without must pass what is left{}",
            if ctx.small { "; short form: three faults" } else { "" }
        ),
    })
}
