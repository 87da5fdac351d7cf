// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Host, switches and endpoints in lock step.
//!
//! Time moves in windows that are as long as a link's latency. What is sent inside a window arrives in a later one, so
//! inside a window nobody can hear of another: each is run to the end of the window by itself, in a fixed order, and every
//! packet arrives at exactly the tick at which it would if all ran together (docs/decisions, lock step in windows). Software acts
//! between windows; causes are raised at any tick.

use super::monitor::Monitor;
use super::processors::{Processors, Take};
use super::traffic::Traffic;
use crate::bench::decode::{Decoded, decode};
use crate::bench::log::EventLog;
use crate::bench::world::{Device, Stop, Told};
use crate::check::target::Targets;
use crate::finding::{Finding, Kind};
use host_model::driver::enumerate::Function;
use host_model::fabric::root::RootBus;
use host_model::fabric::switch::Switch;
use host_model::host::Host;
use host_model::rc::requests::{Outcome, TxnId};
use std::collections::BTreeMap;
use tlp::{Bdf, Observed, Packet, Stamped, Tick};
use vectors::op::Source;

/// One end of a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// A root port.
    Host(usize),
    /// Port of a switch.
    Switch(usize, usize),
    /// An endpoint.
    Endpoint(usize),
}

/// What travels on a link.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A packet.
    Packet(Packet),
    /// The cumulative limit of non-posted packets of the sender.
    Limit(u8),
}

/// Whether a packet is a message of INTx.
fn is_wire(packet: &Packet) -> bool {
    matches!(decode(packet).1, Decoded::Message { code: 0x20..=0x27, .. })
}

/// What has arrived, by tick and order of sending.
pub(super) type Inbox<T> = BTreeMap<(Tick, u64), T>;

/// An endpoint in its place.
pub struct Endpoint {
    /// Its name.
    pub name: String,
    /// The device and its watchers.
    pub device: Device,
    /// Where software finds it.
    pub id: Bdf,
    /// What enumeration found.
    pub function: Option<Function>,
    /// Ids of its virtual functions.
    pub virtual_ids: Vec<Bdf>,
    /// Interrupt line of the platform that its INTA comes out at, by what software has found.
    pub line: Option<usize>,
    /// Root port above it.
    pub port: usize,
    /// Remapping unit that it is wired to, as the description says.
    pub unit: usize,
    /// No causes are raised: it is being reset.
    pub quiet: bool,
    /// Software has given it up.
    pub dead: bool,
    /// The description has stopped it.
    pub wedged: bool,
    pub(super) parent: End,
    pub(super) inbox: Inbox<Item>,
}

pub(super) struct SwitchNode {
    pub(super) switch: Switch,
    /// What is at the other end of each port.
    pub(super) peers: Vec<End>,
    pub(super) inbox: Inbox<(usize, Item)>,
    pub(super) time: Tick,
}

/// A message of a source was taken by a local APIC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrived {
    /// When.
    pub tick: Tick,
    /// Endpoint.
    pub endpoint: usize,
    /// Source.
    pub source: Source,
}

/// Everything that simulated time moves.
pub struct Net {
    /// Memory, root complexes, units, APICs.
    pub host: Host,
    /// Root ports as bridges.
    pub root: RootBus,
    /// Endpoints, in the order of the description.
    pub endpoints: Vec<Endpoint>,
    /// Processors.
    pub cpus: Processors,
    /// What the tables of each unit say.
    pub targets: Vec<Targets>,
    /// Last change of each unit's table that the last descriptor queued there covers.
    pub(super) queue_marks: Vec<u64>,
    /// Planted fault: entries are rewritten and not flushed.
    pub(super) forgets_flushes: bool,
    /// Planted fault: what software raises again never comes.
    pub(super) forgets_retriggers: bool,
    /// Planted fault: what a reset has taken from a device is not put back.
    pub(super) forgets_restores: bool,
    /// Watches the fabric.
    pub monitor: Monitor,
    /// Log of the host's side.
    pub log: EventLog,
    /// Findings that belong to no endpoint.
    pub findings: Vec<Finding>,
    /// Causes to come.
    pub traffic: Traffic,
    /// Messages taken since software last looked.
    pub arrived: Vec<Arrived>,
    /// Interrupts taken since software last looked.
    pub takes: Vec<(Tick, Take)>,
    /// Requests that units have blocked: by whom, reason.
    pub blocked: Vec<(usize, u8)>,
    /// Why the simulation cannot go on.
    pub stop: Option<Stop>,
    pub(super) switches: Vec<SwitchNode>,
    pub(super) host_peers: Vec<End>,
    pub(super) host_inbox: Inbox<(usize, Item)>,
    pub(super) host_time: Tick,
    pub(super) host_next: Tick,
    pub(super) outcomes: BTreeMap<TxnId, Outcome>,
    pub(super) selected: Bdf,
    /// Endpoint of the last access.
    pub(super) asked: Option<usize>,
    pub(super) unit: usize,
    pub(super) window: Tick,
    pub(super) now: Tick,
    pub(super) sequence: u64,
    pub(super) seen: Vec<Stamped<Observed>>,
}

