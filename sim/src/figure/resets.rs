// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `resets`: interrupts across random resets under load.

use super::kept::Pieces;
use super::{Context, Figure};
use crate::resets::{self, Report};
use crate::rtl::RtlModels;
use anyhow::Result;
use serde_json::json;
use verilated::Variant;

const FULL: u64 = 100_000;
/// Resets of a piece that is kept; each has a seed and a device of its own.
const PIECE: u64 = 5_000;
const SHORT: u64 = 1_000;

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let models = RtlModels::new(&ctx.root, ctx.root.join("rtl"), Variant::Plain)?;
    let (runs, each) = if ctx.small { (1, SHORT) } else { (FULL / PIECE, PIECE) };
    let wanted = runs * each;
    let pieces = Pieces::new(ctx)?;
    let mut r = Report::default();
    for seed in 1..=runs {
        r.add(pieces.piece(&format!("resets {seed} {each}"), || {
            let mut dut = resets::rtl(&models)?;
            resets::run(dut.as_mut(), seed, each, |_| {})
        })?);
        (ctx.say)(&format!("{} of {wanted} resets", r.total()));
    }
    let late = r.count("late_message") + r.count("late_read");
    let wrong: serde_json::Map<String, serde_json::Value> =
        r.wrong.iter().map(|(k, (n, text))| (k.clone(), json!([n, text]))).collect();
    Ok(Figure {
        name: "resets",
        value: json!({
            "resets": r.total(), "by_kind": r.resets, "causes": r.causes, "messages": r.messages,
            "legally_dropped": r.dropped, "reads_cut": r.reads_cut, "late": late, "lost": r.count("lost_interrupt"),
            "other": wrong, "cycles": r.cycles,
        }),
        unit: "random resets and toggles under load; messages of before that left after, interrupts lost that nothing drops",
        goal: format!("{wanted} resets, late 0, lost 0"),
        ok: r.total() >= wanted && r.wrong.is_empty(),
        spread: None,
        how: format!(
            "RTL, seeds 1 to {runs}, {each} each, `ims-cosim resets`: FLR, hot reset, D3hot to D0, bus master and memory space toggled, at any cycle, reads outstanding, credits withheld{}",
            if ctx.small { "; short form" } else { "" }
        ),
    })
}
