// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What leaves the device: shown to everyone who judges, and what it means for the books.

use super::*;

impl Device {
    pub(super) fn up(&mut self, tick: Tick, p: &Packet) {
        self.tlps.1 += 1;
        let (common, decoded) = decode(p);
        let up = Upstream { tick, packet: p, common, decoded: &decoded };
        let (shadow, report) = (&mut self.shadow, &mut self.report);
        Format.upstream(&up, shadow, report);
        self.credits.upstream(&up, shadow, report);
        Mastering.upstream(&up, shadow, report);
        Shape.upstream(&up, shadow, report);
        let engine = self.work.read(&up, shadow, report);
        let reads = matches!(decoded, Decoded::Memory { write: false, .. }) && !engine;
        let means = reads.then(|| self.translations.read(&up, shadow, report));
        self.reads.judge(&up, means, shadow, report);
        if matches!(decoded, Decoded::Message { code: 0x02, routing: 2, .. }) {
            self.translations.completion(&up, report);
            self.cover.invalidate_completion(tick);
        }
        self.answers.upstream(&up, shadow, report);
        self.errors.upstream(&up, shadow, report);
        self.slots_invalidated();
        let mut cause = 0;
        // Whoever looks at data from here on has no use for the digest.
        let bare = common.td.then(|| Packet { data: p.data[..p.data.len().saturating_sub(1)].into(), ..p.clone() });
        let whole = p;
        let p = bare.as_ref().unwrap_or(p);
        match decoded {
            Decoded::Completion { byte_count, lower, .. } => {
                if let Some(raw) = &mut self.raw {
                    raw.push(RawCompletion { byte_count, lower, data: p.data.to_vec() });
                }
            }
            Decoded::Message { code: code @ 0x20..=0x27, .. } => {
                let events = &mut self.ledger.events;
                events.intx.message(tick, p, &common, code, &mut events.findings);
            }
            Decoded::Memory { write: true, requester, address, be, .. } => {
                let up = Upstream { tick, packet: p, common, decoded: &decoded };
                cause = self.memory_write(&up, requester, address, be);
            }
            Decoded::Memory { write: false, address, .. } if engine => {
                self.cover.is(Up::WorkRead);
                // A fault that waits for any read is used up; slots are not concerned.
                let hole = self.holes.iter().any(|(first, end)| (*first..*end).contains(&address));
                if !hole && let Some(k) = self.doomed_reads.iter().position(Option::is_none) {
                    self.doomed_reads.remove(k);
                }
            }
            Decoded::Memory { write: false, address, .. } => {
                let Some(Meaning::Slot(slot_at)) = means else {
                    self.cover.translation_request(tick, common.tag, address);
                    self.cover.up(tick, &common, &decoded);
                    return self.log_up(tick, whole);
                };
                let address = slot_at;
                let slot = (address.wrapping_sub(self.shadow.host_base) / 16) as u32;
                self.cover.fetch(tick, (common.tag, common.at), slot, &mut self.shadow);
                if self.ledger.fetch(tick, slot) {
                    self.report.look("fetch_ahead_of_record");
                }
                if self.holes.iter().any(|(first, end)| (*first..*end).contains(&address)) {
                    self.ledger.park(slot, tick);
                } else if let Some(k) = self.doomed_reads.iter().position(|only| only.is_none_or(|s| s == slot)) {
                    self.doomed_reads.remove(k);
                    self.ledger.park(slot, tick);
                }
            }
            _ => {}
        }
        self.cover.up(tick, &common, &decoded);
        self.log.record(tick, cause, Event::Up(whole.clone()));
        for seq in std::mem::take(&mut self.answers.finished) {
            self.shadow.flush(seq);
            self.virtual_resets_answered(seq, tick);
            if let Some((flr, end @ None)) = &mut self.function_reset
                && *flr == seq
            {
                *end = Some(tick + RESET_CYCLES);
            }
        }
    }

    /// The host has the packet: what it announced must be in memory, and its credits come back.
    pub fn delivered(&mut self, tick: Tick, mem: &HostMemory) {
        self.look_at_finished(tick, mem);
        self.grant();
    }

    /// What stands before an interrupt of a queue has left: it may come.
    pub(super) fn note_granted(&mut self) {
        for source in std::mem::take(&mut self.work.granted) {
            self.ledger.record(source);
        }
    }

