// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The net as the machine that a kernel runs on: which function and which unit an access is for.

use crate::topology::net::Net;
use host_model::domain::matrix::Place;
use host_model::driver::Bus;
use host_model::driver::bridges::Segment;
use host_model::fabric::wires::swizzle;
use host_model::kernel::{DevId, Machine, Taken};

/// Numbers of devices: an endpoint's physical function and its virtual ones are neighbours.
const STRIDE: u32 = 32;

/// The kernel's number of a function.
pub(super) fn dev(endpoint: usize, vf: Option<u32>) -> DevId {
    endpoint as u32 * STRIDE + vf.map_or(0, |vf| vf + 1)
}

/// Endpoint and function of a number.
pub(super) fn function(dev: DevId) -> (usize, Option<u32>) {
    ((dev / STRIDE) as usize, (dev % STRIDE).checked_sub(1))
}

impl Machine for Net {
    fn bus(&mut self, dev: DevId) -> &mut dyn Bus {
        let (n, vf) = function(dev);
        let e = &self.endpoints[n];
        let (id, unit) = (vf.map_or(e.id, |vf| e.virtual_ids[vf as usize]), e.unit);
        self.select(id);
        self.select_unit(unit);
        self
    }

    fn taken(&mut self) -> Vec<Taken> {
        let takes = std::mem::take(&mut self.takes);
        takes.into_iter().map(|(tick, t)| Taken { tick, at: Place { cpu: t.cpu, vector: t.vector } }).collect()
    }

    fn is_pending(&self, at: Place) -> bool {
        self.host.apics().is_requested(at.cpu, at.vector)
    }

    fn in_service(&self, at: Place) -> bool {
        self.host.apics().is_in_service(at.cpu, at.vector)
    }

    /// The level of the platform's line that INTA of the function comes out at: shared by all that come out there.
    fn line(&self, dev: DevId) -> bool {
        let (n, vf) = function(dev);
        let Some(line) = self.endpoints[n].line.filter(|_| vf.is_none()) else { return false };
        let high = |port: usize| {
            let wires = self.host.port(port).intx();
            (0..4).any(|pin| swizzle(pin, port) == line && wires.level(pin))
        };
        (0..self.root.ports.len()).any(high)
    }

    fn retrigger(&mut self, at: Place) {
        if !self.forgets_retriggers {
            self.host.apics_mut().self_ipi(at.cpu, at.vector);
            let now = self.now();
            self.cpus.wake(at.cpu, now, self.host.apics());
        }
    }
}
