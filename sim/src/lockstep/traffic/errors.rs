// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Error reporting: one wrong packet at a time, under random masks, severities and
//! enables; then status, first error pointer, header log and the error message.
//! Which of two errors is logged first may depend on times, so there are never two.

use super::refused::{invalidate, malformed, message, poisoned, stray_completion, unsupported};
use super::{CALM, Gen};
use crate::lockstep::act::{Act, How};
use rand::RngExt;

const STATUS: u32 = 0x144;
const MASK: u32 = 0x148;
const SEVERITY: u32 = 0x14c;
const COR_STATUS: u32 = 0x150;
const COR_MASK: u32 = 0x154;
const CONTROL: u32 = 0x158;
/// Registers of the capability, log of the prefix included.
pub const CAPABILITY: core::ops::Range<u32> = 0x140..0x188;

/// Every error forgotten.
pub fn clear(g: &mut Gen) -> Vec<Act> {
    vec![
        g.set_cfg(STATUS, 0xf, !0),
        g.set_cfg(COR_STATUS, 0xf, !0),
        g.set_cfg(0x58, 0xc, 0x000f_0000),
        g.set_cfg(0x04, 0xc, 0xf900_0000),
        Act::Quiet(CALM),
    ]
}

fn look(g: &mut Gen) -> Vec<Act> {
    let mut acts: Vec<Act> = CAPABILITY.step_by(4).map(|at| g.cfg(at)).collect();
    acts.extend([g.cfg(0x58), g.cfg(0x04), Act::Quiet(CALM), Act::Compare(How::Exact)]);
    acts
}

fn wrong(g: &mut Gen) -> Act {
    match g.below(9) {
        0 | 1 => malformed(g),
        2..=4 => unsupported(g),
        5 => poisoned(g),
        6 => message(g),
        7 => invalidate(g),
        _ => stray_completion(g),
    }
}

pub fn make(g: &mut Gen) -> Vec<Act> {
    // What the log holds from here on is determined.
    let mut acts = clear(g);
    acts.extend([malformed(g), Act::Quiet(CALM)]);
    acts.extend(look(g));
    acts.extend(clear(g));
    for at in [MASK, SEVERITY, COR_MASK] {
        let value = g.rng.random();
        if g.one_in(2) {
            acts.push(g.set_cfg(at, 0xf, value));
        }
    }
    let enables = g.devctl & 0xfff0 | g.below(16);
    acts.push(g.set_cfg(0x58, 0x3, enables));
    let command = 6 | g.below(2) << 8 | g.below(2) << 6;
    acts.extend([g.set_cfg(0x04, 0x3, command), Act::Quiet(CALM)]);
    for _ in 0..g.rng.random_range(1..10) {
        acts.extend([wrong(g), Act::Quiet(CALM)]);
        acts.extend(look(g));
        // Now and then the pointer stays taken.
        if !g.one_in(3) {
            acts.extend(clear(g));
        }
    }
    acts.extend([
        g.set_cfg(MASK, 0xf, 0),
        g.set_cfg(SEVERITY, 0xf, 0x0046_2030),
        g.set_cfg(COR_MASK, 0xf, 0x2000),
        g.set_cfg(CONTROL, 0xf, 0),
    ]);
    acts.extend(clear(g));
    acts.extend(g.setup());
    acts.push(Act::Quiet(CALM));
    acts.extend(look(g));
    acts
}
