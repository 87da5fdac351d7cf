// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The software of the machine: interrupts over the vector domain and the remapping units, changed while they fly.
//!
//! An interrupt number (*line*) has one or several sources of one endpoint, a block of as many entries in the table of the
//! endpoint's unit, and one vector from the vector domain. The device's messages name the entries and never
//! change when the interrupt moves. What Linux does step by step is done in its order: entry, flush, wait; mask, read
//! back, drain, then free.

use super::net::Net;
use crate::check::target::Table;
use crate::finding::Kind;
use anyhow::{Context as _, Result, anyhow};
use host_model::domain::VectorLayout;
use host_model::domain::matrix::Place;
use host_model::domain::vector::{AllocInfo, Contiguous, Handled, VectorDomain, Virq};
use host_model::driver::Bus;
use host_model::driver::bridges::{Hierarchy, Segment};
use host_model::driver::caps::id as cap;
use host_model::driver::vtd::{InterruptRemapping, IrConfig, IrteSpec};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};
use tlp::Tick;
use vectors::op::Source;
use vectors::regs;
use vectors::topology::Topology;

/// Memory of the first unit: table, queue, status word; the others follow at this distance.
pub(super) const UNITS: u64 = 0x1000_0000;
pub(super) const UNIT_STRIDE: u64 = 0x20_0000;
/// Tables have 65,536 entries.
const SIZE: u8 = 15;

/// An interrupt.
#[derive(Clone, Debug)]
pub struct Line {
    /// Endpoint.
    pub endpoint: usize,
    /// Its sources.
    pub sources: Vec<Source>,
    /// Entry of the first source; the others follow.
    pub entry: u32,
    /// Allocated: its sources are open.
    pub live: bool,
    /// Sources that software has masked meanwhile.
    pub masked: BTreeSet<Source>,
}

/// The software.
pub struct Kernel {
    /// Vectors.
    pub domain: VectorDomain,
    /// Drivers of the units.
    pub units: Vec<InterruptRemapping>,
    /// Interrupts, by number.
    pub lines: Vec<Line>,
    /// What enumeration found.
    pub found: Hierarchy,
    /// Processors taken away.
    pub offline: Vec<usize>,
    /// What software did, and how often.
    pub did: BTreeMap<&'static str, u64>,
    pub(super) by_source: BTreeMap<(usize, Source), Virq>,
    pub(super) random: ChaCha8Rng,
    /// When a handler of each line ran last.
    heard: Vec<Option<Tick>>,
    /// When something of each line arrived last.
    pub(super) arrived: Vec<Option<Tick>>,
    cleaned: Tick,
    /// Entries are between two places: the timers wait.
    pub(super) rewriting: bool,
}

/// Switches all units on; each has a table of its own.
pub(super) fn units_on(net: &mut Net, t: &Topology) -> Result<Vec<InterruptRemapping>> {
    let mut units = Vec::new();
    for unit in 0..t.host.units as usize {
        let table = UNITS + UNIT_STRIDE * unit as u64;
        net.select_unit(unit);
        let config = IrConfig {
            table,
            size: SIZE,
            x2apic: true,
            queue: table + 0x10_0000,
            status: table + 0x10_1000,
            poll_cycles: 16,
            polls_max: 20_000,
        };
        units.push(InterruptRemapping::enable(net, config)?);
        let known = Table { base: table, entries: 2 << SIZE, eime: true, compatibility: false };
        net.targets[unit].set_table(Some(known), net.host.mem());
    }
    Ok(units)
}

/// The vector domain with all processors online.
pub(super) fn vectors(t: &Topology) -> Result<VectorDomain> {
    let cpus = t.host.cpus as usize;
    let mut domain = VectorDomain::new(cpus, VectorLayout::LINUX_6_10, Contiguous::Refuse)?;
    for cpu in 1..cpus {
        domain.online_cpu(cpu)?;
    }
    Ok(domain)
}

impl Kernel {
    /// Units on, processors online, interrupts allocated and not open.
    pub fn new(net: &mut Net, t: &Topology, found: Hierarchy, seed: u64) -> Result<Self> {
        let units = units_on(net, t)?;
        let domain = vectors(t)?;
        let mut kernel = Self {
            domain,
            units,
            lines: Vec::new(),
            found,
            offline: Vec::new(),
            did: BTreeMap::new(),
            by_source: BTreeMap::new(),
            random: ChaCha8Rng::seed_from_u64(seed ^ 0x5f),
            heard: Vec::new(),
            arrived: Vec::new(),
            cleaned: 0,
            rewriting: false,
        };
        for (n, e) in t.endpoints().into_iter().enumerate() {
            kernel.lines_of(net, n, &(0..e.msix).map(Source::Msix).collect::<Vec<_>>(), t.storm.share)?;
            kernel.lines_of(net, n, &(0..e.slots).map(Source::Device).collect::<Vec<_>>(), t.storm.share)?;
        }
        Ok(kernel)
    }

