// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What leaves behind what (data sheet section 9). The upstream stream is held until
//! everything is committed, one thing after another; then the order is determined.

use super::{CALM, Gen, LONG, raise};
use crate::lockstep::PARAMS;
use crate::lockstep::act::{Act, How};
use rand::RngExt;
use tlp::{Pressure, Store};
use vectors::regs;

pub fn make(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    let list = g.some(3, PARAMS.num_dev_slots);
    for &k in &list {
        acts.extend(g.program(Store::Device, k, 0));
    }
    acts.push(g.set(0, regs::FN_REC_ADDR_LO, &[0x4000_0000, 0]));
    acts.push(g.set(0, regs::HS_DONE_ADDR_LO, &[0x0310_0100, 0]));
    acts.extend([Act::Quiet(CALM), Act::Stall(Pressure { tx_stall: 255, ..Pressure::default() })]);
    for &k in &list {
        match g.below(3) {
            0 => acts.push(g.set(0, regs::FN_DOORBELL, &[1 << 30 | 1 << 20 | k])),
            1 => acts.push(g.set(0, regs::FN_DOORBELL, &[1 << 20 | k])),
            _ => acts.push(raise(Store::Device, k)),
        }
        acts.push(Act::Pause(CALM));
    }
    if g.one_in(3) {
        acts.extend([g.set(0, regs::HS_CMD, &[3 << 30 | 20 << 20]), Act::Pause(LONG)]);
    }
    if g.one_in(3) {
        // A mask that is read back behind them.
        acts.push(g.control(Store::Device, list[0], 1));
    }
    for _ in 0..g.rng.random_range(1..5) {
        acts.push(match g.below(4) {
            0 => g.cfg(0),
            1 => g.get(0, regs::STAT_SENT),
            2 => g.read(4, 16 * list[0], 4, (0xf, 0xf)),
            _ => g.read(0, regs::VERSION, 1, (0, 0)),
        });
    }
    acts.extend([Act::Pause(2 * CALM), g.usual_stalls(), Act::Quiet(CALM), Act::Compare(How::Ordered)]);
    acts
}
