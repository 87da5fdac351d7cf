// SPDX-License-Identifier: Apache-2.0 OR MIT
//! IMS slots in host memory, behind a bus lock as Linux would do it for a store that is
//! updated by a command (irq_bus_lock, irq_bus_sync_unlock).
//!
//! Mask, unmask and new messages change a shadow only. The unlock compares it with what
//! the device was last told, stores the slot in one 16-byte piece, starts one update command, waits for
//! its completion and only then releases the lock: once it returns the device sends
//! nothing that is older. A command that never ends is an error that nobody upstream
//! can be told in Linux; here it is returned, the lock is released and the slot is marked
//! so that its next update sends a command whether the shadow changed or not.

use std::collections::BTreeMap;

use super::msg::MsiMsg;
use super::regs::*;
use super::{Bus, BusError};

/// How the driver learns that a command is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Completion {
    /// It polls the status register, with a device read each time.
    Poll,
    /// The device writes the command's number to this address of host memory (multiple of
    /// 4) and the driver watches it.
    Word(u64),
}

/// How the store is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImsMemoryConfig {
    /// Address of BAR 0 in device memory.
    pub regs: u64,
    /// Host address of slot 0, a multiple of 4096.
    pub base: u64,
    /// Slots.
    pub slots: u32,
    /// How completion is noticed.
    pub completion: Completion,
    /// Cycles between two looks.
    pub poll_cycles: u64,
    /// Looks before a command counts as lost.
    pub polls_max: u32,
}

/// What goes wrong with the store.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ImsMemoryError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// No such slot.
    #[error("slot {index} of {slots}")]
    Index {
        /// Index asked for.
        index: u32,
        /// Slots in the store.
        slots: u32,
    },
    /// The device refused base or size.
    #[error("the device refuses the store: status {0:#x}")]
    Refused(u32),
    /// The device ignored the command because another one was under way.
    #[error("the device was busy: status {0:#x}")]
    Busy(u32),
    /// The command did not end in time.
    #[error("update command {number} did not complete")]
    Timeout {
        /// The command's number, from 1.
        number: u32,
    },
    /// The bus lock is held by another interrupt, or not held by this one.
    #[error("bus lock held by {holder:?}, wanted by {wanted}")]
    Lock {
        /// Slot that holds it.
        holder: Option<u32>,
        /// Slot that asks.
        wanted: u32,
    },
}

/// A slot as software knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Shadow {
    msg: MsiMsg,
    masked: bool,
    /// What the device was last told, when that is known to have arrived.
    told: Option<u128>,
}

impl Shadow {
    const EMPTY: Self = Self { msg: MsiMsg { address_hi: 0, address_lo: 0, data: 0 }, masked: true, told: None };

    fn image(&self) -> u128 {
        let ctrl = if self.masked { CTRL_MASK } else { 0 };
        u128::from(ctrl) << 96 | u128::from(self.msg.data) << 64 | u128::from(self.msg.address())
    }
}

/// Completion word, place, size, enable; the number of commands that the device has counted.
fn switch_on(bus: &mut dyn Bus, config: &ImsMemoryConfig) -> Result<u32, ImsMemoryError> {
    let reg = |offset| config.regs + offset;
    if let Completion::Word(at) = config.completion {
        bus.dram_write(at, &[0; 4])?;
        bus.mem_write(reg(HS_DONE_ADDR_LO), 4, at & 0xffff_ffff)?;
        bus.mem_write(reg(HS_DONE_ADDR_HI), 4, at >> 32)?;
    }
    bus.mem_write(reg(HS_BASE_LO), 4, config.base & 0xffff_ffff)?;
    bus.mem_write(reg(HS_BASE_HI), 4, config.base >> 32)?;
    bus.mem_write(reg(HS_SIZE), 4, u64::from(config.slots))?;
    bus.mem_write(reg(HS_CTRL), 4, u64::from(HS_CTRL_ENABLE))?;
    let status = bus.mem_read(reg(HS_STATUS), 4)? as u32;
    if status & HS_STATUS_ENABLED == 0 || status & HS_STATUS_CONFIG_ERROR != 0 {
        return Err(ImsMemoryError::Refused(status));
    }
    Ok(status >> HS_STATUS_DONE_SHIFT)
}

/// The store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImsMemory {
    config: ImsMemoryConfig,
    shadows: BTreeMap<u32, Shadow>,
    lock: Option<u32>,
    /// Number of the last command, as the device counts them.
    commands: u32,
    /// A command was lost, so `commands` may be behind the device's count.
    lost: bool,
}

