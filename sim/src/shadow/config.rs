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
    /// Virtual functions.
    pub vfs: u32,
}

/// MSI-X Message Control, the two bits that software owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct MsixControl {
    /// MSI-X Enable.
    pub enable: bool,
    /// Function Mask.
    pub function_mask: bool,
}

/// How the function signals what its events have to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// INTx messages.
    Intx,
    /// MSI.
    Msi,
    /// MSI-X.
    Msix,
}

/// The MSI capability's registers as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct MsiRegisters {
    /// Message Control, from bit 16, and Extended Message Data Enable.
    pub control: u32,
    /// Message Address, both halves.
    pub address: u64,
    /// Message Data and Extended Message Data.
    pub data: u32,
    /// Mask bits.
    pub mask: u32,
}

impl MsiRegisters {
    /// MSI Enable.
    pub fn enabled(&self) -> bool {
        self.control >> 16 & 1 == 1
    }

    /// Vectors granted: 1, 2, 4 to 32.
    pub fn granted(&self) -> u32 {
        1 << (self.control >> 20 & 7).min(5)
    }

    /// What vector `v` sends, and whether it is masked; those beyond what is granted fold.
    pub fn content(&self, v: u32) -> super::Content {
        let sent = v % self.granted();
        let high = if self.control >> 26 & 1 == 1 { self.data & 0xffff_0000 } else { 0 };
        let low = (self.data & 0xffff) / self.granted() * self.granted() + sent;
        super::Content { address: self.address, data: high | low, mask: self.mask >> sent & 1 == 1, permission: 0 }
    }
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
    /// MSI.
    pub msi: Possible<MsiRegisters>,
    /// Command.10.
    pub intx_disabled: Possible<bool>,
    /// Bus and device number that the device has captured.
    pub captured: Possible<Bdf>,
    /// Error reporting.
    pub reporting: Possible<Reporting>,
    /// PASID Enable.
    pub pasid: Possible<bool>,
    /// Address translation services, Enable.
    pub ats: Possible<bool>,
    command: u32,
    bars: [u32; 6],
    device_control: u32,
    device_control2: u32,
}

const DEVCTL: u16 = regs::CAP_PCIE_OFFSET as u16 + 8;
const PMCSR: u16 = regs::CAP_PM_OFFSET as u16 + 4;
const MSI: u16 = regs::CAP_MSI_OFFSET as u16;
const MSI_MASK: u16 = MSI + 0x10;
const DEVCTL2: u16 = regs::CAP_PCIE_OFFSET as u16 + 0x28;
const PASID: u16 = regs::CAP_PASID_OFFSET as u16 + 4;
const ATS: u16 = regs::CAP_ATS_OFFSET as u16 + 4;
const MSIX: u16 = regs::CAP_MSIX_OFFSET as u16;

impl Config {
    /// After power-on.
    pub fn new() -> Self {
        Self {
            bus_master: Possible::certain(false),
            in_d0: Possible::certain(true),
            msix: Possible::certain(MsixControl::default()),
            msi: Possible::certain(MsiRegisters::default()),
            intx_disabled: Possible::certain(false),
            captured: Possible::certain(Bdf::from_bits(0)),
            reporting: Possible::certain(Reporting::new()),
            pasid: Possible::certain(false),
            ats: Possible::certain(false),
            command: 0,
            bars: [0; 6],
            device_control: 0x2810,
            device_control2: 0,
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
                self.intx_disabled.set(seq, self.command >> 10 & 1 == 1, flushed);
            }
            0x10..=0x24 => {
                let k = usize::from(register - 0x10) / 4;
                let writable = [0xffff_0000, 0xfffc_0000, 0xffff_0000, !0, 0xfffc_0000, !0][k];
                self.bars[k] = merge(self.bars[k], value, be) & writable;
            }
            DEVCTL => {
                let v = merge(self.device_control, value, be);
                self.device_control = v & 0x79ff;
                return be >> 1 & 1 == 1 && v >> 15 & 1 == 1;
            }
            DEVCTL2 => self.device_control2 = merge(self.device_control2, value, be) & 0x11f,
            ATS if be >> 3 & 1 == 1 => self.ats.set(seq, value >> 31 == 1, flushed),
            PASID if be >> 2 & 1 == 1 => self.pasid.set(seq, value >> 16 & 1 == 1, flushed),
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
            MSI..=MSI_MASK => self.msi_write(seq, flushed, register, be, value),
            MSIX if be >> 3 & 1 == 1 => {
                let m = MsixControl { enable: value >> 31 == 1, function_mask: value >> 30 & 1 == 1 };
                self.msix.set(seq, m, flushed);
            }
            _ => {}
        }
        false
    }

    fn msi_write(&mut self, seq: u64, flushed: u64, register: u16, be: u8, value: u32) {
        let mut m = *self.msi.latest();
        match register - MSI {
            0 => m.control = merge(m.control, value, be) & 0x0471_0000,
            4 => m.address = m.address & !0xffff_ffff | u64::from(merge(m.address as u32, value, be) & !3),
            8 => m.address = m.address & 0xffff_ffff | u64::from(merge((m.address >> 32) as u32, value, be)) << 32,
            12 => m.data = merge(m.data, value, be),
            _ => m.mask = merge(m.mask, value, be),
        }
        self.msi.set(seq, m, flushed);
    }

    /// The modes that may be in force.
    pub fn modes(&mut self, flushed: u64) -> Vec<Mode> {
        let msix = self.msix.all(flushed, |m| m.enable);
        let msi = self.msi.all(flushed, |m| m.enabled());
        let mut modes = Vec::new();
        if msix.contains(&true) {
            modes.push(Mode::Msix);
        }
        if msix.contains(&false) {
            modes.extend(msi.iter().map(|on| if *on { Mode::Msi } else { Mode::Intx }));
        }
        modes
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
            (1, u64::from(self.bars[1]), u64::from(regs::BAR_PORTALS_SIZE)),
            (2, wide(2), u64::from(regs::BAR_MSIX_SIZE)),
            (4, wide(4), u64::from(regs::BAR_IMS_SIZE)),
        ]
        .into_iter()
        .find(|&(_, base, size)| address & !(size - 1) == base)
        .map(|(bar, base, _)| (bar, address - base))
    }

    /// Base address of a BAR (0, 1, 2 or 4).
    pub fn bar(&self, bar: u8) -> u64 {
        let k = usize::from(bar);
        u64::from(self.bars[k]) | if k < 2 { 0 } else { u64::from(self.bars[k + 1]) << 32 }
    }

    /// Max_Payload_Size in bytes; codes above what the device supports act as its largest.
    pub fn max_payload(&self) -> u32 {
        128 << (self.device_control >> 5 & 7).min(2)
    }

    /// Relaxed ordering is enabled.
    pub fn relaxed_ordering(&self) -> bool {
        self.device_control >> 4 & 1 == 1
    }

    /// Id-based ordering of requests is enabled.
    pub fn ido_requests(&self) -> bool {
        self.device_control2 >> 8 & 1 == 1
    }

    /// Cycles after which an unanswered read may be given up at the earliest; none: never (data sheet §3).
    pub fn completion_timeout(&self) -> Option<u64> {
        let exponent = match self.device_control2 & 0xf {
            1 => 14,
            2 => 20,
            5 => 23,
            6 => 25,
            9 => 27,
            0xa => 29,
            0xd => 31,
            0xe => 33,
            _ => 22,
        };
        (self.device_control2 >> 4 & 1 == 0).then_some(1 << exponent)
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
