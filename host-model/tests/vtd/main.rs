// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The interrupt remapping unit against known answers.
//!
//! Expected values are composed here, bit by bit from the specification, without
//! the model's own layouts.

mod bench;
mod cache;
mod enable;
mod entry;
mod fault;
mod formats;
mod oracle;
mod posted;
mod queue;
