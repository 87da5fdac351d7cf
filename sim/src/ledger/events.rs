// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Events up to the interrupt that they become: coalescing, sharing of vectors, hand-over between modes, INTx.
//!
//! The device shows an event when it takes it and a firing when its interrupt is
//! raised. The book counts the events of every vector by the data sheet's rule and says when a
//! firing is due and when it comes without reason. Where software is changing what the rule depends on, both
//! readings are possible: then only what neither allows is a finding, and an event must still lead
//! to some firing.

mod due;
mod firing;
mod intx;
mod status;

pub use intx::Level;

use crate::finding::Finding;
use crate::shadow::{Mode, Shadow};
use intx::Intx;
use status::Status;
use std::collections::VecDeque;
use tlp::Tick;

/// Event of the device itself.
pub const MISC: u32 = 64;
/// Vectors, each with a coalescer.
const VECTORS: usize = 65;
/// Cycles in a microsecond.
const MICROSECOND: Tick = 250;
/// The scanner comes to every coalescer within so many cycles.
const SCAN: Tick = 128;
/// Cycles that a firing may wait for the interrupt core.
const WAIT: Tick = 1024;
/// Cycles between an event and its being counted.
const COUNTING: Tick = 16;
/// Events that are kept of one vector; a coalescer counts to 255.
const MOST: usize = 1024;

/// An event that waits for its vector to fire.
#[derive(Clone, Copy, Debug)]
struct Counted {
    tick: Tick,
    /// Nothing can have answered it yet.
    sure: bool,
    event: u32,
    /// The how many'th of this event.
    ordinal: u64,
}

/// One vector.
#[derive(Clone, Default)]
struct Vector {
    waiting: VecDeque<Counted>,
    /// Frames and microseconds as last certain, and since when.
    setting: (u32, u32),
    since: Tick,
    /// What they were before.
    before: (u32, u32),
}

impl Vector {
    /// Whether what waits makes it fire under this setting.
    fn is_due(&self, (frames, usec): (u32, u32), now: Tick) -> bool {
        let Some(first) = self.waiting.front() else { return false };
        frames <= 1 && usec == 0
            || frames > 0 && self.waiting.len() >= frames as usize
            || usec > 0 && now >= first.tick + Tick::from(usec) * MICROSECOND
    }
}

/// The book.
#[derive(Clone)]
pub struct EventBook {
    vectors: Vec<Vector>,
    seen: [u64; VECTORS],
    /// Events that came while it was open to which vector they belong.
    straddling: Vec<(Tick, u128)>,
    status: Status,
    /// INTx.
    pub intx: Intx,
    /// Mode as last certain; `None` while it changes.
    mode: Option<Mode>,
    before: Mode,
    /// INTx is, or may be, in force; whether a status bit was missing meanwhile.
    wired: Option<bool>,
    /// Vectors in use as last certain, and since when.
    spread: (u32, Tick),
    /// How many vectors were, or may have been, in use of late at the least, and until when: fewer before more.
    of_late: Vec<(u32, Tick)>,
    /// Vector 0 may fire once (or, since this tick, must) because INTx handed over.
    credit: bool,
    owed_by_intx: Option<Tick>,
    /// It did while the mode was changing.
    handed: bool,
    /// An error of an interrupt may have been recorded.
    errors: bool,
    /// Interrupt handles may have been revoked.
    revoked: bool,
    /// What the endpoint test registers were asked to raise and have not: INTx, and MSI vectors.
    tests: (u32, Vec<u32>),
    /// Firings judged, for the report.
    pub looked: u64,
    /// Findings since they were last taken.
    pub findings: Vec<Finding>,
}

impl Default for EventBook {
    fn default() -> Self {
        Self {
            vectors: (0..VECTORS).map(|_| Vector::default()).collect(),
            seen: [0; VECTORS],
            straddling: Vec::new(),
            status: Status::default(),
            intx: Intx::default(),
            mode: Some(Mode::Intx),
            before: Mode::Intx,
            wired: None,
            spread: (1, 0),
            of_late: vec![(1, 0)],
            credit: false,
            owed_by_intx: None,
            handed: false,
            errors: false,
            revoked: false,
            tests: Default::default(),
            looked: 0,
            findings: Vec::new(),
        }
    }
}

