// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What attempts have cost and brought, and what is tried next because of it: among holes those first that were tried
//! least, then those whose item brings most for its cycles; among ways of making a sequence the one that has lately
//! brought most.

use crate::cover::Item;
use std::collections::BTreeMap;

/// Attempts after which a hole is left to the others for a while.
const PATIENCE: u32 = 24;
/// Attempts that count as the same.
const AGAIN: u32 = 2;
/// Cycles of an item of which nothing is known.
const GUESS: f64 = 150.0;

/// What attempts at an item came to.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    tried: f64,
    hit: f64,
    cycles: f64,
}

/// Effort of a search.
#[derive(Clone, Debug, Default)]
pub struct Effort {
    tried: BTreeMap<usize, u32>,
    items: BTreeMap<Item, Sum>,
}

impl Effort {
    /// An attempt at some bins of an item is over.
    pub fn note(&mut self, item: Item, bins: &[usize], hit: usize, cycles: u64) {
        for bin in bins {
            *self.tried.entry(*bin).or_default() += 1;
        }
        let s = self.items.entry(item).or_default();
        s.tried += bins.len() as f64;
        s.hit += hit as f64;
        s.cycles += cycles as f64;
    }

    /// An attempt that could not be made.
    pub fn failed(&mut self, bin: usize) {
        *self.tried.entry(bin).or_default() += 1;
    }

    /// Place of a hole among the others: smaller ones come first.
    pub fn rank(&self, bin: usize, item: Item) -> (u32, i64) {
        let n = self.tried.get(&bin).copied().unwrap_or(0);
        let round = n / AGAIN + if n > PATIENCE { 1 << 20 } else { 0 };
        let s = self.items.get(&item).copied().unwrap_or_default();
        let price = (s.cycles + GUESS) / (s.hit + 1.0);
        // Steps of a half: chance decides among equals.
        (round, (price.ln() * 2.0) as i64)
    }
}

/// A way of making a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Led to holes.
    Led,
    /// A change of a kept one.
    Mutated,
    /// Drawn.
    Drawn,
}

const WAYS: [Way; 3] = [Way::Led, Way::Drawn, Way::Mutated];
/// Share of the cycles that goes to ways that have lately brought less.
const OTHERS: f64 = 0.08;

/// Cycles over which what a way has brought fades.
const MEMORY: f64 = 80_000.0;
/// The led way is left only for one that brings so many times as much: it gets better with what it learns.
const MUCH: f64 = 3.0;

/// What one way has lately brought, for how many cycles.
#[derive(Clone, Copy, Debug, Default)]
struct Lately {
    new: f64,
    cycles: f64,
}

impl Lately {
    fn rate(self) -> f64 {
        if self.cycles == 0.0 { f64::INFINITY } else { self.new / self.cycles }
    }
}

/// What the ways have brought.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    lately: [Lately; 3],
    turn: usize,
    total: f64,
    others: f64,
}

impl Ways {
    /// The way to take. Every one is taken once; then the best, and the others with a share of the cycles.
    pub fn choose(&mut self) -> Way {
        if let Some(k) = self.lately.iter().position(|l| l.cycles == 0.0) {
            return WAYS[k];
        }
        let best = self.best();
        if self.others < OTHERS * self.total {
            self.turn += 1;
            let rest: Vec<Way> = WAYS.into_iter().filter(|w| *w != best).collect();
            return rest[self.turn % rest.len()];
        }
        best
    }

    fn best(&self) -> Way {
        let led = self.lately[0].rate() * MUCH;
        let k = (1..3).fold(0, |best, k| {
            let rate = if best == 0 { led } else { self.lately[best].rate() };
            if self.lately[k].rate() > rate { k } else { best }
        });
        WAYS[k]
    }

    /// A sequence is over: so many new bins for so many cycles.
    pub fn note(&mut self, way: Way, new: usize, cycles: u64) {
        let best = self.best();
        let cycles = cycles.max(1) as f64;
        self.total += cycles;
        if way != best {
            self.others += cycles;
        }
        let k = WAYS.iter().position(|w| *w == way).unwrap_or(0);
        let fade = (-cycles / MEMORY).exp();
        let l = &mut self.lately[k];
        *l = Lately { new: l.new * fade + new as f64, cycles: l.cycles * fade + cycles };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_brings_more_comes_first_and_what_was_tried_later() {
        let mut e = Effort::default();
        let (a, b) = (Item::cause_store, Item::up_pair);
        e.note(a, &[1], 0, 5_000);
        e.note(b, &[2], 1, 100);
        assert!(e.rank(3, b) < e.rank(4, a));
        for _ in 0..AGAIN {
            e.failed(3);
        }
        assert!(e.rank(3, b) > e.rank(4, a));
    }

    #[test]
    fn the_best_way_is_taken_and_the_others_keep_a_share() {
        let mut w = Ways::default();
        let mut taken = BTreeMap::new();
        for _ in 0..400 {
            let way = w.choose();
            *taken.entry(format!("{way:?}")).or_insert(0) += 1;
            w.note(way, if way == Way::Drawn { 50 } else { 1 }, 1_000);
        }
        assert!(taken["Drawn"] > 300 && taken.len() == 3, "{taken:?}");
        // It brings nothing any more: another one takes its place.
        for _ in 0..900 {
            let way = w.choose();
            w.note(way, usize::from(way == Way::Led), 1_000);
        }
        assert_eq!(w.best(), Way::Led);
    }
}
