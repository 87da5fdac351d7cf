// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What becomes of a generated fault.

use serde::{Deserialize, Serialize};

/// Verdict on a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// A check reported it.
    Killed {
        /// The check.
        check: String,
        /// In which vector.
        test: String,
        /// Cycles simulated until then, with those of the vectors before.
        cycles: u64,
    },
    /// Every vector that could notice it passed.
    Survived {
        /// How many that are.
        vectors: usize,
    },
    /// No verdict yet: the first vectors passed, the others wait until every fault has had as much.
    Open,
    /// No vector can tell it from the right design, for a reason that is written down.
    Equivalent {
        /// The reason.
        reason: String,
    },
    /// It is no legal RTL.
    NotCompiled {
        /// What Verilator says.
        reason: String,
    },
}

impl Verdict {
    /// A word for tables.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Killed { .. } => "killed",
            Verdict::Survived { .. } => "SURVIVED",
            Verdict::Open => "open",
            Verdict::Equivalent { .. } => "equivalent",
            Verdict::NotCompiled { .. } => "not compiled",
        }
    }
}

/// A fault with its verdict, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Result {
    /// `file:line:column:operator`.
    pub id: String,
    /// What stands there.
    pub was: String,
    /// What stands there instead.
    pub is: String,
    /// Verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Wall-clock seconds of simulation until the verdict.
    pub seconds: f64,
}
