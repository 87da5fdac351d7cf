// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Random life of a vector domain with interrupts in flight: a machine that tests and figures run.
//!
//! Each step does one thing that a kernel, a device or an operator can do. After it the domain's own invariants are
//! checked ([`VectorDomain::check`]), and that no interrupt is lost: what has been raised and not been served is pending at
//! a place where its own handler is installed. Devices send to where their message says, which follows a move some steps
//! later.

use super::matrix::Place;
use super::vector::{AllocInfo, Contiguous, Handled, VectorDomain, Virq};
use super::{CpuSet, Errno, VectorLayout};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};

/// What a step can be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Step {
    Alloc,
    Free,
    Activate,
    Deactivate,
    Move,
    ChangeMessage,
    Raise,
    Serve,
    Timer,
    Offline,
    Online,
}

const STEPS: [(Step, u32, &str); 11] = [
    (Step::Alloc, 12, "allocate"),
    (Step::Free, 8, "free"),
    (Step::Activate, 12, "activate"),
    (Step::Deactivate, 4, "deactivate"),
    (Step::Move, 16, "move to another CPU"),
    (Step::ChangeMessage, 16, "change the message"),
    (Step::Raise, 30, "raise"),
    (Step::Serve, 30, "serve"),
    (Step::Timer, 12, "clean up"),
    (Step::Offline, 2, "unplug a CPU"),
    (Step::Online, 2, "plug a CPU in"),
];

/// An allocation, as the driver side knows it.
#[derive(Clone, Debug)]
struct Owner {
    count: u32,
    block: bool,
    active: bool,
}

/// The machine.
#[derive(Clone, Debug)]
pub struct Churn {
    domain: VectorDomain,
    cpus: usize,
    random: ChaCha8Rng,
    owners: BTreeMap<Virq, Owner>,
    /// Where each interrupt's device sends to; none while it is not started.
    messages: BTreeMap<Virq, Place>,
    /// IRR bits.
    pending: BTreeSet<Place>,
    /// Raised and not served.
    owed: BTreeSet<Virq>,
    counts: BTreeMap<Step, u64>,
    steps: u64,
}

impl Churn {
    /// A machine with `cpus` CPUs, all online; blocks are allocated.
    ///
    /// # Panics
    /// Without a CPU, or with more than 256.
    pub fn new(seed: u64, cpus: usize) -> Self {
        let mut domain = VectorDomain::new(cpus, VectorLayout::LINUX_6_10, Contiguous::Blocks).expect("1 to 256 CPUs");
        (1..cpus).for_each(|cpu| {
            domain.online_cpu(cpu).expect("it was offline");
        });
        Self {
            domain,
            cpus,
            random: ChaCha8Rng::seed_from_u64(seed),
            owners: BTreeMap::new(),
            messages: BTreeMap::new(),
            pending: BTreeSet::new(),
            owed: BTreeSet::new(),
            counts: BTreeMap::new(),
            steps: 0,
        }
    }

