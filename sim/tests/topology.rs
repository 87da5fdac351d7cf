// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Described topologies: on golden endpoints and on the RTL, twice with one result, and with faults planted that only
//! several devices can show.

use host_model::fabric::switch::SwitchFault;
use sim::rtl::RtlModels;
use sim::run::dut::Dut;
use sim::topology::{Outcome, Planted, run};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vectors::op::DutParams;
use vectors::topology::{Topology, load};
use verilated::Variant;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn described(name: &str) -> Topology {
    load(&root().join(format!("vectors/topologies/{name}.yaml"))).unwrap()
}

fn golden() -> Dut {
    Dut::Golden(Vec::new())
}

fn passes(name: &str) -> Outcome {
    let o = run(&described(name), &golden(), 1, 0, None).unwrap();
    assert!(o.passed, "{name}: {:#?}", o.findings);
    assert!(o.looked["fabric_changed_packet"] > o.total.messages && o.total.delivered > 0);
    o
}

#[test]
fn one_endpoint_keeps_its_interrupts() {
    let o = passes("one_behind_a_port");
    for what in ["affinity", "free", "allocate", "processor goes", "processor comes", "mask", "unmask"] {
        assert!(o.software.contains_key(what), "{what}: {:?}", o.software);
    }
    let c = o.total;
    assert_eq!(c.causes, c.delivered + c.merged, "everything is open at the end");
}

#[test]
fn two_units_and_a_switch_lose_nothing_and_a_seed_replays_everything() {
    let first = passes("two_units_and_a_switch");
    assert_eq!(first.events_hash, passes("two_units_and_a_switch").events_hash);
    let other = run(&described("two_units_and_a_switch"), &golden(), 2, 0, None).unwrap();
    assert!(other.passed && other.events_hash != first.events_hash, "{:#?}", other.findings);
}

#[test]
fn switches_in_a_row_route_as_one_does() {
    passes("switches_in_a_row");
}

#[test]
fn another_devices_entry_is_refused() {
    let o = passes("another_devices_entry_is_refused");
    assert_eq!(o.software["forge"], 2);
    assert!(o.total.blocked >= 2);
}

#[test]
fn buses_are_renumbered() {
    assert_eq!(passes("buses_are_renumbered").software["renumber"], 2);
}

#[test]
fn one_hangs_the_others_go_on() {
    let o = passes("one_hangs_the_others_go_on");
    assert!(o.expected.iter().all(|f| f.text.starts_with("b: ")), "{:#?}", o.expected);
    assert!(o.expected.iter().any(|f| f.check == "lost_interrupt"));
    assert_eq!((o.endpoints["a"].lost, o.endpoints["c"].lost), (0, 0));
    assert!(o.endpoints["b"].lost > 0);
    // Not expected, it is a failure of that endpoint.
    let mut t = described("one_hangs_the_others_go_on");
    t.expect.stuck.clear();
    let o = run(&t, &golden(), 1, 0, None).unwrap();
    assert!(!o.passed && o.findings.iter().all(|f| f.text.starts_with("b: ")), "{:#?}", o.findings);
}

#[test]
fn one_is_reset_the_others_go_on() {
    let o = passes("one_is_reset_the_others_go_on");
    assert_eq!(o.software["reset"], 2);
    assert_eq!(o.endpoints["b"].blocked, 0);
}

#[test]
fn a_kernel_puts_back_what_was_reset() {
    let o = passes("a_kernel_puts_back_what_was_reset");
    assert_eq!(o.software["reset"], 3);
    assert_eq!(o.endpoints["c"].blocked, 0);
    assert!(o.endpoints.values().all(|c| c.delivered > 200), "{:#?}", o.endpoints);
}

#[test]
fn slots_that_are_not_put_back_are_noticed() {
    let checks = reports("a_kernel_puts_back_what_was_reset", Planted::NoRestore);
    assert!(checks.contains(&"kernel_warning") && checks.contains(&"unexpected_block"), "{checks:?}");
}

#[test]
fn a_kernel_gives_up_one_that_hangs() {
    let o = passes("a_kernel_gives_up_one_that_hangs");
    assert!(o.expected.iter().all(|f| f.text.starts_with("b: ")), "{:#?}", o.expected);
    assert_eq!((o.endpoints["a"].lost, o.endpoints["c"].lost), (0, 0));
    assert!(o.endpoints["b"].lost > 0);
}

