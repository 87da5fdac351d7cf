// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whom a request to the device addresses, who of its functions speaks, and which of them
//! are there [data sheet §4, §16].

use super::functions::SOURCES;
use super::{Command, Functions, Shadow, Who, merge};
use tlp::{Bdf, CauseOp, Tick};
use vectors::op::Source;

impl Shadow {
    /// Whether a function may send memory requests, whatever is still in flight.
    pub fn may_send(&mut self, who: Who) -> bool {
        let f = self.flushed;
        match who {
            Who::Physical => self.may_master(),
            Who::Virtual(n) => self.perhaps_there(n) && self.functions.each[n as usize].bus_master.perhaps(f, |b| *b),
        }
    }

    /// Whether a virtual function may be there.
    pub fn perhaps_there(&mut self, n: u32) -> bool {
        let f = self.flushed;
        let awake = self.config.in_d0.perhaps(f, |d| *d);
        awake && self.functions.each.get_mut(n as usize).is_some_and(|v| v.enabled.perhaps(f, |e| *e))
    }

    /// Whether a virtual function is there for certain.
    pub fn surely_there(&mut self, n: u32, tick: Tick) -> bool {
        !self.functions.resetting(n, tick, self.flushed) && self.surely_enabled(n)
    }

    pub(super) fn surely_enabled(&mut self, n: u32) -> bool {
        let f = self.flushed;
        !self.resetting
            && self.config.in_d0.certainly(f, |d| *d)
            && self.functions.each.get_mut(n as usize).is_some_and(|v| v.enabled.certainly(f, |e| *e))
    }

    /// The function that a configuration request of type 0 addresses; none: nobody (data sheet §4, §16).
    pub fn config_target(&self, target: Bdf) -> Option<Who> {
        let physical = *self.config.captured.latest();
        let there = |n: &u32| self.functions.is_enabled(*n) && *self.config.in_d0.latest();
        let named = |n: &u32| Functions::id(physical, *n).bits() as u8 == target.bits() as u8;
        match (0..self.functions.each.len() as u32).filter(there).find(named) {
            Some(n) => Some(Who::Virtual(n)),
            None => (target.function() == 0).then_some(Who::Physical),
        }
    }

    /// Whose memory an address falls into: BAR number (0 for a virtual function) and offset.
    pub fn address_target(&self, address: u64) -> Option<(Who, u8, u64)> {
        if !*self.config.in_d0.latest() {
            return None;
        }
        if self.config.memory_enabled()
            && let Some((bar, offset)) = self.config.hit(address)
        {
            return Some((Who::Physical, bar, offset));
        }
        self.functions.hit(address).map(|(n, offset)| (Who::Virtual(n), 0, offset))
    }

    /// The function that speaks under this id; none: nobody here.
    pub fn speaker(&mut self, id: Bdf) -> Option<Who> {
        if self.may_be(id) {
            return Some(Who::Physical);
        }
        let (vfs, flushed) = (self.functions.each.len() as u32, self.flushed);
        (0..vfs).find(|n| self.config.captured.perhaps(flushed, |c| Functions::id(*c, *n) == id)).map(Who::Virtual)
    }

    /// Resets of virtual functions have been answered.
    pub fn virtual_reset_answered(&mut self, functions: u32, tick: Tick) {
        for n in (0..self.functions.each.len() as u32).filter(|n| functions >> n & 1 == 1) {
            self.functions.reset_answered(n, tick);
            self.entries.forget_function(n);
        }
    }

    /// A quad word into the memory of a virtual function (data sheet §16).
    pub(super) fn aperture_write(&mut self, vf: u32, offset: u64, words: [(u32, u8); 2], commands: &mut Vec<Command>) {
        const TABLE_END: u64 = 16 * SOURCES as u64;
        const SLOTS: u64 = 0x2000;
        const DOORBELL: u64 = 0x3008;
        let k = (offset % SLOTS / 16) as u32;
        match offset {
            0..TABLE_END => self.entries.write_half(
                Source::VfMsix { vf, k },
                self.seq,
                self.flushed,
                offset.is_multiple_of(16),
                words,
            ),
            SLOTS.. if offset < SLOTS + TABLE_END => {
                let source = Source::VfDevice { vf, k };
                self.entries.write_half(source, self.seq, self.flushed, offset.is_multiple_of(16), words);
            }
            DOORBELL if words[0].1 != 0 => commands.push(doorbell_of(vf, merge(0, words[0].0, words[0].1))),
            _ => {}
        }
    }
}

/// A write to the doorbell of a virtual function.
pub(super) fn doorbell_of(vf: u32, value: u32) -> Command {
    let k = value & 0x3f;
    let source = if value >> 8 & 1 == 1 { Source::VfDevice { vf, k } } else { Source::VfMsix { vf, k } };
    Command::Doorbell { op: CauseOp::Raise, source, count: 1, record: false }
}
