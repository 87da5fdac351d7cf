// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Joins memory, root ports, remapping units and APICs.
//!
//! One root port behind one unit is what most benches need, and what [`Host::new`] gives. More
//! of both are added with [`Host::add_unit`] and [`Host::add_port`]: they share memory and APICs; a unit has
//! the requests of its own ports alone, as the device scope of a DRHD says [VT-d 8.3].
//!
//! ```text
//!   device ──> root complex ──write──> memory
//!                   │ one DWORD to 0xFEEx_xxxx
//!                   v
//!            remapping unit ──message──> local APICs
//! ```
//!
//! A bench moves packets and time:
//!
//! ```
//! use host_model::host::{Host, HostConfig};
//! use host_model::rc::requests::{Outcome, Request};
//!
//! let mut host = Host::new(HostConfig::default(), 1);
//! let txn = host.submit(0, Request::MemWrite { address: 0xd000_1000, data: vec![1, 0, 0, 0] });
//! // Something is ready to leave, so a step is due.
//! assert!(host.next_due().is_some_and(|due| due <= 0));
//! let effects = host.step(0, None);
//! assert_eq!(effects.outbound.len(), 1); // for the device
//! assert_eq!(effects.completed, [(txn, Outcome::Sent)]); // posted: no answer follows
//! assert_eq!(host.next_due(), None); // until a packet comes: host.step(now, Some(&packet))
//! ```

use tlp::{Packet, Tick};

use crate::apic::{ApicConfig, Apics, Arrival};
use crate::interrupt::{ApicMessage, InterruptRequest};
use crate::mem::HostMemory;
use crate::rc::finding::HostFinding;
use crate::rc::requests::{Outcome, Request, TxnId};
use crate::rc::{DeviceMessage, DmaWrite, RcConfig, RootComplex};
use crate::remap::amdvi::{AmdVi, AmdViConfig};
use crate::remap::passthrough::NoRemap;
use crate::remap::vtd::{Vtd, VtdConfig};
use crate::remap::{EventMessage, FaultReason, RemapEffect, RemapUnit};

/// The remapping unit of the platform.
#[derive(Clone, Debug)]
pub enum RemapConfig {
    /// None: every request is in compatibility format.
    None {
        /// Destination ids have 15 bits.
        extended: bool,
    },
    /// Intel VT-d. Its `seed` is replaced by the one given to [`Host::new`].
    Vtd(VtdConfig),
    /// AMD-Vi. Its `seed` is replaced likewise.
    AmdVi(AmdViConfig),
}

/// How the host is built.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// The root complex.
    pub rc: RcConfig,
    /// The remapping unit.
    pub remap: RemapConfig,
    /// One local APIC per CPU, CPU 0 first.
    pub apics: Vec<ApicConfig>,
}

impl Default for HostConfig {
    /// Four CPUs in x2APIC mode with ids 0 to 3 behind VT-d.
    fn default() -> Self {
        Self {
            rc: RcConfig::default(),
            remap: RemapConfig::Vtd(VtdConfig::default()),
            apics: (0..4).map(ApicConfig::x2apic).collect(),
        }
    }
}

/// An interrupt request that reached the APICs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// The request as the device wrote it.
    pub request: InterruptRequest,
    /// Index of the remapping table entry used; `None` without remapping.
    pub index: Option<u32>,
    /// The message that went to the APICs.
    pub message: ApicMessage,
    /// What each addressed APIC did with it; empty when the destination names none.
    pub arrivals: Vec<Arrival>,
}

/// An interrupt request that went into a posted descriptor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PostedDelivery {
    /// The request as the device wrote it.
    pub request: InterruptRequest,
    /// Index of the remapping table entry used.
    pub index: u32,
    /// Address of the descriptor.
    pub descriptor: u64,
    /// The bit of PIR that was set.
    pub vector: u8,
    /// It was set before.
    pub merged: bool,
    /// What each addressed APIC did with the notification; empty without one.
    pub arrivals: Vec<Arrival>,
}

/// An interrupt request that the remapping unit dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Blocked {
    /// The request as the device wrote it.
    pub request: InterruptRequest,
    /// Interrupt index, 17 bits, once it was computed.
    pub index: Option<u32>,
    /// Why.
    pub reason: FaultReason,
    /// Whether a fault record was written.
    pub recorded: bool,
}

