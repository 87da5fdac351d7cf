// SPDX-License-Identifier: Apache-2.0 OR MIT
//! DMA remapping [VT-d 3, 6, 7.1.3, 9]: tables written by the driver, faults by hand, accesses through the unit.

use crate::bus::UnitBus;
use crate::domain::{DEVICE, OTHER};
use host_model::driver::Bus;
use host_model::driver::iommu::{Attach, DmaRemapping, Kind, PageSize, Space};
use host_model::driver::vtd::{Fault, InterruptRemapping, IrConfig, IrError};
use host_model::remap::vtd::dma::DmaConfig;
use host_model::remap::vtd::{Vtd, VtdConfig};
use host_model::remap::{DmaAccess, RemapEffect, RemapUnit};
use tlp::Bdf;

const POOL: u64 = 0x100_0000;

pub struct Machine {
    pub bus: UnitBus<Vtd>,
    pub unit: InterruptRemapping,
    pub dma: DmaRemapping,
}

impl Machine {
    pub fn new(scalable: bool, config: DmaConfig) -> Self {
        let config = VtdConfig { dma: Some(config), fault_records: 16, ..VtdConfig::default() };
        let mut bus = UnitBus::new(Vtd::new(config));
        let config = IrConfig {
            table: 0x10_0000,
            size: 7,
            x2apic: true,
            queue: 0x30_0000,
            status: 0x31_0000,
            poll_cycles: 5,
            polls_max: 100,
        };
        let mut unit = InterruptRemapping::enable(&mut bus, config).expect("comes up");
        let pool = POOL..POOL + 0x40_0000;
        let dma = DmaRemapping::enable(&mut bus, &mut unit, pool, scalable).expect("comes up");
        Self { bus, unit, dma }
    }

    /// Where an access goes; or the fault that it leaves.
    pub fn access(&mut self, source: Bdf, pasid: Option<u32>, address: u64, write: bool) -> Result<u64, u8> {
        self.bus.drain();
        let access = DmaAccess { source, pasid, address, write };
        let host = self.bus.unit.translate(access, self.bus.now, &mut self.bus.mem);
        let effects = self.bus.drain();
        match (host, &effects[..]) {
            (Some(host), []) => Ok(host),
            (None, [RemapEffect::DmaBlocked { access: a, reason, recorded: true }, rest @ ..]) => {
                assert!(rest.is_empty());
                assert_eq!(*a, access);
                let found = self.unit.drain_faults(&mut self.bus).expect("registers").records;
                let fault = Fault {
                    reason: *reason,
                    source,
                    index: (address >> 48) as u16,
                    address: address & !0xfff,
                    pasid,
                    read: !write,
                };
                assert_eq!(found, [fault]);
                Err(*reason)
            }
            other => panic!("{other:?}"),
        }
    }

    fn read(&mut self, address: u64) -> Result<u64, u8> {
        self.access(DEVICE, None, address, false)
    }

    fn write(&mut self, address: u64) -> Result<u64, u8> {
        self.access(DEVICE, None, address, true)
    }

    fn space(&mut self, domain: u16, kind: Kind) -> Space {
        self.dma.space(&mut self.bus, domain, kind).expect("a table")
    }

    fn map(&mut self, space: &Space, iova: u64, host: u64, size: PageSize, writable: bool) {
        self.dma.map(&mut self.bus, space, iova, host, size, writable).expect("maps");
    }
}

