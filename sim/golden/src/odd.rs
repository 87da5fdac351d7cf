// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where the quirks act. Nothing here runs in a device without quirks.

use crate::decode::Header;
use crate::device::{Device, SEND_TICKS};
use crate::encode::{self, Answer, RequestWord1, STATUS_SC, Word0};
use crate::quirks::Quirk;
use smallvec::SmallVec;
use tlp::{Cause, CauseOp, Packet, Store, Tick};

/// Cycles for which a late mask still lets a message through.
const LATE_MASK_TICKS: Tick = 400;
/// Cycles after which a record that was kept back leaves without a message.
const LATE_RECORD_TICKS: Tick = 256;
/// Reads that a device answers before it wedges.
const READS_BEFORE_WEDGE: u32 = 50;
/// An address in the interrupt range that no table holds: its low bits are set.
const STRANGE_ADDRESS_BIT: u64 = 1 << 19;
/// An address that no host hands out.
const UNMAPPED_ADDRESS: u64 = 0x00de_ad00_0000_1000;

impl Device {
    /// A cause that is not treated as it should be; whether that was all of it.
    pub(crate) fn odd_cause(&mut self, cause: Cause) -> bool {
        let index = cause.index as usize;
        if cause.op == CauseOp::Withdraw {
            return self.quirks.has(Quirk::WithdrawIgnored);
        }
        if self.quirks.strikes(Quirk::CauseLost) {
            return true;
        }
        let masked = match cause.store {
            Store::Msix | Store::Device if self.vf_source(cause.store, index).is_some() => false,
            Store::Msix => self.msix.masked(index) || self.config.msix_function_mask() || !self.config.msix_enabled(),
            Store::Device => self.slots.masked(index),
            Store::Host => self.host.held(cause.index).is_some_and(|words| words[3] & 1 != 0),
            Store::Event => false,
        };
        if masked && self.quirks.has(Quirk::MaskedCauseDropped) {
            return true;
        }
        if masked && cause.store == Store::Msix && self.quirks.has(Quirk::PbaWordShifted) {
            self.msix.set_pending((index >> 5 << 6) + index % 64, true);
            return true;
        }
        if self.quirks.strikes(Quirk::MessageSpurious) {
            let next = (index + 1) % self.msix.len();
            self.msix.set_pending(next, true);
        }
        false
    }

    /// The next source of a store, as masks go wrong.
    pub(crate) fn odd_ready(&self, store: Store) -> Option<usize> {
        let ignore = self.quirks.has(Quirk::VectorMaskIgnored);
        let blocks = self.quirks.has(Quirk::MaskedBlocksOthers);
        let table = match store {
            Store::Msix => &self.msix,
            Store::Device => &self.slots,
            Store::Host | Store::Event => return self.ready(store),
        };
        if ignore {
            return table.pending.round_robin(table.cursor);
        }
        if blocks {
            return table.pending.at_or_after(0).filter(|&k| !table.masked(k));
        }
        self.ready(store).or_else(|| {
            let late = self.odd.late_masks.iter().map(|&(k, _)| k);
            late.filter(|_| store == Store::Msix).find(|&k| self.msix.pending.get(k))
        })
    }

    /// Address and data as they are read wrongly.
    pub(crate) fn odd_message(&mut self, store: Store, index: usize, address: u64, data: u32) -> (u64, u32) {
        let (mut address, mut data) = (address, data);
        if self.quirks.strikes(Quirk::MessageOfNeighbour) {
            let of = self.message(store, index + 1);
            if of.0 != 0 {
                (address, data) = of;
            }
        }
        if self.quirks.has(Quirk::MessageTorn) {
            let entry = match store {
                Store::Msix => self.msix.entry_mut(index),
                Store::Device => self.slots.entry_mut(index),
                Store::Host | Store::Event => None,
            };
            if let Some(entry) = entry {
                let old = core::mem::take(&mut entry.old_address);
                address = if old != 0 { old } else { address };
            }
        }
        if self.quirks.strikes(Quirk::MessageUnprogrammedAddress) {
            address ^= STRANGE_ADDRESS_BIT;
        }
        if self.quirks.strikes(Quirk::MessageUnallocatedVector) {
            data = data.wrapping_add(1);
        }
        if self.quirks.has(Quirk::MessageUpperAddressDropped) {
            address &= 0xffff_ffff;
        }
        (address, data)
    }

