// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The register interfaces: xAPIC offsets and x2APIC MSRs [SDM 11.4.1, 11.12.1].

use super::lapic::{ApicMode, Bits256, Eoi, LVT_MASK, SVR_ENABLE};
use super::{Apics, Arrival, route};
use crate::interrupt::{ApicMessage, DeliveryMode};

/// ESR bit: the CPU sent an IPI with vector 0..=15.
const ESR_SEND_ILLEGAL: u32 = 1 << 5;
/// ESR bit: an xAPIC register that does not exist was accessed.
const ESR_ILLEGAL_REGISTER: u32 = 1 << 7;

const ID: u32 = 0x20;
const VERSION: u32 = 0x30;
const TPR: u32 = 0x80;
const PPR: u32 = 0xa0;
const EOI: u32 = 0xb0;
const LDR: u32 = 0xd0;
const DFR: u32 = 0xe0;
const SVR: u32 = 0xf0;
const ISR: u32 = 0x100;
const TMR: u32 = 0x180;
const IRR: u32 = 0x200;
const ESR: u32 = 0x280;
const ICR_LOW: u32 = 0x300;
const ICR_HIGH: u32 = 0x310;
const LVT_FIRST: u32 = 0x320;
const LVT_LAST: u32 = 0x370;
const TIMER_INITIAL: u32 = 0x380;
const TIMER_CURRENT: u32 = 0x390;
const TIMER_DIVIDE: u32 = 0x3e0;
const SELF_IPI: u32 = 0x3f0;

/// An MSR access that the CPU answers with a general-protection exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The APIC is not in x2APIC mode.
    #[error("the APIC of CPU {cpu} is not in x2APIC mode")]
    NotX2apic {
        /// CPU number.
        cpu: usize,
    },
    /// No such register, or not in this direction.
    #[error("MSR {msr:#x} cannot be accessed this way")]
    NoRegister {
        /// MSR number.
        msr: u32,
    },
    /// A reserved bit is set in the value.
    #[error("MSR {msr:#x} refuses the value {value:#x}")]
    ReservedBits {
        /// MSR number.
        msr: u32,
        /// The value.
        value: u64,
    },
}

/// What a register write set off.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WriteEffect {
    /// Where an IPI went.
    pub arrivals: Vec<Arrival>,
    /// The interrupt that an EOI ended.
    pub eoi: Option<Eoi>,
}

/// MSR number of the register at an xAPIC offset.
pub const fn msr_of(offset: u32) -> u32 {
    0x800 + (offset >> 4)
}

/// xAPIC offset of the register behind an MSR; `None` outside 0x800..=0x8FF.
pub const fn offset_of(msr: u32) -> Option<u32> {
    if msr >> 8 == 8 { Some((msr & 0xff) << 4) } else { None }
}

fn word(set: &Bits256, first: u32, offset: u32) -> u32 {
    set.0[((offset - first) >> 4) as usize]
}

impl Apics {
    /// Reads the 32-bit register at `offset` (a multiple of 16 below 0x400) of an xAPIC.
    ///
    /// A register that does not exist reads 0 and sets ESR bit 7. An APIC in x2APIC
    /// mode, or one switched off, does not answer: all ones.
    pub fn read_xapic(&mut self, cpu: usize, offset: u32) -> u32 {
        if self.cpus[cpu].mode != ApicMode::Xapic || !self.cpus[cpu].online {
            return u32::MAX;
        }
        self.read_register(cpu, offset).unwrap_or_else(|| {
            self.cpus[cpu].errors |= ESR_ILLEGAL_REGISTER;
            0
        })
    }

    /// Writes the 32-bit register at `offset` of an xAPIC; see [`read_xapic`](Self::read_xapic).
    pub fn write_xapic(&mut self, cpu: usize, offset: u32, value: u32) -> WriteEffect {
        if self.cpus[cpu].mode != ApicMode::Xapic || !self.cpus[cpu].online {
            return WriteEffect::default();
        }
        let apic = &mut self.cpus[cpu];
        match offset {
            LDR => apic.ldr = (value >> 24) as u8,
            DFR => apic.dfr = (value >> 28) as u8,
            ICR_HIGH => apic.icr = apic.icr & 0xffff_ffff | u64::from(value) << 32,
            ICR_LOW => {
                apic.icr = apic.icr & !0xffff_ffff | u64::from(value & 0x000c_cfff);
                let destination = (apic.icr >> 56) as u32;
                return WriteEffect { arrivals: self.send_ipi(cpu, destination), eoi: None };
            }
            _ => {
                return self.write_register(cpu, offset, value).unwrap_or_else(|| {
                    self.cpus[cpu].errors |= ESR_ILLEGAL_REGISTER;
                    WriteEffect::default()
                });
            }
        }
        WriteEffect::default()
    }

    /// RDMSR of 0x800..=0x8FF.
    pub fn read_x2apic(&self, cpu: usize, msr: u32) -> Result<u64, AccessError> {
        self.check_x2apic(cpu)?;
        let missing = AccessError::NoRegister { msr };
        match offset_of(msr).ok_or(missing)? {
            EOI | DFR | ICR_HIGH | SELF_IPI => Err(missing),
            ICR_LOW => Ok(self.cpus[cpu].icr),
            offset => self.read_register(cpu, offset).map(u64::from).ok_or(missing),
        }
    }