    fn lines_of(&mut self, net: &Net, endpoint: usize, sources: &[Source], share: u32) -> Result<()> {
        if sources.is_empty() {
            return Ok(());
        }
        let unit = net.endpoints[endpoint].unit;
        let block = self.units[unit].alloc((sources.len() as u32).next_multiple_of(share))?;
        for (k, group) in sources.chunks(share as usize).enumerate() {
            let virq = self.lines.len() as Virq;
            self.domain.alloc_irqs(virq, 1, &AllocInfo::default())?;
            self.by_source.extend(group.iter().map(|s| ((endpoint, *s), virq)));
            let (entry, sources) = (block + k as u32 * share, group.to_vec());
            self.lines.push(Line { endpoint, sources, entry, live: false, masked: BTreeSet::new() });
            self.heard.push(None);
            self.arrived.push(None);
        }
        Ok(())
    }

    /// Sources of each endpoint.
    pub fn sources(&self, endpoints: usize) -> Vec<Vec<Source>> {
        let mut all = vec![Vec::new(); endpoints];
        for line in &self.lines {
            all[line.endpoint].extend(&line.sources);
        }
        all
    }

    /// Counts something that software did.
    pub(super) fn note(&mut self, what: &'static str) {
        *self.did.entry(what).or_default() += 1;
    }

    /// Learns what processors took and what arrived since the last call. Before every change of the domain.
    pub fn hear(&mut self, net: &mut Net) {
        for a in net.arrived.drain(..) {
            if let Some(virq) = self.by_source.get(&(a.endpoint, a.source)) {
                self.arrived[*virq as usize] = Some(a.tick);
            }
        }
        for (tick, take) in std::mem::take(&mut net.takes) {
            match self.domain.handle(Place { cpu: take.cpu, vector: take.vector }) {
                Handled::Irq { irq, .. } => self.heard[irq as usize] = Some(tick),
                other => {
                    let text = format!("processor {} took vector {:#x}: {other:?}", take.cpu, take.vector);
                    net.find("spurious_vector", Kind::Safety, text);
                }
            }
        }
    }

    /// Lines whose last arrival no handler has followed.
    pub fn unheard(&self) -> Vec<Virq> {
        let late = |n: &usize| self.arrived[*n].is_some_and(|at| self.heard[*n].is_none_or(|heard| heard < at));
        (0..self.lines.len()).filter(late).map(|n| n as Virq).collect()
    }

    /// The rounds that run by themselves: a window, what came of it, the timers of processors.
    pub fn window(&mut self, net: &mut Net) -> Result<()> {
        if let Err(stop) = net.window() {
            let error = anyhow!("{stop:?}");
            net.stop.get_or_insert(stop);
            return Err(error);
        }
        self.hear(net);
        if net.now() >= self.cleaned + 4096 && !self.rewriting {
            self.cleaned = net.now();
            let waiting: Vec<usize> = self.domain.cleanups().map(|(cpu, _)| cpu).collect();
            for cpu in waiting {
                let apics = net.host.apics();
                self.domain.cleanup_timer(cpu, &|at| apics.is_requested(at.cpu, at.vector));
            }
        }
        Ok(())
    }

    // ---- entries ----------------------------------------------------------------------------------------

    fn unit(&self, net: &Net, virq: Virq) -> usize {
        net.endpoints[self.lines[virq as usize].endpoint].unit
    }

    /// Writes the entries of a line for where the domain has it.
    pub fn aim(&mut self, net: &mut Net, virq: Virq) -> Result<()> {
        let to = self.domain.target(virq)?;
        let unit = self.unit(net, virq);
        let line = &self.lines[virq as usize];
        let spec = IrteSpec::fixed(to.cpu as u32, to.vector, net.endpoints[line.endpoint].id);
        net.select_unit(unit);
        for k in 0..line.sources.len() as u32 {
            self.units[unit].store_unflushed(net, line.entry + k, &spec)?;
        }
        Ok(())
    }

    /// Flushes the entries of a line and waits.
    pub fn flush(&mut self, net: &mut Net, virq: Virq) -> Result<()> {
        let unit = self.unit(net, virq);
        let line = &self.lines[virq as usize];
        let order = (line.sources.len() as u32).next_power_of_two().ilog2();
        let first = line.entry;
        let mark = net.targets[unit].mark();
        net.select_unit(unit);
        self.units[unit].flush(net, first, order)?;
        net.targets[unit].flushed(first, first + (1 << order) - 1, mark);
        Ok(())
    }

    /// Flushes everything of a unit and waits.
    pub fn flush_unit(&mut self, net: &mut Net, unit: usize) -> Result<()> {
        let mark = net.targets[unit].mark();
        net.select_unit(unit);
        self.units[unit].flush_all(net)?;
        net.targets[unit].flushed(0, u32::MAX, mark);
        Ok(())
    }

    // ---- the device -------------------------------------------------------------------------------------

