// SPDX-License-Identifier: Apache-2.0 OR MIT
//! MSI as Linux drives it (drivers/pci/msi/msi.c), register access by register access.

use super::caps::id;
use super::enumerate::Function;
use super::msg::MsiMsg;
use super::{Bus, BusError};

const FLAGS_ENABLE: u32 = 1 << 0;
const FLAGS_QMASK: u32 = 0x000e;
const FLAGS_QSIZE: u32 = 0x0070;
const FLAGS_64BIT: u32 = 1 << 7;
const FLAGS_MASKBIT: u32 = 1 << 8;
const COMMAND: u16 = 0x04;
const COMMAND_INTX_DISABLE: u32 = 1 << 10;

/// What goes wrong with MSI.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MsiError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// No MSI capability.
    #[error("no MSI capability")]
    Missing,
    /// More vectors than the function has.
    #[error("{asked} vectors of {capable}")]
    TooMany {
        /// Vectors asked for.
        asked: u32,
        /// Vectors that the function can have.
        capable: u32,
    },
    /// A message that is too wide for the capability.
    #[error("a message above 4 GiB or of more than 16 data bits")]
    Message,
}

/// The MSI of one function, enabled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Msi {
    cap: u16,
    wide: bool,
    /// Offset of the mask register, where there is one.
    mask_at: Option<u16>,
    /// Software's copy of the mask register.
    mask: u32,
    /// Vectors enabled, a power of two.
    pub granted: u32,
    /// The message of vector 0.
    pub msg: MsiMsg,
}

impl Msi {
    /// Vectors that the function can have.
    pub fn capable(bus: &mut dyn Bus, function: &Function) -> Result<u32, MsiError> {
        let cap = function.cap(id::MSI).ok_or(MsiError::Missing)?;
        Ok(1 << ((bus.cfg_read(cap + 2, 2)? & FLAGS_QMASK) >> 1).min(5))
    }

    /// msi_capability_init: enables MSI with `granted` vectors (a power of two), all of them
    /// masked; INTx is off afterwards.
    pub fn enable(bus: &mut dyn Bus, function: &Function, granted: u32, msg: MsiMsg) -> Result<Self, MsiError> {
        let capable = Self::capable(bus, function)?;
        if granted > capable || !granted.is_power_of_two() {
            return Err(MsiError::TooMany { asked: granted, capable });
        }
        let cap = function.cap(id::MSI).ok_or(MsiError::Missing)?;
        // pci_msi_set_enable(dev, 0).
        let control = bus.cfg_read(cap + 2, 2)?;
        bus.cfg_write(cap + 2, 2, control & !FLAGS_ENABLE)?;
        let control = bus.cfg_read(cap + 2, 2)?;
        let wide = control & FLAGS_64BIT != 0;
        let mask_at = (control & FLAGS_MASKBIT != 0).then_some(cap + if wide { 0x10 } else { 0xc });
        let mask = match mask_at {
            Some(at) => bus.cfg_read(at, 4)?,
            None => 0,
        };
        let mut msi = Self { cap, wide, mask_at, mask, granted, msg };
        // Every vector that the function can have, no bit beyond.
        msi.update_mask(bus, 0, if capable == 32 { u32::MAX } else { (1 << capable) - 1 })?;
        msi.write_msg(bus, msg)?;
        let command = bus.cfg_read(COMMAND, 2)?;
        if command & COMMAND_INTX_DISABLE == 0 {
            bus.cfg_write(COMMAND, 2, command | COMMAND_INTX_DISABLE)?;
        }
        let control = bus.cfg_read(cap + 2, 2)?;
        bus.cfg_write(cap + 2, 2, control | FLAGS_ENABLE)?;
        Ok(msi)
    }

    /// pci_msi_update_mask: from the copy, not read first; a configuration write ends with its
    /// completion.
    fn update_mask(&mut self, bus: &mut dyn Bus, clear: u32, set: u32) -> Result<(), MsiError> {
        self.mask = self.mask & !clear | set;
        if let Some(at) = self.mask_at {
            bus.cfg_write(at, 4, self.mask)?;
        }
        Ok(())
    }

    /// Masks a vector.
    pub fn mask_irq(&mut self, bus: &mut dyn Bus, vector: u32) -> Result<(), MsiError> {
        self.update_mask(bus, 0, 1 << vector)
    }

