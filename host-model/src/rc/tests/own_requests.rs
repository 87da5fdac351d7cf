// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The host's own requests and what becomes of them.

use super::*;
use crate::rc::finding::{CompletionFault, HostFinding};
use crate::rc::header::Class;
use crate::rc::random::{Concern, stream};
use crate::rc::requests::{Outcome, RawTag, Ready, Request, RequestError, Requests, TxnId};
use crate::rc::tags::{TagPolicy, TagWidth, Tags};

const MPS: u16 = 128;

fn requests(width: TagWidth) -> Requests {
    Requests::new(ROOT, 100, Tags::new(width, TagPolicy::Lowest, stream(0, Concern::Tags)))
}

/// Submits and gives back what went out.
fn submit(r: &mut Requests, request: Request) -> (TxnId, Vec<Ready>) {
    let mut ready = Vec::new();
    let (txn, refused) = r.submit(0, request, MPS, &mut ready);
    assert_eq!(refused, None);
    r.start(0, &mut ready);
    for out in &ready {
        out.tag.into_iter().for_each(|tag| r.sent(tag, 0));
    }
    (txn, ready)
}

fn read(address: u64, len: u16) -> Request {
    Request::MemRead { address, len }
}

/// Gives completions to the request with tag 0; the end, and what was found.
fn complete(r: &mut Requests, packets: &[Packet]) -> (Option<Outcome>, Vec<HostFinding>) {
    let mut findings = Vec::new();
    let mut end = None;
    for packet in packets {
        let parsed = parse(packet).unwrap();
        if let Some((_, outcome)) = r.complete(1, &parsed, &mut findings) {
            assert_eq!(end.replace(outcome), None, "ended twice");
        }
    }
    (end, findings)
}

#[test]
fn requests_become_known_packets() {
    let target = DEVICE;
    let cases: [(Request, [u32; 4], &[u32], Class); 8] = [
        (
            Request::ConfigRead { target, register: 0x10, enables: 0xf, type1: false },
            [0x0400_0001, 0x0008_000f, 0x0100_0010, 0],
            &[],
            Class::NonPosted,
        ),
        (
            Request::ConfigWrite { target, register: 0x4, enables: 3, value: 6, type1: true },
            [0x4500_0001, 0x0008_0003, 0x0100_0004, 0],
            &[6],
            Class::NonPosted,
        ),
        (read(0xd000_0004, 8), [0x0000_0002, 0x0008_00ff, 0xd000_0004, 0], &[], Class::NonPosted),
        (read(0x40_0000_0006, 1), [0x2000_0001, 0x0008_0004, 0x40, 0x4], &[], Class::NonPosted),
        (read(0xd000_0000, 0), [0x0000_0001, 0x0008_0000, 0xd000_0000, 0], &[], Class::NonPosted),
        (
            Request::MemWrite { address: 0xd000_0003, data: vec![1, 2, 3, 4, 5, 6] },
            [0x4000_0003, 0x0008_0018, 0xd000_0000, 0],
            &[0x0100_0000, 0x0504_0302, 0x6],
            Class::Posted,
        ),
        (Request::IoRead { address: 0xcf8, enables: 0xf }, [0x0200_0001, 0x0008_000f, 0xcf8, 0], &[], Class::NonPosted),
        (
            Request::IoWrite { address: 0xcfc, enables: 1, value: 9 },
            [0x4200_0001, 0x0008_0001, 0xcfc, 0],
            &[9],
            Class::NonPosted,
        ),
    ];
    for (request, header, data, class) in cases {
        let mut r = requests(TagWidth::Eight);
        let (_, ready) = submit(&mut r, request.clone());
        assert_eq!(ready.len(), 1);
        assert_eq!(ready[0].packet, Packet::with_data(header, data.iter().copied()), "{request:?}");
        assert_eq!(ready[0].class, class);
    }
}

#[test]
fn requests_that_cannot_be_packets_are_refused() {
    let cases = [
        (read(0xffe, 3), RequestError::Page { address: 0xffe, len: 3 }),
        (Request::MemWrite { address: 1, data: vec![0; 128] }, RequestError::Payload { len: 132, mps: MPS }),
        (Request::ConfigRead { target: DEVICE, register: 2, enables: 0xf, type1: false }, RequestError::Register(2)),
        (Request::IoRead { address: 0xcf9, enables: 1 }, RequestError::Register(0xcf9)),
        (Request::Raw { packet: Packet::bare([0x0000_0000; 4]), tag: RawTag::Own }, RequestError::TagInUse(0)),
        (
            Request::Raw { packet: Packet::with_data([0x4000_0001, 0, 0, 0], [0]), tag: RawTag::Assigned },
            RequestError::NotNonPosted,
        ),
    ];
    for (request, error) in cases {
        let mut r = requests(TagWidth::Eight);
        submit(&mut r, read(0, 4));
        let mut ready = Vec::new();
        assert_eq!(r.submit(0, request, MPS, &mut ready).1, Some(Outcome::Refused(error)));
        assert_eq!(ready, []);
    }
}

