// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The state of both devices while the trace is walked: ours, and what the trace tells of the recorded one.

use std::collections::BTreeMap;

use super::device::{Device, Effect};
use super::layout::{Kind, Layout};
use crate::trace::{Event, Line};

/// Both devices' state.
#[derive(Clone, Debug)]
pub struct State {
    /// Ours.
    pub device: Device,
    /// Last value of the recorded command register, read or written.
    pub command: Option<u16>,
    /// Bits of the recorded command register that have once read 1: those that the recorded device implements.
    pub command_bits: u16,
    /// Last value of the recorded interrupt line, read or written.
    pub interrupt_line: Option<u8>,
    /// Last value of the recorded BAR registers, read or written.
    pub bars: [Option<u32>; 6],
    /// Recorded BARs that are decoded, by address.
    pub mapped: BTreeMap<u64, usize>,
    /// Substitutes for addresses that our larger BARs cannot take.
    pub aliases: BTreeMap<(u8, u32), u32>,
}

impl State {
    /// Before the first line.
    pub fn new(aliases: BTreeMap<(u8, u32), u32>) -> Self {
        Self {
            device: Device::new(),
            command: None,
            command_bits: 0,
            interrupt_line: None,
            bars: [None; 6],
            mapped: BTreeMap::new(),
            aliases,
        }
    }

    /// The recorded device has been reset.
    pub fn forget_recorded(&mut self) {
        self.command = Some(0);
        self.interrupt_line = None;
        self.bars = [None; 6];
        self.mapped.clear();
    }

    /// The value to write to our register for a recorded configuration write.
    pub fn written(&self, layout: &Layout, reg: u16, len: u32, value: u32) -> u32 {
        match low_half(layout, reg, len) {
            Some((_, bar)) => match self.aliases.get(&(bar, value & !0xf)) {
                Some(alias) => alias | (value & 0xf),
                None => value,
            },
            None => value,
        }
    }

    /// Carries a line's accesses out on both sides; returns what a configuration write set off in ours.
    pub fn apply(&mut self, layout: &Layout, line: &Line) -> Effect {
        match line.event {
            Event::Config { write, reg, len, value } => {
                if !write && reg == 0x04 && len >= 2 && !all_ones(len, value) {
                    self.command_bits |= value as u16;
                }
                self.track(reg, len, value);
                if !write {
                    return Effect::None;
                }
                let value = self.written(layout, reg, len, value);
                let effect = self.device.config_write(layout.home(reg).offset, len, value);
                match effect {
                    Effect::FunctionReset => self.forget_recorded(),
                    // Whether the recorded device lost its state shows in what is read next.
                    Effect::PowerUp if !layout.keeps_state => {
                        self.forget_recorded();
                        self.command = None;
                    }
                    _ => {}
                }
                effect
            }
            Event::Structure { write: true, offset: Some(offset), len, value, .. } => {
                if self.device.decodes_memory() {
                    self.device.table_write(offset, len, value);
                } else {
                    self.device.log_unsupported(false);
                }
                Effect::None
            }
            Event::Decode { mapped: true, address, size } => {
                if let Some(index) = self.recorded_bar(layout, address, size) {
                    self.mapped.insert(address, index);
                    if layout.kinds[index] != Kind::Io {
                        self.command_bits |= 2; // Memory enable is there and set.
                    }
                }
                Effect::None
            }
            Event::Decode { mapped: false, address, .. } => {
                self.mapped.remove(&address);
                Effect::None
            }
            _ => Effect::None,
        }
    }

    /// Follows the recorded command register and BARs.
    fn track(&mut self, reg: u16, len: u32, value: u32) {
        match reg {
            0x04 if len >= 2 => self.command = Some(value as u16),
            0x04 | 0x05 => {
                let shift = 8 * (reg - 4);
                let old = self.command.unwrap_or(0);
                self.command = Some((old & !(0xff << shift)) | (value as u16) << shift);
            }
            0x3c => self.interrupt_line = Some(value as u8),
            0x10..0x28 if len == 4 => self.bars[usize::from((reg - 0x10) / 4)] = Some(value),
            _ => {}
        }
    }

    /// Whether a read finds reset values in registers that were set and not written since.
    pub fn reads_as_reset(&self, layout: &Layout, reg: u16, len: u32, value: u32) -> bool {
        if all_ones(len, value) {
            return false; // Nobody answered.
        }
        match reg {
            0x04 if len >= 2 => self.command.is_some_and(|command| {
                // The bits that ours has: IO, memory, bus master, parity, SERR, interrupt disable.
                let set = command & self.command_bits & 0x0547;
                set != 0 && value as u16 & set == 0
            }),
            0x3c => self.interrupt_line.is_some_and(|line| line != 0 && value & 0xff == 0),
            0x10..0x28 if len == 4 => {
                let index = usize::from((reg - 0x10) / 4);
                let implemented = matches!(layout.kinds[index], Kind::Memory32 | Kind::Memory64);
                implemented && value & !0xf == 0 && self.bars[index].is_some_and(|last| last & !0xf != 0)
            }
            _ => false,
        }
    }

    /// Which recorded BAR stands at an address; the expansion ROM is none of them.
    pub fn recorded_bar(&self, layout: &Layout, address: u64, size: u64) -> Option<usize> {
        (0..6).find(|index| {
            let Some(low) = self.bars[*index] else { return false };
            let base = match layout.kinds[*index] {
                Kind::Upper | Kind::Unimplemented => return false,
                Kind::Io => u64::from(low & !3),
                Kind::Memory32 => u64::from(low & !0xf),
                Kind::Memory64 => {
                    let high = self.bars.get(index + 1).copied().flatten().unwrap_or(0);
                    u64::from(high) << 32 | u64::from(low & !0xf)
                }
            };
            // An address that was read back, or written with low bits that the BAR drops.
            size.is_power_of_two() && base & !(size - 1) == address
        })
    }
}

/// What a function that does not answer reads as.
fn all_ones(len: u32, value: u32) -> bool {
    value == if len == 4 { u32::MAX } else { (1 << (8 * len)) - 1 }
}

/// The recorded BAR and our BAR when an access is to the whole low half of a BAR that we have.
pub fn low_half(layout: &Layout, reg: u16, len: u32) -> Option<(usize, u8)> {
    if len != 4 || !(0x10..0x28).contains(&reg) {
        return None;
    }
    let index = usize::from((reg - 0x10) / 4);
    if layout.kinds[index] == Kind::Upper {
        return None;
    }
    layout.homes[index].map(|bar| (index, bar))
}
