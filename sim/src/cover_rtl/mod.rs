// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Structural coverage of the RTL: lines, branches, toggles and cover properties that the vectors reach, read from the
//! models in process, merged over devices of several widths and sizes.
//!
//! What cannot be reached stands in rtl/cov/exclusions.yaml with its reason. An exclusion that is reached, or that fits
//! nothing, is an error.

mod exclude;
mod kept;
mod lcov;
mod measure;
mod points;

pub use exclude::{Exclusion, Judged, judge, read};
pub use lcov::tracefile;
pub use measure::{DEVICES, Measured, Options, measure, texts};
pub use points::{Counter, Cover, Kind, Point};