/// The vector of an event where so many are granted.
fn spread(event: u32, granted: u32) -> usize {
    match granted {
        1 => 0,
        _ if event == MISC => 0,
        n => 1 + (event % (n - 1)) as usize,
    }
}

/// Numbers of vectors that may be in use.
fn granted(shadow: &mut Shadow) -> Vec<u32> {
    let f = shadow.flushed;
    let sizes = shadow.entries.sizes().msix;
    let mut all = Vec::new();
    for mode in shadow.config.modes(f) {
        let some = match mode {
            Mode::Intx => vec![1],
            Mode::Msi => shadow.config.msi.all(f, |m| m.granted()),
            Mode::Msix => shadow.event_vectors.all(f, |n| (*n).clamp(1, VECTORS as u32).min(sizes)),
        };
        all.extend(some.into_iter().filter(|n| !all.contains(n)).collect::<Vec<_>>());
    }
    all
}

impl EventBook {
    /// A reset of the device. Only a conventional one makes it forget what it sent of INTx.
    pub fn reset(&mut self, conventional: bool, now: Tick) {
        let intx = std::mem::take(&mut self.intx);
        let (findings, looked) = (std::mem::take(&mut self.findings), self.looked);
        *self = Self { findings, looked, spread: (1, now), of_late: vec![(1, now)], ..Self::default() };
        if !conventional {
            self.intx = intx.after_function_reset();
        }
    }

    /// An error of an interrupt may have been recorded: from now on `ev_misc` is open.
    pub fn error_possible(&mut self) {
        self.errors = true;
        self.status.error_possible();
    }

    /// Software revokes all interrupt handles: the device's own event may come.
    pub fn revoke_possible(&mut self) {
        self.revoked = true;
        self.status.revoke_possible();
    }

    /// Software gives the endpoint test registers a command that ends with this interrupt.
    pub fn test_possible(&mut self, kind: u32, number: u32) {
        match (kind, number) {
            (0, _) => self.tests.0 += 1,
            (1, 1..) => self.tests.1.push((number - 1).min(0xf_ffff) & 31),
            _ => {}
        }
    }

    /// Whether the device may raise event 64 by itself.
    pub fn may_raise_misc(&self, shadow: &mut Shadow) -> bool {
        let f = shadow.flushed;
        self.revoked || self.errors && shadow.errors_raise.perhaps(f, |on| *on)
    }

    /// Software clears status bits by packet number `seq`.
    pub fn clear(&mut self, seq: u64, now: Tick, bits: u128) {
        self.status.clear(seq, now, bits);
        if !self.status.some_certain() {
            self.intx.doubt();
            // Neither is the latch set by an event that came so shortly before that it has not been counted.
            if self.mode != Some(Mode::Msi) && self.mode != Some(Mode::Msix) {
                let fresh = self.vectors.iter_mut().flat_map(|v| &mut v.waiting);
                fresh.filter(|c| c.tick + WAIT >= now).for_each(|c| c.sure = false);
                self.straddling.clear();
            }
        }
    }

    /// An event was taken; `by_itself`: the device's own, which sets no bit of its own.
    pub fn event(&mut self, tick: Tick, event: u32, by_itself: bool, shadow: &mut Shadow) {
        self.follow(tick, shadow);
        if !by_itself {
            self.status.set(tick, event);
        }
        let ordinal = &mut self.seen[event as usize];
        *ordinal += 1;
        let ordinal = *ordinal;
        let vectors: u128 = granted(shadow).into_iter().fold(0, |set, n| set | 1 << spread(event, n));
        // In INTx mode a firing that finds no status bit set leads to nothing: a clear may be under way.
        let wire = self.mode == Some(Mode::Intx) && (self.intx.latched() || !self.status.some_certain());
        let sure = vectors.is_power_of_two() && self.mode.is_some() && !wire;
        if !vectors.is_power_of_two() && self.status.some_certain() {
            self.straddling.push((tick, vectors));
        }
        for v in (0..VECTORS).filter(|v| vectors >> v & 1 == 1) {
            self.settings(v, tick, shadow);
            let waiting = &mut self.vectors[v].waiting;
            waiting.push_back(Counted { tick, sure, event, ordinal });
            if waiting.len() > MOST {
                waiting.pop_front();
            }
            self.doubt_unseen(v, tick, shadow);
        }
    }

