// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The table entry: fields, reserved bits, source validation.

use crate::bench::*;
use host_model::apic::{ApicConfig, Apics, Arrival, Outcome};
use host_model::interrupt::{ApicMessage, DeliveryMode};
use host_model::remap::FaultReason;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// [VT-d 9.10]: DM 2, RH 3, TM 4, DLM 7:5, V 23:16, DST 63:32.
#[test]
fn f01_f02_random_legal_entries_give_their_fields() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for eime in [false, true] {
        let mut b = Bench::running(plain(), 7, eime);
        for _ in 0..20_000 {
            let [dm, rh, tm] = [0; 3].map(|_: u8| rng.random_range(0..2u32));
            let dlm = rng.random_range(0..8u32);
            let vector: u8 = rng.random();
            let id: u32 = if eime { rng.random() } else { rng.random_range(0..256) };
            let available = rng.random_range(0..16u32);
            let low = 1 | dm << 2 | rh << 3 | tm << 4 | dlm << 5 | available << 8 | u32::from(vector) << 16;
            let destination = if eime { id } else { id << 8 };
            let index: u16 = rng.random_range(0..256);
            b.set_entry(index.into(), u128::from(low) | u128::from(destination) << 32);
            let mode = match dlm {
                0 => DeliveryMode::Fixed,
                1 => DeliveryMode::LowestPriority,
                2 => DeliveryMode::Smi,
                4 => DeliveryMode::Nmi,
                5 => DeliveryMode::Init,
                7 => DeliveryMode::ExtInt,
                other => DeliveryMode::Reserved(other as u8),
            };
            let want = ApicMessage {
                destination: id,
                logical: dm == 1,
                redirection_hint: rh == 1,
                mode,
                level: tm == 1,
                vector,
            };
            assert_eq!(b.fire(index), Fate::Delivered(Some(index.into()), want));
        }
    }
}

/// Every bit of the entry: ignored, meaningful or reserved. In xAPIC mode the
/// destination outside 47:40 is reserved as well.
#[test]
fn f07_each_reserved_bit_faults_and_no_other_does() {
    for eime in [false, true] {
        let mut b = Bench::running(plain(), 0, eime);
        for bit in 1..128u32 {
            // SVT=0, so that SID and SQ cannot decide; SVT's own bits are tested below.
            if bit == 82 || bit == 83 {
                continue;
            }
            let reserved = matches!(bit, 12..=15 | 24..=31 | 84..=127) || (!eime && matches!(bit, 32..=39 | 48..=63));
            b.set_entry(0, irte(0x40, 0) | 1 << bit);
            let fate = b.fire(0);
            assert_eq!(reason(fate), reserved.then_some(0x24), "EIME={eime} bit {bit}");
            if reserved {
                assert_eq!(b.record(0), (true, 0x24, RID, 0));
                b.command(IRE, false);
                b.clear_faults();
                b.command(IRE, true);
            }
            // Not present: nothing else in the entry matters, except FPD.
            b.set_entry(0, 1 << bit);
            assert_eq!(b.fire(0), Fate::Blocked(FaultReason::NotPresent, Some(0), bit != 1), "bit {bit}");
            b.command(IRE, false);
            b.clear_faults();
            b.command(IRE, true);
        }
    }
}

/// SVT=1: SQ 0 compares all, 1 leaves out function bit 2, 2 bits 2:1, 3 bits 2:0.
#[test]
fn f11_source_compare_for_every_requester_and_qualifier() {
    let mut b = Bench::running(plain(), 0, false);
    let sid = 0xa5d2;
    for sq in 0..4u8 {
        b.set_entry(0, with_source(irte(0x40, 0), 1, sq, sid));
        for source in 0..=u16::MAX {
            let ignored: u16 = [0b000, 0b100, 0b110, 0b111][usize::from(sq)];
            let same = source | ignored == sid | ignored;
            let fate = b.send_from(source, remappable(0, true), 0);
            assert_eq!(reason(fate), (!same).then_some(0x26), "SQ={sq} RID={source:#06x}");
        }
    }
}

