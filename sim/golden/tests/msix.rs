// SPDX-License-Identifier: Apache-2.0 OR MIT
//! MSI-X: masks, enables, pending bits, the message itself.

mod common;

use common::*;
use tlp::Endpoint;
use tlp::Store::Msix;

/// Vector k's message in these tests.
fn message(k: u32) -> (u64, u32) {
    (0xfee0_0000 | u64::from(k) << 4 & 0xf_fff0, 0x4000 + k)
}

fn program(h: &mut Hand, k: u32, mask: u32) {
    let (address, data) = message(k);
    h.write16(BAR2 + 16 * u64::from(k), [address as u32, (address >> 32) as u32, data, mask]);
}

#[test]
fn one_message_per_cause_when_open() {
    let mut h = Hand::ready();
    for k in [0, 1, 31, 32, 63, 64, 1000, 2047] {
        program(&mut h, k, 0);
        h.raise(Msix, k);
        let (address, data) = message(k);
        assert_eq!(h.writes(), [Write { address, data: vec![data] }]);
        assert!(!h.pba(k));
    }
    assert_eq!(h.reg(0x1048), 8);
}

#[test]
fn the_header_is_short_below_4_gib_and_long_above() {
    let mut h = Hand::ready();
    for (address, header) in [
        (0xfee0_1004, [0x4000_0001, EP_ID << 16 | 0xf, 0xfee0_1004, 0]),
        (0x0000_0001_0000_0000, [0x6000_0001, EP_ID << 16 | 0xf, 1, 0]),
        (0xffff_ffff_ffff_fffc, [0x6000_0001, EP_ID << 16 | 0xf, 0xffff_ffff, 0xffff_fffc]),
        (0, [0x4000_0001, EP_ID << 16 | 0xf, 0, 0]), // MSI-X has no invalid address
    ] {
        let address: u64 = address;
        h.write16(BAR2, [address as u32, (address >> 32) as u32, 0x1234_5678, 0]);
        h.raise(Msix, 0);
        let packet = h.wait(is_write);
        assert_eq!(packet.header, header);
        assert_eq!(packet.data[..], [0x1234_5678]);
        assert_eq!(packet.prefix, None);
    }
}

/// E, F and M in all combinations: sent at once, or pending and sent once opened.
#[test]
fn truth_table_of_enable_function_mask_and_vector_mask() {
    for k in [0, 5, 32, 100, 2047] {
        for state in 0..8 {
            let (e, f, m) = (state & 1, state >> 1 & 1, state >> 2 & 1);
            let open = (e, f, m) == (1, 0, 0);
            let mut h = Hand::ready();
            program(&mut h, k, m);
            h.cfg_write(0xb0, e << 31 | f << 30);
            h.raise(Msix, k);
            h.raise(Msix, k); // merges unless the first has been sent
            h.run(100);
            assert_eq!(h.up.len(), if open { 2 } else { 0 }, "{e}{f}{m}");
            h.up.clear();
            assert_eq!(h.pba(k), !open);
            // Whatever is opened last, the message leaves then, once.
            let (address, data) = message(k);
            let ours = [Write { address, data: vec![data] }];
            h.write(BAR2 + 16 * u64::from(k) + 12, 0);
            if (e, f) != (1, 0) {
                assert_eq!(h.writes(), []);
                assert!(h.pba(k));
                h.cfg_write(0xb0, 0x8000_0000);
            }
            assert_eq!(h.writes(), if open { &[][..] } else { &ours[..] });
            assert!(!h.pba(k));
            assert_eq!(h.writes(), []);
        }
    }
}

#[test]
fn bus_master_enable_and_power_state_hold_messages_back() {
    let mut h = Hand::ready();
    program(&mut h, 7, 0);
    h.cfg_write(0x04, 0x2);
    h.raise(Msix, 7);
    assert_eq!(h.writes(), []);
    assert!(h.pba(7));
    h.cfg_write(0x04, 0x6);
    assert_eq!(h.writes().len(), 1);

    h.cfg_write(0x44, 3);
    h.raise(Msix, 7);
    assert_eq!(h.writes(), []);
}

#[test]
fn a_masked_vector_stops_no_other() {
    let mut h = Hand::ready();
    for k in 0..64 {
        program(&mut h, k, u32::from(k != 63));
        h.raise(Msix, k);
    }
    let (address, data) = message(63);
    assert_eq!(h.writes(), [Write { address, data: vec![data] }]);
    assert_eq!(h.read(BAR2 + 0x8000), 0xffff_ffff);
    assert_eq!(h.read(BAR2 + 0x8004), 0x7fff_ffff);
    assert_eq!(h.read(BAR2 + 0x8008), 0);
}

