// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Interrupt remapping of AMD-Vi as Linux drives it (drivers/iommu/amd).
//!
//! Entries, commands and registers are composed here bit by bit [AMD IOMMU 2.2, 2.4, 3.4] and share no code
//! with the unit's model. The bus reaches the unit's registers by the accesses that it has for any unit.

use super::msg::MsiMsg;
use super::vtd::IrError;
use super::{Bus, BusError};
use std::collections::BTreeMap;
use tlp::Bdf;

const DEVICE_TABLE: u32 = 0x0000;
const COMMAND_BASE: u32 = 0x0008;
const EVENT_BASE: u32 = 0x0010;
const CONTROL: u32 = 0x0018;
const FEATURES: u32 = 0x0030;
const FEATURES_2: u32 = 0x01a0;
const COMMAND_TAIL: u32 = 0x2008;
const EVENT_HEAD: u32 = 0x2010;
const EVENT_TAIL: u32 = 0x2018;
const STATUS: u32 = 0x2020;
const OWN_INTERRUPT: u32 = 0x0170;

const CONTROL_ENABLE: u64 = 1 << 0;
const CONTROL_EVENT_LOG: u64 = 1 << 2;
const CONTROL_EVENT_INTERRUPT: u64 = 1 << 3;
const CONTROL_COMMANDS: u64 = 1 << 12;
const CONTROL_GA: u64 = 1 << 17;
const CONTROL_TWO_K: u64 = 1 << 43;
const CONTROL_XT: u64 = 1 << 50;
const CONTROL_OWN_XT: u64 = 1 << 51;
const FEATURE_XT: u64 = 1 << 2;
const FEATURE_GA: u64 = 1 << 7;
const FEATURE_TWO_K: u64 = 1 << 8;
const STATUS_OVERFLOW: u64 = 1 << 0;
const STATUS_COMMANDS_RUN: u64 = 1 << 4;

/// Format of the interrupt entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// 32 bits, 8-bit destinations (`struct irte`).
    Narrow,
    /// 128 bits (`struct irte_ga`), 8-bit destinations.
    Wide,
    /// 128 bits, 32-bit destinations.
    WideX2apic,
}

/// How remapping is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AmdConfig {
    /// Host address of the device table, page-aligned; 2 MiB are used of it, an entry for each of 65,536 requesters.
    pub devices: u64,
    /// Host address of the command buffer, one page.
    pub commands: u64,
    /// Host address of the event log, one page.
    pub events: u64,
    /// Host address of the quad word that completion waits write, multiple of 8.
    pub status: u64,
    /// Host address from which interrupt tables are taken, page-aligned, one after the other.
    pub tables: u64,
    /// Entries.
    pub format: Format,
    /// A table has 2^order entries, 0..=11; above 9 the unit must have 2,048-entry mode.
    pub order: u8,
    /// Cycles between two looks at a status.
    pub poll_cycles: u64,
    /// Looks before a unit counts as hung.
    pub polls_max: u32,
}

/// An entry of the event log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AmdEvent {
    /// Event code, bits 63:60.
    pub code: u8,
    /// Device id, bits 15:0.
    pub device: Bdf,
    /// Flags, bits 59:48 of the first quad word: I is bit 3, PR 4, RW 5, RZ 7.
    pub flags: u16,
    /// The second quad word.
    pub address: u64,
}

/// Everything that one look at the event log found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AmdEvents {
    /// In order.
    pub events: Vec<AmdEvent>,
    /// The log was full and has stopped (cleared, and the log started again).
    pub overflow: bool,
}

/// A device's interrupt table.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Table {
    at: u64,
    used: Vec<bool>,
}

/// The unit, with command buffer and remapping on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AmdRemapping {
    config: AmdConfig,
    control: u64,
    tail: u32,
    sequence: u64,
    tables: BTreeMap<Bdf, Table>,
    next_table: u64,
}

/// Bytes of the one-page rings.
const RING: u32 = 4096;

impl AmdRemapping {
    /// Tables cleared, rings on, then translation on (early_enable_iommus).
    pub fn enable(bus: &mut dyn Bus, config: AmdConfig) -> Result<Self, IrError> {
        let features = bus.vtd_read(FEATURES, 8)?;
        let mut control = CONTROL_EVENT_LOG | CONTROL_COMMANDS | CONTROL_ENABLE;
        if config.format != Format::Narrow {
            if features & FEATURE_GA == 0 {
                return Err(IrError::Unsupported("128-bit entries"));
            }
            control |= CONTROL_GA;
        }
        if config.format == Format::WideX2apic {
            if features & FEATURE_XT == 0 {
                return Err(IrError::Unsupported("32-bit destinations"));
            }
            control |= CONTROL_XT | CONTROL_OWN_XT;
        }
        if config.order > 9 {
            if config.order > 11 || bus.vtd_read(FEATURES_2, 8)? & FEATURE_TWO_K == 0 {
                return Err(IrError::Unsupported("so large a table"));
            }
            control |= CONTROL_TWO_K;
        }
        for page in 0..512 {
            bus.dram_write(config.devices + 4096 * page, &[0; 4096])?;
        }
        // 512 pages of 128 entries; rings of 2^8 entries.
        bus.vtd_write(DEVICE_TABLE, 8, config.devices | 511)?;
        bus.vtd_write(COMMAND_BASE, 8, config.commands | 8 << 56)?;
        bus.vtd_write(EVENT_BASE, 8, config.events | 8 << 56)?;
        bus.vtd_write(CONTROL, 8, control)?;
        let next_table = config.tables;
        Ok(Self { config, control, tail: 0, sequence: 0, tables: BTreeMap::new(), next_table })
    }

