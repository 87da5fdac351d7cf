// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Work queues, the DMA engine and interrupt handles: every descriptor is followed from
//! the fetch to its one record and its one interrupt [data sheet 13 to 15].
//!
//! What the device knows, this knows: descriptors and source bytes are taken from the
//! completions that answer its reads. So data, checksums and status codes are computed
//! here and compared, not believed. Which read belongs to which descriptor is told by its tag
//! (each lane has four), which write by its address.

pub mod descriptor;
pub mod handles;
pub mod job;

use super::{Report, Upstream};
use crate::bench::decode::Decoded;
use crate::finding::{Finding, Kind};
use crate::shadow::work::{Setup, TestCommand, WorkCommand};
use crate::shadow::{Possible, Shadow};
use descriptor::{CHECKSUM, COPY, Descriptor, FILL, NOP, Record};
use handles::{Book, Meaning, lets};
use job::{Arrival, Job, Open, Owner, Step};
use std::collections::{BTreeMap, VecDeque};
use tlp::Tick;
use vectors::op::Source;

/// First tag of the engine, tags of a lane, lanes.
const FIRST_TAG: u16 = 16;
const TAGS: u16 = 4;
const LANES: usize = 4;

/// Pattern that the endpoint test writes.
const TEST_PATTERN: [u8; 8] = 0xdead_beef_cafe_f00du64.to_le_bytes();

/// A queue as the device should have it.
#[derive(Clone)]
struct Queue {
    setup: Setup,
    enabled: Possible<bool>,
    /// Submitted and not fetched: place and number.
    pending: VecDeque<(u32, u64)>,
    submitted: u64,
    tail: u32,
    /// Software's and the device's end of the completion ring.
    head: u32,
    cq_tail: u32,
    phase: bool,
    done: u32,
    /// Numbers of descriptors fetched and not recorded.
    active: Vec<u64>,
    /// A descriptor could not be fetched: the queue halts.
    broken: bool,
}

impl Queue {
    fn full(&self) -> bool {
        self.places() == 0
    }

    /// Free places of the completion ring.
    fn places(&self) -> u32 {
        let mask = (1 << self.setup.cq_order) - 1;
        mask - (self.cq_tail.wrapping_sub(self.head) & mask)
    }
}

/// What a lane is seen to do.
#[derive(Clone)]
enum Lane {
    Idle,
    Fetching,
    Active(Box<Job>),
}

/// What an outstanding read is for.
#[derive(Clone)]
enum Purpose {
    Descriptor { queue: u32, index: u32, number: u64, got: Vec<u8> },
    Data,
    Test,
}

#[derive(Clone)]
struct Reading {
    open: Open,
    lane: usize,
    purpose: Purpose,
}

/// Interrupts that descriptors ask for, per source.
#[derive(Clone, Default)]
struct Grants {
    /// Granted by a record and not raised: who asked, and whether it must come.
    waiting: VecDeque<(Option<u32>, bool)>,
    /// Raised while the record was on its way.
    early: u64,
}

/// How the core should treat a cause of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// As any other.
    Open,
    /// Refused by the slot's permission.
    Refused,
    /// The permission has just changed.
    Unsure,
}

/// Data that must now stand in memory.
#[derive(Clone)]
pub struct Finished {
    /// First byte.
    pub address: u64,
    /// What stands there.
    pub bytes: Vec<u8>,
}

/// The endpoint test in progress.
#[derive(Clone)]
struct Test {
    job: Job,
    irq: Option<Source>,
    /// Data are done, well or not.
    done: bool,
}

/// The watcher.
#[derive(Clone)]
pub struct Work {
    queues: BTreeMap<u32, Queue>,
    lanes: [Lane; LANES],
    reading: BTreeMap<u16, Reading>,
    test: Option<Test>,
    /// Handles as software has them.
    pub handles: Book,
    grants: BTreeMap<Source, Grants>,
    /// Data to be found in memory, not yet looked for.
    pub finished: Vec<Finished>,
    /// A handle is being looked up since this was last taken from here: it may be refused.
    pub errors_possible: bool,
    /// Sources that may be raised since they were last taken from here: their data, or records, have left.
    pub granted: Vec<Source>,
    /// Records seen, for counts.
    pub records: u64,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            queues: BTreeMap::new(),
            lanes: [const { Lane::Idle }; LANES],
            reading: BTreeMap::new(),
            test: None,
            handles: Book::default(),
            grants: BTreeMap::new(),
            finished: Vec::new(),
            errors_possible: false,
            granted: Vec::new(),
            records: 0,
        }
    }
}

