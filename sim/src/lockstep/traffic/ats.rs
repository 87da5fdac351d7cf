// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Slots in host memory behind address translation: pages asked for, held, replaced,
//! refused; invalidations with nothing under way, with reads outstanding, more than may wait,
//! with reads that cannot leave; translation and the store switched on and off.
//!
//! An invalidation makes the device read anew what it still owes, so what follows it is
//! determined when it finds at most half of all fetches in use, or nothing owed. Within one
//! map (a seed) ranges do not overlap in part, so it does not matter who asked first.

use super::store::{CONTROL, enable, look, slots_on};
use super::{CALM, Gen, ID, LONG, raise, withdraw};
use crate::lockstep::PARAMS;
use crate::lockstep::act::{Act, Grant, How};
use crate::lockstep::packets::{self, REQUESTER};
use crate::lockstep::serve::{held, order};
use rand::RngExt;
use std::collections::BTreeSet;
use tlp::Store;
use vectors::regs;

/// Translations that a device holds.
const HELD: u32 = 16;
/// Invalidate Requests that may wait.
const WAIT: u32 = 4;
/// Slots of a page.
const PER_PAGE: u32 = 256;

/// The store while translation is on.
struct Translated {
    /// Page of the first slot.
    first: u64,
    /// Pages with slots in them.
    pages: u32,
    /// Where everything lies, until all is forgotten.
    map: u64,
    /// Nothing has been asked for under this map.
    fresh: bool,
    /// No two of the slots drawn last lie in one page. Which of two asks first is open, so a wrong answer would be
    /// recorded as the error of either.
    lonely: bool,
}

/// An Invalidate Request of anybody, for any range.
pub fn request(g: &mut Gen) -> Act {
    let requester = if g.one_in(2) { REQUESTER } else { g.below(0x1_0000) };
    // Three upper bits of the tag say nothing.
    let tag = g.below(256);
    let range = [!0xfff | 0x801, g.rng.random(), g.rng.random::<u64>() & !0xfff][g.below(3) as usize];
    Act::Down(packets::invalidate(ID, requester, tag, range))
}

impl Translated {
    /// Store and translation are switched on, in either order.
    fn on(g: &mut Gen, acts: &mut Vec<Act>) -> Self {
        let pages = PARAMS.num_host_slots / PER_PAGE;
        // Now and then across 4 GiB: there the form of the headers changes.
        let base = match g.below(4) {
            0 => [0xffff_8000, 0],
            1 => [g.rng.random::<u32>() & 0x7fff_f000 | 0x1000, 0],
            _ => [g.rng.random::<u32>() & 0x7fff_f000, g.rng.random::<u32>() | 1],
        };
        let size = [PARAMS.num_host_slots, 1 + g.below(PARAMS.num_host_slots)][g.below(2) as usize];
        let early = g.one_in(2);
        if early {
            acts.extend([enable(g, true), Act::Quiet(LONG)]);
        }
        acts.push(g.set(0, regs::HS_BASE_LO, &base));
        acts.push(g.set(0, regs::HS_SIZE, &[size]));
        acts.push(g.set(0, regs::HS_CTRL, &[1]));
        acts.push(Act::Quiet(LONG));
        if !early {
            acts.extend([enable(g, true), Act::Quiet(LONG)]);
        }
        let first = u64::from(base[1]) << 20 | u64::from(base[0] >> 12);
        Self { first, pages: size.div_ceil(PER_PAGE).min(pages), map: g.rng.random(), fresh: true, lonely: false }
    }

    /// All translations have been forgotten: everything may lie elsewhere.
    fn forgotten(&mut self, g: &mut Gen) {
        self.map = g.rng.random();
        self.fresh = true;
    }

    /// Slots on lines of their own, within a few pages.
    fn some(&mut self, g: &mut Gen, most: u32) -> Vec<u32> {
        let few = 1 + g.below(self.pages);
        let pages = g.some(few, self.pages);
        let mut list: Vec<u32> = slots_on(g, most)
            .into_iter()
            .map(|line| pages[g.below(pages.len() as u32) as usize] * PER_PAGE + line)
            .collect();
        let mut taken = BTreeSet::new();
        if g.one_in(2) {
            list.retain(|k| taken.insert(k / PER_PAGE));
            self.lonely = true;
        } else {
            self.lonely = list.iter().all(|k| taken.insert(k / PER_PAGE));
        }
        list
    }

    fn serve(&self, g: &mut Gen, odd: u32) -> [Act; 2] {
        let odd = if self.lonely && g.one_in(2) { odd } else { 0 };
        [Act::Serve { seed: self.map, odd }, Act::Quiet(LONG)]
    }

