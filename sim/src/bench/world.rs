// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One device, one host, the link between them, and those who watch it.
//!
//! Time moves only in [`World::advance`]: the device runs until something of it
//! reaches the host or something of the host falls due; whoever is concerned is
//! told in a fixed order. One thread, no clock but the device's.
//!
//! [`Device`] is the device with those who watch it and nothing of the host, so that a
//! topology can have many; [`World`] joins one with a host of its own.

mod device;

pub use device::Device;

use crate::bench::decode::{Decoded, decode};
use crate::bench::log::{Event, EventLog, Raw};
use crate::check::answers::Answers;
use crate::check::ats::{Meaning, Translations};
use crate::check::credits::CreditBook;
use crate::check::errors::Errors;
use crate::check::format::Format;
use crate::check::mastering::Mastering;
use crate::check::reads::Reads;
use crate::check::shape::Shape;
use crate::check::target::Targets;
use crate::check::work::Work;
use crate::check::work::job::Arrival;
use crate::check::writes::{Purpose, purpose};
use crate::check::{Law, Report, Upstream};
use crate::cover::Collector;
use crate::cover::traffic::Up;
use crate::finding::{Finding, Kind};
use crate::ledger::message::Verdict;
use crate::ledger::{Ledger, UnderWay};
use crate::shadow::work::WorkCommand;
use crate::shadow::{Command, Content, DeviceSizes, Shadow, Who};
use host_model::apic::Outcome as ApicOutcome;
use host_model::domain::matrix::Place;
use host_model::host::{Effects, Host};
use host_model::kernel::Taken;
use host_model::mem::HostMemory;
use host_model::rc::requests::{Outcome, Request, TxnId};
use host_model::remap::RemapEffect;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tlp::{Bdf, Cause, CauseOp, CreditLimits, Endpoint, Observed, Packet, Reset, Stamped, Tick};
use vectors::op::{Credits, Source};

/// When a test is given up before its end. The default is never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GiveUp {
    /// At the first finding: nobody wants to know more.
    pub at_finding: bool,
    /// After so many cycles.
    pub after: Option<Tick>,
}

/// Cycles that a function reset may take (data sheet §8), after which software may talk again.
pub const RESET_CYCLES: Tick = 1 << 14;

/// Cycles without progress after which a device that takes no packets is given up.
const STUCK: Tick = 100_000;

/// Why a test cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The device (or the way to it) no longer answers; the finding is already recorded.
    Stuck,
    /// A step cannot be carried out as written: bad input.
    Input(String),
    /// The simulator or this bench failed.
    Tool(String),
    /// Asked to stop from outside.
    Cancelled,
}

/// An invalidation under way: its range, and the slot writes that it covers.
#[derive(Clone, Copy, Debug)]
struct Invalidation {
    first: u32,
    last: u32,
    covers: u64,
    came: Tick,
}

/// Everything of one test.
#[derive(Clone)]
pub struct World {
    /// The device and its watchers.
    pub device: Device,
    /// The host.
    pub host: Host,
    /// Random choices of the sequencer.
    pub rng: ChaCha8Rng,
    /// Remapping entries as the ledger knows them.
    pub targets: Targets,
    /// Counts of messages per source and arrivals per (cpu, vector).
    pub arrivals: BTreeMap<(u32, u8), u64>,
    /// Requests that the remapping unit blocked, not yet expected by the vector: reason codes.
    pub blocked: VecDeque<BlockedRequest>,
    /// Processors that take interrupts by themselves.
    pub service: Vec<bool>,
    /// Raised from outside when the test is to end early.
    pub cancel: Option<Arc<AtomicBool>>,
    /// When to give up before the end.
    pub give_up: GiveUp,
    /// Why an access deep inside a driver sequence could not go on.
    pub stop: Option<Stop>,
    outcomes: BTreeMap<TxnId, Outcome>,
    busy: Vec<Option<(Tick, bool)>>,
    awake: Vec<bool>,
    /// Arrivals that a local APIC accepted, and interrupts that processors took by themselves.
    accepted: u64,
    served: u64,
    seen: Vec<Stamped<Observed>>,
}

impl std::ops::Deref for World {
    type Target = Device;

    fn deref(&self) -> &Device {
        &self.device
    }
}

impl std::ops::DerefMut for World {
    fn deref_mut(&mut self) -> &mut Device {
        &mut self.device
    }
}

