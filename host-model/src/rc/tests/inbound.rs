// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Packets from the device and what a root complex says of them.

use super::*;
use crate::mem::HostMemory;
use crate::rc::finding::HostFinding as F;
use crate::rc::header::ParseError;
use crate::rc::requests::{Outcome, Request};
use crate::rc::{DmaWrite, RcConfig, RcEffects, RootComplex};

fn root() -> RootComplex {
    RootComplex::new(RcConfig { id: ROOT, device: DEVICE, ..RcConfig::default() }, 1)
}

/// A root complex whose device may master the bus.
fn enabled() -> (RootComplex, HostMemory) {
    let mut rc = root();
    let mut mem = HostMemory::new();
    rc.submit(0, command(6));
    rc.step(0, None, &mut mem);
    (rc, mem)
}

fn command(value: u32) -> Request {
    Request::ConfigWrite { target: DEVICE, register: 4, enables: 3, value, type1: false }
}

fn write(address: u64, len: usize) -> Header {
    request(Kind::MemWrite, Span::of(address, len).unwrap(), 0)
}

fn read(address: u64, len: usize) -> Header {
    request(Kind::MemRead, Span::of(address, len).unwrap(), 1)
}

fn with_words(header: Header) -> Packet {
    header.packet(vec![0x5a5a_5a5a; if header.has_data { usize::from(header.length) } else { 0 }])
}

fn step(rc: &mut RootComplex, mem: &mut HostMemory, packet: &Packet) -> RcEffects {
    rc.step(1, Some(packet), mem)
}

#[test]
fn good_packets_raise_nothing() {
    let (mut rc, mut mem) = enabled();
    for header in
        [write(0x1000, 16), write(0x1001, 3), write(0x1_0000_0000, 128), write(0xfee0_0000, 4), read(0x2000, 16)]
    {
        assert_eq!(step(&mut rc, &mut mem, &with_words(header)).findings, [], "{header:?}");
    }
    assert_eq!(mem.read_u32(0x1004), Ok(0x5a5a_5a5a));
}

