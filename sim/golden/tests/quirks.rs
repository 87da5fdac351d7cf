// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every quirk changes what a bench can see, and the healthy device shows none of it.
//!
//! One long workload touches all that a quirk can act on; the log of a quirky
//! device has to differ from the healthy one's, and the tests below it say for
//! the important ones that the difference is the defect that the name promises.

mod common;

use common::*;
use golden::{GoldenConfig, Quirk};
use tlp::Store::{Device, Event, Host, Msix};
use tlp::{CreditLimits, Endpoint, Observed, Packet, Pressure, Stamped};

fn vector(h: &mut Hand, k: u32, mask: u32) {
    h.write16(BAR2 + 16 * u64::from(k), [0xfee0_0000 + 0x1000 * k, 0, 0x4000 + k, mask]);
}

/// Answers every fetch that has left, with `answer`.
fn serve(h: &mut Hand, answer: impl Fn(u32, u64) -> Packet) -> usize {
    let (reads, rest) = std::mem::take(&mut h.up).into_iter().partition::<Vec<_>, _>(is_read);
    h.up = rest;
    for p in &reads {
        let address = if kind(p) == 0x20 {
            u64::from(p.header[2]) << 32 | u64::from(p.header[3])
        } else {
            u64::from(p.header[2])
        };
        h.push(answer(p.header[1] >> 8 & 0xff, address));
    }
    reads.len()
}

fn slot_data(tag: u32, address: u64, generation: u32) -> Packet {
    let slot = (address & 0xffff) as u32 / 16;
    cpld(tag, 0, 16, address as u32 & 0x7f, &[0xfee0_0000, 0, slot << 8 | generation, 0])
}