    /// Causes; answers; causes again, for what is held now.
    fn fetches(&mut self, g: &mut Gen, acts: &mut Vec<Act>) {
        // More than can be fetched at a time only where each page is asked for by itself and none is forgotten.
        let many = self.fresh && order(self.map) == 0 && g.one_in(2);
        let list = self.some(g, if many { HELD } else { PARAMS.max_fetches });
        acts.extend(list.iter().map(|&k| raise(Store::Host, k)));
        acts.push(Act::Quiet(LONG));
        let odd = if g.one_in(2) { 3 } else { 0 };
        acts.extend(self.serve(g, odd));
        acts.extend(show(g));
        acts.extend(list.iter().filter(|_| !many).map(|&k| raise(Store::Host, k)));
        acts.push(Act::Quiet(LONG));
        acts.extend(self.serve(g, 0));
        self.fresh = false;
        settle(g, &list, acts);
        if many {
            // In which turn they came to be held is open.
            acts.extend([request(g), Act::Quiet(LONG)]);
            self.forgotten(g);
        }
    }

    /// A command of the host store while slots are read by addresses that are held.
    fn command(&mut self, g: &mut Gen, acts: &mut Vec<Act>) {
        let mut list = self.some(g, PARAMS.max_fetches / 2);
        list.retain(|&k| held(self.map, self.first + u64::from(k / PER_PAGE)));
        // None may be parked, or its page would be asked for when it is no more.
        super::store::invalidate(g, acts, 0, 20);
        for odd in [0, 3] {
            acts.extend(list.iter().map(|&k| raise(Store::Host, k)));
            acts.push(Act::Quiet(LONG));
            if odd != 0 {
                super::store::invalidate(g, acts, list.first().copied().unwrap_or(0), 20);
            }
            acts.extend(self.serve(g, odd));
            if odd == 0 {
                // The slots go, the pages stay.
                super::store::invalidate(g, acts, 0, 20);
            }
        }
        self.fresh = false;
        settle(g, &list, acts);
    }

    /// One invalidation while reads are outstanding: its completion waits for them, and
    /// what is still owed is read anew.
    fn struck(&mut self, g: &mut Gen, acts: &mut Vec<Act>) {
        let list = self.some(g, PARAMS.max_fetches / 2);
        acts.extend(list.iter().map(|&k| raise(Store::Host, k)));
        acts.extend([Act::Quiet(LONG), request(g), Act::Quiet(LONG), Act::Compare(How::Exact)]);
        self.forgotten(g);
        acts.extend(self.serve(g, 3));
        self.fresh = false;
        settle(g, &list, acts);
    }

    /// Several while the first waits for reads; beyond four they are dropped. A command of
    /// the host store among them.
    fn waiting(&mut self, g: &mut Gen, acts: &mut Vec<Act>) {
        let list = self.some(g, PARAMS.max_fetches);
        acts.extend(list.iter().map(|&k| raise(Store::Host, k)));
        acts.push(Act::Quiet(LONG));
        acts.extend(list.iter().map(|&k| withdraw(Store::Host, k)));
        acts.push(Act::Quiet(CALM));
        // Not all of them may have been read: without credits none is completed before the last has come.
        let count = 1 + g.below(2 * WAIT);
        acts.extend([Act::Credits(Grant { posted: Some(0), ..Grant::ALL }), Act::Quiet(CALM)]);
        acts.extend((0..count).map(|_| request(g)));
        acts.push(Act::Quiet(LONG));
        acts.extend(look(g));
        acts.push(Act::Compare(How::Exact));
        acts.extend([Act::Credits(Grant::ALL), Act::Quiet(LONG), Act::Compare(How::Exact)]);
        self.forgotten(g);
        acts.extend(self.serve(g, 3));
        acts.extend(show(g));
    }

    /// Up to four with nothing under way, and some that are for nobody here.
    fn idle(&mut self, g: &mut Gen, acts: &mut Vec<Act>) {
        for _ in 0..g.rng.random_range(1..=WAIT) {
            acts.push(request(g));
            if g.one_in(4) {
                acts.push(super::refused::invalidate(g));
            }
        }
        acts.push(Act::Quiet(LONG));
        self.forgotten(g);
        acts.extend(show(g));
    }

