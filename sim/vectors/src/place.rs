// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Symbolic places: `msix+2`, `bar2+0x10`, `hs_status`.
//!
//! One list of names, so that the loader refuses a misspelt one and the sequencer resolves the rest without failing.

use crate::op::Place;
use crate::regs;

/// Names of configuration space with their offsets (data sheet, section 3). Capability names come from the register
/// map.
pub const CONFIG_NAMES: &[(&str, u16)] = &[
    ("vendor_id", 0x00),
    ("device_id", 0x02),
    ("command", 0x04),
    ("status", 0x06),
    ("revision", 0x08),
    ("class", 0x09),
    ("cache_line", 0x0c),
    ("header_type", 0x0e),
    ("bar0", 0x10),
    ("bar1", 0x14),
    ("bar2", 0x18),
    ("bar3", 0x1c),
    ("bar4", 0x20),
    ("bar5", 0x24),
    ("subsystem", 0x2c),
    ("rom", 0x30),
    ("cap_pointer", 0x34),
    ("interrupt_line", 0x3c),
    ("interrupt_pin", 0x3d),
    ("pmcsr", 0x44),
    ("devcap", 0x54),
    ("devctl", 0x58),
    ("devsta", 0x5a),
    ("lnkcap", 0x5c),
    ("lnkctl", 0x60),
    ("lnksta", 0x62),
    ("devcap2", 0x74),
    ("devctl2", 0x78),
    ("lnkctl2", 0x80),
    ("msi_control", 0x92),
    ("msi_address", 0x94),
    ("msi_upper", 0x98),
    ("msi_data", 0x9c),
    ("msi_mask", 0xa0),
    ("msi_pending", 0xa4),
    ("msix_control", 0xb2),
    ("uncorrectable_status", 0x144),
    ("uncorrectable_mask", 0x148),
    ("uncorrectable_severity", 0x14c),
    ("correctable_status", 0x150),
    ("correctable_mask", 0x154),
    ("aer_control", 0x158),
    ("header_log", 0x15c),
    ("msix_table_offset", 0xb4),
    ("msix_pba_offset", 0xb8),
];

/// Where a memory access of the device goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// A bus address.
    Absolute(u64),
    /// An offset behind a BAR's current base.
    Bar {
        /// Number of the BAR: 0, 1, 2 or 4.
        bar: u8,
        /// Offset in bytes.
        offset: u64,
    },
    /// An offset in the memory of a virtual function.
    Vf {
        /// Number of the function.
        vf: u32,
        /// Offset in bytes.
        offset: u64,
    },
}

/// Largest page, and with it largest memory of a virtual function (data sheet, section 16).
const APERTURE_MOST: u64 = 0x40_0000;

/// Splits `name+distance`; a place without distance has distance 0.
fn split(text: &str) -> Result<(&str, u64), String> {
    let (name, distance) = match text.split_once('+') {
        None => (text.trim(), 0),
        Some((name, distance)) => {
            let distance = number(distance.trim()).ok_or_else(|| format!("\"{distance}\" is not a number"))?;
            (name.trim(), distance)
        }
    };
    Ok((name, distance))
}

/// A decimal or 0x-prefixed number.
pub(crate) fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        // from_str_radix takes a sign; a place has none.
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => u64::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        None => None,
    }
}

/// Byte offset in configuration space, 0 to 0xfff.
///
/// # Errors
/// An unknown name, or an offset past the end, as one sentence.
pub fn config(place: &Place) -> Result<u16, String> {
    let offset = match place {
        Place::Number(offset) => *offset,
        Place::Name(text) => {
            let (name, distance) = split(text)?;
            let base = CONFIG_NAMES
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, offset)| u64::from(*offset))
                .or_else(|| regs::CAPABILITIES.iter().find(|c| c.name == name).map(|c| u64::from(c.offset)))
                .ok_or_else(|| format!("\"{name}\" names nothing in configuration space"))?;
            base.checked_add(distance).ok_or_else(|| format!("\"{text}\" is out of range"))?
        }
    };
    u16::try_from(offset)
        .ok()
        .filter(|offset| *offset <= 0xfff)
        .ok_or_else(|| format!("offset {offset:#x} is outside configuration space"))
}