/// A bit of everything. Completions are not waited for, since a quirk may swallow them.
fn workload(quirk: Option<Quirk>) -> Vec<Stamped<Observed>> {
    let config = GoldenConfig { quirks: quirk.into_iter().collect(), ..Default::default() };
    let mut h = Hand::new(&config);
    let mut tag = 0;
    let mut cfg = |h: &mut Hand, offset: u32, value: u32, be: u32| {
        tag = (tag + 1) & 0xff;
        h.push(cfgwr(offset, value, be, tag));
        h.run(20);
    };
    h.run(400);
    let bars = [
        (0x10, BAR0 as u32),
        (0x14, BAR1 as u32),
        (0x18, BAR2 as u32),
        (0x1c, (BAR2 >> 32) as u32),
        (0x20, BAR4 as u32),
        (0x24, (BAR4 >> 32) as u32),
    ];
    bars.into_iter().for_each(|(o, v)| cfg(&mut h, o, v, 0xf));
    cfg(&mut h, 0x04, 0x6, 0xf);
    cfg(&mut h, 0x3c, 0x55, 0x0);
    h.push(cfgrd(0x3c, 3));
    cfg(&mut h, 0xb0, 0xc000_0000, 0x8);
    let set = |h: &mut Hand, o: u64, v: u32| h.push(mwr(BAR0 + o, 0xf, 0, &[v]));

    // Vectors: function mask, unmask, masked ones, rewrites, withdrawals.
    (0..8).for_each(|k| vector(&mut h, k, u32::from(k >= 4)));
    vector(&mut h, 40, 1);
    h.run(40);
    (0..8).chain([40]).for_each(|k| h.raise(Msix, k));
    h.run(40);
    h.write(BAR2 + 16 * 4 + 12, 0);
    h.run(60);
    cfg(&mut h, 0xb0, 0x8000_0000, 0x8);
    h.run(60);
    h.withdraw(Msix, 5);
    h.run(10);
    (5..8).chain([40]).for_each(|k| h.write(BAR2 + 16 * k + 12, 0));
    h.run(100);
    for round in 0..8 {
        (0..4).for_each(|k| h.raise(Msix, k));
        h.run(30);
        h.push(mrd(BAR2 + 0x8000, 1, 0xf, 0, round | 0x300));
        h.run(10);
    }
    h.write16(BAR2, [0xfee1_0000, 0x1, 0x77, 0]);
    h.run(20);
    h.raise(Msix, 0);
    h.run(50);
    h.write(BAR2 + 12, 1);
    h.raise(Msix, 0);
    h.run(50);
    h.write(BAR2 + 12, 0);
    h.run(500);
    h.write(BAR2 + 12, 1);
    h.run(420);
    h.raise(Msix, 0); // masked, and below the one that is open
    h.run(20);
    h.raise(Msix, 2);
    h.run(50);
    cfg(&mut h, 0xb0, 0, 0x8);
    h.raise(Msix, 1);
    h.run(50);
    cfg(&mut h, 0xb0, 0x8000_0000, 0x8);
    h.run(50);

    h.write(BAR2 + 12, 0);
    h.run(50);

    // Bus master off, D3hot is part of a reset further down.
    cfg(&mut h, 0x04, 0x2, 0xf);
    h.raise(Msix, 1);
    (0..18).for_each(|_| set(&mut h, 0x1100, 1 | 1 << 30));
    h.push(mrd(BAR0 + 0x1044, 1, 0xf, 0, 9));
    h.run(50);
    cfg(&mut h, 0x04, 0x6, 0xf);

    // An advisory error while such are masked, as they are after reset: it leaves no uncorrectable status.
    h.push(mrd(0x7000_0000, 1, 0xf, 0, 10));
    h.run(20);
    h.push(cfgrd(0x144, 11));
    h.run(50);

    // Records, device slots, the host store with a change of content.
    set(&mut h, 0x1110, 0x9000_0000);
    (0..6).for_each(|k| set(&mut h, 0x1100, (k % 4) | 1 << 30));
    h.write16(BAR4, [0, 0, 1, 0]);
    h.run(20);
    h.raise(Device, 0);
    h.run(400);
    h.host_store(0x10_0000, 256);
    h.run(50);
    for generation in 0..3 {
        (0..6).for_each(|k| h.raise(Host, k));
        for _ in 0..30 {
            h.run(10);
            serve(&mut h, |t, a| slot_data(t, a, generation));
        }
        if generation == 1 {
            set(&mut h, 0x102c, 0);
            set(&mut h, 0x102c, 1);
        } else {
            set(&mut h, 0x1030, 3 << 20 | 3 << 30);
        }
        h.run(50);
    }
    // A fetch that an invalidation overtakes; a poisoned one; one that times out.
    h.raise(Host, 100);
    h.run(30);
    set(&mut h, 0x1030, 100 | 1 << 31);
    h.run(20);
    serve(&mut h, |t, a| slot_data(t, a, 9));
    h.run(50);
    serve(&mut h, |t, a| slot_data(t, a, 10));
    h.raise(Host, 101);
    h.run(30);
    serve(&mut h, |t, a| {
        let mut p = slot_data(t, a, 9);
        p.header[0] |= 1 << 14;
        p
    });
    h.run(50);
    cfg(&mut h, 0x78, 1, 0xf);
    h.raise(Host, 102);
    h.run(17_000);
    h.raise(Host, 103);
    h.run(50);
    // A committed message when an invalidation ends.
    h.ep.pressure(Pressure { tx_stall: 255, ..Default::default() }, 1);
    (1..6).for_each(|k| h.raise(Msix, k % 4));
    h.run(20);
    set(&mut h, 0x1030, 1 << 31 | 1 << 30);
    h.push(mrd(BAR0 + 0x1048, 1, 0xf, 0, 9));
    h.run(50);
    h.ep.pressure(Pressure::default(), 1);
    h.run(100);

    // Credits, errors, long reads.
    h.ep.credits(CreditLimits { ph: Some(0), cplh: Some(0), ..Default::default() });
    h.push(cfgrd(0, 1));
    h.raise(Msix, 1);
    h.run(100);
    h.ep.credits(CreditLimits::default());
    let mut poisoned = mwr(BAR2 + 8, 0xf, 0, &[0x99]);
    poisoned.header[0] |= 1 << 14;
    h.push(poisoned);
    h.push(mrd(0x1000, 1, 0xf, 0, 9));
    h.push(cfgrd(0x58, 1));
    h.push(mrd(BAR2, 64, 0xf, 0xf, 0x1ff));
    h.run(200);
    (0..60).for_each(|i| {
        h.push(mrd(BAR2 + 4 * i, 1, 0xf, 0, i as u32));
        h.run(10);
    });
    cfg(&mut h, 0x04, 0x4, 0xf);
    h.push(mrd(BAR2, 1, 0xf, 0, 9));
    h.run(50);
    cfg(&mut h, 0x04, 0x6, 0xf);

    // Events: INTx, its disable, hand-over to MSI and back, masks, frames, time, fewer vectors.
    cfg(&mut h, 0xb0, 0, 0x8);
    (0..4).for_each(|k| {
        h.raise(Event, k);
        h.run(40);
    });
    cfg(&mut h, 0x04, 0x406, 0xf);
    cfg(&mut h, 0x04, 0x6, 0xf);
    cfg(&mut h, 0x94, 0xfee0_2000, 0xf);
    cfg(&mut h, 0x9c, 0x5555_0040, 0xf);
    cfg(&mut h, 0x90, 0x21 << 16, 0xf);
    h.run(100);
    set(&mut h, 0x1140, !0);
    cfg(&mut h, 0xa0, 0xe, 0xf);
    (0..3).for_each(|k| h.raise(Event, k));
    h.run(50);
    cfg(&mut h, 0x90, 0x20 << 16, 0xf);
    cfg(&mut h, 0xa0, 0, 0xf);
    h.run(50);
    cfg(&mut h, 0x90, 0x21 << 16, 0xf);
    (0..12).for_each(|k| {
        h.raise(Event, k % 3);
        h.run(20);
    });
    set(&mut h, 0x2004, 4);
    h.run(20);
    (0..4).for_each(|_| h.raise(Event, 0));
    h.run(300);
    set(&mut h, 0x2008, 2 << 16);
    h.run(20);
    (0..3).for_each(|_| h.raise(Event, 1));
    h.run(6000);
    set(&mut h, 0x200c, 50);
    h.run(20);
    (0..3).for_each(|_| h.raise(Event, 2));
    h.run(20);
    cfg(&mut h, 0x90, 1 << 16, 0xf);
    h.run(400);
    set(&mut h, 0x1140, !0);
    cfg(&mut h, 0x90, 0, 0xf);
    cfg(&mut h, 0xb0, 0x8000_0000, 0x8);
    // Errors with all reporting on, masked and fatal ones, digests both ways.
    cfg(&mut h, 0x04, 0x106, 0xf);
    cfg(&mut h, 0x58, 0xf, 0x1);
    cfg(&mut h, 0x154, 0, 0xf);
    cfg(&mut h, 0x148, 1 << 14, 0xf);
    for k in 0..6 {
        h.push(mwr(0x1000 + 16 * k, 0xf, 0, &[0]));
        h.push(mrd(0x1000 + 16 * k, 1, 0xf, 0, 9));
        h.run(60);
        let bit = [20, 16, 12, 18, 20, 20][k as usize];
        cfg(&mut h, 0x14c, 1 << bit, 0xf);
        cfg(&mut h, 0x04, if k == 4 { 0x102 } else { 0x106 }, 0xf);
        h.push(cfgrd(0x144, 2));
        h.push(cfgrd(0x164, 3));
        h.push(cfgrd(0x04, 4));
        cfg(&mut h, 0x144, !0, 0xf);
    }
    cfg(&mut h, 0x148, 1 << 20, 0xf);
    h.push(mwr(0x1000, 0xf, 0, &[0]));
    h.run(40);
    cfg(&mut h, 0x158, 0x140, 0xf);
    h.push(Packet::with_data([0x4000_8001, 0x0100_000f, 0xfee0_1000, 0], [0x41, 0]));
    (0..4).for_each(|k| h.push(cfgrd(0x144 + 4 * k, 2)));
    h.run(200);
    cfg(&mut h, 0x158, 0, 0xf);
    cfg(&mut h, 0x148, 0, 0xf);

    // A malformed request.
    h.push(mrd(BAR2 + 0xffc, 2, 0xf, 0xf, 9));
    h.run(60);

    // More doorbells than wait, since their records may not be written.
    cfg(&mut h, 0x04, 0x2, 0xf);
    (0..20).for_each(|k| set(&mut h, 0x1100, (k % 4) | 1 << 30));
    h.push(mrd(BAR0 + 0x1040, 2, 0xf, 0xf, 9));
    h.run(60);
    cfg(&mut h, 0x04, 0x6, 0xf);
    h.run(200);

    // D3hot, then a function level reset with something pending.
    h.raise(Msix, 7);
    h.run(30);
    cfg(&mut h, 0xb0, 0xc000_0000, 0x8);
    h.raise(Msix, 7);
    h.run(20);
    cfg(&mut h, 0xb0, 0x8000_0000, 0x8);
    vector(&mut h, 6, 1);
    h.run(20);
    cfg(&mut h, 0x44, 3, 0xf);
    h.raise(Msix, 7);
    h.push(mwr(BAR2, 0xf, 0, &[0]));
    h.run(50);
    cfg(&mut h, 0x58, 0x8000, 0x2);
    h.run(1000);
    h.push(cfgrd(0, 2));
    h.push(cfgrd(0x144, 2));
    h.run(50);
    bars.into_iter().for_each(|(o, v)| cfg(&mut h, o, v, 0xf));
    cfg(&mut h, 0x04, 0x6, 0xf);
    cfg(&mut h, 0xb0, 0x8000_0000, 0x8);
    h.push(mrd(BAR2 + 12, 1, 0xf, 0, 9));
    vector(&mut h, 7, 0);
    vector(&mut h, 6, 0);
    h.run(200);
    // An advisory error while it is masked.
    cfg(&mut h, 0x154, 1 << 13, 0xf);
    cfg(&mut h, 0x144, !0, 0xf);
    h.push(mrd(0x1000, 1, 0xf, 0, 9));
    h.run(60);
    h.push(cfgrd(0x144, 2));
    h.run(50);
    h.seen
}