    /// Unmasks a vector.
    pub fn unmask_irq(&mut self, bus: &mut dyn Bus, vector: u32) -> Result<(), MsiError> {
        self.update_mask(bus, 1 << vector, 0)
    }

    /// pci_write_msg_msi: number of vectors, address, data, and control read back. The registers
    /// change one after another.
    pub fn write_msg(&mut self, bus: &mut dyn Bus, msg: MsiMsg) -> Result<(), MsiError> {
        if msg.data > 0xffff || !self.wide && msg.address_hi != 0 {
            return Err(MsiError::Message);
        }
        let cap = self.cap;
        let control = bus.cfg_read(cap + 2, 2)?;
        bus.cfg_write(cap + 2, 2, control & !FLAGS_QSIZE | self.granted.ilog2() << 4)?;
        bus.cfg_write(cap + 4, 4, msg.address_lo)?;
        if self.wide {
            bus.cfg_write(cap + 8, 4, msg.address_hi)?;
            bus.cfg_write(cap + 0xc, 2, msg.data)?;
        } else {
            bus.cfg_write(cap + 8, 2, msg.data)?;
        }
        bus.cfg_read(cap + 2, 2)?;
        self.msg = msg;
        Ok(())
    }

    /// pci_msi_shutdown: clears Enable, lets INTx in again, and leaves the mask as after reset.
    pub fn disable(mut self, bus: &mut dyn Bus) -> Result<(), MsiError> {
        let control = bus.cfg_read(self.cap + 2, 2)?;
        bus.cfg_write(self.cap + 2, 2, control & !FLAGS_ENABLE)?;
        let command = bus.cfg_read(COMMAND, 2)?;
        bus.cfg_write(COMMAND, 2, command & !COMMAND_INTX_DISABLE)?;
        self.update_mask(bus, u32::MAX, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::caps::Capability;
    use super::super::fake::FakeBus;
    use super::*;

    /// A function with 8 vectors, 64-bit addresses and masks.
    fn setup() -> (FakeBus, Function) {
        let mut bus = FakeBus::new();
        bus.bar(0x90, 0x0071_0000, 0x0186_0005);
        for at in [0x94, 0x98, 0x9c, 0xa0] {
            bus.set_cfg(at, 0);
        }
        let caps = vec![Capability { id: id::MSI, offset: 0x90, version: 0 }];
        let function = Function { vendor: 1, device: 2, class: 3, bars: vec![], caps, extended: vec![] };
        (bus, function)
    }

    const MSG: MsiMsg = MsiMsg { address_hi: 0, address_lo: 0xfee0_1000, data: 0x40 };

    #[test]
    fn enabling_takes_the_steps_in_order() {
        let (mut bus, function) = setup();
        let msi = Msi::enable(&mut bus, &function, 4, MSG).unwrap();
        assert_eq!(msi.granted, 4);
        assert_eq!(
            bus.cfg_log,
            [
                (0x92, 0x0186),
                // All vectors that the function can have, whatever was granted.
                (0xa0, 0xff),
                (0x92, 0x01a6),
                (0x94, 0xfee0_1000),
                (0x98, 0),
                (0x9c, 0x40),
                (0x04, 0x400),
                (0x92, 0x01a7),
            ]
        );
    }

    #[test]
    fn masks_come_from_the_copy_and_disabling_leaves_them_clear() {
        let (mut bus, function) = setup();
        let mut msi = Msi::enable(&mut bus, &function, 8, MSG).unwrap();
        bus.cfg_log.clear();
        msi.unmask_irq(&mut bus, 3).unwrap();
        msi.mask_irq(&mut bus, 3).unwrap();
        assert_eq!(bus.cfg_log, [(0xa0, 0xf7), (0xa0, 0xff)]);
        bus.cfg_log.clear();
        msi.disable(&mut bus).unwrap();
        assert_eq!(bus.cfg_log, [(0x92, 0x01b6), (0x04, 0), (0xa0, 0)]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (mut bus, function) = setup();
        assert_eq!(Msi::enable(&mut bus, &function, 16, MSG), Err(MsiError::TooMany { asked: 16, capable: 8 }));
        let wide = MsiMsg { data: 0x1_0000, ..MSG };
        assert_eq!(Msi::enable(&mut bus, &function, 1, wide), Err(MsiError::Message));
    }
}
