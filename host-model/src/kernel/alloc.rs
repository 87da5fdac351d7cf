// SPDX-License-Identifier: Apache-2.0 OR MIT
//! From descriptors to interrupts and back: `msi_domain_alloc_irqs`, `msi_domain_alloc_irq_at`,
//! `msi_domain_free_irqs_range` (kernel/irq/msi.c).

use super::{DevId, FIRST_VIRQ, Irq, Kernel, Machine, MsiMap, Origin, Result, Warning};
use crate::domain::Errno;
use crate::domain::msi::{Chip, Cookie, DeviceDomain, DomainId, MsiDesc};
use crate::domain::remap::{DomainError, IrqInfo, RemapDomain, Root};
use crate::domain::spread::AffinityDesc;
use crate::domain::vector::{AllocInfo, Virq};
use crate::driver::msg::MsiMsg;

/// Why not all of a range could be had.
#[derive(Debug)]
pub(super) enum Shortage {
    /// So many could; the caller may try again with that number.
    Only(u32),
    /// None.
    Failed(DomainError),
}

impl Kernel {
    pub(super) fn domain_mut(&mut self, dev: DevId, domain: DomainId) -> Result<&mut DeviceDomain> {
        Ok(self.device_mut(dev)?.domains[domain].as_mut().ok_or(Errno::Enodev)?)
    }

    /// The chip of a device's domain together with the bus to the device.
    pub(super) fn chip<T>(
        &mut self,
        m: &mut dyn Machine,
        (dev, domain): (DevId, DomainId),
        act: impl FnOnce(&mut dyn Chip, &mut dyn crate::driver::Bus) -> Result<T>,
    ) -> Result<T> {
        act(self.domain_mut(dev, domain)?.chip_mut(), m.bus(dev))
    }

    /// The parent of a device and the root, together with the bus to the device.
    pub(super) fn parent<T>(
        &mut self,
        m: &mut dyn Machine,
        dev: DevId,
        act: impl FnOnce(&mut dyn RemapDomain, &mut Root, &mut dyn crate::driver::Bus) -> Result<T>,
    ) -> Result<T> {
        let unit = self.device(dev)?.unit;
        act(self.units[unit].as_mut(), &mut self.root, m.bus(dev))
    }

    /// Numbers for `count` interrupts: the lowest that are free together.
    fn free_virqs(&self, count: u32) -> Virq {
        let mut first = FIRST_VIRQ;
        for &used in self.irqs.keys().filter(|virq| **virq >= FIRST_VIRQ) {
            if used >= first + count {
                break;
            }
            first = used + 1;
        }
        first
    }

    /// `__msi_domain_alloc_irqs`: interrupts for the descriptors `first..=last`, each activated, so that a message
    /// stands in the device. On failure all of them, descriptors too, are gone again.
    pub(super) fn alloc_range(
        &mut self,
        m: &mut dyn Machine,
        dev: DevId,
        domain: DomainId,
        indices: &[u32],
    ) -> std::result::Result<(), Shortage> {
        for (done, &index) in indices.iter().enumerate() {
            if let Err(error) = self.alloc_one(m, dev, domain, index) {
                self.clear_messages(m, dev, domain, &indices[..done]).map_err(Shortage::Failed)?;
                let nvec = self.domain_mut(dev, domain).ok().and_then(|d| d.descs.get(&index)).map_or(0, |d| d.nvec);
                self.free_descs(m, dev, domain, indices).map_err(Shortage::Failed)?;
                return Err(shortage(error, nvec, done as u32));
            }
        }
        Ok(())
    }

    /// Takes the messages of entries back that nobody will use. Linux leaves them in the table, masked; here a failed call
    /// leaves nothing.
    fn clear_messages(&mut self, m: &mut dyn Machine, dev: DevId, domain: DomainId, indices: &[u32]) -> Result<()> {
        for &index in indices {
            let virq = self.domain_mut(dev, domain)?.descs.get(&index).map_or(0, |d| d.virq);
            if self.irqs.get(&virq).is_some_and(|irq| !irq.activated) {
                self.chip(m, (dev, domain), |chip, bus| chip.write_msg(bus, index, MsiMsg::default()))?;
            }
        }
        Ok(())
    }

