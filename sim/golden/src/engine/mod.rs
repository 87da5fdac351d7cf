// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The lanes of the DMA engine: each takes a descriptor from fetch to interrupt.
//!
//! [Data sheet section 14; PCIe Base 2.2.7, 2.3.1.1, 2.4.1.] A lane fetches,
//! checks, reads, writes, records, raises; in a tick it does one of these. Whether it
//! can is found by the same function that does it, so that idle time can be jumped over.

mod data;
mod job;
mod lane;
mod reads;

use crate::descriptor::{DESCRIPTOR_BYTES, Opcode, status};
use crate::device::Device;
use lane::{Interrupt, Job, Lane, Origin, Read, Stage, Tag};
use tlp::{Cause, Tick};

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
}
