// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Running vectors on one mutant, until a check that it is meant for reports it.

use super::Mutant;
use crate::run::{Batch, Outcome, PoolEnd};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use tlp::Tick;
use vectors::suite::Loaded;

/// A check that reported the fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catch {
    /// Name of the check.
    pub check: String,
    /// Vector in which it did.
    pub test: String,
    /// Cycles simulated until then: those of the vectors before it, too.
    pub cycles: Tick,
    /// What it said.
    pub text: String,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// A check that it is meant for has reported it.
    Caught(Catch),
    /// Only a check that it is not meant for has: the bench fails, and points elsewhere.
    CaughtByAnother(Catch),
    /// Every vector passed.
    Survived,
}

impl Verdict {
    /// Who caught it.
    pub fn catch(&self) -> Option<&Catch> {
        match self {
            Verdict::Caught(c) | Verdict::CaughtByAnother(c) => Some(c),
            Verdict::Survived => None,
        }
    }

    /// A few words for tables.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Caught(_) => "caught",
            Verdict::CaughtByAnother(_) => "caught by another",
            Verdict::Survived => "SURVIVED",
        }
    }
}

/// A mutant with its verdict.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Judged {
    /// Name of the mutant.
    pub name: String,
    /// Verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Vectors run.
    pub tests: usize,
    /// Seconds that building the model took; 0 when it was there.
    pub build_s: f64,
    /// Seconds that the vectors took.
    pub run_s: f64,
}

/// Runs `tests` in turn on the device of `batch`.
///
/// # Errors
/// An interruption; a vector that cannot be carried out.
pub fn judge(m: &Mutant, batch: &Batch, tests: &[&Loaded]) -> Result<(Verdict, usize)> {
    let mut other: Option<Catch> = None;
    let mut before = 0;
    for (n, test) in tests.iter().enumerate() {
        let one = std::slice::from_ref(*test);
        batch.prepare(one).with_context(|| format!("mutant {}", m.name))?;
        let (outcomes, end) = batch.run(one, |_| {})?;
        let [outcome] = outcomes.as_slice() else { bail!("mutant {}: interrupted", m.name) };
        if end == PoolEnd::Interrupted {
            bail!("mutant {}: interrupted", m.name);
        }
        match look(m, outcome, before) {
            (Some(catch), _) => return Ok((Verdict::Caught(catch), n + 1)),
            (None, Some(catch)) => _ = other.get_or_insert(catch),
            (None, None) => {}
        }
        before += outcome.cycles;
    }
    Ok((other.map_or(Verdict::Survived, Verdict::CaughtByAnother), tests.len()))
}

/// First report by a check that the mutant is meant for, and first report by any other.
fn look(m: &Mutant, o: &Outcome, before: Tick) -> (Option<Catch>, Option<Catch>) {
    let catch = |check: &str, tick: Tick, text: &str| Catch {
        check: check.to_owned(),
        test: o.name.clone(),
        cycles: before + tick,
        text: text.to_owned(),
    };
    let meant = |check: &str| m.expect.iter().any(|e| e == check);
    let mut findings: Vec<_> = o.findings.iter().collect();
    findings.sort_by_key(|f| f.tick);
    let first = |own: bool| findings.iter().find(|f| meant(f.check) == own).map(|f| catch(f.check, f.tick, &f.text));
    // A model that stops itself or a test out of time is noticed, too, if not by a check.
    let ended = || o.error.as_deref().map(|e| catch("test_ended_early", o.cycles, e));
    (first(true), first(false).or_else(ended))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Finding, Kind};

    fn outcome(findings: &[(&'static str, Tick)], error: Option<&str>) -> Outcome {
        let findings = findings
            .iter()
            .map(|(check, tick)| Finding { check, kind: Kind::Safety, tick: *tick, text: String::new() })
            .collect();
        Outcome {
            name: "t".into(),
            items: vec![],
            verdict: crate::run::Verdict::Failed,
            seed: 0,
            cycles: 100,
            tlps_rx: 0,
            tlps_tx: 0,
            counters: Default::default(),
            checks: 1,
            looked: Default::default(),
            untranslated: Default::default(),
            compared: 0,
            notes: serde_json::Value::Null,
            findings,
            error: error.map(str::to_owned),
            events_hash: String::new(),
            coverage: Default::default(),
            events: String::new(),
            wall_s: 0.0,
        }
    }

    fn mutant() -> Mutant {
        Mutant {
            name: "m".into(),
            intent: String::new(),
            file: "f".into(),
            find: "a".into(),
            replace: "b".into(),
            expect: vec!["lost_interrupt".into(), "torn_message".into()],
            tests: vec![],
            path: "m.yaml".into(),
        }
    }

    #[test]
    fn the_earliest_report_by_a_check_that_it_is_meant_for_counts() {
        let o = outcome(&[("stray_read", 5), ("torn_message", 30), ("lost_interrupt", 20)], None);
        let (own, other) = look(&mutant(), &o, 1000);
        assert_eq!(own.map(|c| (c.check, c.cycles)), Some(("lost_interrupt".into(), 1020)));
        assert_eq!(other.map(|c| (c.check, c.cycles)), Some(("stray_read".into(), 1005)));
    }

    #[test]
    fn nothing_reported_is_no_catch_but_a_test_that_broke_is() {
        assert_eq!(look(&mutant(), &outcome(&[], None), 0), (None, None));
        let (own, other) = look(&mutant(), &outcome(&[], Some("stopped")), 0);
        assert_eq!((own, other.map(|c| c.check)), (None, Some("test_ended_early".into())));
    }
}