#[test]
fn every_legal_answer_reassembles() {
    let byte = |at: u64| (at * 37 % 251) as u8;
    for offset in 0..132u64 {
        for len in [1u16, 2, 3, 4, 5, 8, 63, 127, 128, 129, 260] {
            // Cut at every boundary of 128 or only at those that a bit of `cuts` names.
            for cuts in 0..8u64 {
                let mut r = requests(TagWidth::Eight);
                submit(&mut r, read(offset, len));
                let end = offset + u64::from(len);
                let mut packets = Vec::new();
                let mut at = offset;
                while at < end {
                    let to = (at + 1..end).find(|e| e % 128 == 0 && cuts >> (e / 128) & 1 == 1).unwrap_or(end);
                    let words = (at % 4 + (to - at)).div_ceil(4);
                    let first = at & !3;
                    let data = (0..words).map(|w| u32::from_le_bytes([0, 1, 2, 3].map(|i| byte(first + 4 * w + i))));
                    let header = completion(0, Status::Success, (end - at) as u16, (at & 0x7f) as u8, words as u16);
                    packets.push(header.packet(data));
                    at = to;
                }
                let expected = (offset..end).map(byte).collect();
                assert_eq!(
                    complete(&mut r, &packets),
                    (Some(Outcome::Data(expected)), vec![]),
                    "{offset}+{len} {cuts}"
                );
                assert!(r.is_idle());
            }
        }
    }
}

#[test]
fn answers_that_break_the_rules_are_named() {
    let sc = |count, lower, words| completion(0, Status::Success, count, lower, words);
    let cases: [(Header, CompletionFault); 8] = [
        (sc(15, 0, 4), CompletionFault::ByteCount { got: 15, expected: 16 }),
        (sc(16, 4, 4), CompletionFault::LowerAddress { got: 4, expected: 0 }),
        (sc(16, 0, 5), CompletionFault::TooLong { got: 20, owed: 16 }),
        (sc(16, 0, 2), CompletionFault::Boundary { end: 0x1008, rcb: 128 }),
        (sc(16, 0, 0), CompletionFault::NoData),
        (completion(0, Status::CompleterAbort, 16, 0, 4), CompletionFault::UnwantedData),
        (completion(0, Status::ConfigRetry, 16, 0, 0), CompletionFault::RetryOutsideConfig),
        (Header { kind: Kind::Completion { locked: true }, ..sc(16, 0, 4) }, CompletionFault::Locked),
    ];
    for (header, fault) in cases {
        let mut r = requests(TagWidth::Eight);
        submit(&mut r, read(0x1000, 16));
        let words = if header.has_data { header.length } else { 0 };
        let (end, findings) = complete(&mut r, &[header.packet(vec![0; usize::from(words)])]);
        assert_eq!(end, Some(Outcome::Malformed(fault)));
        assert_eq!(findings, [HostFinding::CompletionMismatch { tag: 0, fault }]);
    }
}

#[test]
fn statuses_become_outcomes() {
    let config = Request::ConfigRead { target: DEVICE, register: 0, enables: 0xf, type1: false };
    let cases = [
        (config.clone(), completion(0, Status::ConfigRetry, 4, 0, 0), Outcome::ConfigRetry),
        (config.clone(), completion(0, Status::UnsupportedRequest, 4, 0, 0), Outcome::UnsupportedRequest),
        (config, completion(0, Status::Success, 4, 0, 1), Outcome::Data(vec![0; 4])),
        (read(0x1008, 4), completion(0, Status::CompleterAbort, 4, 8, 0), Outcome::CompleterAbort),
        (read(0x1008, 0), completion(0, Status::Success, 1, 8, 1), Outcome::Data(vec![])),
        (
            Request::IoWrite { address: 0, enables: 0xf, value: 0 },
            completion(0, Status::Success, 4, 0, 0),
            Outcome::Done,
        ),
    ];
    for (request, header, outcome) in cases {
        let mut r = requests(TagWidth::Eight);
        submit(&mut r, request);
        let words = usize::from(if header.has_data { header.length } else { 0 });
        assert_eq!(complete(&mut r, &[header.packet(vec![0; words])]), (Some(outcome), vec![]));
    }
}

