// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Events up to the interrupt that they become: coalescing, sharing of vectors, hand-over between modes, INTx.
//!
//! The device shows an event when it takes it and a firing when its interrupt is
//! raised. The book counts the events of every vector by the data sheet's rule and says when a
//! firing is due and when it comes without reason. Where software is changing what the rule depends on, both
//! readings are possible: then only what neither allows is a finding, and an event must still lead
//! to some firing.

mod intx;
mod status;

pub use intx::Level;

use crate::finding::{Finding, Kind};
use crate::shadow::{Mode, Shadow};
use intx::Intx;
use status::Status;
use std::collections::VecDeque;
use tlp::Tick;

/// Event of the device itself.
pub const MISC: u32 = 64;
/// Vectors, each with a coalescer.
const VECTORS: usize = 65;
/// Cycles in a microsecond.
const MICROSECOND: Tick = 250;
/// The scanner comes to every coalescer within so many cycles.
const SCAN: Tick = 128;
/// Cycles that a firing may wait for the interrupt core.
const WAIT: Tick = 1024;
/// Cycles between an event and its being counted.
const COUNTING: Tick = 16;
/// Events that are kept of one vector; a coalescer counts to 255.
const MOST: usize = 1024;

/// An event that waits for its vector to fire.
#[derive(Clone, Copy, Debug)]
struct Counted {
    tick: Tick,
    /// Nothing can have answered it yet.
    sure: bool,
    event: u32,
    /// The how many'th of this event.
    ordinal: u64,
}

/// One vector.
#[derive(Clone, Default)]
struct Vector {
    waiting: VecDeque<Counted>,
    /// Frames and microseconds as last certain, and since when.
    setting: (u32, u32),
    since: Tick,
    /// What they were before.
    before: (u32, u32),
}

impl Vector {
    /// Whether what waits makes it fire under this setting.
    fn is_due(&self, (frames, usec): (u32, u32), now: Tick) -> bool {
        let Some(first) = self.waiting.front() else { return false };
        frames <= 1 && usec == 0
            || frames > 0 && self.waiting.len() >= frames as usize
            || usec > 0 && now >= first.tick + Tick::from(usec) * MICROSECOND
    }
}

/// A firing as the ledger wants to know it.
#[derive(Clone)]
pub struct Firing {
    /// What is wrong with it: name of the check and text.
    pub wrong: Option<(&'static str, String)>,
    /// For each event that it answers, how many of it had come.
    pub answers: Vec<(u32, u64)>,
}

/// The book.
#[derive(Clone)]
pub struct EventBook {
    vectors: Vec<Vector>,
    seen: [u64; VECTORS],
    /// Events that came while it was open to which vector they belong.
    straddling: Vec<(Tick, u128)>,
    status: Status,
    /// INTx.
    pub intx: Intx,
    /// Mode as last certain; `None` while it changes.
    mode: Option<Mode>,
    before: Mode,
    /// Vectors in use as last certain, and since when.
    spread: (u32, Tick),
    /// Vector 0 may fire once (or, since this tick, must) because INTx handed over.
    credit: bool,
    owed_by_intx: Option<Tick>,
    /// It did while the mode was changing.
    handed: bool,
    /// An error of an interrupt may have been recorded.
    errors: bool,
    /// Interrupt handles may have been revoked.
    revoked: bool,
    /// What the endpoint test registers were asked to raise and have not: INTx, and MSI vectors.
    tests: (u32, Vec<u32>),
    /// Firings judged, for the report.
    pub looked: u64,
    /// Findings since they were last taken.
    pub findings: Vec<Finding>,
}

impl Default for EventBook {
    fn default() -> Self {
        Self {
            vectors: (0..VECTORS).map(|_| Vector::default()).collect(),
            seen: [0; VECTORS],
            straddling: Vec::new(),
            status: Status::default(),
            intx: Intx::default(),
            mode: Some(Mode::Intx),
            before: Mode::Intx,
            spread: (1, 0),
            credit: false,
            owed_by_intx: None,
            handed: false,
            errors: false,
            revoked: false,
            tests: Default::default(),
            looked: 0,
            findings: Vec::new(),
        }
    }
}

/// The vector of an event where so many are granted.
fn spread(event: u32, granted: u32) -> usize {
    match granted {
        1 => 0,
        _ if event == MISC => 0,
        n => 1 + (event % (n - 1)) as usize,
    }
}

/// Numbers of vectors that may be in use.
fn granted(shadow: &mut Shadow) -> Vec<u32> {
    let f = shadow.flushed;
    let sizes = shadow.entries.sizes().msix;
    let mut all = Vec::new();
    for mode in shadow.config.modes(f) {
        let some = match mode {
            Mode::Intx => vec![1],
            Mode::Msi => shadow.config.msi.all(f, |m| m.granted()),
            Mode::Msix => shadow.event_vectors.all(f, |n| (*n).clamp(1, VECTORS as u32).min(sizes)),
        };
        all.extend(some.into_iter().filter(|n| !all.contains(n)).collect::<Vec<_>>());
    }
    all
}

impl EventBook {
    /// A reset of the device. Only a conventional one makes it forget what it sent of INTx.
    pub fn reset(&mut self, conventional: bool, now: Tick) {
        let intx = std::mem::take(&mut self.intx);
        let (findings, looked) = (std::mem::take(&mut self.findings), self.looked);
        *self = Self { findings, looked, spread: (1, now), ..Self::default() };
        if !conventional {
            self.intx = intx.after_function_reset();
        }
    }

