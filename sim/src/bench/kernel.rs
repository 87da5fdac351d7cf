// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The kernel of the bench's machine: its state, and the world as the machine that it runs on.

use super::world::World;
use crate::ledger::software::Handlers;
use host_model::domain::matrix::Place;
use host_model::driver::Bus;
use host_model::kernel::{DevId, Kernel, Machine, Taken};
use std::collections::BTreeMap;
use vectors::op::{SlotStore, Source};

/// The only device.
pub const DEV: DevId = 0;
/// Linux interrupt of its line.
pub const LINE: u32 = 16;

/// The kernel and what is known about its interrupts.
pub struct KernelSide {
    /// The kernel.
    pub kernel: Kernel,
    /// Which handlers ran for which interrupts.
    pub handlers: Handlers,
    /// Whose handler is to see a source's causes, where that is watched.
    pub sources: BTreeMap<Source, u64>,
    /// Where slots of IMS stand, while there is a domain.
    pub slots: Option<SlotStore>,
    /// The last snapshot.
    pub kept: String,
    /// Handlers and unhandled interrupts when counting began.
    pub base: (BTreeMap<u64, u64>, u64),
}

impl KernelSide {
    /// Around a kernel.
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            handlers: Handlers::default(),
            sources: BTreeMap::new(),
            slots: None,
            kept: String::new(),
            base: Default::default(),
        }
    }
}

impl Machine for World {
    fn bus(&mut self, _dev: DevId) -> &mut dyn Bus {
        self
    }

    fn taken(&mut self) -> Vec<Taken> {
        self.taken.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn is_pending(&self, at: Place) -> bool {
        self.host.apics().is_requested(at.cpu, at.vector)
    }

    fn in_service(&self, at: Place) -> bool {
        self.host.apics().is_in_service(at.cpu, at.vector)
    }

    fn retrigger(&mut self, at: Place) {
        self.self_ipi(at.cpu, at.vector);
    }

    fn line(&self, _dev: DevId) -> bool {
        self.host.rc().intx().level(0)
    }
}
