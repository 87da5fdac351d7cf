// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What software changes while interrupts fly: affinity, allocation, masks. Each in the order that Linux has.

use super::kernel::{Kernel, UNIT_STRIDE, UNITS};
use super::net::Net;
use anyhow::{Result, ensure};
use host_model::domain::matrix::Place;
use host_model::domain::vector::Virq;
use host_model::domain::{CpuSet, Errno};
use host_model::driver::Bus;
use rand::RngExt;
use tlp::Tick;

/// Ticks in which a processor that has something to take does (`processors.rs`: 29 at most), with much room.
const IDLE: Tick = 2_000;
/// Ticks after which even a processor that is never idle must have come to the lowest priority: more than a storm lasts.
const STARVED: Tick = 2_000_000;

impl Kernel {
    /// A live line of an endpoint that software still talks to.
    pub(super) fn any_live(&mut self, net: &Net) -> Option<Virq> {
        for _ in 0..16 {
            let virq = self.random.random_range(0..self.lines.len());
            let line = &self.lines[virq];
            let e = &net.endpoints[line.endpoint];
            if line.live && !e.dead && !e.quiet {
                return Some(virq as Virq);
            }
        }
        None
    }

    /// irq_set_affinity: another processor, the entries after it, flushed.
    pub fn move_one(&mut self, net: &mut Net) -> Result<()> {
        let Some(virq) = self.any_live(net) else { return Ok(()) };
        let online: Vec<usize> = self.domain.online_cpus().iter().collect();
        let mask: CpuSet = (0..2).map(|_| online[self.random.random_range(0..online.len())]).collect();
        self.hear(net);
        let before = self.domain.target(virq)?;
        match self.domain.set_affinity(virq, &mask) {
            Ok(()) if self.domain.target(virq)? == before => self.note("affinity, already there"),
            Ok(()) => {
                // One source of several may arrive at the new place while the entry of another is still held in the unit.
                self.rewriting = true;
                let rewritten = self.aim(net, virq).and_then(|()| self.flush(net, virq));
                self.rewriting = false;
                rewritten?;
                self.domain.message_changed(virq)?;
                self.note("affinity");
            }
            Err(Errno::Ebusy) => self.note("affinity, still moving"),
            Err(Errno::Enospc) => self.note("affinity, no vector"),
            Err(e) => return Err(e.into()),
        }
        Ok(())
    }

    /// free_irq: masked, read back, drained, its handler ended; then vector and entries go.
    pub fn free_one(&mut self, net: &mut Net) -> Result<()> {
        let Some(virq) = self.any_live(net) else { return Ok(()) };
        let line = self.lines[virq as usize].clone();
        for source in &line.sources {
            Self::set_mask(net, line.endpoint, *source, true)?;
        }
        Self::read_back(net, line.endpoint, line.sources[0])?;
        // The wait descriptor passes no request that entered the unit before it.
        self.flush(net, virq)?;
        self.synchronize(net, virq)?;
        self.domain.deactivate(virq)?;
        let unit = net.endpoints[line.endpoint].unit;
        let table = UNITS + UNIT_STRIDE * unit as u64;
        for k in 0..line.sources.len() as u64 {
            net.dram_write(table + 16 * (u64::from(line.entry) + k), &[0; 16])?;
        }
        self.flush(net, virq)?;
        self.lines[virq as usize].live = false;
        self.note("free");
        Ok(())
    }

    /// synchronize_irq: nothing of the line is pending or in service anywhere.
    ///
    /// A processor that has more to do than it can takes what has a higher priority first [SDM 11.8.3.1], for as long as that
    /// comes. One that does nothing while something is pending is stuck.
    fn synchronize(&mut self, net: &mut Net, virq: Virq) -> Result<()> {
        let begun = net.now();
        loop {
            self.hear(net);
            let apics = net.host.apics();
            let busy = |at: &Place| apics.is_requested(at.cpu, at.vector) || apics.is_in_service(at.cpu, at.vector);
            let Some(at) = self.domain.places(virq).find(busy) else { return Ok(()) };
            let idle_since = begun.max(net.cpus.acted(at.cpu));
            let (now, text) = (net.now(), format!("processor {} vector {:#x}", at.cpu, at.vector));
            ensure!(now < idle_since + IDLE, "interrupt {virq} stays pending: {text}, where nothing happens");
            ensure!(now < begun + STARVED, "interrupt {virq} stays pending: {text}, which always has others to take");
            self.window(net)?;
        }
    }

    /// A freed line is allocated again and opened.
    pub fn alloc_again(&mut self, net: &mut Net, virq: Virq) -> Result<()> {
        self.hear(net);
        match self.domain.activate(virq, false) {
            Ok(()) => {}
            Err(Errno::Enospc) => {
                self.note("allocate, no vector");
                return Ok(());
            }
            Err(e) => return Err(e.into()),
        }
        self.aim(net, virq)?;
        self.flush(net, virq)?;
        self.lines[virq as usize].live = true;
        self.lines[virq as usize].masked.clear();
        for k in 0..self.lines[virq as usize].sources.len() {
            self.program(net, virq, k)?;
        }
        let line = &self.lines[virq as usize];
        let (endpoint, source) = (line.endpoint, line.sources[0]);
        Self::read_back(net, endpoint, source)?;
        self.note("allocate");
        Ok(())
    }

    /// Lines that are free, of endpoints that software still talks to.
    pub fn freed(&self, net: &Net) -> Vec<Virq> {
        let free = |n: &usize| {
            let e = &net.endpoints[self.lines[*n].endpoint];
            !self.lines[*n].live && !e.dead && !e.quiet
        };
        (0..self.lines.len()).filter(free).map(|n| n as Virq).collect()
    }

    /// Masks a source, or opens one that was masked.
    pub fn mask_one(&mut self, net: &mut Net) -> Result<()> {
        let Some(virq) = self.any_live(net) else { return Ok(()) };
        let k = self.random.random_range(0..self.lines[virq as usize].sources.len());
        let line = &mut self.lines[virq as usize];
        let (endpoint, source) = (line.endpoint, line.sources[k]);
        let on = !line.masked.remove(&source);
        if on {
            line.masked.insert(source);
        }
        Self::set_mask(net, endpoint, source, on)?;
        Self::read_back(net, endpoint, source)?;
        self.note(if on { "mask" } else { "unmask" });
        Ok(())
    }
}
