// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The interrupt remapping table entry, remapped form [VT-d 9.10].

use super::posted::{Post, PostedIrte};
use crate::interrupt::{ApicMessage, DeliveryMode};
use crate::remap::FaultReason;
use bitfield_struct::bitfield;
use tlp::Bdf;

/// Which way an entry sends a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    Deliver(ApicMessage),
    Post(Post),
}

/// One entry, 16 bytes, little-endian in memory.
#[bitfield(u128)]
#[derive(PartialEq, Eq)]
pub struct Irte {
    /// P: the entry may be used.
    pub present: bool,
    /// FPD: qualified faults are not recorded.
    pub fault_disable: bool,
    /// DM: destination is logical.
    pub logical: bool,
    /// RH: one of the set.
    pub redirection_hint: bool,
    /// TM: level triggered.
    pub level: bool,
    /// DLM: delivery mode code.
    #[bits(3)]
    pub mode: u8,
    /// For software.
    #[bits(4)]
    pub available: u8,
    #[bits(3)]
    reserved_14_12: u8,
    /// IM: the posted form, [`PostedIrte`]. Without CAP.PI this bit is reserved.
    pub posted: bool,
    /// V.
    pub vector: u8,
    reserved_31_24: u8,
    /// DST: 32-bit id in extended interrupt mode, else 8-bit id in bits 15:8.
    pub destination: u32,
    /// SID: requester, or start bus (15:8) and end bus (7:0).
    pub source: u16,
    /// SQ: function number bits that do not count: none, 2, 2:1, 2:0.
    #[bits(2)]
    pub qualifier: u8,
    /// SVT: 0 any requester, 1 compare, 2 bus range, 3 reserved.
    #[bits(2)]
    pub validation: u8,
    #[bits(44)]
    reserved_127_84: u64,
}

impl Irte {
    /// A reserved field of this present entry is not 0; IM is one where there are no posted interrupts.
    ///
    /// In xAPIC mode that includes the destination outside its bits 15:8 [VT-d 9.10, DST].
    fn reserved_set(self, eime: bool, posting: bool) -> bool {
        if posting && self.posted() {
            return PostedIrte::from_bits(self.into_bits()).reserved_set();
        }
        self.reserved_14_12() != 0
            || self.posted()
            || self.reserved_31_24() != 0
            || self.reserved_127_84() != 0
            || (!eime && self.destination() & 0xffff_00ff != 0)
    }

    /// Whether this entry admits `source` [VT-d 9.10, SVT/SQ/SID].
    ///
    /// The reserved SVT code 3 admits nobody.
    fn admits(self, source: Bdf) -> bool {
        match self.validation() {
            0 => true,
            1 => {
                let compared = match self.qualifier() {
                    0 => 0xffff,
                    1 => 0xfffb,
                    2 => 0xfff9,
                    _ => 0xfff8,
                };
                (self.source() ^ source.bits()) & compared == 0
            }
            2 => {
                let [start, end] = self.source().to_be_bytes();
                (start..=end).contains(&source.bus())
            }
            _ => false,
        }
    }

    /// Checks in architectural order, then composes the message [VT-d 5.1.4].
    ///
    /// `eime`: destinations have 32 bits. `posting`: the unit has posted interrupts.
    pub(super) fn resolve(self, source: Bdf, eime: bool, posting: bool) -> Result<Way, FaultReason> {
        if !self.present() {
            return Err(FaultReason::NotPresent);
        }
        if self.reserved_set(eime, posting) {
            return Err(FaultReason::ReservedEntry);
        }
        if !self.admits(source) {
            return Err(FaultReason::SourceMismatch);
        }
        if self.posted() {
            return Ok(Way::Post(PostedIrte::from_bits(self.into_bits()).post()));
        }
        Ok(Way::Deliver(ApicMessage {
            destination: if eime { self.destination() } else { self.destination() >> 8 },
            logical: self.logical(),
            redirection_hint: self.redirection_hint(),
            mode: DeliveryMode::from_bits(self.mode()),
            level: self.level(),
            vector: self.vector(),
        }))
    }

    /// Whether the unit may keep the entry without caching mode: present and without error.
    pub fn is_cacheable(self, eime: bool, posting: bool) -> bool {
        self.present() && !self.reserved_set(eime, posting)
    }
}
