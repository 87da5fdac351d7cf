// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The fabric carries every packet once, whole, to the right place, posted ones in order [PCIe Base 2.4.1].
//!
//! Packets are noted where they leave and looked for where they arrive. Who a packet is from or for is
//! read off it by the bench's own decoder; bus numbers and addresses are those that software has given out.

use crate::bench::decode::{Class, Decoded, decode};
use crate::finding::{Finding, Kind};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use tlp::{Bdf, Packet, Tick};

/// What is wrong with an arrival.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wrong {
    /// Nothing like it was sent.
    Changed,
    /// It has overtaken posted packets.
    Overtook,
    /// It came out at the wrong place.
    Misrouted,
}

/// Packets of one direction of one endpoint that have left and not arrived.
#[derive(Default)]
struct Way {
    posted: VecDeque<Packet>,
    others: Vec<Packet>,
}

impl Way {
    fn is_empty(&self) -> bool {
        self.posted.is_empty() && self.others.is_empty()
    }

    fn len(&self) -> usize {
        self.posted.len() + self.others.len()
    }

    fn leaves(&mut self, packet: Packet) {
        match decode(&packet).1.class() {
            Class::Posted => self.posted.push_back(packet),
            _ => self.others.push(packet),
        }
    }

    /// Takes an arrival off; what is wrong with it.
    fn arrives(&mut self, packet: &Packet) -> Option<Wrong> {
        if decode(packet).1.class() != Class::Posted {
            return match self.others.iter().position(|p| p == packet) {
                Some(k) => {
                    self.others.swap_remove(k);
                    None
                }
                None => Some(Wrong::Changed),
            };
        }
        match self.posted.iter().position(|p| p == packet) {
            Some(0) => {
                self.posted.pop_front();
                None
            }
            Some(k) => {
                self.posted.remove(k);
                Some(Wrong::Overtook)
            }
            None => Some(Wrong::Changed),
        }
    }
}

/// The watch.
#[derive(Default)]
pub struct Monitor {
    up: Vec<Way>,
    down: Vec<Way>,
    ids: BTreeMap<Bdf, usize>,
    windows: Vec<(Range<u64>, usize)>,
    /// Root port of each endpoint.
    ports: Vec<usize>,
    /// Findings so far.
    pub findings: Vec<Finding>,
    /// Packets compared.
    pub looked: u64,
}

/// A configuration request as it is at the end of its way: type 0.
fn at_its_end(packet: &Packet) -> Packet {
    let mut packet = packet.clone();
    if matches!(packet.header[0] >> 24, 0x05 | 0x45) {
        packet.header[0] &= !(1 << 24);
    }
    packet
}

impl Monitor {
    /// A watch over endpoints below these root ports.
    pub fn new(ports: Vec<usize>) -> Self {
        let ways = || ports.iter().map(|_| Way::default()).collect();
        Self { up: ways(), down: ways(), ports, ..Self::default() }
    }

    /// An endpoint has this id from now on; ids that it had stay known.
    pub fn set_id(&mut self, endpoint: usize, id: Bdf) {
        self.ids.insert(id, endpoint);
    }

    /// Ids that endpoints had are given to others now.
    pub fn forget_ids(&mut self) {
        self.ids.clear();
    }

    /// An endpoint decodes these addresses.
    pub fn set_window(&mut self, endpoint: usize, range: Range<u64>) {
        self.windows.push((range, endpoint));
    }

    /// Whose id this is.
    pub fn owner(&self, id: Bdf) -> Option<usize> {
        self.ids.get(&id).copied()
    }

    /// Who decodes an address.
    pub fn target(&self, address: u64) -> Option<usize> {
        self.windows.iter().find(|(range, _)| range.contains(&address)).map(|(_, n)| *n)
    }

    /// Packets on their way down to an endpoint.
    pub fn on_the_way(&self, endpoint: usize) -> usize {
        self.down[endpoint].len()
    }

    /// Whether packets of an endpoint are on their way up.
    pub fn is_sending(&self, endpoint: usize) -> bool {
        !self.up[endpoint].is_empty()
    }

