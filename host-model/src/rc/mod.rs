// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The root complex: packets from and to the devices below one root port.
//!
//! Left out: several traffic classes, virtual channels, data link layer, peer to peer,
//! page requests. Messages from the device are
//! taken and passed on; those of errors are counted as a root port does.

pub mod ats;
pub mod bytes;
pub mod complete;
pub mod ecrc;
pub mod errors;
pub mod fault;
pub mod finding;
pub mod header;
pub mod order;
pub mod random;
pub mod requests;
pub mod tags;
pub mod window;

mod inbound;
pub mod intx;
mod piece;
#[cfg(test)]
mod tests;

use tlp::{Bdf, Packet, Tick};

use crate::interrupt::InterruptRequest;
use crate::mem::HostMemory;
use crate::remap::DmaAccess;
use ats::{Agent, PageMap};
use complete::{Answer, Completer, CompletionPolicy};
use errors::RootErrors;
use fault::FaultRule;
use finding::HostFinding;
use inbound::BusMaster;
use intx::IntxWires;
use order::{Downstream, OrderPolicy, Waiting};
use random::{Concern, stream};
use requests::{Outcome, Ready, Request, Requests, TxnId};
use tags::{TagPolicy, TagWidth, Tags};

/// What software has agreed with the device for the link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkSettings {
    /// Max_Payload_Size in bytes, 128..=4096: what the device may send and the host sends.
    pub mps: u16,
    /// Max_Read_Request_Size of the device in bytes, 128..=4096.
    pub mrrs: u16,
    /// Tags that the device may use.
    pub device_tags: TagWidth,
    /// Tags that the host uses.
    pub host_tags: TagWidth,
    /// The device may put a PASID in front of its memory requests.
    pub pasid: bool,
}

impl Default for LinkSettings {
    /// As after a conventional reset [PCIe Base 7.5.3.4]: 128, 512, five bits, no PASID.
    fn default() -> Self {
        Self { mps: 128, mrrs: 512, device_tags: TagWidth::Five, host_tags: TagWidth::Eight, pasid: false }
    }
}

/// Digests on the link, as software has switched them on [PCIe Base 2.7.1].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Digests {
    /// Packets of the host carry one.
    pub from_host: bool,
    /// The device may send them.
    pub from_device: bool,
}

/// How the root complex is built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RcConfig {
    /// Requester and completer id of the host.
    pub id: Bdf,
    /// Where software looks for the device.
    pub device: Bdf,
    /// Agreed with the device; see [`RootComplex::set_link`].
    pub link: LinkSettings,
    /// Choice of tags for the host's requests.
    pub tag_policy: TagPolicy,
    /// Ticks after which a request of the host counts as lost, from when it left.
    pub request_timeout: Tick,
    /// How reads of the device are answered.
    pub completion: CompletionPolicy,
    /// Which packet leaves first among those that may.
    pub order: OrderPolicy,
    /// Non-posted requests that the device takes after reset, before it says more.
    pub non_posted_initial: u8,
}

impl Default for RcConfig {
    fn default() -> Self {
        Self {
            id: Bdf::from_bits(0),
            device: Bdf::from_bits(0x0100),
            link: LinkSettings::default(),
            tag_policy: TagPolicy::Lowest,
            request_timeout: 100_000,
            completion: CompletionPolicy::default(),
            order: OrderPolicy::Oldest,
            non_posted_initial: 8,
        }
    }
}

/// A write of the device that reached memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DmaWrite {
    /// Requester id.
    pub source: Bdf,
    /// PASID that it came with.
    pub pasid: Option<u32>,
    /// First enabled byte, as the device names it.
    pub address: u64,
    /// Its host address.
    pub host: u64,
    /// Bytes from the first to the last enabled one (disabled ones between them were not written).
    pub bytes: Vec<u8>,
}

/// A message of the device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeviceMessage {
    /// Requester id.
    pub source: Bdf,
    /// Message code [PCIe Base 2.2.8].
    pub code: u8,
    /// Routing, 3 bits.
    pub routing: u8,
}

/// What a step of the root complex brought.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RcEffects {
    /// Packets for the device, in order.
    pub outbound: Vec<Packet>,
    /// Requests that ended.
    pub completed: Vec<(TxnId, Outcome)>,
    /// Interrupt requests, in order of arrival.
    pub interrupts: Vec<InterruptRequest>,
    /// Writes that reached memory, in order of arrival.
    pub writes: Vec<DmaWrite>,
    /// Messages, in order of arrival.
    pub messages: Vec<DeviceMessage>,
    /// What the device did wrong.
    pub findings: Vec<HostFinding>,
}

