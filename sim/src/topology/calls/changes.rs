// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What drivers and the kernel do while interrupts fly: each by its call.

use super::open::cookie;
use super::{Calls, Store, handler};
use crate::topology::net::Net;
use crate::topology::software::Software;
use anyhow::{Result, anyhow, ensure};
use host_model::domain::{CpuSet, Errno};
use host_model::kernel::MsiMap;
use rand::RngExt;
use tlp::Tick;
use vectors::topology::Topology;

/// Ticks in which a cause that was raised has become an arrival, and its handler has run.
const QUIET: Tick = 1_500;

impl Calls {
    pub(super) fn draw(&mut self, net: &mut Net, t: &Topology) -> Result<()> {
        let w = &t.storm.software;
        if w.total() == 0 {
            return Ok(());
        }
        let mut draw = self.random.random_range(0..w.total());
        for (k, weight) in [w.affinity, w.dynamic, w.hotplug, w.mask, w.flush, w.work].into_iter().enumerate() {
            if draw >= weight {
                draw -= weight;
                continue;
            }
            return match k {
                0 => self.move_one(net),
                1 => self.allocate_or_free(net),
                2 => self.hotplug(net, t.host.cpus as usize),
                3 => self.disable_or_enable(net),
                4 => self.flush_or_rewrite(net),
                _ => self.work(net),
            };
        }
        Ok(())
    }

    fn any_live(&mut self, net: &Net) -> Option<usize> {
        for _ in 0..16 {
            let n = self.random.random_range(0..self.lines.len());
            let line = &self.lines[n];
            if line.live && !net.endpoints[line.endpoint].dead {
                return Some(n);
            }
        }
        None
    }

    /// irq_set_affinity.
    fn move_one(&mut self, net: &mut Net) -> Result<()> {
        let Some(n) = self.any_live(net) else { return Ok(()) };
        let online: Vec<usize> = self.kernel.root.vectors.online_cpus().iter().collect();
        let mask: CpuSet = (0..2).map(|_| online[self.random.random_range(0..online.len())]).collect();
        let virq = self.lines[n].virq;
        match self.call(net, |k, m| k.set_affinity(m, virq, &mask))? {
            Ok(()) => self.note("affinity"),
            Err(Errno::Enospc) => self.note("affinity, no vector"),
            Err(errno) => return Err(anyhow!("irq_set_affinity: {errno}")),
        }
        Ok(())
    }

    fn allocate_or_free(&mut self, net: &mut Net) -> Result<()> {
        let freed: Vec<usize> = (0..self.lines.len()).filter(|n| !self.lines[*n].live).collect();
        let again = freed.len() * 8 > self.lines.len() || self.random.random();
        if !freed.is_empty() && again {
            let n = freed[self.random.random_range(0..freed.len())];
            return self.allocate(net, n);
        }
        match self.any_live(net) {
            Some(n) => self.free(net, n),
            None => Ok(()),
        }
    }

    /// The driver brings its queue to rest, then free_irq and pci_msix_free_irq or pci_ims_free_irq.
    fn free(&mut self, net: &mut Net, n: usize) -> Result<()> {
        self.enable(net, n)?;
        let line = self.lines[n].clone();
        net.traffic.rest(line.endpoint, line.source(), true);
        let until = net.now() + QUIET;
        while net.now() < until {
            self.window(net)?;
        }
        self.call(net, |k, m| k.free_irq(m, line.virq, handler(n)))??;
        let map = MsiMap { index: line.index, virq: line.virq };
        match line.store {
            Store::Msix => self.call(net, |k, m| k.msix_free_irq(m, line.dev, map))??,
            Store::Slot | Store::HostSlot => self.call(net, |k, m| k.ims_free_irq(m, line.dev, map))??,
        }
        self.lines[n].live = false;
        self.note(match line.store {
            Store::Msix => "free",
            Store::Slot => "free, slot",
            Store::HostSlot => "free, host slot",
        });
        // A cause of a source that nobody has stays pending until somebody does.
        net.traffic.rest(line.endpoint, line.source(), false);
        Ok(())
    }

