// SPDX-License-Identifier: Apache-2.0 OR MIT
//! From an enumerated machine to open interrupts: units by their scopes, virtual functions, domains, calls.

use super::lines::FIRST_LINE;
use super::machine::dev;
use super::{Calls, Line, Store, handler, work};
use crate::topology::kernel::{units_on, vectors};
use crate::topology::net::Net;
use anyhow::{Context as _, Result, ensure};
use host_model::domain::msi::{ArrayChip, Cookie, MemoryChip, Template};
use host_model::domain::remap::{RemapDomain, Root, VtdDomain};
use host_model::domain::spread::Topology as Cpus;
use host_model::driver::bridges::{Hierarchy, Segment};
use host_model::driver::enumerate::{self, Function};
use host_model::driver::ims_array::ImsArray;
use host_model::driver::ims_memory::{Completion, ImsMemory, ImsMemoryConfig};
use host_model::driver::scopes::{Dmar, Drhd};
use host_model::driver::sriov::{Of, Sriov, SriovWish};
use host_model::kernel::{Action, Kernel, VectorFlags};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use tlp::Bdf;
use vectors::regs;
use vectors::topology::{Endpoint, Topology};

/// Slots in host memory of the first endpoint; those of the others follow at this distance. Completion words come behind
/// all, a page each.
const SLOTS: u64 = 0x2000_0000;
const SLOTS_STRIDE: u64 = 0x10_0000;
const DONE: u64 = 0x2f00_0000;
const DONE_STRIDE: u64 = 0x1000;

/// Where an endpoint's slots in host memory stand.
pub(super) fn slots_of(n: usize) -> u64 {
    SLOTS + SLOTS_STRIDE * n as u64
}

/// Where an endpoint writes that an update is complete.
pub(super) fn done_of(n: usize) -> u64 {
    DONE + DONE_STRIDE * n as u64
}

/// Slots within the memory of a virtual function (data sheet §16).
const VF_SLOTS: u64 = 0x2000;
/// Cycles between enabling virtual functions and the first access.
const VF_WAIT: u64 = 3_000;

/// What firmware says of the machine: each unit has its root ports, the last one the rest.
fn dmar(t: &Topology) -> Result<Dmar> {
    let last = t.host.units - 1;
    let ports = |unit| (0..t.ports.len()).filter(|n| t.ports[*n].unit == unit).map(|n| n as u8).collect();
    let unit = |n| Drhd { scopes: if n == last { Vec::new() } else { ports(n) }, include_all: n == last };
    Ok(Dmar::new((0..=last).map(unit).collect())?)
}

/// A function that is about to get its interrupts.
struct Unopened {
    endpoint: usize,
    vf: Option<u32>,
    msix: u32,
    slots: u32,
    /// Where its slots are: address in device memory, or none for those in host memory.
    array: Option<u64>,
}

impl Calls {
    /// Units on, functions known to the kernel, every interrupt of the description allocated and requested.
    pub fn boot(net: &mut Net, t: &Topology, found: &Hierarchy, seed: u64) -> Result<Self> {
        let mut units = units_on(net, t)?;
        let mut dma = if t.host.dma { work::remapping_on(net, &mut units)? } else { Vec::new() };
        let units: Vec<Box<dyn RemapDomain>> =
            units.into_iter().map(|unit| Box::new(VtdDomain::new(unit, false)) as Box<dyn RemapDomain>).collect();
        let cpus = t.host.cpus as usize;
        let root = Root::new(vectors(t)?, (0..t.host.cpus).collect());
        let mut calls = Self {
            units: units.len(),
            kernel: Kernel::new(root, units, Cpus::new(cpus, |_| 0, |cpu| cpu)),
            lines: Vec::new(),
            by_source: BTreeMap::new(),
            workers: Vec::new(),
            on_lines: Vec::new(),
            events: t.endpoints().iter().map(|e| e.events).collect(),
            offline: Vec::new(),
            did: BTreeMap::new(),
            random: ChaCha8Rng::seed_from_u64(seed ^ 0xca11),
            heard: Vec::new(),
            arrived: Vec::new(),
            cleaned: 0,
        };
        let dmar = dmar(t)?;
        for n in 0..net.endpoints.len() {
            let id = net.endpoints[n].id;
            net.endpoints[n].line = found.line(id.bus(), id.device());
        }
        for (n, described) in t.endpoints().into_iter().enumerate() {
            let (id, function) = (net.endpoints[n].id, net.endpoints[n].function.clone().context("not enumerated")?);
            calls.know(net, (n, None), id, function.clone(), dmar.unit(found, id))?;
            for (k, vf) in virtual_functions(net, n, described, found)?.into_iter().enumerate() {
                calls.know(net, (n, Some(k as u32)), vf.0, vf.1, dmar.unit(found, vf.0))?;
            }
            if let Some(dma) = dma.get_mut(net.endpoints[n].unit) {
                work::attach(net, dma, n, described)?;
            }
            calls.open_endpoint(net, n, described, &function)?;
        }
        Ok(calls)
    }

    fn know(
        &mut self,
        net: &Net,
        (n, vf): (usize, Option<u32>),
        id: Bdf,
        function: Function,
        unit: Option<usize>,
    ) -> Result<()> {
        let unit = unit.with_context(|| format!("no unit has {id}"))?;
        ensure!(unit == net.endpoints[n].unit, "{id} is behind unit {}, the scopes say {unit}", net.endpoints[n].unit);
        let line = net.endpoints[n].line.filter(|_| vf.is_none()).map_or(0, |line| FIRST_LINE + line as u32);
        Ok(self.kernel.add_device(dev(n, vf), id, function, unit, line)?)
    }

