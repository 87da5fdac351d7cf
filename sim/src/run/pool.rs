// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Many tests on a few workers. Simulations are single-threaded and exact; what
//! surrounds them (workers, time limits, signals, progress) is tokio's.

use super::outcome::{Outcome, Verdict};
use super::test::{Job, run};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How a batch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolEnd {
    /// All tests have a verdict.
    Done,
    /// A signal came; the tests that had ended are kept.
    Interrupted,
}

/// Runs batches of tests.
pub struct Pool {
    /// Tests at a time.
    pub jobs: usize,
    /// Wall-clock limit of one test.
    pub timeout: Option<Duration>,
}

impl Pool {
    /// Runs all jobs; outcomes come back in the order of the jobs, whatever the
    /// number of workers. `progress` is called as each test ends.
    pub fn run_all(
        &self,
        jobs: Vec<Job>,
        mut progress: impl FnMut(&Outcome),
    ) -> std::io::Result<(Vec<Outcome>, PoolEnd)> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(self.jobs + 1)
            .enable_all()
            .build()?;
        let count = jobs.len();
        let cancel: Vec<Arc<AtomicBool>> = jobs.iter().map(|j| j.cancel.clone()).collect();
        let (outcomes, end) = runtime.block_on(async {
            let permits = Arc::new(Semaphore::new(self.jobs.max(1)));
            let mut tasks = JoinSet::new();
            for (i, job) in jobs.into_iter().enumerate() {
                let (permits, timeout) = (permits.clone(), self.timeout);
                tasks.spawn(async move {
                    let _permit = permits.acquire_owned().await.expect("never closed");
                    if job.cancel.load(Ordering::Relaxed) {
                        return (i, None);
                    }
                    let cancel = job.cancel.clone();
                    let mut work = tokio::task::spawn_blocking(move || guarded(&job));
                    let outcome = match timeout {
                        None => work.await,
                        Some(limit) => match tokio::time::timeout(limit, &mut work).await {
                            Ok(done) => done,
                            Err(_) => {
                                cancel.store(true, Ordering::Relaxed);
                                work.await.map(|mut o| {
                                    o.error = Some(format!("over the time limit of {} s", limit.as_secs()));
                                    o
                                })
                            }
                        },
                    };
                    (i, outcome.ok())
                });
            }
            let mut outcomes: Vec<Option<Outcome>> = (0..count).map(|_| None).collect();
            let mut end = PoolEnd::Done;
            loop {
                tokio::select! {
                    done = tasks.join_next() => match done {
                        None => break,
                        Some(Ok((i, Some(outcome)))) => {
                            progress(&outcome);
                            outcomes[i] = Some(outcome);
                        }
                        Some(_) => {}
                    },
                    _ = tokio::signal::ctrl_c(), if end == PoolEnd::Done => {
                        end = PoolEnd::Interrupted;
                        for c in &cancel {
                            c.store(true, Ordering::Relaxed);
                        }
                    }
                }
            }
            (outcomes, end)
        });
        Ok((outcomes.into_iter().flatten().collect(), end))
    }
}

/// A panic in a test is a bug of ours; it ends that test, not the batch.
fn guarded(job: &Job) -> Outcome {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(job))) {
        Ok(outcome) => outcome,
        Err(panic) => broken(job, panic.as_ref()),
    }
}

/// The outcome of a test in which the bench itself panicked.
pub fn broken(job: &Job, panic: &(dyn std::any::Any + Send)) -> Outcome {
    let text = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()))
        .unwrap_or_default();
    Outcome {
        name: job.vector.name.clone(),
        items: job.vector.items.clone(),
        verdict: Verdict::Broken,
        seed: job.seed,
        cycles: 0,
        tlps_rx: 0,
        tlps_tx: 0,
        counters: Default::default(),
        checks: 0,
        looked: Default::default(),
        untranslated: Default::default(),
        compared: 0,
        notes: serde_json::Value::Null,
        findings: Vec::new(),
        error: Some(format!(
            "a bug of ims-cosim itself: {text}; please report it with the command line and the seed {:#x}",
            job.seed
        )),
        events_hash: String::new(),
        coverage: Default::default(),
        events: String::new(),
        wall_s: 0.0,
    }
}
