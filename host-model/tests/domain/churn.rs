// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Random allocation, freeing, moves and hotplug, every invariant checked after each step.

use host_model::domain::churn::Churn;

#[test]
fn a_hundred_thousand_steps() {
    for (seed, cpus) in [(1, 2), (2, 3), (3, 5), (4, 16)] {
        let mut churn = Churn::new(seed, cpus);
        for _ in 0..25_000 {
            churn.step().unwrap_or_else(|e| panic!("seed {seed}, {cpus} CPUs, {e}"));
        }
        let did = churn.counts();
        for (what, count) in did {
            assert!(count > 0, "seed {seed}: `{what}` never happened");
        }
    }
}
