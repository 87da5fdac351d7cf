// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Points and how often each was reached. Instances of a module share a point: the text is what is covered.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};
use verilated::{CoverKind, CoverPoint};

/// Kind of a point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A block of statements.
    Line,
    /// An arm of an `if` or `case`.
    Branch,
    /// A bit in one direction.
    Toggle,
    /// A cover property.
    User,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::Line, Kind::Branch, Kind::Toggle, Kind::User];

    /// A word for tables.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Line => "line",
            Kind::Branch => "branch",
            Kind::Toggle => "toggle",
            Kind::User => "user",
        }
    }
}

/// A point.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Point {
    /// File below rtl/.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Kind.
    pub kind: Kind,
    /// Signal and direction, kind of branch, name of the property.
    pub what: String,
}

impl Point {
    /// A point of a model, if it is one of ours.
    pub fn of(p: &CoverPoint) -> Option<Self> {
        let kind = match p.kind {
            CoverKind::Line if ["if", "else", "elsif", "case", "cond"].iter().any(|b| p.comment.starts_with(b)) => {
                Kind::Branch
            }
            CoverKind::Line => Kind::Line,
            CoverKind::Toggle => Kind::Toggle,
            CoverKind::User => Kind::User,
            CoverKind::Other => return None,
        };
        let file = p.file.strip_prefix("rtl/").unwrap_or(&p.file).to_owned();
        // A property is known by its name, whatever it is bound to.
        let what = if kind == Kind::User {
            p.hier.rsplit('.').next().unwrap_or_default().to_owned()
        } else {
            p.comment.clone()
        };
        Some(Self { file, line: p.line, column: p.column, kind, what })
    }
}

/// Points with what vectors reach of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    /// How many vectors reach each.
    pub counts: BTreeMap<Point, u64>,
}

impl Cover {
    /// Adds a vector that reaches some of `points`.
    pub fn reached(&mut self, points: &[Point], reached: impl Iterator<Item = bool>) {
        for (p, hit) in points.iter().zip(reached) {
            let n = u64::from(hit);
            match self.counts.get_mut(p) {
                Some(count) => *count += n,
                None => _ = self.counts.insert(p.clone(), n),
            }
        }
    }
}

/// The points of a model, each once, and which of them each of the model's own adds to.
struct Index {
    points: Vec<Point>,
    place: Vec<Option<usize>>,
}

impl Index {
    fn new(raw: &[CoverPoint]) -> Self {
        let of: Vec<Option<Point>> = raw.iter().map(Point::of).collect();
        let points: Vec<Point> = of.iter().flatten().collect::<BTreeSet<_>>().into_iter().cloned().collect();
        let place = of.iter().map(|p| p.as_ref().and_then(|p| points.binary_search(p).ok())).collect();
        Self { points, place }
    }
}

/// Counts which points the devices of one model reach; a clone adds to the same counts.
#[derive(Clone, Default)]
pub struct Counter {
    index: Arc<OnceLock<Index>>,
    hits: Arc<Mutex<Vec<bool>>>,
}

impl Counter {
    /// A counter of the same model that begins with nothing.
    pub fn fresh(&self) -> Self {
        Self { index: self.index.clone(), hits: Arc::default() }
    }

    /// Adds what a device has counted; `raw` are its points, which are asked for once a model.
    pub fn add(&self, raw: impl FnOnce() -> Vec<CoverPoint>, counts: &[u32]) {
        let index = self.index.get_or_init(|| Index::new(&raw()));
        let mut hits = self.hits.lock().unwrap_or_else(|p| p.into_inner());
        hits.resize(index.points.len(), false);
        for (place, n) in index.place.iter().zip(counts) {
            if let Some(k) = place
                && *n > 0
            {
                hits[*k] = true;
            }
        }
    }

    /// The points in their order, as far as a device has been there.
    pub fn points(&self) -> &[Point] {
        self.index.get().map_or(&[], |i| &i.points)
    }

    /// Which of them were reached.
    pub fn hits(&self) -> Vec<bool> {
        self.hits.lock().unwrap_or_else(|p| p.into_inner()).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(kind: CoverKind, comment: &str) -> CoverPoint {
        CoverPoint {
            kind,
            module: "m".into(),
            file: "rtl/a/m.sv".into(),
            line: 3,
            column: 1,
            hier: "top.u_m.X_C".into(),
            comment: comment.into(),
        }
    }

    #[test]
    fn points_of_one_place_add_up_and_kinds_are_told_apart() {
        let points = || {
            vec![
                raw(CoverKind::Toggle, "q:0->1"),
                raw(CoverKind::Line, "if"),
                raw(CoverKind::Line, "block"),
                raw(CoverKind::Line, "if"),
                raw(CoverKind::User, "cover"),
            ]
        };
        let first = Counter::default();
        first.add(points, &[0, 1, 0, 0, 0]);
        let second = first.fresh();
        second.add(|| unreachable!("asked for once"), &[2, 0, 0, 4, 0]);
        let mut c = Cover::default();
        for counter in [&first, &second] {
            c.reached(counter.points(), counter.hits().into_iter());
        }
        let got: Vec<(Kind, &str, u64)> = c.counts.iter().map(|(p, n)| (p.kind, p.what.as_str(), *n)).collect();
        assert_eq!(
            got,
            [(Kind::Line, "block", 0), (Kind::Branch, "if", 2), (Kind::Toggle, "q:0->1", 1), (Kind::User, "X_C", 0)]
        );
    }
}
