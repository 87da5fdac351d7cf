// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Data of a job: asked for, taken in in their order, written.

use super::lane::{Origin, Read, Tag};
use super::{LARGEST_REQUEST, piece};
use crate::descriptor::{Opcode, crc32};
use crate::device::{Device, SEND_TICKS};
use crate::encode::{self, DmaHeader};
use crate::quirks::Quirk;
use tlp::Tick;

impl Device {
    /// Attributes {IDO, RO} that software wants and configuration space allows.
    pub(super) fn attributes(&self, (ido, relaxed): (bool, bool)) -> (bool, bool) {
        (ido && self.config.ido_requests(), relaxed && self.config.relaxed_ordering())
    }

    pub(super) fn wants(&self, origin: Origin) -> (bool, bool) {
        match origin {
            Origin::Queue { queue, .. } => self.queues.get(queue).wants(),
            Origin::Test(_) => (false, false),
        }
    }

    pub(super) fn ask_data(&mut self, t: Tick, at: usize, tag: usize) {
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

    pub(super) fn take_in(&mut self, at: usize, tag: usize) {
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

    pub(super) fn write_data(&mut self, t: Tick, at: usize, bytes: u32) {
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
}
