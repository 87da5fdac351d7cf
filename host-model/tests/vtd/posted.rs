// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Posted interrupts [VT-d 5.2, 9.11, 9.12]: known answers, then what a reader of the descriptor may rely on.

use crate::bench::*;
use host_model::interrupt::DeliveryMode;
use host_model::remap::RemapEffect;
use host_model::remap::vtd::{Cache, Latency, VtdConfig};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PID: u64 = 0x1_2345_6000 + 0x40;
const NV: u8 = 0xeb;

fn posting() -> VtdConfig {
    VtdConfig { posted: true, ..plain() }
}

/// A posted entry: P, IM, V, and the descriptor's address in its two pieces [VT-d 9.12].
fn posted(vector: u8, descriptor: u64, urgent: bool) -> u128 {
    assert_eq!(descriptor % 64, 0);
    1 | u128::from(urgent) << 14
        | 1 << 15
        | u128::from(vector) << 16
        | u128::from(descriptor as u32 >> 6) << 38
        | u128::from(descriptor >> 32) << 96
}

fn set_pid(b: &mut Bench, ndst: u32) {
    b.mem.write(PID, &[0; 64]).unwrap();
    b.mem.write_u64(PID + 32, u64::from(NV) << 16 | u64::from(ndst) << 32).unwrap();
}

fn pir(b: &Bench) -> Vec<u8> {
    let mut bytes = [0; 32];
    b.mem.read(PID, &mut bytes).unwrap();
    (0..=255u8).filter(|v| bytes[usize::from(v / 8)] >> (v % 8) & 1 == 1).collect()
}

/// ON, SN.
fn flags(b: &Bench) -> (bool, bool) {
    let low = b.mem.read_u64(PID + 32).unwrap();
    (low & 1 == 1, low & 2 == 2)
}

/// One request for handle `index`: (merged, notified vector and destination).
fn post(b: &mut Bench, index: u16) -> (bool, Option<(u8, u32)>) {
    b.enter(RID, remappable(index, true), 0);
    let effects = b.step();
    match effects[..] {
        [RemapEffect::Posted { merged, notification, index: i, descriptor, .. }] => {
            assert_eq!((i, descriptor), (u32::from(index), PID));
            if let Some(n) = notification {
                assert_eq!(
                    (n.mode, n.level, n.logical, n.redirection_hint),
                    (DeliveryMode::Fixed, false, false, false)
                );
            }
            (merged, notification.map(|n| (n.vector, n.destination)))
        }
        _ => panic!("not posted: {effects:?}"),
    }
}

/// F26, F27: the first sets its bit and ON and notifies; until ON is cleared nothing notifies again; a repeated vector merges.
#[test]
fn first_post_notifies_and_later_ones_join() {
    let mut b = Bench::running(posting(), 7, true);
    set_pid(&mut b, 0x0001_0203);
    b.set_entry(4, posted(0x31, PID, false));
    b.set_entry(5, posted(0xff, PID, false));
    assert_eq!(post(&mut b, 4), (false, Some((NV, 0x0001_0203))));
    assert_eq!((pir(&b), flags(&b)), (vec![0x31], (true, false)));
    assert_eq!(post(&mut b, 4), (true, None), "the bit is 1 already");
    assert_eq!(post(&mut b, 5), (false, None), "a notification is outstanding");
    assert_eq!((pir(&b), flags(&b)), (vec![0x31, 0xff], (true, false)));
    // Software takes the bits and clears ON: the next one notifies.
    b.mem.write(PID, &[0; 32]).unwrap();
    let control = b.mem.read_u64(PID + 32).unwrap();
    b.mem.write_u64(PID + 32, control & !1).unwrap();
    assert_eq!(post(&mut b, 5), (false, Some((NV, 0x0001_0203))));
    // ON cleared with a bit left: the same vector merges and notifies nevertheless.
    b.mem.write_u64(PID + 32, control & !1).unwrap();
    assert_eq!(post(&mut b, 5), (true, Some((NV, 0x0001_0203))));
}

