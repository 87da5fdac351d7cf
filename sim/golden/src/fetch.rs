// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reads of slots in host memory, and the end of invalidations.
//!
//! [Data sheet section 6; PCIe Base 2.3.2, 2.8.]

use crate::aer::Error;
use crate::ats::Reach;
use crate::config::Legacy;
use crate::decode::Header;
use crate::device::{Device, Phase, SEND_TICKS};
use crate::encode::{self, STATUS_CA, STATUS_CRS, STATUS_SC, Word0};
use crate::host_store::{Fetch, Tag};
use crate::irq::IrqError;
use crate::quirks::Quirk;
use tlp::{Packet, Store, Tick};

const SLOT_BYTES: u64 = 16;
const SLOT_WORDS: usize = 4;
/// Words of a translation.
const TRANSLATION_WORDS: usize = 2;

impl Device {
    /// The tag and slot of the fetch that can be made now.
    pub(crate) fn fetch_candidate(&self) -> Option<(u8, u32)> {
        if !self.host.enabled || !self.link.request_room() || !self.may_dma() {
            return None;
        }
        let may = |slot| self.reach(slot, self.slot_address(slot)).is_some();
        let first = self.translated().find(|slot| self.host.fetchable(*slot) && may(*slot));
        let first = first.filter(|_| !self.quirks.has(Quirk::AtsTranslationsWait));
        let slot = first.or_else(|| self.host.next_fetch(may))?;
        Some((self.host.free_tag()?, slot))
    }

    /// Where software has a slot.
    fn slot_address(&self, slot: u32) -> u64 {
        self.host.base.wrapping_add(SLOT_BYTES * u64::from(slot))
    }

    /// Makes a fetch, or asks for its address, if one is wanted and possible.
    pub(crate) fn start_fetch(&mut self, t: Tick) {
        let Some((tag, slot)) = self.fetch_candidate() else { return };
        let wrong = u64::from(self.quirks.strikes(Quirk::FetchOfNeighbour));
        let address = self.slot_address(slot).wrapping_add(SLOT_BYTES * wrong);
        let Some(reach) = self.reach(slot, self.slot_address(slot)) else { return };
        let (address, packet) = match reach {
            Reach::Ask(page) => (page, self.ask_packet(tag, page)),
            Reach::Plain => (address, encode::read(self.config.id, tag, address, SLOT_WORDS as u32)),
            Reach::Translated(address) => {
                let mut packet = encode::read(self.config.id, tag, address, SLOT_WORDS as u32);
                packet.header[0] = Word0::from(packet.header[0]).with_at(2).into();
                (address, packet)
            }
        };
        let asks = matches!(reach, Reach::Ask(_));
        if !asks {
            self.reached(slot);
        }
        self.host.begin_fetch(tag, slot, address, asks);
        self.link.request(packet, tag, t + SEND_TICKS);
    }

    /// Takes back a slot fetch that has not begun to leave.
    pub(crate) fn revoke_slot_fetch(&mut self) {
        if self.link.waiting_tag().is_some_and(|tag| tag < crate::engine::FIRST_TAG) {
            self.revoke_read();
        }
    }

    /// Takes back a read that has not begun to leave.
    pub(crate) fn revoke_read(&mut self) {
        match self.link.revoke_request() {
            Some(tag) if tag >= crate::engine::FIRST_TAG => self.dma_revoked(tag),
            Some(tag) => self.host.revoke(tag),
            None => {}
        }
    }

    /// A fetch's request has left.
    pub(crate) fn fetch_sent(&mut self, t: Tick, tag: u8) {
        let Tag::Queued { slot, address, discard, asks } = self.host.tags[tag as usize] else { return };
        let (timeout, in_force) = self.config.completion_timeout();
        self.fetched = self.fetched.wrapping_add(u32::from(!asks));
        self.host.tags[tag as usize] = Tag::Out(Fetch {
            slot,
            address,
            discard,
            asks,
            stale: false,
            late: false,
            words: [0; SLOT_WORDS],
            received: 0,
            due: in_force.then_some(t + timeout),
            rest: timeout,
        });
    }

