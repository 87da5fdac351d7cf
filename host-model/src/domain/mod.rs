// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The hierarchy of interrupt domains as Linux has had it since 6.2:
//! \[Vector\]—\[Remapping\]—{\[PCI/MSI\], \[PCI/IMS\]} per device.
//!
//! What is here: the root of it, the [`vector`] domain, over the per-CPU allocator
//! [`matrix`], and above it the [`remap`]ping domain, which writes the unit's tables over a bus.
//! Nothing in this module touches a device or a clock: a CPU's pending
//! bits (IRR) are asked for, interprocessor interrupts and timers are results that the
//! caller carries out.
//!
//! Names are the kernel's where it has one: `kernel/irq/matrix.c`,
//! `arch/x86/kernel/apic/vector.c`.

pub mod churn;
mod cpu_set;
mod errno;
mod layout;
pub mod matrix;
pub mod msi;
pub mod remap;
pub mod spread;
pub mod vector;

pub use cpu_set::{CPUS_MAX, CpuSet};
pub use errno::Errno;
pub use layout::VectorLayout;
