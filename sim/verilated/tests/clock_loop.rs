// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The clock loop: packing, handshakes, stalls, order of events, findings.

mod common;

use common::{Seen, built, echoes, op, powered, run_to};
use verilated::{Limits, Model, Options, Severity, Variant, What};

#[test]
fn packets_of_every_length_come_back_as_they_went() {
    for data_w in [64, 256, 512] {
        let mut model = powered(&built(Variant::Plain, data_w), 3);
        assert_eq!(u64::from(model.data_words()), data_w / 32);
        let sent: Vec<_> = (0..=40u32)
            .map(|n| {
                let prefix = (n % 3 == 1).then_some(0x9100_0000 | n);
                (prefix, [n, 0x1111, 0x2222, 0x3333], (0..n).map(|w| n << 16 | w).collect::<Vec<u32>>())
            })
            .collect();
        model.set_pressure(60, 100, 0, data_w);
        for (prefix, header, data) in &sent {
            model.push(header, *prefix, data, 0);
        }
        assert_eq!(echoes(&mut model, 5000), sent, "DataW {data_w}");
        assert_eq!(model.counters().findings, 0);
    }
}

#[test]
fn a_run_ends_with_the_cycle_of_a_packet_and_reports_in_order() {
    let mut model = powered(&built(Variant::Plain, 256), 1);
    let start = model.now();
    model.push(&[7, 8, 9, 10], None, &[1], start + 5);
    model.push(&[8, 8, 9, 10], None, &[2], start + 5);
    model.cause(true, 2, 0xf_ffff, start + 5);
    let events: Vec<_> = model.run(start + 100).unwrap().map(|e| (e.tick - start, format!("{:?}", e.what))).collect();
    assert_eq!(
        events,
        [
            (0, "NonPostedLimit(8)".to_owned()),
            (5, "DownTaken(0)".to_owned()),
            (6, "CauseTaken(0)".to_owned()),
            (6, "CauseSeen { withdraw: true, store: 2, index: 1048575 }".to_owned()),
            (6, "DownTaken(1)".to_owned()),
            (6, "NonPostedLimit(9)".to_owned()),
            (6, "Up { prefix: None, header: [7, 8, 9, 10], data: [1] }".to_owned()),
        ]
    );
    assert_eq!(model.now(), start + 7);
    assert_eq!(model.run(start + 7).unwrap().count(), 0);
    assert_eq!(model.now(), start + 7, "a deadline that has passed moves nothing");
}

#[test]
fn full_pressure_blocks_a_channel_and_none_frees_it() {
    let mut model = powered(&built(Variant::Plain, 256), 1);
    model.set_pressure(255, 0, 255, 1);
    model.push(&[1; 4], None, &[], 0);
    model.cause(false, 0, 1, 0);
    let limit_only = run_to(&mut model, 200);
    assert_eq!(limit_only.len(), 1, "{limit_only:?}");
    model.set_pressure(0, 255, 0, 1);
    let taken = run_to(&mut model, 400);
    assert!(taken.iter().any(|e| e.what == "DownTaken(0)") && taken.iter().any(|e| e.what == "CauseTaken(0)"));
    assert!(!taken.iter().any(|e| e.what.starts_with("Up")));
    model.set_pressure(0, 0, 0, 1);
    assert_eq!(echoes(&mut model, 410).len(), 1);
}

fn busy(seed: u64, pressure_seed: u64) -> Vec<Seen> {
    let mut model = powered(&built(Variant::Plain, 256), seed);
    model.set_pressure(90, 90, 90, pressure_seed);
    for n in 0..50u32 {
        model.push(&[if n % 10 == 0 { op::POWER } else { n }, n, n, n], None, &vec![n; n as usize], 0);
        model.cause(false, n & 1, n, u64::from(n) * 3);
    }
    run_to(&mut model, 3000)
}

#[test]
fn equal_seeds_give_equal_events_and_others_do_not() {
    let one = busy(1, 2);
    assert_eq!(one, busy(1, 2));
    assert_ne!(one, busy(1, 3), "the stalls");
    assert_ne!(one, busy(4, 2), "the state after power-on");
}

#[test]
fn models_in_several_threads_do_not_disturb_each_other() {
    let alone: Vec<_> = (0..8).map(|seed| busy(seed, seed)).collect();
    let threads: Vec<_> = (0..8).map(|seed| std::thread::spawn(move || busy(seed, seed))).collect();
    let together: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(alone, together);
}

