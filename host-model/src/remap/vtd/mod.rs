// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Intel VT-d: a remapping unit, for interrupts and (see [`dma`]) for accesses to memory.
//!
//! Software drives the unit through its register page and through its tables and
//! queue in memory, and in no other way.
//!
//! Without [`VtdConfig::dma`] there is no DMA remapping: GCMD.TE has no effect, its invalidations are accepted and do
//! nothing, the root table is storage.
//!
//! Left out, and not claimed in the capability registers: register-based invalidation, page requests, device TLBs, advanced fault
//! logging, the write buffer flush. The 256-bit queue format is offered although
//! ECAP.SMTS is 0 (see [`VtdConfig::wide_queue`]).
//!
//! Choices where the specification is open:
//! - A request is looked up when it enters and delivered when it leaves; what
//!   memory, cache and registers hold at entry decides.
//! - While remapping is off, a request with bit 4 set is read as compatibility format too.
//! - FI of a fault without an index (0x20, 0x25) is 0; of an index above 0xFFFF its low 16 bits.
//! - GCMD.IRE acts on requests that enter after the write; GSTS.IRES follows when
//!   those in flight have left [VT-d 11.4.4.1]. SIRTP does not wait for them.
//! - Without [`VtdConfig::posted`] (CAP.PI) an entry with IM=1 is a reserved-field fault.
//! - A posted descriptor is accessed when its request leaves the unit, in one piece; its registers (EIME) are those of
//!   entry. A notification leaves with it.
//! - An index or mask beyond what exists is an error, never folded.
//! - A queue tail that is still out of range when IQE is cleared is an error again.
//! - Accesses that are not 4 or 8 bytes, aligned: reads give all ones, writes are dropped.

mod cache;
mod descriptor;
pub mod dma;
mod entry;
mod event;
mod fault;
mod flight;
mod posted;
mod queue;
mod registers;
pub mod regs;
mod request;

pub use crate::remap::path::Latency;
pub use cache::Cache;
pub use descriptor::{IecDescriptor, WaitDescriptor};
pub use entry::Irte;
use entry::Way;
use posted::Posted;
pub use posted::PostedIrte;
pub use request::{RemappableAddress, ReservedField, index};

use super::{DmaAccess, FaultReason, RemapEffect, RemapUnit, compat};
use crate::interrupt::InterruptRequest;
use crate::mem::HostMemory;
use crate::remap::path::Path;
use cache::EntryCache;
use dma::{Dma, DmaConfig, Refusal};
use fault::FaultLog;
use flight::{Flight, Outcome};
use queue::Queue;
use regs::{Irta, Rtaddr};
use std::collections::{BTreeSet, VecDeque};
use tlp::Tick;

/// Why the invalidation queue stopped: IQERCD.IQEI [VT-d 11.4.9.9].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum QueueError {
    /// 1: the tail lies outside the queue.
    InvalidTail = 1,
    /// 2: the descriptor could not be read.
    Fetch = 2,
    /// 3: no such descriptor type.
    DescriptorType = 3,
    /// 4: a reserved field of the descriptor is not 0.
    ReservedField = 4,
    /// 6: the tail is not a multiple of the 256-bit descriptor.
    TailAlignment = 6,
}

