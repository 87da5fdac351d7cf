// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `pci_create_ims_domain`, `pci_ims_alloc_irq`, `pci_ims_free_irq` (Linux 6.2 to 6.9).

use super::{DevId, Kernel, Machine, MsiMap, Result, Warning};
use crate::domain::Errno;
use crate::domain::msi::{BusToken, Cookie, DeviceDomain, MSI_SECONDARY_DOMAIN, Template};
use crate::domain::spread::AffinityDesc;

impl Kernel {
    /// `pci_create_ims_domain`: the secondary domain, with `hwsize` slots (0: no hardware limit). MSI or MSI-X need not be on.
    ///
    /// The kernel's function is a `bool` that returns these errors, so that a caller takes them for success; see
    /// [`create_ims_domain_as_bool`](Self::create_ims_domain_as_bool).
    ///
    /// # Errors
    /// [`Errno::Einval`] for a template of another kind, with flags or callbacks missing, or with an affinity callback of its
    /// own; [`Errno::Enotsupp`] when the parent does not have IMS; [`Errno::Eexist`] for a second one.
    pub fn create_ims_domain(&mut self, dev: DevId, template: Template, hwsize: u32) -> Result<()> {
        let device = self.device(dev)?;
        let Template { token, flags, ops, chip } = template;
        let complete = flags.alloc_simple_descs && flags.free_descs && ops.mask && ops.unmask && ops.write_msg;
        if token != BusToken::Ims || !complete || ops.set_affinity {
            return Err(Errno::Einval.into());
        }
        if !self.units[device.unit].flags().pci_ims {
            return Err(Errno::Enotsupp.into());
        }
        if device.domain(MSI_SECONDARY_DOMAIN).is_some() {
            return Err(Errno::Eexist.into());
        }
        self.device_mut(dev)?.domains[MSI_SECONDARY_DOMAIN] = Some(DeviceDomain::ims(chip, hwsize));
        Ok(())
    }

    /// What the kernel's function really says: false only where the domain itself could not be made. A caller finds out by
    /// its first allocation, which ends with [`Errno::Enodev`].
    pub fn create_ims_domain_as_bool(&mut self, dev: DevId, template: Template, hwsize: u32) -> bool {
        match self.create_ims_domain(dev, template, hwsize) {
            Ok(()) => true,
            Err(error) => matches!(error.errno(), Errno::Einval),
        }
    }

    /// Removes the secondary domain and all that it has.
    ///
    /// # Errors
    /// [`Errno::Enodev`] when there is none; the bus.
    pub fn remove_ims_domain(&mut self, m: &mut dyn Machine, dev: DevId) -> Result<()> {
        self.domain_mut(dev, MSI_SECONDARY_DOMAIN)?;
        self.free_domain_irqs(m, dev, MSI_SECONDARY_DOMAIN)?;
        self.device_mut(dev)?.domains[MSI_SECONDARY_DOMAIN] = None;
        Ok(())
    }

    /// `pci_ims_alloc_irq`: one interrupt at the lowest free index. What the cookie says is in the slot before its first
    /// message. It has its vector at once and stays masked until it is requested.
    ///
    /// # Errors
    /// [`Errno::Enodev`] without a domain; [`Errno::Ebusy`] when no slot is free; [`Errno::Einval`] for a PASID
    /// of more than 20 bits; [`Errno::Enospc`] or [`Errno::Enomem`] from the parent.
    pub fn ims_alloc_irq(
        &mut self,
        m: &mut dyn Machine,
        dev: DevId,
        cookie: Option<Cookie>,
        affinity: Option<AffinityDesc>,
    ) -> Result<MsiMap> {
        self.alloc_irq_at(m, dev, MSI_SECONDARY_DOMAIN, None, affinity, cookie)
    }

    /// `pci_ims_free_irq`. A map that names nothing is a [`Warning::BadMap`].
    ///
    /// # Errors
    /// The bus.
    pub fn ims_free_irq(&mut self, m: &mut dyn Machine, dev: DevId, map: MsiMap) -> Result<()> {
        if map.virq == 0 || !self.is_map(dev, MSI_SECONDARY_DOMAIN, map) {
            self.warnings.push(Warning::BadMap);
            return Ok(());
        }
        self.free_descs(m, dev, MSI_SECONDARY_DOMAIN, &[map.index])
    }

    /// Frees every slot that belongs to a PASID, before the address space goes. Returns how many.
    ///
    /// # Errors
    /// The bus.
    pub fn ims_free_pasid(&mut self, m: &mut dyn Machine, dev: DevId, pasid: u32) -> Result<u32> {
        let domain = self.domain_mut(dev, MSI_SECONDARY_DOMAIN)?;
        let its = |c: &Option<Cookie>| c.is_some_and(|c| c.pasid == Some(pasid));
        let indices: Vec<u32> = domain.descs.iter().filter(|(_, d)| its(&d.cookie)).map(|(i, _)| *i).collect();
        self.free_descs(m, dev, MSI_SECONDARY_DOMAIN, &indices)?;
        Ok(indices.len() as u32)
    }
}
