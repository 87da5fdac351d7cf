// SPDX-License-Identifier: Apache-2.0 OR MIT
//! PCI/MSI-X: entries of the table (drivers/pci/msi/msi.c, irqdomain.c), access by access as Linux makes them.

use super::chip::{Chip, Cookie};
use crate::domain::Errno;
use crate::domain::remap::DomainError;
use crate::driver::Bus;
use crate::driver::msg::MsiMsg;
use std::collections::BTreeMap;

const ENTRY_SIZE: u64 = 16;
const ENTRY_LOWER_ADDR: u64 = 0;
const ENTRY_UPPER_ADDR: u64 = 4;
const ENTRY_DATA: u64 = 8;
const ENTRY_VECTOR_CTRL: u64 = 12;
const CTRL_MASKBIT: u32 = 1;

/// What software knows of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Entry {
    /// Vector control as last read or written; bits 31:1 are kept.
    ctrl: u32,
    msg: MsiMsg,
}

/// The table of one function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MsixChip {
    table: u64,
    /// Entries of the table; indices behind it are virtual and touch no hardware (`PCI_IRQ_VIRTUAL`).
    entries: u32,
    used: BTreeMap<u32, Entry>,
}

impl MsixChip {
    /// A table at an address in device memory.
    pub const fn new(table: u64, entries: u32) -> Self {
        Self { table, entries, used: BTreeMap::new() }
    }

    /// Entries of the table.
    pub const fn entries(&self) -> u32 {
        self.entries
    }

    /// `msix_mask_all`: every entry, in use or not, since a kernel that ran before may have left some open.
    ///
    /// # Errors
    /// The bus.
    pub fn mask_all(&self, bus: &mut dyn Bus) -> Result<(), DomainError> {
        for index in 0..self.entries {
            bus.mem_write(self.at(index) + ENTRY_VECTOR_CTRL, 4, u64::from(CTRL_MASKBIT))?;
        }
        Ok(())
    }

    fn at(&self, index: u32) -> u64 {
        self.table + ENTRY_SIZE * u64::from(index)
    }

    fn used(&mut self, index: u32) -> Result<&mut Entry, DomainError> {
        Ok(self.used.get_mut(&index).ok_or(Errno::Enxio)?)
    }
}

impl Chip for MsixChip {
    /// `msix_prepare_msi_desc`: the control word is read and kept.
    fn prepare(&mut self, bus: &mut dyn Bus, index: u32, _cookie: Option<&Cookie>) -> Result<(), DomainError> {
        let real = index < self.entries;
        let ctrl = if real { bus.mem_read(self.at(index) + ENTRY_VECTOR_CTRL, 4)? as u32 } else { CTRL_MASKBIT };
        self.used.insert(index, Entry { ctrl, msg: MsiMsg::default() });
        Ok(())
    }

    fn release(&mut self, _bus: &mut dyn Bus, index: u32) -> Result<(), DomainError> {
        self.used.remove(&index);
        Ok(())
    }

    /// `pci_msix_mask`: written, then flushed by a read of the first word of the table.
    fn mask(&mut self, bus: &mut dyn Bus, index: u32, _nr: u32) -> Result<(), DomainError> {
        let (at, real) = (self.at(index), index < self.entries);
        let entry = self.used(index)?;
        entry.ctrl |= CTRL_MASKBIT;
        if real {
            bus.mem_write(at + ENTRY_VECTOR_CTRL, 4, u64::from(entry.ctrl))?;
            bus.mem_read(self.table, 4)?;
        }
        Ok(())
    }

    /// `pci_msix_unmask`: posted, not flushed.
    fn unmask(&mut self, bus: &mut dyn Bus, index: u32, _nr: u32) -> Result<(), DomainError> {
        let (at, real) = (self.at(index), index < self.entries);
        let entry = self.used(index)?;
        entry.ctrl &= !CTRL_MASKBIT;
        if real {
            bus.mem_write(at + ENTRY_VECTOR_CTRL, 4, u64::from(entry.ctrl))?;
        }
        Ok(())
    }

    /// `pci_write_msg_msix`: an open entry is masked around the three writes, without a read between them; data is
    /// read back at the end.
    fn write_msg(&mut self, bus: &mut dyn Bus, index: u32, msg: MsiMsg) -> Result<(), DomainError> {
        let (at, real) = (self.at(index), index < self.entries);
        let entry = self.used(index)?;
        entry.msg = msg;
        let ctrl = entry.ctrl;
        if !real {
            return Ok(());
        }
        let open = ctrl & CTRL_MASKBIT == 0;
        if open {
            bus.mem_write(at + ENTRY_VECTOR_CTRL, 4, u64::from(ctrl | CTRL_MASKBIT))?;
        }
        bus.mem_write(at + ENTRY_LOWER_ADDR, 4, u64::from(msg.address_lo))?;
        bus.mem_write(at + ENTRY_UPPER_ADDR, 4, u64::from(msg.address_hi))?;
        bus.mem_write(at + ENTRY_DATA, 4, u64::from(msg.data))?;
        if open {
            bus.mem_write(at + ENTRY_VECTOR_CTRL, 4, u64::from(ctrl))?;
        }
        bus.mem_read(at + ENTRY_DATA, 4)?;
        Ok(())
    }

    /// The body of `__pci_restore_msix_state`: the message as for a change, then vector control once more.
    fn restore(&mut self, bus: &mut dyn Bus, index: u32) -> Result<(), DomainError> {
        let (at, real) = (self.at(index), index < self.entries);
        let entry = *self.used(index)?;
        self.write_msg(bus, index, entry.msg)?;
        if real {
            bus.mem_write(at + ENTRY_VECTOR_CTRL, 4, u64::from(entry.ctrl))?;
        }
        Ok(())
    }

    fn message(&self, index: u32) -> Option<MsiMsg> {
        self.used.get(&index).map(|e| e.msg)
    }

    fn is_masked(&self, index: u32, _nr: u32) -> Option<bool> {
        self.used.get(&index).map(|e| e.ctrl & CTRL_MASKBIT != 0)
    }
}