/// A request that the remapping unit blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockedRequest {
    /// Reason code.
    pub reason: u8,
    /// The vector has expected its fault.
    pub explained: bool,
}

/// A completion as a vector compares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawCompletion {
    /// Byte count.
    pub byte_count: u32,
    /// Lower address.
    pub lower: u8,
    /// Data words.
    pub data: Vec<u32>,
}

/// Whether a packet is this one, but for what the host fills in: requester, tag and digest.
fn same_packet(by_hand: &Packet, sent: &Packet) -> bool {
    const FILLED: u32 = 1 << 23 | 1 << 19 | 1 << 15;
    let ([a0, _, a2, a3], [b0, _, b2, b3]) = (by_hand.header, sent.header);
    (a0 | FILLED, a2, a3, by_hand.prefix) == (b0 | FILLED, b2, b3, sent.prefix) && sent.data.starts_with(&by_hand.data)
}

impl World {
    /// Joins a device and a host; `seed` starts the sequencer's stream.
    pub fn new(
        dut: Box<dyn Endpoint>,
        host: Host,
        sizes: DeviceSizes,
        cpus: usize,
        credits: Credits,
        seed: u64,
    ) -> Self {
        Self {
            device: Device::new(dut, sizes, credits),
            host,
            rng: ChaCha8Rng::seed_from_u64(seed),
            targets: Targets::default(),
            arrivals: BTreeMap::new(),
            blocked: VecDeque::new(),
            service: vec![true; cpus],
            cancel: None,
            give_up: GiveUp::default(),
            stop: None,
            outcomes: BTreeMap::new(),
            busy: vec![None; cpus],
            awake: vec![true; cpus],
            accepted: 0,
            served: 0,
            seen: Vec::new(),
        }
    }

    /// Moves time to `until` at the latest; returns earlier once a packet of the
    /// device has been dealt with.
    pub fn advance(&mut self, until: Tick) -> Result<(), Stop> {
        if self.cancel.as_ref().is_some_and(|c| c.load(Ordering::Relaxed)) {
            return Err(Stop::Cancelled);
        }
        let enough = self.give_up.at_finding && !self.report.findings.is_empty();
        if enough || self.give_up.after.is_some_and(|t| self.now() > t) {
            return Err(Stop::Cancelled);
        }
        self.host_step(None);
        let now = self.now();
        let mut due = until.max(now + 1);
        for t in [self.host.next_due(), self.next_service()].into_iter().flatten() {
            due = due.min(t.max(now + 1));
        }
        if let Some(end) = self.reset_end() {
            due = due.min(end.max(now + 1));
        }
        let mut seen = std::mem::take(&mut self.seen);
        let ran = self.dut.run(due, &mut seen);
        for event in seen.drain(..) {
            self.observed(event);
        }
        self.seen = seen;
        self.device.watch();
        ran.map_err(|e| Stop::Tool(e.0))?;
        self.host_step(None);
        self.serve();
        self.device.end_reset();
        Ok(())
    }

    /// Runs until tick `until`.
    pub fn run_to(&mut self, until: Tick) -> Result<(), Stop> {
        while self.now() < until {
            self.advance(until)?;
        }
        Ok(())
    }

    /// Runs for so many cycles.
    pub fn wait(&mut self, cycles: Tick) -> Result<(), Stop> {
        self.run_to(self.now() + cycles)
    }

    // ---- the device's side ---------------------------------------------------------------------

    fn observed(&mut self, event: Stamped<Observed>) {
        let tick = event.at;
        match self.device.observed(event) {
            Some(Told::Packet(p)) => {
                self.host_step(Some(&p));
                self.device.delivered(tick, self.host.mem());
            }
            Some(Told::NonPostedLimit(n)) => self.host.rc_mut().non_posted_limit(n),
            None => {}
        }
    }
}

/// What the device's link partner learns of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A packet, judged; [`Device::delivered`] follows when it has arrived.
    Packet(Packet),
    /// Its limit of non-posted requests.
    NonPostedLimit(u8),
}

impl World {
    /// Lets the host do what is due at this tick.
    pub fn tick_host(&mut self) {
        self.host_step(None);
    }

    fn host_step(&mut self, inbound: Option<&Packet>) {
        let now = self.now();
        if inbound.is_none() && self.host.next_due().is_none_or(|t| t > now) {
            return;
        }
        let effects = self.host.step(now, inbound);
        self.effects(effects);
    }