    fn alloc_one(&mut self, m: &mut dyn Machine, dev: DevId, domain: DomainId, index: u32) -> Result<()> {
        let id = self.device(dev)?.id;
        let d = self.domain_mut(dev, domain)?;
        let reserve = d.reserves();
        let desc = d.descs.get(&index).ok_or(Errno::Enxio)?.clone();
        let first = self.free_virqs(desc.nvec);
        // One mask for one vector domain's call; those of a multi-message MSI are set at start.
        let affinity = |nr: u32| desc.affinity.get(nr as usize).copied();
        let managed = affinity(0).filter(|a| a.managed && desc.nvec == 1);
        let vector = AllocInfo { mask: managed.map(|a| a.mask), managed: managed.is_some(), contiguous: desc.nvec > 1 };
        let info = IrqInfo { vector, source: id };
        self.parent(m, dev, |p, root, bus| p.alloc_irqs(root, bus, first, desc.nvec, &info))?;
        for nr in 0..desc.nvec {
            let mut irq = Irq::new(Origin::Msi { dev, domain, index, nr }, self.topology.possible);
            if let Some(AffinityDesc { mask, managed }) = affinity(nr) {
                irq.affinity = mask;
                irq.managed = managed && desc.nvec == 1;
            }
            if !irq.managed {
                // Noted for when it gets its vector.
                let mask = irq.affinity;
                let _ = self.root.vectors.set_affinity(first + nr, &mask);
            }
            self.irqs.insert(first + nr, irq);
        }
        self.domain_mut(dev, domain)?.descs.get_mut(&index).expect("seen above").virq = first;
        for virq in first..first + desc.nvec {
            self.activate(m, virq, reserve)?;
            // In reservation mode the real vector comes at request (`irqd_clr_activated`).
            self.irq_mut(virq)?.activated = !reserve;
        }
        Ok(())
    }

    /// `irq_domain_activate_irq`: the parent first, then the message.
    pub(super) fn activate(&mut self, m: &mut dyn Machine, virq: Virq, reserve: bool) -> Result<()> {
        let Origin::Msi { dev, domain, index, nr } = self.origin(virq)? else { return Ok(()) };
        if self.irq_mut(virq)?.activated {
            return Ok(());
        }
        self.parent(m, dev, |p, root, bus| p.activate(root, bus, virq, reserve))?;
        if nr == 0
            && let Err(error) = self.write_message(m, virq, (dev, domain), index)
        {
            let _ = self.parent(m, dev, |p, root, bus| p.deactivate(root, bus, virq));
            return Err(error);
        }
        self.irq_mut(virq)?.activated = true;
        Ok(())
    }

    /// `irq_domain_deactivate_irq`: the message is cleared first, then the parent.
    pub(super) fn deactivate(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        let Origin::Msi { dev, domain, index, nr } = self.origin(virq)? else { return Ok(()) };
        if !self.irq_mut(virq)?.activated {
            return Ok(());
        }
        if nr == 0 {
            self.locked(m, virq, |k, m| {
                k.chip(m, (dev, domain), |chip, bus| chip.write_msg(bus, index, MsiMsg::default()))
            })?;
            self.poll(m)?;
        }
        self.irq_mut(virq)?.activated = false;
        self.parent(m, dev, |p, root, bus| p.deactivate(root, bus, virq))
    }

    /// The message of an interrupt, as the parent has it now, into the device.
    pub(super) fn write_message(
        &mut self,
        m: &mut dyn Machine,
        virq: Virq,
        at: (DevId, DomainId),
        index: u32,
    ) -> Result<()> {
        let msg = self.parent(m, at.0, |p, root, _| p.compose(root, virq))?;
        self.locked(m, virq, |k, m| k.chip(m, at, |chip, bus| chip.write_msg(bus, index, msg)))
    }

