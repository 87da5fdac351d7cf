// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A whole kernel on the machine, and drivers that make its calls: each function of each endpoint, physical or virtual, has
//! its domains, each interrupt its own vector and handler.
//!
//! The endpoint's unit is found by the device scopes, as software on real machines finds it. MSI-X vectors and slots of IMS
//! live beside each other; slots stand in the device or in host memory. While interrupts fly from all of them, vectors
//! move, processors go and come, interrupts are freed and allocated, disabled and enabled, entries rewritten and
//! flushed, each by the kernel's own call.

mod changes;
mod events;
mod lines;
mod machine;
mod open;
mod work;

use super::net::Net;
use super::software::Software;
use crate::finding::Kind;
use anyhow::{Result, anyhow};
use host_model::domain::Errno;
use host_model::domain::remap::DomainError;
use host_model::domain::vector::Virq;
use host_model::kernel::{DevId, Fate, Kernel};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use tlp::Tick;
use vectors::op::Source;
use vectors::topology::{Topology, What};

/// Where the message of an interrupt stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Store {
    Msix,
    Slot,
    HostSlot,
}

/// An interrupt of a driver.
#[derive(Clone, Debug)]
struct Line {
    endpoint: usize,
    vf: Option<u32>,
    dev: DevId,
    store: Store,
    /// Index of the descriptor; that of an IMS interrupt can change when it is allocated again.
    index: u32,
    virq: Virq,
    /// Allocated and requested.
    live: bool,
    /// Disabled by its driver.
    disabled: bool,
}

impl Line {
    fn source(&self) -> Source {
        let k = self.index;
        match (self.store, self.vf) {
            (Store::Msix, None) => Source::Msix(k),
            (Store::Msix, Some(vf)) => Source::VfMsix { vf, k },
            (Store::Slot, None) => Source::Device(k),
            (Store::Slot, Some(vf)) => Source::VfDevice { vf, k },
            (Store::HostSlot, _) => Source::Host(k),
        }
    }
}

/// The software.
pub struct Calls {
    kernel: Kernel,
    units: usize,
    lines: Vec<Line>,
    by_source: BTreeMap<(usize, Source), usize>,
    /// Work queues.
    workers: Vec<work::Worker>,
    /// Endpoints that signal by INTx, and the events that each has.
    on_lines: Vec<usize>,
    events: Vec<u32>,
    offline: Vec<usize>,
    did: BTreeMap<&'static str, u64>,
    random: ChaCha8Rng,
    /// When a handler of each line ran last, and when something of it arrived last.
    heard: Vec<Option<Tick>>,
    arrived: Vec<Option<Tick>>,
    cleaned: Tick,
}

/// Handlers of lines have the number of their endpoint and this.
const LINE_HANDLER: u64 = 1 << 32;

/// Handlers are known by the number of their line, from 1.
fn handler(line: usize) -> u64 {
    line as u64 + 1
}

impl Calls {
    fn note(&mut self, what: &'static str) {
        *self.did.entry(what).or_default() += 1;
    }

    /// One call of a driver. When it has returned, every entry that it changed is flushed and every slot in host memory that it
    /// changed is the device's; what processors took meanwhile has been handled.
    fn call<T>(
        &mut self,
        net: &mut Net,
        act: impl FnOnce(&mut Kernel, &mut Net) -> std::result::Result<T, DomainError>,
    ) -> Result<std::result::Result<T, Errno>> {
        let result = act(&mut self.kernel, net);
        for (unit, targets) in net.targets.iter_mut().enumerate() {
            targets.flushed(0, u32::MAX, net.queue_marks[unit]);
        }
        for e in &mut net.endpoints {
            e.device.invalidations_done();
        }
        let result = match result {
            Ok(value) => Ok(value),
            Err(DomainError::Errno(errno)) => Err(errno),
            Err(DomainError::Bus(error)) => return Err(error.into()),
            Err(error) => return Err(error.into()),
        };
        self.hear(net)?;
        Ok(result)
    }

