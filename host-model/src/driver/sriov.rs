// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Virtual functions as Linux brings them up (drivers/pci/iov.c): `sriov_init`, `sriov_enable`,
//! `pci_iov_add_virtfn`, `sriov_disable`, register access by register access.

use super::caps::{self, CapError, id};
use super::enumerate::{Bar, EnumError, Function};
use super::{Bus, BusError};
use crate::rc::{Digests, LinkSettings};
use std::ops::Range;
use tlp::Bdf;

const CTRL: u16 = 0x08;
const CTRL_VFE: u32 = 1 << 0;
const CTRL_MSE: u32 = 1 << 3;
const CTRL_ARI: u32 = 1 << 4;
const INITIAL_VF: u16 = 0x0c;
const TOTAL_VF: u16 = 0x0e;
const NUM_VF: u16 = 0x10;
const VF_OFFSET: u16 = 0x14;
const VF_STRIDE: u16 = 0x16;
const VF_DID: u16 = 0x1a;
const SUP_PGSIZE: u16 = 0x1c;
const SYS_PGSIZE: u16 = 0x20;
const BAR: u16 = 0x24;

/// What goes wrong with virtual functions.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SriovError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// A capability list of a function cannot be followed.
    #[error(transparent)]
    Capability(#[from] CapError),
    /// The function has no such capability, or no virtual functions (ENODEV).
    #[error("no virtual functions")]
    Missing,
    /// More than there are (EINVAL).
    #[error("{count} of {total} virtual functions")]
    Count {
        /// Asked for.
        count: u16,
        /// There.
        total: u16,
    },
    /// No page size that is large enough (EINVAL).
    #[error("page size {page:#x}, supported are {supported:#x}")]
    Page {
        /// Bytes asked for.
        page: u32,
        /// Supported sizes: bit n for 2^(n+12).
        supported: u32,
    },
    /// Offset and stride do not lead to ids of their own (EIO).
    #[error("offset {offset}, stride {stride}")]
    Ids {
        /// First VF Offset.
        offset: u16,
        /// VF Stride.
        stride: u16,
    },
    /// BAR of a kind that is not handled, or no room for it.
    #[error("memory of {0:#x} bytes for each virtual function")]
    Memory(u64),
    /// A function does not answer as a virtual one does.
    #[error("function {id}: vendor id reads {ids:#x}")]
    Absent {
        /// Its id.
        id: Bdf,
        /// What was read.
        ids: u32,
    },
}

impl From<EnumError> for SriovError {
    fn from(error: EnumError) -> Self {
        match error {
            EnumError::Bus(e) => SriovError::Bus(e),
            EnumError::Capability(e) => SriovError::Capability(e),
            _ => SriovError::Missing,
        }
    }
}

/// A virtual function, found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VirtualFunction {
    /// Its place on the bus.
    pub id: Bdf,
    /// What software knows of it; its BAR 0 is its share of the physical function's VF BAR 0.
    pub function: Function,
}

/// The virtual functions of a device, enabled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sriov {
    cap: u16,
    /// First VF Offset.
    pub offset: u16,
    /// VF Stride.
    pub stride: u16,
    /// Bytes of memory of each.
    pub aperture: u64,
    /// Address of the memory of the first.
    pub base: u64,
    /// Those that are enabled, in their order.
    pub functions: Vec<VirtualFunction>,
}

/// How many, and on which machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SriovWish {
    /// Virtual functions wanted.
    pub count: u16,
    /// Page size of the machine in bytes.
    pub page: u32,
    /// Where their memory may be put.
    pub window: Range<u64>,
    /// Cycles to wait after enabling (100 ms on a real machine).
    pub wait: u64,
}

/// Memory that one virtual function of a function can want, and all of them together; none without virtual functions.
///
/// # Errors
/// The bus; a BAR of a kind that is not handled.
pub fn room<B: Bus + ?Sized>(bus: &mut B, known: &Function) -> Result<Option<(u64, u64)>, EnumError> {
    let Some(cap) = caps::find(&known.extended, id::SRIOV).map(|c| c.offset) else { return Ok(None) };
    let total = bus.cfg_read(cap + TOTAL_VF, 2)?;
    if total == 0 {
        return Ok(None);
    }
    let each = match size_bar(bus, cap + BAR) {
        Ok(each) => each,
        Err(SriovError::Bus(e)) => return Err(e.into()),
        // One that is not handled gets no memory, and `enable` says why.
        Err(_) => return Ok(None),
    };
    Ok(Some((each, each * u64::from(total))))
}

