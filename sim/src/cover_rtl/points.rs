// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Points and how often each was reached. Instances of a module share a point: the text is what is covered.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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

/// Points with their counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    /// How often each was reached: of a device by itself, or by how many vectors when they are added up.
    pub counts: BTreeMap<Point, u64>,
}

impl Cover {
    /// Adds what a model counted.
    pub fn add(&mut self, points: &[CoverPoint], counts: &[u32]) {
        for (p, n) in points.iter().zip(counts) {
            if let Some(p) = Point::of(p) {
                *self.counts.entry(p).or_default() += u64::from(*n);
            }
        }
    }

    /// Adds another.
    pub fn merge(&mut self, other: &Cover) {
        for (p, n) in &other.counts {
            *self.counts.entry(p.clone()).or_default() += n;
        }
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
        let points = [
            raw(CoverKind::Line, "if"),
            raw(CoverKind::Line, "block"),
            raw(CoverKind::Toggle, "q:0->1"),
            raw(CoverKind::User, "cover"),
        ];
        let mut c = Cover::default();
        c.add(&points, &[1, 0, 2, 0]);
        let once = c.clone();
        c.merge(&once);
        let got: Vec<(Kind, &str, u64)> = c.counts.iter().map(|(p, n)| (p.kind, p.what.as_str(), *n)).collect();
        assert_eq!(
            got,
            [(Kind::Line, "block", 0), (Kind::Branch, "if", 2), (Kind::Toggle, "q:0->1", 4), (Kind::User, "X_C", 0)]
        );
        assert!(c.counts.keys().all(|p| p.file == "a/m.sv"));
    }
}
