// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Can a law fail? `sim/mutants/formal/*.yaml` plants faults into copies of the RTL; each has to make the laws fail
//! that it names.

use super::prove::Standing;
use serde::Serialize;

/// A fault against a law.
#[derive(Clone, Debug, Serialize)]
pub struct Broken {
    /// The fault.
    pub name: String,
    /// `proof/law`.
    pub law: String,
    /// How the law stands in the copy.
    pub standing: Standing,
    /// Wall time.
    pub seconds: f64,
}

impl Broken {
    /// The law fails, as it has to.
    pub const fn caught(&self) -> bool {
        matches!(self.standing, Standing::Fails(_))
    }
}
