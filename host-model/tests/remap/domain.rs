// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Laws of every remapping domain, then what each refuses and how it leaves things.

use crate::bus::UnitBus;
use host_model::domain::remap::{DomainError, IrqInfo, Moved, NoRemapDomain, RemapDomain, Root, VtdDomain};
use host_model::domain::vector::{AllocInfo, Contiguous, VectorDomain};
use host_model::domain::{CpuSet, Errno, VectorLayout};
use host_model::driver::Bus;
use host_model::driver::vtd::{InterruptRemapping, IrConfig};
use host_model::remap::FaultReason;
use host_model::remap::passthrough::NoRemap;
use host_model::remap::vtd::{Latency, Vtd, VtdConfig};
use tlp::Bdf;

pub const DEVICE: Bdf = Bdf::from_bits(0x0108);
pub const OTHER: Bdf = Bdf::from_bits(0x0208);

pub fn root(contiguous: Contiguous) -> Root {
    let mut vectors = VectorDomain::new(4, VectorLayout::LINUX_6_10, contiguous).expect("a domain");
    for cpu in 1..4 {
        vectors.online_cpu(cpu).expect("comes online");
    }
    // Ids that are not the CPU numbers, so that a mix-up shows.
    Root::new(vectors, vec![0x10, 0x12, 0x14, 0x16])
}

pub fn on(cpu: usize) -> IrqInfo {
    IrqInfo { vector: AllocInfo { mask: Some(CpuSet::of(cpu)), ..AllocInfo::default() }, source: DEVICE }
}

pub fn multi(cpu: usize) -> IrqInfo {
    let info = on(cpu);
    IrqInfo { vector: AllocInfo { contiguous: true, ..info.vector }, ..info }
}

pub fn vtd(size: u8, x2apic: bool) -> (UnitBus<Vtd>, VtdDomain) {
    let mut bus = UnitBus::new(Vtd::new(VtdConfig { latency: Latency { min: 3, max: 90 }, ..VtdConfig::default() }));
    let config = IrConfig {
        table: 0x10_0000,
        size,
        x2apic,
        queue: 0x30_0000,
        status: 0x31_0000,
        poll_cycles: 5,
        polls_max: 100,
    };
    let unit = InterruptRemapping::enable(&mut bus, config).expect("comes up");
    (bus, VtdDomain::new(unit, false))
}

/// An interrupt's life: promised, started, moved, stopped, freed. The device's message never changes, and leads where the
/// vector domain says at each step.
#[test]
fn vtd_entry_leads_where_the_vector_domain_says() {
    for x2apic in [false, true] {
        let (mut bus, mut d) = vtd(7, x2apic);
        let mut root = root(Contiguous::Refuse);
        let info = IrqInfo { vector: AllocInfo::default(), source: DEVICE };
        d.alloc_irqs(&mut root, &mut bus, 40, 1, &info).expect("allocates");
        let msg = d.compose(&root, 40).expect("composes");
        assert_eq!(bus.send(DEVICE, msg), Err(FaultReason::NotPresent), "allocated, not activated");
        d.activate(&mut root, &mut bus, 40, true).expect("promised");
        assert_eq!(bus.send(DEVICE, msg), Ok((0x10, 0xef)), "the shutdown vector");
        d.activate(&mut root, &mut bus, 40, false).expect("started");
        for cpu in [0, 3, 1] {
            // The old place is given back as soon as the entry has been flushed, without an arrival at the new one.
            assert_eq!(d.set_affinity(&mut root, &mut bus, 40, &CpuSet::of(cpu)), Ok(Moved::Done));
            assert_eq!(d.compose(&root, 40), Ok(msg), "the device's message stays");
            let (id, vector) = root.destination(40).expect("exists");
            assert_eq!(id, 0x10 + 2 * cpu as u32);
            assert_eq!(bus.send(DEVICE, msg), Ok((id, vector)));
            assert_eq!(bus.send(OTHER, msg), Err(FaultReason::SourceMismatch));
            (0..4).for_each(|cpu| _ = root.vectors.cleanup_timer(cpu, &|_| false));
            assert_eq!(root.vectors.previous(40), None);
            d.check(&root, &mut bus).expect("book, vectors and table agree");
        }
        d.deactivate(&mut root, &mut bus, 40).expect("exists");
        assert_eq!(bus.send(DEVICE, msg), Err(FaultReason::NotPresent));
        d.check(&root, &mut bus).expect("book, vectors and table agree");
        d.free_irqs(&mut root, &mut bus, 40).expect("exists");
        assert_eq!(root.vectors.matrix().allocated(), 0);
        assert_eq!(root.vectors.matrix().reserved(), 0);
        d.check(&root, &mut bus).expect("book, vectors and table agree");
    }
}