/// Host memory for the engine: the descriptors of two queues; all else reads as a function of its address.
fn byte_at(descriptors: &[(u64, [u32; 8])], at: u64) -> u8 {
    let found = descriptors.iter().find(|(base, _)| (*base..*base + 32).contains(&at));
    match found {
        Some((base, words)) => words[((at - base) / 4) as usize].to_le_bytes()[(at % 4) as usize],
        None => (at ^ at >> 8) as u8,
    }
}

/// Answers the reads of the engine; those of `bad` poisoned.
fn feed(h: &mut Hand, descriptors: &[(u64, [u32; 8])], bad: u64) {
    for _ in 0..400 {
        h.run(20);
        let (reads, rest) = std::mem::take(&mut h.up).into_iter().partition::<Vec<_>, _>(is_read);
        h.up = rest;
        for p in reads {
            let words = if p.header[0] & 0x3ff == 0 { 1024 } else { p.header[0] & 0x3ff };
            let (first, last) = (p.header[1] & 0xf, p.header[1] >> 4 & 0xf);
            let base = u64::from(p.header[2] & !3);
            let lead = first.trailing_zeros();
            let unused = if words == 1 { first.leading_zeros() - 28 } else { last.leading_zeros() - 28 };
            let count = 4 * words - lead - unused;
            let data: Vec<u32> = (0..words)
                .map(|i| u32::from_le_bytes([0, 1, 2, 3].map(|k| byte_at(descriptors, base + u64::from(4 * i + k)))))
                .collect();
            let tag = p.header[1] >> 8 & 0xff;
            let mut answer = cpld(tag, 0, count & 0xfff, (base as u32 + lead) & 0x7f, &data);
            if base == bad {
                answer.header[0] |= 1 << 14;
            }
            h.push(answer);
        }
    }
}

