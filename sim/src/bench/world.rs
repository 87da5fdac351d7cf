// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One device, one host, the link between them, and those who watch it.
//!
//! Time moves only in [`World::advance`]: the device runs until something of it
//! reaches the host or something of the host falls due; whoever is concerned is
//! told in a fixed order. One thread, no clock but the device's.
//!
//! [`Device`] is the device with those who watch it and nothing of the host, so that a
//! topology can have many; [`World`] joins one with a host of its own.

mod device;
mod host;
mod requests;
mod service;

pub use device::Device;

use crate::bench::decode::{Decoded, decode};
use crate::bench::log::{Event, EventLog, Raw};
use crate::check::answers::Answers;
use crate::check::ats::{Meaning, Translations};
use crate::check::credits::CreditBook;
use crate::check::errors::Errors;
use crate::check::format::Format;
use crate::check::mastering::Mastering;
use crate::check::reads::Reads;
use crate::check::shape::Shape;
use crate::check::target::Targets;
use crate::check::work::Work;
use crate::check::work::job::Arrival;
use crate::check::writes::{Purpose, purpose};
use crate::check::{Law, Report, Upstream};
use crate::cover::Collector;
use crate::cover::traffic::Up;
use crate::finding::{Finding, Kind};
use crate::ledger::message::Verdict;
use crate::ledger::{Ledger, UnderWay};
use crate::shadow::work::WorkCommand;
use crate::shadow::{Command, Content, DeviceSizes, Shadow, Who};
use host_model::apic::Outcome as ApicOutcome;
use host_model::domain::matrix::Place;
use host_model::host::{Effects, Host};
use host_model::kernel::Taken;
use host_model::mem::HostMemory;
use host_model::rc::requests::{Outcome, Request, TxnId};
use host_model::remap::RemapEffect;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tlp::{Bdf, Cause, CauseOp, CreditLimits, Endpoint, Observed, Packet, Reset, Stamped, Tick};
use vectors::op::{Credits, Source};

/// When a test is given up before its end. The default is never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GiveUp {
    /// At the first finding: nobody wants to know more.
    pub at_finding: bool,
    /// After so many cycles.
    pub after: Option<Tick>,
}

/// Cycles that a function reset may take (data sheet §8), after which software may talk again.
pub const RESET_CYCLES: Tick = 1 << 14;

/// Cycles without progress after which a device that takes no packets is given up.
const STUCK: Tick = 100_000;

/// Why a test cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The device (or the way to it) no longer answers; the finding is already recorded.
    Stuck,
    /// A step cannot be carried out as written: bad input.
    Input(String),
    /// The simulator or this bench failed.
    Tool(String),
    /// Asked to stop from outside.
    Cancelled,
}

/// An invalidation under way: its range, and the slot writes that it covers.
#[derive(Clone, Copy, Debug)]
struct Invalidation {
    first: u32,
    last: u32,
    covers: u64,
    came: Tick,
}

/// Everything of one test.
#[derive(Clone)]
pub struct World {
    /// The device and its watchers.
    pub device: Device,
    /// The host.
    pub host: Host,
    /// Random choices of the sequencer.
    pub rng: ChaCha8Rng,
    /// Remapping entries as the ledger knows them.
    pub targets: Targets,
    /// Counts of messages per source and arrivals per (cpu, vector).
    pub arrivals: BTreeMap<(u32, u8), u64>,
    /// Requests that the remapping unit blocked, not yet expected by the vector: reason codes.
    pub blocked: VecDeque<BlockedRequest>,
    /// Processors that take interrupts by themselves.
    pub service: Vec<bool>,
    /// Raised from outside when the test is to end early.
    pub cancel: Option<Arc<AtomicBool>>,
    /// When to give up before the end.
    pub give_up: GiveUp,
    /// Why an access deep inside a driver sequence could not go on.
    pub stop: Option<Stop>,
    outcomes: BTreeMap<TxnId, Outcome>,
    busy: Vec<Option<(Tick, bool)>>,
    awake: Vec<bool>,
    /// Arrivals that a local APIC accepted, and interrupts that processors took by themselves.
    accepted: u64,
    served: u64,
    seen: Vec<Stamped<Observed>>,
}

impl std::ops::Deref for World {
    type Target = Device;

