// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Vectors: the operations of a test, their YAML form, and the importer of recorded traces.
//!
//! This crate knows the vocabulary of a test and the device's data sheet; it knows no model, no simulator and no host.
//!
//! - [`op`]: what a step can say; [`place`]: the symbolic addresses in it.
//! - [`yaml`]: reading and writing vector files; [`check`]: the rules beyond types; [`suite`]: directories of them;
//!   [`schema`]: the JSON schema that editors use.
//! - [`topology`]: descriptions of several devices on one machine.
//! - [`trace`]: reading a recorded trace; [`import`]: turning it into a vector for our device.
//! - [`regs`]: the device's own register map, generated.

pub mod check;
mod error;
pub mod import;
pub mod op;
pub mod place;
pub mod regs;
pub mod schema;
pub mod suite;
pub mod topology;
pub mod trace;
pub mod yaml;

pub use error::VectorError;