#[test]
fn each_wrong_packet_has_its_finding() {
    let spanned =
        |kind, address, length, first_be, last_be| request(kind, Span { address, length, first_be, last_be }, 1);
    let changed = |mut header: Header, change: &dyn Fn(&mut Header)| {
        change(&mut header);
        with_words(header)
    };
    let other = Bdf::from_bits(0x0200);
    let (mw, mr) = (Kind::MemWrite, Kind::MemRead);
    let prefixed = |header: Header| Packet { prefix: Some(0x9100_0001), ..with_words(header) };
    let cases: Vec<(Packet, F)> = vec![
        (Packet::bare([0xe000_0000, 0, 0, 0]), F::Malformed(ParseError::Reserved { fmt: 7, ty: 0 })),
        (Packet::bare(write(0, 4).pack()), F::Malformed(ParseError::Length { words: 0, expected: 1 })),
        (with_words(spanned(mw, 0x1000, 33, 0xf, 0xf)), F::PayloadAboveMps { kind: mw, bytes: 132, mps: 128 }),
        (with_words(spanned(mr, 0x1000, 129, 0xf, 0xf)), F::ReadAboveMrrs { bytes: 516, mrrs: 512 }),
        (with_words(spanned(mw, 0x1ffc, 2, 0xf, 0xf)), F::CrossesPage { address: 0x1ffc, words: 2 }),
        (with_words(spanned(mr, 0x1ffc, 2, 0xf, 0xf)), F::CrossesPage { address: 0x1ffc, words: 2 }),
        (
            with_words(spanned(mw, 0x1000, 1, 0xf, 0xf)),
            F::ByteEnables { address: 0x1000, words: 1, first_be: 0xf, last_be: 0xf },
        ),
        (changed(write(0x1000, 4), &|h| h.four_words = true), F::LongHeader { address: 0x1000 }),
        (changed(write(0x1000, 4), &|h| h.at = 2), F::AddressType { kind: mw, at: 2 }),
        (changed(read(0x1000, 4), &|h| h.at = 1), F::AddressType { kind: mr, at: 1 }),
        (changed(write(0x1000, 4), &|h| h.poisoned = true), F::PoisonedWrite { address: 0x1000 }),
        (prefixed(write(0x1000, 4)), F::Prefix { prefix: 0x9100_0001, kind: mw }),
        (prefixed(read(0x1000, 4)), F::Prefix { prefix: 0x9100_0001, kind: mr }),
        (with_words(write(0xa002, 4)), F::WriteHole { address: 0xa002, bytes: 4 }),
        (with_words(read(0xa000, 16)), F::ReadHole { address: 0xa000, bytes: 16 }),
        (with_words(read(0xfee0_1000, 4)), F::InterruptRead { address: 0xfee0_1000 }),
        (with_words(write(0xfee0_1000, 8)), F::InterruptSize { address: 0xfee0_1000, words: 2 }),
        (
            changed(write(0xfee0_1000, 4), &|h| h.attr.relaxed = true),
            F::InterruptAttributes { address: 0xfee0_1000, relaxed: true, no_snoop: false },
        ),
        (
            changed(read(0x1000, 4), &|h| {
                if let Body::Addressed { requester, .. } = &mut h.body {
                    *requester = Bdf::from_bits(0x0200);
                }
            }),
            F::UnknownRequester { kind: mr, requester: other },
        ),
        (with_words(request(mr, Span::of(0x1000, 4).unwrap(), 32)), F::TagRange { tag: 32 }),
        (with_words(spanned(Kind::MemReadLocked, 0x1000, 1, 0xf, 0)), F::UnsupportedKind { kind: Kind::MemReadLocked }),
        (
            changed(completion(9, Status::Success, 4, 0, 1), &|_| {}),
            F::UnexpectedCompletion { requester: ROOT, tag: 9 },
        ),
    ];
    for (packet, finding) in cases {
        let (mut rc, mut mem) = enabled();
        mem.punch_hole(0xa000, 0x1000);
        let effects = step(&mut rc, &mut mem, &packet);
        assert_eq!(effects.findings, [finding], "{packet:x?}");
    }
}

#[test]
fn a_digest_is_found_and_its_word_is_not_data() {
    let (mut rc, mut mem) = enabled();
    let header = Header { digest: true, ..write(0x1000, 4) };
    let effects = step(&mut rc, &mut mem, &header.packet([1, 0xd16e_5700]));
    assert_eq!(effects.findings, [F::Digest { kind: Kind::MemWrite }]);
    assert_eq!((mem.read_u32(0x1000), mem.is_written(0x1004, 1)), (Ok(1), false));
}

#[test]
fn dropped_writes_leave_memory_alone() {
    let (mut rc, mut mem) = enabled();
    mem.punch_hole(0x2000, 0x1000);
    for packet in [
        with_words(Header { poisoned: true, ..write(0x1000, 4) }),
        with_words(Header { at: 2, ..write(0x1000, 4) }),
        with_words(write(0x1ffc, 8)),
    ] {
        let effects = step(&mut rc, &mut mem, &packet);
        assert_eq!((effects.writes, effects.interrupts), (vec![], vec![]));
    }
    assert!(!mem.is_written(0x1000, 1) && !mem.is_written(0x1ffc, 1));
}

#[test]
fn byte_enables_of_a_write_are_honoured() {
    let (mut rc, mut mem) = enabled();
    mem.write_u64(0x1000, u64::MAX).unwrap();
    let gappy = request(Kind::MemWrite, Span { address: 0x1000, length: 2, first_be: 0b0110, last_be: 0b1001 }, 0);
    let effects = step(&mut rc, &mut mem, &gappy.packet([0x4433_2211, 0x8877_6655]));
    assert_eq!(mem.read_u64(0x1000), Ok(0x88ff_ff55_ff33_22ff));
    let bytes = vec![0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];
    assert_eq!(effects.writes, [DmaWrite { source: DEVICE, pasid: None, address: 0x1001, host: 0x1001, bytes }]);
    let nothing = request(Kind::MemWrite, Span::of(0x1000, 0).unwrap(), 0);
    assert_eq!(step(&mut rc, &mut mem, &nothing.packet([0])).writes, []);
}

