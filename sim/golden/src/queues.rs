// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Work queues: their registers, rings and portals. The engine serves them.
//!
//! [Data sheet section 14.]

use crate::descriptor::DESCRIPTOR_BYTES;
use crate::regs;

/// Bytes of a completion record.
const RECORD_BYTES: u64 = 16;
/// Offsets in a portal page.
const PORTAL_SQ_TAIL: u32 = 0x00;
const PORTAL_CQ_HEAD: u32 = 0x08;
const PORTAL_STATUS: u32 = 0x10;
/// Bytes of a portal page.
const PORTAL_PAGE: u32 = 0x1000;

/// One work queue.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Queue {
    control: u32,
    pub(crate) halted: bool,
    pub(crate) code: u8,
    sq_base: u64,
    cq_base: u64,
    size: u32,
    pasid: u32,
    pub(crate) sq_tail: u32,
    pub(crate) sq_head: u32,
    cq_head: u32,
    cq_tail: u32,
    /// Phase of the records being written.
    phase: bool,
    pub(crate) done: u32,
    /// Descriptors fetched so far, which numbers them.
    pub(crate) started: u64,
    /// Jobs of this queue in lanes.
    pub(crate) jobs: u32,
}

impl Queue {
    pub(crate) fn enabled(&self) -> bool {
        self.control & regs::q_ctrl::ENABLE_MASK != 0
    }

    /// Attribute bits {IDO, RO} that software wants on data.
    pub(crate) fn wants(&self) -> (bool, bool) {
        (self.control & regs::q_ctrl::IDO_MASK != 0, self.control & regs::q_ctrl::RELAXED_MASK != 0)
    }

    /// PASID of the queue's requests.
    pub(crate) fn pasid(&self) -> Option<u32> {
        (self.control & regs::q_ctrl::PASID_EN_MASK != 0).then_some(self.pasid)
    }

    fn order(field: u32) -> u32 {
        (field & 0xf).clamp(1, 10)
    }

    fn sq_mask(&self) -> u32 {
        (1 << Self::order(self.size)) - 1
    }

    fn cq_mask(&self) -> u32 {
        (1 << Self::order(self.size >> regs::q_size::CQ_ORDER_LSB)) - 1
    }

    /// Whether a descriptor waits to be fetched, and there is a place for its record.
    fn has_work(&self, overrun: bool) -> bool {
        self.enabled() && !self.halted && self.sq_head != self.sq_tail && (overrun || self.places() > self.jobs)
    }

    /// Takes the next descriptor: its index and host address.
    pub(crate) fn take(&mut self) -> (u32, u64) {
        let index = self.sq_head;
        self.sq_head = (index + 1) & self.sq_mask();
        self.started += 1;
        self.jobs += 1;
        (index, self.sq_base + u64::from(index * DESCRIPTOR_BYTES))
    }

    pub(crate) fn halt(&mut self, code: u8) {
        if !self.halted {
            (self.halted, self.code) = (true, code);
        }
    }

    /// Free places of the completion ring.
    fn places(&self) -> u32 {
        let used = self.cq_tail.wrapping_sub(self.cq_head) & self.cq_mask();
        self.cq_mask() - used
    }

    /// Software has consumed records: only those that are there count.
    fn consume(&mut self, head: u32) {
        let distance = |to: u32| to.wrapping_sub(self.cq_head) & self.cq_mask();
        if distance(head) <= distance(self.cq_tail) {
            self.cq_head = head;
        }
    }

    /// Takes the next place for a record: address, phase, number of the descriptor.
    pub(crate) fn place_record(&mut self) -> (u64, bool, u32) {
        let place = (self.cq_base + RECORD_BYTES * u64::from(self.cq_tail), self.phase, self.done);
        self.cq_tail = (self.cq_tail + 1) & self.cq_mask();
        self.phase ^= self.cq_tail == 0;
        self.done = self.done.wrapping_add(1);
        place
    }

    fn status(&self) -> u32 {
        u32::from(self.enabled()) << regs::q_status::ENABLED_LSB
            | u32::from(self.jobs > 0) << regs::q_status::BUSY_LSB
            | u32::from(self.halted) << regs::q_status::HALTED_LSB
            | u32::from(self.code) << regs::q_status::CODE_LSB
    }

    fn set_control(&mut self, value: u32) {
        let enable = value & regs::q_ctrl::ENABLE_MASK;
        if self.enabled() {
            // The other bits are fixed while enabled, this write included.
            self.control = self.control & !regs::q_ctrl::ENABLE_MASK | enable;
            return;
        }
        if enable != 0 && self.jobs == 0 {
            let Self { sq_base, cq_base, size, pasid, .. } = *self;
            *self = Self { sq_base, cq_base, size, pasid, phase: true, ..Self::default() };
            self.control = value & 0xf;
        } else {
            self.control = value & 0xf & !regs::q_ctrl::ENABLE_MASK;
        }
    }