    fn effects(&mut self, e: Effects) {
        let now = self.now();
        for (at, packet) in e.outbound {
            self.device.down(at, packet);
        }
        self.outcomes.extend(e.completed);
        for d in &e.deliveries {
            let r = d.request;
            let device = &mut self.device;
            let way = device.ledger.arrivals.arrive(r.source, u64::from(r.address), r.data);
            let cause = way.map_or(0, |w| w.cause);
            let source = way.and_then(|w| w.source);
            self.targets.judge(now, d, source, &mut device.report, &mut device.ledger.counters);
            let mut fate = None;
            for a in &d.arrivals {
                let accepted = matches!(a.outcome, ApicOutcome::Accepted);
                self.accepted += u64::from(accepted);
                let merged = matches!(a.outcome, ApicOutcome::Merged);
                if accepted || merged {
                    *self.arrivals.entry((a.cpu as u32, d.message.vector)).or_default() += 1;
                    self.cover.arrival(now, way.map(|w| w.tick), a.cpu as u32, d.message.vector, merged);
                }
                fate = Some(match (accepted, merged, fate) {
                    (true, ..) | (_, _, Some(2)) => 2,
                    (_, true, _) | (_, _, Some(1)) => 1,
                    _ => 0,
                });
                let outcome = match a.outcome {
                    ApicOutcome::Accepted => "accepted",
                    ApicOutcome::Merged => "merged",
                    ApicOutcome::Counted(_) => "counted",
                    ApicOutcome::Rejected(_) => "rejected",
                };
                self.awake[a.cpu] = true;
                let (cpu, vector) = (a.cpu as u32, d.message.vector);
                self.log.record(now, cause, Event::Arrival { cpu, vector, outcome });
            }
            if cause != 0 {
                let c = &mut self.ledger.counters;
                *[&mut c.blocked, &mut c.merged, &mut c.delivered][fate.unwrap_or(0)] += 1;
            }
        }
        for u in &e.unit_events {
            for a in &u.arrivals {
                self.awake[a.cpu] = true;
                self.accepted += u64::from(matches!(a.outcome, ApicOutcome::Accepted));
                *self.arrivals.entry((a.cpu as u32, a.vector)).or_default() += 1;
            }
            let (address, data) = (u.message.address, u.message.data);
            self.log.event(now, "unit_event", 0, format_args!("\"addr\":{address},\"data\":{data}"));
        }
        for p in &e.posted {
            // The descriptor in memory is where it arrives; a notification tells a processor to look there.
            let r = p.request;
            let device = &mut self.device;
            let way = device.ledger.arrivals.arrive(r.source, u64::from(r.address), r.data);
            let cause = way.map_or(0, |w| w.cause);
            let known = self.targets.judge_posted(now, p, &mut device.report);
            if cause != 0 {
                let c = &mut device.ledger.counters;
                *if p.merged { &mut c.merged } else { &mut c.delivered } += 1;
                c.misdirected += u64::from(!known);
            }
            for a in &p.arrivals {
                self.awake[a.cpu] = true;
                self.accepted += u64::from(matches!(a.outcome, ApicOutcome::Accepted));
                *self.arrivals.entry((a.cpu as u32, a.vector)).or_default() += 1;
            }
            let (at, vector, merged, told) = (p.descriptor, p.vector, p.merged, !p.arrivals.is_empty());
            self.cover.posted(now, merged, told);
            let text = format_args!("\"descriptor\":{at},\"vector\":{vector},\"merged\":{merged},\"notified\":{told}");
            self.log.event(now, "posted", cause, text);
        }
        for effect in &e.remap {
            if let RemapEffect::DmaBlocked { access: a, reason, recorded } = *effect {
                self.blocked.push_back(BlockedRequest { reason, explained: false });
                let text = format_args!(
                    "\"addr\":{},\"write\":{},\"reason\":{reason},\"recorded\":{recorded}",
                    a.address, a.write
                );
                self.log.event(now, "dma_blocked", 0, text);
            }
        }
        for b in &e.blocked {
            let r = b.request;
            let way = self.ledger.arrivals.arrive(r.source, u64::from(r.address), r.data);
            let cause = way.map_or(0, |w| w.cause);
            if cause != 0 {
                self.ledger.counters.blocked += 1;
            }
            self.blocked.push_back(BlockedRequest { reason: b.reason.code(), explained: false });
            self.cover.blocked(now, b.reason.code());
            self.log.event(
                now,
                "blocked",
                cause,
                format_args!("\"reason\":{},\"recorded\":{}", b.reason.code(), b.recorded),
            );
        }
        for f in e.findings {
            let text = f.to_string();
            self.log.event(now, "host_finding", 0, format_args!("\"text\":{text:?}"));
            self.report.findings.push(Finding { check: "root_complex", kind: Kind::Safety, tick: now, text });
        }
    }
}

