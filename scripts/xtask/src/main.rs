// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Repository chores.
//!
//! `cargo run -q -p xtask -- regs` writes the files that are generated from `rtl/pkg/ep_regs.yaml`; with `--check` it
//! writes nothing and fails when one of them is stale.

mod regs;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: xtask regs [--check]

regs           write the register files from rtl/pkg/ep_regs.yaml
regs --check   write nothing; fail when a generated file is stale or missing";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args.as_slice() {
        ["regs"] => regs::write(root()),
        ["regs", "--check"] => regs::check(root()),
        ["-h" | "--help" | "help"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's root: two levels above this crate.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