#[test]
fn a_failed_assertion_is_an_event_and_the_run_goes_on() {
    let mut model = powered(&built(Variant::Plain, 256), 1);
    let at = model.now();
    model.push(&[1, 0, 0, 0], None, &[], 0);
    model.push(&[op::ERROR, 0, 0, 0], None, &[], 0);
    let mut findings = Vec::new();
    let mut up = 0;
    while model.now() < at + 10 {
        for event in model.run(at + 10).unwrap() {
            match event.what {
                What::Finding { severity, text } => findings.push((event.tick, severity, text)),
                What::Up { .. } => up += 1,
                _ => {}
            }
        }
    }
    assert_eq!(up, 2);
    assert_eq!(findings.len(), 1, "{findings:?}");
    let (tick, severity, text) = &findings[0];
    assert_eq!((*tick, *severity), (at + 1, Severity::Error));
    assert!(text.contains("asked to fail by packet 1") && text.contains("as_no_error"), "{text}");
    assert!(text.contains("loopback.sv"), "{text}");
    assert_eq!(model.counters().findings, 1);
}

#[test]
fn what_the_model_prints_is_a_note() {
    let mut model = powered(&built(Variant::Plain, 256), 1);
    model.push(&[op::PRINT, 0, 0, 0], None, &[], 0);
    let seen = run_to(&mut model, 100);
    let note = seen.iter().find(|e| e.what.contains("Note")).expect("a note");
    assert!(note.what.contains("packet 0"), "{note:?}");
    assert_eq!(model.counters().findings, 0);
}

#[test]
fn a_beat_that_changes_while_it_waits_is_found() {
    let mut model = powered(&built(Variant::Plain, 256), 1);
    model.set_pressure(0, 255, 0, 1);
    model.push(&[op::UNSTEADY, 0, 0, 0], None, &[], 0);
    let seen = run_to(&mut model, 100);
    assert!(seen.iter().any(|e| e.what.contains("beat changed before it was taken")), "{seen:?}");
}

#[test]
fn credits_reach_their_pins() {
    let mut model = powered(&built(Variant::Plain, 256), 1);
    let limit = [Some(0x81), Some(0x812), None, Some(0x934), Some(0x43), Some(0xa56)];
    model.set_credits(&Limits { limit });
    model.push(&[op::CREDITS, 0, 0, 0], None, &[], 0);
    let echoed = echoes(&mut model, 100);
    let [_, h1, h2, h3] = echoed[0].1;
    let bits = u128::from(h1) << 64 | u128::from(h2) << 32 | u128::from(h3);
    let field = |low: u32, width: u32| (bits >> low) & ((1 << width) - 1);
    assert_eq!([field(0, 8), field(8, 8), field(16, 8)], [0x81, 0, 0x43], "headers");
    assert_eq!([field(52, 12), field(64, 12), field(76, 12)], [0x812, 0x934, 0xa56], "data");
    assert_eq!(field(88, 6), 1 << 2, "infinite");
}

#[test]
fn a_reset_drops_what_is_queued_and_numbers_go_on() {
    let mut model = powered(&built(Variant::Plain, 256), 1);
    model.push(&[1; 4], None, &[0; 40], 0);
    model.push(&[2; 4], None, &[], 0);
    model.cause(false, 1, 5, 0);
    let until = model.now() + 2;
    run_to(&mut model, until);
    model.reset_hot().unwrap();
    model.push(&[3; 4], None, &[], 0);
    model.cause(false, 1, 6, 0);
    let until = model.now() + 50;
    let seen = run_to(&mut model, until);
    let texts: Vec<_> = seen.iter().map(|e| e.what.as_str()).collect();
    assert!(texts.contains(&"DownTaken(2)") && !texts.contains(&"DownTaken(1)"), "{texts:?}");
    assert!(texts.contains(&"NonPostedLimit(8)"), "{texts:?}");
    assert_eq!(texts.iter().filter(|t| t.starts_with("Up")).count(), 1, "{texts:?}");
    assert_eq!(model.counters().findings, 0);
}

#[test]
fn nothing_runs_before_the_first_cold_reset() {
    let built = built(Variant::Plain, 256);
    let mut model = Model::load(&built, &Options::default()).unwrap();
    assert!(model.run(10).unwrap_err().to_string().contains("before the first cold reset"));
    assert!(model.reset_hot().is_err());
    model.reset_cold().unwrap();
    assert!(model.run(100).is_ok());
}
