// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Address translation of slot fetches: what is held of translations, and Invalidate Requests.
//!
//! [Data sheet section 17; PCIe Base 10.] The first part knows no packets; the second joins
//! it to the device.

use crate::decode::Header;
use crate::device::{Device, Phase, SEND_TICKS};
use crate::encode::{self, Word0};
use crate::host_store::Tag;
use crate::irq::IrqError;
use crate::quirks::Quirk;
use std::collections::{BTreeSet, VecDeque};
use tlp::{Packet, Store, Tick};

/// Translations held.
const ENTRIES: usize = 16;
/// Invalidate Requests that can wait.
const QUEUE: usize = 4;
const PAGE: u64 = 0x1000;
/// Ticks from the beginning of an invalidation to its earliest completion.
const INVALIDATION_TICKS: Tick = 6;

/// Bits of a translation [PCIe Base 10.2.3].
const READ: u64 = 1 << 0;
const UNTRANSLATED_ONLY: u64 = 1 << 2;
const SIZE: u64 = 1 << 11;

/// A range of addresses and where it stands.
#[derive(Clone, Copy, Debug)]
struct Translation {
    first: u64,
    /// Address bits that the range does not fix.
    within: u64,
    target: u64,
}

/// What an answer to a translation request says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answered {
    Entered,
    Untranslated,
    Refused,
}

/// An Invalidate Request that waits.
#[derive(Clone, Copy, Debug)]
struct Invalidate {
    requester: u16,
    tag: u32,
}

/// How a slot is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    Plain,
    Translated(u64),
    /// The page has to be asked for first.
    Ask(u64),
}

/// Translations held and invalidations under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ats {
    entries: [Option<Translation>; ENTRIES],
    /// Entry that is replaced next.
    next: usize,
    /// Slots whose fetch may go untranslated, once.
    untranslated: BTreeSet<u32>,
    /// Slots whose translation has come and that have not been read with it, oldest first. They are before all others:
    /// else more pages than are held would replace each other for ever, each before it has served.
    came: VecDeque<u32>,
    waiting: VecDeque<Invalidate>,
    /// The first one that waits has been begun; its earliest completion.
    begun: Option<Tick>,
}

impl Ats {
    fn lookup(&self, address: u64) -> Option<u64> {
        let covers = |t: &&Translation| address & !t.within == t.first;
        self.entries.iter().flatten().find(covers).map(|t| t.target | address & t.within)
    }

    /// Takes the answer for a page into use for a slot.
    fn answer(&mut self, page: u64, slot: u32, word: u64) -> Answered {
        if word & READ == 0 {
            return Answered::Refused;
        }
        if word & UNTRANSLATED_ONLY != 0 {
            self.untranslated.insert(slot);
            return Answered::Untranslated;
        }
        // The lowest bit that is 0 tells the size: with S it is above bit 11.
        let within = if word & SIZE == 0 {
            PAGE - 1
        } else {
            let top = (word >> 12).trailing_ones() + 12;
            if top >= 63 { u64::MAX } else { (2u64 << top) - 1 }
        };
        self.came.retain(|s| *s != slot);
        self.came.push_back(slot);
        self.entries[self.next] = Some(Translation { first: page & !within, within, target: word & !within });
        self.next = (self.next + 1) % ENTRIES;
        Answered::Entered
    }

    fn forget(&mut self) {
        self.entries = [None; ENTRIES];
        self.next = 0;
        self.untranslated.clear();
        self.came.clear();
    }

    /// Whether an invalidation is being worked on.
    pub(crate) fn busy(&self) -> bool {
        self.begun.is_some()
    }
}

impl Device {
    /// How a slot would be read now; `None` while its page is being asked for.
    pub(crate) fn reach(&self, slot: u32, address: u64) -> Option<Reach> {
        if !self.config.ats_enabled() {
            return Some(Reach::Plain);
        }
        if self.ats.untranslated.contains(&slot) {
            return Some(Reach::Plain);
        }
        if let Some(target) = self.ats.lookup(address) {
            return Some(Reach::Translated(target));
        }
        let page = address & !(PAGE - 1);
        let asked = |tag: &Tag| match tag {
            Tag::Queued { address, asks: true, .. } => *address == page,
            Tag::Out(fetch) => fetch.asks && !fetch.late && fetch.address == page,
            _ => false,
        };
        (!self.host.tags.iter().any(asked)).then_some(Reach::Ask(page))
    }

