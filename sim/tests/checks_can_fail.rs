// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A check is believed after it has been seen to fail. Every check of docs/verification.md is named by a planted fault
//! that has to make it speak: a mutant of RTL or host model, a misbehaviour of the golden endpoint, a test of the laws or of the fabric,
//! or a vector that expects it. Those that are not yet stand here.

use sim::figure::device_misbehaviour::TABLE;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Checks that no planted fault names, with the reason.
const NOT_SHOWN: [(&str, &str); 2] = [
    ("message", "it only counts; what is wrong with a message has other names"),
    ("ledger_unbalanced", "watches the bench itself; only a fault of the ledger makes it speak"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("below the root").to_owned()
}

fn texts(dir: &Path, extension: &str, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            texts(&path, extension, out);
        } else if path.extension().is_some_and(|e| e == extension) {
            out.push(std::fs::read_to_string(&path).expect("a text"));
        }
    }
}

/// Names in the first column of the page's tables of checks.
fn checks() -> BTreeSet<String> {
    let page = std::fs::read_to_string(root().join("docs/verification.md")).expect("the page");
    let name = |l: &str| l.strip_prefix("| `")?.split_once("` | ").map(|x| x.0.to_owned());
    page.lines()
        .filter(|l| l.matches(" | ").count() >= 3)
        .filter_map(name)
        .filter(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'))
        .collect()
}

fn shown() -> BTreeSet<String> {
    let mut shown: BTreeSet<String> = TABLE.iter().flat_map(|(_, r)| r.iter().map(|n| (*n).to_owned())).collect();
    for dir in ["sim/mutants/rtl", "sim/mutants/host"] {
        for m in sim::mutant::load(&root().join(dir), None).expect("mutants") {
            shown.extend(m.expect);
        }
    }
    let mut vectors = Vec::new();
    texts(&root().join("vectors"), "yaml", &mut vectors);
    for line in vectors.iter().flat_map(|t| t.lines()) {
        if let Some((_, name)) = line.split_once("expect_finding: ") {
            shown.insert(name.trim_matches(|c| matches!(c, '"' | ' ' | '}' | '\'')).to_owned());
        }
    }
    // Tests that plant a fault by hand and ask for the name: of the laws, of the fabric.
    for file in ["sim/tests/laws.rs", "sim/tests/topology.rs"] {
        let text = std::fs::read_to_string(root().join(file)).expect("the tests");
        shown.extend(text.split('"').skip(1).step_by(2).map(str::to_owned));
    }
    shown
}

#[test]
fn every_check_is_named_by_a_planted_fault() {
    let (checks, shown) = (checks(), shown());
    assert!(checks.len() > 80, "{} checks in the page", checks.len());
    let excused: BTreeSet<String> = NOT_SHOWN.iter().map(|(n, _)| (*n).to_owned()).collect();
    let missing: Vec<&String> = checks.difference(&shown).filter(|n| !excused.contains(*n)).collect();
    assert!(missing.is_empty(), "no planted fault is there for {missing:?}");
    let needless: Vec<&String> = excused.iter().filter(|n| shown.contains(*n) || !checks.contains(*n)).collect();
    assert!(needless.is_empty(), "these are shown or gone, the excuse is not needed: {needless:?}");
}
