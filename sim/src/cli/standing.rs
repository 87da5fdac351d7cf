// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A search and the directory in which it stands: what it finds and keeps is written as it comes, where it stands every
//! few seconds, so that one which was interrupted goes on there.

use super::Failure;
use anyhow::anyhow;
use sim::direct::{Search, Setup, State, corpus};
use sim::run::{Outcome, Verdict};
use std::fmt::Write as _;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How much of a search an abrupt end may cost.
const SAVED_EVERY: Duration = Duration::from_secs(5);

/// Raised by Ctrl-C; the search then ends behind the run that is under way.
pub fn interruption() -> Result<Arc<AtomicBool>, Failure> {
    let raised = Arc::new(AtomicBool::new(false));
    let told = raised.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::tool)?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let _ = tokio::signal::ctrl_c().await;
        });
        told.store(true, Ordering::Relaxed);
    });
    Ok(raised)
}

/// A search and its directory.
pub struct Standing {
    /// The search.
    pub search: Search,
    dir: PathBuf,
    saved: Instant,
    /// Held as long as the search is made: two in one directory would mix what they keep.
    _alone: File,
}

impl Standing {
    /// The search of that directory; one that begins where there is none yet.
    ///
    /// # Errors
    /// The directory holds another search, or another version's, or somebody makes a search there now.
    pub fn at(setup: Setup, dir: &Path) -> Result<Self, Failure> {
        let identity = setup.identity();
        let alone = alone(dir)?;
        let state = State::load(&dir.join("state.json"), &identity, setup.seed).map_err(Failure::input)?;
        let search = match state {
            None => Search::new(setup),
            Some(state) => {
                let kept = corpus::load_all(&dir.join("kept")).map_err(Failure::input)?;
                let counts = state.coverage().map_err(Failure::input)?;
                Search::resume(setup, state, counts, kept)
            }
        };
        Ok(Self { search, dir: dir.into(), saved: Instant::now(), _alone: alone })
    }

    /// Makes a run; what to tell if it did not pass.
    pub fn once(&mut self) -> Result<Option<String>, Failure> {
        let step = self.search.once();
        let name = &step.vector.name;
        let mut found = None;
        if step.outcome.verdict != Verdict::Passed {
            let text = vectors::yaml::to_string(&step.vector).map_err(Failure::tool)?;
            let file = self.dir.join("found").join(format!("{name}.yaml"));
            write(&file, &text)?;
            found = Some(about(name, &step.outcome, &file));
        }
        if let Some(kept) = self.search.kept.last().filter(|k| k.vector.name == *name) {
            corpus::keep(&self.dir.join("kept"), kept).map_err(Failure::tool)?;
        }
        if self.saved.elapsed() > SAVED_EVERY {
            self.save()?;
        }
        Ok(found)
    }

    /// Writes where it stands.
    pub fn save(&mut self) -> Result<(), Failure> {
        self.search.note();
        self.search.state.store(&self.dir.join("state.json")).map_err(Failure::input)?;
        let text = self.search.state.coverage_text().map_err(Failure::tool)?;
        self.saved = Instant::now();
        write(&self.dir.join("coverage.json"), &text)
    }
}

/// Takes the directory for this search.
fn alone(dir: &Path) -> Result<File, Failure> {
    let path = dir.join("lock");
    let cannot = |e: &dyn std::fmt::Display| Failure::input(anyhow!("{}: {e}", path.display()));
    std::fs::create_dir_all(dir).map_err(|e| cannot(&e))?;
    let file = File::create(&path).map_err(|e| cannot(&e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(cannot(&"another process makes a search in this directory")),
        Err(TryLockError::Error(e)) => Err(cannot(&e)),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, text)).map_err(|e| Failure::input(anyhow!("{}: {e}", path.display())))
}

fn about(name: &str, o: &Outcome, file: &Path) -> String {
    let mut text = format!("{name}: {}\n", o.verdict.word());
    for f in o.findings.iter().take(3) {
        let _ = writeln!(text, "  tick {:>8}  {}: {}", f.tick, f.check, f.text);
    }
    if let Some(e) = &o.error {
        let _ = writeln!(text, "  {e}");
    }
    let _ = write!(text, "  shorten: scripts/ims-cosim shrink {}", file.display());
    text
}
