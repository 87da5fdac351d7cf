// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Configuration space: a table of words with their writable bits.
//!
//! [Data sheet section 3.] What a write sets off (FLR, leaving D3hot) is reported
//! to the caller; nothing outside this space changes here.

use crate::GoldenConfig;
use crate::layout::*;
use tlp::Tick;

const WORDS: usize = 1024;

const ATS_ENABLE: u32 = 1 << 31;
const ATS_STU: u32 = 0x001f_0000;
const VF_ENABLE: u32 = 1;
const VF_MSE: u32 = 1 << 3;
const ARI_HIERARCHY: u32 = 1 << 4;
/// Smallest memory of a virtual function.
const APERTURE_LEAST: u64 = 0x4000;

const DEVCTL_MPS: u32 = 0x00e0;
const DEVCTL_FLR: u32 = 1 << 15;

/// What the Status register says of packets [PCIe Base 7.5.1.1.4].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Legacy {
    /// Poisoned packet; `completion` where it answered an own read.
    Poisoned { completion: bool },
    /// Own read answered with CA.
    ReceivedAbort,
    /// Own read answered with UR or a reserved status.
    ReceivedUnsupported,
}

/// A reset as configuration space sees it (data sheet section 8).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ConfigReset {
    Cold,
    Hot,
    Function,
}

/// What the function shows in configuration space, read at the moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Live {
    /// Device Status bit 5.
    pub(crate) transactions_pending: bool,
    /// Status bit 3.
    pub(crate) intx_request: bool,
    /// MSI pending bits.
    pub(crate) msi_pending: u32,
}

/// What a configuration write set off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Written {
    /// Initiate Function Level Reset was written, or D3hot was left.
    pub(crate) function_reset: bool,
}

/// A part of memory that the device decodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Window {
    /// A BAR of the physical function.
    Bar(u32),
    /// The aperture of a virtual function.
    Aperture(usize),
}

/// The function's configuration space.
#[derive(Clone, Debug)]
pub(crate) struct ConfigSpace {
    value: Vec<u32>,
    reset: Vec<u32>,
    writable: Vec<u32>,
    clearable: Vec<u32>,
    /// Bus and device captured from configuration writes.
    pub(crate) id: u16,
}

