// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Writes of the engine: data, and the record that ends a descriptor [data sheet 14].

use super::attributes::{look_at_request, wanted};
use super::descriptor::{self, NOP, Record};
use super::handles::{Meaning, usable};
use super::job::{Job, Owner};
use super::state::{Finished, Lane, Purpose, Reading};
use super::{Report, Upstream, Work, extent};
use crate::bench::decode::Decoded;
use crate::shadow::Shadow;
use tlp::Tick;

impl Work {
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
