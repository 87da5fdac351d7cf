// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Address translation of slot fetches, word by word. [Data sheet section 17; PCIe Base 10.]

mod common;

use common::*;
use golden::GoldenConfig;
use tlp::{Packet, Store};

/// Where the device believes its slots to be.
const BASE: u64 = 0x7000_0000;

/// (AT, tag, address, words) of a read.
fn read(p: &Packet) -> (u32, u32, u64, u32) {
    assert!(is_read(p), "{p:x?}");
    let [a, b, c, d] = p.header;
    let address = if kind(p) == 0x20 { u64::from(c) << 32 | u64::from(d) } else { u64::from(c) };
    assert_eq!((b >> 16, b & 0xff), (EP_ID, 0xff));
    (a >> 10 & 3, b >> 8 & 0xff, address, a & 0x3ff)
}

fn translated() -> Hand {
    let mut h = Hand::ready_with(&GoldenConfig::default());
    h.cfg_write(0x1a4, 0x8000_0000);
    h.host_store(BASE, 1024);
    assert_eq!(h.reg(0x1034), 2);
    h
}

/// The next read, which has to be of this kind.
fn next(h: &mut Hand) -> (u32, u32, u64, u32) {
    let p = h.wait(is_read);
    read(&p)
}

fn answer(h: &mut Hand, tag: u32, word: u64) {
    h.push(cpld(tag, 0, 8, 0, &[((word >> 32) as u32).swap_bytes(), (word as u32).swap_bytes()]));
}

fn slot(h: &mut Hand, tag: u32, address: u64, vector: u32) {
    h.push(cpld(tag, 0, 16, address as u32 & 0x7f, &[0xfee0_0000, 0, vector, 0]));
}

fn invalidate(tag: u32, target: u32) -> Packet {
    Packet::with_data([0x7200_0002, RC_ID << 16 | tag << 8 | 1, target << 16, 0], [0, 0])
}

/// The tag of an Invalidate Completion, whose form is checked.
fn completed(p: &Packet) -> u32 {
    let [a, b, c, d] = p.header;
    assert_eq!((a, b, c, p.prefix), (0x3200_0000, EP_ID << 16 | 2, RC_ID << 16 | 1, None));
    assert_eq!((d.count_ones(), p.data.len()), (1, 0));
    d.trailing_zeros()
}

fn is_completed(p: &Packet) -> bool {
    kind(p) == 0x32
}

#[test]
fn a_page_is_asked_for_once_and_then_used() {
    let mut h = translated();
    h.raise(Store::Host, 3);
    h.raise(Store::Host, 5);
    let (at, tag, address, words) = next(&mut h);
    // Two words, and bit 0 says that nothing will be written.
    assert_eq!((at, address, words), (1, BASE | 1, 2));
    h.run(200);
    assert!(!h.up.iter().any(is_read), "the other slot waits for the answer");
    answer(&mut h, tag, 0x1_2345_6001);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let (at, tag, address, words) = next(&mut h);
        assert_eq!((at, words), (2, 4));
        seen.push(address);
        slot(&mut h, tag, address, 0x40);
    }
    seen.sort_unstable();
    assert_eq!(seen, [0x1_2345_6030, 0x1_2345_6050]);
    assert_eq!(h.writes().len(), 2);
}

#[test]
fn large_range_covers_its_neighbours() {
    let mut h = translated();
    h.raise(Store::Host, 0x101);
    let (_, tag, address, _) = next(&mut h);
    assert_eq!(address, BASE | 0x1001);
    // Sixteen kilobytes: S, and 13 is the lowest bit that is 0.
    answer(&mut h, tag, 0x5000_0000 | 1 << 12 | 1 << 11 | 1);
    let (at, tag, address, _) = next(&mut h);
    assert_eq!((at, address), (2, 0x5000_1010));
    slot(&mut h, tag, address, 0x40);
    h.raise(Store::Host, 0x302);
    let (at, _, address, _) = next(&mut h);
    assert_eq!((at, address), (2, 0x5000_3020));
}

