// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Parameters of the device chosen for a whole run (data sheet §1). A vector that states another value in its `dut`,
//! or asks for sources that the chosen device does not have, is left out, with the reason: what runs, runs as chosen.

use std::fmt;
use std::str::FromStr;
use vectors::check;
use vectors::op::{DutParams, Vector};
use vectors::suite::Loaded;

/// One parameter as on the command line: `NumMsix=65`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    name: &'static str,
    value: u32,
}

type Field = fn(&mut DutParams) -> &mut Option<u32>;

/// Names as in the data sheet, with their places.
const NAMES: [(&str, Field); 7] = [
    ("DataW", |p| &mut p.data_w),
    ("NumMsix", |p| &mut p.num_msix),
    ("NumDevSlots", |p| &mut p.num_dev_slots),
    ("NumHostSlots", |p| &mut p.num_host_slots),
    ("HostCacheLines", |p| &mut p.host_cache_lines),
    ("MaxFetches", |p| &mut p.max_fetches),
    ("NumVfs", |p| &mut p.num_vfs),
];

impl FromStr for Param {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || NAMES.map(|(n, _)| n).join(", ");
        let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}`: want NAME=VALUE"))?;
        let (name, field) =
            NAMES.iter().find(|(n, _)| *n == name).ok_or_else(|| format!("`{name}` is none of {}", names()))?;
        let value = value.parse().map_err(|_| format!("`{value}` is not a number"))?;
        let mut p = DutParams::default();
        *field(&mut p) = Some(value);
        check::parameters(&p).map_err(|e| format!("{name}: {}", e.message))?;
        Ok(Self { name, value })
    }
}

impl Param {
    /// Its name, as the data sheet has it.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

/// The parameters that a run chooses; the later of two for one name holds.
pub fn chosen(params: &[Param]) -> DutParams {
    let mut chosen = DutParams::default();
    for p in params {
        if let Some((_, field)) = NAMES.iter().find(|(n, _)| *n == p.name) {
            *field(&mut chosen) = Some(p.value);
        }
    }
    chosen
}

/// One of each name, the last; in the order of the data sheet.
pub fn distinct(params: &[Param]) -> Vec<Param> {
    NAMES.iter().filter_map(|(name, _)| params.iter().rfind(|p| p.name == *name).copied()).collect()
}

/// Parameters of one line, `NumMsix=65,DataW=64`; an empty one chooses none.
///
/// # Errors
/// The first that is none, or that the device cannot have.
pub fn of_line(line: &str) -> Result<Vec<Param>, String> {
    line.split(',').filter(|p| !p.is_empty()).map(str::parse).collect()
}

/// Parameters as text, one behind the other.
pub fn text(params: &[Param]) -> String {
    params.iter().map(Param::to_string).collect::<Vec<_>>().join(" ")
}

/// A vector that was left out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// Its name.
    pub test: String,
    /// Why.
    pub reason: String,
}

/// Gives the vectors the chosen parameters, and says which cannot have them.
pub fn fit(found: Vec<Loaded>, chosen: &DutParams) -> (Vec<Loaded>, Vec<Skipped>) {
    let (mut fitting, mut skipped) = (Vec::new(), Vec::new());
    for mut l in found {
        match choose(&mut l.vector, chosen) {
            Ok(()) => fitting.push(l),
            Err(reason) => skipped.push(Skipped { test: l.vector.name, reason }),
        }
    }
    (fitting, skipped)
}

fn choose(vector: &mut Vector, chosen: &DutParams) -> Result<(), String> {
    let mut chosen = chosen.clone();
    for (name, field) in NAMES {
        let (own, wanted) = (field(&mut vector.dut), field(&mut chosen));
        match (*own, *wanted) {
            (Some(own), Some(wanted)) if own != wanted => return Err(format!("it is written for {name}={own}")),
            _ => *own = own.or(*wanted),
        }
    }
    check::vector(vector, None).map_err(|e| format!("{}: {}", check::path_text(&e.path), e.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_as_the_data_sheet_names_them() {
        let p: Param = "NumMsix=65".parse().unwrap();
        assert_eq!(p.to_string(), "NumMsix=65");
        assert_eq!(chosen(&[p, "NumMsix=3".parse().unwrap()]).num_msix, Some(3));
        for wrong in ["NumMsix", "NumMsix=x", "numMsix=3", "NumMsix=2049", "DataW=96", "NumHostSlots=65"] {
            assert!(wrong.parse::<Param>().is_err(), "{wrong} is refused");
        }
    }
}