/// Queues with everything that a quirk of theirs can act on.
fn work(quirk: Option<Quirk>) -> Vec<Stamped<Observed>> {
    let config = GoldenConfig { quirks: quirk.into_iter().collect(), ..Default::default() };
    let mut h = Hand::ready_with(&config);
    h.cfg_write(0x58, 0x0910); // MRRS 128, MPS 128
    h.cfg_write(0x194, 1 << 16);
    vector(&mut h, 1, 0);
    h.write16(BAR4, [0xfee0_0000, 0, 0x55, 0x0001_1008]);
    // Handles 0: vector 1 for any; 1: vector 1 for PASID 5; 2: slot 0; 3: released.
    for (target, permission) in [(1, 4), (1, 5 << 12 | 8), (1 << 20, 0), (1, 4)] {
        h.set_reg(0x1180, target);
        h.set_reg(0x1184, permission);
        h.set_reg(0x1188, 1 << 16);
        h.run(100);
    }
    h.set_reg(0x1188, 2 << 16 | 3);
    h.run(100);
    for (q, control) in [(0, 3), (1, 1)] {
        let at = 0x4000 + 0x80 * q;
        for (register, value) in [
            (0x08, 0x10_0000 + 0x1000 * q),
            (0x10, 0x20_0000 + 0x1000 * q),
            (0x18, 4 | 4 << 8),
            (0x1c, 0x777),
            (0, control),
        ] {
            h.set_reg(at + register, value);
        }
    }
    let copy =
        |flags: u32, handle: u32, size: u32, to: u32| [2 | flags | handle << 16, size, 0x30_0001, 0, to, 0, 0, 0];
    let mut descriptors = Vec::new();
    let queues = [
        [copy(0, 0, 700, 0x40_0000), copy(0x300, 0, 3000, 0x41_0003), copy(0x400, 0, 9, 0x42_0000)],
        [copy(0x300, 1, 16, 0x43_0000), copy(0x300, 2, 16, 0x44_0000), copy(0x300, 3, 16, 0x45_0000)],
    ];
    for (q, list) in (0..).zip(queues) {
        for (i, words) in (0..).zip(list) {
            descriptors.push((0x10_0000 + 0x1000 * q + 32 * i, words));
        }
        h.set_reg(0x4020 + 0x80 * q as u32, 3);
    }
    feed(&mut h, &descriptors, 0);
    // One whose data are poisoned, and records into a ring that has run full.
    descriptors.push((0x10_0060, [3, 64, 0x38_0000, 0, 0, 0, 0, 0]));
    descriptors.extend((4..15).map(|i| (0x10_0000 + 32 * i, copy(0x300, 0, 8, 0x46_0000))));
    h.set_reg(0x4020, 15);
    feed(&mut h, &descriptors, 0x38_0000);
    descriptors.extend((15..16).chain(0..8).map(|i| (0x10_0000 + 32 * i, copy(0, 0, 8, 0x47_0000))));
    descriptors.reverse();
    h.set_reg(0x4020, 8);
    feed(&mut h, &descriptors, 0);
    h.set_reg(0x4028, 10);
    feed(&mut h, &descriptors, 0);
    // A read whose timeout of 2^14 passes while a function reset waits for completion credits.
    h.cfg_write(0x78, 1);
    h.set_reg(0x4020, 9);
    h.run(16_300);
    let completions = h.seen.iter().filter(|s| matches!(&s.what, Observed::Up(p) if is_cpl(p))).count();
    h.ep.credits(CreditLimits { cplh: Some(completions as u8), ..CreditLimits::default() });
    h.push(cfgwr(0x58, 0x8000, 0x2, 9));
    h.run(1000);
    h.ep.credits(CreditLimits::default());
    h.run(20_000);
    h.push(cfgrd(0x144, 2));
    h.run(100);
    h.seen
}

