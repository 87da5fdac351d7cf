// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whether a coalescer may have fired, and which events a firing answers.

use super::{COUNTING, Counted, EventBook, MICROSECOND, VECTORS, WAIT};
use crate::shadow::{Mode, Shadow};
use std::collections::VecDeque;
use tlp::Tick;

/// A firing as the ledger wants to know it.
#[derive(Clone)]
pub struct Firing {
    /// What is wrong with it: name of the check and text.
    pub wrong: Option<(&'static str, String)>,
    /// For each event that it answers, how many of it had come.
    pub answers: Vec<(u32, u64)>,
}

impl EventBook {
    /// Whether the endpoint test registers were asked for this MSI vector; they are asked no more.
    fn test_raises(&mut self, v: u32, folds: &[u32]) -> bool {
        let asked = self.tests.1.iter().position(|k| *k == v || folds.iter().any(|n| k % n == v));
        asked.map(|i| self.tests.1.remove(i)).is_some()
    }

    /// Whether a raise of MSI-X vector `v` that somebody asked for may as well be a firing. If so, nothing of what
    /// waits there is certain any more.
    pub fn perhaps_fired(&mut self, now: Tick, v: u32, shadow: &mut Shadow) -> bool {
        self.follow(now, shadow);
        let stranded: Vec<usize> = (0..VECTORS).filter(|w| v == 0 && self.stranded(*w)).collect();
        // The one that hands over from INTx may be it, too, also while the mode is changing.
        let handed = self.hands_over();
        let mut some = v == 0 && (handed | self.owed_by_intx.take().is_some());
        self.handed |= v == 0 && handed && self.mode.is_none();
        for (w, book) in self.vectors.iter_mut().enumerate() {
            if (w == v as usize || stranded.contains(&w)) && !book.waiting.is_empty() {
                some = true;
                book.waiting.iter_mut().for_each(|c| c.sure = false);
            }
        }
        some
    }

    /// Whether a firing of vector 0 may be the one that hands over from INTx.
    fn hands_over(&self) -> bool {
        self.credit || self.mode.is_none() && self.before == Mode::Intx && !self.intx.certainly_clear()
    }

    /// Settings of a vector that may be in force.
    pub(super) fn settings(&mut self, v: usize, now: Tick, shadow: &mut Shadow) -> Vec<(u32, u32)> {
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

    /// In INTx mode a firing need not show. Once an event that is not certain may have made the vector fire, nothing
    /// of what waits there is certain: the count may have begun anew at any of them.
    pub(super) fn doubt_unseen(&mut self, v: usize, now: Tick, shadow: &mut Shadow) {
        if matches!(self.mode, Some(Mode::Msi | Mode::Msix)) {
            return;
        }
        let settings = self.settings(v, now, shadow);
        let waiting = &mut self.vectors[v].waiting;
        let sure = waiting.iter().filter(|c| c.sure).count();
        let Some(first) = waiting.front().filter(|_| sure > 0 && sure < waiting.len()).copied() else { return };
        let perhaps = |(frames, usec): (u32, u32)| {
            let counted = frames > 1 && waiting.len() >= frames as usize && sure < frames as usize;
            let late = usec > 0 && !first.sure && now >= first.tick + Tick::from(usec) * MICROSECOND;
            counted || late
        };
        if settings.into_iter().any(perhaps) {
            waiting.iter_mut().for_each(|c| c.sure = false);
        }
    }

    /// Whether what waits for a vector may have fired onto vector 0: it was counted when there may have been so few.
    fn stranded(&self, v: usize) -> bool {
        let Some(first) = self.vectors[v].waiting.front().filter(|_| v > 0) else { return false };
        self.of_late.iter().any(|(n, until)| v as u32 >= *n && first.tick <= *until)
    }

    /// Whether a vector may fire now, by its count or its time.
    pub(super) fn may_fire(&mut self, v: usize, now: Tick, shadow: &mut Shadow) -> bool {
        let settings = self.settings(v, now, shadow);
        let book = &self.vectors[v];
        if book.waiting.is_empty() {
            return false;
        }
        self.stranded(v) || settings.into_iter().any(|setting| book.is_due(setting, now))
    }

    /// Takes out what a firing at `now` answers.
    pub(super) fn answer(&mut self, v: usize, now: Tick, shadow: &mut Shadow) -> Vec<(u32, u64)> {
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
        let shows = |w: usize| w == v as usize || folds.iter().any(|n| w as u32 % n == v) || v == 0 && self.stranded(w);
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
                    // Other vectors that are, or may be, no longer granted, or were not for a moment, may have fired onto
                    // it at the same time.
                    let others: Vec<usize> = (0..VECTORS).filter(|w| self.stranded(*w)).collect();
                    for other in others {
                        self.vectors[other].waiting.iter_mut().for_each(|c| c.sure = false);
                    }
                    // Whatever was owed by INTx is one with this firing.
                    self.owed_by_intx = None;
                    self.handed |= self.mode.is_none();
                }
                return Firing { wrong: None, answers };
            }
        }
        if v == 0 && self.hands_over() {
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
}
