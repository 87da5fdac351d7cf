// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `all-vectors`: every source of every store fires, waits behind its mask, and arrives.

use super::runs::{rtl, run};
use super::{Context, Figure};
use crate::run::{Batch, Outcome, Verdict};
use anyhow::Result;
use serde_json::json;
use vectors::op::{HostParams, Op, Place, Range, Read, Source, Vector};
use vectors::suite::Loaded;

fn read(at: String, expect: u64) -> Op {
    Op::Read(Read { at: Place::Name(at), len: 8, expect: Some(expect), mask: None, status: None, vf: None })
}

/// Both halves for one store: fire while open; then pend behind the mask, be seen pending, be unmasked, arrive.
fn steps(first: Source, count: u32) -> Vec<Op> {
    let range = Range { first, count };
    let of = |k: u32| first.plus(k);
    let each = |op: fn(Source) -> Op| (0..count).map(move |k| op(of(k)));
    let mut steps = vec![Op::ConnectRange { range, masked: false }, Op::Count, Op::Sweep { range }, Op::Settle];
    steps.push(Op::ExpectMessagesTotal(u64::from(count)));
    steps.extend(each(|at| Op::ExpectMessages { at, count: 1 }));
    steps.extend(each(|at| Op::Mask { at }));
    steps.extend([Op::Count, Op::Sweep { range }, Op::Settle, Op::ExpectMessagesTotal(0)]);
    match first {
        Source::Msix(_) => steps.extend((0..count / 64).map(|q| read(format!("msix_pba+{:#x}", 8 * q), u64::MAX))),
        Source::Host(_) => steps.extend((0..count / 64).map(|q| read(format!("host_pending+{:#x}", 8 * q), u64::MAX))),
        _ => steps.extend(each(|at| Op::ExpectPending { at, value: true })),
    }
    steps.extend(each(|at| Op::Unmask { at }));
    steps.extend([Op::Settle, Op::ExpectMessagesTotal(u64::from(count))]);
    steps.extend(each(|at| Op::ExpectMessages { at, count: 1 }));
    steps
}

fn vector(name: &str, before: Vec<Op>, body: Vec<Op>) -> Loaded {
    let mut steps = vec![Op::Enumerate, Op::Remapping { eime: true, size: 15, compatibility: false }];
    steps.extend(before);
    steps.extend(body);
    let vector = Vector {
        name: name.into(),
        intent: "every source of the store".into(),
        items: Vec::new(),
        dut: Default::default(),
        host: HostParams { cpus: 64, x2apic: true, ..HostParams::default() },
        bound: 2_000_000,
        steps,
    };
    Loaded { path: name.into(), vector }
}

/// Sources that did both: two causes each, each delivered or answered by the same service.
fn both(o: &Outcome) -> u64 {
    let c = &o.counters;
    if o.verdict == Verdict::Passed && c.causes == c.messages && c.causes == c.delivered + c.merged {
        c.causes / 2
    } else {
        0
    }
}

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let host_slots = if ctx.small { 4096 } else { 65_536 };
    let found = [
        vector("all_msix", vec![Op::MsixEnable { vectors: 2048 }], steps(Source::Msix(0), 2048)),
        vector("all_device_slots", vec![], steps(Source::Device(0), 4096)),
        vector(
            "all_host_slots",
            vec![Op::HostStore { slots: host_slots, base: None }],
            steps(Source::Host(0), host_slots),
        ),
    ];
    let outcomes = run(&Batch::new(rtl(ctx)?), &found)?;
    for o in outcomes.iter().filter(|o| o.verdict != Verdict::Passed) {
        let first = o.findings.first().map(|f| format!("{}: {}", f.check, f.text));
        (ctx.say)(&format!("{}: {}", o.name, first.or_else(|| o.error.clone()).unwrap_or_default()));
    }
    let [msix, device, host] = [0, 1, 2].map(|k| both(&outcomes[k]));
    Ok(Figure {
        name: "all-vectors",
        value: json!({
            "msix": msix, "device_slots": device, "host_slots": host,
            "seconds": outcomes.iter().map(|o| (o.wall_s * 10.0).round() / 10.0).collect::<Vec<_>>(),
        }),
        unit: "sources fired, then masked, pended, unmasked; both messages through a remapping entry to the right processor and vector, exactly once",
        goal: format!("2048, 4096, {host_slots}"),
        ok: [msix, device, host] == [2048, 4096, u64::from(host_slots)],
        spread: None,
        how: format!(
            "RTL, 64 processors, table of 65,536 entries{}",
            if ctx.small { "; short form: 4,096 host slots" } else { "" }
        ),
    })
}
