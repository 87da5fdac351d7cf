// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Address translation: what the device asks for, what it uses, when it lets go of it
//! [PCIe Base 10; data sheet §17].
//!
//! The monitor keeps its own book of translations: what has come down in completions, and
//! what an Invalidate Completion has taken back.

use super::{Report, Upstream};
use crate::bench::decode::{Common, Decoded};
use crate::finding::{Finding, Kind};
use crate::shadow::Shadow;
use std::collections::{BTreeMap, VecDeque};
use tlp::{Bdf, Packet, Tick};

/// Bytes of the smallest page.
pub(crate) const PAGE: u64 = 0x1000;
/// Within so many cycles no read of the device is late (DevCtl2, data sheet §6).
const SOON: Tick = 1 << 13;

/// Translations that the device holds; the next one replaces the oldest [data sheet §17].
const ENTRIES: usize = 16;

/// A translation that the device may use.
#[derive(Clone, Copy, Debug)]
struct Held {
    first: u64,
    target: u64,
    bytes: u64,
    /// Invalidations sent before it came.
    after: u64,
}

/// An invalidation that is not completed.
#[derive(Clone, Copy, Debug)]
struct Invalidation {
    first: u64,
    bytes: u64,
    number: u64,
    sent: Tick,
    /// Writes to slots that it covers, for whoever waits; none if it may have found services off and dropped nothing.
    covers: Option<u64>,
}

/// A translation request under way.
#[derive(Clone, Copy, Debug)]
struct Question {
    page: u64,
    since: Tick,
    /// The device may have given it up: an invalidation has ended, services were switched or the store went off since.
    perhaps_dropped: bool,
}

/// What a read of a slot means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A slot at this address, as software counts it.
    Slot(u64),
    /// A translation is asked for.
    Question,
}

/// The law.
#[derive(Clone, Default)]
pub struct Translations {
    held: Vec<Held>,
    /// Pages answered since the last invalidation, oldest first, and whether the device has shown that it holds them.
    latest: VecDeque<(u64, bool)>,
    /// What each tag asks for.
    asked: BTreeMap<u16, Question>,
    /// Pages that may be read untranslated, and how often.
    untranslated: BTreeMap<u64, u64>,
    outstanding: BTreeMap<u8, Invalidation>,
    sent: u64,
    /// Invalidations completed that dropped what was held: when each was sent, number of slot writes that it covered.
    pub finished: Vec<(Tick, u64)>,
}

/// The quad word of a translation or an invalidation; most significant byte first.
pub(crate) fn word_of(data: &[u32]) -> u64 {
    u64::from(data[0].swap_bytes()) << 32 | u64::from(data[1].swap_bytes())
}

/// Range of an address with its size coded into the bits above bit 11.
pub(crate) fn range_of(word: u64) -> (u64, u64) {
    if word >> 11 & 1 == 0 {
        return (word & !(PAGE - 1), PAGE);
    }
    let zero = (word >> 12).trailing_ones() + 12;
    if zero >= 63 { (0, u64::MAX) } else { (word & !((2 << zero) - 1), 2 << zero) }
}

fn overlaps(a: u64, bytes: u64, b: u64, other: u64) -> bool {
    a.wrapping_sub(b) < other || b.wrapping_sub(a) < bytes
}

impl Translations {
    /// A packet to the device: answers to its questions, Invalidate Requests. `device`: the id it has captured,
    /// `covers`: writes to slots so far, if services are on for certain: a request that finds them off drops nothing.
    /// The page whose translation was refused, if it was.
    pub fn downstream(
        &mut self,
        tick: Tick,
        p: &Packet,
        c: &Common,
        what: &Decoded,
        device: Bdf,
        covers: Option<u64>,
    ) -> Option<u64> {
        match *what {
            Decoded::Completion { status, data, .. } => {
                let Question { page, .. } = self.asked.remove(&c.tag)?;
                let good = status == 0 && data && !c.ep && c.length == 2 && p.data.len() >= 2;
                let word = if good { word_of(&p.data) } else { 0 };
                match (word & 1, word >> 2 & 1) {
                    (0, _) => return Some(page),
                    (_, 1) => *self.untranslated.entry(page).or_default() += 1,
                    _ => {
                        let (target, bytes) = range_of(word);
                        // What comes while an invalidation is worked on takes a place, or none.
                        let surely = self.outstanding.is_empty();
                        self.latest.push_back((if surely { page } else { u64::MAX }, false));
                        if self.latest.len() > ENTRIES {
                            self.latest.pop_front();
                        }
                        self.held.push(Held { first: page & !(bytes - 1), target, bytes, after: self.sent });
                    }
                }
            }
            Decoded::Message { code: 0x01, routing: 2, .. } if c.fmt == 3 && c.length == 2 && p.data.len() >= 2 => {
                if p.header[2] >> 16 != u32::from(device.bits()) {
                    return None;
                }
                if self.outstanding.len() >= 4 {
                    return None;
                }
                let (first, bytes) = range_of(word_of(&p.data));
                self.latest.clear();
                self.sent += 1;
                let tag = (p.header[1] >> 8) as u8 & 0x1f;
                let invalidation = Invalidation { first, bytes, number: self.sent, sent: tick, covers };
                self.outstanding.insert(tag, invalidation);
            }
            _ => {}
        }
        None
    }

