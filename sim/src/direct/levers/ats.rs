// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Address translation: what is asked for, held, forgotten; invalidations while something is awaited.

use super::steps::{cause, function_reset, hot_reset, quiet, wake};
use crate::cover::Item;
use crate::direct::shape::{RANGE, UNTRANSLATED};
use crate::direct::soft::Soft;
use crate::direct::soft::ats::page_of;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Completions, Op, ResetKind, Source};

/// Pages of 4 KiB of a mapped shape, that of the hot slots first.
const PAGES: [u32; 22] = [0, 1, 2, 3, 4, 5, 6, 7, 16, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30];

/// Answers of the host take so long.
fn delay(cycles: u64) -> Op {
    Op::Completions(Completions { split: false, reorder: false, delay: [cycles, cycles] })
}

/// An Invalidate Request for everything.
pub fn forget(no_wait: bool) -> Op {
    Op::AtsInvalidate { at: None, bytes: 0x1000, no_wait }
}

/// A slot of a page, not the first one.
fn slot(page: u32, k: u32) -> Source {
    Source::Host(256 * page + 16 + k)
}

fn soon(at: Source, ticks: u64) -> Op {
    Op::CauseIn { at, ticks }
}

/// Services are on, and nothing is held.
pub fn fresh(soft: &Soft) -> Vec<Op> {
    let mut ops = Vec::new();
    ops.extend((!soft.services.on).then_some(Op::Ats(true)));
    ops.extend([quiet(), forget(false)]);
    ops
}

/// Translations are held, slots are not.
fn known(pages: &[u32]) -> Vec<Op> {
    let mut ops: Vec<Op> = pages.iter().enumerate().map(|(k, p)| soon(slot(*p, 0), 4 * k as u64)).collect();
    ops.push(Op::Wait(160));
    ops.push(Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false });
    ops
}

/// So many fetches by addresses that are held are under way for some hundred cycles.
fn fetching(n: u32) -> Vec<Op> {
    let mut ops = known(&[0]);
    ops.push(delay(400));
    ops.extend((0..n).map(|k| soon(slot(0, 1 + k), u64::from(k))));
    ops.push(Op::Wait(40));
    ops
}

/// Operations that lead to a bin of these items, from the state of a brought-up machine; none: no lever is known.
pub fn lead(item: Item, v: &[usize], soft: &Soft, rng: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    let k = rng.random_range(0..32u32);
    let end = [Op::Completions(Completions::default()), Op::Wait(500)];
    let mut ops = fresh(soft);
    match item {
        Item::ats_answer if v[0] == 3 => {
            let page = PAGES[1 + k as usize % 7];
            let at = page_of(256 * page);
            ops.extend([Op::Settle, Op::Unmap { at, bytes: 0x1000 }, cause(slot(page, k)), Op::Wait(1000)]);
            ops.push(Op::Map { at, to: at, bytes: 0x1000, unreadable: false, untranslated: false });
            ops.extend([forget(false), quiet()]);
        }
        Item::ats_answer => {
            ops.extend([cause(slot([PAGES[k as usize % 8], RANGE, UNTRANSLATED][v[0]], k)), Op::Wait(120)]);
        }
        Item::ats_read => match v[0] {
            0 => ops.extend([Op::Ats(false), cause(slot(0, k)), Op::Wait(120), Op::Ats(true)]),
            1 => ops.extend([cause(slot(UNTRANSLATED, k)), Op::Wait(120)]),
            _ => {
                ops.extend([cause(slot(1, k)), Op::Wait(120)]);
                ops.extend([cause(slot(1, k + 1)), Op::Wait(120)]);
            }
        },
        Item::ats_cause => {
            ops.push(delay(90));
            ops.extend([soon(slot(2, k), 0), soon(slot(2, k + 1), 40), soon(slot(2, k + 2), 300), Op::Wait(400)]);
            ops.push(Op::Completions(Completions::default()));
        }
        Item::ats_requests => {
            let n = [0, 1, 3, 6][v[0]];
            ops.push(delay(200));
            ops.extend((0..=n).map(|p| soon(slot(PAGES[p], k), p as u64)));
            ops.extend(end);
        }
        Item::ats_given => {
            let n = [0, 1, 3, 6, 12, 17][v[0]];
            ops.extend((0..=n).map(|p| soon(slot(PAGES[p], k), 60 * p as u64)));
            ops.push(Op::Wait(60 * n as u64 + 160));
        }
        Item::ats_switch => {
            let n = [0, 1, 3, 6, 12][v[1]];
            if v[0] == 1 {
                ops.push(Op::Ats(false));
            }
            ops.extend(if v[0] == 1 { fetching(n).split_off(2) } else { fetching(n) });
            ops.push(Op::Ats(v[0] == 1));
            ops.extend(end);
        }
        Item::ats_invalidate => {
            ops.extend((v[1] == 0).then_some(Op::Ats(false)));
            let (at, bytes) = [(Some(page_of(0)), 0x1000), (Some(page_of(0)), 0x8000), (None, 0x1000)][v[0]];
            ops.push(Op::AtsInvalidate { at, bytes, no_wait: false });
        }
        Item::ats_awaited => {
            ops.extend(if v[1] >= 2 { fetching(2) } else { vec![delay(400)] });
            let asking = [slot(3, k), slot(4, k)];
            if v[1] & 1 == 1 {
                ops.extend([soon(asking[0], 0), soon(asking[1], 1), Op::Wait(30)]);
            }
            if v[0] == 0 {
                // What is still pending would be read at once, untranslated.
                ops.extend(asking.map(|at| Op::Withdraw { at }).into_iter().filter(|_| v[1] == 1));
                ops.push(Op::Ats(false));
            }
            ops.push(forget(true));
            ops.extend(end);
        }
        Item::ats_waiting => {
            ops.extend(fetching(1));
            ops.extend((0..=v[0]).map(|_| forget(true)));
            ops.extend(end);
            ops.push(Op::Settle);
        }
        Item::ats_done => {
            if v[0] > 0 {
                ops.extend(known(&[0]));
                ops.extend([delay([0, 160, 400][v[0]]), soon(slot(0, 1 + k), 0), Op::Wait(30)]);
            }
            ops.push(forget(false));
            ops.push(Op::Completions(Completions::default()));
        }
        Item::ats_reset => {
            if v[1] == 1 {
                ops.extend(fetching(2));
            }
            ops.extend((v[0] == 3).then_some(Op::PowerState(3)));
            // A device that sleeps takes it, too, and waits for its reads.
            if v[1] == 1 {
                let at = if v[0] == 3 { ops.len() - 1 } else { ops.len() };
                ops.insert(at, forget(true));
            }
            ops.push(match v[0] {
                0 => Op::Reset(ResetKind::Cold),
                1 => hot_reset(),
                2 => function_reset(),
                _ => wake(),
            });
            if v[0] >= 2 {
                ops.extend([Op::Wait(80), hot_reset()]);
            }
        }
        _ => return None,
    }
    Some(ops)
}
