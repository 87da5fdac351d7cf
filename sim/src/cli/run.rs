// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `sim`, `run`, `replay`: vectors in, verdicts out.

use super::{Failure, root};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use sim::report::{RunDir, Summary, summary::Identity, table};
use sim::rtl::RtlModels;
use sim::run::batch::{default_workers, project_vectors};
use sim::run::options::{self, Param, Skipped};
use sim::run::{Batch, Dut, DutKind, Outcome, PoolEnd, Verdict};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use vectors::suite::{self, Loaded};
use verilated::Variant;

/// How to run.
#[derive(Args, Clone)]
pub struct How {
    /// Device.
    #[arg(long, value_enum, default_value = "rtl")]
    pub dut: DutKind,
    /// Seed of the run; everything follows from it.
    #[arg(long, default_value_t = 1, value_parser = number)]
    pub seed: u64,
    /// Seed of what registers without reset hold at power-on.
    #[arg(long, default_value_t = 0, value_parser = number)]
    pub reset_seed: u64,
    /// Tests at a time; as many as there are processors when absent.
    #[arg(long)]
    pub jobs: Option<usize>,
    /// Directory for results.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Wall-clock limit of one test in seconds.
    #[arg(long, default_value_t = 600)]
    pub timeout: u64,
    /// Width of the packet streams in bits: 64, 128, 256 or 512; the same as `--param DataW=...`.
    #[arg(long)]
    pub width: Option<u32>,
    /// Parameters of the device as in the data sheet, such as NumMsix=65; vectors written for another device are left
    /// out.
    #[arg(long, value_delimiter = ',', value_name = "NAME=VALUE")]
    pub param: Vec<Param>,
    /// RTL tree other than the project's (the directory that holds rtl.f).
    #[arg(long)]
    pub rtl: Option<PathBuf>,
    /// Misbehaviours of the golden endpoint, by name.
    #[arg(long, value_delimiter = ',')]
    pub quirk: Vec<String>,
    /// Only the summary.
    #[arg(long)]
    pub quiet: bool,
}

/// Arguments of `sim` and `replay`.
#[derive(Args, Clone)]
pub struct SimArgs {
    /// Only tests whose name contains this or matches it as a glob.
    #[arg(long)]
    pub test: Option<String>,
    #[command(flatten)]
    pub how: How,
}

/// Arguments of `run`.
#[derive(Args, Clone)]
pub struct RunArgs {
    /// Vector files or directories.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub how: How,
}

impl How {
    /// The defaults of the command line.
    pub fn plain() -> Self {
        Self {
            dut: DutKind::Rtl,
            seed: 1,
            reset_seed: 0,
            jobs: None,
            out: None,
            timeout: 600,
            width: None,
            param: Vec::new(),
            rtl: None,
            quirk: Vec::new(),
            quiet: false,
        }
    }

    /// The parameters chosen, each once.
    pub fn params(&self) -> Result<Vec<Param>, Failure> {
        let mut all = self.param.clone();
        if let Some(width) = self.width {
            all.push(format!("DataW={width}").parse().map_err(|e: String| Failure::input(anyhow::anyhow!(e)))?);
        }
        Ok(options::distinct(&all))
    }

    /// The vectors that the chosen device can carry out, and those that it cannot.
    pub fn fit(&self, found: Vec<Loaded>) -> Result<(Vec<Loaded>, Vec<Skipped>), Failure> {
        let (fitting, skipped) = options::fit(found, &options::chosen(&self.params()?));
        if fitting.is_empty()
            && let Some(k) = skipped.first()
        {
            return Err(Failure::input(anyhow::anyhow!("nothing is left to run: {}: {}", k.test, k.reason)));
        }
        Ok((fitting, skipped))
    }
}

/// A decimal or 0x-prefixed number.
pub fn number(text: &str) -> Result<u64, String> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => text.parse(),
    }
    .map_err(|_| format!("`{text}` is not a number"))
}

/// `sim`.
pub fn sim(a: SimArgs, json: bool) -> Result<u8, Failure> {
    let found = suite::load(&project_vectors(&root()), a.test.as_deref()).map_err(Failure::input)?;
    if found.is_empty() {
        return Err(Failure::input(anyhow::anyhow!("no test matches {:?}", a.test.unwrap_or_default())));
    }
    batch(found, &a.how, json, "sim", false)
}

/// `run`.
pub fn run_files(a: RunArgs, json: bool) -> Result<u8, Failure> {
    let found = suite::load(&a.files, None).map_err(Failure::input)?;
    if found.is_empty() {
        return Err(Failure::input(anyhow::anyhow!("no vector file among {:?}", a.files)));
    }
    batch(found, &a.how, json, "run", false)
}

/// `replay`: one test, its event log kept whatever its verdict.
pub fn replay(a: SimArgs, json: bool) -> Result<u8, Failure> {
    let found = suite::load(&project_vectors(&root()), a.test.as_deref()).map_err(Failure::input)?;
    if found.is_empty() {
        return Err(Failure::input(anyhow::anyhow!("no test matches {:?}", a.test.unwrap_or_default())));
    }
    batch(found, &a.how, json, "replay", true)
}

