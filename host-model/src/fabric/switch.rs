// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A switch: one upstream port, some downstream ports, each a bridge; packets are routed by address, by id or
//! to the root [PCIe Base 2.2.4, 1.3.3].
//!
//! A packet is received whole, rests `forward` ticks, waits in the queue of (way in, way out) and leaves when the way
//! out is free; a beat of 32 bytes takes a tick. Ways in take turns. Inside a queue the order is that of [PCIe Base
//! 2.4.1] without relaxed or id-based ordering: posted packets pass waiting non-posted ones, completions too, nothing
//! passes a posted packet. Only non-posted packets are ever held up for credits, so there is always something that
//! may leave.
//!
//! Receive buffers for posted packets and completions are not bounded: a partner never waits for them.

use super::bridge::{Bridge, PortKind};
use super::wires::{ASSERT_INTA, DEASSERT_INTA, LOCAL, Wires};
use crate::rc::header::{Body, Class, Header, Kind, Status};
use crate::rc::requests::span_of;
use std::collections::VecDeque;
use tlp::{Bdf, Packet, Tick};

/// How a switch is built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SwitchConfig {
    /// Downstream ports, 1..=32.
    pub ports: usize,
    /// Ticks that a packet rests inside.
    pub forward: Tick,
    /// Non-posted requests that the upstream port takes at a time.
    pub non_posted: u8,
}

/// What a broken switch does: to be planted by those who test whether it is noticed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SwitchFault {
    /// Interrupt messages carry the requester id of another port.
    SwapsRequesters,
    /// A posted packet overtakes another of its own device.
    ReordersPosted,
    /// One posted packet in 64 goes missing.
    LosesPosted,
    /// Memory requests from above leave by the port beside the right one.
    MisroutesRequests,
    /// INTx messages end here, and nothing is said above.
    KeepsWires,
}

struct Waiting {
    class: Class,
    ready: Tick,
    packet: Packet,
}

/// Way out of one port.
struct Egress {
    /// By way in; the last is the switch itself.
    queues: Vec<VecDeque<Waiting>>,
    turn: usize,
    free: Tick,
    /// Cumulative non-posted packets sent and allowed, modulo 2^8; without, infinite.
    sent: u8,
    limit: Option<u8>,
}

/// The switch. Port 0 is the upstream port, port n its n-th downstream port (device n − 1 of its internal bus).
pub struct Switch {
    config: SwitchConfig,
    /// Upstream bridge, then the downstream ones.
    bridges: Vec<Bridge>,
    egress: Vec<Egress>,
    /// Bus on which the upstream port was last addressed.
    bus: u8,
    /// Non-posted requests that may come from above, cumulative.
    granted: u8,
    told: u8,
    fault: Option<SwitchFault>,
    /// INTx wires of each downstream port, and what was said of them above.
    wires: Wires,
    /// For planted faults: ids last seen at each port, posted packets seen.
    ids: Vec<Option<u16>>,
    seen: u64,
}

/// Non-posted packets that an endpoint takes after reset, before it says more.
const NON_POSTED_INITIAL: u8 = 8;

impl Switch {
    /// A switch after reset.
    ///
    /// # Panics
    /// If it has no downstream port, or more than 32.
    pub fn new(config: SwitchConfig) -> Self {
        assert!((1..=32).contains(&config.ports), "{} downstream ports", config.ports);
        let ports = config.ports + 1;
        let kind = |n| if n == 0 { PortKind::Upstream } else { PortKind::Downstream };
        let egress = |n| Egress {
            queues: (0..=ports).map(|_| VecDeque::new()).collect(),
            turn: 0,
            free: 0,
            sent: 0,
            limit: (n > 0).then_some(NON_POSTED_INITIAL),
        };
        Self {
            config,
            bridges: (0..ports).map(|n| Bridge::new(kind(n))).collect(),
            egress: (0..ports).map(egress).collect(),
            bus: 0,
            granted: config.non_posted,
            told: config.non_posted,
            fault: None,
            wires: Wires::new(config.ports),
            ids: vec![None; ports],
            seen: 0,
        }
    }

    /// From now on the switch is broken in this way.
    pub fn plant(&mut self, fault: SwitchFault) {
        self.fault = Some(fault);
    }

    /// The bridge of a port, to look at.
    pub fn bridge(&self, port: usize) -> &Bridge {
        &self.bridges[port]
    }

    /// The partner of a downstream port says how many non-posted packets it can take, cumulative.
    pub fn non_posted_limit(&mut self, port: usize, limit: u8) {
        self.egress[port].limit = Some(limit);
    }

