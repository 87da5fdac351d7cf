// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Answers to the device's reads.

use std::collections::BTreeSet;

use tlp::Tick;

use super::*;
use crate::mem::HostMemory;
use crate::rc::bytes::to_bytes;
use crate::rc::complete::{Answer, Completer, CompletionPolicy, Rcb, ReadRequest, SplitPolicy, split};
use crate::rc::header::Attributes;
use crate::rc::random::{Concern, stream};

fn completer(policy: CompletionPolicy, mps: u16, seed: u64) -> Completer {
    Completer::new(ROOT, policy, mps, stream(seed, Concern::Completions))
}

fn read(span: Span, tag: u16) -> ReadRequest {
    let attr = Attributes { no_snoop: true, ..Attributes::default() };
    ReadRequest { requester: DEVICE, tag, span, tc: 3, attr, locked: false, pasid: None, shift: 0 }
}

/// Runs the completer to its end and gives back when each answer came.
fn run(c: &mut Completer, mem: &HostMemory) -> Vec<(Tick, Answer)> {
    let mut all = Vec::new();
    while let Some(due) = c.next_due() {
        let mut out = Vec::new();
        c.step(due, mem, &mut out);
        all.extend(out.into_iter().map(|a| (due, a)));
    }
    all
}

/// Every way in which `split` can cut, by trying all scripts of choices.
fn all_splits(start: u64, count: u16, rcb: u16, mps: u16) -> Vec<Vec<(u64, u16)>> {
    let mut found = Vec::new();
    let mut script: Vec<(usize, usize)> = Vec::new();
    loop {
        let mut at = 0;
        found.push(split(start, count, rcb, mps, |n| {
            if at == script.len() {
                script.push((0, n));
            }
            at += 1;
            script[at - 1].0
        }));
        while let Some((choice, n)) = script.pop() {
            if choice + 1 < n {
                script.push((choice + 1, n));
                break;
            }
        }
        if script.is_empty() {
            return found;
        }
    }
}

#[test]
fn every_split_of_every_small_read_is_legal_and_all_legal_ones_occur() {
    for (rcb, mps) in [(64, 128), (64, 256), (128, 128), (128, 256)] {
        for start in (0..140u64).step_by(3).chain([63, 64, 127, 128]) {
            for count in [1, 2, 3, 4, 5, 61, 64, 65, 127, 128, 129, 200, 256, 300] {
                let end = start + u64::from(count);
                let inner = (start + 1..end).filter(|e| e % u64::from(rcb) == 0).count() as u32;
                let splits = all_splits(start, count, rcb, mps);
                let distinct: BTreeSet<_> = splits.iter().collect();
                assert_eq!(distinct.len(), splits.len());
                if start % 4 + u64::from(count) <= u64::from(mps) {
                    assert_eq!(distinct.len(), 1 << inner, "{start}+{count} rcb {rcb} mps {mps}");
                }
                for pieces in splits {
                    let mut at = start;
                    for &(from, len) in &pieces {
                        assert_eq!(from, at, "contiguous and ascending");
                        at += u64::from(len);
                        assert!(at == end || at % u64::from(rcb) == 0, "{pieces:?}");
                        assert!((from % 4) + u64::from(len) <= u64::from(mps), "{pieces:?}");
                    }
                    assert_eq!(at, end);
                }
            }
        }
    }
}

#[test]
fn answers_reassemble_to_memory_with_true_counts() {
    let mut mem = HostMemory::new();
    let bytes: Vec<u8> = (0..1024u32).map(|i| (i * 31 % 253) as u8).collect();
    mem.write(0x1000, &bytes).unwrap();
    let mut seed = 0;
    for rcb in [Rcb::B64, Rcb::B128] {
        for split in [SplitPolicy::Fewest, SplitPolicy::Every, SplitPolicy::Random] {
            for offset in (0..130).step_by(7) {
                for len in [1usize, 3, 4, 16, 63, 64, 129, 500] {
                    seed += 1;
                    let mut c = completer(CompletionPolicy { rcb, split, delay: (0, 9) }, 128, seed);
                    let span = Span::of(0x1000 + offset, len).unwrap();
                    c.read(50, read(span, 0x2a5), true);
                    let mut got = Vec::new();
                    for (_, answer) in run(&mut c, &mem) {
                        let parsed = parse(&answer.packet).unwrap();
                        let header = parsed.header;
                        let (status, count, lower, words) = told(&answer.packet);
                        assert_eq!((status, usize::from(count)), (Status::Success, len - got.len()));
                        let at = 0x1000 + offset + got.len() as u64;
                        assert_eq!(lower, (at & 0x7f) as u8);
                        assert_eq!((header.tag(), header.requester(), header.tc), (0x2a5, DEVICE, 3));
                        assert!(header.attr.no_snoop);
                        assert!(words.len() * 4 <= 128);
                        let payload = to_bytes(&words);
                        let lead = (at & 3) as usize;
                        let used = (payload.len() - lead).min(len - got.len());
                        got.extend_from_slice(&payload[lead..lead + used]);
                    }
                    assert_eq!(got, bytes[offset as usize..offset as usize + len], "{offset}+{len} {rcb:?} {split:?}");
                    assert!(c.is_idle());
                }
            }
        }
    }
}

