// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The link partner of the reset traffic: keeps to the device's non-posted credits,
//! books what leaves by source, and calls by name what should not have left.

use super::Report;
use crate::lockstep::packets::{Answer, Down};
use std::collections::{BTreeMap, VecDeque};
use tlp::{
    Cause, CauseOp, CreditLimits, Endpoint, EndpointError, Observed, Packet, Pressure, Reset, Stamped, Store, Tick,
};

/// Where messages go: the source in bits 19:4 of the low word, the epoch in the data.
pub const MESSAGES: u64 = 0x6000_0000;
/// Where records go: the epoch in bits 35:20.
pub const RECORDS: u64 = 0x20_0000_0000;
/// Where slots are: the epoch in bits 35:20.
pub const SLOTS: u64 = 0x30_0000_0000;
/// Cycles after which a device that takes nothing is stuck.
const STUCK: Tick = 60_000;

/// Base of an epoch below one of these.
pub fn area(base: u64, epoch: u64) -> u64 {
    base + ((epoch & 0xffff) << 20)
}

/// What is known of one source in this epoch.
#[derive(Clone, Copy, Default)]
pub struct Page {
    causes: u64,
    messages: u64,
    last_cause: Tick,
    last_message: Tick,
    /// Taken while it was open whether the device accepts it.
    doubtful: bool,
}

impl Page {
    /// Its last cause has no message behind it.
    pub fn owes(&self) -> bool {
        self.causes > 0 && !self.doubtful && (self.messages == 0 || self.last_cause > self.last_message)
    }
}

/// A read of the device that is not answered.
#[derive(Clone, Copy)]
struct Read {
    requester: u16,
    tag: u8,
    address: u64,
}

/// One device and what has been seen of it.
pub struct Partner<'a> {
    dut: &'a mut dyn Endpoint,
    down: VecDeque<Down>,
    pushed: u64,
    taken: u64,
    causes_pushed: u64,
    causes_taken: u64,
    np_sent: u8,
    np_limit: u8,
    used: (u8, u16, u8),
    reads: Vec<Read>,
    /// Reads of before a reset; some are answered all the same.
    late: Vec<Read>,
    /// Tags that rest after function resets.
    pub resting: usize,
    /// Current epoch.
    pub epoch: u64,
    /// Books of this epoch.
    pub pages: BTreeMap<(Store, u32), Page>,
    /// Host causes are certainly taken.
    pub host_on: bool,
    /// Reads are answered as they come.
    pub answering: bool,
    /// Tags of completions that have come.
    pub completed: Vec<u32>,
    /// The function did not come back: no use going on.
    pub given_up: bool,
    seen: Vec<Stamped<Observed>>,
    /// What came of it.
    pub report: Report,
}

impl<'a> Partner<'a> {
    /// Nothing done yet.
    pub fn new(dut: &'a mut dyn Endpoint) -> Self {
        Self {
            dut,
            down: VecDeque::new(),
            pushed: 0,
            taken: 0,
            causes_pushed: 0,
            causes_taken: 0,
            np_sent: 0,
            np_limit: 0,
            used: (0, 0, 0),
            reads: Vec::new(),
            late: Vec::new(),
            resting: 0,
            epoch: 0,
            pages: BTreeMap::new(),
            host_on: false,
            answering: true,
            completed: Vec::new(),
            given_up: false,
            seen: Vec::new(),
            report: Report::default(),
        }
    }

    /// The first reset of all.
    pub fn power_on(&mut self) -> Result<(), EndpointError> {
        self.conventional(Reset::Cold)
    }

    /// Queues a packet.
    pub fn send(&mut self, packet: Down) {
        self.down.push_back(packet);
    }

    /// Queues a cause.
    pub fn raise(&mut self, store: Store, index: u32) {
        self.dut.cause(Cause { op: CauseOp::Raise, store, index }, 0);
        self.causes_pushed += 1;
    }

    /// Posted packets and reads that may still leave; `None` is any number.
    pub fn grant(&mut self, posted: Option<u8>, reads: Option<u8>) {
        let (ph, pd, nph) = self.used;
        self.dut.credits(CreditLimits {
            ph: posted.map(|n| ph.wrapping_add(n)),
            pd: posted.map(|n| pd.wrapping_add(u16::from(n)) & 0xfff),
            nph: reads.map(|n| nph.wrapping_add(n)),
            ..CreditLimits::default()
        });
    }

