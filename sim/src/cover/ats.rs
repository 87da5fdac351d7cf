// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Coverage of address translation: what the device asks for and is told, what it holds when causes and invalidations
//! come, how it is switched and reset.

use super::axes::{log2, step};
use super::collector::Collector;
use super::items::Item;
use super::traffic::Up;
use crate::bench::decode::{Common, Decoded};
use crate::check::ats::{PAGE, range_of, word_of};
use crate::shadow::Shadow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tlp::{Packet, Tick};

/// Invalidate Requests that the device can queue (data sheet §17).
const DEPTH: usize = 4;

/// What is kept of translations.
#[derive(Clone, Default)]
pub(super) struct Translations {
    on: bool,
    /// Page that each request under way asks for, by tag.
    asked: BTreeMap<u16, u64>,
    /// Pages that were asked for and not read since.
    fresh: BTreeSet<u64>,
    /// Ranges that the device was given and not told to forget.
    given: Vec<(u64, u64)>,
    /// Invalidate Requests that are not completed, oldest first.
    waiting: VecDeque<Tick>,
}

/// Whether the packet is an Invalidate Request for the device [PCIe Base 10.3.1].
pub(super) fn is_invalidate(p: &Packet, c: &Common, what: &Decoded, shadow: &Shadow) -> bool {
    let form = matches!(what, Decoded::Message { code: 0x01, routing: 2, .. }) && c.fmt == 3 && c.length == 2;
    form && p.data.len() >= 2 && p.header[2] >> 16 == u32::from(shadow.config.captured.latest().bits())
}

fn page_of(slot: u32, shadow: &Shadow) -> u64 {
    shadow.host_base.wrapping_add(16 * u64::from(slot)) & !(PAGE - 1)
}

impl Translations {
    fn has(&self, page: u64) -> bool {
        self.given.iter().any(|(first, bytes)| page.wrapping_sub(*first) < *bytes)
    }

    fn forget(&mut self) {
        self.given.clear();
        self.fresh.clear();
    }
}

impl Collector {
    /// A translation is asked for.
    pub fn translation_request(&mut self, tick: Tick, tag: u16, address: u64) {
        let (asked, given) = (self.translations.asked.len() as u64, self.translations.given.len() as u64);
        self.hit(tick, Item::ats_requests, &[step(asked, &[0, 1, 3])]);
        self.hit(tick, Item::ats_given, &[log2(given, 5)]);
        self.translations.asked.insert(tag, address & !(PAGE - 1));
        self.is(Up::TranslationRequest);
    }

    /// A completion that no slot waits for: whether it answers a translation request.
    pub(super) fn translated(&mut self, tick: Tick, c: &Common, status: u8, data: bool, words: &[u32]) -> bool {
        let Some(page) = self.translations.asked.remove(&c.tag) else { return false };
        let good = status == 0 && data && !c.ep && c.length == 2 && words.len() >= 2;
        let word = if good { word_of(words) } else { 0 };
        let (_, bytes) = range_of(word);
        let answer = match (word & 1, word >> 2 & 1) {
            (0, _) => 3,
            (_, 1) => 2,
            _ => {
                self.translations.given.push((page & !(bytes - 1), bytes));
                usize::from(bytes > PAGE)
            }
        };
        self.translations.fresh.insert(page);
        self.hit(tick, Item::ats_answer, &[answer]);
        true
    }

    /// A slot is read by an address of this type.
    pub(super) fn read_by(&mut self, tick: Tick, address_type: u8, slot: u32, shadow: &Shadow) {
        let by = match (address_type, *shadow.config.ats.latest()) {
            (2, _) if self.translations.fresh.remove(&page_of(slot, shadow)) => 2,
            (2, _) => 3,
            (_, true) => 1,
            (_, false) => 0,
        };
        self.hit(tick, Item::ats_read, &[by]);
    }

    /// A cause of a host slot: what is known of its page?
    pub(super) fn translated_cause(&mut self, tick: Tick, slot: u32, shadow: &Shadow) {
        if !*shadow.config.ats.latest() || slot >= shadow.host_slots {
            return;
        }
        let (page, t) = (page_of(slot, shadow), &self.translations);
        let known = if t.asked.values().any(|p| *p == page) { 1 } else { 2 * usize::from(t.has(page)) };
        self.hit(tick, Item::ats_cause, &[known]);
    }

    /// Services are switched.
    pub(super) fn services_switched(&mut self, tick: Tick, on: bool) {
        if std::mem::replace(&mut self.translations.on, on) == on {
            return;
        }
        let fetches = log2(self.traffic.fetches.len() as u64, 4);
        self.hit(tick, Item::ats_switch, &[usize::from(on), fetches]);
        self.translations.forget();
    }

    /// An Invalidate Request goes to the device. It forgets everything, whatever the range.
    pub(super) fn invalidate_request(&mut self, tick: Tick, p: &Packet, shadow: &Shadow) {
        let services = usize::from(*shadow.config.ats.latest());
        let reach = match range_of(word_of(&p.data)).1 {
            PAGE => 0,
            bytes if bytes >= 1 << 62 => 2,
            _ => 1,
        };
        let t = &self.translations;
        let (asked, read) = (usize::from(!t.asked.is_empty()), usize::from(!self.traffic.fetches.is_empty()));
        let waiting = t.waiting.len();
        self.hit(tick, Item::ats_invalidate, &[reach, services]);
        self.hit(tick, Item::ats_awaited, &[services, asked + 2 * read]);
        if waiting < DEPTH {
            self.hit(tick, Item::ats_waiting, &[waiting]);
            self.translations.waiting.push_back(tick);
        }
        self.translations.forget();
    }

    /// An Invalidate Completion has left.
    pub fn invalidate_completion(&mut self, tick: Tick) {
        if let Some(since) = self.translations.waiting.pop_front() {
            self.hit(tick, Item::ats_done, &[step(tick.saturating_sub(since), &[63, 255])]);
        }
        self.is(Up::InvalidateCompletion);
    }

    /// The device is reset; kinds as on their axis.
    pub(super) fn translations_reset(&mut self, tick: Tick, kind: usize) {
        let owed = usize::from(!self.translations.waiting.is_empty());
        self.hit(tick, Item::ats_reset, &[kind, owed]);
        self.translations = Translations::default();
    }
}
