// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Interrupts across resets: random resets at any cycle, under load, with reads
//! outstanding and credits withheld.
//!
//! In: one [`Endpoint`], a seed, a number of resets. Out: how many causes, messages
//! and resets there were, and every misbehaviour by name. Each reset starts a new
//! *epoch*; whatever software programs in it (data of messages, addresses of
//! records, base of the host store) carries its number. So anything of before that
//! leaves afterwards shows:
//! - `late_message`, `late_read`: a posted packet or a read of an older epoch;
//! - `message_without_cause`: more messages of a source than causes since the reset;
//! - `unknown_write`: a posted packet that nobody asked for;
//! - `lost_interrupt`: a source that is open, calm, and whose last cause is younger
//!   than its last message. A reset legally drops what was owed; toggling Bus Master
//!   Enable or Memory Space Enable drops nothing;
//! - `not_back`, `stuck`: the function does not come back, or takes nothing any more;
//! - `law`: an assertion inside the model.
//!
//! Old is what leaves behind the completion of the write that asks for the reset
//! (data sheet section 8: that completion is behind all that was committed), or
//! after a hot reset.
//!
//! [`Endpoint`]: tlp::Endpoint

mod epoch;
mod partner;

use crate::lockstep;
use crate::rtl::RtlModels;
use crate::run::Params;
use anyhow::{Result, anyhow};
use epoch::Epoch;
use golden::Quirk;
use partner::Partner;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tlp::Endpoint;

/// What a run came to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Resets and toggles, by kind.
    pub resets: BTreeMap<String, u64>,
    /// Causes that the core took.
    pub causes: u64,
    /// Messages that left.
    pub messages: u64,
    /// Causes that a reset dropped legally: owed when it came.
    pub dropped: u64,
    /// Reads of the device that were unanswered when a reset came.
    pub reads_cut: u64,
    /// Misbehaviours by name, with the first text of each.
    pub wrong: BTreeMap<String, (u64, String)>,
    /// Cycles.
    pub cycles: u64,
}

impl Report {
    /// Resets of all kinds.
    pub fn total(&self) -> u64 {
        self.resets.values().sum()
    }

    /// How often this name was reported.
    pub fn count(&self, name: &str) -> u64 {
        self.wrong.get(name).map_or(0, |w| w.0)
    }

    /// Takes what another run came to.
    pub fn add(&mut self, other: Report) {
        for (kind, n) in other.resets {
            *self.resets.entry(kind).or_default() += n;
        }
        self.causes += other.causes;
        self.messages += other.messages;
        self.dropped += other.dropped;
        self.reads_cut += other.reads_cut;
        self.cycles += other.cycles;
        for (name, (n, text)) in other.wrong {
            self.wrong.entry(name).or_insert((0, text)).0 += n;
        }
    }

    pub(crate) fn report(&mut self, name: &'static str, text: impl FnOnce() -> String) {
        self.wrong.entry(name.to_string()).or_insert_with(|| (0, text())).0 += 1;
    }
}

/// Device parameters of the traffic: small, so that resets are short.
pub const PARAMS: Params = Params { num_host_slots: 256, ..lockstep::PARAMS };

/// A golden endpoint of [`PARAMS`].
///
/// # Errors
/// As [`lockstep::golden_of`].
pub fn golden(quirks: &[Quirk]) -> Result<Box<dyn Endpoint>> {
    lockstep::golden_of(&PARAMS, quirks)
}

/// An RTL model of [`PARAMS`].
///
/// # Errors
/// The model is not there.
pub fn rtl(models: &RtlModels) -> Result<Box<dyn Endpoint>> {
    models.build(&PARAMS)?;
    Ok(models.make(&PARAMS, 0, None)?)
}

/// Does `resets` resets to a device made for [`PARAMS`].
///
/// # Errors
/// The device cannot be driven: the tool itself.
pub fn run(dut: &mut dyn Endpoint, seed: u64, resets: u64, mut progress: impl FnMut(u64)) -> Result<Report> {
    let mut p = Partner::new(dut);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let go = |p: &mut Partner<'_>, rng: &mut ChaCha8Rng, number: u64| -> Result<(), tlp::EndpointError> {
        let mut epoch = Epoch::new(number, rng);
        epoch.set_up(p)?;
        epoch.prove_alive(p)?;
        epoch.load(p)?;
        for _ in 0..rng.random_range(0..3) {
            epoch.toggle(p)?;
        }
        if rng.random_range(0..4) == 0 {
            epoch.calm(p)?;
        }
        epoch.reset(p)
    };
    p.power_on().map_err(|e| anyhow!("{e}"))?;
    let mut number = 0;
    while p.report.total() < resets && !p.given_up {
        number += 1;
        go(&mut p, &mut rng, number).map_err(|e| anyhow!("{e}"))?;
        progress(p.report.total());
    }
    let mut report = p.report;
    report.cycles = dut.now();
    Ok(report)
}