    /// Sends a message, wrongly, and what goes with it.
    pub(crate) fn odd_send(&mut self, t: Tick, mut packet: Packet) {
        let (mut word0, mut word1) = (Word0::from(packet.header[0]), RequestWord1::from(packet.header[1]));
        if self.quirks.strikes(Quirk::MessageEightBytes) {
            word0.set_length(2);
            word1.set_last_be(0xf);
            packet.data.push(0);
        }
        if self.quirks.strikes(Quirk::MessageByteEnables) {
            word1.set_first_be(0x3);
        }
        if self.quirks.strikes(Quirk::MessageWrongRequester) {
            word1.set_requester(word1.requester() ^ 1);
        }
        word0.set_ep(self.quirks.strikes(Quirk::MessagePoisoned));
        let relaxed = u32::from(self.quirks.strikes(Quirk::MessageRelaxedOrdering));
        let no_snoop = u32::from(self.quirks.strikes(Quirk::MessageNoSnoop));
        word0.set_attr_low(relaxed << 1 | no_snoop);
        word0.set_tc(if self.quirks.strikes(Quirk::MessageTrafficClass) { 7 } else { 0 });
        word0.set_at(if self.quirks.strikes(Quirk::MessageTranslated) { 2 } else { 0 });
        if self.quirks.strikes(Quirk::MalformedSent) {
            word0.set_typ(0b11111);
        }
        if self.quirks.has(Quirk::MessageLongHeader) && word0.fmt() == 0b010 {
            word0.set_fmt(0b011);
            packet.header = [0, 0, 0, packet.header[2]];
        }
        (packet.header[0], packet.header[1]) = (word0.into(), word1.into());
        if self.quirks.strikes(Quirk::MessagePasidPrefix) {
            packet.prefix = Some(0x91 << 24 | 0x1_2345);
        }
        let address = packet.header;
        self.link.post(packet, t + SEND_TICKS);

        // Each quirk is one defect: what is sent besides respects the credits.
        if let Some((_, due)) = &mut self.odd.late_record {
            *due = t;
        }
        if !self.link.can_post(1) {
            return;
        }
        if self.quirks.strikes(Quirk::WriteWithoutByteEnables) {
            let word1 = RequestWord1::new().with_requester(self.config.id);
            let word0 = Word0::from(address[0]).with_length(2);
            let header = [word0.into(), word1.into(), address[2], address[3]];
            self.link.post(Packet::with_data(header, [0, 0]), t + SEND_TICKS);
        }
        if self.quirks.strikes(Quirk::WriteToUnmappedAddress) {
            let packet = encode::write(self.config.id, UNMAPPED_ADDRESS, &[0x5eed]);
            self.link.post(packet, t + SEND_TICKS);
        }
    }

    /// Writes a record, wrongly.
    pub(crate) fn odd_record(&mut self, t: Tick, mut packet: Packet) {
        if self.link.can_post(256 / 4) && self.quirks.strikes(Quirk::RecordBeyondMaxPayload) {
            let word0 = Word0::from(packet.header[0]).with_length(256);
            packet.header[0] = word0.into();
            packet.data.resize(256, 0);
        }
        if self.quirks.strikes(Quirk::RecordAfterMessage) && self.odd.late_record.is_none() {
            self.odd.late_record = Some((packet, t + LATE_RECORD_TICKS));
            return;
        }
        self.link.post(packet, t + SEND_TICKS);
    }

    /// A vector's control may have been written.
    pub(crate) fn msix_mask_written(&mut self, t: Tick, index: usize, was_masked: bool) {
        let is_masked = self.msix.masked(index);
        if !self.quirks.any() || was_masked == is_masked {
            return;
        }
        if is_masked && self.quirks.has(Quirk::VectorMaskLate) {
            self.odd.late_masks.push_back((index, t + LATE_MASK_TICKS));
        }
        let sends = self.quirks.has(Quirk::UnmaskSendsThoughFunctionMasked);
        if !is_masked && sends && self.config.msix_function_mask() && self.msix.pending.get(index) {
            self.odd.forced.push_back(index);
        }
    }

