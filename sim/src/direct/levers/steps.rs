// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Steps that levers are made of.

use crate::direct::soft::Soft;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Op, Place, QueueSetup, ReadFault, ResetKind, Source, Submit, Work, Write};

/// The source of a store: hot ones stand at the front of each.
pub fn source(store: usize, k: u32) -> Source {
    match store {
        0 => Source::Msix(k),
        1 => Source::Device(k),
        2 => Source::Host(k),
        _ => Source::Event(k),
    }
}

/// A number of a value `0 1 2-3 4-7 …`.
pub fn of_log2(value: usize, rng: &mut ChaCha8Rng) -> u32 {
    match value {
        0 => 0,
        v => {
            let low = 1u32 << (v - 1);
            rng.random_range(low..2 * low)
        }
    }
}

/// A cause now, waited for until it is taken.
pub fn cause(at: Source) -> Op {
    Op::Cause { at, times: 1, gap: 0 }
}

/// Long enough for messages that nothing holds up. A `settle` waits for the last word of everything and costs a
/// multiple; it stands only where a rule asks for it.
pub fn quiet() -> Op {
    Op::Wait(40)
}

/// The device is open and has nothing to send: steps that lead there.
pub fn normal(soft: &Soft) -> Vec<Op> {
    let mut ops = Vec::new();
    if !soft.memory {
        ops.push(Op::MemoryEnable(true));
    }
    if !soft.master {
        ops.push(Op::BusMaster(true.into()));
    }
    if soft.msix.is_some() && (!soft.enable || soft.function_mask) {
        ops.push(msix_control(true, false));
    }
    ops
}

/// Message Control of MSI-X in one write, with neither read before nor read back behind.
pub fn msix_control(enable: bool, function_mask: bool) -> Op {
    let value = u64::from(enable) << 15 | u64::from(function_mask) << 14;
    let at = Place::Name("msix_control".into());
    Op::CfgWrite(Write { at, len: 2, value, be: None, status: None, vf: None })
}

/// Bus Master Enable off in one write of the command register's first byte; memory stays on.
pub fn master_off() -> Op {
    let at = Place::Name("command".into());
    Op::CfgWrite(Write { at, len: 4, value: 2, be: Some(1), status: None, vf: None })
}

/// A function reset that nobody waits for: the write alone. A reset from outside must follow.
pub fn function_reset() -> Op {
    let at = Place::Name("pcie+8".into());
    Op::CfgWrite(Write { at, len: 4, value: 1 << 15, be: Some(2), status: None, vf: None })
}

/// Back to D0 without waiting for the reset that this brings: the write alone.
pub fn wake() -> Op {
    let at = Place::Name("pm+4".into());
    Op::CfgWrite(Write { at, len: 4, value: 0, be: Some(1), status: None, vf: None })
}

/// What ends a reset that nobody waits for.
pub fn hot_reset() -> Op {
    Op::Reset(ResetKind::Hot)
}

/// Queue `q`, set up unless it is there.
pub fn queue(soft: &Soft, q: u32) -> Vec<Op> {
    if soft.queues.contains_key(&q) {
        return consume(soft, q);
    }
    vec![Op::Queue(QueueSetup { q, sq: 4, cq: 4, pasid: None, relaxed: false, ido: false, portal: false })]
}

/// Takes what is outstanding on a queue, if anything is.
pub fn consume(soft: &Soft, q: u32) -> Vec<Op> {
    let some = soft.queues.get(&q).is_some_and(|w| w.outstanding > 0);
    if some { vec![taken(q)] } else { Vec::new() }
}

/// Takes what is outstanding on a queue.
pub fn taken(q: u32) -> Op {
    Op::Consume { q, count: None, status: 1, keep: false }
}

/// A descriptor.
pub fn submit(q: u32, work: Work, size: u32, handle: Option<u32>, event: bool, fence: bool) -> Op {
    Op::Submit(Submit { q, work, size, times: 1, handle, event, fence, ..Submit::default() })
}

/// Stalls of the three channels.
pub fn stalls(rx_gap: u8, tx_stall: u8, cause_gap: u8) -> Op {
    Op::Pressure { rx_gap, tx_stall, cause_gap }
}

/// No stalls.
pub fn calm() -> Op {
    stalls(0, 0, 0)
}

/// A pause that makes the cycles of a value `0-1 2-3 4-7 …`.
pub fn pause(value: usize, rng: &mut ChaCha8Rng) -> u64 {
    match value {
        0 => 1,
        v => rng.random_range(1u64 << v..2u64 << v),
    }
}

/// A fetch of a slot that goes wrong, and its end.
pub fn fault(at: Source, how: ReadFault) -> Vec<Op> {
    let Source::Host(index) = at else { return Vec::new() };
    let forget = |order| Op::Invalidate { index, order, notify: false, no_wait: false };
    vec![
        Op::Unmask { at },
        Op::Settle,
        forget(0),
        Op::Settle,
        Op::FailReads { how, times: 1, at: Some(at), ring: None, range: None },
        cause(at),
        Op::Wait(1000),
        forget(20),
    ]
}
