// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Function level reset, D3hot to D0, conventional resets.

mod common;

use common::*;
use tlp::Store::{Device, Host, Msix};
use tlp::{CreditLimits, Endpoint, Observed, Pressure, Reset};

fn start_flr(h: &mut Hand) {
    h.cfg_write_be(0x58, 0x8000, 0x2);
}

/// Everything that a reset clears, set.
fn dirty(h: &mut Hand) {
    h.write16(BAR2, [0xfee0_0000, 0, 1, 1]);
    h.write16(BAR4, [0xfee0_0000, 0, 2, 1]);
    h.host_store(0x10_0000, 100);
    h.set_reg(0x1038, 0x1000);
    h.set_reg(0x1110, 0x2000);
    h.set_reg(0x1118, 4);
    h.set_reg(0x1120, 5);
    h.set_reg(0x1124, 6);
    h.run(100);
    h.raise(Msix, 0);
    h.raise(Device, 0);
    h.raise(Device, 0xf_0000); // an error
    h.run(10);
}

fn is_clean(h: &mut Hand) {
    assert_eq!([0, 4, 8, 12].map(|o| h.read(BAR2 + o)), [0, 0, 0, 1]);
    assert_eq!([0, 4, 8, 12].map(|o| h.read(BAR4 + o)), [0, 0, 0, 1]);
    assert!(!h.pba(0));
    for offset in (0x1020..0x1200).step_by(4) {
        // ev_vectors is 65, and ev_intx shows that MSI-X is enabled again.
        let reset = match offset {
            0x114c => 65,
            0x1154 => 2 << 8,
            _ => 0,
        };
        assert_eq!(h.reg(offset), reset, "{offset:#x}");
    }
    assert_eq!(h.take_status(), (0, 0));
}

#[test]
fn every_reset_clears_registers_entries_and_pending_bits() {
    for which in 0..4 {
        let mut h = Hand::ready();
        dirty(&mut h);
        match which {
            0 => start_flr(&mut h),
            1 => {
                h.cfg_write(0x44, 3);
                h.cfg_write(0x44, 0);
            }
            2 => h.ep.reset(Reset::Hot).unwrap(),
            _ => h.ep.reset(Reset::Cold).unwrap(),
        }
        h.run(1 << 14);
        h.set_up();
        is_clean(&mut h);
        assert_eq!(h.writes(), []);
    }
}

#[test]
fn during_a_function_reset_packets_vanish_without_a_trace() {
    let mut h = Hand::ready();
    start_flr(&mut h);
    h.push(cfgrd(0, 1));
    h.push(mrd(BAR0 + 0x1000, 1, 0xf, 0, 2));
    h.push(mwr(0x1000, 0xf, 0, &[1])); // no BAR
    h.push(cpld(3, 0, 4, 0, &[1])); // unexpected
    h.push(mwr(BAR2, 0xf, 0, &[0; 33])); // malformed
    h.run(100);
    let taken = h.seen.iter().filter(|s| matches!(s.what, Observed::DownTaken(_))).count();
    assert_eq!(taken as u64, 14, "all are taken");
    h.run(1 << 14);
    assert_eq!(h.up, []);
    assert_eq!(h.take_status(), (0, 0));
    // Their credits came back.
    let limit = h.seen.iter().rev().find_map(|s| if let Observed::NonPostedLimit(n) = s.what { Some(n) } else { None });
    let requests = 9 + 2 + 4; // set-up and FLR, the two that vanished, take_status
    assert_eq!(limit, Some(8 + requests));
}

