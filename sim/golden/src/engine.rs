// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The lanes of the DMA engine: each takes a descriptor from fetch to interrupt.
//!
//! [Data sheet section 14; PCIe Base 2.2.7, 2.3.1.1, 2.4.1.] A lane fetches,
//! checks, reads, writes, records, raises; in a tick it does one of these. Whether it
//! can is found by the same function that does it, so that idle time can be jumped over.

use crate::aer::Error;
use crate::config::Legacy;
use crate::decode::Header;
use crate::descriptor::{DESCRIPTOR_BYTES, Descriptor, Move, Opcode, crc32, status};
use crate::device::{Device, SEND_TICKS};
use crate::encode::{self, DmaHeader, STATUS_CA, STATUS_CRS, STATUS_SC};
use crate::endpoint_test::Kind;
use crate::irq::IrqError;
use crate::quirks::Quirk;
use std::collections::VecDeque;
use tlp::{Cause, CauseOp, Packet, Store, Tick};

/// First tag of the first lane.
pub(crate) const FIRST_TAG: u8 = 16;
/// Tags of a lane: reads that it can have outstanding.
const TAGS: usize = 4;
/// Largest read and largest write of the engine.
const LARGEST_REQUEST: u32 = 512;
/// Bytes that a lane holds at most between reading and writing.
const BUFFER: u64 = 4 * LARGEST_REQUEST as u64;

/// A cause together with the permission that it needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Asked {
    pub(crate) cause: Cause,
    /// PASID of a requester that is to be checked; `None`: privileged.
    pub(crate) requester: Option<Option<u32>>,
}

/// A read under way.
#[derive(Clone, Debug)]
struct Read {
    /// Place in the job's data.
    at: u64,
    address: u64,
    bytes: u32,
    data: Vec<u8>,
    /// Nobody wants the data any more.
    discard: bool,
}

impl Read {
    fn whole(&self) -> bool {
        self.data.len() == self.bytes as usize
    }
}

/// What a tag is used for.
#[derive(Clone, Debug)]
enum Tag {
    Free,
    /// The read waits to leave.
    Queued(Read),
    /// The read has left; when it times out, and how long the tag rests then.
    Out(Read, Option<Tick>, Tick),
    /// Answered; the data wait for their turn.
    Held(Read),
    /// Not to be used before `until`.
    Quiet {
        until: Tick,
        silent: bool,
    },
}

/// Who asked for the work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Origin {
    /// Entry `index` of queue `queue`, the `number`-th since it was enabled.
    Queue { queue: usize, index: u32, number: u64 },
    /// The endpoint test registers.
    Test(Kind),
}

/// How far a job is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// The descriptor is to be read, at this address, or is being read.
    Fetch { address: u64, asked: bool },
    /// Waits for the jobs before its fence; it has not begun.
    Fence,
    /// Data move.
    Data,
    /// The record is to be written.
    Record,
    /// The interrupt is to be raised.
    Raise,
}

/// The interrupt that a job ends with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Interrupt {
    None,
    Cause(Asked),
}

#[derive(Clone, Debug)]
struct Job {
    origin: Origin,
    stage: Stage,
    work: Move,
    pasid: Option<u32>,
    /// The descriptor while it waits behind its fence.
    held: Option<Descriptor>,
    status: u8,
    interrupt: Interrupt,
    /// Bytes of the source that reads have been made for, and that have come in order.
    asked: u64,
    taken: u64,
    buffer: VecDeque<u8>,
    /// Bytes written.
    done: u64,
    crc: u32,
}

impl Job {
    fn new(origin: Origin, stage: Stage, work: Move, pasid: Option<u32>) -> Self {
        Self {
            origin,
            stage,
            work,
            pasid,
            held: None,
            status: status::OK,
            interrupt: Interrupt::None,
            asked: 0,
            taken: 0,
            buffer: VecDeque::new(),
            done: 0,
            crc: !0,
        }
    }

    fn size(&self) -> u64 {
        u64::from(self.work.size)
    }

    fn moved(&self) -> bool {
        match self.work.opcode {
            Opcode::Nop => true,
            Opcode::Checksum => self.taken == self.size(),
            Opcode::Fill | Opcode::Copy => self.done == self.size(),
        }
    }
}

#[derive(Clone, Debug)]
struct Lane {
    job: Option<Job>,
    tags: [Tag; TAGS],
}

