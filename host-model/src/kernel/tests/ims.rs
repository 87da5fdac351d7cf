// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The secondary domain: slots in device and host memory, beside MSI-X.

use super::*;
use crate::domain::Errno;
use crate::domain::msi::{ArrayChip, BusToken, ChipOps, Cookie, MemoryChip, Template, TemplateFlags};
use crate::driver::fake::Access::{R, W};
use crate::driver::ims_array::ImsArray;
use crate::driver::ims_memory::{Completion, ImsMemory, ImsMemoryConfig};
use crate::driver::regs::{HS_CMD, HS_CTRL, HS_STATUS, HS_STATUS_ENABLED};
use crate::kernel::{Action, VectorFlags, Warning};

pub fn array(slots: u32) -> Template {
    Template::ims(Box::new(ArrayChip::new(ImsArray { base: SLOTS, slots })))
}

/// A store in host memory, of a device that does each command at once, or never does one.
pub fn memory(m: &mut Fake, works: bool) -> Template {
    let mut done = 0;
    m.bus.hook = Some(Box::new(move |words, _, addr, _| match addr.wrapping_sub(REGS) {
        // Enabled once after each reset, which is when commands are counted from 0.
        HS_CTRL => {
            done = 0;
            words.insert(REGS + HS_STATUS, HS_STATUS_ENABLED);
        }
        HS_CMD if works => {
            done += 1;
            words.insert(REGS + HS_STATUS, HS_STATUS_ENABLED | done << 16);
        }
        _ => {}
    }));
    let config = ImsMemoryConfig {
        regs: REGS,
        base: 0x30_0000,
        slots: 16,
        completion: Completion::Poll,
        poll_cycles: 1,
        polls_max: 5,
    };
    let store = ImsMemory::enable(&mut m.bus, config).unwrap();
    m.bus.take_log();
    Template::ims(Box::new(MemoryChip::new(store)))
}

#[test]
fn the_pasid_stands_in_the_slot_before_its_first_message() {
    let (mut k, mut m) = Setup::remapped().make();
    k.create_ims_domain(DEV, array(4), 4).unwrap();
    let cookie = Cookie { pasid: Some(0x5), queue: 7 };
    let map = k.ims_alloc_irq(&mut m, DEV, Some(cookie), None).unwrap();
    assert_eq!(map.index, 0);
    let slot = SLOTS;
    assert_eq!(
        m.bus.take_log(),
        [
            W(slot + 12, 1),
            R(slot + 12),
            W(slot + 12, 0x5009),
            R(slot + 12),
            W(slot, 0xfee0_0018),
            W(slot + 4, 0),
            W(slot + 8, 0),
            R(slot + 8),
        ]
    );
    k.request_irq(&mut m, map.virq, Action::new(1)).unwrap();
    assert_eq!(m.bus.take_log(), [W(slot + 12, 0x5008), R(slot + 12)]);
    assert_eq!(k.device(DEV).unwrap().domain(1).unwrap().descs()[&0].cookie, Some(cookie));
    k.free_irq(&mut m, map.virq, 1).unwrap();
    k.ims_free_irq(&mut m, DEV, map).unwrap();
    let words = [0, 4, 8, 12].map(|f| m.bus.words[&(slot + f)]);
    assert_eq!(words, [0, 0, 0, 1]);
}

