// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Enumeration across bridges, as Linux does it (drivers/pci/probe.c, setup-bus.c): buses are numbered depth first,
//! each function gets its addresses, each bridge the windows that cover what is below it.
//!
//! [PCIe Base 7.3.1, 7.5.1.3; PCI-to-PCI Bridge 3.2.5.] A link has device 0 alone; the internal bus of a switch has 32.

use super::enumerate::{self, AddressWindows, EnumError, Function};
use super::{Bus, BusError, caps, sriov};
use std::ops::Range;
use tlp::Bdf;

const COMMAND: u16 = 0x04;
const BUSES: u16 = 0x18;
const MEMORY: u16 = 0x20;
const PREFETCH: u16 = 0x24;
const DEVICE_CAPABILITIES_2: u16 = 0x64;
const DEVICE_CONTROL_2: u16 = 0x68;
/// ARI Forwarding Supported and ARI Forwarding Enable.
const ARI_FORWARDING: u32 = 1 << 5;
const MEBIBYTE: u64 = 1 << 20;
/// Device/Port Type of a switch's upstream port: 32 devices are on its other side.
const UPSTREAM: u32 = 5;

/// A bus with more than one function on it: configuration accesses go to the one selected last.
pub trait Segment: Bus {
    /// The next configuration accesses are for `id`.
    fn select(&mut self, id: Bdf);
}

/// A bridge with what is behind it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Branch {
    /// Where the bridge is.
    pub id: Bdf,
    /// Bus behind it.
    pub secondary: u8,
    /// Last bus behind it.
    pub subordinate: u8,
    /// What is behind it.
    pub below: Vec<Node>,
}

/// Something on a bus.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Node {
    /// A bridge.
    Bridge(Branch),
    /// A function with its addresses.
    Function(Bdf, Function),
}

/// Everything found, bus 0 first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hierarchy {
    /// On bus 0.
    pub top: Vec<Node>,
    /// Addresses kept for the virtual functions of each function, in their order; empty where there are none.
    pub virtual_windows: Vec<Range<u64>>,
}

