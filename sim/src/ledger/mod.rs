// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The ledger: every interrupt cause is followed from the moment it is owed to
//! the processor that takes it.
//!
//! cause → store → packet → remapping entry → vector → IRR → ISR → EOI. At the end
//! each cause is delivered, legally merged, legally still pending or legally
//! blocked; anything else is a finding. The ledger knows the device only through
//! the link: causes are those that its core took, messages are told apart by what
//! software put into the stores (the [`Shadow`]).

mod arrivals;
mod counters;
pub mod events;
pub mod message;
pub mod software;
mod source;

pub use arrivals::{Arrivals, UnderWay};
pub use counters::Counters;
use events::EventBook;
pub use source::{Owed, SourceLedger};

use crate::check::work::Permit;
use crate::cover::collector::Path;
use crate::finding::{Finding, Kind};
use crate::shadow::{Content, Mode, Shadow, source as source_of};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tlp::{Cause, CauseOp, Tick};
use vectors::op::Source;

/// Doorbells that the function keeps (data sheet §7).
const BELLS_KEPT: usize = 16;

/// A doorbell of which causes have still to be seen.
#[derive(Clone)]
struct Bell {
    key: (CauseOp, Source),
    /// Causes asked for and still to come.
    count: u64,
    left: u64,
    /// Written while the queue may have been full: it may have been dropped.
    perhaps: bool,
    /// A record stands before each cause; without Bus Master Enable records wait.
    record: bool,
}

impl Bell {
    /// Whether it need not be there any more: perhaps refused, and certainly not begun.
    fn dropped(&self) -> bool {
        self.perhaps && self.left == self.count
    }
}

/// The book.
#[derive(Clone, Default)]
pub struct Ledger {
    sources: BTreeMap<Source, SourceLedger>,
    /// Sources with something owed: kept so that settling is cheap.
    owing: BTreeSet<Source>,
    /// Doorbells not finished, oldest first.
    bells: VecDeque<Bell>,
    /// Causes announced by sweeps and not yet seen at the core.
    announced: BTreeMap<(CauseOp, Source), u64>,
    /// Causes taken at the port and not yet seen at the core.
    ported: BTreeMap<(CauseOp, Source), u64>,
    /// Host slots whose fetch was made to fail, and when: parked until invalidated.
    parked: BTreeMap<u32, Tick>,
    /// Events up to the interrupts that they become.
    pub events: EventBook,
    /// Raises of a vector that were put down to whoever asked for them and may as well have been its coalescer's.
    perhaps_fired: BTreeMap<u32, u64>,
    /// Events that the firing behind a cause answers: which, and how many of it had come.
    behind: BTreeMap<u64, Vec<(u32, u64)>>,
    /// Interrupts on their way from the packet to the processor.
    pub arrivals: Arrivals,
    /// Totals.
    pub counters: Counters,
    /// Findings since they were last taken.
    pub findings: Vec<Finding>,
    next_id: u64,
    /// When a cause may last have left an error behind.
    last_error: Option<Tick>,
}

impl Ledger {
    /// An empty book.
    pub fn new() -> Self {
        Self::default()
    }

    fn find(&mut self, check: &'static str, kind: Kind, tick: Tick, text: String) {
        self.findings.push(Finding { check, kind, tick, text });
    }

    /// The page of a source.
    pub fn source(&mut self, source: Source) -> &mut SourceLedger {
        self.sources.entry(source).or_default()
    }

    /// Software swept over a source.
    pub fn announce(&mut self, source: Source) {
        *self.announced.entry((CauseOp::Raise, source)).or_default() += 1;
        self.source(source).without_record += 1;
    }

    /// Software rang the doorbell. What was rung before and is not finished may
    /// fill the queue; then nothing is promised.
    pub fn ring(&mut self, op: CauseOp, source: Source, count: u64, record: bool) {
        if op == CauseOp::Withdraw && matches!(source, Source::Event(_)) {
            return;
        }
        let perhaps = self.bells.len() >= BELLS_KEPT;
        if perhaps {
            self.events.error_possible();
        }
        self.bells.push_back(Bell { key: (op, source), count, left: count, perhaps, record });
        let page = self.source(source);
        if record {
            page.with_record += count;
        } else if op == CauseOp::Raise {
            page.without_record += count;
        }
    }