/// Everything that a quirk of virtual functions acts on.
fn functions(quirk: Option<Quirk>) -> Vec<Stamped<Observed>> {
    let mut h = with_functions(&GoldenConfig { quirks: quirk.into_iter().collect(), ..Default::default() }, 3);
    pf_push(&mut h, 0x58, 0x2810 | 0xf);
    for n in 0..3 {
        h.write16(aperture(n), [0xfee0_0000, 0, 0x40, 0]);
        h.write16(aperture(n) + 16, [0xfee0_0000, 0, 0x41, 1]);
        h.write(aperture(n) + 0x3008, 0);
        h.raise(Msix, 2049 + 64 * n as u32);
    }
    h.run(100);
    pf_push(&mut h, 0x04, 2);
    pf_push(&mut h, 0xb0, 0);
    h.raise(Msix, 2048);
    h.run(50);
    pf_push(&mut h, 0x04, 6);
    vf_push(&mut h, 0, 0x04, 0);
    h.raise(Msix, 2048);
    h.run(50);
    vf_push(&mut h, 0, 0x58, 0x8000);
    h.run(400);
    (0..3).for_each(|n| h.push(mrd(aperture(n) + 0x1000, 2, 0xf, 0xf, 9)));
    let mut poisoned = mwr(aperture(1), 0xf, 0, &[1]);
    poisoned.header[0] |= 1 << 14;
    h.push(poisoned);
    h.run(100);
    h.push(cfgrd(0x144, 3));
    pf_push(&mut h, 0x1c8, 1);
    h.push(mrd(aperture(1), 1, 0xf, 0, 9));
    h.raise(Msix, 2048 + 64 * 9);
    h.push(mrd(BAR0 + 0x1040, 1, 0xf, 0, 9));
    h.run(50);
    h.ep.credits(CreditLimits { ph: Some(0), ..Default::default() });
    h.raise(Msix, 2048 + 64);
    h.run(50);
    pf_push(&mut h, 0x44, 3);
    h.ep.credits(CreditLimits::default());
    h.run(100);
    h.seen
}

