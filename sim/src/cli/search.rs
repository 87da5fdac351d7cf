// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `search`: directed searches for hours, one behind the other, each from nothing and with a seed of its own.
//!
//! A search that has covered what it can learns nothing more from coverage. A new one comes to every bin again by other
//! ways, in other shapes and with other neighbours: that is where rare errors are.

use super::run::{How, commit, device, number, verilated};
use super::standing::{Standing, interruption};
use super::{Failure, root};
use anyhow::anyhow;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use sim::cover::Plan;
use sim::direct::log::{self, Entry};
use sim::direct::{Profile, Setup, Strategy, devices, profile};
use sim::run::batch::default_workers;
use sim::run::options::{self, Param};
use sim::run::{Dut, DutKind};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use verilated::Variant;

/// Arguments of `search`.
#[derive(Args, Clone)]
pub struct SearchArgs {
    /// Hours of processor time of this call.
    #[arg(long, default_value_t = 8.0, value_parser = hours)]
    pub hours: f64,
    /// Cycles of each search, in millions.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    pub cycles: u64,
    /// Seed of the first. When absent: those that an earlier call did not finish, then what is above all before.
    #[arg(long, value_parser = number)]
    pub seed: Option<u64>,
    /// Searches at a time.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=256))]
    pub jobs: Option<u64>,
    /// Profile, a file of vectors/profiles. When absent, searches take turns through `everything` and `long`.
    #[arg(long)]
    pub profile: Option<String>,
    /// Device.
    #[arg(long, value_enum, default_value = "rtl")]
    pub dut: DutKind,
    /// Parameters of the device, as in the data sheet. When absent, searches take turns through the devices of
    /// sim/src/direct/devices.rs, each by its seed.
    #[arg(long, value_delimiter = ',', value_name = "NAME=VALUE")]
    pub param: Vec<Param>,
    /// Where finished searches are entered.
    #[arg(long)]
    pub log: Option<PathBuf>,
    /// Where they stand, each in a directory named by its seed; one that was interrupted goes on. Below target/search,
    /// by the device, when absent.
    #[arg(long)]
    pub out: Option<PathBuf>,
}

impl SearchArgs {
    fn device(&self) -> &'static str {
        if self.dut == DutKind::Rtl { "rtl" } else { "golden" }
    }

    /// Profile of the search with this seed.
    fn profile(&self, seed: u64) -> &str {
        self.profile.as_deref().unwrap_or_else(|| devices::profile_of_seed(seed))
    }

    /// Parameters of the device of the search with this seed.
    fn params(&self, seed: u64) -> Vec<Param> {
        if self.param.is_empty() { devices::of_seed(seed) } else { options::distinct(&self.param) }
    }
}

fn hours(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(h) if h > 0.0 && h <= 10_000.0 => Ok(h),
        _ => Err("want hours above 0 and at most 10,000".into()),
    }
}

/// What all searches of a call share.
struct Campaign<'a> {
    a: &'a SearchArgs,
    plan: Arc<Plan>,
    profiles: BTreeMap<String, Profile>,
    dut: Dut,
    log: PathBuf,
    out: PathBuf,
    commit: String,
    stop: Arc<AtomicBool>,
    bar: ProgressBar,
    tally: Mutex<Tally>,
}

/// How far they have come.
#[derive(Default)]
struct Tally {
    /// Seeds of searches that wait to go on.
    open: VecDeque<u64>,
    /// Seed of the next one that begins.
    next: u64,
    seconds: f64,
    /// Sequences of this call that did not pass, those of searches that did not end among them.
    found: u64,
    ended: Vec<Entry>,
}

impl Campaign<'_> {
    /// One search after the other, until the time is over. One that is not at its end then stays where it stands.
    fn work(&self) -> Result<(), Failure> {
        while !self.over() {
            let seed = {
                let mut tally = self.tally.lock().expect("no holder panics");
                tally.open.pop_front().unwrap_or_else(|| {
                    tally.next += 1;
                    tally.next - 1
                })
            };
            if let Err(failure) = self.one(seed) {
                // Nobody is to hear of it in hours: the others end behind their runs.
                self.stop.store(true, Ordering::Relaxed);
                return Err(failure);
            }
        }
        Ok(())
    }

    fn over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
            || self.tally.lock().expect("no holder panics").seconds >= self.a.hours * 3600.0
    }

    fn one(&self, seed: u64) -> Result<(), Failure> {
        let setup = Setup {
            plan: self.plan.clone(),
            profile: self.profiles[self.a.profile(seed)].clone(),
            dut: self.dut.clone(),
            params: self.a.params(seed),
            strategy: Strategy::Directed,
            seed,
            aim: Vec::new(),
            covers: None,
        };
        let mut standing = Standing::at(setup, &self.out.join(seed.to_string()))?;
        let end = self.a.cycles * 1_000_000;
        while standing.search.state.cycles < end && !standing.search.holes().is_empty() {
            if self.over() {
                return standing.save();
            }
            let before = standing.search.state.seconds;
            let found = standing.once()?;
            if let Some(found) = &found {
                self.bar.suspend(|| eprintln!("seed {seed} · {found}"));
            }
            let mut tally = self.tally.lock().expect("no holder panics");
            tally.seconds += standing.search.state.seconds - before;
            tally.found += u64::from(found.is_some());
            let done = tally.seconds;
            drop(tally);
            self.bar.set_position(done as u64);
            self.bar.set_message(format!("{:.2} of {} h · seed {seed}", done / 3600.0, self.a.hours));
        }
        standing.save()?;
        let setup = &standing.search.setup;
        let strategy = setup.strategy.name();
        let entry = Entry {
            profile: setup.profile.name.clone(),
            ..Entry::of(&standing.search.state, &self.commit, strategy, self.a.device(), &setup.params)
        };
        // The log is read and written whole: one at a time.
        let mut tally = self.tally.lock().expect("no holder panics");
        log::enter(&self.log, &entry).map_err(Failure::input)?;
        tally.ended.push(entry);
        Ok(())
    }
}

