// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The part of configuration space that decides what the device may do.

use super::{Possible, Reporting, merge};
use tlp::Bdf;
use vectors::regs;

/// Sizes of the stores of the device on the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceSizes {
    /// MSI-X vectors.
    pub msix: u32,
    /// Device slots.
    pub device: u32,
    /// Host slots at most.
    pub host: u32,
}

/// MSI-X Message Control, the two bits that software owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct MsixControl {
    /// MSI-X Enable.
    pub enable: bool,
    /// Function Mask.
    pub function_mask: bool,
}

/// Configuration space as software left it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Command.2.
    pub bus_master: Possible<bool>,
    /// PowerState is D0.
    pub in_d0: Possible<bool>,
    /// Message Control.
    pub msix: Possible<MsixControl>,
    /// Bus and device number that the device has captured.
    pub captured: Possible<Bdf>,
    /// Error reporting.
    pub reporting: Possible<Reporting>,
    command: u32,
    bars: [u32; 6],
    device_control: u32,
}

const DEVCTL: u16 = regs::CAP_PCIE_OFFSET as u16 + 8;
const PMCSR: u16 = regs::CAP_PM_OFFSET as u16 + 4;
const MSIX: u16 = regs::CAP_MSIX_OFFSET as u16;

impl Config {
    /// After power-on.
    pub fn new() -> Self {
        Self {
            bus_master: Possible::certain(false),
            in_d0: Possible::certain(true),
            msix: Possible::certain(MsixControl::default()),
            captured: Possible::certain(Bdf::from_bits(0)),
            reporting: Possible::certain(Reporting::new()),
            command: 0,
            bars: [0; 6],
            device_control: 0x2810,
        }
    }

    /// After a function level reset: MPS and the captured id stay.
    pub fn after_flr(&self) -> Self {
        Self {
            captured: self.captured.clone(),
            reporting: Possible::certain(self.reporting.latest().after_reset()),
            device_control: 0x2810 & !0xe0 | self.device_control & 0xe0,
            ..Self::new()
        }
    }

    /// After an in-band reset: only sticky registers stay.
    pub fn after_hot_reset(&self) -> Self {
        Self { reporting: Possible::certain(self.reporting.latest().after_reset()), ..Self::new() }
    }

    /// A configuration write; true when it starts a function reset.
    pub fn write(&mut self, seq: u64, flushed: u64, target: Bdf, register: u16, be: u8, value: u32) -> bool {
        self.captured.set(seq, Bdf::from_bits(target.bits() & !7), flushed);
        let mut reporting = *self.reporting.latest();
        reporting.write(register, be, value);
        self.reporting.set(seq, reporting, flushed);
        match register {
            0x04 => {
                self.command = merge(self.command, value, be) & 0x547;
                self.bus_master.set(seq, self.command >> 2 & 1 == 1, flushed);
            }
            0x10..=0x24 => {
                let k = usize::from(register - 0x10) / 4;
                let writable = [0xffff_0000, 0, 0xffff_0000, !0, 0xfffc_0000, !0][k];
                self.bars[k] = merge(self.bars[k], value, be) & writable;
            }
            DEVCTL => {
                let v = merge(self.device_control, value, be);
                self.device_control = v & 0x79ff;
                return be >> 1 & 1 == 1 && v >> 15 & 1 == 1;
            }
            PMCSR if be & 1 == 1 => {
                let was = *self.in_d0.latest();
                match value & 3 {
                    0 => {
                        self.in_d0.set(seq, true, flushed);
                        return !was;
                    }
                    3 => self.in_d0.set(seq, false, flushed),
                    _ => {}
                }
            }
            MSIX if be >> 3 & 1 == 1 => {
                let m = MsixControl { enable: value >> 31 == 1, function_mask: value >> 30 & 1 == 1 };
                self.msix.set(seq, m, flushed);
            }
            _ => {}
        }
        false
    }

    /// Memory requests reach the function.
    pub fn memory_enabled(&self) -> bool {
        self.command >> 1 & 1 == 1 && *self.in_d0.latest()
    }

    /// BAR number and offset that an address falls into.
    pub fn hit(&self, address: u64) -> Option<(u8, u64)> {
        let wide = |k: usize| u64::from(self.bars[k + 1]) << 32 | u64::from(self.bars[k]);
        [
            (0, u64::from(self.bars[0]), u64::from(regs::BAR_REGS_SIZE)),
            (2, wide(2), u64::from(regs::BAR_MSIX_SIZE)),
            (4, wide(4), u64::from(regs::BAR_IMS_SIZE)),
        ]
        .into_iter()
        .find(|&(_, base, size)| address & !(size - 1) == base)
        .map(|(bar, base, _)| (bar, address - base))
    }

    /// Base address of a BAR (0, 2 or 4).
    pub fn bar(&self, bar: u8) -> u64 {
        let k = usize::from(bar);
        u64::from(self.bars[k]) | if k == 0 { 0 } else { u64::from(self.bars[k + 1]) << 32 }
    }

    /// Max_Payload_Size in bytes; codes above what the device supports act as its largest.
    pub fn max_payload(&self) -> u32 {
        128 << (self.device_control >> 5 & 7).min(2)
    }

    /// Max_Read_Request_Size in bytes.
    pub fn max_read(&self) -> u32 {
        128 << (self.device_control >> 12 & 7).min(5)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}
