// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `fresh-machine`: the two commands from a clean clone with no caches.

use super::{Context, Figure};
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs `make` in the clone with caches of its own; seconds that it took.
fn make(clone: &Path, caches: &Path, args: &[&str]) -> Result<f64> {
    let started = Instant::now();
    let log = caches.join(format!("make-{}.log", args.join("-").replace(['=', '/'], "_")));
    let out = std::fs::File::create(&log).with_context(|| log.display().to_string())?;
    let status = Command::new("make")
        .args(args)
        .current_dir(clone)
        .env("CARGO_HOME", caches.join("cargo"))
        .env("PIP_CACHE_DIR", caches.join("pip"))
        .env("XDG_CACHE_HOME", caches.join("xdg"))
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("IMS_COSIM_ROOT")
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        .status()
        .context("make does not start")?;
    if !status.success() {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let tail: Vec<&str> = text.lines().rev().take(15).collect();
        bail!("make {} failed:\n{}", args.join(" "), tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
    }
    Ok(started.elapsed().as_secs_f64())
}

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let dir = tempfile::tempdir()?;
    let (clone, caches) = (dir.path().join("clone"), dir.path().join("caches"));
    std::fs::create_dir(&caches)?;
    let cloned = Command::new("git").arg("clone").arg("-q").arg(&ctx.root).arg(&clone).status()?;
    if !cloned.success() {
        bail!("cannot clone {}", ctx.root.display());
    }
    (ctx.say)("make sim");
    let sim = make(&clone, &caches, &["sim"])?;
    // One short test: nearly all of its time is what comes before the first cycle.
    (ctx.say)("make sim again");
    let again = make(&clone, &caches, &["sim", "TEST=bar_sizing"])?;
    let test = if ctx.small {
        None
    } else {
        (ctx.say)("make test");
        Some(make(&clone, &caches, &["test"])?)
    };
    let round = |s: f64| (s * 10.0).round() / 10.0;
    Ok(Figure {
        name: "fresh-machine",
        value: json!({ "make_sim_s": round(sim), "make_test_s": test.map(round), "second_make_sim_to_end_of_one_test_s": round(again) }),
        unit: "seconds",
        goal: "both pass; the second `make sim` starts simulating within 2 s".into(),
        ok: again <= 2.0,
        spread: None,
        how: format!(
            "clean clone, empty cargo, pip and model caches; compiler, headers and cargo-nextest as the machine has them{}",
            if ctx.small { "; short form: without `make test`" } else { "" }
        ),
    })
}