/// Legacy tables written by hand, word by word [VT-d 9.1, 9.3, 9.8], and each way in which they can be wrong, by its reason.
#[test]
fn legacy_known_answers_and_faults() {
    let mut m = Machine::new(false, DmaConfig { caches: false, ..DmaConfig::default() });
    const CTX: u64 = 0x200_0000;
    const L4: u64 = 0x201_0000;
    let root = POOL + 16; // bus 1
    let context = CTX + 16 * 8; // devfn 08
    assert_eq!(m.read(0x1000), Err(0x01), "no root entry");
    let set = |m: &mut Machine, at: u64, low: u64, high: u64| {
        m.bus.mem.write_u64(at, low).unwrap();
        m.bus.mem.write_u64(at + 8, high).unwrap();
    };
    set(&mut m, root, CTX | 1 | 1 << 5, 0);
    assert_eq!(m.read(0x1000), Err(0x0a), "a reserved bit of the root entry");
    set(&mut m, root, CTX | 1, 1);
    assert_eq!(m.read(0x1000), Err(0x0a));
    set(&mut m, root, CTX | 1, 0);
    assert_eq!(m.read(0x1000), Err(0x02), "no context entry");
    for (low, high, reason) in [
        (L4 | 1 | 1 << 4, 2, 0x0b),
        (L4 | 1, 2 | 1 << 7, 0x0b),
        (L4 | 1, 2 | 1 << 24, 0x0b),
        (L4 | 1, 0, 0x03),
        (L4 | 1, 4, 0x03),
        (L4 | 1 | 1 << 2, 2, 0x03),
        (L4 | 1 | 3 << 2, 2, 0x03),
    ] {
        set(&mut m, context, low, high);
        assert_eq!(m.read(0x1000), Err(reason), "context {high:#x} {low:#x}");
    }
    // Four levels of tables, one after the other, for address 0x7f_c0de_d000 (indices 0, 0x1ff, 6, 0x1ed).
    set(&mut m, context, L4 | 1, 2 | 0x55 << 8);
    let iova = 0x7f_c0de_d000u64;
    assert_eq!([iova >> 39 & 0x1ff, iova >> 30 & 0x1ff, iova >> 21 & 0x1ff, iova >> 12 & 0x1ff], [0, 0x1ff, 6, 0x1ed]);
    let places = [L4, L4 + 0x1000 + 8 * 0x1ff, L4 + 0x2000 + 8 * 6, L4 + 0x3000 + 8 * 0x1ed];
    for (n, at) in places.iter().enumerate() {
        assert_eq!(m.read(iova), Err(0x06), "nothing at level {}", 4 - n);
        assert_eq!(m.write(iova), Err(0x05));
        let next = if n == 3 { 0xabc_d000 } else { L4 + 0x1000 * (n as u64 + 1) };
        m.bus.mem.write_u64(*at, next | 3).unwrap();
    }
    assert_eq!(m.read(iova | 0x123), Ok(0xabc_d123));
    assert_eq!(m.write(iova | 0xffc), Ok(0xabc_dffc));
    // Rights are needed at each level.
    for at in places {
        let entry = m.bus.mem.read_u64(at).unwrap();
        m.bus.mem.write_u64(at, entry & !2).unwrap();
        assert_eq!((m.read(iova), m.write(iova)), (Ok(0xabc_d000), Err(0x05)));
        m.bus.mem.write_u64(at, entry & !1).unwrap();
        assert_eq!((m.read(iova), m.write(iova)), (Err(0x06), Ok(0xabc_d000)));
        m.bus.mem.write_u64(at, entry).unwrap();
    }
    assert_eq!(m.read(1 << 48), Err(0x04), "beyond the table's width");
    // Large pages: at level 2 and 3, aligned; nowhere else.
    m.bus.mem.write_u64(places[2], 0x4020_0000 | 0x83).unwrap();
    assert_eq!(m.read(iova | 0x123), Ok(0x4020_0000 | iova & 0x1f_f000 | 0x123));
    m.bus.mem.write_u64(places[2], 0x4020_1000 | 0x83).unwrap();
    assert_eq!(m.read(iova), Err(0x0c), "not aligned to 2 MiB");
    m.bus.mem.write_u64(places[1], 0x80_4000_0000 | 0x83).unwrap();
    assert_eq!(m.read(iova | 0x123), Ok(0x80_4000_0000 | iova & 0x3fff_f000 | 0x123));
    m.bus.mem.write_u64(places[0], 0x80_0000_0000 | 0x83).unwrap();
    assert_eq!(m.read(iova), Err(0x0c), "no pages of 512 GiB");
    // Tables that are not there; a page that is the interrupt window.
    m.bus.mem.write_u64(places[0], (L4 + 0x1000) | 3).unwrap();
    m.bus.mem.write_u64(places[1], (L4 + 0x2000) | 3).unwrap();
    m.bus.mem.write_u64(places[2], (L4 + 0x3000) | 3).unwrap();
    m.bus.mem.write_u64(places[3], 0xfee0_0000 | 3).unwrap();
    assert_eq!(m.write(iova), Err(0x0e));
    for (hole, reason) in [(places[3], 0x07), (places[0], 0x07), (context, 0x09), (root, 0x08)] {
        m.bus.mem.punch_hole(hole, 8);
        assert_eq!(m.read(iova), Err(reason), "hole at {hole:#x}");
    }
    assert_eq!(m.access(DEVICE, Some(1), iova, false), Err(0x31), "a PASID in legacy mode");
}

