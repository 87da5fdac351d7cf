// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Processors that take interrupts by themselves: some ticks after one has become deliverable it is
//! acknowledged, some ticks later ended.

use crate::bench::log::{Event, EventLog};
use host_model::apic::Apics;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use tlp::Tick;

/// An interrupt was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Take {
    /// Processor.
    pub cpu: usize,
    /// Vector.
    pub vector: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Nothing to do.
    Idle,
    /// About to take an interrupt.
    Taking,
    /// In a handler.
    Handling,
}

/// All processors.
pub struct Processors {
    states: Vec<State>,
    stopped: Vec<bool>,
    due: BTreeSet<(Tick, usize)>,
    /// When each took or ended an interrupt last.
    acted: Vec<Tick>,
    random: ChaCha8Rng,
    /// Interrupts taken.
    pub served: u64,
}

impl Processors {
    /// Idle ones.
    pub fn new(count: usize, seed: u64) -> Self {
        Self {
            states: vec![State::Idle; count],
            stopped: vec![false; count],
            due: BTreeSet::new(),
            acted: vec![0; count],
            random: ChaCha8Rng::seed_from_u64(seed),
            served: 0,
        }
    }

    /// Whether none has anything to do.
    pub fn is_idle(&self) -> bool {
        self.due.is_empty()
    }

    /// Whether one is inside a handler or about to be.
    pub fn is_busy(&self, cpu: usize) -> bool {
        self.states[cpu] != State::Idle
    }

    /// The processor takes no further interrupt; one that it is in, it ends.
    pub fn stop(&mut self, cpu: usize) {
        self.stopped[cpu] = true;
        if self.states[cpu] == State::Taking {
            self.states[cpu] = State::Idle;
            self.due.retain(|(_, c)| *c != cpu);
        }
    }

    /// The processor takes interrupts again.
    pub fn start(&mut self, cpu: usize, now: Tick, apics: &Apics) {
        self.stopped[cpu] = false;
        self.wake(cpu, now, apics);
    }

    /// Something may have become deliverable at a processor.
    pub fn wake(&mut self, cpu: usize, now: Tick, apics: &Apics) {
        if self.states[cpu] == State::Idle && !self.stopped[cpu] && apics.interrupt_pending(cpu).is_some() {
            self.states[cpu] = State::Taking;
            self.due.insert((now + self.random.random_range(2..30), cpu));
        }
    }

    /// When a processor took or ended an interrupt last.
    pub fn acted(&self, cpu: usize) -> Tick {
        self.acted[cpu]
    }

    /// When the next one acts.
    pub fn next_due(&self) -> Option<Tick> {
        self.due.first().map(|(tick, _)| *tick)
    }

    /// Those whose time has come act; what they took.
    pub fn step(&mut self, now: Tick, apics: &mut Apics, log: &mut EventLog) -> Vec<Take> {
        let mut taken = Vec::new();
        while let Some((_, cpu)) = self.due.first().copied().filter(|(tick, _)| *tick <= now) {
            self.due.pop_first();
            self.acted[cpu] = now;
            let was = std::mem::replace(&mut self.states[cpu], State::Idle);
            if was == State::Handling {
                apics.eoi(cpu);
                log.record(now, 0, Event::Eoi { cpu: cpu as u32 });
                self.wake(cpu, now, apics);
            } else if let Some(vector) = apics.acknowledge(cpu) {
                self.served += 1;
                log.record(now, 0, Event::Take { cpu: cpu as u32, vector });
                taken.push(Take { cpu, vector });
                self.states[cpu] = State::Handling;
                self.due.insert((now + self.random.random_range(4..40), cpu));
            }
        }
        taken
    }
}
