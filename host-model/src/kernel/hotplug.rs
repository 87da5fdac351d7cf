// SPDX-License-Identifier: Apache-2.0 OR MIT
//! CPUs that go and come: `irq_migrate_all_off_this_cpu`, `fixup_irqs`, `irq_affinity_online_cpu`, and the timers that give
//! old vectors back.

use super::{Kernel, Machine, Origin, Result};
use crate::domain::matrix::Place;
use crate::domain::remap::{DomainError, Moved};
use crate::domain::vector::Virq;

/// Cycles in which a message that has left its device reaches a local APIC.
const SETTLE_CYCLES: u64 = 256;

impl Kernel {
    /// A CPU goes offline. Managed interrupts that have no other are shut down; all others move, and what was pending is
    /// raised again where they moved to.
    ///
    /// # Errors
    /// [`crate::domain::Errno::Einval`] for one that is not online, or the last; [`crate::domain::Errno::Enospc`] when the
    /// others cannot take what it has. Nothing has changed then.
    pub fn offline_cpu(&mut self, m: &mut dyn Machine, cpu: usize) -> Result<()> {
        self.poll(m)?;
        self.root.vectors.clone().offline_cpu(cpu, &|at| m.is_pending(at))?;
        for virq in self.all() {
            let irq = &self.irqs[&virq];
            let left = irq.affinity.and(&self.root.vectors.online_cpus());
            if irq.managed && irq.started && left.len() == 1 && left.contains(cpu) {
                self.go_dark(m, virq)?;
            }
        }
        let here = |k: &Self, virq: Virq| k.root.vectors.target(virq).is_ok_and(|t| t.real && t.cpu == cpu);
        for virq in self.all() {
            if here(self, virq) {
                self.leave_cpu(m, cpu, virq)?;
            }
        }
        // What was on its way to the old places has arrived after this; it is raised again below.
        if let Some(dev) = self.devices.keys().next().copied() {
            m.bus(dev).wait(SETTLE_CYCLES)?;
        }
        self.poll(m)?;
        let before: Vec<_> = self.all().into_iter().map(|v| (v, self.root.vectors.target(v).ok())).collect();
        let again = self.root.vectors.offline_cpu(cpu, &|at| m.is_pending(at))?;
        for (virq, old) in before {
            if self.root.vectors.target(virq).ok() != old {
                self.follow(m, virq)?;
            }
        }
        for retrigger in again {
            m.retrigger(retrigger.at);
        }
        Ok(())
    }

    /// Entry and message go where the vector domain has moved an interrupt by itself.
    fn follow(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        let Origin::Msi { dev, domain, index, nr } = self.origin(virq)? else { return Ok(()) };
        if !self.irqs[&virq].activated {
            return Ok(());
        }
        let moved = self.parent(m, dev, |p, root, bus| p.follow(root, bus, virq))?;
        if moved == Moved::Message && nr == 0 {
            self.update_message(m, virq, (dev, domain), index)?;
        }
        Ok(())
    }

    /// `migrate_one_irq`: to its own CPUs as far as they stay, else to any that does. An earlier move is ended first.
    fn leave_cpu(&mut self, m: &mut dyn Machine, cpu: usize, virq: Virq) -> Result<()> {
        let Origin::Msi { dev, .. } = self.origin(virq)? else { return Ok(()) };
        let mut stay = self.root.vectors.online_cpus();
        stay.remove(cpu);
        let own = self.irqs[&virq].affinity.and(&stay);
        let mask = if own.is_empty() { stay } else { own };
        self.poll(m)?;
        self.root.vectors.force_complete_move(virq)?;
        // Where the message itself names the CPU, its source is masked around the change.
        let open = !self.remaps(dev) && !self.irqs[&virq].masked;
        if open {
            self.mask(m, virq)?;
        }
        let moved = self.locked(m, virq, |k, m| k.do_set_affinity(m, virq, &mask));
        if open {
            self.unmask(m, virq)?;
        }
        match moved {
            // The vector domain moves it below, where it takes what is left.
            Err(DomainError::Errno(_)) => Ok(()),
            other => other,
        }
    }

    /// Managed, and the last of its CPUs goes: `irq_shutdown_and_deactivate`. Its handlers stay for when one comes back.
    fn go_dark(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        let Origin::Msi { dev, .. } = self.origin(virq)? else { return Ok(()) };
        let depth = self.irqs[&virq].depth;
        if !self.remaps(dev) {
            // migrate_one_irq masks where a move would have to.
            self.mask_chip(m, virq)?;
        }
        self.shutdown(m, virq)?;
        self.deactivate(m, virq)?;
        let irq = self.irq_mut(virq)?;
        irq.depth = depth;
        irq.managed_shutdown = true;
        Ok(())
    }

    /// A CPU comes online; managed interrupts that have waited for it are started.
    ///
    /// # Errors
    /// [`crate::domain::Errno::Einval`] for one that is online or does not exist; [`crate::domain::Errno::Enospc`].
    pub fn online_cpu(&mut self, m: &mut dyn Machine, cpu: usize) -> Result<()> {
        self.poll(m)?;
        self.root.vectors.online_cpu(cpu)?;
        for virq in self.all() {
            let irq = &self.irqs[&virq];
            if irq.managed_shutdown && irq.affinity.contains(cpu) && !irq.actions.is_empty() {
                self.locked(m, virq, |k, m| {
                    k.activate(m, virq, false)?;
                    if k.irqs[&virq].depth == 0 { k.startup(m, virq) } else { Ok(()) }
                })?;
                self.irq_mut(virq)?.managed_shutdown = false;
            }
        }
        Ok(())
    }

    /// The timers of all CPUs: old vectors of which nothing is pending are given back. Returns how many.
    pub fn cleanup(&mut self, m: &mut dyn Machine) -> Result<usize> {
        self.poll(m)?;
        let cpus: Vec<usize> = self.root.vectors.cleanups().map(|(cpu, _)| cpu).collect();
        let irr = |at: Place| m.is_pending(at);
        Ok(cpus.into_iter().map(|cpu| self.root.vectors.cleanup_timer(cpu, &irr)).sum())
    }

    fn all(&self) -> Vec<Virq> {
        self.irqs.keys().copied().collect()
    }
}