    /// An error of an interrupt may have been recorded: from now on `ev_misc` is open.
    pub fn error_possible(&mut self) {
        self.errors = true;
        self.status.error_possible();
    }

    /// Software revokes all interrupt handles: the device's own event may come.
    pub fn revoke_possible(&mut self) {
        self.revoked = true;
        self.status.revoke_possible();
    }

    /// Software gives the endpoint test registers a command that ends with this interrupt.
    pub fn test_possible(&mut self, kind: u32, number: u32) {
        match (kind, number) {
            (0, _) => self.tests.0 += 1,
            (1, 1..) => self.tests.1.push((number - 1).min(0xf_ffff) & 31),
            _ => {}
        }
    }

    /// Whether the endpoint test registers were asked for this MSI vector; they are asked no more.
    fn test_raises(&mut self, v: u32, folds: &[u32]) -> bool {
        let asked = self.tests.1.iter().position(|k| *k == v || folds.iter().any(|n| k % n == v));
        asked.map(|i| self.tests.1.remove(i)).is_some()
    }

    /// Whether the device may raise event 64 by itself.
    pub fn may_raise_misc(&self, shadow: &mut Shadow) -> bool {
        let f = shadow.flushed;
        self.revoked || self.errors && shadow.errors_raise.perhaps(f, |on| *on)
    }

    /// Software clears status bits by packet number `seq`.
    pub fn clear(&mut self, seq: u64, now: Tick, bits: u128) {
        self.status.clear(seq, now, bits);
        if !self.status.some_certain() {
            self.intx.doubt();
            // Neither is the latch set by an event that came so shortly before that it has not been counted.
            if self.mode != Some(Mode::Msi) && self.mode != Some(Mode::Msix) {
                let fresh = self.vectors.iter_mut().flat_map(|v| &mut v.waiting);
                fresh.filter(|c| c.tick + WAIT >= now).for_each(|c| c.sure = false);
                self.straddling.clear();
            }
        }
    }