    /// The link of a downstream port was reset: what waited for it is gone, and its wires are low.
    pub fn link_reset(&mut self, now: Tick, port: usize) {
        let egress = &mut self.egress[port];
        let from_above = egress.queues[0].iter().filter(|w| w.class == Class::NonPosted).count();
        self.granted = self.granted.wrapping_add(from_above as u8);
        egress.queues.iter_mut().for_each(VecDeque::clear);
        (egress.sent, egress.limit) = (0, Some(NON_POSTED_INITIAL));
        for pin in 0..4 {
            self.enqueue(now, port, 0, Class::Posted, intx(Bdf::from_bits(0), DEASSERT_INTA + pin));
        }
    }

    /// What the partner above may be told of its non-posted limit, if it has changed.
    pub fn take_limit(&mut self) -> Option<u8> {
        let changed = self.told != self.granted;
        self.told = self.granted;
        changed.then_some(self.told)
    }

    /// Whether nothing waits inside.
    pub fn is_idle(&self) -> bool {
        self.egress.iter().all(|e| e.queues.iter().all(VecDeque::is_empty))
    }

    /// The next tick at which something may leave.
    pub fn next_due(&self) -> Option<Tick> {
        self.egress.iter().filter_map(Egress::next_due).min()
    }

    /// A packet has arrived at a port.
    pub fn receive(&mut self, now: Tick, port: usize, packet: &Packet) {
        let Ok(header) = Header::unpack(&packet.header) else {
            // What cannot be read is for the root complex to complain about.
            if port > 0 {
                self.enqueue(now, port, 0, Class::Posted, packet.clone());
            }
            return;
        };
        let class = header.kind.class();
        if port > 0 {
            self.ids[port] = Some((packet.header[1] >> 16) as u16);
        }
        match header.body {
            Body::Config { target, register, first_be, .. } => {
                self.config_request(now, port, packet, &header, (target, register, first_be));
            }
            Body::Addressed { address, .. } => match self.by_address(port, address) {
                Some(to) => self.forward(now, port, to, class, packet),
                None => self.refuse(now, port, &header),
            },
            Body::Completion { requester, .. } => {
                if let Some(to) = self.by_bus(port, requester.bus()) {
                    self.enqueue(now, port, to, class, packet.clone());
                }
            }
            Body::Message { .. } => self.message(now, port, header.kind, packet),
        }
    }

    /// Appends what leaves at `now`, with its port.
    pub fn step(&mut self, now: Tick, out: &mut Vec<(usize, Packet)>) {
        let reorder = self.fault == Some(SwitchFault::ReordersPosted);
        for port in 0..self.egress.len() {
            let Some((way_in, leaving)) = self.egress[port].pop(now, reorder && port == 0) else { continue };
            if way_in == 0 && leaving.class == Class::NonPosted {
                self.granted = self.granted.wrapping_add(1);
            }
            match wire_code(&leaving.packet).filter(|_| port == 0 && (1..self.bridges.len()).contains(&way_in)) {
                Some(code) => out.extend(self.wire(way_in, code).map(|packet| (port, packet))),
                None => out.push((port, leaving.packet)),
            }
        }
    }

    fn enqueue(&mut self, now: Tick, from: usize, to: usize, class: Class, packet: Packet) {
        let ready = now + self.config.forward;
        self.egress[to].queues[from].push_back(Waiting { class, ready, packet });
    }

    fn forward(&mut self, now: Tick, from: usize, to: usize, class: Class, packet: &Packet) {
        let mut packet = packet.clone();
        let mut to = to;
        match self.fault {
            Some(SwitchFault::SwapsRequesters) if from > 0 && packet.header[2] >> 20 == 0xfee => {
                let other = self.ids.iter().enumerate().find_map(|(n, id)| id.filter(|_| n != from));
                if let Some(other) = other {
                    packet.header[1] = packet.header[1] & 0xffff | u32::from(other) << 16;
                }
            }
            Some(SwitchFault::LosesPosted) if from > 0 && class == Class::Posted => {
                self.seen += 1;
                if self.seen.is_multiple_of(64) {
                    return;
                }
            }
            Some(SwitchFault::MisroutesRequests) if from == 0 => to = to % self.config.ports + 1,
            _ => {}
        }
        self.enqueue(now, from, to, class, packet);
    }

