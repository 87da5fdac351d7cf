// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Queued invalidation [VT-d 6.5.2]: fetch, order, completion, errors.

use super::descriptor::{self, Command, WaitDescriptor};
use super::event::Event;
use super::regs::Iqa;
use super::{QueueError, Vtd};
use crate::mem::HostMemory;
use crate::remap::RemapEffect;
use std::collections::{BTreeSet, VecDeque};
use tlp::Tick;

/// A wait descriptor that has been fetched and is not complete.
#[derive(Clone, Debug)]
struct PendingWait {
    descriptor: WaitDescriptor,
    /// Flights that have to leave first.
    flights: BTreeSet<u64>,
}

/// The queue's registers and what it has under way.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub enabled: bool,
    pub address: Iqa,
    pub head: u32,
    pub tail: u32,
    pub error: Option<QueueError>,
    /// ICS.IWC: a wait with IF has completed.
    pub wait_complete: bool,
    pub event: Event,
    waits: VecDeque<PendingWait>,
    /// Flights that used an entry invalidated since: the next wait waits for them.
    draining: BTreeSet<u64>,
    /// No descriptor is fetched before this tick.
    ready: Tick,
}

impl Queue {
    pub fn new() -> Self {
        Self {
            enabled: false,
            address: Iqa::new(),
            head: 0,
            tail: 0,
            error: None,
            wait_complete: false,
            event: Event::new(),
            waits: VecDeque::new(),
            draining: BTreeSet::new(),
            ready: 0,
        }
    }

    /// QIE changes. The head is 0 whenever the queue is off [VT-d 11.4.9.1].
    ///
    /// Waits that were fetched complete nevertheless; descriptors that were not
    /// are never executed.
    pub fn enable(&mut self, on: bool, now: Tick) {
        if self.enabled != on {
            self.enabled = on;
            self.head = 0;
            self.ready = now;
        }
    }

    /// A flight has left the unit.
    pub fn landed(&mut self, flight: u64) {
        self.draining.remove(&flight);
        for wait in &mut self.waits {
            wait.flights.remove(&flight);
        }
    }

    /// The tail register is legal; checked whenever the queue would fetch.
    fn check_tail(&self) -> Result<(), QueueError> {
        if self.tail >= self.address.bytes() {
            Err(QueueError::InvalidTail)
        } else if self.tail & (self.address.step() - 1) != 0 {
            Err(QueueError::TailAlignment)
        } else {
            Ok(())
        }
    }

    /// When the next descriptor can be fetched; `None`: nothing to fetch, or something in the way.
    pub fn next_due(&self, stopped: bool) -> Option<Tick> {
        let fenced = self.waits.iter().any(|w| w.descriptor.fence());
        (self.enabled && !stopped && !fenced && self.head != self.tail).then_some(self.ready)
    }

    fn fetch(&self, translates: bool, mem: &HostMemory) -> Result<Command, QueueError> {
        self.check_tail()?;
        // In one read of the whole descriptor, which may lie at the very end of the address space.
        let at = self.address.base().checked_add(u64::from(self.head)).ok_or(QueueError::Fetch)?;
        let mut bytes = [0; 32];
        mem.read(at, &mut bytes[..self.address.step() as usize]).map_err(|_| QueueError::Fetch)?;
        let half = |from: usize| u128::from_le_bytes(std::array::from_fn(|i| bytes[from + i]));
        descriptor::decode(half(0), half(16), translates)
    }
}

impl Vtd {
    /// Completes waits and executes descriptors as far as possible at `now`.
    pub(super) fn run_queue(&mut self, now: Tick, mem: &mut HostMemory, out: &mut Vec<RemapEffect>) {
        loop {
            self.complete_waits(mem, out);
            match self.queue.next_due(self.faults.queue_error()) {
                Some(due) if due <= now => {}
                _ => return,
            }
            let command = match self.queue.fetch(self.dma.is_some(), mem) {
                Ok(command) => command,
                Err(error) => {
                    self.queue.error = Some(error);
                    self.faults.raise_queue_error();
                    out.push(RemapEffect::QueueStopped { head: self.queue.head, error });
                    return;
                }
            };
            self.queue.head = (self.queue.head + self.queue.address.step()) % self.queue.address.bytes();
            self.queue.ready = now + self.config.descriptor_ticks;
            match command {
                Command::Entries { first, last } => {
                    self.cache.invalidate(first, last);
                    self.queue.draining.extend(self.path.those(|f| f.used(first, last)));
                    out.push(RemapEffect::EntriesInvalidated { first, last });
                }
                Command::Wait(descriptor) => {
                    let flights = self.queue.draining.clone();
                    self.queue.waits.push_back(PendingWait { descriptor, flights });
                }
                Command::Translations { what, drain } => {
                    if let Some(dma) = &mut self.dma {
                        dma.invalidate(&what);
                        out.push(RemapEffect::TranslationsInvalidated { drain });
                    }
                }
                Command::Other => {}
            }
        }
    }

    /// Waits complete in the order of the queue: each stands behind all before it.
    fn complete_waits(&mut self, mem: &mut HostMemory, out: &mut Vec<RemapEffect>) {
        while self.queue.waits.front().is_some_and(|w| w.flights.is_empty()) {
            let Some(PendingWait { descriptor: d, .. }) = self.queue.waits.pop_front() else { return };
            if d.status_write() {
                let (address, data) = (d.address_63_2() << 2, d.data());
                // A posted write: nobody learns that no memory answered.
                let written = mem.write_u32(address, data).is_ok();
                out.push(RemapEffect::StatusWrite { address, data, written });
            }
            if d.interrupt() && !self.queue.wait_complete {
                self.queue.wait_complete = true;
                self.queue.event.raise();
            }
            if let Some(message) = self.queue.event.take() {
                out.push(RemapEffect::InvalidationEvent(message));
            }
        }
    }
}
