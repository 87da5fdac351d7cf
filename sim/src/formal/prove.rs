// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Proves laws: Yosys makes an and-inverter graph of each, ABC decides it.
//!
//! First property-directed reachability (`pdr`), which finds an inductive invariant or a counterexample and is not
//! bounded; where its time runs out, bounded model checking (`bmc3`) from reset. Nothing is called proven by the latter.

use super::laws::{self, Bind};
use super::plan::Proof;
use super::tool::job;
use anyhow::{Context, Result, bail};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How a law stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Holds in every reachable state; an inductive invariant was found.
    Proven,
    /// Holds in so many clocks from reset.
    Bounded(u32),
    /// Not known.
    Open,
    /// A counterexample, with its length in clocks.
    Fails(u32),
}

/// What a law becomes, see `laws`.
const LAW: &str = "\
module formal_law (input logic clk_i, input logic on_i, input logic holds_i);
  always @(posedge clk_i) if (on_i) holds: assert (holds_i);
endmodule
module formal_given (input logic clk_i, input logic on_i, input logic holds_i);
  always @(posedge clk_i) if (on_i) holds: assume (holds_i);
endmodule
";

/// A law's result.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Proof.
    pub proof: String,
    /// Law.
    pub law: String,
    /// How it stands.
    pub standing: Standing,
    /// Wall time.
    pub seconds: f64,
}

/// What `proof` reads from `rtl`, rewritten for Yosys into `dir`; the files in order.
fn sources(proof: &Proof, rtl: &Path, dir: &Path) -> Result<Vec<PathBuf>> {
    let read = |f: &PathBuf| {
        let path = rtl.join(f);
        std::fs::read_to_string(&path).with_context(|| path.display().to_string())
    };
    let texts: Vec<String> = proof.files.iter().map(read).collect::<Result<_>>()?;
    let there: Vec<String> = texts.iter().flat_map(|t| laws::modules(t)).collect();
    let mut binds: Vec<Bind> = Vec::new();
    for f in &proof.binds {
        binds.extend(laws::binds(&read(f)?));
    }
    binds.retain(|b| there.contains(&b.target) && there.contains(&b.checker));
    let mut files = Vec::new();
    for (f, text) in proof.files.iter().zip(&texts) {
        let mut text = laws::bound(&laws::immediate(text).with_context(|| f.display().to_string())?, &binds);
        for a in &proof.assume {
            text = text.replace(&format!("{a}: assert "), &format!("{a}: assume "));
            text = text.replace(&format!("formal_law {a} ("), &format!("formal_given {a} ("));
        }
        let name = f.file_name().with_context(|| format!("{} is no file", f.display()))?;
        std::fs::write(dir.join(name), text)?;
        files.push(PathBuf::from(name));
    }
    Ok(files)
}

/// Elaborates `proof` into `dir`/design.il.
///
/// # Errors
/// The sources are not there or not read.
pub fn elaborate(root: &Path, proof: &Proof, rtl: &Path, dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    let files = sources(proof, rtl, dir)?;
    let defines: String = proof.define.iter().map(|(k, v)| format!(" -D{k}={v}")).collect();
    std::fs::write(dir.join("formal_law.sv"), LAW)?;
    let mut script = String::from("read_verilog -sv -formal formal_law.sv\n");
    for f in &files {
        script.push_str(&format!("read_verilog -sv -formal{defines} {}\n", f.display()));
    }
    script.push_str(&format!(
        "hierarchy -check -top {}\nproc\nflatten\nopt_clean\ncheck -assert\nopt -nodffe -nosdff\n\
         memory_collect\nmemory_map -formal\nopt -nodffe -nosdff\nasync2sync\nchformal -lower\n\
         chformal -cover -remove\nformalff -clk2ff -ff2anyinit\nsetundef -undriven -anyseq\nsetundef -anyseq\nopt_clean\n\
         write_rtlil design.il\n",
        proof.top
    ));
    std::fs::write(dir.join("design.ys"), script)?;
    job(root, dir, "design.log", &["design.ys"])?;
    Ok(())
}

