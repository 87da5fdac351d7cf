// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A work queue of the device: its two rings, submission, consumption.
//!
//! Descriptors are 32 bytes, records 16; software owns the tail of the submission ring
//! and the head of the completion ring. A place in the submission ring is free again
//! when the record of its descriptor has come: records may come out of order.

use super::regs::*;
use super::{Bus, BusError};

/// Bytes of a descriptor.
pub const DESCRIPTOR_BYTES: u64 = 32;
/// Bytes of a completion record.
pub const RECORD_BYTES: u64 = 16;

/// How a descriptor announces its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Announce {
    /// By its record alone.
    Record,
    /// By the queue's event.
    Event,
    /// By the interrupt that this handle names.
    Handle(u16),
}

/// A piece of work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Descriptor {
    /// 0 nop, 1 fill, 2 copy, 3 checksum; others are refused.
    pub opcode: u8,
    /// Bytes.
    pub size: u32,
    /// Source address.
    pub source: u64,
    /// Destination address.
    pub destination: u64,
    /// Eight bytes that a fill repeats.
    pub pattern: u64,
    /// How its end is announced.
    pub announce: Announce,
    /// Starts when all earlier ones are complete.
    pub fence: bool,
}

impl Descriptor {
    /// The 32 bytes.
    pub fn image(&self) -> [u8; 32] {
        let (interrupt, by_handle, handle) = match self.announce {
            Announce::Record => (0, 0, 0),
            Announce::Event => (1, 0, 0),
            Announce::Handle(handle) => (1, 1, u32::from(handle)),
        };
        let head =
            u32::from(self.opcode) | interrupt << 8 | by_handle << 9 | u32::from(self.fence) << 10 | handle << 16;
        let mut image = [0; 32];
        image[0..4].copy_from_slice(&head.to_le_bytes());
        image[4..8].copy_from_slice(&self.size.to_le_bytes());
        image[8..16].copy_from_slice(&self.source.to_le_bytes());
        image[16..24].copy_from_slice(&self.destination.to_le_bytes());
        image[24..32].copy_from_slice(&self.pattern.to_le_bytes());
        image
    }
}

/// A completion record as software reads it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record {
    /// Status code; 1 is success.
    pub status: u8,
    /// Queue.
    pub queue: u8,
    /// Place of the descriptor in the submission ring.
    pub index: u16,
    /// Bytes done.
    pub done: u32,
    /// Checksum.
    pub checksum: u32,
    /// Phase: toggles with each pass of the ring.
    pub phase: bool,
    /// Number of the record since the queue was enabled, 31 bits.
    pub number: u32,
}

impl Record {
    fn parse(image: u128) -> Self {
        let [head, done, checksum, tail] = [0, 32, 64, 96].map(|shift| (image >> shift) as u32);
        Self {
            status: head as u8,
            queue: (head >> 8) as u8,
            index: (head >> 16) as u16,
            done,
            checksum,
            phase: tail & 1 == 1,
            number: tail >> 1,
        }
    }
}

/// How a queue is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QueueConfig {
    /// Address of BAR 0 in device memory.
    pub regs: u64,
    /// Address of BAR 1 when doorbells go through the portal page.
    pub portal: Option<u64>,
    /// Number of the queue.
    pub queue: u32,
    /// Host address of the submission ring, a multiple of 4096, and its order.
    pub submission: (u64, u32),
    /// Host address of the completion ring, a multiple of 4096, and its order.
    pub completion: (u64, u32),
    /// PASID of its requests.
    pub pasid: Option<u32>,
    /// Data may be written with relaxed ordering.
    pub relaxed: bool,
    /// Data may be written with id-based ordering.
    pub ido: bool,
}

/// What goes wrong with a queue.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum QueueError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The device did not enable the queue.
    #[error("queue not enabled: status {0:#x}")]
    NotEnabled(u32),
    /// There is no free place in the submission ring.
    #[error("submission ring full")]
    Full,
    /// A record names a place that holds no descriptor under way.
    #[error("record for place {0}, where nothing is under way")]
    Stray(u16),
    /// The queue stays busy after it was disabled.
    #[error("queue busy for ever: status {0:#x}")]
    Busy(u32),
}

/// A queue in use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Queue {
    config: QueueConfig,
    tail: u32,
    head: u32,
    phase: bool,
    under_way: Vec<bool>,
}

