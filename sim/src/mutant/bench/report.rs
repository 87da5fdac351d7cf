// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a campaign over the judges amounts to, and its page.

use super::copy::End;
use super::judge::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Sums over a campaign.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sums {
    /// Faults judged.
    pub judged: usize,
    /// A right device is blamed.
    pub blames: usize,
    /// A misbehaviour is not reported by name any more.
    pub overlooks: usize,
    /// Neither.
    pub survived: usize,
    /// Of these, faults whose place no run comes to.
    pub unreached: usize,
    /// Killed, in percent of those judged.
    pub score: f64,
    /// Killed and survived by kind of fault.
    pub by_operator: BTreeMap<String, [usize; 2]>,
}

impl Sums {
    /// Adds up.
    pub fn of(end: &End) -> Self {
        let mut s = Self { judged: end.judged.len(), ..Self::default() };
        for (g, v) in &end.judged {
            let of = s.by_operator.entry(g.fault.operator.to_owned()).or_default();
            match v {
                Verdict::Blames { .. } => s.blames += 1,
                Verdict::Overlooks { .. } => s.overlooks += 1,
                Verdict::Survived { runs } => {
                    s.survived += 1;
                    s.unreached += usize::from(*runs == 0);
                }
            }
            of[usize::from(matches!(v, Verdict::Survived { .. }))] += 1;
        }
        s.score = (1e4 * (s.blames + s.overlooks) as f64 / s.judged.max(1) as f64).round() / 1e2;
        s
    }
}

/// The campaign as a page.
pub fn page(end: &End) -> String {
    let s = Sums::of(end);
    let mut out = String::from("# Faults of the judges\n\n");
    let _ = writeln!(
        out,
        "{} faults of {}: {} blame a right device, {} overlook a misbehaviour, {} survived ({} of them where nothing comes); {} %.\n",
        s.judged, end.all, s.blames, s.overlooks, s.survived, s.unreached, s.score
    );
    out += "| operator | killed | survived |\n|---|---|---|\n";
    for (operator, [killed, survived]) in &s.by_operator {
        let _ = writeln!(out, "| {operator} | {killed} | {survived} |");
    }
    out += "\n## Survivors\n\n";
    for (g, v) in &end.judged {
        if let Verdict::Survived { runs } = v {
            let (was, is) = g.change(&end.texts[&g.file]);
            let _ = writeln!(out, "- `{}` ({runs} runs come to it): `{was}` became `{is}`", g.id);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutant::generate::{Edit, Fault, Generated};

    #[test]
    fn a_survivor_counts_against_the_score_reached_or_not() {
        let g = |id: &str| Generated {
            id: id.into(),
            file: "f".into(),
            line: 1,
            fault: Fault { operator: "bound", edits: vec![Edit { span: 0..1, text: Some("b".into()) }] },
        };
        let judged = vec![
            (g("1"), Verdict::Blames { test: "t".into(), check: "c".into() }),
            (g("2"), Verdict::Overlooks { quirk: "q".into() }),
            (g("3"), Verdict::Survived { runs: 0 }),
            (g("4"), Verdict::Survived { runs: 2 }),
        ];
        let texts = [("f".to_owned(), "a".to_owned())].into_iter().collect();
        let end = End { all: 9, judged, texts, open: 0 };
        let s = Sums::of(&end);
        assert_eq!((s.judged, s.survived, s.unreached, s.by_operator["bound"]), (4, 2, 1, [2, 2]));
        assert!((s.score - 50.0).abs() < 1e-9);
        assert!(page(&end).contains("`4` (2 runs come to it): `a` became `b`"));
    }
}
