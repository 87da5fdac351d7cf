// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One endpoint with its laws and books: what is seen of it, what it owes.

mod down;
mod judge;
mod up;

use super::*;

/// Cycles in which the device has looked at a packet that it has taken.
const VERDICT: Tick = 64;

/// A device and those who watch it.
#[derive(Clone)]
pub struct Device {
    /// The device.
    pub dut: Box<dyn Endpoint>,
    /// What software has told the device.
    pub shadow: Shadow,
    /// The ledger.
    pub ledger: Ledger,
    /// What the checks have to say.
    pub report: Report,
    /// The event log.
    pub log: EventLog,
    /// Packets to and from the device.
    pub tlps: (u64, u64),
    /// Credit windows that the partner keeps open, by class.
    pub window: Credits,
    /// Last completion word that the device wrote.
    pub done_word: Option<u32>,
    /// What errors have left behind.
    pub errors: Errors,
    /// Address translation.
    pub translations: Translations,
    /// The hand-made packet that a vector sent last, as it went out.
    pub sent_by_hand: Option<Packet>,
    by_hand: Option<Packet>,
    /// Queues, engine and handles.
    pub work: Work,
    /// Interrupts that processors took, kept for a kernel from when there is one.
    pub taken: Option<Vec<Taken>>,
    /// Causes that the core took, kept likewise.
    pub causes_seen: Option<Vec<(Tick, Source)>>,
    /// Number of the last change of the remapping table when the tail of the unit's queue was last written.
    pub queue_mark: u64,
    /// Functional coverage.
    pub cover: Collector,
    answers: Answers,
    reads: Reads,
    credits: CreditBook,
    causes: VecDeque<Cause>,
    invalidations: Vec<Invalidation>,
    slot_writes: u64,
    function_reset: Option<(u64, Option<Tick>)>,
    function_reset_since: Tick,
    /// Resets of virtual functions that have not been answered: number of the write, a bit a function.
    virtual_resets: Vec<(u64, u32)>,
    doomed_reads: VecDeque<Option<u32>>,
    infinite: [bool; 5],
    down_seq: VecDeque<u64>,
    /// When the device last took a packet.
    last_taken: Tick,
    raw: Option<Vec<RawCompletion>>,
    holes: Vec<(u64, u64)>,
}

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
            last_taken: 0,
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
                self.last_taken = tick;
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
        // What has not been taken is lost, and so, perhaps, is the error of what has just been.
        let lost = !self.down_seq.is_empty() || self.now() < self.last_taken + VERDICT;
        self.dut.reset(kind).map_err(|e| Stop::Tool(e.0))?;
        self.function_reset = None;
        self.virtual_resets.clear();
        let (now, flying) = (self.now(), !self.ledger.arrivals.is_empty());
        self.cover.reset(now, usize::from(kind == Reset::Hot), flying);
        self.cover.down_lost();
        self.done_word = None;
        self.shadow.reset(false, kind == Reset::Cold);
        self.errors.reset(kind == Reset::Cold, lost);
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

    /// Slots in a range of memory that no longer answers are parked once fetched.
    pub fn note_hole(&mut self, address: u64, len: u64) {
        self.holes.push((address, address.saturating_add(len)));
    }

    /// Packets on their way to the device that it has not taken.
    pub fn on_the_way(&self) -> usize {
        self.down_seq.len()
    }

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
