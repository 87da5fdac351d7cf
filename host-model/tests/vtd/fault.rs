// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Fault records, FSTS and the fault event.

use crate::bench::*;
use host_model::interrupt::{ApicMessage, DeliveryMode};
use host_model::remap::vtd::VtdConfig;
use host_model::remap::{EventMessage, FaultReason, RemapEffect};

const PFO: u32 = 1;
const PPF: u32 = 2;

fn events(effects: &[RemapEffect]) -> Vec<EventMessage> {
    effects.iter().filter_map(|e| if let RemapEffect::FaultEvent(m) = e { Some(*m) } else { None }).collect()
}

/// Fires a handle that is not present and returns all that the step did.
fn provoke(b: &mut Bench, source: u16) -> Vec<RemapEffect> {
    b.enter(source, remappable(1, true), 0);
    b.step()
}

/// [VT-d 11.4.14]: 16 bytes, FI 63:48 the index, SID 79:64, FR 103:96, F 127.
#[test]
fn a_record_bit_by_bit() {
    let mut b = Bench::running(plain(), 15, false);
    b.send_from(0xbeef, remappable(0xc0de, true), 0);
    assert_eq!(b.r64(0x220), 0xc0de_0000_0000_0000);
    assert_eq!(b.r64(0x228), 0x8000_0022_0000_beef);
    // The same by DWORDs.
    assert_eq!([0x220, 0x224, 0x228, 0x22c].map(|o| b.r32(o)), [0, 0xc0de_0000, 0xbeef, 0x8000_0022]);
    // Nothing but F can be written, and F only to 0.
    b.w64(0x220, u64::MAX);
    b.w64(0x228, 0x7fff_ffff_ffff_ffff);
    assert_eq!(b.record(0), (true, 0x22, 0xbeef, 0xc0de));
    b.w64(0x228, 1 << 63);
    assert_eq!(b.record(0), (false, 0x22, 0xbeef, 0xc0de));
    b.w32(0x22c, 1 << 31);
    assert_eq!(b.record(0), (false, 0x22, 0xbeef, 0xc0de));
}

#[test]
fn f06_fpd_keeps_the_three_qualified_faults_out_of_the_log() {
    for fpd in [0u128, 2] {
        // Not present; reserved bit; wrong source.
        let rows = [
            (FaultReason::NotPresent, 0),
            (FaultReason::ReservedEntry, irte(0x40, 0) | 1 << 127),
            (FaultReason::SourceMismatch, with_source(irte(0x40, 0), 1, 0, !RID)),
        ];
        for (reason, entry) in rows {
            let mut b = Bench::running(plain(), 0, false);
            b.set_entry(1, entry | fpd);
            assert_eq!(b.fire(1), Fate::Blocked(reason, Some(1), fpd == 0));
            let status = if fpd == 0 { PPF } else { 0 };
            assert_eq!(b.r32(0x34), status);
            assert_eq!(b.record(0).0, fpd == 0);
        }
        // FPD of the entry has no say in faults that come before it is read.
        let mut b = Bench::running(plain(), 0, false);
        b.set_entry(1, fpd);
        for (address, data, code) in
            [(remappable(1, true), 0x1_0000, 0x20), (remappable(1, true), 1, 0x21), (0xfee0_0000, 0, 0x25)]
        {
            assert!(matches!(b.send(address, data), Fate::Blocked(r, _, true) if r.code() == code));
        }
    }
}

#[test]
fn f09_a_table_that_cannot_be_read() {
    let mut b = Bench::running(plain(), 0, false);
    b.mem.punch_hole(TABLE, 32);
    assert_eq!(b.fire(1), Fate::Blocked(FaultReason::TableUnreadable, Some(1), true));
    assert_eq!(b.record(0), (true, 0x23, RID, 1));
    // A table at the end of the address space: the entry would lie beyond it.
    let mut b = Bench::new(plain());
    b.set_table(0xffff_ffff_ffff_f000, 15, false);
    b.command(IRE, true);
    assert_eq!(reason(b.fire(0x100)), Some(0x23));
    assert_eq!(reason(b.fire(0xfe)), Some(0x22), "the page itself exists");
}