impl ConfigSpace {
    /// Configuration space after power-on.
    pub(crate) fn new(config: &GoldenConfig) -> Self {
        let mut space = Self {
            value: Vec::new(),
            reset: vec![0; WORDS],
            writable: vec![0; WORDS],
            clearable: vec![0; WORDS],
            id: 0,
        };
        let vendor = u32::from(config.vendor_id);
        // offset, reset, RW, RW1C
        let rows = [
            (0x00, u32::from(config.device_id) << 16 | vendor, 0, 0),
            (COMMAND, 0x0010_0000, 0x0547, 0xf900_0000),
            (0x08, 0x1200_0001, 0, 0),
            (0x0c, 0, 0xff, 0),
            (BAR0, 0, 0xffff_0000, 0),
            (BAR1, 0, 0xfffc_0000, 0),
            (BAR2, 0x0000_000c, 0xffff_0000, 0),
            (BAR2 + 4, 0, 0xffff_ffff, 0),
            (BAR4, 0x0000_000c, 0xfffc_0000, 0),
            (BAR4 + 4, 0, 0xffff_ffff, 0),
            (0x2c, 0x0001_0000 | vendor, 0, 0),
            (0x34, 0x40, 0, 0),
            (0x3c, 0x0000_0100, 0xff, 0),
            (0x40, 0x0003_5001, 0, 0),
            (PMCSR, 0, 0x3, 0),
            (0x50, 0x0002_9010, 0, 0),
            (0x54, 0x1000_8022, 0, 0),
            (DEVCTL, 0x0000_2810, 0x79ff, 0x000f_0000),
            (0x5c, 0x0040_0083, 0, 0),
            (LNKCTL, 0x1083_0000, 0x00cb, 0),
            (0x74, 0x0070_001f, 0, 0),
            (DEVCTL2, 0, 0x011f, 0),
            (0x7c, 0x0000_000e, 0, 0),
            (LNKCTL2, 0x0000_0003, 0x000f, 0),
            (MSI, 0x038a_b005, 0x0471_0000, 0),
            (MSI + 0x4, 0, 0xffff_fffc, 0),
            (MSI + 0x8, 0, 0xffff_ffff, 0),
            (MSI + 0xc, 0, 0xffff_ffff, 0),
            (MSI + 0x10, 0, 0xffff_ffff, 0),
            (MSIX, (config.num_msix - 1) << 16 | 0x0011, 0xc000_0000, 0),
            (0xb4, 0x0000_0002, 0, 0),
            (0xb8, 0x0000_8002, 0, 0),
            (0x100, 0x1401_0023, 0, 0),
            (0x104, 0x0180_8086, 0, 0),
            (0x108, 0x0000_0005, 0, 0),
            (0x10c, 0x0000_0553, 0, 0),
            (0x110, 0x0000_0001, 0x0553, 0),
            (0x114, 0x0000_0001, 0, 0),
            (AER, 0x1902_0001, 0, 0),
            (UNCORRECTABLE_STATUS, 0, 0, UNCORRECTABLE),
            (UNCORRECTABLE_MASK, 0, UNCORRECTABLE, 0),
            (SEVERITY, 0x0046_2030, UNCORRECTABLE, 0),
            (CORRECTABLE_STATUS, 0, 0, ADVISORY),
            (CORRECTABLE_MASK, ADVISORY, ADVISORY, 0),
            (CONTROL, 0x0000_00a0, 0x0000_0140, 0),
            (0x190, 0x1a01_001b, 0, 0),
            (PASID, 0x0000_1400, 0x0001_0000, 0),
            (0x1a0, if config.num_vfs == 0 { 0x0001_000f } else { 0x1b01_000f }, 0, 0),
            (ATS, 0x0000_0024, ATS_ENABLE | ATS_STU, 0),
        ];
        let virtual_rows = [
            (0x1b0, 0x1c01_000e, 0, 0),
            (SRIOV, 0x0001_0010, 0, 0),
            (SRIOV + 0x04, 0x0000_0002, 0, 0),
            (SRIOV_CONTROL, 0, VF_ENABLE | VF_MSE | ARI_HIERARCHY, 0),
            (TOTAL_VFS, config.num_vfs << 16 | config.num_vfs, 0, 0),
            (NUM_VFS, 0, 0xffff, 0),
            (SRIOV + 0x14, 0x0001_0008, 0, 0),
            (SRIOV + 0x18, u32::from(config.device_id.wrapping_add(1)) << 16, 0, 0),
            (SRIOV + 0x1c, 0x0000_0553, 0, 0),
            (PAGE_SIZE, 0x0000_0001, 0x0553, 0),
            (VF_BAR, 0x0000_000c, 0xffff_c000, 0),
            (VF_BAR + 4, 0, 0xffff_ffff, 0),
        ];
        let virtual_rows = virtual_rows.into_iter().filter(|_| config.num_vfs > 0);
        for (offset, reset, writable, clearable) in rows.into_iter().chain(virtual_rows) {
            let word = offset as usize / 4;
            (space.reset[word], space.writable[word], space.clearable[word]) = (reset, writable, clearable);
        }
        space.value = space.reset.clone();
        space
    }

    pub(crate) fn at(&self, offset: u32) -> u32 {
        self.value[offset as usize / 4]
    }

    /// One word, to be changed by hardware.
    pub(crate) fn word(&mut self, offset: u32) -> &mut u32 {
        &mut self.value[offset as usize / 4]
    }

    /// One word.
    pub(crate) fn read(&self, offset: u32, live: Live) -> u32 {
        const MSI_PENDING: u32 = MSI + 0x14;
        let live = match offset {
            COMMAND => u32::from(live.intx_request) << 19,
            DEVCTL => u32::from(live.transactions_pending) << 21,
            MSI_PENDING => live.msi_pending,
            _ => 0,
        };
        // A larger page takes address bits away from the BAR.
        let gone = if offset == VF_BAR { (self.aperture() as u32 - 1) & !0xf } else { 0 };
        self.at(offset) & !gone | live
    }