#[test]
fn untranslated_use_is_for_one_read() {
    let mut h = translated();
    for _ in 0..2 {
        h.raise(Store::Host, 1);
        let (at, tag, _, _) = next(&mut h);
        assert_eq!(at, 1);
        answer(&mut h, tag, 0b101);
        let (at, tag, address, words) = next(&mut h);
        assert_eq!((at, address, words), (0, BASE + 16, 4));
        slot(&mut h, tag, address, 0x40);
        assert_eq!(h.writes().len(), 1);
        // The slot is held now; let go of it.
        h.push(invalidate(0, EP_ID));
        h.wait(is_completed);
    }
}

#[test]
fn no_translation_parks_the_slot() {
    let mut h = translated();
    h.raise(Store::Host, 1);
    let (_, tag, _, _) = next(&mut h);
    answer(&mut h, tag, 0);
    h.run(300);
    assert!(!h.up.iter().any(is_read));
    assert_eq!(h.reg(0x1040) >> 4 & 0xf, 13);
    h.push(invalidate(9, EP_ID));
    let p = h.wait(is_completed);
    assert_eq!(completed(&p), 9);
    let (at, ..) = next(&mut h);
    assert_eq!(at, 1);
}

#[test]
fn invalidation_waits_for_what_has_left_and_forgets_it() {
    let mut h = translated();
    h.raise(Store::Host, 1);
    let (_, tag, _, _) = next(&mut h);
    answer(&mut h, tag, 0x9_0000_0001);
    let (at, old, address, _) = next(&mut h);
    assert_eq!(at, 2);
    h.push(invalidate(3, EP_ID));
    h.run(300);
    assert!(!h.up.iter().any(is_completed));
    // Its page is asked for anew; the old answer says nothing any more.
    let (at, again, ..) = next(&mut h);
    assert_eq!(at, 1);
    slot(&mut h, old, address, 0x40);
    let p = h.wait(is_completed);
    assert_eq!(completed(&p), 3);
    assert_eq!(h.writes().len(), 0);
    answer(&mut h, again, 0x8_0000_0001);
    let (at, tag, address, _) = next(&mut h);
    assert_eq!((at, address), (2, 0x8_0000_0010));
    slot(&mut h, tag, address, 0x77);
    let writes = h.writes();
    assert_eq!((writes.len(), writes[0].data[0]), (1, 0x77));
}

#[test]
fn invalidation_of_slots_leaves_the_question_good() {
    let mut h = translated();
    h.raise(Store::Host, 1);
    let (_, tag, _, _) = next(&mut h);
    h.set_reg(0x1030, 1 << 31 | 20 << 20);
    h.run(300);
    assert!(!h.up.iter().any(is_read), "one question at a time for a page");
    answer(&mut h, tag, 0x9_0000_0001);
    let (at, _, address, _) = next(&mut h);
    assert_eq!((at, address), (2, 0x9_0000_0010));
}

#[test]
fn four_wait_and_the_fifth_is_dropped() {
    let mut h = translated();
    h.raise(Store::Host, 1);
    let (_, tag, _, _) = next(&mut h);
    (0..5).for_each(|n| h.push(invalidate(10 + n, EP_ID)));
    h.run(100);
    answer(&mut h, tag, 0);
    let mut tags = Vec::new();
    while tags.len() < 4 {
        // Each of them asks for the page again, and the next one waits for the answer.
        let p = h.wait(|p| is_completed(p) || is_read(p));
        match is_read(&p) {
            true => answer(&mut h, read(&p).1, 0),
            false => tags.push(completed(&p)),
        }
    }
    assert_eq!(tags, [10, 11, 12, 13]);
    h.run(300);
    assert!(!h.up.iter().any(is_completed));
    // The first error is kept: the fifth came before any answer.
    assert_eq!(h.reg(0x1040) >> 4 & 0xf, 14);
}

#[test]
fn invalidation_for_another_id_is_unsupported() {
    let mut h = translated();
    h.push(invalidate(0, EP_ID + 8));
    h.run(200);
    assert!(!h.up.iter().any(is_completed));
    assert_eq!(h.cfg_read(0x144) & 1 << 20, 1 << 20);
}

#[test]
fn without_services_it_is_answered_at_once() {
    let mut h = Hand::ready();
    h.host_store(BASE, 1024);
    h.cfg_write(0x04, 2);
    h.push(invalidate(31, EP_ID));
    let p = h.wait(is_completed);
    assert_eq!(completed(&p), 31);
}
