// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `planted`: faults planted by hand into copies of the RTL, and who notices them.

use super::{Failure, root};
use clap::Args;
use comfy_table::{Attribute, Cell, CellAlignment, Color, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use sim::mutant::{Campaign, End, Judged, Mutant, Verdict, load};
use std::time::Duration;

/// Arguments of `planted`.
#[derive(Args)]
pub struct PlantedArgs {
    /// Only mutants whose name contains this or matches it as a glob.
    #[arg(long)]
    pub test: Option<String>,
    /// Only say which there are.
    #[arg(long)]
    pub list: bool,
    /// Seed of the runs.
    #[arg(long, default_value_t = 1, value_parser = super::run::number)]
    pub seed: u64,
    /// Mutants at a time; as many as there are processors when absent.
    #[arg(long)]
    pub jobs: Option<usize>,
    /// Begin no mutant after this many seconds; the next call goes on from there.
    #[arg(long)]
    pub seconds: Option<u64>,
}

/// `planted`.
pub fn planted(a: PlantedArgs, json: bool) -> Result<u8, Failure> {
    let root = root();
    let mutants = load(&root.join("sim/mutants/rtl"), a.test.as_deref()).map_err(Failure::input)?;
    if mutants.is_empty() {
        return Err(Failure::input(anyhow::anyhow!("no mutant matches {:?}", a.test.unwrap_or_default())));
    }
    if a.list {
        list(&mutants, json);
        return Ok(0);
    }
    let mut campaign = Campaign::new(&root).map_err(Failure::input)?;
    (campaign.seed, campaign.within) = (a.seed, a.seconds.map(Duration::from_secs));
    campaign.workers = a.jobs.unwrap_or(campaign.workers).max(1);
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new(mutants.len() as u64) };
    let style = ProgressStyle::with_template("{bar:40.green} {pos}/{len} {elapsed} {msg}").expect("a fixed template");
    bar.set_style(style);
    bar.enable_steady_tick(Duration::from_millis(500));
    let mut survived = 0;
    let end = campaign.run(&mutants, |j| {
        survived += usize::from(j.verdict == Verdict::Survived);
        bar.inc(1);
        bar.set_message(if survived > 0 { format!("{survived} survived, last {}", j.name) } else { j.name.clone() });
    });
    bar.finish_and_clear();
    let end = end.map_err(Failure::input)?;
    if json {
        let text = json!({ "planted": end.judged.len(), "open": end.open, "caught": end.caught(), "seconds": end.seconds, "mutants": end.judged });
        println!("{text}");
    } else {
        println!("{}", table(&end));
        println!("{} planted, {} caught, {:.0} s", end.judged.len(), end.caught(), end.seconds);
        for j in &end.judged {
            say(j, &mutants);
        }
        if end.open > 0 {
            println!("{} are open: the same call goes on", end.open);
        }
    }
    Ok(u8::from(end.caught() < end.judged.len()))
}

fn list(mutants: &[Mutant], json: bool) {
    if json {
        let all: Vec<_> = mutants
            .iter()
            .map(
                |m| json!({ "name": m.name, "intent": m.intent, "file": m.file, "expect": m.expect, "tests": m.tests }),
            )
            .collect();
        println!("{}", json!(all));
        return;
    }
    for m in mutants {
        println!("{:36} {}", m.name, m.intent.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}

fn table(end: &End) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let head = ["mutant", "verdict", "caught by", "in test", "cycles", "seconds"];
    table.set_header(head.map(|h| Cell::new(h).add_attribute(Attribute::Bold)));
    for j in &end.judged {
        let color = match j.verdict {
            Verdict::Caught(_) => Color::Green,
            Verdict::CaughtByAnother(_) => Color::Yellow,
            Verdict::Survived => Color::Red,
        };
        let catch = j.verdict.catch();
        table.add_row([
            Cell::new(&j.name),
            Cell::new(j.verdict.word()).fg(color),
            Cell::new(catch.map_or("-", |c| c.check.as_str())),
            Cell::new(catch.map_or("-", |c| c.test.as_str())),
            Cell::new(catch.map_or("-".into(), |c| c.cycles.to_string())),
            Cell::new(format!("{:.1}", j.build_s + j.run_s)),
        ]);
    }
    for k in 4..6 {
        if let Some(c) = table.column_mut(k) {
            c.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// What to look at next, for a mutant that was not caught as it should be.
fn say(j: &Judged, mutants: &[Mutant]) {
    let Some(m) = mutants.iter().find(|m| m.name == j.name) else { return };
    let expect = m.expect.join(", ");
    match &j.verdict {
        Verdict::Caught(_) => {}
        Verdict::CaughtByAnother(c) => println!("\n{}: meant for {expect}; {} said: {}", m.name, c.check, c.text),
        Verdict::Survived => println!(
            "\n{}: {} vectors passed on a device that is wrong; expected a report by {expect}\n  {}\n  the copy: ims-cosim sim --rtl target/mutants/{}/rtl",
            m.name,
            j.tests,
            m.intent.trim(),
            m.name
        ),
    }
}
