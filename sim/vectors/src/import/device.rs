// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Our device as software sees it: configuration space, table entries, and when a vector is open.
//!
//! This is the importer's source of expected values: written from the data sheet (docs/device.md, sections 3, 5 and 8),
//! like the RTL and the golden endpoint, and sharing nothing with them.

use std::collections::BTreeMap;

/// A configuration register: offset, reset value, bits that software writes, bits that writing one clears.
struct Register(u16, u32, u32, u32);

#[rustfmt::skip]
const REGISTERS: &[Register] = &[
    Register(0x000, 0x1a35_1234, 0, 0),
    Register(0x004, 0x0010_0000, 0x0547, 0xf900_0000),
    Register(0x008, 0x1200_0001, 0, 0),
    Register(0x00c, 0, 0xff, 0),
    Register(0x010, 0, 0xffff_0000, 0),
    Register(0x014, 0, 0xfffc_0000, 0),
    Register(0x018, 0x0000_000c, 0xffff_0000, 0),
    Register(0x01c, 0, 0xffff_ffff, 0),
    Register(0x020, 0x0000_000c, 0xfffc_0000, 0),
    Register(0x024, 0, 0xffff_ffff, 0),
    Register(0x02c, 0x0001_1234, 0, 0),
    Register(0x034, 0x40, 0, 0),
    Register(0x03c, 0x0100, 0xff, 0),
    Register(0x040, 0x0003_5001, 0, 0),
    Register(PMCSR, 0, 0x3, 0),
    Register(0x050, 0x0002_9010, 0, 0),
    Register(0x054, 0x1000_8022, 0, 0),
    Register(DEVCTL, 0x0000_2810, 0x79ff, 0x000f_0000),
    Register(0x05c, 0x0040_0083, 0, 0),
    Register(LNKCTL, 0x1083_0000, 0x00cb, 0),
    Register(0x074, 0x0070_001f, 0, 0),
    Register(0x078, 0, 0x011f, 0),
    Register(0x07c, 0x0000_000e, 0, 0),
    Register(LNKCTL2, 0x0000_0003, 0xf, 0),
    Register(0x090, 0x038a_b005, 0x0471_0000, 0),
    Register(0x094, 0, 0xffff_fffc, 0),
    Register(0x098, 0, 0xffff_ffff, 0),
    Register(0x09c, 0, 0xffff_ffff, 0),
    Register(0x0a0, 0, 0xffff_ffff, 0),
    Register(MSIX, 0x07ff_0011, 0xc000_0000, 0),
    Register(0x0b4, 0x0000_0002, 0, 0),
    Register(0x0b8, 0x0000_8002, 0, 0),
    Register(0x100, 0x1401_0023, 0, 0),
    Register(0x104, 0x0180_8086, 0, 0),
    Register(0x108, 0x0000_0005, 0, 0),
    Register(0x10c, 0x0000_0553, 0, 0),
    Register(0x110, 0x0000_0001, 0x0553, 0),
    Register(0x114, 0x0000_0001, 0, 0),
    Register(0x140, 0x1902_0001, 0, 0),
    Register(0x144, 0, 0, 0x001d_d000),
    Register(0x148, 0, 0x001d_d000, 0),
    Register(0x14c, 0x0046_2030, 0x001d_d000, 0),
    Register(0x150, 0, 0, 0x2000),
    Register(0x154, 0x2000, 0x2000, 0),
    Register(0x158, 0xa0, 0x140, 0),
    Register(0x190, 0x0001_001b, 0, 0),
    Register(0x194, 0x0000_1400, 0x0001_0000, 0),
];

/// Registers of error reporting that software writes.
const STICKY: [u16; 5] = [0x148, 0x14c, 0x154, 0x158, 0x144];

const COMMAND: u16 = 0x04;
const PMCSR: u16 = 0x44;
const DEVCTL: u16 = 0x58;
const LNKCTL: u16 = 0x60;
const LNKCTL2: u16 = 0x80;
const MSIX: u16 = 0xb0;

/// DevCtl.Max_Payload_Size, kept by a function level reset.
const MPS: u32 = 0xe0;

/// What a configuration write set off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing but the write.
    None,
    /// A function level reset.
    FunctionReset,
    /// D3hot to D0, which resets the function as well (No_Soft_Reset is 0).
    PowerUp,
}

/// The device's state.
#[derive(Clone, Debug)]
pub struct Device {
    config: BTreeMap<u16, u32>,
    /// Table entries that differ from reset: address low, high, data, control.
    table: BTreeMap<u32, [u32; 4]>,
}