    /// Allocates `count` entries of a device, aligned to their number rounded up to a power of two when `align`
    /// (alloc_irq_index). The first of a device makes its table and its device table entry.
    pub fn alloc(&mut self, bus: &mut dyn Bus, device: Bdf, count: u32, align: bool) -> Result<u32, IrError> {
        let count = count.max(1) as usize;
        let step = if align { count.next_power_of_two() } else { 1 };
        if count > 1 << self.config.order {
            return Err(IrError::Full(count as u32));
        }
        if !self.tables.contains_key(&device) {
            self.make_table(bus, device)?;
        }
        let table = self.tables.get_mut(&device).expect("just made");
        let free =
            |from: &usize| table.used.get(*from..*from + count).is_some_and(|places| places.iter().all(|used| !used));
        let first = (0..table.used.len()).step_by(step).find(free).ok_or(IrError::Full(count as u32))?;
        table.used[first..first + count].fill(true);
        Ok(first as u32)
    }

    fn make_table(&mut self, bus: &mut dyn Bus, device: Bdf) -> Result<(), IrError> {
        let bytes = (u64::from(self.entry_bytes()) << self.config.order).next_multiple_of(4096);
        let at = self.next_table;
        for page in 0..bytes / 4096 {
            bus.dram_write(at + 4096 * page, &[0; 4096])?;
        }
        // IV, IntTabLen, IntTabRoot, IntCtl = remap; pass bits 0. The other words of the entry stay 0.
        let word = 1 | u64::from(self.config.order) << 1 | at | 2 << 60;
        bus.dram_write(self.device_entry(device), &word.to_le_bytes())?;
        self.flush_device(bus, device)?;
        self.next_table += bytes;
        self.tables.insert(device, Table { at, used: vec![false; 1 << self.config.order] });
        Ok(())
    }

    /// Address of bits 191:128 of a device's entry.
    fn device_entry(&self, device: Bdf) -> u64 {
        self.config.devices + 32 * u64::from(device.bits()) + 16
    }

    const fn entry_bytes(&self) -> u32 {
        if matches!(self.config.format, Format::Narrow) { 4 } else { 16 }
    }

    /// The bits of an entry: RemapEn, fixed, edge, physical.
    pub fn image(&self, destination: u32, vector: u8) -> u128 {
        match self.config.format {
            Format::Narrow => 1 | u128::from(destination & 0xff) << 8 | u128::from(vector) << 16,
            Format::Wide | Format::WideX2apic => {
                1 | u128::from(destination & 0xff_ffff) << 8
                    | u128::from(vector) << 64
                    | u128::from(destination >> 24) << 120
            }
        }
    }

    /// modify_irte, modify_irte_ga: stores an entry in one piece, invalidates and waits. 0 switches it off.
    pub fn modify(&mut self, bus: &mut dyn Bus, device: Bdf, index: u32, image: u128) -> Result<(), IrError> {
        let at = self.entry_address(device, index)?;
        bus.dram_write(at, &image.to_le_bytes()[..self.entry_bytes() as usize])?;
        self.flush_interrupts(bus, device)
    }

    /// The entry as it stands in memory.
    pub fn read_entry(&self, bus: &mut dyn Bus, device: Bdf, index: u32) -> Result<u128, IrError> {
        let mut bytes = [0; 16];
        bus.dram_read(self.entry_address(device, index)?, &mut bytes[..self.entry_bytes() as usize])?;
        Ok(u128::from_le_bytes(bytes))
    }

    fn entry_address(&self, device: Bdf, index: u32) -> Result<u64, IrError> {
        let table = self.tables.get(&device).filter(|t| t.used.get(index as usize) == Some(&true));
        let table = table.ok_or(IrError::NotAllocated(index))?;
        Ok(table.at + u64::from(self.entry_bytes()) * u64::from(index))
    }

    /// free_irte of `count` entries: cleared, invalidated, then free.
    pub fn free(&mut self, bus: &mut dyn Bus, device: Bdf, first: u32, count: u32) -> Result<(), IrError> {
        for index in first..first + count {
            let at = self.entry_address(device, index)?;
            bus.dram_write(at, &[0; 16][..self.entry_bytes() as usize])?;
        }
        self.flush_interrupts(bus, device)?;
        let table = self.tables.get_mut(&device).ok_or(IrError::NotAllocated(first))?;
        table.used[first as usize..(first + count) as usize].fill(false);
        Ok(())
    }