/// Records fill in order; the first fault that finds its record in use sets PFO and
/// is lost, and so is every later one until PFO is cleared.
#[test]
fn f24_overflow_and_recovery_for_several_record_counts() {
    for records in [1usize, 2, 3, 8, 222] {
        let mut b = Bench::running(VtdConfig { fault_records: records, ..plain() }, 0, false);
        assert_eq!(b.r64(0x08) >> 40 & 0xff, records as u64 - 1, "CAP.NFR");
        assert_eq!((b.r64(0x08) >> 24 & 0x3ff) * 16, 0x220, "CAP.FRO");
        for i in 0..records as u16 + 2 {
            let fits = usize::from(i) < records;
            assert_eq!(b.send_from(i, remappable(1, true), 0), Fate::Blocked(FaultReason::NotPresent, Some(1), fits));
            assert_eq!(b.r32(0x34), if fits { PPF } else { PPF | PFO });
        }
        for i in 0..records as u32 {
            assert_eq!(b.record(i), (true, 0x22, i as u16, 1));
        }
        // All records free, but PFO still stands: nothing is logged.
        for i in 0..records as u32 {
            b.w32(0x22c + 16 * i, 1 << 31);
        }
        assert_eq!(b.r32(0x34), PFO, "PPF is the OR of the F bits");
        assert_eq!(b.fire(1), Fate::Blocked(FaultReason::NotPresent, Some(1), false));
        b.w32(0x34, PFO);
        assert_eq!(b.r32(0x34), 0);
        // The internal index has come round to 0.
        assert_eq!(b.fire(1), Fate::Blocked(FaultReason::NotPresent, Some(1), true));
        assert_eq!(b.record(0), (true, 0x22, RID, 1));
    }
}

/// FRI names the record that turned PPF on.
#[test]
fn fri_points_at_the_first_pending_record() {
    let mut b = Bench::running(VtdConfig { fault_records: 4, ..plain() }, 0, false);
    for round in 0..9u32 {
        let first = (2 * round) % 4;
        b.send_from(1, remappable(1, true), 0);
        b.send_from(2, remappable(1, true), 0);
        assert_eq!(b.r32(0x34), PPF | first << 8);
        assert_eq!((b.record(first).2, b.record((first + 1) % 4).2), (1, 2));
        b.w32(0x22c + 16 * first, 1 << 31);
        assert_eq!(b.r32(0x34), PPF | first << 8, "FRI stays while PPF does");
        b.w32(0x22c + 16 * ((first + 1) % 4), 1 << 31);
        assert_eq!(b.r32(0x34) & (PPF | PFO), 0);
    }
    // With remapping off, logging starts over.
    b.command(IRE, false);
    b.step();
    b.command(IRE, true);
    b.fire(1);
    assert_eq!(b.r32(0x34), PPF);
}

#[test]
fn compression_drops_a_second_fault_of_the_same_requester() {
    let mut b = Bench::running(VtdConfig { compress_faults: true, fault_records: 2, ..plain() }, 0, false);
    let recorded = |b: &mut Bench, s| matches!(b.send_from(s, remappable(1, true), 0), Fate::Blocked(_, _, true));
    assert!(recorded(&mut b, 1));
    assert!(!recorded(&mut b, 1));
    assert!(recorded(&mut b, 2));
    assert!(!recorded(&mut b, 2));
    assert_eq!(b.r32(0x34), PPF, "compression is not overflow");
}