    /// Stalls of the streams.
    pub fn stall(&mut self, p: Pressure, seed: u64) {
        self.dut.pressure(p, seed);
    }

    /// Hot or cold reset.
    pub fn conventional(&mut self, kind: Reset) -> Result<(), EndpointError> {
        self.dut.credits(CreditLimits::default());
        self.dut.pressure(Pressure::default(), 0);
        self.dut.reset(kind)?;
        self.down.clear();
        (self.taken, self.causes_taken) = (self.pushed, self.causes_pushed);
        (self.np_sent, self.np_limit, self.used) = (0, 0, (0, 0, 0));
        // Tags are free again, and late answers would meet new reads.
        self.report.reads_cut += self.reads.len() as u64;
        self.reads.clear();
        self.late.clear();
        self.resting = 0;
        self.next_epoch();
        Ok(())
    }

    /// A function reset has been asked for and its completion has left.
    pub fn function_reset(&mut self) {
        self.report.reads_cut += self.reads.len() as u64;
        self.resting += self.reads.len();
        self.late = std::mem::take(&mut self.reads);
        self.next_epoch();
    }

    fn next_epoch(&mut self) {
        self.report.dropped += self.pages.values().filter(|p| p.owes()).count() as u64;
        self.pages.clear();
        self.epoch += 1;
        self.host_on = false;
    }

    /// Answers what was read before the last function reset: too late.
    pub fn answer_late(&mut self) {
        for r in std::mem::take(&mut self.late) {
            let packet = self.answer(&r, self.epoch - 1);
            self.send(packet);
        }
    }

    /// The slot at an address as it stood in an epoch.
    fn answer(&self, r: &Read, epoch: u64) -> Down {
        let slot = (r.address & 0xf_ffff) / 16;
        let words = [(MESSAGES + ((2 << 12 | slot) << 4)) as u32, 0, epoch as u32, 0];
        Answer { requester: r.requester, tag: r.tag, status: 0, bytes: 16, lower: r.address as u32, poisoned: false }
            .packet(&words)
    }

    fn feed(&mut self) {
        while let Some(head) = self.down.front() {
            if head.non_posted {
                if self.np_limit.wrapping_sub(self.np_sent.wrapping_add(1)) > 0x7f {
                    return;
                }
                self.np_sent = self.np_sent.wrapping_add(1);
            }
            let Some(head) = self.down.pop_front() else { return };
            self.dut.push(head.packet, 0);
            self.pushed += 1;
        }
    }

    /// Runs for so many cycles.
    pub fn run(&mut self, cycles: Tick) -> Result<(), EndpointError> {
        let until = self.dut.now() + cycles;
        while self.dut.now() < until {
            self.feed();
            let step = if self.down.is_empty() { until } else { until.min(self.dut.now() + 8) };
            let mut seen = std::mem::take(&mut self.seen);
            self.dut.run(step, &mut seen)?;
            for s in seen.drain(..) {
                self.see(s);
            }
            self.seen = seen;
            for c in self.dut.complaints() {
                self.report.report("law", || c.what);
            }
        }
        Ok(())
    }

    /// What is on its way, for reports.
    pub fn state(&self) -> String {
        format!(
            "tick {}, epoch {}: {} packet(s) kept back, {} not taken, {} cause(s) not taken, non-posted {} of {}",
            self.dut.now(),
            self.epoch,
            self.down.len(),
            self.pushed - self.taken,
            self.causes_pushed - self.causes_taken,
            self.np_sent,
            self.np_limit
        )
    }

    /// Runs to the cycle in which the completion with this tag leaves.
    pub fn await_completion(&mut self, tag: u32) -> Result<(), EndpointError> {
        let begin = self.dut.now();
        self.completed.clear();
        while !self.completed.contains(&tag) {
            self.run(1)?;
            if self.dut.now() > begin + STUCK {
                let state = self.state();
                self.report.report("stuck", || format!("no completion with tag {tag:#x}: {state}"));
                self.given_up = true;
                break;
            }
        }
        Ok(())
    }

    /// Runs until everything queued was taken, and some more.
    pub fn drain(&mut self, more: Tick) -> Result<(), EndpointError> {
        let begin = self.dut.now();
        loop {
            self.run(more)?;
            if self.down.is_empty() && self.taken == self.pushed && self.causes_taken == self.causes_pushed {
                return Ok(());
            }
            if self.dut.now() > begin + STUCK {
                let state = self.state();
                self.report.report("stuck", || state);
                self.given_up = true;
                return Ok(());
            }
        }
    }