    /// How often each kind of step has done something.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        STEPS.iter().map(|(step, _, name)| (*name, self.counts.get(step).copied().unwrap_or(0))).collect()
    }

    /// Does something and checks everything.
    ///
    /// # Errors
    /// What is wrong, and in which step.
    pub fn step(&mut self) -> Result<(), String> {
        let total: u32 = STEPS.iter().map(|s| s.1).sum();
        let mut pick = self.random.random_range(0..total);
        let step = STEPS
            .iter()
            .find(|s| {
                let here = pick < s.1;
                pick = pick.saturating_sub(s.1);
                here
            })
            .expect("below the total")
            .0;
        self.steps += 1;
        let number = self.steps;
        let context = |e: String| format!("step {number}, {step:?}: {e}");
        let done = match step {
            Step::Alloc => self.alloc(),
            Step::Free => self.free(),
            Step::Activate => self.activate(),
            Step::Deactivate => self.deactivate(),
            Step::Move => self.set_affinity(),
            Step::ChangeMessage => Ok(self.change_message()),
            Step::Raise => Ok(self.raise()),
            Step::Serve => self.serve(),
            Step::Timer => Ok(self.timer()),
            Step::Offline => self.offline(),
            Step::Online => self.online(),
        };
        if done.map_err(context)? {
            *self.counts.entry(step).or_default() += 1;
        }
        self.domain.check().and_then(|()| self.none_lost()).map_err(context)
    }

    fn none_lost(&self) -> Result<(), String> {
        for irq in &self.owed {
            let there = self.domain.places(*irq).any(|at| self.pending.contains(&at));
            if !there {
                return Err(format!("interrupt {irq} was raised and is pending nowhere"));
            }
        }
        Ok(())
    }

    fn mask(&mut self) -> CpuSet {
        let width = self.random.random_range(1..=self.cpus.min(4));
        (0..width).map(|_| self.random.random_range(0..self.cpus)).collect()
    }

    fn owner(&mut self) -> Option<Virq> {
        let at = self.random.random_range(0..self.owners.len().max(1));
        self.owners.keys().nth(at).copied()
    }

    fn irq(&mut self) -> Option<Virq> {
        let first = self.owner()?;
        let count = self.owners[&first].count;
        Some(first + self.random.random_range(0..count))
    }

    fn alloc(&mut self) -> Result<bool, String> {
        let first = 32 * self.random.random_range(1..400u32);
        let info = AllocInfo {
            mask: self.random.random_bool(0.6).then(|| self.mask()),
            managed: self.random.random_bool(0.2),
            contiguous: self.random.random_bool(0.3),
        };
        let count = self.random.random_range(1..=if info.contiguous { 32 } else { 8 });
        let before = (self.domain.matrix().allocated(), self.domain.matrix().reserved());
        match self.domain.alloc_irqs(first, count, &info) {
            Ok(()) => {
                self.owners.insert(first, Owner { count, block: info.contiguous && count > 1, active: false });
                Ok(true)
            }
            Err(Errno::Eexist | Errno::Enospc | Errno::Einval) => {
                let after = (self.domain.matrix().allocated(), self.domain.matrix().reserved());
                (before == after)
                    .then_some(false)
                    .ok_or_else(|| format!("a refused allocation left {after:?} of {before:?}"))
            }
            Err(e) => Err(format!("{e}")),
        }
    }

    /// The driver frees what it no longer uses: stopped before, so nothing of it is owed any more.
    fn stop(&mut self, first: Virq) {
        let count = self.owners[&first].count;
        for irq in first..first + count {
            self.messages.remove(&irq);
            self.owed.remove(&irq);
            let places: Vec<Place> = self.domain.places(irq).collect();
            places.iter().for_each(|at| {
                self.pending.remove(at);
            });
        }
    }

    fn free(&mut self) -> Result<bool, String> {
        let Some(first) = self.owner() else { return Ok(false) };
        self.stop(first);
        let owner = self.owners.remove(&first).expect("just found");
        self.domain.free_irqs(first, owner.count).map_err(|e| format!("{e}"))?;
        Ok(true)
    }

    fn activate(&mut self) -> Result<bool, String> {
        let Some(first) = self.owner() else { return Ok(false) };
        let owner = self.owners[&first].clone();
        let reserve = self.random.random_bool(0.2);
        let groups = if owner.block { 1 } else { owner.count };
        for irq in first..first + groups {
            match self.domain.activate(irq, reserve) {
                Ok(()) => {}
                Err(Errno::Enospc) => return Ok(false),
                Err(e) => return Err(format!("{e}")),
            }
        }
        self.owners.get_mut(&first).expect("just found").active = true;
        self.start(first);
        Ok(true)
    }

    /// Messages of started interrupts name their targets.
    fn start(&mut self, first: Virq) {
        let owner = &self.owners[&first];
        if !owner.active {
            return;
        }
        for irq in first..first + owner.count {
            let target = self.domain.target(irq).expect("exists");
            if target.real && self.domain.previous(irq).is_none() {
                self.messages.insert(irq, Place { cpu: target.cpu, vector: target.vector });
            }
        }
    }

    fn deactivate(&mut self) -> Result<bool, String> {
        let Some(first) = self.owner().filter(|first| self.owners[first].active) else { return Ok(false) };
        self.stop(first);
        let owner = self.owners.get_mut(&first).expect("just found");
        owner.active = false;
        let groups = if owner.block { 1 } else { owner.count };
        for irq in first..first + groups {
            self.domain.deactivate(irq).map_err(|e| format!("{e}"))?;
        }
        Ok(true)
    }

    fn set_affinity(&mut self) -> Result<bool, String> {
        let Some(irq) = self.irq() else { return Ok(false) };
        let mask = self.mask();
        let before = (self.domain.target(irq), self.domain.affinity(irq), self.domain.previous(irq));
        match self.domain.set_affinity(irq, &mask) {
            Ok(()) => Ok(true),
            Err(Errno::Ebusy | Errno::Einval | Errno::Enospc) => {
                let after = (self.domain.target(irq), self.domain.affinity(irq), self.domain.previous(irq));
                (before == after).then_some(false).ok_or_else(|| "a refused move left traces".into())
            }
            Err(e) => Err(format!("{e}")),
        }
    }

    /// The device of an interrupt that moves learns of its new place.
    fn change_message(&mut self) -> bool {
        let moving: Vec<Virq> =
            self.owners.keys().copied().filter(|first| self.domain.previous(*first).is_some()).collect();
        if moving.is_empty() {
            return false;
        }
        let first = moving[self.random.random_range(0..moving.len())];
        let owner = self.owners[&first].clone();
        for irq in first..first + owner.count {
            let target = self.domain.target(irq).expect("exists");
            if self.messages.contains_key(&irq) && target.real {
                self.messages.insert(irq, Place { cpu: target.cpu, vector: target.vector });
            }
        }
        if owner.block {
            self.domain.message_changed(first).expect("exists");
        }
        true
    }

    fn raise(&mut self) -> bool {
        let at = self.random.random_range(0..self.messages.len().max(1));
        let Some((irq, at)) = self.messages.iter().nth(at).map(|(irq, at)| (*irq, *at)) else { return false };
        self.pending.insert(at);
        self.owed.insert(irq);
        true
    }

    /// A CPU takes its highest pending vector.
    fn serve(&mut self) -> Result<bool, String> {
        let cpu = self.random.random_range(0..self.cpus);
        let Some(at) = self.pending.iter().copied().filter(|at| at.cpu == cpu).max_by_key(|at| at.vector) else {
            return Ok(false);
        };
        self.pending.remove(&at);
        match self.domain.handle(at) {
            Handled::Irq { irq, .. } => {
                // One service answers all that was raised, if nothing else of it is pending.
                if !self.domain.places(irq).any(|at| self.pending.contains(&at)) {
                    self.owed.remove(&irq);
                }
                Ok(true)
            }
            other => Err(format!("{at:?} was raised by an interrupt and found {other:?}")),
        }
    }

    fn timer(&mut self) -> bool {
        let cpus: Vec<usize> = self.domain.cleanups().map(|(cpu, _)| cpu).collect();
        if cpus.is_empty() {
            return false;
        }
        let cpu = cpus[self.random.random_range(0..cpus.len())];
        let pending = &self.pending;
        self.domain.cleanup_timer(cpu, &|at| pending.contains(&at)) > 0
    }

    fn offline(&mut self) -> Result<bool, String> {
        let cpu = self.random.random_range(0..self.cpus);
        let pending = &self.pending;
        match self.domain.offline_cpu(cpu, &|at| pending.contains(&at)) {
            Ok(again) => {
                self.pending.retain(|at| at.cpu != cpu);
                let firsts: Vec<Virq> = self.owners.keys().copied().collect();
                // The kernel has rewritten the messages of what it moved; what is shut down is masked.
                let shut: Vec<Virq> =
                    self.messages.keys().copied().filter(|irq| self.domain.is_shut_down(*irq)).collect();
                for irq in shut {
                    self.messages.remove(&irq);
                    self.owed.remove(&irq);
                }
                firsts.into_iter().for_each(|first| self.start_moved(first));
                self.pending.extend(again.iter().map(|r| r.at));
                Ok(true)
            }
            Err(Errno::Einval | Errno::Enospc) => Ok(false),
            Err(e) => Err(format!("{e}")),
        }
    }

    /// Messages that name a place which is no longer the interrupt's are rewritten.
    fn start_moved(&mut self, first: Virq) {
        for irq in first..first + self.owners[&first].count {
            let Some(at) = self.messages.get(&irq) else { continue };
            let target = self.domain.target(irq).expect("exists");
            let here = Place { cpu: target.cpu, vector: target.vector };
            if here == *at || self.domain.previous(irq) == Some(*at) {
                continue;
            }
            self.messages.insert(irq, here);
        }
    }

    fn online(&mut self) -> Result<bool, String> {
        let cpu = self.random.random_range(0..self.cpus);
        match self.domain.online_cpu(cpu) {
            Ok(_) => {
                let firsts: Vec<Virq> = self.owners.keys().copied().collect();
                firsts.into_iter().for_each(|first| self.start(first));
                Ok(true)
            }
            Err(Errno::Einval) => Ok(false),
            Err(e) => Err(format!("{e}")),
        }
    }
}