    /// Reads that cannot leave do not hold a completion up.
    fn held_back(&mut self, g: &mut Gen, acts: &mut Vec<Act>) {
        let list = self.some(g, PARAMS.max_fetches);
        let credits = g.one_in(2);
        let none = Act::Credits(Grant { reads: Some(0), ..Grant::ALL });
        acts.push(if credits { none } else { g.set_cfg(0x04, 0x3, 2) });
        acts.push(Act::Quiet(CALM));
        acts.extend(list.iter().map(|&k| raise(Store::Host, k)));
        acts.push(Act::Quiet(LONG));
        acts.extend((0..1 + g.below(WAIT)).map(|_| request(g)));
        acts.extend([Act::Quiet(LONG), Act::Compare(How::Exact)]);
        acts.push(if credits { Act::Credits(Grant::ALL) } else { g.set_cfg(0x04, 0x3, 6) });
        acts.extend([Act::Quiet(LONG), Act::Compare(How::Exact)]);
        self.forgotten(g);
        acts.extend(self.serve(g, 3));
        self.fresh = false;
        settle(g, &list, acts);
    }

    /// The store goes off while slots are asked for or read, or while their reads cannot leave, and on again.
    fn closed(&mut self, g: &mut Gen, acts: &mut Vec<Act>) {
        let list = self.some(g, PARAMS.max_fetches / 2);
        let held_back = g.one_in(2);
        if held_back {
            acts.extend([Act::Credits(Grant { reads: Some(0), ..Grant::ALL }), Act::Quiet(CALM)]);
        }
        acts.extend(list.iter().map(|&k| raise(Store::Host, k)));
        acts.extend([Act::Quiet(LONG), g.set(0, regs::HS_CTRL, &[0]), g.get(0, regs::HS_CTRL), Act::Quiet(LONG)]);
        acts.push(Act::Credits(Grant::ALL));
        acts.extend([Act::Quiet(LONG), g.cfg(0x58), Act::Quiet(CALM), Act::Compare(How::Exact)]);
        if g.one_in(2) {
            acts.extend(self.serve(g, 3));
            acts.extend(show(g));
        }
        acts.extend([g.set(0, regs::HS_CTRL, &[1]), Act::Quiet(LONG), Act::Compare(How::Exact)]);
        acts.extend(self.serve(g, 3));
        self.fresh = false;
        settle(g, &list, acts);
    }

    /// Off while slots are read, an invalidation meanwhile, on again; each forgets everything.
    fn switched(&mut self, g: &mut Gen, acts: &mut Vec<Act>) {
        for on in [false, true] {
            let list = self.some(g, PARAMS.max_fetches / 2);
            acts.extend(list.iter().map(|&k| raise(Store::Host, k)));
            acts.extend([Act::Quiet(LONG), enable(g, on), g.cfg(CONTROL), Act::Quiet(LONG)]);
            if g.one_in(2) {
                // The unit cannot be changed while translation is on; nor is a write of the same value a change.
                acts.extend([enable(g, on), g.cfg(CONTROL), Act::Quiet(LONG)]);
            }
            // With translation off a request drops nothing; on, what is owed would be read once more.
            if !on && g.one_in(2) {
                acts.extend([request(g), Act::Quiet(LONG)]);
            }
            acts.push(Act::Compare(How::Exact));
            self.forgotten(g);
            acts.extend(self.serve(g, 3));
            self.fresh = false;
            settle(g, &list, acts);
        }
    }
}

/// Everything that a reader of the device sees.
fn show(g: &mut Gen) -> Vec<Act> {
    let mut acts = look(g);
    acts.extend([g.get(0, regs::STAT_FETCH), Act::Quiet(CALM), Act::Compare(How::Exact)]);
    acts
}

/// What a masked or failed slot has left pending goes.
fn settle(g: &mut Gen, list: &[u32], acts: &mut Vec<Act>) {
    acts.extend(show(g));
    acts.extend(list.iter().map(|&k| withdraw(Store::Host, k)));
    acts.extend([Act::Quiet(CALM), g.set(0, regs::IRQ_ERR, &[1]), Act::Quiet(CALM)]);
}

pub fn make(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    let mut store = Translated::on(g, &mut acts);
    for _ in 0..g.rng.random_range(1..6) {
        match g.below(11) {
            0..=2 => store.fetches(g, &mut acts),
            3 => store.command(g, &mut acts),
            4 | 5 => store.struck(g, &mut acts),
            6 => store.waiting(g, &mut acts),
            7 => store.idle(g, &mut acts),
            8 => store.held_back(g, &mut acts),
            9 => store.closed(g, &mut acts),
            _ => store.switched(g, &mut acts),
        }
    }
    let off = enable(g, false);
    acts.extend([g.set(0, regs::HS_CTRL, &[0]), Act::Quiet(LONG), off, Act::Quiet(LONG)]);
    acts.extend(show(g));
    acts
}
