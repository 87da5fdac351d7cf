// SPDX-License-Identifier: Apache-2.0 OR MIT
//! PCI/IMS, array variant: slots in device memory (irq-pci-intel-idxd.c).

use super::chip::{Chip, Cookie};
use crate::domain::Errno;
use crate::domain::remap::DomainError;
use crate::driver::Bus;
use crate::driver::ims_array::{ImsArray, ImsArrayError, ImsSlot};
use crate::driver::msg::MsiMsg;
use std::collections::BTreeMap;

impl From<ImsArrayError> for DomainError {
    fn from(error: ImsArrayError) -> Self {
        match error {
            ImsArrayError::Bus(bus) => Self::Bus(bus),
            ImsArrayError::Index { .. } => Self::Errno(Errno::Erange),
            ImsArrayError::Pasid(_) => Self::Errno(Errno::Einval),
        }
    }
}

/// The slots of one function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ArrayChip {
    array: ImsArray,
    used: BTreeMap<u32, (ImsSlot, MsiMsg)>,
    masked: BTreeMap<u32, bool>,
}

impl ArrayChip {
    /// Slots at an address in device memory.
    pub const fn new(array: ImsArray) -> Self {
        Self { array, used: BTreeMap::new(), masked: BTreeMap::new() }
    }

    fn slot(&mut self, index: u32) -> Result<&mut (ImsSlot, MsiMsg), DomainError> {
        Ok(self.used.get_mut(&index).ok_or(Errno::Enxio)?)
    }
}

impl Chip for ArrayChip {
    /// Masked and read back; then the PASID stands in the slot, still masked, so that no message is ever there
    /// without it.
    fn prepare(&mut self, bus: &mut dyn Bus, index: u32, cookie: Option<&Cookie>) -> Result<(), DomainError> {
        let pasid = cookie.and_then(|c| c.pasid);
        let mut slot = self.array.prepare(bus, index, pasid)?;
        if pasid.is_some() {
            slot.mask(bus)?;
        }
        self.used.insert(index, (slot, MsiMsg::default()));
        self.masked.insert(index, true);
        Ok(())
    }

    fn release(&mut self, bus: &mut dyn Bus, index: u32) -> Result<(), DomainError> {
        if let Some((slot, _)) = self.used.remove(&index) {
            self.masked.remove(&index);
            slot.shutdown(bus)?;
        }
        Ok(())
    }

    fn mask(&mut self, bus: &mut dyn Bus, index: u32, _nr: u32) -> Result<(), DomainError> {
        self.slot(index)?.0.mask(bus)?;
        self.masked.insert(index, true);
        Ok(())
    }

    fn unmask(&mut self, bus: &mut dyn Bus, index: u32, _nr: u32) -> Result<(), DomainError> {
        self.slot(index)?.0.unmask(bus)?;
        self.masked.insert(index, false);
        Ok(())
    }

    /// An open slot is masked around the writes: without remapping the demonstration driver's order could tear.
    fn write_msg(&mut self, bus: &mut dyn Bus, index: u32, msg: MsiMsg) -> Result<(), DomainError> {
        let slot = self.slot(index)?;
        slot.1 = msg;
        Ok(slot.0.write_msg(bus, msg, true)?)
    }

    /// Masked, with its PASID; then its message; then open, if it was.
    fn restore(&mut self, bus: &mut dyn Bus, index: u32) -> Result<(), DomainError> {
        let open = self.masked.get(&index) == Some(&false);
        let (slot, msg) = self.slot(index)?;
        slot.mask(bus)?;
        slot.write_msg(bus, *msg, true)?;
        if open {
            slot.unmask(bus)?;
        }
        Ok(())
    }

    fn message(&self, index: u32) -> Option<MsiMsg> {
        self.used.get(&index).map(|(_, msg)| *msg)
    }

    fn is_masked(&self, index: u32, _nr: u32) -> Option<bool> {
        self.masked.get(&index).copied()
    }
}
