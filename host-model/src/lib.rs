// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The host side of the link, without a clock of its own.
//!
//! Packets and ticks go in, packets and deliveries come out ([`host::Host::step`]);
//! nothing here performs I/O, reads a clock or names the device under test.

pub mod apic;
pub mod domain;
pub mod driver;
pub mod fabric;
pub mod host;
pub mod interrupt;
pub mod kernel;
pub mod mem;
pub mod rc;
pub mod remap;