/// An entry after reset: masked, the rest 0.
const RESET_ENTRY: [u32; 4] = [0, 0, 0, 1];

impl Device {
    /// After power-on.
    pub fn new() -> Self {
        let config = REGISTERS.iter().map(|register| (register.0, register.1)).collect();
        Self { config, table: BTreeMap::new() }
    }

    fn word(&self, offset: u16) -> u32 {
        self.config.get(&offset).copied().unwrap_or(0)
    }

    /// What a configuration read returns.
    pub fn config_read(&self, offset: u16, len: u32) -> u32 {
        (self.word(offset & !3) >> (8 * (offset & 3))) & ones(len)
    }

    /// Bits of a read that software can write.
    pub fn config_writable(offset: u16, len: u32) -> u32 {
        let word = REGISTERS.iter().find(|register| register.0 == offset & !3).map_or(0, |register| register.2);
        (word >> (8 * (offset & 3))) & ones(len)
    }

    /// Carries out a configuration write.
    pub fn config_write(&mut self, offset: u16, len: u32, value: u32) -> Effect {
        let base = offset & !3;
        let Some(register) = REGISTERS.iter().find(|register| register.0 == base) else { return Effect::None };
        let shift = 8 * (offset & 3);
        let lanes = ones(len) << shift;
        let value = (value << shift) & lanes;
        let old = self.word(base);
        let writable = register.2 & lanes;
        let mut new = ((old & !writable) | (value & writable)) & !(value & register.3);
        if base == PMCSR && matches!(new & 3, 1 | 2) {
            new = old; // D1 and D2 are not implemented: the write is ignored.
        }
        self.config.insert(base, new);
        if base == DEVCTL && value & 0x8000 != 0 {
            self.function_reset();
            return Effect::FunctionReset;
        }
        if base == PMCSR && old & 3 == 3 && new & 3 == 0 {
            self.function_reset();
            return Effect::PowerUp;
        }
        Effect::None
    }

    /// The registers of error reporting are sticky.
    fn errors(&self) -> impl Iterator<Item = (u16, u32)> {
        STICKY.map(|offset| (offset, self.word(offset))).into_iter()
    }

    /// Function level reset: MPS, link control, error reporting and the sticky target speed stay.
    fn function_reset(&mut self) {
        let errors: Vec<_> = self.errors().collect();
        let kept = [
            (DEVCTL, (self.word(DEVCTL) & MPS) | (Self::new().word(DEVCTL) & !MPS)),
            (LNKCTL, self.word(LNKCTL)),
            (LNKCTL2, self.word(LNKCTL2)),
        ];
        *self = Self::new();
        self.config.extend(kept);
        self.config.extend(errors);
    }

    /// In-band conventional reset: only the sticky target speed and error reporting stay.
    pub fn hot_reset(&mut self) {
        let speed = self.word(LNKCTL2);
        let errors: Vec<_> = self.errors().collect();
        *self = Self::new();
        self.config.extend(errors);
        self.config.insert(LNKCTL2, speed);
    }

    /// Whether memory accesses reach the device.
    pub fn decodes_memory(&self) -> bool {
        self.word(COMMAND) & 2 != 0 && self.word(PMCSR) & 3 == 0
    }

    /// Whether memory accesses will reach the device once it is in D0 again.
    pub fn decodes_after_power_up(&self) -> bool {
        self.word(COMMAND) & 2 != 0
    }

    /// Base of a BAR: 0, 2 or 4.
    pub fn bar_base(&self, bar: u8) -> u64 {
        let offset = 0x10 + 4 * u16::from(bar);
        let low = u64::from(self.word(offset) & !0xf);
        if bar == 0 { low } else { low | u64::from(self.word(offset + 4)) << 32 }
    }

    /// An unsupported memory request has been logged in the device status [data sheet, section 4].
    pub fn log_unsupported(&mut self, read: bool) {
        let bits = if read { 0x9 } else { 0xa };
        self.config.insert(DEVCTL, self.word(DEVCTL) | bits << 16);
    }

    /// What a read of the table returns.
    pub fn table_read(&self, offset: u32, len: u32) -> u64 {
        let entry = self.entry(offset / 16);
        let word = |index: u32| u64::from(entry[(index / 4 % 4) as usize]);
        let both = word(offset) | if offset % 8 < 4 { word(offset + 4) << 32 } else { 0 };
        let value = both >> (8 * (offset % 4));
        if len == 8 { value } else { value & u64::from(ones(len)) }
    }

