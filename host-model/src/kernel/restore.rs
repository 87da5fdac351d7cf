// SPDX-License-Identifier: Apache-2.0 OR MIT
//! After a reset of a function: `pci_restore_msi_state` (drivers/pci/msi/msi.c), and what a driver with IMS does.
//!
//! Interrupts, vectors and remapping entries have stayed; only the device has forgotten its messages and masks.

use super::msi::set_enable;
use super::msix::{FLAGS_ENABLE, FLAGS_MASKALL, clear_and_set};
use super::{DevId, Kernel, Machine, Result};
use crate::domain::Errno;
use crate::domain::msi::{MSI_DEFAULT_DOMAIN, MSI_SECONDARY_DOMAIN};
use crate::driver::caps::id;

impl Kernel {
    /// `pci_restore_msi_state`: MSI or MSI-X, whichever is enabled, as it was before the reset. Configuration space and
    /// BARs have been restored before.
    ///
    /// # Errors
    /// [`Errno::Enodev`]; the bus.
    pub fn restore_msi_state(&mut self, m: &mut dyn Machine, dev: DevId) -> Result<()> {
        self.poll(m)?;
        let device = self.device(dev)?;
        let (msi, msix) = (device.msi_enabled, device.msix_enabled);
        if msi {
            self.restore_msi(m, dev)?;
        }
        if msix {
            self.restore_msix(m, dev)?;
        }
        Ok(())
    }

    /// `__pci_restore_msi_state`: off while message, number of vectors and masks are written.
    fn restore_msi(&mut self, m: &mut dyn Machine, dev: DevId) -> Result<()> {
        let cap = self.device(dev)?.function.cap(id::MSI).ok_or(Errno::Einval)?;
        self.intx(m, dev, false)?;
        set_enable(m.bus(dev), cap, false)?;
        self.restore_domain(m, dev, MSI_DEFAULT_DOMAIN)?;
        set_enable(m.bus(dev), cap, true)
    }

    /// `__pci_restore_msix_state`: on and masked as a whole while the table is written.
    fn restore_msix(&mut self, m: &mut dyn Machine, dev: DevId) -> Result<()> {
        let cap = self.device(dev)?.function.cap(id::MSIX).ok_or(Errno::Einval)?;
        self.intx(m, dev, false)?;
        clear_and_set(m.bus(dev), cap, 0, FLAGS_ENABLE | FLAGS_MASKALL)?;
        self.restore_domain(m, dev, MSI_DEFAULT_DOMAIN)?;
        clear_and_set(m.bus(dev), cap, FLAGS_MASKALL, 0)
    }

    /// Slots of the secondary domain. The kernel has no call for it: a driver does it when `reset_done` is called.
    ///
    /// # Errors
    /// [`Errno::Enodev`]; the bus; a store that the device refuses.
    pub fn restore_ims_state(&mut self, m: &mut dyn Machine, dev: DevId) -> Result<()> {
        self.poll(m)?;
        if self.device(dev)?.domain(MSI_SECONDARY_DOMAIN).is_none() {
            return Ok(());
        }
        self.restore_domain(m, dev, MSI_SECONDARY_DOMAIN)
    }

    fn restore_domain(&mut self, m: &mut dyn Machine, dev: DevId, domain: usize) -> Result<()> {
        let indices: Vec<u32> = self.domain_mut(dev, domain)?.descs.keys().copied().collect();
        self.chip(m, (dev, domain), |chip, bus| chip.resume(bus))?;
        for index in indices {
            self.chip(m, (dev, domain), |chip, bus| chip.restore(bus, index))?;
        }
        Ok(())
    }
}