/// SVT=2: SID 15:8 is the first bus, SID 7:0 the last, both inside.
#[test]
fn f12_l10_the_bus_range_starts_in_the_upper_byte() {
    let mut b = Bench::running(plain(), 0, false);
    for (start, end) in [(0x10, 0x20), (0x00, 0x00), (0xff, 0xff), (0x00, 0xff), (0x7f, 0x80), (0x20, 0x10)] {
        let sid = u16::from(start) << 8 | u16::from(end);
        // SQ has no part in it.
        for sq in 0..4 {
            b.set_entry(0, with_source(irte(0x40, 0), 2, sq, sid));
            for bus in 0..=255u8 {
                for devfn in [0x00, 0x07, 0xf8, 0xff] {
                    let inside = bus >= start && bus <= end;
                    let fate = b.send_from(u16::from(bus) << 8 | devfn, remappable(0, true), 0);
                    assert_eq!(reason(fate), (!inside).then_some(0x26), "{start:#x}..={end:#x} bus {bus:#x}");
                }
            }
        }
    }
}

#[test]
fn svt_0_admits_every_requester_and_f13_svt_3_none() {
    let mut b = Bench::running(plain(), 0, false);
    for source in 0..=u16::MAX {
        b.set_entry(0, with_source(irte(0x40, 0), 0, 3, !source));
        assert_eq!(reason(b.send_from(source, remappable(0, true), 0)), None);
        b.set_entry(0, with_source(irte(0x40, 0), 3, 3, source));
        assert_eq!(reason(b.send_from(source, remappable(0, true), 0)), Some(0x26));
    }
}

#[test]
fn f14_a_function_cannot_use_its_sibling_s_entry() {
    let mut b = Bench::running(plain(), 3, false);
    let (vf_a, vf_b) = (0x0401, 0x0402);
    b.set_entry(1, with_source(irte(0x41, 0x100), 1, 0, vf_a));
    b.set_entry(2, with_source(irte(0x42, 0x200), 1, 0, vf_b));
    assert_eq!(b.send_from(vf_a, remappable(2, true), 0), Fate::Blocked(FaultReason::SourceMismatch, Some(2), true));
    assert_eq!(b.record(0), (true, 0x26, vf_a, 2));
    assert_eq!(b.send_from(vf_b, remappable(2, true), 0), Fate::Delivered(Some(2), message(0x42, 2)));
}

/// Two 64-bit stores, low half first, with a request after each: what is fetched
/// is what memory held at one moment, never a mixture over time.
#[test]
fn f33_the_fetch_is_one_snapshot_of_16_bytes() {
    let mut b = Bench::running(plain(), 0, false);
    let old = with_source(irte(0x41, 0x0100), 1, 0, RID);
    let new = with_source(irte(0x52, 0x0200), 1, 0, RID + 1);
    b.set_entry(0, old);
    assert_eq!(b.fire(0), Fate::Delivered(Some(0), message(0x41, 1)));
    b.mem.write_u64(TABLE, new as u64).unwrap();
    // New vector and destination, old source: the state between the stores.
    assert_eq!(b.fire(0), Fate::Delivered(Some(0), message(0x52, 2)));
    b.mem.write_u64(TABLE + 8, (new >> 64) as u64).unwrap();
    assert_eq!(reason(b.fire(0)), Some(0x26));
    assert_eq!(b.send_from(RID + 1, remappable(0, true), 0), Fate::Delivered(Some(0), message(0x52, 2)));
}

/// One multi-message MSI: eight messages, eight entries, eight CPUs.
#[test]
fn f34_a_block_of_entries_spreads_over_cpus() {
    let mut b = Bench::running(plain(), 7, true);
    let mut apics = Apics::new(&(0..8).map(|i| ApicConfig::x2apic(0x100 + i)).collect::<Vec<_>>());
    for i in 0..8u32 {
        b.set_entry(0x20 + i, with_source(irte(0x31 + 16 * (i as u8 % 4), 0x107 - i), 1, 0, RID));
    }
    for i in 0..8u32 {
        let Fate::Delivered(_, m) = b.send(remappable(0x20, true), i) else { panic!("blocked") };
        let cpu = 7 - i as usize;
        let vector = 0x31 + 16 * (i as u8 % 4);
        assert_eq!(apics.deliver(&m), [Arrival { cpu, vector, outcome: Outcome::Accepted }]);
        assert_eq!(apics.interrupt_pending(cpu), Some(vector));
    }
}
