// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Errors by their places in the Uncorrectable Status register, and what a packet does to the registers.

use crate::shadow::Who;

pub(super) const POISONED: u8 = 12;
pub(super) const TIMEOUT: u8 = 14;
pub(super) const UNEXPECTED: u8 = 16;
pub(super) const MALFORMED: u8 = 18;
pub(super) const DIGEST: u8 = 19;
pub(super) const UNSUPPORTED: u8 = 20;

/// Names of messages, in the order of their codes' places here.
pub(super) const MESSAGES: [&str; 3] = ["ERR_COR", "ERR_NONFATAL", "ERR_FATAL"];

pub(super) fn message_of(code: u8) -> Option<usize> {
    match code {
        0x30 => Some(0),
        0x31 => Some(1),
        0x33 => Some(2),
        _ => None,
    }
}

/// When an error is found: of two packets under way the later one's may come first if it is found sooner.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Found {
    /// When the packet arrives: its form, messages, completions.
    Arriving,
    /// When a memory write is performed.
    Written,
    /// When a request is performed and answered, and what has no packet.
    Performed,
}

/// An error that a packet, or its absence, is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) bit: u8,
    /// Somebody else decides what it means, unless it is fatal.
    pub(super) advisory: bool,
    /// When it is found.
    pub(super) found: Found,
    /// Not certain to happen.
    pub(super) perhaps: bool,
}

/// What a packet does to the error registers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Effect {
    pub(super) fault: Option<Fault>,
    /// Bits of the Status register, in their places in its word.
    pub(super) status: u32,
    /// The virtual function whose error it is.
    pub(super) vf: Option<u32>,
}

impl Effect {
    pub(super) fn fault(bit: u8) -> Self {
        Self {
            fault: Some(Fault { bit, advisory: false, found: Found::Arriving, perhaps: false }),
            status: 0,
            vf: None,
        }
    }

    pub(super) fn of(self, who: Who) -> Self {
        let vf = if let Who::Virtual(n) = who { Some(n) } else { None };
        Self { vf, ..self }
    }

    pub(super) fn advisory(mut self) -> Self {
        self.fault.iter_mut().for_each(|f| f.advisory = true);
        self
    }

    pub(super) fn found(mut self, when: Found) -> Self {
        self.fault.iter_mut().for_each(|f| f.found = when);
        self
    }

    pub(super) fn with_status(self, status: u32) -> Self {
        Self { status: self.status | status, ..self }
    }
}
