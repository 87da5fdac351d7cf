// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What becomes of a received packet: the rows of data sheet section 4.

use crate::aer::Error;
use crate::config::Live;
use crate::decode::{Header, Kind, byte_count, decode, first_byte, spends_non_posted};
use crate::device::{Device, NON_POSTED_DEPTH, Phase, SEND_TICKS, Waiting};
use crate::ecrc;
use crate::encode::{self, Answer, STATUS_SC, STATUS_UR};
use crate::link::Then;
use crate::quirks::Quirk;
use crate::vf::Owner;
use smallvec::SmallVec;
use tlp::{Packet, Tick};

/// Ticks from the last beat of a request to its being performed.
const REQUEST_TICKS: Tick = 4;

impl Device {
    /// Whether a packet has to wait in front of the device: non-posted requests
    /// beyond the queue. Posted ones never wait.
    pub(crate) fn holds_back(&self, packet: &Packet) -> bool {
        if self.forgetting.is_some() {
            return true;
        }
        if matches!(self.phase, Phase::Resetting { .. }) || self.waiting.len() < NON_POSTED_DEPTH {
            return false;
        }
        decode(packet, self.config.max_payload_bytes()).is_ok_and(|header| header.kind.non_posted())
    }

    /// Takes a whole packet.
    pub(crate) fn receive(&mut self, t: Tick, packet: Packet) {
        let decoded = decode(&packet, self.config.max_payload_bytes());
        if matches!(self.phase, Phase::Resetting { .. }) {
            // Dropped without a log; the credit is given back all the same.
            self.return_credit(&packet);
            return;
        }
        let Ok(header) = decoded else {
            if !self.quirks.has(Quirk::MalformedKeepsCredit) {
                self.return_credit(&packet);
            }
            self.malformed(&packet);
            return;
        };
        let checked = self.config.checks_ecrc() && !self.quirks.has(Quirk::DigestNotChecked);
        if packet.header[0] & ecrc::TD != 0 && checked && !ecrc::fits(&packet) {
            self.error(Error::Ecrc, false, Some(&packet));
            self.return_credit(&packet);
            return;
        }
        match header.kind {
            Kind::MemWrite => self.memory_write(t, &header, &packet),
            Kind::Message { code: 0x00 | 0x14 | 0x19 | 0x50 | 0x7f, .. } => {}
            Kind::Message { routing: 2, code: 0x01 } if packet.header[0] >> 30 & 1 != 0 => {
                self.invalidate_request(&header, &packet);
            }
            Kind::Message { .. } => self.unsupported(&packet, false),
            Kind::Completion => self.receive_completion(t, &header, &packet),
            Kind::LockedCompletion => self.error(Error::UnexpectedCompletion, true, Some(&packet)),
            _ => self.waiting.push_back(Waiting { header, packet, ready_at: t + REQUEST_TICKS }),
        }
    }

    /// What does not wait to be performed gives its credit back at once.
    fn return_credit(&mut self, packet: &Packet) {
        if spends_non_posted(packet) {
            self.non_posted_limit = self.non_posted_limit.wrapping_add(1);
        }
    }

    fn memory_write(&mut self, t: Tick, header: &Header, packet: &Packet) {
        let Some((window, offset, owner)) = self.address_target(header.address) else {
            self.unsupported(packet, false);
            return;
        };
        if header.at & 1 != 0 {
            self.error_of(owner, Error::UnsupportedRequest, false, packet);
            return;
        }
        if header.ep {
            self.error_of(owner, Error::Poisoned, false, packet);
            if !self.quirks.has(Quirk::PoisonedWriteTaken) {
                return;
            }
        }
        let payload = &packet.data[..header.words as usize];
        self.write_window(t, window, offset, payload, header.first_be, header.last_be);
    }

    /// Performs a non-posted request and queues what answers it.
    pub(crate) fn perform(&mut self, t: Tick, header: &Header, packet: &Packet) {
        match header.kind {
            Kind::CfgRead { type1: false } => {
                let owner = match self.config_target(header) {
                    Some(Owner::Virtual(vf)) => {
                        let value = self.vfs[vf].config_read(header.cfg_offset(), &self.config);
                        let owner = Owner::Virtual(vf);
                        return self.answer(t, header, owner, STATUS_SC, 4, 0, &[value], Then::Nothing);
                    }
                    Some(owner) => owner,
                    None => return self.refuse(t, header, packet, Owner::Physical),
                };
                let live = Live {
                    transactions_pending: self.transactions_pending(),
                    intx_request: self.intx_request(),
                    msi_pending: self.msi.pending,
                };
                let value = self.config.read(header.cfg_offset(), live);
                self.answer(t, header, owner, STATUS_SC, 4, 0, &[value], Then::Nothing);
            }
            Kind::CfgWrite { type1: false } => match self.config_target(header) {
                Some(owner) => self.config_write(t, header, packet, owner),
                None => self.refuse(t, header, packet, Owner::Physical),
            },
            Kind::MemRead => self.memory_read(t, header, packet),
            _ => self.refuse(t, header, packet, Owner::Physical),
        }
    }