impl Lane {
    fn new() -> Self {
        Self { job: None, tags: [Tag::Free, Tag::Free, Tag::Free, Tag::Free] }
    }

    fn reading(&self) -> bool {
        self.tags.iter().any(|tag| matches!(tag, Tag::Queued(_) | Tag::Out(..)))
    }

    fn free_tag(&self) -> Option<usize> {
        self.tags.iter().position(|tag| matches!(tag, Tag::Free))
    }
}

/// What a lane can do in a tick.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    /// Take a command of the endpoint test, or a queue's next descriptor.
    TakeTest,
    Take(usize),
    /// Ask for the descriptor, or for data, under this tag.
    AskDescriptor(usize),
    AskData(usize),
    /// The fence is open.
    Begin,
    /// Take in the data that stand under this tag.
    TakeIn(usize),
    /// Write so many bytes.
    Write(u32),
    /// Data are done, well or not.
    Finish,
    Record,
    /// Nothing (more) is to be raised.
    Leave,
}

/// The lanes.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    lanes: Vec<Lane>,
    /// Lane whose cause is offered first.
    cursor: usize,
}

/// Bytes from `address` to the next multiple of `step`, at most `left`.
fn piece(address: u64, step: u32, left: u64) -> u32 {
    let to_border = u64::from(step) - address % u64::from(step);
    to_border.min(left) as u32
}

impl Engine {
    pub(crate) fn new(lanes: u32) -> Self {
        Self { lanes: (0..lanes).map(|_| Lane::new()).collect(), cursor: 0 }
    }

    /// Reset; `rest` as for slot fetches.
    pub(crate) fn reset(&mut self, now: Tick, rest: Option<Tick>) {
        let mut fresh = Self::new(self.lanes.len() as u32);
        if let Some(rest) = rest {
            let (new, old) = (fresh.lanes.iter_mut(), &self.lanes);
            for (new, old) in new.zip(old).flat_map(|(new, old)| new.tags.iter_mut().zip(&old.tags)) {
                *new = match *old {
                    Tag::Out(..) => Tag::Quiet { until: now + rest, silent: true },
                    Tag::Quiet { until, .. } => Tag::Quiet { until: until.max(now + rest), silent: true },
                    Tag::Free | Tag::Queued(_) | Tag::Held(_) => Tag::Free,
                };
            }
        }
        *self = fresh;
    }

    /// Whether a read has left and is neither answered nor given up.
    pub(crate) fn transactions_pending(&self) -> bool {
        self.lanes.iter().flat_map(|lane| &lane.tags).any(|tag| matches!(tag, Tag::Out(..)))
    }

    /// First tick at which a tag changes by time alone.
    pub(crate) fn next_timer(&self) -> Tick {
        let timer = |tag: &Tag| match tag {
            Tag::Out(_, due, _) => *due,
            Tag::Quiet { until, .. } => Some(*until),
            Tag::Free | Tag::Queued(_) | Tag::Held(_) => None,
        };
        self.lanes.iter().flat_map(|lane| &lane.tags).filter_map(timer).min().unwrap_or(Tick::MAX)
    }

    fn place(&self, tag: u32) -> Option<(usize, usize)> {
        let at = (tag as usize).checked_sub(FIRST_TAG as usize)?;
        (at / TAGS < self.lanes.len()).then_some((at / TAGS, at % TAGS))
    }

    /// The cause that a lane offers to the core, and the lane.
    pub(crate) fn offer(&self) -> Option<(usize, Asked)> {
        let count = self.lanes.len();
        (0..count).map(|i| (self.cursor + i) % count).find_map(|lane| match &self.lanes[lane].job {
            Some(Job { stage: Stage::Raise, interrupt: Interrupt::Cause(asked), .. }) => Some((lane, *asked)),
            _ => None,
        })
    }

    /// The core has taken the cause of this lane.
    pub(crate) fn taken(&mut self, lane: usize) {
        self.cursor = lane + 1;
        if let Some(job) = &mut self.lanes[lane].job {
            job.interrupt = Interrupt::None;
        }
    }
}

impl Device {
    /// Whether a lane can do something now.
    pub(crate) fn engine_can_go(&self) -> bool {
        self.takes_causes() && (0..self.engine.lanes.len()).any(|lane| self.act_of(lane).is_some())
    }

