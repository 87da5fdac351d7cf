// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Causes: where, how, in which state they find their source.

use super::steps::{calm, cause, of_log2, pause, queue, quiet, source, stalls, submit, taken};
use crate::cover::Item;
use crate::direct::draw::{read, write};
use crate::direct::shape::dealt;
use crate::direct::soft::Soft;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Op, Range, Source, Work};

/// Operations that lead to a bin of these items, from the state of a brought-up machine; none: no lever is known.
pub fn lead(item: Item, v: &[usize], soft: &Soft, rng: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    let k = rng.random_range(0..5u32);
    let plain = Source::Msix(k);
    Some(match item {
        Item::cause_store => vec![cause(source(v[0], k))],
        Item::cause_op => vec![if v[0] == 1 { Op::Withdraw { at: plain } } else { cause(plain) }],
        Item::cause_path => by_path(v[0], if v[0] == 4 { Source::Event(0) } else { plain }, soft),
        Item::path_store => by_path(v[0], source(v[1], k), soft),
        Item::cause_gap => vec![cause(plain), Op::Wait(pause(v[0], rng)), cause(Source::Device(k))],
        Item::msix_index => vec![cause(Source::Msix(of_log2(v[0], rng)))],
        Item::device_index => vec![cause(Source::Device(of_log2(v[0], rng)))],
        Item::host_index => vec![cause(Source::Host(of_log2(v[0], rng)))],
        Item::event_index => vec![cause(Source::Event(if v[0] == 7 { 64 } else { of_log2(v[0], rng) }))],
        Item::owing_sources => {
            let n = of_log2(v[0], rng);
            let mut all = vec![quiet()];
            if n > 0 {
                all.push(Op::CauseRange { range: Range { first: Source::Device(1024), count: n } });
            }
            all.push(cause(plain));
            all.push(Op::Withdraw { at: Source::Device(1024) });
            if n > 1 {
                all.extend((1..n).map(|k| Op::Withdraw { at: Source::Device(1024 + k) }));
            }
            all
        }
        Item::pending_bit => {
            // Sources that nobody connects are masked.
            let first = if v[0] == 2 { 0 } else { 64 * rng.random_range(4..16u32) };
            let of = |k| source(v[0], k);
            if v[0] == 2 {
                let at = of(v[1] as u32);
                let masked = !soft.conns.contains_key(&at);
                let mut all = if masked { Vec::new() } else { vec![Op::Mask { at }] };
                all.push(cause(at));
                all
            } else {
                vec![Op::CauseRange { range: Range { first: of(first), count: 64 } }]
            }
        }
        Item::msix_cause => {
            let at = plain;
            let mut all = vec![
                Op::Unmask { at },
                quiet(),
                Op::MsixEnableBit((v[0] == 1).into()),
                Op::FunctionMask((v[1] == 1).into()),
            ];
            if v[2] == 1 {
                all.push(Op::Mask { at });
            }
            if v[3] == 1 {
                all.push(Op::CauseIn { at, ticks: 8 });
                all.push(Op::CauseIn { at, ticks: 10 });
                all.push(Op::Wait(20));
            } else {
                all.push(cause(at));
            }
            all
        }
        Item::device_cause => {
            let at = Source::Device(k);
            let mut all = vec![Op::Unmask { at }, quiet()];
            if v[1] == 1 {
                all.push(Op::Mask { at });
            }
            all.push(Op::BusMaster((v[0] == 1).into()));
            if v[2] == 1 {
                all.extend([Op::CauseIn { at, ticks: 8 }, Op::CauseIn { at, ticks: 10 }, Op::Wait(20)]);
            } else {
                all.push(cause(at));
            }
            all
        }
        Item::host_cause => {
            let at = Source::Host(k);
            let mut all = Vec::new();
            if v[0] == 1 && soft.host.is_none() {
                all.push(Op::HostStore { slots: 64, base: None });
            }
            if !soft.conns.contains_key(&at) {
                all.push(Op::Connect { at, to: dealt(soft.cpus, rng.random_range(100..400)), masked: false });
            }
            all.extend([Op::Unmask { at }, quiet()]);
            if v[2] == 1 {
                all.push(Op::Mask { at });
            }
            if v[3] == 1 {
                all.push(cause(at));
                if v[2] == 1 {
                    all.push(Op::Wait(300));
                }
            }
            if v[0] == 0 {
                all.push(Op::HostStoreOff);
            }
            all.push(Op::BusMaster((v[1] == 1).into()));
            all.push(cause(at));
            all
        }
        Item::withdrawn => {
            let at = source(v[0], k);
            let mut all = vec![Op::Unmask { at }, quiet()];
            if v[1] == 1 {
                all.push(Op::Mask { at });
            }
            if v[2] == 1 {
                if v[1] == 0 {
                    all.push(stalls(0, 240, 0));
                }
                all.push(cause(at));
            }
            all.extend([Op::Withdraw { at }, calm()]);
            all
        }
        Item::doorbell_count | Item::doorbell_form | Item::doorbell_queue => {
            let (store, withdraw, count, record) = match item {
                Item::doorbell_form => (v[0], v[1] == 1, v[2], v[3] == 1),
                Item::doorbell_count => (0, false, v[0], false),
                _ => (0, false, 3, true),
            };
            let count = [1, 2, 9, 40][count];
            let bell = Op::Doorbell { at: source(store, k), count, record, withdraw };
            let n = if item == Item::doorbell_queue { [1, 2, 4, 8, 13, 17][v[0]] } else { 1 };
            let mut all = vec![quiet()];
            if item == Item::doorbell_queue {
                all.push(stalls(0, 230, 0));
            }
            all.extend((0..n).map(|_| bell.clone()));
            all.push(calm());
            all
        }
        Item::sweep_count | Item::sweep_form => {
            let (store, n) = if item == Item::sweep_form { (v[0], v[1]) } else { (0, v[0]) };
            let count = [1, 5, 33, 65][n];
            let first = source(store, 0);
            let count = if store == 2 { count.min(64) } else { count };
            let count = if n == 3 && store == 2 { 64 } else { count };
            vec![quiet(), Op::Sweep { range: Range { first, count } }, Op::Wait(4000)]
        }
        _ => return None,
    })
}

/// Ways of raising a cause, by the axis of paths.
fn by_path(path: usize, at: Source, soft: &Soft) -> Vec<Op> {
    match path {
        0 => vec![cause(at)],
        1 => vec![Op::Doorbell { at, count: 1, record: false, withdraw: false }],
        2 => vec![Op::Sweep { range: Range { first: at, count: 1 } }, Op::Wait(4000)],
        3 => {
            let mut ops = queue(soft, 0);
            match at {
                Source::Event(_) => {
                    ops.push(submit(0, Work::Nop, 0, None, true, false));
                }
                _ => {
                    let id = soft.handles.len() as u32 + 100;
                    ops.push(Op::Handle { id, at, ignore: true, pasid: None, expect: None });
                    ops.push(submit(0, Work::Nop, 0, Some(id), false, false));
                }
            }
            ops.push(taken(0));
            ops
        }
        _ => vec![write("ev_vectors".into(), 1), read("ev_vectors".into(), 4), cause(Source::Event(0))],
    }
}
