// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The recorded device's configuration space, as the trace itself tells it: where its capabilities are, what kind its
//! BARs are, and which place in our device each offset belongs to.

use std::collections::BTreeMap;

use crate::regs;
use crate::trace::{Event, Line, Region};

/// PCI capability identifiers [PCI-SIG assignments].
const CAP_PM: u32 = 0x01;
const CAP_VENDOR: u32 = 0x09;
const CAP_PCIE: u32 = 0x10;
const CAP_MSIX: u32 = 0x11;
const CAP_DVSEC: u32 = 0x23;

/// Vendor and DVSEC id of ours.
const SIOV_DVSEC: (u32, u32) = (0x8086, 5);

/// A capability of the recorded device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability {
    /// First byte.
    pub start: u16,
    /// First byte behind it.
    pub end: u16,
    /// Identifier.
    pub id: u32,
    /// In the extended list.
    pub extended: bool,
    /// A DVSEC of another vendor or kind than ours: the identifier alone does not make it a counterpart.
    pub foreign: bool,
}

/// What a BAR of the recorded device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Never seen other than 0.
    Unimplemented,
    /// I/O space.
    Io,
    /// 32-bit memory.
    Memory32,
    /// 64-bit memory: this register and the next.
    Memory64,
    /// Upper half of the one before.
    Upper,
}

/// Why an access has no exact counterpart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Absent {
    /// Our device has no such BAR.
    Bar,
    /// Our device has no such capability (standard list, identifier).
    Capability(u32),
    /// Our device has no such capability (extended list, identifier).
    Extended(u32),
    /// Outside every capability that the trace shows.
    Unknown,
}

/// Where an access to the recorded device's configuration space goes in ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// Our offset.
    pub offset: u16,
    /// Set when the recorded register has no counterpart and `offset` is a place that reads 0 and ignores writes.
    pub absent: Option<Absent>,
}

/// Places of our device that read 0 and ignore writes: the CardBus CIS pointer, and runs of offsets behind the
/// capabilities (data sheet, section 3: "offsets not listed").
const EMPTY_BAR: u16 = 0x28;
const EMPTY_STANDARD: u16 = 0xc0;
const EMPTY_EXTENDED: u16 = 0xf00;

/// What the trace tells of the recorded device.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Capabilities, both lists.
    pub capabilities: Vec<Capability>,
    /// Kinds of the six BARs.
    pub kinds: [Kind; 6],
    /// Our BAR for each recorded one: 0, 2 or 4.
    pub homes: [Option<u8>; 6],
    /// Offset of the PBA in its BAR.
    pub pba: Option<u64>,
    /// Number of table entries.
    pub entries: Option<u32>,
    /// The recorded device keeps its state in D3hot (No_Soft_Reset).
    pub keeps_state: bool,
}

impl Layout {
    /// Reads the layout off the trace's configuration reads.
    pub fn infer(lines: &[Line]) -> Self {
        let bytes = first_reads(lines);
        let capabilities = walk(&bytes);
        let kinds = bar_kinds(lines);
        let find = |id| capabilities.iter().find(|c: &&Capability| !c.extended && c.id == id).map(|c| c.start);
        let word = |offset: u16| word(&bytes, offset);
        let msix = find(CAP_MSIX);
        let table_bar = msix
            .and_then(|start| word(start + 4))
            .map(|value| (value & 7) as u8)
            .filter(|bar| *bar < 6)
            .or_else(|| table_bar_of_accesses(lines));
        Self {
            homes: homes(&kinds, table_bar),
            pba: msix.and_then(|start| word(start + 8)).map(|value| u64::from(value & !7)),
            entries: msix
                .and_then(|start| {
                    Some(u32::from(*bytes.get(&(start + 2))?) | u32::from(*bytes.get(&(start + 3))?) << 8)
                })
                .map(|control| (control & 0x7ff) + 1),
            keeps_state: find(CAP_PM).is_some_and(|start| bytes.get(&(start + 4)).is_some_and(|byte| byte & 8 != 0)),
            capabilities,
            kinds,
        }
    }

    /// Where a configuration offset of the recorded device belongs in ours.
    pub fn home(&self, reg: u16) -> Home {
        let here = |offset| Home { offset, absent: None };
        match reg {
            0x10..0x28 => {
                let index = usize::from((reg - 0x10) / 4);
                let byte = reg & 3;
                let (owner, upper) = if self.kinds[index] == Kind::Upper { (index - 1, 4) } else { (index, 0) };
                match self.homes[owner] {
                    Some(bar) => here(0x10 + 4 * u16::from(bar) + upper + byte),
                    None => {
                        let absent = (self.kinds[owner] != Kind::Unimplemented).then_some(Absent::Bar);
                        Home { offset: EMPTY_BAR + byte, absent }
                    }
                }
            }
            0..0x40 => here(reg),
            _ => self.capability_home(reg),
        }
    }

    fn capability_home(&self, reg: u16) -> Home {
        let extended = reg >= 0x100;
        let empty = if extended { EMPTY_EXTENDED + (reg & 0xff) } else { EMPTY_STANDARD + (reg & 0x3f) };
        // The extended list begins at 0x100 in every device, also in one whose list is empty.
        if reg & !3 == 0x100 {
            return Home { offset: reg, absent: None };
        }
        let Some(found) = self.capabilities.iter().find(|c| (c.start..c.end).contains(&reg)) else {
            return Home { offset: empty, absent: Some(Absent::Unknown) };
        };
        let ours = regs::CAPABILITIES
            .iter()
            .find(|c| c.id == found.id && c.extended == found.extended)
            .filter(|_| !found.foreign);
        match ours {
            Some(ours) => Home { offset: ours.offset as u16 + (reg - found.start), absent: None },
            None if extended => Home { offset: empty, absent: Some(Absent::Extended(found.id)) },
            None => Home { offset: empty, absent: Some(Absent::Capability(found.id)) },
        }
    }
}