/// First byte and bytes of a memory request with contiguous byte enables.
fn extent(address: u64, length: u32, be: (u8, u8)) -> (u64, u64) {
    let lead = be.0.trailing_zeros().min(4);
    let last = if length == 1 { be.0 } else { be.1 };
    let unused = 4 - (8 - last.leading_zeros()).min(4);
    (address + u64::from(lead), (u64::from(length) * 4).saturating_sub(u64::from(lead + unused)))
}

impl Work {
    /// A reset: nothing is under way any more, handles and queues are gone.
    pub fn reset(&mut self) {
        *self = Self { records: self.records, ..Self::default() };
    }

    /// Descriptor fetches that the device must have given up by now: their queues halt.
    fn expire(&mut self, now: Tick) {
        let over = |x: &Reading| x.open.timeout.is_some_and(|t| now >= x.open.since + t);
        let fetch = |x: &Reading| matches!(x.purpose, Purpose::Descriptor { .. });
        let tags: Vec<u16> = self.reading.iter().filter(|(_, x)| over(x) && fetch(x)).map(|(tag, _)| *tag).collect();
        for tag in tags {
            let Some(Reading { lane, purpose: Purpose::Descriptor { queue, number, .. }, .. }) =
                self.reading.remove(&tag)
            else {
                continue;
            };
            self.lanes[lane] = Lane::Idle;
            if let Some(queue) = self.queues.get_mut(&queue) {
                queue.broken = true;
                queue.active.retain(|n| *n != number);
            }
        }
    }

    /// Software wrote to the registers of a queue or of the endpoint test.
    pub fn command(&mut self, now: Tick, seq: u64, command: WorkCommand, shadow: &mut Shadow) {
        let flushed = shadow.flushed;
        self.expire(now);
        match command {
            WorkCommand::Enable(q, setup) => {
                let mut enabled = Possible::certain(false);
                enabled.set(seq, true, flushed);
                let queue = Queue {
                    setup,
                    enabled,
                    pending: VecDeque::new(),
                    submitted: 0,
                    tail: 0,
                    head: 0,
                    cq_tail: 0,
                    phase: true,
                    done: 0,
                    active: Vec::new(),
                    broken: false,
                };
                self.queues.insert(q, queue);
            }
            WorkCommand::Disable(q) => {
                if let Some(queue) = self.queues.get_mut(&q) {
                    queue.enabled.set(seq, false, flushed);
                }
            }
            WorkCommand::Resume(q) => {
                if let Some(queue) = self.queues.get_mut(&q).filter(|queue| queue.broken) {
                    queue.pending.clear();
                    queue.broken = false;
                }
            }
            WorkCommand::Tail(q, tail) => {
                let Some(queue) = self.queues.get_mut(&q) else { return };
                // Without PASIDs the queue halts.
                queue.broken |= queue.setup.pasid.is_some() && shadow.config.pasid.perhaps(flushed, |on| !on);
                while queue.tail != tail {
                    queue.pending.push_back((queue.tail, queue.submitted));
                    queue.submitted += 1;
                    queue.tail = (queue.tail + 1) & ((1 << queue.setup.sq_order) - 1);
                }
            }
            WorkCommand::Head(q, head) => {
                // What lies beyond the records is ignored (data sheet §14).
                if let Some(queue) = self.queues.get_mut(&q) {
                    let mask = (1u32 << queue.setup.cq_order) - 1;
                    let distance = |to: u32| to.wrapping_sub(queue.head) & mask;
                    if distance(head) <= distance(queue.cq_tail) {
                        queue.head = head;
                    }
                }
            }
            WorkCommand::Revoke => {}
            WorkCommand::Test(command) => self.begin_test(command),
        }
    }

