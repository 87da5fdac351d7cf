// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Calls of the kernel's interrupt interfaces on the device.

use super::{churn, old_ways};
use crate::bench::kernel::{DEV, KernelSide, LINE};
use crate::bench::machine::{DONE, SLOTS};
use crate::bench::sequencer::Sequencer;
use crate::bench::world::{Stop, World};
use crate::finding::Kind;
use host_model::domain::msi::{ArrayChip, Cookie, MSI_DEFAULT_DOMAIN, MSI_SECONDARY_DOMAIN, MemoryChip, Template};
use host_model::domain::remap::{AmdViDomain, DomainError, NoRemapDomain, RemapDomain, Root, VtdDomain};
use host_model::domain::spread::{IrqAffinity, Topology};
use host_model::domain::vector::{Contiguous, VectorDomain, Virq};
use host_model::domain::{CpuSet, VectorLayout};
use host_model::driver::ims_array::ImsArray;
use host_model::driver::ims_memory::{Completion, ImsMemory, ImsMemoryConfig};
use host_model::kernel::{Action, Kernel, MsiMap, VectorFlags};
use vectors::op::{KernelOp, SlotStore, Source, VectorKind};
use vectors::regs;

/// The kernel, or what to do to have one.
pub fn side<'a>(s: &'a mut Sequencer<'_>) -> Result<(&'a mut KernelSide, &'a mut World), Stop> {
    match s.machine.kernel.as_mut() {
        Some(side) => Ok((side, &mut s.world)),
        None => Err(Stop::Input("this step needs `- kernel: { start: {} }` before it".into())),
    }
}

/// What a call came to, held against the error that the vector expects.
fn held<T>(
    s: &mut Sequencer<'_>,
    what: &str,
    result: Result<T, DomainError>,
    fails: Option<&String>,
) -> Result<Option<T>, Stop> {
    match (result, fails) {
        (Ok(value), None) => Ok(Some(value)),
        (Ok(_), Some(want)) => {
            s.expect(false, || format!("{what} went well, expected {want}"));
            Ok(None)
        }
        (Err(DomainError::Errno(errno)), want) => {
            s.expect(want.is_some_and(|w| *w == errno.to_string()), || {
                format!("{what}: {errno}, expected {}", want.map_or("success", String::as_str))
            });
            Ok(None)
        }
        (Err(hardware), _) => s.drive(what, Err(hardware)).map(Some),
    }
}

/// One call; then what arrived meanwhile is handled, and what the call has flushed is known to be flushed.
pub fn call<T>(
    s: &mut Sequencer<'_>,
    what: &str,
    fails: Option<&String>,
    act: impl FnOnce(&mut Kernel, &mut World) -> Result<T, DomainError>,
) -> Result<Option<T>, Stop> {
    let (side, world) = side(s)?;
    let mut entries = entries(&side.kernel);
    let result = act(&mut side.kernel, world);
    if let Some(stop) = world.stop.take() {
        return Err(stop);
    }
    entries.extend(self::entries(&side.kernel));
    flushed(side, world, entries);
    let handled = poll(s);
    let value = held(s, what, result, fails)?;
    handled?;
    Ok(value)
}

/// Handles what processors took.
pub fn poll(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    let (side, world) = side(s)?;
    let polled = side.kernel.poll(world);
    let now = world.now();
    side.kernel.poll_lines(world, now);
    // Causes and runs of this same moment: a run is never older than its cause's entry.
    for (tick, source) in world.causes_seen.as_mut().map(std::mem::take).unwrap_or_default() {
        if let Some(handler) = side.sources.get(&source) {
            side.handlers.event(*handler, tick);
        }
    }
    for seen in side.kernel.take_seen() {
        side.handlers.taken(&seen);
    }
    let warnings = side.kernel.take_warnings();
    s.drive("handling interrupts", polled)?;
    for warning in warnings {
        s.world.find("kernel_warning", Kind::Software, format!("the kernel warns: {warning:?}"));
    }
    Ok(())
}

/// Entries of the remapping table that interrupts have.
fn entries(kernel: &Kernel) -> Vec<u32> {
    let Some(unit) = kernel.unit(0) else { return Vec::new() };
    kernel.irqs().keys().filter_map(|virq| unit.entry(*virq)).collect()
}

