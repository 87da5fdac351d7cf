// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Coverage of the RTL as feedback: lines, branches, toggles and cover properties that a run was the first to reach.
//! Verilator's counters are read in process when the run's device goes. A sequence that reaches something in the RTL
//! is kept and its way favoured, though no functional bin is new.

use crate::cover_rtl::Cover;
use crate::rtl::Counted;
use std::collections::BTreeSet;

/// What has been reached.
pub struct Covers {
    counted: Counted,
    reached: BTreeSet<u32>,
}

impl Covers {
    /// Where devices leave their counts (`RtlModels::counting`), and what earlier runs of the search had reached.
    pub fn new(counted: Counted, reached: &[u32]) -> Self {
        Self { counted, reached: reached.iter().copied().collect() }
    }

    /// Points that the devices since the last call were the first to reach.
    pub fn new_points(&mut self) -> usize {
        let cover = std::mem::take(&mut *self.counted.lock().unwrap_or_else(|p| p.into_inner()));
        let before = self.reached.len();
        self.reached.extend(hit(&cover));
        self.reached.len() - before
    }

    /// Names of the points, to be kept.
    pub fn reached(&self) -> Vec<u32> {
        self.reached.iter().copied().collect()
    }
}

/// Short names of the points that were hit: 32 bits of a hash of place and kind.
fn hit(cover: &Cover) -> impl Iterator<Item = u32> {
    cover.counts.iter().filter(|(_, n)| **n > 0).map(|(p, _)| {
        let text = format!("{}:{}:{} {} {}", p.file, p.line, p.column, p.kind.word(), p.what);
        let hash = blake3::hash(text.as_bytes());
        let bytes = hash.as_bytes();
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cover_rtl::{Kind, Point};
    use std::sync::{Arc, Mutex};

    fn point(line: u32) -> Point {
        Point { file: "a.sv".into(), line, column: 1, kind: Kind::Line, what: "block".into() }
    }

    #[test]
    fn a_point_is_new_once_also_for_a_search_that_goes_on() {
        let counted: Counted = Arc::new(Mutex::new(Cover::default()));
        let leave = |lines: &[(u32, u64)]| {
            let mut c = counted.lock().unwrap();
            c.counts.extend(lines.iter().map(|(line, n)| (point(*line), *n)));
        };
        let mut covers = Covers::new(counted.clone(), &[]);
        leave(&[(1, 3), (2, 0)]);
        assert_eq!(covers.new_points(), 1);
        leave(&[(1, 1), (2, 1), (3, 1)]);
        assert_eq!(covers.new_points(), 2);
        let mut later = Covers::new(counted.clone(), &covers.reached());
        leave(&[(1, 1), (4, 1)]);
        assert_eq!(later.new_points(), 1);
    }
}