/// F34: eight messages of one MSI, each to a CPU of its own; the device changes the low three bits of the data only.
#[test]
fn vtd_multi_msi_spreads_over_cpus() {
    let (mut bus, mut d) = vtd(7, true);
    let mut root = root(Contiguous::Refuse);
    d.alloc_irqs(&mut root, &mut bus, 39, 1, &on(0)).expect("an odd number of entries before it");
    d.alloc_irqs(&mut root, &mut bus, 40, 8, &multi(0)).expect("allocates");
    let base = d.entry(40).expect("exists");
    assert_eq!(base % 8, 0, "aligned to its size");
    let msg = d.compose(&root, 40).expect("composes");
    for i in 0..8u32 {
        d.activate(&mut root, &mut bus, 40 + i, false).expect("starts");
        d.set_affinity(&mut root, &mut bus, 40 + i, &CpuSet::of(i as usize % 4)).expect("moves alone");
        assert_eq!(d.entry(40 + i), Some(base + i));
    }
    for i in 0..8u32 {
        let mut raised = msg;
        raised.data |= i;
        assert_eq!(bus.send(DEVICE, raised), Ok(root.destination(40 + i).expect("exists")));
    }
    d.check(&root, &mut bus).expect("book, vectors and table agree");
}

/// A move with requests under way: each arrives at the old place or the new one, and none at the old one once the call has
/// returned.
#[test]
fn vtd_move_drains_the_old_way() {
    let (mut bus, mut d) = vtd(7, true);
    let mut root = root(Contiguous::Refuse);
    d.alloc_irqs(&mut root, &mut bus, 40, 1, &on(0)).expect("allocates");
    d.activate(&mut root, &mut bus, 40, false).expect("starts");
    let msg = d.compose(&root, 40).expect("composes");
    let old = root.destination(40).expect("exists");
    bus.drain();
    for _ in 0..20 {
        bus.post(DEVICE, msg);
        bus.wait(1).expect("time passes");
    }
    d.set_affinity(&mut root, &mut bus, 40, &CpuSet::of(2)).expect("moves");
    let new = root.destination(40).expect("exists");
    let places = |bus: &mut UnitBus<Vtd>| -> Vec<(u32, u8)> {
        let at = |e: &host_model::remap::RemapEffect| match *e {
            host_model::remap::RemapEffect::Deliver { message, .. } => Some((message.destination, message.vector)),
            _ => None,
        };
        std::mem::take(&mut bus.effects).iter().filter_map(at).collect()
    };
    let before = places(&mut bus);
    assert_eq!(before, vec![old; 20], "all of them had been looked up before, and the wait has let them out");
    for _ in 0..20 {
        bus.post(DEVICE, msg);
    }
    while let Some(due) = host_model::remap::RemapUnit::next_due(&bus.unit) {
        bus.now = bus.now.max(due);
        bus.settle();
    }
    assert_eq!(places(&mut bus), vec![new; 20]);
}

