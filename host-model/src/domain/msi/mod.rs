// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The domains of a device, as Linux has had them since 6.2: \[PCI/MSI\] or \[PCI/MSI-X\], and beside
//! it \[PCI/IMS\], each with its own descriptors over one parent.
//!
//! A domain is a bus token, a size, a chip and a store of descriptors. The chip is what differs between the
//! kinds: where a message stands and what it takes to change it. It knows the device's registers and nothing of
//! vectors; the parent ([`super::remap::RemapDomain`]) knows vectors and nothing of the device.
//!
//! `include/linux/msi.h`, `kernel/irq/msi.c`, `drivers/pci/msi/irqdomain.c`.

mod chip;
mod device;
pub mod global;
mod ims_array;
mod ims_memory;
mod pci_msi;
mod pci_msix;

pub use chip::{Chip, ChipOps, Cookie};
pub(crate) use device::AnyChip;
pub use device::{BusToken, DeviceDomain, MsiDesc, Template, TemplateFlags};
pub use ims_array::ArrayChip;
pub use ims_memory::MemoryChip;
pub use pci_msi::MsiChip;
pub use pci_msix::MsixChip;

/// Number of a domain within a device.
pub type DomainId = usize;

/// PCI/MSI or PCI/MSI-X.
pub const MSI_DEFAULT_DOMAIN: DomainId = 0;
/// PCI/IMS.
pub const MSI_SECONDARY_DOMAIN: DomainId = 1;
/// Domains that a device can have.
pub const MSI_MAX_DOMAINS: usize = 2;
/// Largest index of a descriptor; the size of a domain without hardware limit is one more.
pub const MSI_MAX_INDEX: u32 = 65535;