/// Every change that the kernel makes to an entry or a slot is flushed before the call returns.
pub fn flushed(side: &KernelSide, world: &mut World, entries: Vec<u32>) {
    let mark = world.queue_mark;
    for entry in entries {
        world.targets.flushed(entry, entry, mark);
    }
    if side.slots == Some(SlotStore::Host) {
        world.invalidations_done();
    }
}

/// The Linux interrupt of a source.
pub fn virq(side: &KernelSide, at: Option<Source>) -> Result<Virq, Stop> {
    let slot = |k: u32| {
        let domain = side.kernel.device(DEV).ok().and_then(|d| d.domain(MSI_SECONDARY_DOMAIN));
        domain.and_then(|d| d.descs().get(&k)).map(|d| d.virq)
    };
    let found = match at {
        None => side.kernel.irq_vector(DEV, 0).ok(),
        Some(Source::Msix(k) | Source::Msi(k)) => side.kernel.irq_vector(DEV, k).ok(),
        Some(Source::Device(k)) if side.slots == Some(SlotStore::Device) => slot(k),
        Some(Source::Host(k)) if side.slots == Some(SlotStore::Host) => slot(k),
        Some(_) => None,
    };
    found.ok_or_else(|| Stop::Input(format!("{at:?} has no interrupt of the kernel")))
}

/// A map of a descriptor as the driver would have kept it.
fn map(side: &KernelSide, domain: usize, index: u32) -> MsiMap {
    let found = side.kernel.device(DEV).ok().and_then(|d| d.domain(domain)).and_then(|d| d.descs().get(&index));
    MsiMap { index, virq: found.map_or(0, |d| d.virq) }
}

fn start(s: &mut Sequencer<'_>, blocks: bool, nodes: u32, threads: u32) -> Result<(), Stop> {
    let Some(mut function) = s.machine.function.clone() else {
        return Err(Stop::Input("a kernel needs `- enumerate` before it".into()));
    };
    // The vector may have moved BARs since.
    for bar in &mut function.bars {
        bar.address = s.world.shadow.config.bar(bar.number);
    }
    let cpus = s.machine.cpus as usize;
    let contiguous = if blocks { Contiguous::Blocks } else { Contiguous::Refuse };
    let vectors = VectorDomain::new(cpus, VectorLayout::LINUX_6_10, contiguous);
    let mut vectors = s.drive("the vector domain", vectors)?;
    for cpu in 1..cpus {
        let online = vectors.online_cpu(cpu);
        s.drive("bringing a processor online", online)?;
    }
    let unit: Box<dyn RemapDomain> = match (s.machine.remapping.take(), s.machine.amd.take()) {
        (Some(unit), _) => Box::new(VtdDomain::new(unit, false)),
        (None, Some(unit)) => Box::new(AmdViDomain::new(unit)),
        (None, None) => Box::new(NoRemapDomain::new(false, contiguous)),
    };
    let per_node = (cpus as u32).div_ceil(nodes);
    let topology = Topology::new(cpus, |cpu| cpu / per_node, |cpu| cpu / threads);
    let mut kernel = Kernel::new(Root::new(vectors, (0..s.machine.cpus).collect()), vec![unit], topology);
    let id = s.world.device_id();
    let added = kernel.add_device(DEV, id, function, 0, LINE);
    s.drive("making the device known", added)?;
    s.world.taken = Some(Vec::new());
    s.world.causes_seen = Some(Vec::new());
    *s.machine.kernel = Some(Box::new(KernelSide::new(kernel)));
    Ok(())
}

/// Flags of the kinds that are allowed.
pub fn flags(kinds: &[VectorKind], spread: bool) -> VectorFlags {
    VectorFlags {
        msix: kinds.contains(&VectorKind::Msix),
        msi: kinds.contains(&VectorKind::Msi),
        intx: kinds.contains(&VectorKind::Intx),
        affinity: spread,
        is_virtual: false,
    }
}