    /// What a lane can do now.
    fn act_of(&self, at: usize) -> Option<Act> {
        let lane = &self.engine.lanes[at];
        let Some(job) = &lane.job else {
            if at == 0 && self.test.waiting() {
                return Some(Act::TakeTest);
            }
            // The tags of a lane whose last reads were given up rest.
            let may = self.may_dma() && lane.free_tag().is_some();
            return self.queues.next().filter(|_| may).map(Act::Take);
        };
        match job.stage {
            Stage::Fetch { asked: false, .. } => {
                let may = self.may_dma() && self.link.request_room();
                lane.free_tag().filter(|_| may).map(Act::AskDescriptor)
            }
            Stage::Fetch { .. } => None,
            Stage::Fence => (!self.has_earlier(job.origin)).then_some(Act::Begin),
            Stage::Data => self.data_act(lane, job),
            Stage::Record => (self.may_dma() && self.link.can_post(1)).then_some(Act::Record),
            Stage::Raise => match job.interrupt {
                Interrupt::Cause(_) => None,
                Interrupt::None => Some(Act::Leave),
            },
        }
    }

    fn data_act(&self, lane: &Lane, job: &Job) -> Option<Act> {
        let good = job.status == status::OK;
        if !good {
            // Nothing is asked for any more, and what is under way awaited.
            return (!lane.reading()).then_some(Act::Finish);
        }
        if job.moved() {
            return Some(Act::Finish);
        }
        let in_turn = lane.tags.iter().position(|tag| matches!(tag, Tag::Held(read) if read.at == job.taken));
        if let Some(tag) = in_turn
            && (!job.work.opcode.writes() || job.taken - job.done < BUFFER)
        {
            return Some(Act::TakeIn(tag));
        }
        if let Some(bytes) = self.next_write(job) {
            return Some(Act::Write(bytes));
        }
        let wants = job.work.opcode.reads() && job.asked < job.size();
        let may = wants && self.may_dma() && self.link.request_room();
        lane.free_tag().filter(|_| may).map(Act::AskData)
    }

    /// Bytes of the next write, if it can be made.
    fn next_write(&self, job: &Job) -> Option<u32> {
        if !job.work.opcode.writes() || !self.may_dma() {
            return None;
        }
        let step = self.config.max_payload_bytes().min(LARGEST_REQUEST);
        let address = job.work.destination + job.done;
        let bytes = piece(address, step, job.size() - job.done);
        let there = job.work.opcode == Opcode::Fill || job.buffer.len() >= bytes as usize;
        let words = ((address & 3) as u32 + bytes).div_ceil(4);
        (there && self.link.can_post(words.div_ceil(4) as u16)).then_some(bytes)
    }

    /// Whether a job of the same queue that was fetched before is not completed.
    fn has_earlier(&self, origin: Origin) -> bool {
        let Origin::Queue { queue, number, .. } = origin else { return false };
        self.engine.lanes.iter().filter_map(|lane| lane.job.as_ref()).any(|job| match job.origin {
            Origin::Queue { queue: q, number: n, .. } => q == queue && n < number && job.stage != Stage::Raise,
            Origin::Test(_) => false,
        })
    }

    /// One thing for each lane.
    pub(crate) fn step_engine(&mut self, t: Tick) {
        if !self.takes_causes() {
            return;
        }
        for lane in 0..self.engine.lanes.len() {
            if let Some(act) = self.act_of(lane) {
                self.carry_out(t, lane, act);
            }
        }
    }

    fn carry_out(&mut self, t: Tick, at: usize, act: Act) {
        match act {
            Act::TakeTest => self.take_test(at),
            Act::Take(queue) => self.take_descriptor(at, queue),
            Act::AskDescriptor(tag) => {
                let Some(job) = &mut self.engine.lanes[at].job else { return };
                let Stage::Fetch { address, asked } = &mut job.stage else { return };
                *asked = true;
                let (address, pasid) = (*address, job.pasid);
                let read = Read { at: 0, address, bytes: DESCRIPTOR_BYTES, data: Vec::new(), discard: false };
                self.ask(t, at, tag, read, pasid, (false, false));
            }
            Act::AskData(tag) => self.ask_data(t, at, tag),
            Act::Begin => {
                if let Some(descriptor) = self.engine.lanes[at].job.as_mut().and_then(|job| job.held.take()) {
                    self.begin_job(at, descriptor);
                }
            }
            Act::TakeIn(tag) => self.take_in(at, tag),
            Act::Write(bytes) => self.write_data(t, at, bytes),
            Act::Finish => self.finish_data(t, at),
            Act::Record => self.write_queue_record(t, at),
            Act::Leave => self.leave(at),
        }
    }