/// Everything that a quirk of address translation acts on.
fn translations(quirk: Option<Quirk>) -> Vec<Stamped<Observed>> {
    let mut h = Hand::ready_with(&GoldenConfig { quirks: quirk.into_iter().collect(), ..Default::default() });
    h.cfg_write(0x1a4, 0x8000_0000);
    h.host_store(0x7000_0000, 1024);
    let page = [0x0010_0000u32.swap_bytes(), 0x1u32.swap_bytes()];
    let answer = |tag: u32, address: u64| match address & 1 {
        1 => cpld(tag, 0, 8, 0, &page),
        _ => slot_data(tag, address, 0),
    };
    for n in 0..8 {
        h.raise(Host, n);
        for _ in 0..4 {
            h.run(40);
            serve(&mut h, answer);
        }
        h.push(Packet::with_data([0x7200_0002, RC_ID << 16 | n << 8 | 1, EP_ID << 16, 0], [0, 0]));
        h.run(60);
    }
    // The first asks for its page, the others wait for the answer.
    (300..303).for_each(|n| h.raise(Host, n));
    for _ in 0..4 {
        h.run(40);
        serve(&mut h, answer);
    }
    h.seen
}

#[test]
fn every_quirk_shows() {
    let healthy = workload(None);
    assert_eq!(healthy, workload(None));
    let (worked, split, translated) = (work(None), functions(None), translations(None));
    let hides = |q: Quirk| match q.name().split('-').next() {
        Some("vf") => functions(Some(q)) == split,
        Some("ats") => translations(Some(q)) == translated,
        _ => workload(Some(q)) == healthy && work(Some(q)) == worked,
    };
    let hidden: Vec<_> = Quirk::ALL.iter().filter(|&&q| hides(q)).collect();
    assert_eq!(hidden, <[&Quirk; 0]>::default());
}

/// Messages of eight causes on an open vector.
fn eight(quirk: Quirk) -> Vec<Packet> {
    let mut h = Hand::quirky(quirk);
    vector(&mut h, 3, 0);
    for _ in 0..8 {
        h.raise(Msix, 3);
        h.run(40);
    }
    h.up
}

#[test]
fn wrong_messages_are_wrong_in_the_way_that_their_name_says() {
    let good = eight(Quirk::Wedge)[0].clone();
    let odd = |quirk| {
        let all = eight(quirk);
        let odd: Vec<_> = all.iter().filter(|p| **p != good).cloned().collect();
        assert!(!odd.is_empty() && odd.len() < 8 || quirk == Quirk::MessageLongHeader, "{quirk}: {}", odd.len());
        odd[0].clone()
    };
    let [w0, w1, w2, _] = good.header;
    assert_eq!(odd(Quirk::MessageUnprogrammedAddress).header, [w0, w1, w2 ^ 1 << 19, 0]);
    assert_eq!(odd(Quirk::MessageUnallocatedVector).data[..], [0x4004]);
    assert_eq!(odd(Quirk::MessageEightBytes).data.len(), 2);
    assert_eq!(odd(Quirk::MessageEightBytes).header[0] & 0x3ff, 2);
    assert_eq!(odd(Quirk::MessageByteEnables).header[1] & 0xff, 3);
    assert_eq!(odd(Quirk::MessageWrongRequester).header[1] >> 16, EP_ID ^ 1);
    assert_eq!(odd(Quirk::MessagePoisoned).header[0], w0 | 1 << 14);
    assert_eq!(odd(Quirk::MessageRelaxedOrdering).header[0], w0 | 1 << 13);
    assert_eq!(odd(Quirk::MessageNoSnoop).header[0], w0 | 1 << 12);
    assert_eq!(odd(Quirk::MessageTrafficClass).header[0], w0 | 7 << 20);
    assert_eq!(odd(Quirk::MessageTranslated).header[0], w0 | 2 << 10);
    assert!(odd(Quirk::MessagePasidPrefix).prefix.is_some());
    assert_eq!(odd(Quirk::MessageLongHeader).header, [w0 | 1 << 29, w1, 0, w2]);
    assert_eq!(odd(Quirk::MalformedSent).header[0] >> 24 & 0x1f, 0x1f);
    let empty = odd(Quirk::WriteWithoutByteEnables);
    assert_eq!((empty.header[0] & 0x3ff, empty.header[1] & 0xff, empty.data.len()), (2, 0, 2));
    assert_eq!(odd(Quirk::WriteToUnmappedAddress).header[2], 0x00de_ad00);
}

