// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Finds a function, gives it addresses and sets the link up.
//!
//! One function below one root port; there is no bridge to configure.

use super::caps::{self, CapError, Capability, id};
use super::{Bus, BusError};
use crate::rc::LinkSettings;
use crate::rc::tags::TagWidth;

const COMMAND: u16 = 0x04;
const COMMAND_MEMORY: u32 = 1 << 1;
const COMMAND_MASTER: u32 = 1 << 2;
const BAR0: u16 = 0x10;

/// What goes wrong during enumeration.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EnumError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// A capability list cannot be followed.
    #[error(transparent)]
    Capability(#[from] CapError),
    /// Nobody is there: vendor id 0xffff.
    #[error("no function answers")]
    Absent,
    /// A BAR whose size is not a power of two, or of a reserved type.
    #[error("BAR {bar} reads {mask:#x} when sized")]
    Bar {
        /// Number, 0..=5.
        bar: u8,
        /// Value read back after writing all ones.
        mask: u64,
    },
    /// The address windows are used up.
    #[error("no room for the {size:#x} bytes of BAR {bar}")]
    NoRoom {
        /// Number, 0..=5.
        bar: u8,
        /// Bytes wanted.
        size: u64,
    },
    /// The PCI Express capability is missing.
    #[error("no PCI Express capability")]
    NotExpress,
}

/// A memory base address register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bar {
    /// Number of its (lower) register, 0..=5.
    pub number: u8,
    /// Bytes decoded.
    pub size: u64,
    /// 64-bit.
    pub wide: bool,
    /// Prefetchable.
    pub prefetchable: bool,
    /// Address given to it.
    pub address: u64,
}

/// Where BARs may be put. Ranges are `first..end`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddressWindows {
    /// For 32-bit BARs, below 4 GiB.
    pub low: std::ops::Range<u64>,
    /// For 64-bit BARs.
    pub high: std::ops::Range<u64>,
}

impl Default for AddressWindows {
    /// 256 MiB at 0xd000_0000 and 64 GiB at 256 GiB.
    fn default() -> Self {
        Self { low: 0xd000_0000..0xe000_0000, high: 0x40_0000_0000..0x50_0000_0000 }
    }
}

/// What software knows about a function after enumeration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Function {
    /// Vendor id.
    pub vendor: u16,
    /// Device id.
    pub device: u16,
    /// Class code, 24 bits.
    pub class: u32,
    /// Implemented BARs.
    pub bars: Vec<Bar>,
    /// Capabilities below 0x100, in list order.
    pub caps: Vec<Capability>,
    /// Extended capabilities, in list order.
    pub extended: Vec<Capability>,
}

impl Function {
    /// Address of BAR `number`.
    pub fn bar(&self, number: u8) -> Option<u64> {
        self.bars.iter().find(|b| b.number == number).map(|b| b.address)
    }

    /// Offset of the capability with this id.
    pub fn cap(&self, id: u16) -> Option<u16> {
        caps::find(&self.caps, id).map(|c| c.offset)
    }
}

/// Sizes all memory BARs of a type 0 header, with decoding switched off meanwhile, and
/// leaves their old values in them. Addresses are 0 in the result.
pub fn size_bars(bus: &mut dyn Bus) -> Result<Vec<Bar>, EnumError> {
    let command = bus.cfg_read(COMMAND, 2)?;
    bus.cfg_write(COMMAND, 2, command & !3)?;
    let mut bars = Vec::new();
    let mut number = 0;
    while number < 6 {
        let (bar, wide) = size_bar(bus, number)?;
        bars.extend(bar);
        number += if wide { 2 } else { 1 };
    }
    bus.cfg_write(COMMAND, 2, command)?;
    Ok(bars)
}

