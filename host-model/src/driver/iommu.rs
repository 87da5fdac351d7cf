// SPDX-License-Identifier: Apache-2.0 OR MIT
//! DMA remapping of Intel VT-d as Linux drives it (drivers/iommu/intel/iommu.c, pasid.c).
//!
//! Root, context and PASID tables and both kinds of translation tables are composed here from the architecture's
//! pictures [VT-d 9.1 to 9.8], word by word, apart from the unit's model. Invalidations go through the queue of
//! [`InterruptRemapping`], which has to be on.

use super::Bus;
use super::vtd::{InterruptRemapping, IrError};
use std::collections::BTreeMap;
use tlp::Bdf;

const RTADDR: u32 = 0x20;
const ECAP: u32 = 0x10;
const CAP: u32 = 0x08;
const GCMD_TE: u32 = 1 << 31;
const GCMD_SRTP: u32 = 1 << 30;
const ECAP_SMTS: u64 = 1 << 43;
const CAP_FL5LP: u64 = 1 << 60;

/// Size of a page of a translation table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PageSize {
    /// 4 KiB.
    Small,
    /// 2 MiB.
    Large,
    /// 1 GiB.
    Huge,
}

impl PageSize {
    /// Level of its entry, 1 being the last.
    const fn level(self) -> u32 {
        match self {
            Self::Small => 1,
            Self::Large => 2,
            Self::Huge => 3,
        }
    }

    /// Bytes.
    pub const fn bytes(self) -> u64 {
        1 << (3 + 9 * self.level())
    }
}

/// A translation table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// First level, 4 or 5 levels: the format of processors.
    First {
        /// Levels.
        levels: u32,
    },
    /// Second level, 3 to 5 levels.
    Second {
        /// Levels.
        levels: u32,
    },
}

/// An address space: a domain of Linux with its table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Space {
    /// Domain id.
    pub domain: u16,
    /// Kind of its table.
    pub kind: Kind,
    table: u64,
}

/// What a device's requests without PASID get.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attach {
    /// Their addresses are those of memory.
    PassThrough {
        /// Domain id.
        domain: u16,
    },
    /// A second-level table; in scalable mode a first-level one too.
    Space(Space),
}

impl From<Space> for Attach {
    fn from(space: Space) -> Self {
        Self::Space(space)
    }
}

/// The unit with DMA remapping on.
#[derive(Clone, Debug)]
pub struct DmaRemapping {
    root: u64,
    scalable: bool,
    five_levels: bool,
    /// Host address of the next free page.
    next: u64,
    end: u64,
    /// PASID directories, by requester.
    directories: BTreeMap<Bdf, u64>,
}

/// The PASID that requests without one count as (IOMMU_NO_PASID).
const NO_PASID: u32 = 0;

impl DmaRemapping {
    /// A root table at the first page of `pool`, whose pages are used for all tables; then SRTP, global invalidations in the
    /// order of Linux (context, PASID, IOTLB), and TE. Nothing is attached: every access is refused from here on.
    pub fn enable(
        bus: &mut dyn Bus,
        unit: &mut InterruptRemapping,
        pool: std::ops::Range<u64>,
        scalable: bool,
    ) -> Result<Self, IrError> {
        if scalable && bus.vtd_read(ECAP, 8)? & ECAP_SMTS == 0 {
            return Err(IrError::Unsupported("scalable mode"));
        }
        let five_levels = bus.vtd_read(CAP, 8)? & CAP_FL5LP != 0;
        let mut dma =
            Self { root: 0, scalable, five_levels, next: pool.start, end: pool.end, directories: BTreeMap::new() };
        dma.root = dma.page(bus)?;
        bus.vtd_write(RTADDR, 8, dma.root | if scalable { 1 << 10 } else { 0 })?;
        unit.command(bus, GCMD_SRTP, true, "set root table pointer")?;
        let mut flushes = vec![context_flush(1, 0, Bdf::from_bits(0))];
        if scalable {
            flushes.push(7 | 3 << 4);
        }
        flushes.push(2 | 1 << 4 | DRAIN);
        unit.submit_sync(bus, &flushes)?;
        unit.command(bus, GCMD_TE, true, "translation enable")?;
        Ok(dma)
    }

    /// Translation off.
    pub fn disable(&self, bus: &mut dyn Bus, unit: &mut InterruptRemapping) -> Result<(), IrError> {
        unit.command(bus, GCMD_TE, false, "translation disable")
    }

    fn page(&mut self, bus: &mut dyn Bus) -> Result<u64, IrError> {
        if self.next >= self.end {
            return Err(IrError::Unsupported("so many tables: the pool is empty"));
        }
        let page = self.next;
        bus.dram_write(page, &[0; 4096])?;
        self.next += 4096;
        Ok(page)
    }

    /// The page that an entry at `at` leads to; a new one, entered with `bits`, where there is none.
    fn below(&mut self, bus: &mut dyn Bus, at: u64, bits: u64) -> Result<u64, IrError> {
        let entry = read(bus, at)?;
        if entry & 1 == 1 {
            return Ok(entry & 0x000f_ffff_ffff_f000);
        }
        let page = self.page(bus)?;
        write(bus, at, page | bits)?;
        Ok(page)
    }