#[test]
fn counts_of_messages_go_wrong() {
    assert!(eight(Quirk::PendingKeptAfterSend).len() > 8);
    assert!(eight(Quirk::CauseLost).len() < 8);
    assert_eq!(eight(Quirk::Wedge).len(), 8);
}

#[test]
fn shifted_pending_words_lose_one_vector_and_ring_another() {
    let mut h = Hand::quirky(Quirk::PbaWordShifted);
    for k in [32, 96] {
        vector(&mut h, k, 1);
    }
    h.run(50);
    h.raise(Msix, 32);
    h.run(20);
    assert!(!h.pba(32) && h.pba(96));
    h.write(BAR2 + 16 * 32 + 12, 0);
    assert_eq!(h.writes(), []);
    h.write(BAR2 + 16 * 96 + 12, 0);
    assert_eq!(h.writes()[0].data, [0x4000 + 96]);
}

#[test]
fn torn_messages_have_the_old_address_and_the_new_data() {
    let mut h = Hand::quirky(Quirk::MessageTorn);
    h.write16(BAR2, [0xfee0_1000, 0, 1, 0]);
    h.write16(BAR2, [0xfee0_2000, 0, 2, 0]);
    h.run(40);
    h.raise(Msix, 0);
    assert_eq!(h.writes(), [Write { address: 0xfee0_1000, data: vec![2] }]);
    h.raise(Msix, 0);
    assert_eq!(h.writes(), [Write { address: 0xfee0_2000, data: vec![2] }]);
}

#[test]
fn stale_slots_are_used_after_their_invalidation() {
    let mut h = Hand::quirky(Quirk::StaleSlotAfterInvalidation);
    h.host_store(0x10_0000, 16);
    h.run(50);
    h.raise(Host, 1);
    h.run(40);
    serve(&mut h, |t, a| slot_data(t, a, 1));
    assert_eq!(h.writes()[0].data, [1 << 8 | 1]);
    h.set_reg(0x1030, 31 << 20 | 1 << 31);
    h.run(50);
    h.raise(Host, 1);
    assert_eq!(h.writes()[0].data, [1 << 8 | 1]);
    assert_eq!(h.reg(0x1034) >> 16, 1);
}

#[test]
fn a_wedged_device_takes_writes_and_answers_no_read() {
    let mut h = Hand::quirky(Quirk::Wedge);
    for _ in 0..50 {
        h.reg(0x1000);
    }
    h.push(mrd(BAR0 + 0x1000, 1, 0xf, 0, 9));
    h.run(1000);
    assert_eq!(h.up, []);
    assert_eq!(h.cfg_read(0), 0x1a35_1234);
}

#[test]
fn a_record_comes_behind_its_message() {
    let mut h = Hand::quirky(Quirk::RecordAfterMessage);
    vector(&mut h, 0, 0);
    h.set_reg(0x1110, 0x10_0000);
    for _ in 0..9 {
        h.set_reg(0x1100, 1 << 30);
        h.run(60);
    }
    let kinds: String = h.writes().iter().map(|w| if w.data.len() == 4 { 'r' } else { 'm' }).collect();
    assert_eq!(kinds, "rmrmmrrmrmmrrmrmmr");
}

