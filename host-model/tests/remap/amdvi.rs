// SPDX-License-Identifier: Apache-2.0 OR MIT
//! AMD-Vi: known answers of the unit [AMD IOMMU 2.2.2, 2.2.5, 2.4, 2.5], then the domain over it.
//!
//! Tables and commands of the known answers are composed here, bit by bit, apart from unit and driver.

use crate::bus::UnitBus;
use crate::domain::{DEVICE, OTHER, multi, on, root};
use host_model::domain::remap::{AmdViDomain, DomainError, Moved, RemapDomain, Root};
use host_model::domain::vector::{AllocInfo, Contiguous};
use host_model::domain::{CpuSet, Errno};
use host_model::driver::Bus;
use host_model::driver::amdvi::{AmdConfig, AmdEvent, AmdRemapping, Format};
use host_model::driver::msg::MsiMsg;
use host_model::interrupt::{ApicMessage, DeliveryMode};
use host_model::remap::amdvi::{AmdVi, AmdViConfig};
use host_model::remap::{FaultReason, Latency, RemapEffect, RemapUnit};
use tlp::Bdf;

const DEVICES: u64 = 0x40_0000;
const COMMANDS: u64 = 0x30_0000;
const EVENTS: u64 = 0x30_1000;
const STATUS: u64 = 0x30_2000;
const TABLE: u64 = 0x80_0000;

const fn config(format: Format, order: u8) -> AmdConfig {
    AmdConfig {
        devices: DEVICES,
        commands: COMMANDS,
        events: EVENTS,
        status: STATUS,
        tables: TABLE,
        format,
        order,
        poll_cycles: 5,
        polls_max: 100,
    }
}

const MSI: u32 = 0xfee0_0000;

fn msg(data: u32) -> MsiMsg {
    MsiMsg { address_hi: 0, address_lo: MSI, data }
}

/// The unit on, by registers: GAEn, XTEn and 2,048-entry mode as asked for.
fn unit(ga: bool, xt: bool, two_k: bool) -> UnitBus<AmdVi> {
    let mut bus = UnitBus::new(AmdVi::new(AmdViConfig { caches: false, ..AmdViConfig::default() }));
    let mut w = |at, value| bus.vtd_write(at, 8, value).expect("a register");
    // 0x200 entries: devices up to 01ff.
    w(0x0000, DEVICES | 3);
    w(0x0008, COMMANDS | 8 << 56);
    w(0x0010, EVENTS | 8 << 56);
    let modes = u64::from(ga) << 17 | u64::from(xt) << 50 | u64::from(xt) << 51 | u64::from(two_k) << 43;
    w(0x0018, 1 | 1 << 2 | 1 << 12 | modes);
    bus
}

/// Word 2 of the device table entry.
fn set_device(bus: &mut UnitBus<AmdVi>, device: Bdf, word: u64) {
    bus.mem.write_u64(DEVICES + 32 * u64::from(device.bits()) + 16, word).expect("memory");
}

/// IV, 2^order entries at [`TABLE`], remap.
fn remapped(order: u64) -> u64 {
    1 | order << 1 | TABLE | 2 << 60
}

fn fixed(destination: u32, vector: u8) -> ApicMessage {
    ApicMessage {
        destination,
        logical: false,
        redirection_hint: false,
        mode: DeliveryMode::Fixed,
        level: false,
        vector,
    }
}

fn message(bus: &mut UnitBus<AmdVi>, source: Bdf, msg: MsiMsg) -> Result<ApicMessage, (FaultReason, bool)> {
    bus.drain();
    bus.post(source, msg);
    match bus.drain()[..] {
        [RemapEffect::Deliver { message, .. }] => Ok(message),
        [RemapEffect::Blocked { reason, recorded, .. }] => Err((reason, recorded)),
        ref other => panic!("{other:?}"),
    }
}

