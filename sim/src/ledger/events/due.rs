// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What must have fired by now.

use super::{EventBook, MICROSECOND, SCAN, VECTORS, WAIT};
use crate::finding::{Finding, Kind};
use crate::shadow::{Mode, Shadow};
use tlp::Tick;

impl EventBook {
    /// When a vector must have fired: by its certain events under its certain setting.
    pub(super) fn owed(&mut self, v: usize, now: Tick, shadow: &mut Shadow) -> Option<Tick> {
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
            self.doubt_unseen(v, now, shadow);
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

    /// What is overdue when a test has been calm for its bound.
    pub fn judge(&mut self, now: Tick) {
        self.intx.judge(now, &mut self.findings);
    }
}
