// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The order of accesses, step by step, as recorded kernels make them; `linux-order` compares whole recordings.

use super::*;
use crate::driver::fake::Access::{R, W};
use crate::kernel::{Action, VectorFlags};

/// A message into entry `k`, read back.
fn message(k: u64, address: u64, data: u64) -> Vec<crate::driver::fake::Access> {
    let at = TABLE + 16 * k;
    vec![W(at, address), W(at + 4, 0), W(at + 8, data), R(at + 8)]
}

#[test]
fn msix_is_enabled_in_the_recorded_order() {
    let (mut k, mut m) = Setup::default().make();
    assert_eq!(k.alloc_irq_vectors(&mut m, DEV, 2, 2, VectorFlags::MSIX, None), Ok(2));
    // Enable and MaskAll together, INTx off, MaskAll cleared last.
    assert_eq!(m.bus.cfg_log, [(MSIX + 2, 0xc007), (0x04, 0x400), (MSIX + 2, 0x8007)]);
    // Control words of both, placeholder messages of both, then every entry masked.
    let mut wanted = vec![R(TABLE + 12), R(TABLE + 28)];
    wanted.extend(message(0, 0xfee0_0000, 0xef));
    wanted.extend(message(1, 0xfee0_0000, 0xef));
    wanted.extend((0..8).map(|i| W(TABLE + 16 * i + 12, 1)));
    assert_eq!(m.bus.take_log(), wanted);
}

#[test]
fn a_request_writes_the_real_message_twice_without_remapping() {
    let (mut k, mut m) = Setup::default().make();
    k.alloc_irq_vectors(&mut m, DEV, 1, 1, VectorFlags::MSIX, None).unwrap();
    let virq = k.irq_vector(DEV, 0).unwrap();
    m.bus.take_log();
    k.request_irq(&mut m, virq, Action::new(1)).unwrap();
    let at = place(&k, virq);
    let (address, data) = (0xfee0_0000 | (at.cpu as u64) << 12, u64::from(at.vector));
    // Once when it is activated and once for its affinity; then it is opened, without a read.
    let mut wanted = message(0, address, data);
    wanted.extend(message(0, address, data));
    wanted.push(W(TABLE + 12, 0));
    assert_eq!(m.bus.take_log(), wanted);

    k.free_irq(&mut m, virq, 1).unwrap();
    // Masked, flushed at the table's first word, cleared.
    let mut wanted = vec![W(TABLE + 12, 1), R(TABLE)];
    wanted.extend(message(0, 0, 0));
    assert_eq!(m.bus.take_log(), wanted);

    m.bus.cfg_log.clear();
    k.free_irq_vectors(&mut m, DEV).unwrap();
    assert_eq!(m.bus.take_log(), [W(TABLE + 12, 1), R(TABLE)]);
    assert_eq!(m.bus.cfg_log, [(MSIX + 2, 0x0007), (0x04, 0)]);
    assert_eq!(k.irqs().keys().copied().collect::<Vec<_>>(), [LINE]);
}

#[test]
fn with_remapping_one_write_is_enough_and_the_message_is_the_entry() {
    let (mut k, mut m) = Setup::remapped().make();
    k.alloc_irq_vectors(&mut m, DEV, 2, 2, VectorFlags::MSIX, None).unwrap();
    let virq = k.irq_vector(DEV, 1).unwrap();
    m.bus.take_log();
    k.request_irq(&mut m, virq, Action::new(1)).unwrap();
    let mut wanted = message(1, 0xfee0_0038, 0);
    wanted.push(W(TABLE + 28, 0));
    assert_eq!(m.bus.take_log(), wanted);
}

#[test]
fn msi_is_enabled_in_the_order_of_the_kernel() {
    let (mut k, mut m) = Setup { msix: 0, ..Setup::remapped() }.make();
    assert_eq!(k.alloc_irq_vectors(&mut m, DEV, 1, 4, VectorFlags::ALL_TYPES, None), Ok(4));
    let flags = 0x018a;
    assert_eq!(
        m.bus.cfg_log,
        [
            (MSI + 2, flags),
            // All vectors that the function can have, whatever was granted.
            (MSI + 16, 0xffff_ffff),
            (MSI + 2, flags | 2 << 4),
            (MSI + 4, 0xfee0_0018),
            (MSI + 8, 0),
            (MSI + 12, 0),
            (0x04, 0x400),
            (MSI + 2, flags | 2 << 4 | 1),
        ]
    );
    assert_eq!(k.device(DEV).unwrap().irq, k.irq_vector(DEV, 0).unwrap());
    m.bus.cfg_log.clear();
    let third = k.irq_vector(DEV, 3).unwrap();
    k.request_irq(&mut m, third, Action::new(1)).unwrap();
    // The message is the first vector's alone; the third's mask opens.
    assert_eq!(m.bus.cfg_log, [(MSI + 16, 0xffff_fff7)]);
    k.free_irq(&mut m, third, 1).unwrap();
    m.bus.cfg_log.clear();
    k.free_irq_vectors(&mut m, DEV).unwrap();
    assert_eq!(m.bus.cfg_log, [(MSI + 2, flags | 2 << 4), (0x04, 0), (MSI + 16, 0)]);
    assert_eq!(k.device(DEV).unwrap().irq, LINE);
}

#[test]
fn dynamic_vectors_touch_their_own_entry_alone() {
    let (mut k, mut m) = Setup::default().make();
    k.alloc_irq_vectors(&mut m, DEV, 4, 4, VectorFlags::MSIX, None).unwrap();
    m.bus.take_log();
    m.bus.cfg_log.clear();
    let map = k.msix_alloc_irq_at(&mut m, DEV, Some(7), None).unwrap();
    k.request_irq(&mut m, map.virq, Action::new(7)).unwrap();
    k.free_irq(&mut m, map.virq, 7).unwrap();
    k.msix_free_irq(&mut m, DEV, map).unwrap();
    let own = TABLE + 16 * 7..TABLE + 16 * 8;
    // The flush reads the first word of the table, as Linux does; nothing else is outside.
    let outside: Vec<_> =
        m.bus.take_log().into_iter().filter(|a| !matches!(a, R(at) | W(at, _) if own.contains(at))).collect();
    assert_eq!(outside, [R(TABLE)]);
    assert_eq!(m.bus.cfg_log, []);
    assert_eq!(m.bus.words[&(TABLE + 16 * 7 + 12)], 1);
    // Any index: the lowest that is free.
    let map = k.msix_alloc_irq_at(&mut m, DEV, None, None).unwrap();
    assert_eq!(map.index, 4);
}
