// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The calls of old, as thin forms of those of today (MSI-HOWTO before 4.8).

use super::{DevId, Kernel, Machine, Result};
use crate::domain::vector::Virq;

/// `struct msix_entry`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MsixEntry {
    /// Linux interrupt, filled in.
    pub vector: Virq,
    /// Index of the table, chosen by the driver.
    pub entry: u16,
}

impl Kernel {
    /// `pci_enable_msi`: one vector; the device's `irq` is that one from here on.
    ///
    /// # Errors
    /// As [`alloc_irq_vectors`](Self::alloc_irq_vectors) for MSI.
    pub fn enable_msi(&mut self, m: &mut dyn Machine, dev: DevId) -> Result<()> {
        self.enable_msi_range(m, dev, 1, 1, None).map(|_| ())
    }

    /// `pci_enable_msi_block`: 0 for exactly `count` vectors; else how many could be had, of which a caller asks again, with
    /// nothing enabled.
    ///
    /// # Errors
    /// As [`alloc_irq_vectors`](Self::alloc_irq_vectors) for MSI, when not even one can be had.
    pub fn enable_msi_block(&mut self, m: &mut dyn Machine, dev: DevId, count: u32) -> Result<u32> {
        let got = self.enable_msi_range(m, dev, 1, count, None)?;
        if got == count {
            return Ok(0);
        }
        self.disable_msi(m, dev)?;
        Ok(got)
    }

    /// `pci_enable_msi_block_auto`: as many as possible, up to `max`.
    ///
    /// # Errors
    /// As [`alloc_irq_vectors`](Self::alloc_irq_vectors) for MSI.
    pub fn enable_msi_block_auto(&mut self, m: &mut dyn Machine, dev: DevId, max: u32) -> Result<u32> {
        self.enable_msi_range(m, dev, 1, max, None)
    }

    /// `pci_enable_msix`: exactly these entries; their interrupts are filled in. Otherwise nothing is enabled.
    ///
    /// # Errors
    /// As [`alloc_irq_vectors`](Self::alloc_irq_vectors) for MSI-X; [`crate::domain::Errno::Einval`] also for an entry twice or
    /// outside the table.
    pub fn enable_msix(&mut self, m: &mut dyn Machine, dev: DevId, entries: &mut [MsixEntry]) -> Result<()> {
        self.poll(m)?;
        let indices: Vec<u16> = entries.iter().map(|e| e.entry).collect();
        let count = entries.len() as u32;
        self.enable_msix_range(m, dev, Some(&indices), count, count, None, false)?;
        for e in entries {
            e.vector = self.irq_vector(dev, u32::from(e.entry))?;
        }
        Ok(())
    }
}