/// The last entry of the log: code, device, flags above bit 48, address.
fn last_event(bus: &mut UnitBus<AmdVi>) -> (u64, u64, u64, u64) {
    let tail = bus.unit.read(0x2018, 8);
    let at = EVENTS + (tail + 4096 - 16) % 4096;
    let (low, high) = (bus.mem.read_u64(at).expect("memory"), bus.mem.read_u64(at + 8).expect("memory"));
    (low >> 60, low & 0xffff, low >> 48 & 0xfff, high)
}

/// Bits of an event's flags.
const I: u64 = 1 << 3;
const PR: u64 = 1 << 4;
const RW: u64 = 1 << 5;
const RZ: u64 = 1 << 7;

/// The 32-bit entry, field by field [AMD IOMMU figure 13].
#[test]
fn narrow_entry_known_answers() {
    let mut bus = unit(false, false, false);
    set_device(&mut bus, DEVICE, remapped(5));
    let set = |bus: &mut UnitBus<AmdVi>, index: u64, entry: u32| {
        bus.mem.write_u32(TABLE + 4 * index, entry).expect("memory");
        message(bus, DEVICE, msg(index as u32))
    };
    assert_eq!(set(&mut bus, 0, 0x0041_0301), Ok(fixed(3, 0x41)));
    assert_eq!(set(&mut bus, 31, 0x00ff_ff01), Ok(fixed(0xff, 0xff)));
    assert_eq!(set(&mut bus, 7, 0x0041_0341), Ok(ApicMessage { logical: true, ..fixed(3, 0x41) }));
    assert_eq!(set(&mut bus, 7, 0x0041_0321), Ok(ApicMessage { level: true, ..fixed(3, 0x41) }));
    let arbitrated = ApicMessage { mode: DeliveryMode::LowestPriority, ..fixed(3, 0x41) };
    assert_eq!(set(&mut bus, 7, 0x0041_0305), Ok(arbitrated));
    let fault = |logged| Err((FaultReason::InterruptFault, logged));
    assert_eq!(set(&mut bus, 7, 0x0041_0300), fault(true), "RemapEn is 0");
    assert_eq!(last_event(&mut bus), (2, 0x0108, I | RW, u64::from(MSI)));
    assert_eq!(set(&mut bus, 7, 0x0041_0302), fault(false), "SupIOPF");
    for entry in [0x0041_0309, 0x0041_0381, 0x0141_0301, 0x8041_0301] {
        assert_eq!(set(&mut bus, 7, entry), fault(true), "reserved field of {entry:#x}");
        assert_eq!(last_event(&mut bus), (2, 0x0108, I | PR | RW | RZ, u64::from(MSI)));
    }
    assert_eq!(message(&mut bus, DEVICE, msg(32)), fault(true), "beyond IntTabLen");
    bus.mem.punch_hole(TABLE, 4);
    assert_eq!(message(&mut bus, DEVICE, msg(0)), Err((FaultReason::InterruptTableUnreadable, true)));
    assert_eq!(last_event(&mut bus), (4, 0x0108, I | RW, TABLE));
}

/// The 128-bit entry, with and without 32-bit destinations [AMD IOMMU figure 15].
#[test]
fn wide_entry_known_answers() {
    for xt in [false, true] {
        let mut bus = unit(true, xt, false);
        set_device(&mut bus, DEVICE, remapped(9));
        let set = |bus: &mut UnitBus<AmdVi>, index: u64, entry: u128| {
            bus.mem.write_u128(TABLE + 16 * index, entry).expect("memory");
            message(bus, DEVICE, msg(index as u32))
        };
        assert_eq!(set(&mut bus, 511, 0x41 << 64 | 0x0301), Ok(fixed(3, 0x41)));
        let large = set(&mut bus, 1, 0xab << 120 | 0x41 << 64 | 0xcdef_0201);
        let fault = Err((FaultReason::InterruptFault, true));
        assert_eq!(large, if xt { Ok(fixed(0xabcd_ef02, 0x41)) } else { fault });
        for bit in (32..64).chain(72..120) {
            assert_eq!(set(&mut bus, 1, 0x41 << 64 | 0x0301 | 1 << bit), fault, "reserved bit {bit}");
        }
    }
}

