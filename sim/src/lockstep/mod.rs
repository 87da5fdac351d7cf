// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Lockstep: the same random traffic to two devices, compared packet by packet.
//!
//! In: two [`Endpoint`]s, a seed, a number of packets. Out: how much was compared,
//! and the first difference, made as short as it will go, with the command that
//! shows it again. Neither device is the judge: where they differ, the data sheet
//! decides which is wrong.
//!
//! # What "equal" means
//! Times are open, so traffic is made such that what the data sheet determines
//! does not depend on them. A *burst* starts with a cold reset and consists of
//! *episodes*; an episode begins and ends with both devices quiet. Inside one,
//! posted packets go before non-posted ones (which wait for them, while the other
//! way round is open), a source is raised once, and causes do not meet writes to
//! their own source. At the end of an episode are equal:
//! - completions: every bit, in the order of the requests;
//! - posted packets: every bit of each, the same number of each; which of two
//!   sources comes first is open, the order of records is not;
//! - reads: every bit but the tag, the same number of each;
//! - causes taken by the core; MSI vectors raised; levels of the INTx wire; limits of credits kept; no complaint of a model.
//!
//! Where order *is* determined, because the stream was held until everything was
//! committed, it is compared too ([`How::Ordered`]). Where causes may merge or not,
//! the set of posted packets is compared ([`How::Merged`]); such an episode ends
//! its burst, since counters differ from then on. Of several errors between two
//! looks it is open which one `irq_err` keeps. [`Tally`] says how many comparisons
//! were exact and how many up to such a race.
//!
//! Left out: times; anything that only a look inside would show; a command of the host
//! store while a translation that it concerns is asked for (whether the fetch that asked still
//! reads its slot, for nothing, is open).

mod act;
mod compare;
mod drive;
pub(crate) mod packets;
mod serve;
mod shrink;
mod traffic;

pub use act::{Act, Episode, Grant, How};
pub use compare::{Difference, Tally};
pub use drive::{Completion, Driver, Point, Shown};
pub use shrink::without_parts;
pub use traffic::burst;

use crate::rtl::RtlModels;
use crate::run::Params;
use anyhow::{Result, anyhow};
use golden::{Golden, GoldenConfig, Quirk};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tlp::Endpoint;

/// Device parameters of the traffic: small, so that indices collide, ranges end
/// inside the windows and resets are short. The slots in host memory lie on twenty
/// pages, more than the device holds translations.
pub const PARAMS: Params = Params {
    data_w: 256,
    num_msix: 100,
    num_dev_slots: 90,
    num_host_slots: 5120,
    host_cache_lines: 16,
    max_fetches: 8,
    num_vfs: 5,
};

/// A golden endpoint of [`PARAMS`].
pub fn golden(quirks: &[Quirk]) -> Result<Box<dyn Endpoint>> {
    golden_of(&PARAMS, quirks)
}

/// A golden endpoint of any parameters.
pub fn golden_of(params: &Params, quirks: &[Quirk]) -> Result<Box<dyn Endpoint>> {
    let mut config = GoldenConfig {
        num_msix: params.num_msix,
        num_dev_slots: params.num_dev_slots,
        num_host_slots: params.num_host_slots,
        cache_lines: params.host_cache_lines,
        max_fetches: params.max_fetches,
        num_vfs: params.num_vfs,
        ..GoldenConfig::default()
    };
    config.quirks.extend(quirks.iter().copied());
    Ok(Box::new(Golden::new(&config)?))
}

/// An RTL model of [`PARAMS`].
pub fn rtl(models: &RtlModels) -> Result<Box<dyn Endpoint>> {
    Ok(models.make(&PARAMS, 0, None)?)
}

/// What a run came to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Packets in both directions, of the first device.
    pub tlps: u64,
    /// Bursts done.
    pub bursts: u64,
    /// Comparisons.
    pub tally: Tally,
    /// Episodes done, by kind.
    pub kinds: BTreeMap<String, u64>,
    /// Cycles of the two devices.
    pub cycles: [u64; 2],
    /// The first difference.
    #[serde(skip)]
    pub difference: Option<Found>,
}

impl Report {
    fn counted(&mut self, burst: &[Episode]) {
        self.bursts += 1;
        for e in burst {
            *self.kinds.entry(e.kind.to_string()).or_default() += 1;
        }
    }

    /// Takes what bursts behind these came to.
    pub fn add(&mut self, other: Report) {
        self.tlps += other.tlps;
        self.bursts += other.bursts;
        self.tally.exact += other.tally.exact;
        self.tally.raced += other.tally.raced;
        for (kind, n) in other.kinds {
            *self.kinds.entry(kind).or_default() += n;
        }
        self.cycles = [self.cycles[0] + other.cycles[0], self.cycles[1] + other.cycles[1]];
        self.difference = self.difference.take().or(other.difference);
    }
}

