// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Bad input gets one clear error and exit code 2, a wedged device ends as a liveness finding; nothing panics.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("below the root").to_owned()
}

fn tool(args: &[&str]) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_ims-cosim"));
    c.args(args).env("IMS_COSIM_ROOT", root()).env("RUST_BACKTRACE", "0");
    c
}

/// Runs, and checks exit code, that `says` is said, and that nothing panicked.
fn check(mut c: Command, code: i32, says: &[&str]) -> Output {
    let out = c.output().expect("ims-cosim runs");
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert_eq!(out.status.code(), Some(code), "{text}");
    for s in says {
        assert!(text.contains(s), "`{s}` is not said:\n{text}");
    }
    assert!(!text.contains("panicked") && !text.contains("this is a bug"), "{text}");
    out
}

fn vector(dir: &Path, steps: &str) -> String {
    let path = dir.join("bad.yaml");
    std::fs::write(&path, format!("name: bad\nintent: Refused.\nsteps:\n{steps}")).expect("writable");
    path.display().to_string()
}

fn run(dir: &Path, steps: &str) -> Command {
    let file = vector(dir, steps);
    tool(&["run", &file, "--dut", "golden", "--out", &dir.join("out").display().to_string()])
}

#[test]
fn malformed_yaml_names_file_line_and_column() {
    let dir = tempfile::tempdir().expect("a directory");
    check(run(dir.path(), "  - enumerate\n  - cause: { at: { msix: 5 }\n"), 2, &["bad.yaml:", ":"]);
}

#[test]
fn unknown_keys_and_operations_are_refused_where_they_stand() {
    let dir = tempfile::tempdir().expect("a directory");
    check(run(dir.path(), "  - enumerate\n  - cause: { at: { msix: 5 }, tiems: 3 }\n"), 2, &["bad.yaml:5:", "tiems"]);
    check(run(dir.path(), "  - enumerat\n"), 2, &["bad.yaml:4:", "enumerat"]);
}

#[test]
fn values_out_of_range_are_refused_where_they_stand() {
    let dir = tempfile::tempdir().expect("a directory");
    check(run(dir.path(), "  - cause: { at: { msix: 0xfffffff } }\n"), 2, &["bad.yaml:4:"]);
    check(run(dir.path(), "  - read: { at: no_such_register }\n"), 2, &["bad.yaml:4:", "no_such_register"]);
    check(run(dir.path(), "  - take: { cpu: 99, vector: 0x41 }\n"), 2, &["99"]);
    let of_sixteen = ["vf_flr: { vf: 16 }", "cause: { at: { vf_msix: { vf: 17, k: 0 } } }", "read: { at: vf99+0x10 }"];
    for step in of_sixteen {
        check(run(dir.path(), &format!("  - enumerate\n  - {step}\n")), 2, &["bad.yaml:5:", "virtual function"]);
    }
    check(run(dir.path(), "  - cause: { at: { vf_device: { vf: 0, k: 64 } } }\n"), 2, &["bad.yaml:4:", "64"]);
    check(run(dir.path(), "  - bus_master: { vf: 0 }\n"), 2, &["bad.yaml:4:"]);
}

#[test]
fn a_cut_trace_is_refused_and_writes_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let (input, output) = (dir.path().join("cut.jsonl"), dir.path().join("cut.yaml"));
    let line = r#"{"t":0.02,"op":"cr","bdf":"01:00.0","reg":"0x0","v":"0x1b36","n":2,"via":"cf8"}"#;
    std::fs::write(&input, format!("{line}\n{}", &line[..40])).expect("writable");
    let (i, o) = (input.display().to_string(), output.display().to_string());
    check(tool(&["import-trace", &i, &o]), 2, &["cut.jsonl:2:"]);
    assert!(!output.exists());
    std::fs::write(&input, "").expect("writable");
    check(tool(&["import-trace", &i, &o]), 2, &["cut.jsonl"]);
}

#[test]
fn what_does_not_exist_is_named() {
    check(tool(&["run", "/no/such/file.yaml", "--dut", "golden"]), 2, &["/no/such/file.yaml"]);
    check(tool(&["sim", "--dut", "golden", "--test", "no_such_test"]), 2, &["no_such_test"]);
    check(tool(&["sim", "--dut", "golden", "--quirk", "no-such-quirk"]), 2, &["no-such-quirk"]);
    check(tool(&["figure", "no-such-figure"]), 2, &["no-such-figure"]);
    check(tool(&["sim", "--seed", "many"]), 2, &["many"]);
}

