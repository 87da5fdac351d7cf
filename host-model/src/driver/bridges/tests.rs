// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Enumeration over the model of a switch: two leaves below it, one beside it.

use super::super::fake::FakeBus;
use super::*;
use crate::fabric::root::{RootBus, Route};
use crate::fabric::switch::{Switch, SwitchConfig};
use crate::rc::header::{Body, Header, Kind};
use crate::rc::{Digests, LinkSettings};
use tlp::Packet;

struct Machine {
    root: RootBus,
    switch: Switch,
    /// Below the switch, then below the second root port.
    leaves: Vec<FakeBus>,
    selected: Bdf,
    now: u64,
    /// Requests that each leaf has taken: so many more it can.
    taken: [u8; 4],
}

fn leaf() -> FakeBus {
    let mut bus = FakeBus::new();
    bus.set_cfg(0x00, 0x1a35_1234);
    bus.set_cfg(0x08, 0x1200_0001);
    bus.chain(&[(0x50, 0x10)]);
    bus.bar(0x10, 0xffff_0000, 0);
    bus.bar(0x18, 0xfff0_0000, 0xc);
    bus.bar(0x1c, 0xffff_ffff, 0);
    bus
}

fn machine() -> Machine {
    let switch = Switch::new(SwitchConfig { ports: 3, forward: 1, non_posted: 8 });
    let leaves = (0..3).map(|_| leaf()).collect();
    Machine { root: RootBus::new(2), switch, leaves, selected: Bdf::from_bits(0), now: 0, taken: [0; 4] }
}

impl Machine {
    /// Sends a packet from above; where it came out, or the answer of the switch.
    fn send(&mut self, packet: &Packet) -> Option<(usize, Packet)> {
        self.now += 100;
        self.switch.receive(self.now, 0, packet);
        let mut out = Vec::new();
        (0..20).for_each(|k| self.switch.step(self.now + k, &mut out));
        let (port, packet) = out.pop()?;
        if port > 0 {
            self.taken[port] = self.taken[port].wrapping_add(1);
            self.switch.non_posted_limit(port, self.taken[port].wrapping_add(8));
        }
        Some((port, packet))
    }

    fn access(&mut self, reg: u16, len: u8, value: Option<u32>) -> Result<u32, BusError> {
        let (register, shift, target) = (reg & !3, 8 * u32::from(reg & 3), self.selected);
        let first_be = (((1u16 << len) - 1) << (reg & 3)) as u8;
        let absent = || BusError::UnsupportedRequest { access: format!("{target}") };
        let at_leaf = |leaf: &mut FakeBus| match value {
            Some(value) => leaf.cfg_write(reg, len, value).map(|()| 0),
            None => leaf.cfg_read(reg, len),
        };
        let word = match (self.root.route(target), value) {
            (Route::Nobody, _) => return Err(absent()),
            (Route::Own(port), None) => self.root.ports[port].read(register),
            (Route::Own(port), Some(value)) => {
                self.root.ports[port].write(register, first_be, value << shift);
                0
            }
            (Route::Below { port: 1, .. }, _) => return at_leaf(&mut self.leaves[2]),
            (Route::Below { type1, .. }, _) => {
                let requester = Bdf::from_bits(0);
                let body = Body::Config { requester, tag: 1, target, register, first_be, last_be: 0 };
                let kind = if value.is_some() { Kind::ConfigWrite { type1 } } else { Kind::ConfigRead { type1 } };
                let packet = Header::new(kind, value.is_some(), 1, body).packet(value.map(|v| v << shift));
                match self.send(&packet) {
                    Some((0, answer)) if answer.header[1] >> 13 & 7 == 0 => answer.data.first().copied().unwrap_or(0),
                    Some((0, _)) => return Err(absent()),
                    // The third port has nothing at its other end.
                    Some((n, _)) if n < 3 => return at_leaf(&mut self.leaves[n - 1]),
                    _ => return Err(absent()),
                }
            }
        };
        let word = word >> shift;
        Ok(if len == 4 { word } else { word & ((1 << (8 * len)) - 1) })
    }
}

fn nothing<T>() -> Result<T, BusError> {
    Err(BusError::Failed { access: "fake access".into(), why: "configuration alone".into() })
}

impl Bus for Machine {
    fn cfg_read(&mut self, reg: u16, len: u8) -> Result<u32, BusError> {
        self.access(reg, len, None)
    }

    fn cfg_write(&mut self, reg: u16, len: u8, value: u32) -> Result<(), BusError> {
        self.access(reg, len, Some(value)).map(|_| ())
    }

    fn mem_read(&mut self, _: u64, _: u8) -> Result<u64, BusError> {
        nothing()
    }

