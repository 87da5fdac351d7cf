// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Imports a trace: `cargo run -q -p vectors --example import_trace -- IN.jsonl OUT.yaml [VTD.jsonl]`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use vectors::import::{Options, import_file};

fn main() -> ExitCode {
    let args: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (input, output, vtd): (&Path, &Path, _) = match args.as_slice() {
        [input, output] => (input, output, None),
        [input, output, vtd] => (input, output, Some(vtd.clone())),
        _ => {
            eprintln!("usage: import_trace IN.jsonl OUT.yaml [VTD.jsonl]");
            return ExitCode::from(2);
        }
    };
    match import_file(input, output, &Options { vtd, function: None }) {
        Ok(summary) => {
            print!("{summary}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