    fn deref(&self) -> &Device {
        &self.device
    }
}

impl std::ops::DerefMut for World {
    fn deref_mut(&mut self) -> &mut Device {
        &mut self.device
    }
}

/// A request that the remapping unit blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockedRequest {
    /// Reason code.
    pub reason: u8,
    /// The vector has expected its fault.
    pub explained: bool,
}

/// A completion as a vector compares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawCompletion {
    /// Byte count.
    pub byte_count: u32,
    /// Lower address.
    pub lower: u8,
    /// Data words.
    pub data: Vec<u32>,
}

/// Whether a packet is this one, but for what the host fills in: requester, tag and digest.
fn same_packet(by_hand: &Packet, sent: &Packet) -> bool {
    const FILLED: u32 = 1 << 23 | 1 << 19 | 1 << 15;
    let ([a0, _, a2, a3], [b0, _, b2, b3]) = (by_hand.header, sent.header);
    (a0 | FILLED, a2, a3, by_hand.prefix) == (b0 | FILLED, b2, b3, sent.prefix) && sent.data.starts_with(&by_hand.data)
}

impl World {
    /// Joins a device and a host; `seed` starts the sequencer's stream.
    pub fn new(
        dut: Box<dyn Endpoint>,
        host: Host,
        sizes: DeviceSizes,
        cpus: usize,
        credits: Credits,
        seed: u64,
    ) -> Self {
        Self {
            device: Device::new(dut, sizes, credits),
            host,
            rng: ChaCha8Rng::seed_from_u64(seed),
            targets: Targets::default(),
            arrivals: BTreeMap::new(),
            blocked: VecDeque::new(),
            service: vec![true; cpus],
            cancel: None,
            give_up: GiveUp::default(),
            stop: None,
            outcomes: BTreeMap::new(),
            busy: vec![None; cpus],
            awake: vec![true; cpus],
            accepted: 0,
            served: 0,
            seen: Vec::new(),
        }
    }

    /// Moves time to `until` at the latest; returns earlier once a packet of the
    /// device has been dealt with.
    pub fn advance(&mut self, until: Tick) -> Result<(), Stop> {
        if self.cancel.as_ref().is_some_and(|c| c.load(Ordering::Relaxed)) {
            return Err(Stop::Cancelled);
        }
        let enough = self.give_up.at_finding && !self.report.findings.is_empty();
        if enough || self.give_up.after.is_some_and(|t| self.now() > t) {
            return Err(Stop::Cancelled);
        }
        self.host_step(None);
        let now = self.now();
        let mut due = until.max(now + 1);
        for t in [self.host.next_due(), self.next_service()].into_iter().flatten() {
            due = due.min(t.max(now + 1));
        }
        if let Some(end) = self.reset_end() {
            due = due.min(end.max(now + 1));
        }
        let mut seen = std::mem::take(&mut self.seen);
        let ran = self.dut.run(due, &mut seen);
        for event in seen.drain(..) {
            self.observed(event);
        }
        self.seen = seen;
        self.device.watch();
        ran.map_err(|e| Stop::Tool(e.0))?;
        self.host_step(None);
        self.serve();
        self.device.end_reset();
        Ok(())
    }

    /// Runs until tick `until`.
    pub fn run_to(&mut self, until: Tick) -> Result<(), Stop> {
        while self.now() < until {
            self.advance(until)?;
        }
        Ok(())
    }

    /// Runs for so many cycles.
    pub fn wait(&mut self, cycles: Tick) -> Result<(), Stop> {
        self.run_to(self.now() + cycles)
    }

    // ---- the device's side ---------------------------------------------------------------------

    fn observed(&mut self, event: Stamped<Observed>) {
        let tick = event.at;
        match self.device.observed(event) {
            Some(Told::Packet(p)) => {
                self.host_step(Some(&p));
                self.device.delivered(tick, self.host.mem());
            }
            Some(Told::NonPostedLimit(n)) => self.host.rc_mut().non_posted_limit(n),
            None => {}
        }
    }
}

/// What the device's link partner learns of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A packet, judged; [`Device::delivered`] follows when it has arrived.
    Packet(Packet),
    /// Its limit of non-posted requests.
    NonPostedLimit(u8),
}
