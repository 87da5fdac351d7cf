// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Slots in host memory: fetches, answers, invalidations.

use super::steps::{cause, fault, pause, quiet};
use crate::cover::Item;
use crate::direct::shape::dealt;
use crate::direct::soft::Soft;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Completions, Op, ReadFault, Source};

/// Operations that lead to a bin of these items, from the state of a brought-up machine; none: no lever is known.
pub fn lead(item: Item, v: &[usize], soft: &Soft, rng: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    let k = rng.random_range(0..5u32);
    Some(match item {
        Item::fetches => {
            let n = [0, 1, 3, 6, 12][v[0]];
            let mut all = vec![quiet(), Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false }];
            all.extend((0..=n).map(|k| Op::CauseIn { at: Source::Host(8 + k), ticks: 4 + u64::from(k) }));
            all.push(Op::Wait(300));
            all
        }
        Item::fetch_answer => match v[0] {
            0 => vec![
                Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false },
                cause(Source::Host(k)),
                Op::Wait(200),
            ],
            n => fault(
                Source::Host(k),
                [ReadFault::Ur, ReadFault::Ca, ReadFault::ReservedStatus, ReadFault::Poison, ReadFault::Short][n - 1],
            ),
        },
        Item::fetch_time | Item::completion_policy => {
            let delay = if item == Item::fetch_time { [pause(v[0], rng); 2] } else { soft_delay(v[2]) };
            let (split, reorder) =
                if item == Item::completion_policy { (v[0] == 1, v[1] == 1) } else { (false, false) };
            vec![
                Op::Completions(Completions { split, reorder, delay }),
                Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false },
                cause(Source::Host(k)),
                Op::Wait(400),
            ]
        }
        Item::invalidate_order | Item::invalidate_form => {
            let order = [0, 2, 5, 9, 15, 20][v[0]];
            let notify = item == Item::invalidate_form && v[1] == 1;
            let n = if item == Item::invalidate_form { [0, 1, 3, 6, 12][v[2]] } else { 0 };
            let mut all = vec![quiet(), Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false }];
            all.push(Op::Completions(Completions { split: false, reorder: false, delay: [200, 200] }));
            all.extend((0..n).map(|k| cause(Source::Host(8 + k))));
            if n > 0 {
                all.push(Op::Wait(20));
            }
            all.push(Op::Invalidate { index: 0, order, notify, no_wait: false });
            all.push(Op::Completions(Completions::default()));
            all
        }
        Item::host_store_switch => {
            let mut all = vec![Op::Settle, Op::HostStoreOff, Op::HostStore { slots: 64, base: None }];
            all.extend((0..5).map(|k| Op::Connect {
                at: Source::Host(k),
                to: dealt(soft.cpus, 500 + k),
                masked: false,
            }));
            all
        }
        _ => return None,
    })
}

fn soft_delay(value: usize) -> [u64; 2] {
    [[4, 20], [4, 100], [4, 300]][value]
}
