// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Error reporting as Linux sets it up and reads it (drivers/pci/pcie/aer.c, ecrc handling in the same place).

use super::caps::{self, CapError};
use super::{Bus, BusError};
use crate::rc::Digests;

/// Device Control: correctable, non-fatal, fatal, unsupported request reporting.
const REPORTING: u32 = 0xf;
/// Device Control and Device Status in the PCI Express capability.
const DEVCTL: u16 = 0x08;
const DEVSTA: u16 = 0x0a;

const UNCORRECTABLE_STATUS: u16 = 0x04;
const UNCORRECTABLE_MASK: u16 = 0x08;
const SEVERITY: u16 = 0x0c;
const CORRECTABLE_STATUS: u16 = 0x10;
const CORRECTABLE_MASK: u16 = 0x14;
const CONTROL: u16 = 0x18;
const HEADER_LOG: u16 = 0x1c;
const PREFIX_LOG: u16 = 0x38;

/// Uncorrectable errors for which a header is logged (AER_LOG_TLP_MASKS).
const WITH_HEADER: u32 = 1 << 12 | 1 << 13 | 1 << 16 | 1 << 18 | 1 << 19 | 1 << 20;

/// Why error reporting cannot be set up.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AerError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// A capability list cannot be followed.
    #[error(transparent)]
    Caps(#[from] CapError),
    /// The function lacks a capability.
    #[error("no capability {0:#x}")]
    Missing(u16),
}

/// What the registers of a function say of its errors.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ErrorInfo {
    /// Uncorrectable Error Status.
    pub uncorrectable: u32,
    /// Uncorrectable Error Mask.
    pub uncorrectable_mask: u32,
    /// Uncorrectable Error Severity.
    pub severity: u32,
    /// Correctable Error Status.
    pub correctable: u32,
    /// Correctable Error Mask.
    pub correctable_mask: u32,
    /// Number of the first uncorrectable error; `None` when the pointer names no error that is there.
    pub first: Option<u8>,
    /// Header log, where the first error has a header.
    pub header: Option<[u32; 4]>,
    /// Prefix log, where one was there.
    pub prefix: Option<u32>,
    /// Device Status, 16 bits.
    pub device: u16,
}

/// Error reporting of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Aer {
    capability: u16,
    express: u16,
}

impl Aer {
    /// Finds the capability.
    pub fn find(bus: &mut dyn Bus) -> Result<Self, AerError> {
        let express = caps::find(&caps::walk(bus)?, caps::id::PCIE).ok_or(AerError::Missing(caps::id::PCIE))?;
        let found = caps::find(&caps::walk_extended(bus)?, caps::id::AER).ok_or(AerError::Missing(caps::id::AER))?;
        Ok(Self { capability: found.offset, express: express.offset })
    }

    /// Finds the capability and clears what firmware has left (pci_aer_init).
    pub fn init(bus: &mut dyn Bus) -> Result<Self, AerError> {
        let aer = Self::find(bus)?;
        aer.clear(bus)?;
        Ok(aer)
    }

    /// Writes both status registers back to themselves (pci_aer_raw_clear_status).
    pub fn clear(&self, bus: &mut dyn Bus) -> Result<(), BusError> {
        for register in [CORRECTABLE_STATUS, UNCORRECTABLE_STATUS] {
            let status = bus.cfg_read(self.capability + register, 4)?;
            bus.cfg_write(self.capability + register, 4, status)?;
        }
        Ok(())
    }

    /// Clears what is in Device Status (pcie_clear_device_status).
    pub fn clear_device_status(&self, bus: &mut dyn Bus) -> Result<(), BusError> {
        let status = bus.cfg_read(self.express + DEVSTA, 2)?;
        bus.cfg_write(self.express + DEVSTA, 2, status)
    }

    /// Clears non-fatal errors only (pci_aer_clear_nonfatal_status).
    pub fn clear_non_fatal(&self, bus: &mut dyn Bus) -> Result<(), BusError> {
        let status = bus.cfg_read(self.capability + UNCORRECTABLE_STATUS, 4)?;
        let severity = bus.cfg_read(self.capability + SEVERITY, 4)?;
        match status & !severity {
            0 => Ok(()),
            status => bus.cfg_write(self.capability + UNCORRECTABLE_STATUS, 4, status),
        }
    }

    /// Switches error messages on or off (pci_enable_pcie_error_reporting).
    pub fn report(&self, bus: &mut dyn Bus, on: bool) -> Result<(), BusError> {
        let control = bus.cfg_read(self.express + DEVCTL, 2)?;
        let control = if on { control | REPORTING } else { control & !REPORTING };
        bus.cfg_write(self.express + DEVCTL, 2, control)
    }

