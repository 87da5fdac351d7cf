// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Resets, with something owed, flying or being fetched. A function reset is not waited for: software would wait
//! 16,384 cycles [PCIe Base 6.6.2, data sheet 8]; a reset from outside ends it sooner.

use super::steps::{cause, function_reset, hot_reset, quiet, source, wake};
use crate::cover::Item;
use crate::direct::soft::Soft;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Completions, Op, ResetKind, Source};

/// Operations that lead to a bin of these items, from the state of a brought-up machine; none: no lever is known.
pub fn lead(item: Item, v: &[usize], soft: &Soft, rng: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    if !matches!(item, Item::reset_kind | Item::reset_load | Item::reset_fetches | Item::reset_then) {
        return None;
    }
    let plain = Source::Msix(rng.random_range(0..5));
    let mut all = vec![quiet()];
    if v[0] == 3 {
        all.push(Op::PowerState(3));
    }
    match item {
        Item::reset_load => {
            if v[1] == 1 {
                let masked = soft.conns.get(&plain).is_some_and(|c| c.masked);
                all.extend((!masked).then_some(Op::Mask { at: plain }));
                all.push(cause(plain));
            }
            if v[2] == 1 {
                all.extend((0..10).map(|i| Op::CauseIn { at: Source::Device(i % 5), ticks: 2 * u64::from(i) }));
                all.push(Op::Wait(rng.random_range(10..60)));
            }
            // In D3hot nothing is sent: what is to be owed or to fly comes before.
            if v[0] == 3 {
                all.retain(|op| !matches!(op, Op::PowerState(_)));
                all.push(Op::PowerState(3));
            }
        }
        Item::reset_fetches if v[1] > 0 => {
            let n = [0, 1, 3, 6, 12][v[1]];
            all.retain(|op| !matches!(op, Op::PowerState(_)));
            all.push(Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false });
            all.push(Op::Completions(Completions { split: false, reorder: false, delay: [400, 400] }));
            all.extend((0..n).map(|k| Op::CauseIn { at: Source::Host(8 + k), ticks: u64::from(k) }));
            all.push(Op::Wait(70));
            all.extend((v[0] == 3).then_some(Op::PowerState(3)));
        }
        _ => {}
    }
    match v[0] {
        0 => all.push(Op::Reset(ResetKind::Cold)),
        1 => all.push(hot_reset()),
        2 => all.push(function_reset()),
        _ => all.push(wake()),
    }
    let within = v[0] >= 2;
    if item == Item::reset_then {
        if within {
            // The first cause may come while the reset is still under way.
            all.push(Op::Wait(rng.random_range(1..400)));
            all.push(Op::CauseIn { at: source(v[1], 0), ticks: 0 });
        } else {
            all.push(Op::Enumerate);
            if v[1] == 2 {
                all.push(Op::HostStore { slots: 64, base: None });
            }
            all.push(cause(source(v[1], 0)));
        }
    }
    if within {
        all.extend([Op::Wait(80), hot_reset()]);
    }
    Some(all)
}
