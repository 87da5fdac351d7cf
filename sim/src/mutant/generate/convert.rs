// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A change of a file, written by hand, as a fault that can be switched on beside others.

use super::fault::{Edit, Fault};
use super::places::{Ports, places};
use super::token::tokens;
use std::collections::BTreeMap;

/// The change from `text` to `changed`, if only expressions at work differ, or one assignment is missing.
pub fn as_fault(text: &str, changed: &str, modules: &BTreeMap<String, Ports>) -> Option<Fault> {
    let (a, b) = (places(text, modules).ok()?, places(changed, modules).ok()?);
    let fault = |edits: Vec<Edit>| Fault { operator: "planted", edits };
    let same = |edits: &[Edit]| words(&applied(text, edits)) == words(changed);
    if a.expressions.len() == b.expressions.len() {
        let pairs = a.expressions.iter().zip(&b.expressions);
        let edits: Vec<Edit> = pairs
            .map(|(x, y)| (&x.root.span, &changed[y.root.span.clone()]))
            .filter(|(x, y)| words(&text[(*x).clone()]) != words(y))
            .map(|(x, y)| Edit { span: x.clone(), text: Some(y.to_owned()) })
            .collect();
        return (!edits.is_empty() && same(&edits)).then(|| fault(edits));
    }
    let without = a.statements.iter().map(|s| vec![Edit { span: s.span.clone(), text: None }]);
    without.into_iter().find(|e| same(e)).map(fault)
}

/// `text` with the edits.
pub fn applied(text: &str, edits: &[Edit]) -> String {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|e| std::cmp::Reverse(e.span.start));
    let mut out = text.to_owned();
    for e in sorted {
        out.replace_range(e.span.clone(), e.text.as_deref().unwrap_or(";"));
    }
    out
}

/// Words without comments and blanks; a statement of nothing counts for nothing.
fn words(text: &str) -> Vec<&str> {
    let all = tokens(text).unwrap_or_default();
    let mut out: Vec<&str> = Vec::new();
    for t in all {
        let w = &text[t.span];
        if w == ";" && matches!(out.last(), Some(&(";" | "begin"))) {
            continue;
        }
        out.push(w);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::places::ports;
    use super::*;

    const TEXT: &str = "module m (input logic clk_i, input logic a, output logic q);
  logic r;  // kept
  assign q = a && r;
  always_ff @(posedge clk_i) begin
    if (a) r <= 1'b1;
    else if (q) r <= 1'b0;
  end
endmodule
";

    fn edits(from: &str, to: &str) -> Option<Vec<(String, Option<String>)>> {
        let changed = TEXT.replacen(from, to, 1);
        assert_ne!(changed, TEXT);
        let f = as_fault(TEXT, &changed, &ports(TEXT).expect("ports"))?;
        Some(f.edits.iter().map(|e| (TEXT[e.span.clone()].to_owned(), e.text.clone())).collect())
    }

    #[test]
    fn changes_of_expressions_and_missing_assignments_can_be_switched_on() {
        assert_eq!(edits("if (q)", "if (q && a)"), Some(vec![("q".into(), Some("q && a".into()))]));
        assert_eq!(edits("a && r", "r"), Some(vec![("a && r".into(), Some("r".into()))]));
        assert_eq!(edits("r <= 1'b1;", ";"), Some(vec![("r <= 1'b1;".into(), None)]));
    }

    #[test]
    fn other_changes_need_a_copy_of_their_own() {
        assert_eq!(edits("logic r;", "logic r = 1'b0;"), None);
        assert_eq!(edits("if (a) r <= 1'b1;\n    else ", ""), None);
        assert_eq!(edits("assign q", "assign r"), None);
    }
}