    /// Follows what software does to mode and sharing.
    fn follow(&mut self, now: Tick, shadow: &mut Shadow) {
        let flushed = shadow.flushed;
        self.status.flush(flushed);
        if self.status.certainly_empty() {
            self.intx.clear();
        }
        let all = granted(shadow);
        if all.len() > 1 {
            self.spread.1 = now;
        } else if all[0] != self.spread.0 {
            self.spread = (all[0], now);
        }
        let fewest = all.into_iter().min().unwrap_or(1);
        self.of_late.retain(|(n, until)| *n < fewest && now <= until + WAIT);
        self.of_late.push((fewest, now));
        let modes = shadow.config.modes(flushed);
        if modes.contains(&Mode::Intx) {
            self.wired = Some(self.wired == Some(true) || !self.status.some_certain());
        } else if self.wired.take() == Some(true) {
            // What had been counted for other vectors may have fired onto that of the wire, and unseen without status.
            self.vectors[1..].iter_mut().flat_map(|v| &mut v.waiting).for_each(|c| c.sure = false);
        }
        match (&modes[..], self.mode) {
            ([new], Some(old)) if *new == old => {}
            ([new], old) => {
                // Nobody looked while it changed: what is certain now was so before, and nothing was handed over yet.
                if old.is_some() {
                    self.intx.remember(self.status.some_certain());
                    self.handed = false;
                }
                self.mode = Some(*new);
                self.changed(old.unwrap_or(self.before), *new, now, shadow);
            }
            (_, Some(old)) => {
                (self.before, self.mode, self.handed) = (old, None, false);
                self.intx.remember(self.status.some_certain());
            }
            (_, None) => {}
        }
        self.intx.judge_wire(self.mode, shadow);
    }

    /// The mode has changed for certain.
    fn changed(&mut self, old: Mode, new: Mode, now: Tick, shadow: &mut Shadow) {
        match (old, new) {
            (Mode::Intx, Mode::Msi | Mode::Msix) => {
                let ripe = (0..VECTORS).any(|v| self.may_fire(v, now, shadow));
                self.credit = !self.handed && (!self.intx.certainly_clear() || ripe);
                let must = !self.handed && self.intx.latched_before() && self.status.some_certain();
                self.owed_by_intx = must.then_some(now);
                self.intx.clear();
                // The firing that hands over resets the count of vector 0.
                if self.credit {
                    self.vectors[0].waiting.iter_mut().for_each(|c| c.sure = false);
                }
            }
            (Mode::Msi | Mode::Msix, Mode::Intx) => {
                let possible = self.status.some_certain() || !self.status.certainly_empty();
                self.intx.handed_over(possible);
            }
            _ => {}
        }
    }

    /// The device shows a change of its INTx wire.
    pub fn wire(&mut self, now: Tick, level: bool, shadow: &mut Shadow) {
        self.follow(now, shadow);
        self.looked += 1;
        if level && self.mode.is_none() && self.before != Mode::Intx && !self.status.certainly_empty() {
            // Status that another mode left asserts INTA at once.
            self.intx.doubt();
            self.intx.judge_wire(None, shadow);
        }
        let latch_open = level && self.intx.certainly_clear();
        if latch_open && self.mode != Some(Mode::Msi) && self.mode != Some(Mode::Msix) {
            let ready = (0..VECTORS).find(|v| self.may_fire(*v, now, shadow));
            if let Some(v) = ready {
                self.answer(v, now, shadow);
                self.intx.doubt();
                self.intx.judge_wire(self.mode, shadow);
            }
        }
        if level {
            self.straddling.clear();
        }
        // The endpoint test registers assert it beside the latch, for a while.
        let tested = level && self.tests.0 > 0 && self.mode != Some(Mode::Msi) && self.mode != Some(Mode::Msix);
        self.tests.0 -= u32::from(tested);
        self.intx.committed(now, level, tested, self.status.some_certain(), &mut self.findings);
    }
}