    fn begin_test(&mut self, c: TestCommand) {
        if self.test.as_ref().is_some_and(|test| !test.done) {
            return;
        }
        let opcode = match c.bit {
            3 => CHECKSUM,
            4 => FILL,
            5 => COPY,
            _ => NOP,
        };
        let what = Descriptor {
            opcode,
            size: c.size,
            source: c.source,
            destination: c.destination,
            pattern: TEST_PATTERN,
            ..Descriptor::default()
        };
        let irq = (c.irq_type == 2 && c.irq_number > 0).then(|| Source::Msix((c.irq_number - 1).min(0xf_ffff)));
        let illegal = what.refusal().is_some();
        let job = Job::new(Owner::Test, what, None, (false, false), 0);
        self.test = Some(Test { job, irq, done: false });
        if illegal || opcode == NOP {
            self.test_done();
        }
    }

    /// The endpoint test has moved its data, or failed: its interrupt is due.
    fn test_done(&mut self) {
        let Some(test) = self.test.as_mut().filter(|test| !test.done) else { return };
        test.done = true;
        if let Some(source) = test.irq {
            self.grant(source, None, true);
        }
    }

    fn grant(&mut self, source: Source, pasid: Option<u32>, owed: bool) {
        self.granted.push(source);
        let grants = self.grants.entry(source).or_default();
        if grants.early > 0 {
            grants.early -= 1;
        } else {
            grants.waiting.push_back((pasid, owed));
        }
    }

    /// PASIDs of descriptors under way that may yet raise this source.
    fn potential(&self, source: Source) -> Vec<Option<u32>> {
        let mut list: Vec<Option<u32>> = self
            .lanes
            .iter()
            .filter_map(|lane| match lane {
                Lane::Active(job) => Some(job),
                _ => None,
            })
            .filter(|job| job.meanings.iter().flatten().any(|m| m.source == source && usable(m, job.pasid)))
            .map(|job| job.pasid)
            .collect();
        list.extend(self.test.iter().filter(|test| !test.done && test.irq == Some(source)).map(|_| None));
        list
    }

    /// The core took a cause that neither port nor doorbell asked for: whether a queue may have, and how it is
    /// to be treated.
    pub fn cause(&mut self, source: Source, shadow: &mut Shadow) -> Option<Permit> {
        let potential = self.potential(source);
        let grants = self.grants.entry(source).or_default();
        let requesters = if let Some((pasid, _)) = grants.waiting.pop_front() {
            vec![pasid]
        } else if (potential.len() as u64) > grants.early {
            grants.early += 1;
            potential
        } else {
            return None;
        };
        let Source::Device(_) = source else { return Some(Permit::Open) };
        let flushed = shadow.flushed;
        let entry = shadow.entries.entry(source);
        let all = requesters.iter().all(|p| entry.certainly(flushed, |c| lets(c.permission, *p)));
        let some = requesters.iter().any(|p| entry.perhaps(flushed, |c| lets(c.permission, *p)));
        Some(match (all, some) {
            (true, _) => Permit::Open,
            (false, false) => Permit::Refused,
            (false, true) => Permit::Unsure,
        })
    }

    /// A handle is being made invalid (all of them without one); descriptors under way may still see it valid.
    pub fn handle_ending(&mut self, handle: Option<u16>) {
        self.handles.ending(handle);
        for lane in &mut self.lanes {
            if let Lane::Active(job) = lane
                && job.what.handle.is_some_and(|h| handle.is_none_or(|only| only == h))
            {
                job.meanings.push(None);
            }
        }
    }

    /// The device gave this handle.
    pub fn handle_given(&mut self, handle: u16, meaning: Meaning) {
        self.handles.given(handle, meaning);
        for lane in &mut self.lanes {
            if let Lane::Active(job) = lane
                && job.what.handle == Some(handle)
            {
                job.meanings.push(Some(meaning));
            }
        }
    }

