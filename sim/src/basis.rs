// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a kept result rests on: the running program, and the texts of which its models are built.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Name and content of everything that a simulation on the RTL of the checkout `root` depends on beside its vectors: the
/// program, and the RTL with its laws and covers. Proofs and lists of exclusions decide about no simulation.
///
/// # Errors
/// A file cannot be read.
pub fn of_simulations(root: &Path) -> Result<blake3::Hash> {
    let rtl = root.join("rtl");
    let mut h = blake3::Hasher::new();
    for file in files_below(&rtl)? {
        let simulated =
            file.extension().is_some_and(|e| e == "sv" || e == "f") && !file.starts_with(rtl.join("formal"));
        if simulated {
            h.update(file.strip_prefix(&rtl).unwrap_or(&file).as_os_str().as_encoded_bytes());
            h.update(&std::fs::read(&file).with_context(|| file.display().to_string())?);
        }
    }
    let program = std::env::current_exe()?;
    h.update(&std::fs::read(&program).with_context(|| program.display().to_string())?);
    Ok(h.finalize())
}

/// Every file below a directory, in the order of their names.
///
/// # Errors
/// Reading fails.
pub fn files_below(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() { out.extend(files_below(&entry.path())?) } else { out.push(entry.path()) }
    }
    out.sort();
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_law_counts_and_that_of_a_proof_does_not() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = root.path().join("rtl").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
            of_simulations(root.path()).unwrap()
        };
        let first = write("sva/sva_a.sv", "a");
        assert_eq!(write("formal/formal_a.sv", "a"), first);
        assert_eq!(write("cov/exclusions.yaml", "a"), first);
        assert_ne!(write("sva/sva_a.sv", "b"), first);
        assert_ne!(write("rtl.f", "a"), write("rtl.f", "b"));
    }
}
