// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Devices that searches run on, beside the default one, and profiles from which they draw: by turns.

use crate::run::options::{self, Param};

/// Devices by turns, as parameters on the command line; the first is the default one. At other widths a packet ends in
/// other beats and meets its neighbours elsewhere; with few lines, what is held is thrown out while it is waited for;
/// with few fetches, they wait for each other; sizes that are no powers of two have edges of their own.
pub const DEVICES: [&str; 8] = [
    "",
    "DataW=64",
    "DataW=128",
    "DataW=512",
    "DataW=64,HostCacheLines=16,MaxFetches=4",
    "DataW=512,HostCacheLines=32,MaxFetches=2",
    "NumMsix=63,NumDevSlots=63,NumHostSlots=192,HostCacheLines=64,MaxFetches=3",
    "DataW=128,NumMsix=65,NumDevSlots=65,NumHostSlots=4160,HostCacheLines=16,MaxFetches=16,NumVfs=4",
];

/// Profiles by turns: each for as many searches as there are devices.
const PROFILES: [&str; 2] = ["everything", "long"];
/// Seeds until the same device and the same profile come again.
pub const TURNS: u64 = (DEVICES.len() * PROFILES.len()) as u64;

/// The profile of the search with this seed.
pub fn profile_of_seed(seed: u64) -> &'static str {
    PROFILES[(seed / DEVICES.len() as u64 % PROFILES.len() as u64) as usize]
}

/// The device of the search with this seed.
pub fn of_seed(seed: u64) -> Vec<Param> {
    let line = DEVICES[(seed % DEVICES.len() as u64) as usize];
    options::of_line(line).expect("a test reads them all")
}

#[cfg(test)]
mod tests {
    use super::*;
    use vectors::check;

    #[test]
    fn every_device_can_be_had() {
        for seed in 0..DEVICES.len() as u64 {
            let params = of_seed(seed);
            check::parameters(&options::chosen(&params)).unwrap();
            assert_eq!(options::text(&params).replace(' ', ","), DEVICES[seed as usize]);
        }
        assert!(of_seed(8).is_empty(), "the default device comes again");
        let seeds = [0, 7, 8, 15, TURNS];
        assert_eq!(seeds.map(profile_of_seed), ["everything", "everything", "long", "long", "everything"]);
    }
}
