// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What arrives at the device: shown to everyone who judges, and the commands in it.

use super::*;

impl Device {
    /// A packet arrives at the device.
    pub fn down(&mut self, at: Tick, packet: Packet) {
        self.tlps.0 += 1;
        if self.by_hand.as_ref().is_some_and(|by_hand| same_packet(by_hand, &packet)) {
            self.by_hand = None;
            self.sent_by_hand = Some(packet.clone());
        }
        let now = self.now();
        self.errors.downstream(now, &packet, &mut self.shadow);
        let (common, what) = decode(&packet);
        let id = *self.shadow.config.captured.latest();
        let translating = self.shadow.config.ats.certainly(self.shadow.flushed, |on| *on);
        let covers = translating.then_some(self.slot_writes);
        let refused = self.translations.downstream(now, &packet, &common, &what, id, covers);
        if let Some(page) = refused {
            self.page_refused(page);
        }
        let (seq, commands) = self.shadow.downstream(&packet);
        let now = self.now();
        self.answers.downstream(now, seq, &packet, &self.shadow);
        let (common, decoded) = decode(&packet);
        self.cover.down(now, &packet, &common, &decoded, &mut self.shadow);
        if let (c, Decoded::Completion { status, byte_count, data, lower, .. }) = (common, decoded) {
            let last = !data || status != 0 || byte_count <= c.length * 4 - u32::from(lower & 3);
            if last {
                self.reads.answered(c.tag);
            }
            let words = data.then_some(c.length);
            let arrival = Arrival { status, poisoned: c.ep, byte_count, lower, words };
            self.work.completion(now, c.tag, arrival, &packet.data);
            self.note_granted();
            if std::mem::take(&mut self.work.errors_possible) {
                self.ledger.events.error_possible();
            }
        }
        for command in commands {
            self.command(seq, command);
        }
        for s in std::mem::take(&mut self.shadow.entries.rewritten_open) {
            if self.shadow.gate_perhaps(s) {
                let text = format!("software changes the message of {s:?} while it is unmasked [PCIe Base 7.7.2]");
                self.find("rewrite_unmasked", Kind::Software, text);
            }
        }
        self.log.record(at, 0, Event::Down { n: seq, packet: packet.clone() });
        self.down_seq.push_back(seq);
        self.dut.push(packet, at);
    }

    pub(super) fn command(&mut self, seq: u64, command: Command) {
        match command {
            Command::Doorbell { op, source, count, record } => {
                self.cover.doorbell(self.dut.now(), self.ledger.bells());
                self.ledger.ring(op, source, u64::from(count), record);
            }
            Command::Sweep { first, count } => {
                for k in 0..count {
                    let Some((store, index)) = crate::shadow::parts(first) else { break };
                    self.ledger.announce(crate::shadow::source(store, (index + k) & 0xf_ffff));
                }
            }
            Command::Invalidate { index, order } => {
                let (first, last) = if order >= 20 {
                    (0, 0xf_ffff)
                } else {
                    let first = index >> order << order;
                    (first, first + (1 << order) - 1)
                };
                self.invalidations.push(Invalidation { first, last, covers: self.slot_writes, came: self.now() });
            }
            Command::ClearStatus(bits) => {
                let now = self.now();
                self.ledger.events.clear(seq, now, bits);
            }
            Command::Work(command) => {
                if command == WorkCommand::Revoke {
                    self.ledger.events.revoke_possible();
                }
                if let WorkCommand::Test(test) = command {
                    self.ledger.events.test_possible(test.irq_type, test.irq_number);
                }
                let now = self.now();
                self.work.command(now, seq, command, &mut self.shadow);
                self.note_granted();
            }
            Command::FunctionReset => {
                self.answers.excuse();
                self.errors.function_reset(self.dut.now(), &self.shadow);
                self.function_reset_since = self.dut.now();
                let kind = self.cover.function_reset_kind();
                self.cover.reset(self.dut.now(), kind, !self.ledger.arrivals.is_empty());
                self.function_reset = Some((seq, None));
            }
            Command::VirtualReset(functions) => {
                let flying = !self.ledger.arrivals.is_empty();
                self.cover.vf_reset(self.dut.now(), functions, flying, &self.shadow);
                self.virtual_resets.push((seq, functions));
            }
        }
    }

    /// No translation for a page: its slots wait for an invalidation.
    pub(super) fn page_refused(&mut self, page: u64) {
        let (base, slots) = (self.shadow.host_base, u64::from(self.shadow.host_slots));
        let first = page.saturating_sub(base) / 16;
        let last = (page + 0x1000).saturating_sub(base) / 16;
        let now = self.now();
        (first..last.min(slots)).for_each(|k| self.ledger.park(k as u32, now));
    }

    /// The next packet of this shape that goes out is what [`Device::sent_by_hand`] shows.
    pub fn watch_by_hand(&mut self, packet: &Packet) {
        self.by_hand = Some(packet.clone());
        self.sent_by_hand = None;
    }

    /// A processor has written memory: slots of the host store are noticed.
    /// `place` says where in memory the device's addresses stand.
    pub fn memory_written(&mut self, address: u64, len: u64, mem: &HostMemory, place: &dyn Fn(u64) -> u64) {
        let end = address + len;
        let whole = address.is_multiple_of(16) && len.is_multiple_of(16);
        let (base, slots) = (self.shadow.host_base, u64::from(self.shadow.host_slots));
        if slots > 0 && address < base + 16 * slots && end > base {
            self.slot_writes += 1;
            let first = address.saturating_sub(base) / 16;
            let last = ((end - 1 - base) / 16).min(slots - 1);
            for k in first..=last {
                self.note_slot(k as u32, whole, mem, place);
            }
        }
    }

    /// Reads a host slot's present bytes into the shadow; `whole`: they came in one store.
    fn note_slot(&mut self, k: u32, whole: bool, mem: &HostMemory, place: &dyn Fn(u64) -> u64) {
        let at = place(self.shadow.host_base + 16 * u64::from(k));
        let word = |i: u64| mem.read_u32(at + 4 * i).unwrap_or(0);
        let content = Content::from_slot([word(0), word(1), word(2), word(3)]);
        self.shadow.entries.put(Source::Host(k), self.slot_writes, 0, content);
        let rewritten = std::mem::take(&mut self.shadow.entries.rewritten_open);
        for s in rewritten.into_iter().filter(|_| !whole) {
            let text = format!("software changes a part of the message of {s:?} in memory while it is unmasked");
            self.find("rewrite_unmasked", Kind::Software, text);
        }
    }
}