    /// The cause port took a cause.
    pub fn port_taken(&mut self, cause: Cause) {
        let s = source_of(cause.store, cause.index);
        if cause.op == CauseOp::Withdraw && matches!(s, Source::Event(_)) {
            return;
        }
        *self.ported.entry((cause.op, s)).or_default() += 1;
        if cause.op == CauseOp::Raise {
            self.source(s).without_record += 1;
        }
    }

    /// Whether port or function were asked for such a cause.
    pub fn expects(&self, op: CauseOp, source: Source) -> bool {
        let key = (op, source);
        let counted = [&self.ported, &self.announced].iter().any(|book| book.get(&key).is_some_and(|n| *n > 0));
        counted || self.bells.iter().any(|bell| bell.key == key)
    }

    /// How a cause that the core takes now was asked for; `work`: by a descriptor.
    pub fn path(&self, op: CauseOp, source: Source, work: bool) -> Path {
        let key = (op, source);
        let counted = |book: &BTreeMap<(CauseOp, Source), u64>| book.get(&key).is_some_and(|n| *n > 0);
        if work {
            Path::Work
        } else if counted(&self.ported) {
            Path::Port
        } else if counted(&self.announced) {
            Path::Sweep
        } else if self.bells.iter().any(|bell| bell.key == key) {
            Path::Doorbell
        } else {
            Path::Event
        }
    }

    /// Doorbells not finished.
    pub fn bells(&self) -> usize {
        self.bells.len()
    }

    /// The core took a cause: from here on an interrupt is owed (or no longer owed).
    /// `permit`: a queue asked for it, and how its permission stands.
    pub fn cause_seen(&mut self, tick: Tick, cause: Cause, permit: Option<Permit>, shadow: &mut Shadow) -> u64 {
        let s = source_of(cause.store, cause.index);
        let key = (cause.op, s);
        if cause.op == CauseOp::Withdraw && matches!(s, Source::Event(_)) {
            return 0;
        }
        if permit.is_some() {
            self.source(s).with_record += 1;
        }
        let asked = permit.is_some() || self.was_asked_for(key);
        let by_itself = !asked && s == Source::Event(events::MISC) && self.events.may_raise_misc(shadow);
        let mut answers = Vec::new();
        if let (false, Source::Msix(v), CauseOp::Raise) = (asked, s, cause.op) {
            let firing = self.events.fired(tick, v, Mode::Msix, shadow);
            answers = firing.answers;
            self.source(s).without_record += 1;
            match firing.wrong {
                // An earlier one was the firing, and this is the cause that was asked for.
                Some(_) if self.perhaps_fired.get(&v).is_some_and(|n| *n > 0) => {
                    *self.perhaps_fired.entry(v).or_default() -= 1;
                }
                Some((check @ "coalescer_fired_early", text)) => self.find(check, Kind::Safety, tick, text),
                Some(_) => {
                    let text = format!("the core took {s:?} that neither port, function nor events were asked for");
                    self.find("cause_out_of_nothing", Kind::Safety, tick, text);
                }
                None => {}
            }
        } else if let (true, Source::Msix(v), CauseOp::Raise) = (asked, s, cause.op) {
            if self.events.perhaps_fired(tick, v, shadow) {
                *self.perhaps_fired.entry(v).or_default() += 1;
                self.source(s).without_record += 1;
            }
        } else if !asked && !by_itself {
            let text = format!("the core took {:?} {s:?} that neither port nor function was asked for", cause.op);
            self.find("cause_out_of_nothing", Kind::Safety, tick, text);
        }
        let fate = fate(s, tick, shadow);
        if cause.op == CauseOp::Withdraw {
            // Withdrawals are refused as causes are, with an error.
            if fate != Fate::Taken {
                self.last_error = Some(tick);
                self.events.error_possible();
            }
            self.source(s).withdraw();
            return 0;
        }
        let dropped = fate == Fate::Refused;
        if fate != Fate::Taken || is_ims(s) {
            self.last_error = Some(tick);
            self.events.error_possible();
        }
        if let Source::Event(event) = s {
            if !dropped {
                self.events.event(tick, event, by_itself, shadow);
            }
            return 0;
        }
        self.next_id += 1;
        let id = self.next_id;
        self.counters.causes += 1;
        if dropped || permit == Some(Permit::Refused) {
            self.counters.blocked += 1;
            return id;
        }
        self.owe(s, id, tick, answers);
        if (permit == Some(Permit::Unsure) || fate == Fate::Unsure)
            && let Some(owed) = self.source(s).owed.back_mut()
        {
            owed.optional = true;
        }
        id
    }

