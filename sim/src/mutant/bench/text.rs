// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One Rust text with many faults in it, each behind its number. Lines stay where they are.

use crate::mutant::generate::Fault;
use std::cmp::Reverse;
use std::ops::Range;

/// A place with the faults that it has: number, and what stands there instead (nothing: the statement is missing).
struct Spot<'f> {
    span: Range<usize>,
    choices: Vec<(u32, Option<&'f str>)>,
}

/// `text` with all of `faults`; `on` is the path of the function that says which is on.
pub fn with_faults(text: &str, faults: &[(u32, &Fault)], on: &str) -> String {
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
    emit(text, 0..text.len(), &spots, on)
}

fn emit(text: &str, range: Range<usize>, spots: &[Spot], on: &str) -> String {
    let mut out = String::new();
    let (mut at, mut i) = (range.start, 0);
    while let Some(spot) = spots.get(i) {
        let inner = spots[i + 1..].partition_point(|s| s.span.start < spot.span.end);
        out += &text[at..spot.span.start];
        let whole = emit(text, spot.span.clone(), &spots[i + 1..i + 1 + inner], on);
        out += &spot.choices.iter().rev().fold(whole, |rest, (n, by)| match by {
            None => format!("if !{on}({n}) {{ {rest} }}"),
            // In parentheses, for an `if` would end a statement where it is the first operand.
            Some(by) => format!("(if {on}({n}) {{ ({}) }} else {{ ({rest}) }})", flat(by)),
        });
        at = spot.span.end;
        i += 1 + inner;
    }
    out + &text[at..range.end]
}

/// One line without line comments.
fn flat(text: &str) -> String {
    let lines = text.lines().map(|l| l.split(" // ").next().unwrap_or_default().trim());
    lines.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutant::generate::Edit;

    #[test]
    fn faults_nest_and_lines_stay() {
        let text = "let x = a ==\n    b + 1;\nv.push(x);\n";
        let fault = |was: &str, by: Option<&str>| {
            let at = text.find(was).expect("it is there");
            Fault { operator: "x", edits: vec![Edit { span: at..at + was.len(), text: by.map(str::to_owned) }] }
        };
        let faults =
            [fault("a ==\n    b + 1", Some("a !=\n    b + 1")), fault("1", Some("2")), fault("v.push(x);", None)];
        let numbered: Vec<(u32, &Fault)> = (1..).zip(&faults).collect();
        let want = "let x = (if on(1) { (a != b + 1) } else { (a ==\n    b + (if on(2) { (2) } else { (1) })) });\n\
                    if !on(3) { v.push(x); }\n";
        assert_eq!(with_faults(text, &numbered, "on"), want);
    }
}
