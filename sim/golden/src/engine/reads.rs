// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reads of the engine, from the queue to their completions, failures and timeouts [PCIe Base 2.2.9, 2.3.1.1, 2.8].

use super::lane::{Job, Origin, Read, Stage, Tag};
use super::{FIRST_TAG, TAGS};
use crate::aer::Error;
use crate::config::Legacy;
use crate::decode::Header;
use crate::descriptor::{DESCRIPTOR_BYTES, status};
use crate::device::{Device, SEND_TICKS};
use crate::encode::{self, DmaHeader, STATUS_CA, STATUS_CRS, STATUS_SC};
use crate::quirks::Quirk;
use tlp::{Packet, Tick};

impl Device {
    /// Queues a read under a tag of a lane.
    pub(super) fn ask(&mut self, t: Tick, at: usize, tag: usize, read: Read, pasid: Option<u32>, wants: (bool, bool)) {
        let pasid = if self.quirks.has(Quirk::DmaReadWithoutPrefix) { None } else { pasid };
        let header = DmaHeader { requester: self.config.id, address: read.address, bytes: read.bytes, pasid };
        let number = FIRST_TAG + (TAGS * at + tag) as u8;
        let data = read.bytes != DESCRIPTOR_BYTES;
        let number = if data && self.quirks.has(Quirk::DmaTagOfOtherLane) { number ^ 4 } else { number };
        let packet = encode::dma_read(header, number, self.attributes(wants));
        self.engine.lanes[at].tags[tag] = Tag::Queued(read);
        self.link.request(packet, FIRST_TAG + (TAGS * at + tag) as u8, t + SEND_TICKS);
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
    pub(super) fn descriptor_arrived(&mut self, at: usize, place: usize) {
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
    pub(super) fn read_failed(&mut self, at: usize, code: u8) {
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
