// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One local APIC: acceptance, priority, service [SDM 11.8].

use super::{Counts, Outcome, Rejection};
use crate::interrupt::{ApicMessage, DeliveryMode};

/// Which register interface and which ids an APIC has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ApicMode {
    /// Memory-mapped, 8-bit ids.
    Xapic,
    /// Model-specific registers, 32-bit ids.
    X2apic,
}

/// How an APIC starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ApicConfig {
    /// Id: 8 bits in xAPIC mode, 32 in x2APIC mode.
    pub id: u32,
    /// Mode; fixed for the run.
    pub mode: ApicMode,
    /// SVR bit 8 at the start. Hardware comes out of reset with 0.
    pub enabled: bool,
}

impl ApicConfig {
    /// A software-enabled xAPIC.
    pub const fn xapic(id: u8) -> Self {
        Self { id: id as u32, mode: ApicMode::Xapic, enabled: true }
    }

    /// A software-enabled x2APIC.
    pub const fn x2apic(id: u32) -> Self {
        Self { id, mode: ApicMode::X2apic, enabled: true }
    }
}

/// What an INTA cycle returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inta {
    /// An interrupt, now in service.
    Vector(u8),
    /// The spurious vector; nothing is in service for it and no EOI is due.
    Spurious(u8),
}

/// An interrupt ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Eoi {
    /// The vector whose ISR bit was cleared.
    pub vector: u8,
    /// An EOI message goes to the I/O APICs: level triggered and not suppressed by SVR bit 12.
    pub broadcast: bool,
}

/// A 256-bit register: IRR, ISR, TMR.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Bits256(pub [u32; 8]);

impl Bits256 {
    pub fn contains(&self, v: u8) -> bool {
        self.0[usize::from(v / 32)] >> (v % 32) & 1 == 1
    }

    pub fn set(&mut self, v: u8, on: bool) {
        let word = &mut self.0[usize::from(v / 32)];
        *word = *word & !(1 << (v % 32)) | u32::from(on) << (v % 32);
    }

    /// The highest vector in the set.
    pub fn highest(&self) -> Option<u8> {
        (0..8u8).rev().find(|&i| self.0[usize::from(i)] != 0).map(|i| 32 * i + self.0[usize::from(i)].ilog2() as u8)
    }
}

/// ESR bit: a message came with vector 0..=15.
pub(super) const ESR_RECEIVE_ILLEGAL: u32 = 1 << 6;

/// The state of one APIC.
#[derive(Clone, Debug)]
pub(super) struct Lapic {
    pub id: u32,
    pub mode: ApicMode,
    pub online: bool,
    pub irr: Bits256,
    pub isr: Bits256,
    pub tmr: Bits256,
    pub tpr: u8,
    /// Bits 31:24; not used in x2APIC mode.
    pub ldr: u8,
    /// Bits 31:28: 0xF flat, 0 cluster.
    pub dfr: u8,
    pub svr: u32,
    /// ESR as software reads it.
    pub esr: u32,
    /// Errors since the last write of ESR.
    pub errors: u32,
    pub icr: u64,
    /// Timer, thermal, performance, LINT0, LINT1, error.
    pub lvt: [u32; 6],
    pub timer: [u32; 2],
    pub counts: Counts,
}

/// SVR bit 8.
pub(super) const SVR_ENABLE: u32 = 1 << 8;
/// SVR bit 12.
const SVR_EOI_SUPPRESS: u32 = 1 << 12;
/// Mask bit of an LVT register.
pub(super) const LVT_MASK: u32 = 1 << 16;

impl Lapic {
    pub fn new(config: &ApicConfig) -> Self {
        Self {
            id: config.id,
            mode: config.mode,
            online: true,
            irr: Bits256::default(),
            isr: Bits256::default(),
            tmr: Bits256::default(),
            tpr: 0,
            ldr: 0,
            dfr: 0xf,
            svr: 0xff | if config.enabled { SVR_ENABLE } else { 0 },
            esr: 0,
            errors: 0,
            icr: 0,
            lvt: [LVT_MASK; 6],
            timer: [0; 2],
            counts: Counts::default(),
        }
    }

    pub fn is_enabled(&self) -> bool {
        self.svr & SVR_ENABLE != 0
    }

    /// Processor priority [SDM 11.8.3.1]: the task's, unless a higher class is in service.
    pub fn ppr(&self) -> u8 {
        let served = self.isr.highest().unwrap_or(0);
        if self.tpr >> 4 >= served >> 4 { self.tpr } else { served & 0xf0 }
    }

    pub fn accept(&mut self, message: &ApicMessage) -> Outcome {
        let count = match message.mode {
            DeliveryMode::Fixed | DeliveryMode::LowestPriority => return self.request(message),
            DeliveryMode::Reserved(_) => return Outcome::Rejected(Rejection::ReservedMode),
            DeliveryMode::Nmi => &mut self.counts.nmi,
            DeliveryMode::Smi => &mut self.counts.smi,
            DeliveryMode::Init => &mut self.counts.init,
            DeliveryMode::ExtInt => &mut self.counts.ext_int,
        };
        *count += 1;
        Outcome::Counted(message.mode)
    }

    fn request(&mut self, message: &ApicMessage) -> Outcome {
        if !self.is_enabled() {
            return Outcome::Rejected(Rejection::SoftwareDisabled);
        }
        if message.vector < 16 {
            self.errors |= ESR_RECEIVE_ILLEGAL;
            return Outcome::Rejected(Rejection::IllegalVector);
        }
        let merged = self.irr.contains(message.vector);
        self.irr.set(message.vector, true);
        self.tmr.set(message.vector, message.level);
        if merged { Outcome::Merged } else { Outcome::Accepted }
    }

    pub fn pending(&self) -> Option<u8> {
        self.irr.highest().filter(|v| v >> 4 > self.ppr() >> 4)
    }

    pub fn inta(&mut self) -> Inta {
        match self.pending() {
            Some(vector) => {
                self.irr.set(vector, false);
                self.isr.set(vector, true);
                Inta::Vector(vector)
            }
            None => Inta::Spurious(self.svr as u8),
        }
    }

    pub fn eoi(&mut self) -> Option<Eoi> {
        let vector = self.isr.highest()?;
        self.isr.set(vector, false);
        Some(Eoi { vector, broadcast: self.tmr.contains(vector) && self.svr & SVR_EOI_SUPPRESS == 0 })
    }
}