/// The host address of an access of the device, or `None` when it is refused.
pub type Translate<'a> = &'a mut dyn FnMut(DmaAccess, &mut HostMemory) -> Option<u64>;

/// Marks a packet in the downstream queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Origin {
    /// A posted or unwatched request.
    Unwatched(TxnId),
    /// A request whose answer is awaited under this tag.
    Watched(TxnId, u16),
    /// A completion; frees the device's tag when it is the last.
    Answer(Option<(Bdf, u16)>),
}

/// The root complex.
#[derive(Clone, Debug)]
pub struct RootComplex {
    config: RcConfig,
    requests: Requests,
    completer: Completer,
    downstream: Downstream<Origin>,
    bus_master: BusMaster,
    intx: IntxWires,
    digests: Digests,
    errors: RootErrors,
    ats: Agent<PageMap>,
    /// Ends and packets that wait for the next step.
    early: Vec<(TxnId, Outcome)>,
}

impl RootComplex {
    /// A root complex after reset; `seed` starts its random streams.
    pub fn new(config: RcConfig, seed: u64) -> Self {
        let tags = Tags::new(config.link.host_tags, config.tag_policy, stream(seed, Concern::Tags));
        let answers = stream(seed, Concern::Completions);
        Self {
            requests: Requests::new(config.id, config.request_timeout, tags),
            completer: Completer::new(config.id, config.completion, config.link.mps, answers),
            downstream: Downstream::new(config.order, config.non_posted_initial, stream(seed, Concern::Order)),
            bus_master: BusMaster::new(config.device),
            intx: IntxWires::default(),
            digests: Digests::default(),
            errors: RootErrors::default(),
            ats: Agent::default(),
            early: Vec::new(),
            config,
        }
    }

    /// Numbers requests from `first` on, so that those of several root ports differ.
    pub fn number_from(&mut self, first: u64) {
        self.requests.number_from(first);
    }

    /// The configuration, with what was set since.
    pub fn config(&self) -> &RcConfig {
        &self.config
    }

    /// Tells the root complex what software has agreed with the device.
    pub fn set_link(&mut self, link: LinkSettings) {
        self.config.link = link;
        self.completer.set_mps(link.mps);
        self.requests.set_tag_width(link.host_tags);
    }

    /// Switches digests on or off; a reset of the link leaves them as they are.
    pub fn set_digests(&mut self, digests: Digests) {
        self.digests = digests;
    }

    /// Software expects a function of the device to answer under this id.
    pub fn expect_function(&mut self, id: Bdf) {
        self.bus_master.expect(id);
    }

    /// The translation agent.
    pub fn ats(&self) -> &Agent<PageMap> {
        &self.ats
    }

    /// The translation agent, to be set up.
    pub fn ats_mut(&mut self) -> &mut Agent<PageMap> {
        &mut self.ats
    }

    /// An Invalidate Request for a range of the device's addresses, to be sent; `None` while the device has as many as it can queue.
    pub fn invalidate(&mut self, first: u64, bytes: u64) -> Option<Packet> {
        self.ats.invalidate(self.config.id, self.config.device, first, bytes).map(|(_, packet)| packet)
    }

    /// Error messages received so far.
    pub fn errors(&self) -> &RootErrors {
        &self.errors
    }

    /// Changes how reads are answered from now on.
    pub fn set_completion_policy(&mut self, policy: CompletionPolicy) {
        self.config.completion = policy;
        self.completer.set_policy(policy);
    }

    /// Changes the order of what leaves.
    pub fn set_order_policy(&mut self, policy: OrderPolicy) {
        self.config.order = policy;
        self.downstream.set_policy(policy);
    }

    /// Changes the time for requests of the host that leave from now on, in ticks.
    pub fn set_request_timeout(&mut self, ticks: Tick) {
        self.config.request_timeout = ticks;
        self.requests.set_timeout(ticks);
    }

    /// Adds a rule for wrong answers to reads.
    pub fn inject(&mut self, rule: FaultRule) {
        self.completer.add_rule(rule);
    }

    /// Removes all such rules.
    pub fn clear_injections(&mut self) {
        self.completer.clear_rules();
    }

    /// Memory reads that the device has made so far.
    pub fn device_reads(&self) -> u64 {
        self.completer.reads()
    }

    /// The INTx wires as the device's messages have left them.
    pub fn intx(&self) -> &IntxWires {
        &self.intx
    }

    /// The device's cumulative limit of non-posted requests, modulo 2^8.
    pub fn non_posted_limit(&mut self, limit: u8) {
        self.downstream.set_limit(limit);
    }

