// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What surrounds the device, and what software does in which order.

use super::steps::{calm, cause, queue, quiet, stalls, taken};
use crate::cover::Item;
use crate::direct::draw::{read, write};
use crate::direct::shape::dealt;
use crate::direct::soft::Soft;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Op, Range, ResetKind, Retarget, Source};

/// Operations that lead to a bin of these items, from the state of a brought-up machine; none: no lever is known.
pub fn lead(item: Item, v: &[usize], soft: &Soft, rng: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    let k = rng.random_range(0..5u32);
    let plain = Source::Msix(k);
    Some(match item {
        Item::stalls => {
            let of = |q: usize| [0, 30, 90, 200][q];
            vec![stalls(of(v[0]), of(v[1]), of(v[2])), cause(plain), calm()]
        }
        Item::credit_window | Item::cpus | Item::apic_mode | Item::entry_cache | Item::boundary | Item::remapping => {
            vec![cause(Source::Device(k))]
        }
        Item::stores_live => vec![cause(Source::Device(k))],
        Item::link_payload => vec![Op::Link { mps: [128, 256, 512][v[0]], mrrs: 512, short_tags: false }],
        Item::link_read => vec![Op::Link { mps: 256, mrrs: 128 << v[0], short_tags: false }],
        Item::link_sizes => vec![Op::Link { mps: [128, 256, 512][v[0]], mrrs: 128 << v[1], short_tags: false }],
        Item::digests => vec![quiet(), Op::Digests(v[0] == 1)],
        Item::reporting => vec![Op::ErrorReporting(v[0] == 1)],
        Item::operation => group(v[0], soft, k),
        Item::operation_pair => {
            let between = if v[0] == 11 { vec![Op::Enumerate] } else { Vec::new() };
            let mut first = vec![quiet()];
            if v[1] == 2 {
                first.clear();
            }
            first.extend(group(v[0], soft, k));
            // Nothing is connected behind a reset; a slot that nobody uses may be masked. The function ignores commands
            // during a sweep; an Invalidate Request is none.
            let second = match (v[0], v[1]) {
                (11, 3) => vec![Op::Mask { at: Source::Device(900) }],
                (11, 6) => {
                    let to = dealt(soft.cpus, 300 + k);
                    vec![Op::Connect { at: Source::Device(k), to, masked: false }]
                }
                (2, 7) => vec![super::ats::forget(false)],
                (_, second) => group(second, soft, k),
            };
            [first, between, second].concat()
        }
        _ => return None,
    })
}

/// An operation of a group.
fn group(which: usize, soft: &Soft, k: u32) -> Vec<Op> {
    let at = Source::Device(k);
    match which {
        0 => vec![cause(at)],
        1 => vec![Op::Doorbell { at, count: 1, record: false, withdraw: false }],
        2 => vec![Op::Sweep { range: Range { first: at, count: 1 } }],
        3 if !soft.conns.contains_key(&at) => vec![Op::Mask { at }],
        3 => vec![Op::Unmask { at }],
        4 => vec![Op::BusMaster(true.into())],
        5 => vec![write("ev_status_lo".into(), 0)],
        6 => vec![Op::Retarget { at, to: dealt(soft.cpus, 300 + k), by: Retarget::Entry }],
        7 => vec![Op::Invalidate { index: k, order: 0, notify: false, no_wait: false }],
        8 if soft.queues.contains_key(&0) => vec![taken(0)],
        8 => queue(soft, 0),
        9 => vec![read("version".into(), 4)],
        10 => vec![stalls(0, 0, 0)],
        11 => vec![Op::Reset(ResetKind::Hot)],
        12 => vec![Op::ErrorReporting(true)],
        _ => vec![Op::Wait(1)],
    }
}
