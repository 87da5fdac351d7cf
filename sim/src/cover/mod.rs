// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Functional coverage: what situations a run was in, counted.
//!
//! An *item* is a point (one axis) or a cross (several); each combination of its values is a *bin*. Items are named in
//! `items.rs`; a name greps to the place that samples it. The bench's own observations are sampled (packets, causes,
//! shadow, ledger), never the inside of a device, so that RTL and golden endpoint have one and the same model.
//! What each item is for, how often a bin is wanted and which bins cannot be stands in `vectors/plan/coverage.yaml`.

mod ats;
pub mod axes;
pub mod collector;
mod configure;
pub mod counts;
mod functions;
pub mod items;
pub mod plan;
pub mod races;
pub mod rank;
pub mod traffic;

pub use collector::Collector;
pub use counts::Counts;
pub use items::{Item, bins, name_of};
pub use plan::Plan;
pub use races::{Acted, Caused};