    /// Whether a raise of MSI-X vector `v` that somebody asked for may as well be a firing. If so, nothing of what
    /// waits there is certain any more.
    pub fn perhaps_fired(&mut self, v: u32) -> bool {
        let stranded = |w: usize| v == 0 && w as u32 >= self.spread.0;
        // The one that hands over from INTx may be it, too.
        let mut some = v == 0 && (self.credit | self.owed_by_intx.take().is_some());
        for (w, book) in self.vectors.iter_mut().enumerate() {
            if (w == v as usize || stranded(w)) && !book.waiting.is_empty() {
                some = true;
                book.waiting.iter_mut().for_each(|c| c.sure = false);
            }
        }
        some
    }

    /// An event was taken; `by_itself`: the device's own, which sets no bit of its own.
    pub fn event(&mut self, tick: Tick, event: u32, by_itself: bool, shadow: &mut Shadow) {
        self.follow(tick, shadow);
        if !by_itself {
            self.status.set(tick, event);
        }
        let ordinal = &mut self.seen[event as usize];
        *ordinal += 1;
        let ordinal = *ordinal;
        let vectors: u128 = granted(shadow).into_iter().fold(0, |set, n| set | 1 << spread(event, n));
        // In INTx mode a firing that finds no status bit set leads to nothing: a clear may be under way.
        let wire = self.mode == Some(Mode::Intx) && (self.intx.latched() || !self.status.some_certain());
        let sure = vectors.is_power_of_two() && self.mode.is_some() && !wire;
        if !vectors.is_power_of_two() && self.status.some_certain() {
            self.straddling.push((tick, vectors));
        }
        for v in (0..VECTORS).filter(|v| vectors >> v & 1 == 1) {
            self.settings(v, tick, shadow);
            let waiting = &mut self.vectors[v].waiting;
            waiting.push_back(Counted { tick, sure, event, ordinal });
            if waiting.len() > MOST {
                waiting.pop_front();
            }
        }
    }

    /// Settings of a vector that may be in force.
    fn settings(&mut self, v: usize, now: Tick, shadow: &mut Shadow) -> Vec<(u32, u32)> {
        let f = shadow.flushed;
        let mut all = shadow.coalescing[v].all(f, |c| *c);
        let book = &mut self.vectors[v];
        if all.len() > 1 {
            book.since = now;
        } else if all[0] != book.setting {
            (book.before, book.setting, book.since) = (book.setting, all[0], now);
            // In INTx mode nothing shows a firing while Interrupt Disable is set.
            if self.mode != Some(Mode::Msi) && self.mode != Some(Mode::Msix) && book.is_due(book.before, now) {
                self.intx.perhaps_set();
            }
        }
        let book = &self.vectors[v];
        // A firing decided under the old setting may still be on its way.
        let older = book.waiting.front().is_some_and(|c| c.tick < book.since);
        if older && now < book.since + WAIT && !all.contains(&book.before) {
            all.push(book.before);
        }
        all
    }

    /// Whether a vector may fire now, by its count or its time.
    fn may_fire(&mut self, v: usize, now: Tick, shadow: &mut Shadow) -> bool {
        let settings = self.settings(v, now, shadow);
        let book = &self.vectors[v];
        if book.waiting.is_empty() {
            return false;
        }
        let stranded = granted(shadow).into_iter().any(|n| v as u32 >= n) || now < self.spread.1 + WAIT;
        (stranded && v > 0) || settings.into_iter().any(|setting| book.is_due(setting, now))
    }