#[test]
fn requests_that_an_endpoint_may_not_make_are_refused_with_true_counts() {
    let (mut rc, mut mem) = enabled();
    let addressed =
        |last_be| Body::Addressed { requester: DEVICE, tag: 3, address: 0x1000, hint: 0, first_be: 0xf, last_be };
    for (kind, length, last_be, count) in [
        (Kind::IoRead, 1, 0, 4),
        (Kind::Atomic { op: 0 }, 2, 0xf, 8),
        (Kind::Atomic { op: 2 }, 2, 0xf, 4),
        (Kind::Atomic { op: 2 }, 8, 0xf, 16),
        (Kind::DeferrableWrite, 1, 0, 4),
    ] {
        let header = Header::new(kind, kind != Kind::IoRead, length, addressed(last_be));
        let effects = step(&mut rc, &mut mem, &with_words(header));
        assert_eq!(effects.findings, [F::UnsupportedKind { kind }]);
        assert_eq!(
            effects.outbound.iter().map(told).collect::<Vec<_>>(),
            [(Status::UnsupportedRequest, count, 0, vec![])]
        );
    }
}

#[test]
fn a_tag_in_use_may_not_be_used_again() {
    let (mut rc, mut mem) = enabled();
    let mut policy = rc.config().completion;
    policy.delay = (100, 100);
    rc.set_completion_policy(policy);
    let packet = with_words(read(0x1000, 4));
    assert_eq!(step(&mut rc, &mut mem, &packet).findings, []);
    assert_eq!(step(&mut rc, &mut mem, &packet).findings, [F::DuplicateTag { requester: DEVICE, tag: 1 }]);
    rc.step(200, None, &mut mem);
    assert_eq!(rc.step(201, Some(&packet), &mut mem).findings, []);
}

#[test]
fn a_device_that_may_not_master_the_bus_is_found_out() {
    let finding = |kind, address| F::NotBusMaster { kind, address };
    let (mut rc, mut mem) = (root(), HostMemory::new());
    let (w, r) = (with_words(write(0x1000, 4)), with_words(read(0x2000, 4)));
    assert_eq!(step(&mut rc, &mut mem, &w).findings, [finding(Kind::MemWrite, 0x1000)]);
    assert_eq!(step(&mut rc, &mut mem, &r).findings, [finding(Kind::MemRead, 0x2000)]);
    // From the submission of the write that enables it the device may have seen it.
    let on = rc.submit(1, command(6));
    assert_eq!(step(&mut rc, &mut mem, &w).findings, []);
    let answer = |rc: &mut RootComplex, mem: &mut HostMemory, tag| {
        rc.step(2, Some(&completion(tag, Status::Success, 4, 0, 0).packet([])), mem).completed
    };
    assert_eq!(answer(&mut rc, &mut mem, 0), [(on, Outcome::Done)]);
    // Until the completion of the write that disables it, writes may still come; reads
    // may even come behind it.
    let off = rc.submit(3, command(2));
    assert_eq!(step(&mut rc, &mut mem, &w).findings, []);
    assert_eq!(answer(&mut rc, &mut mem, 0), [(off, Outcome::Done)]);
    assert_eq!(step(&mut rc, &mut mem, &w).findings, [finding(Kind::MemWrite, 0x1000)]);
    assert_eq!(step(&mut rc, &mut mem, &r).findings, []);
    // A disabling that failed changes nothing.
    rc.submit(3, command(6));
    step(&mut rc, &mut mem, &with_words(completion(0, Status::Success, 4, 0, 0)));
    rc.submit(3, command(0));
    step(&mut rc, &mut mem, &with_words(completion(0, Status::UnsupportedRequest, 4, 0, 0)));
    assert_eq!(step(&mut rc, &mut mem, &w).findings, []);
}