    /// Reads a register by its offset from `q_ctrl`.
    fn read(&self, offset: u32) -> u32 {
        match offset + regs::Q_CTRL {
            regs::Q_CTRL => self.control,
            regs::Q_STATUS => self.status(),
            regs::Q_SQ_BASE_LO => self.sq_base as u32,
            regs::Q_SQ_BASE_HI => (self.sq_base >> 32) as u32,
            regs::Q_CQ_BASE_LO => self.cq_base as u32,
            regs::Q_CQ_BASE_HI => (self.cq_base >> 32) as u32,
            regs::Q_SIZE => self.size,
            regs::Q_PASID => self.pasid,
            regs::Q_SQ_TAIL => self.sq_tail,
            regs::Q_SQ_HEAD => self.sq_head,
            regs::Q_CQ_HEAD => self.cq_head,
            regs::Q_CQ_TAIL => self.cq_tail,
            regs::Q_DONE => self.done,
            _ => 0,
        }
    }

    /// Writes the bits of `mask` of a register.
    fn write(&mut self, offset: u32, bits: u32, mask: u32) {
        let word = |old: u32, writable: u32| old & !(mask & writable) | bits & writable;
        let low = |old: u64| old & !0xffff_ffff | u64::from(word(old as u32, 0xffff_f000));
        let high = |old: u64| old & 0xffff_ffff | u64::from(word((old >> 32) as u32, !0)) << 32;
        let fixed = self.enabled();
        match offset + regs::Q_CTRL {
            regs::Q_CTRL => self.set_control(word(self.control, 0xf)),
            regs::Q_STATUS if bits & regs::q_status::HALTED_MASK != 0 && self.halted => {
                (self.halted, self.code, self.sq_head) = (false, 0, self.sq_tail);
            }
            regs::Q_SQ_BASE_LO if !fixed => self.sq_base = low(self.sq_base),
            regs::Q_SQ_BASE_HI if !fixed => self.sq_base = high(self.sq_base),
            regs::Q_CQ_BASE_LO if !fixed => self.cq_base = low(self.cq_base),
            regs::Q_CQ_BASE_HI if !fixed => self.cq_base = high(self.cq_base),
            regs::Q_SIZE if !fixed => self.size = word(self.size, 0xf0f),
            regs::Q_PASID if !fixed => self.pasid = word(self.pasid, regs::q_pasid::PASID_MASK),
            regs::Q_SQ_TAIL if fixed => self.sq_tail = word(self.sq_tail, self.sq_mask()),
            regs::Q_CQ_HEAD if fixed => self.consume(word(self.cq_head, self.cq_mask())),
            _ => {}
        }
    }
}

/// All queues.
#[derive(Clone, Debug)]
pub(crate) struct Queues {
    list: Vec<Queue>,
    /// Queues that may have work, a bit each: kept so that looking is cheap.
    ready: u64,
    /// Queue that is asked first.
    cursor: usize,
    /// Wrong on purpose: rings are filled beyond what has been consumed.
    overrun: bool,
}

impl Queues {
    pub(crate) fn new(count: u32, overrun: bool) -> Self {
        Self { list: vec![Queue::default(); count as usize], ready: 0, cursor: 0, overrun }
    }

    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.list.len() as u32, self.overrun);
    }

    pub(crate) fn get(&self, q: usize) -> &Queue {
        &self.list[q]
    }

    /// Changes a queue.
    pub(crate) fn change<T>(&mut self, q: usize, change: impl FnOnce(&mut Queue) -> T) -> T {
        let result = change(&mut self.list[q]);
        self.ready = self.ready & !(1 << q) | u64::from(self.list[q].has_work(self.overrun)) << q;
        result
    }

    /// The next queue with work, round robin.
    pub(crate) fn next(&self) -> Option<usize> {
        if self.ready == 0 {
            return None;
        }
        let after = self.ready & (!0u64).checked_shl(self.cursor as u32).unwrap_or(0);
        Some(if after != 0 { after } else { self.ready }.trailing_zeros() as usize)
    }

    /// A descriptor of this queue was taken: others come first.
    pub(crate) fn served(&mut self, q: usize) {
        self.cursor = q + 1;
    }

    /// Queue and offset of a register in BAR0.
    fn find(&self, offset: u32) -> Option<(usize, u32)> {
        let at = offset.checked_sub(regs::Q_CTRL)?;
        let q = (at / regs::Q_CTRL_STRIDE) as usize;
        (q < self.list.len()).then_some((q, at % regs::Q_CTRL_STRIDE))
    }

    pub(crate) fn read(&self, offset: u32) -> u32 {
        self.find(offset).map_or(0, |(q, at)| self.list[q].read(at))
    }

    pub(crate) fn write(&mut self, offset: u32, bits: u32, mask: u32) {
        if let Some((q, at)) = self.find(offset) {
            self.change(q, |queue| queue.write(at, bits, mask));
        }
    }

    /// Offset in BAR0 of what a place in BAR1 stands for, and whether it can be written.
    fn portal(&self, offset: u32) -> Option<(u32, bool)> {
        let (register, writable) = match offset % PORTAL_PAGE {
            PORTAL_SQ_TAIL => (regs::Q_SQ_TAIL, true),
            PORTAL_CQ_HEAD => (regs::Q_CQ_HEAD, true),
            PORTAL_STATUS => (regs::Q_STATUS, false),
            _ => return None,
        };
        Some((register + offset / PORTAL_PAGE * regs::Q_CTRL_STRIDE, writable))
    }

    pub(crate) fn portal_read(&self, offset: u32) -> u32 {
        self.portal(offset).map_or(0, |(register, _)| self.read(register))
    }

    pub(crate) fn portal_write(&mut self, offset: u32, bits: u32, mask: u32) {
        if let Some((register, true)) = self.portal(offset) {
            self.write(register, bits, mask);
        }
    }
}