impl Net {
    /// The tick that everybody has reached.
    pub fn now(&self) -> Tick {
        self.now
    }

    /// Reports something that belongs to no endpoint.
    pub fn find(&mut self, check: &'static str, kind: Kind, text: String) {
        let tick = self.now;
        self.findings.push(Finding { check, kind, tick, text });
    }

    /// Number of switches.
    pub fn switch_count(&self) -> usize {
        self.switches.len()
    }

    /// A switch, to plant a fault in it.
    pub fn switch_mut(&mut self, n: usize) -> &mut Switch {
        &mut self.switches[n].switch
    }

    /// Root port and pin there that INTA of an endpoint turns into, by how the machine is built [PCIe Base, table 2-21].
    pub(super) fn wire(&self, n: usize) -> (usize, usize) {
        let (mut at, mut turns) = (self.endpoints[n].parent, 0);
        loop {
            match at {
                End::Host(port) => return (port, turns % 4),
                End::Switch(switch, port) => {
                    turns += port - 1;
                    at = self.switches[switch].peers[0];
                }
                End::Endpoint(_) => unreachable!("nothing is below an endpoint"),
            }
        }
    }

    /// Whether nothing is on its way anywhere.
    pub fn is_idle(&self) -> bool {
        self.host.is_idle() && self.host_inbox.is_empty() && self.cpus.is_idle() && self.fabric_is_idle()
    }

    fn fabric_is_idle(&self) -> bool {
        self.switches.iter().all(|s| s.inbox.is_empty() && s.switch.is_idle())
            && self.endpoints.iter().all(|e| e.inbox.is_empty() || e.wedged)
    }

    /// One window: host, switches, endpoints, in the order of the description.
    pub fn window(&mut self) -> Result<(), Stop> {
        let end = self.now + self.window;
        Traffic::raise(self, end);
        self.run_host(end);
        for n in 0..self.switches.len() {
            self.run_switch(n, end);
        }
        for n in 0..self.endpoints.len() {
            self.run_endpoint(n, end)?;
        }
        self.now = end;
        Ok(())
    }

    /// Runs for at least so many ticks.
    pub fn run_for(&mut self, ticks: Tick) -> Result<(), Stop> {
        let end = self.now + ticks;
        while self.now < end {
            self.window()?;
        }
        Ok(())
    }

    /// Puts something on the link at `from`; a packet's tick is that of its end.
    pub(super) fn send(&mut self, from: End, at: Tick, item: Item) {
        let key = (at + self.window, self.sequence);
        self.sequence += 1;
        let to = match from {
            End::Host(port) => self.host_peers[port],
            End::Switch(n, port) => self.switches[n].peers[port],
            End::Endpoint(n) => self.endpoints[n].parent,
        };
        match to {
            End::Host(port) => drop(self.host_inbox.insert(key, (port, item))),
            End::Switch(n, port) => drop(self.switches[n].inbox.insert(key, (port, item))),
            End::Endpoint(n) => drop(self.endpoints[n].inbox.insert(key, item)),
        }
    }

