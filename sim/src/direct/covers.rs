// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Coverage of the RTL as feedback: lines, branches, toggles and cover properties that a run was the first to reach.
//! Verilator's counters are read in process when the run's device goes. A sequence that reaches something in the RTL
//! is kept and its way favoured, though no functional bin is new.

use crate::cover_rtl::{Counter, Point};
use std::collections::BTreeSet;

/// What has been reached.
pub struct Covers {
    counted: Counter,
    /// Points of the counter that are in `reached`.
    seen: Vec<bool>,
    reached: BTreeSet<u32>,
}

impl Covers {
    /// Where devices leave their counts (`RtlModels::counting`), and what earlier runs of the search had reached.
    pub fn new(counted: Counter, reached: &[u32]) -> Self {
        Self { counted, seen: Vec::new(), reached: reached.iter().copied().collect() }
    }

    /// Points that the devices since the last call were the first to reach.
    pub fn new_points(&mut self) -> usize {
        let before = self.reached.len();
        let (points, hits) = (self.counted.points(), self.counted.hits());
        self.seen.resize(hits.len(), false);
        for ((point, hit), seen) in points.iter().zip(hits).zip(&mut self.seen) {
            if hit && !*seen {
                *seen = true;
                self.reached.insert(name(point));
            }
        }
        self.reached.len() - before
    }

    /// Names of the points, to be kept.
    pub fn reached(&self) -> Vec<u32> {
        self.reached.iter().copied().collect()
    }
}

/// A short name: 32 bits of a hash of place and kind.
fn name(p: &Point) -> u32 {
    let text = format!("{}:{}:{} {} {}", p.file, p.line, p.column, p.kind.word(), p.what);
    let hash = blake3::hash(text.as_bytes());
    let bytes = hash.as_bytes();
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use verilated::{CoverKind, CoverPoint};

    fn points() -> Vec<CoverPoint> {
        let point = |line: u32| CoverPoint {
            kind: CoverKind::Line,
            module: "a".into(),
            file: "rtl/a.sv".into(),
            line,
            column: 1,
            hier: "top.a".into(),
            comment: "block".into(),
        };
        (1..5).map(point).collect()
    }

    #[test]
    fn a_point_is_new_once_also_for_a_search_that_goes_on() {
        let counted = Counter::default();
        let mut covers = Covers::new(counted.clone(), &[]);
        counted.add(points, &[3, 0, 0, 0]);
        assert_eq!(covers.new_points(), 1);
        counted.add(points, &[1, 1, 1, 0]);
        assert_eq!(covers.new_points(), 2);
        let counted = Counter::default();
        let mut later = Covers::new(counted.clone(), &covers.reached());
        counted.add(points, &[1, 0, 0, 1]);
        assert_eq!(later.new_points(), 1);
    }
}
