// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Credits of one class run out and come back, a few at a time. Which packet takes
//! which credit is open, so everything is compared when the last one has gone.

use super::{CALM, Gen, LONG, raise};
use crate::lockstep::PARAMS;
use crate::lockstep::act::{Act, Grant, How};
use rand::RngExt;
use tlp::Store;
use vectors::regs;

pub fn make(g: &mut Gen) -> Vec<Act> {
    match g.below(3) {
        0 => posted(g),
        1 => completions(g),
        _ => reads(g),
    }
}

fn posted(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    let msix = g.some(20, PARAMS.num_msix);
    let slots = g.some(20, PARAMS.num_dev_slots);
    for &k in &msix {
        acts.extend(g.program(Store::Msix, k, 0));
    }
    for &k in &slots {
        acts.extend(g.program(Store::Device, k, 0));
    }
    acts.push(Act::Quiet(CALM));
    acts.push(Act::Credits(Grant { posted: Some(g.below(3) as u8), ..Grant::ALL }));
    acts.extend(msix.iter().map(|&k| raise(Store::Msix, k)));
    acts.extend(slots.iter().map(|&k| raise(Store::Device, k)));
    acts.push(Act::Quiet(CALM));
    // Registers answer without posted credits.
    acts.extend([g.get(0, regs::VERSION), g.cfg(0), g.read(0, regs::FN_STATUS, 2, (0xf, 0xf)), Act::Quiet(CALM)]);
    for _ in 0..g.below(4) {
        acts.extend([Act::Credits(Grant { posted: Some(g.below(9) as u8), ..Grant::ALL }), Act::Pause(CALM)]);
    }
    acts.extend([Act::Credits(Grant::ALL), Act::Quiet(CALM), g.get(0, regs::STAT_SENT), Act::Quiet(CALM)]);
    acts.push(Act::Compare(How::Exact));
    acts
}

fn completions(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    let grant = if g.one_in(2) {
        Grant { completions: Some(g.below(3) as u8), ..Grant::ALL }
    } else {
        Grant { completion_data: Some(g.below(20) as u16), ..Grant::ALL }
    };
    acts.push(Act::Credits(grant));
    for _ in 0..g.rng.random_range(1..24) {
        let words = if g.one_in(3) { 1 + g.below(256) } else { 1 };
        let be = g.enables(words);
        let offset = 4 * g.below(64);
        acts.push(match g.below(3) {
            0 => g.cfg(offset),
            1 => g.read(2, 0, words, be),
            _ => g.read(4, 0, words, be),
        });
    }
    acts.push(Act::Pause(CALM));
    for _ in 0..g.below(4) {
        let grant = Grant { completions: Some(1 + g.below(4) as u8), ..Grant::ALL };
        acts.extend([Act::Credits(grant), Act::Pause(CALM)]);
    }
    acts.extend([Act::Credits(Grant::ALL), Act::Quiet(CALM), Act::Compare(How::Exact)]);
    acts
}

fn reads(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    let translated = g.one_in(2);
    if translated {
        acts.extend([super::store::enable(g, true), Act::Quiet(LONG)]);
    }
    acts.extend([
        g.set(0, regs::HS_BASE_LO, &[0x5000_0000, 0]),
        g.set(0, regs::HS_SIZE, &[PARAMS.num_host_slots]),
        g.set(0, regs::HS_CTRL, &[1]),
        Act::Quiet(LONG),
    ]);
    acts.push(Act::Credits(Grant { reads: Some(g.below(3) as u8), ..Grant::ALL }));
    let lines = g.some(PARAMS.host_cache_lines, PARAMS.host_cache_lines);
    acts.extend(lines.iter().map(|&k| raise(Store::Host, k)));
    acts.extend([Act::Quiet(LONG), g.cfg(0x58), g.get(0, regs::VERSION), Act::Quiet(CALM)]);
    // Some of them while others wait.
    let seed = g.rng.random();
    acts.extend([Act::Credits(Grant { reads: Some(2), ..Grant::ALL }), Act::Pause(LONG)]);
    acts.extend([Act::Credits(Grant::ALL), Act::Quiet(LONG), Act::Serve { seed, odd: 0 }, Act::Quiet(LONG)]);
    acts.extend([g.get(0, regs::STAT_FETCH), Act::Quiet(CALM)]);
    acts.extend(lines.iter().map(|&k| super::withdraw(Store::Host, k)));
    acts.extend([Act::Quiet(CALM), g.set(0, regs::HS_CTRL, &[0]), Act::Quiet(LONG)]);
    if translated {
        acts.extend([super::store::enable(g, false), Act::Quiet(LONG)]);
    }
    acts.push(Act::Compare(How::Exact));
    acts
}
