// SPDX-License-Identifier: Apache-2.0 OR MIT
//! vectors/plan/bad_packets.yaml against the vectors: every rule is met by one that is there, or says why it is not checked.

use serde::Deserialize;
use sim::run::batch::project_vectors;
use std::collections::BTreeSet;
use std::path::Path;
use vectors::suite;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    rule: String,
    #[serde(default)]
    vectors: Vec<String>,
    #[serde(default)]
    unchecked: Option<String>,
}

/// What is wrong with the plan, beside vectors of these names.
fn faults(plan: &Plan, there: &BTreeSet<&str>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for r in &plan.rules {
        if !seen.insert(&r.rule) {
            faults.push(format!("{} twice", r.rule));
        }
        if r.vectors.is_empty() && r.unchecked.as_ref().is_none_or(|why| why.trim().is_empty()) {
            faults.push(format!("{}: neither vector nor reason", r.rule));
        }
        faults.extend(r.vectors.iter().filter(|v| !there.contains(v.as_str())).map(|v| format!("{}: no {v}", r.rule)));
    }
    faults
}

#[test]
fn every_rule_has_its_vector() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let found = suite::load(&project_vectors(&root), None).expect("the vectors");
    let there = found.iter().map(|l| l.vector.name.as_str()).collect();
    let text = std::fs::read_to_string(root.join("vectors/plan/bad_packets.yaml")).expect("the plan");
    let plan: Plan = serde_yaml::from_str(&text).expect("a plan");
    assert!(plan.rules.len() > 40);
    assert_eq!(faults(&plan, &there), [""; 0]);
}

#[test]
fn a_rule_without_its_vector_is_told() {
    let plan = |text: &str| serde_yaml::from_str::<Plan>(text).expect("a plan");
    let there = BTreeSet::from(["a"]);
    let p = plan(
        "rules: [{ rule: one, vectors: [a] }, { rule: two, vectors: [b] }, { rule: two }, { rule: three, unchecked: x }]",
    );
    assert_eq!(faults(&p, &there), ["two: no b", "two twice", "two: neither vector nor reason"]);
}