fn size_bar(bus: &mut dyn Bus, number: u8) -> Result<(Option<Bar>, bool), EnumError> {
    let at = BAR0 + 4 * u16::from(number);
    let (old, low) = probe(bus, at)?;
    if low == 0 || old & 1 == 1 || low & 1 == 1 {
        // Not implemented, or IO, which is left alone.
        return Ok((None, false));
    }
    let wide = match low >> 1 & 3 {
        0 => false,
        2 if number < 5 => true,
        _ => return Err(EnumError::Bar { bar: number, mask: u64::from(low) }),
    };
    let high = if wide { probe(bus, at + 4)?.1 } else { u32::MAX };
    let mask = u64::from(high) << 32 | u64::from(low & !0xf);
    let size = mask.wrapping_neg();
    if !size.is_power_of_two() {
        return Err(EnumError::Bar { bar: number, mask });
    }
    let bar = Bar { number, size, wide, prefetchable: low & 8 != 0, address: 0 };
    Ok((Some(bar), wide))
}

/// Writes all ones and restores; gives back the old value and what was read.
fn probe(bus: &mut dyn Bus, at: u16) -> Result<(u32, u32), EnumError> {
    let old = bus.cfg_read(at, 4)?;
    bus.cfg_write(at, 4, u32::MAX)?;
    let mask = bus.cfg_read(at, 4)?;
    bus.cfg_write(at, 4, old)?;
    Ok((old, mask))
}

/// Gives every BAR an address of its own, aligned to its size, largest first (equal ones
/// by number). 64-bit BARs go to the high window, 32-bit ones to the low one.
pub fn assign(bars: &mut [Bar], windows: &AddressWindows) -> Result<(), EnumError> {
    let mut order: Vec<usize> = (0..bars.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(bars[i].size), bars[i].number));
    let (mut low, mut high) = (windows.low.start, windows.high.start);
    for i in order {
        let Bar { number: bar, size, wide, .. } = bars[i];
        let (next, end) = if wide { (&mut high, windows.high.end) } else { (&mut low, windows.low.end) };
        let address = next.checked_next_multiple_of(size).filter(|a| a.checked_add(size).is_some_and(|e| e <= end));
        bars[i].address = address.ok_or(EnumError::NoRoom { bar, size })?;
        *next = bars[i].address + size;
    }
    Ok(())
}

/// Finds the function, reads its capabilities, gives its BARs addresses and enables
/// memory decoding (not bus mastering).
pub fn enumerate(bus: &mut dyn Bus, windows: &AddressWindows) -> Result<Function, EnumError> {
    let ids = bus.cfg_read(0x00, 4)?;
    if ids as u16 == 0xffff {
        return Err(EnumError::Absent);
    }
    let class = bus.cfg_read(0x08, 4)? >> 8;
    let caps = caps::walk(bus)?;
    let extended = caps::walk_extended(bus)?;
    let mut bars = size_bars(bus)?;
    assign(&mut bars, windows)?;
    let function = Function { vendor: ids as u16, device: (ids >> 16) as u16, class, bars, caps, extended };
    write_bars(bus, &function)?;
    let command = bus.cfg_read(COMMAND, 2)?;
    bus.cfg_write(COMMAND, 2, command | COMMAND_MEMORY)?;
    Ok(function)
}

/// Writes the addresses of all BARs, as after a reset of the function.
pub fn write_bars(bus: &mut dyn Bus, function: &Function) -> Result<(), BusError> {
    for bar in &function.bars {
        let at = BAR0 + 4 * u16::from(bar.number);
        bus.cfg_write(at, 4, bar.address as u32)?;
        if bar.wide {
            bus.cfg_write(at + 4, 4, (bar.address >> 32) as u32)?;
        }
    }
    Ok(())
}

/// What [`set_up_link`] is to agree on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkWish {
    /// Largest Max_Payload_Size in bytes that the root port can do.
    pub mps_max: u16,
    /// Max_Read_Request_Size in bytes, a power of two from 128 to 4096.
    pub mrrs: u16,
    /// Enable extended (8-bit) tags of the device if it can.
    pub extended_tags: bool,
    /// Root complex with a 128-byte Read Completion Boundary.
    pub rcb128: bool,
    /// Tags that the host uses.
    pub host_tags: TagWidth,
}