    /// What records announce must stand in memory.
    pub(super) fn look_at_finished(&mut self, tick: Tick, mem: &HostMemory) {
        for done in std::mem::take(&mut self.work.finished) {
            let mut there = vec![0; done.bytes.len()];
            let read = mem.read(done.address, &mut there);
            self.report.require("data_in_memory", tick, read.is_ok() && there == done.bytes, || {
                let at = there.iter().zip(&done.bytes).position(|(a, b)| a != b).unwrap_or(0);
                format!("byte {at} of {} from {:#x} on is not what the record announces", there.len(), done.address)
            });
        }
    }

    pub(super) fn memory_write(&mut self, up: &Upstream<'_>, requester: Bdf, address: u64, be: (u8, u8)) -> u64 {
        let (tick, p) = (up.tick, up.packet);
        let window = address >> 20 == 0xfee;
        if p.data.len() == 1 && be.0 == 0xf {
            let data = p.data[0];
            let who = self.shadow.speaker(requester);
            let verdict = self.ledger.message(tick, who, (address, data), &mut self.shadow);
            self.report.look("message");
            match verdict {
                Verdict::Message { source, cause } => {
                    self.cover.is(Up::Message);
                    self.cover.message(tick, source, up.common.fmt & 1 == 1, &mut self.shadow);
                    if matches!(source, Source::Msix(_) | Source::Msi(_)) {
                        let events = &mut self.ledger.events;
                        events.intx.message_of_other_mode(tick, &mut events.findings);
                    }
                    if window {
                        let m = UnderWay { source: Some(source), cause, tick };
                        self.ledger.arrivals.depart(requester, address, data, m);
                    } else if cause != 0 {
                        // Outside the window the message is a write to memory, and has arrived there.
                        self.ledger.counters.delivered += 1;
                    }
                    return cause;
                }
                Verdict::NotAMessage if window => {
                    let m = UnderWay { source: None, cause: 0, tick };
                    self.ledger.arrivals.depart(requester, address, data, m);
                    return 0;
                }
                Verdict::NotAMessage => {}
            }
        }
        if !window {
            let who = self.shadow.speaker(requester);
            self.report.require("wrong_device_id", tick, !matches!(who, Some(Who::Virtual(_))), || {
                format!("{requester} is a virtual function, and its write to {address:#x} is no message")
            });
            let engine = self.work.write(up, &mut self.shadow, &mut self.report);
            self.note_granted();
            if engine {
                self.cover.is(Up::WorkWrite);
                self.report.look("stray_write");
                return 0;
            }
            self.report.require("pasid_prefix", tick, p.prefix.is_none(), || {
                format!("the write to {address:#x} has a prefix")
            });
            match purpose(tick, address, &p.data, &self.shadow, &mut self.report) {
                Purpose::Record(source) => {
                    self.cover.is(Up::Record);
                    self.ledger.record(source);
                }
                Purpose::Done(n) => {
                    self.cover.is(Up::DoneWord);
                    self.done_word = Some(n);
                }
                Purpose::None => {}
            }
        }
        0
    }

    /// Nothing of these virtual functions follows: they are as new.
    pub(super) fn virtual_resets_answered(&mut self, seq: u64, tick: Tick) {
        for (_, functions) in self.virtual_resets.extract_if(.., |(of, _)| *of == seq) {
            self.shadow.virtual_reset_answered(functions, tick);
            self.errors.virtual_reset(functions);
            (0..32).filter(|n| functions >> n & 1 == 1).for_each(|n| self.ledger.forget_function(n));
            self.log.event(tick, "virtual_reset_answered", 0, format_args!("\"functions\":{functions}"));
        }
    }

    /// A read that asks for a translation concerns no slot yet.
    pub(super) fn log_up(&mut self, tick: Tick, packet: &Packet) {
        self.log.record(tick, 0, Event::Up(packet.clone()));
    }

    /// Invalidate Requests are complete: what slots held before them can no longer be sent.
    pub(super) fn slots_invalidated(&mut self) {
        for (sent, covers) in std::mem::take(&mut self.translations.finished) {
            self.ledger.unpark(0, u32::MAX, sent);
            for (_, entry) in self.shadow.entries.host_range(0, u32::MAX) {
                entry.prune(covers);
            }
        }
    }

    /// Completions since [`Device::watch_raw`]; ends the watch.
    pub fn raw_completions(&mut self) -> Vec<RawCompletion> {
        self.raw.take().unwrap_or_default()
    }

    /// From here on completions are kept for [`Device::raw_completions`].
    pub fn watch_raw(&mut self) {
        self.raw = Some(Vec::new());
    }
}