impl ImsMemory {
    /// Writes a masked image of every slot and enables the store; the device must have
    /// been reset since it last had one.
    pub fn enable(bus: &mut dyn Bus, config: ImsMemoryConfig) -> Result<Self, ImsMemoryError> {
        let masked = Shadow::EMPTY.image().to_le_bytes();
        for index in 0..config.slots {
            bus.dram_write(config.base + SLOT_BYTES * u64::from(index), &masked)?;
        }
        let commands = switch_on(bus, &config)?;
        Ok(Self { config, shadows: BTreeMap::new(), lock: None, commands, lost: false })
    }

    /// After a reset of the function: the slots are as they were, the device is told where they are.
    pub fn resume(&mut self, bus: &mut dyn Bus) -> Result<(), ImsMemoryError> {
        self.commands = switch_on(bus, &self.config)?;
        self.lost = false;
        Ok(())
    }

    /// Disables the store; the device drops every slot it holds.
    pub fn disable(self, bus: &mut dyn Bus) -> Result<(), ImsMemoryError> {
        bus.mem_write(self.config.regs + HS_CTRL, 4, 0)?;
        bus.mem_read(self.config.regs + HS_STATUS, 4)?;
        Ok(())
    }

    /// irq_bus_lock: one interrupt at a time.
    pub fn bus_lock(&mut self, index: u32) -> Result<(), ImsMemoryError> {
        if index >= self.config.slots {
            return Err(ImsMemoryError::Index { index, slots: self.config.slots });
        }
        if self.lock.is_some() {
            return Err(ImsMemoryError::Lock { holder: self.lock, wanted: index });
        }
        self.lock = Some(index);
        Ok(())
    }

    /// irq_mask, under the lock: the device learns of it in [`bus_sync_unlock`](Self::bus_sync_unlock).
    pub fn mask(&mut self, index: u32) -> Result<(), ImsMemoryError> {
        self.locked(index)?.masked = true;
        Ok(())
    }

    /// irq_unmask, under the lock.
    pub fn unmask(&mut self, index: u32) -> Result<(), ImsMemoryError> {
        self.locked(index)?.masked = false;
        Ok(())
    }

    /// irq_write_msi_msg, under the lock.
    pub fn write_msg(&mut self, index: u32, msg: MsiMsg) -> Result<(), ImsMemoryError> {
        self.locked(index)?.msg = msg;
        Ok(())
    }

    /// irq_bus_sync_unlock: when the shadow changed, updates the device and waits.
    pub fn bus_sync_unlock(&mut self, bus: &mut dyn Bus, index: u32) -> Result<(), ImsMemoryError> {
        let shadow = *self.locked(index)?;
        let image = shadow.image();
        let result = if shadow.told == Some(image) { Ok(()) } else { self.update(bus, index, image) };
        self.lock = None;
        if let Some(s) = self.shadows.get_mut(&index) {
            s.told = result.is_ok().then_some(image);
        }
        result
    }

    /// Masks a slot, then clears it and forgets it.
    pub fn free(&mut self, bus: &mut dyn Bus, index: u32) -> Result<(), ImsMemoryError> {
        self.bus_lock(index)?;
        self.mask(index)?;
        self.bus_sync_unlock(bus, index)?;
        let masked = Shadow::EMPTY.image().to_le_bytes();
        bus.dram_write(self.slot(index), &masked)?;
        self.shadows.remove(&index);
        Ok(())
    }

    /// Takes the lock, sets message and mask, and updates the device: the whole of what
    /// request_irq or a change of affinity does.
    pub fn program(&mut self, bus: &mut dyn Bus, index: u32, msg: MsiMsg, masked: bool) -> Result<(), ImsMemoryError> {
        self.bus_lock(index)?;
        self.write_msg(index, msg)?;
        if masked {
            self.mask(index)?
        } else {
            self.unmask(index)?
        }
        self.bus_sync_unlock(bus, index)
    }

    /// The update command alone, for `2^order` slots around `index`, without a look at any
    /// shadow; `order` of 20 and above means all.
    pub fn invalidate(&mut self, bus: &mut dyn Bus, index: u32, order: u32) -> Result<(), ImsMemoryError> {
        let notify = matches!(self.config.completion, Completion::Word(_));
        let command = HS_CMD_START
            | if notify { HS_CMD_NOTIFY } else { 0 }
            | order.min(31) << HS_CMD_ORDER_SHIFT
            | index & 0xf_ffff;
        if self.lost {
            self.resynchronise(bus)?;
        }
        let number = self.commands.wrapping_add(1);
        self.lost = true;
        bus.mem_write(self.config.regs + HS_CMD, 4, u64::from(command))?;
        for _ in 0..self.config.polls_max {
            if self.is_done(bus, number)? {
                (self.commands, self.lost) = (number, false);
                return Ok(());
            }
            bus.wait(self.config.poll_cycles)?;
        }
        Err(ImsMemoryError::Timeout { number })
    }

