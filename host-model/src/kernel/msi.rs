// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Enabling and disabling MSI: `__pci_enable_msi_range`, `msi_capability_init`, `pci_msi_shutdown`
//! (drivers/pci/msi/msi.c).

use super::alloc::Shortage;
use super::{DevId, Kernel, Machine, Result};
use crate::domain::Errno;
use crate::domain::msi::{AnyChip, Chip, DeviceDomain, MSI_DEFAULT_DOMAIN, MsiChip, MsiDesc};
use crate::domain::remap::DomainError;
use crate::domain::spread::{IrqAffinity, calc_affinity_vectors, create_affinity_masks};
use crate::driver::Bus;
use crate::driver::caps::id;

const FLAGS: u16 = 2;
const FLAGS_ENABLE: u32 = 1;
const FLAGS_QMASK: u32 = 0x000e;

impl Kernel {
    pub(super) fn enable_msi_range(
        &mut self,
        m: &mut dyn Machine,
        dev: DevId,
        min: u32,
        max: u32,
        affd: Option<&IrqAffinity>,
    ) -> Result<u32> {
        let device = self.device(dev)?;
        if min < 1 || device.no_msi || !device.in_d0 || device.msix_enabled || device.msi_enabled {
            return Err(Errno::Einval.into());
        }
        if max < min {
            return Err(Errno::Erange.into());
        }
        let Some(cap) = device.function.cap(id::MSI) else { return Err(Errno::Einval.into()) };
        let capable = 1 << ((m.bus(dev).cfg_read(cap + FLAGS, 2)? & FLAGS_QMASK) >> 1).min(5);
        if capable < min {
            return Err(Errno::Enospc.into());
        }
        let mut count = max.min(capable);
        loop {
            if let Some(affd) = affd {
                count = calc_affinity_vectors(&self.topology, min, count, affd);
                if count < min {
                    return Err(Errno::Enospc.into());
                }
            }
            match self.msi_capability_init(m, dev, cap, count, affd) {
                Ok(()) => return Ok(count),
                Err(Shortage::Failed(error)) => return Err(error),
                Err(Shortage::Only(fewer)) if fewer < min => return Err(Errno::Enospc.into()),
                Err(Shortage::Only(fewer)) => count = fewer,
            }
        }
    }

    fn msi_capability_init(
        &mut self,
        m: &mut dyn Machine,
        dev: DevId,
        cap: u16,
        count: u32,
        affd: Option<&IrqAffinity>,
    ) -> std::result::Result<(), Shortage> {
        let fail = |error: DomainError| Shortage::Failed(error);
        let device = self.device(dev).map_err(fail)?;
        // Refused before anything is touched where the parent has one vector only.
        if count > 1 && !self.units[device.unit].flags().multi_pci_msi {
            return Err(Shortage::Only(1));
        }
        // Off while it is set up, but for the software it counts as on.
        set_enable(m.bus(dev), cap, false).map_err(fail)?;
        let mut chip = MsiChip::new(cap);
        let masks = affd.and_then(|affd| create_affinity_masks(&self.topology, count, affd));
        chip.set_up(m.bus(dev), count).map_err(fail)?;
        let restore = chip.multi_mask();
        let mut domain = DeviceDomain::msi(chip);
        let desc = MsiDesc { virq: 0, nvec: count, affinity: masks.unwrap_or_default(), cookie: None };
        domain.insert(Some(0), desc).map_err(|e| fail(e.into()))?;
        let device = self.device_mut(dev).map_err(fail)?;
        device.domains[MSI_DEFAULT_DOMAIN] = Some(domain);
        device.msi_enabled = true;
        let result = self.alloc_range(m, dev, MSI_DEFAULT_DOMAIN, &[0]).and_then(|()| {
            self.intx(m, dev, false).map_err(fail)?;
            set_enable(m.bus(dev), cap, true).map_err(fail)
        });
        if result.is_err() {
            // err: pci_msi_unmask(entry, msi_multi_mask(entry)); pci_free_msi_irqs(dev).
            self.msi_chip(dev).map_err(fail)?.update_mask(m.bus(dev), restore, 0).map_err(fail)?;
            self.free_domain_irqs(m, dev, MSI_DEFAULT_DOMAIN).map_err(fail)?;
            let device = self.device_mut(dev).map_err(fail)?;
            device.msi_enabled = false;
            return result;
        }
        // The driver's old way to the interrupt.
        let virq = self.domain_mut(dev, MSI_DEFAULT_DOMAIN).map_err(fail)?.descs[&0].virq;
        self.device_mut(dev).map_err(fail)?.irq = virq;
        Ok(())
    }

    /// The chip of a function's MSI.
    ///
    /// # Errors
    /// [`Errno::Einval`] when MSI is not set up.
    pub fn msi_chip(&mut self, dev: DevId) -> Result<&mut MsiChip> {
        match &mut self.domain_mut(dev, MSI_DEFAULT_DOMAIN)?.chip {
            AnyChip::Msi(chip) => Ok(chip),
            _ => Err(Errno::Einval.into()),
        }
    }

    /// `pci_disable_msi`: MSI goes off, INTx is let in again, masks return to their state after reset, the vectors
    /// are freed, `irq` is that of the line again. Nothing when it is not on.
    ///
    /// # Errors
    /// The bus.
    pub fn disable_msi(&mut self, m: &mut dyn Machine, dev: DevId) -> Result<()> {
        if !self.device(dev)?.msi_enabled {
            return Ok(());
        }
        self.poll(m)?;
        let cap = self.device(dev)?.function.cap(id::MSI).ok_or(Errno::Einval)?;
        set_enable(m.bus(dev), cap, false)?;
        self.intx(m, dev, true)?;
        let chip = self.msi_chip(dev)?;
        if chip.can_mask() {
            let all = chip.multi_mask();
            chip.update_mask(m.bus(dev), all, 0)?;
        }
        let device = self.device_mut(dev)?;
        device.msi_enabled = false;
        device.irq = device.line;
        self.free_domain_irqs(m, dev, MSI_DEFAULT_DOMAIN)
    }
}

/// `pci_msi_set_enable`.
pub(super) fn set_enable(bus: &mut dyn Bus, cap: u16, on: bool) -> Result<()> {
    let control = bus.cfg_read(cap + FLAGS, 2)?;
    Ok(bus.cfg_write(cap + FLAGS, 2, control & !FLAGS_ENABLE | u32::from(on))?)
}