/// What the device table entry says before any interrupt table is read [AMD IOMMU table 7].
#[test]
fn device_entry_decides_first() {
    let mut bus = unit(false, false, false);
    let nmi = MsiMsg { data: 0x0400, ..msg(0) };
    let raw = |data: u32| ApicMessage { mode: DeliveryMode::from_bits((data >> 8) as u8), ..fixed(0, data as u8) };
    assert_eq!(message(&mut bus, DEVICE, msg(0x41)), Ok(raw(0x41)), "IV is 0: passes as it is");
    set_device(&mut bus, DEVICE, remapped(5) & !(3 << 60));
    assert_eq!(message(&mut bus, DEVICE, msg(0x41)), Err((FaultReason::InterruptFault, true)), "IntCtl 0 aborts");
    set_device(&mut bus, DEVICE, remapped(5) & !(3 << 60) | 1 << 5);
    assert_eq!(message(&mut bus, DEVICE, msg(0x41)), Err((FaultReason::InterruptFault, false)), "IG: not logged");
    set_device(&mut bus, DEVICE, remapped(5) & !(3 << 60) | 1 << 60);
    assert_eq!(message(&mut bus, DEVICE, msg(0x41)), Ok(raw(0x41)), "IntCtl 1 passes");
    for bad in [3 << 60, 1 << 52, 1 << 55, 1 << 59, 12 << 1] {
        set_device(&mut bus, DEVICE, remapped(0) | bad);
        assert_eq!(message(&mut bus, DEVICE, msg(0)), Err((FaultReason::IllegalDeviceEntry, true)), "{bad:#x}");
        assert_eq!(last_event(&mut bus), (1, 0x0108, I | RW | RZ, u64::from(MSI)));
    }
    // Interrupts that are neither fixed nor arbitrated follow their pass bits.
    for (data, bit) in [(0x0400, 58), (0x0500, 56), (0x0700, 57)] {
        set_device(&mut bus, DEVICE, remapped(9));
        assert_eq!(message(&mut bus, DEVICE, msg(data)), Err((FaultReason::InterruptFault, true)));
        set_device(&mut bus, DEVICE, remapped(9) | 1 << bit);
        assert_eq!(message(&mut bus, DEVICE, msg(data)), Ok(raw(data)));
    }
    set_device(&mut bus, DEVICE, remapped(9) | 7 << 56);
    assert_eq!(message(&mut bus, DEVICE, msg(0x0200)), Err((FaultReason::InterruptFault, true)), "SMI never");
    // A requester beyond the table, an entry that cannot be read, a unit that is off.
    assert_eq!(message(&mut bus, OTHER, msg(0)), Err((FaultReason::IllegalDeviceEntry, true)));
    bus.mem.punch_hole(DEVICES + 32 * 0x108, 32);
    assert_eq!(message(&mut bus, DEVICE, msg(0)), Err((FaultReason::DeviceTableUnreadable, true)));
    assert_eq!(last_event(&mut bus).0, 3);
    bus.vtd_write(0x0018, 8, 0).expect("a register");
    assert_eq!(message(&mut bus, DEVICE, nmi), Ok(raw(0x0400)));
}

/// In 2,048-entry mode data bits 10:0 are the index, whatever delivery mode they would be.
#[test]
fn index_of_eleven_bits() {
    let mut bus = unit(true, true, true);
    set_device(&mut bus, DEVICE, remapped(11));
    for index in [0, 0x1ff, 0x200, 0x400, 0x7ff] {
        bus.mem.write_u128(TABLE + 16 * index, 0x41 << 64 | 0x0301).expect("memory");
        assert_eq!(message(&mut bus, DEVICE, msg(index as u32)), Ok(fixed(3, 0x41)));
        // Bits above it are not part of it.
        assert_eq!(message(&mut bus, DEVICE, msg(index as u32 | 0xf800)), Ok(fixed(3, 0x41)));
    }
}