#[test]
fn a_zero_length_read_gets_one_word_and_touches_nothing() {
    let mut mem = HostMemory::new();
    mem.write_u32(0x1000, 0xdead_beef).unwrap();
    let mut c = completer(CompletionPolicy::default(), 128, 0);
    c.read(0, read(Span::of(0x1000, 0).unwrap(), 1), true);
    let answers = run(&mut c, &mem);
    assert_eq!(answers.len(), 1);
    assert_eq!(told(&answers[0].1.packet), (Status::Success, 1, 0, vec![0]));
}

#[test]
fn different_requests_overtake_each_other_and_pieces_of_one_do_not() {
    let mem = HostMemory::new();
    let mut first = BTreeSet::new();
    for seed in 0..40 {
        let policy = CompletionPolicy { rcb: Rcb::B64, split: SplitPolicy::Every, delay: (0, 20) };
        let mut c = completer(policy, 128, seed);
        c.read(0, read(Span::of(0x1000, 192).unwrap(), 1), true);
        c.read(0, read(Span::of(0x2000, 192).unwrap(), 2), true);
        let answers = run(&mut c, &mem);
        assert_eq!(answers.len(), 6);
        for tag in [1, 2] {
            let mine: Vec<&Answer> =
                answers.iter().map(|(_, a)| a).filter(|a| parse(&a.packet).unwrap().header.tag() == tag).collect();
            assert_eq!(mine.iter().map(|a| told(&a.packet).1).collect::<Vec<_>>(), [192, 128, 64]);
            assert_eq!(mine.iter().map(|a| a.frees.is_some()).collect::<Vec<_>>(), [false, false, true]);
        }
        first.insert(parse(&answers[0].1.packet).unwrap().header.tag());
    }
    assert_eq!(first, BTreeSet::from([1, 2]));
}

#[test]
fn a_store_behind_the_request_may_be_seen_or_not_but_never_in_parts() {
    let mut seen = BTreeSet::new();
    for seed in 0..60 {
        let mut mem = HostMemory::new();
        mem.write_u128(0x1000, u128::MAX).unwrap();
        let policy = CompletionPolicy { delay: (20, 20), ..CompletionPolicy::default() };
        let mut c = completer(policy, 128, seed);
        c.read(0, read(Span::of(0x1000, 16).unwrap(), 1), true);
        let mut out = Vec::new();
        c.step(10, &mem, &mut out);
        mem.write_u128(0x1000, 0).unwrap();
        out.extend(run(&mut c, &mem).into_iter().map(|(_, a)| a));
        assert_eq!(out.len(), 1);
        let words = told(&out[0].packet).3;
        assert!(words == [u32::MAX; 4] || words == [0; 4], "{words:x?}");
        seen.insert(words);
    }
    assert_eq!(seen.len(), 2);
}

#[test]
fn no_answer_comes_before_its_delay() {
    let mem = HostMemory::new();
    let mut c = completer(CompletionPolicy { delay: (5, 9), ..CompletionPolicy::default() }, 128, 3);
    for tag in 0..20 {
        c.read(100, read(Span::of(0x1000, 16).unwrap(), tag), true);
    }
    let times: BTreeSet<Tick> = run(&mut c, &mem).into_iter().map(|(at, _)| at).collect();
    assert_eq!(times, BTreeSet::from([105, 106, 107, 108, 109]));
}

#[test]
fn a_hole_is_answered_with_ur_that_counts_like_a_success() {
    let mut mem = HostMemory::new();
    let mut c = completer(CompletionPolicy::default(), 128, 0);
    c.read(0, read(Span::of(0x1005, 200).unwrap(), 1), false);
    let answers = run(&mut c, &mem);
    assert_eq!(answers.len(), 1);
    assert_eq!(told(&answers[0].1.packet), (Status::UnsupportedRequest, 200, 5, vec![]));
    // A hole that opens before memory is looked at.
    c.set_policy(CompletionPolicy { delay: (8, 8), ..CompletionPolicy::default() });
    c.read(0, read(Span::of(0x1000, 16).unwrap(), 1), true);
    mem.punch_hole(0x1000, 0x1000);
    assert_eq!(told(&run(&mut c, &mem)[0].1.packet), (Status::UnsupportedRequest, 16, 0, vec![]));
}

#[test]
fn a_tag_is_owed_until_its_last_completion_has_left() {
    let mem = HostMemory::new();
    let mut c = completer(CompletionPolicy::default(), 128, 0);
    c.read(0, read(Span::of(0x1000, 16).unwrap(), 7), true);
    let answers = run(&mut c, &mem);
    assert!(c.owes(DEVICE, 7));
    c.sent(answers[0].1.frees.unwrap());
    assert!(!c.owes(DEVICE, 7));
}
