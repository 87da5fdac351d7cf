// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Register offsets and layouts [VT-d 11.4]. Offsets in bytes from the register base.

use bitfield_struct::bitfield;

/// Version, 32 bits.
pub const VER: u32 = 0x00;
/// Capability, 64 bits.
pub const CAP: u32 = 0x08;
/// Extended capability, 64 bits.
pub const ECAP: u32 = 0x10;
/// Global command, 32 bits.
pub const GCMD: u32 = 0x18;
/// Global status, 32 bits.
pub const GSTS: u32 = 0x1c;
/// Root table address, 64 bits.
pub const RTADDR: u32 = 0x20;
/// Fault status, 32 bits.
pub const FSTS: u32 = 0x34;
/// Fault event control, 32 bits.
pub const FECTL: u32 = 0x38;
/// Fault event data, 32 bits.
pub const FEDATA: u32 = 0x3c;
/// Fault event address, 32 bits.
pub const FEADDR: u32 = 0x40;
/// Fault event upper address, 32 bits.
pub const FEUADDR: u32 = 0x44;
/// Invalidation queue head, 64 bits.
pub const IQH: u32 = 0x80;
/// Invalidation queue tail, 64 bits.
pub const IQT: u32 = 0x88;
/// Invalidation queue address, 64 bits.
pub const IQA: u32 = 0x90;
/// Invalidation completion status, 32 bits.
pub const ICS: u32 = 0x9c;
/// Invalidation event control, 32 bits.
pub const IECTL: u32 = 0xa0;
/// Invalidation event data, 32 bits.
pub const IEDATA: u32 = 0xa4;
/// Invalidation event address, 32 bits.
pub const IEADDR: u32 = 0xa8;
/// Invalidation event upper address, 32 bits.
pub const IEUADDR: u32 = 0xac;
/// Invalidation queue error record, 64 bits.
pub const IQERCD: u32 = 0xb0;
/// Interrupt remapping table address, 64 bits.
pub const IRTA: u32 = 0xb8;
/// First fault recording register; CAP.FRO says so to software.
pub const FRCD: u32 = 0x220;
/// Bytes of the register page.
pub const PAGE: u32 = 0x1000;

/// GCMD/GSTS: DMA remapping enable(d).
pub const TE: u32 = 1 << 31;
/// GCMD: set root table pointer, one-shot.
pub const SRTP: u32 = 1 << 30;
/// GCMD/GSTS: queued invalidation enable(d).
pub const QIE: u32 = 1 << 26;
/// GCMD/GSTS: interrupt remapping enable(d).
pub const IRE: u32 = 1 << 25;
/// GCMD: set interrupt remapping table pointer, one-shot.
pub const SIRTP: u32 = 1 << 24;
/// GCMD/GSTS: compatibility format interrupts pass.
pub const CFI: u32 = 1 << 23;
/// GSTS: root table pointer was set.
pub const RTPS: u32 = SRTP;
/// GSTS: interrupt remapping table pointer was set.
pub const IRTPS: u32 = SIRTP;

/// FSTS: primary fault overflow.
pub const PFO: u32 = 1 << 0;
/// FSTS: primary pending fault.
pub const PPF: u32 = 1 << 1;
/// FSTS: invalidation queue error.
pub const IQE: u32 = 1 << 4;

/// FECTL/IECTL: interrupt mask.
pub const EVENT_IM: u32 = 1 << 31;
/// FECTL/IECTL: interrupt pending.
pub const EVENT_IP: u32 = 1 << 30;

/// Root table address [VT-d 11.4.5].
#[bitfield(u64)]
#[derive(PartialEq, Eq)]
pub struct Rtaddr {
    #[bits(10)]
    __: u16,
    /// TTM: 0 legacy, 1 scalable, 3 abort.
    #[bits(2)]
    pub mode: u8,
    /// Bits 63:12 of the table's address.
    #[bits(52)]
    pub frame: u64,
}

impl Rtaddr {
    /// Address of the entry of bus 0.
    pub const fn base(self) -> u64 {
        self.frame() << 12
    }
}

/// Interrupt remapping table address [VT-d 11.4.9.1 and on: IRTA_REG].
#[bitfield(u64)]
#[derive(PartialEq, Eq)]
pub struct Irta {
    /// The table has 2^(size+1) entries.
    #[bits(4)]
    pub size: u32,
    #[bits(7)]
    __: u8,
    /// Extended interrupt mode: destinations have 32 bits.
    pub eime: bool,
    /// Bits 63:12 of the table's address.
    #[bits(52)]
    pub frame: u64,
}

impl Irta {
    /// Address of the first entry.
    pub const fn base(self) -> u64 {
        self.frame() << 12
    }

    /// Number of entries, 2..=65536.
    pub const fn entries(self) -> u32 {
        2 << self.size()
    }
}

