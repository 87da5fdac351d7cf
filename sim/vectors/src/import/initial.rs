// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The state in which a recording began.
//!
//! A trace that starts at power-on needs nothing. One that starts later shows what was set before by what is read
//! before it is written, and by accesses and messages that could not have happened otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{Kind, Layout};
use crate::trace::{Event, Line, Region};

/// What had been set before the first line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Initial {
    /// Recorded BAR registers, by number: values as read.
    pub bars: BTreeMap<usize, u32>,
    /// Our configuration registers: offset, bytes, value. The command register is not among them.
    pub config: Vec<(u16, u32, u32)>,
    /// Command register.
    pub command: u16,
    /// Message control of MSI-X: enable and function mask.
    pub msix: u16,
    /// Words of the table: byte offset and value.
    pub table: BTreeMap<u32, u32>,
}

/// The command register's writable bits in our device (data sheet, section 3).
const COMMAND_BITS: u16 = 0x0547;
const MEMORY: u16 = 2;
const BUS_MASTER: u16 = 4;
const MSIX_ENABLE: u16 = 0x8000;

impl Initial {
    /// Reads the initial state off the trace.
    pub fn infer(lines: &[Line], layout: &Layout) -> Self {
        let mut initial = Self::default();
        // Registers (recorded offsets, by byte) and table words that have been accessed.
        let mut known: BTreeSet<u16> = BTreeSet::new();
        let mut words: BTreeSet<u32> = BTreeSet::new();
        for line in lines {
            match &line.event {
                Event::Config { write, reg, len, value } => {
                    let first = !known.contains(reg);
                    known.extend(*reg..*reg + *len as u16);
                    let ones = if *len == 4 { u32::MAX } else { (1 << (8 * len)) - 1 };
                    if first && !write && *value != ones {
                        initial.read(layout, *reg, *len, *value);
                    }
                }
                Event::Structure { write, region: Region::Table, offset: Some(offset), len, value, .. } => {
                    if !known.contains(&0x04) {
                        initial.command |= MEMORY;
                    }
                    for word in (offset / 4 * 4..offset + len).step_by(4) {
                        let part = (value >> (8 * (word.saturating_sub(*offset)))) as u32;
                        let reset = u32::from(word % 16 == 12);
                        if words.insert(word) && !write && *len >= 4 && part != reset && part != u32::MAX {
                            initial.table.insert(word, part);
                        }
                    }
                }
                Event::Message(message) => {
                    if !known.contains(&0x04) {
                        initial.command |= MEMORY | BUS_MASTER;
                    }
                    if let Some(entry) = message.entry {
                        let control = layout.capabilities.iter().find(|c| !c.extended && c.id == 0x11);
                        if control.is_none_or(|c| !known.contains(&(c.start + 3))) {
                            initial.msix = MSIX_ENABLE;
                        }
                        let content = [message.address as u32, (message.address >> 32) as u32, message.data, 0];
                        for (index, value) in content.into_iter().enumerate() {
                            let word = 16 * entry + 4 * index as u32;
                            if words.insert(word) && value != u32::from(index == 3) {
                                initial.table.insert(word, value);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        if initial.needs_table() && !initial.bars.keys().any(|bar| layout.homes[*bar] == Some(2)) {
            initial.place_table(lines, layout);
        }
        initial
    }

    /// A register's first access is a read.
    fn read(&mut self, layout: &Layout, reg: u16, len: u32, value: u32) {
        match (reg, len) {
            (0x04, 2 | 4) => self.command = value as u16 & COMMAND_BITS,
            (0x0c, _) if value & 0xff != 0 => self.config.push((0x0c, 1, value & 0xff)),
            (0x3c, _) if value & 0xff != 0 => self.config.push((0x3c, 1, value & 0xff)),
            (0x10..0x28, 4) => {
                let index = usize::from((reg - 0x10) / 4);
                let owner = if layout.kinds[index] == Kind::Upper { index - 1 } else { index };
                let address = if owner == index { value & !0xf } else { value };
                if layout.homes[owner].is_some() && address != 0 {
                    self.bars.insert(index, value);
                }
            }
            _ => {
                let Some(start) = layout.capabilities.iter().find(|c| !c.extended && c.id == 0x11).map(|c| c.start)
                else {
                    return;
                };
                if reg == start && len == 4 {
                    self.msix = (value >> 16) as u16 & 0xc000;
                } else if reg == start + 2 && len == 2 {
                    self.msix = value as u16 & 0xc000;
                }
            }
        }
    }

    fn needs_table(&self) -> bool {
        self.command & MEMORY != 0 && (!self.table.is_empty() || self.msix != 0)
    }

    /// The table was reached, but the trace never tells where: any place does.
    fn place_table(&mut self, lines: &[Line], layout: &Layout) {
        let Some(index) = layout.homes.iter().position(|home| *home == Some(2)) else { return };
        let own = 0x10 + 4 * index as u16;
        let told = lines.iter().any(|line| matches!(line.event, Event::Config { reg, .. } if reg == own));
        if !told {
            self.bars.insert(index, 0xdfff_0000);
        }
    }
}
