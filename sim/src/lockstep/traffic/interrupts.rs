// SPDX-License-Identifier: Apache-2.0 OR MIT
//! MSI-X entries and device slots: programmed, raised, withdrawn, with every gate
//! shut and opened. While its gate is shut a source may be raised many times; while
//! it is open it is raised once between two quiets, so no merge is in doubt.

use super::{CALM, Gen, raise, withdraw};
use crate::lockstep::PARAMS;
use crate::lockstep::act::{Act, Grant, How};
use rand::RngExt;
use tlp::Store;
use vectors::regs;

/// Index bound of a store.
fn size(store: Store) -> u32 {
    if store == Store::Msix { PARAMS.num_msix } else { PARAMS.num_dev_slots }
}

/// Sources of one store, each with a new message.
fn sources(g: &mut Gen, most: u32) -> (Store, Vec<u32>) {
    let store = if g.one_in(2) { Store::Msix } else { Store::Device };
    let count = 1 + g.below(most);
    let mut list = g.some(count, size(store));
    if g.one_in(4) {
        list.retain(|&k| k != size(store) - 1);
        list.push(size(store) - 1);
    }
    (store, list)
}

/// Looks at pending bits and control words.
pub fn look(g: &mut Gen, store: Store, list: &[u32]) -> Vec<Act> {
    let mut acts = Vec::new();
    let words = PARAMS.num_msix.div_ceil(64) * 2;
    acts.push(g.read(2, regs::WIN_MSIX_PBA_OFFSET, words, (0xf, 0xf)));
    for &k in list.iter().take(4) {
        let (bar, at) = Gen::entry(store, k);
        acts.push(g.read(bar, at, 4, (0xf, 0xf)));
    }
    acts.extend([g.get(0, regs::STAT_SENT), g.read(0, regs::IRQ_ERR, 2, (0xf, 0xf))]);
    acts
}

/// A gate shut, then opened: all sources of the store behind it.
fn gate(g: &mut Gen, store: Store, shut: bool) -> Vec<Act> {
    let mask_too = g.below(2) << 30;
    match (g.below(3), store) {
        (0, Store::Msix) => vec![g.set_cfg(0xb0, 0xc, if shut { 0xc000_0000 } else { 0x8000_0000 })],
        (1, Store::Msix) => vec![g.set_cfg(0xb0, 0xc, if shut { mask_too } else { 0x8000_0000 })],
        _ => vec![g.set_cfg(0x04, 0x3, if shut { 2 } else { 6 })],
    }
}

/// Everything open again.
fn gates_open(g: &mut Gen) -> Vec<Act> {
    vec![g.set_cfg(0xb0, 0xc, 0x8000_0000), g.set_cfg(0x04, 0x3, 6), Act::Quiet(CALM)]
}

pub fn make(g: &mut Gen) -> Vec<Act> {
    let (store, list) = sources(g, 24);
    let mut acts = Vec::new();
    let masked: Vec<u32> = list.iter().map(|_| u32::from(g.one_in(3))).collect();
    for (&k, &mask) in list.iter().zip(&masked) {
        let fields = if store == Store::Device { g.rng.random::<u32>() & 0xffff_f00c } else { 0 };
        acts.extend(g.program(store, k, fields | mask));
    }
    acts.push(Act::Quiet(CALM));
    if g.one_in(8) {
        // The one address that is not sent: one source, so that the record is determined.
        let (bar, at) = Gen::entry(store, list[0]);
        acts.extend([g.set(bar, at, &[0, 0]), Act::Quiet(CALM)]);
        acts.extend([raise(store, list[0]), Act::Quiet(CALM), g.read(0, regs::IRQ_ERR, 2, (0xf, 0xf))]);
        acts.extend([Act::Quiet(CALM), g.set(0, regs::IRQ_ERR, &[1]), g.set(bar, at, &[0x40, 0]), Act::Quiet(CALM)]);
    }

    // Open or masked: each once.
    for &k in &list {
        acts.push(raise(store, k));
    }
    if g.one_in(4) {
        acts.push(raise(store, size(store) + g.below(3)));
        acts.push(raise(Store::Host, g.below(300)));
    }
    acts.push(Act::Quiet(CALM));
    acts.extend(look(g, store, &list));
    acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);

    // A gate is shut: many times, some withdrawn, some given a new message meanwhile. Without MSI-X the mode is INTx, and a
    // status bit that stands (an error sets one) would be handed over to vector 0 when MSI-X comes back: merged with what
    // waits there or not, as it comes.
    acts.extend([g.set(0, regs::EV_STATUS_LO, &[!0, !0, !0]), Act::Quiet(CALM)]);
    acts.extend(gate(g, store, true));
    acts.push(Act::Quiet(CALM));
    for _ in 0..g.rng.random_range(1..40) {
        let k = list[g.below(list.len() as u32) as usize];
        acts.push(if g.one_in(5) { withdraw(store, k) } else { raise(store, k) });
    }
    acts.push(Act::Quiet(CALM));
    for &k in &list {
        if g.one_in(3) {
            let mask = u32::from(g.one_in(3));
            acts.extend(g.program(store, k, mask));
        }
    }
    acts.extend(look(g, store, &list));
    acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);
    if g.one_in(2) {
        // Enable and function mask set by one write: still shut.
        acts.extend([g.set_cfg(0xb0, 0xc, 0), Act::Quiet(CALM), g.set_cfg(0xb0, 0xc, 0xc000_0000), Act::Quiet(CALM)]);
        acts.extend([g.cfg(0xb0), Act::Quiet(CALM), Act::Compare(How::Exact)]);
    }
    if g.one_in(3) {
        acts.push(Act::Credits(Grant { posted: Some(0), ..Grant::ALL }));
    }
    acts.extend(gates_open(g));
    acts.extend(look(g, store, &list));
    acts.extend([Act::Quiet(CALM), Act::Credits(Grant::ALL), Act::Quiet(CALM), Act::Compare(How::Exact)]);

    // The rest is let go.
    for &k in &list {
        acts.push(g.control(store, k, 0));
    }
    acts.push(Act::Quiet(CALM));
    acts.extend(look(g, store, &list));
    acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);
    acts
}
