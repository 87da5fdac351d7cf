// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Between the root complex and the local APICs: what an interrupt request becomes.
//!
//! A unit takes [`InterruptRequest`]s in and gives [`RemapEffect`]s out. What it
//! does in between follows from its registers and its tables in memory alone;
//! there is no side door through which software could change an entry.

pub mod amdvi;
pub mod compat;
pub mod passthrough;
mod path;
pub mod vtd;

use crate::interrupt::{ApicMessage, DeliveryMode, InterruptRequest};
use crate::mem::HostMemory;
use tlp::{Bdf, Tick};

pub use path::Latency;

/// Why a unit refused a request: of VT-d the interrupt-remapping fault reasons [VT-d 7.2.1], of AMD-Vi the code of the
/// event that belongs to it [AMD IOMMU 2.5], in this model as 0x80 + code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum FaultReason {
    /// 0x20: a reserved field of a request in remappable format is not 0.
    ReservedRequest = 0x20,
    /// 0x21: the index lies beyond the table.
    IndexOutOfRange = 0x21,
    /// 0x22: the entry is not present.
    NotPresent = 0x22,
    /// 0x23: the entry could not be read from memory.
    TableUnreadable = 0x23,
    /// 0x24: a reserved field of a present entry is not 0.
    ReservedEntry = 0x24,
    /// 0x25: a request in compatibility format where none may pass.
    CompatBlocked = 0x25,
    /// 0x26: the requester is not the one that the entry admits.
    SourceMismatch = 0x26,
    /// 0x27: the posted descriptor could not be read or written.
    DescriptorInaccessible = 0x27,
    /// 0x28: a reserved field of the posted descriptor is not 0.
    ReservedDescriptor = 0x28,
    /// AMD-Vi: ILLEGAL_DEV_TABLE_ENTRY.
    IllegalDeviceEntry = 0x81,
    /// AMD-Vi: IO_PAGE_FAULT with I: the interrupt is target-aborted, or has no usable entry.
    InterruptFault = 0x82,
    /// AMD-Vi: DEV_TAB_HARDWARE_ERROR.
    DeviceTableUnreadable = 0x83,
    /// AMD-Vi: PAGE_TAB_HARDWARE_ERROR with I: the interrupt table could not be read.
    InterruptTableUnreadable = 0x84,
}

impl FaultReason {
    /// The eight-bit code of the fault record.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Whether the entry's FPD bit may keep the fault out of the log [VT-d 7.2.1: "qualified" faults].
    pub const fn is_qualified(self) -> bool {
        matches!(
            self,
            Self::NotPresent
                | Self::ReservedEntry
                | Self::SourceMismatch
                | Self::DescriptorInaccessible
                | Self::ReservedDescriptor
        )
    }
}

/// A message that the unit itself sends; it is not remapped [VT-d 5.1.7].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventMessage {
    /// Upper address register in bits 63:32, address register in 31:0.
    pub address: u64,
    /// Data register.
    pub data: u32,
}

impl EventMessage {
    /// The message as the APICs see it; `None` when the address is outside the
    /// interrupt window, which makes it a plain write of one DWORD to memory.
    ///
    /// In the event registers alone, the upper address carries destination bits
    /// 31:8 in its own bits 31:8 [VT-d 11.4.7.4, extended interrupt mode].
    pub fn apic(&self) -> Option<ApicMessage> {
        let low = self.address as u32;
        let high = (self.address >> 32) as u32;
        (low >> 20 == 0xfee).then(|| ApicMessage {
            destination: (high & 0xffff_ff00) | (low >> 12 & 0xff),
            logical: low >> 2 & 1 == 1,
            redirection_hint: low >> 3 & 1 == 1,
            mode: DeliveryMode::from_bits((self.data >> 8) as u8),
            level: self.data >> 15 & 1 == 1,
            vector: self.data as u8,
        })
    }
}

/// An access of a device to memory, as the root complex hands it to a unit; it stays within a page of 4 KiB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DmaAccess {
    /// Requester id of the packet.
    pub source: Bdf,
    /// PASID that it came with.
    pub pasid: Option<u32>,
    /// Address in the packet, of the first byte that counts.
    pub address: u64,
    /// A write; a read otherwise.
    pub write: bool,
}