    /// Carries out a write to the table.
    pub fn table_write(&mut self, offset: u32, len: u32, value: u64) {
        let entry = self.table.entry(offset / 16).or_insert(RESET_ENTRY);
        for byte in 0..len {
            let at = offset % 16 + byte;
            let shift = 8 * (at % 4);
            let word = &mut entry[(at / 4) as usize];
            *word = (*word & !(0xff << shift)) | ((value >> (8 * byte)) as u32 & 0xff) << shift;
        }
        entry[0] &= !3;
        entry[3] &= 1;
    }

    /// A table entry: address low, high, data, control.
    pub fn entry(&self, index: u32) -> [u32; 4] {
        self.table.get(&index).copied().unwrap_or(RESET_ENTRY)
    }

    /// Entries that software has written.
    pub fn entries(&self) -> impl Iterator<Item = (u32, [u32; 4])> {
        self.table.iter().map(|(index, entry)| (*index, *entry))
    }

    /// Whether a cause on this vector is sent at once.
    pub fn open(&self, index: u32) -> bool {
        let command = self.word(COMMAND);
        let control = self.word(MSIX) >> 30;
        command & 4 != 0 && self.word(PMCSR) & 3 == 0 && control == 0b10 && self.entry(index)[3] & 1 == 0
    }

    /// Message of an entry: address and data.
    pub fn message(&self, index: u32) -> (u64, u32) {
        let [low, high, data, _] = self.entry(index);
        (u64::from(high) << 32 | u64::from(low), data)
    }

    /// Configuration registers that software has changed: offset and value, in the order in which they are restored
    /// (the command register last).
    pub fn changed_config(&self) -> Vec<(u16, u32)> {
        let mut changed: Vec<(u16, u32)> = REGISTERS
            .iter()
            .filter(|register| register.2 != 0 && !matches!(register.0, PMCSR | COMMAND | LNKCTL2))
            .map(|register| (register.0, self.word(register.0), register))
            .filter(|(_, value, register)| (value ^ register.1) & register.2 != 0)
            // Writing a status bit would clear it.
            .map(|(offset, value, register)| (offset, value & !register.3))
            .collect();
        changed.push((COMMAND, self.word(COMMAND) & 0xffff));
        changed
    }
}

/// So many bytes of ones.
fn ones(len: u32) -> u32 {
    if len >= 4 { u32::MAX } else { (1 << (8 * len)) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_level_reset_keeps_payload_size_and_link_control() {
        let mut device = Device::new();
        device.config_write(0x58, 2, 0x0030);
        device.config_write(0x60, 2, 0x0040);
        device.config_write(0x04, 2, 0x0107);
        device.table_write(0x10, 4, 0xfee0_0000);
        assert_eq!(device.config_write(0x58, 2, 0x8030), Effect::FunctionReset);
        assert_eq!(device.config_read(0x58, 2), 0x2830);
        assert_eq!(device.config_read(0x60, 2), 0x0040);
        assert_eq!(device.config_read(0x04, 4), 0x0010_0000);
        assert_eq!(device.table_read(0x10, 8), 0);
    }

    #[test]
    fn sizing_and_partial_writes() {
        let mut device = Device::new();
        device.config_write(0x18, 4, 0xffff_ffff);
        assert_eq!(device.config_read(0x18, 4), 0xffff_000c);
        device.config_write(0x1a, 1, 0xe0);
        assert_eq!(device.config_read(0x18, 4), 0xffe0_000c);
        assert_eq!(device.config_read(0xb2, 2), 0x07ff);
        device.config_write(0xb3, 1, 0xc7);
        assert_eq!(device.config_read(0xb0, 4), 0xc7ff_0011);
    }

    #[test]
    fn entries_by_word_and_quad_word() {
        let mut device = Device::new();
        device.table_write(0x28, 8, 0x1_0000_0041);
        assert_eq!(device.entry(2), [0, 0, 0x41, 1]);
        assert_eq!(device.table_read(0x28, 8), 0x1_0000_0041);
        device.table_write(0x20, 4, 0xfee0_1003);
        assert_eq!(device.table_read(0x20, 8), 0xfee0_1000);
        device.table_write(0x2c, 4, 0xffff_fffe);
        assert_eq!(device.table_read(0x2c, 4), 0);
        assert_eq!(device.message(2), (0xfee0_1000, 0x41));
    }

    #[test]
    fn power_states() {
        let mut device = Device::new();
        device.config_write(0x44, 2, 1);
        assert_eq!(device.config_read(0x44, 2), 0);
        device.config_write(0x44, 2, 3);
        assert_eq!(device.config_write(0x44, 2, 0), Effect::PowerUp);
    }
}
