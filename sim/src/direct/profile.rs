// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Profiles of random runs, `vectors/profiles/*.yaml`: how long, which features with which chance, which kinds of
//! operations how often, how hot the hot sources are.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What a run can have. Each is drawn once for a run: a feature that is off throughout leaves the others more room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Feature {
    Remapping,
    Msix,
    Msi,
    Device,
    Host,
    Events,
    Work,
    Errors,
    Resets,
    Pressure,
    Credits,
    Digests,
    Functions,
    Translation,
}

/// Kinds of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Kind {
    Cause,
    Aimed,
    Range,
    Withdraw,
    Doorbell,
    Sweep,
    Mask,
    RawMask,
    FunctionMask,
    Enable,
    Master,
    Memory,
    Connect,
    Disconnect,
    Retarget,
    Message,
    Invalidate,
    Translation,
    HostStore,
    Fault,
    Event,
    EventSetting,
    Queue,
    Submit,
    Consume,
    Handle,
    Revoke,
    EndpointTest,
    Read,
    Config,
    Pressure,
    Credits,
    Completions,
    Link,
    Digests,
    Reporting,
    Illegal,
    VfReset,
    VfSwitch,
    Flr,
    Power,
    Reset,
    Wait,
    Settle,
}

/// A profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name: the file's stem.
    pub name: String,
    /// What it is for.
    pub text: String,
    /// Fewest and most operations of a run.
    pub steps: [usize; 2],
    /// Chance of each feature in percent; absent ones are off.
    pub features: BTreeMap<Feature, u32>,
    /// Weights of kinds; absent ones never come.
    pub weights: BTreeMap<Kind, u32>,
    /// Hot sources of each store.
    pub hot: u32,
    /// Chance in percent that a source is a hot one.
    pub heat: u32,
    /// Longest distance in ticks between an aimed cause and the operation that it is aimed at.
    pub aim: u64,
    /// Chance in percent that a kind is left out of a run altogether.
    pub leave_out: u32,
}

/// Reads a profile.
///
/// # Errors
/// The file cannot be read or is none, with its place.
pub fn load(path: &Path) -> Result<Profile, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<Profile, String> {
    let place = |e: &serde_yaml::Error| e.location().map_or(0, |l| l.line());
    let p: Profile = serde_yaml::from_str(text).map_err(|e| format!("{}:{}: {e}", path.display(), place(&e)))?;
    let wrong = |what: &str| Err(format!("{}: {what}", path.display()));
    if path.file_stem().and_then(|s| s.to_str()) != Some(p.name.as_str()) {
        return wrong("its name is not the file's");
    }
    if p.steps[0] == 0 || p.steps[0] > p.steps[1] {
        return wrong("steps: want the fewest and the most, at least one");
    }
    if p.weights.values().sum::<u32>() == 0 {
        return wrong("weights: nothing is left to do");
    }
    Ok(p)
}

/// The project's profile of that name.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn named(root: &Path, name: &str) -> Result<Profile, String> {
    load(&root.join("vectors/profiles").join(format!("{name}.yaml")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profiles_of_the_project_are_read_and_mistakes_refused() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/profiles");
        let mut n = 0;
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            parse(&path, &text).unwrap();
            let wrong = parse(&path, &text.replacen("weights:", "weights:\n  no_such_kind: 1", 1)).unwrap_err();
            assert!(wrong.contains("no_such_kind") && wrong.contains(".yaml:"), "{wrong}");
            n += 1;
        }
        assert!(n >= 3);
    }
}
