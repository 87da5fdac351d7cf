// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Collects coverage of one test. The world tells it what it sees, in order of time; it answers nothing and drives
//! nothing. Causes and messages are sampled here, packets in `traffic.rs`, what happens beside a cause in `races.rs`,
//! operations and the machine in `configure.rs`.

use super::Counts;
use super::ats::Translations;
use super::axes::{log2, log2_from_1};
use super::configure::Surroundings;
use super::functions::Functions;
use super::items::{Item, bins};
use super::races::{Acted, Caused, Races};
use super::traffic::Traffic;
use crate::shadow::{Mode, Shadow};
use std::collections::BTreeMap;
use tlp::{CauseOp, Tick};
use vectors::op::Source;

/// How a cause came to the core, in the order of the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Cause port.
    Port,
    /// Doorbell.
    Doorbell,
    /// Sweep.
    Sweep,
    /// A descriptor.
    Work,
    /// A coalescer or the device itself.
    Event,
}

/// A bin when it was hit first in a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// The bin.
    pub bin: u32,
    /// The step of the vector that was carried out, from 0.
    pub step: u32,
    /// When.
    pub tick: Tick,
}

/// What is owed of a source: since when, and how many causes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub since: Tick,
    pub causes: u64,
}

/// Coverage of one test as it grows.
#[derive(Clone)]
pub struct Collector {
    hits: Vec<u32>,
    /// Bins in the order in which they were hit first.
    pub first: Vec<First>,
    /// What happened beside causes, in order.
    pub acted: Vec<Acted>,
    /// Causes that the core took, in order.
    pub caused: Vec<Caused>,
    /// Steps and when they began.
    pub began: Vec<(u32, Tick)>,
    pub(super) step: u32,
    pub(super) waiting: BTreeMap<Source, Waiting>,
    pub(super) races: Races,
    pub(super) traffic: Traffic,
    pub(super) around: Surroundings,
    pub(super) functions: Functions,
    pub(super) translations: Translations,
    last_cause: Option<Tick>,
    last_message: Option<(Tick, usize)>,
    after_reset: Option<usize>,
}

impl Default for Collector {
    fn default() -> Self {
        Self {
            hits: vec![0; bins()],
            first: Vec::new(),
            acted: Vec::new(),
            caused: Vec::new(),
            began: Vec::new(),
            step: 0,
            waiting: BTreeMap::new(),
            races: Races::default(),
            traffic: Traffic::default(),
            around: Surroundings::default(),
            functions: Functions::default(),
            translations: Translations::default(),
            last_cause: None,
            last_message: None,
            after_reset: None,
        }
    }
}

/// Number of a source's store on the axes of stores and senders.
pub(super) fn store(s: Source) -> usize {
    match s {
        Source::Msix(_) => 0,
        Source::Device(_) => 1,
        Source::Host(_) => 2,
        // Those of virtual functions have items of their own.
        Source::Event(_) | Source::Msi(_) | Source::VfMsix { .. } | Source::VfDevice { .. } => 3,
    }
}

impl Collector {
    /// Counts a hit.
    pub(super) fn hit(&mut self, tick: Tick, item: Item, values: &[usize]) {
        let bin = item.bin(values);
        let n = &mut self.hits[bin];
        *n = n.saturating_add(1);
        if *n == 1 {
            self.first.push(First { bin: bin as u32, step: self.step, tick });
        }
    }

    /// What was hit, how often.
    pub fn counts(&self) -> Counts {
        Counts::of(&self.hits)
    }

    /// Whether a cause of the source was taken and no message has left since.
    pub(super) fn pending(&self, s: Source) -> bool {
        self.waiting.contains_key(&s)
    }

    /// Mask bit as software last wrote it.
    pub(super) fn masked(shadow: &mut Shadow, s: Source) -> bool {
        shadow.entries.entry(s).latest().mask
    }

