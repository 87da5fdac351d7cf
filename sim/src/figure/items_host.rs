// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `items-host`: of the catalogue's items about the host (sections E, F, G, K and M), how many a vector that passes, or
//! a named test, covers.

use super::items_endpoint::{Faults, Plan, covered, exists, faults, load};
use super::kept::{Pieces, Told};
use super::runs::{all, rtl};
use super::{Context, Figure};
use crate::run::{Batch, Dut};
use anyhow::{Result, bail};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Sections that concern the host.
const SECTIONS: [char; 5] = ['E', 'F', 'G', 'K', 'M'];

fn section(id: &str) -> char {
    id.chars().next().unwrap_or(' ')
}

/// The items of both files that concern the host.
fn plan(root: &Path) -> Result<Plan> {
    let mut plan = load(root, "items.yaml")?;
    plan.items.retain(|item| SECTIONS.contains(&section(&item.id)));
    plan.items.extend(load(root, "items-host.yaml")?.items);
    plan.host_sections.clear();
    Ok(plan)
}

/// What is wrong with plan and vectors, as far as these sections go.
fn judged(root: &Path, plan: &Plan, named: &BTreeSet<String>) -> Faults {
    let ours = named.iter().filter(|id| SECTIONS.contains(&section(id))).cloned().collect();
    faults(plan, &ours, |test| exists(root, test))
}

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let plan = plan(&ctx.root)?;
    if plan.items.is_empty() {
        bail!("the plan is empty");
    }
    let found = all(ctx)?;
    let named: BTreeSet<String> = found.iter().flat_map(|l| l.vector.items.iter().cloned()).collect();
    let faults = judged(&ctx.root, &plan, &named);
    // Only vectors that name one of the items.
    let found: Vec<_> =
        found.into_iter().filter(|l| l.vector.items.iter().any(|id| SECTIONS.contains(&section(id)))).collect();
    (ctx.say)("golden");
    let pieces = Pieces::new(ctx)?;
    let golden = pieces.verdicts(&Batch::new(Dut::Golden(Vec::new())), &found)?;
    (ctx.say)("RTL");
    let rtl = pieces.verdicts(&Batch::new(rtl(ctx)?), &found)?;
    let present = |outcomes: &[Told]| {
        let there = covered(outcomes);
        plan.items.iter().filter(|i| there.contains(i.id.as_str()) || i.test.is_some()).count()
    };
    let (golden, rtl, total) = (present(&golden), present(&rtl), plan.items.len());
    let intended = plan.items.iter().filter(|i| named.contains(&i.id) || i.test.is_some()).count();
    let absent: BTreeMap<&str, &str> = plan
        .items
        .iter()
        .filter(|i| !named.contains(&i.id) && i.test.is_none())
        .filter_map(|i| Some((i.id.as_str(), i.absent.as_deref()?)))
        .collect();
    let by_section: BTreeMap<char, [usize; 2]> = SECTIONS
        .into_iter()
        .map(|s| {
            let of: Vec<_> = plan.items.iter().filter(|i| section(&i.id) == s).collect();
            let there = of.iter().filter(|i| named.contains(&i.id) || i.test.is_some()).count();
            (s, [there, of.len()])
        })
        .collect();
    Ok(Figure {
        name: "items-host",
        value: json!({
            "rtl": rtl, "golden": golden, "total": total, "by_section": by_section, "absent": absent,
            "unknown": faults.unknown, "without_reason": faults.open, "tests_not_there": faults.no_test,
            "untidy": faults.untidy, "reasons_outdated": faults.outdated,
        }),
        unit: "items of the catalogue's sections E, F, G, K and M that a passing vector or a named test covers",
        goal: "every item covered, or absent for a reason; none unknown".into(),
        ok: !faults.fatal() && golden == intended && rtl == intended,
        spread: None,
        how:
            "vectors/plan/items.yaml and items-host.yaml against the items that the vectors name; those vectors on both"
                .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::batch::project_vectors;

    #[test]
    fn the_plan_and_the_vectors_agree() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let found = vectors::suite::load(&project_vectors(&root), None).unwrap();
        let named = found.iter().flat_map(|l| l.vector.items.iter().cloned()).collect();
        let plan = plan(&root).unwrap();
        let faults = judged(&root, &plan, &named);
        assert!(!faults.fatal(), "{faults:?}");
        // Every number of each section, once.
        for (s, last) in [('E', 37), ('F', 40), ('G', 22), ('K', 12), ('M', 12)] {
            let mut numbers: Vec<u32> =
                plan.items.iter().filter(|i| section(&i.id) == s).map(|i| i.id[1..].parse().unwrap()).collect();
            numbers.sort_unstable();
            assert_eq!(numbers, (1..=last).collect::<Vec<_>>(), "{s}");
        }
    }
}
