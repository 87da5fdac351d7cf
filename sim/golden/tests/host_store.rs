// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The store in host memory: fetch, hold, invalidate, fail.

mod common;

use common::*;
use golden::GoldenConfig;
use tlp::Store::Host;
use tlp::{Endpoint, Packet};

const BASE: u64 = 0x0000_0012_3456_7000;
const OPEN: [u32; 4] = [0xfee0_0020, 0, 0x77, 0];
const MASKED: [u32; 4] = [0xfee0_0020, 0, 0x77, 1];

fn store() -> Hand {
    let mut h = Hand::ready();
    h.host_store(BASE, 1000);
    assert_eq!(h.reg(0x1034), 2);
    h
}

/// Waits for a fetch and answers it.
fn serve(h: &mut Hand, slot: u32, words: [u32; 4]) {
    let (tag, address) = fetch(&h.wait(is_read));
    assert_eq!(address, BASE + 16 * u64::from(slot));
    h.push(cpld(tag, 0, 16, address as u32 & 0x7f, &words));
}

fn pending(h: &mut Hand, slot: u64) -> bool {
    h.read(BAR4 + 0x2_0000 + slot / 32 * 4) >> (slot % 32) & 1 != 0
}

fn invalidate(h: &mut Hand, index: u32, order: u32, notify: bool) {
    h.set_reg(0x1030, index | order << 20 | u32::from(notify) << 30 | 1 << 31);
}

fn done_count(h: &mut Hand) -> u32 {
    h.reg(0x1034) >> 16
}

#[test]
fn a_slot_is_fetched_once_and_then_held() {
    let mut h = store();
    h.raise(Host, 999);
    serve(&mut h, 999, OPEN);
    let sent = [Write { address: 0xfee0_0020, data: vec![0x77] }];
    assert_eq!(h.writes(), sent);
    h.raise(Host, 999);
    assert_eq!(h.writes(), sent);
    assert_eq!(h.up, [], "no second fetch");
    assert_eq!((h.reg(0x1048), h.reg(0x104c)), (2, 1));
    assert!(!pending(&mut h, 999));
}

#[test]
fn causes_during_a_fetch_merge_and_tp_shows() {
    let mut h = store();
    h.raise(Host, 3);
    let (tag, _) = fetch(&h.wait(is_read));
    assert_eq!(h.cfg_read(0x58) >> 21 & 1, 1);
    h.raise(Host, 3);
    h.run(20);
    assert!(pending(&mut h, 3));
    h.push(cpld(tag, 0, 16, 0x30, &OPEN));
    assert_eq!(h.writes().len(), 1);
    assert_eq!(h.cfg_read(0x58) >> 21 & 1, 0);
}

#[test]
fn a_masked_slot_is_parked_until_invalidated() {
    let mut h = store();
    h.raise(Host, 4);
    serve(&mut h, 4, MASKED);
    h.run(500);
    assert_eq!(h.up, []);
    assert!(pending(&mut h, 4));
    invalidate(&mut h, 5, 0, false); // another slot
    h.run(200);
    assert_eq!(h.up, []);
    invalidate(&mut h, 7, 2, false); // 4..8
    serve(&mut h, 4, OPEN);
    assert_eq!(h.writes().len(), 1);
    assert_eq!(done_count(&mut h), 2);
}

#[test]
fn held_content_stays_in_use_until_invalidated() {
    let mut h = store();
    h.raise(Host, 8);
    serve(&mut h, 8, OPEN);
    h.writes();
    // Memory changes; the device cannot know.
    h.raise(Host, 8);
    assert_eq!(h.writes()[0].data, [0x77]);
    invalidate(&mut h, 0, 20, false);
    h.raise(Host, 8);
    serve(&mut h, 8, [0xfee0_0040, 0, 0x88, 0]);
    assert_eq!(h.writes(), [Write { address: 0xfee0_0040, data: vec![0x88] }]);
}

#[test]
fn a_fetch_that_an_invalidation_overtakes_is_not_used() {
    let mut h = store();
    h.raise(Host, 8);
    let (tag, _) = fetch(&h.wait(is_read));
    invalidate(&mut h, 8, 0, false);
    let (second, address) = fetch(&h.wait(is_read));
    assert_ne!(tag, second);
    assert_eq!(address, BASE + 16 * 8);
    h.push(cpld(tag, 0, 16, 0, &OPEN)); // stale
    assert_eq!(h.writes(), []);
    h.push(cpld(second, 0, 16, 0, &[0xfee0_0040, 0, 0x88, 0]));
    assert_eq!(h.writes(), [Write { address: 0xfee0_0040, data: vec![0x88] }]);
}

