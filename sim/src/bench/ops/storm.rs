// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Random causes over many sources while software changes them.

use super::causes::nth;
use super::errors;
use super::stores;
use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use rand::RngExt;
use std::collections::BTreeSet;
use tlp::CauseOp;
use vectors::op::{Op, Range, Retarget, Source, Target};

/// A source of one of the ranges, each range as likely as another.
fn draw(s: &mut Sequencer<'_>, over: &[Range]) -> Source {
    let r = over[s.world.rng.random_range(0..over.len())];
    let k = s.world.rng.random_range(0..r.count.max(1));
    nth(&r, k)
}

/// A random target. In compatibility format the target is the message, and the ledger
/// tells sources by their messages: `unique` draws one that no source has.
fn target(s: &mut Sequencer<'_>, unique: bool) -> Target {
    loop {
        let to =
            Target { cpu: s.world.rng.random_range(0..s.machine.cpus), vector: s.world.rng.random_range(0x30..0xe0) };
        let taken = s.machine.connections.values().any(|c| c.target == to);
        let all = s.machine.connections.len() >= 0xb0 * s.machine.cpus as usize;
        if !unique || !taken || all {
            return to;
        }
    }
}

pub fn storm(s: &mut Sequencer<'_>, op: &Op) -> Result<(), Stop> {
    let Op::Storm { causes, over, gap_max, mask_chance, retarget_chance, error_chance } = op else {
        return Err(Stop::Input("not a storm".into()));
    };
    if over.is_empty() {
        return Err(Stop::Input("a storm needs at least one range".into()));
    }
    // Events have no masks, and MSI vectors are raised by events alone.
    let of = |keep: fn(&Source) -> bool| over.iter().copied().filter(|r| keep(&r.first)).collect::<Vec<Range>>();
    let raised = of(|first| !matches!(first, Source::Msi(_)));
    let over = of(|first| !matches!(first, Source::Event(_)));
    if raised.is_empty() {
        return Err(Stop::Input("nothing in the storm can be raised".into()));
    }
    let mut masked = BTreeSet::new();
    for _ in 0..*causes {
        let at = draw(s, &raised);
        let now = s.world.now();
        s.world.raise(CauseOp::Raise, at, now);
        let gap = s.world.rng.random_range(0..=*gap_max);
        if gap > 0 {
            s.world.wait(gap)?;
        }
        if s.world.rng.random::<u8>() < *mask_chance && !over.is_empty() {
            let at = draw(s, &over);
            let on = !masked.remove(&at);
            if on {
                masked.insert(at);
            }
            stores::set_mask(s, at, on)?;
        }
        if *error_chance > 0 && s.world.rng.random_range(0..1024) < *error_chance {
            errors::any(s)?;
        }
        if s.world.rng.random::<u8>() < *retarget_chance && !over.is_empty() {
            let at = draw(s, &over);
            let entry = s.machine.connections.get(&at).is_some_and(|c| c.entry.is_some());
            let to = target(s, !entry);
            stores::retarget(s, at, to, if entry { Retarget::Entry } else { Retarget::Message })?;
            if !entry {
                // A new message opens the source.
                masked.remove(&at);
            }
        }
    }
    for at in masked {
        stores::set_mask(s, at, false)?;
    }
    if *error_chance > 0 && s.world.shadow.host_slots > 0 {
        // Sources whose fetch went wrong wait for this; what was to go wrong and has not, does not any more.
        s.world.host.rc_mut().clear_injections();
        s.world.pardon_reads();
        stores::invalidate(s, 0, 20, false, true)?;
    }
    let bound = s.bound;
    s.world.settle(bound)
}
