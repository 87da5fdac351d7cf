// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What kernel software does to a device and to the remapping unit.
//!
//! Straight-line sequences over a blocking [`Bus`], in the order of register accesses
//! that Linux uses. They know no simulation: the bench implements [`Bus`] and runs it
//! until each access is done. Everything here reads and writes formats by itself, apart
//! from the models on the other side of the bus.

pub mod aer;
pub mod amdvi;
pub mod bridges;
mod bus;
pub mod caps;
pub mod enumerate;
pub mod handles;
pub mod ims_array;
pub mod ims_memory;
pub mod iommu;
pub mod msg;
pub mod msi;
pub mod msix;
pub mod pasid;
pub mod posted;
pub mod queue;
pub mod regs;
pub mod scopes;
pub mod sriov;
pub mod vtd;

#[cfg(test)]
pub(crate) mod fake;

pub use bus::{Bus, BusError};