impl Default for LinkWish {
    fn default() -> Self {
        Self { mps_max: 512, mrrs: 512, extended_tags: true, rcb128: false, host_tags: TagWidth::Eight }
    }
}

/// Sets Max_Payload_Size, Max_Read_Request_Size, extended tags and RCB in the device and
/// tells the root port; gives back what was agreed.
pub fn set_up_link(bus: &mut dyn Bus, function: &Function, wish: &LinkWish) -> Result<LinkSettings, EnumError> {
    let pcie = function.cap(id::PCIE).ok_or(EnumError::NotExpress)?;
    let devcap = bus.cfg_read(pcie + 4, 4)?;
    let code = (devcap & 7).min(size_code(wish.mps_max));
    let mrrs_code = size_code(wish.mrrs);
    let tags = wish.extended_tags && devcap & 1 << 5 != 0;
    let mut devctl = bus.cfg_read(pcie + 8, 2)? & !(7 << 5 | 7 << 12 | 1 << 8);
    devctl |= code << 5 | mrrs_code << 12 | u32::from(tags) << 8;
    let link = LinkSettings {
        mps: 128 << code,
        mrrs: 128 << mrrs_code,
        device_tags: if tags { TagWidth::Eight } else { TagWidth::Five },
        host_tags: wish.host_tags,
        pasid: false,
    };
    // Nothing is under way during set-up, so the order of the two ends does not matter.
    bus.set_link(link)?;
    bus.cfg_write(pcie + 8, 2, devctl)?;
    let lnkctl = bus.cfg_read(pcie + 0x10, 2)? & !(1 << 3);
    bus.cfg_write(pcie + 0x10, 2, lnkctl | u32::from(wish.rcb128) << 3)?;
    Ok(link)
}

/// Sets or clears Bus Master Enable (pci_set_master, pci_clear_master).
pub fn set_master(bus: &mut dyn Bus, on: bool) -> Result<(), BusError> {
    let command = bus.cfg_read(COMMAND, 2)?;
    let new = if on { command | COMMAND_MASTER } else { command & !COMMAND_MASTER };
    bus.cfg_write(COMMAND, 2, new)
}

/// Function level reset (pcie_flr): waits until no transaction is pending, starts the reset,
/// waits `cycles` (100 ms on a real machine, less in simulation). Addresses and
/// settings of the function are gone afterwards; see [`restore`].
pub fn flr(bus: &mut dyn Bus, function: &Function, cycles: u64) -> Result<(), EnumError> {
    let pcie = function.cap(id::PCIE).ok_or(EnumError::NotExpress)?;
    for _ in 0..4 {
        if bus.cfg_read(pcie + 0xa, 2)? & 1 << 5 == 0 {
            break;
        }
        bus.wait(cycles / 4)?;
    }
    let devctl = bus.cfg_read(pcie + 8, 2)?;
    bus.cfg_write(pcie + 8, 2, devctl | 1 << 15)?;
    bus.wait(cycles)?;
    Ok(())
}

/// pci_dev_wait: reads the vendor id until the function stops answering with a
/// configuration retry, at most `tries` times, `cycles` apart.
pub fn wait_ready(bus: &mut dyn Bus, tries: u32, cycles: u64) -> Result<(), BusError> {
    let mut last = bus.cfg_read(0, 4);
    for _ in 1..tries {
        if !matches!(last, Err(BusError::ConfigRetry { .. })) {
            break;
        }
        bus.wait(cycles)?;
        last = bus.cfg_read(0, 4);
    }
    last.map(|_| ())
}

