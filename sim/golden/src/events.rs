// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Events: their status bits, the coalescers, and which interrupt a firing becomes.
//!
//! [Data sheet section 10.] An event sets its status bit and counts in the coalescer
//! of its vector; a coalescer that fires raises an interrupt of the mode in force.

use crate::device::{Device, Phase};
use crate::quirks::Quirk;
use crate::regs;
use tlp::{Cause, CauseOp, Observed, Stamped, Store, Tick};

/// Event of the device itself; those below belong to queues.
pub(crate) const MISC: u32 = 64;
/// Coalescers, one a vector.
pub(crate) const VECTORS: usize = 65;
/// The scanner comes to every coalescer once in so many ticks.
const SCAN_TICKS: Tick = 128;
/// Ticks in a microsecond.
const MICROSECOND: Tick = 250;
/// Events that a coalescer can count.
const MOST: u32 = 255;

/// By what means the function signals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Intx = 0,
    Msi = 1,
    Msix = 2,
}

/// One vector's coalescer.
#[derive(Clone, Copy, Default, Debug)]
struct Coalescer {
    frames: u32,
    usec: u32,
    count: u32,
    first: Tick,
}

impl Coalescer {
    /// Whether the count alone makes it fire.
    fn full(&self) -> bool {
        self.frames <= 1 && self.usec == 0 || self.frames > 0 && self.count >= self.frames
    }

    /// Tick from which a visit of the scanner makes it fire.
    fn ripe(&self) -> Tick {
        match self.usec {
            _ if self.full() => 0,
            0 => Tick::MAX,
            usec => self.first + Tick::from(usec) * MICROSECOND,
        }
    }
}

/// First visit of the scanner to a vector from `from` on.
fn visit(vector: usize, from: Tick) -> Tick {
    let behind = (from + SCAN_TICKS - vector as Tick % SCAN_TICKS) % SCAN_TICKS;
    if behind == 0 { from } else { from.saturating_add(SCAN_TICKS - behind) }
}

/// State of the event sources.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    /// Bit q: event q; bits 64 and up are `ev_misc`.
    pub(crate) status: u128,
    /// Bits set in the tick beside it: a clear in that tick does not reach them.
    fresh: (Tick, u128),
    pub(crate) granted: u32,
    pub(crate) control: u32,
    coalescers: [Coalescer; VECTORS],
    /// Firings that have not been taken.
    pub(crate) waiting: u128,
    /// Event 64 by the device itself, not yet taken.
    pub(crate) own_misc: bool,
    /// The INTx latch.
    pub(crate) fired: bool,
    errors_seen: u32,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            status: 0,
            fresh: (0, 0),
            granted: regs::ev_vectors::COUNT_RESET,
            control: 0,
            coalescers: [Coalescer::default(); VECTORS],
            waiting: 0,
            own_misc: false,
            fired: false,
            errors_seen: 0,
        }
    }
}

impl Events {
    fn set_status(&mut self, t: Tick, bit: u32) {
        let fresh = if self.fresh.0 == t { self.fresh.1 } else { 0 };
        self.fresh = (t, fresh | 1 << bit);
        self.status |= 1 << bit;
    }

    /// Software clears status bits.
    pub(crate) fn clear_status(&mut self, t: Tick, bits: u128) {
        let fresh = if self.fresh.0 == t { self.fresh.1 } else { 0 };
        self.status &= !bits | fresh;
        if self.status == 0 {
            self.fired = false;
        }
    }

    /// `ev_coal` of a vector; 0 in a hole.
    pub(crate) fn coalescing(&self, vector: usize) -> u32 {
        self.coalescers.get(vector).map_or(0, |c| c.frames | c.usec << 16)
    }

    pub(crate) fn set_coalescing(&mut self, vector: usize, value: u32) {
        if let Some(c) = self.coalescers.get_mut(vector) {
            (c.frames, c.usec) = (value & 0xff, value >> 16);
        }
    }

    /// A vector fires; firings of one vector that wait are one.
    pub(crate) fn fire(&mut self, vector: usize) {
        self.waiting |= 1 << vector;
        self.coalescers[vector].count = 0;
    }

    /// When the scanner next makes a vector fire, with `vectors` in use.
    fn next_visit(&self, now: Tick, vectors: u32) -> Tick {
        let due = |(v, c): (usize, &Coalescer)| {
            let ripe = if v as u32 >= vectors { 0 } else { c.ripe() };
            if c.count == 0 || ripe == Tick::MAX { Tick::MAX } else { visit(v, ripe.max(now)) }
        };
        self.coalescers.iter().enumerate().map(due).min().unwrap_or(Tick::MAX)
    }
}

impl Device {
    /// By what means the function signals now.
    pub(crate) fn mode(&self) -> Mode {
        match (self.config.msix_enabled(), self.config.msi_enabled()) {
            (true, _) => Mode::Msix,
            (false, true) => Mode::Msi,
            (false, false) => Mode::Intx,
        }
    }

    /// Vectors over which events are spread.
    fn event_vectors(&self) -> u32 {
        match self.mode() {
            Mode::Msix => self.events.granted.clamp(1, VECTORS as u32).min(self.msix.len() as u32),
            Mode::Msi => self.config.msi_vectors(),
            Mode::Intx => 1,
        }
    }

    /// The vector of an event.
    fn vector_of(&self, event: u32) -> usize {
        match self.event_vectors() {
            1 => 0,
            _ if event == MISC => 0,
            vectors => 1 + (event % (vectors - 1)) as usize,
        }
    }

    /// An event has been taken: status and coalescer.
    pub(crate) fn take_event(&mut self, t: Tick, event: u32) {
        self.events.set_status(t, event);
        self.count_event(t, event);
    }