/// Seeds of the searches that stand in `out`.
fn standing(out: &Path) -> Vec<u64> {
    let entries = std::fs::read_dir(out).into_iter().flatten().flatten();
    let mut seeds: Vec<u64> = entries
        .filter(|e| e.path().join("state.json").exists())
        .filter_map(|e| e.file_name().to_str()?.parse().ok())
        .collect();
    seeds.sort_unstable();
    seeds
}

/// Which searches are to go on, and with which seed the next one begins.
fn seeds(first: Option<u64>, standing: Vec<u64>, logged: &[Entry]) -> (VecDeque<u64>, u64) {
    if let Some(first) = first {
        return (VecDeque::new(), first);
    }
    let highest = standing.iter().copied().chain(logged.iter().map(|e| e.seed)).max().unwrap_or(0);
    let open = standing.into_iter().filter(|s| logged.iter().all(|e| e.seed != *s)).collect();
    (open, highest + 1)
}

/// `search`.
pub fn search(a: SearchArgs, json: bool) -> Result<u8, Failure> {
    let root = root();
    let path = a.log.clone().unwrap_or_else(|| root.join("vectors/corpus/log/searches.yaml"));
    let there: Vec<Entry> = log::read(&path).map_err(Failure::input)?;
    let out = a.out.clone().unwrap_or_else(|| root.join("target/search").join(a.device()));
    let (open, next) = seeds(a.seed, standing(&out), &there);
    let plan = Arc::new(super::close::plan(&root)?.on(a.dut));
    // One of each, however many searches are made.
    let turns = 0..devices::TURNS;
    let mut profiles = BTreeMap::new();
    for name in turns.clone().map(|seed| a.profile(seed).to_owned()) {
        let profile = profile::named(&root, &name).map_err(|e| Failure::input(anyhow!(e)))?;
        profiles.insert(name, profile);
    }
    let dut = device(&How { dut: a.dut, ..How::plain() }, Variant::Plain)?;
    let needed: Vec<_> = turns.map(|seed| options::chosen(&a.params(seed))).collect();
    dut.prepare(&needed).map_err(verilated)?;
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new((a.hours * 3600.0) as u64) };
    bar.set_style(ProgressStyle::with_template("{bar:30.green} {elapsed} {msg}").expect("a fixed template"));
    let campaign = Campaign {
        plan,
        profiles,
        dut,
        log: path,
        out,
        commit: commit(&root),
        stop: interruption()?,
        bar,
        tally: Mutex::new(Tally { open, next, ..Tally::default() }),
        a: &a,
    };
    let workers = a.jobs.map_or_else(default_workers, |n| n as usize);
    let failed = std::thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(|| campaign.work())).collect();
        let ends: Vec<_> = running.into_iter().map(|t| t.join().expect("what a run breaks is an outcome")).collect();
        ends.into_iter().find_map(Result::err)
    });
    campaign.bar.finish_and_clear();
    if let Some(failure) = failed {
        return Err(failure);
    }
    let interrupted = campaign.stop.load(Ordering::Relaxed);
    let tally = campaign.tally.into_inner().expect("no holder panics");
    let sum = |of: fn(&Entry) -> u64| tally.ended.iter().map(of).sum::<u64>();
    let (runs, cycles, found) = (sum(|e| e.runs), sum(|e| e.cycles), tally.found);
    if json {
        let value =
            json!({ "searches": tally.ended, "seconds": tally.seconds, "found": found, "interrupted": interrupted });
        println!("{value}");
    } else {
        println!(
            "{} searches ended · {runs} runs · {cycles} cycles · {:.2} h of processor time and {found} found in this call",
            tally.ended.len(),
            tally.seconds / 3600.0
        );
        println!("{} · {}", campaign.out.display(), campaign.log.display());
    }
    Ok(match (interrupted, found) {
        (true, _) => 130,
        (_, 1..) => 1,
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim::direct::State;

    #[test]
    fn what_was_not_finished_goes_on_first() {
        let logged: Vec<Entry> = [3, 5]
            .map(|seed| {
                Entry::of(&State::new("directed everything rtl".into(), seed), "1234567", "directed", "rtl", &[])
            })
            .into();
        assert_eq!(seeds(None, vec![3, 4], &logged), ([4].into(), 6));
        assert_eq!(seeds(None, vec![9], &logged), ([9].into(), 10));
        assert_eq!(seeds(None, vec![], &[]), ([].into(), 1));
        assert_eq!(seeds(Some(4), vec![4, 9], &logged), ([].into(), 4));
    }
}