/// What kind of unit it is, and how it behaves where hardware may choose.
#[derive(Clone, Debug)]
pub struct VtdConfig {
    /// Seed of the latency stream.
    pub seed: u64,
    /// Time of a request inside the unit.
    pub latency: Latency,
    /// Interrupt entry cache.
    pub cache: Cache,
    /// CAP.CM: entries that are not present or erroneous are cached too.
    pub caching_mode: bool,
    /// CAP.ESIRTPS: setting the table pointer flushes the interrupt entry cache.
    pub esirtps: bool,
    /// ECAP.EIM: 32-bit destinations can be switched on.
    pub eim: bool,
    /// ECAP.C: software need not flush its caches. The model is coherent either way.
    pub coherent: bool,
    /// Fault recording registers, 1..=222.
    pub fault_records: usize,
    /// A second fault of a requester whose first is still recorded is not recorded.
    pub compress_faults: bool,
    /// Ticks between a GCMD write and its effect.
    pub command_ticks: u64,
    /// Ticks per queue descriptor; 0: as many as there are in one step.
    pub descriptor_ticks: u64,
    /// IQA.DW can be set. Hardware couples this to scalable mode, which is left out.
    pub wide_queue: bool,
    /// Compatibility-format destinations have 15 bits.
    pub extended_destination: bool,
    /// CAP.PI: entries may be posted.
    pub posted: bool,
    /// DMA remapping, and how much of it.
    pub dma: Option<DmaConfig>,
}

impl Default for VtdConfig {
    /// The unit that forgives software least: everything cached, no flush of its own.
    fn default() -> Self {
        Self {
            seed: 0,
            latency: Latency::default(),
            cache: Cache::Unlimited,
            caching_mode: false,
            esirtps: false,
            eim: true,
            coherent: true,
            fault_records: 8,
            compress_faults: false,
            command_ticks: 0,
            descriptor_ticks: 0,
            wide_queue: true,
            extended_destination: false,
            posted: false,
            dma: None,
        }
    }
}

/// IRE has been written; IRES follows when the flights of that moment are gone.
#[derive(Clone, Debug)]
struct IreChange {
    on: bool,
    flights: BTreeSet<u64>,
}

/// The unit.
#[derive(Clone, Debug)]
pub struct Vtd {
    config: VtdConfig,
    /// GCMD writes that have not taken effect, with their due ticks.
    commands: VecDeque<(Tick, u32)>,
    root_table: Rtaddr,
    root_set: bool,
    /// IRTA as written.
    table: Irta,
    /// IRTA as latched by SIRTP.
    table_latched: Irta,
    table_set: bool,
    /// Requests that enter now are remapped.
    remapping: bool,
    /// GSTS.IRES.
    remapping_status: bool,
    ire_changes: VecDeque<IreChange>,
    compat_passes: bool,
    cache: EntryCache,
    path: Path<Flight>,
    faults: FaultLog,
    queue: Queue,
    dma: Option<Dma>,
    /// Accesses refused since the last step.
    refused: Vec<RemapEffect>,
    /// Something was written or entered at this tick and no step has been taken since.
    attention: Option<Tick>,
}

impl Vtd {
    /// A unit after reset.
    ///
    /// # Panics
    /// If `fault_records` is not in 1..=222 or the latency's `max` is below its `min`.
    pub fn new(config: VtdConfig) -> Self {
        let room = (regs::PAGE - regs::FRCD) as usize / 16;
        assert!((1..=room).contains(&config.fault_records), "fault records must be 1..={room}");
        assert!(config.latency.min <= config.latency.max, "latency: max is below min");
        Self {
            cache: EntryCache::new(config.cache),
            path: Path::new(config.latency, config.seed, *b"vtd path"),
            faults: FaultLog::new(config.fault_records, config.compress_faults),
            queue: Queue::new(),
            commands: VecDeque::new(),
            root_table: Rtaddr::new(),
            root_set: false,
            table: Irta::new(),
            table_latched: Irta::new(),
            table_set: false,
            remapping: false,
            remapping_status: false,
            ire_changes: VecDeque::new(),
            compat_passes: false,
            dma: config.dma.map(Dma::new),
            refused: Vec::new(),
            attention: None,
            config,
        }
    }

