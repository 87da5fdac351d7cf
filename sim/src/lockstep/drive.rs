// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Does a burst to one device and writes down what came of it.
//!
//! The driver is the link partner: it keeps to the non-posted credits of the
//! device, grants its own, answers reads. It judges nothing.

use super::act::{Act, Episode, Grant, How};
use super::packets::{Down, cfg_read};
use super::serve::{Read, answers};
use std::collections::{BTreeMap, VecDeque};
use tlp::{Cause, CreditLimits, Endpoint, EndpointError, Observed, Packet, Pressure, Reset, Stamped, Tick};

/// Cycles in which a device that owes something may be silent: resets included.
const SILENCE: Tick = 20_000;
/// Cycles at a time while packets or causes are still to be taken.
const STEP: Tick = 16;
/// Cycles after which an act is given up.
const PATIENCE: Tick = 400_000;
/// Tag of the driver's own reads, which are not compared.
const POLL_TAG: u32 = 0x3ff;
/// Cycles between those.
const POLL_EVERY: Tick = 128;
/// Rounds of answers in one `Serve`.
const ROUNDS: u32 = 64;

/// A completion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// As it came.
    pub packet: Packet,
    /// Posted packets in front of it.
    pub behind: usize,
    /// Its word that is `irq_err`.
    pub error_word: Option<usize>,
}

/// What a device showed between two points of comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Completions in their order.
    pub completions: Vec<Completion>,
    /// Posted packets in their order.
    pub posted: Vec<Packet>,
    /// Reads, tag apart, with the number of posted packets in front of each.
    pub reads: Vec<(Packet, usize)>,
    /// Causes that the core took.
    pub causes: Vec<Cause>,
    /// MSI vectors raised.
    pub msi: Vec<u8>,
    /// Levels of the INTx wire.
    pub intx: Vec<bool>,
    /// Messages, and packets of no kind that a device may send, in their order.
    pub other: Vec<Packet>,
    /// What was wrong in itself: laws inside the model, credits over-used, no end.
    pub complaints: Vec<String>,
}

/// A point of comparison.
#[derive(Clone, Debug)]
pub struct Point {
    /// Number of the episode in its burst.
    pub episode: usize,
    /// What is compared.
    pub how: How,
    /// What the device showed since the point before.
    pub shown: Shown,
}

/// One device and its link partner.
pub struct Driver<'a> {
    dut: &'a mut dyn Endpoint,
    down: VecDeque<Down>,
    pushed: u64,
    taken: u64,
    causes_pushed: u64,
    causes_taken: u64,
    np_sent: u8,
    np_limit: u8,
    /// Completions still to come.
    owed: usize,
    /// Where `irq_err` comes in what is still to come of an answer, by tag.
    error_words: BTreeMap<u32, i64>,
    used: Used,
    limits: CreditLimits,
    outstanding: Vec<Read>,
    /// Reads of before a function reset.
    late: Vec<Read>,
    /// Completions of the driver's own reads.
    polled: u32,
    last_event: Tick,
    shown: Shown,
    seen: Vec<Stamped<Observed>>,
    id: u16,
    /// Packets in both directions since creation.
    pub tlps: u64,
}

/// Credits that the device has used since conventional reset.
#[derive(Clone, Copy, Default)]
struct Used {
    ph: u8,
    pd: u16,
    nph: u8,
    cplh: u8,
    cpld: u16,
}

impl<'a> Driver<'a> {
    /// A driver of a device; `id` is what its function will be called.
    pub fn new(dut: &'a mut dyn Endpoint, id: u16) -> Self {
        let now = dut.now();
        Self {
            dut,
            down: VecDeque::new(),
            pushed: 0,
            taken: 0,
            causes_pushed: 0,
            causes_taken: 0,
            np_sent: 0,
            np_limit: 0,
            owed: 0,
            error_words: BTreeMap::new(),
            used: Used::default(),
            limits: CreditLimits::default(),
            outstanding: Vec::new(),
            late: Vec::new(),
            polled: 0,
            last_event: now,
            shown: Shown::default(),
            seen: Vec::new(),
            id,
            tlps: 0,
        }
    }

    /// A cold reset, then the burst.
    pub fn burst(&mut self, episodes: &[Episode]) -> Result<Vec<Point>, EndpointError> {
        self.reset(Reset::Cold)?;
        let mut points = Vec::new();
        for (episode, e) in episodes.iter().enumerate() {
            for act in &e.acts {
                if let Act::Compare(how) = act {
                    let shown = std::mem::take(&mut self.shown);
                    points.push(Point { episode, how: *how, shown });
                } else {
                    self.act(act)?;
                }
            }
        }
        Ok(points)
    }

