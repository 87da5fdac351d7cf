// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a race bin asks for.

use crate::cover::races::{BEFORE, Kind, NEAR, TRANSLATION, kinds};
use crate::cover::{Item, items};

/// What a race bin asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The bin.
    pub bin: usize,
    /// Store of the cause; 3: MSI.
    pub store: usize,
    /// MSI-X Enable before the action.
    pub enable: bool,
    /// Function Mask before the action.
    pub function_mask: bool,
    /// Masked and pending before the action; none: either.
    pub state: Option<(bool, bool)>,
    /// What happens.
    pub kind: Kind,
    /// Cycles from it to the cause.
    pub distance: i64,
}

/// Whether the item is a race.
pub fn is_race(item: Item) -> bool {
    matches!(
        item,
        Item::msix_race
            | Item::msix_race_wide
            | Item::device_race
            | Item::device_race_wide
            | Item::host_race
            | Item::host_race_wide
            | Item::msi_race
            | Item::ats_race_wide
    )
}

/// What a bin asks for, if it is a race.
pub fn wanted(bin: usize) -> Option<Wanted> {
    let (item, v) = items::parts(bin);
    let one = |x: usize| x == 1;
    let near = |x: usize| x as i64 - NEAR;
    let wide = |x: usize| x as i64 - BEFORE;
    let (store, gate, state, kind, distance) = match item {
        Item::msix_race => (0, (one(v[0]), one(v[1])), Some((one(v[2]), one(v[3]))), v[4], near(v[5])),
        Item::device_race => (1, (true, false), Some((one(v[0]), one(v[1]))), v[2], near(v[3])),
        Item::host_race => (2, (true, false), Some((one(v[0]), one(v[1]))), v[2], near(v[3])),
        Item::msi_race => (3, (true, false), Some((one(v[0]), one(v[1]))), v[2], near(v[3])),
        Item::msix_race_wide => (0, (true, false), None, v[0], wide(v[1])),
        Item::device_race_wide => (1, (true, false), None, v[0], wide(v[1])),
        Item::host_race_wide => (2, (true, false), None, v[0], wide(v[1])),
        Item::ats_race_wide => (2, (true, false), None, v[0], wide(v[1])),
        _ => return None,
    };
    let (enable, function_mask) = gate;
    let kind = if item == Item::ats_race_wide { TRANSLATION[kind] } else { kinds(store)[kind] };
    Some(Wanted { bin, store, enable, function_mask, state, kind, distance })
}

impl Wanted {
    /// Whether a source of that mask bit is closed before the action.
    pub fn closed(&self, masked: bool) -> bool {
        masked || !self.enable || self.function_mask
    }
}