/// Makes `dir`/`law`.aig of an elaborated design: constraints, and one output that is 1 where the law fails.
fn graph(root: &Path, name: &str, given: &[String], dir: &Path) -> Result<()> {
    let pick = |n: &str| format!("c:*.{n} c:{n} c:*.{n}.* c:{n}.* %u %u %u t:$assert %i");
    let mut script = String::from("read_rtlil design.il\n");
    for g in given {
        script.push_str(&format!("select {}\nchformal -assert2assume\nselect -clear\n", pick(g)));
    }
    script.push_str(&format!(
        "select -assert-min 1 {0}\ndelete t:$assert {0} %d\nsetattr -unset keep\ndelete -output\nopt_clean\n\
         opt -nodffe -nosdff\ntechmap\nopt -fast -nodffe -nosdff\ndffunmap\nsetundef -anyseq\naigmap\nopt_clean\n\
         write_aiger -I -B -zinit -no-startoffset -symbols {name}.aig\n",
        pick(name)
    ));
    let file = format!("{name}.ys");
    std::fs::write(dir.join(&file), script)?;
    job(root, dir, &format!("{name}.yosys.log"), &[&file])?;
    Ok(())
}

/// The number that follows `word`.
fn number_after(text: &str, word: &str) -> Option<u32> {
    let rest = text[text.rfind(word)? + word.len()..].trim_start();
    rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())].parse().ok()
}

/// Reads what ABC printed.
fn verdict(text: &str) -> Option<Standing> {
    if text.contains("Property proved") || text.contains("The network has no latches") && text.contains("UNSAT") {
        return Some(Standing::Proven);
    }
    if text.contains("was asserted in frame") {
        return Some(Standing::Fails(number_after(text, "was asserted in frame").unwrap_or(0)));
    }
    None
}

/// Whether the only output of a graph is constant 0: signal correspondence, an induction, has proven it already.
fn constant(file: &Path) -> Result<bool> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    let mut lines = bytes.split(|b| *b == b'\n').map(String::from_utf8_lossy);
    let header = lines.next().unwrap_or_default().into_owned();
    let numbers: Vec<usize> = header.split_whitespace().skip(1).filter_map(|n| n.parse().ok()).collect();
    let [_, _, latches, 1, ..] = numbers[..] else { bail!("{}: not a graph with one output", file.display()) };
    Ok(lines.nth(latches).is_some_and(|l| l == "0"))
}

/// Decides a law of an elaborated proof.
///
/// # Errors
/// A tool fails, or says something that is not understood.
pub fn prove(root: &Path, proof: &Proof, name: &str, dir: &Path, breaking: bool) -> Result<Report> {
    let law = proof.laws.get(name).with_context(|| format!("{} has no law {name}", proof.name))?;
    let started = Instant::now();
    // A counterexample needs no lemma, and a fault may break those too.
    let given: &[String] = if breaking { &[] } else { &law.given };
    graph(root, name, given, dir)?;
    let mut standing = None;
    let load = format!("read_aiger {name}.aig; fold; orpos; strash");
    if breaking {
        // A counterexample is looked for: a short one first.
        let command = format!("{load}; bmc3 -F {} -T {}", law.depth.max(30), law.seconds.max(60));
        let text = job(root, dir, &format!("{name}.break.log"), &["--abc", "-c", &command])?;
        standing = verdict(&text);
    }
    if standing.is_none() && law.seconds > 0 {
        let command = format!("{load}; scorr; dc2; write_aiger {name}.small.aig; pdr -T {}", law.seconds);
        let text = job(root, dir, &format!("{name}.pdr.log"), &["--abc", "-c", &command])?;
        standing =
            if constant(&dir.join(format!("{name}.small.aig")))? { Some(Standing::Proven) } else { verdict(&text) };
    }
    if standing.is_none() && !breaking {
        let command = format!("{load}; bmc3 -F {} -T {}", law.depth, law.seconds.max(300));
        let text = job(root, dir, &format!("{name}.bmc.log"), &["--abc", "-c", &command])?;
        standing = verdict(&text);
        if standing.is_none() {
            let Some(frames) = number_after(&text, "No output asserted in") else {
                bail!("{}/{name}: ABC's answer is not understood, see {}", proof.name, dir.display())
            };
            standing = Some(if frames > 0 { Standing::Bounded(frames) } else { Standing::Open });
        }
    }
    Ok(Report {
        proof: proof.name.clone(),
        law: name.to_owned(),
        standing: standing.unwrap_or(Standing::Open),
        seconds: (started.elapsed().as_secs_f64() * 10.0).round() / 10.0,
    })
}
