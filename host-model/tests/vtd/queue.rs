// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Queued invalidation: waits, draining, errors, wrap.

use crate::bench::*;
use host_model::remap::vtd::{QueueError, VtdConfig};
use host_model::remap::{EventMessage, RemapEffect};

const IQE: u32 = 1 << 4;
const IF: u128 = 1 << 4;
const SW: u128 = 1 << 5;
const FN: u128 = 1 << 6;

fn invalidation_events(effects: &[RemapEffect]) -> Vec<EventMessage> {
    effects.iter().filter_map(|e| if let RemapEffect::InvalidationEvent(m) = e { Some(*m) } else { None }).collect()
}

fn bare_wait(flags: u128, address: u64, data: u32) -> u128 {
    wait(address, data) & !SW | flags
}

/// [VT-d 6.5.2.8]: each of SW, IF and FN, alone and together, with the event unmasked.
#[test]
fn f19_l11_every_combination_of_wait_flags() {
    for flags in 0..8u128 {
        let [sw, irq] = [flags & 2 != 0, flags & 1 != 0];
        let mut b = Bench::running(plain(), 0, false);
        b.w32(0xa0, 0);
        b.w32(0xa4, 0x4077);
        b.w64(0xa8, 0x0000_0500_fee0_3000);
        b.submit(&[bare_wait(flags << 4, STATUS, 0xfeed_beef)]);
        let effects = b.step();
        assert_eq!(b.mem.read_u32(STATUS), Ok(if sw { 0xfeed_beef } else { 0 }));
        assert!(!b.mem.is_written(STATUS + 4, 1) && !b.mem.is_written(STATUS - 1, 1));
        assert_eq!(b.r32(0x9c), u32::from(irq), "ICS.IWC");
        let events = invalidation_events(&effects);
        let want = EventMessage { address: 0x0000_0500_fee0_3000, data: 0x4077 };
        assert_eq!(events, if irq { vec![want] } else { vec![] });
        if sw && irq {
            assert!(matches!(effects[0], RemapEffect::StatusWrite { .. }), "status before interrupt");
        }
        assert_eq!((b.r64(0x80), b.r32(0xa0), b.r32(0x34)), (16, 0, 0));
    }
}

#[test]
fn f19_a_masked_completion_event_is_pending_until_unmasked_or_serviced() {
    let mut b = Bench::running(plain(), 0, false);
    b.submit(&[bare_wait(IF, 0, 0)]);
    assert_eq!(invalidation_events(&b.step()), []);
    assert_eq!((b.r32(0x9c), b.r32(0xa0)), (1, 0b11 << 30));
    b.w32(0xa0, 0);
    assert_eq!(invalidation_events(&b.step()).len(), 1);
    assert_eq!(b.r32(0xa0), 0);
    // IWC still set: another completion is no new condition.
    b.submit(&[bare_wait(IF, 0, 0)]);
    assert_eq!(invalidation_events(&b.step()), []);
    b.w32(0x9c, 1);
    assert_eq!(b.r32(0x9c), 0);
    b.submit(&[bare_wait(IF, 0, 0)]);
    assert_eq!(invalidation_events(&b.step()).len(), 1);
    // Masked again, then serviced: nothing is left to send.
    b.w32(0x9c, 1);
    b.w32(0xa0, 1 << 31);
    b.submit(&[bare_wait(IF, 0, 0)]);
    b.step();
    assert_eq!(b.r32(0xa0), 0b11 << 30);
    b.w32(0x9c, 1);
    assert_eq!(b.r32(0xa0), 1 << 31);
    b.w32(0xa0, 0);
    assert_eq!(invalidation_events(&b.step()), []);
}

#[test]
fn a_status_write_to_a_hole_is_lost_and_stops_nothing() {
    let mut b = Bench::running(plain(), 0, false);
    b.mem.punch_hole(STATUS, 4);
    b.submit(&[wait(STATUS, 1), wait(STATUS + 4, 2)]);
    let effects = b.step();
    assert_eq!(effects[0], RemapEffect::StatusWrite { address: STATUS, data: 1, written: false });
    assert_eq!(effects[1], RemapEffect::StatusWrite { address: STATUS + 4, data: 2, written: true });
    assert_eq!(b.r32(0x34), 0);
}