    /// `msi_domain_alloc_irq_at`: one descriptor and its interrupt.
    pub(super) fn alloc_irq_at(
        &mut self,
        m: &mut dyn Machine,
        dev: DevId,
        domain: DomainId,
        index: Option<u32>,
        affinity: Option<AffinityDesc>,
        cookie: Option<Cookie>,
    ) -> Result<MsiMap> {
        self.poll(m)?;
        let desc = MsiDesc { virq: 0, nvec: 1, affinity: affinity.into_iter().collect(), cookie };
        let index = self.domain_mut(dev, domain)?.insert(index, desc)?;
        // The cookie is in the descriptor, and what it says is in the device, before there is a message.
        let prepared = self.chip(m, (dev, domain), |chip, bus| chip.prepare(bus, index, cookie.as_ref()));
        if let Err(error) = prepared {
            self.domain_mut(dev, domain)?.descs.remove(&index);
            return Err(error);
        }
        if let Err(error) = self.alloc_one(m, dev, domain, index) {
            self.free_descs(m, dev, domain, &[index])?;
            return Err(error);
        }
        let virq = self.domain_mut(dev, domain)?.descs[&index].virq;
        Ok(MsiMap { index, virq })
    }

    /// `msi_domain_free_irqs_range`: interrupts and descriptors of these indices.
    pub(super) fn free_descs(
        &mut self,
        m: &mut dyn Machine,
        dev: DevId,
        domain: DomainId,
        indices: &[u32],
    ) -> Result<()> {
        for &index in indices {
            let Some(desc) = self.domain_mut(dev, domain)?.descs.get(&index).cloned() else { continue };
            if desc.virq != 0 {
                self.free_virqs_of(m, dev, &desc)?;
            }
            self.chip(m, (dev, domain), |chip, bus| chip.release(bus, index))?;
            self.domain_mut(dev, domain)?.descs.remove(&index);
        }
        Ok(())
    }

    fn free_virqs_of(&mut self, m: &mut dyn Machine, dev: DevId, desc: &MsiDesc) -> Result<()> {
        for virq in (desc.virq..desc.virq + desc.nvec).filter(|v| self.irqs.contains_key(v)).collect::<Vec<_>>() {
            if !self.irqs[&virq].actions.is_empty() {
                // A driver that left its handler: silent all the same, since the vector is not its own any more.
                self.warnings.push(Warning::HandlerLeft(virq));
                self.irq_mut(virq)?.actions.clear();
                self.shutdown(m, virq)?;
            }
            self.deactivate(m, virq)?;
        }
        self.poll(m)?;
        let freed = self.parent(m, dev, |p, root, bus| p.free_irqs(root, bus, desc.virq));
        for virq in desc.virq..desc.virq + desc.nvec {
            self.irqs.remove(&virq);
        }
        // An allocation that failed before it came to the parent has nothing there.
        match freed {
            Err(DomainError::Errno(Errno::Enxio)) | Ok(()) => Ok(()),
            other => other,
        }
    }

    /// All of a domain, from the lowest index on.
    pub(super) fn free_domain_irqs(&mut self, m: &mut dyn Machine, dev: DevId, domain: DomainId) -> Result<()> {
        let Ok(d) = self.domain_mut(dev, domain) else { return Ok(()) };
        let indices: Vec<u32> = d.descs.keys().copied().collect();
        self.free_descs(m, dev, domain, &indices)
    }

    pub(super) fn origin(&self, virq: Virq) -> Result<Origin> {
        Ok(self.irqs.get(&virq).ok_or(Errno::Einval)?.origin)
    }

    pub(super) fn irq_mut(&mut self, virq: Virq) -> Result<&mut Irq> {
        Ok(self.irqs.get_mut(&virq).ok_or(Errno::Einval)?)
    }
}

/// `msi_handle_pci_fail`: a multi-message MSI may be tried with one vector, a range with as many as there were.
fn shortage(error: DomainError, nvec: u32, done: u32) -> Shortage {
    match error {
        DomainError::Errno(_) if nvec > 1 => Shortage::Only(1),
        DomainError::Errno(_) if done > 0 => Shortage::Only(done),
        DomainError::Errno(_) => Shortage::Failed(Errno::Enospc.into()),
        hardware => Shortage::Failed(hardware),
    }
}