    /// Command or Message Control may have been written; `before` is {E, F}.
    pub(crate) fn odd_config_written(&mut self, before: (bool, bool)) {
        let after = (self.config.msix_enabled(), self.config.msix_function_mask());
        let each = |set: &crate::bits::BitTree| {
            core::iter::successors(set.at_or_after(0), |&k| set.at_or_after(k + 1)).collect::<Vec<_>>()
        };
        if before == (false, false) && after == (true, true) && self.quirks.has(Quirk::EnableMaskWriteLosesMask) {
            self.config.clear_msix_function_mask();
        }
        let clears = before.0 && !after.0 && self.quirks.has(Quirk::DisableClearsPending)
            || !before.0 && after.0 && self.quirks.has(Quirk::EnableDropsPending);
        if clears {
            each(&self.msix.pending).into_iter().for_each(|k| self.msix.set_pending(k, false));
        }
        if before.1 && !after.1 && self.quirks.has(Quirk::FunctionUnmaskSendsMasked) {
            self.odd.forced.extend(each(&self.msix.pending).into_iter().filter(|&k| self.msix.masked(k)));
        }
    }

    /// First tick, not before `now`, in which a quirk acts by itself.
    pub(crate) fn odd_due(&self, now: Tick) -> Tick {
        if !self.quirks.any() {
            return Tick::MAX;
        }
        let odd = &self.odd;
        let running = self.takes_causes() && self.link.can_post(1);
        let soon = running && (odd.survivor.is_some() || !odd.forced.is_empty());
        let record = odd.late_record.as_ref().filter(|_| running).map_or(Tick::MAX, |&(_, at)| at);
        let mask = odd.late_masks.front().map_or(Tick::MAX, |&(_, at)| at);
        if soon { now } else { record.min(mask).max(now) }
    }

    /// What quirks do by themselves.
    pub(crate) fn odd_work(&mut self, t: Tick) {
        while self.odd.late_masks.front().is_some_and(|&(_, until)| until <= t) {
            self.odd.late_masks.pop_front();
        }
        if !self.takes_causes() || !self.link.can_post(1) {
            return;
        }
        if let Some((record, _)) = self.odd.late_record.take_if(|(_, at)| *at <= t) {
            self.link.post(record, t + SEND_TICKS);
        }
        if let Some(packet) = self.odd.survivor.take() {
            self.link.post(packet, t + SEND_TICKS);
        }
        if let Some(index) = self.odd.forced.pop_front()
            && self.msix.pending.get(index)
            && self.config.bus_master()
        {
            let (address, data) = self.message(Store::Msix, index);
            self.msix.set_pending(index, false);
            self.link.post(encode::write(self.config.id, address, &[data]), t + SEND_TICKS);
        }
    }

    /// Changes the completions of a request.
    pub(crate) fn odd_answer(
        &mut self,
        header: &Header,
        to: Answer,
        bytes: u32,
        lower: u32,
        data: &[u32],
        packets: &mut SmallVec<[Packet; 1]>,
    ) {
        let memory_read = header.kind == crate::decode::Kind::MemRead;
        if self.quirks.strikes(Quirk::CompletionByteCount) {
            packets[0] = encode::completion(to, STATUS_SC, bytes + 4, lower, data);
        }
        if memory_read && self.quirks.strikes(Quirk::CompletionLowerAddress) {
            packets[0] = encode::completion(to, STATUS_SC, bytes, lower ^ 0x40, data);
        }
        if self.quirks.has(Quirk::CompletionTagTruncated) {
            let word0 = Word0::from(packets[0].header[0]).with_tag8(false).with_tag9(false);
            packets[0].header[0] = word0.into();
        }
        if self.quirks.strikes(Quirk::CompletionUnsolicited) {
            let next = Answer { tag: to.tag & !0xff | (to.tag + 1) & 0xff, ..to };
            packets.push(encode::completion(next, STATUS_SC, 4, 0, &[0x0bad_cafe]));
        }
        let wedged = self.odd.reads > READS_BEFORE_WEDGE && self.quirks.has(Quirk::Wedge);
        if memory_read && (wedged || self.quirks.strikes(Quirk::CompletionMissing)) {
            packets.clear();
        }
    }
}