/// An interrupt that the remapping unit sent for itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnitEvent {
    /// The message as software programmed it.
    pub message: EventMessage,
    /// What each addressed APIC did with it; empty when it went to memory or to nobody.
    pub arrivals: Vec<Arrival>,
}

/// What one step brought.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Effects {
    /// Packets for the device in the order in which they must reach it, none before its tick.
    pub outbound: Vec<(Tick, Packet)>,
    /// Requests of the host that ended.
    pub completed: Vec<(TxnId, Outcome)>,
    /// Interrupt requests that the root complex took from the device, in order of arrival.
    pub interrupts: Vec<InterruptRequest>,
    /// Requests that reached the APICs, in order.
    pub deliveries: Vec<Delivery>,
    /// Requests that went into posted descriptors, in order.
    pub posted: Vec<PostedDelivery>,
    /// Requests that the remapping unit dropped, in order.
    pub blocked: Vec<Blocked>,
    /// Fault events and invalidation completion events, in order.
    pub unit_events: Vec<UnitEvent>,
    /// Everything that the remapping unit did, deliveries and drops included, in order.
    pub remap: Vec<RemapEffect>,
    /// Device writes that reached memory, in order.
    pub writes: Vec<DmaWrite>,
    /// Messages of the device.
    pub messages: Vec<DeviceMessage>,
    /// What the device did wrong at packet level.
    pub findings: Vec<HostFinding>,
}

/// The host side of the link.
///
/// Nothing happens between calls: [`next_due`](Self::next_due) names the tick at which
/// the next [`step`](Self::step) is needed when no packet comes before. One call of
/// `step` takes at most one packet; several packets of one tick take several calls.
#[derive(Clone)]
pub struct Host {
    mem: HostMemory,
    ports: Vec<Port>,
    units: Vec<Box<dyn RemapUnit>>,
    apics: Apics,
    seed: u64,
}

/// A root port and the remapping unit that its requests go through.
#[derive(Clone)]
struct Port {
    rc: RootComplex,
    unit: usize,
}

