// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Work queues and interrupt handles.

use super::steps::{consume, queue, quiet, source, submit, taken};
use crate::cover::Item;
use crate::direct::soft::Soft;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Op, QueueSetup, Source, Work};

/// Operations that lead to a bin of these items, from the state of a brought-up machine; none: no lever is known.
pub fn lead(item: Item, v: &[usize], soft: &Soft, rng: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    let k = rng.random_range(0..5u32);
    let plain = Source::Msix(k);
    Some(match item {
        Item::work_opcode | Item::work_size | Item::work_announce | Item::work_form => {
            let form = match item {
                Item::work_opcode => [v[0], if v[0] == 0 { 0 } else { 2 }, 0, 0],
                Item::work_size => [if v[0] == 0 { 0 } else { 1 }, v[0], 0, 0],
                Item::work_announce => [1, 2, v[0], 0],
                _ => [v[0], v[1], v[2], v[3]],
            };
            let work = [Work::Nop, Work::Fill, Work::Copy, Work::Checksum][form[0]];
            let size = [0, rng.random_range(1..4), 17, 100, 700, 3000, 5000][form[1]];
            let mut all = queue(soft, 0);
            let id = soft.handles.len() as u32 + 100;
            if form[2] == 1 {
                all.push(Op::Handle { id, at: Source::Device(k), ignore: true, pasid: None, expect: None });
            }
            all.push(submit(0, work, size, (form[2] == 1).then_some(id), form[2] == 2, form[3] == 1));
            all.push(taken(0));
            all
        }
        Item::work_outstanding => {
            let mut left = [0, 1, 2, 4, 8, 16][v[0]];
            let mut all = Vec::new();
            for q in 0..3 {
                all.extend(consume(soft, q));
                all.extend((!soft.queues.contains_key(&q)).then(|| queue(soft, q)).into_iter().flatten());
            }
            // A queue holds eight; the last one has room for the one that counts them.
            for q in [0, 1] {
                for _ in 0..left.min(8) {
                    all.push(submit(q, Work::Copy, 2000, None, false, false));
                }
                left -= left.min(8);
            }
            all.push(submit(2, Work::Nop, 0, None, false, false));
            all.extend((0..3).map(taken));
            all
        }
        Item::queue_number => {
            let q = [0, 3, 20, 50][v[0]];
            let mut all =
                if soft.queues.contains_key(&q) { vec![Op::QueueOff { q, no_wait: false }] } else { Vec::new() };
            all.push(Op::Queue(QueueSetup { q, sq: 4, cq: 4, pasid: None, relaxed: false, ido: false, portal: false }));
            all
        }
        Item::queue_form => {
            let mut all: Vec<Op> = soft.queues.keys().map(|q| taken(*q)).collect();
            all.extend(soft.queues.keys().map(|q| Op::QueueOff { q: *q, no_wait: false }));
            if v[0] == 1 && !soft.pasid {
                all.push(Op::Pasid(true));
            }
            let pasid = (v[0] == 1).then_some(77);
            let (portal, relaxed) = (v[1] == 1, v[2] == 1);
            all.push(Op::Queue(QueueSetup { q: 9, sq: 4, cq: 4, pasid, relaxed, ido: false, portal }));
            all.push(submit(9, Work::Copy, 300, None, false, false));
            all.push(taken(9));
            all
        }
        Item::handle_form => {
            let id = soft.handles.len() as u32 + 100;
            let pasid = (v[1] == 1).then_some(77);
            let mut all = Vec::new();
            if v[1] == 1 && !soft.pasid {
                all.extend(soft.queues.keys().map(|q| taken(*q)));
                all.extend(soft.queues.keys().map(|q| Op::QueueOff { q: *q, no_wait: false }));
                all.push(Op::Pasid(true));
            }
            all.push(Op::Handle { id, at: source(v[0], k), ignore: v[1] == 2, pasid, expect: None });
            all
        }
        Item::revoke_load => {
            let mut all = vec![quiet()];
            all.extend(soft.queues.keys().map(|q| taken(*q)));
            let id = soft.handles.len() as u32 + 100;
            all.push(Op::Handle { id, at: plain, ignore: true, pasid: None, expect: None });
            if v[0] == 1 {
                all.extend(queue(soft, 0));
                all.push(submit(0, Work::Copy, 3000, None, false, false));
            }
            all.extend([Op::RevokeHandles, Op::RenewHandles]);
            all.push(taken(0));
            all
        }
        _ => return None,
    })
}
