// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Function level reset, D3hot and back, hot reset: with sources pending, the
//! doorbell queue held up, fetches unanswered. Then everything is looked at.

use super::{CALM, Gen, LONG, raise};
use crate::lockstep::PARAMS;
use crate::lockstep::act::{Act, How};
use rand::RngExt;
use tlp::Store;
use vectors::regs;

/// Registers that tell a reset from none.
fn look(g: &mut Gen) -> Vec<Act> {
    [0x04, 0x0c, 0x10, 0x18, 0x1c, 0x20, 0x24, 0x3c, 0x44, 0x58, 0x60, 0x78, 0x80, 0xb0, 0x110, 0x1a4]
        .into_iter()
        .map(|at| g.cfg(at))
        .collect()
}

/// A function reset with fetches outstanding. Their tags rest afterwards, for a time
/// that is not determined to the cycle, so this ends a burst.
pub fn cut(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    // On pages of their own, so that as many reads are outstanding with translation as without.
    let slots = [0, 0x101, 0x202];
    let translated = g.one_in(2);
    if translated {
        acts.extend([super::store::enable(g, true), Act::Quiet(LONG)]);
    }
    acts.extend([g.set(0, regs::HS_BASE_LO, &[0x5000_0000, 0, PARAMS.num_host_slots, 1]), Act::Quiet(LONG)]);
    acts.extend(slots.map(|k| raise(Store::Host, k)));
    acts.extend([Act::Quiet(LONG), g.cfg(0x58), Act::Quiet(CALM)]);
    if translated {
        // They wait for the reads, and go with the reset, without completion.
        acts.extend((0..g.below(5)).map(|_| super::ats::request(g)));
        acts.push(Act::Quiet(LONG));
    }
    acts.extend(make(g));
    let seed = g.rng.random();
    acts.extend([Act::AnswerLate { seed }, Act::Quiet(CALM), g.cfg(0x58), g.cfg(0x04), Act::Quiet(CALM)]);
    acts.push(Act::Compare(How::Exact));
    // The store works again, with other tags; nothing of before is held.
    acts.extend([g.set(0, regs::HS_BASE_LO, &[0x5000_0000, 0, PARAMS.num_host_slots, 1]), Act::Quiet(LONG)]);
    acts.extend(slots.map(|k| raise(Store::Host, k)));
    let seed = g.rng.random();
    acts.extend([Act::Quiet(LONG), Act::Serve { seed, odd: 0 }, Act::Quiet(LONG), Act::Compare(How::Exact)]);
    acts
}

pub fn make(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    // State that has to go.
    let msix = g.some(8, PARAMS.num_msix);
    for &k in &msix {
        acts.extend(g.program(Store::Msix, k, 1));
    }
    let slots = g.some(8, PARAMS.num_dev_slots);
    for &k in &slots {
        acts.extend(g.program(Store::Device, k, 1));
    }
    // One that is open and has nothing to say yet.
    let open = (slots[0] + 1) % PARAMS.num_dev_slots;
    acts.extend(g.program(Store::Device, open, 0));
    acts.push(Act::Quiet(CALM));
    acts.extend(msix.iter().map(|&k| raise(Store::Msix, k)));
    acts.extend(slots.iter().map(|&k| raise(Store::Device, k)));
    if g.one_in(3) {
        acts.extend([g.set_cfg(0x04, 0x3, 2), Act::Quiet(CALM)]);
        acts.push(g.set(0, regs::FN_DOORBELL, &[1 << 30 | 1 << 20 | 1]));
        acts.push(Act::Quiet(CALM));
    }
    let (cache, line, lnk) = (g.rng.random(), g.rng.random(), g.rng.random());
    acts.extend([
        g.set_cfg(0x0c, 1, cache),
        g.set_cfg(0x3c, 1, line),
        g.set_cfg(0x60, 3, lnk),
        g.set_cfg(0x80, 1, lnk),
    ]);
    acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);

    match g.below(3) {
        0 => {
            let control = 0x8000 | g.rng.random::<u32>() & 0x7fff & !0xe0 | g.devctl;
            acts.push(g.set_cfg(0x58, 3, control));
            // Dropped, with or without a completion to come.
            if g.one_in(2) {
                acts.extend([g.set(2, 0, &[1, 2]), g.cfg(0x04), g.get(0, regs::VERSION)]);
            }
            acts.push(Act::FunctionReset);
        }
        1 => {
            acts.extend([g.set_cfg(0x44, 1, 3), Act::Quiet(CALM)]);
            acts.extend([raise(Store::Msix, msix[0]), raise(Store::Device, open), Act::Quiet(CALM)]);
            // Invalidate Requests are worked on in D3hot.
            if g.one_in(2) {
                acts.extend([super::ats::request(g), Act::Quiet(LONG)]);
            }
            acts.push(g.set(0, 0x1120, &[7]));
            acts.extend([g.get(0, regs::VERSION), g.cfg(0x44), g.cfg(0x58), g.cfg(0x04), Act::Quiet(CALM)]);
            acts.extend([g.set_cfg(0x44, 1, 0), Act::FunctionReset]);
        }
        _ => acts.extend([Act::HotReset, g.cfg(0), Act::Quiet(CALM)]),
    }
    acts.extend(look(g));
    acts.extend(g.setup());
    acts.push(Act::Quiet(CALM));
    let k = msix[0];
    acts.push(g.read(2, 16 * k, 4, (0xf, 0xf)));
    acts.push(g.read(4, 16 * slots[0], 4, (0xf, 0xf)));
    acts.push(g.read(2, regs::WIN_MSIX_PBA_OFFSET, 4, (0xf, 0xf)));
    acts.push(g.read(4, regs::WIN_HOST_PENDING_OFFSET, 8, (0xf, 0xf)));
    acts.push(g.read(0, 0x1000, 20, (0xf, 0xf)));
    acts.push(g.read(0, 0x1100, 12, (0xf, 0xf)));
    acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);
    acts
}