#[test]
fn a_machine_of_256_processors_and_one_of_one() {
    for cpus in [1, 256] {
        let mut t = described("two_units_and_a_switch");
        t.host.cpus = cpus;
        t.storm.causes = 600;
        let o = run(&t, &golden(), 1, 0, None).unwrap();
        assert!(o.passed, "{cpus}: {:#?}", o.findings);
    }
}

#[test]
fn sixteen_endpoints_with_every_source_in_use() {
    let mut t = described("storm_of_sixteen");
    t.storm.causes = 20_000;
    let o = run(&t, &golden(), 1, 0, None).unwrap();
    assert!(o.passed, "{:#?}", o.findings);
    assert_eq!((o.endpoints.len(), o.total.lost), (16, 0));
}

#[test]
fn calls_change_everything_about_every_kind_of_function() {
    let o = passes("calls_of_every_kind_of_function");
    for what in [
        "affinity",
        "free",
        "allocate",
        "free, slot",
        "allocate, slot",
        "free, host slot",
        "allocate, host slot",
        "processor goes",
        "processor comes",
        "mask",
        "unmask",
        "arrived while disabled",
        "flush of a unit",
        "entry rewritten",
        "work done",
    ] {
        assert!(o.software.contains_key(what), "{what}: {:?}", o.software);
    }
    let c = o.total;
    assert_eq!((c.causes, c.lost), (c.delivered + c.merged, 0), "everything is open at the end");
    let again = passes("calls_of_every_kind_of_function");
    assert_eq!(o.events_hash, again.events_hash);
}

#[test]
fn everything_changes_on_sixteen_endpoints() {
    let o = passes("everything_changes_on_sixteen");
    assert_eq!((o.endpoints.len(), o.total.lost), (16, 0));
    assert!(o.endpoints.values().all(|c| c.delivered > 0), "{:#?}", o.endpoints);
}

#[test]
fn lines_go_through_switches() {
    let o = passes("lines_through_switches");
    // They are shared, so some handlers ran for another's interrupt.
    assert!(o.software["line"] > 100 && o.software["line, of another"] > 0, "{:?}", o.software);
}

#[test]
fn a_kernel_on_one_processor_and_on_256() {
    for cpus in [1, 256] {
        let mut t = described("calls_of_every_kind_of_function");
        t.host.cpus = cpus;
        t.storm.causes = 600;
        let o = run(&t, &golden(), 1, 0, None).unwrap();
        assert!(o.passed, "{cpus}: {:#?}", o.findings);
    }
}

/// Names of the checks that a planted fault makes report.
fn reports(name: &str, planted: Planted) -> Vec<&'static str> {
    let o = run(&described(name), &golden(), 1, 0, Some(planted)).unwrap();
    assert!(!o.passed);
    let mut checks: Vec<&str> = o.findings.iter().map(|f| f.check).collect();
    checks.sort_unstable();
    checks.dedup();
    checks
}

#[test]
fn a_switch_that_swaps_requester_ids_is_noticed() {
    let checks = reports("two_units_and_a_switch", Planted::Switch(SwitchFault::SwapsRequesters));
    assert!(checks.contains(&"fabric_changed_packet") && checks.contains(&"interrupt_of_nobody"), "{checks:?}");
}

#[test]
fn a_switch_that_reorders_posted_packets_is_noticed() {
    let checks = reports("two_units_and_a_switch", Planted::Switch(SwitchFault::ReordersPosted));
    assert!(checks.contains(&"fabric_reordered"), "{checks:?}");
}

#[test]
fn a_switch_that_loses_packets_is_noticed() {
    let checks = reports("two_units_and_a_switch", Planted::Switch(SwitchFault::LosesPosted));
    assert!(checks.contains(&"fabric_lost_packet") && checks.contains(&"message_stuck_in_host"), "{checks:?}");
}

#[test]
fn a_switch_that_misroutes_requests_is_noticed() {
    let checks = reports("two_units_and_a_switch", Planted::Switch(SwitchFault::MisroutesRequests));
    assert!(checks.contains(&"fabric_misrouted"), "{checks:?}");
}

#[test]
fn requests_through_the_wrong_unit_are_noticed() {
    let checks = reports("two_units_and_a_switch", Planted::WrongUnit { port: 1, unit: 0 });
    assert!(checks.contains(&"unexpected_block") || checks.contains(&"arrival_misdirected"), "{checks:?}");
}

