// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the kernel needs of the machine that it runs on.

use crate::domain::matrix::Place;
use crate::driver::Bus;
use tlp::Tick;

/// Number of a device; the machine's own.
pub type DevId = u32;

/// An interrupt that a processor has taken (INTA).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken {
    /// When.
    pub tick: Tick,
    /// Where.
    pub at: Place,
}

/// A machine: the way to each device, and the local APICs. What only matters where interrupts are handled has a default
/// for machines without.
pub trait Machine {
    /// The accesses of a device's driver. The remapping unit's registers are those of the unit that the device is behind.
    fn bus(&mut self, dev: DevId) -> &mut dyn Bus;

    /// Interrupts that processors have taken since the last call, in order.
    fn taken(&mut self) -> Vec<Taken> {
        Vec::new()
    }

    /// Whether a vector is pending at a CPU (IRR).
    fn is_pending(&self, _at: Place) -> bool {
        false
    }

    /// Whether a CPU is in the handler of a vector (ISR).
    fn in_service(&self, _at: Place) -> bool {
        false
    }

    /// Raises a vector at a CPU (`apic_retrigger_irq`).
    fn retrigger(&mut self, _at: Place) {}

    /// Whether a device's INTx line is asserted.
    fn line(&self, _dev: DevId) -> bool {
        false
    }
}
