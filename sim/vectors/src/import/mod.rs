// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A recorded trace becomes a vector for our device.
//!
//! Accesses are translated by meaning, not by number: a capability's register goes to our capability with that
//! identifier, a BAR to ours of that kind, a table entry to the entry with that index. Every read is compared: with what
//! was recorded where our device must agree (bits that software wrote, bits that the specification fixes), and with our
//! device's own value where devices differ (identity, sizes, link). What has no counterpart is directed at a place of our
//! device that must read 0, or becomes an `untranslated` step with its reason. `vectors/linux/README.md` says it at length.

mod device;
mod emit;
mod initial;
mod layout;
mod message;
mod replay;
mod summary;
mod translate;

use std::path::{Path, PathBuf};

use crate::trace::{self, Event, Line};
use crate::{VectorError, check, yaml};

pub use summary::Summary;

/// Choices of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The remapping unit's trace; without it the messages tell whether remapping was on.
    pub vtd: Option<PathBuf>,
    /// The function to import (`01:00.0`); needed when the trace has several.
    pub function: Option<String>,
}

/// Imports a trace file into a vector file; nothing is written unless everything is in order.
///
/// # Errors
/// A file cannot be read or written, or a trace is not usable.
pub fn import_file(input: &Path, output: &Path, options: &Options) -> Result<Summary, VectorError> {
    let lines = trace::load(input)?;
    let vtd = options.vtd.as_deref().map(trace::load).transpose()?;
    let (text, summary) = import(input, &lines, vtd.as_deref(), output, options)?;
    let unwritable = |error: std::io::Error| VectorError::file(output, format!("cannot be written: {error}"));
    // Written beside and renamed, so that an interruption leaves no half vector.
    let mut beside = output.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, text).map_err(unwritable)?;
    std::fs::rename(&beside, output).map_err(unwritable)?;
    Ok(summary)
}

/// Imports a trace that has been read; returns the text of the vector file and what was done.
///
/// # Errors
/// The trace holds no access of the function, or several functions.
pub fn import(
    input: &Path,
    lines: &[Line],
    vtd: Option<&[Line]>,
    output: &Path,
    options: &Options,
) -> Result<(String, Summary), VectorError> {
    let function = function(input, lines, options)?;
    let own: Vec<Line> = lines
        .iter()
        .filter(|line| line.function.is_none() || line.function.as_deref() == Some(function.as_str()))
        .cloned()
        .collect();
    let switches: Vec<&Line> = vtd
        .unwrap_or(lines)
        .iter()
        .filter(|line| matches!(line.event, Event::Remapping(_) | Event::RemapTable(_)))
        .collect();
    let name = output.file_stem().and_then(|stem| stem.to_str()).map(check::name_of_stem).unwrap_or_default();
    if name.is_empty() {
        return Err(VectorError::file(output, "the name of the vector file must be readable text"));
    }
    let translation = translate::translate(input, &own, &switches, vtd.is_some())?;
    let text = translation.text(&name, input, &function);
    // What was written must be what was meant.
    let parsed = yaml::parse(output, &text)?;
    if parsed.steps.iter().ne(translation.steps.iter().map(|step| &step.op)) {
        return Err(VectorError::file(output, "internal error: the vector does not survive its own text"));
    }
    Ok((text, translation.summary))
}

/// The function whose lines are imported.
fn function(input: &Path, lines: &[Line], options: &Options) -> Result<String, VectorError> {
    let mut functions: Vec<&str> = lines.iter().filter_map(|line| line.function.as_deref()).collect();
    functions.sort_unstable();
    functions.dedup();
    match (&options.function, functions.as_slice()) {
        (Some(wanted), present) if present.contains(&wanted.as_str()) => Ok(wanted.clone()),
        (Some(wanted), _) => Err(VectorError::file(input, format!("no line is of function {wanted}"))),
        (None, [only]) => Ok((*only).to_owned()),
        (None, []) => {
            let last = lines.last().map_or(1, |line| line.number);
            Err(VectorError::at(input, last, 1, "the trace has no access of a function"))
        }
        (None, several) => {
            let message = format!("the trace has several functions, choose one: {}", several.join(", "));
            Err(VectorError::file(input, message))
        }
    }
}
