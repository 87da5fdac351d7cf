// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `pci_alloc_irq_vectors_affinity`, `pci_irq_vector`, dynamic MSI-X vectors (drivers/pci/msi/api.c).

use super::{DevId, Kernel, Machine, MsiMap, Result, Warning};
use crate::domain::Errno;
use crate::domain::msi::{MSI_DEFAULT_DOMAIN, MSI_SECONDARY_DOMAIN};
use crate::domain::remap::DomainError;
use crate::domain::spread::{AffinityDesc, IrqAffinity, create_affinity_masks};
use crate::domain::vector::Virq;

/// `PCI_IRQ_*`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VectorFlags {
    /// `PCI_IRQ_INTX`.
    pub intx: bool,
    /// `PCI_IRQ_MSI`.
    pub msi: bool,
    /// `PCI_IRQ_MSIX`.
    pub msix: bool,
    /// `PCI_IRQ_AFFINITY`: spread the vectors.
    pub affinity: bool,
    /// `PCI_IRQ_VIRTUAL`: indices beyond the table, without hardware.
    pub is_virtual: bool,
}

impl VectorFlags {
    /// `PCI_IRQ_MSIX`.
    pub const MSIX: Self = Self { msix: true, ..Self::NONE };
    /// `PCI_IRQ_MSI`.
    pub const MSI: Self = Self { msi: true, ..Self::NONE };
    /// `PCI_IRQ_INTX`.
    pub const INTX: Self = Self { intx: true, ..Self::NONE };
    /// `PCI_IRQ_ALL_TYPES`.
    pub const ALL_TYPES: Self = Self { intx: true, msi: true, msix: true, ..Self::NONE };
    /// Nothing.
    pub const NONE: Self = Self { intx: false, msi: false, msix: false, affinity: false, is_virtual: false };
}

impl Kernel {
    /// `pci_alloc_irq_vectors_affinity`: between `min` and `max` vectors, of MSI-X, else MSI, else INTx, as far as `flags`
    /// allows. Returns how many there are.
    ///
    /// # Errors
    /// Of the last kind that was tried: [`Errno::Erange`] for `max` < `min`; [`Errno::Einval`] when the function cannot, or
    /// has the other kind on; [`Errno::Enotsupp`] when the parent does not; [`Errno::Enospc`] when
    /// there are fewer than `min`.
    pub fn alloc_irq_vectors(
        &mut self,
        m: &mut dyn Machine,
        dev: DevId,
        min: u32,
        max: u32,
        flags: VectorFlags,
        affd: Option<&IrqAffinity>,
    ) -> Result<u32> {
        self.poll(m)?;
        self.device(dev)?;
        let default = IrqAffinity::default();
        let affd = match (flags.affinity, affd) {
            (true, affd) => Some(affd.unwrap_or(&default)),
            (false, Some(_)) => {
                self.warnings.push(Warning::AffinityWithoutFlag);
                None
            }
            (false, None) => None,
        };
        let mut result: Result<u32> = Err(Errno::Enospc.into());
        if flags.msix {
            result = self.enable_msix_range(m, dev, None, min, max, affd, flags.is_virtual);
            if matches!(&result, Ok(_) | Err(DomainError::Unit(_) | DomainError::Bus(_))) {
                return result;
            }
        }
        if flags.msi {
            result = self.enable_msi_range(m, dev, min, max, affd);
            if matches!(&result, Ok(_) | Err(DomainError::Unit(_) | DomainError::Bus(_))) {
                return result;
            }
        }
        if flags.intx && min == 1 && self.device(dev)?.irq != 0 {
            // So that a driver's own division into sets sees the single interrupt too.
            let _ = affd.map(|a| create_affinity_masks(&self.topology, 1, a));
            self.intx(m, dev, true)?;
            return Ok(1);
        }
        result
    }

    /// `pci_free_irq_vectors`: MSI-X or MSI is switched off and all vectors go, those of IMS too.
    ///
    /// # Errors
    /// [`Errno::Enodev`]; the bus.
    pub fn free_irq_vectors(&mut self, m: &mut dyn Machine, dev: DevId) -> Result<()> {
        self.device(dev)?;
        self.free_domain_irqs(m, dev, MSI_SECONDARY_DOMAIN)?;
        self.disable_msix(m, dev)?;
        self.disable_msi(m, dev)
    }

    /// `pci_irq_vector`: the Linux interrupt of vector `nr`.
    ///
    /// # Errors
    /// [`Errno::Einval`] when there is none.
    pub fn irq_vector(&self, dev: DevId, nr: u32) -> Result<Virq> {
        let device = self.device(dev)?;
        if !device.msi_enabled && !device.msix_enabled {
            return if nr == 0 { Ok(device.irq) } else { Err(Errno::Einval.into()) };
        }
        let descs = device.domain(MSI_DEFAULT_DOMAIN).ok_or(Errno::Einval)?.descs();
        let found = if device.msix_enabled {
            descs.get(&nr).map(|d| d.virq)
        } else {
            descs.get(&0).filter(|d| nr < d.nvec).map(|d| d.virq + nr)
        };
        Ok(found.ok_or(Errno::Einval)?)
    }

    /// `pci_msix_can_alloc_dyn`: whether vectors can be added and freed while MSI-X is on.
    pub fn msix_can_alloc_dyn(&self, dev: DevId) -> bool {
        self.device(dev).is_ok_and(|d| {
            d.function.cap(crate::driver::caps::id::MSIX).is_some() && self.units[d.unit].flags().pci_msix_alloc_dyn
        })
    }

    /// `pci_msix_alloc_irq_at`: one more vector while MSI-X is on, at an index or the lowest free one. Other vectors
    /// are not touched; the new entry stays masked until its interrupt is requested.
    ///
    /// # Errors
    /// [`Errno::Enotsupp`] when MSI-X is off or the parent does not; [`Errno::Erange`] for an index beyond the table;
    /// [`Errno::Ebusy`] for one in use, or when none is free; [`Errno::Enospc`] or [`Errno::Enomem`] from the parent.
    pub fn msix_alloc_irq_at(
        &mut self,
        m: &mut dyn Machine,
        dev: DevId,
        index: Option<u32>,
        affinity: Option<AffinityDesc>,
    ) -> Result<MsiMap> {
        if !self.device(dev)?.msix_enabled || !self.msix_can_alloc_dyn(dev) {
            return Err(Errno::Enotsupp.into());
        }
        self.alloc_irq_at(m, dev, MSI_DEFAULT_DOMAIN, index, affinity, None)
    }

    /// `pci_msix_free_irq`: gives one vector back while MSI-X is on. Its entry stays masked, others are not touched. A map
    /// that names nothing is a [`Warning::BadMap`].
    ///
    /// # Errors
    /// The bus.
    pub fn msix_free_irq(&mut self, m: &mut dyn Machine, dev: DevId, map: MsiMap) -> Result<()> {
        if map.virq == 0 || !self.msix_can_alloc_dyn(dev) || !self.is_map(dev, MSI_DEFAULT_DOMAIN, map) {
            self.warnings.push(Warning::BadMap);
            return Ok(());
        }
        self.free_descs(m, dev, MSI_DEFAULT_DOMAIN, &[map.index])
    }

    pub(super) fn is_map(&self, dev: DevId, domain: usize, map: MsiMap) -> bool {
        let found = self.device(dev).ok().and_then(|d| d.domain(domain)).and_then(|d| d.descs().get(&map.index));
        found.is_some_and(|d| d.virq == map.virq)
    }
}