/// Cached entries serve until INVALIDATE_INTERRUPT_TABLE, cached device entries until INVALIDATE_DEVTAB_ENTRY, and each
/// command takes its own device only.
#[test]
fn what_invalidations_drop() {
    let mut bus = unit(false, false, false);
    bus.unit = AmdVi::new(AmdViConfig::default());
    bus.vtd_write(0x0000, 8, DEVICES | 511).expect("a register");
    bus.vtd_write(0x0008, 8, COMMANDS | 8 << 56).expect("a register");
    bus.vtd_write(0x0018, 8, 1 | 1 << 12).expect("a register");
    let mut tail = 0u64;
    let mut command = |bus: &mut UnitBus<AmdVi>, low: u64| {
        bus.mem.write_u64(COMMANDS + tail, low).expect("memory");
        bus.mem.write_u64(COMMANDS + tail + 8, 0).expect("memory");
        tail += 16;
        bus.vtd_write(0x2008, 8, tail).expect("a register");
        assert_eq!(bus.unit.read(0x2000, 8), tail, "the head has followed");
    };
    for device in [DEVICE, OTHER] {
        set_device(&mut bus, device, remapped(5));
    }
    let old = Ok(fixed(3, 0x41));
    bus.mem.write_u32(TABLE, 0x0041_0301).expect("memory");
    assert_eq!(message(&mut bus, DEVICE, msg(0)), old);
    assert_eq!(message(&mut bus, OTHER, msg(0)), old);
    bus.mem.write_u32(TABLE, 0x0042_0401).expect("memory");
    assert_eq!(message(&mut bus, DEVICE, msg(0)), old);
    command(&mut bus, 2 << 60 | 0x0108);
    assert_eq!(message(&mut bus, DEVICE, msg(0)), old, "a device entry is not an interrupt entry");
    command(&mut bus, 5 << 60 | 0x0108);
    assert_eq!(message(&mut bus, DEVICE, msg(0)), Ok(fixed(4, 0x42)));
    assert_eq!(message(&mut bus, OTHER, msg(0)), old, "of another device");
    set_device(&mut bus, OTHER, 0);
    command(&mut bus, 5 << 60 | 0x0208);
    assert_eq!(message(&mut bus, OTHER, msg(0)), Ok(fixed(4, 0x42)), "its device entry is cached");
    command(&mut bus, 2 << 60 | 0x0208);
    assert_eq!(message(&mut bus, OTHER, msg(0)), Ok(fixed(0, 0)), "IV is 0 now");
    set_device(&mut bus, DEVICE, 0);
    command(&mut bus, 8 << 60);
    assert_eq!(message(&mut bus, DEVICE, msg(0)), Ok(fixed(0, 0)), "INVALIDATE_IOMMU_ALL");
}

/// An unknown command, or one with a reserved bit, stops the buffer at it, with an event; a restart goes on.
#[test]
fn illegal_command_stops_the_buffer() {
    for bad in [0u64, 9 << 60, 15 << 60, 5 << 60 | 1 << 16, 2 << 60 | 1 << 40] {
        let mut bus = unit(false, false, false);
        bus.mem.write_u64(COMMANDS, 1 << 60).expect("memory");
        bus.mem.write_u64(COMMANDS + 16, bad).expect("memory");
        bus.vtd_write(0x2008, 8, 0x30).expect("a register");
        assert_eq!(bus.unit.read(0x2000, 8), 0x10, "stands at {bad:#x}");
        assert_eq!(bus.unit.read(0x2020, 8) & 0x10, 0, "CmdBufRun");
        let (code, .., address) = last_event(&mut bus);
        assert_eq!((code, address), (5, COMMANDS + 16));
        // CmdBufEn from 0 to 1 starts it again; the command has been replaced.
        bus.mem.write_u64(COMMANDS + 16, 1 << 60).expect("memory");
        bus.mem.write_u64(COMMANDS + 32, 1 << 60).expect("memory");
        bus.vtd_write(0x0018, 8, 1 | 1 << 2).expect("a register");
        bus.vtd_write(0x0018, 8, 1 | 1 << 2 | 1 << 12).expect("a register");
        assert_eq!(bus.unit.read(0x2000, 8), 0x30);
    }
}

