// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What software has written into the registers of work queues and of the endpoint test.

use super::merge;
use vectors::regs;

/// Queues of a device at most.
pub const QUEUES: u32 = 64;

/// A queue as it was when software enabled it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Setup {
    /// Host address of the submission ring.
    pub sq_base: u64,
    /// Descriptors in it, as exponent.
    pub sq_order: u32,
    /// Host address of the completion ring.
    pub cq_base: u64,
    /// Records in it, as exponent.
    pub cq_order: u32,
    /// PASID of its requests.
    pub pasid: Option<u32>,
    /// Relaxed ordering wanted on data.
    pub relaxed: bool,
    /// Id-based ordering wanted on data.
    pub ido: bool,
}

/// A command of the endpoint test registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestCommand {
    /// Number of the command bit.
    pub bit: u32,
    /// Source address.
    pub source: u64,
    /// Destination address.
    pub destination: u64,
    /// Bytes.
    pub size: u32,
    /// Type of the interrupt: 0 INTx, 1 MSI, 2 MSI-X.
    pub irq_type: u32,
    /// Its number, from 1.
    pub irq_number: u32,
}

/// What a write to these registers asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkCommand {
    /// Queue enabled.
    Enable(u32, Setup),
    /// Queue disabled.
    Disable(u32),
    /// Halt of the queue ended.
    Resume(u32),
    /// Doorbell.
    Tail(u32, u32),
    /// Records consumed.
    Head(u32, u32),
    /// All interrupt handles are to be revoked.
    Revoke,
    /// Command of the endpoint test.
    Test(TestCommand),
}

#[derive(Clone, Copy, Debug, Default)]
struct Queue {
    enabled: bool,
    words: [u32; 12],
}

/// The registers.
#[derive(Clone, Debug)]
pub struct WorkRegisters {
    queues: Vec<Queue>,
    test: [u32; 12],
}

impl Default for WorkRegisters {
    fn default() -> Self {
        Self { queues: vec![Queue::default(); QUEUES as usize], test: [0; 12] }
    }
}

fn order(field: u32) -> u32 {
    (field & 0xf).clamp(1, 10)
}

impl WorkRegisters {
    /// A write to BAR0; what it asks for.
    pub fn write(&mut self, offset: u32, value: u32, be: u8) -> Option<WorkCommand> {
        if offset == regs::IH_CMD {
            return (merge(0, value, be) >> 16 & 0xf == 3).then_some(WorkCommand::Revoke);
        }
        if offset < 0x30 {
            return self.test(offset, value, be);
        }
        let at = offset.checked_sub(regs::Q_CTRL)?;
        let (q, register) = (at / regs::Q_CTRL_STRIDE, at % regs::Q_CTRL_STRIDE + regs::Q_CTRL);
        (q < QUEUES).then(|| self.queue(q, register, value, be)).flatten()
    }

    /// A write to a portal page in BAR1.
    pub fn portal(&mut self, offset: u32, value: u32, be: u8) -> Option<WorkCommand> {
        let register = match offset & 0xfff {
            0 => regs::Q_SQ_TAIL,
            8 => regs::Q_CQ_HEAD,
            _ => return None,
        };
        let q = offset >> 12;
        (q < QUEUES).then(|| self.queue(q, register, value, be)).flatten()
    }

