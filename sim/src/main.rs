// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `ims-cosim`: the bench's command line. Exit codes: 0 all passed, 1 a check failed,
//! 2 bad usage or input, 3 something owed never came, 4 the tool broke, 130 interrupted,
//! 141 nobody reads the output any more.

mod cli;

use clap::Parser;
use std::process::ExitCode;

/// As a shell reports a program that a broken pipe has ended: 128 and the number of SIGPIPE.
const READER_GONE: i32 = 141;

/// Whether `println` failed because nobody reads the output any more (`ims-cosim cov | head`): no bug, and no more to say.
fn reader_has_gone(info: &std::panic::PanicHookInfo<'_>) -> bool {
    info.payload_as_str().is_some_and(|s| s.starts_with("failed printing to std") && s.contains("Broken pipe"))
}

fn main() -> ExitCode {
    // A panic is a bug of ours and says so; the exit code tells it from a failed check.
    std::panic::set_hook(Box::new(|info| {
        if reader_has_gone(info) {
            std::process::exit(READER_GONE);
        }
        eprintln!("ims-cosim broke: {info}");
        eprintln!("this is a bug of ims-cosim; please report it with the command line and this text");
    }));
    let args = match cli::Args::try_parse() {
        Ok(args) => args,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { 2 } else { 0 });
        }
    };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("IMS_COSIM_LOG"))
        .with_writer(std::io::stderr)
        .without_time()
        .init();
    match std::panic::catch_unwind(|| cli::run(args)) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(failure)) => {
            eprintln!("ims-cosim: {:#}", failure.error);
            ExitCode::from(failure.code)
        }
        Err(_) => ExitCode::from(4),
    }
}
