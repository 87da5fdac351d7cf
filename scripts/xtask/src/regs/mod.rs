// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The device's register map: one source, four generated files.

mod markdown;
mod model;
mod rust;
mod verilog;

use std::path::Path;

use anyhow::{Context, Result, bail};

use model::RegisterMap;

const SOURCE: &str = "rtl/pkg/ep_regs.yaml";

/// Every generated file: its path below the root and its text.
fn generate(map: &RegisterMap) -> Result<[(&'static str, String); 4]> {
    let rust = rust::emit(map)?;
    Ok([
        ("rtl/pkg/ep_reg_pkg.sv", verilog::emit(map)?),
        ("sim/golden/src/regs.rs", rust.clone()),
        ("sim/vectors/src/regs.rs", rust),
        ("docs/registers.md", markdown::emit(map)),
    ])
}

/// Reads and checks the source file.
fn load(root: &Path) -> Result<RegisterMap> {
    let path = root.join(SOURCE);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {SOURCE}"))?;
    RegisterMap::parse(&text).with_context(|| SOURCE.to_owned())
}

/// Writes the generated files; those that are up to date are not touched, so that nothing rebuilds for them.
pub fn write(root: &Path) -> Result<()> {
    for (name, text) in generate(&load(root)?)? {
        let path = root.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        std::fs::write(&path, text).with_context(|| format!("cannot write {name}"))?;
        println!("wrote {name}");
    }
    Ok(())
}

/// Fails when a generated file differs from what [`write`] would put there.
pub fn check(root: &Path) -> Result<()> {
    let mut stale = Vec::new();
    for (name, text) in generate(&load(root)?)? {
        if !std::fs::read_to_string(root.join(name)).is_ok_and(|old| old == text) {
            stale.push(name);
        }
    }
    if !stale.is_empty() {
        bail!("stale: {}; run `cargo run -q -p xtask -- regs`", stale.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn generated_files_are_fresh() {
        super::check(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))).unwrap();
    }
}
