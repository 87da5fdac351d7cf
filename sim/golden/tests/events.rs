// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Events, coalescers, MSI and INTx: known answers.

mod common;

use common::*;
use golden::GoldenConfig;
use tlp::Store::Event;
use tlp::{Endpoint, Observed};

const STATUS: u32 = 0x1140;
const STATUS_HI: u32 = 0x1144;
const MISC: u32 = 0x1148;
const INTX: u32 = 0x1154;
const COAL: u32 = 0x2000;
const MSI: u32 = 0x90;

/// Codes of the INTx messages so far.
fn intx(h: &Hand) -> Vec<u32> {
    let code = |o: &Observed| match o {
        Observed::Up(p) if kind(p) >> 3 == 0x34 >> 3 => Some(p.header[1] & 0xff),
        _ => None,
    };
    h.seen.iter().filter_map(|s| code(&s.what)).collect()
}

fn raised(h: &Hand) -> Vec<u8> {
    h.seen.iter().filter_map(|s| if let Observed::MsiRaised(v) = s.what { Some(v) } else { None }).collect()
}

/// A device with neither MSI nor MSI-X enabled.
fn ready() -> Hand {
    let mut h = Hand::ready();
    h.cfg_write(0xb0, 0);
    h
}

/// MSI with this Multiple Message Enable, data 0x60.
fn msi(h: &mut Hand, mme: u32) {
    h.cfg_write(MSI + 4, 0xfee0_1000);
    h.cfg_write(MSI + 12, 0x60);
    h.cfg_write(MSI, 1 << 16 | mme << 20);
}

#[test]
fn an_intx_message_by_hand() {
    let mut h = ready();
    h.raise(Event, 63);
    h.run(200);
    let message = h.seen.iter().find_map(|s| match &s.what {
        Observed::Up(p) if kind(p) == 0x34 => Some(p.clone()),
        _ => None,
    });
    let message = message.expect("Assert_INTA leaves");
    assert_eq!(message.header, [0x3400_0000, EP_ID << 16 | 0x20, 0, 0]);
    assert!(message.data.is_empty() && message.prefix.is_none());
    assert_eq!((h.reg(STATUS), h.reg(STATUS_HI), h.reg(INTX)), (0, 1 << 31, 3));
    assert_eq!(h.cfg_read(4) >> 19 & 1, 1);
    h.set_reg(STATUS_HI, 1 << 31);
    h.run(200);
    assert_eq!(intx(&h), [0x20, 0x24]);
}

#[test]
fn an_event_in_the_clock_of_a_clear_stays() {
    // The clear takes effect in one tick; an event in that tick is not lost, whichever it is.
    let mut last_cleared = None;
    for offset in 0..12 {
        let mut h = ready();
        h.raise(Event, 3);
        h.run(100);
        let now = h.ep.now();
        h.ep.push(mwr(BAR0 + u64::from(STATUS), 0xf, 0, &[1 << 3]), now + 6);
        h.ep.cause(tlp::Cause { op: tlp::CauseOp::Raise, store: Event, index: 3 }, now + offset);
        h.run(200);
        let taken =
            |h: &Hand, want: fn(&Observed) -> bool| h.seen.iter().filter(|s| want(&s.what)).map(|s| s.at).next_back();
        let event = taken(&h, |o| matches!(o, Observed::CauseSeen(_))).unwrap();
        let clear = taken(&h, |o| matches!(o, Observed::DownTaken(_))).unwrap();
        let left = h.reg(STATUS) == 1 << 3;
        assert_eq!(left, event >= clear, "event in {event}, clear in {clear}");
        last_cleared = last_cleared.max((!left).then_some(event));
    }
    assert!(last_cleared.is_some());
}