    /// A read of the device left; true when it is the engine's.
    pub fn read(&mut self, up: &Upstream<'_>, shadow: &mut Shadow, report: &mut Report) -> bool {
        let Decoded::Memory { write: false, address, be, .. } = *up.decoded else { return false };
        let tag = up.common.tag;
        if tag < FIRST_TAG {
            return false;
        }
        let lane = usize::from((tag - FIRST_TAG) / TAGS);
        report.require("dma_tag", up.tick, lane < LANES, || format!("tag {tag:#x} belongs to no lane"));
        if lane >= LANES {
            return true;
        }
        self.expire(up.tick);
        let (first, count) = extent(address, up.common.length, be);
        let timeout = shadow.config.completion_timeout();
        let open = Open { next: first, left: count as u32, since: up.tick, timeout, poisoned: false };
        if let Lane::Active(job) = &self.lanes[lane]
            && job.reads_at(first, count)
        {
            report.look("stray_read");
            look_at_request(up, job.pasid, wanted(job, shadow), report);
            self.fence(lane, up.tick, report);
            self.reading.insert(tag, Reading { open, lane, purpose: Purpose::Data });
            return true;
        }
        let of_test = lane == 0 && self.test.as_ref().is_some_and(|t| !t.done && t.job.reads_at(first, count));
        if of_test && !matches!(self.lanes[0], Lane::Active(_)) {
            report.look("stray_read");
            look_at_request(up, None, 0, report);
            self.reading.insert(tag, Reading { open, lane, purpose: Purpose::Test });
            return true;
        }
        if matches!(self.lanes[lane], Lane::Idle)
            && let Some(q) = self.ring_at(first, shadow)
        {
            self.look_at_fetch(up, q, first, count, report);
            let Some(queue) = self.queues.get_mut(&q) else { return true };
            let index = ((first - queue.setup.sq_base) / 32) as u32;
            let place = queue.pending.iter().take(LANES).position(|(i, _)| *i == index);
            let taken = place.and_then(|place| queue.pending.remove(place));
            report.require("stray_read", up.tick, taken.is_some(), || {
                format!("descriptor {index} of queue {q} is read, which is not among those to be fetched next")
            });
            let Some((index, number)) = taken else { return true };
            // Records under way and this one's: none may have to wait for software.
            let (places, under_way) = (queue.places(), queue.active.len() as u32);
            report.require("fetch_without_place", up.tick, under_way < places, || {
                format!(
                    "descriptor {index} of queue {q} is read: {under_way} are under way, {places} records have a place"
                )
            });
            queue.active.push(number);
            self.lanes[lane] = Lane::Fetching;
            let purpose = Purpose::Descriptor { queue: q, index, number, got: Vec::new() };
            self.reading.insert(tag, Reading { open, lane, purpose });
            return true;
        }
        let elsewhere = self.lanes.iter().any(|l| matches!(l, Lane::Active(job) if job.reads_at(first, count)));
        report.require("dma_tag", up.tick, !elsewhere, || {
            format!("tag {tag:#x} of lane {lane} on a read of {first:#x} that another lane has to make")
        });
        report.require("stray_read", up.tick, elsewhere, || {
            format!("lane {lane} reads {count} bytes at {first:#x}, where no descriptor or source of its is")
        });
        true
    }

    fn ring_at(&mut self, at: u64, shadow: &Shadow) -> Option<u32> {
        let flushed = shadow.flushed;
        for (q, queue) in &mut self.queues {
            let base = queue.setup.sq_base;
            let within = (base..base + (32 << queue.setup.sq_order)).contains(&at);
            if within && queue.enabled.perhaps(flushed, |on| *on) {
                return Some(*q);
            }
        }
        None
    }

    fn look_at_fetch(&self, up: &Upstream<'_>, q: u32, first: u64, count: u64, report: &mut Report) {
        let Some(queue) = self.queues.get(&q) else { return };
        let whole = count == 32 && first.is_multiple_of(32);
        report.require("torn_descriptor_read", up.tick, whole, || {
            format!("{count} bytes read at {first:#x}: not one whole descriptor of queue {q}")
        });
        look_at_request(up, queue.setup.pasid, 0, report);
    }

