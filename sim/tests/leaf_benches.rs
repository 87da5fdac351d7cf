// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The RTL's own leaf benches (`rtl/tb/benches.list`), each built by Verilator and run.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("below the root").to_owned()
}

struct Bench {
    name: String,
    top: String,
    build: Vec<String>,
    run: Vec<String>,
}

/// Lines of `name | top | arguments of Verilator | arguments of the run`.
fn list() -> Vec<Bench> {
    let text = std::fs::read_to_string(root().join("rtl/tb/benches.list")).expect("rtl/tb/benches.list");
    let words = |s: &str| s.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    text.lines()
        .filter(|l| !l.trim().is_empty() && !l.starts_with('#'))
        .map(|l| {
            let f: Vec<&str> = l.split('|').map(str::trim).collect();
            assert_eq!(f.len(), 4, "four fields in `{l}`");
            Bench { name: f[0].into(), top: f[1].into(), build: words(f[2]), run: words(f[3]) }
        })
        .collect()
}

fn run(name: &str) {
    let root = root();
    let bench = list().into_iter().find(|b| b.name == name).expect("listed in rtl/tb/benches.list");
    let dir = root.join("target/tb").join(name);
    std::fs::create_dir_all(&dir).expect("target/tb");
    // The wheel's makefile is not configured: what it lacks is given here (rtl/tb/README.md). Benches run for
    // seconds, so their C++ is not optimised.
    let make = "CXX=g++ LINK=g++ AR=ar PYTHON3=python3 CFG_CXXFLAGS_STD_NEWEST=-std=gnu++20 \
                CFG_CXXFLAGS_PCH_I=-include CFG_LDLIBS_THREADS=-pthread OPT_FAST=-O0 OPT_SLOW=-O0";
    let built = Command::new(root.join("scripts/verilator"))
        .current_dir(root.join("rtl"))
        .args(["--binary", "--timing", "--assert", "-j", "1"])
        .args(&bench.build)
        .args(["--top-module", &bench.top, "-o", "sim", "-CFLAGS", "-std=gnu++20 -fcoroutines", "-MAKEFLAGS", make])
        .arg("-Mdir")
        .arg(&dir)
        .output()
        .expect("scripts/verilator runs");
    assert!(built.status.success(), "{name} does not build:\n{}", text(&built));
    let ran = Command::new(dir.join("sim")).args(&bench.run).output().expect("the bench runs");
    let said = text(&ran);
    assert!(ran.status.success() && said.contains("PASS") && !said.contains("FAIL"), "{name} fails:\n{said}");
}

fn text(o: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&o.stdout), String::from_utf8_lossy(&o.stderr))
}

macro_rules! benches {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            run(stringify!($name));
        })*

        #[test]
        fn every_listed_bench_is_a_test() {
            let listed: Vec<String> = list().into_iter().map(|b| b.name).collect();
            assert_eq!(listed, [$(stringify!($name)),*]);
        }
    };
}

benches! {
    prim
    irq_core_basic
    irq_core_perf
    irq_core_random
    irq_core_one
    irq_core_7
    irq_core_63
    irq_core_64
    ims_endpoint
    ims_endpoint_64
    ims_endpoint_512
    errors
    ecrc
    ecrc_64
    ecrc_512
    crc
    crc_64
    crc_512
    functions
    events
    work
    work_64
    work_512
}