    /// Whether nothing waits, is outstanding or is being answered.
    pub fn is_idle(&self) -> bool {
        self.requests.is_idle() && self.completer.is_idle() && self.downstream.is_empty() && self.early.is_empty()
    }

    /// Queues a request; its outcome comes out of a later [`step`](Self::step).
    pub fn submit(&mut self, now: Tick, request: Request) -> TxnId {
        self.bus_master.submitted(&request);
        let watched = self.bus_master.watch(&request);
        let mut ready = Vec::new();
        let (txn, refused) = self.requests.submit(now, request, self.config.link.mps, &mut ready);
        if let Some(outcome) = refused {
            self.early.push((txn, outcome));
        } else if let Some(id) = watched {
            self.bus_master.turning_off(txn, id);
        }
        self.requests.start(now, &mut ready);
        self.enqueue(ready);
        txn
    }

    /// The next tick at which [`step`](Self::step) has work without a packet coming in;
    /// may lie in the past when something was submitted since the last step.
    pub fn next_due(&self) -> Option<Tick> {
        if !self.early.is_empty() || self.downstream.can_pop() {
            return Some(0);
        }
        self.requests.next_due().into_iter().chain(self.completer.next_due()).min()
    }

    /// Takes a packet (if any) and does what is due at `now`. Addresses of the device are those of memory.
    pub fn step(&mut self, now: Tick, inbound: Option<&Packet>, mem: &mut HostMemory) -> RcEffects {
        self.step_behind(now, inbound, mem, &mut |access, _| Some(access.address))
    }

    /// Reads that have been translated look at memory now: an invalidation waits for them.
    pub fn drain_reads(&mut self, mem: &HostMemory) {
        self.completer.look(mem);
    }

    /// As [`step`](Self::step), with a remapping unit in front of memory: `translate` gives the host address of an
    /// access, or refuses it, which drops a write and answers a read with UR [VT-d 7.1.1].
    pub fn step_behind(
        &mut self,
        now: Tick,
        inbound: Option<&Packet>,
        mem: &mut HostMemory,
        translate: Translate<'_>,
    ) -> RcEffects {
        let mut effects = RcEffects { completed: std::mem::take(&mut self.early), ..RcEffects::default() };
        if let Some(packet) = inbound {
            self.take(now, packet, mem, translate, &mut effects);
        }
        self.requests.expire(now, &mut effects.completed);
        let mut ready = Vec::new();
        self.requests.start(now, &mut ready);
        self.enqueue(ready);
        let mut answers = Vec::new();
        self.completer.step(now, mem, &mut answers);
        for Answer { packet, relaxed, stream, frees } in answers {
            let (class, origin) = (header::Class::Completion, Origin::Answer(frees));
            self.downstream.push(Waiting { class, relaxed, stream, packet, origin });
        }
        while let Some(mut leaving) = self.downstream.pop() {
            if self.digests.from_host && !header::Word0::from_bits(leaving.packet.header[0]).digest() {
                ecrc::append(&mut leaving.packet, 0);
            }
            match leaving.origin {
                Origin::Unwatched(txn) => effects.completed.push((txn, Outcome::Sent)),
                Origin::Watched(_, tag) => self.requests.sent(tag, now),
                Origin::Answer(Some(key)) => self.completer.sent(key),
                Origin::Answer(None) => {}
            }
            effects.outbound.push(leaving.packet);
        }
        for (txn, outcome) in &effects.completed {
            self.bus_master.ended(*txn, outcome);
        }
        effects
    }

    /// The link went through a conventional reset: everything outstanding ends with
    /// [`Outcome::Reset`], credits and link settings return to their reset values.
    pub fn link_reset(&mut self) {
        self.intx.forget();
        self.ats.forget();
        self.requests.reset(&mut self.early);
        self.completer.reset();
        let dropped = self.downstream.reset(self.config.non_posted_initial);
        self.early.extend(dropped.into_iter().filter_map(|w| match w.origin {
            Origin::Unwatched(txn) => Some((txn, Outcome::Reset)),
            Origin::Watched(..) | Origin::Answer(_) => None,
        }));
        self.bus_master = BusMaster::new(self.config.device);
        let host_tags = self.config.link.host_tags;
        self.set_link(LinkSettings { host_tags, ..LinkSettings::default() });
    }

    fn enqueue(&mut self, ready: Vec<Ready>) {
        for Ready { txn, tag, class, packet } in ready {
            let origin = tag.map_or(Origin::Unwatched(txn), |tag| Origin::Watched(txn, tag));
            // Hand-made completions never share a stream with real ones.
            let stream = u64::MAX - txn.0;
            self.downstream.push(Waiting { class, relaxed: false, stream, packet, origin });
        }
    }
}
