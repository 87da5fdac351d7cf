// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The compatibility format: destination and vector in the request itself.

use crate::interrupt::{ApicMessage, DeliveryMode};
use bitfield_struct::bitfield;

/// Address of a request in compatibility format [SDM 11.11.1; VT-d 5.1.2.1].
#[bitfield(u32)]
pub struct CompatAddress {
    /// Ignored.
    #[bits(2)]
    __: u8,
    /// Destination is logical.
    pub logical: bool,
    /// Redirection hint.
    pub redirection_hint: bool,
    /// Set in remappable format; meaningless here.
    pub remappable: bool,
    /// Destination bits 14:8 where the platform extends the destination id, else reserved.
    #[bits(7)]
    pub destination_14_8: u32,
    /// Destination bits 7:0.
    #[bits(8)]
    pub destination_7_0: u32,
    /// 0xFEE.
    #[bits(12)]
    pub window: u32,
}

/// Data of a request in compatibility format [SDM 11.11.2].
#[bitfield(u32)]
pub struct CompatData {
    /// Vector.
    pub vector: u8,
    /// Delivery mode code.
    #[bits(3)]
    pub mode: u8,
    /// Reserved.
    #[bits(3)]
    __: u8,
    /// Level assert; means nothing for edge, and a level message is never a deassertion here.
    pub assert: bool,
    /// Level triggered.
    pub level: bool,
    /// Zero for plain interrupts; ignored.
    __: u16,
}

/// Reads a request as compatibility format, whatever its bit 4 says.
///
/// `extended` takes address bits 11:5 as destination bits 14:8, the 15-bit scheme
/// that hypervisors offer; otherwise these bits are ignored.
pub fn decode(address: u32, data: u32, extended: bool) -> ApicMessage {
    let a = CompatAddress::from_bits(address);
    let d = CompatData::from_bits(data);
    let upper = if extended { a.destination_14_8() << 8 } else { 0 };
    ApicMessage {
        destination: upper | a.destination_7_0(),
        logical: a.logical(),
        redirection_hint: a.redirection_hint(),
        mode: DeliveryMode::from_bits(d.mode()),
        level: d.level(),
        vector: d.vector(),
    }
}