    /// The table entry at `index`, from the cache or in one 16-byte read of memory.
    fn entry(&mut self, index: u16, mem: &HostMemory) -> Result<Irte, FaultReason> {
        if let Some(entry) = self.cache.lookup(index) {
            return Ok(entry);
        }
        let at = self.table_latched.base().checked_add(16 * u64::from(index));
        let raw = at.and_then(|at| mem.read_u128(at).ok()).ok_or(FaultReason::TableUnreadable)?;
        let entry = Irte::from_bits(raw);
        if self.config.caching_mode || entry.is_cacheable(self.table_latched.eime(), self.config.posted) {
            self.cache.fill(index, entry);
        }
        Ok(entry)
    }

    /// Decides on a request, in architectural order [VT-d 5.1.4].
    fn look_up(&mut self, request: InterruptRequest, mem: &HostMemory) -> Flight {
        let InterruptRequest { source, address, data } = request;
        let blocked = |reason| Outcome::Blocked { reason, log: true };
        let mut flight = Flight { request, index: None, entry: None, outcome: blocked(FaultReason::CompatBlocked) };
        let remappable = RemappableAddress::from_bits(address).remappable();

        if !self.remapping || (!remappable && self.compat_passes && !self.table_latched.eime()) {
            flight.outcome = Outcome::Deliver(compat::decode(address, data, self.config.extended_destination));
            return flight;
        }
        if !remappable {
            return flight;
        }
        let Ok(index) = request::index(address, data) else {
            flight.outcome = blocked(FaultReason::ReservedRequest);
            return flight;
        };
        flight.index = Some(index);
        let Some(slot) = u16::try_from(index).ok().filter(|_| index < self.table_latched.entries()) else {
            flight.outcome = blocked(FaultReason::IndexOutOfRange);
            return flight;
        };
        flight.entry = Some(slot);
        flight.outcome = match self.entry(slot, mem) {
            Err(reason) => blocked(reason),
            Ok(entry) => match entry.resolve(source, self.table_latched.eime(), self.config.posted) {
                Ok(Way::Deliver(message)) => Outcome::Deliver(message),
                Ok(Way::Post(post)) => {
                    Outcome::Post { post, quiet: entry.fault_disable(), eime: self.table_latched.eime() }
                }
                Err(reason) => Outcome::Blocked { reason, log: !(reason.is_qualified() && entry.fault_disable()) },
            },
        };
        flight
    }

    /// One flight has arrived at the far end.
    fn land(&mut self, flight: Flight, mem: &mut HostMemory) -> RemapEffect {
        let Flight { request, index, outcome, .. } = flight;
        match outcome {
            Outcome::Deliver(message) => RemapEffect::Deliver { request, index, message },
            Outcome::Post { post, quiet, eime } => match post.carry_out(eime, mem) {
                Ok(Posted { merged, notification }) => RemapEffect::Posted {
                    request,
                    index: index.unwrap_or_default(),
                    descriptor: post.descriptor,
                    vector: post.vector,
                    merged,
                    notification,
                },
                Err(reason) => {
                    let recorded = !quiet && self.faults.record(request.source, reason, index);
                    RemapEffect::Blocked { request, index, reason, recorded }
                }
            },
            Outcome::Blocked { reason, log } => {
                let recorded = log && self.faults.record(request.source, reason, index);
                RemapEffect::Blocked { request, index, reason, recorded }
            }
        }
    }

    /// GCMD takes effect [VT-d 11.4.4.1]. The one-shots come first, so that a write
    /// which repeats them beside a new enable finds the pointers set.
    fn command(&mut self, value: u32, now: Tick) {
        if value & regs::SRTP != 0 {
            self.root_set = true;
            if let Some(dma) = &mut self.dma {
                dma.root = self.root_table;
            }
        }
        if let Some(dma) = &mut self.dma {
            dma.enabled = value & regs::TE != 0;
        }
        if value & regs::SIRTP != 0 {
            self.table_latched = self.table;
            self.table_set = true;
            if self.config.esirtps {
                self.cache.invalidate(0, u16::MAX);
            }
        }
        self.queue.enable(value & regs::QIE != 0, now);
        self.compat_passes = value & regs::CFI != 0;
        let on = value & regs::IRE != 0;
        if on != self.remapping {
            self.remapping = on;
            self.ire_changes.push_back(IreChange { on, flights: self.path.all() });
        }
        self.settle_ire();
    }

