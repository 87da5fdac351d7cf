// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `cov`: coverage of stored runs against the plan: merged, by item, with holes and a ranking of tests.

use super::{Failure, root};
use clap::Args;
use serde_json::json;
use sim::cover::{Counts, counts, name_of, rank};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Arguments of `cov`.
#[derive(Args)]
pub struct CovArgs {
    /// Coverage files, or directories of runs that have one; the last run and all searches when absent.
    pub files: Vec<PathBuf>,
    /// List every bin that is not covered.
    #[arg(long)]
    pub holes: bool,
    /// Rank the tests by what they add.
    #[arg(long)]
    pub rank: bool,
    /// Write the merged counts here.
    #[arg(long)]
    pub merge: Option<PathBuf>,
}

fn default_files() -> Vec<PathBuf> {
    let target = root().join("target");
    let mut all = vec![target.join("cosim/latest")];
    if let Ok(entries) = std::fs::read_dir(target.join("close")) {
        all.extend(entries.filter_map(|e| e.ok().map(|e| e.path())));
    }
    all.sort();
    all.retain(|p| p.join("coverage.json").is_file());
    all
}

/// `cov`.
pub fn cov(a: CovArgs, as_json: bool) -> Result<u8, Failure> {
    let plan = super::close::plan(&root())?;
    let files = if a.files.is_empty() { default_files() } else { a.files.clone() };
    if files.is_empty() {
        return Err(Failure::input(anyhow::anyhow!("there is no coverage yet: `make sim` or `make close` first")));
    }
    let mut tests: BTreeMap<String, Counts> = BTreeMap::new();
    for file in &files {
        let path = if file.is_dir() { file.join("coverage.json") } else { file.clone() };
        let origin = path.parent().and_then(|p| p.file_name()).map(|n| n.to_string_lossy().into_owned());
        for (name, c) in counts::load(&path).map_err(Failure::input)? {
            let name = if name == "search" { format!("search {}", origin.clone().unwrap_or_default()) } else { name };
            tests.entry(name).or_default().merge(&c);
        }
    }
    let mut all = Counts::new();
    tests.values().for_each(|c| all.merge(c));
    if let Some(path) = &a.merge {
        let text = counts::to_text([("merged", &all)].into_iter()).map_err(Failure::tool)?;
        std::fs::write(path, text).map_err(|e| Failure::input(anyhow::anyhow!("{}: {e}", path.display())))?;
    }
    let (covered, reachable) = (plan.covered(&all), plan.reachable());
    let impossible = plan.judge(&all, 0);
    let holes = plan.holes(&all);
    if as_json {
        let by: BTreeMap<&str, [usize; 2]> =
            plan.items.iter().map(|p| (p.item.spec().name, plan.of_item(p.item, &all).into())).collect();
        let names: Vec<String> = holes.iter().map(|b| name_of(*b)).collect();
        let value = json!({ "covered": covered, "reachable": reachable, "items": by, "holes": names,
            "impossible_hit": impossible.len(), "tests": tests.len() });
        println!("{value}");
        return Ok(u8::from(!impossible.is_empty()));
    }
    for p in &plan.items {
        let (have, of) = plan.of_item(p.item, &all);
        println!("{:>5} of {:<5} {:20} {}", have, of, p.item.spec().name, p.text);
    }
    if a.holes {
        holes.iter().for_each(|b| println!("not covered: {}", name_of(*b)));
    }
    if a.rank {
        let ranked = rank::rank(&tests, &plan);
        for r in ranked.iter().filter(|r| r.adds > 0) {
            println!("{:>5} new of {:<5} {}", r.adds, r.hits, r.test);
        }
        let idle = ranked.iter().filter(|r| r.adds == 0).count();
        println!("{idle} of {} add nothing to those before them", ranked.len());
    }
    for f in &impossible {
        println!("{}: {}", f.check, f.text);
    }
    let points = plan.items.iter().filter(|p| p.item.spec().axes.len() == 1).count();
    println!(
        "{covered} of {reachable} bins covered ({:.1} %) · {points} points, {} crosses · {} bins that cannot be · {} tests",
        100.0 * covered as f64 / reachable.max(1) as f64,
        plan.items.len() - points,
        plan.never.len(),
        tests.len()
    );
    Ok(u8::from(!impossible.is_empty()))
}