/// 255 events fill a log of 256 entries; the next stops it with the overflow bit, and nothing is written over.
#[test]
fn full_log_stops() {
    let mut bus = unit(false, false, false);
    set_device(&mut bus, DEVICE, remapped(5));
    for n in 0..255 {
        assert_eq!(message(&mut bus, DEVICE, msg(0)), Err((FaultReason::InterruptFault, true)), "{n}");
    }
    assert_eq!(bus.unit.read(0x2020, 8) & 0b1011, 0b1010, "EventLogInt, EventLogRun");
    for _ in 0..3 {
        assert_eq!(message(&mut bus, DEVICE, msg(0)), Err((FaultReason::InterruptFault, false)));
    }
    assert_eq!(bus.unit.read(0x2020, 8) & 0b1011, 0b0011, "EventOverflow; the log does not run");
    assert_eq!(bus.unit.read(0x2018, 8), 0xff0);
}

fn amd(format: Format, order: u8) -> (UnitBus<AmdVi>, AmdViDomain) {
    let latency = Latency { min: 3, max: 90 };
    let mut bus = UnitBus::new(AmdVi::new(AmdViConfig { latency, ..AmdViConfig::default() }));
    let unit = AmdRemapping::enable(&mut bus, config(format, order)).expect("comes up");
    (bus, AmdViDomain::new(unit))
}

/// An interrupt's life in every format: the device's message never changes, and leads where the vector domain says.
#[test]
fn entry_leads_where_the_vector_domain_says() {
    for format in [Format::Narrow, Format::Wide, Format::WideX2apic] {
        let (mut bus, mut d) = amd(format, 9);
        let mut root = root(Contiguous::Refuse);
        let info = host_model::domain::remap::IrqInfo { vector: AllocInfo::default(), source: DEVICE };
        d.alloc_irqs(&mut root, &mut bus, 40, 1, &info).expect("allocates");
        let msg = d.compose(&root, 40).expect("composes");
        assert_eq!(bus.send(DEVICE, msg), Err(FaultReason::InterruptFault), "allocated, not activated");
        d.activate(&mut root, &mut bus, 40, true).expect("promised");
        assert_eq!(bus.send(DEVICE, msg), Ok((0x10, 0xef)), "the shutdown vector");
        d.activate(&mut root, &mut bus, 40, false).expect("started");
        for cpu in [0, 3, 1] {
            assert_eq!(d.set_affinity(&mut root, &mut bus, 40, &CpuSet::of(cpu)), Ok(Moved::Done));
            assert_eq!(d.compose(&root, 40), Ok(msg));
            assert_eq!(bus.send(DEVICE, msg), Ok(root.destination(40).expect("exists")));
            (0..4).for_each(|cpu| _ = root.vectors.cleanup_timer(cpu, &|_| false));
            d.check(&root, &mut bus).expect("book, vectors and table agree");
        }
        // Another requester has no table of its own: its messages pass as they are, to nobody's entry.
        assert_eq!(bus.send(OTHER, msg), Ok((0, 0)));
        d.deactivate(&mut root, &mut bus, 40).expect("exists");
        assert_eq!(bus.send(DEVICE, msg), Err(FaultReason::InterruptFault));
        d.free_irqs(&mut root, &mut bus, 40).expect("exists");
        d.check(&root, &mut bus).expect("book, vectors and table agree");
        assert_eq!((root.vectors.matrix().allocated(), root.vectors.matrix().reserved()), (0, 0));
        let log = d.unit_mut().drain_events(&mut bus).expect("a log");
        let event = AmdEvent { code: 2, device: DEVICE, flags: (I | RW) as u16, address: u64::from(MSI) };
        assert_eq!((log.events, log.overflow), (vec![event; 2], false));
    }
}