    fn run_host(&mut self, end: Tick) {
        self.host_time = self.host_time.max(self.now);
        loop {
            let arrival = self.host_inbox.first_key_value().map(|((tick, _), _)| (*tick).max(self.host_time));
            let due = self.host.next_due().map(|due| due.max(self.host_next).max(self.host_time));
            let cpu = self.cpus.next_due().map(|due| due.max(self.host_time));
            let Some(now) = [arrival, due, cpu].into_iter().flatten().min().filter(|t| *t < end) else { return };
            self.host_time = now;
            if arrival == Some(now) {
                let Some((_, (port, item))) = self.host_inbox.pop_first() else { return };
                match item {
                    Item::Packet(packet) => self.host_takes(now, port, &packet),
                    Item::Limit(n) => self.host.port_mut(port).non_posted_limit(n),
                }
            } else if due == Some(now) {
                self.host_next = now + 1;
                self.step_host(now, None);
            } else {
                let takes = self.cpus.step(now, self.host.apics_mut(), &mut self.log);
                self.takes.extend(takes.into_iter().map(|t| (now, t)));
            }
        }
    }

    fn host_takes(&mut self, now: Tick, port: usize, packet: &Packet) {
        let from = self.monitor.up_arrived(now, port, packet);
        self.step_host(now, Some((port, packet)));
        // Its credits are back, and when nothing else of it is under way, what it announced is in memory.
        if let Some(n) = from.filter(|n| !self.monitor.is_sending(*n)) {
            self.endpoints[n].device.delivered(now, self.host.mem());
        }
    }

    fn step_host(&mut self, now: Tick, inbound: Option<(usize, &Packet)>) {
        let mut outbound = Vec::new();
        let effects = self.host.step_ports(now, inbound, &mut outbound);
        self.effects(now, effects);
        for (port, packet) in outbound {
            self.monitor.down_sent(port, &packet);
            self.send(End::Host(port), now, Item::Packet(packet));
        }
    }

    fn run_switch(&mut self, n: usize, end: Tick) {
        let mut out = Vec::new();
        loop {
            let node = &mut self.switches[n];
            let time = node.time.max(self.now);
            let arrival = node.inbox.first_key_value().map(|((tick, _), _)| (*tick).max(time));
            let due = node.switch.next_due().map(|due| due.max(time));
            let Some(now) = [arrival, due].into_iter().flatten().min().filter(|t| *t < end) else { return };
            node.time = now;
            if arrival == Some(now) {
                match node.inbox.pop_first() {
                    Some((_, (port, Item::Packet(packet)))) => node.switch.receive(now, port, &packet),
                    Some((_, (port, Item::Limit(limit)))) => node.switch.non_posted_limit(port, limit),
                    None => return,
                }
            } else {
                node.switch.step(now, &mut out);
            }
            let limit = node.switch.take_limit();
            for (port, packet) in out.drain(..) {
                self.send(End::Switch(n, port), now, Item::Packet(packet));
            }
            if let Some(limit) = limit {
                self.send(End::Switch(n, 0), now, Item::Limit(limit));
            }
        }
    }

    fn run_endpoint(&mut self, n: usize, end: Tick) -> Result<(), Stop> {
        let mut seen = std::mem::take(&mut self.seen);
        loop {
            let e = &mut self.endpoints[n];
            let now = e.device.now();
            if now >= end {
                break;
            }
            let arrival = e.inbox.first_key_value().map(|((tick, _), _)| *tick);
            if arrival.is_some_and(|tick| tick <= now) {
                if let Some((_, Item::Packet(packet))) = e.inbox.pop_first() {
                    self.monitor.down_arrived(now, n, &packet);
                    e.device.down(now, packet);
                }
                continue;
            }
            let due = [arrival, e.device.reset_end()].into_iter().flatten().min().unwrap_or(end).max(now + 1).min(end);
            let ran = e.device.dut.run(due, &mut seen);
            for event in seen.drain(..) {
                let at = event.at;
                match self.endpoints[n].device.observed(event) {
                    Some(Told::Packet(packet)) => {
                        // A switch collects the wires of its ports and speaks for itself.
                        let ends = is_wire(&packet) && matches!(self.endpoints[n].parent, End::Switch(..));
                        if !ends {
                            self.monitor.up_sent(n, &packet);
                        }
                        self.endpoints[n].device.grant();
                        self.send(End::Endpoint(n), at, Item::Packet(packet));
                    }
                    Some(Told::NonPostedLimit(limit)) => self.send(End::Endpoint(n), at, Item::Limit(limit)),
                    None => {}
                }
            }
            let device = &mut self.endpoints[n].device;
            device.watch();
            device.end_reset();
            ran.map_err(|e| Stop::Tool(e.0))?;
        }
        self.seen = seen;
        Ok(())
    }
}
