// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which message is sent next, and its commitment.
//!
//! [Data sheet section 5.] Mask, enables, address and data are looked at and the
//! pending bit is cleared in the same tick: there is nothing between them.

use crate::device::{Device, Phase, SEND_TICKS};
use crate::encode;
use crate::irq::IrqError;
use crate::quirks::Quirk;
use crate::vf::Owner;
use tlp::{Packet, Store, Tick};

/// Who sends messages: the stores, by their codes, and MSI; behind them two stores of each
/// virtual function.
const SENDERS: [Option<Store>; 4] = [Some(Store::Msix), Some(Store::Device), Some(Store::Host), None];

/// A source whose message can be committed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next {
    /// Of a store.
    Stored(Store, usize),
    /// A pending bit of MSI.
    Msi(u32),
}

impl Device {
    /// Whether messages may leave at all.
    fn may_send(&self) -> bool {
        let quirks = &self.quirks;
        self.may_request()
            || quirks.any()
                && self.phase == Phase::Running
                && (self.config.bus_master() || quirks.has(Quirk::MessageWithoutBusMaster))
                && (!self.config.in_d3hot() || quirks.has(Quirk::MessageInD3hot))
    }

    /// Whether sources of a store can be open at all.
    fn store_open(&self, store: Store) -> bool {
        let quirks = &self.quirks;
        self.may_send()
            && match store {
                Store::Msix => {
                    (self.config.msix_enabled() || quirks.has(Quirk::MsixEnableIgnored))
                        && (!self.config.msix_function_mask() || quirks.has(Quirk::FunctionMaskIgnored))
                }
                Store::Device => true,
                Store::Host => self.host.enabled,
                Store::Event => false,
            }
    }

    /// The source that can be served next: round robin over the senders, and over
    /// the indices of each.
    pub(crate) fn candidate(&self) -> Option<Next> {
        if !self.link.can_post(1) {
            return None;
        }
        let senders = SENDERS.len() + 2 * self.config.vfs_acting();
        for i in 0..senders {
            let number = (self.store_cursor + i) % senders;
            let Some(&sender) = SENDERS.get(number) else {
                let store = if number.is_multiple_of(2) { Store::Msix } else { Store::Device };
                match self.vf_ready((number - SENDERS.len()) / 2, store) {
                    Some(index) => return Some(Next::Stored(store, index)),
                    None => continue,
                }
            };
            let next = match sender {
                None => self.msi_candidate().filter(|_| self.may_send()).map(Next::Msi),
                Some(store) if !self.store_open(store) => None,
                Some(store) if self.quirks.any() => self.odd_ready(store).map(|k| Next::Stored(store, k)),
                Some(store) => self.ready(store).map(|k| Next::Stored(store, k)),
            };
            if next.is_some() {
                return next;
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
            Store::Event => None,
        }
    }

    /// Address and data of a source.
    pub(crate) fn message(&self, store: Store, index: usize) -> (u64, u32) {
        let of = |entry: Option<&crate::irq::Entry>| entry.map_or((0, 0), |e| (e.address, e.data));
        match store {
            Store::Msix | Store::Device => of(self.table(store, index).and_then(|(table, k)| table.entry(k))),
            Store::Host => self
                .host
                .held(index as u32)
                .map_or((0, 0), |[low, high, data, _]| (u64::from(high) << 32 | u64::from(low & !3), data)),
            Store::Event => (0, 0),
        }
    }

    /// Clears a source's pending bit and moves round robin past it.
    fn served(&mut self, store: Store, index: usize) {
        let sender = store.code() as usize;
        self.store_cursor = 1 + match self.vf_source(store, index) {
            Some((vf, _)) => SENDERS.len() + 2 * vf + sender,
            None => sender,
        };
        let keep = self.quirks.strikes(Quirk::PendingKeptAfterSend);
        match store {
            Store::Msix | Store::Device => {
                if let Some((table, k)) = self.table_mut(store, index) {
                    table.cursor = k + 1;
                    table.set_pending(k, keep);
                }
            }
            Store::Host => {
                self.host.cursor = index + 1;
                self.host.set_pending(index as u32, keep);
            }
            Store::Event => {}
        }
    }

    /// Commits at most one message.
    pub(crate) fn send_message(&mut self, t: Tick) {
        let (address, data, owner) = match self.candidate() {
            None => return,
            Some(Next::Msi(vector)) => {
                self.store_cursor = SENDERS.len();
                let (address, data) = self.commit_msi(vector);
                (address, data, Owner::Physical)
            }
            Some(Next::Stored(store, index)) => {
                let (mut address, mut data) = self.message(store, index);
                if self.quirks.any() {
                    (address, data) = self.odd_message(store, index, address, data);
                }
                self.served(store, index);
                if address == 0 && store != Store::Msix && !self.quirks.has(Quirk::MessageAddressZero) {
                    self.errors.note(IrqError::AddressZero, store, index as u32);
                    return;
                }
                (address, data, self.owner_of(store, index))
            }
        };
        let owner = if self.quirks.has(Quirk::VfMessageOfPhysical) { Owner::Physical } else { owner };
        let packet = encode::write(self.id_of(owner), address, &[data]);
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