    /// Takes out what a firing at `now` answers.
    fn answer(&mut self, v: usize, now: Tick, shadow: &mut Shadow) -> Vec<(u32, u64)> {
        let settings = self.settings(v, now, shadow);
        let book = &mut self.vectors[v];
        let waiting = &mut book.waiting;
        let sure = waiting.iter().filter(|c| c.sure).count();
        let mut answered = Vec::new();
        let mut take = |waiting: &mut VecDeque<Counted>| {
            answered.extend(waiting.pop_front().map(|c| (c.event, c.ordinal)));
        };
        match settings[..] {
            // Each event fires; firings that wait are one.
            [(n, 0)] if n <= 1 => {
                take(waiting);
                while waiting.front().is_some_and(|c| c.tick + COUNTING < now) {
                    take(waiting);
                }
                waiting.iter_mut().for_each(|c| c.sure = false);
            }
            [(n, 0)] => {
                let n = n as usize;
                (0..n).for_each(|_| take(waiting));
                // Further full counts before the firing was taken were one with it.
                while waiting.len() >= n && waiting[n - 1].tick + COUNTING < now {
                    (0..n).for_each(|_| take(waiting));
                }
                let left = sure.saturating_sub(n);
                let doubtful = waiting.len().saturating_sub(left);
                let doubtful = if waiting.len() >= n { waiting.len() } else { doubtful };
                waiting.iter_mut().take(doubtful).for_each(|c| c.sure = false);
            }
            _ => {
                take(waiting);
                while waiting.front().is_some_and(|c| c.tick + WAIT < now) {
                    take(waiting);
                }
                waiting.iter_mut().for_each(|c| c.sure = false);
            }
        }
        self.straddling.retain(|(tick, set)| *tick > now || set >> v & 1 == 0);
        answered
    }

    /// Vector `v` was raised in a mode: some coalescer has fired.
    pub fn fired(&mut self, now: Tick, v: u32, mode: Mode, shadow: &mut Shadow) -> Firing {
        self.follow(now, shadow);
        self.looked += 1;
        let f = shadow.flushed;
        let folds = if mode == Mode::Msi { shadow.config.msi.all(f, |m| m.granted()) } else { vec![] };
        let shows = |w: usize| w == v as usize || folds.iter().any(|n| w as u32 % n == v) || v == 0 && w > 0;
        let candidates: Vec<usize> =
            (0..VECTORS).filter(|w| shows(*w) && !self.vectors[*w].waiting.is_empty()).collect();
        // Its own vector first; another's only where it may be stranded or folded.
        // From INTx a firing of vector 0 may be the one that hands over, and then clears the count whatever it was.
        let changing = v == 0 && (self.credit || self.mode.is_none() && self.before == Mode::Intx);
        let own = candidates.iter().copied().filter(|w| *w == v as usize);
        let others = candidates.iter().copied().filter(|w| *w != v as usize);
        for w in own.chain(others).collect::<Vec<_>>() {
            if self.may_fire(w, now, shadow) {
                // One that hands over, or another's that came onto vector 0 in that moment: then nothing is answered for
                // certain, and what waits may fire yet.
                let open = changing && w != 0;
                let answers = if open { Vec::new() } else { self.answer(w, now, shadow) };
                if changing {
                    for k in [w, 0] {
                        self.vectors[k].waiting.iter_mut().for_each(|c| c.sure = false);
                    }
                }
                if v == 0 {
                    // Other vectors that are, or may be, no longer granted may have fired onto it at the same time.
                    let fewest = granted(shadow).into_iter().fold(self.spread.0, u32::min) as usize;
                    for other in self.vectors.iter_mut().skip(fewest.max(1)) {
                        other.waiting.iter_mut().for_each(|c| c.sure = false);
                    }
                    // Whatever was owed by INTx is one with this firing.
                    self.owed_by_intx = None;
                    self.handed |= self.mode.is_none();
                }
                return Firing { wrong: None, answers };
            }
        }
        let handed = self.credit || self.mode.is_none() && self.before == Mode::Intx && !self.intx.certainly_clear();
        if v == 0 && handed {
            (self.credit, self.owed_by_intx) = (false, None);
            self.handed |= self.mode.is_none();
            let answers = self.answer(0, now, shadow);
            return Firing { wrong: None, answers };
        }
        if mode == Mode::Msi && self.test_raises(v, &folds) {
            return Firing { wrong: None, answers: Vec::new() };
        }
        let wrong = match candidates.first() {
            Some(w) => {
                let n = self.vectors[*w].waiting.len();
                let text = format!("vector {v} is raised after {n} event(s) of it, before its count or time has come");
                ("coalescer_fired_early", text)
            }
            None => ("firing_without_event", format!("vector {v} is raised, no event of it waits")),
        };
        Firing { wrong: Some(wrong), answers: Vec::new() }
    }