/// Seed of the n-th port or unit; those of number 0 are the host's own.
fn seed_of(seed: u64, n: usize) -> u64 {
    seed ^ (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn unit_of(config: RemapConfig, seed: u64) -> Box<dyn RemapUnit> {
    match config {
        RemapConfig::None { extended } => Box::new(NoRemap::new(extended)),
        RemapConfig::Vtd(vtd) => Box::new(Vtd::new(VtdConfig { seed, ..vtd })),
        RemapConfig::AmdVi(amd) => Box::new(AmdVi::new(AmdViConfig { seed, ..amd })),
    }
}

impl Host {
    /// A host after reset. `seed` starts every random stream in it.
    ///
    /// # Panics
    /// If the APICs or the remapping unit are configured impossibly; see
    /// [`Apics::new`] and [`Vtd::new`].
    pub fn new(config: HostConfig, seed: u64) -> Self {
        let port = Port { rc: RootComplex::new(config.rc, seed), unit: 0 };
        let units = vec![unit_of(config.remap, seed)];
        Self { mem: HostMemory::new(), ports: vec![port], units, apics: Apics::new(&config.apics), seed }
    }

    /// Adds a remapping unit; its number.
    pub fn add_unit(&mut self, config: RemapConfig) -> usize {
        self.units.push(unit_of(config, seed_of(self.seed, self.units.len())));
        self.units.len() - 1
    }

    /// Adds a root port whose interrupt requests go through `unit`; its number.
    ///
    /// # Panics
    /// If there is no such unit.
    pub fn add_port(&mut self, config: RcConfig, unit: usize) -> usize {
        let n = self.ports.len();
        let mut rc = RootComplex::new(config, seed_of(self.seed, n));
        rc.number_from((n as u64) << 48);
        self.ports.push(Port { rc, unit: 0 });
        self.wire(n, unit);
        n
    }

    /// From now on the interrupt requests of `port` go through `unit`.
    ///
    /// # Panics
    /// If there is no such port or unit.
    pub fn wire(&mut self, port: usize, unit: usize) {
        assert!(unit < self.units.len(), "no remapping unit {unit}");
        self.ports[port].unit = unit;
    }

    /// Takes a packet from the device (if any) and does what is due at `now`.
    /// Ticks must not go backwards. For a host with one root port.
    pub fn step(&mut self, now: Tick, inbound: Option<&Packet>) -> Effects {
        let mut outbound = Vec::new();
        let mut effects = self.step_ports(now, inbound.map(|packet| (0, packet)), &mut outbound);
        effects.outbound.extend(outbound.into_iter().map(|(_, packet)| (now, packet)));
        effects
    }

    /// As [`step`](Self::step) for any number of root ports: takes a packet at one of them and appends those that
    /// leave, with their ports, to `outbound`; [`Effects::outbound`] stays empty.
    pub fn step_ports(
        &mut self,
        now: Tick,
        inbound: Option<(usize, &Packet)>,
        outbound: &mut Vec<(usize, Packet)>,
    ) -> Effects {
        let mut effects = Effects::default();
        for n in 0..self.ports.len() {
            let packet = inbound.filter(|(at, _)| *at == n).map(|(_, packet)| packet);
            // Each step of a port costs; most have nothing to do at most ticks.
            if packet.is_some() || self.ports.len() == 1 || self.ports[n].rc.next_due().is_some_and(|due| due <= now) {
                self.step_port(now, n, packet, outbound, &mut effects);
            }
        }
        let mut remap = Vec::new();
        for unit in &mut self.units {
            unit.step(now, &mut self.mem, &mut remap);
        }
        for effect in &remap {
            self.follow(effect, &mut effects);
        }
        if remap.iter().any(|e| matches!(e, RemapEffect::TranslationsInvalidated { drain: true })) {
            // No software runs before this step has ended, so the status of a wait behind it is not seen earlier.
            self.ports.iter_mut().for_each(|port| port.rc.drain_reads(&self.mem));
        }
        effects.remap = remap;
        effects
    }

    fn step_port(
        &mut self,
        now: Tick,
        n: usize,
        inbound: Option<&Packet>,
        outbound: &mut Vec<(usize, Packet)>,
        effects: &mut Effects,
    ) {
        let port = &mut self.ports[n];
        let unit = &mut self.units[port.unit];
        let rc = port.rc.step_behind(now, inbound, &mut self.mem, &mut |access, mem| unit.translate(access, now, mem));
        for request in &rc.interrupts {
            self.units[port.unit].request(*request, now, &self.mem);
        }
        outbound.extend(rc.outbound.into_iter().map(|packet| (n, packet)));
        effects.completed.extend(rc.completed);
        effects.interrupts.extend(rc.interrupts);
        effects.writes.extend(rc.writes);
        effects.messages.extend(rc.messages);
        effects.findings.extend(rc.findings);
    }

    /// The next tick at which [`step`](Self::step) has work; a tick in the past means now.
    pub fn next_due(&self) -> Option<Tick> {
        let ports = self.ports.iter().filter_map(|port| port.rc.next_due());
        ports.chain(self.units.iter().filter_map(|unit| unit.next_due())).min()
    }

    /// Whether the host neither waits for the device nor owes it anything, and no
    /// interrupt is inside the remapping unit.
    pub fn is_idle(&self) -> bool {
        self.ports.iter().all(|port| port.rc.is_idle()) && self.units.iter().all(|unit| unit.next_due().is_none())
    }

    /// Queues a request to the device. Its outcome comes with the [`Effects`] of a later step.
    pub fn submit(&mut self, now: Tick, request: Request) -> TxnId {
        self.submit_at(now, 0, request)
    }

    /// Queues a request to what is below a root port.
    pub fn submit_at(&mut self, now: Tick, port: usize, request: Request) -> TxnId {
        self.ports[port].rc.submit(now, request)
    }

    /// The device's cumulative limit of non-posted requests, modulo 2^8, as it reports it.
    pub fn non_posted_limit(&mut self, limit: u8) {
        self.ports[0].rc.non_posted_limit(limit);
    }

    /// A processor reads `bytes` (4 or 8) of the remapping unit's register page.
    pub fn vtd_read(&self, offset: u32, bytes: u8) -> u64 {
        self.unit_read(0, offset, bytes)
    }

    /// As [`vtd_read`](Self::vtd_read), of any unit.
    pub fn unit_read(&self, unit: usize, offset: u32, bytes: u8) -> u64 {
        self.units[unit].read(offset, bytes)
    }

    /// A processor writes `bytes` (4 or 8) of the remapping unit's register page.
    /// What follows from it shows in the next [`step`](Self::step).
    pub fn vtd_write(&mut self, now: Tick, offset: u32, bytes: u8, value: u64) {
        self.unit_write(now, 0, offset, bytes, value);
    }

    /// As [`vtd_write`](Self::vtd_write), of any unit.
    pub fn unit_write(&mut self, now: Tick, unit: usize, offset: u32, bytes: u8, value: u64) {
        self.units[unit].write(offset, bytes, value, now, &mut self.mem);
    }

    /// Host memory as processors see it.
    pub fn mem(&self) -> &HostMemory {
        &self.mem
    }

    /// Host memory for stores of processors.
    pub fn mem_mut(&mut self) -> &mut HostMemory {
        &mut self.mem
    }

    /// The local APICs.
    pub fn apics(&self) -> &Apics {
        &self.apics
    }

    /// The local APICs: priorities, service and end of interrupt.
    pub fn apics_mut(&mut self) -> &mut Apics {
        &mut self.apics
    }

    /// The root complex (of several root ports, the first): settings, counters.
    pub fn rc(&self) -> &RootComplex {
        &self.ports[0].rc
    }

    /// The root complex: settings, policies, fault injection.
    pub fn rc_mut(&mut self) -> &mut RootComplex {
        &mut self.ports[0].rc
    }

    /// A root port.
    pub fn port(&self, port: usize) -> &RootComplex {
        &self.ports[port].rc
    }

    /// A root port: settings, policies, fault injection, credits.
    pub fn port_mut(&mut self, port: usize) -> &mut RootComplex {
        &mut self.ports[port].rc
    }

    /// The link went through a conventional reset; see [`RootComplex::link_reset`].
    /// Memory, remapping unit and APICs are not touched.
    pub fn link_reset(&mut self) {
        self.ports[0].rc.link_reset();
    }

    fn follow(&mut self, effect: &RemapEffect, effects: &mut Effects) {
        match *effect {
            RemapEffect::Deliver { request, index, message } => {
                let arrivals = self.apics.deliver(&message);
                effects.deliveries.push(Delivery { request, index, message, arrivals });
            }
            RemapEffect::Posted { request, index, descriptor, vector, merged, notification } => {
                let arrivals = notification.map_or_else(Vec::new, |message| self.apics.deliver(&message));
                effects.posted.push(PostedDelivery { request, index, descriptor, vector, merged, arrivals });
            }
            RemapEffect::Blocked { request, index, reason, recorded } => {
                effects.blocked.push(Blocked { request, index, reason, recorded });
            }
            RemapEffect::FaultEvent(message) | RemapEffect::InvalidationEvent(message) => {
                let arrivals = match message.apic() {
                    Some(apic) => self.apics.deliver(&apic),
                    None => {
                        // Not an interrupt address: a plain store, lost when no memory is there.
                        let _ = self.mem.write_u32(message.address, message.data);
                        Vec::new()
                    }
                };
                effects.unit_events.push(UnitEvent { message, arrivals });
            }
            RemapEffect::DmaBlocked { .. }
            | RemapEffect::TranslationsInvalidated { .. }
            | RemapEffect::StatusWrite { .. }
            | RemapEffect::EntriesInvalidated { .. }
            | RemapEffect::DeviceInvalidated { .. }
            | RemapEffect::CommandsStopped { .. }
            | RemapEffect::QueueStopped { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apic;
    use crate::rc::header::{Body, Header, Kind};
    use tlp::Bdf;

    const DEVICE: Bdf = Bdf::from_bits(0x0100);

    fn message(address: u64, data: u32) -> Packet {
        let body = Body::Addressed { requester: DEVICE, tag: 0, address, hint: 0, first_be: 0xf, last_be: 0 };
        Header::new(Kind::MemWrite, true, 1, body).packet([data])
    }

    fn host(remap: RemapConfig) -> Host {
        let mut host = Host::new(HostConfig { remap, ..HostConfig::default() }, 1);
        // Bus mastering on, so that nothing below is a finding.
        let (target, register, enables, value) = (DEVICE, 4, 0xf, 0x6);
        host.submit(0, Request::ConfigWrite { target, register, enables, value, type1: false });
        host
    }

    #[test]
    fn a_device_write_becomes_an_arrival_at_the_apic_that_it_names() {
        let mut host = host(RemapConfig::None { extended: false });
        let effects = host.step(1, Some(&message(0xfee0_2000, 0x41)));
        assert_eq!(effects.findings, []);
        assert_eq!(effects.deliveries.len(), 1);
        assert_eq!(
            effects.deliveries[0].arrivals,
            [Arrival { cpu: 2, vector: 0x41, outcome: apic::Outcome::Accepted }]
        );
        let again = host.step(2, Some(&message(0xfee0_2000, 0x41)));
        assert_eq!(again.deliveries[0].arrivals[0].outcome, apic::Outcome::Merged);
        assert_eq!(host.apics_mut().acknowledge(2), Some(0x41));
    }

    #[test]
    fn a_blocked_request_reaches_no_apic_and_says_why() {
        let mut host = host(RemapConfig::Vtd(VtdConfig::default()));
        // Remapping on with a table of two zero entries at 0x1000; compatibility format closed.
        host.vtd_write(0, 0xb8, 8, 0x1000);
        host.vtd_write(0, 0x18, 4, 1 << 24);
        host.vtd_write(0, 0x18, 4, 1 << 25);
        host.step(0, None);
        let mut blocked = host.step(1, Some(&message(0xfee0_0010, 0))).blocked;
        while let Some(due) = host.next_due().filter(|_| blocked.is_empty()) {
            blocked = host.step(due.max(1), None).blocked;
        }
        assert_eq!(
            blocked.iter().map(|b| (b.index, b.reason)).collect::<Vec<_>>(),
            [(Some(0), FaultReason::NotPresent)]
        );
    }

    #[test]
    fn each_port_goes_through_its_own_unit_and_all_share_memory_and_processors() {
        let vtd = || RemapConfig::Vtd(VtdConfig::default());
        let mut host = Host::new(HostConfig { remap: vtd(), ..HostConfig::default() }, 1);
        let unit = host.add_unit(RemapConfig::None { extended: false });
        let port = host.add_port(RcConfig { device: Bdf::from_bits(0x0200), ..RcConfig::default() }, unit);
        // Unit 0 remaps with an empty table; unit 1 lets everything pass.
        host.unit_write(0, 0, 0xb8, 8, 0x1000);
        host.unit_write(0, 0, 0x18, 4, 1 << 24);
        host.unit_write(0, 0, 0x18, 4, 1 << 25);
        let write = |id| {
            let (register, enables, value) = (4, 0xf, 0x6);
            Request::ConfigWrite { target: Bdf::from_bits(id), register, enables, value, type1: false }
        };
        let first = host.submit_at(0, 0, write(0x0100));
        let second = host.submit_at(0, port, write(0x0200));
        assert_ne!(first, second);
        let mut out = Vec::new();
        host.step_ports(0, None, &mut out);
        assert_eq!(out.iter().map(|(port, _)| *port).collect::<Vec<_>>(), [0, port]);
        let message = |id, address: u64, data| {
            let requester = Bdf::from_bits(id);
            let body = Body::Addressed { requester, tag: 0, address, hint: 0, first_be: 0xf, last_be: 0 };
            Header::new(Kind::MemWrite, true, 1, body).packet([data])
        };
        let mut effects = vec![host.step_ports(1, Some((port, &message(0x0200, 0xfee0_1000, 0x41))), &mut out)];
        effects.push(host.step_ports(2, Some((port, &message(0x0200, 0x8000, 7))), &mut out));
        effects.push(host.step_ports(3, Some((0, &message(0x0100, 0xfee0_0010, 0))), &mut out));
        while let Some(due) = host.next_due().filter(|due| *due < 90_000) {
            effects.push(host.step_ports(due.max(3), None, &mut out));
        }
        assert_eq!(effects.iter().flat_map(|e| &e.findings).collect::<Vec<_>>(), Vec::<&HostFinding>::new());
        let deliveries: Vec<_> = effects.iter().flat_map(|e| &e.deliveries).map(|d| d.request.source.bits()).collect();
        let blocked: Vec<_> = effects.iter().flat_map(|e| &e.blocked).map(|b| b.request.source.bits()).collect();
        assert_eq!((deliveries, blocked), (vec![0x0200], vec![0x0100]));
        assert_eq!(host.mem().read_u32(0x8000), Ok(7));
    }

    #[test]
    fn writes_to_memory_are_reported_ahead_of_the_interrupt_behind_them() {
        let mut host = host(RemapConfig::None { extended: false });
        let effects = host.step(1, Some(&message(0x8000, 0xc0de)));
        assert_eq!(
            effects.writes,
            [DmaWrite { source: DEVICE, pasid: None, address: 0x8000, host: 0x8000, bytes: vec![0xde, 0xc0, 0, 0] }]
        );
        assert_eq!(host.mem().read_u32(0x8000), Ok(0xc0de));
    }
}
