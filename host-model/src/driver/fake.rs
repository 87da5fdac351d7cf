// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A bus without a device, for tests of sequences: registers are storage, every device
//! access is logged, and the remapping unit is the real model.

use std::collections::BTreeMap;

use tlp::{Bdf, Tick};

use super::{Bus, BusError};
use crate::interrupt::InterruptRequest;
use crate::mem::HostMemory;
use crate::rc::{Digests, LinkSettings};
use crate::remap::vtd::{Vtd, VtdConfig};
use crate::remap::{RemapEffect, RemapUnit};

/// One access to device memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Read of an address.
    R(u64),
    /// Write of a value to an address.
    W(u64, u64),
}

/// What a fake device does when a register is written.
pub type Hook = Box<dyn FnMut(&mut BTreeMap<u64, u32>, &mut HostMemory, u64, u32)>;

pub struct FakeBus {
    config: BTreeMap<u16, (u32, u32, u32)>,
    pub cfg_log: Vec<(u16, u32)>,
    pub words: BTreeMap<u64, u32>,
    pub log: Vec<Access>,
    pub hook: Option<Hook>,
    pub mem: HostMemory,
    pub vtd: Vtd,
    pub effects: Vec<RemapEffect>,
    pub now: Tick,
    pub link: Option<LinkSettings>,
    pub digests: Option<Digests>,
    /// Configuration reads that are still answered with a retry.
    pub retries: u32,
    /// Configuration space of other functions.
    pub functions: BTreeMap<Bdf, BTreeMap<u16, u32>>,
}

impl FakeBus {
    pub fn new() -> Self {
        let mut bus = Self {
            config: BTreeMap::new(),
            cfg_log: Vec::new(),
            words: BTreeMap::new(),
            log: Vec::new(),
            hook: None,
            mem: HostMemory::new(),
            vtd: Vtd::new(VtdConfig::default()),
            effects: Vec::new(),
            now: 0,
            link: None,
            digests: None,
            retries: 0,
            functions: BTreeMap::new(),
        };
        bus.set_cfg(0x04, 0x0010_0000);
        bus
    }

    /// Sets a register that is writable throughout.
    pub fn set_cfg(&mut self, at: u16, value: u32) {
        self.config.insert(at, (value, u32::MAX, 0));
    }

    /// A register with writable bits `mask` and constant bits `fixed`.
    pub fn bar(&mut self, at: u16, mask: u32, fixed: u32) {
        self.config.insert(at, (0, mask, fixed));
    }

    /// Sets the value of a register and keeps what is writable in it.
    pub fn poke(&mut self, at: u16, value: u32) {
        self.config.entry(at).or_insert((0, u32::MAX, 0)).0 = value;
    }

    pub fn cfg(&self, at: u16) -> u32 {
        self.config.get(&at).map_or(0, |(v, m, f)| v & m | f)
    }

    /// A capability list of (offset, id); a repeated offset closes a loop.
    pub fn chain(&mut self, list: &[(u16, u32)]) {
        self.set_cfg(0x34, u32::from(list[0].0));
        for (i, &(at, id)) in list.iter().enumerate() {
            if list[..i].iter().all(|&(o, _)| o != at) {
                let next = list.get(i + 1).map_or(0, |&(o, _)| u32::from(o));
                self.set_cfg(at, id | next << 8);
            }
        }
    }

    pub fn log_has_in_order(&self, wanted: &[(u16, u32)]) -> bool {
        let mut log = self.cfg_log.iter();
        wanted.iter().all(|w| log.any(|l| l == w))
    }

    pub fn take_log(&mut self) -> Vec<Access> {
        std::mem::take(&mut self.log)
    }

    fn settle(&mut self) {
        self.vtd.step(self.now, &mut self.mem, &mut self.effects);
    }