#[test]
fn a_completion_overtakes_the_message_that_it_should_push() {
    let mut h = Hand::quirky(Quirk::CompletionOvertakesMessage);
    vector(&mut h, 0, 0);
    h.run(50);
    h.ep.pressure(Pressure { tx_stall: 255, ..Default::default() }, 1);
    (0..3).for_each(|_| {
        h.raise(Msix, 0);
        h.run(10);
    });
    h.push(mrd(BAR0 + 0x1048, 1, 0xf, 0, 9));
    h.run(50);
    h.ep.pressure(Pressure::default(), 1);
    h.run(50);
    // The first was on the stream already; two that the register counts come after.
    assert_eq!(h.up.iter().map(is_write).collect::<Vec<_>>(), [true, false, true, true]);
    assert_eq!(cpl(&h.up[1]).data, [3]);
}

#[test]
fn one_message_of_before_a_reset_comes_after_it() {
    let mut h = Hand::quirky(Quirk::MessageAfterReset);
    vector(&mut h, 0, 1);
    h.run(30);
    h.raise(Msix, 0);
    h.cfg_write_be(0x58, 0x8000, 0x2);
    h.run(1000);
    assert_eq!(h.up.len(), 1);
    assert_eq!(write(&h.up[0]), Write { address: 0xfee0_0000, data: vec![0x4000] });
}

/// Masks and enables: (quirk, E, F, M) in which a raise leads to a message all the same.
#[test]
fn masks_and_enables_fail_one_at_a_time() {
    let sends = |quirk, e: u32, f: u32, m, bme: u32| {
        let mut h = Hand::quirky(quirk);
        vector(&mut h, 0, m);
        h.cfg_write(0xb0, e << 31 | f << 30);
        h.cfg_write(0x04, 2 | bme << 2);
        h.raise(Msix, 0);
        !h.writes().is_empty()
    };
    let rows = [
        (Quirk::MsixEnableIgnored, [true, false, false, false]),
        (Quirk::FunctionMaskIgnored, [false, true, false, false]),
        (Quirk::VectorMaskIgnored, [false, false, true, false]),
        (Quirk::MessageWithoutBusMaster, [false, false, false, true]),
        (Quirk::Wedge, [false; 4]),
    ];
    for (quirk, expected) in rows {
        let got = [(0, 0, 0, 1), (1, 1, 0, 1), (1, 0, 1, 1), (1, 0, 0, 0)].map(|(e, f, m, b)| sends(quirk, e, f, m, b));
        assert_eq!(got, expected, "{quirk}");
    }
    let mut h = Hand::quirky(Quirk::EnableMaskWriteLosesMask);
    h.cfg_write(0xb0, 0);
    h.cfg_write(0xb0, 0xc000_0000);
    assert_eq!(h.cfg_read(0xb0) >> 30, 2);
}

#[test]
fn unmasking_sends_though_the_other_mask_is_set() {
    let mut h = Hand::quirky(Quirk::UnmaskSendsThoughFunctionMasked);
    vector(&mut h, 0, 1);
    h.cfg_write(0xb0, 0xc000_0000);
    h.raise(Msix, 0);
    h.run(20);
    h.write(BAR2 + 12, 0);
    assert_eq!(h.writes().len(), 1);

    let mut h = Hand::quirky(Quirk::FunctionUnmaskSendsMasked);
    vector(&mut h, 0, 1);
    h.cfg_write(0xb0, 0xc000_0000);
    h.raise(Msix, 0);
    h.run(20);
    h.cfg_write(0xb0, 0x8000_0000);
    assert_eq!(h.writes().len(), 1);
}

#[test]
fn dma_without_bus_master_sends_records_and_fetches() {
    let mut h = Hand::quirky(Quirk::DmaWithoutBusMaster);
    h.set_reg(0x1110, 0x10_0000);
    h.host_store(0x20_0000, 16);
    h.run(50);
    h.cfg_write(0x04, 2);
    h.set_reg(0x1100, 1 << 30 | 2 << 20);
    h.run(100);
    assert_eq!((h.up.len(), is_write(&h.up[0]), is_read(&h.up[1])), (2, true, true));
}
