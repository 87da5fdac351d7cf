// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A bus to memory and to one remapping unit, and the device's end of it: requests in, effects out.

use host_model::driver::msg::MsiMsg;
use host_model::driver::{Bus, BusError};
use host_model::interrupt::InterruptRequest;
use host_model::mem::HostMemory;
use host_model::rc::{Digests, LinkSettings};
use host_model::remap::{FaultReason, RemapEffect, RemapUnit};
use tlp::{Bdf, Tick};

/// Memory and a unit; time passes in `wait` and while a request is under way.
pub struct UnitBus<U> {
    pub mem: HostMemory,
    pub unit: U,
    pub now: Tick,
    pub effects: Vec<RemapEffect>,
}

impl<U: RemapUnit> UnitBus<U> {
    pub fn new(unit: U) -> Self {
        Self { mem: HostMemory::new(), unit, now: 0, effects: Vec::new() }
    }

    pub fn settle(&mut self) {
        self.unit.step(self.now, &mut self.mem, &mut self.effects);
    }

    /// A device's request goes in, without waiting for what becomes of it.
    pub fn post(&mut self, source: Bdf, msg: MsiMsg) {
        let request = InterruptRequest { source, address: msg.address_lo, data: msg.data };
        self.unit.request(request, self.now, &self.mem);
    }

    /// Lets everything that is under way come to its end; what has happened since the last call.
    pub fn drain(&mut self) -> Vec<RemapEffect> {
        while let Some(due) = self.unit.next_due() {
            self.now = self.now.max(due);
            self.settle();
        }
        std::mem::take(&mut self.effects)
    }

    /// Vector and destination that one message gets, or why it is dropped.
    pub fn send(&mut self, source: Bdf, msg: MsiMsg) -> Result<(u32, u8), FaultReason> {
        self.drain();
        self.post(source, msg);
        let effects = self.drain();
        let mut fates = effects.iter().filter_map(|e| match *e {
            RemapEffect::Deliver { message, .. } => Some(Ok((message.destination, message.vector))),
            RemapEffect::Blocked { reason, .. } => Some(Err(reason)),
            _ => None,
        });
        let fate = fates.next().unwrap_or_else(|| panic!("neither delivered nor blocked: {effects:?}"));
        assert!(fates.next().is_none(), "one request, one fate: {effects:?}");
        fate
    }
}

fn failed(e: &host_model::mem::MemError) -> BusError {
    BusError::Failed { access: "memory".into(), why: e.to_string() }
}

impl<U: RemapUnit> Bus for UnitBus<U> {
    fn cfg_read(&mut self, reg: u16, _len: u8) -> Result<u32, BusError> {
        panic!("no device here: configuration read at {reg:#x}")
    }

    fn cfg_write(&mut self, reg: u16, _len: u8, _value: u32) -> Result<(), BusError> {
        panic!("no device here: configuration write at {reg:#x}")
    }

    fn mem_read(&mut self, addr: u64, _len: u8) -> Result<u64, BusError> {
        panic!("no device here: read at {addr:#x}")
    }

    fn mem_write(&mut self, addr: u64, _len: u8, _value: u64) -> Result<(), BusError> {
        panic!("no device here: write at {addr:#x}")
    }

    fn dram_read(&mut self, addr: u64, buf: &mut [u8]) -> Result<(), BusError> {
        self.mem.read(addr, buf).map_err(|e| failed(&e))
    }

    fn dram_write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), BusError> {
        self.mem.write(addr, bytes).map_err(|e| failed(&e))
    }

    fn vtd_read(&mut self, offset: u32, bytes: u8) -> Result<u64, BusError> {
        Ok(self.unit.read(offset, bytes))
    }

    fn vtd_write(&mut self, offset: u32, bytes: u8, value: u64) -> Result<(), BusError> {
        self.unit.write(offset, bytes, value, self.now, &mut self.mem);
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
        panic!("no link here")
    }

    fn set_digests(&mut self, _digests: Digests) -> Result<(), BusError> {
        panic!("no link here")
    }
}
