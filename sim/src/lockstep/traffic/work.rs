// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Doorbells, records, sweeps, and the queue when it is full.

use super::{CALM, Gen, LONG};
use crate::lockstep::PARAMS;
use crate::lockstep::act::{Act, How};
use rand::RngExt;
use tlp::Store;
use vectors::regs;

fn bell(store: u32, index: u32, count: u32, flags: u32) -> u32 {
    flags << 30 | count << 22 | store << 20 | index
}

fn look(g: &mut Gen) -> Vec<Act> {
    vec![
        g.read(0, regs::FN_STATUS, 10, (0xf, 0xf)),
        g.read(0, regs::IRQ_ERR, 3, (0xf, 0xf)),
        g.read(2, regs::WIN_MSIX_PBA_OFFSET, 4, (0xf, 0xf)),
        Act::Quiet(CALM),
    ]
}

pub fn make(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    let high = if g.one_in(2) { 0 } else { g.rng.random::<u32>() | 1 };
    let ring = [g.rng.random::<u32>() & 0x3fff_fff0 | 0x4000_0000, high];
    acts.push(g.set(0, regs::FN_REC_ADDR_LO, &ring));
    let order = g.below(16);
    acts.push(g.set(0, regs::FN_REC_ORDER, &[order]));
    let list = g.some(12, PARAMS.num_msix);
    for &k in &list {
        acts.extend(g.program(Store::Msix, k, 0));
    }
    acts.push(Act::Quiet(CALM));

    // Open: each once, in the order of the doorbells; a source that is none.
    for &k in &list {
        let word = bell(0, k, g.below(2), g.below(2));
        acts.push(g.set(0, regs::FN_DOORBELL, &[word]));
    }
    let out = bell(1, PARAMS.num_dev_slots + g.below(9), 1, g.below(2));
    acts.push(g.set(0, regs::FN_DOORBELL, &[out]));
    acts.push(Act::Quiet(LONG));
    acts.extend(look(g));
    acts.push(Act::Compare(How::Exact));

    // Shut: many causes, withdrawals, byte enables; records all the same.
    acts.extend([g.set_cfg(0xb0, 0xc, 0xc000_0000), Act::Quiet(CALM)]);
    for _ in 0..g.rng.random_range(1..12) {
        let k = list[g.below(list.len() as u32) as usize];
        let flags = [0, 1, 1, 2, 3][g.below(5) as usize];
        let word = bell(0, k, g.below(64), flags);
        // Without byte 3 there are no flags; without bytes nothing happens.
        let be = [(0xf, 0), (0xf, 0), (0x7, 0), (0, 0)][g.below(4) as usize];
        acts.push(g.write(0, regs::FN_DOORBELL, &[word], be));
    }
    acts.push(Act::Quiet(LONG));
    acts.extend(look(g));
    // A sweep over part of the table, held back by the function mask.
    let first = g.below(PARAMS.num_msix);
    let count = g.below(40);
    acts.extend([g.set(0, regs::FN_SWEEP_FIRST, &[first, count]), g.set(0, regs::FN_SWEEP_GO, &[1]), Act::Quiet(LONG)]);
    acts.extend(look(g));
    acts.push(Act::Compare(How::Exact));
    // Everything that is masked stays; what was swept and has no message is taken back.
    for k in first..(first + count).min(PARAMS.num_msix) {
        if !list.contains(&k) {
            acts.push(super::withdraw(Store::Msix, k));
        }
    }
    acts.push(Act::Quiet(CALM));
    acts.extend([g.set_cfg(0xb0, 0xc, 0x8000_0000), Act::Quiet(LONG)]);
    acts.extend(look(g));
    acts.push(Act::Compare(How::Exact));

    if g.one_in(2) {
        full(g, &list, &mut acts);
    }
    acts
}

/// Bus mastering off and a record in front: what the queue keeps is determined.
fn full(g: &mut Gen, list: &[u32], acts: &mut Vec<Act>) {
    acts.extend([g.set_cfg(0x04, 0x3, 2), Act::Quiet(CALM)]);
    let count = g.rng.random_range(1..28);
    for n in 0..count {
        let flags = if n == 0 { 1 } else { g.below(2) };
        // Each source once among those that are kept.
        let (store, index) = match list.get(n as usize) {
            Some(&k) => (0, k),
            None => (1, PARAMS.num_dev_slots + n),
        };
        acts.push(g.set(0, regs::FN_DOORBELL, &[bell(store, index, 1, flags)]));
    }
    acts.push(Act::Quiet(LONG));
    acts.extend(look(g));
    acts.push(Act::Compare(How::Exact));
    acts.extend([g.set_cfg(0x04, 0x3, 6), Act::Quiet(LONG)]);
    acts.extend(look(g));
    acts.extend([g.set(0, regs::IRQ_ERR, &[1]), Act::Quiet(CALM), Act::Compare(How::Exact)]);
}
