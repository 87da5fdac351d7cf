// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Outcomes that times decide: causes that may merge, a cause around a mask write,
//! slots that evict each other. The sets of posted packets are compared; counters
//! differ from here on, so the burst ends.

use super::{CALM, Gen, LONG, raise};
use crate::lockstep::PARAMS;
use crate::lockstep::act::{Act, How};
use rand::RngExt;
use tlp::Store;
use vectors::regs;

pub fn make(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    let list = g.some(10, PARAMS.num_dev_slots);
    for &k in &list {
        acts.extend(g.program(Store::Device, k, 0));
    }
    acts.push(Act::Quiet(CALM));
    let mut bells = 0;
    for _ in 0..g.rng.random_range(10..120) {
        let k = list[g.below(list.len() as u32) as usize];
        acts.push(raise(Store::Device, k));
        // No more than the queue holds: how many of more are dropped is open.
        if bells < 16 && g.one_in(4) {
            bells += 1;
            let count = g.below(4);
            acts.push(g.set(0, regs::FN_DOORBELL, &[count << 22 | 1 << 20 | k]));
        }
        if g.one_in(6) {
            let mask = g.below(2);
            acts.push(g.control(Store::Device, k, mask));
        }
    }
    acts.push(Act::Quiet(LONG));
    for &k in &list {
        acts.push(g.control(Store::Device, k, 0));
        acts.push(raise(Store::Device, k));
    }
    acts.extend([Act::Quiet(LONG), g.read(4, 0, 64, (0xf, 0xf)), Act::Quiet(CALM), Act::Compare(How::Merged)]);
    acts
}