#[test]
fn the_device_may_use_every_id_that_it_was_given_and_no_other() {
    let (mut rc, mut mem) = enabled();
    let moved = Bdf::from_bits(0x0500);
    let mut packet = write(0x1000, 4);
    if let Body::Addressed { requester, .. } = &mut packet.body {
        *requester = moved;
    }
    let packet = with_words(packet);
    let finding = F::UnknownRequester { kind: Kind::MemWrite, requester: moved };
    assert_eq!(step(&mut rc, &mut mem, &packet).findings, [finding]);
    rc.submit(1, Request::ConfigWrite { target: moved, register: 0x3c, enables: 1, value: 0, type1: false });
    assert_eq!(step(&mut rc, &mut mem, &packet).findings, []);
}

#[test]
fn completer_ids_are_checked() {
    let (mut rc, mut mem) = enabled();
    rc.submit(0, Request::MemRead { address: 0xd000_0000, len: 4 });
    let mut header = completion(1, Status::Success, 4, 0, 1);
    if let Body::Completion { completer, .. } = &mut header.body {
        *completer = Bdf::from_bits(0x0700);
    }
    let effects = step(&mut rc, &mut mem, &with_words(header));
    assert_eq!(effects.findings, [F::CompleterId { completer: Bdf::from_bits(0x0700) }]);
    assert_eq!(effects.completed.len(), 1);
}

#[test]
fn answers_stay_behind_posted_writes_and_credits_hold_reads_back() {
    let (mut rc, mut mem) = enabled();
    // One more non-posted request than the configuration write above is allowed.
    rc.non_posted_limit(2);
    for i in 0..3 {
        rc.submit(1, Request::MemRead { address: 0xd000_0000 + 4 * i, len: 4 });
    }
    rc.submit(1, Request::MemWrite { address: 0xd000_0000, data: vec![0; 4] });
    let out = step(&mut rc, &mut mem, &with_words(read(0x1000, 16))).outbound;
    let kinds: Vec<Kind> = out.iter().map(|p| parse(p).unwrap().header.kind).collect();
    assert_eq!(kinds, [Kind::MemRead, Kind::MemWrite, Kind::Completion { locked: false }]);
    assert_eq!(rc.next_due().map(|due| due > 1), Some(true), "only the timeouts are left");
    rc.non_posted_limit(4);
    assert_eq!(rc.next_due(), Some(0));
    assert_eq!(rc.step(2, None, &mut mem).outbound.len(), 2);
}

#[test]
fn a_link_reset_ends_requests_and_forgets_settings() {
    let (mut rc, mut mem) = enabled();
    let sent = rc.submit(1, Request::MemRead { address: 0xd000_0000, len: 4 });
    rc.step(1, None, &mut mem);
    let queued = rc.submit(1, Request::MemWrite { address: 0xd000_0000, data: vec![0; 4] });
    let mut link = rc.config().link;
    link.mps = 512;
    rc.set_link(link);
    rc.link_reset();
    let mut ends = rc.step(2, None, &mut mem).completed;
    ends.retain(|(txn, _)| [sent, queued].contains(txn));
    ends.sort_by_key(|(txn, _)| *txn);
    assert_eq!(ends, [(sent, Outcome::Reset), (queued, Outcome::Reset)]);
    assert_eq!(rc.config().link.mps, 128);
    let finding = F::NotBusMaster { kind: Kind::MemWrite, address: 0x1000 };
    assert_eq!(step(&mut rc, &mut mem, &with_words(write(0x1000, 4))).findings, [finding]);
    assert!(rc.is_idle());
}