    /// An empty address space.
    pub fn space(&mut self, bus: &mut dyn Bus, domain: u16, kind: Kind) -> Result<Space, IrError> {
        match kind {
            Kind::First { levels: 4 } | Kind::Second { levels: 3 | 4 } => {}
            Kind::First { levels: 5 } | Kind::Second { levels: 5 } if self.five_levels => {}
            _ => return Err(IrError::Unsupported("so many levels")),
        }
        Ok(Space { domain, kind, table: self.page(bus)? })
    }

    /// Attaches a device: its requests without PASID use this. Its entries were not present, so that nothing has to be
    /// invalidated.
    pub fn attach(&mut self, bus: &mut dyn Bus, device: Bdf, what: Attach) -> Result<(), IrError> {
        if self.scalable {
            self.directory(bus, device)?;
            return self.set_pasid(bus, device, NO_PASID, Some(what));
        }
        let id = u64::from(device.bits());
        let contexts = self.below(bus, self.root + 16 * (id >> 8), 1)?;
        let (low, high) = match what {
            Attach::Space(Space { domain, kind: Kind::Second { levels }, table }) => {
                (table | 1, u64::from(levels - 2) | u64::from(domain) << 8)
            }
            Attach::Space(_) => return Err(IrError::Unsupported("first-level tables outside scalable mode")),
            Attach::PassThrough { domain } => (1 | 2 << 2, 2 | u64::from(domain) << 8),
        };
        let at = contexts + 16 * (id & 0xff);
        // P last.
        write(bus, at + 8, high)?;
        Ok(write(bus, at, low)?)
    }

    /// Takes a device's context entry away and forgets it: from here on all its accesses are refused.
    pub fn detach(
        &mut self,
        bus: &mut dyn Bus,
        unit: &mut InterruptRemapping,
        device: Bdf,
        domain: u16,
    ) -> Result<(), IrError> {
        let id = u64::from(device.bits());
        let (root, at) = match self.scalable {
            true => (self.root + 16 * (id >> 8) + 8 * (id >> 7 & 1), 32 * (id & 0x7f)),
            false => (self.root + 16 * (id >> 8), 16 * (id & 0xff)),
        };
        let contexts = read(bus, root)? & !0xfff;
        write(bus, contexts + at, 0)?;
        self.directories.remove(&device);
        let mut flushes = vec![context_flush(3, domain, device)];
        if self.scalable {
            flushes.push(7 | u128::from(domain) << 16);
        }
        flushes.push(2 | 2 << 4 | DRAIN | u128::from(domain) << 16);
        unit.submit_sync(bus, &flushes)
    }

    /// The PASID directory of a device, of 512 entries for 2^15 PASIDs; made with its context entry, which enables PASIDs.
    fn directory(&mut self, bus: &mut dyn Bus, device: Bdf) -> Result<u64, IrError> {
        if let Some(directory) = self.directories.get(&device) {
            return Ok(*directory);
        }
        let id = u64::from(device.bits());
        let contexts = self.below(bus, self.root + 16 * (id >> 8) + 8 * (id >> 7 & 1), 1)?;
        let directory = self.page(bus)?;
        let at = contexts + 32 * (id & 0x7f);
        write(bus, at + 8, u64::from(NO_PASID))?;
        // P, PASIDE, PDTS = 2.
        write(bus, at, directory | 1 | 1 << 3 | 2 << 9)?;
        self.directories.insert(device, directory);
        Ok(directory)
    }

    /// Attaches an address space to a PASID of a device that is attached (intel_pasid_setup_first_level and the like).
    pub fn attach_pasid(
        &mut self,
        bus: &mut dyn Bus,
        device: Bdf,
        pasid: u32,
        what: impl Into<Attach>,
    ) -> Result<(), IrError> {
        if !self.scalable {
            return Err(IrError::Unsupported("PASIDs outside scalable mode"));
        }
        self.set_pasid(bus, device, pasid, Some(what.into()))
    }

    /// intel_pasid_tear_down_entry: the entry is cleared, then PASID cache and IOTLB forget it.
    pub fn detach_pasid(
        &mut self,
        bus: &mut dyn Bus,
        unit: &mut InterruptRemapping,
        device: Bdf,
        pasid: u32,
        domain: u16,
    ) -> Result<(), IrError> {
        self.set_pasid(bus, device, pasid, None)?;
        let (domain, pasid) = (u128::from(domain) << 16, u128::from(pasid) << 32);
        unit.submit_sync(bus, &[7 | 1 << 4 | domain | pasid, 6 | 2 << 4 | domain | pasid])
    }

