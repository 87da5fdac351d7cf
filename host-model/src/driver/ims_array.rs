// SPDX-License-Identifier: Apache-2.0 OR MIT
//! IMS slots in device memory, driven like the Linux IDXD demonstration driver did.
//!
//! Order of accesses: prepare masks and reads back; a message is three writes and a
//! read; mask and unmask are read back. Shutting down masks first: the demonstration
//! driver zeroed the message of an open slot, so that an event in between was a write
//! to address 0.

use super::msg::MsiMsg;
use super::regs::{
    CTRL_MASK, CTRL_PASID_EN, CTRL_PASID_SHIFT, CTRL_PENDING, SLOT_ADDRESS_HI, SLOT_ADDRESS_LO, SLOT_BYTES, SLOT_CTRL,
    SLOT_DATA,
};
use super::{Bus, BusError};

/// An array of slots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImsArray {
    /// Address of slot 0 in device memory.
    pub base: u64,
    /// Slots.
    pub slots: u32,
}

/// One slot in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImsSlot {
    at: u64,
    /// Control word without the mask.
    ctrl: u32,
    masked: bool,
}

/// What goes wrong with a slot.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ImsArrayError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// No such slot.
    #[error("slot {index} of {slots}")]
    Index {
        /// Index asked for.
        index: u32,
        /// Slots in the array.
        slots: u32,
    },
    /// PASIDs have 20 bits.
    #[error("PASID {0:#x}")]
    Pasid(u32),
}

impl ImsArray {
    /// Takes a slot into use, masked; with `pasid` only requests of that address space may
    /// trigger it.
    pub fn prepare(&self, bus: &mut dyn Bus, index: u32, pasid: Option<u32>) -> Result<ImsSlot, ImsArrayError> {
        if index >= self.slots {
            return Err(ImsArrayError::Index { index, slots: self.slots });
        }
        let ctrl = match pasid {
            Some(pasid) if pasid >> 20 != 0 => return Err(ImsArrayError::Pasid(pasid)),
            Some(pasid) => pasid << CTRL_PASID_SHIFT | CTRL_PASID_EN,
            None => 0,
        };
        let mut slot = ImsSlot { at: self.base + SLOT_BYTES * u64::from(index), ctrl: 0, masked: true };
        slot.write_ctrl(bus, CTRL_MASK)?;
        slot.ctrl = ctrl;
        Ok(slot)
    }
}

impl ImsSlot {
    /// irq_write_msi_msg. An open slot is masked around the writes when `guard` is set;
    /// the demonstration driver did not, and without remapping a torn message can then go out.
    pub fn write_msg(&mut self, bus: &mut dyn Bus, msg: MsiMsg, guard: bool) -> Result<(), BusError> {
        let guard = guard && !self.masked;
        if guard {
            bus.mem_write(self.at + SLOT_CTRL, 4, u64::from(self.ctrl | CTRL_MASK))?;
        }
        bus.mem_write(self.at + SLOT_ADDRESS_LO, 4, u64::from(msg.address_lo))?;
        bus.mem_write(self.at + SLOT_ADDRESS_HI, 4, u64::from(msg.address_hi))?;
        bus.mem_write(self.at + SLOT_DATA, 4, u64::from(msg.data))?;
        if guard {
            bus.mem_write(self.at + SLOT_CTRL, 4, u64::from(self.ctrl))?;
        }
        bus.mem_read(self.at + SLOT_DATA, 4)?;
        Ok(())
    }

    /// Writes message and control word as two quad words, the second of which unmasks
    /// with the new data, and reads back.
    pub fn write_msg_and_unmask(&mut self, bus: &mut dyn Bus, msg: MsiMsg) -> Result<(), BusError> {
        self.masked = false;
        bus.mem_write(self.at + SLOT_ADDRESS_LO, 8, msg.address())?;
        bus.mem_write(self.at + SLOT_DATA, 8, u64::from(self.ctrl) << 32 | u64::from(msg.data))?;
        bus.mem_read(self.at + SLOT_CTRL, 4)?;
        Ok(())
    }

    /// irq_mask: after it returns no message of this slot follows.
    pub fn mask(&mut self, bus: &mut dyn Bus) -> Result<(), BusError> {
        self.masked = true;
        self.write_ctrl(bus, self.ctrl | CTRL_MASK)
    }

