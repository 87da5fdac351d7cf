// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Errors of virtual functions stay in their own registers and are reported under their own
//! ids [PCIe Base 9.4; data sheet §16].

use super::super::Report;
use super::fault::{Fault, POISONED, UNSUPPORTED};
use super::registers::Bits;
use crate::shadow::{DEVCTL, Who};
use std::collections::BTreeMap;
use tlp::Tick;

const COMMAND: u16 = 0x04;
/// Status 15 and 14, in their places in its word.
const PARITY_ERROR: u32 = 1 << 31;
const SYSTEM_ERROR: u32 = 1 << 30;

/// Device Status and Status of one function, as words with the registers beside them.
#[derive(Clone, Copy, Debug, Default)]
struct Registers {
    device: Bits,
    status: Bits,
}

/// A configuration read under way.
#[derive(Clone, Copy, Debug)]
struct Look {
    vf: u32,
    register: u16,
    be: u8,
    before: Registers,
}

/// What is known of their errors.
#[derive(Clone, Debug, Default)]
pub struct VfErrors {
    each: BTreeMap<u32, Registers>,
    looks: BTreeMap<u16, Look>,
    /// Errors for which a function may still speak, by kind of message.
    speakers: BTreeMap<(usize, Who), u64>,
}

impl VfErrors {
    /// An error happens; `signals` where a message asks for Signalled System Error.
    pub(super) fn happen(&mut self, vf: u32, fault: Fault, signals: bool, certain: bool) {
        let r = self.each.entry(vf).or_default();
        let unsupported = if fault.bit == UNSUPPORTED { 1 << 19 } else { 0 };
        r.device.set(if fault.advisory { 1 << 16 } else { 1 << 17 } | unsupported, certain);
        let poisoned = if fault.bit == POISONED { PARITY_ERROR } else { 0 };
        r.status.set(poisoned | if signals { SYSTEM_ERROR } else { 0 }, certain);
    }

    /// A message of this kind may come under this function's id.
    pub(super) fn may_report(&mut self, kind: usize, who: Who) {
        *self.speakers.entry((kind, who)).or_default() += 1;
    }

    /// A message has come under this function's id; whether it may.
    pub(super) fn reports(&mut self, kind: usize, who: Who) -> bool {
        self.speakers.get_mut(&(kind, who)).filter(|n| **n > 0).map(|n| *n -= 1).is_some()
    }

    /// Functions are as new; the kinds of which a message may have been dropped.
    pub(super) fn reset(&mut self, functions: u32) -> Vec<usize> {
        let gone = |vf: u32| vf < 32 && functions >> vf & 1 == 1;
        self.each.retain(|vf, _| !gone(*vf));
        self.looks.retain(|_, look| !gone(look.vf));
        let of = |(_, who): &(usize, Who)| matches!(who, Who::Virtual(vf) if gone(*vf));
        self.speakers.iter().filter(|(key, n)| of(key) && **n > 0).map(|((kind, _), _)| *kind).collect()
    }

    /// The device has been quiet for long.
    pub(super) fn calm(&mut self) {
        self.speakers.clear();
    }

    /// What software clears.
    pub(super) fn written(&mut self, vf: u32, register: u16, be: u8, value: u32) {
        let bits = crate::shadow::merge(0, value, be);
        let r = self.each.entry(vf).or_default();
        match register {
            COMMAND => r.status.clear(bits & (PARITY_ERROR | SYSTEM_ERROR)),
            DEVCTL => r.device.clear(bits & 0x000f_0000),
            _ => {}
        }
    }

    /// Software reads a register of a function.
    pub(super) fn look(&mut self, vf: u32, tag: u16, register: u16, be: u8) {
        if matches!(register, COMMAND | DEVCTL) {
            let before = *self.each.entry(vf).or_default();
            self.looks.insert(tag, Look { vf, register, be, before });
        }
    }

    /// A read ended without data.
    pub(super) fn forget_look(&mut self, tag: u16) {
        self.looks.remove(&tag);
    }

    /// A read is answered.
    pub(super) fn compare(&mut self, tick: Tick, tag: u16, value: u32, report: &mut Report) {
        let Some(look) = self.looks.remove(&tag) else { return };
        let now = self.each.entry(look.vf).or_default();
        let (before, now, among) = match look.register {
            COMMAND => (look.before.status, now.status, 0xf900_0000),
            _ => (look.before.device, now.device, 0x000f_0000),
        };
        let enabled = crate::shadow::merge(0, among, look.be);
        let (must, may, seen) = (before.must & enabled, (before.may | now.may) & enabled, value & enabled);
        report.require("error_log_wrong", tick, seen & must == must && seen & !may == 0, || {
            let (vf, register) = (look.vf, look.register);
            format!(
                "virtual function {vf}, register {register:#x} reads {seen:#010x}; {must:#010x} must be set, {may:#010x} may be"
            )
        });
    }
}