    /// When a vector must have fired: by its certain events under its certain setting.
    fn owed(&mut self, v: usize, now: Tick, shadow: &mut Shadow) -> Option<Tick> {
        let f = shadow.flushed;
        self.settings(v, now, shadow);
        let spread = self.spread;
        let book = &self.vectors[v];
        if shadow.coalescing[v].all(f, |c| *c).len() > 1 {
            return None;
        }
        let (n, usec) = book.setting;
        let mut sure = book.waiting.iter().filter(|c| c.sure);
        let first = sure.clone().next()?.tick;
        let stranded = (v as u32 >= spread.0).then_some(first.max(spread.1) + SCAN);
        let at_once = (n <= 1 && usec == 0 || n == 1).then_some(first);
        let count = if n > 1 { sure.nth(n as usize - 1).map(|c| c.tick) } else { None };
        let time = (usec > 0).then_some(first + Tick::from(usec) * MICROSECOND + SCAN);
        let owed = [stranded, at_once, count, time].into_iter().flatten().min()?;
        Some(if owed < book.since { book.since + SCAN } else { owed })
    }

    /// Follows what software does to mode and sharing.
    fn follow(&mut self, now: Tick, shadow: &mut Shadow) {
        let flushed = shadow.flushed;
        self.status.flush(flushed);
        if self.status.certainly_empty() {
            self.intx.clear();
        }
        let all = granted(shadow);
        if all.len() > 1 {
            self.spread.1 = now;
        } else if all[0] != self.spread.0 {
            self.spread = (all[0], now);
        }
        let modes = shadow.config.modes(flushed);
        match (&modes[..], self.mode) {
            ([new], Some(old)) if *new == old => {}
            ([new], old) => {
                self.mode = Some(*new);
                self.changed(old.unwrap_or(self.before), *new, now, shadow);
            }
            (_, Some(old)) => {
                (self.before, self.mode, self.handed) = (old, None, false);
                self.intx.remember(self.status.some_certain());
            }
            (_, None) => {}
        }
        self.intx.judge_wire(self.mode, shadow);
    }

    /// The mode has changed for certain.
    fn changed(&mut self, old: Mode, new: Mode, now: Tick, shadow: &mut Shadow) {
        match (old, new) {
            (Mode::Intx, Mode::Msi | Mode::Msix) => {
                let ripe = (0..VECTORS).any(|v| self.may_fire(v, now, shadow));
                self.credit = !self.handed && (!self.intx.certainly_clear() || ripe);
                let must = !self.handed && self.intx.latched_before() && self.status.some_certain();
                self.owed_by_intx = must.then_some(now);
                self.intx.clear();
                // The firing that hands over resets the count of vector 0.
                if self.credit {
                    self.vectors[0].waiting.iter_mut().for_each(|c| c.sure = false);
                }
            }
            (Mode::Msi | Mode::Msix, Mode::Intx) => {
                let possible = self.status.some_certain() || !self.status.certainly_empty();
                self.intx.handed_over(possible);
            }
            _ => {}
        }
    }