/// Puts addresses, link settings and the Command bits for memory and (with `master`) bus
/// mastering back after a reset.
pub fn restore(bus: &mut dyn Bus, function: &Function, wish: &LinkWish, master: bool) -> Result<(), EnumError> {
    set_up_link(bus, function, wish)?;
    write_bars(bus, function)?;
    let command = bus.cfg_read(COMMAND, 2)? & !COMMAND_MASTER;
    bus.cfg_write(COMMAND, 2, command | COMMAND_MEMORY | if master { COMMAND_MASTER } else { 0 })?;
    Ok(())
}

/// Code of a size in DevCtl: 128 bytes is 0, doubled with each step, 4096 is 5.
fn size_code(bytes: u16) -> u32 {
    bytes.clamp(128, 4096).ilog2() - 7
}

#[cfg(test)]
mod tests {
    use super::super::fake::FakeBus;
    use super::*;

    fn bus() -> FakeBus {
        let mut bus = FakeBus::new();
        bus.set_cfg(0x00, 0x1a35_1234);
        bus.set_cfg(0x08, 0x1200_0001);
        bus.chain(&[(0x40, 0x01), (0x50, 0x10), (0xb0, 0x11)]);
        bus.set_cfg(0x54, 0x1000_8022);
        bus.set_cfg(0x60, 0x1083_0000);
        bus.bar(0x10, 0xffff_0000, 0);
        bus.bar(0x18, 0xffff_0000, 0xc);
        bus.bar(0x1c, 0xffff_ffff, 0);
        bus.bar(0x20, 0xfffc_0000, 0xc);
        bus.bar(0x24, 0xffff_ffff, 0);
        bus
    }

    #[test]
    fn bars_are_sized_with_decoding_off_and_put_back() {
        let mut bus = bus();
        bus.set_cfg(0x04, 0x0010_0007);
        bus.poke(0x10, 0xe000_0000);
        let bars = size_bars(&mut bus).unwrap();
        let seen: Vec<_> = bars.iter().map(|b| (b.number, b.size, b.wide, b.prefetchable)).collect();
        assert_eq!(seen, [(0, 0x10000, false, false), (2, 0x10000, true, true), (4, 0x40000, true, true)]);
        assert_eq!(bus.cfg(0x10), 0xe000_0000);
        assert_eq!(bus.cfg(0x18), 0xc);
        assert_eq!(bus.cfg(0x04) & 0xffff, 7);
        // Every all-ones write happened while memory decoding was off.
        assert!(bus.log_has_in_order(&[(0x04, 4), (0x10, u32::MAX), (0x24, u32::MAX), (0x04, 7)]), "{:?}", bus.cfg_log);
    }

    #[test]
    fn a_mask_with_a_gap_or_a_reserved_type_is_refused() {
        let mut gap = bus();
        gap.bar(0x10, 0xfff5_0000, 0);
        assert_eq!(size_bars(&mut gap), Err(EnumError::Bar { bar: 0, mask: 0xffff_ffff_fff5_0000 }));
        let mut reserved = bus();
        reserved.bar(0x10, 0xffff_0000, 2);
        assert_eq!(size_bars(&mut reserved), Err(EnumError::Bar { bar: 0, mask: 0xffff_0002 }));
    }

    #[test]
    fn addresses_are_aligned_disjoint_and_inside_their_windows() {
        let bar = |number, size, wide| Bar { number, size, wide, prefetchable: false, address: 0 };
        let mut bars = [bar(0, 0x1000, false), bar(1, 0x10000, false), bar(2, 0x4000, true), bar(4, 0x40000, true)];
        let windows = AddressWindows { low: 0xd000_8000..0xd003_0000, high: 0x1_0000_1000..0x1_0010_0000 };
        assign(&mut bars, &windows).unwrap();
        for (i, a) in bars.iter().enumerate() {
            let window = if a.wide { &windows.high } else { &windows.low };
            assert!(a.address % a.size == 0 && a.address >= window.start && a.address + a.size <= window.end, "{a:?}");
            for b in &bars[..i] {
                assert!(a.address + a.size <= b.address || b.address + b.size <= a.address, "{a:?} {b:?}");
            }
        }
        let mut big = [bar(0, 0x100_0000, false)];
        assert_eq!(assign(&mut big, &windows), Err(EnumError::NoRoom { bar: 0, size: 0x100_0000 }));
    }