#[test]
fn two_pieces_of_work_with_one_destination_are_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let steps = |more: &str| {
        format!(
            "  - enumerate\n  - queue: {{ q: 0 }}\n  - repeat:\n      times: 2\n      steps:\n        - submit: {{ q: 0, work: fill, \
             size: 64, destination: 0x61000000{more} }}\n  - consume: {{ q: 0 }}\n"
        )
    };
    check(run(dir.path(), &steps("")), 2, &["may write at 0x61000000"]);
    check(run(dir.path(), &steps(", fence: true")), 0, &[]);
}

#[test]
fn parameters_that_the_device_cannot_have_are_named() {
    check(tool(&["sim", "--dut", "golden", "--width", "96"]), 2, &["DataW", "96"]);
    check(tool(&["sim", "--dut", "golden", "--param", "NumMsix=4096"]), 2, &["NumMsix", "4096"]);
    check(tool(&["sim", "--dut", "golden", "--param", "Vectors=4"]), 2, &["Vectors", "NumMsix"]);
    let small = ["sim", "--dut", "golden", "--test", "one_vecto?", "--param", "NumMsix=2"];
    check(tool(&small), 2, &["one_vector", "written for NumMsix=1"]);
}

#[test]
fn a_topology_that_cannot_be_is_refused_with_its_place() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("odd.yaml");
    let good = "name: odd\nintent: One.\nhost: { cpus: 2 }\nports:\n  - below: { endpoint: { name: a, msix: 2 } }\nstorm: { causes: 4 }\n";
    for (was, is, says) in [
        ("cpus: 2", "cpus: 0", "odd.yaml:3:"),
        ("msix: 2", "msix: 2049", "odd.yaml:5:"),
        ("msix: 2", "vectors: 2", "vectors"),
    ] {
        std::fs::write(&file, good.replace(was, is)).expect("a file");
        check(tool(&["topology", &file.display().to_string(), "--dut", "golden"]), 2, &[says]);
    }
    std::fs::write(&file, good).expect("a file");
    check(tool(&["topology", &file.display().to_string(), "--dut", "golden"]), 0, &["odd: pass"]);
    check(tool(&["topology", "nowhere.yaml", "--dut", "golden"]), 2, &["nowhere.yaml"]);
}

#[test]
fn a_failure_names_all_that_its_replay_needs() {
    let dir = tempfile::tempdir().expect("a directory");
    let out = dir.path().display().to_string();
    let args = ["sim", "--dut", "golden", "--test", "masked_events_merge_into_one", "--seed", "7", "--out", &out];
    let mut c = tool(&args);
    c.args(["--quirk", "masked-cause-dropped", "--width", "64", "--param", "NumMsix=65", "--reset-seed", "3"]);
    let line = "make replay TEST=masked_events_merge_into_one SEED=7 DUT=golden RESET_SEED=3 PARAM=DataW=64,NumMsix=65 \
                QUIRK=masked-cause-dropped";
    check(c, 1, &[line]);
}

#[test]
fn results_that_cannot_be_written_are_an_input_error() {
    let args = ["sim", "--dut", "golden", "--test", "bar_sizing", "--out", "/proc/nowhere"];
    check(tool(&args), 2, &["/proc/nowhere"]);
}

#[test]
fn a_missing_verilator_says_how_to_get_it() {
    let dir = tempfile::tempdir().expect("a directory");
    for name in ["vectors", "rtl"] {
        std::os::unix::fs::symlink(root().join(name), dir.path().join(name)).expect("a link");
    }
    let mut c = tool(&["sim", "--test", "bar_sizing"]);
    c.env("IMS_COSIM_ROOT", dir.path()).env("PATH", dir.path());
    check(c, 2, &["run: "]);
}

#[test]
fn a_device_that_stops_answering_is_a_liveness_finding() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = vector(dir.path(), "  - enumerate\n  - repeat: { times: 400, steps: [read: { at: id }] }\n");
    let out = dir.path().join("out").display().to_string();
    let out = check(tool(&["run", &file, "--dut", "golden", "--quirk", "wedge", "--out", &out]), 3, &["LIVENESS"]);
    drop(out);
}

#[test]
fn a_reader_that_goes_is_no_bug() {
    let mut child = tool(&["mutants", "--list", "--sample", "0"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("ims-cosim runs");
    // Thousands of lines follow: more than a pipe holds.
    drop(child.stdout.take());
    let out = child.wait_with_output().expect("it ends");
    assert_eq!(out.status.code(), Some(141));
    assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
}