    fn queue(&mut self, q: u32, register: u32, value: u32, be: u8) -> Option<WorkCommand> {
        let queue = &mut self.queues[q as usize];
        let slot = ((register - regs::Q_CTRL) / 4) as usize;
        match register {
            regs::Q_STATUS => (merge(0, value, be) & 4 != 0).then_some(WorkCommand::Resume(q)),
            regs::Q_CTRL => {
                let new = merge(queue.words[0], value, be) & 0xf;
                let on = new & 1 == 1;
                if queue.enabled {
                    queue.words[0] = queue.words[0] & !1 | new & 1;
                } else {
                    queue.words[0] = new;
                }
                let was = std::mem::replace(&mut queue.enabled, on);
                match (was, on) {
                    (false, true) => {
                        queue.words[8] = 0;
                        queue.words[10] = 0;
                        let setup = queue.setup();
                        Some(WorkCommand::Enable(q, setup))
                    }
                    (true, false) => Some(WorkCommand::Disable(q)),
                    _ => None,
                }
            }
            regs::Q_SQ_TAIL | regs::Q_CQ_HEAD if queue.enabled => {
                let setup = queue.setup();
                let (order, tail) = match register {
                    regs::Q_SQ_TAIL => (setup.sq_order, true),
                    _ => (setup.cq_order, false),
                };
                let index = merge(queue.words[slot], value, be) & ((1 << order) - 1);
                queue.words[slot] = index;
                Some(if tail { WorkCommand::Tail(q, index) } else { WorkCommand::Head(q, index) })
            }
            regs::Q_SQ_BASE_LO..=regs::Q_PASID if !queue.enabled => {
                queue.words[slot] = merge(queue.words[slot], value, be);
                None
            }
            _ => None,
        }
    }

    fn test(&mut self, offset: u32, value: u32, be: u8) -> Option<WorkCommand> {
        let word = |this: &Self, offset: u32| this.test[offset as usize / 4];
        if offset != regs::ET_COMMAND {
            self.test[offset as usize / 4] = merge(word(self, offset), value, be);
            return None;
        }
        let bits = merge(0, value, be) & 0x3f;
        if bits == 0 {
            return None;
        }
        let wide = |low: u32, high: u32| u64::from(word(self, high)) << 32 | u64::from(word(self, low));
        let bit = bits.trailing_zeros();
        Some(WorkCommand::Test(TestCommand {
            bit,
            source: wide(regs::ET_SRC_LO, regs::ET_SRC_HI),
            destination: wide(regs::ET_DST_LO, regs::ET_DST_HI),
            size: word(self, regs::ET_SIZE),
            irq_type: if bit < 3 { bit } else { word(self, regs::ET_IRQ_TYPE) },
            irq_number: word(self, regs::ET_IRQ_NUMBER),
        }))
    }
}

impl Queue {
    fn setup(&self) -> Setup {
        let wide = |low: usize| u64::from(self.words[low + 1]) << 32 | u64::from(self.words[low] & !0xfff);
        Setup {
            sq_base: wide(2),
            cq_base: wide(4),
            sq_order: order(self.words[6]),
            cq_order: order(self.words[6] >> 8),
            pasid: (self.words[0] & 2 != 0).then_some(self.words[7] & 0xf_ffff),
            relaxed: self.words[0] & 4 != 0,
            ido: self.words[0] & 8 != 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_set_up_while_it_is_off() {
        let mut w = WorkRegisters::default();
        let at = |register: u32| register + 3 * regs::Q_CTRL_STRIDE;
        for (register, value) in [
            (regs::Q_SQ_BASE_LO, 0x1234_5fff),
            (regs::Q_SQ_BASE_HI, 7),
            (regs::Q_CQ_BASE_LO, 0x9000),
            (regs::Q_SIZE, 0xf04),
            (regs::Q_PASID, 0xfff1_2345),
        ] {
            assert_eq!(w.write(at(register), value, 0xf), None);
        }
        let setup = Setup {
            sq_base: 0x7_1234_5000,
            sq_order: 4,
            cq_base: 0x9000,
            cq_order: 10,
            pasid: Some(0x1_2345),
            relaxed: true,
            ido: false,
        };
        assert_eq!(w.write(at(regs::Q_CTRL), 7, 0xf), Some(WorkCommand::Enable(3, setup)));
        assert_eq!(w.write(at(regs::Q_SIZE), 0x101, 0xf), None);
        assert_eq!(w.portal(0x3000, 0x15, 0xf), Some(WorkCommand::Tail(3, 5)));
        assert_eq!(w.write(at(regs::Q_CTRL), 0, 0xf), Some(WorkCommand::Disable(3)));
        assert_eq!(w.write(at(regs::Q_SQ_TAIL), 1, 0xf), None);
    }
}
