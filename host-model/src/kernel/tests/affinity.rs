// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Interrupts that move: with and without remapping, managed ones, CPUs that go and come, blocks.

use super::*;
use crate::domain::CpuSet;
use crate::domain::spread::IrqAffinity;
use crate::driver::fake::Access::{R, W};
use crate::kernel::{Action, Fate, VectorFlags};

fn one(setup: Setup) -> (Kernel, Fake, u32) {
    let (mut k, mut m) = setup.make();
    k.alloc_irq_vectors(&mut m, DEV, 2, 2, VectorFlags::MSIX, None).unwrap();
    let virq = k.irq_vector(DEV, 1).unwrap();
    k.request_irq(&mut m, virq, Action::new(1)).unwrap();
    m.bus.take_log();
    (k, m, virq)
}

#[test]
fn with_remapping_the_device_is_left_alone() {
    let (mut k, mut m, virq) = one(Setup::remapped());
    let entry = k.unit(0).unwrap().entry(virq).unwrap();
    k.set_affinity(&mut m, virq, &CpuSet::of(3)).unwrap();
    assert_eq!(place(&k, virq).cpu, 3);
    assert_eq!(m.bus.take_log(), []);
    assert_eq!(k.unit(0).unwrap().entry(virq), Some(entry));
    k.unit(0).unwrap().check(&k.root, &mut m.bus).unwrap();
    assert_eq!(k.cleanup(&mut m), Ok(1));
}

#[test]
fn without_remapping_it_moves_in_two_steps_when_it_next_arrives() {
    let (mut k, mut m, virq) = one(Setup::default());
    let old = place(&k, virq);
    // So that the vector has to change as well as the CPU.
    let other = k.irq_vector(DEV, 0).unwrap();
    k.set_affinity(&mut m, other, &CpuSet::of(3)).unwrap();
    k.request_irq(&mut m, other, Action::new(0)).unwrap();
    assert_eq!(place(&k, other).vector, old.vector, "the same vector of two CPUs");
    m.bus.take_log();
    k.set_affinity(&mut m, virq, &CpuSet::of(3)).unwrap();
    assert_eq!(m.bus.take_log(), []);
    assert_eq!(place(&k, virq), old);
    m.arrives(old);
    m.irr.insert(Place { cpu: old.cpu, vector: old.vector + 1 });
    k.poll(&mut m).unwrap();
    let new = place(&k, virq);
    assert_eq!(new, Place { cpu: 3, vector: old.vector + 1 });
    let e = TABLE + 16;
    let half = |address: u64| [W(e, address), W(e + 4, 0), W(e + 8, u64::from(new.vector)), R(e + 8)];
    let mut wanted = vec![W(e + 12, 1), R(TABLE)];
    wanted.extend(half(0xfee0_0000 | (old.cpu as u64) << 12));
    wanted.extend(half(0xfee0_3000));
    wanted.push(W(e + 12, 0));
    assert_eq!(m.bus.take_log(), wanted);
    // The new vector was pending at the old CPU.
    assert_eq!(m.again, [new]);
    // Both places are its own until it has arrived at the new one.
    m.arrives(old);
    m.arrives(new);
    k.poll(&mut m).unwrap();
    assert_eq!(k.take_seen().iter().filter(|s| s.fate == Fate::Handled).count(), 3);
    assert_eq!(k.cleanup(&mut m), Ok(1));
    m.arrives(old);
    k.poll(&mut m).unwrap();
    assert_eq!(k.take_seen()[0].fate, Fate::Nobody);
}

#[test]
fn a_second_move_waits_for_the_first() {
    let (mut k, mut m, virq) = one(Setup::remapped());
    k.set_affinity(&mut m, virq, &CpuSet::of(2)).unwrap();
    let second = place(&k, virq);
    // The old vector is still to be cleaned up: noted, and done with the next interrupt.
    k.set_affinity(&mut m, virq, &CpuSet::of(3)).unwrap();
    assert_eq!(place(&k, virq), second);
    assert_eq!(k.cleanup(&mut m), Ok(1));
    m.arrives(second);
    k.poll(&mut m).unwrap();
    assert_eq!(place(&k, virq).cpu, 3);
}

#[test]
fn managed_interrupts_go_dark_with_their_cpu_and_come_back() {
    for setup in [Setup::default(), Setup::remapped()] {
        let (mut k, mut m) = setup.make();
        let flags = VectorFlags { affinity: true, ..VectorFlags::MSIX };
        let affd = IrqAffinity::default();
        assert_eq!(k.alloc_irq_vectors(&mut m, DEV, 4, 4, flags, Some(&affd)), Ok(4));
        let virqs: Vec<u32> = (0..4).map(|nr| k.irq_vector(DEV, nr).unwrap()).collect();
        for &virq in &virqs {
            k.request_irq(&mut m, virq, Action::new(u64::from(virq))).unwrap();
        }
        m.bus.take_log();
        k.offline_cpu(&mut m, 3).unwrap();
        assert!(k.irq(virqs[3]).unwrap().managed_shutdown);
        let e = TABLE + 48;
        let off = [W(e + 12, 1), R(TABLE), W(e, 0), W(e + 4, 0), W(e + 8, 0), R(e + 8)];
        let log = m.bus.take_log();
        assert_eq!(log[log.len() - 6..], off);
        // Without remapping it is masked twice, as recorded.
        assert_eq!(log.len(), if setup.irtes.is_some() { 6 } else { 8 });
        k.online_cpu(&mut m, 3).unwrap();
        let log = m.bus.take_log();
        assert_eq!(log.last(), Some(&W(e + 12, 0)));
        assert_eq!(log.len(), if setup.irtes.is_some() { 5 } else { 9 });
        assert_eq!(place(&k, virqs[3]).cpu, 3);
        k.root.vectors.check().unwrap();
        k.unit(0).unwrap().check(&k.root, &mut m.bus).unwrap();
    }
}

#[test]
fn others_move_off_a_cpu_that_goes_and_what_is_pending_goes_with_them() {
    for setup in [Setup::default(), Setup::remapped()] {
        let (mut k, mut m, virq) = one(setup);
        let old = place(&k, virq);
        if old.cpu == 0 {
            k.set_affinity(&mut m, virq, &CpuSet::of(1)).unwrap();
            m.arrives(old);
            k.poll(&mut m).unwrap();
            let there = place(&k, virq);
            m.arrives(there);
            k.poll(&mut m).unwrap();
            k.cleanup(&mut m).unwrap();
        }
        let old = place(&k, virq);
        m.irr.insert(old);
        k.offline_cpu(&mut m, old.cpu).unwrap();
        let new = place(&k, virq);
        assert_ne!(new.cpu, old.cpu);
        assert_eq!(m.again, [new]);
        m.arrives(new);
        k.poll(&mut m).unwrap();
        k.root.vectors.check().unwrap();
        k.unit(0).unwrap().check(&k.root, &mut m.bus).unwrap();
    }
}

#[test]
fn a_hint_sets_the_first_affinity_and_has_to_be_taken_back() {
    let (mut k, mut m, virq) = one(Setup::remapped());
    k.set_affinity_hint(&mut m, virq, Some(&CpuSet::of(2))).unwrap();
    assert_eq!(place(&k, virq).cpu, 2);
    k.set_affinity_hint(&mut m, virq, None).unwrap();
    k.free_irq(&mut m, virq, 1).unwrap();
    assert_eq!(k.take_warnings(), []);
}