/// The event is not remapped and needs no table; upper address 31:8 widen the destination.
#[test]
fn the_fault_message_and_its_destination() {
    let mut b = Bench::running(plain(), 0, true);
    b.w32(0x3c, 0x4123);
    b.w32(0x40, 0xfee4_5007 | 0xb);
    b.w32(0x44, 0x0001_2300);
    assert_eq!([0x3c, 0x40, 0x44].map(|o| b.r32(o)), [0x4123, 0xfee4_500c, 0x0001_2300]);
    assert_eq!(b.r32(0x38), 1 << 31, "masked after reset");
    b.w32(0x38, 0);
    let sent = events(&provoke(&mut b, RID));
    assert_eq!(sent, [EventMessage { address: 0x0001_2300_fee4_500c, data: 0x4123 }]);
    let want = ApicMessage {
        destination: 0x0001_2345,
        logical: true,
        redirection_hint: true,
        mode: DeliveryMode::LowestPriority,
        level: false,
        vector: 0x23,
    };
    assert_eq!(sent[0].apic(), Some(want));
    assert_eq!(EventMessage { address: 0x1234_5000, data: 1 }.apic(), None, "a plain write");
}

#[test]
fn f25_a_masked_event_stays_pending_and_is_sent_once() {
    let mut b = Bench::running(plain(), 0, false);
    b.w32(0x40, 0xfee0_0000);
    assert_eq!(events(&provoke(&mut b, 1)), []);
    assert_eq!(b.r32(0x38), 0b11 << 30, "IM and IP");
    assert_eq!(events(&provoke(&mut b, 2)), []);
    b.w32(0x38, 0);
    assert_eq!(events(&b.step()).len(), 1);
    assert_eq!(b.r32(0x38), 0);
    assert_eq!(events(&b.step()), []);
    // PPF still on: further faults are no new condition.
    assert_eq!(events(&provoke(&mut b, 3)), []);
    b.clear_faults();
    assert_eq!(events(&provoke(&mut b, 4)).len(), 1);
}

#[test]
fn servicing_every_status_withdraws_a_pending_event() {
    let mut b = Bench::running(plain(), 0, false);
    provoke(&mut b, 1);
    provoke(&mut b, 2);
    b.w32(0x22c, 1 << 31);
    assert_eq!(b.r32(0x38), 0b11 << 30, "one record is still pending");
    b.w32(0x23c, 1 << 31);
    assert_eq!(b.r32(0x38), 1 << 31);
    b.w32(0x38, 0);
    assert_eq!(events(&b.step()), []);
}

#[test]
fn an_overflow_or_a_queue_error_keeps_the_event_pending_without_any_record() {
    let mut b = Bench::running(VtdConfig { fault_records: 1, ..plain() }, 0, false);
    provoke(&mut b, 1);
    provoke(&mut b, 2);
    b.submit(&[0xf]);
    b.step();
    assert_eq!(b.r32(0x34), PFO | PPF | 1 << 4);
    for (offset, clear) in [(0x22c, 1 << 31), (0x34, PFO)] {
        b.w32(offset, clear);
        assert_eq!(b.r32(0x38), 0b11 << 30, "not everything is serviced yet");
    }
    b.w32(0x34, 1 << 4);
    assert_eq!(b.r32(0x38), 1 << 31);
}

/// A new condition needs all of PFO, PPF, IQE to have been clear.
#[test]
fn a_queue_error_beside_a_pending_fault_is_no_second_event() {
    let mut b = Bench::running(plain(), 0, false);
    b.w32(0x38, 0);
    assert_eq!(events(&provoke(&mut b, 1)).len(), 1);
    b.submit(&[0xf]);
    let effects = b.step();
    assert_eq!(b.r32(0x34), PPF | 1 << 4);
    assert_eq!(events(&effects), []);
    // And the other way round: the record goes, IQE stays, a new fault is silent.
    b.clear_faults();
    assert_eq!(events(&provoke(&mut b, 2)), []);
    b.clear_faults();
    b.submit(&[]);
    b.mem.write_u128(QUEUE, 4).unwrap();
    b.w32(0x34, 1 << 4);
    b.step();
    assert_eq!(events(&provoke(&mut b, 3)).len(), 1);
}