/// Every kind of table and page through the driver, read and written, with and without the right to write.
#[test]
fn every_table_and_page_translates() {
    let kinds = [
        (false, Kind::Second { levels: 3 }),
        (false, Kind::Second { levels: 4 }),
        (false, Kind::Second { levels: 5 }),
        (true, Kind::Second { levels: 4 }),
        (true, Kind::First { levels: 4 }),
        (true, Kind::First { levels: 5 }),
    ];
    for (scalable, kind) in kinds {
        let mut m = Machine::new(scalable, DmaConfig::default());
        let space = m.space(7, kind);
        m.dma.attach(&mut m.bus, DEVICE, Attach::Space(space)).expect("attaches");
        let top = match kind {
            Kind::Second { levels } => 1u64 << (12 + 9 * levels - 1),
            // The highest canonical address that is positive.
            Kind::First { levels } => 1u64 << (12 + 9 * levels - 2),
        };
        let write_denied = if scalable { if matches!(kind, Kind::First { .. }) { 0x85 } else { 0x79 } } else { 0x05 };
        let absent = match (scalable, kind) {
            (_, Kind::First { .. }) => 0x71,
            (true, _) => 0x79,
            _ => 0x06,
        };
        for (n, size) in [PageSize::Small, PageSize::Large, PageSize::Huge].into_iter().enumerate() {
            let n = n as u64;
            let (iova, host) = (top + (n << 32), 0x1_0000_0000 * (n + 1));
            m.map(&space, iova, host, size, true);
            m.map(&space, iova + size.bytes(), host + size.bytes(), size, false);
            let last = size.bytes() - 4;
            assert_eq!(m.read(iova + last), Ok(host + last), "{kind:?} {size:?}");
            assert_eq!(m.write(iova + last), Ok(host + last));
            assert_eq!(m.read(iova + size.bytes()), Ok(host + size.bytes()));
            assert_eq!(m.write(iova + size.bytes()), Err(write_denied));
            assert_eq!(m.read(iova - 4), Err(absent));
        }
        // Another requester is not attached.
        assert!(m.access(OTHER, None, top, false).is_err());
        m.dma.disable(&mut m.bus, &mut m.unit).expect("registers");
        assert_eq!(m.read(0x1234), Ok(0x1234), "translation is off");
    }
}

/// Without five levels or large pages, tables that want them are faults and the driver refuses to make them.
#[test]
fn what_the_unit_has_not() {
    let mut m = Machine::new(true, DmaConfig { five_levels: false, large_pages: false, ..DmaConfig::default() });
    let refused = m.dma.space(&mut m.bus, 1, Kind::First { levels: 5 });
    assert!(matches!(refused, Err(IrError::Unsupported(_))));
    let space = m.space(1, Kind::First { levels: 4 });
    m.dma.attach(&mut m.bus, DEVICE, Attach::Space(space)).expect("attaches");
    m.map(&space, 0, 0, PageSize::Large, true);
    assert_eq!(m.read(0x1000), Err(0x72));
}

