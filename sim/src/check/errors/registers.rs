// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The registers that errors leave, as far as they are known, and what software reads of them.

use super::super::Report;
use crate::shadow::{AER, DEVCTL, Reporting};
use tlp::Tick;

/// Bits that are certainly set, and those that may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits {
    pub(super) must: u32,
    pub(super) may: u32,
}

impl Bits {
    pub(super) fn set(&mut self, bits: u32, certain: bool) {
        self.may |= bits;
        if certain {
            self.must |= bits;
        }
    }

    pub(super) fn clear(&mut self, bits: u32) {
        self.must &= !bits;
        self.may &= !bits;
    }
}

/// What the log may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Logged {
    pub(super) pointer: u8,
    pub(super) header: [u32; 4],
    pub(super) prefix: Option<u32>,
}

/// The registers that hardware writes.
#[derive(Clone, Debug)]
pub(super) struct Registers {
    pub(super) uncorrectable: Bits,
    pub(super) correctable: Bits,
    /// Word of Device Control and Device Status.
    pub(super) device: Bits,
    /// Word of Command and Status.
    pub(super) status: Bits,
    /// One of these is in the log.
    pub(super) logged: Vec<Logged>,
}

impl Default for Registers {
    fn default() -> Self {
        let none = Bits::default();
        Self { uncorrectable: none, correctable: none, device: none, status: none, logged: vec![Logged::default()] }
    }
}

impl Registers {
    /// What holds if either may.
    pub(super) fn or(mut self, other: &Self) -> Self {
        let bits = |a: Bits, b: Bits| Bits { must: a.must & b.must, may: a.may | b.may };
        self.uncorrectable = bits(self.uncorrectable, other.uncorrectable);
        self.correctable = bits(self.correctable, other.correctable);
        self.logged.extend(other.logged.iter().filter(|l| !self.logged.contains(l)).copied().collect::<Vec<_>>());
        self
    }
}

/// A configuration read of an error register, under way.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) register: u16,
    pub(super) be: u8,
    pub(super) before: Registers,
    pub(super) reporting: Option<Reporting>,
    /// Errors known when it was sent.
    pub(super) events: u64,
}

impl Look {
    /// Compares what software has read with what must be there, and takes it for known where no error came meanwhile.
    /// `now`: the registers as they may be, `events`: errors known.
    pub(super) fn compare(&self, tick: Tick, value: u32, now: &mut Registers, events: u64, report: &mut Report) {
        let enabled = crate::shadow::merge(0, u32::MAX, self.be);
        let still = self.events == events;
        let (register, before) = (self.register, &self.before);
        let bits = |before: Bits, now: &mut Bits, among: u32, report: &mut Report| {
            let seen = value & among & enabled;
            let must = before.must & among & enabled;
            let may = (before.may | now.may) & among & enabled;
            report.require("error_log_wrong", tick, seen & must == must && seen & !may == 0, || {
                format!(
                    "register {register:#x} reads {seen:#010x}; {must:#010x} must be set, {may:#010x} may be [7.8.4]"
                )
            });
            if still {
                let known = among & enabled;
                now.must = now.must & !known | seen;
                now.may = now.may & !known | seen;
            }
        };
        match register {
            0x04 => bits(before.status, &mut now.status, 0xf900_0000, report),
            DEVCTL => bits(before.device, &mut now.device, 0x000f_0000, report),
            _ if register == AER + 0x04 => bits(before.uncorrectable, &mut now.uncorrectable, u32::MAX, report),
            _ if register == AER + 0x10 => bits(before.correctable, &mut now.correctable, u32::MAX, report),
            _ => {}
        }
        if let Some(r) = self.reporting {
            let wanted = match register - AER.min(register) {
                0x08 => Some(r.mask),
                0x0c => Some(r.severity),
                0x14 => Some(r.correctable_mask),
                _ => None,
            };
            if let Some(wanted) = wanted.filter(|_| register > AER) {
                report.require("error_control_wrong", tick, (value ^ wanted) & enabled == 0, || {
                    format!("register {register:#x} reads {value:#010x}, written was {wanted:#010x} [7.8.4]")
                });
            }
        }
        let word = |l: &Logged| match register - AER.min(register) {
            0x18 => Some((u32::from(l.pointer) | u32::from(l.prefix.is_some()) << 11, 0xffff_f81f)),
            0x1c => Some((l.header[0], u32::MAX)),
            0x20 => Some((l.header[1], u32::MAX)),
            0x24 => Some((l.header[2], u32::MAX)),
            0x28 => Some((l.header[3], u32::MAX)),
            0x38 => Some((l.prefix.unwrap_or(0), u32::MAX)),
            0x3c..0x48 => Some((0, u32::MAX)),
            _ => None,
        };
        if register < AER || before.logged.iter().all(|l| word(l).is_none()) {
            return;
        }
        let fits = |l: &Logged| word(l).is_some_and(|(want, mask)| (value ^ want) & mask & enabled == 0);
        let any = before.logged.iter().chain(&now.logged).any(fits);
        report.require("error_log_wrong", tick, any, || {
            format!("register {register:#x} reads {value:#010x}; the log may hold {:x?} [6.2.4.2]", before.logged)
        });
        if still && now.logged.iter().any(fits) {
            now.logged.retain(fits);
        }
    }
}