    fn set_pasid(&mut self, bus: &mut dyn Bus, device: Bdf, pasid: u32, what: Option<Attach>) -> Result<(), IrError> {
        if pasid >> 15 != 0 {
            return Err(IrError::Unsupported("so large a PASID"));
        }
        let directory = *self.directories.get(&device).ok_or(IrError::NotAllocated(pasid))?;
        let table = self.below(bus, directory + 8 * u64::from(pasid >> 6), 1)?;
        let at = table + 64 * u64::from(pasid & 63);
        let words = match what {
            None => [0; 3],
            Some(Attach::PassThrough { domain }) => [1 | 2 << 2 | 4 << 6, u64::from(domain), 0],
            Some(Attach::Space(Space { domain, kind, table })) => match kind {
                Kind::First { levels } => [1 | 1 << 6, u64::from(domain), table | u64::from(levels - 4) << 2],
                Kind::Second { levels } => [1 | u64::from(levels - 2) << 2 | 2 << 6 | table, u64::from(domain), 0],
            },
        };
        // P last when it comes, first when it goes.
        let order = if what.is_some() { [2, 1, 0] } else { [0, 1, 2] };
        for n in order {
            write(bus, at + 8 * n as u64, words[n])?;
        }
        Ok(())
    }

    /// Maps one page. Nothing was there, so that nothing has to be invalidated.
    ///
    /// # Errors
    /// [`IrError::Unsupported`] for addresses that are not aligned to the page; [`IrError::Full`] when
    /// something is mapped there.
    pub fn map(
        &mut self,
        bus: &mut dyn Bus,
        space: &Space,
        iova: u64,
        host: u64,
        size: PageSize,
        writable: bool,
    ) -> Result<(), IrError> {
        if !(iova | host).is_multiple_of(size.bytes()) {
            return Err(IrError::Unsupported("a page that is not aligned to its size"));
        }
        let large = if size == PageSize::Small { 0 } else { 1 << 7 };
        let (levels, on_the_way, leaf) = match space.kind {
            // P, R/W, U/S.
            Kind::First { levels } => (levels, 7, 1 | u64::from(writable) << 1 | 1 << 2 | large),
            // R, W.
            Kind::Second { levels } => (levels, 3, 1 | u64::from(writable) << 1 | large),
        };
        let mut table = space.table;
        for level in (size.level() + 1..=levels).rev() {
            let at = slot(table, level, iova);
            if read(bus, at)? & (1 | 1 << 7) == 1 | 1 << 7 {
                return Err(IrError::Full(1));
            }
            table = self.below(bus, at, on_the_way)?;
        }
        let at = slot(table, size.level(), iova);
        if read(bus, at)? & 3 != 0 {
            return Err(IrError::Full(1));
        }
        Ok(write(bus, at, host | leaf)?)
    }

    /// Takes one page's entry away and leaves what the unit keeps of it: half of [`unmap`](Self::unmap). Returns
    /// the entry that was there.
    pub fn clear(&self, bus: &mut dyn Bus, space: &Space, iova: u64, size: PageSize) -> Result<u64, IrError> {
        let (Kind::First { levels } | Kind::Second { levels }) = space.kind;
        let mut table = space.table;
        for level in (size.level() + 1..=levels).rev() {
            let entry = read(bus, slot(table, level, iova))?;
            if entry & 3 == 0 {
                return Err(IrError::NotAllocated((iova >> 12) as u32));
            }
            table = entry & 0x000f_ffff_ffff_f000;
        }
        let at = slot(table, size.level(), iova);
        let entry = read(bus, at)?;
        write(bus, at, 0)?;
        Ok(entry)
    }

    /// Unmaps one page: its entry, then the unit's copies, then those reads are waited for that have been translated. When it
    /// returns the memory may be used for something else. `pasid`: of first-level spaces, which are known to the
    /// unit by it.
    pub fn unmap(
        &self,
        bus: &mut dyn Bus,
        unit: &mut InterruptRemapping,
        space: &Space,
        iova: u64,
        size: PageSize,
        pasid: u32,
    ) -> Result<(), IrError> {
        self.clear(bus, space, iova, size)?;
        let order = u128::from(9 * (size.level() - 1));
        let high = (u128::from(iova & !0xfff) | order) << 64;
        let domain = u128::from(space.domain) << 16;
        unit.submit_sync(
            bus,
            &[match space.kind {
                Kind::First { .. } => 6 | 3 << 4 | domain | u128::from(pasid) << 32 | high,
                Kind::Second { .. } => 2 | 3 << 4 | DRAIN | domain | high,
            }],
        )
    }
}

/// DW and DR of an IOTLB invalidation.
const DRAIN: u128 = 3 << 6;

/// Context-cache invalidation: granularity 1 all, 2 a domain, 3 a device.
fn context_flush(granularity: u128, domain: u16, device: Bdf) -> u128 {
    1 | granularity << 4 | u128::from(domain) << 16 | u128::from(device.bits()) << 32
}

/// Place of an address's entry in a table of a level.
const fn slot(table: u64, level: u32, address: u64) -> u64 {
    table + (address >> (12 + 9 * (level - 1)) & 0x1ff) * 8
}

fn read(bus: &mut dyn Bus, at: u64) -> Result<u64, IrError> {
    let mut bytes = [0; 8];
    bus.dram_read(at, &mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn write(bus: &mut dyn Bus, at: u64, value: u64) -> Result<(), super::BusError> {
    bus.dram_write(at, &value.to_le_bytes())
}