/// Two devices use the same index for different interrupts; eight messages of one MSI go to eight places.
#[test]
fn tables_are_the_devices_own() {
    let (mut bus, mut d) = amd(Format::WideX2apic, 11);
    let mut root = root(Contiguous::Refuse);
    let of = |source, info| host_model::domain::remap::IrqInfo { source, ..info };
    d.alloc_irqs(&mut root, &mut bus, 40, 1, &of(DEVICE, on(1))).expect("allocates");
    d.alloc_irqs(&mut root, &mut bus, 41, 1, &of(OTHER, on(2))).expect("allocates");
    d.alloc_irqs(&mut root, &mut bus, 48, 8, &of(DEVICE, multi(0))).expect("allocates");
    assert_eq!((d.entry(40), d.entry(41), d.entry(48)), (Some(0), Some(0), Some(8)));
    for irq in [40, 41].into_iter().chain(48..56) {
        d.activate(&mut root, &mut bus, irq, false).expect("starts");
    }
    for irq in 48..56 {
        d.set_affinity(&mut root, &mut bus, irq, &CpuSet::of(irq as usize % 4)).expect("moves alone");
    }
    for (irq, source) in [(40, DEVICE), (41, OTHER)] {
        let msg = d.compose(&root, irq).expect("composes");
        assert_eq!(bus.send(source, msg), Ok(root.destination(irq).expect("exists")));
    }
    let base = d.compose(&root, 48).expect("composes");
    for i in 0..8 {
        let raised = MsiMsg { data: base.data | i, ..base };
        assert_eq!(bus.send(DEVICE, raised), Ok(root.destination(48 + i).expect("exists")));
    }
    d.check(&root, &mut bus).expect("book, vectors and table agree");
}

/// A move with requests under way: what was looked up before arrives before the call returns.
#[test]
fn move_drains_the_old_way() {
    let (mut bus, mut d) = amd(Format::Narrow, 5);
    let mut root = root(Contiguous::Refuse);
    d.alloc_irqs(&mut root, &mut bus, 40, 1, &on(0)).expect("allocates");
    d.activate(&mut root, &mut bus, 40, false).expect("starts");
    let msg = d.compose(&root, 40).expect("composes");
    let old = root.destination(40).expect("exists");
    bus.drain();
    for _ in 0..20 {
        bus.post(DEVICE, msg);
    }
    d.set_affinity(&mut root, &mut bus, 40, &CpuSet::of(2)).expect("moves");
    let to = |e: &RemapEffect| match *e {
        RemapEffect::Deliver { message, .. } => Some((message.destination, message.vector)),
        _ => None,
    };
    let before: Vec<_> = std::mem::take(&mut bus.effects).iter().filter_map(to).collect();
    assert_eq!(before, vec![old; 20]);
    bus.post(DEVICE, msg);
    let after: Vec<_> = bus.drain().iter().filter_map(to).collect();
    assert_eq!(after, [root.destination(40).expect("exists")]);
}

