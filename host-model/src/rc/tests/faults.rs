// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Wrong answers on purpose: each fault shows exactly in what it names.

use super::*;
use crate::mem::HostMemory;
use crate::rc::complete::{Completer, CompletionPolicy, ReadRequest, SplitPolicy};
use crate::rc::fault::{FaultRule, FaultWhen, ReadFault};
use crate::rc::header::Attributes;
use crate::rc::random::{Concern, stream};

const AT: u64 = 0x1000;

fn memory() -> HostMemory {
    let mut mem = HostMemory::new();
    let bytes: Vec<u8> = (0..=255).collect();
    mem.write(AT, &bytes).unwrap();
    mem
}

fn completer() -> Completer {
    let policy = CompletionPolicy { split: SplitPolicy::Every, ..CompletionPolicy::default() };
    Completer::new(ROOT, policy, 128, stream(1, Concern::Completions))
}

fn read(c: &mut Completer, addr: u64, len: usize) -> Vec<Packet> {
    let span = Span::of(addr, len).unwrap();
    let attr = Attributes::default();
    c.read(0, ReadRequest { requester: DEVICE, tag: 5, span, tc: 0, attr, locked: false, pasid: None, shift: 0 }, true);
    let mut packets = Vec::new();
    while let Some(due) = c.next_due() {
        let mut out = Vec::new();
        c.step(due, &memory(), &mut out);
        packets.extend(out.into_iter().map(|a| a.packet));
    }
    packets
}

/// Packets of a faulty answer to 16 bytes at [`AT`].
fn sixteen(fault: ReadFault) -> Vec<Packet> {
    let mut c = completer();
    c.add_rule(FaultRule::once(FaultWhen::Always, fault));
    read(&mut c, AT, 16)
}

const WORDS: [u32; 4] = [0x0302_0100, 0x0706_0504, 0x0b0a_0908, 0x0f0e_0d0c];

#[test]
fn error_statuses_carry_no_data() {
    for status in [Status::UnsupportedRequest, Status::CompleterAbort, Status::ConfigRetry, Status::Reserved(7)] {
        let packets = sixteen(ReadFault::Status(status));
        assert_eq!(packets.iter().map(told).collect::<Vec<_>>(), [(status, 16, 0, vec![])]);
    }
}

#[test]
fn poison_marks_good_data() {
    let packets = sixteen(ReadFault::Poison);
    assert!(parse(&packets[0]).unwrap().header.poisoned);
    assert_eq!(told(&packets[0]), (Status::Success, 16, 0, WORDS.to_vec()));
}

#[test]
fn a_withheld_answer_never_comes_and_leaves_the_tag_free() {
    let mut c = completer();
    c.add_rule(FaultRule::once(FaultWhen::Always, ReadFault::Withhold));
    assert_eq!(read(&mut c, AT, 16), []);
    assert!(!c.owes(DEVICE, 5) && c.is_idle());
}

#[test]
fn a_short_answer_claims_to_be_whole_and_a_stopped_one_does_not() {
    let short = sixteen(ReadFault::Short { words: 2 });
    assert_eq!(short.iter().map(told).collect::<Vec<_>>(), [(Status::Success, 8, 0, WORDS[..2].to_vec())]);
    let stopped = sixteen(ReadFault::Stop);
    assert_eq!(stopped.iter().map(told).collect::<Vec<_>>(), [(Status::Success, 16, 0, WORDS[..3].to_vec())]);
}

#[test]
fn a_long_answer_has_a_word_too_many() {
    let (_, count, _, words) = told(&sixteen(ReadFault::Long)[0]);
    assert_eq!((count, words.len()), (16, 5));
    assert_eq!(words[..4], WORDS);
}

#[test]
fn an_answer_is_cut_where_the_boundary_forbids_it() {
    let packets = sixteen(ReadFault::SplitAt(8));
    let expected = [(Status::Success, 16, 0, WORDS[..2].to_vec()), (Status::Success, 8, 8, WORDS[2..].to_vec())];
    assert_eq!(packets.iter().map(told).collect::<Vec<_>>(), expected);
}

#[test]
fn wrong_fields_are_wrong_and_the_others_right() {
    let tag = parse(&sixteen(ReadFault::WrongTag(0x101))[0]).unwrap().header.tag();
    assert_eq!(tag, 0x104);
    let other = Bdf::from_bits(0x0200);
    assert_eq!(parse(&sixteen(ReadFault::WrongRequester(other))[0]).unwrap().header.requester(), other);
    assert_eq!(told(&sixteen(ReadFault::WrongByteCount(4))[0]).1, 20);
    assert_eq!(told(&sixteen(ReadFault::WrongByteCount(0xff0))[0]).1, 4096);
    assert_eq!(told(&sixteen(ReadFault::WrongLowerAddress(0x7c))[0]).2, 0x7c);
}

#[test]
fn duplicates_come_twice_piece_by_piece() {
    let mut c = completer();
    c.add_rule(FaultRule::once(FaultWhen::Always, ReadFault::Duplicate));
    let counts: Vec<u16> = read(&mut c, AT, 128).iter().map(|p| told(p).1).collect();
    assert_eq!(counts, [128, 128, 64, 64]);
}

#[test]
fn a_delayed_answer_is_late_and_otherwise_right() {
    let mut c = completer();
    c.add_rule(FaultRule::once(FaultWhen::Always, ReadFault::Delay(1000)));
    let span = Span::of(AT, 16).unwrap();
    let attr = Attributes::default();
    c.read(0, ReadRequest { requester: DEVICE, tag: 5, span, tc: 0, attr, locked: false, pasid: None, shift: 0 }, true);
    let mut out = Vec::new();
    c.step(999, &memory(), &mut out);
    assert_eq!(out, []);
    assert_eq!(c.next_due(), Some(1000));
    assert!(!c.owes(DEVICE, 5));
    c.step(1000, &memory(), &mut out);
    assert_eq!(told(&out[0].packet), (Status::Success, 16, 0, WORDS.to_vec()));
}

#[test]
fn rules_hit_what_they_name_as_often_as_they_say() {
    let is_ur = |packets: Vec<Packet>| told(&packets[0]).0 == Status::UnsupportedRequest;
    let fault = ReadFault::Status(Status::UnsupportedRequest);
    let mut c = completer();
    c.add_rule(FaultRule { when: FaultWhen::Address { first: AT + 0x20, last: AT + 0x2f }, fault, times: Some(2) });
    let tries = [(0x10, 16), (0x10, 17), (0x30, 16), (0x2f, 1), (0x20, 16)];
    let hits: Vec<bool> = tries.iter().map(|&(o, len)| is_ur(read(&mut c, AT + o, len))).collect();
    assert_eq!(hits, [false, true, false, true, false]);
    assert_eq!(c.reads(), 5);
    c.clear_rules();
    c.add_rule(FaultRule { when: FaultWhen::Nth(6), fault, times: None });
    let hits: Vec<bool> = (0..4).map(|_| is_ur(read(&mut c, AT, 16))).collect();
    assert_eq!(hits, [false, true, false, false]);
}
