// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Waveforms of one test: which signals show the way of an interrupt, files that open
//! viewers on them, and a picture of it.

pub mod fst;
pub mod lanes;
pub mod moment;
pub mod picture;
pub mod signals;
pub mod svg;
pub mod views;

pub use fst::Fst;
pub use moment::Moment;
pub use picture::picture;
pub use views::{Views, views};