/// PASIDs: each has its own space; one that is not there, one beyond the directory, one where none may be.
#[test]
fn pasids_select_spaces() {
    let mut m = Machine::new(true, DmaConfig::default());
    m.dma.attach(&mut m.bus, DEVICE, Attach::PassThrough { domain: 1 }).expect("attaches");
    assert_eq!(m.read(0x1234), Ok(0x1234), "RID_PASID passes");
    for pasid in [1, 63, 64, 0x7fff] {
        let space = m.space(pasid as u16, Kind::First { levels: 4 });
        m.dma.attach_pasid(&mut m.bus, DEVICE, pasid, space).expect("attaches");
        m.map(&space, 0x5000, 0x100_0000 * u64::from(pasid), PageSize::Small, true);
    }
    for pasid in [1, 63, 64, 0x7fff] {
        assert_eq!(m.access(DEVICE, Some(pasid), 0x5008, true), Ok(0x100_0000 * u64::from(pasid) + 8));
    }
    assert_eq!(m.access(DEVICE, Some(2), 0x5000, true), Err(0x59), "no PASID entry");
    assert_eq!(m.access(DEVICE, Some(0x800), 0x5000, true), Err(0x51), "no directory entry");
    assert_eq!(m.access(DEVICE, Some(0x8000), 0x5000, true), Err(0x46), "beyond the directory");
    assert_eq!(m.access(DEVICE, Some(1), 0x8000_0000_0000, true), Err(0x80), "not canonical");
    assert_eq!(m.access(DEVICE, Some(1), 0x6000, true), Err(0x71), "not mapped");
    // Detached, it is gone, and the others are as before.
    m.dma.detach_pasid(&mut m.bus, &mut m.unit, DEVICE, 64, 64).expect("detaches");
    assert_eq!(m.access(DEVICE, Some(64), 0x5000, true), Err(0x59));
    assert_eq!(m.access(DEVICE, Some(63), 0x5000, true), Ok(0x100_0000 * 63));
    m.dma.detach(&mut m.bus, &mut m.unit, DEVICE, 1).expect("detaches");
    assert_eq!(m.access(DEVICE, Some(63), 0x5000, true), Err(0x41));
    assert_eq!(m.access(Bdf::from_bits(0x0188), None, 0, false), Err(0x39), "the upper half of the root entry");
}

/// Wrong scalable-mode tables by their reasons: bits of what the driver has written, turned round.
#[test]
fn scalable_faults() {
    let mut m = Machine::new(true, DmaConfig { caches: false, ..DmaConfig::default() });
    let space = m.space(1, Kind::First { levels: 4 });
    m.dma.attach(&mut m.bus, DEVICE, Attach::Space(space)).expect("attaches");
    m.map(&space, 0x5000, 0x9000, PageSize::Small, true);
    assert_eq!(m.read(0x5000), Ok(0x9000));
    let mem = |m: &Machine, at: u64| m.bus.mem.read_u64(at).unwrap();
    let root = POOL + 16;
    let context = (mem(&m, root) & !0xfff) + 32 * 8;
    let directory = mem(&m, context) & !0xfff;
    let pasid = mem(&m, directory) & !0xfff;
    let l4 = mem(&m, pasid + 16) & !0xfff;
    let l3 = mem(&m, l4) & !0xfff;
    let l2 = mem(&m, l3) & !0xfff;
    let l1 = (mem(&m, l2) & !0xfff) + 8 * 5;
    let flips = [
        (root, 0, 0x39),
        (root, 4, 0x3a),
        (context, 0, 0x41),
        (context, 2, 0x42),
        (context, 4, 0x42),
        (context, 8, 0x42),
        (context + 8, 20, 0x42),
        (context + 24, 63, 0x42),
        (directory, 0, 0x51),
        (directory, 2, 0x52),
        (pasid, 0, 0x59),
        (pasid, 5, 0x5a),
        (pasid, 9, 0x5a),
        (pasid + 8, 16, 0x5a),
        (pasid + 16, 4, 0x5a),
        (pasid + 56, 0, 0x5a),
        (pasid, 7, 0x5b),
        (pasid, 6, 0x5b),
        (pasid + 16, 3, 0x5b),
        (l4, 0, 0x71),
        (l4, 2, 0x81),
        (l4, 7, 0x72),
        (l3, 2, 0x81),
        (l1, 0, 0x71),
        (l1, 2, 0x81),
    ];
    for (at, bit, reason) in flips {
        let old = mem(&m, at);
        m.bus.mem.write_u64(at, old ^ 1 << bit).unwrap();
        assert_eq!(m.read(0x5000), Err(reason), "bit {bit} at {at:#x}");
        m.bus.mem.write_u64(at, old).unwrap();
    }
    for (at, reason) in [(l1, 0x70), (l4, 0x73), (pasid, 0x58), (directory, 0x50), (context, 0x40), (root, 0x38)] {
        m.bus.mem.punch_hole(at, 8);
        assert_eq!(m.read(0x5000), Err(reason), "hole at {at:#x}");
        m.bus.mem.fill_hole(at);
    }
    // PASIDE off: requests without PASID go on, those with one do not.
    let old = mem(&m, context);
    m.bus.mem.write_u64(context, old & !8).unwrap();
    assert_eq!(m.read(0x5000), Ok(0x9000));
    assert_eq!(m.access(DEVICE, Some(0), 0x5000, false), Err(0x45));
    m.bus.mem.write_u64(context, old).unwrap();
    // FPD anywhere on the way: refused, not recorded.
    for at in [context, directory, pasid] {
        let old = mem(&m, at);
        m.bus.mem.write_u64(at, old | 2).unwrap();
        let access = DmaAccess { source: DEVICE, pasid: None, address: 0x6000, write: false };
        assert_eq!(m.bus.unit.translate(access, m.bus.now, &mut m.bus.mem), None);
        assert_eq!(m.bus.drain(), [RemapEffect::DmaBlocked { access, reason: 0x71, recorded: false }]);
        m.bus.mem.write_u64(at, old).unwrap();
    }
}

