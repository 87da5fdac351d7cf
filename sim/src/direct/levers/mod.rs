// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What moves a run along an axis: for a bin, the shape that it needs (`shape`) and the operations that lead to it, a
//! file for each kind of item. Races have files of their own (`crate::direct::race`).

pub mod ats;
mod causes;
mod events;
mod functions;
mod machine;
mod messages;
mod packets;
mod resets;
pub mod shape;
pub mod steps;
mod store;
mod work;

use super::soft::Soft;
use crate::cover::Item;
use rand_chacha::ChaCha8Rng;
use vectors::op::Op;

type Lever = fn(Item, &[usize], &Soft, &mut ChaCha8Rng) -> Option<Vec<Op>>;

const LEVERS: [Lever; 10] = [
    causes::lead,
    messages::lead,
    events::lead,
    packets::lead,
    store::lead,
    work::lead,
    machine::lead,
    resets::lead,
    functions::lead,
    ats::lead,
];

/// Operations that lead to a bin, from the state of a brought-up machine; none: no lever is known.
pub fn lead(item: Item, v: &[usize], soft: &Soft, rng: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    let more = LEVERS.iter().find_map(|lever| lever(item, v, soft, rng))?;
    let mut ops = steps::normal(soft);
    ops.extend(more);
    Some(ops)
}

/// Where in a sequence the operations of a bin may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// First: nothing may be owed from what stood before.
    First,
    /// Anywhere.
    Any,
    /// Last: they end in a reset.
    Last,
    /// Both.
    Alone,
}

/// Where in a sequence the operations of a bin may stand.
pub fn turn(item: Item, v: &[usize]) -> Turn {
    match item {
        Item::reset_load if v[1] == 0 => Turn::Alone,
        Item::refused_owed if v[1] == 0 => Turn::First,
        Item::reset_kind | Item::reset_load | Item::reset_fetches | Item::reset_then => Turn::Last,
        Item::vf_reset | Item::vf_reset_then | Item::vf_disable => Turn::Last,
        Item::ats_reset => Turn::Last,
        Item::operation | Item::operation_pair if v.contains(&11) => Turn::Last,
        _ => Turn::Any,
    }
}

/// Bins that the operations for one of them hit along with it.
pub fn along(item: Item, v: &[usize]) -> Vec<usize> {
    let all = |axes: &[&[usize]]| -> Vec<usize> {
        let mut found = vec![Vec::new()];
        for values in axes {
            found = found
                .into_iter()
                .flat_map(|head: Vec<usize>| values.iter().map(move |x| [head.clone(), vec![*x]].concat()))
                .collect();
        }
        found.into_iter().map(|v| item.bin(&v)).collect()
    };
    let bits: Vec<usize> = (0..64).collect();
    match item {
        Item::pending_bit => all(&[&[v[0]], &bits]),
        _ => vec![item.bin(v)],
    }
}