    fn config_write(&mut self, t: Tick, header: &Header, packet: &Packet, owner: Owner) {
        let value = packet.data[0];
        if header.ep {
            // The requester learns of it by the completion.
            self.error_of(owner, Error::Poisoned, true, packet);
            self.answer(t, header, owner, STATUS_UR, 4, 0, &[], Then::Nothing);
            return;
        }
        if let Owner::Virtual(vf) = owner {
            let resets = self.vfs[vf].config_write(header.cfg_offset(), value, header.first_be);
            if resets {
                self.forget(t, 1 << vf);
            }
            return self.answer(t, header, owner, STATUS_SC, 4, 0, &[], Then::Nothing);
        }
        self.config.id = header.cfg_id();
        let ignore_enables = self.quirks.has(Quirk::ConfigByteEnablesIgnored);
        let byte_enables = if ignore_enables { 0xf } else { header.first_be };
        let before = (self.config.msix_enabled(), self.config.msix_function_mask());
        let msi_before = self.config.msi_enabled();
        let mode = self.mode();
        let there = self.config.vfs_acting();
        let translating = self.config.ats_enabled();
        let written = self.config.write(header.cfg_offset(), value, byte_enables);
        self.hand_over(mode);
        if translating != self.config.ats_enabled() {
            self.ats_switched();
        }
        if there > 0 && !self.config.vf_enable() {
            self.forget(t, (1 << there) - 1);
        }
        if !self.may_dma() {
            self.revoke_read();
        }
        if self.quirks.any() {
            self.odd_config_written(before);
            if msi_before && !self.config.msi_enabled() && self.quirks.has(Quirk::MsiDisableClearsPending) {
                self.msi.pending = 0;
            }
        }
        let then = if written.function_reset { Then::FunctionReset } else { Then::Nothing };
        self.answer(t, header, owner, STATUS_SC, 4, 0, &[], then);
        if written.function_reset {
            self.phase = Phase::ResetAsked;
            self.revoke_read();
        }
    }

    fn memory_read(&mut self, t: Tick, header: &Header, packet: &Packet) {
        let Some((window, offset, owner)) = self.address_target(header.address) else {
            self.refuse(t, header, packet, Owner::Physical);
            return;
        };
        if header.at & 1 != 0 {
            self.refuse(t, header, packet, owner);
            return;
        }
        self.odd.reads = self.odd.reads.saturating_add(1);
        let bytes = byte_count(header.words, header.first_be, header.last_be);
        let lower = (header.address & 0x7c) as u32 + first_byte(header.first_be);
        if header.words == 1 && header.first_be == 0 {
            self.answer(t, header, owner, STATUS_SC, 1, lower, &[0], Then::Nothing);
            return;
        }
        let data: SmallVec<[u32; 32]> = self.read_window(window, offset, header.words);
        let boundary = self.config.max_payload_bytes();
        let (mut at, mut left, mut lower) = (header.address as u32 & 0xfff, bytes, lower);
        let mut rest = &data[..];
        while !rest.is_empty() {
            let words = ((boundary - at % boundary) / 4).min(rest.len() as u32);
            let (now, later) = rest.split_at(words as usize);
            self.answer(t, header, owner, STATUS_SC, left, lower, now, Then::Nothing);
            // The first completion's bytes start at the first enabled one.
            left = left.saturating_sub(4 * words - lower % 4);
            at += 4 * words;
            lower = at & 0x7f;
            rest = later;
        }
    }

    /// Row 5 and row 7: a completion with status UR.
    fn refuse(&mut self, t: Tick, header: &Header, packet: &Packet, owner: Owner) {
        self.error_of(owner, Error::UnsupportedRequest, true, packet);
        let (bytes, lower) = match header.kind {
            Kind::MemRead | Kind::MemReadLocked => (
                byte_count(header.words, header.first_be, header.last_be),
                (header.address & 0x7c) as u32 + first_byte(header.first_be),
            ),
            _ => (4, 0),
        };
        self.answer(t, header, owner, STATUS_UR, bytes, lower, &[], Then::Nothing);
    }

    /// Queues one completion of a request.
    #[allow(clippy::too_many_arguments)] // one argument per field of the completion
    fn answer(
        &mut self,
        t: Tick,
        h: &Header,
        owner: Owner,
        status: u32,
        bytes: u32,
        lower: u32,
        data: &[u32],
        then: Then,
    ) {
        let owner = if self.quirks.has(Quirk::VfAnswersAsPhysical) { Owner::Physical } else { owner };
        let to = Answer { completer: self.id_of(owner), requester: h.requester, tag: h.tag, tc: h.tc, attr: h.attr };
        let mut packets: SmallVec<[Packet; 1]> = SmallVec::new();
        packets.push(encode::completion(to, status, bytes, lower, data));
        if self.quirks.any() {
            self.odd_answer(h, to, bytes, lower, data, &mut packets);
        }
        for packet in packets {
            self.link.complete(packet, t + SEND_TICKS, then);
        }
    }
}