    fn leave(&mut self, at: usize) {
        if let Some(Job { origin: Origin::Queue { queue, .. }, .. }) = self.engine.lanes[at].job.take() {
            self.queues.change(queue, |q| q.jobs -= 1);
        }
    }

    fn take_test(&mut self, at: usize) {
        let (kind, work) = self.test.take();
        let mut job = Job::new(Origin::Test(kind), Stage::Data, work.unwrap_or(Move::NOTHING), None);
        if work.is_none() && !matches!(kind, Kind::Raise(_)) {
            job.status = status::SIZE;
        }
        if matches!(kind, Kind::Raise(_)) {
            job.work = Move::NOTHING;
        }
        self.engine.lanes[at].job = Some(job);
    }

    fn take_descriptor(&mut self, at: usize, queue: usize) {
        let pasid = self.queues.get(queue).pasid();
        if pasid.is_some() && !self.config.pasid_enabled() {
            self.queues.change(queue, |q| q.halt(status::PASID_OFF));
            return;
        }
        let number = self.queues.get(queue).started;
        let (index, address) = self.queues.change(queue, crate::queues::Queue::take);
        self.queues.served(queue);
        let stage = Stage::Fetch { address, asked: false };
        self.engine.lanes[at].job = Some(Job::new(Origin::Queue { queue, index, number }, stage, Move::NOTHING, pasid));
    }

    /// Queues a read under a tag of a lane.
    fn ask(&mut self, t: Tick, at: usize, tag: usize, read: Read, pasid: Option<u32>, wants: (bool, bool)) {
        let pasid = if self.quirks.has(Quirk::DmaReadWithoutPrefix) { None } else { pasid };
        let header = DmaHeader { requester: self.config.id, address: read.address, bytes: read.bytes, pasid };
        let number = FIRST_TAG + (TAGS * at + tag) as u8;
        let data = read.bytes != DESCRIPTOR_BYTES;
        let number = if data && self.quirks.has(Quirk::DmaTagOfOtherLane) { number ^ 4 } else { number };
        let packet = encode::dma_read(header, number, self.attributes(wants));
        self.engine.lanes[at].tags[tag] = Tag::Queued(read);
        self.link.request(packet, FIRST_TAG + (TAGS * at + tag) as u8, t + SEND_TICKS);
    }

    /// Attributes {IDO, RO} that software wants and configuration space allows.
    fn attributes(&self, (ido, relaxed): (bool, bool)) -> (bool, bool) {
        (ido && self.config.ido_requests(), relaxed && self.config.relaxed_ordering())
    }

    fn wants(&self, origin: Origin) -> (bool, bool) {
        match origin {
            Origin::Queue { queue, .. } => self.queues.get(queue).wants(),
            Origin::Test(_) => (false, false),
        }
    }

    fn ask_data(&mut self, t: Tick, at: usize, tag: usize) {
        let mut step = self.config.max_read_bytes().min(LARGEST_REQUEST);
        if self.quirks.has(Quirk::DmaReadAboveMrrs) {
            step = LARGEST_REQUEST * 2;
        }
        let strays = self.quirks.strikes(Quirk::DmaReadBeyondSource);
        let Some(job) = &mut self.engine.lanes[at].job else { return };
        let address = job.work.source + job.asked;
        let bytes = piece(address, step, job.size() - job.asked);
        let read_from = if strays { address.wrapping_add(0x10_0000) } else { address };
        let read = Read { at: job.asked, address: read_from, bytes, data: Vec::new(), discard: false };
        job.asked += u64::from(bytes);
        let (pasid, origin) = (job.pasid, job.origin);
        self.ask(t, at, tag, read, pasid, self.wants(origin));
    }

    fn take_in(&mut self, at: usize, tag: usize) {
        let lane = &mut self.engine.lanes[at];
        let (Some(job), Tag::Held(read)) = (&mut lane.job, std::mem::replace(&mut lane.tags[tag], Tag::Free)) else {
            return;
        };
        job.taken += u64::from(read.bytes);
        job.crc = crc32(job.crc, read.data.iter().copied());
        if job.work.opcode.writes() {
            job.buffer.extend(read.data);
        }
    }