/// The device that the arguments name.
pub fn device(how: &How, variant: Variant) -> Result<Dut, Failure> {
    match how.dut {
        DutKind::Golden => {
            let quirks = how.quirk.iter().map(|name| name.parse::<golden::Quirk>().map_err(Failure::input));
            Ok(Dut::Golden(quirks.collect::<Result<_, _>>()?))
        }
        DutKind::Rtl => {
            if !how.quirk.is_empty() {
                return Err(Failure::input(anyhow::anyhow!("--quirk needs --dut golden")));
            }
            let root = root();
            let rtl = how.rtl.clone().unwrap_or_else(|| root.join("rtl"));
            RtlModels::new(&root, rtl, variant).map(|m| Dut::Rtl(Arc::new(m))).map_err(verilated)
        }
    }
}

/// Exit code of what can go wrong with models: what the machine lacks is input, the rest is ours.
pub fn verilated(e: verilated::Error) -> Failure {
    if e.is_setup() || matches!(e, verilated::Error::Sources { .. }) { Failure::input(e) } else { Failure::tool(e) }
}

fn git(root: &Path, args: &[&str]) -> Option<String> {
    let out = Command::new("git").arg("-C").arg(root).args(args).output().ok()?;
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_string())
}

/// Commit of the project in short, with a + where files differ from it.
pub fn commit(root: &Path) -> String {
    let args = ["describe", "--always", "--abbrev=7", "--exclude=*", "--dirty=+"];
    git(root, &args).unwrap_or_else(|| "unknown".into())
}

/// Who ran, for the summary.
fn identity(dut: &Dut, how: &How) -> Result<Identity, Failure> {
    let root = root();
    Ok(Identity {
        tool: "ims-cosim".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        commit: git(&root, &["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".into()),
        dirty: git(&root, &["status", "--porcelain"]).is_some_and(|s| !s.is_empty()),
        verilator: match dut {
            Dut::Golden(_) => "none".into(),
            Dut::Rtl(m) => m.verilator(),
        },
        dut: if dut.kind() == DutKind::Rtl { "rtl" } else { "golden" }.into(),
        parameters: how.params()?.iter().map(Param::to_string).collect(),
        quirks: how.quirk.clone(),
        rtl: how.rtl.as_ref().map(|p| p.display().to_string()),
    })
}

/// Builds the models that the tests need, with a spinner while that takes long.
fn prepare(batch: &Batch, found: &[Loaded], quiet: bool) -> Result<(), Failure> {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    bar.set_message("building models of the RTL");
    bar.enable_steady_tick(Duration::from_millis(200));
    let built = batch.prepare(found).map_err(verilated);
    bar.finish_and_clear();
    built
}

fn batch(found: Vec<Loaded>, how: &How, json: bool, label: &str, keep: bool) -> Result<u8, Failure> {
    let started = Instant::now();
    let (found, skipped) = how.fit(found)?;
    let dut = device(how, Variant::Plain)?;
    let batch = Batch {
        seed: how.seed,
        reset_seed: how.reset_seed,
        workers: how.jobs.unwrap_or_else(default_workers).max(1),
        timeout: Duration::from_secs(how.timeout),
        keep_events: keep,
        ..Batch::new(dut.clone())
    };
    prepare(&batch, &found, json || how.quiet)?;
    let base = how.out.clone().unwrap_or_else(|| root().join("target/cosim"));
    let dir = RunDir::create(&base, label).map_err(Failure::input)?;
    let bar = if json || how.quiet { ProgressBar::hidden() } else { ProgressBar::new(found.len() as u64) };
    let style = ProgressStyle::with_template("{bar:40.green} {pos}/{len} {msg}").expect("a fixed template");
    bar.set_style(style);
    let mut failed = 0;
    let plan = sim::cover::Plan::load(&root(), None).map_err(Failure::input)?.on(dut.kind());
    let (mut outcomes, end) = batch
        .run(&found, |o: &Outcome| {
            bar.inc(1);
            failed += u64::from(o.verdict != Verdict::Passed);
            bar.set_message(if failed > 0 { format!("{failed} failed, last {}", o.name) } else { o.name.clone() });
        })
        .map_err(Failure::tool)?;
    bar.finish_and_clear();
    // What the coverage plan says cannot be is checked like everything else.
    for o in &mut outcomes {
        let impossible = plan.judge(&o.coverage, o.cycles);
        if !impossible.is_empty() {
            o.findings.extend(impossible);
            o.verdict = o.verdict.max(Verdict::Failed);
        }
    }
    let wall = started.elapsed().as_secs_f64();
    let interrupted = end == PoolEnd::Interrupted;
    let identity = identity(&dut, how)?;
    let summary = Summary::of(identity, how.seed, how.reset_seed, &outcomes, wall, interrupted);
    let summary = Summary { skipped, ..summary };
    dir.store(&summary, &outcomes).map_err(Failure::input)?;
    if json {
        println!("{}", serde_json::to_string(&summary).map_err(Failure::tool)?);
    } else {
        if !how.quiet {
            println!("{}", table::tests(&outcomes));
        }
        let own = |l: &Loaded| (l.vector.name.clone(), l.path.clone());
        let files = if label == "run" { found.iter().map(own).collect() } else { BTreeMap::new() };
        let failures = table::failures(&summary, &outcomes, &files);
        if !failures.is_empty() {
            println!("{failures}");
        }
        if !summary.skipped.is_empty() {
            println!("\n{}", table::skipped(&summary));
        }
        println!("\n{}", table::summary(&summary));
        println!("results {}", dir.path.display());
        println!("{} passed, {} failed", summary.passed, summary.failed);
    }
    Ok(summary.exit_code(&outcomes))
}
