// SPDX-License-Identifier: Apache-2.0 OR MIT
//! PCI/MSI: one message in configuration space for 1 to 32 vectors, 32 or 64 bits, with or without masks
//! (drivers/pci/msi/msi.c).

use super::chip::{Chip, Cookie};
use crate::domain::Errno;
use crate::domain::remap::DomainError;
use crate::driver::Bus;
use crate::driver::msg::MsiMsg;

const FLAGS: u16 = 2;
const FLAGS_QMASK: u32 = 0x000e;
const FLAGS_QSIZE: u32 = 0x0070;
const FLAGS_64BIT: u32 = 1 << 7;
const FLAGS_MASKBIT: u32 = 1 << 8;

/// The capability of one function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MsiChip {
    cap: u16,
    /// 64-bit addresses.
    wide: bool,
    /// Offset of the mask register, where there is one.
    mask_at: Option<u16>,
    /// Vectors that the function can have, as a power of two.
    capable: u32,
    /// Vectors enabled, as a power of two (MME).
    multiple: u32,
    /// Software's copy of the mask register. One word for all vectors: every update reads, changes and writes it, so
    /// updates must not run side by side.
    mask: u32,
    msg: Option<MsiMsg>,
}

impl MsiChip {
    /// A capability that has not been read yet.
    pub const fn new(cap: u16) -> Self {
        Self { cap, wide: false, mask_at: None, capable: 0, multiple: 0, mask: 0, msg: None }
    }

    /// `msi_setup_msi_desc` and the masking of all vectors that follows it: reads what kind it is and keeps the masks.
    ///
    /// # Errors
    /// The bus.
    pub fn set_up(&mut self, bus: &mut dyn Bus, vectors: u32) -> Result<(), DomainError> {
        let control = bus.cfg_read(self.cap + FLAGS, 2)?;
        self.wide = control & FLAGS_64BIT != 0;
        self.mask_at = (control & FLAGS_MASKBIT != 0).then_some(self.cap + if self.wide { 0x10 } else { 0xc });
        self.capable = ((control & FLAGS_QMASK) >> 1).min(5);
        self.multiple = vectors.next_power_of_two().ilog2();
        self.mask = match self.mask_at {
            Some(at) => bus.cfg_read(at, 4)?,
            None => 0,
        };
        self.update_mask(bus, 0, self.multi_mask())
    }

    /// A bit for each vector that the function can have, and none beyond (`msi_multi_mask`).
    pub const fn multi_mask(&self) -> u32 {
        if self.capable >= 5 { u32::MAX } else { (1 << (1 << self.capable)) - 1 }
    }

    /// `pci_msi_update_mask`: from the copy, not read first.
    ///
    /// # Errors
    /// The bus.
    pub fn update_mask(&mut self, bus: &mut dyn Bus, clear: u32, set: u32) -> Result<(), DomainError> {
        let new = self.mask & !clear | set;
        self.store_mask(bus, new)
    }

    /// Software's copy of the mask register: the first half of an update.
    pub const fn mask_copy(&self) -> u32 {
        self.mask
    }

    /// Copy and register become `new`: the second half of an update, right only while the copy has not changed since
    /// the first.
    ///
    /// # Errors
    /// The bus.
    pub fn store_mask(&mut self, bus: &mut dyn Bus, new: u32) -> Result<(), DomainError> {
        self.mask = new;
        if let Some(at) = self.mask_at {
            bus.cfg_write(at, 4, self.mask)?;
        }
        Ok(())
    }
}

impl Chip for MsiChip {
    fn prepare(&mut self, _bus: &mut dyn Bus, _index: u32, _cookie: Option<&Cookie>) -> Result<(), DomainError> {
        Ok(())
    }

    fn release(&mut self, _bus: &mut dyn Bus, _index: u32) -> Result<(), DomainError> {
        self.msg = None;
        Ok(())
    }

    fn mask(&mut self, bus: &mut dyn Bus, _index: u32, nr: u32) -> Result<(), DomainError> {
        self.update_mask(bus, 0, 1 << nr)
    }

    fn unmask(&mut self, bus: &mut dyn Bus, _index: u32, nr: u32) -> Result<(), DomainError> {
        self.update_mask(bus, 1 << nr, 0)
    }

    /// `pci_write_msg_msi`: number of vectors, address, data, and control read back. The registers change one after
    /// another.
    fn write_msg(&mut self, bus: &mut dyn Bus, _index: u32, msg: MsiMsg) -> Result<(), DomainError> {
        if msg.data > 0xffff || !self.wide && msg.address_hi != 0 {
            return Err(Errno::Eio.into());
        }
        let cap = self.cap;
        let control = bus.cfg_read(cap + FLAGS, 2)?;
        bus.cfg_write(cap + FLAGS, 2, control & !FLAGS_QSIZE | self.multiple << 4)?;
        bus.cfg_write(cap + 4, 4, msg.address_lo)?;
        if self.wide {
            bus.cfg_write(cap + 8, 4, msg.address_hi)?;
            bus.cfg_write(cap + 0xc, 2, msg.data)?;
        } else {
            bus.cfg_write(cap + 8, 2, msg.data)?;
        }
        bus.cfg_read(cap + FLAGS, 2)?;
        self.msg = Some(msg);
        Ok(())
    }

    /// The message, then the masks; the caller enables.
    fn restore(&mut self, bus: &mut dyn Bus, index: u32) -> Result<(), DomainError> {
        if let Some(msg) = self.msg {
            self.write_msg(bus, index, msg)?;
        }
        self.update_mask(bus, 0, 0)
    }

    fn can_mask(&self) -> bool {
        self.mask_at.is_some()
    }

    fn message(&self, _index: u32) -> Option<MsiMsg> {
        self.msg
    }

    fn is_masked(&self, _index: u32, nr: u32) -> Option<bool> {
        Some(self.mask_at.is_some() && self.mask >> nr & 1 == 1)
    }
}