    /// A fence is not passed by the descriptor behind it.
    fn fence(&self, lane: usize, tick: Tick, report: &mut Report) {
        let Lane::Active(job) = &self.lanes[lane] else { return };
        let Owner::Queue(q, index) = job.owner else { return };
        let Some(queue) = self.queues.get(&q).filter(|_| job.what.fence) else { return };
        let waits = queue.active.iter().any(|n| *n < job.number) || queue.pending.iter().any(|(_, n)| *n < job.number);
        report.require("fence_passed", tick, !waits, || {
            format!("descriptor {index} of queue {q} begins although it has a fence and earlier ones have no record")
        });
    }

    /// A completion goes to the device.
    pub fn completion(&mut self, now: Tick, tag: u16, arrival: Arrival, words: &[u32]) {
        let Some(reading) = self.reading.get_mut(&tag) else { return };
        let at = reading.open.next;
        let step = reading.open.step(now, arrival);
        let over = reading.open.left == 0;
        let lane = reading.lane;
        let (ends, failed) = match step {
            Step::Ignored => return,
            // A poisoned answer is awaited in full.
            Step::Failed(0x22) => (over, Some(0x22)),
            Step::Failed(code) => (true, Some(code)),
            Step::Bytes(..) => (over, None),
        };
        let bytes: Vec<u8> = match step {
            Step::Bytes(lead, here) => {
                let all = words.iter().flat_map(|w| w.to_le_bytes());
                all.skip(lead as usize).take(here as usize).collect()
            }
            _ => Vec::new(),
        };
        match &mut reading.purpose {
            Purpose::Descriptor { queue, index, number, got } => {
                got.extend(bytes);
                let (queue, index, number) = (*queue, *index, *number);
                let image = (ends && failed.is_none()).then(|| got.clone());
                if failed.is_some() {
                    if let Some(q) = self.queues.get_mut(&queue) {
                        q.broken = true;
                        q.active.retain(|n| *n != number);
                    }
                    self.lanes[lane] = Lane::Idle;
                }
                if let Some(image) = image {
                    self.descriptor_came(lane, queue, index, number, &image);
                }
            }
            Purpose::Data => {
                if let Lane::Active(job) = &mut self.lanes[lane] {
                    job.feed(at, &bytes);
                    job.failures.extend(failed);
                }
            }
            Purpose::Test => {
                if let Some(test) = &mut self.test {
                    test.job.feed(at, &bytes);
                    test.job.failures.extend(failed);
                    if failed.is_some() || test.job.complete() {
                        self.test_done();
                    }
                }
            }
        }
        if ends {
            self.reading.remove(&tag);
        }
    }

    fn descriptor_came(&mut self, lane: usize, q: u32, index: u32, number: u64, image: &[u8]) {
        let Some(queue) = self.queues.get(&q) else { return };
        let what = Descriptor::read(image);
        let Setup { pasid, relaxed, ido, .. } = queue.setup;
        let mut job = Job::new(Owner::Queue(q, index), what, pasid, (ido, relaxed), number);
        job.meanings = match what.handle {
            Some(handle) => self.handles.states(handle),
            // The queue's event needs no permission.
            None if what.event => vec![Some(Meaning { source: Source::Event(q), permission: 4 })],
            None => Vec::new(),
        };
        self.errors_possible |= what.handle.is_some();
        self.lanes[lane] = Lane::Active(Box::new(job));
    }

