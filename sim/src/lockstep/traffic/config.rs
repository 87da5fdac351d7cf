// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Configuration space: every register, every byte enable pattern. Only non-posted
//! requests, so their order is determined. What would start a reset or open a gate
//! is left to other kinds.

use super::errors::CAPABILITY;
use super::{CALM, Gen};
use crate::lockstep::act::{Act, How};
use rand::RngExt;

/// Registers that hold something; the others are drawn too, less often.
const BUSY: [u32; 44] = [
    0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x2c, 0x30, 0x34, 0x3c, 0x40, 0x44, 0x50, 0x54, 0x58,
    0x5c, 0x60, 0x74, 0x78, 0x7c, 0x80, 0xb0, 0xb4, 0xb8, 0x100, 0x104, 0x108, 0x10c, 0x110, 0x114, 0x1a0, 0x1a4,
    0x1b0, 0x1c0, 0x1c8, 0x1cc, 0x1d0, 0x1e0, 0x1e4, 0x1e8,
];

pub fn make(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    for _ in 0..g.rng.random_range(16..96) {
        let offset = if g.one_in(5) { 4 * g.below(1024) } else { BUSY[g.below(BUSY.len() as u32) as usize] };
        // Error registers have a kind of their own: of several errors it is open which is logged.
        let offset = if CAPABILITY.contains(&offset) { CAPABILITY.start } else { offset };
        let be = g.below(16);
        if g.one_in(2) {
            acts.push(g.cfg(offset));
            continue;
        }
        let value: u32 = if g.one_in(4) { u32::MAX } else { g.rng.random() };
        let value = match offset {
            0x04 => value | 4,
            0x44 if value & 3 == 3 => value & !3,
            0x58 => value & !0x8000,
            0xb0 => value & 0x3fff_ffff | 0x8000_0000,
            _ => value,
        };
        acts.push(g.set_cfg(offset, be, value));
    }
    acts.extend(g.setup());
    acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);
    acts
}
