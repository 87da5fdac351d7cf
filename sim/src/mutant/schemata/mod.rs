// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A campaign of generated faults.
//!
//! Many faults are built into one model, each behind a number that is chosen when a device is made; a build then serves
//! hundreds of them, and judging one is only simulation. A second model of the same text is run once with every vector
//! and tells which vectors can notice which faults at all; only these are run, those about
//! the fault's file and short ones first, until a check speaks.

mod campaign;
mod equivalent;
mod judge;
mod model;
mod probe;
mod report;
mod store;
mod text;
mod verdict;

pub use campaign::{Campaign, End, Options};
pub use judge::PATIENCE;
pub use model::{Built, build};
pub(super) use probe::once;
pub use probe::{LONGEST, spread};
pub use report::{Sums, page};
pub use text::Mode;
pub use verdict::{Result as Judged, Verdict};