/// F28: SN keeps the notification back and ON at 0; an urgent entry notifies all the same.
#[test]
fn suppression_stops_all_but_urgent() {
    let mut b = Bench::running(posting(), 7, true);
    set_pid(&mut b, 3);
    b.mem.write_u32(PID + 32, u32::from(NV) << 16 | 2).unwrap();
    b.set_entry(1, posted(0x40, PID, false));
    b.set_entry(2, posted(0x41, PID, true));
    assert_eq!(post(&mut b, 1), (false, None));
    assert_eq!((pir(&b), flags(&b)), (vec![0x40], (false, true)));
    assert_eq!(post(&mut b, 2), (false, Some((NV, 3))));
    assert_eq!((pir(&b), flags(&b)), (vec![0x40, 0x41], (true, true)));
    assert_eq!(post(&mut b, 2), (true, None), "urgent or not: ON is 1");
}

/// In xAPIC mode the destination stands in NDST 15:8, and the rest of it is reserved.
#[test]
fn xapic_destination() {
    let mut b = Bench::running(posting(), 7, false);
    b.set_entry(1, posted(0x40, PID, false));
    set_pid(&mut b, 0x0500);
    assert_eq!(post(&mut b, 1), (false, Some((NV, 5))));
    for bit in (0..8).chain(16..32) {
        set_pid(&mut b, 0x0500 | 1 << bit);
        assert_eq!(reason(b.fire(1)), Some(0x28), "NDST bit {bit}");
        assert_eq!(pir(&b), [], "nothing is posted");
        b.clear_faults();
    }
}

/// Every reserved bit of entry (0x24) and descriptor (0x28), in extended mode; a descriptor that is not there (0x27).
#[test]
fn reserved_bits_and_holes() {
    let mut b = Bench::running(posting(), 7, true);
    set_pid(&mut b, 1);
    let good = posted(0x40, PID, false);
    for bit in (2..8).chain(12..14).chain(24..38).chain(84..96) {
        b.set_entry(1, good | 1 << bit);
        assert_eq!(reason(b.fire(1)), Some(0x24), "entry bit {bit}");
        b.clear_faults();
    }
    b.set_entry(1, good | 0xf << 8);
    assert!(!post(&mut b, 1).0, "bits 11:8 are software's");
    // Off and on: logging starts over at record 0.
    for bit in (258..272).chain(280..288).chain(320..512) {
        b.command(IRE, false);
        b.command(IRE, true);
        set_pid(&mut b, 1);
        let (byte, mask) = (PID + bit / 8, 1u8 << (bit % 8));
        let mut old = [0];
        b.mem.read(byte, &mut old).unwrap();
        b.mem.write(byte, &[old[0] | mask]).unwrap();
        assert_eq!(reason(b.fire(1)), Some(0x28), "descriptor bit {bit}");
        assert_eq!(pir(&b), []);
        assert_eq!(b.record(0), (true, 0x28, RID, 1));
        b.clear_faults();
    }
    b.command(IRE, false);
    b.command(IRE, true);
    set_pid(&mut b, 1);
    b.mem.punch_hole(PID, 8);
    assert_eq!(reason(b.fire(1)), Some(0x27));
    assert_eq!(b.record(0), (true, 0x27, RID, 1));
}

/// FPD keeps 0x27 and 0x28 out of the log; they block all the same. The requester is verified as in a remapped entry.
#[test]
fn qualified_faults_and_source() {
    let mut b = Bench::running(posting(), 7, true);
    set_pid(&mut b, 1);
    b.mem.write_u64(PID + 40, 1).unwrap();
    b.set_entry(1, posted(0x40, PID, false) | 2);
    assert_eq!(b.fire(1), Fate::Blocked(host_model::remap::FaultReason::ReservedDescriptor, Some(1), false));
    b.mem.punch_hole(PID, 64);
    assert_eq!(b.fire(1), Fate::Blocked(host_model::remap::FaultReason::DescriptorInaccessible, Some(1), false));
    b.mem.fill_hole(PID);
    set_pid(&mut b, 1);
    b.set_entry(2, with_source(posted(0x40, PID, false), 1, 0, RID));
    assert!(!post(&mut b, 2).0);
    assert_eq!(reason(b.send_from(RID ^ 1, remappable(2, true), 0)), Some(0x26));
}

