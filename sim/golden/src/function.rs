// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The function that makes work: doorbells, sweeps, completion records.
//!
//! [Data sheet section 7.]

use crate::regs::fn_doorbell as bell;
use std::collections::VecDeque;
use tlp::{Cause, CauseOp, Store};

/// Doorbells that can be there at a time, the one being worked on included.
pub(crate) const QUEUE_DEPTH: usize = 16;

/// Last word of a completion record.
pub(crate) const RECORD_MAGIC: u32 = 0xc0de_0001;

/// Several causes of the same source, or of successive ones.
#[derive(Clone, Copy, Debug)]
struct Work {
    cause: Cause,
    left: u32,
    /// Added to the index after each cause: 1 in a sweep, 0 for a doorbell.
    stride: u32,
    record: bool,
}

/// A cause about to be raised, and whether its record has still to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    pub(crate) cause: Cause,
    pub(crate) record: bool,
}

/// State and registers of the function.
#[derive(Clone, Default, Debug)]
pub(crate) struct Function {
    queue: VecDeque<Work>,
    work: Option<Work>,
    /// A doorbell has been begun and its last cause has not been taken.
    ringing: bool,
    offer: Option<Offer>,
    pub(crate) raised: u32,
    pub(crate) record_address: u64,
    pub(crate) record_order: u32,
    pub(crate) record_seq: u32,
    pub(crate) sweep_first: u32,
    pub(crate) sweep_count: u32,
}

impl Function {
    /// Doorbells that are not finished.
    pub(crate) fn level(&self) -> u32 {
        self.queue.len() as u32 + u32::from(self.ringing)
    }

    /// Whether a doorbell written now is dropped.
    pub(crate) fn full(&self) -> bool {
        self.level() as usize >= QUEUE_DEPTH
    }

    pub(crate) fn busy(&self) -> bool {
        self.offer.is_some() || self.work.is_some() || !self.queue.is_empty()
    }

    /// A write to `fn_doorbell`; `times` is 1 (2 in a quirk). The source that it is
    /// for, if it had to be dropped.
    pub(crate) fn doorbell(&mut self, word: u32, times: u32) -> Option<(Store, u32)> {
        let store = Store::from_code((word & bell::STORE_MASK) >> bell::STORE_LSB)?;
        if self.full() {
            return Some((store, word & bell::INDEX_MASK));
        }
        let withdraw = word & bell::WITHDRAW_MASK != 0;
        let cause = Cause {
            op: if withdraw { CauseOp::Withdraw } else { CauseOp::Raise },
            store,
            index: word & bell::INDEX_MASK,
        };
        let count = ((word & bell::COUNT_MASK) >> bell::COUNT_LSB).max(1);
        let record = word & bell::RECORD_MASK != 0 && !withdraw;
        self.queue.push_back(Work { cause, left: count * times, stride: 0, record });
        self.advance();
        None
    }

    /// A write of 1 to `fn_sweep_go`.
    pub(crate) fn sweep(&mut self) {
        if self.busy() || self.sweep_count == 0 {
            return;
        }
        let Some(store) = Store::from_code(self.sweep_first >> 20 & 3) else { return };
        let cause = Cause { op: CauseOp::Raise, store, index: self.sweep_first & 0xf_ffff };
        self.work = Some(Work { cause, left: self.sweep_count, stride: 1, record: false });
        self.advance();
    }

    /// The cause to be raised next, if any.
    pub(crate) fn offer(&self) -> Option<Offer> {
        self.offer
    }

    /// The record of the offered cause stands in the stream.
    pub(crate) fn recorded(&mut self) {
        if let Some(offer) = &mut self.offer {
            offer.record = false;
        }
        self.record_seq = self.record_seq.wrapping_add(1);
    }

    /// The offered cause has been taken by the interrupt core.
    pub(crate) fn taken(&mut self) {
        if self.offer.take().is_some_and(|offer| offer.cause.op == CauseOp::Raise) {
            self.raised = self.raised.wrapping_add(1);
        }
        self.advance();
    }

    /// Makes the next cause the offer.
    fn advance(&mut self) {
        if self.offer.is_some() {
            return;
        }
        self.ringing = false;
        let Some(mut work) = self.work.take().or_else(|| self.queue.pop_front()) else { return };
        self.ringing = work.stride == 0;
        self.offer = Some(Offer { cause: work.cause, record: work.record });
        work.left -= 1;
        work.cause.index = (work.cause.index + work.stride) & 0xf_ffff;
        self.work = (work.left > 0).then_some(work);
    }

    /// Where the next record goes.
    pub(crate) fn record_target(&self) -> u64 {
        let slot = self.record_seq & ((1 << self.record_order) - 1);
        self.record_address.wrapping_add(16 * u64::from(slot))
    }

    /// The next record for a cause.
    pub(crate) fn record_words(&self, cause: Cause) -> [u32; 4] {
        [self.record_seq, cause.index | cause.store.code() << 20, 0, RECORD_MAGIC]
    }
}