    /// IRES follows IRE once the flights of that time have left.
    fn settle_ire(&mut self) {
        while self.ire_changes.front().is_some_and(|c| c.flights.is_empty()) {
            let Some(change) = self.ire_changes.pop_front() else { return };
            self.remapping_status = change.on;
            if !change.on && self.dma.as_ref().is_none_or(|dma| !dma.enabled) {
                self.faults.rewind();
            }
        }
    }
}

impl RemapUnit for Vtd {
    fn copy(&self) -> Box<dyn RemapUnit> {
        Box::new(self.clone())
    }

    fn read(&self, offset: u32, bytes: u8) -> u64 {
        Vtd::read(self, offset, bytes)
    }

    fn write(&mut self, offset: u32, bytes: u8, value: u64, now: Tick, mem: &mut HostMemory) {
        Vtd::write(self, offset, bytes, value, now, mem);
    }

    fn request(&mut self, req: InterruptRequest, now: Tick, mem: &HostMemory) {
        Vtd::request(self, req, now, mem);
    }

    fn translate(&mut self, access: DmaAccess, now: Tick, mem: &mut HostMemory) -> Option<u64> {
        let dma = self.dma.as_mut().filter(|dma| dma.enabled);
        let Some(dma) = dma else { return Some(access.address) };
        match dma.translate(&access, mem) {
            Ok(host) => Some(host),
            Err(Refusal { reason, quiet }) => {
                let recorded = !quiet && self.faults.record_dma(&access, reason);
                self.refused.push(RemapEffect::DmaBlocked { access, reason, recorded });
                self.attention.get_or_insert(now);
                None
            }
        }
    }

    fn step(&mut self, now: Tick, mem: &mut HostMemory, out: &mut Vec<RemapEffect>) {
        Vtd::step(self, now, mem, out);
    }

    fn next_due(&self) -> Option<Tick> {
        Vtd::next_due(self)
    }
}

impl Vtd {
    /// A request enters the delivery path. It is looked up now and leaves after the unit's latency.
    pub fn request(&mut self, req: InterruptRequest, now: Tick, mem: &HostMemory) {
        let flight = self.look_up(req, mem);
        self.path.enter(req.source, flight, now);
    }

    /// Does what is due at `now`: commands, arrivals, queue, events, in this order.
    ///
    /// A status write is in memory when this returns; the deliveries that had to
    /// come before it precede it in `out`. Apply `out` before any software runs.
    pub fn step(&mut self, now: Tick, mem: &mut HostMemory, out: &mut Vec<RemapEffect>) {
        self.attention = None;
        out.append(&mut self.refused);
        while let Some((_, value)) = self.commands.front().copied().filter(|(due, _)| *due <= now) {
            self.commands.pop_front();
            self.command(value, now);
        }
        while let Some((number, flight)) = self.path.leave(now) {
            let effect = self.land(flight, mem);
            out.push(effect);
            self.queue.landed(number);
            for change in &mut self.ire_changes {
                change.flights.remove(&number);
            }
        }
        self.settle_ire();
        self.run_queue(now, mem, out);
        if let Some(message) = self.queue.event.take() {
            out.push(RemapEffect::InvalidationEvent(message));
        }
        if let Some(message) = self.faults.event.take() {
            out.push(RemapEffect::FaultEvent(message));
        }
    }

    /// The earliest tick at which [`step`](Self::step) has something to do.
    pub fn next_due(&self) -> Option<Tick> {
        let command = self.commands.front().map(|(due, _)| *due);
        let queue = self.queue.next_due(self.faults.queue_error());
        [self.attention, command, self.path.next_due(), queue].into_iter().flatten().min()
    }
}