    /// WRMSR of 0x800..=0x8FF.
    pub fn write_x2apic(&mut self, cpu: usize, msr: u32, value: u64) -> Result<WriteEffect, AccessError> {
        self.check_x2apic(cpu)?;
        let missing = AccessError::NoRegister { msr };
        let refused = AccessError::ReservedBits { msr, value };
        let offset = offset_of(msr).ok_or(missing)?;
        let writable = match offset {
            ID | VERSION | PPR | LDR | DFR | ICR_HIGH | TIMER_CURRENT => return Err(missing),
            ISR..ESR => return Err(missing),
            EOI | ESR => 0,
            TPR | SELF_IPI => 0xff,
            SVR => 0x13ff,
            ICR_LOW => 0xffff_ffff_000c_cfff,
            LVT_FIRST..=LVT_LAST => 0x7_ffff,
            TIMER_DIVIDE => 0xb,
            _ => 0xffff_ffff,
        };
        if value & !writable != 0 {
            return Err(refused);
        }
        match offset {
            ICR_LOW => {
                self.cpus[cpu].icr = value;
                Ok(WriteEffect { arrivals: self.send_ipi(cpu, (value >> 32) as u32), eoi: None })
            }
            SELF_IPI => {
                self.cpus[cpu].errors |= u32::from(value < 16) * ESR_SEND_ILLEGAL;
                let arrivals = if value < 16 { vec![] } else { vec![self.self_ipi(cpu, value as u8)] };
                Ok(WriteEffect { arrivals, eoi: None })
            }
            _ => self.write_register(cpu, offset, value as u32).ok_or(missing),
        }
    }

    fn check_x2apic(&self, cpu: usize) -> Result<(), AccessError> {
        let apic = &self.cpus[cpu];
        if apic.mode == ApicMode::X2apic && apic.online { Ok(()) } else { Err(AccessError::NotX2apic { cpu }) }
    }

    fn read_register(&self, cpu: usize, offset: u32) -> Option<u32> {
        let apic = &self.cpus[cpu];
        let wide = apic.mode == ApicMode::X2apic;
        if offset & 0xf != 0 {
            return None;
        }
        Some(match offset {
            ID => apic.id << if wide { 0 } else { 24 },
            // Integrated APIC, six LVT registers, suppression of EOI broadcasts.
            VERSION => 0x0105_0014,
            TPR => apic.tpr.into(),
            PPR => apic.ppr().into(),
            EOI => 0,
            LDR if wide => route::x2apic_logical_id(apic.id),
            LDR => u32::from(apic.ldr) << 24,
            DFR => u32::from(apic.dfr) << 28 | 0x0fff_ffff,
            SVR => apic.svr,
            ISR..TMR => word(&apic.isr, ISR, offset),
            TMR..IRR => word(&apic.tmr, TMR, offset),
            IRR..ESR => word(&apic.irr, IRR, offset),
            ESR => apic.esr,
            ICR_LOW => apic.icr as u32,
            ICR_HIGH => (apic.icr >> 32) as u32,
            LVT_FIRST..=LVT_LAST => apic.lvt[((offset - LVT_FIRST) >> 4) as usize],
            TIMER_INITIAL => apic.timer[0],
            TIMER_CURRENT => 0,
            TIMER_DIVIDE => apic.timer[1],
            _ => return None,
        })
    }

    /// Registers that both interfaces write alike; `None`: there is no such register.
    fn write_register(&mut self, cpu: usize, offset: u32, value: u32) -> Option<WriteEffect> {
        let apic = &mut self.cpus[cpu];
        let mut effect = WriteEffect::default();
        if offset & 0xf != 0 {
            return None;
        }
        match offset {
            TPR => apic.tpr = value as u8,
            EOI => effect.eoi = apic.eoi(),
            SVR => {
                apic.svr = value & 0x13ff;
                if value & SVR_ENABLE == 0 {
                    apic.lvt = apic.lvt.map(|l| l | LVT_MASK);
                }
            }
            // A write arms the register: it shows what happened since the last write.
            ESR => apic.esr = std::mem::take(&mut apic.errors),
            LVT_FIRST..=LVT_LAST => {
                let forced = if apic.is_enabled() { 0 } else { LVT_MASK };
                apic.lvt[((offset - LVT_FIRST) >> 4) as usize] = value & 0x7_ffff | forced;
            }
            TIMER_INITIAL => apic.timer[0] = value,
            TIMER_DIVIDE => apic.timer[1] = value & 0xb,
            // Read-only: writes are ignored.
            ID | VERSION | PPR | ISR..ESR | TIMER_CURRENT => {}
            _ => return None,
        }
        Some(effect)
    }

    /// Sends what the ICR says.
    fn send_ipi(&mut self, cpu: usize, destination: u32) -> Vec<Arrival> {
        let icr = self.cpus[cpu].icr as u32;
        let message = ApicMessage {
            destination,
            logical: icr >> 11 & 1 == 1,
            redirection_hint: false,
            mode: DeliveryMode::from_bits((icr >> 8) as u8),
            level: false,
            vector: icr as u8,
        };
        let vectored = matches!(message.mode, DeliveryMode::Fixed | DeliveryMode::LowestPriority);
        if vectored && message.vector < 16 {
            self.cpus[cpu].errors |= ESR_SEND_ILLEGAL;
            return vec![];
        }
        match icr >> 18 & 3 {
            0 => self.deliver(&message),
            1 => vec![self.self_ipi(cpu, message.vector)],
            all_or_others => self
                .cpus
                .iter_mut()
                .enumerate()
                .filter(|(c, apic)| apic.online && (all_or_others == 2 || *c != cpu))
                .map(|(c, apic)| Arrival { cpu: c, vector: message.vector, outcome: apic.accept(&message) })
                .collect(),
        }
    }
}