    /// Entries of a device that are allocated.
    pub fn allocated(&self, device: Bdf) -> usize {
        self.tables.get(&device).map_or(0, |t| t.used.iter().filter(|used| **used).count())
    }

    /// fill_msi_msg: the address says nothing, the data is the index.
    pub const fn compose(index: u32) -> MsiMsg {
        MsiMsg { address_hi: 0, address_lo: 0xfee0_0000, data: index }
    }

    /// INVALIDATE_INTERRUPT_TABLE, and waits.
    pub fn flush_interrupts(&mut self, bus: &mut dyn Bus, device: Bdf) -> Result<(), IrError> {
        self.submit_sync(bus, &[[u64::from(device.bits()) | 5 << 60, 0]])
    }

    /// INVALIDATE_DEVTAB_ENTRY, and waits.
    pub fn flush_device(&mut self, bus: &mut dyn Bus, device: Bdf) -> Result<(), IrError> {
        self.submit_sync(bus, &[[u64::from(device.bits()) | 2 << 60, 0]])
    }

    /// iommu_queue_command, then COMPLETION_WAIT with a store, and waits for that. At most 254 commands.
    pub fn submit_sync(&mut self, bus: &mut dyn Bus, commands: &[[u64; 2]]) -> Result<(), IrError> {
        self.sequence += 1;
        let wait = [1 << 60 | self.config.status | 1, self.sequence];
        for command in commands.iter().chain([&wait]) {
            let bytes: Vec<u8> = command.iter().flat_map(|word| word.to_le_bytes()).collect();
            bus.dram_write(self.config.commands + u64::from(self.tail), &bytes)?;
            self.tail = (self.tail + 16) % RING;
        }
        bus.vtd_write(COMMAND_TAIL, 8, u64::from(self.tail))?;
        for _ in 0..self.config.polls_max {
            if bus.dram_update_u64(self.config.status, &mut |v| v)? == self.sequence {
                return Ok(());
            }
            let status = bus.vtd_read(STATUS, 8)?;
            if status & STATUS_COMMANDS_RUN == 0 {
                return Err(IrError::Queue(status as u32));
            }
            bus.wait(self.config.poll_cycles)?;
        }
        Err(IrError::Timeout("COMPLETION_WAIT"))
    }

    /// Starts the command buffer again after an error, empty.
    pub fn restart_commands(&mut self, bus: &mut dyn Bus) -> Result<(), BusError> {
        bus.vtd_write(CONTROL, 8, self.control & !CONTROL_COMMANDS)?;
        bus.vtd_write(COMMAND_BASE, 8, self.config.commands | 8 << 56)?;
        self.tail = 0;
        bus.vtd_write(CONTROL, 8, self.control)
    }

    /// Programs the event interrupt and switches it on. Needs 32-bit destinations: the unit has no other way.
    pub fn set_event_interrupt(&mut self, bus: &mut dyn Bus, apic_id: u32, vector: u8) -> Result<(), BusError> {
        let low = u64::from(apic_id & 0xff_ffff) << 8;
        bus.vtd_write(OWN_INTERRUPT, 8, low | u64::from(vector) << 32 | u64::from(apic_id >> 24) << 56)?;
        self.control |= CONTROL_EVENT_INTERRUPT;
        bus.vtd_write(CONTROL, 8, self.control)
    }

    /// iommu_poll_events: reads and frees every entry of the log, then clears what the status says of it.
    pub fn drain_events(&mut self, bus: &mut dyn Bus) -> Result<AmdEvents, BusError> {
        let status = bus.vtd_read(STATUS, 8)?;
        bus.vtd_write(STATUS, 8, status & 3)?;
        let mut found = AmdEvents { events: Vec::new(), overflow: status & STATUS_OVERFLOW != 0 };
        let mut head = bus.vtd_read(EVENT_HEAD, 8)? as u32;
        let tail = bus.vtd_read(EVENT_TAIL, 8)? as u32;
        while head != tail {
            let raw = bus.dram_read_u128(self.config.events + u64::from(head))?;
            let low = raw as u64;
            found.events.push(AmdEvent {
                code: (low >> 60) as u8,
                device: Bdf::from_bits(low as u16),
                flags: (low >> 48 & 0xfff) as u16,
                address: (raw >> 64) as u64,
            });
            head = (head + 16) % RING;
        }
        bus.vtd_write(EVENT_HEAD, 8, u64::from(head))?;
        if found.overflow {
            // amd_iommu_restart_event_logging.
            bus.vtd_write(CONTROL, 8, self.control & !CONTROL_EVENT_LOG)?;
            bus.vtd_write(CONTROL, 8, self.control)?;
        }
        Ok(found)
    }
}
