// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A batch of vectors on one device: what `sim`, the figures and the tests of the bench run.

use super::dut::Dut;
use super::outcome::Outcome;
use super::pool::{Pool, PoolEnd};
use super::test::Job;
use super::test_seed;
use crate::bench::world::GiveUp;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use vectors::op::DutParams;
use vectors::suite::Loaded;

/// Directories of the project's vectors: directed, recorded, regressions.
pub fn project_vectors(root: &Path) -> Vec<PathBuf> {
    ["directed", "linux", "regress"].iter().map(|d| root.join("vectors").join(d)).filter(|p| p.is_dir()).collect()
}

/// Tests at a time when nothing else is said.
pub fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What to run and how.
#[derive(Clone)]
pub struct Batch {
    /// The device.
    pub dut: Dut,
    /// Seed of the run.
    pub seed: u64,
    /// Seed of what registers without reset hold.
    pub reset_seed: u64,
    /// Tests at a time.
    pub workers: usize,
    /// Wall-clock limit of one test.
    pub timeout: Duration,
    /// Keep event logs of passing tests, too.
    pub keep_events: bool,
}

impl Batch {
    /// Seed 1, reset seed 0, as many workers as processors, ten minutes a test.
    pub fn new(dut: Dut) -> Self {
        Self {
            dut,
            seed: 1,
            reset_seed: 0,
            workers: default_workers(),
            timeout: Duration::from_secs(600),
            keep_events: false,
        }
    }

    /// Builds the models that the vectors need.
    pub fn prepare(&self, found: &[Loaded]) -> Result<(), verilated::Error> {
        let mut needed: Vec<DutParams> = found.iter().map(|l| l.vector.dut.clone()).collect();
        needed.sort();
        needed.dedup();
        self.dut.prepare(&needed)
    }

    /// Runs the vectors; outcomes in their order. `progress` is called as each ends.
    pub fn run(&self, found: &[Loaded], progress: impl FnMut(&Outcome)) -> std::io::Result<(Vec<Outcome>, PoolEnd)> {
        let job = |l: &Loaded| Job {
            vector: Arc::new(l.vector.clone()),
            seed: test_seed(self.seed, &l.vector.name),
            reset_seed: self.reset_seed,
            dut: self.dut.clone(),
            trace: None,
            keep_events: self.keep_events,
            give_up: GiveUp::default(),
            cancel: Arc::new(AtomicBool::new(false)),
        };
        let pool = Pool { jobs: self.workers, timeout: Some(self.timeout) };
        pool.run_all(found.iter().map(job).collect(), progress)
    }
}