    fn write_data(&mut self, t: Tick, at: usize, bytes: u32) {
        let wrong = self.quirks.strikes(Quirk::DmaDataWrong);
        let strays = self.quirks.strikes(Quirk::DmaWriteBeyondDestination);
        let bare = self.quirks.has(Quirk::DmaWriteWithoutPrefix);
        let Some(job) = &mut self.engine.lanes[at].job else { return };
        let mut address = job.work.destination + job.done;
        let mut data: Vec<u8> = match job.work.opcode {
            Opcode::Fill => {
                let pattern = job.work.pattern.to_le_bytes();
                (job.done..job.done + u64::from(bytes)).map(|i| pattern[(i % 8) as usize]).collect()
            }
            _ => job.buffer.drain(..bytes as usize).collect(),
        };
        if job.work.opcode == Opcode::Fill {
            job.crc = crc32(job.crc, data.iter().copied());
        }
        if wrong && let Some(last) = data.last_mut() {
            *last ^= 0x10;
        }
        job.done += u64::from(bytes);
        if strays {
            address = address.wrapping_add(0x10_0000);
        }
        let (pasid, origin) = (if bare { None } else { job.pasid }, job.origin);
        let header = DmaHeader { requester: self.config.id, address, bytes, pasid };
        let packet = encode::dma_write(header, &data, self.attributes(self.wants(origin)));
        self.link.post(packet, t + SEND_TICKS);
    }

    /// Data are where they belong, or will never be.
    fn finish_data(&mut self, t: Tick, at: usize) {
        let lane = &mut self.engine.lanes[at];
        for tag in &mut lane.tags {
            if matches!(tag, Tag::Held(_)) {
                *tag = Tag::Free;
            }
        }
        let Some(job) = &mut lane.job else { return };
        match job.origin {
            Origin::Queue { .. } => job.stage = Stage::Record,
            Origin::Test(kind) => {
                let entry = self.test.finish(t, kind, job.status == status::OK, job.crc);
                job.stage = Stage::Raise;
                if let Some(index) = entry {
                    let cause = Cause { op: CauseOp::Raise, store: Store::Msix, index };
                    job.interrupt = Interrupt::Cause(Asked { cause, requester: None });
                }
            }
        }
    }

    /// The descriptor has come. One with a fence, right in itself or wrong, begins behind all earlier ones.
    fn descriptor_came(&mut self, at: usize, bytes: &[u8]) {
        let descriptor = Descriptor::parse(bytes);
        let Some(origin) = self.engine.lanes[at].job.as_ref().map(|job| job.origin) else { return };
        if descriptor.fence && !self.quirks.has(Quirk::FenceIgnored) && self.has_earlier(origin) {
            if let Some(job) = &mut self.engine.lanes[at].job {
                (job.held, job.stage) = (Some(descriptor), Stage::Fence);
            }
            return;
        }
        self.begin_job(at, descriptor);
    }

    /// The descriptor begins: checks it and looks its handle up.
    fn begin_job(&mut self, at: usize, descriptor: Descriptor) {
        let wants_handle = descriptor.interrupt && descriptor.by_handle;
        let Some((pasid, origin)) = self.engine.lanes[at].job.as_ref().map(|job| (job.pasid, job.origin)) else {
            return;
        };
        let Origin::Queue { queue, .. } = origin else { return };
        // The queue's event needs no permission.
        let cause = Cause { op: CauseOp::Raise, store: Store::Event, index: queue as u32 };
        let event = Asked { cause, requester: None };
        let looked_up = if wants_handle { self.look_up(descriptor.handle, pasid) } else { Ok(None) };
        let (interrupt, trouble) = match looked_up {
            Ok(Some(asked)) => (Interrupt::Cause(asked), None),
            Ok(None) if descriptor.interrupt => (Interrupt::Cause(event), None),
            Ok(None) => (Interrupt::None, None),
            Err(code) => (Interrupt::None, Some(code)),
        };
        let Some(job) = &mut self.engine.lanes[at].job else { return };
        job.interrupt = interrupt;
        job.stage = Stage::Data;
        match (descriptor.work, trouble) {
            (Err(code), _) | (Ok(_), Some(code)) => job.status = code,
            (Ok(work), None) => job.work = work,
        }
    }