/// Invalidation queue address.
#[bitfield(u64)]
#[derive(PartialEq, Eq)]
pub struct Iqa {
    /// The queue has 2^size pages of 4 KiB.
    #[bits(3)]
    pub size: u32,
    #[bits(8)]
    __: u8,
    /// Descriptors have 256 bits, else 128.
    pub wide: bool,
    /// Bits 63:12 of the queue's address.
    #[bits(52)]
    pub frame: u64,
}

impl Iqa {
    /// Address of the first descriptor.
    pub const fn base(self) -> u64 {
        self.frame() << 12
    }

    /// Bytes of the queue: 2^(size+8) descriptors of 16 bytes or 2^(size+7) of 32.
    pub const fn bytes(self) -> u32 {
        4096 << self.size()
    }

    /// Bytes of one descriptor.
    pub const fn step(self) -> u32 {
        if self.wide() { 32 } else { 16 }
    }
}

/// Capability register; fields that belong to what is left out stay 0.
#[bitfield(u64)]
pub struct Cap {
    /// Domain ids have 2·nd+4 bits.
    #[bits(3)]
    pub nd: u8,
    #[bits(4)]
    __: u8,
    /// Caching mode: entries that are not present may be cached.
    pub cm: bool,
    /// Second-level tables: bit 1 three levels, 2 four, 3 five.
    #[bits(5)]
    pub sagaw: u8,
    #[bits(3)]
    __: u8,
    /// Maximum guest address width minus 1, bits.
    #[bits(6)]
    pub mgaw: u8,
    #[bits(2)]
    __: u8,
    /// Offset of the fault recording registers in units of 16 bytes.
    #[bits(10)]
    pub fro: u32,
    /// Large second-level pages: bit 0 of 2 MiB, bit 1 of 1 GiB.
    #[bits(4)]
    pub sllps: u8,
    #[bits(1)]
    __: u8,
    /// Page-selective invalidation.
    pub psi: bool,
    /// Fault recording registers minus 1.
    pub nfr: u8,
    /// Largest mask of a page-selective invalidation.
    #[bits(6)]
    pub mamv: u8,
    /// Invalidations can drain writes, reads.
    #[bits(2)]
    pub drain: u8,
    /// First-level pages of 1 GiB.
    pub fl1gp: bool,
    #[bits(2)]
    __: u8,
    /// Posted interrupts.
    pub pi: bool,
    /// First-level tables of five levels.
    pub fl5lp: bool,
    #[bits(1)]
    __: u8,
    /// The unit flushes its interrupt entry cache when the table pointer is set.
    pub esirtps: bool,
    #[bits(1)]
    __: u8,
}

/// Extended capability register; fields that belong to what is left out stay 0.
#[bitfield(u64)]
pub struct Ecap {
    /// The unit's reads of its tables see what is in the CPUs' caches.
    pub c: bool,
    /// Queued invalidation.
    pub qi: bool,
    #[bits(1)]
    __: u8,
    /// Interrupt remapping.
    pub ir: bool,
    /// Extended interrupt mode.
    pub eim: bool,
    #[bits(1)]
    __: u8,
    /// Pass-through.
    pub pt: bool,
    #[bits(1)]
    __: u8,
    /// Offset of the IOTLB registers in units of 16 bytes.
    #[bits(10)]
    pub iro: u32,
    #[bits(2)]
    __: u8,
    /// Largest mask of an index-selective invalidation.
    #[bits(4)]
    pub mhmv: u8,
    #[bits(11)]
    __: u16,
    /// PASIDs have pss+1 bits.
    #[bits(5)]
    pub pss: u8,
    /// Requests may have PASIDs.
    pub pasid: bool,
    #[bits(2)]
    __: u8,
    /// Scalable mode.
    pub smts: bool,
    #[bits(2)]
    __: u8,
    /// Scalable mode has second-level tables.
    pub slts: bool,
    /// Scalable mode has first-level tables.
    pub flts: bool,
    #[bits(16)]
    __: u64,
}

/// Fault recording register.
#[bitfield(u128)]
pub struct FaultRecord {
    #[bits(12)]
    __: u16,
    /// FI: of a DMA fault the page, address bits 63:12; of an interrupt fault the index in the upper 16 bits, 0 when
    /// none was computed.
    #[bits(52)]
    pub information: u64,
    /// Requester.
    pub source: u16,
    #[bits(15)]
    __: u16,
    /// PP: a PASID is there.
    pub has_pasid: bool,
    /// Fault reason.
    pub reason: u8,
    /// PASID.
    #[bits(20)]
    pub pasid: u32,
    #[bits(2)]
    __: u8,
    /// T1: a read was refused, else a write.
    pub read: bool,
    /// The record is in use; software clears it by writing 1.
    pub fault: bool,
}