/// Without a unit the message is the way: it changes with a move, and several messages need a block of vectors.
#[test]
fn without_a_unit_the_message_changes() {
    let mut bus = UnitBus::new(NoRemap::new(false));
    let mut root = root(Contiguous::Blocks);
    let mut d = NoRemapDomain::new(false, Contiguous::Blocks);
    d.alloc_irqs(&mut root, &mut bus, 40, 4, &multi(1)).expect("allocates");
    for irq in 40..44 {
        d.activate(&mut root, &mut bus, irq, false).expect("starts");
    }
    let old = d.compose(&root, 40).expect("composes");
    assert_eq!(d.set_affinity(&mut root, &mut bus, 40, &CpuSet::of(2)), Ok(Moved::Message));
    let new = d.compose(&root, 40).expect("composes");
    assert_ne!(old, new);
    for i in 0..4u32 {
        let mut raised = new;
        raised.data |= i;
        assert_eq!(bus.send(DEVICE, raised), Ok(root.destination(40 + i).expect("exists")));
    }
    d.check(&root, &mut bus).expect("all is well");
    d.free_irqs(&mut root, &mut bus, 40).expect("exists");
    assert_eq!(root.vectors.matrix().allocated(), 0);
    let mut refuses = NoRemapDomain::new(false, Contiguous::Refuse);
    assert!(!refuses.flags().multi_pci_msi);
    let mut plain = crate::domain::root(Contiguous::Refuse);
    assert_eq!(refuses.alloc_irqs(&mut plain, &mut bus, 40, 4, &multi(1)), Err(DomainError::Errno(Errno::Enosys)));
}

/// A destination that compatibility format has no room for: -EINVAL.
#[test]
fn without_a_unit_a_large_id_cannot_be_composed() {
    let mut bus = UnitBus::new(NoRemap::new(false));
    let vectors = VectorDomain::new(1, VectorLayout::LINUX_6_10, Contiguous::Refuse).expect("a domain");
    let mut root = Root::new(vectors, vec![0x100]);
    let mut d = NoRemapDomain::new(false, Contiguous::Refuse);
    d.alloc_irqs(&mut root, &mut bus, 40, 1, &on(0)).expect("allocates");
    assert_eq!(d.compose(&root, 40), Err(DomainError::Errno(Errno::Einval)));
}

