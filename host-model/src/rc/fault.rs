// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Wrong answers to the device's reads, on purpose.

use tlp::{Bdf, Tick};

use super::bytes::Span;
use super::header::{Body, Header, Status};
use super::piece::Piece;

/// Which reads a rule hits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultWhen {
    /// Every one.
    Always,
    /// Those that touch a byte of `first..=last`.
    Address {
        /// First byte.
        first: u64,
        /// Last byte.
        last: u64,
    },
    /// The n-th memory read since creation, counted from 0.
    Nth(u64),
}

/// What goes wrong with the answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadFault {
    /// One completion without data and with this status (UR, CA, CRS or reserved).
    Status(Status),
    /// Every completion is poisoned.
    Poison,
    /// Every completion has a digest that does not fit.
    WrongDigest,
    /// No answer.
    Withhold,
    /// The first completion, cut to this many words, claims to be the whole answer.
    Short {
        /// Double words that are left, at least 1.
        words: u16,
    },
    /// Only the first completion comes, with an honest Byte Count; an answer of one piece
    /// loses its last word instead (unless it has one only).
    Stop,
    /// One word too many in the last completion.
    Long,
    /// Two pieces, cut after this many bytes, whether the boundary allows it or not.
    SplitAt(u16),
    /// The tag is wrong in every completion: exclusive-or with this value.
    WrongTag(u16),
    /// The requester id is wrong in every completion.
    WrongRequester(Bdf),
    /// Byte Count is off by this much (modulo 4096) in the first completion.
    WrongByteCount(u16),
    /// Lower Address is off by this much (modulo 128) in the first completion.
    WrongLowerAddress(u8),
    /// Every completion comes twice.
    Duplicate,
    /// The answer is late by this many ticks; its tag may be used again meanwhile.
    Delay(Tick),
}

/// One rule of wrong behaviour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FaultRule {
    /// Which reads.
    pub when: FaultWhen,
    /// What happens to them.
    pub fault: ReadFault,
    /// How many more times; `None` for ever.
    pub times: Option<u32>,
}

impl FaultRule {
    /// A rule that fires once.
    pub const fn once(when: FaultWhen, fault: ReadFault) -> Self {
        Self { when, fault, times: Some(1) }
    }

    /// Whether read number `nth` of `span` is hit and the rule is not used up.
    pub fn matches(&self, nth: u64, span: &Span) -> bool {
        let hit = match self.when {
            FaultWhen::Always => true,
            FaultWhen::Nth(n) => n == nth,
            FaultWhen::Address { first, last } => {
                let end = span.start() + u64::from(span.byte_count() - 1);
                span.start() <= last && end >= first
            }
        };
        hit && self.times != Some(0)
    }

    /// Uses the rule once.
    pub(super) fn fire(&mut self) -> ReadFault {
        self.times = self.times.map(|n| n.saturating_sub(1));
        self.fault
    }
}

/// Changes the plan of an answer, which has at least one piece.
pub(super) fn apply(fault: ReadFault, pieces: &mut Vec<Piece>) {
    match fault {
        ReadFault::Poison => pieces.iter_mut().for_each(|p| p.header.poisoned = true),
        ReadFault::WrongDigest => pieces.iter_mut().for_each(|p| p.wrong_digest = true),
        ReadFault::Short { words } => {
            pieces.truncate(1);
            cut(&mut pieces[0], words.max(1));
            let len = pieces[0].len;
            edit(&mut pieces[0].header, |_, _, count, _| *count = len);
        }
        ReadFault::Stop if pieces.len() > 1 => pieces.truncate(1),
        ReadFault::Stop => {
            let words = pieces[0].header.length;
            cut(&mut pieces[0], words.saturating_sub(1).max(1));
        }
        ReadFault::Long => {
            if let Some(last) = pieces.last_mut() {
                last.header.length = (last.header.length + 1).min(1024);
            }
        }
        ReadFault::WrongTag(flip) => {
            pieces.iter_mut().for_each(|p| edit(&mut p.header, |_, tag, _, _| *tag = (*tag ^ flip) & 0x3ff));
        }
        ReadFault::WrongRequester(id) => {
            pieces.iter_mut().for_each(|p| edit(&mut p.header, |requester, _, _, _| *requester = id));
        }
        ReadFault::WrongByteCount(by) => edit(&mut pieces[0].header, |_, _, count, _| {
            let wrong = count.wrapping_add(by) & 0xfff;
            *count = if wrong == 0 { 4096 } else { wrong };
        }),
        ReadFault::WrongLowerAddress(by) => {
            edit(&mut pieces[0].header, |_, _, _, lower| *lower = lower.wrapping_add(by) & 0x7f);
        }
        ReadFault::Duplicate => *pieces = pieces.drain(..).flat_map(|p| [p.clone(), p]).collect(),
        ReadFault::Delay(by) => pieces.iter_mut().for_each(|p| p.due += by),
        // The rest is done before or instead of a plan.
        ReadFault::Status(_) | ReadFault::Withhold | ReadFault::SplitAt(_) => {}
    }
}

/// Leaves `words` words of a piece.
fn cut(piece: &mut Piece, words: u16) {
    let words = words.min(piece.header.length);
    piece.header.length = words;
    piece.len = piece.len.min(words * 4 - (piece.start & 3) as u16);
}

/// Gives requester, tag, byte count and lower address of a completion to `change`.
fn edit(header: &mut Header, change: impl FnOnce(&mut Bdf, &mut u16, &mut u16, &mut u8)) {
    if let Body::Completion { requester, tag, byte_count, lower_address, .. } = &mut header.body {
        change(requester, tag, byte_count, lower_address);
    }
}