    fn reset(&mut self, kind: Reset) -> Result<(), EndpointError> {
        self.dut.credits(CreditLimits::default());
        self.dut.pressure(Pressure::default(), 0);
        self.dut.reset(kind)?;
        self.down.clear();
        // Numbers go on over a reset, and what was queued is gone.
        (self.taken, self.causes_taken) = (self.pushed, self.causes_pushed);
        (self.np_sent, self.np_limit, self.owed) = (0, 0, 0);
        self.used = Used::default();
        self.limits = CreditLimits::default();
        self.outstanding.clear();
        self.late.clear();
        self.last_event = self.dut.now();
        Ok(())
    }

    fn act(&mut self, act: &Act) -> Result<(), EndpointError> {
        match act {
            Act::Down(d) => self.down.push_back(d.clone()),
            Act::Cause(c) => {
                self.dut.cause(*c, 0);
                self.causes_pushed += 1;
            }
            Act::Credits(grant) => self.grant(grant),
            Act::Stall(p) => self.dut.pressure(*p, 1),
            Act::Quiet(cycles) => self.quiet(*cycles, true)?,
            Act::Pause(cycles) => self.quiet(*cycles, false)?,
            Act::Serve { seed, odd } => self.serve(*seed, *odd)?,
            Act::AnswerLate { seed } => {
                let mut reads = std::mem::take(&mut self.late);
                reads.sort_by_key(|r| (r.address, r.asks));
                self.down.extend(reads.iter().flat_map(|r| answers(*seed, 0, r)));
            }
            Act::HotReset => self.reset(Reset::Hot)?,
            Act::FunctionReset => self.await_function()?,
            Act::Compare(_) => {}
        }
        Ok(())
    }

    fn grant(&mut self, g: &Grant) {
        let u = self.used;
        self.limits = CreditLimits {
            ph: g.posted.map(|n| u.ph.wrapping_add(n)),
            // A posted packet of the device is at most one unit of data.
            pd: g.posted.map(|n| u.pd.wrapping_add(u16::from(n)) & 0xfff),
            nph: g.reads.map(|n| u.nph.wrapping_add(n)),
            npd: None,
            cplh: g.completions.map(|n| u.cplh.wrapping_add(n)),
            cpld: g.completion_data.map(|n| u.cpld.wrapping_add(n) & 0xfff),
        };
        self.dut.credits(self.limits);
    }

    /// Non-posted packets go in their turn, and wait for credits in their turn.
    fn feed(&mut self) {
        while let Some(head) = self.down.front() {
            if head.non_posted {
                if self.np_limit.wrapping_sub(self.np_sent.wrapping_add(1)) > 0x7f {
                    break;
                }
                self.np_sent = self.np_sent.wrapping_add(1);
            }
            let Some(head) = self.down.pop_front() else { break };
            self.owed += usize::from(head.answered);
            if let Some(at) = head.error_word {
                let [w0, w1, ..] = head.packet.header;
                self.error_words.insert((w0 >> 23 & 1) << 9 | (w0 >> 19 & 1) << 8 | w1 >> 8 & 0xff, i64::from(at));
            }
            self.dut.push(head.packet, 0);
            self.pushed += 1;
            self.tlps += 1;
        }
    }

    fn idle(&self) -> bool {
        self.owed == 0 && self.down.is_empty() && self.taken == self.pushed && self.causes_taken == self.causes_pushed
    }

    fn quiet(&mut self, cycles: Tick, all: bool) -> Result<(), EndpointError> {
        let begin = self.dut.now();
        self.last_event = begin;
        loop {
            self.feed();
            let patience = if all && !self.idle() { SILENCE } else { cycles };
            let until = self.last_event + patience;
            if self.dut.now() >= until {
                if all && !self.idle() {
                    self.shown.complaints.push("does not take or does not answer what it is given".into());
                    self.down.clear();
                    self.owed = 0;
                    (self.taken, self.causes_taken) = (self.pushed, self.causes_pushed);
                }
                return Ok(());
            }
            if self.dut.now() > begin + PATIENCE {
                self.shown.complaints.push("does not come to rest".into());
                return Ok(());
            }
            // Short steps while something is to be taken: a run does not stop at that.
            let step = if self.idle() { until } else { until.min(self.dut.now() + STEP) };
            self.run(step)?;
        }
    }

    fn run(&mut self, until: Tick) -> Result<(), EndpointError> {
        let mut seen = std::mem::take(&mut self.seen);
        self.dut.run(until, &mut seen)?;
        for s in seen.drain(..) {
            self.last_event = self.last_event.max(s.at);
            match s.what {
                Observed::Up(packet) => self.up(packet),
                Observed::DownTaken(_) => self.taken += 1,
                Observed::CauseTaken(_) => self.causes_taken += 1,
                Observed::CauseSeen(cause) => self.shown.causes.push(cause),
                Observed::NonPostedLimit(n) => self.np_limit = n,
                Observed::MsiRaised(v) => self.shown.msi.push(v),
                Observed::Intx(level) => self.shown.intx.push(level),
            }
        }
        self.seen = seen;
        for c in self.dut.complaints() {
            self.shown.complaints.push(c.what);
        }
        Ok(())
    }

