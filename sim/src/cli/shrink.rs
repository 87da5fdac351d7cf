// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `shrink`: a failing vector to the shortest one that fails in the same way.

use super::run::{device, number};
use super::{Failure, root};
use anyhow::anyhow;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use sim::run::{Dut, DutKind};
use sim::shrink::{self, Case};
use std::path::PathBuf;
use std::time::Duration;
use verilated::Variant;

/// Arguments of `shrink`.
#[derive(Args)]
pub struct ShrinkArgs {
    /// The vector.
    pub file: PathBuf,
    /// The check that must report; the first that does when absent.
    #[arg(long)]
    pub check: Option<String>,
    /// Name of the result; the check's when absent.
    #[arg(long)]
    pub name: Option<String>,
    /// Where the result goes; vectors/regress when absent.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Device.
    #[arg(long, value_enum, default_value = "rtl")]
    pub dut: DutKind,
    /// Seed of the run that failed.
    #[arg(long, default_value_t = 1, value_parser = number)]
    pub seed: u64,
    /// Misbehaviours of the golden endpoint, by name.
    #[arg(long, value_delimiter = ',')]
    pub quirk: Vec<String>,
    /// RTL tree other than the project's.
    #[arg(long)]
    pub rtl: Option<PathBuf>,
    /// Most runs.
    #[arg(long, default_value_t = 3000)]
    pub runs: u32,
    /// Do not ask whether the golden endpoint passes: it is the one that is wrong.
    #[arg(long)]
    pub no_control: bool,
}

/// `shrink`.
pub fn shrink(a: ShrinkArgs, json: bool) -> Result<u8, Failure> {
    let vector = vectors::yaml::load(&a.file).map_err(Failure::input)?;
    let how = super::run::How { dut: a.dut, quirk: a.quirk.clone(), rtl: a.rtl.clone(), ..super::run::How::plain() };
    let dut = device(&how, Variant::Plain)?;
    dut.prepare(&[Default::default(), vector.dut.clone()]).map_err(super::run::verilated)?;
    let (first, _) = shrink::run_on(&dut, &vector, a.seed);
    let reported = shrink::reported(&first);
    let check = match &a.check {
        Some(check) => check.clone(),
        None => match reported.first() {
            Some(check) => (*check).to_string(),
            None => return Err(Failure::input(anyhow!("{} passes on this device with seed {}", vector.name, a.seed))),
        },
    };
    // A golden endpoint without misbehaviours must pass, unless it is the one that fails.
    let wrong_golden = matches!(&dut, Dut::Golden(quirks) if quirks.is_empty());
    let control = (!a.no_control && !wrong_golden).then(|| Dut::Golden(Vec::new()));
    let case = Case { dut, control, seed: a.seed, check: check.clone(), runs: a.runs };
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    bar.set_style(ProgressStyle::with_template("{spinner} {elapsed} {msg}").expect("a fixed template"));
    bar.enable_steady_tick(Duration::from_millis(250));
    let shrunk = shrink::shrink(&case, &vector, |runs, steps| bar.set_message(format!("run {runs}, {steps} steps")));
    let name = a.name.clone().unwrap_or_else(|| check.clone());
    let renamed = shrunk.as_ref().and_then(|s| shrink::rename(&case, &s.vector, &name));
    bar.finish_and_clear();
    let Some(mut shrunk) = shrunk else {
        return Err(Failure::input(anyhow!("{check} is not among what this vector shows: {}", reported.join(", "))));
    };
    shrunk.vector = renamed.unwrap_or(shrunk.vector);
    shrunk.vector.intent = format!("Found by search: {check} is not reported.");
    let (outcome, seen) = shrink::run_on(&case.dut, &shrunk.vector, a.seed);
    (shrunk.outcome, shrunk.began) = (outcome, seen.began);
    let dir = a.out.clone().unwrap_or_else(|| root().join("vectors/regress"));
    let path = dir.join(format!("{}.yaml", shrunk.vector.name));
    std::fs::create_dir_all(&dir)
        .and_then(|()| std::fs::write(&path, shrink::to_text(&shrunk)))
        .map_err(|e| Failure::input(anyhow!("{}: {e}", path.display())))?;
    let (before, after) = (shrunk.steps_before, shrunk.vector.steps.len());
    if json {
        let value = json!({ "check": check, "before": before, "after": after, "runs": shrunk.runs, "file": path });
        println!("{value}");
    } else {
        println!("{check}: {before} steps, now {after}, after {} runs\n{}", shrunk.runs, path.display());
        for op in &shrunk.vector.steps {
            if let Some(words) = shrink::words(op) {
                println!("  {words}");
            }
        }
    }
    Ok(0)
}