/// [VT-d 6.5.2.7, interrupt draining]: the status write comes after every request that
/// was looked up through the entry before the invalidation, and none with the old
/// vector comes after it.
#[test]
fn f18_a_wait_after_an_invalidation_drains_what_used_the_entry() {
    let mut held = 0;
    for seed in 0..300 {
        let mut b = Bench::running(slow(1, 200, seed), 3, false);
        b.set_entry(2, irte(0x41, 0));
        b.set_entry(3, irte(0x61, 0));
        for i in 0..8 {
            b.enter(RID + i, remappable(2, true), 0);
            b.enter(0x1000 + i, remappable(3, true), 0);
        }
        b.set_entry(2, irte(0x52, 0));
        b.now += 5;
        b.submit(&[iec(2, 0), wait(STATUS, 1)]);
        let mut log = b.step().into_iter().map(|e| (b.now, e)).collect::<Vec<_>>();
        // More traffic after the invalidation: new vector, and no part of the drain.
        b.enter(RID, remappable(2, true), 0);
        log.extend(b.drain());

        let vectors: Vec<(usize, u8)> =
            log.iter()
                .enumerate()
                .filter_map(|(at, (_, e))| {
                    if let RemapEffect::Deliver { message, .. } = e { Some((at, message.vector)) } else { None }
                })
                .collect();
        let status = log.iter().position(|(_, e)| matches!(e, RemapEffect::StatusWrite { .. })).unwrap();
        let last_old = vectors.iter().filter(|(_, v)| *v == 0x41).map(|(at, _)| *at).max().unwrap();
        assert_eq!(vectors.iter().filter(|(_, v)| *v == 0x41).count(), 8);
        assert_eq!(vectors.iter().filter(|(_, v)| *v == 0x52).count(), 1);
        assert!(last_old < status, "seed {seed}: an old vector after the wait completed");
        // It waits for those and for no others: at the tick of the last of them.
        assert_eq!(log[last_old].0, log[status].0, "seed {seed}");
        held += u32::from(vectors.iter().any(|&(at, v)| v == 0x61 && at > status));
    }
    assert!(held > 100, "requests through other entries are often still under way: {held}");
}

#[test]
fn a_global_invalidation_drains_every_remapped_request_and_only_waits_wait() {
    let mut b = Bench::running(slow(50, 50, 0), 3, false);
    b.command(CFI, true);
    b.set_entry(2, irte(0x41, 0));
    b.enter(1, 0xfee0_0000, 0x30);
    b.now += 10;
    b.enter(2, remappable(2, true), 0);
    // No invalidation: nothing to wait for.
    b.submit(&[wait(STATUS, 1)]);
    b.step();
    assert_eq!(b.mem.read_u32(STATUS), Ok(1));
    b.submit(&[IEC_GLOBAL]);
    b.step();
    assert_eq!(b.r64(0x80), 32, "an invalidation alone is done at once");
    b.submit(&[wait(STATUS, 2)]);
    let log = b.drain();
    let at = |want: fn(&RemapEffect) -> bool| log.iter().find(|(_, e)| want(e)).unwrap().0;
    assert_eq!(at(|e| matches!(e, RemapEffect::Deliver { index: None, .. })), 150);
    assert_eq!(at(|e| matches!(e, RemapEffect::StatusWrite { .. })), 160);
}