impl Sriov {
    /// pci_enable_sriov.
    pub fn enable(bus: &mut dyn Bus, pf: Bdf, known: &Function, wish: &SriovWish) -> Result<Self, SriovError> {
        let cap = caps::find(&known.extended, id::SRIOV).ok_or(SriovError::Missing)?.offset;
        // sriov_init: off first, whoever left it on; routing by 8-bit function numbers where both can.
        let mut ctrl = bus.cfg_read(cap + CTRL, 2)?;
        if ctrl & CTRL_VFE != 0 {
            bus.cfg_write(cap + CTRL, 2, 0)?;
            bus.wait(wish.wait)?;
        }
        ctrl = if caps::find(&known.extended, id::ARI).is_some() { CTRL_ARI } else { 0 };
        bus.cfg_write(cap + CTRL, 2, ctrl)?;
        let total = bus.cfg_read(cap + TOTAL_VF, 2)? as u16;
        if total == 0 {
            return Err(SriovError::Missing);
        }
        set_page(bus, cap, wish.page)?;
        let aperture = size_bar(bus, cap + BAR)?;
        // The memory of all is one block, aligned to one function's share.
        let base = wish.window.start.next_multiple_of(aperture);
        if base + aperture * u64::from(total) > wish.window.end {
            return Err(SriovError::Memory(aperture));
        }
        bus.cfg_write(cap + BAR, 4, base as u32)?;
        bus.cfg_write(cap + BAR + 4, 4, (base >> 32) as u32)?;

        // sriov_enable.
        let initial = bus.cfg_read(cap + INITIAL_VF, 2)? as u16;
        if wish.count == 0 || wish.count > initial || initial > total {
            return Err(SriovError::Count { count: wish.count, total: initial });
        }
        bus.cfg_write(cap + NUM_VF, 2, u32::from(wish.count))?;
        let offset = bus.cfg_read(cap + VF_OFFSET, 2)? as u16;
        let stride = bus.cfg_read(cap + VF_STRIDE, 2)? as u16;
        if offset == 0 || stride == 0 && wish.count > 1 {
            return Err(SriovError::Ids { offset, stride });
        }
        let device = bus.cfg_read(cap + VF_DID, 2)? as u16;
        ctrl |= CTRL_VFE | CTRL_MSE;
        bus.cfg_write(cap + CTRL, 2, ctrl)?;
        bus.wait(wish.wait)?;

        let mut sriov = Self { cap, offset, stride, aperture, base, functions: Vec::new() };
        for k in 0..wish.count {
            let found = sriov.add(bus, pf, known.vendor, device, k)?;
            sriov.functions.push(found);
        }
        Ok(sriov)
    }

    /// Id of virtual function `k` [PCIe Base 9.2.1.2]: 16 bits, so it may be on another bus.
    pub fn id(&self, pf: Bdf, k: u16) -> Bdf {
        Bdf::from_bits(pf.bits().wrapping_add(self.offset).wrapping_add(k.wrapping_mul(self.stride)))
    }

    /// pci_iov_add_virtfn: vendor and device id come from the physical function, the rest from it.
    fn add(&self, bus: &mut dyn Bus, pf: Bdf, vendor: u16, device: u16, k: u16) -> Result<VirtualFunction, SriovError> {
        let id = self.id(pf, k);
        let mut own = Of { bus, id };
        let ids = own.cfg_read(0x00, 4)?;
        if ids != u32::MAX {
            return Err(SriovError::Absent { id, ids });
        }
        let class = own.cfg_read(0x08, 4)? >> 8;
        let caps = caps::walk(&mut own)?;
        let extended = caps::walk_extended(&mut own)?;
        let address = self.base + self.aperture * u64::from(k);
        let bar = Bar { number: 0, size: self.aperture, wide: true, prefetchable: true, address };
        let function = Function { vendor, device, class, bars: vec![bar], caps, extended };
        Ok(VirtualFunction { id, function })
    }

    /// pci_disable_sriov.
    pub fn disable(self, bus: &mut dyn Bus, wait: u64) -> Result<(), BusError> {
        let ctrl = bus.cfg_read(self.cap + CTRL, 2)?;
        bus.cfg_write(self.cap + CTRL, 2, ctrl & !(CTRL_VFE | CTRL_MSE))?;
        bus.wait(wait)?;
        bus.cfg_write(self.cap + NUM_VF, 2, 0)
    }
}

