// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Virtual functions: brought up, programmed, raised behind every gate, rung, reset one by
//! one, made to err, taken down. As with the physical function's sources, one that is
//! open is raised once between two quiets.

use super::{CALM, Gen, ID, raise, withdraw};
use crate::lockstep::PARAMS;
use crate::lockstep::act::{Act, How};
use crate::lockstep::packets;
use rand::RngExt;
use tlp::{Store, Tick};
use vectors::regs;

/// Cycles of calm behind a request that is answered once a reset of functions is over.
const RESET: Tick = 2 * CALM;
/// Page sizes: as written, and the memory of a function that follows.
const PAGES: [(u32, u64); 6] =
    [(1, 0x4000), (0, 0x4000), (0x552, 0x4000), (0x10, 0x1_0000), (0x140, 0x4_0000), (0x400, 0x40_0000)];

/// The functions of an episode.
struct Up {
    count: u32,
    base: u64,
    size: u64,
}

/// A source: function, store, number in it.
type At = (u32, Store, u32);

impl Up {
    fn memory(&self, vf: u32, offset: u32) -> u64 {
        self.base + self.size * u64::from(vf) + u64::from(offset)
    }
}

fn id(vf: u32) -> u16 {
    ID + 8 + vf as u16
}

fn cfg(g: &mut Gen, vf: u32, offset: u32) -> Act {
    let tag = g.tag();
    Act::Down(packets::cfg_read(id(vf), offset, 0xf, tag))
}

fn set_cfg(g: &mut Gen, vf: u32, offset: u32, be: u32, value: u32) -> Act {
    let tag = g.tag();
    Act::Down(packets::cfg_write(id(vf), offset, be, value, tag))
}

fn read(g: &mut Gen, at: u64, words: u32) -> Act {
    let tag = g.tag();
    Act::Down(packets::read(at, words, (0xf, if words == 1 { 0 } else { 0xf }), tag))
}

fn write(g: &mut Gen, at: u64, data: &[u32]) -> Act {
    let tag = g.tag();
    Act::Down(packets::write(at, (0xf, if data.len() == 1 { 0 } else { 0xf }), data, tag))
}

fn index(&(vf, store, k): &At) -> u32 {
    64 * vf + k + if store == Store::Msix { 2048 } else { 8192 }
}

fn offset(&(_, store, k): &At) -> u32 {
    16 * k + if store == Store::Msix { 0 } else { 0x2000 }
}

/// VF Enable and memory on, each function with gates as the burst has it.
fn bring_up(g: &mut Gen) -> (Up, Vec<Act>) {
    let (page, size) = PAGES[g.below(PAGES.len() as u32) as usize];
    let high = if g.one_in(2) { 0 } else { g.rng.random::<u32>() | 1 };
    let base = u64::from(high) << 32 | u64::from(0x9000_0000 + (g.below(0x40) << 22));
    let (asked, low, hierarchy) = (1 + g.below(8), g.below(0x1000), g.below(2) << 4);
    let mut acts = vec![
        g.set_cfg(0x1e0, 0xf, page),
        g.set_cfg(0x1e4, 0xf, base as u32 | low),
        g.set_cfg(0x1e8, 0xf, high),
        g.set_cfg(0x1d0, 0x3, asked),
        g.set_cfg(0x1c8, 0x1, 9 | hierarchy),
    ];
    acts.extend([0x1c8, 0x1d0, 0x1e0, 0x1e4, 0x1e8].map(|at| g.cfg(at)));
    let count = asked.min(PARAMS.num_vfs);
    for vf in 0..count {
        let (master, control) = (4 * g.below(2), g.below(4) << 30);
        acts.push(set_cfg(g, vf, 0x04, 0x1, master));
        acts.push(set_cfg(g, vf, 0xb0, 0xc, control));
    }
    acts.push(Act::Quiet(CALM));
    (Up { count, base, size }, acts)
}

/// Sources of some functions, each with a message and a mask.
fn program(g: &mut Gen, up: &Up) -> (Vec<At>, Vec<Act>) {
    let (mut list, mut acts) = (Vec::new(), Vec::new());
    for _ in 0..g.rng.random_range(1..14) {
        let k = if g.one_in(4) { 63 } else { g.below(64) };
        let at = (g.below(up.count), if g.one_in(2) { Store::Msix } else { Store::Device }, k);
        if !list.contains(&at) {
            list.push(at);
            let [low, high] = g.target();
            let fields = if at.1 == Store::Device { g.rng.random::<u32>() & 0xffff_f00c } else { 0 };
            let words = [low, high, g.rng.random(), fields | g.below(2)];
            acts.push(write(g, up.memory(at.0, offset(&at)), &words));
        }
    }
    acts.push(Act::Quiet(CALM));
    (list, acts)
}

fn look(g: &mut Gen, up: &Up, list: &[At]) -> Vec<Act> {
    let mut acts = Vec::new();
    for vf in 0..up.count {
        acts.push(read(g, up.memory(vf, 0x1000), 2));
        acts.extend([0x04, 0x58, 0xb0].map(|at| cfg(g, vf, at)));
    }
    for at in list.iter().take(4) {
        acts.push(read(g, up.memory(at.0, offset(at)), 4));
    }
    let vf = g.below(up.count);
    acts.push(read(g, up.memory(vf, 0x3000), 4));
    acts.extend([g.get(0, regs::STAT_SENT), g.read(0, regs::IRQ_ERR, 2, (0xf, 0xf)), Act::Quiet(CALM)]);
    acts.push(Act::Compare(How::Exact));
    acts
}

