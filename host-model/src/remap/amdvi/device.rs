// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The interrupt half of a device table entry [AMD IOMMU 2.2.2.1, table 7], and what it says of a request.

use crate::interrupt::DeliveryMode;
use bitfield_struct::bitfield;

/// Bits 191:128 of an entry, which has 32 bytes.
#[bitfield(u64)]
#[derive(PartialEq, Eq)]
pub struct DeviceEntry {
    /// IV: what follows holds. Without it interrupts pass as they are.
    pub valid: bool,
    /// IntTabLen: the table has 2^n entries, 0..=11.
    #[bits(4)]
    pub length: u32,
    /// IG: page faults of interrupts are not logged.
    pub ignore: bool,
    /// IntTabRoot: bits 51:6 of the table's address.
    #[bits(46)]
    pub root: u64,
    #[bits(4)]
    reserved_55_52: u8,
    /// InitPass.
    pub init_pass: bool,
    /// EIntPass.
    pub ext_int_pass: bool,
    /// NMIPass.
    pub nmi_pass: bool,
    #[bits(1)]
    reserved_59: bool,
    /// IntCtl: 0 abort, 1 pass unmapped, 2 remap, for fixed and arbitrated interrupts.
    #[bits(2)]
    pub control: u8,
    /// Lint0Pass; of HyperTransport messages, which do not come from PCI Express.
    pub lint0_pass: bool,
    /// Lint1Pass; likewise.
    pub lint1_pass: bool,
}

/// Largest IntTabLen; above it are reserved codes.
const LENGTH_MAX: u32 = 11;

/// What an entry says of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It goes on as it came.
    Pass,
    /// It is target-aborted.
    Abort,
    /// The interrupt table decides.
    Remap,
    /// A reserved field of the entry is not 0.
    Illegal,
}

impl DeviceEntry {
    /// Address of the interrupt table.
    pub const fn table(self) -> u64 {
        self.root() << 6
    }

    /// Entries of the interrupt table.
    pub const fn entries(self) -> u32 {
        1 << self.length()
    }

    /// `mode`: of the request's data; `None` when those bits belong to the index.
    pub fn verdict(self, mode: Option<DeliveryMode>) -> Verdict {
        if !self.valid() {
            return Verdict::Pass;
        }
        if self.reserved_55_52() != 0 || self.reserved_59() || self.control() == 3 || self.length() > LENGTH_MAX {
            return Verdict::Illegal;
        }
        let pass = |on| if on { Verdict::Pass } else { Verdict::Abort };
        match mode {
            None | Some(DeliveryMode::Fixed | DeliveryMode::LowestPriority) => match self.control() {
                0 => Verdict::Abort,
                1 => Verdict::Pass,
                _ => Verdict::Remap,
            },
            Some(DeliveryMode::Nmi) => pass(self.nmi_pass()),
            Some(DeliveryMode::Init) => pass(self.init_pass()),
            Some(DeliveryMode::ExtInt) => pass(self.ext_int_pass()),
            // Nothing lets an SMI of a device through.
            Some(DeliveryMode::Smi | DeliveryMode::Reserved(_)) => Verdict::Abort,
        }
    }
}