    /// Whether nothing is under way, but what is for or from these.
    pub fn is_idle(&self, but: impl Fn(usize) -> bool) -> bool {
        (0..self.ports.len()).all(|n| but(n) || self.up[n].is_empty() && self.down[n].is_empty())
    }

    /// A packet leaves an endpoint.
    pub fn up_sent(&mut self, endpoint: usize, packet: &Packet) {
        self.up[endpoint].leaves(packet.clone());
    }

    /// A packet arrives at a root port; whose it is.
    pub fn up_arrived(&mut self, tick: Tick, port: usize, packet: &Packet) -> Option<usize> {
        let id = match decode(packet).1 {
            Decoded::Completion { completer, .. } => completer,
            Decoded::Memory { requester, .. } | Decoded::Message { requester, .. } => requester,
            _ => return None,
        };
        // Bridges answer for themselves and for those that are not there.
        let from = self.owner(id)?;
        self.looked += 1;
        let wrong = if self.ports[from] == port { self.up[from].arrives(packet) } else { Some(Wrong::Misrouted) };
        self.report(tick, wrong, || format!("a packet of {id} at root port {port}, header {:08x?},", packet.header));
        Some(from)
    }

    /// A packet leaves a root port.
    pub fn down_sent(&mut self, port: usize, packet: &Packet) {
        if let Some(to) = self.addressee(packet).filter(|n| self.ports[*n] == port) {
            self.down[to].leaves(at_its_end(packet));
        }
    }

    /// A packet arrives at an endpoint.
    pub fn down_arrived(&mut self, tick: Tick, endpoint: usize, packet: &Packet) {
        let Some(to) = self.addressee(packet) else { return };
        self.looked += 1;
        let wrong = if to == endpoint { self.down[endpoint].arrives(packet) } else { Some(Wrong::Misrouted) };
        self.report(tick, wrong, || format!("a packet at endpoint {endpoint}, header {:08x?},", packet.header));
    }

    /// The link of an endpoint is gone, with all that was on it.
    pub fn forget(&mut self, endpoint: usize) {
        self.up[endpoint] = Way::default();
        self.down[endpoint] = Way::default();
    }

    /// After everything has settled: what has left and not arrived is lost.
    pub fn judge(&mut self, tick: Tick, name: impl Fn(usize) -> Option<String>) {
        for n in 0..self.ports.len() {
            let Some(name) = name(n) else { continue };
            for (way, from) in [(&self.up[n], "from"), (&self.down[n], "for")] {
                if !way.is_empty() {
                    let text = format!("{} packet(s) {from} {name} have left and never arrived", way.len());
                    self.findings.push(Finding { check: "fabric_lost_packet", kind: Kind::Liveness, tick, text });
                }
            }
        }
    }

    fn report(&mut self, tick: Tick, wrong: Option<Wrong>, what: impl FnOnce() -> String) {
        let Some(wrong) = wrong else { return };
        let why = match wrong {
            Wrong::Changed => "was never sent so",
            Wrong::Overtook => "has overtaken posted packets that were sent before it",
            Wrong::Misrouted => "belongs elsewhere",
        };
        let check = match wrong {
            Wrong::Changed => "fabric_changed_packet",
            Wrong::Overtook => "fabric_reordered",
            Wrong::Misrouted => "fabric_misrouted",
        };
        let text = format!("{} {why}", what());
        self.findings.push(Finding { check, kind: Kind::Safety, tick, text });
    }

    fn addressee(&self, packet: &Packet) -> Option<usize> {
        match decode(packet).1 {
            Decoded::Memory { address, .. } => self.target(address),
            Decoded::Completion { requester, .. } => self.owner(requester),
            Decoded::Config { target, .. } => self.owner(target),
            // Configuration requests of type 1 are read as other requests; their target stands in word 2.
            Decoded::OtherNonPosted { .. } if matches!(packet.header[0] >> 24, 0x05 | 0x45) => {
                self.owner(Bdf::from_bits((packet.header[2] >> 16) as u16))
            }
            _ => None,
        }
    }
}
