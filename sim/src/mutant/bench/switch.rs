// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which fault is switched on in this thread. A simulation is one thread, so several faults can be judged beside each other.
//!
//! In the copy that has the faults this file stands in the host model, which is below the bench; nothing here names either.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// No fault is on, and places that are come to are noted.
const PROBE: u32 = u32::MAX;

thread_local! {
    static CHOSEN: Cell<u32> = const { Cell::new(0) };
    static SEEN: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) };
}

/// Whether the fault of this number is on; asked at its place.
#[inline]
pub fn on(number: u32) -> bool {
    let chosen = CHOSEN.get();
    if chosen == PROBE {
        note(number as usize);
    }
    chosen == number
}

// Places are come to millions of times: a flag each.
fn note(number: usize) {
    SEEN.with_borrow_mut(|s| {
        if s.len() <= number {
            s.resize(number + 1, false);
        }
        s[number] = true;
    });
}

/// Does `work` with one fault on; 0 is none.
pub fn with<R>(number: u32, work: impl FnOnce() -> R) -> R {
    let before = CHOSEN.replace(number);
    let r = work();
    CHOSEN.set(before);
    r
}

/// Does `work` without any fault; the faults whose places it comes to.
pub fn probe<R>(work: impl FnOnce() -> R) -> (R, BTreeSet<u32>) {
    SEEN.with_borrow_mut(Vec::clear);
    let r = with(PROBE, work);
    (r, (0u32..).zip(SEEN.take()).filter(|(_, seen)| *seen).map(|(n, _)| n).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fault_is_on_and_places_are_noted() {
        assert!(!on(3));
        assert!(with(3, || on(3) && !on(4)));
        let (any, seen) = probe(|| on(3) || on(5));
        assert!(!any && seen == BTreeSet::from([3, 5]));
        assert!(!on(3));
    }
}
