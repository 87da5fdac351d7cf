// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `formal`: proofs of the RTL's laws. `synth`: its synthesis.

use super::{Failure, root};
use clap::Args;
use serde_json::json;
use sim::formal::{Campaign, Report, Standing, synth as synthesis};

/// Arguments of `formal`.
#[derive(Args)]
pub struct FormalArgs {
    /// Only laws whose `proof/law` contains this or matches it as a glob.
    #[arg(long)]
    pub test: Option<String>,
    /// `small`: the laws of the short form.
    #[arg(long)]
    pub scale: Option<String>,
    /// Laws at a time.
    #[arg(long, default_value_t = 2)]
    pub jobs: usize,
    /// Plant faults instead, and see that each makes its laws fail.
    #[arg(long)]
    pub breaks: bool,
}

fn word(s: Standing) -> String {
    match s {
        Standing::Proven => "proven".into(),
        Standing::Bounded(n) => format!("bounded, {n} clocks"),
        Standing::Open => "open".into(),
        Standing::Fails(n) => format!("FAILS after {n} clocks"),
    }
}

/// `formal`.
pub fn formal(a: FormalArgs, as_json: bool) -> Result<u8, Failure> {
    let mut campaign = Campaign::new(&root()).map_err(Failure::input)?;
    campaign.filter = a.test;
    campaign.workers = a.jobs.max(1);
    campaign.small = match a.scale.as_deref() {
        None | Some("full") => false,
        Some("small") => true,
        Some(s) => return Err(Failure::input(anyhow::anyhow!("SCALE={s}: only `small` and `full` are known"))),
    };
    let say = |r: &Report| {
        if !as_json {
            println!("{:<56} {:<24} {:>7.1} s", format!("{}/{}", r.proof, r.law), word(r.standing), r.seconds);
        }
    };
    if a.breaks {
        let broken = campaign.breaks(|b| {
            if !as_json {
                println!("{:<40} {:<56} {:>7.1} s", b.name, format!("{} {}", b.law, word(b.standing)), b.seconds);
            }
        });
        let broken = broken.map_err(Failure::tool)?;
        let missed = broken.iter().filter(|b| !b.caught()).count();
        if as_json {
            println!("{}", json!(broken));
        } else {
            println!("{} faults for laws, {missed} not noticed", broken.len());
        }
        return Ok(u8::from(missed > 0));
    }
    let reports = campaign.run(say).map_err(Failure::tool)?;
    let count = |f: fn(Standing) -> bool| reports.iter().filter(|r| f(r.standing)).count();
    let fails = count(|s| matches!(s, Standing::Fails(_)));
    let open = count(|s| s == Standing::Open);
    if as_json {
        println!("{}", json!(reports));
    } else {
        println!(
            "{} laws: {} proven, {} bounded, {open} open, {fails} failing",
            reports.len(),
            count(|s| s == Standing::Proven),
            count(|s| matches!(s, Standing::Bounded(_))),
        );
    }
    Ok(u8::from(fails + open > 0))
}

/// Arguments of `synth`.
#[derive(Args)]
pub struct SynthArgs {
    /// Only those whose `device target` contains this or matches it as a glob; the other lines of the page stay.
    #[arg(long)]
    pub test: Option<String>,
    /// `small`: the smallest device only; the page stays as it is.
    #[arg(long)]
    pub scale: Option<String>,
}

/// `synth`.
pub fn synth(a: &SynthArgs, as_json: bool) -> Result<u8, Failure> {
    let small = match a.scale.as_deref() {
        None | Some("full") => false,
        Some("small") => true,
        Some(s) => return Err(Failure::input(anyhow::anyhow!("SCALE={s}: only `small` and `full` are known"))),
    };
    let rows = synthesis::all(&root(), small, a.test.as_deref(), |r| {
        if !as_json {
            let fmax = r.fmax_mhz.map_or_else(String::new, |f| format!(" {f} MHz"));
            println!(
                "{:<42} {:<6} {:>6} LUT {:>6} FF {:>4} BRAM {:>4} LUTRAM {} latches {} problems{fmax} {:>5.0} s",
                r.size, r.target, r.lut, r.ff, r.bram, r.lutram, r.latches, r.problems, r.seconds
            );
            for m in &r.misplaced {
                println!("    a large memory is no block RAM: {m}");
            }
        }
    })
    .map_err(Failure::tool)?;
    if as_json {
        println!("{}", json!(rows));
    }
    if !small {
        synthesis::write(&root(), &rows).map_err(Failure::tool)?;
    }
    Ok(u8::from(rows.iter().any(|r| r.latches + r.problems + r.lost_memories > 0 || !r.misplaced.is_empty())))
}
