// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Local APICs: who accepts a message, what stays pending, what is served next.
//!
//! Left out: timer, thermal and performance interrupts, LINT pins and the error
//! interrupt (LVT registers are storage), remote read, self-test, the change of
//! mode through IA32_APIC_BASE (the mode is configured), start-up IPIs, the reset
//! that INIT performs.
//!
//! Choices where the specification is open, or the platform decides:
//! - The physical broadcast is 0xFF for an xAPIC and 0xFFFF_FFFF for either mode;
//!   to an x2APIC, 0xFF is the id 255.
//! - Lowest priority, and a redirection hint in fixed mode, choose the candidate
//!   with the lowest PPR; equal ones by the lowest CPU number. Software-disabled
//!   APICs are no candidates unless there is no other.
//! - Both modes with a single-CPU physical destination go to that CPU.
//! - Delivery modes 3 and 6 are rejected by every addressee.
//! - A software-disabled APIC rejects Fixed and LowestPriority messages; what it
//!   accepted before stays pending and can be acknowledged [SDM 11.4.7.2].

mod lapic;
mod registers;
mod route;

pub use lapic::{ApicConfig, ApicMode, Eoi, Inta};
pub use registers::{AccessError, WriteEffect, msr_of, offset_of};

use crate::interrupt::{ApicMessage, DeliveryMode};
use lapic::Lapic;

/// Why an APIC that was named did not accept a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rejection {
    /// Vector 0..=15; the APIC notes it in ESR bit 6.
    IllegalVector,
    /// SVR bit 8 is 0.
    SoftwareDisabled,
    /// Delivery mode 3 or 6.
    ReservedMode,
}

/// What a named APIC did with a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// The IRR bit went from 0 to 1.
    Accepted,
    /// The IRR bit was 1 already: one service will answer both.
    Merged,
    /// Accepted outside the vector machinery (NMI, SMI, INIT, ExtINT) and counted.
    Counted(DeliveryMode),
    /// Not accepted.
    Rejected(Rejection),
}

/// A message reached one APIC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Arrival {
    /// CPU number: the place in the list given to [`Apics::new`].
    pub cpu: usize,
    /// Vector of the message.
    pub vector: u8,
    /// What became of it.
    pub outcome: Outcome,
}

/// Messages that came outside the vector machinery, since the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Non-maskable interrupts.
    pub nmi: u64,
    /// System management interrupts.
    pub smi: u64,
    /// INIT.
    pub init: u64,
    /// External interrupts.
    pub ext_int: u64,
}

/// The local APICs of all CPUs.
///
/// CPUs are numbered from 0 in the order of configuration. Methods that take a
/// CPU number panic when there is no such CPU.
#[derive(Clone, Debug)]
pub struct Apics {
    cpus: Vec<Lapic>,
}

impl Apics {
    /// One APIC per configuration.
    ///
    /// # Panics
    /// If two have the same id, or an xAPIC's id exceeds 8 bits.
    pub fn new(configs: &[ApicConfig]) -> Self {
        for (i, c) in configs.iter().enumerate() {
            assert!(configs[..i].iter().all(|o| o.id != c.id), "APIC id {} is used twice", c.id);
            assert!(c.mode == ApicMode::X2apic || c.id <= 0xff, "an xAPIC id has 8 bits, not {}", c.id);
        }
        Self { cpus: configs.iter().map(Lapic::new).collect() }
    }

    /// Number of CPUs.
    pub fn len(&self) -> usize {
        self.cpus.len()
    }

    /// Whether there is no CPU.
    pub fn is_empty(&self) -> bool {
        self.cpus.is_empty()
    }

    /// Gives a message to the APICs that it names. One arrival per APIC that it was
    /// given to, by CPU number; none when nobody is named: the message is lost.
    pub fn deliver(&mut self, message: &ApicMessage) -> Vec<Arrival> {
        route::addressees(&self.cpus, message)
            .into_iter()
            .map(|cpu| Arrival { cpu, vector: message.vector, outcome: self.cpus[cpu].accept(message) })
            .collect()
    }

    /// The vector that the CPU would be interrupted with now, if it allowed interrupts:
    /// the highest of IRR, when its class is above the class of PPR.
    pub fn interrupt_pending(&self, cpu: usize) -> Option<u8> {
        self.cpus[cpu].pending()
    }

    /// INTA: moves [`interrupt_pending`](Self::interrupt_pending) from IRR to ISR and
    /// returns it; `None`, and no change, when there is nothing to deliver.
    pub fn acknowledge(&mut self, cpu: usize) -> Option<u8> {
        match self.cpus[cpu].inta() {
            Inta::Vector(vector) => Some(vector),
            Inta::Spurious(_) => None,
        }
    }

    /// INTA of a CPU that has already committed to an interrupt: when meanwhile nothing
    /// is deliverable it gets the spurious vector, without an ISR bit [SDM 11.9].
    pub fn inta(&mut self, cpu: usize) -> Inta {
        self.cpus[cpu].inta()
    }

    /// End of interrupt: clears the highest bit of ISR. `None` when ISR is empty.
    pub fn eoi(&mut self, cpu: usize) -> Option<Eoi> {
        self.cpus[cpu].eoi()
    }

    /// Sets the IRR bit of `vector`, as the CPU does to itself by a self IPI.
    pub fn self_ipi(&mut self, cpu: usize, vector: u8) -> Arrival {
        let message = ApicMessage {
            destination: 0,
            logical: false,
            redirection_hint: false,
            mode: DeliveryMode::Fixed,
            level: false,
            vector,
        };
        Arrival { cpu, vector, outcome: self.cpus[cpu].accept(&message) }
    }

    /// INIT: nothing is pending or in service any more [SDM 11.4.7.3].
    pub fn init(&mut self, cpu: usize) {
        let apic = &mut self.cpus[cpu];
        (apic.irr, apic.isr) = Default::default();
    }

    /// A CPU that is not online has its APIC switched off in hardware: no message
    /// names it and its registers stay as they are.
    pub fn set_online(&mut self, cpu: usize, online: bool) {
        self.cpus[cpu].online = online;
    }

    /// Whether IRR holds `vector`.
    pub fn is_requested(&self, cpu: usize, vector: u8) -> bool {
        self.cpus[cpu].irr.contains(vector)
    }

    /// Whether ISR holds `vector`.
    pub fn is_in_service(&self, cpu: usize, vector: u8) -> bool {
        self.cpus[cpu].isr.contains(vector)
    }

    /// Processor priority.
    pub fn ppr(&self, cpu: usize) -> u8 {
        self.cpus[cpu].ppr()
    }

    /// What came outside the vector machinery.
    pub fn counts(&self, cpu: usize) -> Counts {
        self.cpus[cpu].counts
    }

    /// The CPU with APIC id `id`.
    pub fn cpu_of(&self, id: u32) -> Option<usize> {
        self.cpus.iter().position(|c| c.id == id)
    }
}
