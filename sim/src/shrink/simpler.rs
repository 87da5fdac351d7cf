// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Simpler vectors of the same steps: smaller numbers, lower indices, shorter times, a plainer machine and device.

use std::collections::BTreeMap;
use vectors::op::{DutParams, HostParams, Op, Range, Source, Vector};

/// Whether a vector still fails.
pub type Fails<'f> = &'f mut dyn FnMut(&Vector) -> bool;

/// All ways, in the order in which they are tried.
pub const ALL: &[fn(&Vector, Fails<'_>) -> Vector] = &[machine, device, indices, numbers, times];

fn keep(best: &mut Vector, candidate: Vector, fails: Fails<'_>) {
    if candidate != *best && fails(&candidate) {
        *best = candidate;
    }
}

/// The default machine, wherever it does.
fn machine(v: &Vector, fails: Fails<'_>) -> Vector {
    let mut best = v.clone();
    let plain = HostParams::default();
    keep(&mut best, Vector { host: plain.clone(), ..v.clone() }, fails);
    let fields: [fn(&mut HostParams, &HostParams); 9] = [
        |h, d| h.cpus = d.cpus,
        |h, d| h.x2apic = d.x2apic,
        |h, d| h.entry_cache = d.entry_cache,
        |h, d| h.fault_records = d.fault_records,
        |h, d| h.remap_delay = d.remap_delay,
        |h, d| h.rcb = d.rcb,
        |h, d| h.completions = d.completions,
        |h, d| h.credits = d.credits,
        |h, d| h.auto_service = d.auto_service,
    ];
    for field in fields {
        let mut candidate = best.clone();
        field(&mut candidate.host, &plain);
        keep(&mut best, candidate, fails);
    }
    best
}

/// The default device, wherever it does.
fn device(v: &Vector, fails: Fails<'_>) -> Vector {
    let mut best = v.clone();
    keep(&mut best, Vector { dut: DutParams::default(), ..v.clone() }, fails);
    let fields: [fn(&mut DutParams); 6] = [
        |d| d.data_w = None,
        |d| d.num_msix = None,
        |d| d.num_dev_slots = None,
        |d| d.num_host_slots = None,
        |d| d.host_cache_lines = None,
        |d| d.max_fetches = None,
    ];
    for field in fields {
        let mut candidate = best.clone();
        field(&mut candidate.dut);
        keep(&mut best, candidate, fails);
    }
    best
}

/// The sources that an operation names.
fn sources(op: &mut Op, each: &mut dyn FnMut(&mut Source)) {
    match op {
        Op::Connect { at, .. }
        | Op::Disconnect { at }
        | Op::Retarget { at, .. }
        | Op::Cause { at, .. }
        | Op::CauseIn { at, .. }
        | Op::Withdraw { at }
        | Op::Doorbell { at, .. }
        | Op::Mask { at }
        | Op::Unmask { at }
        | Op::Message { at, .. }
        | Op::Handle { at, .. }
        | Op::ExpectPending { at, .. }
        | Op::ExpectMessages { at, .. } => each(at),
        Op::CauseRange { range } | Op::ConnectRange { range, .. } | Op::Sweep { range } => each(&mut range.first),
        Op::FailReads { at: Some(at), .. } => each(at),
        _ => {}
    }
}

/// Places of entries in raw accesses follow their sources.
fn place(op: &mut Op, from: Source, to: Source) {
    let at = match op {
        Op::Write(w) => &mut w.at,
        Op::Read(r) => &mut r.at,
        Op::Invalidate { index, .. } => {
            if let (Source::Host(a), Source::Host(b)) = (from, to)
                && *index == a
            {
                *index = b;
            }
            return;
        }
        _ => return,
    };
    for k in 0..4 {
        let of = |s| crate::direct::draw::entry(s, k);
        if let (Some(old), Some(new), vectors::op::Place::Name(name)) = (of(from), of(to), &mut *at)
            && *name == old
        {
            *name = new;
        }
    }
}

/// Sources of each store from 0 on.
fn indices(v: &Vector, fails: Fails<'_>) -> Vector {
    let mut best = v.clone();
    let mut named: BTreeMap<Source, ()> = BTreeMap::new();
    for op in &mut best.steps.clone() {
        sources(op, &mut |s| {
            named.insert(*s, ());
        });
    }
    let mut next = [0u32; 5];
    for from in named.into_keys() {
        let (kind, to) = match from {
            Source::Msix(_) => (0, Source::Msix(next[0])),
            Source::Device(_) => (1, Source::Device(next[1])),
            Source::Host(_) => (2, Source::Host(next[2])),
            Source::Event(_) => (3, Source::Event(next[3])),
            Source::Msi(_) => (4, Source::Msi(next[4])),
            Source::VfMsix { .. } | Source::VfDevice { .. } => continue,
        };
        let mut candidate = best.clone();
        for op in &mut candidate.steps {
            place(op, from, to);
            sources(op, &mut |s| {
                if *s == from {
                    *s = to;
                }
            });
        }
        if from == to || fails(&candidate) {
            best = candidate;
            next[kind] += 1;
        }
    }
    best
}

/// Smaller numbers of an operation, the smallest first.
fn smaller(op: &Op) -> Vec<Op> {
    let mut all = Vec::new();
    let mut put = |op: Op| all.push(op);
    match op {
        Op::Cause { at, times, gap } => {
            put(Op::Cause { at: *at, times: 1, gap: 0 });
            put(Op::Cause { at: *at, times: (*times).min(2), gap: 0 });
            put(Op::Cause { at: *at, times: times.div_ceil(2), gap: *gap });
        }
        Op::CauseIn { at, .. } => put(Op::Cause { at: *at, times: 1, gap: 0 }),
        Op::CauseRange { range } => {
            put(Op::Cause { at: range.first, times: 1, gap: 0 });
            put(Op::CauseRange { range: Range { count: range.count.div_ceil(2), ..*range } });
        }
        Op::Doorbell { at, count, withdraw, .. } => {
            if !withdraw {
                put(Op::Cause { at: *at, times: 1, gap: 0 });
            }
            put(Op::Doorbell { at: *at, count: 1, record: false, withdraw: *withdraw });
            put(Op::Doorbell { at: *at, count: (*count).min(2), record: false, withdraw: *withdraw });
        }
        Op::Sweep { range } => {
            put(Op::Cause { at: range.first, times: 1, gap: 0 });
            put(Op::Sweep { range: Range { count: range.count.div_ceil(2), ..*range } });
        }
        Op::MsixEnable { vectors } => {
            put(Op::MsixEnable { vectors: 1 });
            put(Op::MsixEnable { vectors: vectors.div_ceil(2) });
        }
        Op::MsiEnable { vectors } => {
            put(Op::MsiEnable { vectors: 1 });
            put(Op::MsiEnable { vectors: vectors.div_ceil(2) });
        }
        Op::HostStore { slots, base } => put(Op::HostStore { slots: (*slots).min(64), base: *base }),
        Op::Connect { at, to, masked } => {
            let mut low = *to;
            low.cpu = 0;
            put(Op::Connect { at: *at, to: low, masked: false });
            put(Op::Connect { at: *at, to: *to, masked: false });
            put(Op::Connect { at: *at, to: low, masked: *masked });
        }
        Op::Invalidate { index, order, notify, .. } => {
            put(Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false });
            put(Op::Invalidate { index: *index, order: *order, notify: false, no_wait: false });
            put(Op::Invalidate { index: *index, order: *order, notify: *notify, no_wait: false });
        }
        Op::Pressure { rx_gap, tx_stall, cause_gap } => {
            put(Op::Pressure { rx_gap: 0, tx_stall: *tx_stall, cause_gap: 0 });
            put(Op::Pressure { rx_gap: *rx_gap, tx_stall: 0, cause_gap: 0 });
            put(Op::Pressure { rx_gap: 0, tx_stall: 0, cause_gap: *cause_gap });
        }
        Op::Submit(w) => {
            let one = vectors::op::Submit { times: 1, fence: false, ..w.clone() };
            put(Op::Submit(vectors::op::Submit { work: Default::default(), size: 0, ..one.clone() }));
            put(Op::Submit(vectors::op::Submit { size: w.size.min(8), ..one.clone() }));
            put(Op::Submit(one));
            put(Op::Submit(vectors::op::Submit { size: w.size.div_ceil(2), ..w.clone() }));
        }
        Op::Remapping { size: 15, eime: false, compatibility: false } => {}
        Op::Remapping { .. } => put(Op::Remapping { eime: false, size: 15, compatibility: false }),
        _ => {}
    }
    all
}

fn each(v: &Vector, fails: Fails<'_>, of: impl Fn(&Op) -> Vec<Op>) -> Vector {
    let mut best = v.clone();
    for k in 0..best.steps.len() {
        for op in of(&best.steps[k]) {
            if op == best.steps[k] {
                continue;
            }
            let mut candidate = best.clone();
            candidate.steps[k] = op;
            if fails(&candidate) {
                best = candidate;
                break;
            }
        }
    }
    best
}

fn numbers(v: &Vector, fails: Fails<'_>) -> Vector {
    each(v, fails, smaller)
}

/// Shorter times: what waits longer than it must hides what matters.
fn times(v: &Vector, fails: Fails<'_>) -> Vector {
    let shorter = |n: u64| [1, n / 4, n / 2, n.saturating_sub(1)].into_iter().filter(move |m| *m < n);
    each(v, fails, |op| match op {
        Op::Wait(n) => shorter(*n).filter(|n| *n > 0).map(Op::Wait).collect(),
        Op::CauseIn { at, ticks } => shorter(*ticks).map(|ticks| Op::CauseIn { at: *at, ticks }).collect(),
        _ => Vec::new(),
    })
}
