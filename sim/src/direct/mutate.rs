// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Changes kept sequences: leaves steps out, repeats them, mixes two, moves numbers, adds fresh steps. Whatever comes
//! out goes past the rules of [`Soft`].

use super::draw::{Draw, ending};
use super::soft::Soft;
use crate::run::restart_of;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Op, Source, Switch, Vector};

/// Longest sequence that mutation makes.
const LONGEST: usize = 300;

/// A change of a vector.
pub fn mutate(from: &Vector, other: &Vector, draw: &mut Draw<'_>, rng: &mut ChaCha8Rng) -> Vector {
    let mut steps = from.steps.clone();
    // What stands before the restart stays: the change goes on from the state that is kept there.
    let first = restart_of(from).map_or(0, |at| at + 1);
    for _ in 0..rng.random_range(1..5) {
        if steps.len() <= first {
            break;
        }
        let at = rng.random_range(first..steps.len());
        let end = (at + rng.random_range(1..12)).min(steps.len());
        match rng.random_range(0..7) {
            0 => drop(steps.drain(at..end)),
            1 => {
                let part = steps[at..end].to_vec();
                let to = rng.random_range(first..=steps.len());
                steps.splice(to..to, part);
            }
            2 => {
                let begin = rng.random_range(0..other.steps.len());
                let end = (begin + rng.random_range(1..40)).min(other.steps.len());
                steps.splice(at..at, other.steps[begin..end].iter().cloned());
            }
            3 => {
                let mut soft = Soft::new(from);
                steps[..at].iter().for_each(|op| {
                    soft.admit(op);
                });
                let fresh: Vec<Op> = (0..rng.random_range(1..6)).flat_map(|_| draw.some(&soft)).collect();
                steps.splice(at..at, fresh);
            }
            _ => steps[at..end].iter_mut().for_each(|op| tweak(op, rng)),
        }
    }
    steps.truncate(LONGEST);
    let mut v = Vector { steps, ..from.clone() };
    finish(&mut v);
    v
}

/// Leaves out what is not legal where it stands, and ends the sequence.
pub fn finish(v: &mut Vector) {
    let mut soft = Soft::new(v);
    v.steps.retain(|op| soft.admit(op));
    v.steps.extend(ending(&soft));
}

fn near(n: u64, rng: &mut ChaCha8Rng) -> u64 {
    match rng.random_range(0..4) {
        0 => n + 1,
        1 => n.saturating_sub(1),
        2 => n + rng.random_range(0..16),
        _ => n.saturating_sub(rng.random_range(0..16)),
    }
}

fn moved(s: &mut Source, rng: &mut ChaCha8Rng) {
    let by = rng.random_range(0..3);
    let (Source::Msix(k) | Source::Device(k) | Source::Host(k) | Source::Event(k) | Source::Msi(k)) = s else {
        return;
    };
    *k = match by {
        0 => *k ^ 1,
        1 => *k / 2,
        _ => (*k * 2 + 1).min(64),
    };
}

/// Moves a number of an operation.
fn tweak(op: &mut Op, rng: &mut ChaCha8Rng) {
    match op {
        Op::CauseIn { ticks, at } => {
            *ticks = near(*ticks, rng);
            if rng.random_range(0..8) == 0 {
                moved(at, rng);
            }
        }
        Op::Wait(n) => *n = near(*n, rng).max(1),
        Op::Cause { at, times, gap } => match rng.random_range(0..3) {
            0 => *times = near((*times).into(), rng).clamp(1, 100) as u32,
            1 => *gap = near(*gap, rng).min(20),
            _ => moved(at, rng),
        },
        Op::Doorbell { at, count, record, .. } => match rng.random_range(0..3) {
            0 => *count = near((*count).into(), rng).clamp(1, 63) as u32,
            1 => *record = !*record,
            _ => moved(at, rng),
        },
        Op::CauseRange { range } | Op::Sweep { range } => match rng.random_range(0..2) {
            0 => range.count = near(range.count.into(), rng).clamp(1, 256) as u32,
            _ => moved(&mut range.first, rng),
        },
        Op::FunctionMask(switch) | Op::MsixEnableBit(switch) | Op::BusMaster(switch) => {
            let (Switch::Physical(on) | Switch::Virtual { on, .. }) = switch;
            *on = !*on;
        }
        Op::Pressure { rx_gap, tx_stall, cause_gap } => {
            for n in [rx_gap, tx_stall, cause_gap] {
                *n = (near((*n).into(), rng) as u8).min(240);
            }
        }
        Op::Invalidate { index, order, notify, .. } => match rng.random_range(0..3) {
            0 => *order = near((*order).into(), rng).min(23) as u8,
            1 => *notify = !*notify,
            _ => *index = near((*index).into(), rng) as u32,
        },
        Op::Ats(on) => *on = !*on,
        Op::AtsInvalidate { no_wait, .. } => *no_wait = !*no_wait,
        Op::Mask { at } => *op = Op::Unmask { at: *at },
        Op::Unmask { at } => *op = Op::Mask { at: *at },
        Op::Submit(w) => match rng.random_range(0..3) {
            0 => w.size = near(w.size.into(), rng).max(1) as u32,
            1 => w.fence = !w.fence,
            _ => w.event = !w.event,
        },
        _ => {}
    }
}
