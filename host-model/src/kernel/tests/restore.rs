// SPDX-License-Identifier: Apache-2.0 OR MIT
//! After a reset the device has forgotten everything, and the kernel puts it back (facts of `__pci_restore_msix_state`).

use super::ims::{array, memory};
use super::*;
use crate::domain::msi::Cookie;
use crate::driver::fake::Access::{R, W};
use crate::driver::regs::{HS_BASE_LO, HS_CTRL};
use crate::kernel::{Action, VectorFlags};

/// What a function reset leaves of table, slots and control words.
fn forget(m: &mut Fake) {
    m.bus.poke(4, 0x0010_0000);
    m.bus.poke(MSIX, 0x0007_0011);
    m.bus.poke(MSI, 0x018a_0005);
    [4, 8, 12, 16].iter().for_each(|at| m.bus.poke(MSI + at, 0));
    let entries = (0..8).map(|k| TABLE + 16 * k).chain((0..16).map(|k| SLOTS + 16 * k));
    for at in entries {
        m.bus.words.extend([(at, 0), (at + 4, 0), (at + 8, 0), (at + 12, 1)]);
    }
    m.bus.take_log();
    m.bus.cfg_log.clear();
}

#[test]
fn the_table_is_written_again_masked_as_a_whole() {
    let (mut k, mut m) = Setup::remapped().make();
    k.alloc_irq_vectors(&mut m, DEV, 2, 2, VectorFlags::MSIX, None).unwrap();
    let virq = k.irq_vector(DEV, 1).unwrap();
    k.request_irq(&mut m, virq, Action::new(1)).unwrap();
    let (before, software) = (m.visible(), k.snapshot());
    forget(&mut m);
    assert_ne!(m.visible(), before);
    k.restore_msi_state(&mut m, DEV).unwrap();
    assert_eq!(m.bus.cfg_log, [(4, 0x400), (MSIX + 2, 0xc007), (MSIX + 2, 0x8007)]);
    let (masked, open) = (TABLE, TABLE + 16);
    let [lo, hi] = [0, 4].map(|f| u64::from(m.bus.words[&(open + f)]));
    let data = u64::from(m.bus.words[&(open + 8)]);
    assert_eq!(
        m.bus.take_log(),
        [
            // Never requested: its message, masked; an open one is masked around its message.
            W(masked, u64::from(m.bus.words[&masked])),
            W(masked + 4, 0),
            W(masked + 8, u64::from(m.bus.words[&(masked + 8)])),
            R(masked + 8),
            W(masked + 12, 1),
            W(open + 12, 1),
            W(open, lo),
            W(open + 4, hi),
            W(open + 8, data),
            W(open + 12, 0),
            R(open + 8),
            W(open + 12, 0),
        ]
    );
    assert_eq!((m.visible(), k.snapshot()), (before, software));
}

#[test]
fn messages_of_msi_come_back_with_their_masks_before_it_is_on() {
    let (mut k, mut m) = Setup { contiguous: Contiguous::Blocks, ..Setup::default() }.make();
    assert_eq!(k.alloc_irq_vectors(&mut m, DEV, 4, 4, VectorFlags::MSI, None), Ok(4));
    let virq = k.irq_vector(DEV, 2).unwrap();
    k.request_irq(&mut m, virq, Action::new(1)).unwrap();
    let (before, software) = (m.visible(), k.snapshot());
    let mask = m.bus.cfg(MSI + 16);
    assert_eq!(mask & 0xf, 0xb);
    forget(&mut m);
    k.restore_msi_state(&mut m, DEV).unwrap();
    let (at, last) = (|reg: u16| m.bus.cfg_log.iter().rposition(|(r, _)| *r == reg), m.bus.cfg_log.last().unwrap());
    assert!(at(MSI + 4) < at(MSI + 16) && at(MSI + 16) < at(MSI + 2), "{:x?}", m.bus.cfg_log);
    assert_eq!((last.0, last.1 & 0x71), (MSI + 2, 0x21));
    assert_eq!((m.visible(), k.snapshot()), (before, software));
}

#[test]
fn slots_in_the_device_are_written_again_with_their_pasid_first() {
    let (mut k, mut m) = Setup::remapped().make();
    k.create_ims_domain(DEV, array(4), 4).unwrap();
    let open = k.ims_alloc_irq(&mut m, DEV, Some(Cookie { pasid: Some(5), queue: 0 }), None).unwrap();
    let masked = k.ims_alloc_irq(&mut m, DEV, None, None).unwrap();
    k.request_irq(&mut m, open.virq, Action::new(1)).unwrap();
    let (before, software) = (m.visible(), k.snapshot());
    forget(&mut m);
    k.restore_msi_state(&mut m, DEV).unwrap();
    assert_eq!(m.bus.take_log(), [], "neither MSI nor MSI-X is on");
    k.restore_ims_state(&mut m, DEV).unwrap();
    let log = m.bus.take_log();
    assert_eq!(log[..2], [W(SLOTS + 12, 0x5009), R(SLOTS + 12)]);
    assert_eq!(log[log.len() - 1], R(SLOTS + 16 * u64::from(masked.index) + 8));
    assert_eq!((m.visible(), k.snapshot()), (before, software));
}

/// The slots have been in memory all the time: the device is only told where they are.
#[test]
fn slots_in_host_memory_need_only_their_store() {
    let (mut k, mut m) = Setup::remapped().make();
    let template = memory(&mut m, true);
    k.create_ims_domain(DEV, template, 16).unwrap();
    let map = k.ims_alloc_irq(&mut m, DEV, None, None).unwrap();
    k.request_irq(&mut m, map.virq, Action::new(1)).unwrap();
    let mut slots = [0; 256];
    m.bus.mem.read(0x30_0000, &mut slots).unwrap();
    forget(&mut m);
    k.restore_ims_state(&mut m, DEV).unwrap();
    let log = m.bus.take_log();
    let at = |want| log.iter().position(|a| *a == want);
    assert!(at(W(REGS + HS_BASE_LO, 0x30_0000)).unwrap() < at(W(REGS + HS_CTRL, 1)).unwrap(), "{log:x?}");
    let mut after = [0; 256];
    m.bus.mem.read(0x30_0000, &mut after).unwrap();
    assert_eq!(after, slots);
    // And its commands are counted from where the device begins.
    k.disable_irq(&mut m, map.virq).unwrap();
    k.enable_irq(&mut m, map.virq).unwrap();
    assert_eq!(k.take_warnings(), []);
}

#[test]
fn there_is_nothing_to_restore_without_a_device_or_a_domain() {
    let (mut k, mut m) = Setup::remapped().make();
    k.restore_msi_state(&mut m, DEV).unwrap();
    k.restore_ims_state(&mut m, DEV).unwrap();
    assert!(m.bus.take_log().is_empty() && m.bus.cfg_log.is_empty());
    assert_eq!(k.restore_msi_state(&mut m, 9), Err(crate::domain::Errno::Enodev.into()));
}
