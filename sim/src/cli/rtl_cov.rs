// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `rtl-cov`: which lines, branches, toggles and cover properties of the RTL the vectors reach.

use super::{Failure, root};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use sim::cover_rtl::{DEVICES, Judged, Kind, Measured, Options, judge, measure, read, texts, tracefile};
use sim::run::Param;
use sim::run::batch::default_workers;
use std::time::Duration;

/// Arguments of `rtl-cov`.
#[derive(Args)]
pub struct RtlCovArgs {
    /// Only vectors whose name contains this or matches it as a glob.
    #[arg(long)]
    pub test: Option<String>,
    /// Only the default device, not the other widths.
    #[arg(long)]
    pub one: bool,
    /// Tests at a time; as many as there are processors when absent.
    #[arg(long)]
    pub jobs: Option<usize>,
    /// Holes to list of each kind; all are in rtl-cov.json.
    #[arg(long, default_value_t = 40)]
    pub holes: usize,
    /// Begin no vector after this many seconds; the next call goes on from there.
    #[arg(long)]
    pub seconds: Option<u64>,
}

/// `rtl-cov`.
pub fn rtl_cov(a: RtlCovArgs, json: bool) -> Result<u8, Failure> {
    let root = root();
    let exclusions = read(&root).map_err(Failure::input)?;
    let devices = DEVICES.iter().take(if a.one { 1 } else { DEVICES.len() });
    let parse = |d: &&[&str]| d.iter().map(|p| p.parse::<Param>().expect("a parameter")).collect::<Vec<_>>();
    let options = Options {
        devices: devices.map(parse).collect(),
        filter: a.test,
        workers: a.jobs.unwrap_or_else(default_workers).max(1),
        within: a.seconds.map(Duration::from_secs),
    };
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    bar.set_style(ProgressStyle::with_template("{spinner} {elapsed} {msg}").expect("a fixed template"));
    bar.enable_steady_tick(Duration::from_millis(500));
    let measured = measure(&root, &options, &|text| bar.set_message(text.to_owned()));
    bar.finish_and_clear();
    let Measured { cover, open } = measured.map_err(Failure::input)?;
    if open > 0 {
        println!("{open} vectors are open: the same call goes on");
        return Ok(0);
    }
    let dir = root.join("target/cover");
    std::fs::create_dir_all(&dir).map_err(Failure::tool)?;
    std::fs::write(dir.join("rtl.info"), tracefile(&cover)).map_err(Failure::tool)?;
    let judged = judge(&cover, &exclusions, &texts(&root).map_err(Failure::input)?)
        .map_err(|error| Failure { error, code: 1 })?;
    let of = |(k, j): (&Kind, &Judged)| (k.word().to_owned(), json!({ "percent": j.percent(), "of": j }));
    let value = serde_json::Value::from(judged.iter().map(of).collect::<serde_json::Map<_, _>>());
    std::fs::write(dir.join("rtl-cov.json"), format!("{value}\n")).map_err(Failure::tool)?;
    if json {
        println!("{value}");
        return Ok(0);
    }
    for kind in Kind::ALL {
        let j = &judged[&kind];
        println!("{:8} {:6.2} %  {} of {}, {} excluded", kind.word(), j.percent(), j.reached, j.points, j.excluded);
    }
    for kind in Kind::ALL {
        for p in judged[&kind].holes.iter().take(a.holes) {
            println!("  {} rtl/{}:{}: {}", kind.word(), p.file, p.line, p.what);
        }
    }
    println!("{}, {}", dir.join("rtl.info").display(), dir.join("rtl-cov.json").display());
    Ok(0)
}
