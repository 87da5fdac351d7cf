// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The event log [AMD IOMMU 2.5]: a ring in memory that the unit writes and software reads.

use super::regs::{Control, Ring};
use crate::mem::HostMemory;
use tlp::Bdf;

/// An entry of the log, 16 bytes; the code stands in bits 63:60.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event([u64; 2]);

/// Flags of an event in bits 63:32: I, the request was an interrupt; PR, an entry was present; RZ, a reserved field of it
/// was not 0; RW, a write, as every interrupt is.
const INTERRUPT: u64 = 1 << (32 + 19);
const PRESENT: u64 = 1 << (32 + 20);
const WRITE: u64 = 1 << (32 + 21);
const RESERVED: u64 = 1 << (32 + 23);

impl Event {
    fn of_request(code: u64, device: Bdf, flags: u64, address: u32) -> Self {
        Self([code << 60 | flags | INTERRUPT | WRITE | u64::from(device.bits()), u64::from(address)])
    }

    /// ILLEGAL_DEV_TABLE_ENTRY.
    pub fn illegal_device(device: Bdf, address: u32) -> Self {
        Self::of_request(1, device, RESERVED, address)
    }

    /// IO_PAGE_FAULT of an interrupt.
    pub fn interrupt_fault(device: Bdf, address: u32, present: bool, reserved: bool) -> Self {
        let flags = if present { PRESENT } else { 0 } | if reserved { RESERVED } else { 0 };
        Self::of_request(2, device, flags, address)
    }

    /// DEV_TAB_HARDWARE_ERROR.
    pub fn device_table_unreadable(device: Bdf, at: u64) -> Self {
        let Self([low, _]) = Self::of_request(3, device, 0, 0);
        Self([low, at])
    }

    /// PAGE_TAB_HARDWARE_ERROR of an interrupt table.
    pub fn interrupt_table_unreadable(device: Bdf, at: u64) -> Self {
        let Self([low, _]) = Self::of_request(4, device, 0, 0);
        Self([low, at])
    }

    /// ILLEGAL_COMMAND_ERROR.
    pub const fn illegal_command(at: u64) -> Self {
        Self([5 << 60, at])
    }

    /// COMMAND_HARDWARE_ERROR.
    pub const fn command_unreadable(at: u64) -> Self {
        Self([6 << 60, at])
    }
}

/// The log's registers.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    pub base: Ring,
    pub head: u32,
    pub tail: u32,
    /// EventLogRun.
    pub runs: bool,
    /// EventOverflow.
    pub overflow: bool,
    /// EventLogInt.
    pub interrupt: bool,
    /// The interrupt has to be sent.
    pub send: bool,
}

impl Log {
    /// Writes an event; says whether it is in the log. A full log stops, with the overflow bit.
    pub fn write(&mut self, event: Event, control: &Control, mem: &mut HostMemory) -> bool {
        if !self.runs || !control.event_log() {
            return false;
        }
        let next = (self.tail + 16) % self.base.bytes();
        if next == self.head {
            self.overflow = true;
            self.runs = false;
            self.raise(control);
            return false;
        }
        let Event([low, high]) = event;
        let bytes = (u128::from(high) << 64 | u128::from(low)).to_le_bytes();
        let written = mem.write(self.base.base() + u64::from(self.tail), &bytes).is_ok();
        self.tail = next;
        self.raise(control);
        written
    }

    fn raise(&mut self, control: &Control) {
        // One interrupt until software has cleared the status bit.
        self.send |= !self.interrupt && control.event_interrupt();
        self.interrupt = true;
    }
}