    /// Way out for a memory or IO request; none when nobody takes it or a bridge on the way is closed.
    fn by_address(&self, from: usize, address: u64) -> Option<usize> {
        let below = (1..self.bridges.len()).find(|n| *n != from && self.bridges[*n].claims(address));
        if from == 0 {
            return below.filter(|n| !self.bridges[*n].holds_reset());
        }
        if !self.bridges[from].masters() {
            return None;
        }
        match below {
            Some(peer) => Some(peer),
            // Inside the window of the switch but of no port, or back to where it came from: nobody's.
            None if self.bridges[0].claims(address) => None,
            None => self.bridges[0].masters().then_some(0),
        }
    }

    /// Way out for what is routed by id.
    fn by_bus(&self, from: usize, bus: u8) -> Option<usize> {
        match (1..self.bridges.len()).find(|n| self.bridges[*n].is_below(bus)) {
            Some(port) if port != from => Some(port),
            None if from > 0 && !self.bridges[0].is_below(bus) => Some(0),
            _ => None,
        }
    }

    /// Routing of messages [PCIe Base 2.2.8, table 2-20].
    fn message(&mut self, now: Tick, from: usize, kind: Kind, packet: &Packet) {
        let Kind::Message { routing } = kind else { return };
        match routing {
            // Local: it ends here, and the wire goes on, in its place among the port's packets.
            LOCAL if from > 0 && wire_code(packet).is_some() => {
                self.enqueue(now, from, 0, Class::Posted, packet.clone());
            }
            0 | 5 if from > 0 => self.forward(now, from, 0, Class::Posted, packet),
            2 => {
                if let Some(to) = self.by_bus(from, (packet.header[2] >> 24) as u8) {
                    self.forward(now, from, to, Class::Posted, packet);
                }
            }
            3 if from == 0 => {
                for to in 1..self.bridges.len() {
                    self.enqueue(now, from, to, Class::Posted, packet.clone());
                }
            }
            _ => {}
        }
    }

    /// A message of INTx has come to the head of its queue: the wires of its port change now, behind what the port sent
    /// before it and in the order in which they all leave. What is said above, if the wire there changes.
    fn wire(&mut self, way_in: usize, code: u8) -> Option<Packet> {
        let (pin, level) = self.wires.message(way_in - 1, code)?;
        if self.fault == Some(SwitchFault::KeepsWires) {
            return None;
        }
        let code = if level { ASSERT_INTA } else { DEASSERT_INTA } + pin as u8;
        // The requester is the port that sends it [PCIe Base 2.2.8.1].
        Some(intx(self.id(0), code))
    }

    fn config_request(
        &mut self,
        now: Tick,
        port: usize,
        packet: &Packet,
        header: &Header,
        (target, register, enables): (Bdf, u16, u8),
    ) {
        let (write, type1) = match header.kind {
            Kind::ConfigRead { type1 } => (false, type1),
            Kind::ConfigWrite { type1 } => (true, type1),
            _ => return self.refuse(now, port, header),
        };
        // Configuration comes from above alone.
        if port > 0 {
            return self.refuse(now, port, header);
        }
        let value = write.then(|| packet.data.first().copied().unwrap_or(0));
        if !type1 {
            // Only a write tells a function its number [PCIe Base 2.2.6.2].
            if write {
                self.bus = target.bus();
            }
            let own = target.device() == 0 && target.function() == 0;
            return if own { self.own(now, 0, header, register, enables, value) } else { self.refuse(now, 0, header) };
        }
        if target.bus() == self.bridges[0].secondary() {
            let n = usize::from(target.device()) + 1;
            let there = n < self.bridges.len() && target.function() == 0;
            return if there {
                self.own(now, n, header, register, enables, value)
            } else {
                self.refuse(now, 0, header)
            };
        }
        let to = (1..self.bridges.len()).find(|n| self.bridges[*n].is_below(target.bus()));
        let Some(to) = to.filter(|n| !self.bridges[*n].holds_reset()) else { return self.refuse(now, 0, header) };
        let mut packet = packet.clone();
        if target.bus() == self.bridges[to].secondary() {
            // One device on the link, number 0, unless the number counts functions [PCIe Base 7.3.1, 6.13].
            if target.device() != 0 && !self.bridges[to].forwards_ari() {
                return self.refuse(now, 0, header);
            }
            // Type 1 becomes type 0: bit 0 of Type.
            packet.header[0] &= !(1 << 24);
        }
        self.enqueue(now, 0, to, Class::NonPosted, packet);
    }