/// The smallest page size that the device supports and that is no smaller than the machine's.
fn set_page(bus: &mut dyn Bus, cap: u16, page: u32) -> Result<(), SriovError> {
    let supported = bus.cfg_read(cap + SUP_PGSIZE, 4)?;
    let least = if page > 0x1000 { 1 << (page.ilog2() - 12) } else { 1 };
    let large = supported & !(least - 1);
    if large == 0 {
        return Err(SriovError::Page { page, supported });
    }
    bus.cfg_write(cap + SYS_PGSIZE, 4, large & large.wrapping_neg())?;
    Ok(())
}

/// Bytes of a 64-bit VF BAR, one function's share.
fn size_bar<B: Bus + ?Sized>(bus: &mut B, at: u16) -> Result<u64, SriovError> {
    let old = [bus.cfg_read(at, 4)?, bus.cfg_read(at + 4, 4)?];
    bus.cfg_write(at, 4, u32::MAX)?;
    bus.cfg_write(at + 4, 4, u32::MAX)?;
    let (low, high) = (bus.cfg_read(at, 4)?, bus.cfg_read(at + 4, 4)?);
    bus.cfg_write(at, 4, old[0])?;
    bus.cfg_write(at + 4, 4, old[1])?;
    let size = (u64::from(high) << 32 | u64::from(low & !0xf)).wrapping_neg();
    if low & 7 != 4 || !size.is_power_of_two() {
        return Err(SriovError::Memory(size));
    }
    Ok(size)
}

/// Another function of the device behind the same bus: its configuration space, the same memory.
pub struct Of<'a> {
    /// The bus.
    pub bus: &'a mut dyn Bus,
    /// The function.
    pub id: Bdf,
}

impl Bus for Of<'_> {
    fn cfg_read(&mut self, reg: u16, len: u8) -> Result<u32, BusError> {
        self.bus.cfg_read_of(self.id, reg, len)
    }

    fn cfg_write(&mut self, reg: u16, len: u8, value: u32) -> Result<(), BusError> {
        self.bus.cfg_write_of(self.id, reg, len, value)
    }

    fn cfg_read_of(&mut self, id: Bdf, reg: u16, len: u8) -> Result<u32, BusError> {
        self.bus.cfg_read_of(id, reg, len)
    }

    fn cfg_write_of(&mut self, id: Bdf, reg: u16, len: u8, value: u32) -> Result<(), BusError> {
        self.bus.cfg_write_of(id, reg, len, value)
    }

    fn mem_read(&mut self, addr: u64, len: u8) -> Result<u64, BusError> {
        self.bus.mem_read(addr, len)
    }

    fn mem_write(&mut self, addr: u64, len: u8, value: u64) -> Result<(), BusError> {
        self.bus.mem_write(addr, len, value)
    }

    fn dram_read(&mut self, addr: u64, buf: &mut [u8]) -> Result<(), BusError> {
        self.bus.dram_read(addr, buf)
    }

    fn dram_write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), BusError> {
        self.bus.dram_write(addr, bytes)
    }

    fn vtd_read(&mut self, offset: u32, bytes: u8) -> Result<u64, BusError> {
        self.bus.vtd_read(offset, bytes)
    }

    fn vtd_write(&mut self, offset: u32, bytes: u8, value: u64) -> Result<(), BusError> {
        self.bus.vtd_write(offset, bytes, value)
    }

    fn wait(&mut self, cycles: u64) -> Result<(), BusError> {
        self.bus.wait(cycles)
    }

    fn set_link(&mut self, link: LinkSettings) -> Result<(), BusError> {
        self.bus.set_link(link)
    }

    fn set_digests(&mut self, digests: Digests) -> Result<(), BusError> {
        self.bus.set_digests(digests)
    }
}

#[cfg(test)]
mod tests {
    use super::super::caps::Capability;
    use super::super::fake::FakeBus;
    use super::*;

    const PF: Bdf = Bdf::from_bits(0x01f8);

