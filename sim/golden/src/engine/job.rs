// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A job from its descriptor to its record and its interrupt.

use super::Asked;
use super::lane::{Interrupt, Job, Origin, Stage, Tag};
use crate::descriptor::{Descriptor, Move, Opcode, status};
use crate::device::{Device, SEND_TICKS};
use crate::encode::{self, DmaHeader};
use crate::endpoint_test::Kind;
use crate::irq::IrqError;
use crate::quirks::Quirk;
use tlp::{Cause, CauseOp, Store, Tick};

/// Cycles for which a quirk keeps a record back.
const LATE_RECORD_TICKS: Tick = 300;

impl Device {
    pub(super) fn take_test(&mut self, at: usize) {
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

    pub(super) fn take_descriptor(&mut self, at: usize, queue: usize) {
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

    /// The descriptor has come. One with a fence, right in itself or wrong, begins behind all earlier ones.
    pub(super) fn descriptor_came(&mut self, at: usize, bytes: &[u8]) {
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
    pub(super) fn begin_job(&mut self, at: usize, descriptor: Descriptor) {
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
    pub(super) fn look_up(&mut self, handle: u32, pasid: Option<u32>) -> Result<Option<Asked>, u8> {
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

    /// Data are where they belong, or will never be.
    pub(super) fn finish_data(&mut self, t: Tick, at: usize) {
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

    pub(super) fn write_queue_record(&mut self, t: Tick, at: usize) {
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
}
