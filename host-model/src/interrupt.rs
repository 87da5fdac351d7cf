// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What passes between the root complex, a remapping unit and the local APICs.

use tlp::Bdf;

/// A DMA write that fell into the interrupt window 0xFEEx_xxxx as one whole DWORD.
///
/// [VT-d 5.1: one DWORD, untranslated, without PASID. Anything else that hits the
/// window is not an interrupt request and never gets here.]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct InterruptRequest {
    /// Requester id of the packet.
    pub source: Bdf,
    /// Bits 31:0 of the address; bits 31:20 are 0xFEE.
    pub address: u32,
    /// The DWORD written.
    pub data: u32,
}

/// How an APIC treats a message [SDM 11.11.2].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DeliveryMode {
    /// To every APIC that the destination names.
    Fixed,
    /// To the one with the lowest priority among them.
    LowestPriority,
    /// System management interrupt; the vector is ignored.
    Smi,
    /// Non-maskable; the vector is ignored.
    Nmi,
    /// INIT.
    Init,
    /// External interrupt controller.
    ExtInt,
    /// Encodings 3 and 6.
    Reserved(u8),
}

impl DeliveryMode {
    /// The mode of a three-bit code.
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 7 {
            0 => Self::Fixed,
            1 => Self::LowestPriority,
            2 => Self::Smi,
            4 => Self::Nmi,
            5 => Self::Init,
            7 => Self::ExtInt,
            other => Self::Reserved(other),
        }
    }
}

/// A message on its way to the local APICs, after remapping (if any).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ApicMessage {
    /// Destination: APIC id (physical) or logical id.
    pub destination: u32,
    /// Destination is logical.
    pub logical: bool,
    /// Redirection hint: one of the set, by lowest priority.
    pub redirection_hint: bool,
    /// Delivery mode.
    pub mode: DeliveryMode,
    /// Level triggered; edge otherwise.
    pub level: bool,
    /// Vector, 0..=255.
    pub vector: u8,
}
