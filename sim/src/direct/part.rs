// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the steps of a led sequence are for: the search that judges it learns from that.

use super::race::Race;
use crate::cover::Item;

/// Part of a led sequence: what it is for, and the steps that it has.
pub struct Part {
    /// Item of the bin that was asked for.
    pub item: Item,
    /// Bins.
    pub bins: Vec<usize>,
    /// Its steps.
    pub steps: std::ops::Range<usize>,
    /// A race, and the first of its steps that counts: what is seen before that is set-up.
    pub race: Option<(Race, usize)>,
}