    /// The cause that a handle stands for, if this requester may have it.
    fn look_up(&mut self, handle: u32, pasid: Option<u32>) -> Result<Option<Asked>, u8> {
        let Some(found) = self.handles.get(handle) else {
            self.errors.note_code(IrqError::HandleInvalid, 3, handle);
            return Err(status::HANDLE_INVALID);
        };
        let cause = Cause { op: CauseOp::Raise, store: found.store, index: found.index };
        let here = found.store != Store::Device;
        if here && !found.permission.allows(pasid) && !self.quirks.has(Quirk::HandlePermissionIgnored) {
            self.errors.note(IrqError::Refused, found.store, found.index);
            return Err(status::HANDLE_REFUSED);
        }
        Ok(Some(Asked { cause, requester: (!here).then_some(pasid) }))
    }

    fn write_queue_record(&mut self, t: Tick, at: usize) {
        let Some(job) = self.engine.lanes[at].job.as_ref() else { return };
        let Origin::Queue { queue, index, .. } = job.origin else { return };
        let summed = job.status == status::OK && job.work.opcode.reads();
        let done = match job.status {
            status::OK => job.work.size * u32::from(job.work.opcode != Opcode::Nop),
            _ => job.done as u32,
        };
        let mut checksum = if summed { job.crc } else { 0 };
        let mut code = job.status;
        let pasid = job.pasid.filter(|_| !self.quirks.has(Quirk::RecordWithoutPrefix));
        if self.quirks.has(Quirk::RecordHidesReadError) && code >= status::READ_UNSUPPORTED {
            code = status::OK;
        }
        if self.quirks.has(Quirk::RecordChecksumInverted) && summed {
            checksum = !checksum;
        }
        if self.quirks.strikes(Quirk::RecordMissing) {
            if let Some(job) = &mut self.engine.lanes[at].job {
                job.stage = Stage::Raise;
            }
            return;
        }
        let (address, phase, number) = self.queues.change(queue, crate::queues::Queue::place_record);
        let phase = phase || self.quirks.has(Quirk::RecordPhaseFixed);
        let words =
            [u32::from(code) | (queue as u32) << 8 | index << 16, done, checksum, u32::from(phase) | number << 1];
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let header = DmaHeader { requester: self.config.id, address, bytes: 16, pasid };
        let relaxed = self.quirks.has(Quirk::RecordRelaxedOrdering);
        let packet = encode::dma_write(header, &bytes, (false, relaxed));
        if let Some(job) = &mut self.engine.lanes[at].job {
            job.stage = Stage::Raise;
        }
        if self.quirks.strikes(Quirk::RecordTwice) && self.link.can_post(2) {
            self.link.post(packet.clone(), t + SEND_TICKS);
        }
        if self.quirks.has(Quirk::RecordAheadOfData) {
            self.link.post_first(packet, t + SEND_TICKS);
        } else if self.odd.late_record.is_none() && self.quirks.strikes(Quirk::WorkInterruptAheadOfRecord) {
            self.odd.late_record = Some((packet, t + LATE_RECORD_TICKS));
        } else {
            self.link.post(packet, t + SEND_TICKS);
        }
    }

    /// A read of the engine has left.
    pub(crate) fn dma_sent(&mut self, t: Tick, tag: u8) {
        let (timeout, in_force) = self.config.completion_timeout();
        let Some((lane, place)) = self.engine.place(u32::from(tag)) else { return };
        let tag = &mut self.engine.lanes[lane].tags[place];
        if let Tag::Queued(read) = tag {
            *tag = Tag::Out(read.clone(), in_force.then_some(t + timeout), timeout);
        }
    }

    /// A read of the engine is taken back before it began to leave: it is asked for again.
    pub(crate) fn dma_revoked(&mut self, tag: u8) {
        let Some((lane, place)) = self.engine.place(u32::from(tag)) else { return };
        let lane = &mut self.engine.lanes[lane];
        let Tag::Queued(read) = std::mem::replace(&mut lane.tags[place], Tag::Free) else { return };
        let Some(job) = &mut lane.job else { return };
        match &mut job.stage {
            Stage::Fetch { asked, .. } => *asked = false,
            // Only the last read made can still be waiting.
            _ => job.asked = read.at,
        }
    }

    /// Whether a completion's tag is one of the engine's.
    pub(crate) fn is_dma_tag(&self, tag: u32) -> bool {
        self.engine.place(tag).is_some()
    }

