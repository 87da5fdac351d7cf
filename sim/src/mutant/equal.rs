// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Formal equivalence of a module with a fault and the module as it is.
//!
//! Yosys joins both to a miter: the same inputs, an output that is 1 where any of theirs differ. ABC looks for a way to
//! raise it, from registers and memories that begin at 0, for every sequence of inputs. So what is proven equal here no
//! vector can tell. The reverse is not true: the endpoint may never give the inputs that tell. Parameters are the
//! module's defaults.

use super::generate::{Generated, applied};
use anyhow::{Context, Result, bail};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No sequence of inputs tells them apart.
    Equal,
    /// One does, if the endpoint can give it.
    Differs,
    /// Not decided in time.
    Open,
}

/// Seconds that Yosys may take to read a module and join it.
const READING: u64 = 120;

/// What is done to each side.
fn side(files: &[PathBuf], module: &str, name: &str) -> String {
    let mut out = String::new();
    for f in files {
        let _ = writeln!(out, "read_verilog -sv {}", f.display());
    }
    let _ = writeln!(
        out,
        "hierarchy -check -top {module}\nproc\nflatten\nopt_clean\nmemory_collect\nmemory_map\nopt -nodffe -nosdff\n\
         rename -top {name}\ndesign -stash {name}"
    );
    out
}

/// Joins `gold` and `gate`, and leaves a graph with one output.
const JOIN: &str = "\
design -copy-from gold -as gold gold
design -copy-from gate -as gate gate
miter -equiv -flatten -make_assert gold gate miter
hierarchy -top miter
setundef -zero -init
delete -output
async2sync
opt_clean
opt -nodffe -nosdff
techmap
opt -fast -nodffe -nosdff
dffunmap
setundef -zero
setundef -undriven -zero
aigmap
opt_clean
write_aiger -I -B -zinit -no-startoffset miter.aig
";

/// Runs scripts/yosys for at most so many seconds; what it printed, nothing if it was stopped.
fn yosys(root: &Path, dir: &Path, args: &[&str], seconds: u64) -> Result<Option<String>> {
    let out = Command::new("timeout")
        .arg(seconds.to_string())
        .arg(root.join("scripts/yosys"))
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .context("scripts/yosys")?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    std::fs::write(dir.join(format!("{}.log", args[0].trim_start_matches('-'))), &text)?;
    match out.status.code() {
        Some(0) => Ok(Some(text)),
        Some(124) => Ok(None),
        _ => bail!("scripts/yosys {} failed, see {}:\n{}", args[0], dir.display(), tail(&text)),
    }
}

fn tail(text: &str) -> String {
    let last: Vec<&str> = text.lines().rev().take(5).collect();
    last.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// What ABC says.
fn verdict(text: &str) -> Standing {
    let says = |words: &str| text.contains(words);
    // A graph without a gate left has been proven by the simplification before.
    let nothing_left = text.lines().any(|l| l.contains("and =      0"));
    if says("was asserted in frame") {
        Standing::Differs
    } else if says("Property proved") || nothing_left {
        Standing::Equal
    } else {
        Standing::Open
    }
}

/// Name of the module that has the byte `at` of `text`.
fn module_at(text: &str, at: usize) -> Option<&str> {
    let heads = text[..at].match_indices("module ").filter(|(k, _)| *k == 0 || text[..*k].ends_with('\n'));
    let name = &text[heads.last()?.0 + "module ".len()..];
    name.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next()
}

/// Compares the module of `g` with and without its fault; ABC gets `seconds`.
///
/// # Errors
/// Yosys is not there (scripts/setup-eda brings it), or does not read the RTL.
pub fn compare(root: &Path, g: &Generated, seconds: u64) -> Result<Standing> {
    let rtl = root.join("rtl");
    let text = std::fs::read_to_string(rtl.join(&g.file))?;
    let module = module_at(&text, g.fault.edits[0].span.start).context("a fault outside of any module")?;
    let dir = root.join("target/mutants/equal").join(g.id.replace(['/', ':', '.'], "_"));
    std::fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
    let changed = dir.join("changed.sv");
    std::fs::write(&changed, applied(&text, &g.fault.edits))?;
    let list = std::fs::read_to_string(rtl.join("rtl.f"))?;
    let files = list.lines().map(str::trim).filter(|l| l.ends_with(".sv") && !l.starts_with("//"));
    let right: Vec<PathBuf> = files.clone().map(|f| rtl.join(f)).collect();
    let wrong: Vec<PathBuf> = files.map(|f| if f == g.file { changed.clone() } else { rtl.join(f) }).collect();
    let script = side(&right, module, "gold") + &side(&wrong, module, "gate") + JOIN;
    std::fs::write(dir.join("miter.ys"), script)?;
    if yosys(root, &dir, &["miter.ys"], READING)?.is_none() {
        return Ok(Standing::Open);
    }
    let command = format!("read_aiger miter.aig; fold; orpos; strash; scorr; print_stats; pdr -T {seconds}");
    Ok(yosys(root, &dir, &["--abc", "-c", &command], seconds + 60)?.map_or(Standing::Open, |t| verdict(&t)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_abc_says_is_understood() {
        assert_eq!(verdict("Output 0 of miter \"miter\" was asserted in frame 3."), Standing::Differs);
        assert_eq!(verdict("Invariant F[2]\nProperty proved.  Time = 1"), Standing::Equal);
        let empty = "miter : i/o =   91/    1  lat =    0  and =      0  lev =  0\nProperty UNDECIDED.";
        assert_eq!(verdict(empty), Standing::Equal);
        assert_eq!(verdict("lat =    3  and =     20\nProperty UNDECIDED."), Standing::Open);
    }

    #[test]
    fn a_fault_belongs_to_the_module_around_it() {
        let text =
            "// module x\nmodule a (input b);\nendmodule\nmodule c_1 #(int N = 1) (input d);\n  here\nendmodule\n";
        assert_eq!(module_at(text, text.find("here").expect("there")), Some("c_1"));
        assert_eq!(module_at(text, text.find("input b").expect("there")), Some("a"));
        assert_eq!(module_at(text, 0), None);
    }
}