#[test]
fn messages_of_before_leave_before_the_completion_and_none_after() {
    for delay in 0..30 {
        let mut h = Hand::ready();
        for k in 0..32 {
            h.write16(BAR2 + 16 * k, [0xfee0_0000, 0, k as u32, 0]);
        }
        h.run(100);
        h.ep.pressure(Pressure { tx_stall: 200, ..Default::default() }, delay);
        (0..32).for_each(|k| h.raise(Msix, k));
        h.run(32 + delay); // all causes are taken
        h.push(cfgwr(0x58, 0x8000, 0x2, 0xee));
        h.run(3000);
        let at = h.up.iter().position(is_cpl).unwrap();
        assert_eq!(at + 1, h.up.len(), "the completion is last");
        h.ep.pressure(Pressure::default(), 0);
        h.set_up();
        for k in 0..32 {
            h.write16(BAR2 + 16 * k, [0xfee0_0000, 0, k as u32, 0]);
        }
        h.up.clear();
        assert_eq!(h.writes(), [], "nothing is left pending");
    }
}

#[test]
fn causes_wait_until_a_reset_is_over() {
    let mut h = Hand::ready();
    start_flr(&mut h);
    h.raise(Msix, 0);
    h.run(1 << 14);
    assert!(h.seen.iter().any(|s| matches!(s.what, Observed::CauseTaken(0))));
    h.set_up();
    assert!(h.pba(0));
}

#[test]
fn late_answers_to_fetches_of_before_are_not_logged() {
    let mut h = Hand::ready();
    h.host_store(0x10_0000, 100);
    h.cfg_write(0x78, 1);
    h.raise(Host, 5);
    let (tag, _) = fetch(&h.wait(is_read));
    start_flr(&mut h);
    h.run(2000);
    h.set_up();
    assert_eq!(h.cfg_read(0x58) >> 21 & 1, 0);
    h.push(cpld(tag, 0, 16, 0x50, &[0xfee0_0000, 0, 1, 0]));
    h.run(20);
    assert_eq!(h.take_status(), (0, 0));
    // The tag is not used again in the meantime.
    h.host_store(0x10_0000, 100);
    h.run(50);
    h.raise(Host, 5);
    assert_ne!(fetch(&h.wait(is_read)).0, tag);
    h.run(1 << 14);
    h.push(cpld(tag, 0, 16, 0x50, &[0xfee0_0000, 0, 1, 0]));
    h.run(20);
    assert_eq!(h.take_status().0, 0b0001);
    assert_eq!(h.writes(), []);
}

#[test]
fn credits_start_over_in_conventional_resets_only() {
    let limits = |n| CreditLimits { ph: Some(n), pd: Some(u16::from(n)), ..Default::default() };
    let send = |h: &mut Hand| {
        h.write16(BAR2, [0xfee0_0000, 0, 1, 0]);
        h.run(30);
        h.raise(Msix, 0);
        h.writes().len()
    };
    let mut h = Hand::ready();
    h.ep.credits(limits(1));
    assert_eq!(send(&mut h), 1);
    start_flr(&mut h);
    h.run(2000);
    h.set_up();
    assert_eq!(send(&mut h), 0);
    h.ep.credits(limits(2));
    assert_eq!(h.writes().len(), 1);
    h.ep.reset(Reset::Hot).unwrap();
    h.ep.credits(limits(1));
    h.set_up();
    assert_eq!(send(&mut h), 1);
}

#[test]
fn a_conventional_reset_drops_what_is_queued_and_numbers_go_on() {
    let mut h = Hand::ready();
    let before = h.seen.iter().filter(|s| matches!(s.what, Observed::DownTaken(_))).count() as u64;
    h.ep.push(cfgrd(0, 1), h.ep.now() + 1000);
    h.ep.reset(Reset::Hot).unwrap();
    let mark = h.seen.len();
    h.push(cfgrd(0, 2));
    h.run(2000);
    assert_eq!(h.up.iter().map(|p| cpl(p).tag).collect::<Vec<_>>(), [2]);
    let after: Vec<_> = h.seen[mark..].iter().map(|s| &s.what).filter(|w| !matches!(w, Observed::Up(_))).collect();
    assert_eq!(after, [&Observed::NonPostedLimit(8), &Observed::DownTaken(before + 1), &Observed::NonPostedLimit(9)]);
}