    /// Rows 13 and 14.
    pub(crate) fn receive_completion(&mut self, t: Tick, header: &Header, packet: &Packet) {
        let fields = header.completion();
        let own = fields.requester == self.config.id;
        if own && self.is_dma_tag(header.tag) {
            return self.dma_completion(t, header, packet);
        }
        let slot = if own { self.host.tags.get_mut(header.tag as usize) } else { None };
        let fetch = match slot {
            Some(Tag::Out(fetch)) => fetch,
            Some(Tag::Quiet { until, silent: true }) if *until > t => return,
            _ => return self.error(Error::UnexpectedCompletion, true, Some(packet)),
        };
        if fields.status == STATUS_CRS {
            return self.malformed(packet);
        }

        let total = if fetch.asks { TRANSLATION_WORDS } else { SLOT_WORDS };
        let remaining = 4 * total - 4 * fetch.received;
        let next_address = fetch.address + 4 * fetch.received as u64;
        let fits = fields.has_data
            && header.words as usize * 4 <= remaining
            && fields.byte_count as usize == remaining
            && if fetch.asks {
                // Lower Address of a translation is not looked at.
                header.words as usize == total
            } else {
                fields.lower_address == (next_address & 0x7f) as u32
            };
        let failure = match fields.status {
            STATUS_SC if header.ep && fields.has_data => Some(IrqError::FetchPoisoned),
            STATUS_SC if !fits => Some(IrqError::FetchWrong),
            STATUS_SC => None,
            STATUS_CA => Some(IrqError::FetchAborted),
            _ => Some(IrqError::FetchUnsupported),
        };
        let (slot, discard, asks, late, page) = (fetch.slot, fetch.discard, fetch.asks, fetch.late, fetch.address);
        if asks && failure.is_none() {
            let words = [packet.data[0], packet.data[1]];
            self.host.tags[header.tag as usize] = Tag::Free;
            return self.translation_came(slot, page, discard, late, words);
        }
        let use_anyway = failure.is_some() && fields.has_data && self.quirks.has(Quirk::FetchErrorUsed);
        if failure.is_none() || use_anyway {
            let from = fetch.received;
            let count = (header.words as usize).min(SLOT_WORDS - from);
            fetch.words[from..from + count].copy_from_slice(&packet.data[..count]);
            fetch.received += count;
            if fetch.received < SLOT_WORDS && !use_anyway {
                return;
            }
            let words = fetch.words;
            self.host.tags[header.tag as usize] = Tag::Free;
            if discard {
                self.host.refresh(slot)
            } else {
                self.host.fill(slot, words)
            }
            self.note_failure(failure, packet);
            return;
        }
        self.host.tags[header.tag as usize] = Tag::Free;
        self.note_failure(failure, packet);
        if let Some(error) = failure {
            let refused = asks && matches!(error, IrqError::FetchAborted | IrqError::FetchUnsupported);
            self.fetch_failed(slot, discard, if refused { IrqError::TranslationRefused } else { error });
        }
    }

    /// What configuration space has to say of a failed answer.
    fn note_failure(&mut self, failure: Option<IrqError>, packet: &Packet) {
        match failure {
            Some(IrqError::FetchPoisoned) => self.poisoned(packet, true, false),
            Some(IrqError::FetchAborted) => self.config.note(Legacy::ReceivedAbort),
            Some(IrqError::FetchUnsupported) => self.config.note(Legacy::ReceivedUnsupported),
            _ => {}
        }
    }

    /// Records the failure; parks the source unless an invalidation has made the
    /// result worthless.
    pub(crate) fn fetch_failed(&mut self, slot: u32, discard: bool, error: IrqError) {
        if self.quirks.has(Quirk::FetchErrorSilent) {
            self.host.refresh(slot);
            return;
        }
        self.errors.note(error, Store::Host, slot);
        if discard { self.host.refresh(slot) } else { self.host.park(slot) }
    }

    /// Fetches that have waited too long, and tags that have rested long enough.
    pub(crate) fn expire_fetches(&mut self, t: Tick) {
        if self.host.next_timer() > t {
            return;
        }
        for tag in 0..self.host.tags.len() {
            match &self.host.tags[tag] {
                Tag::Out(fetch) if fetch.due.is_some_and(|due| due <= t) => {
                    let (slot, discard, rest) = (fetch.slot, fetch.discard, fetch.rest);
                    self.host.tags[tag] = if self.quirks.has(Quirk::TagReusedAfterTimeout) {
                        Tag::Free
                    } else {
                        Tag::Quiet { until: t + rest, silent: false }
                    };
                    self.error(Error::CompletionTimeout, false, None);
                    self.fetch_failed(slot, discard, IrqError::FetchTimedOut);
                }
                Tag::Quiet { until, .. } if *until <= t => self.host.tags[tag] = Tag::Free,
                _ => {}
            }
        }
    }

    /// Whether the completion word of an invalidation can be committed.
    pub(crate) fn can_post_done(&self) -> bool {
        self.may_dma() && self.link.can_post(1)
    }

    /// Ends an invalidation when its time has come. With notify it waits until its
    /// word can be committed, so that `done_count` never shows a command whose word
    /// is not ahead of the answer.
    pub(crate) fn finish_command(&mut self, t: Tick) {
        let Some(command) = self.host.command else { return };
        if command.due > t || self.ats.busy() || self.phase != Phase::Running || command.notify && !self.can_post_done()
        {
            return;
        }
        if command.notify {
            let word = encode::write(self.config.id, self.host.done_address, &[command.number]);
            if self.quirks.has(Quirk::InvalidationDoneEarly) {
                self.link.post_first(word, t + SEND_TICKS);
            } else {
                self.link.post(word, t + SEND_TICKS);
            }
        }
        self.host.command = None;
        self.host.done_count = self.host.done_count.wrapping_add(1);
    }
}
