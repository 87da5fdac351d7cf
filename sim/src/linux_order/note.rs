// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A bus that notes what it is asked: registers of one MSI-X function as storage, memory, the real remapping unit.

use super::recorded::{Access, Messages, Register, config};
use host_model::domain::matrix::Place;
use host_model::driver::caps::{Capability, id};
use host_model::driver::enumerate::{Bar, Function};
use host_model::driver::{Bus, BusError};
use host_model::kernel::{DevId, Machine, Taken};
use host_model::mem::HostMemory;
use host_model::rc::{Digests, LinkSettings};
use host_model::remap::RemapUnit;
use host_model::remap::vtd::{Vtd, VtdConfig};
use std::collections::BTreeMap;
use tlp::Tick;

/// The capability and the table.
const MSIX: u16 = 0xb0;
const TABLE: u64 = 0x2_0000;

/// The bus.
pub struct Note {
    control: u32,
    command: u32,
    entries: u32,
    words: BTreeMap<u64, u32>,
    messages: Messages,
    mem: HostMemory,
    vtd: Vtd,
    now: Tick,
    /// Accesses since the last call of [`Note::take`].
    accesses: Vec<Access>,
    /// Interrupts that a processor takes next.
    pub taken: Vec<Taken>,
}

impl Note {
    /// A function with so many entries, all masked.
    pub fn new(entries: u32) -> Self {
        let words = (0..u64::from(entries)).map(|e| (TABLE + 16 * e + 12, 1)).collect();
        Self {
            control: 0,
            command: 0x107,
            entries,
            words,
            messages: Messages::default(),
            mem: HostMemory::new(),
            vtd: Vtd::new(VtdConfig::default()),
            now: 0,
            accesses: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// Another table, as after another device was bound.
    pub fn resize(&mut self, entries: u32) {
        self.entries = entries;
        for e in 0..u64::from(entries) {
            self.words.entry(TABLE + 16 * e + 12).or_insert(1);
        }
    }

    /// The function as enumeration finds it.
    pub fn function() -> Function {
        let bar = Bar { number: 2, size: 0x1_0000, wide: true, prefetchable: true, address: TABLE };
        let caps = vec![Capability { id: id::MSIX, offset: MSIX, version: 0 }];
        Function { vendor: 1, device: 2, class: 3, bars: vec![bar], caps, extended: vec![] }
    }

    /// What was noted.
    pub fn take(&mut self) -> Vec<Access> {
        std::mem::take(&mut self.accesses)
    }

    /// Accesses that are to be noted after all.
    pub fn put_back(&mut self, accesses: Vec<Access>) {
        self.accesses = accesses;
    }

    fn note(&mut self, write: bool, at: Register, len: u8, word: u32) {
        let value = match at {
            Register::Entry(e, f) => self.messages.value(write, e, f, word),
            other => config(other, word),
        };
        self.accesses.push(Access { write, at, len: u32::from(len), value });
    }

    fn entry(addr: u64) -> Option<Register> {
        let at = addr.checked_sub(TABLE).filter(|at| *at < 16 * 2048)? as u32;
        Some(Register::Entry(at / 16, at % 16))
    }

    fn settle(&mut self) {
        self.vtd.step(self.now, &mut self.mem, &mut Vec::new());
    }
}

fn failed(why: &str) -> BusError {
    BusError::Failed { access: "an access of a call".into(), why: why.into() }
}

impl Bus for Note {
    fn cfg_read(&mut self, reg: u16, len: u8) -> Result<u32, BusError> {
        let (at, word) = match reg {
            4 => (Register::Command, self.command),
            r if r == MSIX + 2 => (Register::Control, self.control | (self.entries - 1)),
            r if r == MSIX + 4 => (Register::Table, 2),
            _ => return Err(failed("no such register")),
        };
        self.note(false, at, len, word);
        Ok(word)
    }

    fn cfg_write(&mut self, reg: u16, len: u8, value: u32) -> Result<(), BusError> {
        let at = match reg {
            4 => {
                self.command = value;
                Register::Command
            }
            r if r == MSIX + 2 => {
                self.control = value & 0xc000;
                Register::Control
            }
            _ => return Err(failed("no such register")),
        };
        self.note(true, at, len, value);
        Ok(())
    }

    fn mem_read(&mut self, addr: u64, len: u8) -> Result<u64, BusError> {
        let at = Self::entry(addr).ok_or_else(|| failed("outside the table"))?;
        let word = self.words.get(&addr).copied().unwrap_or(0);
        self.note(false, at, len, word);
        Ok(word.into())
    }

    fn mem_write(&mut self, addr: u64, len: u8, value: u64) -> Result<(), BusError> {
        let at = Self::entry(addr).ok_or_else(|| failed("outside the table"))?;
        self.words.insert(addr, value as u32);
        self.note(true, at, len, value as u32);
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

    fn set_link(&mut self, _link: LinkSettings) -> Result<(), BusError> {
        Ok(())
    }

    fn set_digests(&mut self, _digests: Digests) -> Result<(), BusError> {
        Ok(())
    }
}

impl Machine for Note {
    fn bus(&mut self, _dev: DevId) -> &mut dyn Bus {
        self
    }

    fn taken(&mut self) -> Vec<Taken> {
        std::mem::take(&mut self.taken)
    }
}

impl Note {
    /// A processor takes a vector.
    pub fn arrives(&mut self, at: Place) {
        self.taken.push(Taken { tick: self.now, at });
    }
}
