// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The allocator: `kernel/irq/matrix.c`.

use host_model::domain::matrix::{IrqMatrix, Place};
use host_model::domain::{CpuSet, Errno};

fn matrix(cpus: usize) -> IrqMatrix {
    let mut m = IrqMatrix::new(cpus, 0x20, 0xeb).expect("a matrix");
    m.assign_system(0x80, false).expect("int 0x80");
    (0..cpus).for_each(|cpu| m.online(cpu).expect("comes online"));
    m
}

fn at(cpu: usize, vector: u8) -> Place {
    Place { cpu, vector }
}

/// G9: the CPU with most left, of equal ones the lowest; the lowest bit there.
#[test]
fn best_cpu_and_first_fit() {
    let mut m = matrix(4);
    let all = CpuSet::first(4);
    let got: Vec<Place> = (0..9).map(|_| m.alloc(&all, false).expect("there is room")).collect();
    let want = [
        at(0, 0x20),
        at(1, 0x20),
        at(2, 0x20),
        at(3, 0x20),
        at(0, 0x21),
        at(1, 0x21),
        at(2, 0x21),
        at(3, 0x21),
        at(0, 0x22),
    ];
    assert_eq!(got, want);
    m.free(at(2, 0x20), false).expect("was allocated");
    assert_eq!(m.alloc(&all, false), Ok(at(2, 0x20)), "CPU 2 has most left, and 0x20 is its lowest");
    m.check().expect("counters agree");
}

/// G10, G11: all that is there, never a system vector; then -ENOSPC, and counters are right after all is freed.
#[test]
fn exhaustion() {
    let mut m = matrix(2);
    let all = CpuSet::first(2);
    let mut got = Vec::new();
    while let Ok(p) = m.alloc(&all, false) {
        got.push(p);
    }
    assert_eq!(got.len(), 2 * (0xeb - 0x20 - 1));
    assert!(got.iter().all(|p| p.vector >= 0x20 && p.vector < 0xeb && p.vector != 0x80));
    assert_eq!(m.alloc(&all, false), Err(Errno::Enospc));
    assert_eq!(m.available(None), 0);
    for p in got {
        m.free(p, false).expect("was allocated");
        m.check().expect("counters agree");
    }
    assert_eq!(m.available(None), 2 * (0xeb - 0x20 - 1));
}

/// G12: a second free is refused and changes nothing.
#[test]
fn double_free() {
    let mut m = matrix(1);
    let p = m.alloc(&CpuSet::of(0), false).expect("there is room");
    m.free(p, false).expect("was allocated");
    let before = m.counters(0);
    assert_eq!(m.free(p, false), Err(Errno::Einval));
    assert_eq!(m.counters(0), before);
    m.check().expect("counters agree");
}

/// Managed bits: one on each CPU of the mask, offline ones too; all or none; the CPU with the fewest in use, of equal
/// ones the highest.
#[test]
fn managed() {
    let mut m = matrix(3);
    m.offline(2).expect("was online");
    let mask = CpuSet::first(3);
    m.reserve_managed(&mask).expect("there is room");
    for cpu in 0..3 {
        assert_eq!(m.counters(cpu).map(|c| (c.managed, c.allocated)), Some((1, 0)), "CPU {cpu}");
    }
    assert_eq!(m.alloc_managed(&mask).map(|p| p.cpu), Ok(1));
    assert_eq!(m.alloc_managed(&mask).map(|p| p.cpu), Ok(0));
    assert_eq!(m.alloc_managed(&mask), Err(Errno::Enospc), "CPU 2 is offline");
    m.online(2).expect("was offline");
    let p = m.alloc_managed(&mask).expect("CPU 2 has one");
    assert_eq!(p.cpu, 2);
    m.free(p, true).expect("was allocated");
    assert_eq!(m.remove_managed(&mask), 2, "those of CPUs 0 and 1 are in use");
    m.check().expect("counters agree");

    // CPU 1 has nothing left: nothing is set aside on CPU 0 either.
    while m.alloc(&CpuSet::of(1), false).is_ok() {}
    let before = m.counters(0);
    assert_eq!(m.reserve_managed(&CpuSet::first(2)), Err(Errno::Enospc));
    assert_eq!(m.counters(0), before);
    m.check().expect("counters agree");
}

/// An offline CPU's bits are not global, its allocations stay.
#[test]
fn offline_and_back() {
    let mut m = matrix(2);
    let p = m.alloc(&CpuSet::of(1), false).expect("there is room");
    let left = m.available(None);
    m.offline(1).expect("was online");
    assert_eq!(m.available(None), left - (0xeb - 0x20 - 2));
    assert_eq!(m.alloc(&CpuSet::of(1), false), Err(Errno::Enospc));
    assert!(m.is_allocated(p));
    let without = m.available(None);
    m.free(p, false).expect("was allocated");
    assert_eq!(m.available(None), without, "what an offline CPU has is not to be had");
    m.check().expect("counters agree");
    m.online(1).expect("was offline");
    assert_eq!(m.available(None), left + 1);
    m.check().expect("counters agree");
}

/// Promises are counters; more than there is can be promised, with a warning.
#[test]
fn promises() {
    let mut m = IrqMatrix::new(1, 0x20, 0x22).expect("a matrix");
    m.online(0).expect("comes online");
    assert!(!m.reserve());
    assert!(!m.reserve());
    assert!(m.reserve(), "a third of two");
    m.alloc(&CpuSet::of(0), true).expect("there is room");
    assert_eq!(m.reserved(), 2);
    m.remove_reserved().expect("promised");
    m.remove_reserved().expect("promised");
    assert_eq!(m.remove_reserved(), Err(Errno::Einval));
}