    fn setup() -> (FakeBus, Function, SriovWish) {
        let mut bus = FakeBus::new();
        bus.set_cfg(0x1c8, 0);
        bus.bar(0x1cc, 0, 0x0010_0010);
        bus.set_cfg(0x1d0, 0);
        bus.bar(0x1d4, 0, 0x0001_0008);
        bus.bar(0x1d8, 0, 0x1a36_0000);
        bus.bar(0x1dc, 0, 0x553);
        bus.set_cfg(0x1e0, 1);
        bus.bar(0x1e4, 0xffff_c000, 0xc);
        bus.bar(0x1e8, u32::MAX, 0);
        for k in 0..16 {
            bus.functions
                .insert(Bdf::from_bits(0x0200 + k), [(0, u32::MAX), (4, 0x0010_0000), (8, 0x1200_0001)].into());
        }
        let extended = [(0x1b0, id::ARI), (0x1c0, id::SRIOV)];
        let extended = extended.map(|(offset, id)| Capability { id, offset, version: 1 }).to_vec();
        let function = Function { vendor: 0x1234, device: 0x1a35, class: 0, bars: vec![], caps: vec![], extended };
        let wish = SriovWish { count: 3, page: 0x1000, window: 0x48_0000_1000..0x49_0000_0000, wait: 10 };
        (bus, function, wish)
    }

    #[test]
    fn functions_are_found_on_the_bus_that_their_ids_lead_to() {
        let (mut bus, function, wish) = setup();
        let sriov = Sriov::enable(&mut bus, PF, &function, &wish).unwrap();
        let ids: Vec<u16> = sriov.functions.iter().map(|f| f.id.bits()).collect();
        assert_eq!(ids, [0x0200, 0x0201, 0x0202]);
        let bars: Vec<u64> = sriov.functions.iter().filter_map(|f| f.function.bar(0)).collect();
        assert_eq!(bars, [0x48_0000_4000, 0x48_0000_8000, 0x48_0000_c000]);
        assert_eq!((sriov.functions[2].function.vendor, sriov.functions[2].function.device), (0x1234, 0x1a36));
        assert_eq!((bus.cfg(0x1c8), bus.cfg(0x1d0), bus.cfg(0x1e0)), (0x19, 3, 1));
        // Number, then the ids that follow from it, then enable.
        assert!(bus.log_has_in_order(&[(0x1c8, 0x10), (0x1e0, 1), (0x1d0, 3), (0x1c8, 0x19)]), "{:x?}", bus.cfg_log);
        sriov.disable(&mut bus, 10).unwrap();
        assert_eq!((bus.cfg(0x1c8), bus.cfg(0x1d0)), (0x10, 0));
    }

    #[test]
    fn the_page_of_the_machine_is_rounded_up_to_a_supported_one() {
        for (page, set) in [(0x1000, 1), (0x4000, 0x10), (0x1_0000, 0x10), (0x2_0000, 0x40), (0x40_0000, 0x400)] {
            let (mut bus, function, wish) = setup();
            Sriov::enable(&mut bus, PF, &function, &SriovWish { page, ..wish }).unwrap();
            assert_eq!(bus.cfg(0x1e0), set, "{page:#x}");
        }
        let (mut bus, function, wish) = setup();
        let refused = Sriov::enable(&mut bus, PF, &function, &SriovWish { page: 0x80_0000, ..wish });
        assert_eq!(refused, Err(SriovError::Page { page: 0x80_0000, supported: 0x553 }));
        assert_eq!(bus.cfg(0x1c8) & 1, 0);
    }

    #[test]
    fn what_cannot_be_leaves_them_off() {
        let (mut bus, function, wish) = setup();
        for count in [0, 17] {
            let refused = Sriov::enable(&mut bus, PF, &function, &SriovWish { count, ..wish.clone() });
            assert_eq!(refused, Err(SriovError::Count { count, total: 16 }));
        }
        let narrow = SriovWish { window: 0x1000..0x2_0000, ..wish.clone() };
        assert_eq!(Sriov::enable(&mut bus, PF, &function, &narrow), Err(SriovError::Memory(0x4000)));
        bus.bar(0x1cc, 0, 0);
        assert_eq!(Sriov::enable(&mut bus, PF, &function, &wish), Err(SriovError::Missing));
        assert_eq!(bus.cfg(0x1c8) & 1, 0);
        let none = Function { extended: vec![], ..function };
        assert_eq!(Sriov::enable(&mut bus, PF, &none, &wish), Err(SriovError::Missing));
    }

    #[test]
    fn a_function_that_is_not_there_is_an_error() {
        let (mut bus, function, wish) = setup();
        bus.functions.remove(&Bdf::from_bits(0x0201));
        let id = Bdf::from_bits(0x0201);
        assert_eq!(Sriov::enable(&mut bus, PF, &function, &wish), Err(SriovError::Absent { id, ids: 0 }));
    }
}
