// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The coverage plan, `vectors/plan/coverage.yaml`: why each item is there, how often each bin is wanted, which bins
//! cannot be. What cannot be is checked: a run that hits such a bin fails.

use super::Counts;
use super::items::{Item, bins, name_of, named};
use crate::finding::{Finding, Kind};
use crate::run::DutKind;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Version of plans.
pub const VERSION: u32 = 1;

/// An item as planned.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The item.
    pub item: Item,
    /// What it is for.
    pub text: String,
    /// Hits wanted of each bin.
    pub goal: u64,
    /// Tests that must hit it.
    pub shown_by: Vec<String>,
}

/// The plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// All items, in the order of the file.
    pub items: Vec<Planned>,
    /// Bins that cannot be, with the reason.
    pub never: BTreeMap<usize, String>,
    /// Bins that cannot be on one of the devices alone: how many cycles something takes is its own affair.
    only: Vec<(DutKind, usize, String)>,
    goals: Vec<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    plan: u32,
    items: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    item: String,
    text: String,
    #[serde(default = "one")]
    goal: u64,
    #[serde(default)]
    never: Vec<Never>,
    #[serde(default)]
    shown_by: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Never {
    bins: String,
    reason: String,
    /// The device on which they cannot be; absent: on none.
    on: Option<DutKind>,
}

fn one() -> u64 {
    1
}

/// Why a plan is refused, with its place.
#[derive(Debug, PartialEq, Eq)]
pub struct PlanError(pub String);

impl std::fmt::Display for PlanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PlanError {}