impl World {
    /// A conventional reset from outside.
    pub fn reset(&mut self, kind: Reset) -> Result<(), Stop> {
        self.host.link_reset();
        self.host_step(None);
        self.device.conventional_reset(kind)
    }

    /// A processor writes memory; tables that the ledger follows are noticed.
    pub fn dram_write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Stop> {
        self.host.mem_mut().write(address, bytes).map_err(|e| Stop::Input(format!("processor write: {e}")))?;
        let map = &self.host.rc().ats().map;
        let (seen, mem) = (map.virtual_of(address), self.host.mem());
        let place = |at: u64| map.physical(at);
        self.device.memory_written(seen, bytes.len() as u64, mem, &place);
        self.targets.memory_written(address, address + bytes.len() as u64, self.host.mem());
        let now = self.now();
        self.log.event(now, "store", 0, format_args!("\"addr\":{address},\"len\":{}", bytes.len()));
        Ok(())
    }
}

// ---- requests of processors -------------------------------------------------------------------------

impl World {
    /// Submits a request and runs until it has ended; waits first while too many
    /// packets are on their way down, as a processor's store buffer would.
    pub fn request(&mut self, request: Request) -> Result<Outcome, Stop> {
        self.drain_down(64)?;
        let id = self.submit(request);
        let outcome = self.outcome(id, 400_000)?;
        if outcome == Outcome::Timeout && !self.shadow.resetting {
            self.find("request_unanswered", Kind::Liveness, "the device does not answer a request of the host".into());
            return Err(Stop::Stuck);
        }
        Ok(outcome)
    }

    /// Runs until at most `left` packets are on their way to the device.
    fn drain_down(&mut self, left: usize) -> Result<(), Stop> {
        let mut deadline = self.now() + STUCK;
        let mut waiting = self.on_the_way();
        while waiting > left {
            // Taking a packet does not end a run of the device: small steps.
            self.advance(self.now() + 16)?;
            if self.on_the_way() < waiting {
                waiting = self.on_the_way();
                deadline = self.now() + STUCK;
            } else if self.now() >= deadline {
                let text = format!("the device has taken no packet for {STUCK} cycles, {waiting} wait");
                self.find("request_never_left", Kind::Liveness, text);
                return Err(Stop::Stuck);
            }
        }
        Ok(())
    }

    /// Submits a request.
    pub fn submit(&mut self, request: Request) -> TxnId {
        let now = self.now();
        let id = self.host.submit(now, request);
        self.host_step(None);
        id
    }

    /// Runs until the request has ended.
    pub fn outcome(&mut self, id: TxnId, bound: Tick) -> Result<Outcome, Stop> {
        let deadline = self.now() + bound;
        loop {
            if let Some(o) = self.outcomes.remove(&id) {
                return Ok(o);
            }
            if self.now() >= deadline {
                self.find(
                    "request_never_left",
                    Kind::Liveness,
                    format!(
                        "a request of the host never left or ended within {bound} cycles: the device takes no packets"
                    ),
                );
                return Err(Stop::Stuck);
            }
            self.advance(deadline)?;
        }
    }

    /// The outcome of a request, if it has ended.
    pub fn try_outcome(&mut self, id: TxnId) -> Option<Outcome> {
        self.outcomes.remove(&id)
    }
}

impl World {
    /// Gives the host a packet that the device did not send; what the root complex says of it.
    pub fn stray(&mut self, p: &Packet) -> Result<Vec<String>, Stop> {
        let now = self.now();
        let (_, decoded) = decode(p);
        if let Decoded::Memory { write: true, requester, address, .. } = decoded
            && address >> 20 == 0xfee
            && p.data.len() == 1
        {
            self.ledger.arrivals.depart(requester, address, p.data[0], UnderWay { source: None, cause: 0, tick: now });
        }
        self.log.event(now, "stray", 0, format_args!("{}", Raw(p)));
        let mut effects = self.host.step(now, Some(p));
        let findings = effects.findings.drain(..).map(|f| f.to_string()).collect();
        self.effects(effects);
        self.wait(64)?;
        // What did not enter the remapping unit will not arrive.
        if self.host.is_idle() {
            self.ledger.arrivals.abandon();
        }
        Ok(findings)
    }
}

