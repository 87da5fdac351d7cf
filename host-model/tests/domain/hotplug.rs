// SPDX-License-Identifier: Apache-2.0 OR MIT
//! CPUs that come and go.

use crate::{domain, idle, on_cpu};
use host_model::domain::matrix::Place;
use host_model::domain::vector::{AllocInfo, Contiguous, Handled, Retrigger};
use host_model::domain::{CpuSet, Errno};

/// G16: what is pending on the CPU that leaves is raised again where its interrupt goes.
#[test]
fn pending_is_raised_again() {
    let mut d = domain(2, Contiguous::Refuse);
    let a = on_cpu(&mut d, 40, 1);
    on_cpu(&mut d, 41, 1);
    let again = d.offline_cpu(1, &|at| at == a).expect("CPU 0 has room");
    let t = d.target(40).expect("exists");
    assert_eq!(again, [Retrigger { irq: 40, at: Place { cpu: 0, vector: t.vector } }]);
    assert_eq!(d.target(41).map(|t| t.cpu), Ok(0));
    d.check().expect("all is well");
}

/// G16 during a move: pending at the old place on the CPU that leaves.
#[test]
fn pending_at_an_old_place_is_raised_again() {
    let mut d = domain(3, Contiguous::Refuse);
    let old = on_cpu(&mut d, 40, 1);
    d.set_affinity(40, &CpuSet::of(2)).expect("there is room");
    let again = d.offline_cpu(1, &|at| at == old).expect("there is room");
    assert_eq!(again.iter().map(|r| (r.irq, r.at.cpu)).collect::<Vec<_>>(), [(40, 2)]);
    assert_eq!(d.previous(40), None);
    d.set_affinity(40, &CpuSet::of(0)).expect("the move has ended");
    d.check().expect("all is well");
}

/// The new place's CPU leaves while the old one, elsewhere, still has something pending: its CPU finds the handler there,
/// also after further moves, and only then is the vector given back.
#[test]
fn old_place_keeps_its_handler_when_the_new_one_leaves() {
    let mut d = domain(4, Contiguous::Refuse);
    let old = on_cpu(&mut d, 40, 1);
    d.set_affinity(40, &CpuSet::of(2)).expect("there is room");
    let irr = |at| at == old;
    assert_eq!(d.offline_cpu(2, &irr).expect("there is room"), [], "nothing was pending on the CPU that left");
    d.check().expect("all is well");
    let there = d.target(40).expect("exists").cpu;
    let other = [0, 3].into_iter().find(|cpu| *cpu != there).expect("two are left");
    d.set_affinity(40, &CpuSet::of(other)).expect("the first move has ended");
    assert_eq!(d.places(40).count(), 3);
    for cpu in 0..4 {
        d.cleanup_timer(cpu, &irr);
    }
    assert_eq!(d.handle(old), Handled::Irq { irq: 40, moved: false });
    assert_eq!(d.cleanup_timer(1, &idle), 1);
    assert_eq!(d.handle(old), Handled::Spurious, "nothing can be pending there any more");
    d.check().expect("all is well");
}

/// What such an old place has pending is raised again when its own CPU leaves, too.
#[test]
fn old_place_of_a_move_that_was_ended_by_force_leaves() {
    let mut d = domain(4, Contiguous::Refuse);
    let old = on_cpu(&mut d, 40, 1);
    d.set_affinity(40, &CpuSet::of(2)).expect("there is room");
    d.offline_cpu(2, &idle).expect("there is room");
    let again = d.offline_cpu(1, &|at| at == old).expect("there is room");
    let t = d.target(40).expect("exists");
    assert_eq!(again, [Retrigger { irq: 40, at: Place { cpu: t.cpu, vector: t.vector } }]);
    d.check().expect("all is well");
    d.free_irqs(40, 1).expect("exists");
    assert_eq!(d.matrix().allocated(), 0);
}

/// G17: a managed interrupt whose CPUs all leave is shut down, its message names the shutdown vector, and it starts with
/// the first of them that comes back.
#[test]
fn managed_shutdown_and_start() {
    let mut d = domain(4, Contiguous::Refuse);
    let mask: CpuSet = [2, 3].into_iter().collect();
    d.alloc_irqs(40, 1, &AllocInfo { mask: Some(mask), managed: true, contiguous: false }).expect("allocates");
    d.activate(40, false).expect("a vector is set aside");
    assert_eq!(d.target(40).map(|t| t.cpu), Ok(3), "of equal ones the highest");
    d.offline_cpu(3, &idle).expect("there is room");
    assert_eq!(d.target(40).map(|t| t.cpu), Ok(2));
    d.offline_cpu(2, &idle).expect("there is room");
    assert!(d.is_shut_down(40));
    assert_eq!(d.target(40).map(|t| (t.vector, t.real)), Ok((0xef, false)));
    assert_eq!(d.set_affinity(40, &CpuSet::of(0)), Err(Errno::Einval));
    assert_eq!(d.online_cpu(2), Ok(vec![40]));
    assert_eq!(d.target(40).map(|t| t.cpu), Ok(2));
    d.check().expect("all is well");
}

/// `lapic_can_unplug_cpu`: refused when the others are full, and nothing has changed.
#[test]
fn no_room_elsewhere() {
    let mut d = domain(2, Contiguous::Refuse);
    on_cpu(&mut d, 40, 1);
    let mut irq = 100;
    let fill = AllocInfo { mask: Some(CpuSet::of(0)), ..AllocInfo::default() };
    while d.matrix().counters(0).is_some_and(|c| c.available > 0) {
        d.alloc_irqs(irq, 1, &fill).expect("there is room");
        irq += 1;
    }
    let before = d.target(40);
    assert_eq!(d.offline_cpu(1, &idle), Err(Errno::Enospc));
    assert_eq!(d.target(40), before);
    assert!(d.online_cpus().contains(1));
    d.check().expect("all is well");
}

/// The last CPU stays.
#[test]
fn last_cpu_stays() {
    let mut d = domain(1, Contiguous::Refuse);
    assert_eq!(d.offline_cpu(0, &idle), Err(Errno::Einval));
    assert_eq!(d.online_cpu(0), Err(Errno::Einval));
}

/// G21: a block finds no aligned place on a fragmented CPU: refused, nothing has changed, nothing overlaps.
#[test]
fn fragmented_target_has_no_block() {
    let mut d = domain(2, Contiguous::Blocks);
    let here = AllocInfo { mask: Some(CpuSet::of(1)), contiguous: true, managed: false };
    d.alloc_irqs(40, 8, &here).expect("there is room");
    // Every eighth vector of CPU 0 is taken.
    let mut irq = 100;
    let fill = AllocInfo { mask: Some(CpuSet::of(0)), ..AllocInfo::default() };
    while d.matrix().counters(0).is_some_and(|c| c.available > 0) {
        d.alloc_irqs(irq, 1, &fill).expect("there is room");
        irq += 1;
    }
    for irq in 100..irq {
        let vector = d.target(irq).expect("exists").vector;
        if vector % 8 != 4 {
            d.free_irqs(irq, 1).expect("exists");
        }
    }
    assert!(d.matrix().counters(0).is_some_and(|c| c.available > 100));
    let before = d.target(40);
    assert_eq!(d.offline_cpu(1, &idle), Err(Errno::Enospc));
    assert_eq!(d.target(40), before);
    d.check().expect("all is well");
}