/// A difference, and how to see it again.
#[derive(Clone, Debug)]
pub struct Found {
    /// Burst in which it showed.
    pub burst: u64,
    /// What differs, in the short form of the burst.
    pub text: String,
    /// What differs in the whole burst: making it short may have led to another difference.
    pub whole: String,
    /// Kind of the episode in which it shows.
    pub kind: &'static str,
    /// Episodes and acts that are left.
    pub episodes: Vec<Episode>,
}

/// Makes the two devices that are compared.
pub type Make<'a> = dyn Fn() -> Result<[Box<dyn Endpoint>; 2]> + 'a;

/// Compares from burst `first` on until the first device has exchanged `tlps`
/// packets (at least one burst), or until they differ; `progress` hears of the packets.
///
/// # Errors
/// A device cannot be made or driven: the tool itself, not the device.
pub fn run(make: &Make<'_>, seed: u64, first: u64, tlps: u64, mut progress: impl FnMut(&Report)) -> Result<Report> {
    let mut report = Report::default();
    let mut duts = make()?;
    while report.tlps < tlps || report.bursts == 0 {
        let number = first + report.bursts;
        let episodes = traffic::burst(seed, number);
        let found = once(&mut duts, &episodes, &mut report)?;
        report.counted(&episodes);
        if found.is_some() {
            report.difference = Some(shorten(make, number, episodes, found)?);
            break;
        }
        progress(&report);
    }
    report.cycles = [duts[0].now(), duts[1].now()];
    Ok(report)
}

/// Compares `count` bursts from `first` on, or until they differ.
///
/// # Errors
/// As [`run`].
pub fn bursts(make: &Make<'_>, seed: u64, first: u64, count: u64) -> Result<Report> {
    let mut report = Report::default();
    let mut duts = make()?;
    for number in first..first + count {
        let episodes = traffic::burst(seed, number);
        let found = once(&mut duts, &episodes, &mut report)?;
        report.counted(&episodes);
        if found.is_some() {
            report.difference = Some(shorten(make, number, episodes, found)?);
            break;
        }
    }
    report.cycles = [duts[0].now(), duts[1].now()];
    Ok(report)
}

/// Whether the two differ within so many packets; nothing is made shorter.
///
/// # Errors
/// As [`run`].
pub fn differs(make: &Make<'_>, seed: u64, tlps: u64) -> Result<bool> {
    let mut report = Report::default();
    let mut duts = make()?;
    while report.tlps < tlps {
        if once(&mut duts, &traffic::burst(seed, report.bursts), &mut report)?.is_some() {
            return Ok(true);
        }
        report.bursts += 1;
    }
    Ok(false)
}

fn once(duts: &mut [Box<dyn Endpoint>; 2], episodes: &[Episode], report: &mut Report) -> Result<Option<Difference>> {
    let [a, b] = duts;
    let mut driver = Driver::new(a.as_mut(), traffic::ID);
    let x = driver.burst(episodes).map_err(|e| anyhow!("{e}"))?;
    report.tlps += driver.tlps;
    let y = Driver::new(b.as_mut(), traffic::ID).burst(episodes).map_err(|e| anyhow!("{e}"))?;
    Ok(compare::compare(&x, &y, &mut report.tally))
}

fn shorten(make: &Make<'_>, burst: u64, episodes: Vec<Episode>, found: Option<Difference>) -> Result<Found> {
    let whole = found.as_ref().map(|d| format!("episode {}: {}", d.episode, d.text)).unwrap_or_default();
    let mut last = found;
    let short = shrink::shrink(episodes, |list| -> Result<bool> {
        let found = once(&mut make()?, list, &mut Report::default())?;
        let differs = found.is_some();
        if differs {
            last = found;
        }
        Ok(differs)
    })?;
    let text = last.as_ref().map(|d| d.text.clone()).unwrap_or_default();
    let kind = last.and_then(|d| short.get(d.episode).map(|e| e.kind)).unwrap_or("");
    Ok(Found { burst, text, whole, kind, episodes: short })
}

/// An episode as text, an act a line.
pub fn lines(e: &Episode) -> Vec<String> {
    let act = |a: &Act| match a {
        Act::Down(d) => format!("  down {}", compare::shown(Some(&d.packet))),
        other => format!("  {other:?}"),
    };
    std::iter::once(e.kind.to_string()).chain(e.acts.iter().map(act)).collect()
}
