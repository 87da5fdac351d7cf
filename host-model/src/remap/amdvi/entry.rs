// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Interrupt remapping table entries: 32 bits, or 128 with GAEn [AMD IOMMU 2.2.5.2, figures 13 and 15].

use crate::interrupt::{ApicMessage, DeliveryMode};
use bitfield_struct::bitfield;

/// The basic format; its low byte is that of the wide one too.
#[bitfield(u32)]
#[derive(PartialEq, Eq)]
pub struct Irte32 {
    /// RemapEn.
    pub enabled: bool,
    /// SupIOPF: faults of this entry are not logged.
    pub suppress: bool,
    /// IntType: 0 fixed, 1 arbitrated, others are reserved.
    #[bits(3)]
    pub kind: u8,
    /// RqEoi: level triggered.
    pub eoi: bool,
    /// DM: destination is logical.
    pub logical: bool,
    /// GuestMode; this unit has no guest vAPIC.
    pub guest: bool,
    /// Destination.
    pub destination: u8,
    /// Vector.
    pub vector: u8,
    reserved_31_24: u8,
}

/// The wide format.
#[bitfield(u128)]
#[derive(PartialEq, Eq)]
pub struct Irte128 {
    /// As the low byte of [`Irte32`].
    pub control: u8,
    /// Destination bits 23:0.
    #[bits(24)]
    pub destination_23_0: u32,
    reserved_63_32: u32,
    /// Vector.
    pub vector: u8,
    #[bits(48)]
    reserved_119_72: u64,
    /// Destination bits 31:24.
    pub destination_31_24: u8,
}

/// An entry, whatever its format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Irte {
    /// 32 bits.
    Narrow(Irte32),
    /// 128 bits; `x2apic`: the destination has 32 of them, else 8.
    Wide {
        /// The entry.
        entry: Irte128,
        /// XTEn.
        x2apic: bool,
    },
}

/// Why an entry does not serve.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unusable {
    /// RemapEn is 0.
    Disabled,
    /// A reserved field is not 0.
    Reserved,
}

impl Irte {
    fn control(self) -> Irte32 {
        match self {
            Self::Narrow(entry) => entry,
            Self::Wide { entry, .. } => Irte32::from_bits(u32::from(entry.control())),
        }
    }

    /// SupIOPF.
    pub fn suppresses(self) -> bool {
        self.control().suppress()
    }

    /// The message that it makes.
    pub fn message(self) -> Result<ApicMessage, Unusable> {
        let control = self.control();
        if !control.enabled() {
            return Err(Unusable::Disabled);
        }
        let (destination, vector, reserved) = match self {
            Self::Narrow(e) => (u32::from(e.destination()), e.vector(), e.reserved_31_24() != 0),
            Self::Wide { entry: e, x2apic } => {
                let destination = u32::from(e.destination_31_24()) << 24 | e.destination_23_0();
                let too_large = !x2apic && destination > 0xff;
                (destination, e.vector(), too_large || e.reserved_63_32() != 0 || e.reserved_119_72() != 0)
            }
        };
        if reserved || control.kind() > 1 || control.guest() {
            return Err(Unusable::Reserved);
        }
        Ok(ApicMessage {
            destination,
            logical: control.logical(),
            // An arbitrated interrupt goes to one of those named; that is its delivery mode here.
            redirection_hint: false,
            mode: if control.kind() == 1 { DeliveryMode::LowestPriority } else { DeliveryMode::Fixed },
            level: control.eoi(),
            vector,
        })
    }
}