/// Where a memory read or write of the device goes: `bar0`, `bar1`, `bar2`, `bar4`, a window, a register of BAR0, or a number.
///
/// # Errors
/// An unknown name, or an offset past the end of the BAR, as one sentence.
pub fn memory(place: &Place) -> Result<Memory, String> {
    let text = match place {
        Place::Number(address) => return Ok(Memory::Absolute(*address)),
        Place::Name(text) => text,
    };
    let (name, distance) = split(text)?;
    if let Some(vf) = name.strip_prefix("vf").and_then(|digits| digits.parse().ok()) {
        return match distance {
            0..APERTURE_MOST => Ok(Memory::Vf { vf, offset: distance }),
            _ => Err(format!("\"{text}\" is outside the memory of a virtual function")),
        };
    }
    let bar = |index: u32| regs::BARS.iter().find(|bar| bar.index == index);
    let (holder, base) = if let Some(index) = name.strip_prefix("bar").and_then(|digits| digits.parse().ok()) {
        (bar(index), 0)
    } else if let Some(window) = regs::WINDOWS.iter().find(|window| window.name == name) {
        (bar(window.bar), window.offset)
    } else if let Some(register) = regs::REGISTERS.iter().find(|register| register.name == name) {
        (bar(regs::BAR_REGS_INDEX), register.offset)
    } else {
        (None, 0)
    };
    let holder = holder.ok_or_else(|| format!("\"{name}\" names neither a BAR, a window nor a register"))?;
    let offset = u64::from(base).saturating_add(distance);
    if offset >= u64::from(holder.size) {
        return Err(format!("\"{text}\" is outside BAR{}", holder.index));
    }
    Ok(Memory::Bar { bar: holder.index as u8, offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Place {
        Place::Name(text.to_owned())
    }

    #[test]
    fn configuration_places() {
        assert_eq!(config(&name("msix+2")), Ok(0xb2));
        assert_eq!(config(&name("siov+0x10")), Ok(0x110));
        assert_eq!(config(&name("command")), Ok(4));
        assert_eq!(config(&Place::Number(0xfff)), Ok(0xfff));
        assert!(config(&Place::Number(0x1000)).unwrap_err().contains("0x1000"));
        assert!(config(&name("comand")).unwrap_err().contains("comand"));
        assert!(config(&name("msix+-2")).is_err());
        assert!(config(&name("msix+0xffffffffffffffff")).is_err());
    }

    #[test]
    fn memory_places() {
        assert_eq!(memory(&name("msix_table+0x1c")), Ok(Memory::Bar { bar: 2, offset: 0x1c }));
        assert_eq!(memory(&name("msix_pba")), Ok(Memory::Bar { bar: 2, offset: 0x8000 }));
        assert_eq!(memory(&name("hs_status")), Ok(Memory::Bar { bar: 0, offset: 0x1034 }));
        assert_eq!(memory(&name("bar4+0x20008")), Ok(Memory::Bar { bar: 4, offset: 0x20008 }));
        assert_eq!(memory(&Place::Number(0xfee0_0000)), Ok(Memory::Absolute(0xfee0_0000)));
        assert!(memory(&name("bar3")).is_err());
        assert_eq!(memory(&name("vf12+0x2010")), Ok(Memory::Vf { vf: 12, offset: 0x2010 }));
        assert!(memory(&name("vf0+0x400000")).unwrap_err().contains("outside"));
        assert_eq!(memory(&name("vf_doorbell+0x10")), Ok(Memory::Bar { bar: 0, offset: 0xf018 }));
        assert_eq!(memory(&name("portal+0x3000")), Ok(Memory::Bar { bar: 1, offset: 0x3000 }));
        assert!(memory(&name("bar2+0x10000")).unwrap_err().contains("outside BAR2"));
        assert!(memory(&name("hs_statuss")).is_err());
    }
}
