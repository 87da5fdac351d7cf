// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Lockstep and reset traffic in forms short enough for every run of the tests.

use golden::Quirk;
use sim::figure::lockstep::catches;
use sim::lockstep::{self, PARAMS};
use sim::resets;
use sim::rtl::RtlModels;
use std::path::Path;
use verilated::Variant;

fn models() -> RtlModels {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the checkout");
    let models = RtlModels::new(root, root.join("rtl"), Variant::Plain).expect("a toolchain");
    models.build(&PARAMS).expect("a model");
    models
}

#[test]
fn rtl_and_golden_endpoint_show_the_same() {
    let models = models();
    let make = || Ok([lockstep::rtl(&models)?, lockstep::golden(&[])?]);
    let report = lockstep::run(&make, 1, 0, 20_000, |_| {}).expect("it runs");
    let text = report.difference.map(|d| format!("burst {} ({}): {}", d.burst, d.kind, d.text));
    assert_eq!(text, None);
    assert!(report.tally.exact > 10_000 && report.tally.exact > 9 * report.tally.raced, "{:?}", report.tally);
}

#[test]
fn a_device_is_equal_to_itself_and_traffic_is_the_same_each_time() {
    let make = || Ok([lockstep::golden(&[])?, lockstep::golden(&[])?]);
    let runs = [0, 1].map(|_| lockstep::run(&make, 7, 0, 20_000, |_| {}).expect("it runs"));
    assert!(runs[0].difference.is_none());
    assert_eq!((runs[0].tlps, runs[0].cycles, runs[0].tally), (runs[1].tlps, runs[1].cycles, runs[1].tally));
}

#[test]
fn lockstep_reports_wrong_devices() {
    let some = [
        Quirk::AtsCompletionMissing,
        Quirk::AtsKeepsTranslations,
        Quirk::CompletionLowerAddress,
        Quirk::CompletionOvertakesMessage,
        Quirk::DoorbellDroppedSilently,
        Quirk::MaskedCauseDropped,
        Quirk::PostedCreditsOverused,
        Quirk::StaleSlotAfterInvalidation,
        Quirk::UnsupportedNotLogged,
    ];
    for quirk in some {
        assert!(catches(quirk, 200_000).expect("it runs"), "{quirk}");
    }
}

#[test]
fn a_difference_is_made_short_and_shows_again_alone() {
    let make = || Ok([lockstep::golden(&[])?, lockstep::golden(&[Quirk::ConfigByteEnablesIgnored])?]);
    let found = lockstep::run(&make, 1, 0, 100_000, |_| {}).expect("it runs").difference.expect("a difference");
    let acts: usize = found.episodes.iter().map(|e| e.acts.iter().filter(|a| a.optional()).count()).sum();
    assert!(acts <= 4, "{acts} packets are left");
    let again = lockstep::run(&make, 1, found.burst, 0, |_| {}).expect("it runs").difference.expect("the difference");
    assert_eq!((again.burst, again.text), (found.burst, found.text));
}

#[test]
fn nothing_old_leaves_the_rtl_after_a_reset() {
    let mut dut = resets::rtl(&models()).expect("a device");
    let report = resets::run(dut.as_mut(), 1, 200, |_| {}).expect("it runs");
    assert!(report.wrong.is_empty(), "{:?}", report.wrong);
    assert!(report.total() >= 200 && report.messages > 1_000 && report.dropped > 50, "{report:?}");
}

#[test]
fn what_comes_after_a_reset_is_called_by_its_name() {
    let names = |quirk: Quirk| {
        let mut dut = resets::golden(&[quirk]).expect("a device");
        let report = resets::run(dut.as_mut(), 1, 300, |_| {}).expect("it runs");
        report.wrong.keys().cloned().collect::<Vec<_>>()
    };
    assert!(names(Quirk::MessageAfterReset).contains(&"late_message".to_string()));
    assert!(names(Quirk::ResetKeepsPending).contains(&"message_without_cause".to_string()));
    assert!(names(Quirk::CauseLost).contains(&"lost_interrupt".to_string()));
}
