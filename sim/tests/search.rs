// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A search goes on: from a kept state as from power-on, and after an interruption where it stood. What another version
//! wrote is refused with the reason.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sim::direct::draw::Draw;
use sim::direct::profile;
use sim::rtl::RtlModels;
use sim::run::{Dut, Job, Outcome, Verdict, observe_from, restart_of, test_seed};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use vectors::op::Vector;
use verilated::Variant;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("below the root").to_owned()
}

fn drawn(seed: u64) -> Vector {
    let p = profile::named(&root(), "everything").expect("the profile is there");
    Draw::new(&p, &Default::default(), ChaCha8Rng::seed_from_u64(seed)).vector(format!("drawn_{seed}"))
}

fn job(vector: Vector, dut: &Dut, seed: u64) -> Job {
    Job {
        seed: test_seed(seed, &vector.name),
        vector: Arc::new(vector),
        reset_seed: 0,
        dut: dut.clone(),
        trace: None,
        keep_events: false,
        give_up: Default::default(),
        cancel: Arc::new(AtomicBool::new(false)),
    }
}

fn same(a: &Outcome, b: &Outcome) {
    assert_eq!(a.events_hash, b.events_hash, "{}", a.name);
    assert_eq!((a.cycles, a.checks, a.tlps_rx, a.tlps_tx), (b.cycles, b.checks, b.tlps_rx, b.tlps_tx));
    assert_eq!((&a.coverage, a.counters, &a.verdict), (&b.coverage, b.counters, &b.verdict));
}

/// Two sequences of one machine: the second goes on from the state that the first had at its restart, and the first
/// once more after that, so that nothing of one run is in the next.
fn goes_on(dut: &Dut, seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let first = drawn(seed);
        let at = restart_of(&first).expect("what is drawn has a restart");
        let other = drawn(seed + 1000);
        let behind = restart_of(&other).expect("likewise") + 1;
        let mut second = first.clone();
        second.name = format!("second_{seed}");
        second.steps.truncate(at + 1);
        second.steps.extend(other.steps[behind..].iter().cloned());
        sim::direct::mutate::finish(&mut second);
        let (first, second) = (job(first, dut, seed), job(second, dut, seed));
        let ((whole, _), saved) = observe_from(&first, None, true);
        let saved = saved.expect("the restart was reached");
        assert!(saved.cycles() > 0 && saved.cycles() < whole.cycles);
        let again = |job: &Job| observe_from(job, Some(&saved), false).0.0;
        let power_on = |job: &Job| observe_from(job, None, false).0.0;
        same(&again(&second), &power_on(&second));
        same(&again(&first), &whole);
        same(&power_on(&first), &whole);
    }
}

#[test]
fn a_run_goes_on_from_a_kept_state_as_from_power_on() {
    goes_on(&Dut::Golden(Vec::new()), 1..25);
}

#[test]
fn the_rtl_goes_on_from_a_kept_state_as_from_power_on() {
    let models = RtlModels::new(&root(), root().join("rtl"), Variant::Plain).expect("a toolchain");
    let dut = Dut::Rtl(Arc::new(models));
    dut.prepare(&[Default::default()]).expect("the model is built");
    goes_on(&dut, 1..3);
}

#[test]
fn another_seed_draws_other_choices_behind_the_restart_only() {
    let dut = Dut::Golden(Vec::new());
    let v = drawn(3);
    let (a, b) = (observe_from(&job(v.clone(), &dut, 1), None, true), observe_from(&job(v, &dut, 2), None, true));
    assert_eq!(a.1.map(|s| s.cycles()), b.1.map(|s| s.cycles()));
    assert!(a.0.0.verdict == Verdict::Passed && b.0.0.verdict == Verdict::Passed);
}

fn close(dir: &Path, args: &[&str]) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_ims-cosim"));
    c.args(["close", "--dut", "golden", "--out", &dir.display().to_string(), "--json"]).args(args);
    c.env("IMS_COSIM_ROOT", root()).env("RUST_BACKTRACE", "0");
    c
}