/// With FN, what follows the wait is fetched after it; without, it may run ahead, but
/// waits still complete in order.
#[test]
fn f19_the_fence_holds_back_later_descriptors() {
    for fence in [false, true] {
        let mut b = Bench::running(slow(50, 50, 0), 3, false);
        b.set_entry(2, irte(0x41, 0));
        b.set_entry(3, irte(0x41, 0));
        b.enter(RID, remappable(2, true), 0);
        b.enter(RID, remappable(3, true), 0);
        b.set_entry(3, irte(0x52, 0));
        let first = wait(STATUS, 1) | if fence { FN } else { 0 };
        b.submit(&[iec(2, 0), first, iec(3, 0), wait(STATUS + 4, 2)]);
        b.step();
        assert_eq!(b.mem.read_u32(STATUS), Ok(0));
        assert_eq!(b.r64(0x80), if fence { 32 } else { 64 });
        b.enter(RID, remappable(3, true), 0);
        let log = b.drain();
        let vectors: Vec<u8> = log
            .iter()
            .filter_map(|(_, e)| if let RemapEffect::Deliver { message, .. } = e { Some(message.vector) } else { None })
            .collect();
        assert_eq!(vectors, [0x41, 0x41, if fence { 0x41 } else { 0x52 }]);
        let writes: Vec<u32> = log
            .iter()
            .filter_map(|(_, e)| if let RemapEffect::StatusWrite { data, .. } = e { Some(*data) } else { None })
            .collect();
        assert_eq!(writes, [1, 2]);
    }
}

/// Bits that a descriptor may have set, per type, as (high, low) [VT-d 6.5.2.1–6.5.2.9].
/// Type bits 3:0 and 11:9 are not listed.
const FIELDS: [(u8, &[(u32, u32)]); 9] = [
    (1, &[(5, 4), (31, 16), (47, 32), (49, 48)]),
    (2, &[(5, 4), (6, 6), (7, 7), (31, 16), (69, 64), (70, 70), (127, 76)]),
    (3, &[(15, 12), (20, 16), (47, 32), (63, 52), (64, 64), (127, 76)]),
    (4, &[(4, 4), (31, 27), (47, 32)]),
    (5, &[(4, 4), (5, 5), (6, 6), (63, 32), (127, 66)]),
    (6, &[(5, 4), (31, 16), (51, 32), (69, 64), (70, 70), (127, 76)]),
    (7, &[(5, 4), (31, 16), (51, 32)]),
    (8, &[(8, 4), (15, 12), (31, 16), (51, 32), (63, 52), (64, 64), (127, 75)]),
    (9, &[(4, 4), (5, 5), (15, 12), (31, 16), (51, 32), (66, 66), (75, 67)]),
];

#[test]
fn f20_every_bit_of_every_descriptor_type() {
    for (kind, fields) in FIELDS {
        for bit in (4..9).chain(12..128) {
            let mut b = Bench::running(plain(), 0, false);
            b.submit(&[u128::from(kind) | 1 << bit]);
            let effects = b.step();
            let legal = fields.iter().any(|&(high, low)| (low..=high).contains(&bit));
            assert_eq!(b.r32(0x34), if legal { 0 } else { IQE }, "type {kind} bit {bit}");
            assert_eq!(b.r64(0x80), if legal { 16 } else { 0 }, "type {kind} bit {bit}");
            assert_eq!(b.r64(0xb0), if legal { 0 } else { 4 }, "type {kind} bit {bit}: IQEI");
            let stopped = RemapEffect::QueueStopped { head: 0, error: QueueError::ReservedField };
            assert_eq!(effects.contains(&stopped), !legal);
        }
    }
}

#[test]
fn f20_every_type_code() {
    for code in 0..128u128 {
        let mut b = Bench::running(plain(), 0, false);
        b.submit(&[code & 0xf | (code >> 4) << 9]);
        b.step();
        let known = (1..=9).contains(&code);
        assert_eq!((b.r32(0x34), b.r64(0xb0)), if known { (0, 0) } else { (IQE, 3) }, "type {code:#x}");
    }
}

#[test]
fn a_mask_beyond_mhmv_is_refused() {
    let mut b = Bench::running(plain(), 0, false);
    assert_eq!(b.r64(0x10) >> 20 & 0xf, 15, "ECAP.MHMV");
    b.submit(&[iec(0, 15)]);
    b.step();
    assert_eq!(b.r32(0x34), 0);
    b.submit(&[iec(0, 16)]);
    b.step();
    assert_eq!((b.r32(0x34), b.r64(0xb0)), (IQE, 4));
}