    /// What processors took, what arrived, what the kernel's log says.
    fn hear(&mut self, net: &mut Net) -> Result<()> {
        self.kernel.poll(net)?;
        for a in net.arrived.drain(..) {
            if let Some(line) = self.by_source.get(&(a.endpoint, a.source)) {
                self.arrived[*line] = Some(a.tick);
            }
        }
        for seen in self.kernel.take_seen() {
            let line = seen.virq.and_then(|virq| self.lines.iter().position(|l| l.live && l.virq == virq));
            match (seen.fate, line) {
                (Fate::Handled, _) if seen.dev_id < LINE_HANDLER => {
                    self.heard[seen.dev_id as usize - 1] = Some(seen.tick);
                }
                (Fate::Handled, _) => {}
                // It waits until its driver enables it.
                (Fate::Unhandled, Some(line)) if self.lines[line].disabled => {
                    *self.did.entry("arrived while disabled").or_default() += 1;
                }
                (fate, _) => {
                    let text = format!("processor {} took vector {:#x}: {fate:?}, {seen:?}", seen.cpu, seen.vector);
                    net.find("spurious_vector", Kind::Safety, text);
                }
            }
        }
        for warning in self.kernel.take_warnings() {
            net.find("kernel_warning", Kind::Software, format!("the kernel warns: {warning:?}"));
        }
        Ok(())
    }
}

impl Software for Calls {
    fn window(&mut self, net: &mut Net) -> Result<()> {
        if let Err(stop) = net.window() {
            let error = anyhow!("{stop:?}");
            net.stop.get_or_insert(stop);
            return Err(error);
        }
        self.hear(net)?;
        self.serve_lines(net)?;
        if net.now() >= self.cleaned + 4096 {
            self.cleaned = net.now();
            self.kernel.cleanup(net)?;
        }
        Ok(())
    }

    fn change(&mut self, net: &mut Net, t: &Topology) -> Result<()> {
        self.draw(net, t)
    }

    fn happen(&mut self, net: &mut Net, t: &Topology, what: &What) -> Result<()> {
        self.happens(net, t, what)
    }

    fn open_rest(&mut self, net: &mut Net) -> Result<()> {
        self.open_all(net)
    }

    fn unheard(&mut self, net: &mut Net) -> Result<Vec<String>> {
        self.hear(net)?;
        // Lines that have just risen are still to be served.
        for _ in 0..16 * self.on_lines.len().min(1) {
            self.window(net)?;
        }
        let late = |n: &usize| self.arrived[*n].is_some_and(|at| self.heard[*n].is_none_or(|heard| heard < at));
        let text = |n: usize| {
            let (line, at) = (&self.lines[n], self.arrived[n]);
            let name = &net.endpoints[line.endpoint].name;
            format!(
                "{:?} of {name} arrived at tick {at:?}; no handler of interrupt {} ran after that",
                line.source(),
                line.virq
            )
        };
        let mut unheard: Vec<String> = (0..self.lines.len()).filter(late).map(text).collect();
        for n in &self.on_lines {
            let e = &net.endpoints[*n];
            if e.device.ledger.events.intx.on_the_link() {
                unheard.push(format!("INTA of {} stays asserted; its handler does not end it", e.name));
            }
        }
        Ok(unheard)
    }

    fn sources(&self, endpoints: usize) -> Vec<Vec<Source>> {
        let mut all = vec![Vec::new(); endpoints];
        self.lines.iter().for_each(|line| all[line.endpoint].push(line.source()));
        for n in &self.on_lines {
            all[*n].extend((0..self.events[*n]).map(Source::Event));
        }
        all
    }

    fn interrupts(&self) -> usize {
        self.lines.len() + self.on_lines.len()
    }

    fn did(&self) -> &BTreeMap<&'static str, u64> {
        &self.did
    }
}
