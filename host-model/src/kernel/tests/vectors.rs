// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which vectors a driver gets: falling back, minimum and maximum, spreading, sparse entries, the calls of old.

use super::*;
use crate::domain::Errno;
use crate::domain::spread::IrqAffinity;
use crate::kernel::{Action, MsixEntry, VectorFlags, Warning};

#[test]
fn the_best_kind_that_is_there_is_taken() {
    let all = VectorFlags::ALL_TYPES;
    let granted = |setup: Setup, min, max| {
        let (mut k, mut m) = setup.make();
        let got = k.alloc_irq_vectors(&mut m, DEV, min, max, all, None);
        let d = k.device(DEV).unwrap();
        (got, d.msix_enabled, d.msi_enabled, k.irq_vector(DEV, 0).unwrap(), k.irq_vector(DEV, 1).is_ok())
    };
    let none = Setup { msix: 0, msi: None, ..Setup::default() };
    assert_eq!(granted(Setup::default(), 1, 32), (Ok(8), true, false, 24, true));
    // Multi-message MSI exists with remapping only; without it one vector is what there is.
    assert_eq!(granted(Setup { msix: 0, ..Setup::remapped() }, 1, 8), (Ok(8), false, true, 24, true));
    assert_eq!(granted(Setup { msix: 0, ..Setup::default() }, 1, 8), (Ok(1), false, true, 24, false));
    // Unless the vector domain has aligned blocks.
    let blocks = Setup { msix: 0, contiguous: Contiguous::Blocks, ..Setup::default() };
    assert_eq!(granted(blocks, 1, 8), (Ok(8), false, true, 24, true));
    assert_eq!(granted(none, 1, 8), (Ok(1), false, false, LINE, false));
    assert_eq!(granted(none, 2, 8).0, Err(Errno::Einval.into()));
    assert_eq!(granted(Setup { msix: 0, ..Setup::default() }, 2, 8).0, Err(Errno::Enospc.into()));
}

#[test]
fn a_table_of_entries_that_is_too_small_gives_fewer_vectors() {
    // Four entries of the remapping table: the fifth vector cannot be had.
    let (mut k, mut m) = Setup { irtes: Some(1), ..Setup::default() }.make();
    assert_eq!(k.alloc_irq_vectors(&mut m, DEV, 1, 8, VectorFlags::MSIX, None), Ok(4));
    assert!(k.irq_vector(DEV, 3).is_ok());
    assert_eq!(k.irq_vector(DEV, 4), Err(Errno::Einval.into()));
    k.root.vectors.check().unwrap();
    k.unit(0).unwrap().check(&k.root, &mut m.bus).unwrap();
}

#[test]
fn spread_vectors_are_managed_and_the_admin_vector_is_not() {
    let (mut k, mut m) = Setup::default().make();
    let affd = IrqAffinity { pre_vectors: 1, ..IrqAffinity::default() };
    let flags = VectorFlags { affinity: true, ..VectorFlags::MSIX };
    // One for the admin queue and one a CPU, though the table has more.
    assert_eq!(k.alloc_irq_vectors(&mut m, DEV, 2, 8, flags, Some(&affd)), Ok(5));
    for nr in 0..5 {
        let virq = k.irq_vector(DEV, nr).unwrap();
        k.request_irq(&mut m, virq, Action::new(u64::from(nr))).unwrap();
        let irq = k.irq(virq).unwrap();
        assert_eq!(irq.managed, nr > 0);
        if nr > 0 {
            assert_eq!(place(&k, virq).cpu, nr as usize - 1);
        }
    }
    let virq = k.irq_vector(DEV, 1).unwrap();
    assert_eq!(k.set_affinity(&mut m, virq, &crate::domain::CpuSet::of(3)), Err(Errno::Eperm.into()));
    assert_eq!(k.alloc_irq_vectors(&mut m, DEV, 1, 1, VectorFlags::MSI, Some(&affd)), Err(Errno::Einval.into()));
    assert_eq!(k.take_warnings(), [Warning::AffinityWithoutFlag]);
}

#[test]
fn sparse_entries_map_to_those_entries_alone() {
    let (mut k, mut m) = Setup { msix: 2048, ..Setup::default() }.make();
    let mut entries = [5, 0, 1000].map(|entry| MsixEntry { vector: 0, entry });
    k.enable_msix(&mut m, DEV, &mut entries).unwrap();
    assert_eq!(entries.map(|e| e.vector), [24, 25, 26]);
    for e in entries {
        k.request_irq(&mut m, e.vector, Action::new(u64::from(e.entry))).unwrap();
    }
    let open: Vec<u64> = (0..2048).filter(|i| m.bus.words[&(TABLE + 16 * i + 12)] == 0).collect();
    assert_eq!(open, [0, 5, 1000]);
}

#[test]
fn the_calls_of_old_are_thin_forms() {
    let (mut k, mut m) = Setup::remapped().make();
    k.enable_msi(&mut m, DEV).unwrap();
    let d = k.device(DEV).unwrap();
    assert!(d.msi_enabled && d.irq != LINE);
    k.disable_msi(&mut m, DEV).unwrap();
    assert_eq!(k.device(DEV).unwrap().irq, LINE);
    assert_eq!(k.enable_msi_block(&mut m, DEV, 8), Ok(0));
    k.disable_msi(&mut m, DEV).unwrap();
    assert_eq!(k.enable_msi_block_auto(&mut m, DEV, 64), Ok(32));
    k.disable_msi(&mut m, DEV).unwrap();
    // More than there are: nothing is enabled and the caller hears how many it could have.
    assert_eq!(k.enable_msi_block(&mut m, DEV, 64), Ok(32));
    assert!(!k.device(DEV).unwrap().msi_enabled);
}

#[test]
fn virtual_entries_touch_no_hardware() {
    let (mut k, mut m) = Setup { msix: 2, ..Setup::default() }.make();
    let flags = VectorFlags { is_virtual: true, ..VectorFlags::MSIX };
    assert_eq!(k.alloc_irq_vectors(&mut m, DEV, 3, 3, flags, None), Ok(3));
    m.bus.take_log();
    let virq = k.irq_vector(DEV, 2).unwrap();
    k.request_irq(&mut m, virq, Action::new(1)).unwrap();
    assert_eq!(m.bus.take_log(), []);
}
