// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What leaves in which order, under which credits and stalls.

mod common;

use common::*;
use tlp::Store::{Device, Host, Msix};
use tlp::{Cause, CauseOp, CreditLimits, Endpoint, Observed, Pressure, Stamped};

fn open_vector(h: &mut Hand, k: u32) {
    h.write16(BAR2 + 16 * u64::from(k), [0xfee0_0000 + 0x1000 * k, 0, k, 0]);
}

/// Credits of a partner that lets nothing posted through.
fn no_posted() -> CreditLimits {
    CreditLimits { ph: Some(0), pd: Some(0), ..Default::default() }
}

#[test]
fn posted_header_and_data_credits_are_both_needed() {
    for (ph, pd, expected) in [(Some(3), None, 3), (None, Some(4), 4), (Some(5), Some(2), 2), (None, None, 8)] {
        let mut h = Hand::ready();
        h.ep.credits(CreditLimits { ph, pd, ..Default::default() });
        (0..8).for_each(|k| open_vector(&mut h, k));
        h.run(100);
        (0..8).for_each(|k| h.raise(Msix, k));
        assert_eq!(h.writes().len(), expected);
        // Those left are pending, and registers are readable all the same.
        let left = h.read(BAR2 + 0x8000).count_ones() as usize;
        assert_eq!(left, 8 - expected);
        h.ep.credits(CreditLimits::default());
        assert_eq!(h.writes().len(), left);
    }
}

#[test]
fn limits_wrap_round() {
    let mut h = Hand::ready();
    open_vector(&mut h, 0);
    h.run(50);
    for i in 0..5000u32 {
        h.ep.credits(CreditLimits { ph: Some(i as u8), pd: Some((i & 0xfff) as u16), ..Default::default() });
        h.raise(Msix, 0);
        h.run(12);
        assert!(h.up.is_empty(), "{i}");
        h.ep.credits(CreditLimits {
            ph: Some((i + 1) as u8),
            pd: Some(((i + 1) & 0xfff) as u16),
            ..Default::default()
        });
        h.run(12);
        assert_eq!(h.up.len(), 1, "{i}");
        h.up.clear();
    }
}

#[test]
fn a_record_spends_one_data_credit_and_a_write_without_credits_waits() {
    let mut h = Hand::ready();
    h.set_reg(0x1110, 0x10_0000);
    open_vector(&mut h, 0);
    h.run(50);
    h.ep.credits(CreditLimits { ph: Some(10), pd: Some(1), ..Default::default() });
    h.set_reg(0x1100, 1 << 30);
    let writes = h.writes();
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0].data.len(), 4);
    assert!(h.pba(0));
}

#[test]
fn completions_wait_for_their_own_credits() {
    let mut h = Hand::ready();
    h.ep.credits(CreditLimits { cplh: Some(8), cpld: Some(3), ..Default::default() });
    // Eight configuration writes used eight headers already.
    h.push(cfgrd(0, 1));
    h.run(200);
    assert_eq!(h.up, []);
    h.ep.credits(CreditLimits { cplh: Some(10), cpld: Some(3), ..Default::default() });
    h.push(mrd(BAR2, 16, 0xf, 0xf, 2)); // four data credits; one used by the first
    h.run(200);
    assert_eq!(h.up.len(), 1);
    h.ep.credits(CreditLimits { cplh: Some(10), cpld: Some(5), ..Default::default() });
    h.run(200);
    assert_eq!(h.up.len(), 2);
}

#[test]
fn fetches_wait_for_non_posted_credits() {
    let mut h = Hand::ready();
    h.host_store(0x10_0000, 100);
    h.run(100);
    h.ep.credits(CreditLimits { nph: Some(2), npd: Some(0), ..Default::default() });
    (0..5).for_each(|k| h.raise(Host, k));
    h.run(200);
    assert_eq!(h.up.iter().filter(|p| is_read(p)).count(), 2);
    // Messages of other stores are not held up.
    h.write16(BAR4, [0xfee0_0000, 0, 9, 0]);
    h.raise(Device, 0);
    h.run(100);
    assert_eq!(h.up.iter().filter(|p| is_write(p)).count(), 1);
    assert_eq!(h.reg(0x104c), 2);
}

#[test]
fn a_completion_leaves_behind_what_was_committed_before_its_read() {
    let mut h = Hand::ready();
    open_vector(&mut h, 0);
    h.ep.pressure(Pressure { tx_stall: 255, ..Default::default() }, 1);
    h.run(50);
    h.raise(Msix, 0);
    h.run(50);
    h.push(mrd(BAR0 + 0x1048, 1, 0xf, 0, 9));
    h.run(50);
    assert_eq!(h.up, []);
    h.ep.pressure(Pressure::default(), 1);
    h.run(50);
    assert!(is_write(&h.up[0]));
    assert_eq!(cpl(&h.up[1]).data, [1]);
}

