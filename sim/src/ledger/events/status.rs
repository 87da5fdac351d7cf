// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The global status as far as it can be known from outside.

use tlp::Tick;

/// Bit of `ev_misc.irq_err`.
const ERROR: u128 = 1 << 65;
/// Bit 31 of `ev_misc`.
const REVOKED: u128 = 1 << 95;

/// Bits that are 1 for certain, and bits that may be.
#[derive(Clone)]
pub struct Status {
    certain: u128,
    open: u128,
    last: [Tick; 128],
    /// Clears under way: number of the packet, when it was sent, bits.
    clears: Vec<(u64, Tick, u128)>,
    errors: bool,
}

impl Default for Status {
    fn default() -> Self {
        Self { certain: 0, open: 0, last: [0; 128], clears: Vec::new(), errors: false }
    }
}

impl Status {
    /// An event has set its bit.
    pub fn set(&mut self, tick: Tick, bit: u32) {
        self.last[bit as usize] = tick;
        let bit = 1u128 << bit;
        if self.clears.iter().any(|(_, _, bits)| bits & bit != 0) {
            self.certain &= !bit;
            self.open |= bit;
        } else {
            self.certain |= bit;
            self.open &= !bit;
        }
    }

    /// An error may have set its bit, at any time from now on.
    pub fn error_possible(&mut self) {
        self.errors = true;
        self.open |= ERROR;
    }

    /// Handles may be revoked, which sets its bit some time from now on.
    pub fn revoke_possible(&mut self) {
        self.open |= REVOKED;
    }

    /// Software clears bits.
    pub fn clear(&mut self, seq: u64, now: Tick, bits: u128) {
        self.open |= self.certain & bits;
        self.certain &= !bits;
        self.clears.push((seq, now, bits));
    }

    /// Packets up to this number have taken effect.
    pub fn flush(&mut self, flushed: u64) {
        for (_, sent, bits) in self.clears.extract_if(.., |(seq, _, _)| *seq <= flushed) {
            for k in (0..128).filter(|k| bits >> k & 1 == 1 && self.last[*k] < sent) {
                self.open &= !(1 << k);
            }
        }
        if self.errors {
            self.open |= ERROR;
        }
    }

    /// Some bit is 1 for certain.
    pub fn some_certain(&self) -> bool {
        self.certain != 0
    }

    /// Every bit is 0 for certain.
    pub fn certainly_empty(&self) -> bool {
        self.certain | self.open == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clear_is_certain_once_it_is_flushed() {
        let mut s = Status::default();
        s.set(10, 3);
        s.clear(1, 20, 1 << 3);
        assert!(!s.some_certain() && !s.certainly_empty());
        s.flush(1);
        assert!(s.certainly_empty());
    }

    #[test]
    fn an_event_beside_the_clear_stays_open() {
        let mut s = Status::default();
        s.set(10, 3);
        s.clear(1, 20, 1 << 3);
        s.set(25, 3);
        s.flush(1);
        assert!(!s.some_certain() && !s.certainly_empty());
        s.set(30, 3);
        assert!(s.some_certain());
    }
}
