// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reads and writes of the BARs: every window, length, alignment, byte enables.
//! Writes first, then reads, which wait for them.

use super::{CALM, Gen};
use crate::lockstep::PARAMS;
use crate::lockstep::act::{Act, How};
use rand::RngExt;
use vectors::regs;

/// Registers (and holes) of BAR0 that may be written with anything: {first, end}.
/// Commands have kinds of their own.
const PLAIN: [(u32, u32); 5] =
    [(0x800, 0x1000), (0x1000, 0x102c), (0x1034, 0x1060), (0x1104, 0x1128), (0xf000, 0x1_0000)];

/// A place to look at: where something is, mostly.
fn place(g: &mut Gen) -> (u32, u32, u32) {
    let table = 16 * PARAMS.num_msix + 64;
    let slots = 16 * PARAMS.num_dev_slots + 64;
    let pending = |n: u32| n.div_ceil(8) + 32;
    match g.below(8) {
        0 => (0, 0x1000, 0x1060),
        1 => (0, 0x1100, 0x1130),
        2 | 3 => (2, 0, table),
        4 => (2, regs::WIN_MSIX_PBA_OFFSET, regs::WIN_MSIX_PBA_OFFSET + pending(PARAMS.num_msix)),
        5 | 6 => (4, 0, slots),
        _ => (4, regs::WIN_HOST_PENDING_OFFSET, regs::WIN_HOST_PENDING_OFFSET + pending(PARAMS.num_host_slots)),
    }
}

/// Any place at all.
fn anywhere(g: &mut Gen) -> (u32, u32, u32) {
    [(0, 0, regs::BAR_REGS_SIZE), (2, 0, regs::BAR_MSIX_SIZE), (4, 0, regs::BAR_IMS_SIZE)][g.below(3) as usize]
}

/// A start and a length within a place and a page.
fn extent(g: &mut Gen, first: u32, end: u32, most: u32) -> (u32, u32) {
    let at = first + 4 * g.below((end - first) / 4);
    let room = ((end - at) / 4).min((0x1000 - at % 0x1000) / 4).min(most);
    let words = match g.below(4) {
        0 => 1,
        1 => 1 + g.below(room.min(4)),
        2 => 1 + g.below(room.min(32)),
        _ => 1 + g.below(room),
    };
    (at, words)
}

fn hint(g: &mut Gen, act: Act) -> Act {
    let tag = g.below(256);
    match act {
        Act::Down(mut d) => {
            d.packet.header[0] |= 1 << 16;
            d.packet.header[1] = d.packet.header[1] & !0xff | tag;
            Act::Down(d)
        }
        other => other,
    }
}

pub fn make(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    for _ in 0..g.rng.random_range(4..32) {
        let (bar, first, end) = if g.one_in(6) { anywhere(g) } else { place(g) };
        let (first, end) = if bar == 0 { PLAIN[g.below(PLAIN.len() as u32) as usize] } else { (first, end) };
        let most = g.max_words();
        let (at, words) = extent(g, first, end, most);
        let be = g.enables(words);
        let data: Vec<u32> = (0..words).map(|_| g.rng.random()).collect();
        acts.push(g.write(bar, at, &data, be));
    }
    for _ in 0..g.rng.random_range(4..32) {
        let (bar, first, end) = if g.one_in(8) { anywhere(g) } else { place(g) };
        let most = if g.one_in(16) { 1024 } else { 64 };
        let (at, words) = extent(g, first, end, most);
        let be = g.enables(words);
        let act = g.read(bar, at, words, be);
        // With a processing hint byte 7 is a steering tag, and all bytes count as enabled.
        acts.push(if g.one_in(16) { hint(g, act) } else { act });
    }
    acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);
    acts
}