    /// pci_msix_alloc_irq_at, at its old index, or pci_ims_alloc_irq, at the lowest; then request_irq.
    fn allocate(&mut self, net: &mut Net, n: usize) -> Result<()> {
        let line = self.lines[n].clone();
        let got = match line.store {
            Store::Msix => self.call(net, |k, m| k.msix_alloc_irq_at(m, line.dev, Some(line.index), None))?,
            _ => self.call(net, |k, m| k.ims_alloc_irq(m, line.dev, Some(cookie(line.index)), None))?,
        };
        let map = match got {
            Ok(map) => map,
            Err(Errno::Enospc) => {
                self.note("allocate, no vector");
                return Ok(());
            }
            Err(errno) => return Err(anyhow!("allocating an interrupt: {errno}")),
        };
        if map.index != line.index {
            // Another free line had this index: they change places.
            let other = (0..self.lines.len()).find(|o| {
                let l = &self.lines[*o];
                !l.live && l.dev == line.dev && l.store == line.store && l.index == map.index
            });
            let other = other.ok_or_else(|| anyhow!("index {} was not free", map.index))?;
            self.lines[other].index = line.index;
        }
        (self.lines[n].index, self.lines[n].virq) = (map.index, map.virq);
        self.request(net, n)?;
        self.note(match line.store {
            Store::Msix => "allocate",
            Store::Slot => "allocate, slot",
            Store::HostSlot => "allocate, host slot",
        });
        Ok(())
    }

    /// disable_irq_nosync, which leaves the source open until something arrives; later enable_irq.
    fn disable_or_enable(&mut self, net: &mut Net) -> Result<()> {
        let Some(n) = self.any_live(net) else { return Ok(()) };
        if self.lines[n].disabled {
            self.enable(net, n)?;
            self.note("unmask");
        } else {
            let virq = self.lines[n].virq;
            self.lines[n].disabled = true;
            self.call(net, |k, m| k.disable_irq_nosync(m, virq))??;
            self.note("mask");
        }
        Ok(())
    }

    /// enable_irq of an interrupt that its driver has disabled.
    fn enable(&mut self, net: &mut Net, n: usize) -> Result<()> {
        if self.lines[n].disabled {
            let virq = self.lines[n].virq;
            self.call(net, |k, m| k.enable_irq(m, virq))??;
            // What was taken before the call has come while it was disabled.
            self.lines[n].disabled = false;
        }
        Ok(())
    }

    /// Everything that a unit has cached is dropped, or one entry is written again and flushed.
    fn flush_or_rewrite(&mut self, net: &mut Net) -> Result<()> {
        if self.random.random() {
            let unit = self.random.random_range(0..self.units);
            net.select_unit(unit);
            self.call(net, |k, m| match k.unit_mut(unit) {
                Some((unit, _)) => unit.flush_all(m),
                None => Ok(()),
            })??;
            self.note("flush of a unit");
            return Ok(());
        }
        let Some(n) = self.any_live(net) else { return Ok(()) };
        let (virq, unit) = (self.lines[n].virq, net.endpoints[self.lines[n].endpoint].unit);
        net.select_unit(unit);
        self.call(net, |k, m| match k.unit_mut(unit) {
            Some((unit, root)) => unit.follow(root, m, virq).map(drop),
            None => Ok(()),
        })??;
        self.note("entry rewritten");
        Ok(())
    }

    /// A processor goes, or one that has gone comes back.
    fn hotplug(&mut self, net: &mut Net, cpus: usize) -> Result<()> {
        if !self.offline.is_empty() && (self.offline.len() > cpus / 8 || self.random.random()) {
            let k = self.random.random_range(0..self.offline.len());
            let cpu = self.offline.swap_remove(k);
            // INIT leaves a local APIC empty [SDM 11.4.7.3].
            net.host.apics_mut().init(cpu);
            net.host.apics_mut().set_online(cpu, true);
            let now = net.now();
            net.cpus.start(cpu, now, net.host.apics());
            self.call(net, |k, m| k.online_cpu(m, cpu))??;
            self.note("processor comes");
            return Ok(());
        }
        let there: Vec<usize> = self.kernel.root.vectors.online_cpus().iter().filter(|cpu| *cpu != 0).collect();
        if there.is_empty() {
            return Ok(());
        }
        let cpu = there[self.random.random_range(0..there.len())];
        net.cpus.stop(cpu);
        while net.cpus.is_busy(cpu) {
            self.window(net)?;
        }
        match self.call(net, |k, m| k.offline_cpu(m, cpu))? {
            Ok(()) => {
                net.host.apics_mut().set_online(cpu, false);
                self.offline.push(cpu);
                self.note("processor goes");
            }
            Err(Errno::Enospc) => {
                let now = net.now();
                net.cpus.start(cpu, now, net.host.apics());
                self.note("processor cannot go");
            }
            Err(errno) => return Err(anyhow!("taking a processor away: {errno}")),
        }
        Ok(())
    }

    /// Everything freed is allocated again, everything disabled enabled.
    pub(super) fn open_all(&mut self, net: &mut Net) -> Result<()> {
        for n in 0..self.lines.len() {
            if net.endpoints[self.lines[n].endpoint].dead {
                continue;
            }
            if !self.lines[n].live {
                self.allocate(net, n)?;
                ensure!(self.lines[n].live, "no vector for interrupt {n} at the end");
            }
            self.enable(net, n)?;
        }
        self.finish_work(net)
    }
}