/// Accessed and dirty bits of a first-level table [VT-d 3.6.2]: accessed on the way, dirty on a written page alone, none by an
/// access that is refused.
#[test]
fn accessed_and_dirty_bits() {
    let mut m = Machine::new(true, DmaConfig { caches: false, ..DmaConfig::default() });
    let space = m.space(1, Kind::First { levels: 4 });
    m.dma.attach(&mut m.bus, DEVICE, Attach::Space(space)).expect("attaches");
    m.map(&space, 0x5000, 0x9000, PageSize::Small, true);
    m.map(&space, 0x6000, 0xa000, PageSize::Small, false);
    assert_eq!(m.write(0x6000), Err(0x85));
    let marks = |m: &mut Machine, iova| {
        // What was there; and put back.
        let entry = m.dma.clear(&mut m.bus, &space, iova, PageSize::Small).expect("mapped");
        m.map(&space, iova, entry & 0xf000, PageSize::Small, entry & 2 != 0);
        (entry >> 5 & 1, entry >> 6 & 1)
    };
    assert_eq!(marks(&mut m, 0x6000), (0, 0));
    assert_eq!(m.read(0x5000), Ok(0x9000));
    assert_eq!(marks(&mut m, 0x5000), (1, 0));
    assert_eq!(m.write(0x5000), Ok(0x9000));
    assert_eq!(marks(&mut m, 0x5000), (1, 1));
}

/// A cached translation serves on after its entry is gone, until the invalidation; afterwards it is a fault, and what is mapped
/// there next is found. Invalidations take what they name, and the whole of a large page.
#[test]
fn unmapping_needs_the_invalidation() {
    for (scalable, kind) in [(false, Kind::Second { levels: 4 }), (true, Kind::First { levels: 4 })] {
        for size in [PageSize::Small, PageSize::Large, PageSize::Huge] {
            let mut m = Machine::new(scalable, DmaConfig::default());
            let absent = if scalable { 0x71 } else { 0x06 };
            let space = m.space(7, kind);
            let other = m.space(8, kind);
            m.dma.attach(&mut m.bus, DEVICE, Attach::Space(space)).expect("attaches");
            m.dma.attach(&mut m.bus, OTHER, Attach::Space(other)).expect("attaches");
            let far = 4 * size.bytes();
            for (s, base) in [(space, 1 << 34), (other, 1 << 35)] {
                m.map(&s, 0, base, size, true);
                m.map(&s, far, base + far, size, true);
            }
            let inside = size.bytes() - 4096;
            for address in [0, inside, far] {
                assert_eq!(m.read(address), Ok((1 << 34) + address));
                assert_eq!(m.access(OTHER, None, address, false), Ok((1 << 35) + address));
            }
            m.dma.clear(&mut m.bus, &space, 0, size).expect("mapped");
            assert_eq!(m.read(inside), Ok((1 << 34) + inside), "still cached");
            m.map(&space, 0, 1 << 33, size, true);
            assert_eq!(m.read(inside), Ok((1 << 34) + inside), "still cached");
            m.dma.unmap(&mut m.bus, &mut m.unit, &space, 0, size, 0).expect("mapped");
            assert_eq!((m.read(0), m.read(inside)), (Err(absent), Err(absent)));
            assert_eq!(m.read(far), Ok((1 << 34) + far), "of another page");
            // Gone in memory, and cached: these were not named.
            m.dma.clear(&mut m.bus, &space, far, size).expect("mapped");
            m.dma.clear(&mut m.bus, &other, 0, size).expect("mapped");
            assert_eq!(m.read(far), Ok((1 << 34) + far));
            assert_eq!(m.access(OTHER, None, 0, false), Ok(1 << 35), "of another domain");
            m.map(&space, 0, 1 << 33, size, true);
            assert_eq!(m.read(inside), Ok((1 << 33) + inside), "what is there now");
        }
    }
}