impl Hierarchy {
    /// All functions, depth first: the order of their numbers.
    pub fn functions(&self) -> Vec<(Bdf, &Function)> {
        fn walk<'a>(nodes: &'a [Node], found: &mut Vec<(Bdf, &'a Function)>) {
            for node in nodes {
                match node {
                    Node::Bridge(b) => walk(&b.below, found),
                    Node::Function(id, f) => found.push((*id, f)),
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.top, &mut found);
        found
    }

    /// The root port that a bus is behind.
    pub fn root_port(&self, bus: u8) -> Option<Bdf> {
        let bridges = self.top.iter().filter_map(|n| if let Node::Bridge(b) = n { Some(b) } else { None });
        bridges.into_iter().find(|b| (b.secondary..=b.subordinate).contains(&bus)).map(|b| b.id)
    }

    /// Where pin A of a function with this bus and device number comes out on bus 0: the pin there, counted from the interrupt
    /// lines of the platform (pci_common_swizzle, with the root port's device number last).
    pub fn line(&self, bus: u8, device: u8) -> Option<usize> {
        fn walk(nodes: &[Node], bus: u8, device: u8) -> Option<usize> {
            nodes.iter().find_map(|node| match node {
                Node::Bridge(b) if b.secondary == bus => Some(usize::from(device) + usize::from(b.id.device())),
                Node::Bridge(b) => walk(&b.below, bus, device).map(|pin| pin + usize::from(b.id.device())),
                Node::Function(..) => None,
            })
        }
        walk(&self.top, bus, device).map(|turns| turns % 4)
    }

    /// All bridges, depth first.
    pub fn bridges(&self) -> Vec<&Branch> {
        fn walk<'a>(nodes: &'a [Node], found: &mut Vec<&'a Branch>) {
            for node in nodes {
                if let Node::Bridge(b) = node {
                    found.push(b);
                    walk(&b.below, found);
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.top, &mut found);
        found
    }
}

/// How far numbers and addresses have been given out.
struct Given {
    bus: u8,
    windows: AddressWindows,
    virtual_windows: Vec<Range<u64>>,
}

fn id(bus: u8, device: u8) -> Bdf {
    Bdf::from_bits(u16::from(bus) << 8 | u16::from(device) << 3)
}

fn present(segment: &mut dyn Segment, id: Bdf) -> Result<bool, BusError> {
    segment.select(id);
    match segment.cfg_read(0, 4) {
        Ok(ids) => Ok(ids as u16 != 0xffff),
        Err(BusError::UnsupportedRequest { .. }) => Ok(false),
        Err(e) => Err(e),
    }
}

/// Enumerates everything below bus 0; the first bus behind a root port gets number `first`.
pub fn scan(segment: &mut dyn Segment, windows: &AddressWindows, first: u8) -> Result<Hierarchy, EnumError> {
    let mut given = Given { bus: first.saturating_sub(1), windows: windows.clone(), virtual_windows: Vec::new() };
    let top = scan_bus(segment, 0, 32, &mut given)?;
    Ok(Hierarchy { top, virtual_windows: given.virtual_windows })
}

fn scan_bus(segment: &mut dyn Segment, bus: u8, devices: u8, given: &mut Given) -> Result<Vec<Node>, EnumError> {
    let mut nodes = Vec::new();
    for device in 0..devices {
        let id = id(bus, device);
        if !present(segment, id)? {
            continue;
        }
        nodes.push(match segment.cfg_read(0x0e, 1)? & 0x7f {
            0 => {
                let function = enumerate::enumerate(segment, &given.windows)?;
                for bar in &function.bars {
                    let window = if bar.wide { &mut given.windows.high } else { &mut given.windows.low };
                    window.start = window.start.max(bar.address + bar.size);
                }
                // sriov_init: the bridges above have to let the memory of virtual functions through.
                let high = &mut given.windows.high;
                let room = sriov::room(segment, &function)?.map_or(high.start..high.start, |(each, all)| {
                    let start = high.start.next_multiple_of(each);
                    start..start + all
                });
                high.start = room.end;
                given.virtual_windows.push(room);
                Node::Function(id, function)
            }
            _ => Node::Bridge(scan_bridge(segment, id, given)?),
        });
    }
    Ok(nodes)
}

/// Numbers what is behind a bridge, then opens the bridge for what was found.
fn scan_bridge(segment: &mut dyn Segment, id: Bdf, given: &mut Given) -> Result<Branch, EnumError> {
    let port_type = segment.cfg_read(0x42, 2)? >> 4 & 0xf;
    given.bus += 1;
    let secondary = given.bus;
    // Everything above is behind it until it is known how much there is.
    write_buses(segment, id, secondary, 0xff)?;
    for range in [&mut given.windows.low, &mut given.windows.high] {
        range.start = range.start.next_multiple_of(MEBIBYTE);
    }
    let start = (given.windows.low.start, given.windows.high.start);
    let below = scan_bus(segment, secondary, if port_type == UPSTREAM { 32 } else { 1 }, given)?;
    let subordinate = given.bus;
    write_buses(segment, id, secondary, subordinate)?;
    let ari = |node: &Node| matches!(node, Node::Function(_, f) if caps::find(&f.extended, caps::id::ARI).is_some());
    if below.iter().any(ari) {
        forward_ari(segment, id)?;
    }
    for range in [&mut given.windows.low, &mut given.windows.high] {
        range.start = range.start.next_multiple_of(MEBIBYTE);
    }
    segment.select(id);
    window(segment, MEMORY, start.0, given.windows.low.start)?;
    window(segment, PREFETCH, start.1, given.windows.high.start)?;
    segment.cfg_write(PREFETCH + 4, 4, (start.1 >> 32) as u32)?;
    segment.cfg_write(PREFETCH + 8, 4, ((given.windows.high.start - 1) >> 32) as u32)?;
    let command = segment.cfg_read(COMMAND, 2)?;
    segment.cfg_write(COMMAND, 2, command | 6)?;
    Ok(Branch { id, secondary, subordinate, below })
}

/// pci_configure_ari: the bridge above a function with ARI, where it can.
fn forward_ari(segment: &mut dyn Segment, id: Bdf) -> Result<(), BusError> {
    segment.select(id);
    if segment.cfg_read(DEVICE_CAPABILITIES_2, 4)? & ARI_FORWARDING == 0 {
        return Ok(());
    }
    let control = segment.cfg_read(DEVICE_CONTROL_2, 2)?;
    segment.cfg_write(DEVICE_CONTROL_2, 2, control | ARI_FORWARDING)
}

fn write_buses(segment: &mut dyn Segment, id: Bdf, secondary: u8, subordinate: u8) -> Result<(), BusError> {
    segment.select(id);
    let buses = u32::from(subordinate) << 16 | u32::from(secondary) << 8 | u32::from(id.bus());
    segment.cfg_write(BUSES, 4, buses)
}

/// Base and limit of a window `first..end`; an empty one is closed, its base above its limit.
fn window(segment: &mut dyn Segment, register: u16, first: u64, end: u64) -> Result<(), BusError> {
    let (base, limit) = if first == end { (0xfff0_0000, 0) } else { (first, end - 1) };
    segment.cfg_write(register, 4, (base >> 16) as u32 & 0xfff0 | limit as u32 & 0xfff0_0000)
}

/// Gives every bus behind the root ports the number `by` higher, from the top down; a function learns its new bus
/// from the next configuration write, which is a rewrite of its command register [PCIe Base 2.2.6.2]. Nothing else of
/// any function may be under way.
pub fn renumber(segment: &mut dyn Segment, hierarchy: &Hierarchy, by: u8) -> Result<Hierarchy, EnumError> {
    fn walk(segment: &mut dyn Segment, nodes: &[Node], bus: u8, by: u8) -> Result<Vec<Node>, EnumError> {
        let mut moved = Vec::new();
        for node in nodes {
            moved.push(match node {
                Node::Bridge(b) => {
                    let here = id(bus, b.id.device());
                    let (secondary, subordinate) = (b.secondary + by, b.subordinate + by);
                    write_buses(segment, here, secondary, subordinate)?;
                    let below = walk(segment, &b.below, secondary, by)?;
                    Node::Bridge(Branch { id: here, secondary, subordinate, below })
                }
                Node::Function(old, f) => {
                    let here = id(bus, old.device());
                    segment.select(here);
                    let command = segment.cfg_read(COMMAND, 2)?;
                    segment.cfg_write(COMMAND, 2, command)?;
                    Node::Function(here, f.clone())
                }
            });
        }
        Ok(moved)
    }
    // The highest numbers first, so that no two root ports own a bus at a time.
    let mut top = Vec::new();
    for node in hierarchy.top.iter().rev() {
        top.extend(walk(segment, std::slice::from_ref(node), 0, by)?);
    }
    top.reverse();
    Ok(Hierarchy { top, virtual_windows: hierarchy.virtual_windows.clone() })
}

#[cfg(test)]
mod tests;