#[test]
fn completion_words_carry_the_number_of_the_command() {
    let mut h = store();
    h.set_reg(0x1038, 0x8000_1003);
    h.set_reg(0x103c, 0x1);
    invalidate(&mut h, 0, 0, true);
    assert_eq!(h.writes(), [Write { address: 0x1_8000_1000, data: vec![1] }]);
    invalidate(&mut h, 0, 0, false);
    h.run(100);
    invalidate(&mut h, 0, 3, true);
    assert_eq!(h.writes()[0].data, [3]);
    assert_eq!(done_count(&mut h), 3);
    // A second start while busy is an error and does nothing.
    invalidate(&mut h, 0, 0, true);
    invalidate(&mut h, 0, 0, true);
    assert_eq!(h.writes().len(), 1);
    assert_eq!(h.reg(0x1034), 4 << 16 | 0b1010);
    h.set_reg(0x1034, 8);
    assert_eq!(h.reg(0x1034), 4 << 16 | 0b0010);
}

#[test]
fn a_notified_command_ends_with_its_word() {
    let mut h = store();
    h.cfg_write(0x04, 0x2);
    invalidate(&mut h, 0, 0, true);
    h.run(100);
    assert_eq!(h.reg(0x1034), 0b11);
    h.cfg_write(0x04, 0x6);
    assert_eq!(h.writes().len(), 1);
    assert_eq!(h.reg(0x1034), 1 << 16 | 0b10);
}

