// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `mutants`: faults generated over the RTL, and who notices them.

use super::{Failure, root};
use clap::Args;
use comfy_table::{Attribute, Cell, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use sim::mutant::bench;
use sim::mutant::schemata::{Campaign, End, Options, Sums, Verdict, page};
use sim::run::batch::default_workers;
use std::path::PathBuf;
use std::time::Duration;

/// Seconds of ABC for each comparison.
const PROOF_S: u64 = 30;

/// Arguments of `mutants`.
#[derive(Args)]
pub struct MutantsArgs {
    /// Faults to judge, drawn by the seed; 0 for all.
    #[arg(long, default_value_t = 500)]
    pub sample: usize,
    /// Seed of the sample.
    #[arg(long, default_value_t = 1, value_parser = super::run::number)]
    pub seed: u64,
    /// Only faults whose id (file:line:column:operator) contains this.
    #[arg(long)]
    pub test: Option<String>,
    /// Only say which there are.
    #[arg(long)]
    pub list: bool,
    /// Threads; as many as there are processors when absent.
    #[arg(long)]
    pub jobs: Option<usize>,
    /// Judge again what an earlier, perhaps interrupted, run has judged.
    #[arg(long)]
    pub fresh: bool,
    /// Do not judge: let Yosys and ABC compare modules with and without those faults that have survived so far, and
    /// those that equivalent.yaml calls proven.
    #[arg(long)]
    pub prove: bool,
    /// Begin nothing more after this many seconds; the next call goes on from there.
    #[arg(long)]
    pub seconds: Option<u64>,
    /// Faults of the judges (laws, ledger, shadow, root complex) instead of the RTL's.
    #[arg(long)]
    pub bench: bool,
    /// In the copy that has the faults: judge the numbers in this file.
    #[arg(long, hide = true)]
    pub judge: Option<PathBuf>,
}

/// `mutants`.
pub fn mutants(a: MutantsArgs, json: bool) -> Result<u8, Failure> {
    let root = root();
    if a.bench {
        return of_bench(&a, json);
    }
    let mut options = Options { sample: (a.sample > 0).then_some(a.sample), seed: a.seed, ..Options::default() };
    (options.only, options.fresh) = (a.test, a.fresh);
    options.within = a.seconds.map(Duration::from_secs);
    options.workers = a.jobs.unwrap_or(options.workers).max(1);
    let campaign = Campaign::new(&root, options).map_err(Failure::input)?;
    if a.list {
        let (all, picked) = campaign.faults().map_err(Failure::input)?;
        for g in &picked {
            let text = std::fs::read_to_string(root.join("rtl").join(&g.file)).map_err(Failure::input)?;
            let (was, is) = g.change(&text);
            println!("{}  {was}  ->  {is}", g.id);
        }
        eprintln!("{} of {}", picked.len(), all.len());
        return Ok(0);
    }
    if a.prove {
        let hold = campaign.prove(PROOF_S, |g, claimed, standing| {
            println!("{standing:?}  {}{}", g.id, if claimed { "  (equivalent.yaml claims a proof)" } else { "" });
        });
        return Ok(u8::from(!hold.map_err(Failure::input)?));
    }
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    bar.set_style(ProgressStyle::with_template("{spinner} {elapsed} {msg}").expect("a fixed template"));
    bar.enable_steady_tick(Duration::from_millis(500));
    let end = campaign.run(&|text| bar.set_message(text.to_owned()));
    bar.finish_and_clear();
    let end = end.map_err(Failure::input)?;
    let sums = Sums::of(&end.judged);
    let dir = root.join("target/mutants");
    let value = json!({ "all": end.all, "open": end.open, "vectors": end.vectors, "sums": sums, "seconds": end.seconds, "mutants": end.judged });
    std::fs::write(dir.join("mutants.json"), format!("{value}\n")).map_err(Failure::tool)?;
    std::fs::write(dir.join("mutants.md"), page(&end)).map_err(Failure::tool)?;
    if json {
        println!("{value}");
    } else {
        println!("{}", table(&end));
        println!(
            "{} of {} faults: {} killed, {} survived, {} equivalent, {} not compiled · score {} %",
            sums.judged, end.all, sums.killed, sums.survived, sums.equivalent, sums.not_compiled, sums.score
        );
        if end.open > 0 {
            println!("{} of the sample are open: the same call goes on", end.open);
        }
        let [build, probe, judge] = end.seconds;
        println!(
            "built in {build:.0} s, probed in {probe:.0} s, judged in {judge:.0} s · {}",
            dir.join("mutants.md").display()
        );
    }
    Ok(u8::from(sums.survived > 0))
}

/// Faults of the judges.
fn of_bench(a: &MutantsArgs, json: bool) -> Result<u8, Failure> {
    let root = root();
    let workers = a.jobs.unwrap_or_else(default_workers).max(1);
    let within = a.seconds.map(Duration::from_secs);
    if let Some(list) = &a.judge {
        let text = std::fs::read_to_string(list).map_err(Failure::input)?;
        let numbers: Vec<u32> = serde_json::from_str(&text).map_err(Failure::input)?;
        let tell = |line: &bench::Line| println!("{}", json!(line));
        bench::judge(&root, &numbers, workers, within, &tell).map_err(Failure::input)?;
        return Ok(0);
    }
    if a.list {
        let all = bench::generate(&root).map_err(Failure::input)?;
        for g in &all {
            let text = std::fs::read_to_string(root.join(&g.file)).map_err(Failure::input)?;
            let (was, is) = g.change(&text);
            println!("{}  {was}  ->  {is}", g.id);
        }
        return Ok(0);
    }
    let options = bench::Options { sample: (a.sample > 0).then_some(a.sample), seed: a.seed, workers, within };
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    bar.enable_steady_tick(Duration::from_millis(500));
    let end = bench::campaign(&root, &options, &|text| bar.set_message(text.to_owned()));
    bar.finish_and_clear();
    let end = end.map_err(Failure::input)?;
    let page = bench::page(&end);
    std::fs::write(root.join("target/mutants/bench.md"), &page).map_err(Failure::tool)?;
    let sums = bench::Sums::of(&end);
    if json {
        println!("{}", json!({ "all": end.all, "open": end.open, "sums": sums }));
    } else {
        println!("{page}");
        if end.open > 0 {
            println!("{} of the sample are open: the same call goes on", end.open);
        }
    }
    Ok(u8::from(sums.survived > 0))
}

/// What was not killed, a line each.
fn table(end: &End) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["fault", "verdict", "was", "is"].map(|h| Cell::new(h).add_attribute(Attribute::Bold)));
    for j in end.judged.iter().filter(|j| !matches!(j.verdict, Verdict::Killed { .. })) {
        table.add_row([&j.id, j.verdict.word(), &j.was, &j.is]);
    }
    table
}
