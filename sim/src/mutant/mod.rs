// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Planted faults: does the bench notice what it claims to notice?
//!
//! A mutant is one wrong line in a copy of the RTL. The vectors are run on the
//! copy, and a check of the bench has to report it, by name. A mutant that no
//! check reports is a hole in the bench, not in the RTL.

mod apply;
pub mod bench;
mod campaign;
pub mod equal;
pub mod generate;
mod host;
mod judge;
mod kept;
pub mod schemata;
mod spec;

pub use apply::{changed, plant};
pub use campaign::{Campaign, End};
pub use host::{HostFaults, Tried};
pub use judge::{Catch, Judged, Verdict};
pub use spec::{Mutant, load};
