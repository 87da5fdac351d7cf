// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One endpoint with its laws and books: what is seen of it, what it owes.

use super::*;

impl Device {
    /// A device after power-on, its watchers, and the credits that its partner gives it.
    pub fn new(dut: Box<dyn Endpoint>, sizes: DeviceSizes, credits: Credits) -> Self {
        let mut device = Self {
            dut,
            shadow: Shadow::new(sizes),
            ledger: Ledger::new(),
            report: Report::default(),
            log: EventLog::new(),
            tlps: (0, 0),
            window: credits,
            done_word: None,
            errors: Errors::default(),
            translations: Translations::default(),
            sent_by_hand: None,
            by_hand: None,
            work: Work::default(),
            taken: None,
            causes_seen: None,
            queue_mark: 0,
            cover: Collector::default(),
            answers: Answers::default(),
            reads: Reads::default(),
            credits: CreditBook::default(),
            causes: VecDeque::new(),
            invalidations: Vec::new(),
            slot_writes: 0,
            function_reset: None,
            function_reset_since: 0,
            virtual_resets: Vec::new(),
            doomed_reads: VecDeque::new(),
            infinite: [
                credits.ph.is_none(),
                credits.pd.is_none(),
                credits.nph.is_none(),
                credits.cplh.is_none(),
                credits.cpld.is_none(),
            ],
            down_seq: VecDeque::new(),
            raw: None,
            holes: Vec::new(),
        };
        device.grant();
        device
    }

    /// Cycles run so far.
    pub fn now(&self) -> Tick {
        self.dut.now()
    }

    /// Reports a finding.
    pub fn find(&mut self, check: &'static str, kind: Kind, text: String) {
        let tick = self.now();
        self.report.findings.push(Finding { check, kind, tick, text });
    }
}

impl Device {
    /// After a run: what shows at the end of it alone.
    pub fn watch(&mut self) {
        let now = self.now();
        self.ledger.events.watch(now, &mut self.shadow);
        for c in self.dut.complaints() {
            self.log.event(c.at, "complaint", 0, format_args!("\"text\":{:?}", c.what));
            self.report.findings.push(Finding { check: "rtl_law", kind: Kind::Safety, tick: c.at, text: c.what });
        }
    }

    /// When a function reset that is under way will be over, once that is known.
    pub fn reset_end(&self) -> Option<Tick> {
        self.function_reset.and_then(|(_, end)| end)
    }

    /// Ends a function reset whose time is over.
    pub fn end_reset(&mut self) {
        if self.reset_end().is_some_and(|end| self.now() >= end) {
            self.function_reset_done();
        }
    }

