// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Virtual functions: their sources, configuration registers and errors.
//!
//! [Data sheet section 16; PCIe Base 9.] Which of them exist is told by the physical
//! function's configuration space and phase; `vf_device.rs` joins the two.

use crate::aer::{Error, Message};
use crate::config::{ConfigSpace, byte_mask};
use crate::irq::{IMS_CONTROL, MSIX_CONTROL, Table};
use tlp::Store;

/// Sources of a virtual function in each of its two stores.
pub(crate) const SOURCES: u32 = 64;
/// Index of the first MSI-X vector of virtual function 0.
pub(crate) const FIRST_MSIX: u32 = 2048;
/// Index of the first device slot of virtual function 0.
pub(crate) const FIRST_SLOT: u32 = 8192;
/// Distance of virtual function 0 from the physical function in the numbering of requesters.
pub(crate) const FIRST_OFFSET: u16 = 8;

const COMMAND: u32 = 0x04;
const DEVICE: u32 = 0x58;
const MSIX: u32 = 0xb0;
const BUS_MASTER: u32 = 1 << 2;
const SYSTEM_ERROR: u32 = 1 << 30;
const PARITY_ERROR: u32 = 1 << 31;
const START_RESET: u32 = 1 << 15;

/// One of the functions of the device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Owner {
    Physical,
    Virtual(usize),
}

/// First index of the virtual functions in a store; `None` where they have no part of it.
pub(crate) fn first(store: Store) -> Option<u32> {
    match store {
        Store::Msix => Some(FIRST_MSIX),
        Store::Device => Some(FIRST_SLOT),
        Store::Host | Store::Event => None,
    }
}

/// One virtual function.
#[derive(Clone, Debug)]
pub(crate) struct Vf {
    pub(crate) msix: Table,
    pub(crate) slots: Table,
    /// Command and Status.
    command: u32,
    /// Device Control and Device Status.
    device: u32,
    /// Enable and Function Mask of MSI-X, in their places.
    msix_control: u32,
}

impl Vf {
    pub(crate) fn new() -> Self {
        Self {
            msix: Table::new(SOURCES, MSIX_CONTROL),
            slots: Table::new(SOURCES, IMS_CONTROL),
            command: 0,
            device: 0,
            msix_control: 0,
        }
    }

    /// As after a reset.
    pub(crate) fn reset(&mut self) {
        self.msix.reset();
        self.slots.reset();
        (self.command, self.device, self.msix_control) = (0, 0, 0);
    }

    pub(crate) fn table(&self, store: Store) -> &Table {
        if store == Store::Device { &self.slots } else { &self.msix }
    }

    pub(crate) fn table_mut(&mut self, store: Store) -> &mut Table {
        if store == Store::Device { &mut self.slots } else { &mut self.msix }
    }

    pub(crate) fn bus_master(&self) -> bool {
        self.command & BUS_MASTER != 0
    }

    pub(crate) fn msix_enabled(&self) -> bool {
        self.msix_control & 1 << 31 != 0
    }

    pub(crate) fn msix_function_mask(&self) -> bool {
        self.msix_control & 1 << 30 != 0
    }

    /// One word of its configuration space; some are those of the physical function.
    pub(crate) fn config_read(&self, offset: u32, physical: &ConfigSpace) -> u32 {
        match offset {
            0x00 => 0xffff_ffff,
            COMMAND => 0x0010_0000 | self.command,
            0x08 | 0x2c | 0x54 | 0x5c | 0x74 | 0x7c => physical.at(offset),
            0x34 => 0x50,
            0x50 => 0x0002_b010,
            DEVICE => self.device,
            MSIX => self.msix_control | (SOURCES - 1) << 16 | 0x11,
            0xb8 => 0x1000,
            0x100 => 0x0001_000e,
            _ => 0,
        }
    }

    /// Writes the enabled bytes of one word; whether that starts a reset of the function.
    pub(crate) fn config_write(&mut self, offset: u32, data: u32, byte_enables: u32) -> bool {
        let bytes = byte_mask(byte_enables);
        let (word, writable, clearable) = match offset {
            COMMAND => (&mut self.command, BUS_MASTER, SYSTEM_ERROR | PARITY_ERROR),
            DEVICE => (&mut self.device, 0, 0x000f_0000),
            MSIX => (&mut self.msix_control, 0xc000_0000, 0),
            _ => return false,
        };
        let writable = writable & bytes;
        *word = *word & !writable | data & writable;
        *word &= !(data & bytes & clearable);
        offset == DEVICE && data & bytes & START_RESET != 0
    }

    /// An error of this function, at the default severity; `advisory` where its requester is told.
    pub(crate) fn note(&mut self, error: Error, advisory: bool) -> Message {
        let message = if advisory { Message::Correctable } else { Message::NonFatal };
        self.device |= if advisory { 1 << 16 } else { 1 << 17 };
        match error {
            Error::Poisoned => self.command |= PARITY_ERROR,
            Error::UnsupportedRequest => self.device |= 1 << 19,
            _ => {}
        }
        message
    }

    /// Signalled System Error.
    pub(crate) fn signalled(&mut self) {
        self.command |= SYSTEM_ERROR;
    }
}