/// Under random stalls: whoever reads `stat_sent` has got that many messages before.
#[test]
fn stat_sent_never_runs_ahead_of_the_messages() {
    for seed in 0..8 {
        let mut h = Hand::ready();
        (0..4).for_each(|k| open_vector(&mut h, k));
        h.host_store(0x10_0000, 16);
        h.run(100);
        h.ep.pressure(Pressure { rx_gap: 100, tx_stall: 180, cause_gap: 60 }, seed);
        for i in 0..300u64 {
            let cause = Cause { op: CauseOp::Raise, store: Msix, index: (i % 4) as u32 };
            h.ep.cause(cause, h.ep.now() + 7 * i);
            if i % 8 == 0 {
                h.ep.push(mrd(BAR0 + 0x1048, 1, 0xf, 0, (i / 8) as u32), h.ep.now() + 41 * i);
            }
        }
        h.run(40_000);
        let mut messages = 0;
        let mut answers = 0;
        for packet in &h.up {
            if is_write(packet) {
                messages += 1;
            } else {
                assert!(cpl(packet).data[0] <= messages);
                answers += 1;
            }
        }
        assert_eq!(answers, 38);
        assert!(messages > 100);
    }
}

#[test]
fn the_record_is_ahead_of_its_message() {
    for seed in 0..4 {
        let mut h = Hand::ready();
        (0..64).for_each(|k| open_vector(&mut h, k));
        h.set_reg(0x1110, 0x10_0000);
        h.set_reg(0x1118, 3);
        h.run(400);
        h.ep.pressure(Pressure { tx_stall: 128, ..Default::default() }, seed);
        (0..32).for_each(|k| h.set_reg(0x1100, k | 1 << 30));
        let writes: Vec<_> = {
            h.run(3000);
            h.up.drain(..).map(|p| write(&p)).collect()
        };
        assert_eq!(writes.len(), 64);
        let mut recorded = std::collections::BTreeSet::new();
        for w in writes {
            if let [seq, source, 0, 0xc0de_0001] = w.data[..] {
                assert_eq!(seq, source);
                assert_eq!(w.address, 0x10_0000 + 16 * u64::from(seq % 8));
                recorded.insert(source);
            } else {
                assert!(recorded.contains(&w.data[0]), "message of {} ahead of its record", w.data[0]);
            }
        }
    }
}

/// A run's log, however it is cut into calls.
fn log(h: &mut Hand, ticks: u64, step: u64) -> Vec<Stamped<Observed>> {
    let end = h.ep.now() + ticks;
    while h.ep.now() < end {
        let until = (h.ep.now() + step).min(end);
        h.ep.run(until, &mut h.seen).unwrap();
    }
    std::mem::take(&mut h.seen)
}

#[test]
fn a_run_is_a_function_of_its_seed_however_it_is_cut() {
    let one = |seed: u64, step: u64| {
        let mut h = Hand::ready();
        (0..4).for_each(|k| open_vector(&mut h, k));
        h.ep.pressure(Pressure { rx_gap: 90, tx_stall: 150, cause_gap: 30 }, seed);
        for i in 0..60u64 {
            h.ep.cause(Cause { op: CauseOp::Raise, store: Msix, index: (i % 4) as u32 }, 400 + 11 * i);
            h.ep.push(mrd(BAR2, 1 + (i % 30) as u32, 0xf, if i % 30 == 0 { 0 } else { 0xf }, i as u32), 500 + 37 * i);
        }
        log(&mut h, 6000, step)
    };
    let whole = one(7, 10_000);
    assert_eq!(whole, one(7, 1));
    assert_eq!(whole, one(7, 13));
    assert_ne!(whole, one(8, 10_000));
    assert!(whole.windows(2).all(|w| w[0].at <= w[1].at));
}

#[test]
fn run_returns_in_the_tick_of_a_packet_and_events_of_a_tick_are_in_order() {
    let mut h = Hand::ready();
    open_vector(&mut h, 0);
    h.run(50);
    let rank = |o: &Observed| match o {
        Observed::CauseTaken(_) => 0,
        Observed::CauseSeen(_) => 1,
        Observed::MsiRaised(_) => 2,
        Observed::DownTaken(_) => 3,
        Observed::NonPostedLimit(_) => 4,
        Observed::Intx(_) => 5,
        Observed::Up(_) => 6,
    };
    for i in 0..200 {
        h.raise(Msix, 0);
        h.push(mrd(BAR2, 1, 0xf, 0, i));
    }
    let until = h.ep.now() + 2000;
    while h.ep.now() < until {
        let mut seen = vec![];
        h.ep.run(until, &mut seen).unwrap();
        assert!(seen.windows(2).all(|w| (w[0].at, rank(&w[0].what)) < (w[1].at, rank(&w[1].what))));
        let up = seen.iter().position(|s| matches!(s.what, Observed::Up(_)));
        assert!(up.is_none_or(|i| i + 1 == seen.len() && seen[i].at + 1 == h.ep.now()));
    }
}

#[test]
fn posted_writes_do_not_wait_for_requests_that_cannot_be_answered() {
    let mut h = Hand::ready();
    h.ep.credits(CreditLimits { cplh: Some(7), cpld: Some(0), ..Default::default() });
    (0..8).for_each(|i| h.push(mrd(BAR2, 1, 0xf, 0, i)));
    open_vector(&mut h, 1);
    h.raise(Msix, 1);
    h.run(200);
    assert_eq!(h.up.len(), 1);
    assert!(is_write(&h.up[0]));
}

#[test]
fn nothing_is_sent_without_posted_credits_and_reads_are_answered() {
    let mut h = Hand::ready();
    h.ep.credits(no_posted());
    open_vector(&mut h, 0);
    h.raise(Msix, 0);
    h.run(100);
    assert!(h.pba(0));
    // Closed again before credits come: it stays pending.
    h.write(BAR2 + 12, 1);
    h.read(BAR2 + 12);
    h.ep.credits(CreditLimits::default());
    assert_eq!(h.writes(), []);
    assert!(h.pba(0));
}