/// Each granularity of each invalidation, by what is a fault afterwards: the tables are gone in memory, all is cached.
#[test]
fn granularities() {
    // Two devices of domains 7 and 8 in legacy mode.
    let legacy = |descriptors: &[u128]| {
        let mut m = Machine::new(false, DmaConfig::default());
        for (device, domain) in [(DEVICE, 7), (OTHER, 8)] {
            let space = m.space(domain, Kind::Second { levels: 3 });
            m.dma.attach(&mut m.bus, device, Attach::Space(space)).expect("attaches");
            m.map(&space, 0x5000, 0x9000, PageSize::Small, true);
            assert_eq!(m.access(device, None, 0x5000, false), Ok(0x9000));
        }
        m.bus.mem.write(POOL, &[0; 4096]).unwrap();
        m.unit.submit_sync(&mut m.bus, descriptors).expect("legal");
        [DEVICE, OTHER].map(|device| m.access(device, None, 0x5000, false).is_err())
    };
    let device = u128::from(DEVICE.bits()) << 32;
    assert_eq!(legacy(&[1 | 1 << 4]), [true, true], "all contexts");
    assert_eq!(legacy(&[1 | 2 << 4 | 7 << 16]), [true, false], "a domain's");
    assert_eq!(legacy(&[1 | 3 << 4 | 7 << 16 | device]), [true, false], "a device's");
    assert_eq!(legacy(&[1 | 3 << 4 | 9 << 16 | device]), [false, false], "not of that domain");
    assert_eq!(
        legacy(&[1 | 3 << 4 | 7 << 16 | (device ^ 1 << 34) | 1 << 48]),
        [true, false],
        "function bit 2 is left out"
    );
    assert_eq!(legacy(&[2 | 1 << 4]), [false, false], "contexts and the way to them stay cached");
    // Two PASIDs of one device: domains 7 and 8.
    let scalable = |clear: bool, descriptors: &[u128]| {
        let mut m = Machine::new(true, DmaConfig::default());
        m.dma.attach(&mut m.bus, DEVICE, Attach::PassThrough { domain: 1 }).expect("attaches");
        let spaces = [1, 2].map(|pasid| {
            let space = m.space(6 + pasid as u16, Kind::First { levels: 4 });
            m.dma.attach_pasid(&mut m.bus, DEVICE, pasid, space).expect("attaches");
            m.map(&space, 0x5000, 0x9000, PageSize::Small, true);
            assert_eq!(m.access(DEVICE, Some(pasid), 0x5000, false), Ok(0x9000));
            space
        });
        if clear {
            for space in &spaces {
                m.dma.clear(&mut m.bus, space, 0x5000, PageSize::Small).expect("mapped");
            }
        } else {
            // The PASID table itself.
            m.bus.mem.write(POOL, &[0; 4096]).unwrap();
            let context = POOL + 0x1000 + 32 * 8;
            let directory = m.bus.mem.read_u64(context).unwrap() & !0xfff;
            m.bus.mem.write_u64(directory, 0).unwrap();
        }
        m.unit.submit_sync(&mut m.bus, descriptors).expect("legal");
        [1, 2].map(|pasid| m.access(DEVICE, Some(pasid), 0x5000, false).is_err())
    };
    let (domain, pasid) = (7u128 << 16, 1u128 << 32);
    assert_eq!(scalable(false, &[7 | 3 << 4]), [true, true], "all PASIDs");
    assert_eq!(scalable(false, &[7 | domain]), [true, false], "a domain's");
    assert_eq!(scalable(false, &[7 | 1 << 4 | domain | pasid]), [true, false], "one");
    assert_eq!(scalable(false, &[7 | 1 << 4 | domain | 2 << 32]), [false, false], "not of that domain");
    assert_eq!(scalable(true, &[2 | 1 << 4]), [true, true], "all translations");
    assert_eq!(scalable(true, &[2 | 2 << 4 | domain]), [true, false], "a domain's");
    assert_eq!(scalable(true, &[2 | 3 << 4 | domain | 0x5000 << 64]), [true, false], "a page of a domain");
    assert_eq!(scalable(true, &[6 | 2 << 4 | domain | pasid]), [true, false], "a PASID's");
    assert_eq!(scalable(true, &[6 | 3 << 4 | domain | pasid | 0x5000 << 64]), [true, false], "a page of a PASID");
    assert_eq!(scalable(true, &[6 | 3 << 4 | domain | pasid | 0x7000 << 64]), [false, false], "another page");
    assert_eq!(scalable(true, &[6 | 3 << 4 | domain | pasid | (0x7000 | 2) << 64]), [true, false], "four pages");
    assert_eq!(scalable(true, &[7 | 3 << 4]), [false, false], "translations stay cached");
}