#[test]
fn reserved_status_poison_and_uncopied_fields_are_findings() {
    let poisoned = Header { poisoned: true, ..completion(0, Status::Success, 4, 0, 1) };
    let recoloured = Header { tc: 1, ..completion(0, Status::Success, 4, 0, 1) };
    let cases = [
        (poisoned, Outcome::Poisoned, HostFinding::PoisonedCompletion { tag: 0 }),
        (recoloured, Outcome::Data(vec![0; 4]), HostFinding::CompletionCopies { tag: 0 }),
        (
            completion(0, Status::Reserved(5), 4, 0, 0),
            Outcome::UnsupportedRequest,
            HostFinding::CompletionReserved { tag: 0, status: Status::Reserved(5), bcm: false },
        ),
    ];
    for (header, outcome, finding) in cases {
        let mut r = requests(TagWidth::Eight);
        submit(&mut r, read(0x1000, 4));
        let words = usize::from(if header.has_data { 1u8 } else { 0 });
        assert_eq!(complete(&mut r, &[header.packet(vec![0; words])]), (Some(outcome), vec![finding]));
    }
}

#[test]
fn completions_for_nobody_are_unexpected_and_late_ones_late() {
    let mut r = requests(TagWidth::Eight);
    let stray = completion(9, Status::Success, 4, 0, 1).packet([0]);
    let unexpected = |requester, tag| HostFinding::UnexpectedCompletion { requester, tag };
    assert_eq!(complete(&mut r, std::slice::from_ref(&stray)), (None, vec![unexpected(ROOT, 9)]));
    let (txn, _) = submit(&mut r, read(0x1000, 4));
    let other = Bdf::from_bits(0x10);
    let mut foreign = completion(0, Status::Success, 4, 0, 1);
    if let Body::Completion { requester, .. } = &mut foreign.body {
        *requester = other;
    }
    assert_eq!(complete(&mut r, &[foreign.packet([0])]), (None, vec![unexpected(other, 0)]));
    let mut ended = Vec::new();
    r.expire(99, &mut ended);
    assert_eq!(ended, []);
    assert_eq!(r.next_due(), Some(100));
    r.expire(100, &mut ended);
    assert_eq!(ended, [(txn, Outcome::Timeout)]);
    let late = completion(0, Status::Success, 4, 0, 1).packet([0]);
    assert_eq!(complete(&mut r, &[late]), (None, vec![HostFinding::LateCompletion { tag: 0 }]));
}

#[test]
fn requests_wait_for_tags_in_order() {
    let mut r = requests(TagWidth::Five);
    let txns: Vec<TxnId> = (0..34).map(|i| submit(&mut r, read(0x1000 + 4 * i, 4)).0).collect();
    let mut findings = Vec::new();
    let answer = completion(3, Status::Success, 4, 0xc, 1).packet([7]);
    let ended = r.complete(5, &parse(&answer).unwrap(), &mut findings);
    assert_eq!(ended, Some((txns[3], Outcome::Data(vec![7, 0, 0, 0]))));
    let mut ready = Vec::new();
    r.start(5, &mut ready);
    assert_eq!(ready.iter().map(|x| (x.txn, x.tag)).collect::<Vec<_>>(), [(txns[32], Some(3))]);
    assert_eq!(findings, []);
}

#[test]
fn hand_made_packets_keep_what_they_are_told_to_keep() {
    let mut r = requests(TagWidth::Eight);
    let mut odd = request(Kind::MemRead, Span::of(0x1000, 4).unwrap(), 0x77);
    odd.tc = 6;
    let (_, own) = submit(&mut r, Request::Raw { packet: odd.packet([]), tag: RawTag::Own });
    assert_eq!((own[0].packet.header, own[0].tag), (odd.pack(), Some(0x77)));
    let (_, assigned) = submit(&mut r, Request::Raw { packet: odd.packet([]), tag: RawTag::Assigned });
    let header = parse(&assigned[0].packet).unwrap().header;
    assert_eq!((header.requester(), header.tag(), header.tc), (ROOT, 0, 6));
    let broken = Packet::with_data([0xffff_ffff; 4], [1, 2, 3]);
    let (_, sent) = submit(&mut r, Request::Raw { packet: broken.clone(), tag: RawTag::Unwatched });
    assert_eq!((&sent[0].packet, sent[0].tag), (&broken, None));
}

#[test]
fn a_reset_ends_everything() {
    let mut r = requests(TagWidth::Five);
    let txns: Vec<TxnId> = (0..40).map(|_| submit(&mut r, read(0x1000, 4)).0).collect();
    let mut ended = Vec::new();
    r.reset(&mut ended);
    assert_eq!(ended, txns.into_iter().map(|t| (t, Outcome::Reset)).collect::<Vec<_>>());
    assert!(r.is_idle());
}
