// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Interrupt remapping of Intel VT-d as Linux drives it (drivers/iommu/intel).
//!
//! Entries and descriptors are composed here from the architecture's tables [VT-d 9.10,
//! 6.5.2, 11.4], bit by bit, and share no code with the unit's model.

mod entry;
#[cfg(test)]
mod tests;

pub use entry::{IrteSpec, PostedSpec, SourceCheck};

use std::collections::BTreeMap;

use tlp::Bdf;

use super::msg::{ComposeError, MsiMsg};
use super::{Bus, BusError};

const GCMD: u32 = 0x18;
const GSTS: u32 = 0x1c;
const FSTS: u32 = 0x34;
const CAP: u32 = 0x08;
const ECAP: u32 = 0x10;
const FECTL: u32 = 0x38;
const FEDATA: u32 = 0x3c;
const FEADDR: u32 = 0x40;
const FEUADDR: u32 = 0x44;
const IQH: u32 = 0x80;
const IQT: u32 = 0x88;
const IQA: u32 = 0x90;
const IRTA: u32 = 0xb8;

const GCMD_QIE: u32 = 1 << 26;
const GCMD_IRE: u32 = 1 << 25;
const GCMD_SIRTP: u32 = 1 << 24;
const GCMD_CFI: u32 = 1 << 23;
/// Status bits that are not one-shot and have to be written back as they are.
const GSTS_KEEP: u32 = 0x96ff_ffff;
const FSTS_IQE: u32 = 1 << 4;
const FSTS_PFO: u32 = 1 << 0;
const CAP_PI: u64 = 1 << 59;
const CAP_ESIRTPS: u64 = 1 << 62;
const ECAP_QI: u64 = 1 << 1;
const ECAP_IR: u64 = 1 << 3;
const ECAP_EIM: u64 = 1 << 4;

/// How remapping is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IrConfig {
    /// Host address of the table, a multiple of 4096.
    pub table: u64,
    /// The table has 2^(size+1) entries, 0..=15.
    pub size: u8,
    /// 32-bit destinations (EIME), as Linux with x2APIC.
    pub x2apic: bool,
    /// Host address of the invalidation queue, one page.
    pub queue: u64,
    /// Host address of the double word that wait descriptors write, multiple of 4.
    pub status: u64,
    /// Cycles between two looks at a status.
    pub poll_cycles: u64,
    /// Looks before a unit counts as hung.
    pub polls_max: u32,
}

/// What goes wrong with the unit.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IrError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The unit cannot do what is asked.
    #[error("not supported: {0}")]
    Unsupported(&'static str),
    /// A command or a wait descriptor did not complete.
    #[error("{0} did not complete")]
    Timeout(&'static str),
    /// The queue stopped with IQE; fault status as read.
    #[error("invalidation queue error: fault status {0:#x}")]
    Queue(u32),
    /// No free entries of that count and alignment.
    #[error("no {0} free entries")]
    Full(u32),
    /// The index was not allocated.
    #[error("index {0:#x} is not allocated")]
    NotAllocated(u32),
    /// A message that cannot be composed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
}

/// A fault record, read and cleared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Reason code [VT-d 7.1.3, 7.2.1].
    pub reason: u8,
    /// Requester id.
    pub source: Bdf,
    /// Interrupt index, low 16 bits.
    pub index: u16,
    /// Of a refused access to memory: its page.
    pub address: u64,
    /// Of a refused access to memory: the PASID that it came with.
    pub pasid: Option<u32>,
    /// Of a refused access to memory: it was a read.
    pub read: bool,
}

/// Everything that one look at the fault registers found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    /// Records in the order of their registers from FSTS.FRI on.
    pub records: Vec<Fault>,
    /// Further faults were dropped (FSTS.PFO, cleared).
    pub overflow: bool,
}

/// The unit, with queue and remapping on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InterruptRemapping {
    config: IrConfig,
    /// Number of the next free queue slot.
    tail: u32,
    sequence: u32,
    /// Allocated blocks: first index to log2 of their length.
    blocks: BTreeMap<u32, u32>,
    handle_mask_max: u32,
    posting: bool,
}

/// Slots of 16 bytes in the queue's page.
const QUEUE_SLOTS: u32 = 256;