    fn mem_write(&mut self, _: u64, _: u8, _: u64) -> Result<(), BusError> {
        nothing()
    }

    fn dram_read(&mut self, _: u64, _: &mut [u8]) -> Result<(), BusError> {
        nothing()
    }

    fn dram_write(&mut self, _: u64, _: &[u8]) -> Result<(), BusError> {
        nothing()
    }

    fn vtd_read(&mut self, _: u32, _: u8) -> Result<u64, BusError> {
        nothing()
    }

    fn vtd_write(&mut self, _: u32, _: u8, _: u64) -> Result<(), BusError> {
        nothing()
    }

    fn wait(&mut self, _: u64) -> Result<(), BusError> {
        Ok(())
    }

    fn set_link(&mut self, _: LinkSettings) -> Result<(), BusError> {
        Ok(())
    }

    fn set_digests(&mut self, _: Digests) -> Result<(), BusError> {
        Ok(())
    }
}

impl Segment for Machine {
    fn select(&mut self, id: Bdf) {
        self.selected = id;
    }
}

fn ids(found: &Hierarchy) -> Vec<u16> {
    found.functions().iter().map(|(id, _)| id.bits()).collect()
}

#[test]
fn buses_are_numbered_depth_first_and_windows_lead_to_their_leaves() {
    let mut m = machine();
    let found = scan(&mut m, &AddressWindows::default(), 1).unwrap();
    assert_eq!(ids(&found), [0x0300, 0x0400, 0x0600]);
    let bridges: Vec<_> = found.bridges().iter().map(|b| (b.id.bits(), b.secondary, b.subordinate)).collect();
    let wanted = [(0x0000, 1, 5), (0x0100, 2, 5), (0x0200, 3, 3), (0x0208, 4, 4), (0x0210, 5, 5), (0x0008, 6, 6)];
    assert_eq!(bridges, wanted);
    let mut taken: Vec<(u64, u64)> = Vec::new();
    for (n, (_, function)) in found.functions().into_iter().enumerate() {
        assert_eq!(function.bars.len(), 2);
        for bar in &function.bars {
            let (first, last) = (bar.address, bar.address + bar.size - 1);
            assert!(taken.iter().all(|(f, l)| last < *f || first > *l), "{first:#x}");
            taken.push((first, last));
            for address in [first, last & !3] {
                assert_eq!(m.root.claims(address), Some(n / 2), "{address:#x}");
                if n < 2 {
                    let requester = Bdf::from_bits(0);
                    let body = Body::Addressed { requester, tag: 0, address, hint: 0, first_be: 0xf, last_be: 0 };
                    let write = Header::new(Kind::MemWrite, true, 1, body).packet([1]);
                    assert_eq!(m.send(&write), Some((n + 1, write)));
                }
            }
        }
    }
}

#[test]
fn after_renumbering_everything_answers_under_its_new_number_alone() {
    let mut m = machine();
    let found = scan(&mut m, &AddressWindows::default(), 1).unwrap();
    let moved = renumber(&mut m, &found, 9).unwrap();
    assert_eq!(ids(&moved), [0x0c00, 0x0d00, 0x0f00]);
    for (old, new) in ids(&found).into_iter().zip(ids(&moved)) {
        assert!(!present(&mut m, Bdf::from_bits(old)).unwrap());
        assert!(present(&mut m, Bdf::from_bits(new)).unwrap());
    }
    // Each was told by a write.
    assert!(m.leaves.iter().all(|leaf| leaf.cfg_log.last().is_some_and(|(reg, _)| *reg == COMMAND)));
}

#[test]
fn pins_turn_with_the_devices_on_their_way() {
    let bare = Function { vendor: 1, device: 2, class: 3, bars: vec![], caps: vec![], extended: vec![] };
    let function = |bus: u16| Node::Function(Bdf::from_bits(bus << 8), bare.clone());
    let bridge = |id: u16, secondary, subordinate, below| {
        Node::Bridge(Branch { id: Bdf::from_bits(id), secondary, subordinate, below })
    };
    // Root port 3, a switch below it (bus 2 inside), a leaf at its device 2, and a leaf at root port 6.
    let leaf = bridge(0x0210, 3, 3, vec![function(3)]);
    let top =
        vec![bridge(3 << 3, 1, 3, vec![bridge(0x0100, 2, 3, vec![leaf])]), bridge(6 << 3, 4, 4, vec![function(4)])];
    let found = Hierarchy { top, virtual_windows: Vec::new() };
    assert_eq!((found.line(3, 0), found.line(4, 0), found.line(9, 0)), (Some(1), Some(2), None));
    assert_eq!(found.root_port(3), Some(Bdf::from_bits(3 << 3)));
}
