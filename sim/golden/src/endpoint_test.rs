// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The registers of Linux `pci_endpoint_test` and their commands.
//!
//! [Data sheet section 15; Linux drivers/pci/endpoint/functions/pci-epf-test.c.] The
//! engine's first lane does the work.

use crate::descriptor::{Move, Opcode};
use crate::regs::{self, et_command as command, et_status as status};
use tlp::Tick;

/// Pattern of WRITE.
const PATTERN: u64 = 0xdead_beef_cafe_f00d;

/// Ticks for which a raised INTx stays requested.
const PULSE_TICKS: Tick = 1024;
/// Largest index that a cause can name.
const LAST_INDEX: u32 = 0xf_ffff;

/// What a command is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// An interrupt of this type and nothing else.
    Raise(u32),
    Read,
    Write,
    Copy,
}

/// The registers.
#[derive(Clone, Default, Debug)]
pub(crate) struct EndpointTest {
    words: [u32; 13],
    /// A command is being carried out.
    pub(crate) running: bool,
    /// MSI vector to be raised.
    pub(crate) msi: Option<u32>,
    /// End of the time for which INTx is requested.
    pulse: Option<Tick>,
}

fn slot(offset: u32) -> usize {
    offset as usize / 4
}

impl EndpointTest {
    fn word(&self, offset: u32) -> u32 {
        self.words[slot(offset)]
    }

    pub(crate) fn read(&self, offset: u32) -> u32 {
        self.words.get(slot(offset)).copied().unwrap_or(0)
    }

    pub(crate) fn write(&mut self, offset: u32, bits: u32, mask: u32) {
        let writable = match offset {
            regs::ET_COMMAND if self.running || self.word(regs::ET_COMMAND) != 0 => return,
            regs::ET_COMMAND => 0x3f,
            regs::ET_STATUS => 0x1ff,
            regs::ET_FLAGS => regs::et_flags::USE_DMA_MASK,
            regs::ET_CAPS => 0,
            _ => !0,
        };
        if let Some(word) = self.words.get_mut(slot(offset)) {
            *word = *word & !(mask & writable) | bits & writable;
            if offset == regs::ET_COMMAND {
                *word = bits & writable;
            }
        }
    }

    /// Whether a command waits to be taken.
    pub(crate) fn waiting(&self) -> bool {
        self.word(regs::ET_COMMAND) != 0
    }

    /// Takes the command: what it is and the move that it needs; `None`: an illegal one.
    pub(crate) fn take(&mut self) -> (Kind, Option<Move>) {
        let asked = self.word(regs::ET_COMMAND);
        self.words[slot(regs::ET_COMMAND)] = 0;
        self.words[slot(regs::ET_STATUS)] = 0;
        self.running = true;
        let lowest = asked & asked.wrapping_neg();
        let (kind, opcode) = match lowest {
            command::RAISE_INTX_MASK => (Kind::Raise(0), Opcode::Nop),
            command::RAISE_MSI_MASK => (Kind::Raise(1), Opcode::Nop),
            command::RAISE_MSIX_MASK => (Kind::Raise(2), Opcode::Nop),
            command::READ_MASK => (Kind::Read, Opcode::Checksum),
            command::WRITE_MASK => (Kind::Write, Opcode::Fill),
            _ => (Kind::Copy, Opcode::Copy),
        };
        let wide = |low: u32, high: u32| u64::from(self.word(high)) << 32 | u64::from(self.word(low));
        let work = Move {
            opcode,
            size: self.word(regs::ET_SIZE),
            source: wide(regs::ET_SRC_LO, regs::ET_SRC_HI),
            destination: wide(regs::ET_DST_LO, regs::ET_DST_HI),
            pattern: PATTERN,
        };
        (kind, work.legal().then_some(work))
    }

    /// Whether INTx is requested.
    pub(crate) fn asserts(&self) -> bool {
        self.pulse.is_some()
    }

    /// Tick at which INTx is no longer requested.
    pub(crate) fn next_timer(&self) -> Tick {
        self.pulse.unwrap_or(Tick::MAX)
    }

    /// Ends what has lasted long enough.
    pub(crate) fn end_pulse(&mut self, t: Tick) {
        self.pulse = self.pulse.filter(|until| *until > t);
    }

    /// The data of a command have been moved, or not: sets the status, begins the interrupt. The
    /// MSI-X entry that is raised, if that is the kind.
    pub(crate) fn finish(&mut self, t: Tick, kind: Kind, moved: bool, crc: u32) -> Option<u32> {
        let outcome = |good: bool, ok: u32, fail: u32| if good { ok } else { fail };
        let bits = match kind {
            Kind::Raise(_) => 0,
            Kind::Read => {
                let good = moved && crc == self.word(regs::ET_CHECKSUM);
                outcome(good, status::READ_OK_MASK, status::READ_FAIL_MASK)
            }
            Kind::Write => {
                if moved {
                    self.words[slot(regs::ET_CHECKSUM)] = crc;
                }
                outcome(moved, status::WRITE_OK_MASK, status::WRITE_FAIL_MASK)
            }
            Kind::Copy => outcome(moved, status::COPY_OK_MASK, status::COPY_FAIL_MASK),
        };
        self.words[slot(regs::ET_STATUS)] |= bits | status::IRQ_RAISED_MASK;
        self.running = false;
        let kind = match kind {
            Kind::Raise(kind) => kind,
            _ => self.word(regs::ET_IRQ_TYPE),
        };
        let entry = self.word(regs::ET_IRQ_NUMBER).checked_sub(1).map(|k| k.min(LAST_INDEX));
        match kind {
            0 => self.pulse = Some(t + PULSE_TICKS),
            1 => self.msi = entry.map(|k| k & 31),
            2 => return entry,
            _ => {}
        }
        None
    }
}
