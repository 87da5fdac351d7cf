// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Entries of the remapping table as Linux writes them, composed bit by bit [VT-d 9.10, 9.12].

use tlp::Bdf;

/// Which requesters an entry admits [VT-d 9.10: SVT, SQ, SID].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SourceCheck {
    /// All.
    None,
    /// Those equal to `id` apart from function bits that `qualifier` (0..=3) leaves out.
    Id {
        /// Requester id.
        id: Bdf,
        /// 0 compares all 16 bits, 1 leaves out bit 2, 2 bits 2:1, 3 bits 2:0.
        qualifier: u8,
    },
    /// Those on buses `first..=last`.
    Buses {
        /// First bus.
        first: u8,
        /// Last bus.
        last: u8,
    },
}

impl SourceCheck {
    /// Bits 83:64 of an entry, which both forms share.
    fn bits(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Id { id, qualifier } => u64::from(id.bits()) | u64::from(qualifier & 3) << 16 | 1 << 18,
            Self::Buses { first, last } => u64::from(first) << 8 | u64::from(last) | 2 << 18,
        }
    }
}

/// A remapping table entry as software thinks of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IrteSpec {
    /// Interrupt vector.
    pub vector: u8,
    /// APIC id or logical id.
    pub destination: u32,
    /// Destination is logical.
    pub logical: bool,
    /// Redirection hint; Linux sets it.
    pub redirection_hint: bool,
    /// Delivery mode code, 3 bits; 0 is Fixed.
    pub mode: u8,
    /// Faults of this entry are not recorded (FPD).
    pub quiet: bool,
    /// Admitted requesters.
    pub source: SourceCheck,
}

impl IrteSpec {
    /// What Linux writes for a device's interrupt: Fixed, edge, physical, redirection hint,
    /// all 16 bits of the requester id compared.
    pub const fn fixed(destination: u32, vector: u8, source: Bdf) -> Self {
        Self {
            vector,
            destination,
            logical: false,
            redirection_hint: true,
            mode: 0,
            quiet: false,
            source: SourceCheck::Id { id: source, qualifier: 0 },
        }
    }

    /// The 128 bits of a present entry; `x2apic` takes the destination as 32 bits, else
    /// it stands in bits 47:40.
    pub fn image(&self, x2apic: bool) -> u128 {
        let destination = if x2apic { self.destination } else { (self.destination & 0xff) << 8 };
        let low = 1
            | u64::from(self.quiet) << 1
            | u64::from(self.logical) << 2
            | u64::from(self.redirection_hint) << 3
            | u64::from(self.mode & 7) << 5
            | u64::from(self.vector) << 16
            | u64::from(destination) << 32;
        u128::from(self.source.bits()) << 64 | u128::from(low)
    }
}

/// A posted entry as software thinks of it [VT-d 9.12].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PostedSpec {
    /// Address of the descriptor, a multiple of 64.
    pub descriptor: u64,
    /// The bit of PIR.
    pub vector: u8,
    /// Notifies although notifications are suppressed (URG).
    pub urgent: bool,
    /// Faults of this entry are not recorded (FPD).
    pub quiet: bool,
    /// Admitted requesters.
    pub source: SourceCheck,
}

impl PostedSpec {
    /// What Linux writes: not urgent, the requester compared as in the remapped entry.
    pub const fn new(descriptor: u64, vector: u8, source: Bdf) -> Self {
        let source = SourceCheck::Id { id: source, qualifier: 0 };
        Self { descriptor, vector, urgent: false, quiet: false, source }
    }

    /// The 128 bits of a present entry.
    pub fn image(&self) -> u128 {
        let low = 1
            | u64::from(self.quiet) << 1
            | u64::from(self.urgent) << 14
            | 1 << 15
            | u64::from(self.vector) << 16
            | (self.descriptor & 0xffff_ffc0) << 32;
        let high = self.source.bits() | self.descriptor >> 32 << 32;
        u128::from(high) << 64 | u128::from(low)
    }
}