impl InterruptRemapping {
    /// Queue on, table set, cache flushed, remapping on, compatibility format closed: the
    /// order of Linux' intel_enable_irq_remapping. The table is cleared first.
    pub fn enable(bus: &mut dyn Bus, config: IrConfig) -> Result<Self, IrError> {
        let cap = bus.vtd_read(CAP, 8)?;
        let ecap = bus.vtd_read(ECAP, 8)?;
        if ecap & ECAP_QI == 0 || ecap & ECAP_IR == 0 {
            return Err(IrError::Unsupported("queued invalidation and interrupt remapping"));
        }
        if config.x2apic && ecap & ECAP_EIM == 0 {
            return Err(IrError::Unsupported("extended interrupt mode"));
        }
        let entries = 2u64 << config.size;
        for page in 0..(entries * 16).div_ceil(4096) {
            let bytes = (entries * 16 - page * 4096).min(4096) as usize;
            bus.dram_write(config.table + page * 4096, &vec![0; bytes])?;
        }
        let mut ir = Self {
            config,
            tail: 0,
            sequence: 0,
            blocks: BTreeMap::new(),
            handle_mask_max: (ecap >> 20) as u32 & 0xf,
            posting: cap & CAP_PI != 0,
        };
        ir.queue_on(bus)?;
        let extended = u64::from(config.x2apic) << 11;
        bus.vtd_write(IRTA, 8, config.table | extended | u64::from(config.size & 0xf))?;
        ir.command(bus, GCMD_SIRTP, true, "set interrupt remap table pointer")?;
        if cap & CAP_ESIRTPS == 0 {
            ir.flush_all(bus)?;
        }
        ir.command(bus, GCMD_IRE, true, "interrupt remapping enable")?;
        if bus.vtd_read(GSTS, 4)? as u32 & GCMD_CFI != 0 {
            ir.command(bus, GCMD_CFI, false, "compatibility format disable")?;
        }
        Ok(ir)
    }

    /// Flushes the cache and switches remapping off; the queue stays on.
    pub fn disable(&mut self, bus: &mut dyn Bus) -> Result<(), IrError> {
        self.flush_all(bus)?;
        self.command(bus, GCMD_IRE, false, "interrupt remapping disable")
    }

    /// Lets requests in compatibility format pass, or not.
    pub fn compat_passes(&mut self, bus: &mut dyn Bus, on: bool) -> Result<(), IrError> {
        self.command(bus, GCMD_CFI, on, "compatibility format")
    }

    /// alloc_irte: `count` entries, rounded up to a power of two and aligned to it. They are
    /// not present yet.
    pub fn alloc(&mut self, count: u32) -> Result<u32, IrError> {
        let length = count.max(1).checked_next_power_of_two().ok_or(IrError::Full(count))?;
        let order = length.ilog2();
        if order > self.handle_mask_max {
            return Err(IrError::Unsupported("so large a handle mask"));
        }
        let entries = 2u32 << self.config.size;
        let mut at = 0;
        for (&first, &order) in &self.blocks {
            if at + length <= first {
                break;
            }
            at = at.max((first + (1 << order)).next_multiple_of(length));
        }
        if at.checked_add(length).is_none_or(|end| end > entries) {
            return Err(IrError::Full(count));
        }
        self.blocks.insert(at, order);
        Ok(at)
    }

    /// modify_irte: stores an entry in one piece, as Linux does since it has cmpxchg16b, and flushes it from the
    /// cache. When it returns no interrupt uses the old entry.
    pub fn modify(&mut self, bus: &mut dyn Bus, index: u32, spec: &IrteSpec) -> Result<(), IrError> {
        self.exchange(bus, index, spec.image(self.config.x2apic))
    }

    /// modify_irte with any image, such as that of a posted entry: in one piece, because a descriptor's address stands
    /// in both halves.
    pub fn modify_image(&mut self, bus: &mut dyn Bus, index: u32, image: u128) -> Result<(), IrError> {
        self.exchange(bus, index, image)
    }

    /// modify_irte with a zero entry: it is not present afterwards, and no interrupt uses it.
    pub fn clear(&mut self, bus: &mut dyn Bus, index: u32) -> Result<(), IrError> {
        self.exchange(bus, index, 0)
    }

