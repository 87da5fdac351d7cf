// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `resets`: interrupts across random resets under load.

use super::{Context, Figure};
use crate::lockstep::{PARAMS, rtl};
use crate::resets;
use crate::rtl::RtlModels;
use anyhow::Result;
use serde_json::json;
use verilated::Variant;

const SEED: u64 = 1;
const FULL: u64 = 100_000;
const SHORT: u64 = 1_000;

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let models = RtlModels::new(&ctx.root, ctx.root.join("rtl"), Variant::Plain)?;
    models.build(&PARAMS)?;
    let mut dut = rtl(&models)?;
    let wanted = if ctx.small { SHORT } else { FULL };
    let mut told = 0;
    let r = resets::run(dut.as_mut(), SEED, wanted, |n| {
        if n / 1000 > told {
            told = n / 1000;
            (ctx.say)(&format!("{n} of {wanted} resets"));
        }
    })?;
    let late = r.count("late_message") + r.count("late_read");
    let wrong: serde_json::Map<String, serde_json::Value> =
        r.wrong.iter().map(|(k, (n, text))| ((*k).to_string(), json!([n, text]))).collect();
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
            "RTL, seed {SEED}, `ims-cosim resets`: FLR, hot reset, D3hot to D0, bus master and memory space toggled, at any cycle, reads outstanding, credits withheld{}",
            if ctx.small { "; short form" } else { "" }
        ),
    })
}