    /// irq_unmask.
    pub fn unmask(&mut self, bus: &mut dyn Bus) -> Result<(), BusError> {
        self.masked = false;
        self.write_ctrl(bus, self.ctrl)
    }

    /// Whether the slot's pending bit is set.
    pub fn is_pending(&self, bus: &mut dyn Bus) -> Result<bool, BusError> {
        Ok(bus.mem_read(self.at + SLOT_CTRL, 4)? as u32 & CTRL_PENDING != 0)
    }

    /// irq_shutdown: masks, waits for that, then clears the message.
    pub fn shutdown(mut self, bus: &mut dyn Bus) -> Result<(), BusError> {
        self.mask(bus)?;
        bus.mem_write(self.at + SLOT_ADDRESS_LO, 4, 0)?;
        bus.mem_write(self.at + SLOT_ADDRESS_HI, 4, 0)?;
        bus.mem_write(self.at + SLOT_DATA, 4, 0)?;
        self.write_ctrl(bus, CTRL_MASK)
    }

    fn write_ctrl(&self, bus: &mut dyn Bus, ctrl: u32) -> Result<(), BusError> {
        bus.mem_write(self.at + SLOT_CTRL, 4, u64::from(ctrl))?;
        bus.mem_read(self.at + SLOT_CTRL, 4)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::Access::{R, W};
    use super::super::fake::FakeBus;
    use super::*;

    const ARRAY: ImsArray = ImsArray { base: 0x1000, slots: 4 };
    const MSG: MsiMsg = MsiMsg { address_hi: 0, address_lo: 0xfee0_0018, data: 3 };

    #[test]
    fn a_slot_is_masked_before_anything_else_and_before_it_is_cleared() {
        let mut bus = FakeBus::new();
        let mut slot = ARRAY.prepare(&mut bus, 2, Some(0x5)).unwrap();
        assert_eq!(bus.take_log(), [W(0x102c, 1), R(0x102c)]);
        slot.write_msg(&mut bus, MSG, true).unwrap();
        assert_eq!(bus.take_log(), [W(0x1020, 0xfee0_0018), W(0x1024, 0), W(0x1028, 3), R(0x1028)]);
        slot.unmask(&mut bus).unwrap();
        slot.mask(&mut bus).unwrap();
        assert_eq!(bus.take_log(), [W(0x102c, 0x5008), R(0x102c), W(0x102c, 0x5009), R(0x102c)]);
        slot.shutdown(&mut bus).unwrap();
        assert_eq!(
            bus.take_log(),
            [W(0x102c, 0x5009), R(0x102c), W(0x1020, 0), W(0x1024, 0), W(0x1028, 0), W(0x102c, 1), R(0x102c)]
        );
    }

    #[test]
    fn an_open_slot_is_guarded_only_when_asked_to() {
        let mut bus = FakeBus::new();
        let mut slot = ARRAY.prepare(&mut bus, 0, None).unwrap();
        slot.unmask(&mut bus).unwrap();
        bus.take_log();
        slot.write_msg(&mut bus, MSG, false).unwrap();
        assert_eq!(bus.take_log(), [W(0x1000, 0xfee0_0018), W(0x1004, 0), W(0x1008, 3), R(0x1008)]);
        slot.write_msg(&mut bus, MSG, true).unwrap();
        let log = bus.take_log();
        assert_eq!((log[0], log[4]), (W(0x100c, 1), W(0x100c, 0)));
        assert_eq!(log.len(), 6);
    }

    #[test]
    fn one_store_unmasks_with_the_new_data() {
        let mut bus = FakeBus::new();
        let mut slot = ARRAY.prepare(&mut bus, 0, None).unwrap();
        bus.take_log();
        slot.write_msg_and_unmask(&mut bus, MSG).unwrap();
        assert_eq!(bus.take_log(), [W(0x1000, 0xfee0_0018), W(0x1008, 3), R(0x100c)]);
        assert_eq!(bus.words[&0x100c], 0);
    }

    #[test]
    fn slots_and_pasids_out_of_range_are_refused() {
        let mut bus = FakeBus::new();
        assert_eq!(ARRAY.prepare(&mut bus, 4, None), Err(ImsArrayError::Index { index: 4, slots: 4 }));
        assert_eq!(ARRAY.prepare(&mut bus, 0, Some(1 << 20)), Err(ImsArrayError::Pasid(1 << 20)));
        assert_eq!(bus.take_log(), []);
    }
}