// ---- credits --------------------------------------------------------------------------------------------

impl World {
    /// Ends all disturbance.
    pub fn calm(&mut self, seed: u64) {
        self.device.calm(seed);
        self.service.fill(true);
        self.awake.fill(true);
    }

    // ---- processors -----------------------------------------------------------------------------------------

    fn next_service(&self) -> Option<Tick> {
        self.busy.iter().flatten().map(|(t, _)| *t).min()
    }

    /// A processor may have something to take: an arrival, an EOI, a change of its priority.
    pub fn wake(&mut self, cpu: usize) {
        self.awake[cpu] = true;
    }

    /// A processor is sent an interprocessor interrupt.
    pub fn self_ipi(&mut self, cpu: usize, vector: u8) {
        let arrival = self.host.apics_mut().self_ipi(cpu, vector);
        self.accepted += u64::from(matches!(arrival.outcome, ApicOutcome::Accepted));
        self.awake[cpu] = true;
        let now = self.now();
        self.log.event(now, "ipi", 0, format_args!("\"cpu\":{cpu},\"vector\":{vector}"));
        // The processor notices now, not when the device next has something to say.
        self.serve();
    }

    fn serve(&mut self) {
        use rand::RngExt;
        let now = self.now();
        for cpu in 0..self.busy.len() {
            match self.busy[cpu] {
                Some((due, in_service)) if due <= now => {
                    self.busy[cpu] = None;
                    if in_service {
                        self.host.apics_mut().eoi(cpu);
                        self.awake[cpu] = true;
                        self.log.record(now, 0, Event::Eoi { cpu: cpu as u32 });
                    } else if let Some(vector) = self.host.apics_mut().acknowledge(cpu) {
                        self.served += 1;
                        self.log.record(now, 0, Event::Take { cpu: cpu as u32, vector });
                        if let Some(taken) = &mut self.taken {
                            taken.push(Taken { tick: now, at: Place { cpu, vector } });
                        }
                        self.busy[cpu] = Some((now + self.rng.random_range(4..40), true));
                    }
                }
                // Asking an APIC costs more than everything else here: only those that something happened to.
                None if self.service[cpu]
                    && std::mem::take(&mut self.awake[cpu])
                    && self.host.apics().interrupt_pending(cpu).is_some() =>
                {
                    self.busy[cpu] = Some((now + self.rng.random_range(2..30), false));
                }
                _ => {}
            }
        }
    }

    /// Whether every processor that serves has nothing left to do.
    pub fn processors_idle(&self) -> bool {
        self.busy.iter().all(Option::is_none)
            && (0..self.busy.len()).all(|c| !self.service[c] || self.host.apics().interrupt_pending(c).is_none())
    }

    // ---- judgement ---------------------------------------------------------------------------------------------

    /// Whether nothing is under way and nothing overdue.
    fn is_quiet(&mut self) -> bool {
        self.processors_idle() && self.host.is_idle() && self.device.is_quiet()
    }

    /// Runs until everything owed has come, or `bound` cycles have passed and what
    /// has not come is reported.
    pub fn settle(&mut self, bound: Tick) -> Result<(), Stop> {
        self.drain_down(0)?;
        let deadline = self.now() + bound;
        loop {
            let mut step = 32;
            while !self.is_quiet() {
                if self.now() >= deadline {
                    self.device.judge_liveness(bound);
                    break;
                }
                self.run_to((self.now() + step).min(deadline))?;
                step = (step * 2).min(1024);
            }
            // A device that says too much needs a moment to do so, and what it says then has to arrive.
            self.wait(128)?;
            if self.now() >= deadline || self.is_quiet() {
                break;
            }
        }
        self.errors.calm();
        Ok(())
    }

    /// What local APICs accepted, processors that serve must have taken, each once.
    pub fn judge_service(&mut self) {
        let (accepted, served) = (self.accepted, self.served);
        self.report.look("accepted_not_served");
        if accepted != served {
            let text = format!("local APICs accepted {accepted} interrupt(s), processors took {served}");
            self.find("accepted_not_served", Kind::Safety, text);
        }
    }
}
