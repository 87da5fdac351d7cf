// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Register offsets and layouts [AMD IOMMU 3.4]. Offsets in bytes from the register base, all 64 bits wide.

use bitfield_struct::bitfield;

/// Device table base.
pub const DEVICE_TABLE: u32 = 0x0000;
/// Command buffer base.
pub const COMMAND_BASE: u32 = 0x0008;
/// Event log base.
pub const EVENT_BASE: u32 = 0x0010;
/// Control.
pub const CONTROL: u32 = 0x0018;
/// Extended features.
pub const FEATURES: u32 = 0x0030;
/// Interrupt of events and completion waits when their messages are composed here (`IntCapXTEn`).
pub const EVENT_INTERRUPT: u32 = 0x0170;
/// Extended features 2.
pub const FEATURES_2: u32 = 0x01a0;
/// Command buffer head.
pub const COMMAND_HEAD: u32 = 0x2000;
/// Command buffer tail.
pub const COMMAND_TAIL: u32 = 0x2008;
/// Event log head.
pub const EVENT_HEAD: u32 = 0x2010;
/// Event log tail.
pub const EVENT_TAIL: u32 = 0x2018;
/// Status.
pub const STATUS: u32 = 0x2020;
/// Bytes of the register area.
pub const AREA: u32 = 0x4000;

/// Device table base address [AMD IOMMU 3.4.1].
#[bitfield(u64)]
#[derive(PartialEq, Eq)]
pub struct DeviceTable {
    /// Pages of 4 KiB minus 1.
    #[bits(9)]
    pub size: u32,
    #[bits(3)]
    __: u8,
    /// Bits 51:12 of the table's address.
    #[bits(40)]
    pub frame: u64,
    #[bits(12)]
    __: u16,
}

impl DeviceTable {
    /// Address of the entry of device 0.
    pub const fn base(self) -> u64 {
        self.frame() << 12
    }

    /// Entries: 128 of 32 bytes a page.
    pub const fn entries(self) -> u32 {
        (self.size() + 1) * 128
    }
}

/// Base address of command buffer or event log [AMD IOMMU 3.4.2, 3.4.3].
#[bitfield(u64)]
#[derive(PartialEq, Eq)]
pub struct Ring {
    #[bits(12)]
    __: u16,
    /// Bits 51:12 of the ring's address.
    #[bits(40)]
    pub frame: u64,
    #[bits(4)]
    __: u8,
    /// The ring has 2^length entries of 16 bytes; 8..=15, others are reserved.
    #[bits(4)]
    pub length: u32,
    #[bits(4)]
    __: u8,
}

impl Ring {
    /// Address of the first entry.
    pub const fn base(self) -> u64 {
        self.frame() << 12
    }

    /// Bytes of the ring; a reserved length counts as the shortest.
    pub const fn bytes(self) -> u32 {
        16 << if self.length() < 8 { 8 } else { self.length() }
    }
}

/// Control register [AMD IOMMU 3.4.4]: what this unit has of it.
#[bitfield(u64)]
#[derive(PartialEq, Eq)]
pub struct Control {
    /// IommuEn.
    pub enabled: bool,
    #[bits(1)]
    __: u8,
    /// EventLogEn.
    pub event_log: bool,
    /// EventIntEn.
    pub event_interrupt: bool,
    /// ComWaitIntEn.
    pub wait_interrupt: bool,
    #[bits(7)]
    __: u8,
    /// CmdBufEn.
    pub commands: bool,
    #[bits(4)]
    __: u8,
    /// GAEn: interrupt table entries have 128 bits, else 32.
    pub wide_entries: bool,
    #[bits(25)]
    __: u32,
    /// NumIntRemapMode: 1 makes MSI data 10:0 the index whatever its delivery mode bits say.
    #[bits(2)]
    pub index_mode: u8,
    #[bits(5)]
    __: u8,
    /// XTEn: destinations of 128-bit entries have 32 bits.
    pub x2apic: bool,
    /// IntCapXTEn: the unit's own interrupts are composed from its registers.
    pub own_interrupts: bool,
    #[bits(12)]
    __: u16,
}

/// Status register [AMD IOMMU 3.4.15]: 2:0 are cleared by writing 1.
#[bitfield(u64)]
#[derive(PartialEq, Eq)]
pub struct Status {
    /// EventOverflow.
    pub overflow: bool,
    /// EventLogInt.
    pub event: bool,
    /// ComWaitInt.
    pub wait: bool,
    /// EventLogRun.
    pub log_runs: bool,
    /// CmdBufRun.
    pub commands_run: bool,
    #[bits(59)]
    __: u64,
}

/// FEATURES: XTSup.
pub const XT: u64 = 1 << 2;
/// FEATURES: GASup.
pub const GA: u64 = 1 << 7;
/// FEATURES_2 9:8: NumIntRemapSup, 1 for 2,048 entries.
pub const TWO_K: u64 = 1 << 8;

/// The register of [`EVENT_INTERRUPT`] [AMD IOMMU 3.4.13].
#[bitfield(u64)]
#[derive(PartialEq, Eq)]
pub struct OwnInterrupt {
    #[bits(2)]
    __: u8,
    /// Destination is logical.
    pub logical: bool,
    #[bits(5)]
    __: u8,
    /// Destination bits 23:0.
    #[bits(24)]
    pub destination_23_0: u32,
    /// Vector.
    pub vector: u8,
    #[bits(16)]
    __: u16,
    /// Destination bits 31:24.
    pub destination_31_24: u8,
}
