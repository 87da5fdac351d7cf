// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A machine without a device: registers are storage, arrivals are said, the remapping unit is the real model.

mod affinity;
mod arrivals;
mod ims;
mod order;
mod refused;
mod restore;
mod vectors;

use super::{DevId, Kernel, Machine, Taken};
use crate::domain::VectorLayout;
use crate::domain::matrix::Place;
use crate::domain::remap::{NoRemapDomain, RemapDomain, Root, VtdDomain};
use crate::domain::spread::Topology;
use crate::domain::vector::{Contiguous, VectorDomain};
use crate::driver::Bus;
use crate::driver::caps::{Capability, id};
use crate::driver::enumerate::{Bar, Function};
use crate::driver::fake::FakeBus;
use crate::driver::vtd::{InterruptRemapping, IrConfig};
use std::collections::BTreeSet;
use tlp::Bdf;

/// The only device.
pub const DEV: DevId = 1;
/// Its requester id.
pub const ID: Bdf = Bdf::from_bits(0x0300);
/// Its MSI capability, MSI-X capability, table.
pub const MSI: u16 = 0x90;
pub const MSIX: u16 = 0xb0;
pub const TABLE: u64 = 0x2_0000;
/// Its interrupt line.
pub const LINE: u32 = 11;
/// IMS slots in device memory, and the registers of the store in host memory.
pub const SLOTS: u64 = 0x4_0000;
pub const REGS: u64 = 0x8_0000;

const IRTES: u64 = 0x10_0000;

pub struct Fake {
    pub bus: FakeBus,
    pub taken: Vec<Taken>,
    pub irr: BTreeSet<Place>,
    pub isr: BTreeSet<Place>,
    pub again: Vec<Place>,
    pub asserted: bool,
}

impl Machine for Fake {
    fn bus(&mut self, _dev: DevId) -> &mut dyn Bus {
        &mut self.bus
    }

    fn taken(&mut self) -> Vec<Taken> {
        std::mem::take(&mut self.taken)
    }

    fn is_pending(&self, at: Place) -> bool {
        self.irr.contains(&at)
    }

    fn in_service(&self, at: Place) -> bool {
        self.isr.contains(&at)
    }

    fn retrigger(&mut self, at: Place) {
        self.again.push(at);
    }

    fn line(&self, _dev: DevId) -> bool {
        self.asserted
    }
}

impl Fake {
    /// A processor takes a vector.
    pub fn arrives(&mut self, at: Place) {
        self.taken.push(Taken { tick: self.bus.now, at });
    }

    /// Everything of the device and of the remapping table that a refused call leaves alone.
    pub fn visible(&mut self) -> String {
        let words: Vec<_> = self.bus.words.iter().filter(|(_, w)| **w != 0).collect();
        let config = [4, MSI, MSI + 4, MSI + 8, MSI + 12, MSI + 16, MSIX].map(|at| self.bus.cfg(at));
        let mut table = vec![0; 64 * 16];
        self.bus.mem.read(IRTES, &mut table).unwrap_or(());
        format!("{words:x?} {config:x?} {table:?}")
    }
}

/// What the machine is like.
#[derive(Clone, Copy)]
pub struct Setup {
    pub cpus: usize,
    /// Entries of the MSI-X table; 0 for none.
    pub msix: u32,
    /// Vectors of MSI as a power of two; none without.
    pub msi: Option<u32>,
    /// The remapping table has 2^(n+1) entries; no unit without.
    pub irtes: Option<u8>,
    pub contiguous: Contiguous,
    /// The unit is a virtual one.
    pub caching_mode: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { cpus: 4, msix: 8, msi: Some(5), irtes: None, contiguous: Contiguous::Refuse, caching_mode: false }
    }
}

impl Setup {
    pub fn remapped() -> Self {
        Self { irtes: Some(7), ..Self::default() }
    }

    pub fn make(self) -> (Kernel, Fake) {
        let mut bus = FakeBus::new();
        let mut caps = Vec::new();
        if let Some(order) = self.msi {
            // 64-bit addresses and masks; number of vectors, enable and granted number as in the specification.
            bus.bar(MSI, 0x0071_0000, 0x0180_0005 | order << 17);
            [4, 8, 12, 16].iter().for_each(|at| bus.set_cfg(MSI + at, 0));
            caps.push(Capability { id: id::MSI, offset: MSI, version: 0 });
        }
        if self.msix > 0 {
            bus.bar(MSIX, 0xc000_0000, 0x11 | (self.msix - 1) << 16);
            bus.set_cfg(MSIX + 4, 2);
            bus.set_cfg(MSIX + 8, 0x8002);
            bus.words.extend((0..u64::from(self.msix)).map(|k| (TABLE + 16 * k + 12, 1)));
            caps.push(Capability { id: id::MSIX, offset: MSIX, version: 0 });
        }
        // As after reset.
        bus.words.extend((0..16).map(|k| (SLOTS + 16 * k + 12, 1)));
        let bar = Bar { number: 2, size: 0x10000, wide: true, prefetchable: true, address: TABLE };
        let function = Function { vendor: 1, device: 2, class: 3, bars: vec![bar], caps, extended: vec![] };
        let unit: Box<dyn RemapDomain> = match self.irtes {
            Some(size) => {
                let config = IrConfig {
                    table: IRTES,
                    size,
                    x2apic: false,
                    queue: 0x20_0000,
                    status: 0x20_1000,
                    poll_cycles: 1,
                    polls_max: 100,
                };
                Box::new(VtdDomain::new(InterruptRemapping::enable(&mut bus, config).unwrap(), self.caching_mode))
            }
            None => Box::new(NoRemapDomain::new(false, self.contiguous)),
        };
        let mut vectors = VectorDomain::new(self.cpus, VectorLayout::LINUX_6_10, self.contiguous).unwrap();
        (1..self.cpus).for_each(|cpu| drop(vectors.online_cpu(cpu).unwrap()));
        let root = Root::new(vectors, (0..self.cpus as u32).collect());
        let mut kernel = Kernel::new(root, vec![unit], Topology::flat(self.cpus));
        kernel.add_device(DEV, ID, function, 0, LINE).unwrap();
        bus.take_log();
        bus.cfg_log.clear();
        let fake = Fake {
            bus,
            taken: Vec::new(),
            irr: BTreeSet::new(),
            isr: BTreeSet::new(),
            again: Vec::new(),
            asserted: false,
        };
        (kernel, fake)
    }
}

/// Where an interrupt is.
pub fn place(k: &Kernel, virq: u32) -> Place {
    let t = k.root.vectors.target(virq).unwrap();
    assert!(t.real, "interrupt {virq} has no vector");
    Place { cpu: t.cpu, vector: t.vector }
}
