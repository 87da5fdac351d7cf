// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Aligned blocks for multi-message MSI without a remapping unit.

use crate::{domain, idle};
use host_model::domain::matrix::Place;
use host_model::domain::vector::{AllocInfo, Contiguous, Handled, VectorDomain};
use host_model::domain::{CpuSet, Errno, VectorLayout};

fn block_on(cpu: usize) -> AllocInfo {
    AllocInfo { mask: Some(CpuSet::of(cpu)), contiguous: true, managed: false }
}

/// Blocks of `size` on one CPU by exhaustive search over the vector space, written down from the kernel's
/// layout and not from the allocator: devices from 0x20 to 0xea, less int 0x80 and the cascade's 0x32.
fn by_search(size: usize) -> Vec<u8> {
    (0..256usize)
        .step_by(size)
        .filter(|first| (*first..first + size).all(|v| (0x20..=0xea).contains(&v) && v != 0x80 && v != 0x32))
        .map(|first| u8::try_from(first).expect("a vector"))
        .collect()
}

/// G19: as many blocks of each size as there are, at the places where they are.
#[test]
fn every_block_that_there_is() {
    for (size, count) in [(2, 99), (4, 48), (8, 23), (16, 10), (32, 4)] {
        let search = by_search(size);
        assert_eq!(search.len(), count, "blocks of {size}");
        for cpu in [0, 3] {
            let mut d = domain(4, Contiguous::Blocks);
            let mut got = Vec::new();
            for irq in (1000..).step_by(size) {
                let u = u32::try_from(size).expect("small");
                match d.alloc_irqs(irq, u, &block_on(cpu)) {
                    Ok(()) if d.target(irq).map(|t| t.cpu) == Ok(cpu) => {
                        got.push(d.target(irq).expect("exists").vector)
                    }
                    // The mask is exhausted: another CPU serves.
                    Ok(()) => break,
                    Err(e) => panic!("{e}"),
                }
            }
            assert_eq!(got, search, "blocks of {size} on CPU {cpu}");
            d.check().expect("all is well");
        }
    }
}

/// Linux refuses; with one vector there is nothing to refuse.
#[test]
fn refused_as_linux_does() {
    let mut d = domain(2, Contiguous::Refuse);
    assert_eq!(d.alloc_irqs(40, 2, &block_on(0)), Err(Errno::Enosys));
    d.alloc_irqs(40, 1, &block_on(0)).expect("one is no block");
    d.check().expect("all is well");
}

/// Three are four: the device may name any index below 2^MME, so the fourth stays reserved.
#[test]
fn rounded_up_and_freed_as_one() {
    let mut d = domain(1, Contiguous::Blocks);
    d.alloc_irqs(40, 3, &block_on(0)).expect("there is room");
    assert_eq!(d.matrix().allocated(), 4);
    assert_eq!(d.alloc_irqs(43, 1, &AllocInfo::default()), Err(Errno::Eexist));
    assert_eq!(d.free_irqs(41, 1), Err(Errno::Enxio), "not a part of it");
    assert_eq!(d.matrix().allocated(), 4);
    d.free_irqs(40, 3).expect("exists");
    assert_eq!(d.matrix().allocated(), 0);
    d.check().expect("all is well");
}

/// Bounds of a block.
#[test]
fn what_is_no_block() {
    let mut d = domain(1, Contiguous::Blocks);
    assert_eq!(d.alloc_irqs(40, 33, &block_on(0)), Err(Errno::Einval));
    assert_eq!(d.alloc_irqs(40, 0, &block_on(0)), Err(Errno::Einval));
    let managed = AllocInfo { managed: true, ..block_on(0) };
    assert_eq!(d.alloc_irqs(40, 4, &managed), Err(Errno::Einval));
    d.check().expect("all is well");
}

/// G20: all vectors of a moved block are on the new CPU; arrivals on some of them do not free the old block; it is free once
/// the message has been changed and nothing of it is pending.
#[test]
fn moved_as_one() {
    let mut d = domain(2, Contiguous::Blocks);
    d.alloc_irqs(40, 8, &block_on(0)).expect("there is room");
    let old: Vec<_> = (40..48).map(|irq| d.target(irq).expect("exists")).collect();
    d.set_affinity(43, &CpuSet::of(1)).expect("there is room");
    let new: Vec<_> = (40..48).map(|irq| d.target(irq).expect("exists")).collect();
    assert!(new.iter().all(|t| t.cpu == 1));
    assert_eq!(new[0].vector % 8, 0);
    assert!(new.windows(2).all(|w| w[1].vector == w[0].vector + 1));
    // Three of eight arrive, one more on the old CPU.
    for i in [0, 3, 7] {
        let at = Place { cpu: 1, vector: new[i].vector };
        assert_eq!(d.handle(at), Handled::Irq { irq: 40 + u32::try_from(i).expect("small"), moved: false });
    }
    assert_eq!(d.cleanup_timer(0, &idle), 0, "the message may still name the old CPU");
    d.message_changed(40).expect("exists");
    let late = Place { cpu: 0, vector: old[5].vector };
    assert_eq!(d.cleanup_timer(0, &|at| at == late), 0, "one is pending");
    assert_eq!(d.handle(late), Handled::Irq { irq: 45, moved: false });
    assert_eq!(d.cleanup_timer(0, &idle), 1);
    assert_eq!(d.matrix().allocated(), 8);
    d.check().expect("all is well");
}

/// A CPU leaves with a block on it: what is pending of it is raised again, index by index.
#[test]
fn unplugged_as_one() {
    let mut d = domain(2, Contiguous::Blocks);
    d.alloc_irqs(40, 4, &block_on(1)).expect("there is room");
    let old = d.target(40).expect("exists").vector;
    let again =
        d.offline_cpu(1, &|at| at.cpu == 1 && (at.vector == old + 1 || at.vector == old + 2)).expect("there is room");
    let new = d.target(40).expect("exists");
    assert_eq!(new.cpu, 0);
    let got: Vec<_> = again.iter().map(|r| (r.irq, r.at.vector)).collect();
    assert_eq!(got, [(41, new.vector + 1), (42, new.vector + 2)]);
    d.check().expect("all is well");
}

/// Before 6.6 the cleanup interrupt takes vector 0x20.
#[test]
fn older_layout() {
    let mut d = VectorDomain::new(1, VectorLayout::LINUX_6_2, Contiguous::Blocks).expect("a domain");
    let first = AllocInfo { mask: Some(CpuSet::of(0)), ..AllocInfo::default() };
    d.alloc_irqs(40, 1, &first).expect("there is room");
    assert_eq!(d.target(40).map(|t| t.vector), Ok(0x21));
}
