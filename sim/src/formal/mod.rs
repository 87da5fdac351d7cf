// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Formal proofs and synthesis of the RTL, with Yosys and ABC.
//!
//! `rtl/formal/proofs.yaml` lists proofs: a top module, its sources, how hard to try. The laws are those of
//! `rtl/sva`, which simulation runs too, and those of `rtl/formal`, which speak of an arbitrary source. Yosys
//! reads neither `bind` nor concurrent assertions, so `laws` rewrites both; what a law says stays in one file.
//! What was decided is kept (`kept`), so that only what has changed is decided anew.

mod breaks;
mod campaign;
mod design;
pub(crate) mod kept;
mod laws;
mod plan;
mod prove;
pub mod synth;

mod tool;

pub use breaks::Broken;
pub use campaign::Campaign;
pub use plan::{Plan, Promise, Proof};
pub use prove::{Report, Standing};
