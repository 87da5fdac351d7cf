// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Work queues, the DMA engine and interrupt handles: every descriptor is followed from
//! the fetch to its one record and its one interrupt [data sheet 13 to 15].
//!
//! What the device knows, this knows: descriptors and source bytes are taken from the
//! completions that answer its reads. So data, checksums and status codes are computed
//! here and compared, not believed. Which read belongs to which descriptor is told by its tag
//! (each lane has four), which write by its address.

mod attributes;
pub mod descriptor;
mod grants;
pub mod handles;
pub mod job;
mod reads;
mod state;
mod writes;

pub use state::{Finished, Permit};
use state::{Grants, Lane, Purpose, Queue, Reading, Test};

use super::{Report, Upstream};
use crate::finding::{Finding, Kind};
use crate::shadow::work::{TestCommand, WorkCommand};
use crate::shadow::{Possible, Shadow};
use descriptor::{CHECKSUM, COPY, Descriptor, FILL, NOP};
use handles::Book;
use job::{Job, Owner};
use std::collections::{BTreeMap, VecDeque};
use tlp::Tick;
use vectors::op::Source;

/// First tag of the engine, tags of a lane, lanes.
const FIRST_TAG: u16 = 16;
const TAGS: u16 = 4;
const LANES: usize = 4;

/// Pattern that the endpoint test writes.
const TEST_PATTERN: [u8; 8] = 0xdead_beef_cafe_f00du64.to_le_bytes();

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
