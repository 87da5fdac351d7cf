// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Capability lists of a function [PCI 3.0 6.7; PCIe Base 7.6].

use super::{Bus, BusError};

/// Capability ids used here.
pub mod id {
    /// Power management.
    pub const PM: u16 = 0x01;
    /// MSI.
    pub const MSI: u16 = 0x05;
    /// PCI Express.
    pub const PCIE: u16 = 0x10;
    /// MSI-X.
    pub const MSIX: u16 = 0x11;
    /// Alternative routing-id interpretation (extended).
    pub const ARI: u16 = 0x0e;
    /// Address translation services (extended).
    pub const ATS: u16 = 0x0f;
    /// Single root I/O virtualization (extended).
    pub const SRIOV: u16 = 0x10;
    /// Advanced error reporting (extended).
    pub const AER: u16 = 0x01;
    /// Designated vendor-specific (extended).
    pub const DVSEC: u16 = 0x23;
}

/// One capability.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Capability {
    /// Capability id, 8 bits, or extended capability id, 16 bits.
    pub id: u16,
    /// Byte offset in configuration space; 0x100 and above are extended ones.
    pub offset: u16,
    /// Version; 0 for capabilities below 0x100.
    pub version: u8,
}

/// A list that cannot be followed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CapError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// A pointer leads to an offset that was visited before.
    #[error("capability list comes back to {0:#x}")]
    Loop(u16),
    /// A pointer leads outside the space for capabilities.
    #[error("capability pointer {0:#x}")]
    Pointer(u16),
}

/// Follows the list from 0x34. The two low bits of pointers are reserved and ignored.
pub fn walk(bus: &mut dyn Bus) -> Result<Vec<Capability>, CapError> {
    let mut found = Vec::new();
    if bus.cfg_read(0x06, 2)? & 1 << 4 == 0 {
        return Ok(found);
    }
    let mut at = bus.cfg_read(0x34, 1)? as u16 & 0xfc;
    while at != 0 {
        if at < 0x40 {
            return Err(CapError::Pointer(at));
        }
        check_new(&found, at)?;
        let word = bus.cfg_read(at, 2)?;
        found.push(Capability { id: word as u16 & 0xff, offset: at, version: 0 });
        at = (word >> 8) as u16 & 0xfc;
    }
    Ok(found)
}

/// Follows the extended list from 0x100.
pub fn walk_extended(bus: &mut dyn Bus) -> Result<Vec<Capability>, CapError> {
    let mut found = Vec::new();
    let mut at = 0x100;
    while at != 0 {
        if at < 0x100 {
            return Err(CapError::Pointer(at));
        }
        check_new(&found, at)?;
        let word = bus.cfg_read(at, 4)?;
        if word == 0 || word == u32::MAX {
            break;
        }
        found.push(Capability { id: word as u16, offset: at, version: (word >> 16) as u8 & 0xf });
        at = (word >> 20) as u16 & 0xffc;
    }
    Ok(found)
}

/// The first capability with this id.
pub fn find(list: &[Capability], id: u16) -> Option<Capability> {
    list.iter().copied().find(|c| c.id == id)
}

fn check_new(found: &[Capability], at: u16) -> Result<(), CapError> {
    if found.iter().any(|c| c.offset == at) { Err(CapError::Loop(at)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::fake::FakeBus;
    use super::*;

    #[test]
    fn both_lists_are_followed_to_their_ends() {
        let mut bus = FakeBus::new();
        bus.chain(&[(0x40, 0x01), (0x50, 0x10), (0xb0, 0x11)]);
        bus.set_cfg(0x100, 0x1401_0023);
        bus.set_cfg(0x140, 0x0002_0001);
        let ids = |list: Vec<Capability>| list.iter().map(|c| (c.offset, c.id, c.version)).collect::<Vec<_>>();
        assert_eq!(ids(walk(&mut bus).unwrap()), [(0x40, 1, 0), (0x50, 0x10, 0), (0xb0, 0x11, 0)]);
        assert_eq!(ids(walk_extended(&mut bus).unwrap()), [(0x100, 0x23, 1), (0x140, 1, 2)]);
    }

    #[test]
    fn loops_end_with_an_error() {
        let mut bus = FakeBus::new();
        bus.chain(&[(0x40, 0x01), (0x50, 0x10), (0x40, 0x01)]);
        assert_eq!(walk(&mut bus), Err(CapError::Loop(0x40)));
        bus.set_cfg(0x100, 0x1001_0023);
        assert_eq!(walk_extended(&mut bus), Err(CapError::Loop(0x100)));
    }

    #[test]
    fn pointers_into_the_header_end_with_an_error() {
        let mut bus = FakeBus::new();
        bus.chain(&[(0x40, 0x01), (0x10, 0x01)]);
        assert_eq!(walk(&mut bus), Err(CapError::Pointer(0x10)));
        bus.set_cfg(0x100, 0x0801_0023);
        assert_eq!(walk_extended(&mut bus), Err(CapError::Pointer(0x80)));
    }

    #[test]
    fn a_function_without_lists_has_none() {
        let mut bus = FakeBus::new();
        bus.set_cfg(0x04, 0);
        assert_eq!(walk(&mut bus), Ok(vec![]));
        assert_eq!(walk_extended(&mut bus), Ok(vec![]));
    }
}