    /// A write of the device that is no message; true when it is the engine's.
    pub fn write(&mut self, up: &Upstream<'_>, shadow: &mut Shadow, report: &mut Report) -> bool {
        let Decoded::Memory { write: true, address, be, .. } = *up.decoded else { return false };
        let (first, count) = extent(address, up.common.length, be);
        let ring = self.queues.iter().find(|(_, queue)| {
            let base = queue.setup.cq_base;
            (base..base + (16 << queue.setup.cq_order)).contains(&address)
        });
        if let Some((q, _)) = ring {
            let q = *q;
            self.record(up, q, first, count, report);
            return true;
        }
        let lead = (first - address) as usize;
        let bytes: Vec<u8> =
            up.packet.data.iter().flat_map(|w| w.to_le_bytes()).skip(lead).take(count as usize).collect();
        let next = |job: &Job| job.writes_at(first, count);
        let lane = self.lanes.iter().position(|l| matches!(l, Lane::Active(job) if next(job)));
        if let Some(lane) = lane {
            self.fence(lane, up.tick, report);
            if let Lane::Active(job) = &mut self.lanes[lane] {
                look_at_request(up, job.pasid, wanted(job, shadow), report);
                look_at_data(up.tick, job, &bytes, report);
            }
            return true;
        }
        if let Some(test) = self.test.as_mut().filter(|t| !t.done && next(&t.job)) {
            look_at_request(up, None, 0, report);
            look_at_data(up.tick, &mut test.job, &bytes, report);
            if test.job.complete() {
                let job = &test.job;
                self.finished.push(Finished { address: job.what.destination, bytes: job.bytes() });
                self.test_done();
            }
            return true;
        }
        let out_of_turn = self.lanes.iter().any(|l| matches!(l, Lane::Active(job) if job.covers(first, count)));
        if out_of_turn {
            report.require("dma_order", up.tick, false, || {
                format!("{count} bytes written to {first:#x}: not the next ones of their descriptor")
            });
        }
        out_of_turn
    }

    fn record(&mut self, up: &Upstream<'_>, q: u32, first: u64, count: u64, report: &mut Report) {
        let Some(queue) = self.queues.get(&q) else { return };
        let tick = up.tick;
        let whole = count == 16 && first.is_multiple_of(16) && up.packet.data.len() == 4;
        report.require("torn_record", tick, whole, || {
            format!("{count} bytes written at {first:#x}: not one whole record of queue {q}")
        });
        if !whole {
            return;
        }
        look_at_request(up, queue.setup.pasid, 0, report);
        let r = Record::read(&up.packet.data);
        let (place, full) = (queue.setup.cq_base + 16 * u64::from(queue.cq_tail), queue.full());
        report.require("record_place", tick, first == place, || {
            format!("record of queue {q} written to {first:#x}, the next place is {place:#x}")
        });
        report.require("record_ring_overrun", tick, !full, || {
            format!("record of queue {q} written although its ring is full: consumed up to {}", queue.head)
        });
        let lane =
            self.lanes.iter().position(|l| matches!(l, Lane::Active(job) if job.owner == Owner::Queue(q, r.index)));
        report.require("record_unexpected", tick, lane.is_some(), || {
            format!("record of queue {q} for descriptor {}, of which no lane has one under way", r.index)
        });
        let (phase, number) = (queue.phase, queue.done & 0x7fff_ffff);
        report.require("record_content", tick, (r.queue, r.phase, r.number) == (q, phase, number), || {
            format!(
                "record says queue {}, phase {}, number {}; it is queue {q}, phase {phase}, number {number}",
                r.queue, r.phase, r.number
            )
        });
        let Some(lane) = lane else { return };
        self.fence(lane, tick, report);
        let Lane::Active(job) = std::mem::replace(&mut self.lanes[lane], Lane::Idle) else { return };
        self.records += 1;
        if let Some(queue) = self.queues.get_mut(&q) {
            queue.cq_tail = (queue.cq_tail + 1) & ((1 << queue.setup.cq_order) - 1);
            queue.phase ^= queue.cq_tail == 0;
            queue.done = queue.done.wrapping_add(1);
            queue.active.retain(|n| *n != job.number);
        }
        let gave_up = |x: &Reading| x.lane == lane && x.open.timeout.is_some_and(|t| tick >= x.open.since + t);
        let timed_out = self.reading.values().any(gave_up);
        self.reading.retain(|_, x| x.lane != lane || !matches!(x.purpose, Purpose::Data));
        self.judge(tick, &job, &r, timed_out, report);
        self.settle_interrupt(tick, &job, &r, report);
    }

