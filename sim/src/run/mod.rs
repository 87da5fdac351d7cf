// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Running vectors: which device, which seed, how many at a time.

pub mod batch;
pub mod dut;
pub mod options;
pub mod outcome;
pub mod params;
pub mod pool;
pub mod test;

pub use batch::Batch;
pub use dut::{Dut, DutKind};
pub use options::{Param, Skipped};
pub use outcome::{Outcome, Verdict};
pub use params::Params;
pub use pool::{Pool, PoolEnd};
pub use test::{Job, Saved, observe, observe_from, restart_of, run};

/// Seed of one test within a run: the run's seed and the test's name decide.
pub fn test_seed(run_seed: u64, name: &str) -> u64 {
    let mut h = blake3::Hasher::new();
    h.update(&run_seed.to_le_bytes());
    h.update(name.as_bytes());
    u64::from_le_bytes(h.finalize().as_bytes()[..8].try_into().expect("eight bytes"))
}