    /// The request for a translation of a page: two words, read only.
    pub(crate) fn ask_packet(&self, tag: u8, page: u64) -> Packet {
        let mut packet = encode::read(self.config.id, tag, page, 2);
        packet.header[0] = Word0::from(packet.header[0]).with_at(1).into();
        let low = if page >> 32 != 0 { 3 } else { 2 };
        packet.header[low] |= 1;
        packet
    }

    /// A fetch of this slot is being made.
    pub(crate) fn reached(&mut self, slot: u32) {
        self.ats.untranslated.remove(&slot);
        self.ats.came.retain(|s| *s != slot);
    }

    /// Slots whose translation has come and still waits for their read.
    pub(crate) fn translated(&self) -> impl Iterator<Item = u32> {
        self.ats.came.iter().copied()
    }

    /// A translation has come in full. An invalidation of the slot alone leaves it good.
    pub(crate) fn translation_came(&mut self, slot: u32, page: u64, discard: bool, late: bool, words: [u32; 2]) {
        // One whose cause was withdrawn meanwhile has no use for it.
        let host = &self.host;
        self.ats.came.retain(|s| host.pending.get(*s as usize));
        let word = u64::from(words[0].swap_bytes()) << 32 | u64::from(words[1].swap_bytes());
        if late && word & READ != 0 {
            self.host.refresh(slot);
        } else if self.ats.answer(page, slot, word) == Answered::Refused {
            self.fetch_failed(slot, discard, IrqError::TranslationRefused);
        } else {
            self.host.refresh(slot);
        }
    }

    /// Enable of translation has changed: as an invalidation of everything.
    pub(crate) fn ats_switched(&mut self) {
        self.drop_translations();
    }

    fn drop_translations(&mut self) {
        if self.quirks.has(Quirk::AtsKeepsTranslations) {
            return;
        }
        self.revoke_slot_fetch();
        self.ats.forget();
        self.host.invalidate(0, u32::MAX, false, false);
        self.host.strike();
    }

    /// A message with data, routed by id, code 1.
    pub(crate) fn invalidate_request(&mut self, header: &Header, packet: &Packet) {
        if header.target_id() != self.config.id {
            return self.unsupported(packet, false);
        }
        let tag = header.tag & 0x1f;
        if self.ats.waiting.len() >= QUEUE {
            self.errors.note_code(IrqError::TooManyInvalidates, Store::Event.code(), tag);
            return;
        }
        self.ats.waiting.push_back(Invalidate { requester: header.requester, tag });
    }

    /// First tick, not before `now`, in which invalidations go on.
    pub(crate) fn ats_due(&self, now: Tick) -> Tick {
        if self.phase != Phase::Running || self.ats.waiting.is_empty() {
            return Tick::MAX;
        }
        match self.ats.begun {
            None if self.host.command.is_none() => now,
            Some(due) if !self.host.awaits_stale() && self.link.can_post(0) => due.max(now),
            _ => Tick::MAX,
        }
    }

    /// Begins or ends an invalidation.
    pub(crate) fn step_ats(&mut self, t: Tick) {
        if self.ats_due(t) > t {
            return;
        }
        if self.ats.begun.is_none() {
            if self.config.ats_enabled() {
                self.drop_translations();
            }
            self.ats.begun = Some(t + INVALIDATION_TICKS);
            return;
        }
        let Some(done) = self.ats.waiting.pop_front() else { return };
        self.ats.begun = None;
        if self.quirks.strikes(Quirk::AtsCompletionMissing) {
            return;
        }
        let mut packet = encode::message(self.config.id, 0b010, 0x02, 0);
        packet.header[2] = u32::from(done.requester) << 16 | 1;
        packet.header[3] = 1 << done.tag;
        self.link.post(packet, t + SEND_TICKS);
    }
}