/// A granularity that is not there, or too many pages, stops the queue.
#[test]
fn wrong_invalidations_stop_the_queue() {
    for bad in [1, 2, 6, 6 | 1 << 4, 7 | 2 << 4, 2 | 3 << 4 | 19 << 64] {
        let mut m = Machine::new(true, DmaConfig::default());
        let error = m.unit.submit_sync(&mut m.bus, &[bad]);
        assert!(matches!(error, Err(IrError::Queue(_))), "{bad:#x}");
        assert_eq!(m.bus.unit.read(0xb0, 8) & 0xf, 4);
    }
}

/// What the driver refuses.
#[test]
fn driver_refusals() {
    let mut m = Machine::new(false, DmaConfig::default());
    let space = m.space(1, Kind::Second { levels: 4 });
    m.map(&space, 0x20_0000, 0, PageSize::Large, true);
    let bus = &mut m.bus;
    assert_eq!(
        m.dma.map(bus, &space, 0x1000, 0x800, PageSize::Small, true),
        Err(IrError::Unsupported("a page that is not aligned to its size"))
    );
    assert_eq!(
        m.dma.map(bus, &space, 0x20_1000, 0, PageSize::Small, true),
        Err(IrError::Full(1)),
        "inside a large page"
    );
    assert_eq!(m.dma.map(bus, &space, 0x20_0000, 0, PageSize::Large, true), Err(IrError::Full(1)));
    assert_eq!(m.dma.clear(bus, &space, 0x8000_0000, PageSize::Small), Err(IrError::NotAllocated(0x80000)));
    assert!(m.dma.attach_pasid(bus, DEVICE, 1, space).is_err(), "no PASIDs in legacy mode");
    let mut plain = UnitBus::new(Vtd::new(VtdConfig::default()));
    let config = IrConfig {
        table: 0x10_0000,
        size: 7,
        x2apic: true,
        queue: 0x30_0000,
        status: 0x31_0000,
        poll_cycles: 5,
        polls_max: 10,
    };
    let mut unit = InterruptRemapping::enable(&mut plain, config).expect("comes up");
    assert!(DmaRemapping::enable(&mut plain, &mut unit, POOL..POOL + 0x1000, true).is_err(), "no scalable mode");
    let off = DmaRemapping::enable(&mut plain, &mut unit, POOL..POOL + 0x1000, false);
    assert_eq!(off.err(), Some(IrError::Timeout("translation enable")), "no DMA remapping at all");
    assert_eq!(plain.vtd_read(0x08, 8).expect("a register") >> 8 & 0x1f, 0, "and CAP.SAGAW says so");
}