fn said(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

fn state(dir: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(dir.join("state.json")).expect("the state was written");
    serde_json::from_str(&text).expect("and whole")
}

#[test]
fn an_interrupted_search_goes_on_where_it_stood() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut child = close(dir.path(), &["--cycles", "100000"]).stdout(std::process::Stdio::null()).spawn().unwrap();
    // Its first results are written after five seconds, or when it is interrupted.
    std::thread::sleep(std::time::Duration::from_secs(4));
    // Two in one directory would mix what they keep.
    let out = close(dir.path(), &["--cycles", "1"]).output().expect("it runs");
    assert_eq!(out.status.code(), Some(2), "{}", said(&out));
    assert!(said(&out).contains("another process"), "{}", said(&out));
    let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(told.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let before = state(dir.path());
    let (runs, cycles) = (before["runs"].as_u64().unwrap(), before["cycles"].as_u64().unwrap());
    assert!(runs > 0 && cycles > 0);
    let more = cycles.div_ceil(1_000_000) + 1;
    let out = close(dir.path(), &["--cycles", &more.to_string()]).output().expect("it runs");
    assert!(matches!(out.status.code(), Some(0 | 1)), "{}", said(&out));
    let after = state(dir.path());
    assert!(after["runs"].as_u64().unwrap() > runs && after["cycles"].as_u64().unwrap() >= more * 1_000_000);
    // Nothing is lost: what was covered is, when it was first covered stands, what was found stays found.
    let map = |v: &serde_json::Value, key: &str| v[key].as_object().expect("a map").clone();
    for (bin, n) in map(&before, "counts") {
        assert!(after["counts"][&bin].as_u64() >= n.as_u64(), "{bin}");
    }
    for (bin, at) in map(&before, "hit_at") {
        assert_eq!(after["hit_at"][&bin], at, "{bin}");
    }
    let found = |v: &serde_json::Value| v["found"].as_array().expect("a list").clone();
    assert!(found(&after).starts_with(&found(&before)));
    // Another seed is another search.
    let out = close(dir.path(), &["--seed", "2"]).output().expect("it runs");
    assert_eq!(out.status.code(), Some(2), "{}", said(&out));
    assert!(said(&out).contains("seed 1"), "{}", said(&out));
}

#[test]
fn a_kept_sequence_of_another_version_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = std::fs::read_dir(root().join("vectors/corpus"))
        .expect("the corpus")
        .filter_map(|e| e.ok().map(|e| e.path()))
        .find(|p| p.extension().is_some_and(|e| e == "yaml"))
        .expect("has sequences");
    let text = std::fs::read_to_string(&first).expect("readable");
    let version = format!("corpus: {}\n", sim::direct::corpus::VERSION);
    assert!(text.contains(&version), "the project's corpus is of this version");
    let refused = |text: String, says: &str| {
        std::fs::write(dir.path().join("old.yaml"), text).expect("writable");
        let mut c = Command::new(env!("CARGO_BIN_EXE_ims-cosim"));
        c.args(["corpus", &dir.path().display().to_string(), "--dut", "golden"]).env("IMS_COSIM_ROOT", root());
        let out = c.output().expect("it runs");
        assert_eq!(out.status.code(), Some(2), "{}", said(&out));
        assert!(said(&out).contains("old.yaml") && said(&out).contains(says), "{}", said(&out));
    };
    refused(text.replace(&version, "corpus: 1\n"), "version 1");
    refused(text.replace(sim::cover::items::model(), "00112233aabbccdd"), "00112233aabbccdd");
}

#[test]
fn searches_for_hours_are_entered_and_what_was_cut_goes_on() {
    let dir = tempfile::tempdir().expect("a directory");
    let log = dir.path().join("searches.yaml");
    let search = |hours: &str, cycles: &str| {
        let mut c = Command::new(env!("CARGO_BIN_EXE_ims-cosim"));
        c.args(["search", "--dut", "golden", "--hours", hours, "--cycles", cycles, "--jobs", "2", "--json"]);
        c.args(["--out".as_ref(), dir.path().join("search").as_os_str(), "--log".as_ref(), log.as_os_str()]);
        c.env("IMS_COSIM_ROOT", root()).env("RUST_BACKTRACE", "0").output().expect("it runs")
    };
    let entered = || sim::direct::log::read::<sim::direct::log::Entry>(&log).expect("a log");
    // No log, and one that is none: refused before anything is made.
    assert_eq!(search("1", "1").status.code(), Some(2));
    std::fs::write(&log, "- seed: 1\n").expect("writable");
    let out = search("1", "1");
    assert_eq!(out.status.code(), Some(2), "{}", said(&out));
    assert!(said(&out).contains("searches.yaml") && said(&out).contains("line 1"), "{}", said(&out));
    assert!(!dir.path().join("search").exists());
    // The time is over long before two searches of a thousand million cycles are: nothing is entered, both stand.
    std::fs::write(&log, "# nothing yet\n").expect("writable");
    let out = search("0.0003", "1000");
    assert!(matches!(out.status.code(), Some(0 | 1)), "{}", said(&out));
    assert!(entered().is_empty());
    let cycles = |seed: u64| state(&dir.path().join(format!("search/{seed}")))["cycles"].as_u64().expect("a number");
    let before = [cycles(1), cycles(2)];
    assert!(before.iter().all(|n| *n > 0));
    // Both go on, to an end that is near, and are entered, each once.
    let out = search("0.002", "2");
    assert!(matches!(out.status.code(), Some(0 | 1)), "{}", said(&out));
    let all = entered();
    assert!(all.len() >= 2, "{all:?}");
    // By their seeds they ran on different devices.
    let params = |seed: u64| all.iter().find(|e| e.seed == seed).map(|e| e.params.clone());
    assert_eq!((params(1).as_deref(), params(2).as_deref()), (Some("DataW=64"), Some("DataW=128")));
    for (seed, before) in [(1, before[0]), (2, before[1])] {
        let own: Vec<_> = all.iter().filter(|e| e.seed == seed).collect();
        assert!(own.len() == 1 && own[0].cycles >= before.max(2_000_000), "{own:?}");
    }
}
