// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The pages under docs/ say what is there: checks, dependencies, figures and links.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Files below `dir` with this extension, in order.
fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn is_name(s: &str) -> bool {
    !s.is_empty() && s.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// The string literal that `text` begins with, blanks apart, if it looks like a name.
fn leading_name(text: &str) -> Option<&str> {
    let inside = text.trim_start().strip_prefix('"')?;
    let name = &inside[..inside.find('"')?];
    is_name(name).then_some(name)
}

/// Names of checks in a source file: where one looks, requires, finds, or is chosen in a `let check`.
fn check_names(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut names = BTreeSet::new();
    for mark in ["look(", "require(", "find(", "check:"] {
        for (at, _) in code.match_indices(mark) {
            names.extend(leading_name(&code[at + mark.len()..]).map(str::to_string));
        }
    }
    for mark in ["let check =", "let (check,"] {
        for (at, _) in code.match_indices(mark) {
            let statement = &code[at..at + code[at..].find(';').expect("a statement ends")];
            names.extend(statement.split('"').skip(1).step_by(2).filter(|s| is_name(s)).map(str::to_string));
        }
    }
    names
}

/// First cells of table rows that are one name in back quotes.
fn table_names(page: &str) -> BTreeSet<String> {
    let first = |line: &str| {
        let cell = line.strip_prefix("| `")?;
        Some(cell[..cell.find('`')?].to_string())
    };
    page.lines().filter_map(first).collect()
}

#[test]
fn every_check_is_in_the_page_and_every_check_of_the_page_exists() {
    let mut coded = BTreeSet::new();
    for dir in ["check", "ledger", "bench", "topology"] {
        for file in files(&root().join("sim/src").join(dir), "rs") {
            coded.extend(check_names(&read(&file)));
        }
    }
    assert!(coded.len() > 40 && coded.contains("lost_interrupt") && coded.contains("torn_message"), "{coded:?}");
    let page = read(&root().join("docs/verification.md"));
    let laws = page.split("\n## ").find(|s| s.starts_with("The laws by name")).expect("the section is there");
    let told = table_names(laws);
    let missing: Vec<_> = coded.difference(&told).collect();
    let gone: Vec<_> = told.difference(&coded).collect();
    assert!(missing.is_empty(), "docs/verification.md lacks {missing:?}");
    assert!(gone.is_empty(), "docs/verification.md names checks that are gone: {gone:?}");
}

#[test]
fn every_direct_dependency_has_its_reason() {
    let ours = ["tlp", "host-model", "golden", "verilated", "vectors"];
    let members =
        ["host-model", "host-model/tlp", "sim", "sim/golden", "sim/vectors", "sim/verilated", "scripts/xtask"];
    let mut coded = BTreeSet::new();
    for member in members {
        let manifest = read(&root().join(member).join("Cargo.toml"));
        let names = manifest.lines().filter_map(|l| l.split_once(".workspace = true")).map(|(name, _)| name);
        // The package's own keys are inherited in the same way.
        let keys = ["version", "edition", "license", "publish", "rust-version"];
        coded.extend(names.filter(|n| !ours.contains(n) && !keys.contains(n)).map(str::to_string));
    }
    assert!(coded.len() > 10, "{coded:?}");
    let told = table_names(&read(&root().join("docs/dependencies.md")));
    let missing: Vec<_> = coded.difference(&told).collect();
    let gone: Vec<_> = told.difference(&coded).collect();
    assert!(missing.is_empty(), "docs/dependencies.md lacks {missing:?}");
    assert!(gone.is_empty(), "docs/dependencies.md has a reason for what is not used: {gone:?}");
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut pages = files(&root().join("docs"), "md");
    pages.extend(["README.md", "rtl/README.md", "rtl/tb/README.md", "vectors/linux/README.md"].map(|p| root().join(p)));
    for page in pages {
        let text = read(&page);
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path = page.parent().expect("a page is in a directory").join(target);
            assert!(path.exists(), "{}: {target} is not there", page.display());
        }
    }
}

#[test]
fn figures_that_pages_name_can_be_measured() {
    let mut pages = files(&root().join("docs"), "md");
    pages.push(root().join("README.md"));
    for page in pages {
        let text = read(&page);
        for (at, mark) in text.match_indices("make figure NAME=") {
            let name = text[at + mark.len()..].split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next();
            let name = name.unwrap_or_default();
            let known = matches!(name, "" | "x" | "name") || sim::figure::ALL.iter().any(|m| m.name == name);
            assert!(known, "{}: no figure is called {name:?}", page.display());
        }
    }
}