    /// Status, bytes and checksum of a record against what its descriptor was given.
    fn judge(&mut self, tick: Tick, job: &Job, r: &Record, timed_out: bool, report: &mut Report) {
        let d = &job.what;
        let invalid = job.meanings.iter().any(Option::is_none);
        let refused = job.meanings.iter().flatten().any(|m| !usable(m, job.pasid));
        let fine = d.handle.is_none() || job.meanings.iter().flatten().any(|m| usable(m, job.pasid));
        let legal = match (d.refusal(), r.status) {
            (Some(code), status) => status == code,
            (None, 0x19) => invalid,
            (None, 0x1a) => refused,
            (None, 0x01) => fine && job.failures.is_empty() && job.fed(),
            (None, 0x23) => fine && (timed_out || job.failures.contains(&0x23)),
            (None, status) => fine && job.failures.contains(&status),
        };
        let q = job.owner;
        report.require("record_status", tick, legal, || {
            format!(
                "{q:?}: status {:#x}; opcode {} size {}, handle {:?} meaning {:?}, failed reads {:x?}",
                r.status, d.opcode, d.size, d.handle, job.meanings, job.failures
            )
        });
        let moved = if d.opcode == NOP { 0 } else { d.size };
        let (done, written) = (r.done, job.written as u32);
        let (exact, what) = match r.status {
            0x01 => (done == moved && (!d.writes() || written == d.size), "with all data written"),
            0x10..=0x1f => (done == 0 && written == 0, "without any data"),
            _ => (done == if d.writes() { written } else { 0 }, "with what has been written"),
        };
        report.require("record_ahead_of_data", tick, exact, || {
            format!("{q:?}: record {what} expected, says {done} bytes; {written} of {moved} have come")
        });
        let summed = r.status == 1 && d.reads() && job.fed();
        let sum = if summed { descriptor::crc(&job.bytes()) } else { 0 };
        report.require("record_checksum", tick, r.checksum == sum || r.status == 1 && !job.fed(), || {
            format!("{q:?}: checksum {:#010x}, it is {sum:#010x}", r.checksum)
        });
        if r.status == 1 && d.writes() && job.complete() {
            self.finished.push(Finished { address: d.destination, bytes: job.bytes() });
        }
    }

    /// What the record means for the interrupt that its descriptor asked for.
    fn settle_interrupt(&mut self, tick: Tick, job: &Job, r: &Record, report: &mut Report) {
        if job.meanings.is_empty() {
            return;
        }
        let good: Vec<&Meaning> = job.meanings.iter().flatten().filter(|m| usable(m, job.pasid)).collect();
        if !matches!(r.status, 0x19 | 0x1a)
            && let Some(meaning) = good.last()
        {
            let certain = good.len() == job.meanings.len() && good.iter().all(|m| m.source == meaning.source);
            self.grant(meaning.source, job.pasid, certain);
        }
        for meaning in job.meanings.iter().flatten() {
            let potential = self.potential(meaning.source).len() as u64;
            let early = self.grants.get(&meaning.source).map_or(0, |g| g.early);
            report.require("refused_handle_raised", tick, early <= potential, || {
                format!("{:?} was raised by {:?}, whose record says {:#x}", meaning.source, job.owner, r.status)
            });
            if let Some(grants) = self.grants.get_mut(&meaning.source) {
                grants.early = early.min(potential);
            }
        }
    }

    /// Whether everything owed by queues has come.
    pub fn is_quiet(&mut self, shadow: &mut Shadow) -> bool {
        self.owed(shadow).is_empty()
    }

    /// What is owed and has not come, a text each.
    fn owed(&mut self, shadow: &mut Shadow) -> Vec<String> {
        let flushed = shadow.flushed;
        let mut owed: Vec<String> = self
            .grants
            .iter()
            .filter(|(_, g)| g.waiting.iter().any(|(_, must)| *must))
            .map(|(source, _)| format!("{source:?} was granted and not raised"))
            .collect();
        let masters = !shadow.resetting
            && shadow.config.bus_master.certainly(flushed, |on| *on)
            && shadow.config.in_d0.certainly(flushed, |on| *on);
        if !masters {
            return owed;
        }
        let stuck = |queue: &Queue| queue.full() && !queue.active.is_empty();
        let jammed = self.queues.values().any(stuck) || !self.reading.is_empty();
        for (lane, state) in self.lanes.iter().enumerate() {
            let Lane::Active(job) = state else { continue };
            let Owner::Queue(q, index) = job.owner else { continue };
            let reads = self.reading.values().any(|x| x.lane == lane);
            if !reads && self.queues.get(&q).is_some_and(|queue| !queue.full()) && !(job.what.fence && jammed) {
                owed.push(format!("descriptor {index} of queue {q} has no record"));
            }
        }
        let pasid = shadow.config.pasid.certainly(flushed, |on| *on);
        for (q, queue) in &mut self.queues {
            let runs = queue.enabled.certainly(flushed, |on| *on) && !queue.broken && !jammed;
            if runs && !queue.pending.is_empty() && (pasid || queue.setup.pasid.is_none()) {
                owed.push(format!("{} descriptors of queue {q} are not fetched", queue.pending.len()));
            }
        }
        if let Some(test) = self.test.as_ref().filter(|test| !test.done && self.reading.is_empty()) {
            owed.push(format!("the endpoint test has written {} bytes and is not done", test.job.written));
        }
        owed
    }