    /// Where a source's entry is in device memory.
    pub fn place(net: &Net, endpoint: usize, source: Source) -> Result<u64> {
        if let Source::VfMsix { vf, k } | Source::VfDevice { vf, k } = source {
            let within = if matches!(source, Source::VfMsix { .. }) { 0 } else { 0x2000 };
            let base = net.endpoints[endpoint].device.shadow.functions.base(vf);
            return Ok(base + within + 16 * u64::from(k));
        }
        let function = net.endpoints[endpoint].function.as_ref().context("not enumerated")?;
        let (bar, offset, k) = match source {
            Source::Msix(k) => (regs::WIN_MSIX_TABLE_BAR, regs::WIN_MSIX_TABLE_OFFSET, k),
            Source::Device(k) => (regs::WIN_IMS_SLOTS_BAR, regs::WIN_IMS_SLOTS_OFFSET, k),
            other => return Err(anyhow!("{other:?} has no entry in the device")),
        };
        let base = function.bar(bar as u8).context("BAR")?;
        Ok(base + u64::from(offset) + 16 * u64::from(k))
    }

    /// Message and control word of one source in two quad words, the second of which opens it with its new data.
    pub fn program(&self, net: &mut Net, virq: Virq, k: usize) -> Result<()> {
        let line = &self.lines[virq as usize];
        let unit = net.endpoints[line.endpoint].unit;
        let message = self.units[unit].compose(line.entry + k as u32, 0)?;
        let at = Self::place(net, line.endpoint, line.sources[k])?;
        net.mem_write(at, 8, message.address())?;
        net.mem_write(at + 8, 8, u64::from(message.data))?;
        Ok(())
    }

    /// Masks or opens a source; nothing is read back.
    pub fn set_mask(net: &mut Net, endpoint: usize, source: Source, on: bool) -> Result<()> {
        let at = Self::place(net, endpoint, source)?;
        net.mem_write(at + 12, 4, u64::from(on))?;
        Ok(())
    }

    /// Reads an endpoint, so that all that was written before is in force.
    pub fn read_back(net: &mut Net, endpoint: usize, source: Source) -> Result<()> {
        let at = Self::place(net, endpoint, source)?;
        net.mem_read(at + 8, 4)?;
        Ok(())
    }

    /// MSI-X on, everything masked as a whole meanwhile (msix_capability_init).
    pub fn msix_on(net: &mut Net, endpoint: usize, mask_all: bool) -> Result<()> {
        let e = &net.endpoints[endpoint];
        let (id, function) = (e.id, e.function.as_ref().context("not enumerated")?);
        let at = function.cap(cap::MSIX).context("no MSI-X")? + 2;
        net.select(id);
        let control = net.cfg_read(at, 2)? & !(1 << 14);
        net.cfg_write(at, 2, control | 1 << 15 | u32::from(mask_all) << 14)?;
        Ok(())
    }

    /// Everything of an endpoint that is live is programmed and opened.
    pub fn open_endpoint(&mut self, net: &mut Net, endpoint: usize) -> Result<()> {
        Self::msix_on(net, endpoint, true)?;
        let mut last = None;
        for virq in 0..self.lines.len() {
            if self.lines[virq].endpoint == endpoint && self.lines[virq].live {
                self.lines[virq].masked.clear();
                for k in 0..self.lines[virq].sources.len() {
                    self.program(net, virq as Virq, k)?;
                    last = Some(self.lines[virq].sources[k]);
                }
            }
        }
        if let Some(source) = last {
            Self::read_back(net, endpoint, source)?;
        }
        Self::msix_on(net, endpoint, false)
    }

    /// request_irq of everything: vectors, entries, messages.
    pub fn open_all(&mut self, net: &mut Net) -> Result<()> {
        for virq in 0..self.lines.len() as Virq {
            self.domain.activate(virq, false).with_context(|| format!("activating interrupt {virq}"))?;
            self.aim(net, virq)?;
            self.lines[virq as usize].live = true;
        }
        for unit in 0..self.units.len() {
            self.flush_unit(net, unit)?;
        }
        for n in 0..net.endpoints.len() {
            Self::msix_on(net, n, true)?;
        }
        // A source of each endpoint in turn, so that all take their writes at once.
        let mut turns: Vec<(usize, Virq, usize)> = Vec::new();
        let mut of_endpoint = vec![0; net.endpoints.len()];
        for (virq, line) in self.lines.iter().enumerate() {
            for k in 0..line.sources.len() {
                turns.push((of_endpoint[line.endpoint], virq as Virq, k));
                of_endpoint[line.endpoint] += 1;
            }
        }
        turns.sort_unstable();
        for (_, virq, k) in turns {
            self.program(net, virq, k)?;
        }
        for n in 0..net.endpoints.len() {
            // The read of MSI-X control pushes the writes in front of it.
            Self::msix_on(net, n, false)?;
        }
        Ok(())
    }
}
