// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `sim-over-bare`: what co-simulation costs above the model itself.

use super::{Context, Figure};
use crate::bench::machine;
use crate::bench::sequencer::Sequencer;
use crate::bench::world::World;
use crate::rtl::RtlModels;
use crate::run::Params;
use anyhow::{Result, bail};
use serde_json::json;
use std::time::Instant;
use vectors::op::{HostParams, Op, Range, Source, Vector};
use verilated::{Variant, replay_bare};

fn vector(steps: Vec<Op>) -> Vector {
    let mut all = vec![
        Op::Enumerate,
        Op::Remapping { eime: true, size: 15, compatibility: false },
        Op::MsixEnable { vectors: 2048 },
        Op::ConnectRange { range: Range { first: Source::Msix(0), count: 2048 }, masked: false },
    ];
    all.extend(steps);
    Vector {
        name: "over_bare".into(),
        intent: "load".into(),
        items: Vec::new(),
        dut: Default::default(),
        host: HostParams { cpus: 16, x2apic: true, ..HostParams::default() },
        bound: 1_000_000,
        steps: all,
    }
}

/// Seconds of the co-simulation and of the bare loop over the same pins, and cycles and messages.
fn once(ctx: &Context, models: &RtlModels, v: &Vector) -> Result<(f64, f64, u64, u64)> {
    let params = Params::from(&v.dut);
    let pins = ctx.root.join("target").join(format!("over-bare-{}.pins", std::process::id()));
    let run = |record: Option<&std::path::Path>| -> Result<(f64, u64, u64)> {
        let device = models.make_recorded(&params, 1, record)?;
        let host = machine::host(&v.host, 1);
        let world = World::new(device, host, params.sizes(), v.host.cpus as usize, v.host.credits, 1);
        let started = Instant::now();
        let mut s = Sequencer::new(world, v, 1);
        if let Err(stop) = s.run() {
            bail!("the load did not run: {stop:?}");
        }
        let seconds = started.elapsed().as_secs_f64();
        let (mut world, _) = s.into_parts();
        if let Some(f) = world.take_findings().first() {
            bail!("the load did not pass: {}: {}", f.check, f.text);
        }
        Ok((seconds, world.now(), world.ledger.counters.messages))
    };
    // Timed without recording; recorded in a run of its own.
    let (cosim, cycles, messages) = run(None)?;
    run(Some(&pins))?;
    let bare = replay_bare(&models.built(&params)?, &pins);
    let _ = std::fs::remove_file(&pins);
    let bare = bare?;
    if bare.cycles != cycles {
        bail!("the bare replay ran {} cycles, the co-simulation {cycles}", bare.cycles);
    }
    Ok((cosim, bare.seconds, cycles, messages))
}

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let models = RtlModels::new(&ctx.root, ctx.root.join("rtl"), Variant::Plain)?;
    let rounds = if ctx.small { 3 } else { 7 };
    let sweeps = if ctx.small { 50 } else { 200 };
    let range = Range { first: Source::Msix(0), count: 2048 };
    let full = vector(vec![Op::Repeat { times: sweeps, steps: vec![Op::Sweep { range }, Op::Settle] }]);
    let idle = vector(vec![Op::Wait(if ctx.small { 1_000_000 } else { 3_000_000 })]);
    let (mut value, mut spread) = (serde_json::Map::new(), serde_json::Map::new());
    let mut ok = true;
    for (name, v, aim) in [("full_load", &full, 1.5), ("idle", &idle, 1.05)] {
        let mut ratios = Vec::new();
        let mut rate = 0.0;
        for k in 0..rounds {
            (ctx.say)(&format!("{name}, round {} of {rounds}", k + 1));
            let (cosim, bare, cycles, messages) = once(ctx, &models, v)?;
            ratios.push(cosim / bare);
            rate = cycles as f64 / cosim;
            if k == 0 {
                value.insert(
                    format!("{name}_messages_per_cycle"),
                    json!((messages as f64 / cycles as f64 * 1000.0).round() / 1000.0),
                );
            }
        }
        ratios.sort_by(f64::total_cmp);
        let round = |x: f64| (x * 1000.0).round() / 1000.0;
        let median = ratios[ratios.len() / 2];
        ok &= median <= aim;
        value.insert(name.into(), json!(round(median)));
        value.insert(format!("{name}_cycles_per_s"), json!(rate.round()));
        spread.insert(name.into(), json!([round(ratios[0]), round(ratios[ratios.len() - 1])]));
    }
    Ok(Figure {
        name: "sim-over-bare",
        value: value.into(),
        unit: "co-simulation time ÷ bare C++ loop on the same model and pins",
        goal: "full load ≤ 1.5, idle ≤ 1.05".into(),
        ok,
        spread: Some(spread.into()),
        how: format!(
            "median of {rounds} rounds, both in each round; host, ledger, laws and event log included{}",
            if ctx.small { "; short form" } else { "" }
        ),
    })
}