    fn owe(&mut self, s: Source, id: u64, tick: Tick, answers: Vec<(u32, u64)>) {
        self.source(s).owed.push_back(Owed { id, tick, optional: false });
        self.owing.insert(s);
        if !answers.is_empty() {
            self.behind.insert(id, answers);
        }
    }

    /// An MSI vector was raised.
    pub fn msi_raised(&mut self, tick: Tick, vector: u32, shadow: &mut Shadow) -> u64 {
        let firing = self.events.fired(tick, vector, Mode::Msi, shadow);
        if let Some((check, text)) = firing.wrong {
            self.find(check, Kind::Safety, tick, text);
        }
        self.next_id += 1;
        self.counters.causes += 1;
        self.source(Source::Msi(vector)).without_record += 1;
        self.owe(Source::Msi(vector), self.next_id, tick, firing.answers);
        self.next_id
    }

    /// Whether records of the events behind a cause are missing.
    fn ahead_of_records(&mut self, cause: u64) -> bool {
        let answers = self.behind.remove(&cause).unwrap_or_default();
        answers.into_iter().any(|(event, count)| {
            let page = self.source(Source::Event(event));
            page.with_record > 0 && page.without_record == 0 && page.records < count
        })
    }

    /// Takes a cause off the first book that asks for it.
    fn was_asked_for(&mut self, key: (CauseOp, Source)) -> bool {
        for book in [&mut self.ported, &mut self.announced] {
            if let Some(n) = book.get_mut(&key).filter(|n| **n > 0) {
                *n -= 1;
                return true;
            }
        }
        let Some(at) = self.bells.iter().position(|b| b.key == key) else { return false };
        self.bells[at].left -= 1;
        let done = self.bells[at].left == 0;
        // They are worked off in order: those in front that were never begun were dropped.
        let mut k = 0;
        self.bells.retain(|b| {
            k += 1;
            let dropped = k <= at && b.perhaps && b.left == b.count;
            !(dropped || k == at + 1 && done)
        });
        true
    }

    /// A function reset that software asked for at `since` is over. When within its bound it ended is the device's
    /// business: a cause taken meanwhile was dropped, or came behind it and is pending. Says whether one may have left
    /// an error behind.
    pub fn reset_function(&mut self, since: Tick) -> bool {
        let mut meanwhile = Vec::new();
        for s in &self.owing {
            let page = self.sources.entry(*s).or_default();
            let at = page.owed.iter().position(|o| o.tick >= since).unwrap_or(page.owed.len());
            meanwhile.extend(page.owed.drain(at..).map(|o| (*s, Owed { optional: true, ..o })));
        }
        let restless = self.last_error.is_some_and(|tick| tick >= since);
        self.reset();
        for (s, owed) in meanwhile {
            let page = self.source(s);
            page.owed.push_back(owed);
            page.without_record += 1;
            self.owing.insert(s);
        }
        restless
    }

    /// A reset: what was owed is legally dropped.
    pub fn reset(&mut self) {
        for s in std::mem::take(&mut self.owing) {
            let page = self.sources.entry(s).or_default();
            self.counters.blocked += page.owed.len() as u64;
            page.owed.clear();
        }
        for book in [&mut self.announced, &mut self.ported] {
            book.clear();
        }
        self.bells.clear();
        for page in self.sources.values_mut() {
            page.forget_records();
        }
        self.parked.clear();
        self.behind.clear();
        self.perhaps_fired.clear();
    }

    /// A virtual function is reset: what it owes is legally dropped.
    pub fn forget_function(&mut self, n: u32) {
        let gone: Vec<Source> = self.owing.iter().copied().filter(|s| s.vf() == Some(n)).collect();
        for s in gone {
            self.owing.remove(&s);
            let page = self.sources.entry(s).or_default();
            self.counters.blocked += page.owed.len() as u64;
            page.owed.clear();
        }
    }

