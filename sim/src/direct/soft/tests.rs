// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the rules leave out of sequences: each was a finding of a search that was the sequence's own fault.

use super::Soft;
use std::path::Path;
use vectors::op::Op;

/// The steps of a text, and those that the rules leave.
fn legal(steps: &str) -> (Vec<Op>, Vec<Op>) {
    let text = format!("name: steps\nintent: \"Steps and what is legal of them.\"\nsteps:\n{steps}");
    let vector = vectors::yaml::parse(Path::new("steps.yaml"), &text).unwrap();
    let left = Soft::legal(&vector, &vector.steps);
    (vector.steps, left)
}

const ONE_OF_MSI: &str = "  - enumerate
  - remapping: {}
  - msi_enable: { vectors: 1 }
  - connect: { at: { msi: 0 }, to: { cpu: 0, vector: 48 } }
";

#[test]
fn msi_control_grants_no_vector_that_the_driver_was_not_given() {
    let (all, left) = legal(&format!("{ONE_OF_MSI}  - cfg_write: {{ at: msi_control, len: 2, value: 0x51 }}\n"));
    assert_eq!(left, all[..all.len() - 1]);
    let (all, left) = legal(&format!("{ONE_OF_MSI}  - cfg_write: {{ at: msi_control, len: 2, value: 1 }}\n"));
    assert_eq!(left, all);
}

#[test]
fn a_vector_that_nobody_connected_is_not_opened() {
    let two = ONE_OF_MSI.replace("vectors: 1", "vectors: 2");
    let (all, left) = legal(&format!("{two}  - cfg_write: {{ at: msi_mask, len: 4, value: 0 }}\n"));
    assert_eq!(left, all[..all.len() - 1]);
    let (all, left) = legal(&format!("{two}  - cfg_write: {{ at: msi_mask, len: 4, value: 2 }}\n"));
    assert_eq!(left, all);
}
