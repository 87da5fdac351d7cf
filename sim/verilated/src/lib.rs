// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Verilator 5 from Rust.
//!
//! A device is described by [`ModelSpec`]: RTL sources, parameters and a
//! [`Variant`]. [`Builder::build`] verilates and compiles it together with the
//! clock loop of `sim/cpp/` into a shared library, once for each content of all
//! that goes in; [`Model::load`] makes instances of it. Nothing of a device is
//! linked into this crate: it builds without Verilator, and another version of the
//! RTL is just another library.
//!
//! The crate knows pins and not what they mean. The device under test has the
//! pins of `docs/device.md`, section 2. Packets are four header words and data.

mod builder;
mod coverage;
mod error;
mod event;
#[allow(unsafe_code)] // the bridge to C++, the only place
mod ffi;
mod model;
mod sources;
mod toolchain;

pub use builder::{Builder, Built, ModelSpec, Variant};
pub use coverage::{CoverKind, CoverPoint};
pub use error::Error;
pub use event::{Event, Events, Severity, What};
pub use model::{BareRun, Counters, Limits, Model, Options, RandReset, replay_bare};
pub use sources::Sources;
pub use toolchain::{Toolchain, VerilatorKind};
