// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Processors that leave and come back while interrupts are on their way to them (fixup_irqs).
//!
//! The order is what makes it safe: the processor stops taking interrupts; the domain moves its interrupts;
//! entries are rewritten and flushed, after which nothing more can arrive at the old places; only then the old
//! processor's IRR is read and what is pending there raised again.

use super::kernel::Kernel;
use super::net::Net;
use anyhow::Result;
use host_model::domain::Errno;
use host_model::domain::matrix::Place;
use host_model::domain::vector::Virq;
use rand::RngExt;
use std::collections::BTreeSet;

impl Kernel {
    /// A processor goes, or one that has gone comes back.
    pub fn hotplug(&mut self, net: &mut Net, cpus: usize) -> Result<()> {
        let most = cpus / 8;
        if !self.offline.is_empty() && (self.offline.len() > most || self.random.random()) {
            let k = self.random.random_range(0..self.offline.len());
            let cpu = self.offline.swap_remove(k);
            return self.plug(net, cpu);
        }
        let there: Vec<usize> = self.domain.online_cpus().iter().filter(|cpu| *cpu != 0).collect();
        if there.is_empty() {
            return Ok(());
        }
        let cpu = there[self.random.random_range(0..there.len())];
        self.unplug(net, cpu)
    }

    fn plug(&mut self, net: &mut Net, cpu: usize) -> Result<()> {
        self.hear(net);
        self.domain.online_cpu(cpu)?;
        // INIT leaves a local APIC empty [SDM 11.4.7.3].
        net.host.apics_mut().init(cpu);
        net.host.apics_mut().set_online(cpu, true);
        let now = net.now();
        net.cpus.start(cpu, now, net.host.apics());
        self.note("processor comes");
        Ok(())
    }

    fn unplug(&mut self, net: &mut Net, cpu: usize) -> Result<()> {
        net.cpus.stop(cpu);
        while net.cpus.is_busy(cpu) {
            self.window(net)?;
        }
        self.hear(net);
        let here: Vec<(Virq, Vec<Place>)> = (0..self.lines.len() as Virq)
            .map(|virq| (virq, self.domain.places(virq).filter(|at| at.cpu == cpu).collect::<Vec<_>>()))
            .filter(|(_, places)| !places.is_empty())
            .collect();
        let apics = net.host.apics();
        match self.domain.offline_cpu(cpu, &|at| apics.is_requested(at.cpu, at.vector)) {
            // What it says to raise again is found once more below, when no more can come.
            Ok(_) => {}
            Err(Errno::Enospc) => {
                let now = net.now();
                net.cpus.start(cpu, now, net.host.apics());
                self.note("processor cannot go");
                return Ok(());
            }
            Err(e) => return Err(e.into()),
        }
        let mut units = BTreeSet::new();
        for (virq, _) in &here {
            self.aim(net, *virq)?;
            units.insert(net.endpoints[self.lines[*virq as usize].endpoint].unit);
        }
        for unit in units {
            self.flush_unit(net, unit)?;
        }
        self.hear(net);
        for (virq, places) in here {
            let pending = places.iter().any(|at| net.host.apics().is_requested(at.cpu, at.vector));
            let to = self.domain.target(virq)?;
            if pending && to.real && !net.forgets_retriggers {
                net.host.apics_mut().self_ipi(to.cpu, to.vector);
                let now = net.now();
                net.cpus.wake(to.cpu, now, net.host.apics());
                self.note("raised again");
            }
        }
        net.host.apics_mut().set_online(cpu, false);
        self.offline.push(cpu);
        self.note("processor goes");
        Ok(())
    }
}
