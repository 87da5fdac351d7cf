// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The bench catches a misbehaving device: each misbehaviour of the golden endpoint is done to
//! it, and must be reported by a name that says what is wrong.

use sim::figure::device_misbehaviour::{TABLE, catch};
use sim::run::batch::project_vectors;
use std::path::Path;
use vectors::suite;

/// Every fourth line of the table from `first` on.
fn quarter(first: usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("below the root");
    let found = suite::load(&project_vectors(root), None).expect("the vectors load");
    let missed: Vec<&str> = TABLE
        .iter()
        .skip(first)
        .step_by(4)
        .filter(|(quirk, reports)| catch(&found, quirk, reports).expect("the vectors run").is_none())
        .map(|(quirk, _)| *quirk)
        .collect();
    assert!(missed.is_empty(), "not reported by name: {missed:?}");
}

#[test]
fn misbehaviours_first_quarter() {
    quarter(0);
}

#[test]
fn misbehaviours_second_quarter() {
    quarter(1);
}

#[test]
fn misbehaviours_third_quarter() {
    quarter(2);
}

#[test]
fn misbehaviours_last_quarter() {
    quarter(3);
}
