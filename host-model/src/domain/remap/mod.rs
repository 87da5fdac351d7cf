// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The remapping domain: between the vector domain and the domains of the devices.
//!
//! A device's message names an entry of the unit's table, and the entry names CPU and vector. So an
//! affinity change rewrites the entry and leaves the device alone. Without a unit there is no entry: the message
//! itself names CPU and vector, and the device has to be told.
//!
//! One trait, [`RemapDomain`], over both: what the kernel's `struct msi_parent_ops` and the
//! `irq_domain_ops` of `intel_ir_domain_ops` or `amd_ir_domain_ops` do together. The domains of a device talk
//! to their parent through it alone and need not know which one it is.
//!
//! Everything that an implementation writes goes through a [`Bus`]: tables and queues in host memory, registers of the unit.

mod amdvi;
mod error;
mod none;
mod vtd;

pub use amdvi::AmdViDomain;
pub use error::DomainError;
pub use none::NoRemapDomain;
pub use vtd::VtdDomain;

use super::vector::{AllocInfo, VectorDomain, Virq};
use super::{CpuSet, Errno};
use crate::driver::Bus;
use crate::driver::msg::MsiMsg;
use tlp::Bdf;

/// The root that all remapping domains of a machine share: vectors, and what CPUs are called on the wire.
#[derive(Clone, Debug)]
pub struct Root {
    /// The vector domain.
    pub vectors: VectorDomain,
    apic_ids: Vec<u32>,
}

impl Root {
    /// `apic_ids`: the APIC id of each CPU, CPU 0 first.
    pub fn new(vectors: VectorDomain, apic_ids: Vec<u32>) -> Self {
        Self { vectors, apic_ids }
    }

    /// APIC id, vector of an interrupt, as its entry or message has to name them now.
    ///
    /// # Errors
    /// [`Errno::Enxio`] for an interrupt that does not exist or a CPU that has no id.
    pub fn destination(&self, irq: Virq) -> Result<(u32, u8), Errno> {
        let target = self.vectors.target(irq)?;
        let id = self.apic_ids.get(target.cpu).ok_or(Errno::Enxio)?;
        Ok((*id, target.vector))
    }
}

/// What a parent lets the domains of devices do: `msi_parent_ops::supported_flags`, by name without `MSI_FLAG_`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParentFlags {
    /// `MULTI_PCI_MSI`: more than one message per MSI.
    pub multi_pci_msi: bool,
    /// `PCI_MSIX`.
    pub pci_msix: bool,
    /// `PCI_MSIX_ALLOC_DYN`: MSI-X vectors can be added and freed after enable.
    pub pci_msix_alloc_dyn: bool,
    /// `PCI_IMS` (6.2 to 6.9).
    pub pci_ims: bool,
}

/// What an interrupt is allocated for: `struct irq_alloc_info` as a device's domain fills it in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IrqInfo {
    /// For the vector domain. `contiguous`: one multi-message MSI, whose messages differ in the low bits of their data.
    pub vector: AllocInfo,
    /// Requester id of the device's messages.
    pub source: Bdf,
}

/// Where an interrupt is posted: `struct intel_iommu_pi_data`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Posting {
    /// Address of the descriptor.
    pub descriptor: u64,
    /// The bit of PIR.
    pub vector: u8,
}

/// What an affinity change asks of the device's domain: `IRQ_SET_MASK_OK` and `IRQ_SET_MASK_OK_DONE`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moved {
    /// The message has changed: compose it and write it to the device, then call
    /// [`VectorDomain::message_changed`] if it was a block of vectors.
    Message,
    /// Done. The device's message is as before, and no interrupt takes the old way any more.
    Done,
}

/// A parent of device domains.
///
/// Calls leave everything as it was when they return an [`Errno`]. When the unit itself fails
/// ([`DomainError::Unit`], [`DomainError::Bus`]) the interrupt keeps both its old and its new place, so that it is
/// handled wherever it arrives.
pub trait RemapDomain: std::fmt::Debug {
    /// What stands before a chip's name: "IR-", or nothing.
    fn prefix(&self) -> &'static str;

    /// What it lets its children do.
    fn flags(&self) -> ParentFlags;