    /// Writes the enabled bytes of one word.
    pub(crate) fn write(&mut self, offset: u32, data: u32, byte_enables: u32) -> Written {
        let word = offset as usize / 4;
        let bytes = byte_mask(byte_enables);
        let mut writable = self.writable[word] & bytes;
        let was_d3hot = self.in_d3hot();
        if offset == PMCSR && matches!(data & 3, 1 | 2) {
            writable = 0; // D1 and D2 are not there
        }
        writable &= match offset {
            NUM_VFS | PAGE_SIZE if self.vf_enable() => 0,
            ATS if self.ats_enabled() => !ATS_STU,
            VF_BAR => !(self.aperture() as u32 - 1),
            _ => !0,
        };
        let value = &mut self.value[word];
        *value = *value & !writable | data & writable;
        *value &= !(data & bytes & self.clearable[word]);
        let flr = offset == DEVCTL && data & bytes & DEVCTL_FLR != 0;
        Written { function_reset: flr || was_d3hot && !self.in_d3hot() }
    }

    /// Returns to reset values what this reset does not keep.
    pub(crate) fn apply_reset(&mut self, kind: ConfigReset) {
        let kept = [(DEVCTL, DEVCTL_MPS), (LNKCTL, !0), (LNKCTL2, !0), (SRIOV_CONTROL, ARI_HIERARCHY)];
        let before = kept.map(|(offset, _)| self.at(offset));
        // Every register of error reporting is sticky [7.8.4].
        let errors = AER as usize / 4..AER_END as usize / 4;
        let sticky = (kind != ConfigReset::Cold).then(|| self.value[errors.clone()].to_vec());
        self.value.copy_from_slice(&self.reset);
        for (i, (offset, mask)) in kept.into_iter().enumerate() {
            let keep = match kind {
                ConfigReset::Cold => false,
                ConfigReset::Hot => offset == LNKCTL2,
                ConfigReset::Function => true,
            };
            if keep {
                let value = &mut self.value[offset as usize / 4];
                *value = *value & !mask | before[i] & mask;
            }
        }
        if let Some(sticky) = sticky {
            self.value[errors].copy_from_slice(&sticky);
        }
        if kind != ConfigReset::Function {
            self.id = 0;
        }
    }

    /// Sets bits of the Status register.
    pub(crate) fn note(&mut self, what: Legacy) {
        let parity_response = self.at(COMMAND) & 1 << 6 != 0;
        *self.word(COMMAND) |= match what {
            Legacy::Poisoned { completion } => 1 << 31 | u32::from(completion && parity_response) << 24,
            Legacy::ReceivedAbort => 1 << 28,
            Legacy::ReceivedUnsupported => 1 << 29,
        };
    }

    /// Forgets the errors that were logged (for a quirk).
    pub(crate) fn clear_errors(&mut self) {
        let errors = AER as usize / 4..AER_END as usize / 4;
        self.value[errors.clone()].copy_from_slice(&self.reset[errors]);
    }

    pub(crate) fn memory_enabled(&self) -> bool {
        self.at(COMMAND) & 1 << 1 != 0
    }

    pub(crate) fn bus_master(&self) -> bool {
        self.at(COMMAND) & 1 << 2 != 0
    }

    pub(crate) fn intx_disabled(&self) -> bool {
        self.at(COMMAND) & 1 << 10 != 0
    }

    pub(crate) fn msi_enabled(&self) -> bool {
        self.at(MSI) & 1 << 16 != 0
    }

    /// Vectors granted by Multiple Message Enable; codes above 5 act as 5.
    pub(crate) fn msi_vectors(&self) -> u32 {
        1 << (self.at(MSI) >> 20 & 7).min(5)
    }

    pub(crate) fn msi_mask(&self) -> u32 {
        self.at(MSI + 0x10)
    }

    /// Address, the data word, and whether its upper half is in use.
    pub(crate) fn msi_message(&self) -> (u64, u32, bool) {
        let address = u64::from(self.at(MSI + 0x8)) << 32 | u64::from(self.at(MSI + 0x4));
        (address, self.at(MSI + 0xc), self.at(MSI) & 1 << 26 != 0)
    }

    pub(crate) fn in_d3hot(&self) -> bool {
        self.at(PMCSR) & 3 == 3
    }

    pub(crate) fn msix_enabled(&self) -> bool {
        self.at(MSIX) & 1 << 31 != 0
    }

    pub(crate) fn msix_function_mask(&self) -> bool {
        self.at(MSIX) & 1 << 30 != 0
    }

