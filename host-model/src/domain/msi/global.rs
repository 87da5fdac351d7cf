// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The global PCI/MSI domain before 6.2: one for all devices.
//!
//! Every interrupt of every device is a number in one space, `index | devid << 11 | domain << 27`
//! (`pci_msi_domain_calc_hwirq`). It is a device's only domain, so a device that uses MSI or MSI-X cannot have IMS, and
//! the number has 32 bits, so PCI domains 32 apart are the same.

use crate::domain::Errno;
use crate::domain::vector::Virq;
use std::collections::BTreeMap;
use tlp::Bdf;

/// Which interrupts a device has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// MSI or MSI-X.
    Pci,
    /// IMS, by a domain that replaces it.
    Ims,
}

/// A device: PCI domain (segment) and place on its bus.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Device {
    /// PCI domain number.
    pub domain: u32,
    /// Bus, device, function.
    pub id: Bdf,
}

/// The domain.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GlobalDomain {
    mapped: BTreeMap<u32, Virq>,
    kinds: BTreeMap<Device, Kind>,
}

/// `pci_msi_domain_calc_hwirq`, in the 32 bits that it was computed in.
pub fn hwirq(device: Device, index: u32) -> u32 {
    index | u32::from(device.id.bits()) << 11 | device.domain.wrapping_shl(27)
}

impl GlobalDomain {
    /// The device's interrupts are of this kind from here on.
    ///
    /// # Errors
    /// [`Errno::Ebusy`] while it has interrupts of the other kind.
    pub fn attach(&mut self, device: Device, kind: Kind) -> Result<(), Errno> {
        match self.kinds.insert(device, kind) {
            Some(old) if old != kind => {
                self.kinds.insert(device, old);
                Err(Errno::Ebusy)
            }
            _ => Ok(()),
        }
    }

    /// The device has no interrupts any more.
    pub fn detach(&mut self, device: Device) {
        self.kinds.remove(&device);
    }

    /// `msi_domain_alloc`.
    ///
    /// # Errors
    /// [`Errno::Eexist`] when the number is taken, by whichever device.
    pub fn map(&mut self, device: Device, index: u32, virq: Virq) -> Result<u32, Errno> {
        let number = hwirq(device, index);
        if self.mapped.contains_key(&number) {
            return Err(Errno::Eexist);
        }
        self.mapped.insert(number, virq);
        Ok(number)
    }

    /// `msi_domain_free`.
    pub fn unmap(&mut self, device: Device, index: u32) {
        self.mapped.remove(&hwirq(device, index));
    }

    /// `irq_find_mapping`.
    pub fn find(&self, device: Device, index: u32) -> Option<Virq> {
        self.mapped.get(&hwirq(device, index)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(domain: u32) -> Device {
        Device { domain, id: Bdf::from_bits(0x300) }
    }

    #[test]
    fn devices_of_domains_32_apart_get_in_each_others_way() {
        let mut global = GlobalDomain::default();
        assert_eq!(global.map(device(1), 5, 40), Ok(5 | 0x300 << 11 | 1 << 27));
        // K14: the other device cannot have its interrupts at all, and looks up a stranger's.
        assert_eq!(global.map(device(33), 5, 41), Err(Errno::Eexist));
        assert_eq!(global.find(device(33), 5), Some(40));
        assert_eq!(global.map(device(2), 5, 41), Ok(5 | 0x300 << 11 | 2 << 27));
        global.unmap(device(1), 5);
        assert!(global.map(device(33), 5, 41).is_ok());
    }

    #[test]
    fn a_device_has_one_kind_of_interrupts() {
        let mut global = GlobalDomain::default();
        global.attach(device(0), Kind::Pci).unwrap();
        assert_eq!(global.attach(device(0), Kind::Ims), Err(Errno::Ebusy));
        global.detach(device(0));
        assert_eq!(global.attach(device(0), Kind::Ims), Ok(()));
    }
}
