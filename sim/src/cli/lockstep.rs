// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `lockstep`: the same random traffic to RTL and golden endpoint.

use super::{Failure, root};
use clap::Args;
use golden::Quirk;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use sim::lockstep::{self, Report};
use sim::rtl::RtlModels;
use sim::run::dut::DutKind;
use std::path::PathBuf;
use verilated::Variant;

/// Arguments of `lockstep`.
#[derive(Args)]
pub struct LockstepArgs {
    /// Device that is compared with the golden endpoint.
    #[arg(long, value_enum, default_value = "rtl")]
    pub dut: DutKind,
    /// Seed of the traffic.
    #[arg(long, default_value_t = 1, value_parser = super::run::number)]
    pub seed: u64,
    /// Packets, both directions of one device.
    #[arg(long, default_value_t = 100_000, value_parser = super::run::number)]
    pub tlps: u64,
    /// Only this burst.
    #[arg(long, value_parser = super::run::number)]
    pub burst: Option<u64>,
    /// Another RTL tree than rtl/.
    #[arg(long)]
    pub rtl: Option<PathBuf>,
    /// A misbehaviour of the golden endpoint that is compared with.
    #[arg(long)]
    pub quirk: Vec<Quirk>,
}

/// `lockstep`.
pub fn lockstep(a: LockstepArgs, json: bool) -> Result<u8, Failure> {
    let root = root();
    let models = match a.dut {
        DutKind::Golden => None,
        DutKind::Rtl => {
            let tree = a.rtl.clone().unwrap_or_else(|| root.join("rtl"));
            let models = RtlModels::new(&root, tree, Variant::Plain).map_err(Failure::input)?;
            models.build(&lockstep::PARAMS).map_err(Failure::input)?;
            Some(models)
        }
    };
    let make = || {
        let first = match &models {
            Some(m) => lockstep::rtl(m)?,
            None => lockstep::golden(&[])?,
        };
        Ok([first, lockstep::golden(&a.quirk)?])
    };
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new(a.tlps) };
    let style = ProgressStyle::with_template("{bar:40.green} {pos}/{len} {elapsed} {msg}").expect("a fixed template");
    bar.set_style(style);
    let tlps = if a.burst.is_some() { 0 } else { a.tlps };
    let report = lockstep::run(&make, a.seed, a.burst.unwrap_or(0), tlps, |r| bar.set_position(r.tlps));
    bar.finish_and_clear();
    let report = report.map_err(Failure::tool)?;
    if json {
        println!("{}", as_json(&report));
    } else {
        say(&a, &report);
    }
    Ok(u8::from(report.difference.is_some()))
}

fn as_json(r: &Report) -> serde_json::Value {
    json!({
        "tlps": r.tlps, "bursts": r.bursts, "exact": r.tally.exact, "raced": r.tally.raced, "episodes": r.kinds,
        "cycles": r.cycles, "difference": r.difference.as_ref().map(|d| json!({ "burst": d.burst, "kind": d.kind, "text": d.text })),
    })
}

fn say(a: &LockstepArgs, r: &Report) {
    let kinds: Vec<String> = r.kinds.iter().map(|(k, n)| format!("{k} {n}")).collect();
    println!("episodes {}", kinds.join(", "));
    println!(
        "{} packets in {} bursts, {} cycles · compared {} exactly, {} up to a race",
        r.tlps, r.bursts, r.cycles[0], r.tally.exact, r.tally.raced
    );
    let Some(d) = &r.difference else {
        println!("no difference");
        return;
    };
    println!("DIFFERENCE in burst {} ({}): first device | golden endpoint\n  {}", d.burst, d.kind, d.text);
    println!("  in the whole burst: {}", d.whole);
    println!("  shown by {} episode(s):", d.episodes.len());
    for e in &d.episodes {
        for line in lockstep::lines(e) {
            println!("    {line}");
        }
    }
    let dut = if a.dut == DutKind::Golden { " --dut golden" } else { "" };
    let rtl = a.rtl.as_ref().map(|p| format!(" --rtl {}", p.display())).unwrap_or_default();
    let quirks: String = a.quirk.iter().map(|q| format!(" --quirk {q}")).collect();
    println!("  replay: scripts/ims-cosim lockstep{dut}{rtl}{quirks} --seed {} --burst {}", a.seed, d.burst);
}