    /// Clears Function Mask behind software's back (for a quirk).
    pub(crate) fn clear_msix_function_mask(&mut self) {
        self.value[MSIX as usize / 4] &= !(1 << 30);
    }

    /// Max_Payload_Size in bytes: 128, 256 or 512.
    pub(crate) fn max_payload_bytes(&self) -> u32 {
        128 << ((self.at(DEVCTL) & DEVCTL_MPS) >> 5).min(2)
    }

    /// Max_Read_Request_Size in bytes.
    pub(crate) fn max_read_bytes(&self) -> u32 {
        128 << (self.at(DEVCTL) >> 12 & 7).min(5)
    }

    /// Enable Relaxed Ordering.
    pub(crate) fn relaxed_ordering(&self) -> bool {
        self.at(DEVCTL) & 1 << 4 != 0
    }

    /// IDO Request Enable.
    pub(crate) fn ido_requests(&self) -> bool {
        self.at(DEVCTL2) & 1 << 8 != 0
    }

    pub(crate) fn pasid_enabled(&self) -> bool {
        self.at(PASID) & 1 << 16 != 0
    }

    pub(crate) fn ats_enabled(&self) -> bool {
        self.at(ATS) & ATS_ENABLE != 0
    }

    pub(crate) fn vf_enable(&self) -> bool {
        self.at(SRIOV_CONTROL) & VF_ENABLE != 0
    }

    /// Virtual functions in force: as many as are asked for and there are.
    pub(crate) fn vfs_acting(&self) -> usize {
        let there = self.at(TOTAL_VFS) & 0xffff;
        if self.vf_enable() { (self.at(NUM_VFS) & 0xffff).min(there) as usize } else { 0 }
    }

    /// Bytes of memory of each virtual function.
    fn aperture(&self) -> u64 {
        let pages = self.at(PAGE_SIZE);
        let size = if pages == 0 { 0x1000 } else { 0x1000u64 << pages.trailing_zeros() };
        size.max(APERTURE_LEAST)
    }

    /// Virtual function and offset that an address falls on.
    pub(crate) fn aperture_hit(&self, address: u64, always: bool) -> Option<(usize, u32)> {
        let size = self.aperture();
        let base = (u64::from(self.at(VF_BAR + 4)) << 32 | u64::from(self.at(VF_BAR))) & !(size - 1);
        let beyond = address.checked_sub(base)?;
        let enabled = self.at(SRIOV_CONTROL) & VF_MSE != 0 || always;
        let vf = usize::try_from(beyond / size).ok().filter(|vf| enabled && *vf < self.vfs_acting())?;
        Some((vf, (beyond % size) as u32))
    }

    /// Completion timeout and whether it is in force.
    pub(crate) fn completion_timeout(&self) -> (Tick, bool) {
        let control = self.at(DEVCTL2);
        let exponent = match control & 0xf {
            0b0001 => 14,
            0b0010 => 20,
            0b0101 => 23,
            0b0110 => 25,
            0b1001 => 27,
            0b1010 => 29,
            0b1101 => 31,
            0b1110 => 33,
            _ => 22,
        };
        (1 << exponent, control & 1 << 4 == 0)
    }

    /// BAR number and offset that an address falls on; memory enable is not looked at.
    pub(crate) fn bar_hit(&self, address: u64) -> Option<(u32, u32)> {
        let wide =
            |low: u32| u64::from(self.at(low + 4)) << 32 | u64::from(self.at(low) & self.writable[low as usize / 4]);
        let bars = [
            (0, u64::from(self.at(BAR0)), 0x1_0000),
            (1, u64::from(self.at(BAR1)), 0x4_0000),
            (2, wide(BAR2), 0x1_0000),
            (4, wide(BAR4), 0x4_0000u64),
        ];
        bars.into_iter()
            .find(|&(_, base, size)| address & !(size - 1) == base)
            .map(|(bar, base, _)| (bar, (address - base) as u32))
    }
}

/// Bits of a word whose bytes are enabled.
pub(crate) fn byte_mask(byte_enables: u32) -> u32 {
    (0..4).filter(|i| byte_enables >> i & 1 != 0).fold(0, |mask, i| mask | 0xff << (8 * i))
}
