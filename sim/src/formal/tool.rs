// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Yosys, ABC and nextpnr as they stand below target/tools.

use anyhow::{Context, Result, bail};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Brings the tools where they are missing.
///
/// # Errors
/// They cannot be had.
pub fn install(root: &Path) -> Result<()> {
    let status =
        Command::new(root.join("scripts/setup-eda")).stdin(Stdio::null()).status().context("scripts/setup-eda")?;
    if !status.success() {
        bail!("scripts/setup-eda failed");
    }
    Ok(())
}

/// Runs one of them in `dir`; what it printed. `args` are those of scripts/yosys.
///
/// # Errors
/// It does not start or fails; the end of its output is in the error.
pub fn job(root: &Path, dir: &Path, log: &str, args: &[&str]) -> Result<String> {
    let out = Command::new(root.join("scripts/yosys"))
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .context("scripts/yosys")?;
    let mut text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&out.stderr));
    let file = dir.join(log);
    std::fs::write(&file, &text).with_context(|| file.display().to_string())?;
    if !out.status.success() {
        let tail: Vec<&str> = text.lines().rev().take(8).collect();
        bail!("{} failed, see {}:\n{}", args[0], file.display(), tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
    }
    Ok(text)
}

/// Signal of a process whose processor time is over.
const SIGXCPU: i32 = 24;

/// Runs a command of ABC in `dir` for at most `seconds` of processor time, so that what it finds does not hang on
/// what else the machine does; what it printed until then.
///
/// # Errors
/// It does not start or fails.
pub fn solve(root: &Path, dir: &Path, log: &str, command: &str, seconds: u32) -> Result<String> {
    // A line at a time: what is printed when the time is over would be lost.
    let limited = "ulimit -c 0; ulimit -S -t \"$1\"; shift; exec stdbuf -oL \"$@\"";
    let out = Command::new("bash")
        .args(["-c", limited, "bash", &seconds.to_string()])
        .arg(root.join("scripts/yosys"))
        .args(["--abc", "-c", command])
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .context("scripts/yosys --abc")?;
    let mut text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&out.stderr));
    let file = dir.join(log);
    std::fs::write(&file, &text).with_context(|| file.display().to_string())?;
    if !out.status.success() && out.status.signal() != Some(SIGXCPU) {
        bail!("ABC failed ({}), see {}", out.status, file.display());
    }
    Ok(text)
}
