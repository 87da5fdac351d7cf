// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Enabling and disabling MSI-X: `__pci_enable_msix_range`, `msix_capability_init`, `pci_msix_shutdown`
//! (drivers/pci/msi/msi.c).

use super::alloc::Shortage;
use super::{DevId, Kernel, Machine, Result};
use crate::domain::Errno;
use crate::domain::msi::{DeviceDomain, MSI_DEFAULT_DOMAIN, MsiDesc, MsixChip};
use crate::domain::remap::DomainError;
use crate::domain::spread::{IrqAffinity, calc_affinity_vectors, create_affinity_masks};
use crate::driver::Bus;
use crate::driver::caps::id;

const FLAGS: u16 = 2;
const TABLE: u16 = 4;
pub(super) const FLAGS_ENABLE: u32 = 1 << 15;
pub(super) const FLAGS_MASKALL: u32 = 1 << 14;
const FLAGS_QSIZE: u32 = 0x7ff;
const COMMAND: u16 = 0x04;
const COMMAND_INTX_DISABLE: u32 = 1 << 10;

impl Kernel {
    /// `entries`: indices that the driver chose; without, 0 and up. Returns the number of vectors.
    #[expect(clippy::too_many_arguments, reason = "those of the kernel's function")]
    pub(super) fn enable_msix_range(
        &mut self,
        m: &mut dyn Machine,
        dev: DevId,
        entries: Option<&[u16]>,
        min: u32,
        max: u32,
        affd: Option<&IrqAffinity>,
        is_virtual: bool,
    ) -> Result<u32> {
        let device = self.device(dev)?;
        if max < min {
            return Err(Errno::Erange.into());
        }
        if device.msi_enabled || device.msix_enabled {
            return Err(Errno::Einval.into());
        }
        if !self.units[device.unit].flags().pci_msix {
            return Err(Errno::Enotsupp.into());
        }
        if max < 1 || device.no_msi || !device.in_d0 {
            return Err(Errno::Einval.into());
        }
        let Some(cap) = device.function.cap(id::MSIX) else { return Err(Errno::Einval.into()) };
        let size = vec_count(m.bus(dev), cap)?;
        if entries.is_some_and(|e| !valid(e, max, size)) {
            return Err(Errno::Einval.into());
        }
        let mut count = max;
        let mut hwsize = size;
        if size < count {
            if is_virtual {
                hwsize = count;
            } else {
                count = size;
            }
        }
        if count < min {
            return Err(Errno::Enospc.into());
        }
        loop {
            if let Some(affd) = affd {
                count = calc_affinity_vectors(&self.topology, min, count, affd);
                if count < min {
                    return Err(Errno::Enospc.into());
                }
            }
            match self.msix_capability_init(m, dev, cap, entries, count, hwsize, affd) {
                Ok(()) => return Ok(count),
                Err(Shortage::Failed(error)) => return Err(error),
                Err(Shortage::Only(fewer)) if fewer < min => return Err(Errno::Enospc.into()),
                Err(Shortage::Only(fewer)) => count = fewer,
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "those of the kernel's function")]
    fn msix_capability_init(
        &mut self,
        m: &mut dyn Machine,
        dev: DevId,
        cap: u16,
        entries: Option<&[u16]>,
        count: u32,
        hwsize: u32,
        affd: Option<&IrqAffinity>,
    ) -> std::result::Result<(), Shortage> {
        // Some devices give access to the table only once MSI-X is on, so it is enabled early,
        // and masked as a whole until every entry is.
        let fail = |error: DomainError| Shortage::Failed(error);
        clear_and_set(m.bus(dev), cap, 0, FLAGS_ENABLE | FLAGS_MASKALL).map_err(fail)?;
        self.device_mut(dev).map_err(fail)?.msix_enabled = true;
        let result = self.msix_set_up(m, dev, cap, entries, count, hwsize, affd);
        if result.is_err() {
            self.device_mut(dev).map_err(fail)?.msix_enabled = false;
            clear_and_set(m.bus(dev), cap, FLAGS_ENABLE | FLAGS_MASKALL, 0).map_err(fail)?;
        }
        result
    }

    #[expect(clippy::too_many_arguments, reason = "those of the kernel's function")]
    fn msix_set_up(
        &mut self,
        m: &mut dyn Machine,
        dev: DevId,
        cap: u16,
        entries: Option<&[u16]>,
        count: u32,
        hwsize: u32,
        affd: Option<&IrqAffinity>,
    ) -> std::result::Result<(), Shortage> {
        let fail = |error: DomainError| Shortage::Failed(error);
        let size = vec_count(m.bus(dev), cap).map_err(fail)?;
        let word = m.bus(dev).cfg_read(cap + TABLE, 4).map_err(|e| fail(e.into()))?;
        let device = self.device_mut(dev).map_err(fail)?;
        // A table that cannot be mapped is -ENOMEM.
        let bar = device.function.bar((word & 7) as u8).ok_or_else(|| fail(Errno::Enomem.into()))?;
        let chip = MsixChip::new(bar + u64::from(word & !7), size);
        device.domains[MSI_DEFAULT_DOMAIN] = Some(DeviceDomain::msix(chip.clone(), hwsize));

        // All descriptors first, then the interrupts of all.
        vec_count(m.bus(dev), cap).map_err(fail)?;
        let masks = affd.and_then(|affd| create_affinity_masks(&self.topology, count, affd));
        let mut indices = Vec::new();
        for nr in 0..count {
            let index = entries.map_or(nr, |e| u32::from(e[nr as usize]));
            let affinity = masks.as_ref().map(|masks| masks[nr as usize]).into_iter().collect();
            let desc = MsiDesc { virq: 0, nvec: 1, affinity, cookie: None };
            let domain = self.domain_mut(dev, MSI_DEFAULT_DOMAIN).map_err(fail)?;
            let index = domain.insert(Some(index), desc).map_err(|e| fail(e.into()))?;
            indices.push(index);
            let prepared = self.chip(m, (dev, MSI_DEFAULT_DOMAIN), |chip, bus| chip.prepare(bus, index, None));
            if let Err(error) = prepared {
                self.free_descs(m, dev, MSI_DEFAULT_DOMAIN, &indices).map_err(fail)?;
                return Err(fail(error));
            }
        }
        self.alloc_range(m, dev, MSI_DEFAULT_DOMAIN, &indices)?;

        let enable = |k: &mut Self, m: &mut dyn Machine| {
            k.intx(m, dev, false)?;
            chip.mask_all(m.bus(dev))?;
            clear_and_set(m.bus(dev), cap, FLAGS_MASKALL, 0)
        };
        enable(self, m).or_else(|error| {
            self.free_descs(m, dev, MSI_DEFAULT_DOMAIN, &indices).map_err(fail)?;
            Err(fail(error))
        })
    }

    /// `pci_disable_msix`: every entry in use is masked, MSI-X goes off, INTx is let in again, the vectors are freed.
    /// Nothing when it is not on.
    ///
    /// # Errors
    /// The bus.
    pub fn disable_msix(&mut self, m: &mut dyn Machine, dev: DevId) -> Result<()> {
        if !self.device(dev)?.msix_enabled {
            return Ok(());
        }
        self.poll(m)?;
        let cap = self.device(dev)?.function.cap(id::MSIX).ok_or(Errno::Einval)?;
        let indices: Vec<u32> = self.domain_mut(dev, MSI_DEFAULT_DOMAIN)?.descs.keys().copied().collect();
        for &index in &indices {
            self.chip(m, (dev, MSI_DEFAULT_DOMAIN), |chip, bus| chip.mask(bus, index, 0))?;
        }
        clear_and_set(m.bus(dev), cap, FLAGS_ENABLE, 0)?;
        self.intx(m, dev, true)?;
        self.device_mut(dev)?.msix_enabled = false;
        self.free_descs(m, dev, MSI_DEFAULT_DOMAIN, &indices)
    }

    /// `pci_intx`: Command bit 10, written only when it changes.
    pub(super) fn intx(&self, m: &mut dyn Machine, dev: DevId, on: bool) -> Result<()> {
        let bus = m.bus(dev);
        let command = bus.cfg_read(COMMAND, 2)?;
        let new = if on { command & !COMMAND_INTX_DISABLE } else { command | COMMAND_INTX_DISABLE };
        if new != command {
            bus.cfg_write(COMMAND, 2, new)?;
        }
        Ok(())
    }
}

/// `pci_msix_vec_count`.
fn vec_count(bus: &mut dyn Bus, cap: u16) -> Result<u32> {
    Ok((bus.cfg_read(cap + FLAGS, 2)? & FLAGS_QSIZE) + 1)
}

/// `pci_msix_validate_entries`: enough of them, each in the table, none twice.
fn valid(entries: &[u16], max: u32, size: u32) -> bool {
    entries.len() >= max as usize
        && entries.iter().all(|e| u32::from(*e) < size)
        && entries.iter().enumerate().all(|(i, e)| !entries[..i].contains(e))
}

/// `pci_msix_clear_and_set_ctrl`.
pub(super) fn clear_and_set(bus: &mut dyn Bus, cap: u16, clear: u32, set: u32) -> Result<()> {
    let ctrl = bus.cfg_read(cap + FLAGS, 2)?;
    Ok(bus.cfg_write(cap + FLAGS, 2, ctrl & !clear | set)?)
}