/// The head stays at the bad descriptor; clearing IQE is enough to go on.
#[test]
fn f20_the_queue_stops_at_an_error_and_resumes_when_it_is_cleared() {
    let mut b = Bench::running(plain(), 0, false);
    b.w32(0x38, 0);
    b.w32(0x40, 0xfee0_0000);
    b.submit(&[wait(STATUS, 1), 0xf, wait(STATUS + 4, 2)]);
    let effects = b.step();
    assert!(effects.contains(&RemapEffect::QueueStopped { head: 16, error: QueueError::DescriptorType }));
    assert_eq!(effects.iter().filter(|e| matches!(e, RemapEffect::FaultEvent(_))).count(), 1);
    assert_eq!((b.r32(0x34), b.r64(0x80), b.r64(0xb0)), (IQE, 16, 3));
    assert_eq!(b.mem.read_u64(STATUS), Ok(1), "the one before is done, the one after is not");
    // Neither time nor a new tail moves it.
    b.now += 1000;
    b.submit(&[wait(STATUS + 8, 3)]);
    assert_eq!(b.step(), []);
    // Cleared without repair: the same error again.
    b.w32(0x34, IQE);
    assert_eq!((b.r32(0x34), b.r64(0xb0)), (0, 0));
    b.step();
    assert_eq!((b.r32(0x34), b.r64(0x80)), (IQE, 16));
    // Repaired and cleared, with no write of the tail.
    b.mem.write_u128(QUEUE + 16, IEC_GLOBAL).unwrap();
    b.w32(0x34, IQE);
    b.step();
    assert_eq!((b.r32(0x34), b.r64(0x80)), (0, 64));
    assert_eq!([0, 4, 8].map(|o| b.mem.read_u32(STATUS + o).unwrap()), [1, 2, 3]);
}

#[test]
fn a_descriptor_that_cannot_be_read() {
    let mut b = Bench::running(plain(), 0, false);
    b.mem.punch_hole(QUEUE + 16, 16);
    b.tail = 32;
    b.mem.write_u128(QUEUE, wait(STATUS, 1)).unwrap();
    b.ring();
    b.step();
    assert_eq!((b.r32(0x34), b.r64(0x80), b.r64(0xb0)), (IQE, 16, 2));
    assert_eq!(b.mem.read_u32(STATUS), Ok(1));
    b.mem.fill_hole(QUEUE + 16);
    b.mem.write_u128(QUEUE + 16, wait(STATUS, 2)).unwrap();
    b.w32(0x34, IQE);
    b.step();
    assert_eq!(b.mem.read_u32(STATUS), Ok(2));
    // A queue at the very end of the address space must not bring the unit down.
    let mut b = Bench::new(plain());
    b.w64(0x90, 0xffff_ffff_ffff_f001);
    b.command(QIE, true);
    b.w64(0x88, 0x1010);
    for at in (0xffff_ffff_ffff_f000u64..=0xffff_ffff_ffff_fff0).step_by(16) {
        b.mem.write_u128(at, IEC_GLOBAL).unwrap();
    }
    b.step();
    assert_eq!((b.r32(0x34) & IQE, b.r64(0xb0)), (IQE, 2));
    assert_eq!(b.r64(0x80), 0x1000, "everything before it was executed");
}

