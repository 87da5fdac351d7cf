// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Posted interrupts: the posted form of an entry and the descriptor in memory [VT-d 5.2, 9.11, 9.12].
//!
//! The descriptor is 64 bytes, aligned to 64:
//!
//! ```text
//!   255:0    PIR   one bit a vector
//!   256      ON    a notification is outstanding
//!   257      SN    notifications are suppressed
//!   279:272  NV    vector of the notification
//!   319:288  NDST  whom it goes to: xAPIC id in 303:296, or a 32-bit x2APIC id
//! ```
//!
//! All others are reserved; each is checked, the last 24 bytes too. The unit changes PIR and ON in one locked access, so
//! that no processor's access falls between.

use crate::interrupt::{ApicMessage, DeliveryMode};
use crate::mem::HostMemory;
use crate::remap::FaultReason;
use bitfield_struct::bitfield;

/// The posted form of an entry: IM=1.
#[bitfield(u128)]
#[derive(PartialEq, Eq)]
pub struct PostedIrte {
    /// P.
    pub present: bool,
    /// FPD.
    pub fault_disable: bool,
    #[bits(6)]
    reserved_7_2: u8,
    /// For software.
    #[bits(4)]
    pub available: u8,
    #[bits(2)]
    reserved_13_12: u8,
    /// URG: notifies in spite of SN.
    pub urgent: bool,
    /// IM, 1.
    pub posted: bool,
    /// V: the bit of PIR.
    pub vector: u8,
    #[bits(14)]
    reserved_37_24: u16,
    /// Bits 31:6 of the descriptor's address.
    #[bits(26)]
    pub address_31_6: u64,
    /// SID.
    pub source: u16,
    /// SQ.
    #[bits(2)]
    pub qualifier: u8,
    /// SVT.
    #[bits(2)]
    pub validation: u8,
    #[bits(12)]
    reserved_95_84: u16,
    /// Bits 63:32 of the descriptor's address.
    pub address_63_32: u32,
}

impl PostedIrte {
    /// A reserved field is not 0.
    pub(super) fn reserved_set(self) -> bool {
        self.reserved_7_2() != 0
            || self.reserved_13_12() != 0
            || self.reserved_37_24() != 0
            || self.reserved_95_84() != 0
    }

    /// What it asks for.
    pub(super) fn post(self) -> Post {
        let descriptor = u64::from(self.address_63_32()) << 32 | self.address_31_6() << 6;
        Post { descriptor, vector: self.vector(), urgent: self.urgent() }
    }
}

/// An interrupt for a posted descriptor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Post {
    pub descriptor: u64,
    pub vector: u8,
    pub urgent: bool,
}

/// Bits 319:256 of the descriptor.
#[bitfield(u64)]
struct Control {
    outstanding: bool,
    suppressed: bool,
    #[bits(14)]
    reserved_271_258: u16,
    vector: u8,
    reserved_287_280: u8,
    destination: u32,
}

/// What posting did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Posted {
    /// The bit of PIR was 1 already: one service will answer both.
    pub merged: bool,
    /// The notification to be sent.
    pub notification: Option<ApicMessage>,
}

impl Post {
    /// The locked access: sets the bit, decides about a notification [VT-d 5.2.3].
    ///
    /// `eime`: NDST has 32 bits; else an 8-bit id in its bits 15:8, the others reserved.
    pub fn carry_out(self, eime: bool, mem: &mut HostMemory) -> Result<Posted, FaultReason> {
        let mut line = [0; 64];
        mem.read(self.descriptor, &mut line).map_err(|_| FaultReason::DescriptorInaccessible)?;
        let mut control = Control::from_bits(u64::from_le_bytes(std::array::from_fn(|i| line[32 + i])));
        let reserved = control.reserved_271_258() != 0
            || control.reserved_287_280() != 0
            || (!eime && control.destination() & 0xffff_00ff != 0)
            || line[40..].iter().any(|byte| *byte != 0);
        if reserved {
            return Err(FaultReason::ReservedDescriptor);
        }
        let (byte, bit) = (usize::from(self.vector / 8), 1 << (self.vector % 8));
        let merged = line[byte] & bit != 0;
        let notify = !control.outstanding() && (self.urgent || !control.suppressed());
        line[byte] |= bit;
        control.set_outstanding(control.outstanding() || notify);
        line[32..40].copy_from_slice(&control.into_bits().to_le_bytes());
        mem.write(self.descriptor, &line).map_err(|_| FaultReason::DescriptorInaccessible)?;
        let destination = if eime { control.destination() } else { control.destination() >> 8 };
        let notification = notify.then_some(ApicMessage {
            destination,
            logical: false,
            redirection_hint: false,
            mode: DeliveryMode::Fixed,
            level: false,
            vector: control.vector(),
        });
        Ok(Posted { merged, notification })
    }
}