    /// A completion with a tag of the engine and this function's id.
    pub(crate) fn dma_completion(&mut self, t: Tick, header: &Header, packet: &Packet) {
        let Some((at, place)) = self.engine.place(header.tag) else { return };
        let fields = header.completion();
        let (read, rest) = match &mut self.engine.lanes[at].tags[place] {
            Tag::Out(read, _, rest) => (read, *rest),
            Tag::Quiet { until, silent: true } if *until > t => return,
            _ => return self.error(Error::UnexpectedCompletion, true, Some(packet)),
        };
        if fields.status == STATUS_CRS {
            return self.malformed(packet);
        }
        let stale = read.discard;
        if fields.status != STATUS_SC {
            let (code, note) = match fields.status {
                STATUS_CA => (status::READ_ABORTED, Legacy::ReceivedAbort),
                _ => (status::READ_UNSUPPORTED, Legacy::ReceivedUnsupported),
            };
            self.config.note(note);
            self.engine.lanes[at].tags[place] = Tag::Free;
            if !stale {
                self.read_failed(at, code);
            }
            return;
        }
        let have = read.data.len() as u32;
        let remaining = read.bytes - have;
        let next = read.address + u64::from(have);
        let lead = (next & 3) as u32;
        let carried = (4 * header.words - lead).min(remaining);
        let fits = fields.has_data
            && fields.byte_count == remaining
            && fields.lower_address == (next & 0x7f) as u32
            && header.words == (lead + carried).div_ceil(4);
        if !fits {
            self.engine.lanes[at].tags[place] = Tag::Quiet { until: t + rest, silent: false };
            if !stale {
                self.read_failed(at, status::READ_WRONG);
            }
            return;
        }
        let bytes = packet.data.iter().flat_map(|word| word.to_le_bytes());
        read.data.extend(bytes.skip(lead as usize).take(carried as usize));
        let poisoned = header.ep && !self.quirks.has(Quirk::PoisonedDataUsed);
        read.discard |= poisoned;
        if read.whole() {
            let tag = &mut self.engine.lanes[at].tags[place];
            if let Tag::Out(read, ..) = std::mem::replace(tag, Tag::Free)
                && !read.discard
            {
                *tag = Tag::Held(read);
            }
        }
        if poisoned {
            self.poisoned(packet, true, false);
            if !stale {
                self.read_failed(at, status::READ_POISONED);
            }
            return;
        }
        self.descriptor_arrived(at, place);
    }

    /// Begins the job when what stands under this tag is its whole descriptor.
    fn descriptor_arrived(&mut self, at: usize, place: usize) {
        let lane = &mut self.engine.lanes[at];
        let fetching = matches!(&lane.job, Some(Job { stage: Stage::Fetch { .. }, .. }));
        if !fetching || !matches!(lane.tags[place], Tag::Held(_)) {
            return;
        }
        if let Tag::Held(read) = std::mem::replace(&mut lane.tags[place], Tag::Free) {
            self.descriptor_came(at, &read.data);
        }
    }

    /// A read of this lane's job has failed.
    fn read_failed(&mut self, at: usize, code: u8) {
        let lane = &mut self.engine.lanes[at];
        let Some(job) = &mut lane.job else { return };
        match (job.stage, job.origin) {
            (Stage::Fetch { .. }, Origin::Queue { queue, .. }) => {
                self.queues.change(queue, |q| q.halt(code));
                self.leave(at);
            }
            (Stage::Data, _) if job.status == status::OK => job.status = code,
            _ => {}
        }
    }

    /// Reads that have waited too long, and tags that have rested long enough.
    pub(crate) fn expire_reads(&mut self, t: Tick) {
        if self.engine.next_timer() > t {
            return;
        }
        for at in 0..self.engine.lanes.len() {
            for place in 0..TAGS {
                match &self.engine.lanes[at].tags[place] {
                    Tag::Out(read, Some(due), rest) if *due <= t => {
                        let (discard, until) = (read.discard, t + rest);
                        self.engine.lanes[at].tags[place] = Tag::Quiet { until, silent: false };
                        self.error(Error::CompletionTimeout, false, None);
                        if !discard {
                            self.read_failed(at, status::READ_TIMED_OUT);
                        }
                    }
                    Tag::Quiet { until, .. } if *until <= t => self.engine.lanes[at].tags[place] = Tag::Free,
                    _ => {}
                }
            }
        }
    }
}

/// Cycles for which a quirk keeps a record back.
const LATE_RECORD_TICKS: Tick = 300;
