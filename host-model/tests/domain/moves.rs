// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reservation, activation, moves and their cleanup.

use crate::{domain, idle, on_cpu};
use host_model::domain::matrix::Place;
use host_model::domain::vector::{AllocInfo, Contiguous, Handled};
use host_model::domain::{CpuSet, Errno};

/// D40: at first the message names the shutdown vector, after start-up the real one.
#[test]
fn reservation_then_vector() {
    let mut d = domain(2, Contiguous::Refuse);
    d.alloc_irqs(40, 1, &AllocInfo::default()).expect("allocates");
    d.activate(40, true).expect("promised");
    let t = d.target(40).expect("exists");
    assert_eq!((t.vector, t.real), (0xef, false));
    assert_eq!((d.matrix().reserved(), d.matrix().allocated()), (1, 0));
    d.activate(40, false).expect("there is room");
    let t = d.target(40).expect("exists");
    assert_eq!((t.cpu, t.vector, t.real), (0, 0x20, true));
    assert_eq!((d.matrix().reserved(), d.matrix().allocated()), (0, 1));
    d.deactivate(40).expect("exists");
    assert_eq!((d.matrix().reserved(), d.matrix().allocated()), (1, 0));
    d.free_irqs(40, 1).expect("exists");
    assert_eq!((d.matrix().reserved(), d.matrix().allocated()), (0, 0));
    d.check().expect("all is well");
}

/// G13: during a move both places are served, and the old one is free only after the first arrival on the new one and the
/// timer of the old CPU.
#[test]
fn old_place_stays_until_the_new_one_is_heard_of() {
    let mut d = domain(2, Contiguous::Refuse);
    let old = on_cpu(&mut d, 40, 0);
    d.set_affinity(40, &CpuSet::of(1)).expect("there is room");
    let t = d.target(40).expect("exists");
    let new = Place { cpu: t.cpu, vector: t.vector };
    assert_eq!(new.cpu, 1);
    assert_eq!(d.handle(old), Handled::Irq { irq: 40, moved: false });
    assert_eq!(d.cleanup_timer(0, &idle), 0, "nothing has arrived on the new one");
    assert_eq!(d.handle(new), Handled::Irq { irq: 40, moved: true });
    assert_eq!(d.handle(new), Handled::Irq { irq: 40, moved: false });
    assert!(d.matrix().is_allocated(old));
    assert_eq!(d.cleanup_timer(0, &idle), 1);
    assert!(!d.matrix().is_allocated(old));
    assert_eq!(d.handle(old), Handled::Spurious);
    d.check().expect("all is well");
}

/// G14: a second move waits for the end of the first: -EBUSY, nothing changed.
#[test]
fn second_move_is_busy() {
    let mut d = domain(3, Contiguous::Refuse);
    on_cpu(&mut d, 40, 0);
    d.set_affinity(40, &CpuSet::of(1)).expect("there is room");
    let before = (d.target(40), d.affinity(40), d.matrix().allocated());
    assert_eq!(d.set_affinity(40, &CpuSet::of(2)), Err(Errno::Ebusy));
    assert_eq!((d.target(40), d.affinity(40), d.matrix().allocated()), before);
    let t = d.target(40).expect("exists");
    d.handle(Place { cpu: t.cpu, vector: t.vector });
    assert_eq!(d.set_affinity(40, &CpuSet::of(2)), Err(Errno::Ebusy), "the cleanup is still to come");
    d.cleanup_timer(0, &idle);
    d.set_affinity(40, &CpuSet::of(2)).expect("now it may");
    d.check().expect("all is well");
}

/// G15: an old vector that is pending in the IRR is not given back; the cleanup comes again.
#[test]
fn pending_old_vector_is_kept() {
    let mut d = domain(2, Contiguous::Refuse);
    let old = on_cpu(&mut d, 40, 0);
    d.set_affinity(40, &CpuSet::of(1)).expect("there is room");
    let t = d.target(40).expect("exists");
    d.handle(Place { cpu: t.cpu, vector: t.vector });
    for _ in 0..3 {
        assert_eq!(d.cleanup_timer(0, &|at| at == old), 0);
        assert!(d.matrix().is_allocated(old));
        d.check().expect("all is well");
    }
    assert_eq!(d.cleanup_timer(0, &idle), 1);
    d.check().expect("all is well");
}

/// A move inside the mask, to nowhere, of what does not exist, with no vector left: refused or nothing to do, nothing
/// half done.
#[test]
fn moves_that_are_none() {
    let mut d = domain(2, Contiguous::Refuse);
    let old = on_cpu(&mut d, 40, 0);
    d.set_affinity(40, &CpuSet::first(2)).expect("it is there already");
    assert_eq!(d.previous(40), None);
    assert_eq!(d.set_affinity(40, &CpuSet::of(200)), Err(Errno::Einval));
    assert_eq!(d.set_affinity(41, &CpuSet::of(0)), Err(Errno::Enxio));
    let mut irq = 100;
    let fill = AllocInfo { mask: Some(CpuSet::of(1)), ..AllocInfo::default() };
    while d.matrix().counters(1).is_some_and(|c| c.available > 0) {
        d.alloc_irqs(irq, 1, &fill).expect("there is room");
        irq += 1;
    }
    assert_eq!(d.set_affinity(40, &CpuSet::of(1)), Err(Errno::Enospc));
    let t = d.target(40).expect("exists");
    assert_eq!(Place { cpu: t.cpu, vector: t.vector }, old);
    d.check().expect("all is well");
}

/// "Affinity broken due to vector space exhaustion": a full CPU sends an interrupt elsewhere.
#[test]
fn exhausted_mask_goes_elsewhere() {
    let mut d = domain(2, Contiguous::Refuse);
    let here = AllocInfo { mask: Some(CpuSet::of(1)), ..AllocInfo::default() };
    let mut irq = 100;
    while d.matrix().counters(1).is_some_and(|c| c.available > 0) {
        d.alloc_irqs(irq, 1, &here).expect("there is room");
        irq += 1;
    }
    d.alloc_irqs(irq, 1, &here).expect("CPU 0 has room");
    assert_eq!(d.target(irq).map(|t| t.cpu), Ok(0));
    d.check().expect("all is well");
}

/// The vectors that nobody has.
#[test]
fn shutdown_and_spurious() {
    let mut d = domain(1, Contiguous::Refuse);
    assert_eq!(d.handle(Place { cpu: 0, vector: 0xef }), Handled::Shutdown);
    assert_eq!(d.handle(Place { cpu: 0, vector: 0x55 }), Handled::Spurious);
}
