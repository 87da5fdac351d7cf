// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `corpus`: runs the sequences that searches have kept.

use super::run::device;
use super::{Failure, root};
use clap::Args;
use serde_json::json;
use sim::cover::{Counts, Plan, counts};
use sim::direct::{Setup, Strategy, corpus, profile, search};
use sim::run::{DutKind, Verdict};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use verilated::Variant;

/// Arguments of `corpus`.
#[derive(Args)]
pub struct CorpusArgs {
    /// Directory of kept sequences; vectors/corpus when absent.
    pub dir: Option<PathBuf>,
    /// Device.
    #[arg(long, value_enum, default_value = "rtl")]
    pub dut: DutKind,
}

/// `corpus`.
pub fn corpus(a: CorpusArgs, as_json: bool) -> Result<u8, Failure> {
    let root = root();
    let plan = Arc::new(Plan::load(&root, None).map_err(Failure::input)?.on(a.dut));
    let dir = a.dir.clone().unwrap_or_else(|| root.join("vectors/corpus"));
    let all = corpus::load_all(&dir).map_err(Failure::input)?;
    if all.is_empty() {
        return Err(Failure::input(anyhow::anyhow!("no kept sequence in {}", dir.display())));
    }
    let how = super::run::How { dut: a.dut, ..super::run::How::plain() };
    let dut = device(&how, Variant::Plain)?;
    dut.prepare(&[Default::default()]).map_err(super::run::verilated)?;
    let everything = profile::named(&root, "everything").map_err(|e| Failure::input(anyhow::anyhow!(e)))?;
    let mut setup = Setup {
        plan: plan.clone(),
        profile: everything,
        dut,
        params: Vec::new(),
        strategy: Strategy::Directed,
        seed: 1,
        aim: Vec::new(),
        covers: None,
    };
    let (mut tests, mut merged, mut failed, mut cycles) = (BTreeMap::new(), Counts::new(), 0u32, 0u64);
    for kept in &all {
        setup.seed = kept.seed;
        let (o, _) = search::run_once(&setup, &kept.vector);
        let impossible = plan.judge(&o.coverage, o.cycles);
        if o.verdict != Verdict::Passed || !impossible.is_empty() {
            failed += 1;
            println!("{}: {}", kept.vector.name, o.verdict.word());
            for f in o.findings.iter().chain(&impossible).take(3) {
                println!("  tick {:>8}  {}: {}", f.tick, f.check, f.text);
            }
        }
        cycles += o.cycles;
        merged.merge(&o.coverage);
        tests.insert(kept.vector.name.clone(), o.coverage);
    }
    let text = counts::to_text(tests.iter().map(|(n, c)| (n.as_str(), c))).map_err(Failure::tool)?;
    let out = root.join("target/close/corpus");
    std::fs::create_dir_all(&out)
        .and_then(|()| std::fs::write(out.join("coverage.json"), text))
        .map_err(|e| Failure::input(anyhow::anyhow!("{}: {e}", out.display())))?;
    let (covered, reachable) = (plan.covered(&merged), plan.reachable());
    if as_json {
        println!(
            "{}",
            json!({ "sequences": all.len(), "failed": failed, "cycles": cycles, "covered": covered, "reachable": reachable })
        );
    } else {
        println!("{} kept sequences · {failed} failed · {cycles} cycles · {covered} of {reachable} bins", all.len());
    }
    Ok(u8::from(failed > 0))
}