    /// Judges liveness after the bound; what is owed then is reported and forgotten.
    pub fn judge_liveness(&mut self, tick: Tick, bound: Tick, shadow: &mut Shadow) -> Vec<Finding> {
        let owed = self.owed(shadow);
        for grants in self.grants.values_mut() {
            grants.waiting.clear();
        }
        if !owed.is_empty() {
            self.lanes = [const { Lane::Idle }; LANES];
            self.test = None;
            for queue in self.queues.values_mut() {
                queue.pending.clear();
                queue.active.clear();
            }
        }
        let finding = |text: String| Finding {
            check: "record_missing",
            kind: Kind::Liveness,
            tick,
            text: format!("{text} after {bound} cycles"),
        };
        owed.into_iter().map(finding).collect()
    }
}

/// Whether this meaning lets the requester raise the interrupt, as far as the handle decides.
fn usable(m: &Meaning, pasid: Option<u32>) -> bool {
    matches!(m.source, Source::Device(_)) || lets(m.permission, pasid)
}

/// Attributes that data of this job must carry.
fn wanted(job: &Job, shadow: &Shadow) -> u8 {
    let (ido, relaxed) = job.attributes;
    u8::from(ido && shadow.config.ido_requests()) << 2 | u8::from(relaxed && shadow.config.relaxed_ordering()) << 1
}

/// Prefix and attributes of a request of the engine.
fn look_at_request(up: &Upstream<'_>, pasid: Option<u32>, attr: u8, report: &mut Report) {
    let wanted = pasid.map(|p| 0x91 << 24 | p);
    let prefix = up.packet.prefix;
    report.require("pasid_prefix", up.tick, prefix == wanted, || {
        format!("a request of the engine has prefix {prefix:x?}, must have {wanted:x?}")
    });
    let c = up.common;
    let plain = c.attr == attr && c.tc == 0 && c.at == 0 && !c.th && !c.ep;
    report.require("dma_attributes", up.tick, plain, || {
        format!("attributes {:03b}, must be {attr:03b}; TC {}, AT {}, TH {}, EP {}", c.attr, c.tc, c.at, c.th, c.ep)
    });
}

/// Bytes that a job writes, which are its next ones.
fn look_at_data(tick: Tick, job: &mut Job, bytes: &[u8], report: &mut Report) {
    let first = job.written;
    let wrong = bytes.iter().zip(first..).find(|(byte, at)| job.due(*at) != Some(**byte));
    report.require("dma_data", tick, wrong.is_none(), || {
        let (byte, at) = wrong.map_or((0, 0), |(byte, at)| (*byte, at));
        let due = job.due(at);
        format!("{:?}: byte {at} written as {byte:#x}, must be {due:x?}", job.owner)
    });
    job.written += bytes.len() as u64;
}

#[cfg(test)]
mod tests {
    use super::extent;

    #[test]
    fn extents_of_byte_enables() {
        assert_eq!(extent(0x100, 1, (0xf, 0)), (0x100, 4));
        assert_eq!(extent(0x100, 1, (0x4, 0)), (0x102, 1));
        assert_eq!(extent(0x100, 2, (0x8, 0x1)), (0x103, 2));
        assert_eq!(extent(0x100, 128, (0xe, 0x7)), (0x101, 510));
    }
}
