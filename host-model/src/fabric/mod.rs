// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What stands between the host and several devices: bridges with their bus numbers and windows, switches, and
//! the host's own bus with its root ports.
//!
//! Left out: virtual channels, access control services, multicast, IO windows. Peer-to-peer requests are routed, as a switch without
//! ACS does.

pub mod bridge;
pub mod root;
pub mod switch;
pub mod wires;