#[test]
fn an_interrupt_forgotten_when_its_processor_goes_is_noticed() {
    let mut t = described("two_units_and_a_switch");
    t.storm.software.hotplug = 12;
    let sound = run(&t, &golden(), 1, 0, None).unwrap();
    assert!(sound.passed && sound.software["raised again"] > 0, "{:?} {:#?}", sound.software, sound.findings);
    let o = run(&t, &golden(), 1, 0, Some(Planted::NoRetrigger)).unwrap();
    assert!(o.findings.iter().any(|f| f.check == "interrupt_not_handled"), "{:#?}", o.findings);
}

#[test]
fn a_processor_that_takes_nothing_is_noticed_by_who_waits_for_it() {
    let mut t = described("two_units_and_a_switch");
    t.storm.software.dynamic = 12;
    let o = run(&t, &golden(), 1, 0, Some(Planted::Hangs { cpu: 0 })).unwrap();
    let stuck = o.findings.iter().find(|f| f.check == "driver_sequence_failed").map(|f| f.text.as_str());
    assert!(stuck.is_some_and(|text| text.contains("where nothing happens")), "{:#?}", o.findings);
}

#[test]
fn entries_that_are_not_flushed_are_noticed() {
    let checks = reports("two_units_and_a_switch", Planted::NoFlush);
    for check in ["stale_entry_used", "spurious_vector", "interrupt_to_no_processor"] {
        assert!(checks.contains(&check), "{check}: {checks:?}");
    }
}

#[test]
fn a_switch_that_keeps_wires_to_itself_is_noticed() {
    let checks = reports("lines_through_switches", Planted::Switch(SwitchFault::KeepsWires));
    assert!(checks.contains(&"intx_wire_lost") && checks.contains(&"interrupt_not_handled"), "{checks:?}");
}

#[test]
fn faults_show_under_a_kernel_as_well() {
    let name = "calls_of_every_kind_of_function";
    let checks = reports(name, Planted::NoFlush);
    assert!(checks.contains(&"stale_entry_used"), "{checks:?}");
    let wrong = Planted::WrongUnit { port: 1, unit: 0 };
    // With DMA remapping the endpoint's slots are out of its reach there, and its driver gives up.
    let checks = reports(name, wrong);
    assert!(checks.contains(&"kernel_warning") && checks.contains(&"driver_sequence_failed"), "{checks:?}");
    let mut t = described(name);
    t.host.dma = false;
    let o = run(&t, &golden(), 1, 0, Some(wrong)).unwrap();
    let named = |check: &str| o.findings.iter().any(|f| f.check == check);
    assert!(named("unexpected_block") || named("arrival_misdirected"), "{:#?}", o.findings);
    let mut t = described(name);
    t.storm.software.hotplug = 20;
    let o = run(&t, &golden(), 1, 0, Some(Planted::NoRetrigger)).unwrap();
    assert!(o.findings.iter().any(|f| f.check == "interrupt_not_handled"), "{:#?}", o.findings);
}

#[test]
fn a_device_that_hangs_by_itself_ends_as_a_finding() {
    let mut t = described("one_behind_a_port");
    t.storm.causes = 3_000;
    let o = run(&t, &Dut::Golden(vec![golden::Quirk::Wedge]), 1, 0, None).unwrap();
    assert!(!o.passed && o.findings.iter().any(|f| f.kind == sim::finding::Kind::Liveness), "{:#?}", o.findings);
}

#[test]
fn the_rtl_passes_too() {
    let dut = Dut::Rtl(Arc::new(RtlModels::new(&root(), root().join("rtl"), Variant::Plain).unwrap()));
    dut.prepare(&[DutParams::default()]).unwrap();
    for name in [
        "two_units_and_a_switch",
        "one_is_reset_the_others_go_on",
        "one_hangs_the_others_go_on",
        "calls_of_every_kind_of_function",
        "a_kernel_puts_back_what_was_reset",
        "lines_through_switches",
    ] {
        let o = run(&described(name), &dut, 1, 0, None).unwrap();
        assert!(o.passed, "{name}: {:#?}", o.findings);
        assert_eq!(o.events_hash, run(&described(name), &dut, 1, 0, None).unwrap().events_hash);
    }
}
