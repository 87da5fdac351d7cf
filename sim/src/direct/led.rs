// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Sequences that lead to holes: one shape, and one attempt behind the other for as many holes as fit.

use super::draw::{empty, ending};
use super::levers::{self, Turn};
use super::part::Part;
use super::race;
use super::search::Search;
use super::shape::Shape;
use super::soft::Soft;
use crate::cover::{Item, items};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Op, Vector};

/// Most steps of a led sequence: what is learned from one serves the next.
const STEPS: usize = 260;
/// Most attempts at one hole in a sequence.
const ROUNDS: usize = 6;

impl Search {
    /// A sequence that leads to holes, in the order that its effort gives them.
    pub(super) fn led(&mut self, name: String) -> (Vector, Vec<Part>) {
        let mut rng = self.stream("lead");
        let mut holes = self.holes();
        holes.shuffle(&mut rng);
        holes.sort_by_cached_key(|b| self.effort.rank(*b, items::parts(*b).0));
        if holes.is_empty() {
            return (self.random(name), Vec::new());
        }
        let all: Vec<(Item, Vec<usize>)> = holes.iter().map(|b| items::parts(*b)).collect();
        let (base, shape) = levers::shape::joint(&all);
        let shape = shape.onto(&self.setup.dut_params());
        let turn = |k: usize| match race::wanted(holes[k]) {
            Some(w) if race::is_last(&w) => Turn::Last,
            Some(_) => Turn::Any,
            None => levers::turn(all[k].0, &all[k].1),
        };
        let fits = |k: &usize| {
            let (item, v) = &all[*k];
            levers::shape::base(*item, v) == base && levers::shape::fits(*item, v, &shape)
        };
        let mut order: Vec<usize> = (0..holes.len()).filter(fits).collect();
        // What ends in a reset costs little by itself: going on from the kept state is cheaper than what follows it.
        if order.first().is_some_and(|k| matches!(turn(*k), Turn::Alone | Turn::Last)) {
            order.truncate(1);
        }
        let mut making = Making::new(name, &shape);
        let mut tries = |making: &mut Making, k: usize, search: &mut Self| {
            if !making.done.contains(&holes[k]) && !making.lead(holes[k], &holes, search, &mut rng) {
                search.effort.failed(holes[k]);
            }
        };
        let alone = order.len() == 1;
        let first = |k: &usize| turn(*k) == Turn::First || alone && turn(*k) == Turn::Alone;
        if let Some(k) = order.iter().copied().find(first) {
            tries(&mut making, k, self);
        }
        // Where few are left, each is tried several times: a sequence of its own costs more than an attempt.
        for _ in 0..ROUNDS {
            for k in order.iter().copied().filter(|k| turn(*k) == Turn::Any) {
                if making.v.steps.len() > STEPS {
                    break;
                }
                tries(&mut making, k, self);
            }
            making.done.clear();
        }
        if let Some(k) = order.iter().copied().find(|k| turn(*k) == Turn::Last) {
            tries(&mut making, k, self);
        }
        making.end()
    }
}

/// A led sequence as it grows.
struct Making {
    v: Vector,
    soft: Soft,
    parts: Vec<Part>,
    done: Vec<usize>,
}

impl Making {
    fn new(name: String, shape: &Shape) -> Self {
        let v = empty(name, shape);
        let soft = Soft::new(&v);
        let mut making = Self { v, soft, parts: Vec::new(), done: Vec::new() };
        making.put(shape.bring_up().into_iter().chain(shape.connect(0)).chain([Op::Restart]).collect());
        making
    }

    fn put(&mut self, ops: Vec<Op>) {
        let Self { v, soft, .. } = self;
        v.steps.extend(ops.into_iter().filter(|op| soft.admit(op)));
    }

    /// Adds what leads to a bin, if that is known and possible now.
    fn lead(&mut self, bin: usize, holes: &[usize], search: &Search, rng: &mut ChaCha8Rng) -> bool {
        let begin = self.v.steps.len();
        let (item, values) = items::parts(bin);
        let (bins, race) = if race::is_race(item) {
            let open: Vec<usize> = holes.iter().copied().filter(|b| !self.done.contains(b)).collect();
            let Some(lead) = race::lead(bin, &open, &self.soft, &search.timing, rng) else { return false };
            self.put(lead.stage);
            let aimed = self.v.steps.len();
            self.put(lead.aimed);
            (lead.race.bins.clone(), Some((lead.race, aimed)))
        } else {
            let Some(ops) = levers::lead(item, &values, &self.soft, rng) else { return false };
            self.put(ops);
            self.done.extend(levers::along(item, &values));
            (vec![bin], None)
        };
        self.done.extend(bins.iter().copied());
        self.parts.push(Part { item, bins, steps: begin..self.v.steps.len(), race });
        true
    }

    fn end(mut self) -> (Vector, Vec<Part>) {
        self.v.steps.extend(ending(&self.soft));
        (self.v, self.parts)
    }
}
