// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `items-endpoint`: of the catalogue's items that concern the endpoint, how many a vector that
//! passes, or a named test, covers, on the RTL and on the golden endpoint.

use super::kept::{Pieces, Told};
use super::runs::{all, rtl};
use super::{Context, Figure};
use crate::run::{Batch, Dut, Verdict};
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The plan: every item, and why some are not there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    #[serde(default)]
    pub(super) host_sections: BTreeMap<char, u32>,
    pub(super) items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    pub(super) id: String,
    text: String,
    /// File and function of a test that covers it.
    #[serde(default)]
    pub(super) test: Option<String>,
    /// Why nothing does.
    #[serde(default)]
    pub(super) absent: Option<String>,
}

/// What is wrong with plan and vectors together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    /// Items that vectors name and the plan does not know.
    pub(super) unknown: BTreeSet<String>,
    /// Items with neither vector, test nor reason.
    pub(super) open: Vec<String>,
    /// Tests that are named and not there.
    pub(super) no_test: Vec<String>,
    /// Items listed twice or without a text.
    pub(super) untidy: Vec<String>,
    /// Reasons for items that are covered by now; told, and no failure.
    pub(super) outdated: Vec<String>,
}

impl Faults {
    pub(super) fn fatal(&self) -> bool {
        !(self.unknown.is_empty() && self.open.is_empty() && self.no_test.is_empty() && self.untidy.is_empty())
    }
}

/// A plan by its file's name.
pub(super) fn load(root: &Path, name: &str) -> Result<Plan> {
    let file = root.join("vectors/plan").join(name);
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    serde_yaml::from_str(&text).with_context(|| file.display().to_string())
}

/// Whether a test `file::function` is there.
pub(super) fn exists(root: &Path, test: &str) -> bool {
    let Some((file, function)) = test.rsplit_once("::") else { return false };
    std::fs::read_to_string(root.join(file)).is_ok_and(|source| source.contains(&format!("fn {function}(")))
}

/// Holds the plan against the items that vectors name.
pub(super) fn faults(plan: &Plan, named: &BTreeSet<String>, exists: impl Fn(&str) -> bool) -> Faults {
    let mut faults = Faults::default();
    let mut known = BTreeSet::new();
    for item in &plan.items {
        if !known.insert(item.id.as_str()) || item.text.trim().is_empty() {
            faults.untidy.push(item.id.clone());
        }
        if let Some(test) = item.test.as_ref().filter(|test| !exists(test)) {
            faults.no_test.push(format!("{}: {test}", item.id));
        }
        let covered = named.contains(&item.id) || item.test.is_some();
        let reason = item.absent.as_ref().is_some_and(|r| !r.trim().is_empty());
        match (covered, reason) {
            (false, false) => faults.open.push(item.id.clone()),
            (true, true) => faults.outdated.push(item.id.clone()),
            _ => {}
        }
    }
    let of_host = |id: &str| {
        let number = id.get(1..).and_then(|n| n.parse::<u32>().ok());
        let most = id.chars().next().and_then(|section| plan.host_sections.get(&section));
        most.zip(number).is_some_and(|(most, n)| (1..=*most).contains(&n))
    };
    faults.unknown = named.iter().filter(|id| !known.contains(id.as_str()) && !of_host(id)).cloned().collect();
    faults
}

/// Items of vectors that passed.
pub(super) fn covered(outcomes: &[Told]) -> BTreeSet<&str> {
    let passed = outcomes.iter().filter(|o| o.verdict == Verdict::Passed);
    passed.flat_map(|o| &o.items).map(String::as_str).collect()
}

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let plan = load(&ctx.root, "items.yaml")?;
    if plan.items.is_empty() {
        bail!("the plan is empty");
    }
    let found = all(ctx)?;
    let named: BTreeSet<String> = found.iter().flat_map(|l| l.vector.items.iter().cloned()).collect();
    let faults = faults(&plan, &named, |test| exists(&ctx.root, test));
    let pieces = Pieces::new(ctx)?;
    (ctx.say)("golden");
    let golden = pieces.verdicts(&Batch::new(Dut::Golden(Vec::new())), &found)?;
    (ctx.say)("RTL");
    let rtl = pieces.verdicts(&Batch::new(rtl(ctx)?), &found)?;
    let (on_golden, on_rtl) = (covered(&golden), covered(&rtl));
    let count = |there: &BTreeSet<&str>| {
        plan.items.iter().filter(|i| there.contains(i.id.as_str()) || i.test.is_some()).count()
    };
    let tests = plan.items.iter().filter(|i| i.test.is_some() && !named.contains(&i.id)).count();
    let (golden, rtl, total) = (count(&on_golden), count(&on_rtl), plan.items.len());
    let intended = plan.items.iter().filter(|i| named.contains(&i.id) || i.test.is_some()).count();
    let missing: BTreeMap<&str, &str> = plan
        .items
        .iter()
        .filter(|i| !named.contains(&i.id) && i.test.is_none())
        .filter_map(|i| Some((i.id.as_str(), i.absent.as_deref()?)))
        .collect();
    Ok(Figure {
        name: "items-endpoint",
        value: json!({
            "rtl": rtl, "golden": golden, "total": total, "by_a_test_alone": tests, "absent": missing.len(),
            "unknown": faults.unknown, "without_reason": faults.open, "tests_not_there": faults.no_test,
            "untidy": faults.untidy, "reasons_outdated": faults.outdated,
        }),
        unit: "items of the catalogue's sections A to E, H, J and M that a passing vector or a named test covers",
        goal: "every item covered, or absent for a reason; none unknown".into(),
        ok: !faults.fatal() && golden == intended && rtl == intended,
        spread: None,
        how: "vectors/plan/items.yaml against the items that the vectors name; every vector on both".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::batch::project_vectors;

    fn plan(text: &str) -> Plan {
        serde_yaml::from_str(text).unwrap()
    }

    fn named(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| id.to_string()).collect()
    }

    #[test]
    fn each_fault_is_found() {
        let p = plan(
            "host_sections: { F: 2 }\nitems:\n  - { id: A1, text: one }\n  - { id: A2, text: two, absent: none }\n  \
             - { id: A3, text: three, test: 'x::y' }\n  - { id: A4, text: four }\n  - { id: A4, text: '' }\n",
        );
        let f = faults(&p, &named(&["A1", "A2", "A4", "F2", "F3", "Z1"]), |_| false);
        assert_eq!(f.unknown, named(&["F3", "Z1"]));
        assert_eq!(f.no_test, ["A3: x::y"]);
        assert_eq!(f.outdated, ["A2"]);
        assert_eq!(f.untidy, ["A4"]);
        assert!(f.fatal() && f.open.is_empty());
        let f = faults(&p, &named(&[]), |_| true);
        assert_eq!(f.open, ["A1", "A4", "A4"]);
        let good =
            plan("host_sections: {}\nitems:\n  - { id: A1, text: one }\n  - { id: A2, text: two, absent: none }\n");
        assert!(!faults(&good, &named(&["A1"]), |_| true).fatal());
    }

    #[test]
    fn the_plan_and_the_vectors_agree() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let found = vectors::suite::load(&project_vectors(&root), None).unwrap();
        let items = found.iter().flat_map(|l| l.vector.items.iter().cloned()).collect();
        let faults = faults(&load(&root, "items.yaml").unwrap(), &items, |test| exists(&root, test));
        assert!(!faults.fatal(), "{faults:?}");
    }
}