    /// An access to the configuration space of one of the bridges.
    fn own(&mut self, now: Tick, n: usize, header: &Header, register: u16, enables: u8, value: Option<u32>) {
        let bridge = &mut self.bridges[n];
        let data = match value {
            Some(value) => {
                bridge.write(register, enables, value);
                None
            }
            None => Some(bridge.read(register)),
        };
        self.granted = self.granted.wrapping_add(1);
        self.answer(now, 0, header, self.id(n), Status::Success, data);
    }

    fn id(&self, n: usize) -> Bdf {
        let (bus, device) = if n == 0 { (self.bus, 0) } else { (self.bridges[0].secondary(), n - 1) };
        Bdf::from_bits(u16::from(bus) << 8 | (device as u16) << 3)
    }

    /// Unsupported: posted requests are dropped, others answered.
    fn refuse(&mut self, now: Tick, port: usize, header: &Header) {
        if header.kind.class() != Class::NonPosted {
            return;
        }
        if port == 0 {
            self.granted = self.granted.wrapping_add(1);
        }
        self.answer(now, port, header, self.id(port), Status::UnsupportedRequest, None);
    }

    fn answer(&mut self, now: Tick, port: usize, to: &Header, completer: Bdf, status: Status, data: Option<u32>) {
        let (byte_count, lower_address) = match (to.kind, span_of(to)) {
            (Kind::MemRead | Kind::MemReadLocked, Some(span)) => (span.byte_count(), span.start() as u8 & 0x7f),
            _ => (4, 0),
        };
        let locked = to.kind == Kind::MemReadLocked;
        let (requester, tag) = (to.requester(), to.tag());
        let body = Body::Completion { completer, requester, tag, status, bcm: false, byte_count, lower_address };
        let mut header = Header::new(Kind::Completion { locked }, data.is_some(), u16::from(data.is_some()), body);
        (header.tc, header.attr) = (to.tc, to.attr);
        let own = self.bridges.len();
        self.enqueue(now, own, port, Class::Completion, header.packet(data));
    }
}

/// A message of INTx.
fn intx(requester: Bdf, code: u8) -> Packet {
    let word = u32::from(requester.bits()) << 16 | u32::from(code);
    Packet::bare([(0x30 | u32::from(LOCAL)) << 24, word, 0, 0])
}

/// The code of a message of INTx.
fn wire_code(packet: &Packet) -> Option<u8> {
    let code = packet.header[1] as u8;
    let message = packet.header[0] >> 24 == 0x30 | u32::from(LOCAL);
    (message && (ASSERT_INTA..0x28).contains(&code)).then_some(code)
}

impl Egress {
    fn has_credit(&self) -> bool {
        self.limit.is_none_or(|limit| limit.wrapping_sub(self.sent) as i8 > 0)
    }

    /// Place of the first packet of a queue that may leave.
    fn candidate(&self, queue: &VecDeque<Waiting>) -> Option<usize> {
        let (mut non_posted, mut completion) = (false, false);
        for (k, w) in queue.iter().enumerate() {
            match w.class {
                // Nothing behind it passes a posted packet, and what is in front of it has been looked at.
                Class::Posted => return Some(k),
                Class::NonPosted if !non_posted && self.has_credit() => return Some(k),
                Class::NonPosted => non_posted = true,
                Class::Completion if !completion => return Some(k),
                Class::Completion => completion = true,
            }
        }
        None
    }

    fn next_due(&self) -> Option<Tick> {
        let ready = self.queues.iter().filter_map(|q| self.candidate(q).map(|k| q[k].ready)).min()?;
        Some(ready.max(self.free))
    }

    /// The next packet to leave at `now`, and its way in.
    fn pop(&mut self, now: Tick, reorder: bool) -> Option<(usize, Waiting)> {
        if now < self.free {
            return None;
        }
        let ways = self.queues.len();
        for step in 0..ways {
            let way_in = (self.turn + step) % ways;
            let queue = &self.queues[way_in];
            let Some(mut k) = self.candidate(queue).filter(|k| queue[*k].ready <= now) else { continue };
            if reorder && let Some(later) = queue.iter().rposition(|w| w.class == Class::Posted) {
                k = later;
            }
            let leaving = self.queues[way_in].remove(k)?;
            self.turn = way_in + 1;
            self.free = now + 1 + leaving.packet.data.len() as Tick / 8;
            if leaving.class == Class::NonPosted {
                self.sent = self.sent.wrapping_add(1);
            }
            return Some((way_in, leaving));
        }
        None
    }
}

#[cfg(test)]
mod tests;
