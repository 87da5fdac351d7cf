// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A copy of the RTL that has many faults built in, and its models.

use super::text::{CHOICE, Mode, fault_at, package, with_faults};
use crate::mutant::apply::copy_tree;
use crate::mutant::generate::{Fault, Generated};
use crate::rtl::RtlModels;
use crate::run::Params;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use verilated::{Builder, Error, Variant};

/// The top module's file, in which the number is read.
const TOP: &str = "ims_endpoint.sv";

/// Models with faults; a fault's number is its place in the list, from 1.
pub struct Built {
    /// The models, nothing switched on.
    pub models: RtlModels,
    /// Faults that Verilator refuses, with its words.
    pub refused: BTreeMap<u32, String>,
}

/// Builds models of `rtl` with `faults` in them below `dir`, for the devices `params`. What does not compile is left out.
///
/// # Errors
/// The tree cannot be written; it does not compile for a reason that lies in no fault.
pub fn build(
    builder: &Builder,
    rtl: &Path,
    dir: &Path,
    faults: &[Generated],
    mode: Mode,
    params: &[Params],
) -> Result<Built> {
    let mut refused = BTreeMap::new();
    loop {
        let tree = write(rtl, dir, faults, &refused.keys().copied().collect(), mode)?;
        let models = RtlModels::with_builder(builder.clone(), tree.clone(), Variant::Plain);
        match params.iter().try_for_each(|p| models.build(p)) {
            Ok(()) => return Ok(Built { models, refused }),
            Err(Error::Verilate { output }) => {
                let found = blame(&output, &tree)?;
                if found.is_empty() {
                    bail!("the RTL with faults does not compile, and no fault is to blame:\n{output}");
                }
                refused.extend(found);
            }
            Err(e) => return Err(e.into()),
        }
    }
}

/// The tree with the faults; where it stands.
fn write(rtl: &Path, dir: &Path, faults: &[Generated], without: &BTreeSet<u32>, mode: Mode) -> Result<PathBuf> {
    let tree = dir.join("rtl");
    if tree.exists() {
        std::fs::remove_dir_all(&tree).with_context(|| tree.display().to_string())?;
    }
    copy_tree(rtl, &tree)?;
    let mut by_file: BTreeMap<&str, Vec<(u32, &Fault)>> = BTreeMap::new();
    for (n, g) in (1u32..).zip(faults).filter(|(n, _)| !without.contains(n)) {
        by_file.entry(&g.file).or_default().push((n, &g.fault));
    }
    by_file.entry(TOP).or_default();
    for (file, faults) in by_file {
        let path = tree.join(file);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let mut text = with_faults(&text, &faults, mode);
        if file == TOP && mode == Mode::Select {
            let end = text.rfind("endmodule").context("the top module has no end")?;
            text.insert_str(end, CHOICE);
        }
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    std::fs::write(tree.join("pkg/mutant_pkg.sv"), package(mode))?;
    let list = tree.join("rtl.f");
    let text = std::fs::read_to_string(&list)?;
    std::fs::write(&list, format!("pkg/mutant_pkg.sv\n{text}"))?;
    Ok(tree)
}

/// Which faults Verilator's errors are about.
fn blame(output: &str, tree: &Path) -> Result<BTreeMap<u32, String>> {
    let mut found = BTreeMap::new();
    for line in output.lines().filter(|l| l.starts_with("%Error")) {
        let mut parts = line.splitn(5, ':').skip(1);
        let (Some(file), Some(row), Some(column), Some(says)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let (Ok(row), Ok(column)) = (row.trim().parse::<usize>(), column.trim().parse::<usize>()) else { continue };
        let Some(file) = file.trim().strip_prefix("rtl/") else { continue };
        let text = std::fs::read_to_string(tree.join(file))?;
        let here = text.lines().nth(row.saturating_sub(1)).and_then(|l| fault_at(l, column));
        if let Some(n) = here {
            found.entry(n).or_insert_with(|| says.trim().to_owned());
        }
    }
    Ok(found)
}