    /// A fetch of this slot was made to fail; the device parks it until invalidated.
    pub fn park(&mut self, slot: u32, tick: Tick) {
        self.parked.insert(slot, tick);
    }

    /// An invalidation that covers these slots is complete. It came at this tick; what was fetched behind that may have
    /// been fetched because it had begun, and stays parked.
    pub fn unpark(&mut self, first: u32, last: u32, came: Tick) {
        self.parked.retain(|slot, since| !(first..=last).contains(slot) || *since >= came);
    }

    /// Whether a source is certainly open, so that what it owes must come.
    pub fn is_open(&self, s: Source, shadow: &mut Shadow) -> bool {
        if matches!(s, Source::Host(slot) if self.parked.contains_key(&slot)) || !shadow.gate_certain(s) {
            return false;
        }
        let (flushed, ims) = (in_force(s, shadow), is_ims(s));
        shadow.entries.entry(s).certainly(flushed, |c| !(c.mask || ims && c.address == 0))
    }

    /// Sources that owe a message which must come now.
    pub fn overdue(&mut self, shadow: &mut Shadow) -> Vec<Source> {
        let owing: Vec<Source> = self.owing.iter().copied().collect();
        owing
            .into_iter()
            .filter(|s| self.sources.get(s).is_some_and(SourceLedger::owes_message) && self.is_open(*s, shadow))
            .collect()
    }

    /// Whether causes announced or taken at the port have all reached the core. Without Bus Master Enable records
    /// wait, and with the first of them all doorbells behind it.
    pub fn causes_accounted(&self, master: bool) -> bool {
        self.announced.values().chain(self.ported.values()).all(|n| *n == 0) && self.ringing(master).all(Bell::dropped)
    }

    fn ringing(&self, master: bool) -> impl Iterator<Item = &Bell> {
        self.bells.iter().take_while(move |b| master || !b.record)
    }

    /// Judges liveness: what is overdue now, after the bound, is lost.
    pub fn judge_liveness(&mut self, tick: Tick, bound: Tick, shadow: &mut Shadow) {
        for s in self.overdue(shadow) {
            let page = self.sources.entry(s).or_default();
            let owed = page.owed.drain(..).collect::<Vec<_>>();
            let after = owed.iter().filter(|o| !o.optional && o.tick >= page.last_message).count() as u64;
            self.counters.lost += after.max(1);
            self.counters.merged += owed.len() as u64 - after.max(1).min(owed.len() as u64);
            self.owing.remove(&s);
            let first = owed.first().map_or(0, |o| o.tick);
            let text = format!(
                "{s:?} is open and owes a message for {} cause(s) since tick {first}; none came within {bound} cycles",
                owed.len()
            );
            self.find("lost_interrupt", Kind::Liveness, tick, text);
        }
        let master = *shadow.config.bus_master.latest();
        if !self.causes_accounted(master) {
            let swept = self.announced.iter().chain(&self.ported).map(|(key, n)| (*key, *n));
            let rung = self.ringing(master).filter(|b| !b.dropped()).map(|b| (b.key, b.left));
            let missing: Vec<String> = swept
                .chain(rung)
                .filter(|(_, n)| *n > 0)
                .take(4)
                .map(|((op, s), n)| format!("{op:?} {s:?} ×{n}"))
                .collect();
            let text = format!("causes asked for never reached the core within {bound} cycles: {}", missing.join(", "));
            self.find("cause_never_raised", Kind::Liveness, tick, text);
            self.announced.clear();
            self.ported.clear();
            self.bells.clear();
        }
        // Settled: what may have been dropped has been.
        if master {
            self.bells.retain(|b| !b.dropped());
        }
    }