impl Queue {
    /// Clears the completion ring, writes the registers and enables the queue.
    pub fn enable(bus: &mut dyn Bus, config: QueueConfig) -> Result<Self, QueueError> {
        let (base, order) = config.completion;
        bus.dram_write(base, &vec![0; (RECORD_BYTES << order) as usize])?;
        let queue = Self { config, tail: 0, head: 0, phase: true, under_way: vec![false; 1 << config.submission.1] };
        let (sq, cq) = (config.submission, config.completion);
        for (register, value) in [
            (Q_SQ_BASE_LO, sq.0 as u32),
            (Q_SQ_BASE_HI, (sq.0 >> 32) as u32),
            (Q_CQ_BASE_LO, cq.0 as u32),
            (Q_CQ_BASE_HI, (cq.0 >> 32) as u32),
            (Q_SIZE, sq.1 | cq.1 << Q_SIZE_CQ_SHIFT),
            (Q_PASID, config.pasid.unwrap_or(0)),
        ] {
            queue.write(bus, register, value)?;
        }
        let bit = |on: bool, mask: u32| if on { mask } else { 0 };
        let control = Q_CTRL_ENABLE
            | bit(config.pasid.is_some(), Q_CTRL_PASID_EN)
            | bit(config.relaxed, Q_CTRL_RELAXED)
            | bit(config.ido, Q_CTRL_IDO);
        queue.write(bus, Q_CTRL, control)?;
        let status = queue.status(bus)?;
        if status & Q_STATUS_ENABLED == 0 {
            return Err(QueueError::NotEnabled(status));
        }
        Ok(queue)
    }

    fn write(&self, bus: &mut dyn Bus, register: u64, value: u32) -> Result<(), BusError> {
        bus.mem_write(self.config.regs + Q_STRIDE * u64::from(self.config.queue) + register, 4, u64::from(value))
    }

    /// Register Q_STATUS.
    pub fn status(&self, bus: &mut dyn Bus) -> Result<u32, BusError> {
        let at = self.config.regs + Q_STRIDE * u64::from(self.config.queue) + Q_STATUS;
        Ok(bus.mem_read(at, 4)? as u32)
    }

    /// How it was set up.
    pub fn config(&self) -> &QueueConfig {
        &self.config
    }

    /// Descriptors whose records have not been consumed.
    pub fn outstanding(&self) -> usize {
        self.under_way.iter().filter(|busy| **busy).count()
    }

    /// Whether another descriptor finds a place; one always stays empty.
    pub fn has_room(&self) -> bool {
        let next = (self.tail as usize + 1) % self.under_way.len();
        !self.under_way[self.tail as usize] && !self.under_way[next]
    }

    /// The place that the next descriptor gets.
    pub fn place(&self) -> u32 {
        self.tail
    }

    /// Stores a descriptor in the ring; its place. The device learns of it by [`ring`](Self::ring).
    pub fn store(&mut self, bus: &mut dyn Bus, descriptor: &Descriptor) -> Result<u16, QueueError> {
        if !self.has_room() {
            return Err(QueueError::Full);
        }
        let index = self.tail;
        let at = self.config.submission.0 + DESCRIPTOR_BYTES * u64::from(index);
        bus.dram_write(at, &descriptor.image())?;
        self.under_way[index as usize] = true;
        self.tail = (index + 1) % self.under_way.len() as u32;
        Ok(index as u16)
    }

    /// Rings the doorbell for all descriptors stored so far.
    pub fn ring(&self, bus: &mut dyn Bus) -> Result<(), BusError> {
        match self.config.portal {
            Some(bar) => bus.mem_write(self.portal(bar) + PORTAL_SQ_TAIL, 4, u64::from(self.tail)),
            None => self.write(bus, Q_SQ_TAIL, self.tail),
        }
    }

    fn portal(&self, bar: u64) -> u64 {
        bar + PORTAL_STRIDE * u64::from(self.config.queue)
    }

    /// The next record, if it is there; its place in the ring is given back by [`give_back`](Self::give_back).
    pub fn consume(&mut self, bus: &mut dyn Bus) -> Result<Option<Record>, QueueError> {
        let at = self.config.completion.0 + RECORD_BYTES * u64::from(self.head);
        let record = Record::parse(bus.dram_read_u128(at)?);
        if record.phase != self.phase || record.status == 0 {
            return Ok(None);
        }
        match self.under_way.get_mut(usize::from(record.index)) {
            Some(busy) if *busy => *busy = false,
            _ => return Err(QueueError::Stray(record.index)),
        }
        self.head = (self.head + 1) % (1 << self.config.completion.1);
        self.phase ^= self.head == 0;
        Ok(Some(record))
    }