#[test]
fn pending_bits_of_every_vector_are_where_they_should_be() {
    let mut h = Hand::ready();
    for k in 0..2048 {
        h.raise(Msix, k);
        h.run(2);
        assert!(h.pba(k), "{k}");
        let (word, bit) = (u64::from(k / 64), k % 64);
        for other in [word.wrapping_sub(1), word, word + 1].into_iter().filter(|w| *w < 32) {
            let at = BAR2 + 0x8000 + 8 * other;
            let value = u64::from(h.read(at)) | u64::from(h.read(at + 4)) << 32;
            assert_eq!(value, if other == word { 1 << bit } else { 0 });
        }
        h.withdraw(Msix, k);
        h.run(2);
        assert!(!h.pba(k));
    }
    assert_eq!(h.writes(), []);
}

#[test]
fn withdraw_before_the_vector_opens_leaves_nothing() {
    let mut h = Hand::ready();
    program(&mut h, 3, 1);
    h.raise(Msix, 3);
    h.withdraw(Msix, 3);
    h.run(10);
    h.write(BAR2 + 16 * 3 + 12, 0);
    assert_eq!(h.writes(), []);
    h.raise(Msix, 3);
    assert_eq!(h.writes().len(), 1);
}

#[test]
fn a_quad_word_that_clears_the_mask_sends_its_own_data() {
    let mut h = Hand::ready();
    h.write16(BAR2, [0xfee0_0000, 0, 0x11, 1]);
    h.raise(Msix, 0);
    h.run(20);
    h.push(mwr(BAR2 + 8, 0xf, 0xf, &[0x22, 0]));
    assert_eq!(h.writes(), [Write { address: 0xfee0_0000, data: vec![0x22] }]);
}

#[test]
fn table_entries_keep_what_is_writable_under_any_byte_enables() {
    let mut h = Hand::ready();
    let writable = [0xffff_fffc, 0xffff_ffff, 0xffff_ffff, 0x0000_0001];
    for (word, writable) in writable.into_iter().enumerate() {
        let at = BAR2 + 16 * 9 + 4 * word as u64;
        for be in 0..16 {
            for old in [0u32, !0] {
                h.write(at, old);
                h.push(mwr(at, be, 0, &[!old]));
                let mask = (0..4).filter(|i| be >> i & 1 != 0).fold(0, |m, i| m | 0xffu32 << (8 * i));
                assert_eq!(h.read(at), (old & !mask | !old & mask) & writable);
            }
        }
    }
}

#[test]
fn reset_entries_are_zero_and_masked_and_holes_read_zero() {
    let config = golden::GoldenConfig { num_msix: 5, ..Default::default() };
    let mut h = Hand::ready_with(&config);
    for k in 0..5 {
        let entry: Vec<_> = (0..4).map(|w| h.read(BAR2 + 16 * k + 4 * w)).collect();
        assert_eq!(entry, [0, 0, 0, 1]);
    }
    h.write16(BAR2 + 16 * 5, [!0; 4]);
    h.write(BAR2 + 0x8000, !0);
    for at in [16 * 5, 16 * 5 + 12, 0x7ffc, 0x8000, 0x8008, 0xfffc] {
        assert_eq!(h.read(BAR2 + at), 0);
    }
    assert_eq!(h.cfg_read(0xb0), 0x8004_0011);
    h.raise(Msix, 5);
    h.run(10);
    assert_eq!(h.reg(0x1040), 1 | 1 << 4 | 5 << 12);
}

#[test]
fn after_a_mask_has_been_read_back_nothing_follows() {
    for delay in 0..40 {
        let mut h = Hand::ready();
        program(&mut h, 0, 0);
        for i in 0..30 {
            h.ep.cause(tlp::Cause { op: tlp::CauseOp::Raise, store: Msix, index: 0 }, h.ep.now() + i);
        }
        h.run(delay);
        h.write(BAR2 + 12, 1);
        let tag = h.tag();
        h.push(mrd(BAR2 + 12, 1, 0xf, 0, tag));
        h.run(200);
        let answered = h.up.iter().position(is_cpl).unwrap();
        assert!(h.up[answered + 1..].iter().all(|p| !is_write(p)), "delay {delay}");
    }
}

#[test]
fn open_pending_vectors_are_served_in_turn() {
    let mut h = Hand::ready();
    for k in 0..8 {
        program(&mut h, k, 0);
    }
    h.cfg_write(0xb0, 0xc000_0000);
    (0..8).for_each(|k| h.raise(Msix, k));
    h.run(20);
    h.cfg_write(0xb0, 0x8000_0000);
    let data: Vec<_> = h.writes().into_iter().map(|w| w.data[0] - 0x4000).collect();
    let mut sorted = data.clone();
    sorted.sort();
    assert_eq!(sorted, [0, 1, 2, 3, 4, 5, 6, 7]);
}
