// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Aims causes at actions, to the cycle. How long an action takes from the step to the device is not known beforehand:
//! it is learned. A cause is placed where the last attempt would have been right; what the collector saw beside it
//! says how far off it was, and the next attempt is moved by that. Until anything is seen, attempts move on in steps
//! that leave no gap in the collector's window.

use super::draw::{entry, read, write};
use super::levers::{normal, source};
use super::shape::dealt;
use super::soft::Soft;
use crate::cover::races::{Kind, Raced};
use crate::cover::{Item, items};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use vectors::op::{Op, Place, Read, Source, Write};

/// Step of the search for an action that has never been seen.
const SCAN: i64 = 20;
/// Where the search begins anew.
const FARTHEST: i64 = 400;
/// Ticks by which causes are ahead of the action, so that they can also come before it.
const LEAD: u64 = 12;

/// A race that is wanted: which bins, and how.
#[derive(Clone, Debug)]
pub struct Race {
    /// Bins with the source that each is aimed at.
    pub bins: Vec<(usize, Source)>,
    /// What happens.
    pub kind: Kind,
    /// Store of the causes.
    pub store: usize,
    /// Smallest distance aimed at.
    pub nearest: i64,
}

/// Where actions have been seen.
#[derive(Clone, Debug, Default)]
pub struct Timing {
    /// Ticks from the step to the action, as far as known.
    after: BTreeMap<(Kind, usize), i64>,
    /// Actions that have been seen.
    seen: BTreeMap<(Kind, usize), u32>,
}

/// What a race bin asks for.
struct Wanted {
    bin: usize,
    enable: bool,
    function_mask: bool,
    masked: bool,
    pending: bool,
    kind: Kind,
    distance: i64,
}

const MSIX: [Kind; 9] = [
    Kind::Event,
    Kind::Mask,
    Kind::Unmask,
    Kind::FunctionMask,
    Kind::Enable,
    Kind::Reset,
    Kind::Rewrite,
    Kind::ReadBack,
    Kind::BusMaster,
];
const DEVICE: [Kind; 7] =
    [Kind::Event, Kind::Mask, Kind::Unmask, Kind::Rewrite, Kind::ReadBack, Kind::Reset, Kind::BusMaster];
const HOST: [Kind; 7] =
    [Kind::Event, Kind::Invalidate, Kind::Disable, Kind::Fetch, Kind::Answer, Kind::Reset, Kind::BusMaster];
const MSI: [Kind; 6] = [Kind::Event, Kind::Mask, Kind::Unmask, Kind::Enable, Kind::Rewrite, Kind::ReadBack];

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
    )
}

fn wanted(bin: usize, rng: &mut ChaCha8Rng) -> Option<(usize, Wanted)> {
    let (item, v) = items::parts(bin);
    let open = Wanted {
        bin,
        enable: true,
        function_mask: false,
        masked: false,
        pending: false,
        kind: Kind::Event,
        distance: 0,
    };
    let near = |v: usize| v as i64 - 2;
    let wide = |v: usize| v as i64 - 8;
    let one = |x: usize| x == 1;
    Some(match item {
        Item::msix_race => {
            let (enable, function_mask, masked, pending) = (one(v[0]), one(v[1]), one(v[2]), one(v[3]));
            (0, Wanted { enable, function_mask, masked, pending, kind: MSIX[v[4]], distance: near(v[5]), ..open })
        }
        Item::msix_race_wide => (0, Wanted { kind: MSIX[v[0]], distance: wide(v[1]), masked: rng.random(), ..open }),
        Item::device_race => {
            (1, Wanted { masked: one(v[0]), pending: one(v[1]), kind: DEVICE[v[2]], distance: near(v[3]), ..open })
        }
        Item::device_race_wide => {
            (1, Wanted { kind: DEVICE[v[0]], distance: wide(v[1]), masked: rng.random(), ..open })
        }
        Item::host_race => {
            (2, Wanted { masked: one(v[0]), pending: one(v[1]), kind: HOST[v[2]], distance: near(v[3]), ..open })
        }
        Item::host_race_wide => (2, Wanted { kind: HOST[v[0]], distance: wide(v[1]), ..open }),
        Item::msi_race => {
            (3, Wanted { masked: one(v[0]), pending: one(v[1]), kind: MSI[v[2]], distance: near(v[3]), ..open })
        }
        _ => return None,
    })
}

/// Actions that concern every source of a store at once: one of them serves several causes.
fn is_wide(kind: Kind, store: usize) -> bool {
    matches!(kind, Kind::FunctionMask | Kind::Enable | Kind::Reset | Kind::BusMaster | Kind::Disable)
        || store == 3 && matches!(kind, Kind::Rewrite | Kind::ReadBack)
}