impl Plan {
    /// The project's plan; `tests`: names of all vectors, if they are to be checked.
    ///
    /// # Errors
    /// It cannot be read, or names an item, a bin or a test that does not exist; with file and line.
    pub fn load(root: &Path, tests: Option<&BTreeSet<String>>) -> Result<Self, PlanError> {
        let path = root.join("vectors/plan/coverage.yaml");
        let text = std::fs::read_to_string(&path).map_err(|e| PlanError(format!("{}: {e}", path.display())))?;
        Self::parse(&path, &text, tests)
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// As [`Plan::load`].
    pub fn parse(path: &Path, text: &str, tests: Option<&BTreeSet<String>>) -> Result<Self, PlanError> {
        let at = |line: usize, what: String| PlanError(format!("{}:{line}: {what}", path.display()));
        let file: File = serde_yaml::from_str(text).map_err(|e| {
            let line = e.location().map_or(0, |l| l.line());
            at(line, e.to_string())
        })?;
        // The typed values have lost their places; what is wrong is looked for in the text.
        let line = |what: &str| text.lines().position(|l| l.contains(what)).map_or(0, |n| n + 1);
        if file.plan != VERSION {
            let what = format!("written for version {} of coverage plans; this is version {VERSION}", file.plan);
            return Err(at(line("plan:"), what));
        }
        let (mut items, mut never, mut seen) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
        let mut only = Vec::new();
        for e in file.items {
            let place = line(&format!("item: {}", e.item));
            let Some(item) = Item::of_name(&e.item) else {
                return Err(at(place, format!("no coverage item is called \"{}\"", e.item)));
            };
            if !seen.insert(item) {
                return Err(at(place, format!("{} is planned twice", e.item)));
            }
            if e.text.trim().is_empty() || e.goal == 0 {
                return Err(at(place, format!("{}: want a sentence and a goal of 1 or more", e.item)));
            }
            for n in e.never {
                let place = line(&n.bins);
                if n.reason.trim().is_empty() {
                    return Err(at(place, format!("\"{}\" is left out without a reason", n.bins)));
                }
                let pattern = format!("{}:{}", e.item, n.bins);
                for bin in named(&pattern).map_err(|what| at(place, what))? {
                    match n.on {
                        Some(kind) => only.push((kind, bin, n.reason.clone())),
                        None => drop(never.entry(bin).or_insert_with(|| n.reason.clone())),
                    }
                }
            }
            if let Some(known) = tests
                && let Some(gone) = e.shown_by.iter().find(|t| !known.contains(*t))
            {
                return Err(at(line(gone), format!("{}: no test is called \"{gone}\"", e.item)));
            }
            items.push(Planned { item, text: e.text, goal: e.goal, shown_by: e.shown_by });
        }
        if let Some(missing) = Item::ALL.iter().find(|i| !seen.contains(i)) {
            return Err(at(1, format!("the item {} is coded and not planned", missing.spec().name)));
        }
        let mut goals = vec![0; bins()];
        for p in &items {
            goals[p.item.first()..p.item.first() + p.item.len()].fill(p.goal);
        }
        Ok(Self { items, never, only, goals })
    }

    /// The plan for a device: with what cannot be on it.
    pub fn on(&self, kind: DutKind) -> Self {
        let mut plan = self.clone();
        for (_, bin, reason) in self.only.iter().filter(|(of, ..)| *of == kind) {
            plan.never.entry(*bin).or_insert_with(|| reason.clone());
        }
        plan
    }

    /// Whether a bin can be.
    pub fn can_be(&self, bin: usize) -> bool {
        !self.never.contains_key(&bin)
    }

    /// Bins that can be.
    pub fn reachable(&self) -> usize {
        bins() - self.never.len()
    }

    /// Bins that can be and have been hit as often as wanted.
    pub fn covered(&self, counts: &Counts) -> usize {
        (0..bins()).filter(|b| self.can_be(*b) && counts.get(*b) >= self.goals[*b]).count()
    }

    /// Bins that can be and have not been hit as often as wanted.
    pub fn holes(&self, counts: &Counts) -> Vec<usize> {
        (0..bins()).filter(|b| self.can_be(*b) && counts.get(*b) < self.goals[*b]).collect()
    }

    /// Bins and hits wanted of an item: covered, reachable.
    pub fn of_item(&self, item: Item, counts: &Counts) -> (usize, usize) {
        let all = item.first()..item.first() + item.len();
        let can: Vec<usize> = all.filter(|b| self.can_be(*b)).collect();
        (can.iter().filter(|b| counts.get(**b) >= self.goals[**b]).count(), can.len())
    }

    /// Bins that cannot be and were hit all the same, as findings.
    pub fn judge(&self, counts: &Counts, tick: tlp::Tick) -> Vec<Finding> {
        let hit = self.never.iter().filter(|(bin, _)| counts.get(**bin) > 0);
        hit.map(|(bin, reason)| Finding {
            check: IMPOSSIBLE,
            kind: Kind::Safety,
            tick,
            text: format!("{} was hit, which the plan says cannot be: {reason}", name_of(*bin)),
        })
        .collect()
    }
}

/// Name of the check that a bin which cannot be was hit.
pub const IMPOSSIBLE: &str = "impossible_bin";

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> (std::path::PathBuf, String) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let path = root.join("vectors/plan/coverage.yaml");
        (path.clone(), std::fs::read_to_string(path).unwrap())
    }

    fn refused(change: impl Fn(&str) -> String) -> String {
        let (path, text) = project();
        let changed = change(&text);
        assert_ne!(changed, text, "the change has taken place");
        Plan::parse(&path, &changed, Some(&BTreeSet::new())).unwrap_err().0
    }

    #[test]
    fn the_plan_has_every_item_and_what_cannot_be_fails_a_run() {
        let (path, text) = project();
        let plan = Plan::parse(&path, &text, None).unwrap();
        assert_eq!(plan.items.len(), Item::ALL.len());
        assert!(plan.reachable() >= 2500, "{} bins", plan.reachable());
        let mut counts = Counts::new();
        assert!(plan.judge(&counts, 0).is_empty());
        let (bin, reason) = plan.never.iter().next().expect("something cannot be");
        counts.add(*bin, 1);
        let found = plan.judge(&counts, 7);
        assert_eq!((found.len(), found[0].check), (1, IMPOSSIBLE));
        assert!(found[0].text.contains(reason));
    }

    #[test]
    fn what_cannot_be_on_one_device_can_be_on_the_other() {
        let (path, text) = project();
        let plan = Plan::parse(&path, &text, None).unwrap();
        let (golden, rtl) = (plan.on(DutKind::Golden), plan.on(DutKind::Rtl));
        let bin = named("msix_race_wide:reset/+9").unwrap()[0];
        assert!(plan.can_be(bin) && rtl.can_be(bin) && !golden.can_be(bin));
        assert!(golden.reachable() < plan.reachable());
        let mut counts = Counts::new();
        counts.add(bin, 1);
        assert_eq!((golden.judge(&counts, 0).len(), rtl.judge(&counts, 0).len()), (1, 0));
    }

    #[test]
    fn a_plan_that_names_what_is_not_there_is_refused_with_its_line() {
        let gone = refused(|t| t.replace("item: cause_store", "item: cause_stroe"));
        assert!(gone.contains("coverage.yaml:") && gone.contains("cause_stroe") && !gone.contains(":0:"), "{gone}");
        let bin = refused(|t| t.replacen("never:", "never:\n      - { bins: \"nowhere\", reason: \"x\" }", 1));
        assert!(bin.contains("nowhere") && !bin.contains(":0:"), "{bin}");
        let test = refused(|t| t.replacen("    text:", "    shown_by: [no_such_test]\n    text:", 1));
        assert!(test.contains("no_such_test") && !test.contains(":0:"), "{test}");
        let later = refused(|t| t.replace("plan: 1", "plan: 2"));
        assert!(later.contains("version 2"), "{later}");
    }
}