/// What a unit did. The order of effects in one step is the order in which they happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RemapEffect {
    /// A request left the unit towards the local APICs.
    Deliver {
        /// The request as it came in.
        request: InterruptRequest,
        /// Index of the entry that was used; `None` for an unremapped request.
        index: Option<u32>,
        /// What goes to the APICs.
        message: ApicMessage,
    },
    /// A request went into a posted descriptor; memory has it already.
    Posted {
        /// The request as it came in.
        request: InterruptRequest,
        /// Index of the entry that was used.
        index: u32,
        /// Address of the descriptor.
        descriptor: u64,
        /// The bit of PIR that is 1 now.
        vector: u8,
        /// It was 1 before: one service will answer both.
        merged: bool,
        /// The notification that goes to the APICs because of it.
        notification: Option<ApicMessage>,
    },
    /// A request was dropped. The requester never hears of it: the write was posted.
    Blocked {
        /// The request as it came in.
        request: InterruptRequest,
        /// The interrupt index, once it was computed (17 bits: it may be 0x10000 and above).
        index: Option<u32>,
        /// Why.
        reason: FaultReason,
        /// Whether a fault record was written (not when FPD, overflow or compression kept it out).
        recorded: bool,
    },
    /// The fault event interrupt was sent.
    FaultEvent(EventMessage),
    /// The invalidation completion event interrupt was sent.
    InvalidationEvent(EventMessage),
    /// A wait descriptor wrote its status; memory has it already.
    StatusWrite {
        /// Where, a multiple of 4.
        address: u64,
        /// The DWORD.
        data: u32,
        /// Whether memory took it.
        written: bool,
    },
    /// An interrupt entry cache invalidation took place for the entries `first..=last`.
    EntriesInvalidated {
        /// First index.
        first: u16,
        /// Last index.
        last: u16,
    },
    /// An access of a device to memory was refused.
    DmaBlocked {
        /// The access as it came in.
        access: DmaAccess,
        /// Fault reason [VT-d 7.1.3].
        reason: u8,
        /// Whether a fault record was written.
        recorded: bool,
    },
    /// Translations were invalidated; `drain`: reads that were translated before must have looked at memory by
    /// the time anything after this is seen.
    TranslationsInvalidated {
        /// DR of the descriptor.
        drain: bool,
    },
    /// AMD-Vi: the interrupt entries of a device were invalidated.
    DeviceInvalidated {
        /// Device id.
        device: u16,
    },
    /// AMD-Vi: the command buffer stopped on an error, which is in the event log.
    CommandsStopped {
        /// Byte offset of the command.
        head: u32,
    },
    /// The invalidation queue stopped on an error.
    QueueStopped {
        /// Byte offset of the descriptor (the queue head).
        head: u32,
        /// What the error record register says.
        error: vtd::QueueError,
    },
}

/// A unit that stands between requests and the APICs.
pub trait RemapUnit {
    /// Reads `bytes` (4 or 8, aligned) of the register page. See [`vtd::Vtd::read`].
    fn read(&self, offset: u32, bytes: u8) -> u64;

    /// Writes `bytes` (4 or 8, aligned) of the register page. See [`vtd::Vtd::write`].
    fn write(&mut self, offset: u32, bytes: u8, value: u64, now: Tick, mem: &mut HostMemory);

    /// A request enters the unit. What becomes of it shows in a later (or this tick's) [`step`](Self::step).
    fn request(&mut self, req: InterruptRequest, now: Tick, mem: &HostMemory);

    /// Host address of a device's access to memory; `None`: refused, and logged. Without DMA remapping, its own address.
    fn translate(&mut self, access: DmaAccess, now: Tick, mem: &mut HostMemory) -> Option<u64> {
        let _ = (now, mem);
        Some(access.address)
    }

    /// Does everything that is due at `now`; appends what happened to `out`.
    fn step(&mut self, now: Tick, mem: &mut HostMemory, out: &mut Vec<RemapEffect>);

    /// The earliest tick at which [`step`](Self::step) has something to do; `None`: nothing under way.
    fn next_due(&self) -> Option<Tick>;

    /// The same unit once more, as it stands.
    fn copy(&self) -> Box<dyn RemapUnit>;
}

impl Clone for Box<dyn RemapUnit> {
    fn clone(&self) -> Self {
        self.copy()
    }
}
