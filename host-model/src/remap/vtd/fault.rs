// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Primary fault logging [VT-d 7.3.1] and the fault event.

use super::event::Event;
use super::regs::{FaultRecord, IQE, PFO, PPF};
use crate::remap::{DmaAccess, FaultReason};
use tlp::Bdf;

/// Fault records, FSTS, and the event that they raise.
#[derive(Clone, Debug)]
pub(super) struct FaultLog {
    records: Vec<FaultRecord>,
    /// Where the next fault goes.
    next: usize,
    /// FRI: the record that turned PPF on.
    first: usize,
    overflow: bool,
    queue_error: bool,
    /// A further fault of a requester that has a record is not recorded.
    compress: bool,
    pub event: Event,
}

impl FaultLog {
    pub fn new(records: usize, compress: bool) -> Self {
        Self {
            records: vec![FaultRecord::new(); records],
            next: 0,
            first: 0,
            overflow: false,
            queue_error: false,
            compress,
            event: Event::new(),
        }
    }

    fn pending(&self) -> bool {
        self.records.iter().any(|r| r.fault())
    }

    /// Some status bit behind the fault event is set.
    fn any_status(&self) -> bool {
        self.pending() || self.overflow || self.queue_error
    }

    /// Logs a fault; says whether a record was written.
    pub fn record(&mut self, source: Bdf, reason: FaultReason, index: Option<u32>) -> bool {
        let index = u64::from(index.unwrap_or(0) as u16);
        let record =
            FaultRecord::new().with_information(index << 36).with_source(source.bits()).with_reason(reason.code());
        self.enter(record)
    }

    /// Logs a refused access to memory; says whether a record was written.
    pub fn record_dma(&mut self, access: &DmaAccess, reason: u8) -> bool {
        let record = FaultRecord::new()
            .with_information(access.address >> 12)
            .with_source(access.source.bits())
            .with_has_pasid(access.pasid.is_some())
            .with_pasid(access.pasid.unwrap_or(0))
            .with_reason(reason)
            .with_read(!access.write);
        self.enter(record)
    }

    fn enter(&mut self, record: FaultRecord) -> bool {
        if self.overflow {
            return false;
        }
        if self.compress && self.records.iter().any(|r| r.fault() && r.source() == record.source()) {
            return false;
        }
        let quiet = !self.any_status();
        if self.records[self.next].fault() {
            self.overflow = true;
            return false;
        }
        if !self.pending() {
            self.first = self.next;
        }
        self.records[self.next] = record.with_fault(true);
        self.next = (self.next + 1) % self.records.len();
        if quiet {
            self.event.raise();
        }
        true
    }

    /// The invalidation queue stopped.
    pub fn raise_queue_error(&mut self) {
        let quiet = !self.any_status();
        self.queue_error = true;
        if quiet {
            self.event.raise();
        }
    }

    pub fn queue_error(&self) -> bool {
        self.queue_error
    }

    /// Neither DMA nor interrupt remapping is on: logging starts over at record 0.
    pub fn rewind(&mut self) {
        self.next = 0;
    }

    pub fn read_status(&self) -> u32 {
        (u32::from(self.overflow) * PFO)
            | (u32::from(self.pending()) * PPF)
            | (u32::from(self.queue_error) * IQE)
            | ((self.first as u32) << 8)
    }

    /// PFO and IQE are cleared by writing 1; PPF follows the records.
    pub fn write_status(&mut self, value: u32) {
        self.overflow &= value & PFO == 0;
        self.queue_error &= value & IQE == 0;
        self.settle();
    }

    /// DWORD `dword` of the recording registers, counted from the first; 0 beyond the last.
    pub fn read_record(&self, dword: u32) -> u32 {
        let record = self.records.get(dword as usize / 4);
        record.map_or(0, |r| (r.into_bits() >> (32 * (dword % 4))) as u32)
    }

    /// Only F can be written, and only cleared, by writing 1.
    pub fn write_record(&mut self, dword: u32, value: u32) {
        if dword % 4 == 3 && value >> 31 == 1 {
            if let Some(record) = self.records.get_mut(dword as usize / 4) {
                record.set_fault(false);
            }
            self.settle();
        }
    }

    fn settle(&mut self) {
        if !self.any_status() {
            self.event.withdraw();
        }
    }
}
