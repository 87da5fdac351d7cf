// SPDX-License-Identifier: Apache-2.0 OR MIT
//! How software wants errors reported: the registers that it writes, not those that it reads.

use super::merge;
use vectors::regs;

/// Error reporting as software has set it up [PCIe Base 7.5.3.4, 7.8.4].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reporting {
    /// Device Control 3:0: correctable, non-fatal, fatal, unsupported request.
    pub enables: u32,
    /// Command.8.
    pub serr: bool,
    /// Command.6.
    pub parity: bool,
    /// Uncorrectable Error Mask.
    pub mask: u32,
    /// Uncorrectable Error Severity.
    pub severity: u32,
    /// Correctable Error Mask.
    pub correctable_mask: u32,
    /// Advanced Error Capabilities and Control, writable bits.
    pub control: u32,
    /// Device Control 2, completion timeout.
    pub timeout: u32,
}

/// Offset of the AER capability.
pub const AER: u16 = regs::CAP_AER_OFFSET as u16;
/// Offset of Device Control and Device Status.
pub const DEVCTL: u16 = regs::CAP_PCIE_OFFSET as u16 + 8;
const DEVCTL2: u16 = regs::CAP_PCIE_OFFSET as u16 + 0x28;
/// Uncorrectable errors that the device has: the writable bits of their registers.
pub const UNCORRECTABLE: u32 = 0x001d_d000;
/// Advisory non-fatal error.
pub const ADVISORY: u32 = 0x2000;

impl Reporting {
    /// After power-on.
    pub fn new() -> Self {
        Self {
            enables: 0,
            serr: false,
            parity: false,
            mask: 0,
            severity: 0x0046_2030,
            correctable_mask: ADVISORY,
            control: 0,
            timeout: 0,
        }
    }

    /// After a reset that keeps what is sticky.
    pub fn after_reset(&self) -> Self {
        Self { enables: 0, serr: false, parity: false, timeout: 0, ..*self }
    }

    /// A configuration write.
    pub fn write(&mut self, register: u16, be: u8, value: u32) {
        let keep = |old: u32, writable: u32| old & !writable | merge(old, value, be) & writable;
        match register {
            0x04 => {
                let bits = merge(u32::from(self.serr) << 8 | u32::from(self.parity) << 6, value, be);
                (self.serr, self.parity) = (bits >> 8 & 1 == 1, bits >> 6 & 1 == 1);
            }
            DEVCTL => self.enables = keep(self.enables, 0xf),
            DEVCTL2 => self.timeout = keep(self.timeout, 0x1f),
            _ if register == AER + 0x08 => self.mask = keep(self.mask, UNCORRECTABLE),
            _ if register == AER + 0x0c => self.severity = keep(self.severity, UNCORRECTABLE),
            _ if register == AER + 0x14 => self.correctable_mask = keep(self.correctable_mask, ADVISORY),
            _ if register == AER + 0x18 => self.control = keep(self.control, 0x140),
            _ => {}
        }
    }

    /// Whether a write of this register changes how errors are logged or what has been logged.
    pub fn concerns(register: u16) -> bool {
        matches!(register, 0x04 | DEVCTL | DEVCTL2) || (AER..AER + 0x48).contains(&register)
    }

    /// Received digests are checked.
    pub fn checks_digests(&self) -> bool {
        self.control >> 8 & 1 == 1
    }

    /// Packets leave with a digest.
    pub fn makes_digests(&self) -> bool {
        self.control >> 6 & 1 == 1
    }

    /// Completion timeout in cycles; `None` when it is off (data sheet §3).
    pub fn completion_timeout(&self) -> Option<u64> {
        let exponent = match self.timeout & 0xf {
            1 => 14,
            2 => 20,
            5 => 23,
            6 => 25,
            9 => 27,
            10 => 29,
            13 => 31,
            14 => 33,
            _ => 22,
        };
        (self.timeout >> 4 & 1 == 0).then_some(1 << exponent)
    }
}

impl Default for Reporting {
    fn default() -> Self {
        Self::new()
    }
}
