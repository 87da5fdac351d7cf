// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Decides laws: Yosys makes an and-inverter graph of each, ABC decides it.
//!
//! First property-directed reachability (`pdr`), which finds an inductive invariant or a counterexample and is not
//! bounded; where its time runs out, bounded model checking (`bmc3`) from reset. Nothing is called proven by the latter.

use super::design::Design;
use super::kept::{Kept, Key};
use super::plan::Law;
use super::tool::{job, solve};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Instant;

/// How a law stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// A law's result.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Proof.
    pub proof: String,
    /// Law.
    pub law: String,
    /// How it stands.
    pub standing: Standing,
    /// Wall time, as measured when it was decided.
    pub seconds: f64,
}

/// One call of ABC.
struct Call {
    /// Its output goes to `law`.`log`.log.
    log: &'static str,
    command: String,
    /// Seconds of processor time.
    seconds: u32,
}

/// What is asked of ABC about `name`, in order, until one knows.
fn calls(name: &str, law: &Law, breaking: bool) -> Vec<Call> {
    // The constraints go into the output; signals that behave alike become one. The graph as far as that came stays
    // for the bounded search.
    let small = format!("write_aiger {name}.small.aig");
    let load = format!("read_aiger {name}.aig; fold; orpos; strash; {small}; scorr; dc2; {small}");
    let unbounded = Call { log: "pdr", command: format!("{load}; pdr"), seconds: law.seconds };
    let bounded = |depth, seconds| Call {
        log: "bmc",
        command: format!("read_aiger {name}.small.aig; strash; bmc3 -v -F {depth}"),
        seconds,
    };
    if breaking {
        // A counterexample is looked for, a short one first, in the graph as it is.
        let command = format!("read_aiger {name}.aig; fold; orpos; strash; bmc3 -v -F {}", law.depth.max(30));
        vec![Call { log: "break", command, seconds: law.seconds }, unbounded]
    } else {
        vec![unbounded, bounded(law.depth, law.seconds)]
    }
}

/// Makes `law`.aig of a design: constraints, and one output that is 1 where the law fails.
fn graph_script(name: &str, given: &[String]) -> String {
    let pick = |n: &str| format!("c:*.{n} c:{n} c:*.{n}.* c:{n}.* %u %u %u t:$assert %i");
    let mut script = String::from("read_rtlil design.il\n");
    for g in given {
        script.push_str(&format!("select {}\nchformal -assert2assume\nselect -clear\n", pick(g)));
    }
    script.push_str(&format!(
        "select -assert-min 1 {0}\ndelete t:$assert {0} %d\nsetattr -unset keep\ndelete -output\nopt_clean\n\
         opt -nodffe -nosdff\ntechmap\nopt -fast -nodffe -nosdff\ndffunmap\nsetundef -anyseq\naigmap\nopt_clean\n\
         write_aiger -I -B -zinit -no-startoffset {name}.aig\n",
        pick(name)
    ));
    script
}

/// The number that follows the last `word`.
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

/// Clocks that `bmc3 -v` has looked through: a line `n + :` for each of them, and n is the number of the clock.
fn looked_through(text: &str) -> u32 {
    let clock = |l: &str| {
        let (n, rest) = l.trim_start().split_once(' ')?;
        rest.trim_start().starts_with("+ :").then(|| n.parse::<u32>().ok()).flatten()
    };
    text.lines().filter_map(clock).max().map_or(0, |n| n + 1)
}

/// Whether the only output of a graph is constant 0: signal correspondence, an induction, has proven it already.
/// No graph, no proof: the time ran out before.
fn constant(file: &Path) -> Result<bool> {
    let bytes = match std::fs::read(file) {
        Ok(b) => b,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(e).with_context(|| file.display().to_string()),
    };
    let mut lines = bytes.split(|b| *b == b'\n').map(String::from_utf8_lossy);
    let header = lines.next().unwrap_or_default().into_owned();
    let numbers: Vec<usize> = header.split_whitespace().skip(1).filter_map(|n| n.parse().ok()).collect();
    let [_, _, latches, 1, ..] = numbers[..] else { bail!("{}: not a graph with one output", file.display()) };
    Ok(lines.nth(latches).is_some_and(|l| l == "0"))
}