    /// Judges a read that is not of the engine; what it means.
    pub fn read(&mut self, up: &Upstream<'_>, shadow: &mut Shadow, report: &mut Report) -> Meaning {
        let Decoded::Memory { address, be, .. } = *up.decoded else { return Meaning::Question };
        let c = up.common;
        let flushed = shadow.flushed;
        let on = shadow.config.ats.perhaps(flushed, |on| *on);
        let off = shadow.config.ats.perhaps(flushed, |on| !on);
        match c.at {
            1 => {
                let low = up.packet.header[if c.fmt & 1 == 1 { 3 } else { 2 }] & 0xfff;
                let good = on
                    && c.length == 2
                    && be == (0xf, 0xf)
                    && (c.tc, c.attr, c.th, c.ep) == (0, 0, false, false)
                    && low == 1;
                report.require("translation_request", up.tick, good, || {
                    format!("translation request with header {:08x?}, services {on} [PCIe 10.2.2]", up.packet.header)
                });
                let page = address & !(PAGE - 1);
                // While an invalidation is worked on, a question from before it may be under way, too.
                let once = !self.outstanding.is_empty()
                    || !self.asked.values().any(|q| q.page == page && !q.perhaps_dropped && up.tick - q.since < SOON);
                report.require("translation_asked_twice", up.tick, once, || {
                    format!("page {page:#x} is asked for while a question for it is under way")
                });
                let holds = self.latest.iter().any(|(p, shown)| *shown && *p == page);
                report.require("translation_asked_again", up.tick, !holds, || {
                    format!("page {page:#x} is asked for though it is among the last {ENTRIES} that were answered")
                });
                self.asked.insert(c.tag, Question { page, since: up.tick, perhaps_dropped: false });
                Meaning::Question
            }
            2 => {
                let held = self.held.iter().rfind(|h| address.wrapping_sub(h.target) < h.bytes).copied();
                report.require("translated_after_invalidation", up.tick, on && held.is_some(), || {
                    format!("translated read at {address:#x}: not handed out, or its invalidation is complete [10.3]")
                });
                let slot = held.map_or(address, |h| h.first + (address - h.target));
                let page = slot & !(PAGE - 1);
                if let Some((_, shown)) = self.latest.iter_mut().rfind(|(p, _)| *p == page) {
                    *shown = true;
                }
                Meaning::Slot(slot)
            }
            _ => {
                let page = address & !(PAGE - 1);
                let allowed = self.untranslated.get_mut(&page).filter(|n| **n > 0).map(|n| *n -= 1).is_some();
                report.require("untranslated_read", up.tick, off || allowed, || {
                    format!("untranslated read at {address:#x} though translation is on [10.2.3]")
                });
                Meaning::Slot(address)
            }
        }
    }

    /// An Invalidate Completion.
    pub fn completion(&mut self, up: &Upstream<'_>, report: &mut Report) {
        let [w0, w1, w2, w3] = up.packet.header;
        let plain =
            w0 & !(1 << 15) == 0x3200_0000 && w1 & 0xff00 == 0 && w2 & 0xffff == 1 && up.packet.prefix.is_none();
        report.require("invalidate_completion", up.tick, plain && w3.count_ones() == 1, || {
            format!("Invalidate Completion with header {:08x?} [10.3.2]", up.packet.header)
        });
        let tag = w3.trailing_zeros() as u8;
        let done = self.outstanding.remove(&tag);
        report.require("invalidate_completion", up.tick, done.is_some(), || {
            format!("Invalidate Completion for tag {tag}, which nobody waits for [10.3.2]")
        });
        self.questions_dropped();
        if let Some(done) = done {
            self.held.retain(|h| h.after >= done.number || !overlaps(h.first, h.bytes, done.first, done.bytes));
            self.finished.extend(done.covers.map(|covers| (done.sent, covers)));
        }
    }

    /// What was asked before an invalidation or a switch may be asked anew while it is under way [data sheet §17].
    fn questions_dropped(&mut self) {
        self.asked.values_mut().for_each(|q| q.perhaps_dropped = true);
    }

    /// Whether no invalidation is outstanding.
    pub fn is_quiet(&self) -> bool {
        self.outstanding.is_empty()
    }

    /// Invalidations that should be complete by now.
    pub fn judge_liveness(&mut self, now: Tick, bound: Tick) -> Vec<Finding> {
        let late = std::mem::take(&mut self.outstanding);
        late.into_iter()
            .map(|(tag, i)| Finding {
                check: "invalidate_never_completed",
                kind: Kind::Liveness,
                tick: now,
                text: format!("Invalidate Request {tag} of tick {} is not completed within {bound} cycles", i.sent),
            })
            .collect()
    }

    /// The enable is about to be written.
    pub fn switch_begins(&mut self) -> u64 {
        self.latest.clear();
        self.questions_dropped();
        self.sent += 1;
        self.sent
    }

    /// The write has been answered: nothing from before it is held.
    pub fn switch_ends(&mut self, number: u64) {
        self.questions_dropped();
        self.latest.clear();
        self.held.retain(|h| h.after >= number);
        self.untranslated.clear();
    }

    /// Software has seen that the store is off: questions of its fetches count for nothing any more.
    pub fn store_is_off(&mut self) {
        self.questions_dropped();
    }

    /// Reset: nothing is held.
    pub fn forget(&mut self) {
        *self = Self { sent: self.sent, ..Self::default() };
    }
}