    /// The core has taken a cause.
    pub fn cause(&mut self, tick: Tick, op: CauseOp, s: Source, path: Path, shadow: &mut Shadow) {
        if s.vf().is_some() {
            return self.vf_cause(tick, op, s, shadow);
        }
        self.machine_once(tick);
        let at = store(s);
        self.hit(tick, Item::cause_store, &[at]);
        self.hit(tick, Item::cause_op, &[usize::from(op == CauseOp::Withdraw)]);
        self.hit(tick, Item::cause_path, &[path as usize]);
        self.hit(tick, Item::path_store, &[path as usize, at]);
        if let Some(last) = self.last_cause.replace(tick) {
            self.hit(tick, Item::cause_gap, &[log2_from_1(tick.saturating_sub(last), 8)]);
        }
        self.hit(tick, Item::owing_sources, &[log2(self.waiting.len() as u64, 5)]);
        if let Some(reset) = self.after_reset.take() {
            self.hit(tick, Item::reset_then, &[reset, at]);
        }
        self.surroundings(tick);
        let (masked, pending) = (Self::masked(shadow, s), self.pending(s));
        if op == CauseOp::Withdraw {
            if at < 3 {
                self.hit(tick, Item::withdrawn, &[at, usize::from(masked), usize::from(pending)]);
                self.waiting.remove(&s);
            }
            return;
        }
        self.state(tick, s, masked, pending, shadow);
        self.races_of_cause(tick, s, pending, shadow);
        let refused = match s {
            Source::Msix(i) => i >= shadow.entries.sizes().msix,
            Source::Device(i) => i >= shadow.entries.sizes().device,
            Source::Host(i) => i >= shadow.host_slots || !*shadow.host_enabled.latest(),
            Source::Event(_) | Source::Msi(_) | Source::VfMsix { .. } | Source::VfDevice { .. } => true,
        };
        if !refused {
            self.waiting.entry(s).or_insert(Waiting { since: tick, causes: 0 }).causes += 1;
        }
    }

    /// In which state a cause finds its source.
    fn state(&mut self, tick: Tick, s: Source, masked: bool, pending: bool, shadow: &mut Shadow) {
        let (m, p) = (usize::from(masked), usize::from(pending));
        let msix = *shadow.config.msix.latest();
        let master = usize::from(*shadow.config.bus_master.latest());
        let closed = match s {
            Source::Msix(i) => {
                self.hit(tick, Item::msix_index, &[log2(i.into(), 11)]);
                let (e, f) = (usize::from(msix.enable), usize::from(msix.function_mask));
                self.hit(tick, Item::msix_cause, &[e, f, m, p]);
                !msix.enable || msix.function_mask || masked
            }
            Source::Device(i) => {
                self.hit(tick, Item::device_index, &[log2(i.into(), 12)]);
                self.hit(tick, Item::device_cause, &[master, m, p]);
                masked
            }
            Source::Host(i) => {
                self.hit(tick, Item::host_index, &[log2(i.into(), 12)]);
                let on = usize::from(*shadow.host_enabled.latest());
                self.hit(tick, Item::host_cause, &[on, master, m, p]);
                self.translated_cause(tick, i, shadow);
                masked && on == 1
            }
            Source::Event(q) => {
                self.hit(tick, Item::event_index, &[log2(q.min(64).into(), 7)]);
                self.event(tick, q, shadow);
                false
            }
            Source::Msi(_) | Source::VfMsix { .. } | Source::VfDevice { .. } => false,
        };
        if closed {
            self.hit(tick, Item::pending_bit, &[store(s), super::races::index(s) as usize % 64]);
        }
    }

    /// An event: how it will be told.
    fn event(&mut self, tick: Tick, q: u32, shadow: &mut Shadow) {
        let mode = match shadow.config.modes(shadow.flushed).first() {
            Some(Mode::Msix) => 2,
            Some(Mode::Msi) => 1,
            _ => 0,
        };
        let vectors = match mode {
            2 => *shadow.event_vectors.latest(),
            1 => shadow.config.msi.latest().granted(),
            _ => 1,
        };
        let sharing = super::axes::step(u64::from(vectors), &[1, 7, 63]);
        let vector = q.min(64) % vectors.clamp(1, 65);
        let (frames, time) = shadow.coalescing.get(vector as usize).map_or((0, 0), |c| *c.latest());
        let coalesced = match (frames > 1, time > 0) {
            (false, false) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (true, true) => 3,
        };
        self.hit(tick, Item::event_mode, &[mode]);
        self.hit(tick, Item::event_sharing, &[sharing]);
        self.hit(tick, Item::event_frames, &[super::axes::step(frames.into(), &[0, 1, 3, 15])]);
        self.hit(tick, Item::event_form, &[mode, sharing, coalesced]);
    }

