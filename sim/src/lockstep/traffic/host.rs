// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Slots in host memory: fetched, answered in every way, held, invalidated.
//!
//! Slots of one episode stand on different lines, so that none evicts another and
//! the number of reads is determined; answers come in the order of addresses.

use super::store::{enable, invalidate, look, slots_on};
use super::{CALM, Gen, LONG, raise, withdraw};
use crate::lockstep::PARAMS;
use crate::lockstep::act::{Act, How};
use rand::RngExt;
use tlp::Store;
use vectors::regs;

/// Cycles of the completion time-out that `setup` chooses, and some more.
const TIMEOUT: u64 = (1 << 14) + 256;

/// Slots on lines of their own, below `size`.
fn slots(g: &mut Gen, most: u32, size: u32) -> Vec<u32> {
    let lines = PARAMS.host_cache_lines;
    slots_on(g, most)
        .into_iter()
        .map(|line| line + lines * g.below(size.div_ceil(lines)))
        .filter(|&k| k < size)
        .collect()
}

/// The store is set up and switched on; its size.
fn on(g: &mut Gen, acts: &mut Vec<Act>) -> u32 {
    let high = if g.one_in(2) { 0 } else { g.rng.random::<u32>() | 1 };
    let low = g.rng.random::<u32>() & 0x7fff_f000 | 0x1000;
    let size = [PARAMS.num_host_slots, 1 + g.below(PARAMS.num_host_slots), 64][g.below(3) as usize];
    acts.push(g.set(0, regs::HS_BASE_LO, &[low, high]));
    acts.push(g.set(0, regs::HS_SIZE, &[size]));
    let done = 0x0310_0000 + 4 * g.below(64);
    acts.push(g.set(0, regs::HS_DONE_ADDR_LO, &[done, 0]));
    acts.push(g.set(0, regs::HS_CTRL, &[1]));
    acts.push(Act::Quiet(LONG));
    size
}

pub fn make(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    if g.one_in(8) {
        // What is refused: no slots, too many, an end beyond 2^64.
        let bad =
            [[0x1000, 0, 0], [0x1000, 0, PARAMS.num_host_slots + 1], [0xffff_f000, u32::MAX, 257]][g.below(3) as usize];
        acts.push(g.set(0, regs::HS_BASE_LO, &bad));
        acts.push(g.set(0, regs::HS_CTRL, &[1]));
        acts.push(g.get(0, regs::HS_STATUS));
        acts.push(Act::Quiet(LONG));
    }
    let size = on(g, &mut acts);
    let mut touched: Vec<u32> = Vec::new();
    for _ in 0..g.rng.random_range(1..4) {
        // More than can be fetched at a time: then nothing interferes with those under way.
        let many = g.one_in(2);
        let most = if many { PARAMS.host_cache_lines } else { PARAMS.max_fetches };
        let list = slots(g, most, size);
        for &k in &list {
            acts.push(raise(Store::Host, k));
        }
        if g.one_in(4) {
            acts.push(raise(Store::Host, size + g.below(4)));
        }
        touched.extend(&list);
        acts.push(Act::Quiet(LONG));
        if !many && g.one_in(2) {
            // The answers of what is under way are not used.
            let order = g.below(9);
            invalidate(g, &mut acts, list.first().copied().unwrap_or(0), order);
        }
        let (seed, odd) = (g.rng.random(), if g.one_in(2) { 3 } else { 0 });
        acts.extend([Act::Serve { seed, odd }, Act::Quiet(LONG)]);
        // Those that are held are not read again.
        for &k in &list {
            if g.one_in(2) {
                acts.push(raise(Store::Host, k));
            }
        }
        acts.extend([Act::Quiet(LONG), Act::Serve { seed, odd: 0 }, Act::Quiet(LONG)]);
        acts.extend(look(g));
        acts.push(Act::Compare(How::Exact));

        let (index, order) = match g.below(3) {
            0 => (0, 20 + g.below(4)),
            1 => (list.first().copied().unwrap_or(0), g.below(5)),
            _ => (g.below(PARAMS.num_host_slots), g.below(9)),
        };
        invalidate(g, &mut acts, index, order);
        let seed = g.rng.random();
        acts.extend([Act::Serve { seed, odd: 0 }, Act::Quiet(LONG)]);
        acts.extend(look(g));
        acts.push(Act::Compare(How::Exact));
        // What a masked or failed slot has left pending goes, so that lines stay free.
        touched.sort_unstable();
        touched.dedup();
        for k in std::mem::take(&mut touched) {
            acts.push(withdraw(Store::Host, k));
        }
        acts.push(Act::Quiet(CALM));
        invalidate(g, &mut acts, 0, 20);
    }
    acts.push(g.set(0, regs::HS_CTRL, &[0]));
    acts.push(g.set(0, regs::IRQ_ERR, &[1]));
    acts.push(Act::Quiet(LONG));
    acts.extend(look(g));
    acts.push(Act::Compare(How::Exact));
    acts
}

/// Fetches that nobody answers, and answers that come too late; also of requests for a translation.
pub fn timeouts(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    let translated = g.one_in(2);
    if translated {
        acts.extend([enable(g, true), Act::Quiet(LONG)]);
    }
    let size = on(g, &mut acts);
    let mut list = slots(g, 4, size);
    if translated {
        // One a page: a second would ask only when the first has waited for nothing.
        let mut pages = Vec::new();
        list.retain(|k| {
            !pages.contains(&(k / 256)) && {
                pages.push(k / 256);
                true
            }
        });
    }
    for &k in &list {
        acts.push(raise(Store::Host, k));
    }
    acts.extend([Act::Quiet(LONG), Act::Pause(TIMEOUT)]);
    acts.extend(look(g));
    acts.push(Act::Compare(How::Exact));
    // Late answers now, or together with those of the second reads, whose tags are others.
    if g.one_in(2) {
        let seed = g.rng.random();
        acts.push(Act::Serve { seed, odd: 0 });
        acts.extend(look(g));
        acts.push(Act::Compare(How::Exact));
    }
    invalidate(g, &mut acts, 0, 20);
    let seed = g.rng.random();
    acts.extend([Act::Serve { seed, odd: 0 }, Act::Pause(TIMEOUT), Act::Serve { seed, odd: 0 }, Act::Quiet(LONG)]);
    acts.extend(look(g));
    acts.push(Act::Compare(How::Exact));
    acts
}