    fn up(&mut self, packet: Packet) {
        self.tlps += 1;
        let [w0, w1, w2, _] = packet.header;
        let units = packet.data.len().div_ceil(4) as u16;
        let posted = self.shown.posted.len();
        match (w0 >> 29, w0 >> 24 & 0x1f) {
            (0 | 2, 0b01010) => {
                // The last of a request brings all that is left; one without data ends it.
                if packet.data.is_empty() || (w1 & 0xfff) + (w2 & 3) <= 4 * packet.data.len() as u32 && w1 & 0xfff != 0
                {
                    self.owed = self.owed.saturating_sub(1);
                }
                let tag = (w0 >> 23 & 1) << 9 | (w0 >> 19 & 1) << 8 | w2 >> 8 & 0xff;
                self.used.cplh = self.used.cplh.wrapping_add(1);
                self.used.cpld = self.used.cpld.wrapping_add(units) & 0xfff;
                self.within(self.limits.cplh, self.used.cplh, "completion headers");
                self.within_data(self.limits.cpld, self.used.cpld, "completion data");
                if tag == POLL_TAG {
                    self.polled += 1;
                } else {
                    let error_word = self.error_words.get_mut(&tag).and_then(|at| {
                        let here = usize::try_from(*at).ok().filter(|&k| k < packet.data.len());
                        *at -= packet.data.len() as i64;
                        here
                    });
                    self.shown.completions.push(Completion { packet, behind: posted, error_word });
                }
            }
            (2 | 3, 0) => {
                self.used.ph = self.used.ph.wrapping_add(1);
                self.used.pd = self.used.pd.wrapping_add(units) & 0xfff;
                self.within(self.limits.ph, self.used.ph, "posted headers");
                self.within_data(self.limits.pd, self.used.pd, "posted data");
                self.shown.posted.push(packet);
            }
            (fmt @ (0 | 1), 0) => {
                self.used.nph = self.used.nph.wrapping_add(1);
                self.within(self.limits.nph, self.used.nph, "read requests");
                let tag = (w1 >> 8) as u8;
                let address = match fmt {
                    0 => u64::from(w2),
                    _ => u64::from(w2) << 32 | u64::from(packet.header[3]),
                };
                if self.outstanding.iter().any(|r| r.tag == tag) {
                    self.shown.complaints.push(format!("tag {tag} is used while it is outstanding"));
                }
                let be = (w1 & 0xf, w1 >> 4 & 0xf);
                self.outstanding.push(Read::new((w1 >> 16) as u16, tag, address, w0, be));
                let mut packet = packet;
                packet.header[1] &= !0xff00;
                self.shown.reads.push((packet, posted));
            }
            (1, 0b10000..=0b10111) => {
                self.used.ph = self.used.ph.wrapping_add(1);
                self.within(self.limits.ph, self.used.ph, "posted headers");
                self.shown.other.push(packet);
            }
            _ => self.shown.other.push(packet),
        }
    }

    fn within(&mut self, limit: Option<u8>, used: u8, what: &str) {
        if limit.is_some_and(|l| l.wrapping_sub(used) > 0x7f) {
            self.shown.complaints.push(format!("more {what} than credits"));
        }
    }

    fn within_data(&mut self, limit: Option<u16>, used: u16, what: &str) {
        if limit.is_some_and(|l| l.wrapping_sub(used) & 0xfff > 0x7ff) {
            self.shown.complaints.push(format!("more {what} than credits"));
        }
    }

    fn serve(&mut self, seed: u64, odd: u32) -> Result<(), EndpointError> {
        for _ in 0..ROUNDS {
            if self.outstanding.is_empty() {
                return Ok(());
            }
            let mut reads = std::mem::take(&mut self.outstanding);
            reads.sort_by_key(|r| (r.address, r.asks));
            for read in reads {
                for packet in answers(seed, odd, &read) {
                    self.down.push_back(packet);
                }
            }
            self.quiet(super::traffic::CALM, true)?;
        }
        self.shown.complaints.push("does not stop reading".into());
        Ok(())
    }

    /// Asks for the first register until it is answered: packets in a function reset are dropped.
    fn await_function(&mut self) -> Result<(), EndpointError> {
        self.quiet(POLL_EVERY, false)?;
        self.owed = 0;
        self.late = std::mem::take(&mut self.outstanding);
        let before = self.polled;
        for _ in 0..SILENCE / POLL_EVERY {
            self.down.push_back(Down { answered: false, ..cfg_read(self.id, 0, 0xf, POLL_TAG) });
            self.quiet(POLL_EVERY, true)?;
            if self.polled > before {
                return Ok(());
            }
        }
        self.shown.complaints.push("a function reset does not end".into());
        Ok(())
    }
}