/// Without CAP.PI a posted entry is a reserved field, and the capability register says so.
#[test]
fn without_the_capability() {
    let mut b = Bench::running(plain(), 7, true);
    assert_eq!(b.r64(0x08) >> 59 & 1, 0);
    set_pid(&mut b, 1);
    b.set_entry(1, posted(0x40, PID, false));
    assert_eq!(reason(b.fire(1)), Some(0x24));
    assert_eq!(pir(&b), []);
    assert_eq!(Bench::running(posting(), 7, true).r64(0x08) >> 59 & 1, 1);
}

/// An entry invalidated with a wait behind it: whatever used it is in PIR when the wait has completed.
#[test]
fn wait_covers_posts_under_way() {
    for seed in 0..50 {
        let config = VtdConfig { posted: true, cache: Cache::Unlimited, ..slow(1, 60, seed) };
        let mut b = Bench::running(config, 7, true);
        set_pid(&mut b, 1);
        for v in 0..16 {
            b.set_entry(v, posted(0x40 + v as u8, PID, false));
            b.enter(RID + v as u16, remappable(v as u16, true), 0);
            b.now += 1;
            b.step();
        }
        for v in 0..16 {
            b.set_entry(v, 0);
        }
        b.submit_sync(&[iec(0, 4)]);
        assert_eq!(pir(&b), (0x40..0x50).collect::<Vec<_>>(), "seed {seed}");
    }
}

/// Random posts against a reader that clears ON and then takes PIR, at random moments. Each vector posted is taken, and after
/// the last notification has been served nothing is left: there is no lost wake-up.
#[test]
fn no_post_is_lost_between_reader_and_unit() {
    for seed in 0..200u64 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let config = VtdConfig { posted: true, latency: Latency { min: 0, max: 9 }, seed, ..VtdConfig::default() };
        let mut b = Bench::running(config, 7, true);
        set_pid(&mut b, 1);
        for v in 0..64 {
            b.set_entry(v, posted(0x40 + v as u8, PID, false));
        }
        let (mut owed, mut notified, mut notifications) = ([0u32; 256], false, 0);
        let mut effects = vec![];
        for _ in 0..400 {
            if rng.random_ratio(2, 3) {
                let v = rng.random_range(0..64u16);
                b.enter(RID, remappable(v, true), 0);
            }
            b.now += rng.random_range(0..4);
            effects.extend(b.step());
            for e in effects.drain(..) {
                let RemapEffect::Posted { vector, notification, merged, .. } = e else { panic!("{e:?}") };
                assert_eq!(merged, owed[usize::from(vector)] > 0);
                owed[usize::from(vector)] += 1;
                assert!(notification.is_none() || !notified, "one notification until ON is cleared");
                notified |= notification.is_some();
                notifications += u32::from(notification.is_some());
            }
            if notified && rng.random_ratio(1, 3) {
                // ON first, then PIR.
                let control = b.mem.read_u64(PID + 32).unwrap();
                b.mem.write_u64(PID + 32, control & !1).unwrap();
                for v in pir(&b) {
                    assert!(owed[usize::from(v)] > 0, "what is taken was posted");
                    owed[usize::from(v)] = 0;
                }
                b.mem.write(PID, &[0; 32]).unwrap();
                notified = false;
            }
        }
        for (_, e) in b.drain() {
            let RemapEffect::Posted { vector, notification, .. } = e else { panic!("{e:?}") };
            owed[usize::from(vector)] += 1;
            notified |= notification.is_some();
        }
        assert!(notified || owed == [0; 256], "something is owed and nobody has been told: seed {seed}");
        assert!(notifications > 10);
    }
}