/// How a fetch can be answered wrongly: the answer, error code, Device Status, Status.
#[test]
fn failures_park_the_source_and_are_recorded() {
    let poisoned = |tag| {
        let mut p = cpld(tag, 0, 16, 0x50, &OPEN);
        p.header[0] |= 1 << 14;
        p
    };
    type Row = (&'static str, fn(u32) -> Packet, u32, u32, u32);
    let rows: [Row; 9] = [
        ("UR", |t| cpld(t, 1, 16, 0x50, &[]), 3, 0, 0x2000),
        ("reserved status", |t| cpld(t, 7, 16, 0x50, &[]), 3, 0, 0x2000),
        ("CA", |t| cpld(t, 4, 16, 0x50, &[]), 4, 0, 0x1000),
        ("no data", |t| cpld(t, 0, 16, 0x50, &[]), 7, 0, 0),
        ("byte count", |t| cpld(t, 0, 12, 0x50, &OPEN), 7, 0, 0),
        ("lower address", |t| cpld(t, 0, 16, 0x54, &OPEN), 7, 0, 0),
        ("too long", |t| cpld(t, 0, 16, 0x50, &[1, 2, 3, 4, 5]), 7, 0, 0),
        ("out of order", |t| cpld(t, 0, 8, 0x58, &[3, 4]), 7, 0, 0),
        ("empty UR later", |t| cpld(t, 1, 8, 0x58, &[]), 3, 0, 0x2000),
    ];
    for (name, answer, code, device_status, status) in rows {
        let mut h = store();
        h.raise(Host, 5);
        let (tag, _) = fetch(&h.wait(is_read));
        if name == "empty UR later" {
            h.push(cpld(tag, 0, 16, 0x50, &[1, 2]));
        }
        h.push(answer(tag));
        h.run(500);
        assert_eq!(h.up, [], "{name}");
        assert_eq!(h.reg(0x1040), 1 | code << 4 | 2 << 8 | 5 << 12, "{name}");
        assert_eq!(h.take_status(), (device_status, status), "{name}");
        assert!(pending(&mut h, 5));
        assert_eq!(h.cfg_read(0x58) >> 21 & 1, 0);
        h.push(answer(tag)); // a completion too many
        h.run(20);
        assert_eq!(h.take_status().0, 0b0001, "{name}");
        invalidate(&mut h, 5, 0, false);
        serve(&mut h, 5, OPEN);
        assert_eq!(h.writes().len(), 1);
    }
    for parity_response in [0, 0x40] {
        let mut h = store();
        h.cfg_write(0x04, 0x6 | parity_response);
        h.raise(Host, 5);
        let (tag, _) = fetch(&h.wait(is_read));
        h.push(poisoned(tag));
        h.run(100);
        assert_eq!(h.up, []);
        assert_eq!(h.reg(0x1040), 1 | 5 << 4 | 2 << 8 | 5 << 12);
        assert_eq!(h.take_status(), (0b0010, 0x8000 | parity_response << 2));
    }
}

#[test]
fn an_answer_may_come_in_pieces() {
    let mut h = store();
    h.raise(Host, 6);
    let (tag, _) = fetch(&h.wait(is_read));
    h.push(cpld(tag, 0, 16, 0x60, &OPEN[..1]));
    h.push(cpld(tag, 0, 12, 0x64, &OPEN[1..3]));
    h.push(cpld(tag, 0, 4, 0x6c, &OPEN[3..]));
    assert_eq!(h.writes().len(), 1);
    assert_eq!(h.reg(0x1044), 0);
}

#[test]
fn retry_status_is_malformed_and_the_fetch_goes_on() {
    let mut h = store();
    h.raise(Host, 6);
    let (tag, _) = fetch(&h.wait(is_read));
    h.push(cpld(tag, 2, 16, 0x60, &[]));
    h.run(20);
    assert_eq!(h.take_status(), (0b0100, 0));
    h.push(cpld(tag, 0, 16, 0x60, &OPEN));
    assert_eq!(h.writes().len(), 1);
}

#[test]
fn completions_that_nobody_waits_for_are_unexpected() {
    let mut h = store();
    h.raise(Host, 6);
    let (tag, _) = fetch(&h.wait(is_read));
    let mut wrong_id = cpld(tag, 0, 16, 0x60, &OPEN);
    wrong_id.header[2] ^= 1 << 16;
    let mut high_tag = cpld(tag, 0, 16, 0x60, &OPEN);
    high_tag.header[0] |= 1 << 19;
    let mut locked = cpld(tag, 0, 16, 0x60, &OPEN);
    locked.header[0] |= 1 << 24;
    for packet in [cpld(tag + 1, 0, 16, 0x60, &OPEN), cpld(200, 2, 4, 0, &[]), wrong_id, high_tag, locked] {
        h.push(packet.clone());
        h.run(20);
        assert_eq!(h.take_status(), (0b0001, 0), "{packet:x?}");
    }
    h.push(cpld(tag, 0, 16, 0x60, &OPEN));
    assert_eq!(h.writes().len(), 1);
}

#[test]
fn a_timeout_is_recorded_and_rests_the_tag() {
    let mut h = Hand::ready_with(&GoldenConfig { max_fetches: 1, ..Default::default() });
    h.host_store(BASE, 1000);
    h.cfg_write(0x78, 1); // 2^14 cycles
    h.raise(Host, 5);
    let (tag, _) = fetch(&h.wait(is_read));
    assert_eq!(tag, 0);
    let sent = h.ep.now();
    h.run((1 << 14) - 10);
    assert_eq!(h.reg(0x1044), 0);
    h.run(64);
    assert_eq!(h.reg(0x1040), 1 | 6 << 4 | 2 << 8 | 5 << 12);
    assert_eq!(h.take_status(), (0b0010, 0));
    h.push(cpld(tag, 0, 16, 0x50, &OPEN));
    h.run(20);
    assert_eq!(h.take_status(), (0b0001, 0));
    // The only tag rests: another slot's fetch waits for it.
    h.raise(Host, 9);
    h.run((1 << 14) - 500);
    assert_eq!(h.up, []);
    h.wait(is_read);
    assert!(h.ep.now() - sent >= 2 << 14);
}

#[test]
fn the_timeout_can_be_switched_off() {
    let mut h = store();
    h.cfg_write(0x78, 0x11);
    h.raise(Host, 5);
    let (tag, _) = fetch(&h.wait(is_read));
    h.run(1 << 23);
    assert_eq!(h.reg(0x1044), 0);
    h.push(cpld(tag, 0, 16, 0x50, &OPEN));
    assert_eq!(h.writes().len(), 1);
}

#[test]
fn the_store_refuses_what_makes_no_sense() {
    let cases = [
        (BASE + 0x800, 10, false),
        (BASE, 0, false),
        (BASE, 65537, false),
        (BASE, 65536, true),
        (0xffff_ffff_ffff_f000, 256, true),
        (0xffff_ffff_ffff_f000, 257, false),
    ];
    for (base, size, accepted) in cases {
        let mut h = Hand::ready();
        h.host_store(base, size);
        assert_eq!(h.reg(0x102c), u32::from(accepted));
        assert_eq!(h.reg(0x1034), if accepted { 2 } else { 4 });
        if accepted {
            h.set_reg(0x1020, 0);
            h.set_reg(0x1024, 0);
            h.set_reg(0x1028, 5);
            assert_eq!((h.reg(0x1020), h.reg(0x1024), h.reg(0x1028)), (base as u32, (base >> 32) as u32, size));
        } else {
            h.set_reg(0x1034, 4);
            assert_eq!(h.reg(0x1034), 0);
        }
    }
}

#[test]
fn causes_are_refused_by_state_then_by_size() {
    let mut h = Hand::ready();
    h.raise(Host, 70000);
    h.run(10);
    assert_eq!(h.reg(0x1040), 1 | 2 << 4 | 2 << 8 | 70000 << 12);
    h.host_store(BASE, 10);
    h.set_reg(0x1040, 1);
    h.run(20);
    h.raise(Host, 10);
    h.run(10);
    assert_eq!(h.reg(0x1040), 1 | 1 << 4 | 2 << 8 | 10 << 12);
    assert_eq!(h.up, []);
}

#[test]
fn disabling_drops_what_is_held_and_keeps_what_is_pending() {
    let mut h = store();
    h.raise(Host, 2);
    serve(&mut h, 2, OPEN);
    h.raise(Host, 3);
    serve(&mut h, 3, MASKED);
    h.raise(Host, 700);
    let (tag, address) = fetch(&h.wait(is_read));
    h.set_reg(0x102c, 0);
    h.push(cpld(tag, 0, 16, address as u32 & 0x7f, &OPEN));
    assert_eq!(h.writes().len(), 1, "slot 2 of before");
    assert!(pending(&mut h, 700) && pending(&mut h, 3));
    // Back with fewer slots: 700 is not served, 3 is fetched anew.
    h.set_reg(0x1028, 100);
    h.set_reg(0x102c, 1);
    serve(&mut h, 3, OPEN);
    assert_eq!(h.writes().len(), 1);
    assert_eq!(h.up, []);
    h.raise(Host, 2);
    serve(&mut h, 2, OPEN);
}

#[test]
fn slots_share_lines_and_none_starves() {
    let mut h = Hand::ready_with(&GoldenConfig { cache_lines: 4, max_fetches: 3, ..Default::default() });
    h.host_store(BASE, 64);
    assert_eq!(h.reg(0x1034), 2);
    let mut sent = vec![0; 64];
    for round in 0..4 {
        (0..64).for_each(|k| h.raise(Host, k));
        for _ in 0..4000 {
            h.run(1);
            for p in std::mem::take(&mut h.up) {
                if is_read(&p) {
                    let (tag, address) = fetch(&p);
                    let slot = ((address - BASE) / 16) as u32;
                    h.push(cpld(tag, 0, 16, address as u32 & 0x7f, &[0xfee0_0000, 0, slot, 0]));
                } else {
                    sent[write(&p).data[0] as usize] += 1;
                }
            }
        }
        assert_eq!(sent, vec![round + 1; 64]);
    }
}

#[test]
fn no_fetch_without_bus_master() {
    let mut h = store();
    h.cfg_write(0x04, 0x2);
    h.raise(Host, 1);
    h.run(200);
    assert_eq!(h.up, []);
    h.cfg_write(0x04, 0x6);
    serve(&mut h, 1, OPEN);
    assert_eq!(h.writes().len(), 1);
}

#[test]
fn a_host_message_to_address_zero_is_an_error() {
    let mut h = store();
    h.raise(Host, 1);
    serve(&mut h, 1, [3, 0, 0x77, 0]); // the low two bits are none of the address
    assert_eq!(h.writes(), []);
    assert_eq!(h.reg(0x1040), 1 | 8 << 4 | 2 << 8 | 1 << 12);
    assert!(!pending(&mut h, 1));
}
