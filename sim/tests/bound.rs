// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every module of the RTL has a law bound to it, or stands in rtl/sva/unbound.yaml with the reason why not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn rtl() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../rtl")
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Modules and packages of rtl.f, a file each.
fn modules() -> BTreeSet<String> {
    let list = text(&rtl().join("rtl.f"));
    let names = list.lines().map(str::trim).filter(|l| l.ends_with(".sv"));
    names.filter_map(|l| Path::new(l).file_stem()?.to_str().map(str::to_owned)).collect()
}

/// Modules with a bind that simulation reads. Cover points are no laws.
fn bound() -> BTreeSet<String> {
    let read = [text(&rtl().join("sva/irq_sva.f")), text(&rtl().join("sva/sva.f"))].concat();
    let mut targets = BTreeSet::new();
    for file in read.lines().map(str::trim).filter(|l| l.ends_with(".sv")) {
        let path = rtl().join("sva").join(file);
        if !path.exists() {
            continue; // a cover point of ../cov
        }
        for line in text(&path).lines() {
            if let Some(("bind", rest)) = line.split_once(' ') {
                let mut words = rest.split_whitespace();
                if let (Some(target), Some(law)) = (words.next(), words.next())
                    && !law.ends_with("_cov")
                {
                    targets.insert(target.to_owned());
                }
            }
        }
    }
    targets
}

#[test]
fn every_module_has_a_law_or_a_reason() {
    let (modules, bound) = (modules(), bound());
    let reasons: BTreeMap<String, String> =
        serde_yaml::from_str(&text(&rtl().join("sva/unbound.yaml"))).expect("a map");
    let missing: Vec<_> = modules.iter().filter(|m| !bound.contains(*m) && !reasons.contains_key(*m)).collect();
    assert!(missing.is_empty(), "no law is bound to {missing:?}, and rtl/sva/unbound.yaml gives no reason");
    let idle: Vec<_> = reasons.keys().filter(|m| bound.contains(*m) || !modules.contains(*m)).collect();
    assert!(idle.is_empty(), "rtl/sva/unbound.yaml excuses {idle:?}, which have a law or are not there");
    let empty: Vec<_> = reasons.iter().filter(|(_, why)| why.len() < 5).collect();
    assert!(empty.is_empty(), "{empty:?}");
    let absent: Vec<_> = bound.iter().filter(|m| !modules.contains(*m)).collect();
    assert!(absent.is_empty(), "a law is bound to {absent:?}, which rtl.f does not have");
}
