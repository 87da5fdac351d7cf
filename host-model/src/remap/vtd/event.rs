// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One of the unit's own interrupts: control, data and address registers [VT-d 11.4.7, 11.4.8].

use super::regs::{EVENT_IM, EVENT_IP};
use crate::remap::EventMessage;

/// The four registers of an event and its IM/IP state machine.
#[derive(Clone, Debug)]
pub(super) struct Event {
    masked: bool,
    pending: bool,
    data: u32,
    address: u32,
    upper: u32,
}

impl Event {
    /// Masked, as after reset.
    pub fn new() -> Self {
        Self { masked: true, pending: false, data: 0, address: 0, upper: 0 }
    }

    /// Register 0 control, 1 data, 2 address, 3 upper address.
    pub fn read(&self, register: u32) -> u32 {
        match register {
            0 => (u32::from(self.masked) * EVENT_IM) | (u32::from(self.pending) * EVENT_IP),
            1 => self.data,
            2 => self.address,
            _ => self.upper,
        }
    }

    /// See [`read`](Self::read). IP is read-only; address bits 1:0 are reserved.
    pub fn write(&mut self, register: u32, value: u32) {
        match register {
            0 => self.masked = value & EVENT_IM != 0,
            1 => self.data = value,
            2 => self.address = value & !3,
            _ => self.upper = value,
        }
    }

    /// The interrupt condition occurred.
    pub fn raise(&mut self) {
        self.pending = true;
    }

    /// Software has serviced every status bit behind the event.
    pub fn withdraw(&mut self) {
        self.pending = false;
    }

    /// The message to send now: pending and not masked.
    pub fn take(&mut self) -> Option<EventMessage> {
        if !self.pending || self.masked {
            return None;
        }
        self.pending = false;
        Some(EventMessage { address: u64::from(self.upper) << 32 | u64::from(self.address), data: self.data })
    }
}