    /// An MSI vector was raised.
    pub fn msi_raised(&mut self, tick: Tick, v: u32, shadow: &mut Shadow) {
        let msi = *shadow.config.msi.latest();
        let s = Source::Msi(v);
        let masked = msi.content(v).mask;
        let pending = self.pending(s);
        let granted = msi.granted().ilog2() as usize;
        self.hit(tick, Item::msi_granted, &[granted]);
        self.hit(tick, Item::msi_raised, &[granted, usize::from(masked), usize::from(pending)]);
        self.races_of_cause(tick, s, pending, shadow);
        self.waiting.entry(s).or_insert(Waiting { since: tick, causes: 0 }).causes += 1;
    }

    /// The INTx wire has changed.
    pub fn intx(&mut self, tick: Tick, level: bool) {
        self.hit(tick, Item::intx_wire, &[usize::from(level)]);
    }

    /// A message of a source has left; `long`: with a header of four words.
    pub fn message(&mut self, tick: Tick, s: Source, long: bool, shadow: &mut Shadow) {
        self.neighbour(tick, s.vf());
        if s.vf().is_some() {
            return self.vf_message(tick, s);
        }
        let at = store(s);
        self.hit(tick, Item::message_sender, &[at]);
        self.hit(tick, Item::message_header, &[usize::from(long)]);
        if let Some((last, before)) = self.last_message.replace((tick, at)) {
            self.hit(tick, Item::message_gap, &[log2_from_1(tick.saturating_sub(last), 8)]);
            self.hit(tick, Item::message_order, &[before, at]);
        }
        let master = *shadow.config.bus_master.latest();
        let msix = *shadow.config.msix.latest();
        let closed = match s {
            _ if !master => Some(3),
            Source::Msix(_) if !msix.enable => Some(2),
            Source::Msix(_) if msix.function_mask => Some(1),
            Source::Msix(_) | Source::Device(_) if Self::masked(shadow, s) => Some(0),
            _ => None,
        };
        if let Some(by) = closed {
            self.hit(tick, Item::straggler, &[by]);
        }
        let Some(w) = self.waiting.remove(&s) else { return };
        self.hit(tick, Item::message_latency, &[at, log2_from_1(tick.saturating_sub(w.since), 8)]);
        self.hit(tick, Item::merged_causes, &[at, log2_from_1(w.causes, 4)]);
        if let Source::Host(k) = s {
            let fetched = self.traffic.fetched.remove(&k).is_some_and(|t| t >= w.since);
            self.hit(tick, Item::slot_held, &[usize::from(fetched)]);
        }
    }

    /// The device is reset: 0 power-on, 1 in band, 2 function level, 3 by its power state.
    pub fn reset(&mut self, tick: Tick, kind: usize, flying: bool) {
        let owed = usize::from(!self.waiting.is_empty());
        let fetches = log2(self.traffic.fetches.len() as u64, 4);
        self.hit(tick, Item::reset_kind, &[kind]);
        self.hit(tick, Item::reset_load, &[kind, owed, usize::from(flying)]);
        self.hit(tick, Item::reset_fetches, &[kind, fetches]);
        self.translations_reset(tick, kind);
        self.after_reset = Some(kind);
        if kind < 2 {
            self.reset_done();
            self.races.clear();
        }
    }

    /// A function reset is over: nothing is owed any more.
    pub fn reset_done(&mut self) {
        self.waiting.clear();
        self.traffic.fetches.clear();
        self.traffic.fetched.clear();
    }

    /// The packet of that number in line was taken by the device.
    pub fn taken(&mut self, tick: Tick, shadow: &mut Shadow) {
        self.taken_close(tick);
        for act in self.races.next_taken() {
            self.act(tick, act, shadow);
        }
    }
}
