// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `waves`: one test again on the tracing model, with what opens its waveform on the interrupt path.

use super::run::{How, device, verilated};
use super::{Failure, root};
use ::verilated::Variant;
use clap::Args;
use indicatif::ProgressBar;
use sim::bench::world::GiveUp;
use sim::report::RunDir;
use sim::run::batch::project_vectors;
use sim::run::{DutKind, Job, Outcome, Verdict, run, test_seed};
use sim::waves::{self, Moment};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use vectors::suite::{self, Loaded};

/// Arguments of `waves`.
#[derive(Args, Clone)]
pub struct WavesArgs {
    /// The test: its name, or a part of it or a glob that fits no other.
    #[arg(long)]
    pub test: String,
    /// Draw the test's first interrupt into this file, too.
    #[arg(long)]
    pub svg: Option<PathBuf>,
    #[command(flatten)]
    pub how: How,
}

/// The one test that is meant: an exact name wins over those that merely contain it.
fn pick(found: Vec<Loaded>, wanted: &str) -> Result<Loaded, Failure> {
    let names: Vec<String> = found.iter().map(|l| l.vector.name.clone()).collect();
    let mut fits = found;
    if let Some(i) = names.iter().position(|n| n == wanted) {
        return Ok(fits.swap_remove(i));
    }
    match fits.len() {
        0 => Err(Failure::input(anyhow::anyhow!("no test matches `{wanted}`"))),
        1 => Ok(fits.swap_remove(0)),
        n => Err(Failure::input(anyhow::anyhow!("`{wanted}` fits {n} tests, name one of them: {}", names.join(", ")))),
    }
}

/// Carries it out.
pub fn waves(a: WavesArgs, json: bool) -> Result<u8, Failure> {
    if a.how.dut == DutKind::Golden {
        return Err(Failure::input(anyhow::anyhow!("only the RTL has a waveform; leave DUT=golden out")));
    }
    let found = suite::load(&project_vectors(&root()), Some(&a.test)).map_err(Failure::input)?;
    let (mut fitting, _) = a.how.fit(vec![pick(found, &a.test)?])?;
    let test = fitting.swap_remove(0);
    let name = test.vector.name.clone();
    let dut = device(&a.how, Variant::Trace)?;
    let bar = if json || a.how.quiet { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    bar.set_message("building the model that writes waveforms");
    bar.enable_steady_tick(Duration::from_millis(200));
    let built = dut.prepare(std::slice::from_ref(&test.vector.dut)).map_err(verilated);
    bar.finish_and_clear();
    built?;
    let base = a.how.out.clone().unwrap_or_else(|| root().join("target/cosim"));
    let dir = RunDir::create(&base, "waves").map_err(Failure::input)?;
    let own = dir.path.join(&name);
    std::fs::create_dir_all(&own).map_err(|e| Failure::input(anyhow::anyhow!("{}: {e}", own.display())))?;
    let fst = own.join("waves.fst");
    let outcome = run(&Job {
        vector: Arc::new(test.vector),
        seed: test_seed(a.how.seed, &name),
        reset_seed: a.how.reset_seed,
        dut,
        trace: Some(fst.clone()),
        keep_events: true,
        give_up: GiveUp::default(),
        cancel: Arc::new(AtomicBool::new(false)),
    });
    dir.write(&format!("{name}/events.jsonl"), outcome.events.as_bytes()).map_err(Failure::input)?;
    if outcome.verdict == Verdict::Broken {
        return Err(Failure::tool(anyhow::anyhow!("{}", outcome.error.unwrap_or_default())));
    }
    let moment = Moment::of_events(&outcome.events, outcome.cycles);
    let file = waves::Fst::open(&fst).map_err(Failure::tool)?;
    let views = waves::views(&file, &moment).map_err(Failure::tool)?;
    for (file, text) in [("waves.sucl", &views.surfer), ("waves.gtkw", &views.gtkwave)] {
        dir.write(&format!("{name}/{file}"), text.as_bytes()).map_err(Failure::input)?;
    }
    if let Some(svg) = &a.svg {
        let text = waves::picture(file, &moment, &name).map_err(Failure::input)?;
        std::fs::write(svg, text).map_err(|e| Failure::input(anyhow::anyhow!("{}: {e}", svg.display())))?;
    }
    dir.publish().map_err(Failure::input)?;
    tell(&a, &outcome, &moment, &own, json);
    Ok(outcome.verdict.exit_code())
}

fn tell(a: &WavesArgs, outcome: &Outcome, moment: &Moment, own: &std::path::Path, json: bool) {
    let fst = own.join("waves.fst");
    let bytes = std::fs::metadata(&fst).map_or(0, |m| m.len());
    if json {
        let told = serde_json::json!({
            "test": outcome.name, "seed": a.how.seed, "verdict": outcome.verdict, "cycles": outcome.cycles,
            "first_interrupt": moment.sent, "fst": fst, "fst_bytes": bytes, "svg": a.svg,
        });
        println!("{told}");
        return;
    }
    println!("{}: {} after {} cycles", outcome.name, outcome.verdict.word(), outcome.cycles);
    match moment.sent {
        Some(t) => println!("first interrupt: raised in cycle {}, its message left in cycle {t}", moment.raised),
        None => println!("no message left the device in this test; the view opens on its end"),
    }
    println!("waveform {} ({} KiB), events.jsonl beside it", fst.display(), bytes.div_ceil(1024));
    if let Some(svg) = &a.svg {
        println!("written {}", svg.display());
    }
    println!("\nsurfer {0} --command-file {1}/waves.sucl", fst.display(), own.display());
    println!("gtkwave {0} {1}/waves.gtkw", fst.display(), own.display());
}
