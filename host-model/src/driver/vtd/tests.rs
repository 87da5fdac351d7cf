// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The driver against the unit's model.

use super::super::fake::FakeBus;
use super::*;
use crate::remap::{FaultReason, RemapEffect};

const DEVICE: Bdf = Bdf::from_bits(0x0108);
const CONFIG: IrConfig = IrConfig {
    table: 0x10_0000,
    size: 7,
    x2apic: true,
    queue: 0x20_0000,
    status: 0x21_0000,
    poll_cycles: 10,
    polls_max: 100,
};

fn enabled(config: IrConfig) -> (FakeBus, InterruptRemapping) {
    let mut bus = FakeBus::new();
    let ir = InterruptRemapping::enable(&mut bus, config).unwrap();
    (bus, ir)
}

/// Vector and destination that an interrupt of the device got, or why it was dropped.
fn send(bus: &mut FakeBus, source: Bdf, msg: MsiMsg) -> Result<(u8, u32), FaultReason> {
    let effects = bus.interrupt(source, msg.address_lo, msg.data);
    let found = effects.iter().find_map(|e| match *e {
        RemapEffect::Deliver { message, .. } => Some(Ok((message.vector, message.destination))),
        RemapEffect::Blocked { reason, .. } => Some(Err(reason)),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("neither delivered nor blocked: {effects:?}"))
}

#[test]
fn images_agree_with_the_architecture() {
    // Words worked out from VT-d 9.10 by hand.
    let spec = IrteSpec::fixed(3, 0x41, DEVICE);
    assert_eq!(spec.image(true), 0x0000_0000_0004_0108_0000_0003_0041_0009);
    assert_eq!(spec.image(false), 0x0000_0000_0004_0108_0000_0300_0041_0009);
    let all = IrteSpec {
        logical: true,
        redirection_hint: false,
        mode: 1,
        quiet: true,
        source: SourceCheck::Buses { first: 1, last: 3 },
        ..spec
    };
    assert_eq!(all.image(true), 0x0000_0000_0008_0103_0000_0003_0041_0027);
    let any = IrteSpec { source: SourceCheck::Id { id: DEVICE, qualifier: 3 }, ..spec };
    assert_eq!(any.image(true) >> 64, 0x0007_0108);
}

#[test]
fn an_entry_leads_to_its_vector_and_a_changed_one_to_the_new_vector() {
    for x2apic in [false, true] {
        let (mut bus, mut ir) = enabled(IrConfig { x2apic, ..CONFIG });
        let index = ir.alloc(1).unwrap();
        ir.modify(&mut bus, index, &IrteSpec::fixed(3, 0x41, DEVICE)).unwrap();
        let msg = ir.compose(index, 0).unwrap();
        assert_eq!(send(&mut bus, DEVICE, msg), Ok((0x41, 3)));
        ir.modify(&mut bus, index, &IrteSpec::fixed(1, 0x52, DEVICE)).unwrap();
        assert_eq!(send(&mut bus, DEVICE, msg), Ok((0x52, 1)));
    }
}

#[test]
fn without_the_flush_the_unit_goes_on_with_the_old_entry() {
    let (mut bus, mut ir) = enabled(CONFIG);
    let index = ir.alloc(1).unwrap();
    ir.modify(&mut bus, index, &IrteSpec::fixed(3, 0x41, DEVICE)).unwrap();
    let msg = ir.compose(index, 0).unwrap();
    assert_eq!(send(&mut bus, DEVICE, msg), Ok((0x41, 3)));
    ir.store_unflushed(&mut bus, index, &IrteSpec::fixed(1, 0x52, DEVICE)).unwrap();
    assert_eq!(send(&mut bus, DEVICE, msg), Ok((0x41, 3)));
    ir.flush(&mut bus, index, 0).unwrap();
    assert_eq!(send(&mut bus, DEVICE, msg), Ok((0x52, 1)));
}

#[test]
fn a_freed_entry_blocks_and_the_fault_is_drained_once() {
    let (mut bus, mut ir) = enabled(CONFIG);
    let index = ir.alloc(4).unwrap();
    ir.modify(&mut bus, index + 2, &IrteSpec::fixed(3, 0x41, DEVICE)).unwrap();
    let msg = ir.compose(index, 2).unwrap();
    assert_eq!(send(&mut bus, DEVICE, msg), Ok((0x41, 3)));
    let stranger = Bdf::from_bits(0x0300);
    assert_eq!(send(&mut bus, stranger, msg), Err(FaultReason::SourceMismatch));
    ir.free(&mut bus, index).unwrap();
    assert_eq!(send(&mut bus, DEVICE, msg), Err(FaultReason::NotPresent));
    let faults = ir.drain_faults(&mut bus).unwrap();
    let record = |reason, source| Fault {
        reason,
        source,
        index: index as u16 + 2,
        address: (u64::from(index) + 2) << 48,
        pasid: None,
        read: false,
    };
    assert_eq!(faults, Faults { records: vec![record(0x26, stranger), record(0x22, DEVICE)], overflow: false });
    assert_eq!(ir.drain_faults(&mut bus).unwrap(), Faults::default());
}

#[test]
fn the_queue_wraps_many_times() {
    let (mut bus, mut ir) = enabled(CONFIG);
    for round in 0..1000 {
        ir.flush(&mut bus, round % 16, 0).unwrap();
    }
    assert_eq!(bus.vtd_read(IQH, 8), bus.vtd_read(IQT, 8));
}

#[test]
fn a_bad_descriptor_stops_the_queue_until_it_is_replaced() {
    let (mut bus, mut ir) = enabled(CONFIG);
    let error = ir.submit_sync(&mut bus, &[0xf]).unwrap_err();
    assert!(matches!(error, IrError::Queue(status) if status & FSTS_IQE != 0), "{error:?}");
    ir.recover_queue(&mut bus).unwrap();
    ir.flush_all(&mut bus).unwrap();
}

#[test]
fn compatibility_format_is_shut_after_enabling() {
    let config = IrConfig { x2apic: false, ..CONFIG };
    let (mut bus, mut ir) = enabled(config);
    let msg = MsiMsg::compat(2, 0x31, false).unwrap();
    assert_eq!(send(&mut bus, DEVICE, msg), Err(FaultReason::CompatBlocked));
    ir.compat_passes(&mut bus, true).unwrap();
    assert_eq!(send(&mut bus, DEVICE, msg), Ok((0x31, 2)));
    ir.disable(&mut bus).unwrap();
    assert_eq!(send(&mut bus, DEVICE, msg), Ok((0x31, 2)));
}

#[test]
fn blocks_are_aligned_disjoint_and_reused() {
    let (mut bus, mut ir) = enabled(IrConfig { size: 3, ..CONFIG });
    assert_eq!(ir.alloc(1), Ok(0));
    assert_eq!(ir.alloc(3), Ok(4));
    assert_eq!(ir.alloc(2), Ok(2));
    assert_eq!(ir.alloc(8), Ok(8));
    assert_eq!(ir.alloc(1), Ok(1));
    assert_eq!(ir.alloc(1), Err(IrError::Full(1)));
    ir.free(&mut bus, 4).unwrap();
    assert_eq!(ir.alloc(4), Ok(4));
    assert_eq!(ir.free(&mut bus, 5), Err(IrError::NotAllocated(5)));
    assert_eq!(ir.modify(&mut bus, 16, &IrteSpec::fixed(0, 0x30, DEVICE)), Err(IrError::NotAllocated(16)));
}
