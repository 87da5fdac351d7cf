// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Doorbells, sweeps, records.

mod common;

use common::*;
use tlp::Store::{Device, Event, Host, Msix};
use tlp::{Cause, CauseOp, Endpoint, Observed};

fn seen_causes(h: &Hand) -> Vec<Cause> {
    h.seen.iter().filter_map(|s| if let Observed::CauseSeen(c) = s.what { Some(c) } else { None }).collect()
}

fn raise(store: tlp::Store, index: u32) -> Cause {
    Cause { op: CauseOp::Raise, store, index }
}

#[test]
fn a_doorbell_raises_count_causes() {
    let mut h = Hand::ready();
    for (word, expected) in [
        (5, vec![raise(Msix, 5)]),
        (7 | 1 << 20 | 3 << 22, vec![raise(Device, 7); 3]),
        (0xf_ffff | 2 << 20 | 63 << 22, vec![raise(Host, 0xf_ffff); 63]),
        (9 | 1 << 31, vec![Cause { op: CauseOp::Withdraw, store: Msix, index: 9 }]),
        // The event fires MSI-X vector 1 + 9.
        (9 | 3 << 20, vec![raise(Event, 9), raise(Msix, 10)]),
    ] {
        let before = seen_causes(&h).len();
        h.set_reg(0x1100, word);
        h.run(200);
        assert_eq!(seen_causes(&h)[before..], expected);
        assert_eq!(h.reg(0x1104), 0);
        assert_eq!(h.reg(0x1100), 0);
    }
    assert_eq!(h.reg(0x1108), 1 + 3 + 63 + 1);
}

#[test]
fn parts_of_a_doorbell_count_as_zero_where_not_enabled() {
    let mut h = Hand::ready();
    h.push(mwr(BAR0 + 0x1100, 0x1, 0, &[!0]));
    h.push(mwr(BAR0 + 0x1100, 0x0, 0, &[!0]));
    h.set_reg(0x1104, 0); // its neighbour in the quad word
    h.run(50);
    assert_eq!(seen_causes(&h), [raise(Msix, 0xff)]);
}

#[test]
fn records_carry_sequence_and_source() {
    let mut h = Hand::ready();
    h.set_reg(0x1110, 0x1234_567f);
    h.set_reg(0x1114, 0x9);
    h.set_reg(0x1118, 1);
    assert_eq!(h.reg(0x1110), 0x1234_5670);
    h.set_reg(0x1100, 0x77 | 1 << 20 | 3 << 22 | 1 << 30);
    let record = |seq: u32| Write {
        address: 0x9_1234_5670 + 16 * u64::from(seq % 2),
        data: vec![seq, 0x77 | 1 << 20, 0, 0xc0de_0001],
    };
    assert_eq!(h.writes(), [record(0), record(1), record(2)]);
    assert_eq!((h.reg(0x111c), h.reg(0x1108)), (3, 3));
    // A withdrawal writes none.
    h.set_reg(0x1100, 0x77 | 1 << 20 | 1 << 30 | 1 << 31);
    assert_eq!(h.writes(), []);
}

#[test]
fn records_wait_for_bus_master_and_doorbells_beyond_sixteen_are_dropped() {
    let mut h = Hand::ready();
    h.cfg_write(0x04, 0x2);
    h.set_reg(0x1100, 1 << 30);
    h.run(50);
    assert_eq!(h.reg(0x1104), 1 | 1 << 8);
    for k in 1..18 {
        h.set_reg(0x1100, k);
    }
    h.set_reg(0x1120, 0x55);
    h.run(50);
    assert_eq!(h.reg(0x1104), 1 | 16 << 8);
    assert_eq!(h.reg(0x1120), 0x55); // nothing waits behind a full queue
    assert_eq!(h.reg(0x1044), 2);
    assert_eq!(h.reg(0x1040), 16 << 12 | 11 << 4 | 0b11);
    assert_eq!(seen_causes(&h), []);
    h.cfg_write(0x04, 0x6);
    h.run(200);
    assert_eq!(seen_causes(&h), (0..16).map(|k| raise(Msix, k)).collect::<Vec<_>>());
    assert_eq!(h.reg(0x1104), 0);
    h.set_reg(0x1100, 20);
    h.run(50);
    assert_eq!(h.reg(0x1108), 17);
}

#[test]
fn a_sweep_raises_one_cause_per_cycle() {
    let mut h = Hand::ready();
    h.set_reg(0x1120, 10 | 1 << 20);
    h.set_reg(0x1124, 100);
    h.set_reg(0x1128, 1);
    h.set_reg(0x1128, 1); // busy: ignored
    h.run(300);
    assert_eq!(seen_causes(&h), (10..110).map(|k| raise(Device, k)).collect::<Vec<_>>());
    let ticks: Vec<_> = h.seen.iter().filter(|s| matches!(s.what, Observed::CauseSeen(_))).map(|s| s.at).collect();
    assert!(ticks.windows(2).all(|w| w[1] == w[0] + 1));
    assert_eq!(h.reg(0x1108), 100);
    h.set_reg(0x1128, 0);
    h.set_reg(0x1124, 0);
    h.set_reg(0x1128, 1);
    h.run(100);
    assert_eq!(h.reg(0x1104), 0);
}

#[test]
fn the_port_and_the_function_share_the_core() {
    let mut h = Hand::ready();
    h.set_reg(0x1124, 50);
    h.set_reg(0x1128, 1);
    let start = h.ep.now();
    (0..50).for_each(|_| h.raise(Device, 1));
    h.run(300);
    assert_eq!(seen_causes(&h).len(), 100);
    let taken = h.seen.iter().filter(|s| matches!(s.what, Observed::CauseTaken(_))).count();
    assert_eq!(taken, 50);
    let last = h.seen.iter().filter(|s| matches!(s.what, Observed::CauseSeen(_))).map(|s| s.at).max();
    assert!(last.unwrap() < start + 120);
}
