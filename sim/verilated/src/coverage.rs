// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Points of structural and user coverage.

use crate::ffi::bridge::RawCoverPoint;

/// What kind of point it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CoverKind {
    /// A block of statements was executed, or a branch taken.
    Line,
    /// A bit changed.
    Toggle,
    /// A `cover property` held.
    User,
    /// Some other page of Verilator's.
    Other,
}

/// A place in the RTL that counts how often it was reached.
///
/// Instances of one module that Verilator did not inline share a point.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CoverPoint {
    /// Kind of the point.
    pub kind: CoverKind,
    /// The module it is in.
    pub module: String,
    /// Source file, relative to the directory of the build.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Hierarchical name of the instance, and of the cover property.
    pub hier: String,
    /// The signal and direction, the kind of branch, or the property's name.
    pub comment: String,
}

impl CoverPoint {
    pub(crate) fn from_raw(raw: RawCoverPoint) -> Self {
        let (page, module) = raw.page.split_once('/').unwrap_or((&raw.page, ""));
        let kind = match page {
            "v_line" | "v_branch" => CoverKind::Line,
            "v_toggle" => CoverKind::Toggle,
            "v_user" => CoverKind::User,
            _ => CoverKind::Other,
        };
        Self {
            kind,
            module: module.to_owned(),
            file: raw.file,
            line: raw.line,
            column: raw.column,
            hier: raw.hier,
            comment: raw.comment,
        }
    }
}