    fn exchange(&mut self, bus: &mut dyn Bus, index: u32, image: u128) -> Result<(), IrError> {
        self.check(index)?;
        bus.dram_write(self.config.table + 16 * u64::from(index), &image.to_le_bytes())?;
        self.flush(bus, index, 0)
    }

    /// The entry as it stands in memory.
    pub fn read_entry(&self, bus: &mut dyn Bus, index: u32) -> Result<u128, IrError> {
        Ok(bus.dram_read_u128(self.config.table + 16 * u64::from(index))?)
    }

    /// CAP.PI: entries may be posted.
    pub const fn can_post(&self) -> bool {
        self.posting
    }

    /// Whether entries have 32-bit destinations.
    pub const fn x2apic(&self) -> bool {
        self.config.x2apic
    }

    /// Exactly these blocks (first index, length) are allocated: for checks of a domain's book.
    pub fn check_blocks(&self, blocks: impl Iterator<Item = (u32, u32)>) -> Result<(), String> {
        let wanted: BTreeMap<u32, u32> = blocks.map(|(first, length)| (first, length.ilog2())).collect();
        match wanted == self.blocks {
            true => Ok(()),
            false => Err(format!("blocks {:?} are allocated, {wanted:?} are in use", self.blocks)),
        }
    }

    /// Stores an entry without the flush: right only for one that is not present.
    pub fn store_unflushed(&mut self, bus: &mut dyn Bus, index: u32, spec: &IrteSpec) -> Result<(), IrError> {
        self.check(index)?;
        let image = spec.image(self.config.x2apic);
        self.store(bus, index, image)
    }

    /// clear_entries and the flush of the whole block, which is free afterwards.
    pub fn free(&mut self, bus: &mut dyn Bus, first: u32) -> Result<(), IrError> {
        let order = *self.blocks.get(&first).ok_or(IrError::NotAllocated(first))?;
        for index in first..first + (1 << order) {
            self.store(bus, index, 0)?;
        }
        self.flush(bus, first, order)?;
        self.blocks.remove(&first);
        Ok(())
    }

    /// The message for entry `subhandle` of the block that starts at `index`.
    pub fn compose(&self, index: u32, subhandle: u16) -> Result<MsiMsg, IrError> {
        Ok(MsiMsg::remappable(index, subhandle)?)
    }

    /// qi_flush_iec, index selective: `2^order` entries from `index`, and waits.
    pub fn flush(&mut self, bus: &mut dyn Bus, index: u32, order: u32) -> Result<(), IrError> {
        self.submit_sync(bus, &[4 | 1 << 4 | u128::from(order & 0x1f) << 27 | u128::from(index & 0xffff) << 32])
    }

    /// qi_global_iec, and waits.
    pub fn flush_all(&mut self, bus: &mut dyn Bus) -> Result<(), IrError> {
        self.submit_sync(bus, &[4])
    }

    /// qi_submit_sync: queues descriptors with a wait descriptor behind them and waits for its
    /// status write. At most 254 descriptors.
    pub fn submit_sync(&mut self, bus: &mut dyn Bus, descriptors: &[u128]) -> Result<(), IrError> {
        self.sequence = self.sequence.wrapping_add(1).max(1);
        bus.dram_write(self.config.status, &[0; 4])?;
        // Wait descriptor with status write and fence.
        let wait = 5 | 1 << 5 | 1 << 6 | u128::from(self.sequence) << 32 | u128::from(self.config.status & !3) << 64;
        for descriptor in descriptors.iter().chain([&wait]) {
            bus.dram_write(self.config.queue + 16 * u64::from(self.tail), &descriptor.to_le_bytes())?;
            self.tail = (self.tail + 1) % QUEUE_SLOTS;
        }
        bus.vtd_write(IQT, 8, u64::from(self.tail) << 4)?;
        for _ in 0..self.config.polls_max {
            if bus.dram_read_u32(self.config.status)? == self.sequence {
                return Ok(());
            }
            let faults = bus.vtd_read(FSTS, 4)? as u32;
            if faults & FSTS_IQE != 0 {
                return Err(IrError::Queue(faults));
            }
            bus.wait(self.config.poll_cycles)?;
        }
        Err(IrError::Timeout("wait descriptor"))
    }

