// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Devices that searches run on, beside the default one. Sequences are drawn for its stores and for its sixteen
//! fetches; the others differ from it in what software does not see: how wide their streams are, how many host slots
//! they hold at a time.

use crate::run::options::{self, Param};

/// Devices by turns, as parameters on the command line; the first is the default one. Widths: a packet ends in other
/// beats and meets its neighbours elsewhere. Few lines: what is held is thrown out while it is waited for.
pub const DEVICES: [&str; 6] =
    ["", "DataW=64", "DataW=128", "DataW=512", "DataW=64,HostCacheLines=16", "DataW=512,HostCacheLines=32"];

/// The device of the search with this seed.
pub fn of_seed(seed: u64) -> Vec<Param> {
    let line = DEVICES[(seed % DEVICES.len() as u64) as usize];
    options::of_line(line).expect("a test reads them all")
}

/// Whether what is drawn is legal on a device with these parameters.
///
/// # Errors
/// The parameter that stands against it.
pub fn suits(params: &[Param]) -> Result<(), String> {
    match params.iter().find(|p| !["DataW", "HostCacheLines"].contains(&p.name())) {
        None => Ok(()),
        Some(p) => Err(format!("{p}: sequences are drawn for the default device; want DataW or HostCacheLines")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_can_be_had_and_suits() {
        for seed in 0..DEVICES.len() as u64 {
            let params = of_seed(seed);
            suits(&params).unwrap();
            assert_eq!(options::text(&params).replace(' ', ","), DEVICES[seed as usize]);
        }
        assert!(of_seed(6).is_empty(), "the default device comes again");
        let fetches = options::of_line("MaxFetches=4").unwrap();
        assert!(suits(&fetches).unwrap_err().starts_with("MaxFetches=4"));
    }
}