impl Timing {
    /// Operations for a race bin, with others of the same action that fit beside it; what was aimed at.
    pub fn lead(&mut self, bin: usize, holes: &[usize], soft: &Soft, rng: &mut ChaCha8Rng) -> Option<(Vec<Op>, Race)> {
        let (store, first) = wanted(bin, rng)?;
        let kind = first.kind;
        if store == 3 {
            let race = Race { bins: vec![(bin, Source::Msi(0))], kind, store, nearest: first.distance };
            return Some((train(&first, soft, rng)?, race));
        }
        let (enable, function_mask) = (first.enable, first.function_mask);
        let mut all = vec![first];
        if is_wide(kind, store) {
            let mut others: Vec<usize> = holes.to_vec();
            // Any of those that fit: begin somewhere.
            let at = rng.random_range(0..others.len().max(1));
            others.rotate_left(at);
            for other in others {
                let Some((s, w)) = wanted(other, rng) else { continue };
                let fits = s == store
                    && w.kind == kind
                    && (w.enable, w.function_mask) == (enable, function_mask)
                    && all.iter().all(|x| x.distance != w.distance && x.bin != w.bin);
                if fits && all.len() < if store == 3 { 3 } else { 5 } {
                    all.push(w);
                }
            }
        }
        let mut ops = normal(soft);
        let of = |k: usize| if store == 3 { Source::Msi(k as u32) } else { source(store, k as u32) };
        let raised = |k: usize| source(store, k as u32);
        if store == 2 && soft.host.is_none() {
            ops.push(Op::HostStore { slots: 64, base: None });
        }
        for k in 0..all.len() {
            if soft.conns.get(&of(k)).is_none_or(|c| c.custom) {
                let to = dealt(soft.cpus, rng.random_range(700..1400));
                ops.push(Op::Connect { at: of(k), to, masked: false });
            } else if soft.conns.get(&of(k)).is_some_and(|c| c.masked) {
                ops.push(Op::Unmask { at: of(k) });
            }
        }
        ops.push(Op::Settle);
        let closed_above = !enable || function_mask;
        for (k, w) in all.iter().enumerate() {
            if w.masked {
                ops.push(Op::Mask { at: of(k) });
            }
        }
        if store == 0 && function_mask {
            ops.push(Op::FunctionMask(true.into()));
        }
        if store == 0 && !enable {
            ops.push(Op::MsixEnableBit(false.into()));
        }
        for (k, w) in all.iter().enumerate() {
            if w.pending && (w.masked || closed_above) {
                ops.push(Op::Cause { at: raised(k), times: 1, gap: 0 });
            }
        }
        let held = all.iter().any(|w| w.pending && !w.masked && !closed_above);
        if held && kind != Kind::Fetch && rng.random_range(0..3) > 0 {
            // What is open stays pending only while its message cannot leave.
            ops.push(Op::Pressure { rx_gap: 0, tx_stall: 200, cause_gap: 0 });
        } else {
            ops.push(Op::Wait(rng.random_range(8..40)));
        }
        let key = (kind, store);
        let after = *self.after.entry(key).or_insert(SCAN);
        let jitter =
            if self.seen.contains_key(&key) && rng.random_range(0..3) == 0 { rng.random_range(-1..=1) } else { 0 };
        let mut causes: Vec<(i64, Source)> = Vec::new();
        for (k, w) in all.iter().enumerate() {
            let at = (after + jitter + w.distance).max(0);
            causes.push((at, raised(k)));
            if w.pending && !w.masked && !closed_above {
                let early = at.min(after + jitter) - rng.random_range(1..8);
                causes.push((early.max(0), raised(k)));
            }
        }
        // The port takes causes in the order in which they were given: those that act stand among the others.
        match kind {
            Kind::Event => causes.push((after + jitter, raised(0))),
            Kind::Fetch => causes.push((LEAD as i64, raised(0))),
            _ => {}
        }
        causes.sort();
        if kind == Kind::Answer {
            // The fetch goes out for this one; taken back, nothing is pending when the answer comes.
            ops.push(Op::CauseIn { at: raised(0), ticks: 0 });
            if all.iter().all(|w| !w.pending) {
                ops.push(Op::Withdraw { at: raised(0) });
            }
        }
        ops.extend(causes.into_iter().map(|(at, s)| Op::CauseIn { at: s, ticks: at as u64 }));
        if !matches!(kind, Kind::Event | Kind::Fetch | Kind::Answer) {
            ops.push(Op::Wait(LEAD));
            ops.extend(act(kind, of(0), enable, function_mask)?);
        }
        ops.push(Op::Wait(40));
        if held {
            ops.push(Op::Pressure { rx_gap: 0, tx_stall: 0, cause_gap: 0 });
        }
        let nearest = all.iter().map(|w| w.distance).min().unwrap_or(0);
        let bins = all.iter().enumerate().map(|(k, w)| (w.bin, of(k))).collect();
        Some((ops, Race { bins, kind, store, nearest }))
    }

