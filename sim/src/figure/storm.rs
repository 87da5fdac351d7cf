// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `storm`: sixteen RTL endpoints on one machine while everything about their interrupts changes.

use super::runs::rtl;
use super::{Context, Figure};
use crate::topology;
use anyhow::Result;
use serde_json::json;
use vectors::op::DutParams;

/// Most memory that this process has had, in MiB; `None` where the system does not tell.
pub(super) fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let mut t = vectors::topology::load(&ctx.root.join("vectors/topologies/storm_of_sixteen.yaml"))?;
    if ctx.small {
        t.storm.causes = 20_000;
    }
    let dut = rtl(ctx)?;
    dut.prepare(&[DutParams::default()])?;
    (ctx.say)("sixteen endpoints boot");
    let started = std::time::Instant::now();
    let o = topology::run(&t, &dut, 1, 0, None)?;
    let wall = started.elapsed().as_secs_f64();
    let c = &o.total;
    let wrong = c.lost + c.duplicated + c.stale + c.misdirected + c.overtook_data;
    let did = |what: &str| o.software.get(what).copied().unwrap_or(0);
    let moved = ["affinity", "free", "allocate", "processor goes", "processor comes", "mask", "flush of a unit"];
    Ok(Figure {
        name: "storm",
        value: json!({
            "lost": c.lost, "duplicated": c.duplicated, "stale": c.stale, "misdirected": c.misdirected,
            "findings": o.findings.len(), "causes": c.causes, "delivered": c.delivered, "merged": c.merged,
            "pending": c.pending, "blocked": c.blocked, "interrupts taken": o.served, "software": o.software,
            "endpoints": o.endpoints.len(), "ticks": o.ticks, "packets": o.packets, "wall_s": wall.round(),
            "peak_mib": peak_mib(), "events": o.events_hash,
        }),
        unit: "interrupts",
        goal: "lost 0, nothing found, every kind of change made".into(),
        ok: o.passed && wrong == 0 && moved.iter().all(|what| did(what) > 0) && c.causes >= t.storm.causes,
        spread: None,
        how: format!(
            "vectors/topologies/storm_of_sixteen.yaml on the RTL: 16 models with 2,048 MSI-X vectors and 4,096 device slots each, 64 \
             processors, two remapping units, {} causes; seed 1{}",
            t.storm.causes,
            if ctx.small { " (short form)" } else { "" }
        ),
    })
}