    /// Switches digests on or off, in the function where it can and at the root port
    /// (pcie_set_ecrc_checking).
    pub fn digests(&self, bus: &mut dyn Bus, on: bool) -> Result<(), BusError> {
        let at = self.capability + CONTROL;
        let mut control = bus.cfg_read(at, 4)?;
        let can = (control >> 5 & 1 == 1, control >> 7 & 1 == 1);
        // The receiver is ready before the sender starts, and after it has stopped.
        let both = Digests { from_host: on && can.1, from_device: on && can.0 };
        if on {
            bus.set_digests(Digests { from_host: false, ..both })?;
        }
        control &= !(1 << 6 | 1 << 8);
        if both.from_device {
            control |= 1 << 6;
        }
        if both.from_host {
            control |= 1 << 8;
        }
        bus.cfg_write(at, 4, control)?;
        // Behind this read's completion the function has changed over.
        bus.cfg_read(at, 4)?;
        bus.set_digests(both)
    }

    /// Reads everything (aer_get_device_error_info, and what Linux prints besides).
    pub fn info(&self, bus: &mut dyn Bus) -> Result<ErrorInfo, BusError> {
        let mut read = |register: u16| bus.cfg_read(self.capability + register, 4);
        let mut info = ErrorInfo {
            correctable: read(CORRECTABLE_STATUS)?,
            correctable_mask: read(CORRECTABLE_MASK)?,
            uncorrectable: read(UNCORRECTABLE_STATUS)?,
            uncorrectable_mask: read(UNCORRECTABLE_MASK)?,
            severity: read(SEVERITY)?,
            ..ErrorInfo::default()
        };
        let control = read(CONTROL)?;
        let pointer = control as u8 & 0x1f;
        if info.uncorrectable >> pointer & 1 == 1 {
            info.first = Some(pointer);
            if WITH_HEADER >> pointer & 1 == 1 {
                let mut header = [0; 4];
                for (i, word) in header.iter_mut().enumerate() {
                    *word = read(HEADER_LOG + 4 * i as u16)?;
                }
                info.header = Some(header);
                if control >> 11 & 1 == 1 {
                    info.prefix = Some(read(PREFIX_LOG)?);
                }
            }
        }
        info.device = bus.cfg_read(self.express + DEVSTA, 2)? as u16;
        Ok(info)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::FakeBus;
    use super::*;

    fn bus() -> FakeBus {
        let mut bus = FakeBus::new();
        bus.chain(&[(0x40, 0x01), (0x50, 0x10)]);
        bus.set_cfg(0x58, 0x2810);
        bus.set_cfg(0x100, 0x1401_0023);
        bus.set_cfg(0x140, 0x0002_0001);
        for at in (0x144..0x188).step_by(4) {
            bus.set_cfg(at, 0);
        }
        bus
    }

    #[test]
    fn status_is_cleared_before_reporting_starts() {
        let mut bus = bus();
        bus.set_cfg(0x144, 0x0010_0000);
        bus.set_cfg(0x150, 0x2000);
        let aer = Aer::init(&mut bus).unwrap();
        aer.report(&mut bus, true).unwrap();
        assert_eq!(bus.cfg_log, [(0x150, 0x2000), (0x144, 0x0010_0000), (0x58, 0x281f)]);
        aer.report(&mut bus, false).unwrap();
        assert_eq!(bus.cfg(0x58), 0x2810);
    }

    #[test]
    fn digests_follow_what_the_function_can() {
        let mut bus = bus();
        let aer = Aer::init(&mut bus).unwrap();
        aer.digests(&mut bus, true).unwrap();
        assert_eq!((bus.cfg(0x158), bus.digests), (0, Some(Digests::default())));
        bus.set_cfg(0x158, 0xa0);
        aer.digests(&mut bus, true).unwrap();
        assert_eq!(bus.cfg(0x158), 0x1e0);
        assert_eq!(bus.digests, Some(Digests { from_host: true, from_device: true }));
        aer.digests(&mut bus, false).unwrap();
        assert_eq!((bus.cfg(0x158), bus.digests), (0xa0, Some(Digests::default())));
    }

    #[test]
    fn the_header_belongs_to_the_error_that_the_pointer_names() {
        let mut bus = bus();
        let aer = Aer::init(&mut bus).unwrap();
        bus.set_cfg(0x158, 20);
        bus.set_cfg(0x15c, 0x6000_0001);
        assert_eq!(aer.info(&mut bus).unwrap().first, None);
        bus.set_cfg(0x144, 1 << 20 | 1 << 14);
        let info = aer.info(&mut bus).unwrap();
        assert_eq!((info.first, info.header, info.prefix), (Some(20), Some([0x6000_0001, 0, 0, 0]), None));
        bus.set_cfg(0x158, 14);
        let info = aer.info(&mut bus).unwrap();
        assert_eq!((info.first, info.header), (Some(14), None));
    }

    #[test]
    fn a_function_without_the_capability_is_refused() {
        let mut bus = bus();
        bus.set_cfg(0x100, 0x0001_0023);
        assert_eq!(Aer::init(&mut bus), Err(AerError::Missing(caps::id::AER)));
    }
}
