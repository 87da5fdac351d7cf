// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Work queues: descriptors of every operation over rings in host memory, their records and interrupts.
//!
//! In which order several descriptors end is open, so each has a fence: the records of a queue come in the order of
//! its ring. Of several queues, which goes first stays open, and only what each address gets is compared. What the
//! device reads - descriptors and source bytes - is a function of the address ([`crate::lockstep::serve`]).

use super::{CALM, Gen, LONG};
use crate::lockstep::act::{Act, How};
use rand::RngExt;
use tlp::Store;
use vectors::regs;

/// Queues of the device.
const QUEUES: u32 = 64;

/// A ring's base, a page below 64 MiB.
fn base(g: &mut Gen, high: u32) -> [u32; 2] {
    [g.below(1 << 14) << 12, high]
}

fn block(q: u32, register: u32) -> u32 {
    register + q * regs::Q_CTRL_STRIDE
}

fn look(g: &mut Gen, q: u32) -> Vec<Act> {
    vec![
        g.read(0, block(q, regs::Q_CTRL), 8, (0xf, 0xf)),
        g.read(0, block(q, regs::Q_SQ_TAIL), 5, (0xf, 0xf)),
        g.get(0, regs::EV_STATUS_LO),
        Act::Quiet(CALM),
    ]
}

/// Sets a queue up and enables it; the orders of its rings.
fn set_up(g: &mut Gen, q: u32, acts: &mut Vec<Act>) -> (u32, u32) {
    let (sq, cq) = (g.rng.random_range(1..5), g.rng.random_range(1..5));
    let rings = base(g, 0x51);
    let records = base(g, 0);
    let pasid = g.rng.random::<u32>() & 0xf_ffff;
    acts.push(g.set(0, block(q, regs::Q_SQ_BASE_LO), &rings));
    acts.push(g.set(0, block(q, regs::Q_CQ_BASE_LO), &[records[0] | q << 26, records[1]]));
    acts.push(g.set(0, block(q, regs::Q_SIZE), &[cq << 8 | sq, pasid]));
    // PASID, relaxed ordering, id-based ordering; PASIDs are on.
    let flags = g.below(8) << 1 | 1;
    acts.push(g.set(0, block(q, regs::Q_CTRL), &[flags]));
    (sq, cq)
}

pub fn make(g: &mut Gen) -> Vec<Act> {
    let ido = g.below(2);
    let mut acts = vec![g.set_cfg(0x194, 0xf, 1 << 16), g.set_cfg(0x78, 0x3, ido << 8 | 1)];
    // One more handle for descriptors to name: MSI-X entry 0, for everybody, masked. Events are counted and do not fire, as
    // firings of several queues could merge.
    acts.extend(g.program(Store::Msix, 0, 0x1));
    acts.push(g.set(0, regs::WIN_EV_COAL_OFFSET, &[0xff]));
    acts.extend([
        g.set(0, regs::IH_TARGET, &[0, 4]),
        g.set(0, regs::IH_CMD, &[1 << 16]),
        Act::Quiet(LONG),
        g.get(0, regs::IH_STATUS),
    ]);
    let count = g.rng.random_range(1..4);
    let queues: Vec<u32> = g.some(count, QUEUES);
    let mut sizes = Vec::new();
    for &q in &queues {
        sizes.push(set_up(g, q, &mut acts));
    }
    acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);
    let mut heads = vec![(0, 0); queues.len()];
    for _ in 0..g.rng.random_range(1..4) {
        for (k, &q) in queues.iter().enumerate() {
            let ((sq, cq), (tail, head)) = (sizes[k], heads[k]);
            // As many as both rings hold.
            let most: u32 = ((1 << sq) - 1).min((1 << cq) - 1);
            let n = g.rng.random_range(0..=most.min(6));
            let tail = (tail + n) & ((1 << sq) - 1);
            acts.push(g.set(0, block(q, regs::Q_SQ_TAIL), &[tail]));
            heads[k] = (tail, (head + n) & ((1 << cq) - 1));
        }
        acts.push(Act::Quiet(LONG));
        acts.push(Act::Serve { seed: g.rng.random(), odd: 0 });
        acts.push(Act::Quiet(LONG));
        for &q in &queues {
            acts.extend(look(g, q));
        }
        acts.push(Act::Compare(How::Apart));
        for (k, &q) in queues.iter().enumerate() {
            acts.push(g.set(0, block(q, regs::Q_CQ_HEAD), &[heads[k].1]));
        }
        acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);
    }
    for &q in &queues {
        acts.extend([g.set(0, block(q, regs::Q_CTRL), &[0]), Act::Quiet(CALM)]);
        acts.extend(look(g, q));
    }
    // All handles away, what that and the work set of status and pending bits too.
    acts.extend([
        g.set(0, regs::IH_CMD, &[3 << 16]),
        Act::Quiet(LONG),
        g.set(0, regs::EV_STATUS_LO, &[!0, !0, !0]),
        g.set(0, regs::WIN_EV_COAL_OFFSET, &[0]),
        g.set_cfg(0x194, 0xf, 0),
        g.set_cfg(0x78, 0x3, 1),
        Act::Quiet(LONG),
        g.control(Store::Msix, 0, 0),
        Act::Quiet(LONG),
        Act::Compare(How::Exact),
    ]);
    acts
}
