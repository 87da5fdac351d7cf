// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `import-trace`: a recorded trace becomes a vector.

use super::Failure;
use clap::Args;
use std::path::PathBuf;
use vectors::import::{Options, import_file};

/// Arguments of `import-trace`.
#[derive(Args)]
pub struct ImportArgs {
    /// Recorded trace, JSON lines.
    pub input: PathBuf,
    /// Vector file to write.
    pub output: PathBuf,
    /// Trace of the remapping unit that was recorded beside it.
    #[arg(long)]
    pub vtd: Option<PathBuf>,
}

/// Carries it out.
pub fn import(a: ImportArgs, json: bool) -> Result<u8, Failure> {
    let options = Options { vtd: a.vtd, ..Options::default() };
    let summary = import_file(&a.input, &a.output, &options).map_err(Failure::input)?;
    if json {
        println!("{}", serde_json::to_string(&summary).map_err(Failure::tool)?);
    } else {
        println!("{summary}");
        println!("written {}", a.output.display());
    }
    Ok(0)
}
