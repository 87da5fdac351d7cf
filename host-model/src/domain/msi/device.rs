// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One domain of a device and its store of descriptors: `struct msi_domain_info`, `struct msi_desc`, the xarray of
//! `msi_device_data`.

use super::MSI_MAX_INDEX;
use super::chip::{Chip, ChipOps, Cookie};
use super::pci_msi::MsiChip;
use super::pci_msix::MsixChip;
use crate::domain::Errno;
use crate::domain::spread::AffinityDesc;
use crate::domain::vector::Virq;
use std::collections::BTreeMap;

/// `DOMAIN_BUS_PCI_DEVICE_*`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BusToken {
    /// `DOMAIN_BUS_PCI_DEVICE_MSI`.
    Msi,
    /// `DOMAIN_BUS_PCI_DEVICE_MSIX`.
    Msix,
    /// `DOMAIN_BUS_PCI_DEVICE_IMS`.
    Ims,
}

/// Flags of a template that the checks look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TemplateFlags {
    /// `MSI_FLAG_ALLOC_SIMPLE_MSI_DESCS`.
    pub alloc_simple_descs: bool,
    /// `MSI_FLAG_FREE_MSI_DESCS`.
    pub free_descs: bool,
}

/// What a driver creates its IMS domain from: `struct msi_domain_template`.
#[derive(Debug)]
pub struct Template {
    /// Bus token; must be that of IMS.
    pub token: BusToken,
    /// Flags.
    pub flags: TemplateFlags,
    /// Callbacks that are filled in.
    pub ops: ChipOps,
    /// The chip.
    pub chip: Box<dyn Chip>,
}

impl Template {
    /// A template as it should be.
    pub fn ims(chip: Box<dyn Chip>) -> Self {
        let flags = TemplateFlags { alloc_simple_descs: true, free_descs: true };
        Self { token: BusToken::Ims, flags, ops: ChipOps::default(), chip }
    }
}

/// One interrupt, or the vectors of one MSI: `struct msi_desc`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MsiDesc {
    /// First Linux interrupt; 0 until there is one.
    pub virq: Virq,
    /// Vectors.
    pub nvec: u32,
    /// Where each is to go; empty for anywhere.
    pub affinity: Vec<AffinityDesc>,
    /// What it belongs to.
    pub cookie: Option<Cookie>,
}

/// The kinds of chips: those of PCI have steps of their own when they are enabled.
#[derive(Debug)]
pub(crate) enum AnyChip {
    Msi(MsiChip),
    Msix(MsixChip),
    Ims(Box<dyn Chip>),
}

/// A domain of a device.
#[derive(Debug)]
pub struct DeviceDomain {
    /// Kind.
    pub token: BusToken,
    /// Indices below this can be used.
    pub hwsize: u32,
    pub(crate) chip: AnyChip,
    pub(crate) descs: BTreeMap<u32, MsiDesc>,
}

impl DeviceDomain {
    pub(crate) fn msi(chip: MsiChip) -> Self {
        Self { token: BusToken::Msi, hwsize: 1, chip: AnyChip::Msi(chip), descs: BTreeMap::new() }
    }

    pub(crate) fn msix(chip: MsixChip, hwsize: u32) -> Self {
        Self { token: BusToken::Msix, hwsize, chip: AnyChip::Msix(chip), descs: BTreeMap::new() }
    }

    /// `hwsize` 0: software limits alone.
    pub(crate) fn ims(chip: Box<dyn Chip>, hwsize: u32) -> Self {
        let hwsize = if hwsize == 0 { MSI_MAX_INDEX + 1 } else { hwsize };
        Self { token: BusToken::Ims, hwsize, chip: AnyChip::Ims(chip), descs: BTreeMap::new() }
    }

    /// Its chip.
    pub fn chip(&self) -> &dyn Chip {
        match &self.chip {
            AnyChip::Msi(c) => c,
            AnyChip::Msix(c) => c,
            AnyChip::Ims(c) => c.as_ref(),
        }
    }

    /// Its chip.
    pub fn chip_mut(&mut self) -> &mut dyn Chip {
        match &mut self.chip {
            AnyChip::Msi(c) => c,
            AnyChip::Msix(c) => c,
            AnyChip::Ims(c) => c.as_mut(),
        }
    }

    /// Its descriptors by index.
    pub fn descs(&self) -> &BTreeMap<u32, MsiDesc> {
        &self.descs
    }

    /// `msi_insert_desc`: puts a descriptor at an index, or at the lowest free one.
    ///
    /// # Errors
    /// [`Errno::Erange`] for an index that the domain does not have; [`Errno::Ebusy`] for one in use, or when
    /// none is free.
    pub fn insert(&mut self, index: Option<u32>, desc: MsiDesc) -> Result<u32, Errno> {
        let index = match index {
            Some(index) if index >= self.hwsize => return Err(Errno::Erange),
            Some(index) if self.descs.contains_key(&index) => return Err(Errno::Ebusy),
            Some(index) => index,
            None => (0..self.hwsize).find(|i| !self.descs.contains_key(i)).ok_or(Errno::Ebusy)?,
        };
        self.descs.insert(index, desc);
        Ok(index)
    }

    /// Whether an interrupt of it only gets its vector at request (`msi_check_reservation_mode`): MSI-X always, MSI when
    /// it can be masked, IMS never.
    pub fn reserves(&self) -> bool {
        match self.token {
            BusToken::Msix => true,
            BusToken::Msi => self.chip().can_mask(),
            BusToken::Ims => false,
        }
    }
}