    fn open_endpoint(&mut self, net: &mut Net, n: usize, e: &Endpoint, function: &Function) -> Result<()> {
        let bar = |bar: u32| function.bar(bar as u8).context("BAR");
        let array = match e.host_slots {
            0 => Some(bar(regs::WIN_IMS_SLOTS_BAR)? + u64::from(regs::WIN_IMS_SLOTS_OFFSET)),
            _ => None,
        };
        if e.events > 0 {
            self.open_line(net, n)?;
        }
        if e.work {
            self.open_work(net, n, e)?;
        }
        let slots = e.slots + e.host_slots;
        self.open_function(net, &Unopened { endpoint: n, vf: None, msix: e.msix, slots, array })?;
        for vf in 0..e.vfs {
            let base = self.kernel.device(dev(n, Some(vf)))?.function.bar(0).context("memory of a virtual function")?;
            let (msix, slots) = (e.vf_msix, e.vf_slots);
            self.open_function(
                net,
                &Unopened { endpoint: n, vf: Some(vf), msix, slots, array: Some(base + VF_SLOTS) },
            )?;
        }
        Ok(())
    }

    fn open_function(&mut self, net: &mut Net, f: &Unopened) -> Result<()> {
        let dev = dev(f.endpoint, f.vf);
        let line = |store, index| Line {
            endpoint: f.endpoint,
            vf: f.vf,
            dev,
            store,
            index,
            virq: 0,
            live: false,
            disabled: false,
        };
        if f.msix > 0 {
            let flags = VectorFlags::MSIX;
            let got = self.call(net, |k, m| k.alloc_irq_vectors(m, dev, f.msix, f.msix, flags, None))??;
            ensure!(got == f.msix, "{got} of {} vectors", f.msix);
            for index in 0..f.msix {
                let virq = self.kernel.irq_vector(dev, index)?;
                self.add(net, Line { virq, ..line(Store::Msix, index) })?;
            }
        }
        if f.slots > 0 {
            let template = self.template(net, f)?;
            self.call(net, |k, _| k.create_ims_domain(dev, template, f.slots))??;
            let store = if f.array.is_some() { Store::Slot } else { Store::HostSlot };
            for queue in 0..f.slots {
                let map = self.call(net, |k, m| k.ims_alloc_irq(m, dev, Some(cookie(queue)), None))??;
                self.add(net, Line { virq: map.virq, ..line(store, map.index) })?;
            }
        }
        Ok(())
    }

    fn template(&self, net: &mut Net, f: &Unopened) -> Result<Template> {
        if let Some(base) = f.array {
            return Ok(Template::ims(Box::new(ArrayChip::new(ImsArray { base, slots: f.slots }))));
        }
        let config = ImsMemoryConfig {
            regs: self.kernel.device(dev(f.endpoint, None))?.function.bar(0).context("BAR 0")?,
            base: slots_of(f.endpoint),
            slots: f.slots,
            completion: Completion::Word(done_of(f.endpoint)),
            poll_cycles: 32,
            polls_max: 10_000,
        };
        net.select(net.endpoints[f.endpoint].id);
        Ok(Template::ims(Box::new(MemoryChip::new(ImsMemory::enable(net, config)?))))
    }

    /// A new line, and its handler.
    fn add(&mut self, net: &mut Net, line: Line) -> Result<()> {
        self.lines.push(line);
        self.heard.push(None);
        self.arrived.push(None);
        self.request(net, self.lines.len() - 1)
    }

    /// request_irq of an interrupt that has been allocated.
    pub(super) fn request(&mut self, net: &mut Net, n: usize) -> Result<()> {
        let line = &mut self.lines[n];
        (line.live, line.disabled) = (true, false);
        let (virq, key) = (line.virq, (line.endpoint, line.source()));
        self.by_source.insert(key, n);
        self.call(net, |k, m| k.request_irq(m, virq, Action::new(handler(n))))??;
        Ok(())
    }
}

/// What an interrupt of IMS belongs to.
pub(super) fn cookie(queue: u32) -> Cookie {
    Cookie { pasid: None, queue: u64::from(queue) }
}

/// pci_enable_sriov of an endpoint: its virtual functions, with bus mastering on.
fn virtual_functions(net: &mut Net, n: usize, e: &Endpoint, found: &Hierarchy) -> Result<Vec<(Bdf, Function)>> {
    if e.vfs == 0 {
        return Ok(Vec::new());
    }
    let (pf, known) = (net.endpoints[n].id, net.endpoints[n].function.clone().context("not enumerated")?);
    let window = found.virtual_windows.get(n).cloned().unwrap_or_default();
    let wish = SriovWish { count: e.vfs as u16, page: 0x1000, window: window.clone(), wait: VF_WAIT };
    net.monitor.set_window(n, window);
    let port = net.endpoints[n].port;
    for k in 0..e.vfs as u16 {
        // Software works the ids out before it looks.
        let id = Bdf::from_bits(pf.bits() + 8 + k);
        net.monitor.set_id(n, id);
        net.host.port_mut(port).expect_function(id);
    }
    net.select(pf);
    let sriov = Sriov::enable(net, pf, &known, &wish)?;
    for f in &sriov.functions {
        enumerate::set_master(&mut Of { bus: net, id: f.id }, true)?;
    }
    net.endpoints[n].virtual_ids = sriov.functions.iter().map(|f| f.id).collect();
    Ok(sriov.functions.into_iter().map(|f| (f.id, f.function)).collect())
}
