// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The ledger of handlers: for each interrupt of the device, whether software came to know of it.
//!
//! The ledger of causes ends at the local APIC. This one goes on: an event of a queue is *seen* when a
//! handler of that queue began at its tick or later, whichever message brought the handler. One run may see several
//! events, as interrupts merge. What no run sees is lost to software, however well the device and the APIC did.
//!
//! An event has the tick at which the core took its cause (the observation pins), a run that of the processor's
//! acknowledgement; so a run for an earlier event does not count for a later one.

use host_model::kernel::{Fate, Seen};
use std::collections::{BTreeMap, VecDeque};
use tlp::Tick;

/// An event that waits for its handler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event {
    /// Its number, from 1.
    pub id: u64,
    /// Whose handler is to see it.
    pub handler: u64,
    /// When the core took it.
    pub tick: Tick,
}

/// The ledger.
#[derive(Clone, Default, Debug)]
pub struct Handlers {
    open: BTreeMap<u64, VecDeque<Event>>,
    /// Events so far.
    pub events: u64,
    /// Events that a run saw.
    pub seen: u64,
    /// Events given up.
    pub lost: u64,
    /// Runs by handler.
    pub runs: BTreeMap<u64, u64>,
    /// Interrupts taken while disabled or without a handler.
    pub unhandled: u64,
    /// Interrupts taken on a vector that was nobody's.
    pub nobody: u64,
}

impl Handlers {
    /// The core took a cause that a handler is to see.
    pub fn event(&mut self, handler: u64, tick: Tick) -> u64 {
        self.events += 1;
        let id = self.events;
        self.open.entry(handler).or_default().push_back(Event { id, handler, tick });
        id
    }

    /// A processor took an interrupt. Returns the events that its handler sees.
    pub fn taken(&mut self, seen: &Seen) -> Vec<Event> {
        match seen.fate {
            Fate::Unhandled => self.unhandled += 1,
            Fate::Nobody => self.nobody += 1,
            Fate::Handled => {
                *self.runs.entry(seen.dev_id).or_default() += 1;
                let Some(open) = self.open.get_mut(&seen.dev_id) else { return Vec::new() };
                let (known, later): (Vec<Event>, Vec<Event>) = open.iter().partition(|e| e.tick <= seen.tick);
                *open = later.into();
                self.seen += known.len() as u64;
                return known;
            }
        }
        Vec::new()
    }

    /// Events that have waited since `before` or longer: taken out, and lost.
    pub fn give_up(&mut self, before: Tick) -> Vec<Event> {
        let mut lost = Vec::new();
        for open in self.open.values_mut() {
            let (old, young): (Vec<Event>, Vec<Event>) = open.iter().partition(|e| e.tick <= before);
            *open = young.into();
            lost.extend(old);
        }
        self.lost += lost.len() as u64;
        lost
    }

    /// Events that wait.
    pub fn waiting(&self) -> usize {
        self.open.values().map(VecDeque::len).sum()
    }

    /// Whether events wait for this handler.
    pub fn waits(&self, handler: u64) -> bool {
        self.open.get(&handler).is_some_and(|open| !open.is_empty())
    }

    /// Every event is in one place.
    pub fn balances(&self) -> bool {
        self.events == self.seen + self.lost + self.waiting() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(dev_id: u64, tick: Tick, fate: Fate) -> Seen {
        Seen { tick, cpu: 0, vector: 0x30, virq: Some(24), dev_id, fate }
    }

    #[test]
    fn a_run_sees_what_came_before_it_and_of_its_own_queue() {
        let mut h = Handlers::default();
        h.event(1, 10);
        h.event(1, 20);
        h.event(2, 15);
        h.event(1, 31);
        let ids: Vec<u64> = h.taken(&run(1, 30, Fate::Handled)).iter().map(|e| e.id).collect();
        assert_eq!(ids, [1, 2]);
        assert_eq!((h.seen, h.waiting()), (2, 2));
        assert!(h.balances());
    }

    #[test]
    fn what_nobody_handles_sees_nothing() {
        let mut h = Handlers::default();
        h.event(1, 10);
        assert!(h.taken(&run(1, 30, Fate::Unhandled)).is_empty());
        assert!(h.taken(&run(0, 30, Fate::Nobody)).is_empty());
        assert_eq!((h.unhandled, h.nobody, h.seen), (1, 1, 0));
        assert!(h.give_up(9).is_empty());
        assert_eq!(h.give_up(10).len(), 1);
        assert_eq!((h.lost, h.waiting()), (1, 0));
        assert!(h.balances());
    }
}