/// An error of a function, or of its address with nobody behind it.
fn wrong(g: &mut Gen, up: &Up) -> Act {
    let vf = g.below(up.count);
    let at = up.memory(vf, 4 * g.below(0x400));
    let poison = 1 << 14;
    let untranslated_only = [1, 3][g.below(2) as usize] << 10;
    let (mut act, bits) = match g.below(5) {
        0 => (write(g, at, &[1]), poison),
        1 => (write(g, at, &[1, 2]), untranslated_only),
        2 => (read(g, at, 1), untranslated_only),
        3 => (set_cfg(g, vf, 0x04, 0xf, 4), poison),
        _ => (read(g, up.memory(up.count, 0), 1), 0),
    };
    if let Act::Down(d) = &mut act {
        d.packet.header[0] |= bits;
    }
    act
}

pub fn make(g: &mut Gen) -> Vec<Act> {
    let (up, mut acts) = bring_up(g);
    let (list, more) = program(g, &up);
    acts.extend(more);
    let (enables, serr) = (g.devctl & 0xfff0 | g.below(16), g.below(2) << 8);
    acts.extend([g.set_cfg(0x58, 0x3, enables), g.set_cfg(0x04, 0x3, 6 | serr), Act::Quiet(CALM)]);

    // Behind gates as they are; some for functions that are not there.
    acts.extend(list.iter().map(|at| raise(at.1, index(at))));
    if g.one_in(3) {
        acts.push(raise(Store::Msix, 2048 + 64 * up.count + g.below(600)));
        acts.push(raise(Store::Device, 8192 + 64 * up.count + g.below(600)));
    }
    acts.push(Act::Quiet(CALM));
    acts.extend(look(g, &up, &list));

    // The physical function's gates concern nobody here.
    if g.one_in(2) {
        acts.extend([g.set_cfg(0x04, 0x3, 2), g.set_cfg(0xb0, 0xc, 0), Act::Quiet(CALM)]);
    }
    for vf in 0..up.count {
        acts.extend([set_cfg(g, vf, 0x04, 0x1, 4), set_cfg(g, vf, 0xb0, 0xc, 0x8000_0000)]);
    }
    acts.push(Act::Quiet(CALM));
    acts.extend(look(g, &up, &list));
    if g.one_in(3) {
        let at = list[0];
        acts.extend([withdraw(at.1, index(&at)), Act::Quiet(CALM)]);
    }
    for at in &list {
        acts.push(write(g, up.memory(at.0, offset(at) + 12), &[0]));
    }
    acts.push(Act::Quiet(CALM));
    acts.extend(look(g, &up, &list));

    // Doorbells, of the function's own and of the physical one's memory.
    for at in list.iter().take(8) {
        let bell = at.2 | u32::from(at.1 == Store::Device) << 8;
        acts.push(if g.one_in(2) {
            write(g, up.memory(at.0, 0x3008), &[bell])
        } else {
            g.set(0, regs::VF_DOORBELL + 16 * at.0, &[bell])
        });
    }
    acts.push(Act::Quiet(CALM));
    acts.extend(look(g, &up, &list));
    for _ in 0..g.below(5) {
        acts.extend([wrong(g, &up), Act::Quiet(CALM)]);
        acts.extend([0x144, 0x150, 0x58, 0x04].map(|at| g.cfg(at)));
        acts.extend(look(g, &up, &list));
    }

    // One function is forgotten with something pending, then all of them.
    let vf = list[0].0;
    acts.push(set_cfg(g, vf, 0x04, 0x1, 0));
    acts.push(Act::Quiet(CALM));
    acts.extend(list.iter().map(|at| raise(at.1, index(at))));
    acts.push(Act::Quiet(CALM));
    acts.extend([set_cfg(g, vf, 0x58, 0x2, 0x8000), cfg(g, vf, 0x04), Act::Quiet(RESET)]);
    acts.extend(look(g, &up, &list));
    for _ in 0..g.below(12) {
        let (vf, at, be, value) = (g.below(up.count), 4 * g.below(0x48), g.below(16), g.rng.random::<u32>());
        let value = if at == 0x58 { value & !0x8000 } else { value };
        acts.extend([set_cfg(g, vf, at, be, value), cfg(g, vf, at), Act::Quiet(CALM)]);
    }
    let memory = g.below(2) << 3;
    acts.extend([g.set_cfg(0x1c8, 0x1, memory), g.cfg(0x1c8), Act::Quiet(RESET)]);
    acts.push(read(g, up.memory(0, 0), 1));
    acts.extend([Act::Quiet(CALM), g.set_cfg(0x1c8, 0x1, 9), Act::Quiet(RESET)]);
    acts.extend(look(g, &up, &list));
    acts.extend([g.set_cfg(0x1c8, 0x1, 0), g.cfg(0x1c8), Act::Quiet(RESET), g.set(0, regs::IRQ_ERR, &[1])]);
    acts.extend(super::errors::clear(g));
    acts.extend(g.setup());
    acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);
    acts
}
