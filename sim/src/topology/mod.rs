// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Many devices on one machine: endpoints below root ports and switches, several remapping units, up to 256 processors,
//! software that changes everything while interrupts fly from every device.
//!
//! Each endpoint is a [`Device`](crate::bench::world::Device) with its own shadow, ledger and laws, as in a test of one
//! device. What only shows with several has checks of its own here: the fabric carries packets whole and in order
//! ([`monitor`]), interrupts belong to the device that their requester id names, go through the unit that the
//! device is wired to, and reach a handler ([`kernel`], or with all of a kernel's calls [`calls`]).

pub mod boot;
pub mod calls;
pub mod changes;
mod effects;
pub mod events;
pub mod hotplug;
pub mod kernel;
pub mod monitor;
pub mod net;
mod ports;
pub mod processors;
pub mod run;
pub mod settle;
pub mod software;
mod traffic;

pub use run::{Outcome, Planted, run};