fn template(s: &mut Sequencer<'_>, store: SlotStore, slots: u32) -> Result<Template, Stop> {
    Ok(match store {
        SlotStore::Device => {
            let bar = s.world.shadow.config.bar(regs::WIN_IMS_SLOTS_BAR as u8);
            let base = bar + u64::from(regs::WIN_IMS_SLOTS_OFFSET);
            Template::ims(Box::new(ArrayChip::new(ImsArray { base, slots })))
        }
        SlotStore::Host => {
            s.world.shadow.entries.forget_host();
            let config = ImsMemoryConfig {
                regs: s.world.shadow.config.bar(0),
                base: SLOTS,
                slots,
                completion: Completion::Word(DONE),
                poll_cycles: 16,
                polls_max: 10_000,
            };
            let store = ImsMemory::enable(&mut s.world, config);
            Template::ims(Box::new(MemoryChip::new(s.drive("the store in host memory", store)?)))
        }
    })
}

/// Carries out one call.
pub fn carry_out(s: &mut Sequencer<'_>, op: &KernelOp) -> Result<(), Stop> {
    match op {
        KernelOp::Start { blocks, nodes, threads } => start(s, *blocks, *nodes, *threads),
        KernelOp::AllocVectors { min, max, kinds, spread, pre, post, granted, kind, fails } => {
            let affd = IrqAffinity { pre_vectors: *pre, post_vectors: *post, sets: Vec::new() };
            let flags = flags(kinds, *spread);
            let got = call(s, "alloc_irq_vectors", fails.as_ref(), |k, m| {
                k.alloc_irq_vectors(m, DEV, *min, *max, flags, spread.then_some(&affd))
            })?;
            let Some(got) = got else { return Ok(()) };
            if let Some(want) = granted {
                s.expect(got == *want, || format!("{got} vectors granted, expected {want}"));
            }
            if let Some(want) = kind {
                let (side, _) = side(s)?;
                let device = side.kernel.device(DEV).map_err(|e| Stop::Tool(e.to_string()))?;
                let is = match (device.msix_enabled, device.msi_enabled) {
                    (true, _) => VectorKind::Msix,
                    (_, true) => VectorKind::Msi,
                    _ => VectorKind::Intx,
                };
                s.expect(is == *want, || format!("vectors of {is:?}, expected {want:?}"));
            }
            Ok(())
        }
        KernelOp::FreeVectors => call(s, "free_irq_vectors", None, |k, m| k.free_irq_vectors(m, DEV)).map(|_| ()),
        KernelOp::AddVector { at, index, fails } => {
            let got = call(s, "msix_alloc_irq_at", fails.as_ref(), |k, m| k.msix_alloc_irq_at(m, DEV, *at, None))?;
            if let (Some(got), Some(want)) = (got, index.or(*at)) {
                s.expect(got.index == want, || format!("index {} allocated, expected {want}", got.index));
            }
            Ok(())
        }
        KernelOp::RemoveVector { at } => {
            let map = map(side(s)?.0, MSI_DEFAULT_DOMAIN, *at);
            call(s, "msix_free_irq", None, |k, m| k.msix_free_irq(m, DEV, map)).map(|_| ())
        }
        KernelOp::ImsDomain { store, slots, fails } => {
            let template = template(s, *store, *slots)?;
            let made = call(s, "create_ims_domain", fails.as_ref(), |k, _| k.create_ims_domain(DEV, template, *slots))?;
            if made.is_some() {
                side(s)?.0.slots = Some(*store);
            }
            Ok(())
        }
        KernelOp::ImsRemove => {
            call(s, "removing the domain", None, |k, m| k.remove_ims_domain(m, DEV))?;
            side(s)?.0.slots = None;
            Ok(())
        }
        KernelOp::ImsAlloc { pasid, queue, index, fails } => {
            let cookie = Cookie { pasid: *pasid, queue: *queue };
            let got = call(s, "ims_alloc_irq", fails.as_ref(), |k, m| k.ims_alloc_irq(m, DEV, Some(cookie), None))?;
            if let (Some(got), Some(want)) = (got, index) {
                s.expect(got.index == *want, || format!("slot {} allocated, expected {want}", got.index));
            }
            Ok(())
        }
        KernelOp::ImsFree { index } => {
            let map = map(side(s)?.0, MSI_SECONDARY_DOMAIN, *index);
            call(s, "ims_free_irq", None, |k, m| k.ims_free_irq(m, DEV, map)).map(|_| ())
        }
        KernelOp::ImsFreePasid { pasid, count } => {
            let n = call(s, "freeing the slots of a PASID", None, |k, m| k.ims_free_pasid(m, DEV, *pasid))?;
            s.expect(n == Some(*count), || format!("{n:?} slots of the PASID, expected {count}"));
            Ok(())
        }
        KernelOp::Request { at, handler, shared, fails } => {
            let virq = virq(side(s)?.0, *at)?;
            let action = Action { shared: *shared, ..Action::new(*handler) };
            call(s, "request_irq", fails.as_ref(), |k, m| k.request_irq(m, virq, action)).map(|_| ())
        }
        KernelOp::Release { at, handler, fails } => {
            let virq = virq(side(s)?.0, *at)?;
            call(s, "free_irq", fails.as_ref(), |k, m| k.free_irq(m, virq, *handler)).map(|_| ())
        }
        KernelOp::Disable { at } => {
            let virq = virq(side(s)?.0, Some(*at))?;
            call(s, "disable_irq", None, |k, m| k.disable_irq(m, virq)).map(|_| ())
        }
        KernelOp::Enable { at } => {
            let virq = virq(side(s)?.0, Some(*at))?;
            call(s, "enable_irq", None, |k, m| k.enable_irq(m, virq)).map(|_| ())
        }
        KernelOp::Affinity { at, cpus, fails } => {
            let virq = virq(side(s)?.0, Some(*at))?;
            let mask: CpuSet = cpus.iter().map(|cpu| *cpu as usize).collect();
            call(s, "irq_set_affinity", fails.as_ref(), |k, m| k.set_affinity(m, virq, &mask)).map(|_| ())
        }
        KernelOp::Cpu { cpu, online, fails } => {
            let cpu = *cpu as usize;
            call(s, "hot-plugging a processor", fails.as_ref(), |k, m| {
                if *online { k.online_cpu(m, cpu) } else { k.offline_cpu(m, cpu) }
            })
            .map(|_| ())
        }
        KernelOp::Cleanup => call(s, "the cleanup timers", None, |k, m| k.cleanup(m)).map(|_| ()),
        KernelOp::ExpectHandled { handler, count } => {
            poll(s)?;
            let (side, _) = side(s)?;
            let of = |runs: &std::collections::BTreeMap<u64, u64>| runs.get(handler).copied().unwrap_or(0);
            let n = of(&side.handlers.runs) - of(&side.base.0);
            s.expect(n == *count, || format!("handler {handler} ran {n} time(s), expected {count}"));
            Ok(())
        }
        KernelOp::ExpectUnhandled(want) => {
            poll(s)?;
            let (side, _) = side(s)?;
            let n = side.handlers.unhandled + side.handlers.nobody - side.base.1;
            s.expect(n == *want, || format!("{n} interrupt(s) that no handler saw, expected {want}"));
            Ok(())
        }
        KernelOp::ExpectOn { at, cpu } => {
            let (side, _) = side(s)?;
            let virq = virq(side, Some(*at))?;
            let target = side.kernel.root.vectors.target(virq).map_err(|e| Stop::Tool(e.to_string()))?;
            s.expect(target.real && target.cpu == *cpu as usize, || {
                format!("{at:?} is at {target:?}, expected processor {cpu}")
            });
            Ok(())
        }
        KernelOp::Keep => {
            let (side, _) = side(s)?;
            side.kept = side.kernel.snapshot();
            Ok(())
        }
        KernelOp::Same => {
            let (side, _) = side(s)?;
            let same = side.kept == side.kernel.snapshot();
            s.expect(same, || "the kernel's state is not what it was at the last `keep`".into());
            Ok(())
        }
        KernelOp::Churn { causes, vectors, slots } => churn::churn(s, *causes, *vectors, *slots),
        KernelOp::Underway { change, way, events, queues, lost } => {
            let report = old_ways::run(s, *change, *way, *events, *queues)?;
            let n = report.lost;
            s.expect(report.balances && report.events == *events, || format!("events do not add up: {report:?}"));
            s.tally.notes = serde_json::to_value(&report).map_err(|e| Stop::Tool(e.to_string()))?;
            s.expect((lost[0]..=lost[1]).contains(&n), || {
                format!("{n} interrupt(s) of {} lost to software, expected {lost:?}: {report:?}", report.events)
            });
            Ok(())
        }
    }
}

/// Counting begins.
pub fn count(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    if s.machine.kernel.is_some() {
        poll(s)?;
        let (side, _) = side(s)?;
        side.base = (side.handlers.runs.clone(), side.handlers.unhandled + side.handlers.nobody);
    }
    Ok(())
}
