// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Virtual functions as software has set them up: which are there, what they may do, where
//! their memory is [PCIe Base 9; data sheet §16].

use super::config::MsixControl;
use super::{Possible, merge};
use tlp::{Bdf, Tick};
use vectors::op::Source;
use vectors::regs;

/// Sources of a virtual function in each of its stores.
pub const SOURCES: u32 = 64;
/// First VF Offset.
const OFFSET: u16 = 8;
/// Cycles that the reset of virtual functions may take.
const RESET_CYCLES: Tick = 1 << 14;
/// Smallest memory of a virtual function.
const APERTURE_LEAST: u64 = 0x4000;

const SRIOV: u16 = regs::CAP_SRIOV_OFFSET as u16;
const CONTROL: u16 = SRIOV + 0x08;
const NUMBER: u16 = SRIOV + 0x10;
const PAGE_SIZE: u16 = SRIOV + 0x20;
const BAR: u16 = SRIOV + 0x24;

/// One of the functions of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The physical one.
    Physical,
    /// A virtual one, counted from 0.
    Virtual(u32),
}

/// The function that a source belongs to.
pub fn owner(source: Source) -> Who {
    source.vf().map_or(Who::Physical, Who::Virtual)
}

/// A reset of a function: the write that asked for it, and until when it may last once that is answered.
#[derive(Clone, Copy, Debug)]
struct Reset {
    seq: u64,
    until: Option<Tick>,
}

/// One virtual function.
#[derive(Clone, Debug)]
pub struct VirtualFunction {
    /// VF Enable is 1 and its number below NumVFs.
    pub enabled: Possible<bool>,
    /// Its Command.2.
    pub bus_master: Possible<bool>,
    /// Its MSI-X Message Control.
    pub msix: Possible<MsixControl>,
    reset: Option<Reset>,
}

impl VirtualFunction {
    fn new(enabled: Possible<bool>) -> Self {
        Self {
            enabled,
            bus_master: Possible::certain(false),
            msix: Possible::certain(MsixControl::default()),
            reset: None,
        }
    }
}

/// All of them, and what the SR-IOV capability says.
#[derive(Clone, Debug)]
pub struct Functions {
    /// As many as the device has.
    pub each: Vec<VirtualFunction>,
    control: u32,
    number: u32,
    page: u32,
    bar: u64,
}

impl Functions {
    /// As after a reset.
    pub fn new(count: u32) -> Self {
        let none = VirtualFunction::new(Possible::certain(false));
        Self { each: vec![none; count as usize], control: 0, number: 0, page: 1, bar: 0 }
    }

    /// A write to the physical function's configuration space; the functions that it takes down.
    pub fn physical_write(&mut self, seq: u64, flushed: u64, register: u16, be: u8, value: u32) -> u32 {
        let enabled = self.control & 1 == 1;
        match register {
            _ if self.each.is_empty() => return 0,
            CONTROL => self.control = merge(self.control, value, be) & 0x19,
            NUMBER if !enabled => self.number = merge(self.number, value, be) & 0xffff,
            PAGE_SIZE if !enabled => self.page = merge(self.page, value, be) & 0x553,
            BAR => {
                let low = merge(self.bar as u32, value, be) & !(self.aperture() as u32 - 1);
                self.bar = self.bar & !0xffff_ffff | u64::from(low);
            }
            _ if register == BAR + 4 => {
                let high = merge((self.bar >> 32) as u32, value, be);
                self.bar = self.bar & 0xffff_ffff | u64::from(high) << 32;
            }
            _ => return 0,
        }
        let mut gone = 0;
        let acting = if self.control & 1 == 1 { self.number } else { 0 };
        for (n, function) in self.each.iter_mut().enumerate() {
            let now = (n as u32) < acting;
            if *function.enabled.latest() && !now {
                gone |= 1 << n;
                function.reset = Some(Reset { seq, until: None });
            }
            function.enabled.set(seq, now, flushed);
        }
        gone
    }

    /// A write to a virtual function's configuration space; whether it starts its reset.
    pub fn write(&mut self, n: u32, seq: u64, flushed: u64, register: u16, be: u8, value: u32) -> bool {
        let function = &mut self.each[n as usize];
        match register {
            0x04 if be & 1 == 1 => function.bus_master.set(seq, value >> 2 & 1 == 1, flushed),
            0x58 if be >> 1 & 1 == 1 && value >> 15 & 1 == 1 => {
                function.reset = Some(Reset { seq, until: None });
                return true;
            }
            0xb0 if be >> 3 & 1 == 1 => {
                let m = MsixControl { enable: value >> 31 == 1, function_mask: value >> 30 & 1 == 1 };
                function.msix.set(seq, m, flushed);
            }
            _ => {}
        }
        false
    }

    /// The write that asked for a reset of this function has been answered: it is as new.
    pub fn reset_answered(&mut self, n: u32, tick: Tick) {
        let old = &self.each[n as usize];
        let reset = old.reset.map(|r| Reset { until: Some(tick + RESET_CYCLES), ..r });
        self.each[n as usize] = VirtualFunction { reset, ..VirtualFunction::new(old.enabled.clone()) };
    }

    /// Whether a reset of this function may be under way.
    pub fn resetting(&mut self, n: u32, tick: Tick, flushed: u64) -> bool {
        let Some(function) = self.each.get_mut(n as usize) else { return false };
        // No request is begun before it is over.
        function.reset = function.reset.filter(|r| r.until.is_none_or(|until| tick <= until && flushed <= r.seq));
        function.reset.is_some()
    }

    /// Whether its reset has been asked for and not answered.
    pub fn reset_unanswered(&self, n: u32) -> bool {
        self.each.get(n as usize).is_some_and(|f| f.reset.is_some_and(|r| r.until.is_none()))
    }

    /// Bytes of memory of each.
    fn aperture(&self) -> u64 {
        if self.page == 0 { APERTURE_LEAST } else { (0x1000u64 << self.page.trailing_zeros()).max(APERTURE_LEAST) }
    }

    /// Address of the memory of a function, whether it is decoded or not.
    pub fn base(&self, n: u32) -> u64 {
        let size = self.aperture();
        (self.bar & !(size - 1)).wrapping_add(size * u64::from(n))
    }

    /// Whether the memory of a function is decoded, as far as SR-IOV decides it.
    pub fn decodes(&self, n: u32) -> bool {
        self.control & 8 != 0 && self.is_enabled(n)
    }

    /// As software has it now.
    pub fn is_enabled(&self, n: u32) -> bool {
        self.each.get(n as usize).is_some_and(|f| *f.enabled.latest())
    }

    /// Function and offset that an address falls into.
    pub fn hit(&self, address: u64) -> Option<(u32, u64)> {
        let size = self.aperture();
        let beyond = address.checked_sub(self.base(0))?;
        let n = u32::try_from(beyond / size).ok().filter(|n| self.decodes(*n))?;
        Some((n, beyond % size))
    }

    /// Id of a function when the physical one has this id.
    pub fn id(physical: Bdf, n: u32) -> Bdf {
        Bdf::from_bits(physical.bits().wrapping_add(OFFSET).wrapping_add(n as u16))
    }
}