    /// Allocates `count` interrupts from `first` on, with one entry each; entries of one multi-message MSI are
    /// consecutive and start at a multiple of their number, rounded up to a power of two. Nothing is present yet.
    ///
    /// # Errors
    /// Those of [`VectorDomain::alloc_irqs`]; [`Errno::Einval`] for several interrupts that are not one
    /// MSI; and when no entries are left what the kernel returns: [`Errno::Enomem`] for VT-d, [`Errno::Enospc`] for AMD-Vi.
    fn alloc_irqs(
        &mut self,
        root: &mut Root,
        bus: &mut dyn Bus,
        first: Virq,
        count: u32,
        info: &IrqInfo,
    ) -> Result<(), DomainError>;

    /// Frees what one call of [`alloc_irqs`](Self::alloc_irqs) has allocated, by its first interrupt. When it returns,
    /// no interrupt uses the entries.
    ///
    /// # Errors
    /// [`Errno::Enxio`] when `first` is not the first of an allocation.
    fn free_irqs(&mut self, root: &mut Root, bus: &mut dyn Bus, first: Virq) -> Result<(), DomainError>;

    /// Gives an interrupt its vector and makes its entry present. `reserve`: the entry names the shutdown vector until
    /// the next call without.
    ///
    /// # Errors
    /// Those of [`VectorDomain::activate`].
    fn activate(&mut self, root: &mut Root, bus: &mut dyn Bus, irq: Virq, reserve: bool) -> Result<(), DomainError>;

    /// Makes the entry not present, then takes the vector back.
    ///
    /// # Errors
    /// [`Errno::Enxio`].
    fn deactivate(&mut self, root: &mut Root, bus: &mut dyn Bus, irq: Virq) -> Result<(), DomainError>;

    /// The message that the device sends for an interrupt. Of a multi-message MSI, that of the first is the one for
    /// the capability.
    ///
    /// # Errors
    /// [`Errno::Enxio`]; [`Errno::Einval`] when the message has no room for the destination.
    fn compose(&self, root: &Root, irq: Virq) -> Result<MsiMsg, DomainError>;

    /// Moves an interrupt to a CPU of the mask.
    ///
    /// # Errors
    /// Those of [`VectorDomain::set_affinity`].
    fn set_affinity(
        &mut self,
        root: &mut Root,
        bus: &mut dyn Bus,
        irq: Virq,
        mask: &CpuSet,
    ) -> Result<Moved, DomainError> {
        root.vectors.set_affinity(irq, mask)?;
        self.follow(root, bus, irq)
    }

    /// Brings the entry to where the vector domain has the interrupt: the second half of every move, alone for those
    /// that the vector domain makes by itself (CPU hot-unplug).
    ///
    /// # Errors
    /// [`Errno::Enxio`].
    fn follow(&mut self, root: &mut Root, bus: &mut dyn Bus, irq: Virq) -> Result<Moved, DomainError>;

    /// Posts an interrupt into a descriptor instead of sending it to a processor, or sends it to its processor again
    /// (`irq_set_vcpu_affinity`). Moves leave a posted entry alone; activation and deactivation do not.
    ///
    /// # Errors
    /// [`Errno::Enosys`] where the unit cannot; [`Errno::Enxio`]; [`Errno::Einval`] for an interrupt whose entry is not
    /// present, or a descriptor that is not aligned to 64 bytes.
    fn post(&mut self, root: &mut Root, bus: &mut dyn Bus, irq: Virq, to: Option<Posting>) -> Result<(), DomainError> {
        let _ = (root, bus, irq, to);
        Err(Errno::Enosys.into())
    }

    /// Everything that the unit has cached of its entries is dropped, and what used it has arrived; nothing without a unit.
    ///
    /// # Errors
    /// The unit.
    fn flush_all(&mut self, bus: &mut dyn Bus) -> Result<(), DomainError> {
        let _ = bus;
        Ok(())
    }

    /// The table entry of an interrupt; `None` without a unit or for an interrupt that does not exist.
    fn entry(&self, irq: Virq) -> Option<u32>;

    /// The book of entries agrees with the vector domain and, word for word, with the table in memory: for tests.
    ///
    /// # Errors
    /// What is wrong.
    fn check(&self, root: &Root, bus: &mut dyn Bus) -> Result<(), String>;
}