/// The value that each byte of configuration space was first read as. Reads of all ones tell nothing: that is what a
/// missing device, or a BAR that is being sized, returns.
fn first_reads(lines: &[Line]) -> BTreeMap<u16, u8> {
    let mut bytes = BTreeMap::new();
    for line in lines {
        if let Event::Config { write: false, reg, len, value } = line.event {
            let ones = if len == 4 { u32::MAX } else { (1 << (8 * len)) - 1 };
            if value == ones {
                continue;
            }
            for byte in 0..len as u16 {
                bytes.entry(reg + byte).or_insert((value >> (8 * byte)) as u8);
            }
        }
    }
    bytes
}

fn word(bytes: &BTreeMap<u16, u8>, offset: u16) -> Option<u32> {
    let mut value = 0;
    for byte in 0..4 {
        value |= u32::from(*bytes.get(&(offset + byte))?) << (8 * byte);
    }
    Some(value)
}

/// Follows both capability lists as far as the trace read them.
fn walk(bytes: &BTreeMap<u16, u8>) -> Vec<Capability> {
    let mut starts: BTreeMap<u16, (u32, bool)> = BTreeMap::new();
    let mut next = bytes.get(&0x34).map(|byte| u16::from(byte & !3));
    while let Some(start) = next.filter(|start| *start >= 0x40) {
        let Some(id) = bytes.get(&start) else { break };
        if starts.insert(start, (u32::from(*id), false)).is_some() {
            break; // A loop: the list ends where it came from.
        }
        next = bytes.get(&(start + 1)).map(|byte| u16::from(byte & !3));
    }
    let mut next = Some(0x100);
    while let Some(start) = next.filter(|start| *start >= 0x100) {
        let Some(header) = word(bytes, start).filter(|header| *header != 0) else { break };
        if starts.insert(start, (header & 0xffff, true)).is_some() {
            break;
        }
        next = Some((header >> 20) as u16 & !3);
    }
    let mut capabilities = Vec::new();
    for (start, (id, extended)) in &starts {
        let limit = if *extended { 0x1000 } else { 0x100 };
        let behind = starts.range(start + 1..).next().map_or(limit, |(next, _)| (*next).min(limit));
        let size = if *extended { None } else { natural_size(*id, bytes.get(&(start + 2)).copied()) };
        let end = size.map_or(behind, |size| behind.min(start + size));
        let part = |distance| word(bytes, start + distance).unwrap_or(0) & 0xffff;
        let foreign = *extended && *id == CAP_DVSEC && (part(4), part(8)) != SIOV_DVSEC;
        capabilities.push(Capability { start: *start, end, id: *id, extended: *extended, foreign });
    }
    capabilities
}

/// Bytes of a capability of the standard list, where its identifier fixes them.
fn natural_size(id: u32, third: Option<u8>) -> Option<u16> {
    match id {
        CAP_PM => Some(8),
        CAP_MSIX => Some(12),
        CAP_PCIE => Some(0x3c),
        // The third byte is the length; anything below the header's four bytes is not one.
        CAP_VENDOR => third.filter(|length| *length >= 4).map(u16::from),
        _ => None,
    }
}

/// Kinds of the BARs: the type bits of any value that is not 0.
fn bar_kinds(lines: &[Line]) -> [Kind; 6] {
    let mut kinds = [Kind::Unimplemented; 6];
    for index in 0..6 {
        if index > 0 && kinds[index - 1] == Kind::Memory64 {
            kinds[index] = Kind::Upper;
            continue;
        }
        let own = 0x10 + 4 * index as u16;
        let seen = |wanted: bool| {
            lines.iter().find_map(|line| match line.event {
                Event::Config { write, reg, len: 4, value } if write == wanted && reg == own => {
                    (value != 0 && value != u32::MAX).then_some(value)
                }
                _ => None,
            })
        };
        let read_at_all =
            lines.iter().any(|line| matches!(line.event, Event::Config { write: false, reg, .. } if reg == own));
        // What was written tells only where nothing was read: an unimplemented BAR is written too.
        let value = seen(false).or_else(|| if read_at_all { None } else { seen(true) });
        kinds[index] = match value {
            None => Kind::Unimplemented,
            Some(value) if value & 1 != 0 => Kind::Io,
            Some(value) if value & 6 == 4 => Kind::Memory64,
            Some(_) => Kind::Memory32,
        };
    }
    kinds
}

fn table_bar_of_accesses(lines: &[Line]) -> Option<u8> {
    lines.iter().find_map(|line| match line.event {
        Event::Structure { region: Region::Table, bar, .. } => bar.map(|(bar, _)| bar),
        _ => None,
    })
}

/// Our BAR for each recorded one, by kind: the one with the MSI-X table is our BAR2; of the others the first 32-bit
/// one is our BAR0 and the next memory BAR our BAR4.
fn homes(kinds: &[Kind; 6], table_bar: Option<u8>) -> [Option<u8>; 6] {
    let mut homes = [None; 6];
    if let Some(bar) = table_bar {
        homes[usize::from(bar)] = Some(2);
    }
    let (mut zero, mut four) = (true, true);
    for index in 0..6 {
        if homes[index].is_some() {
            continue;
        }
        homes[index] = match kinds[index] {
            Kind::Memory32 if zero => {
                zero = false;
                Some(0)
            }
            Kind::Memory32 | Kind::Memory64 if four => {
                four = false;
                Some(4)
            }
            _ => None,
        };
    }
    homes
}