    /// Sources that still owe and are not open: their pending bits must be 1.
    pub fn to_audit(&mut self, shadow: &mut Shadow) -> Vec<Source> {
        let owing: Vec<Source> = self.owing.iter().copied().collect();
        let mut audit = Vec::new();
        for s in owing {
            let page = self.sources.entry(s).or_default();
            // What came before the last message was merged into it.
            let covered = page.take_covered();
            self.counters.merged += covered.merged;
            self.counters.blocked += covered.withdrawn;
            let page = self.sources.entry(s).or_default();
            if page.owed.is_empty() {
                self.owing.remove(&s);
            } else if !self.is_open(s, shadow) {
                audit.push(s);
            } else {
                // Open, and settled: only what was withdrawn can be left.
                let page = self.sources.entry(s).or_default();
                self.counters.blocked += page.owed.drain(..).count() as u64;
                self.owing.remove(&s);
            }
        }
        audit
    }

    /// The pending bit of an audited source was read.
    pub fn audited(&mut self, tick: Tick, s: Source, pending: bool, shadow: &mut Shadow) {
        let page = self.sources.entry(s).or_default();
        let owed = page.owed.drain(..).collect::<Vec<_>>();
        self.owing.remove(&s);
        let optional = owed.iter().filter(|o| o.optional).count() as u64;
        let required = owed.len() as u64 - optional;
        self.counters.blocked += optional;
        if pending {
            self.counters.pending += required.min(1);
            self.counters.merged += required.saturating_sub(1);
            return;
        }
        if required == 0 {
            return;
        }
        // An IMS source whose message may have had address 0 is dropped with an error, legally.
        let flushed = in_force(s, shadow);
        if is_ims(s) && shadow.entries.entry(s).perhaps(flushed, |c| c.address == 0 && !c.mask) {
            self.counters.blocked += required;
            return;
        }
        self.counters.lost += required;
        let text = format!("{s:?} is closed and owes {required} cause(s), but its pending bit reads 0");
        self.find("pending_bit_lost", Kind::Safety, tick, text);
    }

    /// Messages sent since power-on, by source.
    pub fn sent(&self) -> BTreeMap<Source, u64> {
        self.sources.iter().filter(|(_, p)| p.sent > 0).map(|(s, p)| (*s, p.sent)).collect()
    }

    /// Number of sources that owe something.
    pub fn owing(&self) -> usize {
        self.owing.len()
    }
}

/// What becomes of a cause that the core takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Taken,
    Refused,
    /// Its function or its store comes or goes.
    Unsure,
}

/// Causes that the data sheet tells the device to refuse.
fn fate(s: Source, tick: Tick, shadow: &mut Shadow) -> Fate {
    let sizes = shadow.entries.sizes();
    if let Some(n) = s.vf() {
        return match (n < sizes.vfs && shadow.perhaps_there(n), shadow.surely_there(n, tick)) {
            (false, _) => Fate::Refused,
            (true, true) => Fate::Taken,
            (true, false) => Fate::Unsure,
        };
    }
    match refused(s, shadow) {
        true => Fate::Refused,
        // The host store is being switched on or off: refused or kept.
        false if matches!(s, Source::Host(_)) && shadow.host_enabled.perhaps(shadow.flushed, |on| !on) => Fate::Unsure,
        false => Fate::Taken,
    }
}

fn refused(s: Source, shadow: &mut Shadow) -> bool {
    let sizes = shadow.entries.sizes();
    match s {
        Source::Msix(i) => i >= sizes.msix,
        Source::Device(i) => i >= sizes.device,
        Source::Host(i) => i >= shadow.host_slots || shadow.host_enabled.certainly(shadow.flushed, |on| !on),
        Source::Event(i) => i > 64,
        Source::Msi(_) | Source::VfMsix { .. } | Source::VfDevice { .. } => false,
    }
}

/// IMS slots, on the device or in host memory.
fn is_ims(s: Source) -> bool {
    matches!(s, Source::Device(_) | Source::Host(_) | Source::VfDevice { .. })
}

/// Writes up to this number are in force for a source's message: those to host memory never by themselves.
fn in_force(s: Source, shadow: &Shadow) -> u64 {
    if matches!(s, Source::Host(_)) { 0 } else { shadow.flushed }
}

/// Whether a message may carry this content now.
pub(crate) fn allowed(s: Source, address: u64, data: u32, shadow: &mut Shadow) -> bool {
    let flushed = in_force(s, shadow);
    let fits = |c: &Content| !c.mask && c.address == address && c.data == data;
    shadow.entries.entry(s).perhaps(flushed, fits)
}
