// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reads of the engine: descriptors and data, and what answers them [data sheet 14].

use super::attributes::{look_at_request, wanted};
use super::descriptor::Descriptor;
use super::handles::Meaning;
use super::job::{Arrival, Job, Open, Owner, Step};
use super::state::{Lane, Purpose, Reading};
use super::{FIRST_TAG, LANES, Report, TAGS, Upstream, Work, extent};
use crate::bench::decode::Decoded;
use crate::shadow::Shadow;
use crate::shadow::work::Setup;
use tlp::Tick;
use vectors::op::Source;

impl Work {
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
    pub(super) fn fence(&self, lane: usize, tick: Tick, report: &mut Report) {
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
}
