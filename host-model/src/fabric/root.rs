// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Bus 0: root ports, and which of them a processor's access goes through.

use super::bridge::{Bridge, PortKind};
use tlp::Bdf;

/// Where a configuration access goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Route {
    /// To a root port itself.
    Own(usize),
    /// Below a root port.
    Below {
        /// The port.
        port: usize,
        /// As a type 1 request, for a bus behind a further bridge.
        type1: bool,
    },
    /// Nowhere: reads give all ones.
    Nobody,
}

/// Root ports, device n of bus 0 being port n.
#[derive(Clone, Debug)]
pub struct RootBus {
    /// The ports.
    pub ports: Vec<Bridge>,
}

impl RootBus {
    /// `ports` root ports after reset.
    pub fn new(ports: usize) -> Self {
        Self { ports: vec![Bridge::new(PortKind::Root); ports] }
    }

    /// Where a configuration access to `target` goes.
    pub fn route(&self, target: Bdf) -> Route {
        if target.bus() == 0 {
            let port = usize::from(target.device());
            return if port < self.ports.len() && target.function() == 0 { Route::Own(port) } else { Route::Nobody };
        }
        let Some(port) = self.ports.iter().position(|p| p.is_below(target.bus())) else { return Route::Nobody };
        let type1 = target.bus() != self.ports[port].secondary();
        // A link has one device, number 0, unless the number counts functions [PCIe Base 7.3.1, 6.13].
        if !type1 && target.device() != 0 && !self.ports[port].forwards_ari() {
            return Route::Nobody;
        }
        Route::Below { port, type1 }
    }

    /// The root port whose windows hold an address.
    pub fn claims(&self, address: u64) -> Option<usize> {
        self.ports.iter().position(|p| p.claims(address))
    }
}