    /// Tells the device which records have been consumed.
    pub fn give_back(&self, bus: &mut dyn Bus) -> Result<(), BusError> {
        match self.config.portal {
            Some(bar) => bus.mem_write(self.portal(bar) + PORTAL_CQ_HEAD, 4, u64::from(self.head)),
            None => self.write(bus, Q_CQ_HEAD, self.head),
        }
    }

    /// After a halt: forgets what the device had not begun and goes on.
    pub fn resume(&mut self, bus: &mut dyn Bus) -> Result<(), BusError> {
        self.under_way.fill(false);
        self.write(bus, Q_STATUS, Q_STATUS_HALTED)
    }

    /// Clears enable; descriptors begun still end.
    pub fn disable(&self, bus: &mut dyn Bus) -> Result<(), BusError> {
        self.write(bus, Q_CTRL, 0)
    }

    /// Waits until nothing is under way any more.
    pub fn wait_idle(&self, bus: &mut dyn Bus, cycles: u64, looks: u32) -> Result<(), QueueError> {
        let mut status = 0;
        for _ in 0..looks {
            status = self.status(bus)?;
            if status & Q_STATUS_BUSY == 0 {
                return Ok(());
            }
            bus.wait(cycles)?;
        }
        Err(QueueError::Busy(status))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::FakeBus;
    use super::*;

    const CONFIG: QueueConfig = QueueConfig {
        regs: 0,
        portal: None,
        queue: 2,
        submission: (0x1_0000, 2),
        completion: (0x2_0000, 1),
        pasid: Some(0x777),
        relaxed: false,
        ido: true,
    };
    const WORK: Descriptor = Descriptor {
        opcode: 2,
        size: 0x1234,
        source: 0x1_2345_6789,
        destination: 0x9_8765_4321,
        pattern: 0,
        announce: Announce::Handle(0x15),
        fence: true,
    };

    fn record(bus: &mut FakeBus, place: u64, index: u32, phase: u32) {
        let words = [1 | 2 << 8 | index << 16, 7, 8, phase];
        let image = words.iter().rev().fold(0u128, |v, w| v << 32 | u128::from(*w));
        bus.mem.write_u128(0x2_0000 + 16 * place, image).unwrap();
    }

    fn queue(bus: &mut FakeBus) -> Queue {
        bus.words.insert(Q_STATUS + 2 * Q_STRIDE, Q_STATUS_ENABLED);
        Queue::enable(bus, CONFIG).unwrap()
    }

    #[test]
    fn the_image_of_a_descriptor() {
        let image = WORK.image();
        assert_eq!(image[0..8], [0x02, 0x07, 0x15, 0x00, 0x34, 0x12, 0, 0]);
        assert_eq!(image[8..16], 0x1_2345_6789u64.to_le_bytes());
        assert_eq!(image[16..24], 0x9_8765_4321u64.to_le_bytes());
    }

    #[test]
    fn registers_are_written_before_the_queue_is_enabled() {
        let mut bus = FakeBus::new();
        queue(&mut bus);
        let at = |register: u64| bus.words[&(register + 2 * Q_STRIDE)];
        assert_eq!((at(Q_SQ_BASE_LO), at(Q_CQ_BASE_LO), at(Q_SIZE)), (0x1_0000, 0x2_0000, 2 | 1 << 8));
        assert_eq!((at(Q_PASID), at(Q_CTRL)), (0x777, 0b1011));
    }

    #[test]
    fn one_place_stays_empty_and_records_may_come_out_of_order() {
        let mut bus = FakeBus::new();
        let mut q = queue(&mut bus);
        for index in 0..3 {
            assert_eq!(q.store(&mut bus, &WORK), Ok(index));
        }
        assert_eq!(q.store(&mut bus, &WORK), Err(QueueError::Full));
        assert_eq!(q.consume(&mut bus), Ok(None));
        record(&mut bus, 0, 1, 1);
        assert_eq!(q.consume(&mut bus).unwrap().map(|r| (r.index, r.done, r.checksum)), Some((1, 7, 8)));
        // Place 0 is still under way, and next to the tail.
        assert!(!q.has_room());
        record(&mut bus, 1, 0, 1);
        assert!(q.consume(&mut bus).unwrap().is_some());
        assert!(q.has_room());
        // The ring of two has wrapped: the old record is not taken for a new one.
        assert_eq!(q.consume(&mut bus), Ok(None));
        record(&mut bus, 0, 1, 0);
        assert_eq!(q.consume(&mut bus), Err(QueueError::Stray(1)));
    }
}
