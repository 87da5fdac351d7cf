// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Events: their status, the vectors that they share, coalescing by count and by time; in each mode.
//!
//! When a firing comes is open within bounds, so between two quiets a vector gets one event, or exactly as
//! many as its coalescer counts. Everything is programmed masked-free and cleared behind itself.

use super::{CALM, Gen, LONG, raise};
use crate::lockstep::act::{Act, How};
use rand::RngExt;
use tlp::Store;
use vectors::regs;

/// Cycles after which a coalescer of one microsecond has fired.
const MICROSECOND: u64 = 600;
/// Command.10, and what `setup` writes besides.
const INTX_DISABLE: u32 = 0x400;
/// Queues with an event.
const QUEUES: u32 = 64;

/// The mode in which firings are signalled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Msix,
    Msi,
    Intx,
}

/// Vector of an event where so many are in use.
fn vector(event: u32, granted: u32) -> u32 {
    if granted == 1 || event == QUEUES { 0 } else { 1 + event % (granted - 1) }
}

fn look(g: &mut Gen) -> Vec<Act> {
    vec![
        g.read(0, regs::EV_STATUS_LO, 6, (0xf, 0xf)),
        g.cfg(0x04),
        g.cfg(0xa4),
        g.read(2, regs::WIN_MSIX_PBA_OFFSET, 4, (0xf, 0xf)),
        Act::Quiet(CALM),
        Act::Compare(How::Exact),
    ]
}

/// Status away, so that no latch and no bit is left; then the mode of the setup.
fn tidy(g: &mut Gen, granted: u32) -> Vec<Act> {
    let mut acts = vec![g.set(0, regs::EV_STATUS_LO, &[!0, !0, !0]), Act::Quiet(CALM)];
    for v in 0..granted {
        acts.push(g.set(0, regs::WIN_EV_COAL_OFFSET + 4 * v, &[0]));
    }
    acts.extend([g.set(0, regs::EV_VECTORS, &[0]), Act::Quiet(LONG)]);
    acts.push(g.set_cfg(0x90, 0xc, 0));
    acts.push(g.set_cfg(0xb0, 0xc, 0x8000_0000));
    acts.extend([g.set_cfg(0x04, 0x3, 6), Act::Quiet(LONG)]);
    acts
}

/// Puts the function into a mode; how many vectors are in use.
fn enter(g: &mut Gen, mode: Mode, acts: &mut Vec<Act>) -> u32 {
    let granted = match mode {
        Mode::Msix => {
            let n = g.rng.random_range(1..=9);
            acts.push(g.set(0, regs::EV_VECTORS, &[n]));
            for v in 0..n {
                acts.extend(g.program(Store::Msix, v, 0));
            }
            n
        }
        Mode::Msi => {
            let order = g.below(4);
            let extended = g.below(2);
            let [low, high] = g.target();
            for (at, value) in [(0x94, low), (0x98, high), (0x9c, g.rng.random()), (0xa0, 0)] {
                acts.push(g.set_cfg(at, 0xf, value));
            }
            acts.push(g.set_cfg(0xb0, 0xc, 0));
            acts.push(g.set_cfg(0x90, 0xc, extended << 26 | order << 20 | 1 << 16));
            1 << order
        }
        Mode::Intx => {
            // Registers may have been tried out before: MSI Enable would make it MSI.
            acts.extend([g.set_cfg(0x90, 0xc, 0), g.set_cfg(0xb0, 0xc, 0)]);
            1
        }
    };
    acts.push(Act::Quiet(LONG));
    granted
}

/// One event for each of some vectors, each firing at once.
fn single(g: &mut Gen, granted: u32, acts: &mut Vec<Act>) {
    let mut used = Vec::new();
    for event in g.some(8, QUEUES + 1) {
        let v = vector(event, granted);
        if !used.contains(&v) {
            used.push(v);
            acts.push(raise(Store::Event, event));
        }
    }
    // One that is none.
    if g.one_in(4) {
        acts.push(raise(Store::Event, QUEUES + 1 + g.below(9)));
    }
    acts.push(Act::Quiet(CALM));
}

/// Counts to a number of frames, and one more event that waits for the next.
fn counted(g: &mut Gen, granted: u32, acts: &mut Vec<Act>) {
    let event = g.below(QUEUES + 1);
    let v = vector(event, granted);
    let frames = g.rng.random_range(2..12);
    acts.extend([g.set(0, regs::WIN_EV_COAL_OFFSET + 4 * v, &[frames]), Act::Quiet(LONG)]);
    for k in 0..frames {
        // All of one vector, from whatever queues share it.
        let other = (event + k * (granted - 1)) % QUEUES;
        let pick = if granted > 1 && event < QUEUES && vector(other, granted) == v { other } else { event };
        acts.push(raise(Store::Event, pick));
        if k + 2 == frames {
            acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);
        }
    }
    acts.extend([Act::Quiet(LONG), Act::Compare(How::Exact)]);
    // What is left over fires by its time.
    acts.push(raise(Store::Event, event));
    acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);
    acts.extend([g.set(0, regs::WIN_EV_COAL_OFFSET + 4 * v, &[1 << 16 | frames]), Act::Quiet(MICROSECOND)]);
    acts.extend([g.set(0, regs::WIN_EV_COAL_OFFSET + 4 * v, &[0]), Act::Quiet(LONG)]);
}

/// Events while their messages are held back: pending bits, merged, sent once.
fn held(g: &mut Gen, mode: Mode, acts: &mut Vec<Act>) {
    let (at, be, shut, open) = match mode {
        Mode::Msix => (0xb0, 0xc, 0xc000_0000, 0x8000_0000),
        Mode::Msi => (0xa0, 0xf, !0, 0),
        Mode::Intx => (0x04, 0x3, 6 | INTX_DISABLE, 6),
    };
    acts.extend([g.set_cfg(at, be, shut), Act::Quiet(CALM)]);
    for _ in 0..g.rng.random_range(1..20) {
        let event = g.below(QUEUES + 1);
        // Firings of one vector that wait for the core are one: none may wait.
        acts.extend([raise(Store::Event, event), Act::Quiet(CALM)]);
    }
    acts.push(Act::Quiet(LONG));
    acts.extend(look(g));
    acts.extend([g.set_cfg(at, be, open), Act::Quiet(LONG)]);
}

pub fn make(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    let mode = [Mode::Msix, Mode::Msix, Mode::Msi, Mode::Intx][g.below(4) as usize];
    let granted = enter(g, mode, &mut acts);
    acts.push(Act::Compare(How::Exact));
    for _ in 0..g.rng.random_range(1..5) {
        match g.below(3) {
            0 => single(g, granted, &mut acts),
            1 => counted(g, granted, &mut acts),
            _ => held(g, mode, &mut acts),
        }
        acts.extend(look(g));
        if g.one_in(2) {
            let (at, bits) = (regs::EV_STATUS_LO + 4 * g.below(2), g.rng.random());
            acts.extend([g.set(0, at, &[bits]), Act::Quiet(CALM)]);
            acts.extend(look(g));
        }
    }
    acts.extend(tidy(g, granted));
    acts.push(Act::Compare(How::Exact));
    acts
}