    /// Looks at what is due; called as time passes.
    pub fn watch(&mut self, now: Tick, shadow: &mut Shadow) {
        if shadow.resetting {
            self.intx.judge_wire(None, shadow);
            return;
        }
        self.follow(now, shadow);
        for v in 0..VECTORS {
            if self.vectors[v].waiting.is_empty() {
                continue;
            }
            let Some(owed) = self.owed(v, now, shadow).filter(|owed| now > owed + WAIT) else { continue };
            match self.mode {
                None => {}
                Some(Mode::Intx) => {
                    // Whether it fired shows on the wire, or in Interrupt Status.
                    self.intx.must_be_latched(self.status.some_certain());
                    self.vectors[v].waiting.iter_mut().for_each(|c| c.sure = false);
                }
                Some(_) => {
                    let first = self.vectors[v].waiting.front().map_or(0, |c| c.tick);
                    let n = self.vectors[v].waiting.len();
                    self.vectors[v].waiting.clear();
                    let text = format!(
                        "{n} event(s) of vector {v} since tick {first}: it had to fire by tick {owed} and has not {WAIT} cycles later"
                    );
                    self.findings.push(Finding { check: "event_never_fired", kind: Kind::Liveness, tick: now, text });
                }
            }
        }
        if let Some(since) = self.owed_by_intx.filter(|since| now > since + WAIT) {
            self.owed_by_intx = None;
            let text = format!("INTx was pending when the mode changed at tick {since}; vector 0 has not fired for it");
            self.findings.push(Finding { check: "event_never_fired", kind: Kind::Liveness, tick: now, text });
        }
        self.watch_straddling(now, shadow);
    }

    /// Events that came while their vector was open must have led to something.
    fn watch_straddling(&mut self, now: Tick, shadow: &mut Shadow) {
        let due: Vec<(Tick, u128)> = self.straddling.extract_if(.., |(tick, _)| now > *tick + 4 * WAIT).collect();
        for (tick, set) in due {
            let mut at_once =
                |s: &mut Self, v: usize| s.settings(v, now, shadow).iter().all(|(n, usec)| *n <= 1 && *usec == 0);
            let every = (0..VECTORS).filter(|v| set >> v & 1 == 1).collect::<Vec<_>>();
            let certain = every.into_iter().all(|v| at_once(self, v));
            if certain && self.mode.is_some() && !self.intx.perhaps_latched() {
                let text = format!("the event at tick {tick}, while the mode changed, has led to no interrupt");
                self.findings.push(Finding { check: "event_never_fired", kind: Kind::Liveness, tick: now, text });
            }
        }
    }

    /// Whether nothing is due any more.
    pub fn is_quiet(&mut self, now: Tick, shadow: &mut Shadow) -> bool {
        if shadow.resetting {
            return false;
        }
        self.follow(now, shadow);
        self.owed_by_intx.is_none()
            && self.straddling.is_empty()
            && self.intx.settled()
            && (0..VECTORS).all(|v| self.vectors[v].waiting.is_empty() || self.owed(v, now, shadow).is_none())
    }

    /// The device shows a change of its INTx wire.
    pub fn wire(&mut self, now: Tick, level: bool, shadow: &mut Shadow) {
        self.follow(now, shadow);
        self.looked += 1;
        if level && self.mode.is_none() && self.before != Mode::Intx && !self.status.certainly_empty() {
            // Status that another mode left asserts INTA at once.
            self.intx.doubt();
            self.intx.judge_wire(None, shadow);
        }
        let latch_open = level && self.intx.certainly_clear();
        if latch_open && self.mode != Some(Mode::Msi) && self.mode != Some(Mode::Msix) {
            let ready = (0..VECTORS).find(|v| self.may_fire(*v, now, shadow));
            if let Some(v) = ready {
                self.answer(v, now, shadow);
                self.intx.doubt();
                self.intx.judge_wire(self.mode, shadow);
            }
        }
        if level {
            self.straddling.clear();
        }
        // The endpoint test registers assert it beside the latch, for a while.
        let tested = level && self.tests.0 > 0 && self.mode != Some(Mode::Msi) && self.mode != Some(Mode::Msix);
        self.tests.0 -= u32::from(tested);
        self.intx.committed(now, level, tested, self.status.some_certain(), &mut self.findings);
    }

    /// What is overdue when a test has been calm for its bound.
    pub fn judge(&mut self, now: Tick) {
        self.intx.judge(now, &mut self.findings);
    }
}