    /// What was seen of an attempt.
    pub fn learn(&mut self, race: &Race, seen: &[Raced]) {
        let key = (race.kind, race.store);
        let found = seen.iter().filter(|r| r.kind == race.kind && r.store == race.store).map(|r| r.distance);
        let after = self.after.entry(key).or_insert(SCAN);
        match found.min_by_key(|d| (d - race.nearest).abs()) {
            Some(d) => {
                *self.seen.entry(key).or_default() += 1;
                // An action that takes now more, now less time is followed by halves once it is known.
                let off = d - race.nearest;
                *after -= if off.abs() <= 2 { off.signum() } else { off };
                *after = (*after).clamp(0, FARTHEST);
            }
            None if !self.seen.contains_key(&key) => {
                *after += SCAN;
                if *after > FARTHEST {
                    *after = 0;
                }
            }
            None => {}
        }
    }
}

/// A race of MSI vectors. Events reach their vector when the scanner of coalescers comes by, so the time of one cannot
/// be aimed: a train of them goes over all vectors, and some come right.
fn train(w: &Wanted, soft: &Soft, rng: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    let mask = |value: u64| {
        Op::CfgWrite(Write { at: Place::Name("msi_mask".into()), len: 4, value, be: None, status: None, vf: None })
    };
    let all = vectors::op::Range { first: Source::Event(0), count: 32 };
    let mut ops = normal(soft);
    ops.extend([mask(0), Op::Settle]);
    if w.masked {
        ops.push(mask(0xffff_ffff));
    }
    match (w.pending, w.masked) {
        (true, true) => ops.extend([Op::CauseRange { range: all }, Op::Wait(400)]),
        (true, false) => ops.push(Op::Pressure { rx_gap: 0, tx_stall: 240, cause_gap: 0 }),
        _ => {}
    }
    let gap = rng.random_range(1..5u64);
    for round in 0..1 + u64::from(w.pending && !w.masked) {
        ops.extend((0..32).map(|k| Op::CauseIn { at: Source::Event(k), ticks: 8 + gap * (u64::from(k) + 32 * round) }));
    }
    if w.kind == Kind::Event {
        ops.extend((0..32).map(|k| Op::CauseIn { at: Source::Event(k), ticks: 8 + gap * 64 }));
    }
    ops.push(Op::Wait(rng.random_range(12..160)));
    if w.kind != Kind::Event {
        ops.extend(act(w.kind, Source::Msi(0), true, false)?);
    }
    ops.extend([Op::Wait(260), Op::Pressure { rx_gap: 0, tx_stall: 0, cause_gap: 0 }]);
    if w.kind == Kind::Enable {
        let at = Place::Name("msi_control".into());
        ops.push(Op::CfgWrite(Write { at, len: 2, value: 0x51, be: None, status: None, vf: None }));
    }
    Some(ops)
}

/// The step that makes it happen; causes are no steps of their own.
fn act(kind: Kind, s: Source, enable: bool, function_mask: bool) -> Option<Vec<Op>> {
    let config = |at: &str, value: u64, len: u32| {
        vec![Op::CfgWrite(Write { at: Place::Name(at.into()), len, value, be: None, status: None, vf: None })]
    };
    let msi = matches!(s, Source::Msi(_));
    Some(match kind {
        Kind::Mask if msi => config("msi_mask", 0xffff_ffff, 4),
        Kind::Unmask if msi => config("msi_mask", 0, 4),
        Kind::Enable if msi => config("msi_control", 0x50, 2),
        Kind::Rewrite if msi => config("msi_upper", 0, 4),
        Kind::ReadBack if msi => {
            let at = Place::Name("msi_mask".into());
            vec![Op::CfgRead(Read { at, len: 4, expect: None, mask: None, status: None, vf: None })]
        }
        Kind::Mask => vec![write(entry(s, 3)?, 1)],
        Kind::Unmask => vec![write(entry(s, 3)?, 0)],
        Kind::Rewrite => vec![write(entry(s, 1)?, 0)],
        Kind::ReadBack => vec![read(entry(s, 3)?, 4)],
        Kind::FunctionMask => vec![Op::FunctionMask((!function_mask).into())],
        Kind::Enable => vec![Op::MsixEnableBit((!enable).into())],
        Kind::BusMaster => vec![Op::BusMaster(false.into())],
        Kind::Reset => vec![Op::Flr],
        Kind::Disable => vec![Op::HostStoreOff],
        Kind::Invalidate => {
            let Source::Host(index) = s else { return None };
            vec![Op::Invalidate { index, order: 0, notify: false, no_wait: false }]
        }
        Kind::Event | Kind::Fetch | Kind::Answer => return None,
    })
}
