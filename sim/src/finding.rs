// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a check reports.

use serde::Serialize;
use tlp::Tick;

/// What kind of verdict a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something wrong happened.
    Safety,
    /// Something owed never came.
    Liveness,
    /// The vector's software broke a rule of the specification: reported, and a
    /// failure unless the vector expects it.
    Software,
}

/// One report of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Name of the check, `snake_case`, unique in the project.
    pub check: &'static str,
    /// Verdict.
    pub kind: Kind,
    /// When it was noticed.
    pub tick: Tick,
    /// What was seen and what the rule says.
    pub text: String,
}