    fn see(&mut self, s: Stamped<Observed>) {
        match s.what {
            Observed::DownTaken(_) => self.taken += 1,
            Observed::CauseTaken(_) => self.causes_taken += 1,
            Observed::NonPostedLimit(n) => self.np_limit = n,
            // MSI and INTx are not set up here.
            Observed::MsiRaised(_) | Observed::Intx(_) => {}
            Observed::CauseSeen(c) => {
                self.report.causes += 1;
                let doubtful = c.store == Store::Host && !self.host_on;
                let page = self.pages.entry((c.store, c.index)).or_default();
                page.causes += 1;
                page.last_cause = s.at;
                page.doubtful |= doubtful;
            }
            Observed::Up(packet) => self.up(s.at, &packet),
        }
    }

    fn up(&mut self, at: Tick, p: &Packet) {
        let [w0, w1, w2, w3] = p.header;
        let long = w0 >> 29 & 1 == 1;
        let address = if long { u64::from(w2) << 32 | u64::from(w3) } else { u64::from(w2) };
        let epoch = self.epoch;
        match (w0 >> 30, w0 >> 24 & 0x1f) {
            (_, 0b01010) => self.completed.push(w2 >> 8 & 0xff),
            (1, 0) => {
                self.used.0 = self.used.0.wrapping_add(1);
                self.used.1 = self.used.1.wrapping_add(1) & 0xfff;
                if p.data.len() == 4 && address >> 36 << 36 == RECORDS {
                    if address & 0xf_fff0_0000 != (epoch & 0xffff) << 20 {
                        self.report
                            .report("late_message", || format!("tick {at}: record to {address:#x} in epoch {epoch}"));
                    }
                } else if p.data.len() == 1 && address >> 20 == MESSAGES >> 20 {
                    self.message(at, address, p.data[0]);
                } else {
                    self.report.report("unknown_write", || format!("tick {at}: {p:x?}"));
                }
            }
            (0, 0) => {
                self.used.2 = self.used.2.wrapping_add(1);
                let read = Read { requester: (w1 >> 16) as u16, tag: (w1 >> 8) as u8, address };
                if address >> 36 << 36 != SLOTS || address & 0xf_fff0_0000 != (epoch & 0xffff) << 20 {
                    self.report.report("late_read", || format!("tick {at}: {address:#x} in epoch {epoch}"));
                }
                if self.answering {
                    let packet = self.answer(&read, epoch);
                    self.send(packet);
                } else {
                    self.reads.push(read);
                }
            }
            _ => self.report.report("unknown_write", || format!("tick {at}: {p:x?}")),
        }
    }

    fn message(&mut self, at: Tick, address: u64, data: u32) {
        self.report.messages += 1;
        let epoch = self.epoch;
        if data != epoch as u32 {
            self.report.report("late_message", || format!("tick {at}: message of epoch {data} in epoch {epoch}"));
            return;
        }
        let k = (address >> 4 & 0xffff) as u32;
        let Some(store) = Store::from_code(k >> 12) else { return };
        let page = self.pages.entry((store, k & 0xfff)).or_default();
        page.messages += 1;
        page.last_message = at;
        if page.messages > page.causes {
            let (m, c) = (page.messages, page.causes);
            let text = || format!("tick {at}: {store:?} {} has sent {m} message(s) for {c} cause(s)", k & 0xfff);
            self.report.report("message_without_cause", text);
        }
    }

    /// Answers from now on, those that wait first.
    pub fn answer_all(&mut self) {
        self.answering = true;
        for r in std::mem::take(&mut self.reads) {
            let packet = self.answer(&r, self.epoch);
            self.send(packet);
        }
    }

    /// Every source is open and nothing holds it up: who still owes has lost a cause.
    pub fn judge(&mut self) {
        let (now, epoch) = (self.dut.now(), self.epoch);
        let owing: Vec<_> = self.pages.iter().filter(|(_, p)| p.owes()).map(|(k, p)| (*k, p.last_cause)).collect();
        for ((store, index), since) in owing {
            let text = || format!("tick {now}, epoch {epoch}: {store:?} {index} owes a message since tick {since}");
            self.report.report("lost_interrupt", text);
        }
    }
}