    fn count_event(&mut self, t: Tick, event: u32) {
        if self.quirks.strikes(Quirk::EventForgotten) {
            return;
        }
        let vector = self.vector_of(event);
        let early = self.quirks.has(Quirk::CoalescerOneEarly);
        let c = &mut self.events.coalescers[vector];
        if c.count == 0 {
            c.first = t;
        }
        c.count = (c.count + 1).min(MOST);
        if c.full() || early && c.frames > 2 && c.count + 1 >= c.frames {
            self.events.fire(vector);
        }
    }

    /// Whether something of the events can go on at once.
    pub(crate) fn events_can_go(&self) -> bool {
        self.phase == Phase::Running && (self.events.own_misc || self.events.waiting != 0)
    }

    /// Tick in which the scanner next makes a coalescer fire.
    pub(crate) fn scanner_due(&self, now: Tick) -> Tick {
        if self.phase != Phase::Running {
            return Tick::MAX;
        }
        let due = self.events.next_visit(now, self.event_vectors());
        if due != Tick::MAX && self.quirks.has(Quirk::CoalescerTimerLate) { visit(0, due + 4096) } else { due }
    }

    /// The scanner's visit in this tick.
    pub(crate) fn scan(&mut self, t: Tick) {
        if self.phase != Phase::Running {
            return;
        }
        let vectors = self.event_vectors();
        for v in 0..VECTORS {
            let c = self.events.coalescers[v];
            let stranded = v as u32 >= vectors;
            let late = if self.quirks.has(Quirk::CoalescerTimerLate) { 4096 } else { 0 };
            let ripe = if stranded { 0 } else { c.ripe() };
            if c.count == 0 || visit(v, t) != t || ripe.saturating_add(late * Tick::from(ripe > 0)) > t {
                continue;
            }
            self.events.fire(v);
            if stranded {
                self.events.waiting &= !(1 << v);
                if !self.quirks.has(Quirk::StrandedCountDropped) {
                    // Vector 0 is raised; what it has counted itself goes on.
                    self.events.waiting |= 1;
                }
            }
        }
    }

    /// The firing that is taken next, round robin being of no use here: lowest first.
    fn next_firing(&self) -> Option<u32> {
        (self.events.waiting != 0).then(|| self.events.waiting.trailing_zeros())
    }

    /// A firing that wants the interrupt core: MSI-X.
    pub(crate) fn firing_for_core(&self) -> Option<Cause> {
        let vector = self.next_firing().filter(|_| self.mode() == Mode::Msix)?;
        Some(Cause { op: CauseOp::Raise, store: Store::Msix, index: vector })
    }

    /// The core has taken the firing.
    pub(crate) fn firing_taken(&mut self, vector: u32) {
        if self.quirks.strikes(Quirk::FiringTwice) {
            return;
        }
        self.events.waiting &= !(1 << vector);
    }

    /// Firings that do not go through the interrupt core.
    pub(crate) fn take_firings(&mut self, seen: &mut Vec<Stamped<Observed>>, t: Tick) {
        if self.phase != Phase::Running {
            return;
        }
        if let Some(vector) = self.test.msi.take() {
            self.raise_msi(vector, seen, t);
            return;
        }
        match (self.mode(), self.next_firing()) {
            (_, None) | (Mode::Msix, _) => {}
            (Mode::Msi, Some(vector)) => {
                self.firing_taken(vector);
                self.raise_msi(vector, seen, t);
            }
            (Mode::Intx, Some(_)) => {
                self.events.waiting = 0;
                // Nothing to report that software has not polled away.
                self.events.fired |= self.events.status != 0;
            }
        }
    }

    /// Configuration has been written: what a change of mode hands over.
    pub(crate) fn hand_over(&mut self, before: Mode) {
        match (before, self.mode()) {
            (old, new) if old == new => {}
            (Mode::Intx, _) if self.events.fired => {
                self.events.fired = false;
                if !self.quirks.has(Quirk::HandOverLost) {
                    self.events.fire(0);
                }
            }
            (_, Mode::Intx) if self.events.status != 0 && !self.quirks.has(Quirk::HandOverLost) => {
                self.events.fired = true;
            }
            _ => {}
        }
    }

    /// Errors of interrupts show in `ev_misc`.
    pub(crate) fn watch_errors(&mut self, t: Tick) {
        if self.errors.count == self.events.errors_seen {
            return;
        }
        self.events.errors_seen = self.errors.count;
        let bit = MISC + regs::ev_misc::IRQ_ERR_LSB;
        let first = self.events.status >> bit & 1 == 0;
        self.events.set_status(t, bit);
        if first && self.events.control & regs::ev_ctrl::IRQ_ERR_RAISES_MASK != 0 {
            self.events.own_misc = true;
        }
    }

    /// All interrupt handles were revoked.
    pub(crate) fn note_revoked(&mut self, t: Tick) {
        let bit = MISC + regs::ev_misc::REVOKED_LSB;
        self.events.own_misc |= self.events.status >> bit & 1 == 0;
        self.events.set_status(t, bit);
    }

    /// The device's own event 64 is taken.
    pub(crate) fn take_own_misc(&mut self, t: Tick) {
        self.events.own_misc = false;
        self.count_event(t, MISC);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scanner_comes_once_in_128_ticks() {
        for vector in [0, 1, 64] {
            for from in 0..300 {
                let at = visit(vector, from);
                assert!((from..from + SCAN_TICKS).contains(&at));
                assert_eq!(at % SCAN_TICKS, vector as Tick);
            }
        }
    }
}