#[test]
fn slots_run_out_and_come_back() {
    let (mut k, mut m) = Setup::default().make();
    k.create_ims_domain(DEV, array(4), 4).unwrap();
    let maps: Vec<_> = (0..4).map(|_| k.ims_alloc_irq(&mut m, DEV, None, None).unwrap()).collect();
    assert_eq!(maps.iter().map(|map| map.index).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(k.ims_alloc_irq(&mut m, DEV, None, None), Err(Errno::Ebusy.into()));
    k.ims_free_irq(&mut m, DEV, maps[2]).unwrap();
    assert_eq!(k.ims_alloc_irq(&mut m, DEV, None, None).unwrap().index, 2);
    // Indices behind the table of MSI-X: hwsize 0 leaves the software's limit alone.
    k.remove_ims_domain(&mut m, DEV).unwrap();
    k.create_ims_domain(DEV, array(0x2_0000), 0).unwrap();
    assert_eq!(k.device(DEV).unwrap().domain(1).unwrap().hwsize, 65536);
}

#[test]
fn an_operation_on_a_slot_in_memory_is_one_command() {
    let (mut k, mut m) = Setup::remapped().make();
    let template = memory(&mut m, true);
    k.create_ims_domain(DEV, template, 16).unwrap();
    let commands =
        |m: &mut Fake| m.bus.take_log().iter().filter(|a| matches!(a, W(at, _) if *at == REGS + HS_CMD)).count();
    let map = k.ims_alloc_irq(&mut m, DEV, None, None).unwrap();
    assert_eq!(commands(&mut m), 1);
    // Message, affinity and mask in one.
    k.request_irq(&mut m, map.virq, Action::new(1)).unwrap();
    assert_eq!(commands(&mut m), 1);
    assert_eq!(m.bus.mem.read_u128(0x30_0000), Ok(0xfee0_0018));
    // At once, since a handler could not mask it.
    k.disable_irq(&mut m, map.virq).unwrap();
    assert_eq!(commands(&mut m), 1);
    assert_eq!(m.bus.mem.read_u128(0x30_0000), Ok(1 << 96 | 0xfee0_0018));
    k.enable_irq(&mut m, map.virq).unwrap();
    assert_eq!(commands(&mut m), 1);
    // With remapping a move leaves the slot alone.
    k.set_affinity(&mut m, map.virq, &crate::domain::CpuSet::of(3)).unwrap();
    assert_eq!(commands(&mut m), 0);
    k.free_irq(&mut m, map.virq, 1).unwrap();
    k.ims_free_irq(&mut m, DEV, map).unwrap();
    assert_eq!(m.bus.mem.read_u128(0x30_0000), Ok(1 << 96));
}

#[test]
fn without_remapping_a_slot_in_memory_moves_in_one_command() {
    let (mut k, mut m) = Setup::default().make();
    let template = memory(&mut m, true);
    k.create_ims_domain(DEV, template, 16).unwrap();
    let map = k.ims_alloc_irq(&mut m, DEV, None, None).unwrap();
    k.request_irq(&mut m, map.virq, Action::new(1)).unwrap();
    m.bus.take_log();
    let old = place(&k, map.virq);
    k.set_affinity(&mut m, map.virq, &crate::domain::CpuSet::of(3 - old.cpu)).unwrap();
    let new = place(&k, map.virq);
    let image = u128::from(new.vector) << 64 | 0xfee0_0000 | (new.cpu as u128) << 12;
    assert_eq!(m.bus.mem.read_u128(0x30_0000), Ok(image));
    let written = m.bus.take_log().iter().filter(|a| matches!(a, W(..))).count();
    assert_eq!(written, 1);
}

#[test]
fn a_command_that_is_lost_is_a_warning_and_leaves_the_lock_free() {
    let (mut k, mut m) = Setup::remapped().make();
    let template = memory(&mut m, false);
    k.create_ims_domain(DEV, template, 16).unwrap();
    let map = k.ims_alloc_irq(&mut m, DEV, None, None).unwrap();
    k.request_irq(&mut m, map.virq, Action::new(1)).unwrap();
    assert_eq!(k.take_warnings(), [Warning::UpdateLost(map.virq); 2]);
}

#[test]
fn msix_and_slots_live_together() {
    let (mut k, mut m) = Setup::remapped().make();
    k.alloc_irq_vectors(&mut m, DEV, 4, 4, VectorFlags::MSIX, None).unwrap();
    k.create_ims_domain(DEV, array(8), 8).unwrap();
    m.bus.take_log();
    m.bus.cfg_log.clear();
    let map = k.ims_alloc_irq(&mut m, DEV, None, None).unwrap();
    k.request_irq(&mut m, map.virq, Action::new(1)).unwrap();
    k.free_irq(&mut m, map.virq, 1).unwrap();
    k.ims_free_irq(&mut m, DEV, map).unwrap();
    assert!(m.bus.take_log().iter().all(|a| matches!(a, R(at) | W(at, _) if *at >= SLOTS)));
    assert_eq!(m.bus.cfg_log, []);
    // Index 0 of both domains: two interrupts.
    let map = k.ims_alloc_irq(&mut m, DEV, None, None).unwrap();
    assert_ne!((map.index, map.virq), (0, k.irq_vector(DEV, 0).unwrap()));
    // All of it goes with the vectors.
    k.free_irq_vectors(&mut m, DEV).unwrap();
    assert_eq!(k.irqs().len(), 1);
}

#[test]
fn a_pasid_goes_with_its_slots() {
    let (mut k, mut m) = Setup::remapped().make();
    k.create_ims_domain(DEV, array(8), 8).unwrap();
    for pasid in [5, 6, 5] {
        let cookie = Cookie { pasid: Some(pasid), queue: 0 };
        k.ims_alloc_irq(&mut m, DEV, Some(cookie), None).unwrap();
    }
    assert_eq!(k.ims_free_pasid(&mut m, DEV, 5), Ok(2));
    assert_eq!(k.device(DEV).unwrap().domain(1).unwrap().descs().keys().copied().collect::<Vec<_>>(), [1]);
    for slot in [0, 2] {
        assert_eq!(m.bus.words[&(SLOTS + 16 * slot + 12)], 1);
    }
}

#[test]
fn templates_that_cannot_work_are_refused_and_the_kernels_bool_hides_it() {
    let broken: [fn(Template) -> Template; 6] = [
        |t| Template { token: BusToken::Msix, ..t },
        |t| Template { flags: TemplateFlags { free_descs: false, ..t.flags }, ..t },
        |t| Template { ops: ChipOps { mask: false, ..t.ops }, ..t },
        |t| Template { ops: ChipOps { unmask: false, ..t.ops }, ..t },
        |t| Template { ops: ChipOps { write_msg: false, ..t.ops }, ..t },
        |t| Template { ops: ChipOps { set_affinity: true, ..t.ops }, ..t },
    ];
    for spoil in broken {
        let (mut k, mut m) = Setup::default().make();
        assert_eq!(k.create_ims_domain(DEV, spoil(array(4)), 4), Err(Errno::Einval.into()));
        // -EINVAL from a function that is a bool is true; the first allocation tells.
        assert!(k.create_ims_domain_as_bool(DEV, spoil(array(4)), 4));
        assert_eq!(k.ims_alloc_irq(&mut m, DEV, None, None), Err(Errno::Enodev.into()));
    }
}

#[test]
fn no_slots_behind_a_virtual_unit() {
    let (mut k, mut m) = Setup { caching_mode: true, ..Setup::remapped() }.make();
    let before = k.snapshot();
    assert_eq!(k.create_ims_domain(DEV, array(4), 4), Err(Errno::Enotsupp.into()));
    // Here the kernel's function tells the truth.
    assert!(!k.create_ims_domain_as_bool(DEV, array(4), 4));
    assert_eq!(k.snapshot(), before);
    assert_eq!(k.alloc_irq_vectors(&mut m, DEV, 1, 1, VectorFlags::MSIX, None), Ok(1));
}
