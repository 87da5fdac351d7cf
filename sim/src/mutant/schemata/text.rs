// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One text with many faults in it, each behind its number.

use crate::mutant::generate::Fault;
use std::cmp::Reverse;
use std::ops::Range;

/// What the text is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// `mutant_pkg::sel` switches one fault on.
    Select,
    /// Nothing is switched on; each place tells when its fault would make a difference there.
    Probe,
}

/// Package that every changed file reads.
pub fn package(mode: Mode) -> &'static str {
    match mode {
        Mode::Select => "package mutant_pkg;\n  int unsigned sel = 0;\nendpackage\n",
        Mode::Probe => {
            "package mutant_pkg;\n  import \"DPI-C\" function bit mutant_see(input int unsigned number, input bit differs);\nendpackage\n"
        }
    }
}

/// Item of the top module that reads the number.
pub const CHOICE: &str = "initial if (!$value$plusargs(\"mutant=%d\", mutant_pkg::sel)) mutant_pkg::sel = 0; ";

struct Spot<'f> {
    span: Range<usize>,
    choices: Vec<(u32, Option<&'f str>)>,
}

/// `text` with all of `faults`, each with its number. Lines stay where they are.
pub fn with_faults(text: &str, faults: &[(u32, &Fault)], mode: Mode) -> String {
    let mut edits: Vec<(Range<usize>, u32, Option<&str>)> =
        faults.iter().flat_map(|(n, f)| f.edits.iter().map(move |e| (e.span.clone(), *n, e.text.as_deref()))).collect();
    edits.sort_by_key(|(span, n, _)| (span.start, Reverse(span.end), *n));
    let mut spots: Vec<Spot> = Vec::new();
    for (span, n, by) in edits {
        match spots.last_mut().filter(|s| s.span == span) {
            Some(s) => s.choices.push((n, by)),
            None => spots.push(Spot { span, choices: vec![(n, by)] }),
        }
    }
    emit(text, 0..text.len(), &spots, mode)
}

fn emit(text: &str, range: Range<usize>, spots: &[Spot], mode: Mode) -> String {
    let mut out = String::new();
    let (mut at, mut i) = (range.start, 0);
    while let Some(spot) = spots.get(i) {
        let inner = spots[i + 1..].partition_point(|s| s.span.start < spot.span.end);
        out += &text[at..spot.span.start];
        let whole = emit(text, spot.span.clone(), &spots[i + 1..i + 1 + inner], mode);
        out += &wrap(&text[spot.span.clone()], whole, &spot.choices, mode);
        at = spot.span.end;
        i += 1 + inner;
    }
    out + &text[at..range.end]
}

fn wrap(was: &str, whole: String, choices: &[(u32, Option<&str>)], mode: Mode) -> String {
    let was = flat(was);
    choices.iter().rev().fold(whole, |rest, (n, by)| match (by, mode) {
        (None, Mode::Select) => format!("begin if (mutant_pkg::sel != 32'd{n}) {rest} end"),
        (None, Mode::Probe) => format!("begin if (!mutant_pkg::mutant_see(32'd{n}, 1'b1)) {rest} end"),
        (Some(by), Mode::Select) => format!("(mutant_pkg::sel == 32'd{n} ? ({}) : ({rest}))", flat(by)),
        (Some(by), Mode::Probe) => {
            // The answer is always 0. Were both arms the same text, Verilator would leave the question out.
            let by = flat(by);
            format!("(mutant_pkg::mutant_see(32'd{n}, ({by}) != ({was})) ? ({by}) : ({rest}))")
        }
    })
}

/// One line without comments.
fn flat(text: &str) -> String {
    let lines = text.lines().map(|l| l.split("//").next().unwrap_or_default().trim());
    lines.collect::<Vec<_>>().join(" ")
}

/// The fault whose text stands at `column` (from 1) of a changed line, or the one before it.
pub fn fault_at(line: &str, column: usize) -> Option<u32> {
    let numbers = |text: &str| -> Vec<u32> {
        let parts = text.split("mutant_pkg::").skip(1);
        let digits = parts.filter_map(|p| p.split_once("32'd").map(|x| x.1));
        digits.filter_map(|d| d.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()).collect()
    };
    let cut = (0..=column.saturating_sub(1).min(line.len())).rev().find(|k| line.is_char_boundary(*k)).unwrap_or(0);
    numbers(&line[..cut]).last().copied().or_else(|| numbers(line).first().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutant::generate::Edit;

    fn fault(text: &str, was: &str, by: Option<&str>) -> Fault {
        let at = text.find(was).expect("it is there");
        Fault { operator: "x", edits: vec![Edit { span: at..at + was.len(), text: by.map(str::to_owned) }] }
    }

    #[test]
    fn faults_nest_and_lines_stay() {
        let text = "if (a) x <= b ||  // why\n   c;\n";
        let faults = [
            fault(text, "b ||  // why\n   c", Some("b &&  // why\n c")),
            fault(text, "c", Some("d")),
            fault(text, "x <= b ||  // why\n   c;", None),
        ];
        let numbered: Vec<(u32, &Fault)> = faults.iter().enumerate().map(|(k, f)| (k as u32 + 1, f)).collect();
        let got = with_faults(text, &numbered, Mode::Select);
        let want = "if (a) begin if (mutant_pkg::sel != 32'd3) x <= (mutant_pkg::sel == 32'd1 ? (b && c) : (b ||  // why\n   (mutant_pkg::sel == 32'd2 ? (d) : (c)))); end\n";
        assert_eq!(got, want);
        assert_eq!(got.lines().count(), text.lines().count());
        let line = got.lines().next().expect("a line");
        assert_eq!((fault_at(line, 60), fault_at(line, 85)), (Some(3), Some(1)));
    }

    #[test]
    fn a_probe_compares_and_changes_nothing() {
        let text = "assign y = b;\n";
        let f = fault(text, "b", Some("'0"));
        let got = with_faults(text, &[(7, &f)], Mode::Probe);
        assert_eq!(got, "assign y = (mutant_pkg::mutant_see(32'd7, ('0) != (b)) ? ('0) : (b));\n");
    }
}