    /// Takes what the device showed; what its partner learns of it.
    pub fn observed(&mut self, event: Stamped<Observed>) -> Option<Told> {
        let tick = event.at;
        match event.what {
            Observed::Up(p) => {
                self.up(tick, &p);
                return Some(Told::Packet(p));
            }
            Observed::DownTaken(_) => {
                if let Some(seq) = self.down_seq.pop_front() {
                    self.cover.taken(tick, &mut self.shadow);
                    self.log.record(tick, 0, Event::Taken(seq));
                }
            }
            Observed::CauseTaken(_) => {
                if let Some(cause) = self.causes.pop_front() {
                    self.ledger.port_taken(cause);
                }
            }
            Observed::CauseSeen(c) => {
                let source = crate::shadow::source(c.store, c.index);
                let permit = match c.op {
                    CauseOp::Raise if !self.ledger.expects(c.op, source) => self.work.cause(source, &mut self.shadow),
                    _ => None,
                };
                self.report.look("cause_out_of_nothing");
                let path = self.ledger.path(c.op, source, permit.is_some());
                self.cover.cause(tick, c.op, source, path, &mut self.shadow);
                let id = self.ledger.cause_seen(tick, c, permit, &mut self.shadow);
                let (op, store, index) = (c.op, c.store, c.index);
                self.log.record(tick, id, Event::Cause { op, store, index });
                if let (CauseOp::Raise, Some(seen)) = (op, &mut self.causes_seen) {
                    seen.push((tick, source));
                }
            }
            Observed::MsiRaised(vector) => {
                let id = self.ledger.msi_raised(tick, u32::from(vector), &mut self.shadow);
                self.cover.msi_raised(tick, u32::from(vector), &mut self.shadow);
                self.log.event(tick, "msi", id, format_args!("\"vector\":{vector}"));
            }
            Observed::Intx(level) => {
                self.ledger.events.wire(tick, level, &mut self.shadow);
                self.cover.intx(tick, level);
                self.log.event(tick, "intx", 0, format_args!("\"level\":{level}"));
            }
            Observed::NonPostedLimit(n) => return Some(Told::NonPostedLimit(n)),
        }
        None
    }

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
                    self.ledger.park(slot);
                } else if let Some(k) = self.doomed_reads.iter().position(|only| only.is_none_or(|s| s == slot)) {
                    self.doomed_reads.remove(k);
                    self.ledger.park(slot);
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

    // ---- the host's side -------------------------------------------------------------------------
}

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
        let refused = self.translations.downstream(now, &packet, &common, &what, id, self.slot_writes);
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
                self.invalidations.push(Invalidation { first, last, covers: self.slot_writes });
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

    /// No translation for a page: its slots wait for an invalidation.
    pub(super) fn page_refused(&mut self, page: u64) {
        let (base, slots) = (self.shadow.host_base, u64::from(self.shadow.host_slots));
        let first = page.saturating_sub(base) / 16;
        let last = (page + 0x1000).saturating_sub(base) / 16;
        (first..last.min(slots)).for_each(|k| self.ledger.park(k as u32));
    }

    /// Invalidate Requests are complete: what slots held before them can no longer be sent.
    pub(super) fn slots_invalidated(&mut self) {
        for covers in std::mem::take(&mut self.translations.finished) {
            self.ledger.unpark(0, u32::MAX);
            for (_, entry) in self.shadow.entries.host_range(0, u32::MAX) {
                entry.prune(covers);
            }
        }
    }

    /// All invalidations started so far are complete: old slot contents can no longer be sent.
    pub fn invalidations_done(&mut self) {
        for i in std::mem::take(&mut self.invalidations) {
            self.ledger.unpark(i.first, i.last);
            for (_, entry) in self.shadow.entries.host_range(i.first, i.last) {
                entry.prune(i.covers);
            }
        }
    }

    pub(super) fn function_reset_done(&mut self) {
        self.function_reset = None;
        self.virtual_resets.clear();
        self.cover.reset_done();
        // The device counts invalidations from its reset on.
        self.done_word = None;
        self.shadow.reset(true, false);
        self.errors.function_reset_done(self.now());
        let restless = self.ledger.reset_function(self.function_reset_since);
        let now = self.now();
        self.ledger.events.reset(false, now);
        if restless {
            self.ledger.events.error_possible();
        }
        self.invalidations.clear();
        self.reads.forget();
        self.translations.forget();
        self.work.reset();
        self.log.event(self.now(), "function_reset_done", 0, format_args!(""));
    }

    /// Whether a function reset is under way.
    pub fn in_function_reset(&self) -> bool {
        self.function_reset.is_some()
    }

    /// A conventional reset from outside; the host's side of the link is not touched.
    pub fn conventional_reset(&mut self, kind: Reset) -> Result<(), Stop> {
        self.dut.reset(kind).map_err(|e| Stop::Tool(e.0))?;
        self.function_reset = None;
        self.virtual_resets.clear();
        let (now, flying) = (self.now(), !self.ledger.arrivals.is_empty());
        self.cover.reset(now, usize::from(kind == Reset::Hot), flying);
        self.cover.down_lost();
        self.done_word = None;
        self.shadow.reset(false, kind == Reset::Cold);
        self.errors.reset(kind == Reset::Cold, !self.down_seq.is_empty());
        self.ledger.reset();
        let now = self.now();
        self.ledger.events.reset(true, now);
        self.answers.forget();
        self.reads.forget();
        self.translations.forget();
        self.work.reset();
        self.credits.restart();
        for g in &mut self.credits.granted {
            *g = (None, None);
        }
        self.causes.clear();
        self.down_seq.clear();
        self.invalidations.clear();
        self.log.event(self.now(), "reset", 0, format_args!("\"kind\":\"{kind:?}\""));
        self.grant();
        Ok(())
    }

    /// Raises (or withdraws) a cause at the cause port.
    /// MSI vectors cannot be raised there.
    pub fn raise(&mut self, op: CauseOp, source: Source, not_before: Tick) {
        let Some((store, index)) = crate::shadow::parts(source) else { return };
        let cause = Cause { op, store, index };
        self.causes.push_back(cause);
        self.dut.cause(cause, not_before);
    }

    /// Causes given to the port that it has not taken yet.
    pub fn causes_waiting(&self) -> usize {
        self.causes.len()
    }

    /// The next so many reads of the device (of one slot, if given) will go wrong in
    /// a way that parks the slot.
    pub fn doom_reads(&mut self, n: u32, slot: Option<u32>) {
        self.ledger.events.error_possible();
        self.doomed_reads.extend((0..n).map(|_| slot));
    }

    /// No read goes wrong any more that has not by now.
    pub fn pardon_reads(&mut self) {
        self.doomed_reads.clear();
    }
}

impl Device {
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
    pub(super) fn note_slot(&mut self, k: u32, whole: bool, mem: &HostMemory, place: &dyn Fn(u64) -> u64) {
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

    /// Slots in a range of memory that no longer answers are parked once fetched.
    pub fn note_hole(&mut self, address: u64, len: u64) {
        self.holes.push((address, address.saturating_add(len)));
    }

    /// Packets on their way to the device that it has not taken.
    pub fn on_the_way(&self) -> usize {
        self.down_seq.len()
    }
}

impl Device {
    /// The next packet of this shape that goes out is what [`Device::sent_by_hand`] shows.
    pub fn watch_by_hand(&mut self, packet: &Packet) {
        self.by_hand = Some(packet.clone());
        self.sent_by_hand = None;
    }