/// Every refusal by its name, and afterwards vectors, entries and tables are as before.
#[test]
fn refusals_leave_everything_as_it_was() {
    let (mut bus, mut d) = amd(Format::Narrow, 2);
    let mut root = root(Contiguous::Refuse);
    d.alloc_irqs(&mut root, &mut bus, 40, 1, &on(0)).expect("allocates");
    d.activate(&mut root, &mut bus, 40, false).expect("starts");
    let state = |root: &Root, bus: &UnitBus<AmdVi>, d: &AmdViDomain| {
        let mut table = [0; 16];
        bus.mem.read(TABLE, &mut table).expect("memory");
        let m = root.vectors.matrix();
        let places: Vec<_> = (40..50).map(|irq| (root.destination(irq), d.entry(irq))).collect();
        (m.allocated(), m.reserved(), m.available(None), places, table)
    };
    let before = state(&root, &bus, &d);
    let e = |errno| Err(DomainError::Errno(errno));
    assert_eq!(d.alloc_irqs(&mut root, &mut bus, 42, 4, &multi(0)), e(Errno::Enospc), "three of four are left");
    assert_eq!(d.alloc_irqs(&mut root, &mut bus, 42, 8, &multi(0)), e(Errno::Enospc), "more than a table has");
    assert_eq!(d.alloc_irqs(&mut root, &mut bus, 42, 2, &on(0)), e(Errno::Einval));
    assert_eq!(d.alloc_irqs(&mut root, &mut bus, 42, 0, &on(0)), e(Errno::Einval));
    assert_eq!(d.alloc_irqs(&mut root, &mut bus, 42, 33, &multi(0)), e(Errno::Einval));
    assert_eq!(d.alloc_irqs(&mut root, &mut bus, 40, 1, &on(0)), e(Errno::Eexist));
    assert_eq!(d.free_irqs(&mut root, &mut bus, 42), e(Errno::Enxio));
    assert_eq!(d.activate(&mut root, &mut bus, 42, false), e(Errno::Enxio));
    assert_eq!(d.deactivate(&mut root, &mut bus, 42), e(Errno::Enxio));
    assert_eq!(d.compose(&root, 42), Err(DomainError::Errno(Errno::Enxio)));
    assert_eq!(d.follow(&mut root, &mut bus, 42), Err(DomainError::Errno(Errno::Enxio)));
    assert_eq!(d.set_affinity(&mut root, &mut bus, 40, &CpuSet::of(9)), Err(DomainError::Errno(Errno::Einval)));
    assert_eq!(d.post(&mut root, &mut bus, 40, None), e(Errno::Enosys));
    assert_eq!(state(&root, &bus, &d), before);
    d.check(&root, &mut bus).expect("book, vectors and table agree");
}

/// A command buffer that cannot be read: both places are kept, and the move ends once it has been restarted.
#[test]
fn failure_keeps_both_places() {
    let (mut bus, mut d) = amd(Format::WideX2apic, 5);
    let mut root = root(Contiguous::Refuse);
    d.alloc_irqs(&mut root, &mut bus, 40, 1, &on(0)).expect("allocates");
    d.activate(&mut root, &mut bus, 40, false).expect("starts");
    d.unit_mut().set_event_interrupt(&mut bus, 0x0102_0304, 0x51).expect("registers");
    let msg = d.compose(&root, 40).expect("composes");
    let here = bus.unit.read(0x2000, 8);
    // The command at the head becomes one that does not exist, behind the driver's back.
    bus.mem.punch_hole(COMMANDS + here, 16);
    let error = d.set_affinity(&mut root, &mut bus, 40, &CpuSet::of(1)).expect_err("memory does not answer");
    assert_eq!(error.errno(), Errno::Eio);
    assert_eq!(root.vectors.places(40).count(), 2);
    bus.mem.fill_hole(COMMANDS + here);
    // The driver could not even write the command there; the unit has found what was there: nothing.
    d.unit_mut().restart_commands(&mut bus).expect("registers");
    d.follow(&mut root, &mut bus, 40).expect("and the move ends");
    assert_eq!(bus.send(DEVICE, msg), Ok(root.destination(40).expect("exists")));
    d.check(&root, &mut bus).expect("book, vectors and table agree");
    // The unit's own interrupt, to a destination of 32 bits.
    d.deactivate(&mut root, &mut bus, 40).expect("exists");
    bus.drain();
    bus.post(DEVICE, msg);
    let own = bus.drain().into_iter().find_map(|e| match e {
        RemapEffect::FaultEvent(message) => message.apic(),
        _ => None,
    });
    assert_eq!(own, Some(fixed(0x0102_0304, 0x51)));
}