    /// After a lost command: waits until the device is not busy, takes over its count and
    /// clears its error.
    fn resynchronise(&mut self, bus: &mut dyn Bus) -> Result<(), ImsMemoryError> {
        let at = self.config.regs + HS_STATUS;
        for _ in 0..self.config.polls_max {
            let status = bus.mem_read(at, 4)? as u32;
            if status & HS_STATUS_BUSY == 0 {
                let ahead = (status >> HS_STATUS_DONE_SHIFT).wrapping_sub(self.commands) & 0xffff;
                self.commands = self.commands.wrapping_add(ahead);
                self.lost = false;
                bus.mem_write(at, 4, u64::from(HS_STATUS_CMD_ERROR))?;
                return Ok(());
            }
            bus.wait(self.config.poll_cycles)?;
        }
        Err(ImsMemoryError::Timeout { number: self.commands.wrapping_add(1) })
    }

    /// Host address of a slot.
    pub fn slot(&self, index: u32) -> u64 {
        self.config.base + SLOT_BYTES * u64::from(index)
    }

    fn update(&mut self, bus: &mut dyn Bus, index: u32, image: u128) -> Result<(), ImsMemoryError> {
        bus.dram_write(self.slot(index), &image.to_le_bytes())?;
        self.invalidate(bus, index, 0)
    }

    fn is_done(&self, bus: &mut dyn Bus, number: u32) -> Result<bool, ImsMemoryError> {
        if let Completion::Word(at) = self.config.completion {
            return Ok(bus.dram_read_u32(at)? == number);
        }
        let status = bus.mem_read(self.config.regs + HS_STATUS, 4)? as u32;
        if status & HS_STATUS_CMD_ERROR != 0 {
            return Err(ImsMemoryError::Busy(status));
        }
        Ok(status & HS_STATUS_BUSY == 0 && status >> HS_STATUS_DONE_SHIFT == number & 0xffff)
    }

