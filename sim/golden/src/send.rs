// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which message is sent next, and its commitment.
//!
//! [Data sheet section 5.] Mask, enables, address and data are looked at and the
//! pending bit is cleared in the same tick: there is nothing between them.

use crate::device::{Device, Phase, SEND_TICKS};
use crate::encode;
use crate::irq::IrqError;
use crate::quirks::Quirk;
use tlp::{Packet, Store, Tick};

const STORES: [Store; 3] = [Store::Msix, Store::Device, Store::Host];

impl Device {
    /// Whether sources of a store can be open at all.
    fn store_open(&self, store: Store) -> bool {
        let quirks = &self.quirks;
        let may_send = self.may_request()
            || quirks.any()
                && self.phase == Phase::Running
                && (self.config.bus_master() || quirks.has(Quirk::MessageWithoutBusMaster))
                && (!self.config.in_d3hot() || quirks.has(Quirk::MessageInD3hot));
        may_send
            && match store {
                Store::Msix => {
                    (self.config.msix_enabled() || quirks.has(Quirk::MsixEnableIgnored))
                        && (!self.config.msix_function_mask() || quirks.has(Quirk::FunctionMaskIgnored))
                }
                Store::Device => true,
                Store::Host => self.host.enabled,
            }
    }

    /// The source that can be served next: round robin over the stores, and over
    /// the indices of each.
    pub(crate) fn candidate(&self) -> Option<(Store, usize)> {
        if !self.link.can_post(1) {
            return None;
        }
        for i in 0..STORES.len() {
            let store = STORES[(self.store_cursor + i) % STORES.len()];
            if !self.store_open(store) {
                continue;
            }
            let index = if self.quirks.any() { self.odd_ready(store) } else { self.ready(store) };
            if let Some(index) = index {
                return Some((store, index));
            }
        }
        None
    }

    /// The next source of a store that is pending and not masked.
    pub(crate) fn ready(&self, store: Store) -> Option<usize> {
        match store {
            Store::Msix => self.msix.ready.round_robin(self.msix.cursor),
            Store::Device => self.slots.ready.round_robin(self.slots.cursor),
            Store::Host => self.host.ready.round_robin(self.host.cursor),
        }
    }

    /// Address and data of a source.
    pub(crate) fn message(&self, store: Store, index: usize) -> (u64, u32) {
        let of = |entry: Option<&crate::irq::Entry>| entry.map_or((0, 0), |e| (e.address, e.data));
        match store {
            Store::Msix => of(self.msix.entry(index)),
            Store::Device => of(self.slots.entry(index)),
            Store::Host => self
                .host
                .held(index as u32)
                .map_or((0, 0), |[low, high, data, _]| (u64::from(high) << 32 | u64::from(low & !3), data)),
        }
    }

    /// Clears a source's pending bit and moves round robin past it.
    fn served(&mut self, store: Store, index: usize) {
        self.store_cursor = (store.code() as usize + 1) % STORES.len();
        let keep = self.quirks.strikes(Quirk::PendingKeptAfterSend);
        match store {
            Store::Msix => {
                self.msix.cursor = index + 1;
                self.msix.set_pending(index, keep);
            }
            Store::Device => {
                self.slots.cursor = index + 1;
                self.slots.set_pending(index, keep);
            }
            Store::Host => {
                self.host.cursor = index + 1;
                self.host.set_pending(index as u32, keep);
            }
        }
    }

    /// Commits at most one message.
    pub(crate) fn send_message(&mut self, t: Tick) {
        let Some((store, index)) = self.candidate() else { return };
        let (mut address, mut data) = self.message(store, index);
        if self.quirks.any() {
            (address, data) = self.odd_message(store, index, address, data);
        }
        self.served(store, index);
        if address == 0 && store != Store::Msix && !self.quirks.has(Quirk::MessageAddressZero) {
            self.errors.note(IrqError::AddressZero, store, index as u32);
            return;
        }
        let packet = encode::write(self.config.id, address, &[data]);
        self.sent = self.sent.wrapping_add(1);
        if self.quirks.any() {
            self.odd_send(t, packet);
        } else {
            self.link.post(packet, t + SEND_TICKS);
        }
    }

    /// Some message of a pending source, open or not (for a quirk).
    pub(crate) fn any_message(&self) -> Option<Packet> {
        let msix = self.msix.pending.at_or_after(0).map(|k| self.message(Store::Msix, k));
        let slot = self.slots.pending.at_or_after(0).map(|k| self.message(Store::Device, k));
        let (address, data) = msix.or(slot).filter(|&(address, _)| address != 0)?;
        Some(encode::write(self.config.id, address, &[data]))
    }

    /// Writes the record of the function's offered cause, once it can be committed.
    pub(crate) fn write_record(&mut self, t: Tick) {
        let Some(offer) = self.function.offer().filter(|offer| offer.record) else { return };
        if self.phase != Phase::Running || !self.may_dma() || !self.link.can_post(1) {
            return;
        }
        let words = self.function.record_words(offer.cause);
        let packet = encode::write(self.config.id, self.function.record_target(), &words);
        self.function.recorded();
        if self.quirks.any() {
            self.odd_record(t, packet);
        } else {
            self.link.post(packet, t + SEND_TICKS);
        }
    }
}
