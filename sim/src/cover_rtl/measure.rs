// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Runs vectors on models that count.

use super::points::Cover;
use crate::mutant::generate::design_files;
use crate::rtl::{Counted, RtlModels};
use crate::run::batch::project_vectors;
use crate::run::{Batch, Dut, Param, Verdict, options};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use vectors::suite;
use verilated::{Builder, Toolchain, Variant};

/// Devices that are measured: parameters that differ from the default. Some lines exist at one width only.
pub const DEVICES: &[&[&str]] = &[&[], &["DataW=64"], &["DataW=512"]];

/// How to go about it.
pub struct Options {
    /// Devices, as in [`DEVICES`].
    pub devices: Vec<Vec<Param>>,
    /// Only vectors whose name contains this or matches it as a glob.
    pub filter: Option<String>,
    /// Threads.
    pub workers: usize,
}

/// Runs every vector that fits on each of the devices, and adds up what they reach.
///
/// # Errors
/// No Verilator, or a vector that does not pass.
pub fn measure(root: &Path, options: &Options, say: &mut dyn FnMut(&str)) -> Result<Cover> {
    let found = suite::load(&project_vectors(root), options.filter.as_deref())?;
    let builder = Builder::new(Toolchain::find(root)?, root.join("target/models"));
    let counted: Counted = Arc::default();
    for device in &options.devices {
        let name: Vec<String> = device.iter().map(ToString::to_string).collect();
        let name = if name.is_empty() { "default".to_owned() } else { name.join(" ") };
        let (fitting, skipped) = options::fit(found.clone(), &options::chosen(device));
        // A width of its own asks for a model of its own; those of the default device have run already.
        let (own, others): (Vec<_>, Vec<_>) =
            fitting.into_iter().partition(|l| l.vector.dut == options::chosen(device));
        say(&format!("{name}: {} vectors, {} left out", own.len(), skipped.len() + others.len()));
        let models = RtlModels::with_builder(builder.clone(), root.join("rtl"), Variant::Coverage);
        let batch =
            Batch { workers: options.workers, ..Batch::new(Dut::Rtl(Arc::new(models.counting(counted.clone())))) };
        batch.prepare(&own).with_context(|| name.clone())?;
        let mut done = 0;
        let (outcomes, _) = batch.run(&own, |o| {
            done += 1;
            say(&format!("{name}: {done} of {}: {}", own.len(), o.name));
        })?;
        if let Some(o) = outcomes.iter().find(|o| o.verdict != Verdict::Passed) {
            bail!("{} does not pass at {name}: coverage of a failing run says nothing", o.name);
        }
        if outcomes.len() < own.len() {
            bail!("interrupted");
        }
    }
    let cover = counted.lock().unwrap_or_else(|p| p.into_inner()).clone();
    Ok(cover)
}

/// Lines of every design file, by name below rtl/.
///
/// # Errors
/// rtl.f or a file of it cannot be read.
pub fn texts(root: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let rtl = root.join("rtl");
    let files = design_files(&rtl)?.into_iter().map(|f| {
        let path = rtl.join(&f);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Ok((f, text.lines().map(str::to_owned).collect()))
    });
    files.collect()
}
