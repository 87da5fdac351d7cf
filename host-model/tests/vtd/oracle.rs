// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Random units, tables and requests against the rules written once more, as shifts and masks.

use crate::bench::*;
use host_model::interrupt::{ApicMessage, DeliveryMode};
use host_model::remap::vtd::VtdConfig;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The registers that matter to a look-up.
#[derive(Clone, Copy, Debug)]
struct State {
    ire: bool,
    cfi: bool,
    eime: bool,
    size: u32,
}

/// What should happen, without regard to the log: Ok(index, message) or Err(code, index, FPD counts).
type Verdict = Result<(Option<u32>, ApicMessage), (u8, Option<u32>, bool)>;

fn apic(destination: u32, dm: bool, rh: bool, mode: u32, level: bool, vector: u32) -> ApicMessage {
    ApicMessage {
        destination,
        logical: dm,
        redirection_hint: rh,
        mode: DeliveryMode::from_bits(mode as u8 & 7),
        level,
        vector: vector as u8,
    }
}

/// [VT-d 5.1.2–5.1.4, 9.10]. `entry`: memory at an index; `None` where it cannot be read.
fn verdict(s: State, source: u16, address: u32, data: u32, entry: impl Fn(u32) -> Option<u128>) -> Verdict {
    let bit = |n: u32| address >> n & 1 == 1;
    let raw = apic(address >> 12 & 0xff, bit(2), bit(3), data >> 8, data >> 15 & 1 == 1, data);
    if !s.ire {
        return Ok((None, raw));
    }
    if !bit(4) {
        return if s.cfi && !s.eime { Ok((None, raw)) } else { Err((0x25, None, false)) };
    }
    let handle = (address >> 5 & 0x7fff) + if bit(2) { 0x8000 } else { 0 };
    if bit(3) && data > 0xffff {
        return Err((0x20, None, false));
    }
    let index = if bit(3) { handle + data } else { handle };
    if index >= 1 << (s.size + 1) {
        return Err((0x21, Some(index), false));
    }
    let e = entry(index).ok_or((0x23, Some(index), false))?;
    let (low, high) = (e as u64, (e >> 64) as u64);
    let err = |code| Err((code, Some(index), low & 2 != 0));
    if low & 1 == 0 {
        return err(0x22);
    }
    let mut reserved = 0x0000_0000_ff00_f000;
    if !s.eime {
        reserved |= 0xffff_00ff_0000_0000;
    }
    if low & reserved != 0 || high >> 20 != 0 {
        return err(0x24);
    }
    let sid = high as u16;
    let admitted = match high >> 18 & 3 {
        0 => true,
        1 => (sid ^ source) & [0xffff, 0xfffb, 0xfff9, 0xfff8][(high >> 16 & 3) as usize] == 0,
        2 => source >> 8 >= sid >> 8 && source >> 8 <= sid & 0xff,
        _ => false,
    };
    if !admitted {
        return err(0x26);
    }
    let destination = if s.eime { (low >> 32) as u32 } else { (low >> 40) as u32 & 0xff };
    let l = low as u32;
    Ok((Some(index), apic(destination, l & 4 != 0, l & 8 != 0, l >> 5, l & 16 != 0, l >> 16)))
}

/// An entry that is often legal, and when not, mostly in one bit.
fn random_entry(rng: &mut ChaCha8Rng, eime: bool, source: u16) -> u128 {
    let mut low = u64::from(rng.next_u32()) & 0x00ff_0ffe | 1;
    let id: u32 = rng.random();
    low |= if eime { u64::from(id) << 32 } else { u64::from(id & 0xff00) << 32 };
    let sid = match rng.random_range(0..4) {
        0 => source,
        1 => source ^ 1 << rng.random_range(0..16),
        2 => {
            (source & 0xff00).wrapping_sub(0x100 * rng.random_range(0..3u16))
                | (source >> 8).wrapping_add(rng.random_range(0..3)) & 0xff
        }
        _ => rng.random(),
    };
    let high = u64::from(sid) | rng.random_range(0..16u64) << 16;
    let mut e = u128::from(high) << 64 | u128::from(low);
    if rng.random_ratio(1, 4) {
        e ^= 1 << rng.random_range(0..128);
    }
    e
}

#[test]
fn random_requests_agree_with_the_rules_written_twice() {
    let mut rng = ChaCha8Rng::seed_from_u64(0x1d3);
    let mut seen = std::collections::BTreeMap::<Option<u8>, u32>::new();
    for _ in 0..400 {
        let s = State {
            ire: rng.random_ratio(9, 10),
            cfi: rng.random(),
            eime: rng.random(),
            size: rng.random_range(0..16),
        };
        let mut b = Bench::new(VtdConfig { fault_records: 3, ..plain() });
        b.set_table(TABLE, s.size.into(), s.eime);
        b.command(CFI, s.cfi);
        b.command(IRE, s.ire);
        let hole = rng.random_range(0..2u32 << s.size);
        b.mem.punch_hole(TABLE + 16 * u64::from(hole), 16);
        let mut logged = 0;
        for _ in 0..500 {
            let source: u16 = rng.random();
            // Around the end of the table, or at the hole, or anywhere.
            let target = match rng.random_range(0..8) {
                0 => hole,
                1 => (2u32 << s.size).saturating_add_signed(rng.random_range(-2..2)),
                2 => rng.random_range(0..0x1_0000),
                _ => rng.random_range(0..2u32 << s.size),
            };
            let shv: bool = rng.random();
            let sub = if shv && rng.random() { rng.random_range(0..=target.min(40)) } else { 0 };
            let handle = (target - sub).min(0xffff);
            let mut address = remappable(handle as u16, shv) | rng.random_range(0..4);
            if rng.random_ratio(1, 8) {
                address &= !0x10;
            }
            let mut data = if shv { target - handle } else { rng.random() };
            if rng.random_ratio(1, 16) {
                data ^= 1 << rng.random_range(0..32);
            }
            if target < 0x1_0000 && target != hole {
                let entry = random_entry(&mut rng, s.eime, source);
                b.set_entry(target, entry);
            }
            let want = verdict(s, source, address, data, |i| b.mem.read_u128(TABLE + 16 * u64::from(i)).ok());
            let got = b.send_from(source, address, data);
            *seen.entry(reason(got)).or_default() += 1;
            match (want, got) {
                (Ok((index, m)), Fate::Delivered(i, n)) => assert_eq!((index, m), (i, n)),
                (Err((code, index, fpd)), Fate::Blocked(r, i, recorded)) => {
                    assert_eq!((code, index), (r.code(), i));
                    assert_eq!(recorded, !fpd && logged < 3, "FPD={fpd}, {logged} logged");
                    if recorded {
                        assert_eq!(b.record(logged), (true, code, source, u64::from(index.unwrap_or(0) & 0xffff)));
                    }
                    logged += u32::from(!fpd);
                    if logged > 5 {
                        // Off and on: logging starts over at record 0.
                        b.clear_faults();
                        b.command(IRE, false);
                        b.command(IRE, true);
                        logged = 0;
                    }
                }
                (want, got) => panic!("{s:x?} {source:#x} {address:#x} {data:#x}: {want:x?} against {got:x?}"),
            }
        }
    }
    // Every outcome came up often enough to mean something.
    for outcome in [None, Some(0x20), Some(0x21), Some(0x22), Some(0x23), Some(0x24), Some(0x25), Some(0x26)] {
        let count = seen.get(&outcome).copied().unwrap_or(0);
        assert!(count > 500, "outcome {outcome:x?} came up {count} times");
    }
}
