// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a campaign amounts to, and its page.

use super::campaign::End;
use super::verdict::{Result as Judged, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Sums over a campaign.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sums {
    /// Faults judged.
    pub judged: usize,
    /// Reported by a check.
    pub killed: usize,
    /// Not reported.
    pub survived: usize,
    /// Not to be told from the right design, with a reason.
    pub equivalent: usize,
    /// No legal RTL.
    pub not_compiled: usize,
    /// Killed, in percent of those that compile and are not equivalent.
    pub score: f64,
    /// Median cycles from the first vector run to the report.
    pub median_cycles: Option<u64>,
    /// Cycles within which nine of ten were reported.
    pub ninth_decile_cycles: Option<u64>,
    /// Median seconds of simulation to the report.
    pub median_seconds: Option<f64>,
    /// Kills by check.
    pub by_check: BTreeMap<String, usize>,
}

impl Sums {
    /// Adds up.
    pub fn of(judged: &[Judged]) -> Self {
        let count = |word: &str| judged.iter().filter(|j| j.verdict.word() == word).count();
        let (killed, survived) = (count("killed"), count("SURVIVED"));
        let mut cycles = Vec::new();
        let mut seconds = Vec::new();
        let mut by_check = BTreeMap::new();
        for j in judged {
            if let Verdict::Killed { check, cycles: c, .. } = &j.verdict {
                cycles.push(*c);
                seconds.push(j.seconds);
                *by_check.entry(check.clone()).or_default() += 1;
            }
        }
        cycles.sort_unstable();
        seconds.sort_by(f64::total_cmp);
        Self {
            judged: judged.len(),
            killed,
            survived,
            equivalent: count("equivalent"),
            not_compiled: count("not compiled"),
            score: (1e4 * killed as f64 / (killed + survived).max(1) as f64).round() / 1e2,
            median_cycles: cycles.get(cycles.len() / 2).copied(),
            ninth_decile_cycles: cycles.get(cycles.len() * 9 / 10).copied(),
            median_seconds: seconds.get(seconds.len() / 2).map(|s| (s * 1e3).round() / 1e3),
            by_check,
        }
    }
}

/// The campaign as a page.
pub fn page(end: &End) -> String {
    let s = Sums::of(&end.judged);
    let mut out = String::from("# Generated faults\n\n");
    let _ = writeln!(
        out,
        "{} faults of {} that the RTL has: {} killed, {} survived, {} equivalent, {} not compiled; score {} %.\n{} vectors.\n",
        s.judged, end.all, s.killed, s.survived, s.equivalent, s.not_compiled, s.score, end.vectors
    );
    let mut files: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for j in &end.judged {
        let file = j.id.split(':').next().unwrap_or_default();
        let f = files.entry(file).or_default();
        match j.verdict {
            Verdict::Killed { .. } => f[0] += 1,
            Verdict::Survived { .. } => f[1] += 1,
            _ => {}
        }
    }
    out += "| file | killed | survived |\n|---|---|---|\n";
    for (file, [killed, survived]) in files {
        let _ = writeln!(out, "| {file} | {killed} | {survived} |");
    }
    out += "\n| check | kills |\n|---|---|\n";
    let mut checks: Vec<_> = s.by_check.iter().collect();
    checks.sort_by_key(|(name, n)| (std::cmp::Reverse(**n), (*name).clone()));
    for (name, n) in checks {
        let _ = writeln!(out, "| `{name}` | {n} |");
    }
    out += "\n## Survivors\n\n";
    for j in &end.judged {
        if let Verdict::Survived { vectors } = j.verdict {
            let _ = writeln!(out, "- `{}` ({vectors} vectors can notice it): `{}` became `{}`", j.id, j.was, j.is);
        }
    }
    out += "\n## Equivalent\n\n";
    for j in &end.judged {
        if let Verdict::Equivalent { reason } = &j.verdict {
            let _ = writeln!(out, "- `{}`: `{}` became `{}`: {reason}", j.id, j.was, j.is);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_leaves_out_what_cannot_be_killed() {
        let j = |verdict| Judged { id: "f:1:1:x".into(), was: "a".into(), is: "b".into(), verdict, seconds: 0.5 };
        let killed = |cycles| j(Verdict::Killed { check: "c".into(), test: "t".into(), cycles });
        let judged = [
            killed(10),
            killed(30),
            killed(20),
            j(Verdict::Survived { vectors: 4 }),
            j(Verdict::Equivalent { reason: "r".into() }),
            j(Verdict::NotCompiled { reason: "e".into() }),
        ];
        let s = Sums::of(&judged);
        assert_eq!((s.killed, s.survived, s.equivalent, s.not_compiled), (3, 1, 1, 1));
        assert!((s.score - 75.0).abs() < 1e-9);
        assert_eq!((s.median_cycles, s.by_check["c"]), (Some(20), 3));
        let text = page(&End { all: 9, judged: judged.to_vec(), open: 0, vectors: 2, seconds: [0.0; 3] });
        assert!(text.contains("score 75 %") && text.contains("(4 vectors can notice it)"), "{text}");
    }
}
