// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The coverage as an LCOV tracefile, for the viewers that everybody has.

use super::points::{Cover, Kind};
use ::lcov::Record;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Lines and branches of the design, a section a file.
pub fn tracefile(cover: &Cover) -> String {
    let mut lines: BTreeMap<&str, BTreeMap<u32, u64>> = BTreeMap::new();
    let mut branches: BTreeMap<&str, Vec<(u32, u64)>> = BTreeMap::new();
    for (p, n) in &cover.counts {
        match p.kind {
            Kind::Line | Kind::Branch => {
                let seen = lines.entry(&p.file).or_default().entry(p.line).or_default();
                *seen = (*seen).max(*n);
                if p.kind == Kind::Branch {
                    branches.entry(&p.file).or_default().push((p.line, *n));
                }
            }
            _ => {}
        }
    }
    let mut out = String::new();
    let mut put = |r: Record| _ = writeln!(out, "{r}");
    for (file, lines) in &lines {
        put(Record::TestName { name: "vectors".into() });
        put(Record::SourceFile { path: format!("rtl/{file}").into() });
        for (k, (line, taken)) in branches.get(file).into_iter().flatten().enumerate() {
            let branch = k as u32;
            put(Record::BranchData { line: *line, block: 0, branch, taken: Some(*taken) });
        }
        for (line, count) in lines {
            put(Record::LineData { line: *line, count: *count, checksum: None });
        }
        put(Record::LinesFound { found: lines.len() as u32 });
        put(Record::LinesHit { hit: lines.values().filter(|n| **n > 0).count() as u32 });
        put(Record::EndOfRecord);
    }
    out
}