#[test]
fn f21_a_tail_outside_the_queue_or_between_descriptors() {
    for size in 0..7u32 {
        for wide in [false, true] {
            let mut b = Bench::running(plain(), 0, false);
            b.command(QIE, false);
            b.queue_on(size, wide);
            let bytes = 4096u64 << size;
            for (tail, want) in [(bytes, 1), (0x7_ffe0, 1), (bytes - 32, 0)] {
                // All descriptors up to there are legal.
                for at in (0..bytes).step_by(16) {
                    let upper = wide && at % 32 == 16;
                    b.mem.write_u128(QUEUE + at, if upper { 0 } else { IEC_GLOBAL }).unwrap();
                }
                b.w64(0x88, tail);
                b.step();
                assert_eq!(
                    (b.r32(0x34), b.r64(0xb0)),
                    if want == 0 { (0, 0) } else { (IQE, want) },
                    "QS={size} {tail:#x}"
                );
                b.w64(0x88, 0);
                b.w32(0x34, IQE);
                b.step();
                assert_eq!(b.r32(0x34), 0);
            }
            b.w64(0x88, 16);
            b.step();
            assert_eq!((b.r32(0x34), b.r64(0xb0)), if wide { (IQE, 6) } else { (0, 0) });
        }
    }
}

/// The largest queue has no tail outside, but DW still wants bit 4 to be 0.
#[test]
fn f21_the_largest_queue() {
    let mut b = Bench::running(plain(), 0, false);
    b.command(QIE, false);
    b.queue_on(7, true);
    b.w64(0x88, u64::MAX);
    assert_eq!(b.r64(0x88), 0x7_fff0, "bits 18:4");
    b.step();
    assert_eq!((b.r32(0x34), b.r64(0xb0)), (IQE, 6));
}

#[test]
fn a_256_bit_descriptor_has_a_reserved_upper_half() {
    for bit in 0..128 {
        let mut b = Bench::running(plain(), 0, false);
        b.command(QIE, false);
        b.queue_on(0, true);
        b.place(&[IEC_GLOBAL]);
        b.mem.write_u128(QUEUE + 16, 1 << bit).unwrap();
        b.ring();
        b.step();
        assert_eq!((b.r32(0x34), b.r64(0xb0)), (IQE, 4), "bit {}", 128 + bit);
    }
}

/// Two rounds and a bit through queues of every size and width, in uneven portions.
#[test]
fn f22_every_queue_size_and_width_wraps() {
    for size in 0..8u32 {
        for wide in [false, true] {
            let mut b = Bench::running(plain(), 0, false);
            b.command(QIE, false);
            b.queue_on(size, wide);
            let slots = (4096u32 << size) / b.step_bytes;
            let (mut sent, goal) = (0, 2 * slots + 17);
            while sent < goal {
                let portion = (slots - 1).min(goal - sent).min(1 + sent % 1000 * 7);
                let descriptors: Vec<u128> = (sent..sent + portion).map(|i| wait(STATUS, i + 1)).collect();
                b.submit(&descriptors);
                let effects = b.step();
                let got: Vec<u32> = effects
                    .iter()
                    .map(|e| if let RemapEffect::StatusWrite { data, .. } = e { *data } else { panic!("{e:?}") })
                    .collect();
                assert!(got.into_iter().eq(sent + 1..=sent + portion), "QS={size} DW={wide}");
                sent += portion;
                assert_eq!(b.r64(0x80), u64::from(b.tail));
            }
        }
    }
}

#[test]
fn f23_descriptors_queued_before_the_queue_is_enabled_are_executed() {
    let mut b = Bench::new(plain());
    b.w64(0x90, QUEUE);
    b.submit(&[IEC_GLOBAL, wait(STATUS, 1)]);
    b.step();
    assert_eq!((b.r64(0x80), b.mem.read_u32(STATUS)), (0, Ok(0)));
    b.command(QIE, true);
    b.step();
    assert_eq!((b.r64(0x80), b.mem.read_u32(STATUS)), (32, Ok(1)));
    // The head is 0 while the queue is off.
    b.command(QIE, false);
    assert_eq!((b.r64(0x80), b.r64(0x88), b.r32(0x1c) & QIE), (0, 32, 0));
}

#[test]
fn descriptors_take_their_time() {
    let mut b = Bench::running(VtdConfig { descriptor_ticks: 10, ..plain() }, 0, false);
    b.submit(&[wait(STATUS, 1), wait(STATUS, 2), wait(STATUS, 3)]);
    let log = b.drain();
    let times: Vec<u64> = log.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [100, 110, 120]);
}