    fn locked(&mut self, index: u32) -> Result<&mut Shadow, ImsMemoryError> {
        if self.lock != Some(index) {
            return Err(ImsMemoryError::Lock { holder: self.lock, wanted: index });
        }
        Ok(self.shadows.entry(index).or_insert(Shadow::EMPTY))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::Access::{R, W};
    use super::super::fake::FakeBus;
    use super::*;

    const MSG: MsiMsg = MsiMsg { address_hi: 0, address_lo: 0xfee0_0018, data: 3 };
    const WORD: u64 = 0x9000;

    fn config(completion: Completion) -> ImsMemoryConfig {
        ImsMemoryConfig { regs: 0, base: 0x1_0000, slots: 8, completion, poll_cycles: 1, polls_max: 5 }
    }

    /// A device that has done `done` commands and does (if it works) each further one at once.
    fn device(bus: &mut FakeBus, mut done: u32, works: bool) {
        bus.hook = Some(Box::new(move |words, mem, addr, value| match addr {
            HS_CTRL => drop(words.insert(HS_STATUS, HS_STATUS_ENABLED)),
            HS_STATUS => drop(words.insert(HS_STATUS, HS_STATUS_ENABLED | done << 16)),
            HS_CMD if works => {
                done += 1;
                words.insert(HS_STATUS, HS_STATUS_ENABLED | done << 16);
                if value & HS_CMD_NOTIFY != 0 {
                    mem.write_u32(WORD, done).unwrap();
                }
            }
            _ => {}
        }));
    }

    #[test]
    fn nothing_reaches_the_device_before_the_unlock_and_one_command_then() {
        let mut bus = FakeBus::new();
        device(&mut bus, 0, true);
        let mut ims = ImsMemory::enable(&mut bus, config(Completion::Poll)).unwrap();
        bus.take_log();
        ims.bus_lock(3).unwrap();
        ims.write_msg(3, MSG).unwrap();
        ims.unmask(3).unwrap();
        assert_eq!(bus.take_log(), []);
        assert_eq!(bus.mem.read_u128(0x1_0030), Ok(1 << 96));
        ims.bus_sync_unlock(&mut bus, 3).unwrap();
        assert_eq!(bus.take_log(), [W(HS_CMD, 0x8000_0003), R(HS_STATUS)]);
        assert_eq!(bus.mem.read_u128(0x1_0030), Ok(0x3_0000_0000_fee0_0018));
    }

    #[test]
    fn an_unchanged_shadow_costs_no_command() {
        let mut bus = FakeBus::new();
        device(&mut bus, 0, true);
        let mut ims = ImsMemory::enable(&mut bus, config(Completion::Word(WORD))).unwrap();
        ims.program(&mut bus, 1, MSG, false).unwrap();
        bus.take_log();
        ims.program(&mut bus, 1, MSG, false).unwrap();
        assert_eq!(bus.take_log(), []);
        ims.program(&mut bus, 1, MSG, true).unwrap();
        assert_eq!(bus.take_log(), [W(HS_CMD, 0xc000_0001)]);
        assert_eq!(bus.mem.read_u32(WORD), Ok(2));
    }

    #[test]
    fn the_lock_admits_one_interrupt() {
        let mut bus = FakeBus::new();
        device(&mut bus, 0, true);
        let mut ims = ImsMemory::enable(&mut bus, config(Completion::Poll)).unwrap();
        ims.bus_lock(1).unwrap();
        assert_eq!(ims.bus_lock(2), Err(ImsMemoryError::Lock { holder: Some(1), wanted: 2 }));
        assert_eq!(ims.mask(2), Err(ImsMemoryError::Lock { holder: Some(1), wanted: 2 }));
        ims.bus_sync_unlock(&mut bus, 1).unwrap();
        assert_eq!(ims.mask(1), Err(ImsMemoryError::Lock { holder: None, wanted: 1 }));
        assert_eq!(ims.bus_lock(8), Err(ImsMemoryError::Index { index: 8, slots: 8 }));
    }

    #[test]
    fn a_lost_command_is_an_error_that_leaves_the_lock_free_and_is_tried_again() {
        let mut bus = FakeBus::new();
        device(&mut bus, 0, false);
        let mut ims = ImsMemory::enable(&mut bus, config(Completion::Poll)).unwrap();
        assert_eq!(ims.program(&mut bus, 0, MSG, false), Err(ImsMemoryError::Timeout { number: 1 }));
        // The lost command completes after all, unseen; the next one is number 2.
        bus.words.insert(HS_STATUS, HS_STATUS_ENABLED | 1 << 16);
        device(&mut bus, 1, true);
        bus.take_log();
        ims.program(&mut bus, 0, MSG, false).unwrap();
        let log = bus.take_log();
        assert_eq!(log, [R(HS_STATUS), W(HS_STATUS, 8), W(HS_CMD, 0x8000_0000), R(HS_STATUS)]);
        ims.program(&mut bus, 0, MSG, true).unwrap();
        assert_eq!(bus.words[&HS_STATUS] >> 16, 3);
    }

    #[test]
    fn a_busy_device_is_an_error_and_recovered_from() {
        let mut bus = FakeBus::new();
        device(&mut bus, 0, false);
        let mut ims = ImsMemory::enable(&mut bus, config(Completion::Poll)).unwrap();
        let busy = HS_STATUS_ENABLED | HS_STATUS_BUSY | HS_STATUS_CMD_ERROR;
        bus.words.insert(HS_STATUS, busy);
        assert_eq!(ims.invalidate(&mut bus, 0, 20), Err(ImsMemoryError::Busy(busy)));
        assert_eq!(ims.invalidate(&mut bus, 0, 20), Err(ImsMemoryError::Timeout { number: 1 }));
        bus.words.insert(HS_STATUS, HS_STATUS_ENABLED | 1 << 16);
        device(&mut bus, 1, true);
        assert_eq!(ims.invalidate(&mut bus, 0, 20), Ok(()));
    }

    #[test]
    fn a_refused_store_is_an_error() {
        let mut bus = FakeBus::new();
        bus.words.insert(HS_STATUS, HS_STATUS_CONFIG_ERROR);
        let refused = ImsMemory::enable(&mut bus, config(Completion::Poll));
        assert_eq!(refused, Err(ImsMemoryError::Refused(HS_STATUS_CONFIG_ERROR)));
    }

    #[test]
    fn freeing_leaves_a_masked_empty_slot() {
        let mut bus = FakeBus::new();
        device(&mut bus, 0, true);
        let mut ims = ImsMemory::enable(&mut bus, config(Completion::Poll)).unwrap();
        ims.program(&mut bus, 2, MSG, false).unwrap();
        bus.take_log();
        ims.free(&mut bus, 2).unwrap();
        assert_eq!(bus.take_log(), [W(HS_CMD, 0x8000_0002), R(HS_STATUS)]);
        assert_eq!(bus.mem.read_u128(0x1_0020), Ok(1 << 96));
    }
}