    /// Replaces the descriptor at the queue's head, on which the unit stopped, by a global
    /// flush, as Linux' qi_check_fault does by a wait, and lets the unit go on.
    pub fn recover_queue(&mut self, bus: &mut dyn Bus) -> Result<(), IrError> {
        let head = bus.vtd_read(IQH, 8)? & 0xfff0;
        bus.dram_write(self.config.queue + head, &4u128.to_le_bytes())?;
        bus.vtd_write(FSTS, 4, u64::from(FSTS_IQE))?;
        Ok(())
    }

    /// Programs the fault event interrupt and unmasks it (dmar_set_interrupt). The upper
    /// address carries destination bits 31:8.
    pub fn set_fault_event(&mut self, bus: &mut dyn Bus, apic_id: u32, vector: u8) -> Result<(), IrError> {
        bus.vtd_write(FEDATA, 4, u64::from(vector))?;
        bus.vtd_write(FEADDR, 4, u64::from(0xfee0_0000 | (apic_id & 0xff) << 12))?;
        bus.vtd_write(FEUADDR, 4, u64::from(apic_id & 0xffff_ff00))?;
        bus.vtd_write(FECTL, 4, 0)?;
        Ok(())
    }

    /// dmar_fault: reads and clears every recorded fault, then the overflow bit.
    pub fn drain_faults(&mut self, bus: &mut dyn Bus) -> Result<Faults, IrError> {
        let cap = bus.vtd_read(CAP, 8)?;
        let first = (cap >> 24 & 0x3ff) as u32 * 16;
        let count = (cap >> 40 & 0xff) as u32 + 1;
        let status = bus.vtd_read(FSTS, 4)? as u32;
        let mut at = status >> 8 & 0xff;
        let mut faults = Faults { records: Vec::new(), overflow: status & FSTS_PFO != 0 };
        for _ in 0..count {
            let record = first + 16 * at;
            let high = bus.vtd_read(record + 8, 8)?;
            if high >> 63 == 0 {
                break;
            }
            let low = bus.vtd_read(record, 8)?;
            faults.records.push(Fault {
                reason: (high >> 32) as u8,
                source: Bdf::from_bits(high as u16),
                index: (low >> 48) as u16,
                address: low & !0xfff,
                pasid: (high >> 31 & 1 == 1).then_some((high >> 40 & 0xf_ffff) as u32),
                read: high >> 62 & 1 == 1,
            });
            bus.vtd_write(record + 12, 4, 1 << 31)?;
            at = (at + 1) % count;
        }
        bus.vtd_write(FSTS, 4, u64::from(FSTS_PFO))?;
        Ok(faults)
    }

    fn queue_on(&mut self, bus: &mut dyn Bus) -> Result<(), IrError> {
        bus.vtd_write(IQT, 8, 0)?;
        // One page of 128-bit descriptors.
        bus.vtd_write(IQA, 8, self.config.queue)?;
        self.command(bus, GCMD_QIE, true, "queued invalidation enable")
    }

    /// Changes one bit of the global command register and waits until the status shows it.
    pub(super) fn command(&mut self, bus: &mut dyn Bus, bit: u32, on: bool, what: &'static str) -> Result<(), IrError> {
        let keep = bus.vtd_read(GSTS, 4)? as u32 & GSTS_KEEP;
        let value = if on { keep | bit } else { keep & !bit };
        bus.vtd_write(GCMD, 4, u64::from(value))?;
        for _ in 0..self.config.polls_max {
            if (bus.vtd_read(GSTS, 4)? as u32 & bit != 0) == on {
                return Ok(());
            }
            bus.wait(self.config.poll_cycles)?;
        }
        Err(IrError::Timeout(what))
    }

    /// Two 64-bit stores, low half first.
    fn store(&self, bus: &mut dyn Bus, index: u32, image: u128) -> Result<(), IrError> {
        let at = self.config.table + 16 * u64::from(index);
        let bytes = image.to_le_bytes();
        bus.dram_write(at, &bytes[..8])?;
        bus.dram_write(at + 8, &bytes[8..])?;
        Ok(())
    }

    fn check(&self, index: u32) -> Result<(), IrError> {
        let block = self.blocks.range(..=index).next_back();
        match block {
            Some((&first, &order)) if index < first + (1 << order) => Ok(()),
            _ => Err(IrError::NotAllocated(index)),
        }
    }
}