    /// From here on completions are kept for [`Device::raw_completions`].
    pub fn watch_raw(&mut self) {
        self.raw = Some(Vec::new());
    }

    /// Completions since [`Device::watch_raw`]; ends the watch.
    pub fn raw_completions(&mut self) -> Vec<RawCompletion> {
        self.raw.take().unwrap_or_default()
    }
}

impl Device {
    /// Extends the credit limits so that the windows stay open.
    pub fn grant(&mut self) {
        let (used, w, start) = (self.credits.used, self.window, self.now() == 0);
        let mut changed = false;
        let mut extend = |g: &mut Option<u64>, infinite: bool, used: u64, window: Option<u64>| {
            let limit = match (infinite, window) {
                (true, _) => None,
                (false, None) => Some(g.unwrap_or(0).max(used + 32)),
                (false, Some(w)) => Some(g.unwrap_or(0).max(used + w)),
            };
            changed |= *g != limit;
            *g = limit;
        };
        let [p, np, c] = &mut self.credits.granted;
        extend(&mut p.0, self.infinite[0], used[0].headers, w.ph.map(u64::from));
        extend(&mut p.1, self.infinite[1], used[0].data, w.pd.map(u64::from));
        extend(&mut np.0, self.infinite[2], used[1].headers, w.nph.map(u64::from));
        extend(&mut c.0, self.infinite[3], used[2].headers, w.cplh.map(u64::from));
        extend(&mut c.1, self.infinite[4], used[2].data, w.cpld.map(u64::from));
        if changed || start {
            let limits = CreditLimits {
                ph: p.0.map(|n| n as u8),
                pd: p.1.map(|n| (n & 0xfff) as u16),
                nph: np.0.map(|n| n as u8),
                npd: None,
                cplh: c.0.map(|n| n as u8),
                cpld: c.1.map(|n| (n & 0xfff) as u16),
            };
            self.dut.credits(limits);
        }
    }

    /// Which credits were advertised as infinite: ph, pd, nph, cplh, cpld.
    pub fn infinite(&self) -> &[bool; 5] {
        &self.infinite
    }

    /// Opens every window wide: the disturbance of the link is over.
    pub fn calm(&mut self, seed: u64) {
        self.window = Credits::default();
        self.grant();
        self.dut.pressure(tlp::Pressure::default(), seed);
    }
}

impl Device {
    /// Whether the device owes nothing.
    pub fn is_quiet(&mut self) -> bool {
        let master = *self.shadow.config.bus_master.latest();
        self.causes.is_empty()
            && self.ledger.causes_accounted(master)
            && self.work.is_quiet(&mut self.shadow)
            && self.ledger.arrivals.is_empty()
            && self.function_reset.is_none()
            && self.errors.is_quiet()
            && self.translations.is_quiet()
            && self.ledger.overdue(&mut self.shadow).is_empty()
            && self.ledger.events.is_quiet(self.dut.now(), &mut self.shadow)
    }

    /// What is still owed after `bound` cycles of calm is lost.
    pub fn judge_liveness(&mut self, bound: Tick) {
        let now = self.now();
        self.ledger.judge_liveness(now, bound, &mut self.shadow);
        self.ledger.events.judge(now);
        let late = self.answers.overdue(now, 0);
        self.report.findings.extend(late);
        let late = self.translations.judge_liveness(now, bound);
        self.report.findings.extend(late);
        let late = self.errors.judge_liveness(now, bound);
        self.report.findings.extend(late);
        let missing = self.work.judge_liveness(now, bound, &mut self.shadow);
        self.report.findings.extend(missing);
        let stuck = self.ledger.arrivals.abandon();
        if stuck > 0 {
            let text = format!("{stuck} message(s) entered the remapping unit and neither arrived nor were blocked");
            self.find("message_stuck_in_host", Kind::Liveness, text);
            self.ledger.counters.lost += stuck;
        }
        self.causes.clear();
    }

    /// How often the laws of events looked.
    pub fn judge_events(&mut self) {
        let events = &self.ledger.events;
        let (fired, wire) = (events.looked, events.intx.looked);
        let check = [
            ("coalescer_fired_early", fired),
            ("firing_without_event", fired),
            ("event_never_fired", fired),
            ("intx_level", wire),
            ("intx_alternates", wire),
            ("intx_message_shape", wire),
            ("intx_without_request", wire),
            ("message_beside_intx", wire),
        ];
        for (name, n) in check {
            self.report.look_often(name, n);
        }
    }

    /// Completions that are overdue after the device had `bound` cycles of calm.
    pub fn judge_answers(&mut self, bound: Tick) {
        let late = self.answers.overdue(self.now(), bound);
        self.report.findings.extend(late);
    }

    /// A request under this tag was sent to be ignored.
    pub fn retire_answer(&mut self, tag: u16) {
        self.answers.retire(tag);
    }

    /// Takes all findings so far, from checks and ledger, in order of time.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        let mut all = std::mem::take(&mut self.report.findings);
        all.append(&mut self.ledger.findings);
        all.append(&mut self.ledger.events.findings);
        all.sort_by_key(|f| f.tick);
        all
    }
}
