// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `topology`: runs a described topology.

use super::{Failure, root};
use clap::Args;
use golden::Quirk;
use sim::finding::Kind;
use sim::rtl::RtlModels;
use sim::run::dut::{Dut, DutKind};
use sim::topology::{self, Outcome};
use std::path::PathBuf;
use std::sync::Arc;
use vectors::op::DutParams;
use verilated::Variant;

/// Arguments of `topology`.
#[derive(Args)]
pub struct TopologyArgs {
    /// Descriptions (vectors/topologies/*.yaml).
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// What every endpoint is.
    #[arg(long, value_enum, default_value = "rtl")]
    pub dut: DutKind,
    /// Seed of everything random.
    #[arg(long, default_value_t = 1, value_parser = super::run::number)]
    pub seed: u64,
    /// Seed of what registers without reset hold.
    #[arg(long, default_value_t = 0, value_parser = super::run::number)]
    pub reset_seed: u64,
    /// Causes in all, instead of those of the description.
    #[arg(long, value_parser = super::run::number)]
    pub causes: Option<u64>,
    /// A misbehaviour of golden endpoints.
    #[arg(long)]
    pub quirk: Vec<Quirk>,
}

/// `topology`.
pub fn topology(a: TopologyArgs, json: bool) -> Result<u8, Failure> {
    let root = root();
    let mut described = Vec::new();
    for file in &a.files {
        let mut t = vectors::topology::load(file).map_err(Failure::input)?;
        if let Some(causes) = a.causes {
            t.storm.causes = causes;
            t.storm.events.retain(|e| e.after < causes);
        }
        described.push(t);
    }
    let dut = match a.dut {
        DutKind::Golden => Dut::Golden(a.quirk.clone()),
        DutKind::Rtl => {
            let models = RtlModels::new(&root, root.join("rtl"), Variant::Plain).map_err(Failure::input)?;
            Dut::Rtl(Arc::new(models))
        }
    };
    dut.prepare(&[DutParams::default()]).map_err(Failure::input)?;
    let mut code = 0;
    for (t, file) in described.iter().zip(&a.files) {
        let started = std::time::Instant::now();
        let o = topology::run(t, &dut, a.seed, a.reset_seed, None).map_err(Failure::tool)?;
        if json {
            println!("{}", serde_json::to_string(&o).map_err(Failure::tool)?);
        } else {
            say(&o, started.elapsed().as_secs_f64());
            if !o.passed {
                let dut = if a.dut == DutKind::Golden { " --dut golden" } else { "" };
                let quirks: String = a.quirk.iter().map(|q| format!(" --quirk {q}")).collect();
                let causes = a.causes.map(|n| format!(" --causes {n}")).unwrap_or_default();
                let file = file.display();
                println!("  replay: scripts/ims-cosim topology {file}{dut}{quirks}{causes} --seed {}", a.seed);
            }
        }
        code = code.max(verdict(&o));
    }
    Ok(if code == 2 { 3 } else { code })
}

/// 0 passed, 1 overdue only, 2 worse; the exit codes are 0, 3 and 1.
fn verdict(o: &Outcome) -> u8 {
    match (o.passed, o.findings.iter().all(|f| f.kind == Kind::Liveness)) {
        (true, _) => 0,
        (false, true) if !o.findings.is_empty() => 2,
        _ => 1,
    }
}

fn say(o: &Outcome, seconds: f64) {
    let c = &o.total;
    println!(
        "{}: {} · {} endpoint(s) · {} ticks · {} packets · {} interrupts taken · {} checks · {seconds:.1} s",
        o.name,
        if o.passed { "pass" } else { "FAIL" },
        o.endpoints.len(),
        o.ticks,
        o.packets,
        o.served,
        o.looked.values().sum::<u64>(),
    );
    println!(
        "  causes {} = delivered {} + merged {} + pending {} + blocked {} + lost {} · duplicated {} · stale {} · misdirected {}",
        c.causes, c.delivered, c.merged, c.pending, c.blocked, c.lost, c.duplicated, c.stale, c.misdirected
    );
    let software: Vec<String> = o.software.iter().map(|(what, n)| format!("{what} {n}")).collect();
    println!("  software: {}", software.join(", "));
    for (kind, list) in [("", &o.findings), ("expected: ", &o.expected)] {
        for f in list.iter().take(12) {
            println!("  {kind}tick {:>8}  {}: {}", f.tick, f.check, f.text);
        }
        if list.len() > 12 {
            println!("  {kind}and {} more", list.len() - 12);
        }
    }
    println!("  events {}", o.events_hash);
}
