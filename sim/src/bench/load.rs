// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Queues that raise interrupts, each its next one only when its handler has run for the last.
//!
//! So an interrupt that no handler saw cannot hide behind a later one of its queue: the queue stands still until a
//! watchdog gives it up, as a driver's timeout would. Half of the queues signal by events of the function, which go to
//! INTx while MSI-X is off; the others raise their MSI-X vector directly, whose pending bit stays.

use super::world::World;
use host_model::domain::matrix::Place;
use host_model::driver::{Bus, BusError};
use host_model::kernel::{DevId, Machine, Taken};
use host_model::rc::{Digests, LinkSettings};
use rand::RngExt;
use std::collections::BTreeSet;
use tlp::{CauseOp, Tick};
use vectors::op::Source;

/// Where a queue is in its round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Round {
    /// Not in use.
    Off,
    /// Its next interrupt is scheduled.
    Scheduled,
    /// Raised; no handler has seen it yet.
    Raised,
}

/// A queue.
#[derive(Clone, Copy, Debug)]
pub struct Queue {
    /// What it raises.
    pub source: Source,
    /// Where it is.
    pub round: Round,
}

/// The queues. Queue `q` has handler `q + 1`.
#[derive(Debug)]
pub struct Load {
    /// The queues.
    pub queues: Vec<Queue>,
    due: BTreeSet<(Tick, usize)>,
    /// Interrupts that are still to be raised.
    pub left: u64,
    /// Longest pause of a queue between a handler and its next interrupt.
    gap: u64,
}

impl Load {
    /// `count` queues that are off; `events` interrupts in all.
    pub fn new(sources: Vec<Source>, events: u64, gap: u64) -> Self {
        let queues = sources.into_iter().map(|source| Queue { source, round: Round::Off }).collect();
        Self { queues, due: BTreeSet::new(), left: events, gap }
    }

    /// Schedules a queue's next interrupt, if there is to be one.
    pub fn schedule(&mut self, world: &mut World, q: usize) {
        if self.left == 0 {
            self.queues[q].round = Round::Off;
            return;
        }
        self.left -= 1;
        let at = world.now() + world.rng.random_range(1..=self.gap);
        self.due.insert((at, q));
        self.queues[q].round = Round::Scheduled;
    }

    /// A queue goes out of use; what was scheduled and not raised yet is not raised.
    pub fn stop(&mut self, q: usize) {
        if self.queues[q].round == Round::Scheduled {
            self.due.retain(|(_, other)| *other != q);
            self.left += 1;
        }
        if self.queues[q].round != Round::Raised {
            self.queues[q].round = Round::Off;
        }
    }

    /// Raises what is due.
    pub fn pump(&mut self, world: &mut World) {
        let now = world.now();
        while let Some(&(at, q)) = self.due.first().filter(|(at, _)| *at <= now) {
            self.due.remove(&(at, q));
            self.queues[q].round = Round::Raised;
            world.raise(CauseOp::Raise, self.queues[q].source, now);
        }
    }

    /// Nothing is raised or scheduled.
    pub fn is_idle(&self) -> bool {
        self.queues.iter().all(|q| q.round == Round::Off)
    }
}

/// The machine under this load: interrupts are raised between any two accesses of a call.
pub struct Loaded<'a> {
    /// The machine.
    pub world: &'a mut World,
    /// The load.
    pub load: &'a mut Load,
}

impl Machine for Loaded<'_> {
    fn bus(&mut self, _dev: DevId) -> &mut dyn Bus {
        self
    }

    fn taken(&mut self) -> Vec<Taken> {
        self.world.taken()
    }

    fn is_pending(&self, at: Place) -> bool {
        self.world.is_pending(at)
    }

    fn in_service(&self, at: Place) -> bool {
        self.world.in_service(at)
    }

    fn retrigger(&mut self, at: Place) {
        self.world.retrigger(at);
    }

    fn line(&self, dev: DevId) -> bool {
        self.world.line(dev)
    }
}

impl Loaded<'_> {
    fn with<T>(&mut self, access: impl FnOnce(&mut World) -> T) -> T {
        self.load.pump(self.world);
        access(self.world)
    }
}

impl Bus for Loaded<'_> {
    fn cfg_read(&mut self, reg: u16, len: u8) -> Result<u32, BusError> {
        self.with(|w| w.cfg_read(reg, len))
    }

    fn cfg_write(&mut self, reg: u16, len: u8, value: u32) -> Result<(), BusError> {
        self.with(|w| w.cfg_write(reg, len, value))
    }

    fn mem_read(&mut self, addr: u64, len: u8) -> Result<u64, BusError> {
        self.with(|w| w.mem_read(addr, len))
    }

    fn mem_write(&mut self, addr: u64, len: u8, value: u64) -> Result<(), BusError> {
        self.with(|w| w.mem_write(addr, len, value))
    }

    fn dram_read(&mut self, addr: u64, buf: &mut [u8]) -> Result<(), BusError> {
        self.with(|w| Bus::dram_read(w, addr, buf))
    }

    fn dram_write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), BusError> {
        self.with(|w| Bus::dram_write(w, addr, bytes))
    }

    fn vtd_read(&mut self, offset: u32, bytes: u8) -> Result<u64, BusError> {
        self.with(|w| w.vtd_read(offset, bytes))
    }

    fn vtd_write(&mut self, offset: u32, bytes: u8, value: u64) -> Result<(), BusError> {
        self.with(|w| w.vtd_write(offset, bytes, value))
    }

    fn wait(&mut self, cycles: u64) -> Result<(), BusError> {
        self.with(|w| Bus::wait(w, cycles))
    }

    fn set_link(&mut self, link: LinkSettings) -> Result<(), BusError> {
        self.world.set_link(link)
    }

    fn set_digests(&mut self, digests: Digests) -> Result<(), BusError> {
        self.world.set_digests(digests)
    }
}