/// Decides a law, or tells what was found when it was decided. `breaking`: in a copy with a fault.
///
/// # Errors
/// A tool fails, or says something that is not understood.
pub fn prove(root: &Path, kept: &Kept, design: &Design<'_>, name: &str, breaking: bool) -> Result<Report> {
    let law = design.proof.laws.get(name).with_context(|| format!("{} has no law {name}", design.proof.name))?;
    // A counterexample needs no lemma, and a fault may break those too.
    let given: &[String] = if breaking { &[] } else { &law.given };
    let script = graph_script(name, given);
    let calls = calls(name, law, breaking);
    let limits: String = calls.iter().map(|c| format!("{} {}\n", c.seconds, c.command)).collect();
    let of_texts = Keys::over([design.key().bytes(), script.as_bytes()], &limits);
    if let Some(r) = of_texts.get(kept)? {
        return Ok(r);
    }
    design.make()?;
    let started = Instant::now();
    let dir = &design.dir;
    std::fs::write(dir.join(format!("{name}.ys")), script)?;
    job(root, dir, &format!("{name}.yosys.log"), &[&format!("{name}.ys")])?;
    let graph = std::fs::read(dir.join(format!("{name}.aig")))?;
    let of_graph = Keys::over([graph.as_slice(), b""], &limits);
    let (standing, seconds) = match of_graph.get(kept)? {
        Some(r) => (r.standing, r.seconds),
        None => (decide(root, dir, name, &calls)?, (started.elapsed().as_secs_f64() * 10.0).round() / 10.0),
    };
    let report = Report { proof: design.proof.name.clone(), law: name.to_owned(), standing, seconds };
    of_graph.put(kept, &report)?;
    of_texts.put(kept, &report)?;
    Ok(report)
}

/// Under which a result is kept. A proof or a counterexample holds whatever time was given; how far a search came, for
/// the limits it had.
struct Keys {
    known: Key,
    within: Key,
}

impl Keys {
    fn over(read: [&[u8]; 2], limits: &str) -> Self {
        Self { known: Key::over(read), within: Key::over(read.into_iter().chain([limits.as_bytes()])) }
    }

    fn get(&self, kept: &Kept) -> Result<Option<Report>> {
        Ok(match kept.get(&self.known)? {
            Some(r) => Some(r),
            None => kept.get(&self.within)?,
        })
    }

    fn put(&self, kept: &Kept, report: &Report) -> Result<()> {
        let known = matches!(report.standing, Standing::Proven | Standing::Fails(_));
        kept.put(if known { &self.known } else { &self.within }, report)
    }
}

fn decide(root: &Path, dir: &Path, name: &str, calls: &[Call]) -> Result<Standing> {
    let small = dir.join(format!("{name}.small.aig"));
    if small.exists() {
        std::fs::remove_file(&small)?;
    }
    let mut clocks = 0;
    for call in calls {
        let text = solve(root, dir, &format!("{name}.{}.log", call.log), &call.command, call.seconds)?;
        if let Some(s) = verdict(&text) {
            return Ok(s);
        }
        if constant(&small)? {
            return Ok(Standing::Proven);
        }
        clocks = clocks.max(looked_through(&text));
    }
    Ok(if clocks > 0 { Standing::Bounded(clocks) } else { Standing::Open })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_abc_says_is_read() {
        assert_eq!(verdict("Property proved.  Time = 1.00 sec"), Some(Standing::Proven));
        let fails = "Output 0 of miter \"x\" was asserted in frame 7. Time = 0.1 sec";
        assert_eq!(verdict(fails), Some(Standing::Fails(7)));
        assert_eq!(verdict("Reached timeout (60 seconds)."), None);
    }

    #[test]
    fn only_clocks_that_are_over_count() {
        let text = "Running\n   0 + : Var =  10. Cla = 1\n   1 + : Var =  20.\n   2 - : Var = 30.\nNo output asserted in 2 frames.\n";
        assert_eq!(looked_through(text), 2);
        assert_eq!(looked_through("nothing"), 0);
    }

    #[test]
    fn only_how_far_a_search_came_hangs_on_its_limits() {
        let dir = tempfile::tempdir().expect("a directory");
        let kept = Kept::new(dir.path());
        let keys = |limits| Keys::over([b"design", b"script"], limits);
        let report = |standing| Report { proof: "p".into(), law: "l".into(), standing, seconds: 1.0 };
        let standing = |limits| keys(limits).get(&kept).expect("it is read").map(|r| r.standing);
        keys("10 s").put(&kept, &report(Standing::Bounded(7))).expect("it is written");
        assert_eq!((standing("10 s"), standing("20 s")), (Some(Standing::Bounded(7)), None));
        keys("20 s").put(&kept, &report(Standing::Proven)).expect("it is written");
        assert_eq!((standing("10 s"), standing("30 s")), (Some(Standing::Proven), Some(Standing::Proven)));
    }

    #[test]
    fn a_graph_whose_output_is_0_is_proven() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("x.aig");
        assert!(!constant(&file).expect("no graph is no proof"));
        std::fs::write(&file, "aig 1 1 0 1 0\n0\n").expect("it is written");
        assert!(constant(&file).expect("it is read"));
        std::fs::write(&file, "aig 1 1 0 1 0\n2\n").expect("it is written");
        assert!(!constant(&file).expect("it is read"));
    }
}