    /// Sends a device's interrupt request through the unit and gives back what came of it.
    pub fn interrupt(&mut self, source: Bdf, address: u32, data: u32) -> Vec<RemapEffect> {
        self.vtd.request(InterruptRequest { source, address, data }, self.now, &self.mem);
        self.effects.clear();
        while let Some(due) = RemapUnit::next_due(&self.vtd) {
            self.now = self.now.max(due);
            self.settle();
        }
        std::mem::take(&mut self.effects)
    }
}

fn failed(why: &str) -> BusError {
    BusError::Failed { access: "fake access".into(), why: why.into() }
}

impl Bus for FakeBus {
    fn cfg_read(&mut self, reg: u16, len: u8) -> Result<u32, BusError> {
        if self.retries > 0 {
            self.retries -= 1;
            return Err(BusError::ConfigRetry { access: "fake access".into() });
        }
        let word = self.cfg(reg & !3) >> (8 * (reg & 3));
        Ok(if len == 4 { word } else { word & ((1 << (8 * len)) - 1) })
    }

    fn cfg_write(&mut self, reg: u16, len: u8, value: u32) -> Result<(), BusError> {
        self.cfg_log.push((reg, value));
        let shift = 8 * (reg & 3);
        let enable = if len == 4 { u32::MAX } else { ((1 << (8 * len)) - 1) << shift };
        let (old, mask, fixed) = self.config.get(&(reg & !3)).copied().unwrap_or((0, 0, 0));
        let new = old & !enable | value << shift & enable;
        self.config.insert(reg & !3, (new & mask, mask, fixed));
        Ok(())
    }

    fn cfg_read_of(&mut self, id: Bdf, reg: u16, len: u8) -> Result<u32, BusError> {
        let word = self.functions.get(&id).and_then(|f| f.get(&(reg & !3))).copied().unwrap_or(0);
        let word = word >> (8 * (reg & 3));
        Ok(if len == 4 { word } else { word & ((1 << (8 * len)) - 1) })
    }

    fn mem_read(&mut self, addr: u64, len: u8) -> Result<u64, BusError> {
        self.log.push(Access::R(addr));
        let low = u64::from(*self.words.get(&addr).unwrap_or(&0));
        Ok(if len == 8 { low | u64::from(*self.words.get(&(addr + 4)).unwrap_or(&0)) << 32 } else { low })
    }

    fn mem_write(&mut self, addr: u64, len: u8, value: u64) -> Result<(), BusError> {
        self.log.push(Access::W(addr, value));
        for i in 0..u64::from(len / 4) {
            let word = (value >> (32 * i)) as u32;
            self.words.insert(addr + 4 * i, word);
            if let Some(mut hook) = self.hook.take() {
                hook(&mut self.words, &mut self.mem, addr + 4 * i, word);
                self.hook = Some(hook);
            }
        }
        Ok(())
    }

    fn dram_read(&mut self, addr: u64, buf: &mut [u8]) -> Result<(), BusError> {
        self.mem.read(addr, buf).map_err(|e| failed(&e.to_string()))
    }

    fn dram_write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), BusError> {
        self.mem.write(addr, bytes).map_err(|e| failed(&e.to_string()))
    }

    fn vtd_read(&mut self, offset: u32, bytes: u8) -> Result<u64, BusError> {
        Ok(RemapUnit::read(&self.vtd, offset, bytes))
    }

    fn vtd_write(&mut self, offset: u32, bytes: u8, value: u64) -> Result<(), BusError> {
        RemapUnit::write(&mut self.vtd, offset, bytes, value, self.now, &mut self.mem);
        self.settle();
        Ok(())
    }

    fn wait(&mut self, cycles: u64) -> Result<(), BusError> {
        for _ in 0..cycles {
            self.now += 1;
            self.settle();
        }
        Ok(())
    }

    fn set_link(&mut self, link: LinkSettings) -> Result<(), BusError> {
        self.link = Some(link);
        Ok(())
    }

    fn set_digests(&mut self, digests: Digests) -> Result<(), BusError> {
        self.digests = Some(digests);
        Ok(())
    }
}