#[test]
fn frames_and_microseconds() {
    let mut h = ready();
    msi(&mut h, 1);
    h.set_reg(COAL + 4, 3);
    h.run(20);
    for expected in [0, 0, 1, 1, 1, 2] {
        h.raise(Event, 5);
        h.run(10);
        assert_eq!(raised(&h).len(), expected);
    }
    h.set_reg(COAL + 4, 4 << 16);
    assert_eq!(h.reg(COAL + 4), 4 << 16); // read back: it is in force
    h.raise(Event, 5);
    h.raise(Event, 6);
    h.run(2000);
    let at = |h: &Hand, want: fn(&Observed) -> bool| {
        h.seen.iter().filter(|s| want(&s.what)).map(|s| s.at).collect::<Vec<_>>()
    };
    let events = at(&h, |o| matches!(o, Observed::CauseSeen(_)));
    let fired = *at(&h, |o| matches!(o, Observed::MsiRaised(_))).last().unwrap();
    let first = events[events.len() - 2];
    assert!((first + 1000..=first + 1128).contains(&fired), "first {first}, fired {fired}");
    assert_eq!(raised(&h), [1, 1, 1]);
}

#[test]
fn vectors_of_events() {
    for (mme, event, vector) in
        [(0, 17, 0), (1, 64, 0), (1, 0, 1), (1, 63, 1), (2, 64, 0), (2, 4, 2), (5, 30, 31), (5, 31, 1), (7, 62, 1)]
    {
        let mut h = ready();
        msi(&mut h, mme);
        h.raise(Event, event);
        h.run(100);
        assert_eq!(raised(&h), [vector], "MME {mme} event {event}");
        assert_eq!(h.writes(), [Write { address: 0xfee0_1000, data: vec![0x60 | u32::from(vector)] }]);
    }
}

#[test]
fn extended_data_and_upper_address() {
    let mut h = ready();
    h.cfg_write(MSI + 4, 0xfee0_1000);
    h.cfg_write(MSI + 8, 7);
    h.cfg_write(MSI + 12, 0xabcd_0041);
    h.cfg_write(MSI, 1 << 16);
    h.raise(Event, 0);
    h.run(100);
    h.cfg_write(MSI, 1 << 26 | 1 << 16);
    h.raise(Event, 0);
    h.run(100);
    let write = |data| Write { address: 0x7_fee0_1000, data: vec![data] };
    assert_eq!(h.writes(), [write(0x41), write(0xabcd_0041)]);
}

#[test]
fn an_event_that_is_not_there() {
    let mut h = ready();
    h.set_reg(0x1150, 1);
    h.raise(Event, 65);
    h.run(200);
    // Code 1, store 3, index 65; the error raises event 64, which does not set its own bit.
    assert_eq!(h.reg(0x1040), 1 | 1 << 4 | 3 << 8 | 65 << 12);
    assert_eq!(h.reg(MISC), 2);
    assert_eq!(intx(&h), [0x20]);
    h.withdraw(Event, 3);
    h.withdraw(Event, 70);
    h.run(50);
    assert_eq!((h.reg(STATUS), h.reg(0x1044)), (0, 1));
}

#[test]
fn a_small_table_bounds_the_spread() {
    let mut h = Hand::ready_with(&GoldenConfig { num_msix: 2, ..GoldenConfig::default() });
    h.cfg_write(0xb0, 1 << 31);
    h.raise(Event, 40);
    h.run(100);
    assert!(h.pba(1) && !h.pba(0));
}

#[test]
fn hand_over_in_both_directions() {
    let mut h = ready();
    h.raise(Event, 9);
    h.run(100);
    msi(&mut h, 3);
    h.run(100);
    assert_eq!((intx(&h), raised(&h)), (vec![0x20, 0x24], vec![0]));
    assert_eq!(h.reg(INTX), 1 << 8);
    h.cfg_write(MSI, 3 << 20);
    h.run(100);
    assert_eq!(intx(&h), [0x20, 0x24, 0x20]);
    h.cfg_write(0xb0, 1 << 31);
    h.run(100);
    assert_eq!(h.reg(INTX), 2 << 8);
    assert!(h.pba(0));
}

#[test]
fn function_reset_deasserts() {
    let mut h = ready();
    h.raise(Event, 9);
    h.run(100);
    h.cfg_write(0x58, 0x2810 | 1 << 15);
    h.run(1000);
    assert_eq!(intx(&h), [0x20, 0x24]);
    assert_eq!(h.cfg_read(4) >> 19 & 1, 0);
}