    #[test]
    fn a_function_is_enumerated_and_decodes_memory() {
        let mut bus = bus();
        let function = enumerate(&mut bus, &AddressWindows::default()).unwrap();
        assert_eq!((function.vendor, function.device, function.class), (0x1234, 0x1a35, 0x12_0000));
        assert_eq!(function.bar(0), Some(0xd000_0000));
        assert_eq!(function.bar(4), Some(0x40_0000_0000));
        assert_eq!(function.bar(2), Some(0x40_0004_0000));
        assert_eq!((bus.cfg(0x18), bus.cfg(0x1c)), (0x0004_000c, 0x40));
        assert_eq!(function.cap(id::MSIX), Some(0xb0));
        assert_eq!(bus.cfg(0x04) & 7, 2);
    }

    #[test]
    fn nobody_there_is_an_error() {
        let mut bus = bus();
        bus.set_cfg(0x00, u32::MAX);
        assert_eq!(enumerate(&mut bus, &AddressWindows::default()), Err(EnumError::Absent));
    }

    #[test]
    fn a_function_that_asks_for_patience_gets_some() {
        for (retries, ready) in [(0, true), (4, true), (5, false)] {
            let mut bus = bus();
            bus.retries = retries;
            assert_eq!(wait_ready(&mut bus, 5, 10).is_ok(), ready);
            assert_eq!(bus.now, 10 * u64::from(retries.min(4)));
        }
    }

    #[test]
    fn a_reset_waits_for_transactions_and_the_state_comes_back() {
        let mut bus = bus();
        let function = enumerate(&mut bus, &AddressWindows::default()).unwrap();
        bus.set_cfg(0x58, 0x0000_2810 | 1 << 21);
        bus.cfg_log.clear();
        flr(&mut bus, &function, 1000).unwrap();
        assert_eq!(bus.cfg_log, [(0x58, 0xa810)]);
        // Four looks while a transaction was pending, then the reset itself.
        assert_eq!(bus.now, 2000);
        for at in [0x04, 0x10, 0x18, 0x1c, 0x20, 0x24, 0x58] {
            bus.poke(at, 0);
        }
        restore(&mut bus, &function, &LinkWish::default(), true).unwrap();
        assert_eq!((bus.cfg(0x10), bus.cfg(0x18), bus.cfg(0x1c)), (0xd000_0000, 0x0004_000c, 0x40));
        assert_eq!(bus.cfg(0x04) & 7, 6);
        assert_eq!(bus.cfg(0x58) & 0xffff, 0x2140);
    }

    #[test]
    fn the_link_gets_what_both_ends_can_do() {
        let mut bus = bus();
        let function = enumerate(&mut bus, &AddressWindows::default()).unwrap();
        bus.set_cfg(0x58, 0x0000_2810);
        let wish = LinkWish { mps_max: 256, mrrs: 1024, rcb128: true, ..LinkWish::default() };
        let link = set_up_link(&mut bus, &function, &wish).unwrap();
        assert_eq!((link.mps, link.mrrs, link.device_tags), (256, 1024, TagWidth::Eight));
        assert_eq!(bus.cfg(0x58) & 0xffff, 0x3930);
        assert_eq!(bus.cfg(0x60) & 8, 8);
        assert_eq!(bus.link, Some(link));
        let greedy = LinkWish { mps_max: 4096, ..LinkWish::default() };
        assert_eq!(set_up_link(&mut bus, &function, &greedy).unwrap().mps, 512);
    }
}
