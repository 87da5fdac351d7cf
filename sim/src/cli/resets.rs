// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `resets`: interrupts across random resets of one device.

use super::{Failure, root};
use clap::Args;
use golden::Quirk;
use serde_json::json;
use sim::resets::{golden, rtl};
use sim::rtl::RtlModels;
use sim::run::dut::DutKind;
use std::path::PathBuf;
use verilated::Variant;

/// Arguments of `resets`.
#[derive(Args)]
pub struct ResetsArgs {
    /// The device.
    #[arg(long, value_enum, default_value = "rtl")]
    pub dut: DutKind,
    /// Seed of the traffic.
    #[arg(long, default_value_t = 1, value_parser = super::run::number)]
    pub seed: u64,
    /// Resets and toggles.
    #[arg(long, default_value_t = 1_000, value_parser = super::run::number)]
    pub resets: u64,
    /// Another RTL tree than rtl/.
    #[arg(long)]
    pub rtl: Option<PathBuf>,
    /// A misbehaviour of the golden endpoint.
    #[arg(long)]
    pub quirk: Vec<Quirk>,
}

/// `resets`.
pub fn resets(a: ResetsArgs, json: bool) -> Result<u8, Failure> {
    let root = root();
    let mut dut = match a.dut {
        DutKind::Golden => golden(&a.quirk).map_err(Failure::tool)?,
        DutKind::Rtl => {
            let models = RtlModels::new(&root, a.rtl.unwrap_or_else(|| root.join("rtl")), Variant::Plain)
                .map_err(Failure::input)?;
            rtl(&models).map_err(Failure::input)?
        }
    };
    let r = sim::resets::run(dut.as_mut(), a.seed, a.resets, |_| {}).map_err(Failure::tool)?;
    if json {
        let value = json!({
            "resets": r.resets, "causes": r.causes, "messages": r.messages, "dropped": r.dropped,
            "reads_cut": r.reads_cut, "cycles": r.cycles, "wrong": r.wrong,
        });
        println!("{value}");
    } else {
        let kinds: Vec<String> = r.resets.iter().map(|(k, n)| format!("{k} {n}")).collect();
        println!("{} resets: {}", r.total(), kinds.join(", "));
        println!(
            "{} causes, {} messages, {} owed when a reset came, {} reads cut, {} cycles",
            r.causes, r.messages, r.dropped, r.reads_cut, r.cycles
        );
        for (name, (n, first)) in &r.wrong {
            println!("{name}: {n}, first: {first}");
        }
        if r.wrong.is_empty() {
            println!("late 0, lost 0");
        }
    }
    Ok(u8::from(!r.wrong.is_empty()))
}