/// Every refusal by its name, and afterwards vectors, entries and table are as before.
#[test]
fn vtd_refusals_leave_everything_as_it_was() {
    // Four entries: small enough to run out.
    let (mut bus, mut d) = vtd(1, true);
    let mut root = root(Contiguous::Refuse);
    d.alloc_irqs(&mut root, &mut bus, 40, 1, &on(0)).expect("allocates");
    d.activate(&mut root, &mut bus, 40, false).expect("starts");
    d.alloc_irqs(&mut root, &mut bus, 41, 1, &on(1)).expect("allocates");
    let image = |bus: &UnitBus<Vtd>| {
        let mut table = [0; 64];
        bus.mem.read(0x10_0000, &mut table).expect("memory");
        table
    };
    let state = |root: &Root, bus: &UnitBus<Vtd>, d: &VtdDomain| {
        let m = root.vectors.matrix();
        let places: Vec<_> = (40..50).map(|irq| (root.destination(irq), d.entry(irq))).collect();
        (m.allocated(), m.reserved(), m.available(None), places, image(bus))
    };
    let before = state(&root, &bus, &d);
    let e = |errno| Err(DomainError::Errno(errno));
    assert_eq!(
        d.alloc_irqs(&mut root, &mut bus, 42, 4, &multi(0)),
        e(Errno::Enomem),
        "three aligned entries of four are left"
    );
    assert_eq!(d.alloc_irqs(&mut root, &mut bus, 42, 2, &on(0)), e(Errno::Einval), "several, and not one MSI");
    assert_eq!(d.alloc_irqs(&mut root, &mut bus, 42, 0, &on(0)), e(Errno::Einval));
    assert_eq!(d.alloc_irqs(&mut root, &mut bus, 42, 33, &multi(0)), e(Errno::Einval));
    assert_eq!(d.alloc_irqs(&mut root, &mut bus, 40, 1, &on(0)), e(Errno::Eexist));
    assert_eq!(d.free_irqs(&mut root, &mut bus, 42), e(Errno::Enxio));
    assert_eq!(d.activate(&mut root, &mut bus, 42, false), e(Errno::Enxio));
    assert_eq!(d.deactivate(&mut root, &mut bus, 42), e(Errno::Enxio));
    assert_eq!(d.compose(&root, 42), Err(DomainError::Errno(Errno::Enxio)));
    assert_eq!(d.follow(&mut root, &mut bus, 42), Err(DomainError::Errno(Errno::Enxio)));
    assert_eq!(d.set_affinity(&mut root, &mut bus, 42, &CpuSet::of(1)), Err(DomainError::Errno(Errno::Enxio)));
    assert_eq!(d.set_affinity(&mut root, &mut bus, 40, &CpuSet::of(9)), Err(DomainError::Errno(Errno::Einval)));
    assert_eq!(state(&root, &bus, &d), before);
    d.set_affinity(&mut root, &mut bus, 40, &CpuSet::of(2)).expect("moves");
    let moving = state(&root, &bus, &d);
    assert_eq!(d.set_affinity(&mut root, &mut bus, 40, &CpuSet::of(3)), Err(DomainError::Errno(Errno::Ebusy)));
    assert_eq!(state(&root, &bus, &d), moving);
    d.check(&root, &mut bus).expect("book, vectors and table agree");
    root.vectors.check().expect("vectors agree");
}

/// No vector is left: the allocation takes no entry.
#[test]
fn vtd_takes_no_entry_when_vectors_are_out() {
    let (mut bus, mut d) = vtd(10, true);
    let mut root = root(Contiguous::Refuse);
    let mut irq = 100;
    while root.vectors.matrix().available(None) > 0 {
        d.alloc_irqs(&mut root, &mut bus, irq, 1, &on(irq as usize % 4)).expect("there is room");
        irq += 1;
    }
    let refused = d.alloc_irqs(&mut root, &mut bus, irq, 1, &on(0));
    assert_eq!(refused, Err(DomainError::Errno(Errno::Enospc)));
    d.check(&root, &mut bus).expect("no entry is booked for it");
}

/// The unit stops on a broken queue: the interrupt keeps both places, and moves again once the queue is repaired.
#[test]
fn vtd_failure_keeps_both_places() {
    let (mut bus, mut d) = vtd(7, true);
    let mut root = root(Contiguous::Refuse);
    d.alloc_irqs(&mut root, &mut bus, 40, 1, &on(0)).expect("allocates");
    d.activate(&mut root, &mut bus, 40, false).expect("starts");
    let old = root.vectors.places(40).next().expect("has one");
    let msg = d.compose(&root, 40).expect("composes");
    // A descriptor that cannot be fetched stops the queue.
    bus.mem.punch_hole(0x30_0000, 0x1000);
    let error = d.set_affinity(&mut root, &mut bus, 40, &CpuSet::of(1)).expect_err("the queue cannot be read");
    assert_eq!(error.errno(), Errno::Eio);
    let places: Vec<_> = root.vectors.places(40).collect();
    assert_eq!(places.len(), 2);
    assert_eq!(places[1], old, "the old one is kept: the unit may still hold the old entry");
    bus.mem.fill_hole(0x30_0000);
    d.unit_mut().recover_queue(&mut bus).expect("the unit goes on");
    d.follow(&mut root, &mut bus, 40).expect("and the move ends");
    assert_eq!(bus.send(DEVICE, msg), Ok(root.destination(40).expect("exists")));
    d.check(&root, &mut bus).expect("book, vectors and table agree");
}
