// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Register accesses of the kernel's calls, compared with what real kernels did.
//!
//! A recording says which accesses Linux made, not which calls led to them. The calls are told from a few
//! accesses ([`calls`]): MSI-X Enable with the function mask is `alloc_irq_vectors`, an entry that gets a message is
//! `request_irq`, one that is masked and cleared `free_irq`, all masked and Enable cleared `free_irq_vectors`, one masked,
//! rewritten and opened an affinity change with the next interrupt. The same calls are then made on the kernel of the
//! host model over a bus that only notes, and every access is compared with the recorded one, in order.
//!
//! What is compared of an access is its kind, its register or entry and field, its width, and its value as far as
//! it does not come from the rest of the recorded machine: control words whole, Enable and function mask, the INTx bit, and
//! of a message whether it is nothing, the placeholder, or real, in which format, and which half of it has changed.
//! CPU and vector numbers depend on what else that machine had, and are not compared.

mod calls;
mod note;
mod recorded;

use calls::Walk;
pub use recorded::{Access, Recording, Value};

/// What a comparison came to.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Accesses of the recording to the table, and those of configuration space inside the calls.
    pub compared: u64,
    /// Of them, those that are as the kernel of the host model makes them.
    pub equal: u64,
    /// Calls that were made.
    pub calls: std::collections::BTreeMap<&'static str, u64>,
    /// The first differences: the recording's line, what it has, what was made instead.
    pub differences: Vec<String>,
}

/// Compares one recording.
///
/// # Errors
/// A call of the kernel fails.
pub fn compare(recording: &Recording) -> anyhow::Result<Comparison> {
    Walk::new(recording)?.run()
}
