// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The processor's side of the bench: blocking accesses that run the simulation.

use super::world::{Stop, World};
use crate::shadow::Functions;
use host_model::driver::{Bus, BusError};
use host_model::rc::requests::{Outcome, Request};
use host_model::rc::{Digests, LinkSettings};
use tlp::Bdf;

/// Tail of the invalidation queue [VT-d 11.4.9.2].
const QUEUE_TAIL: u32 = 0x88;

/// Splits `len` bytes at `reg` into DWORD register and byte enables.
fn lanes(reg: u16, len: u8) -> (u16, u8, u32) {
    let shift = u32::from(reg & 3) * 8;
    let enables = (((1u16 << len) - 1) << (reg & 3)) as u8;
    (reg & !3, enables, shift)
}

fn truncate(value: u64, len: u8) -> u64 {
    if len >= 8 { value } else { value & ((1 << (8 * u32::from(len))) - 1) }
}

impl World {
    /// The function's place on the bus.
    pub fn device_id(&self) -> Bdf {
        self.host.rc().config().device
    }

    /// Place on the bus of a virtual function, or of the physical one.
    pub fn function_id(&self, vf: Option<u32>) -> Bdf {
        vf.map_or(self.device_id(), |n| Functions::id(self.device_id(), n))
    }

    /// A configuration read, with whatever comes of it.
    pub fn config_read(&mut self, target: Bdf, reg: u16, len: u8) -> Result<Outcome, Stop> {
        let (register, enables, _) = lanes(reg, len);
        self.request(Request::ConfigRead { target, register, enables, type1: false })
    }

    /// A configuration write with explicit byte enables.
    pub fn config_write_be(&mut self, target: Bdf, register: u16, enables: u8, value: u32) -> Result<Outcome, Stop> {
        self.request(Request::ConfigWrite { target, register, enables, value, type1: false })
    }

    /// A memory read, with whatever comes of it.
    pub fn memory_read(&mut self, address: u64, len: u16) -> Result<Outcome, Stop> {
        self.request(Request::MemRead { address, len })
    }

    /// A posted memory write.
    pub fn memory_write_to(&mut self, address: u64, data: Vec<u8>) -> Result<Outcome, Stop> {
        self.request(Request::MemWrite { address, data })
    }
}

/// The error of an outcome that brings neither data nor success.
fn refuse(access: String, outcome: Outcome) -> BusError {
    match outcome {
        Outcome::UnsupportedRequest => BusError::UnsupportedRequest { access },
        Outcome::CompleterAbort => BusError::CompleterAbort { access },
        Outcome::ConfigRetry => BusError::ConfigRetry { access },
        Outcome::Timeout => BusError::Timeout { access },
        Outcome::Malformed(why) => BusError::BadCompletion { access, why: why.to_string() },
        Outcome::Poisoned => BusError::BadCompletion { access, why: "poisoned".into() },
        other => BusError::Failed { access, why: format!("{other:?}") },
    }
}

/// A simulation that cannot go on ends the access; the stop itself is kept in the world.
fn stopped(world: &mut World, access: &str, stop: Stop) -> BusError {
    world.stop.get_or_insert(stop);
    BusError::Failed { access: access.to_string(), why: "the simulation stopped".into() }
}

impl Bus for World {
    fn cfg_read(&mut self, reg: u16, len: u8) -> Result<u32, BusError> {
        self.cfg_read_of(self.device_id(), reg, len)
    }

    fn cfg_write(&mut self, reg: u16, len: u8, value: u32) -> Result<(), BusError> {
        self.cfg_write_of(self.device_id(), reg, len, value)
    }

    fn cfg_read_of(&mut self, id: Bdf, reg: u16, len: u8) -> Result<u32, BusError> {
        let access = || format!("configuration read of {len} bytes at {reg:#x} of {id}");
        let (_, _, shift) = lanes(reg, len);
        match self.config_read(id, reg, len).map_err(|s| stopped(self, &access(), s))? {
            Outcome::Data(b) => {
                let word = u32::from_le_bytes(b.try_into().expect("configuration data is four bytes"));
                Ok(truncate(u64::from(word >> shift), len) as u32)
            }
            other => Err(refuse(access(), other)),
        }
    }

    fn cfg_write_of(&mut self, id: Bdf, reg: u16, len: u8, value: u32) -> Result<(), BusError> {
        let access = || format!("configuration write of {len} bytes at {reg:#x} of {id}");
        let (register, enables, shift) = lanes(reg, len);
        match self.config_write_be(id, register, enables, value << shift).map_err(|s| stopped(self, &access(), s))? {
            Outcome::Done => Ok(()),
            other => Err(refuse(access(), other)),
        }
    }

    fn mem_read(&mut self, addr: u64, len: u8) -> Result<u64, BusError> {
        let access = || format!("read of {len} bytes at {addr:#x}");
        match self.memory_read(addr, u16::from(len)).map_err(|s| stopped(self, &access(), s))? {
            Outcome::Data(b) => Ok(b.iter().rev().fold(0, |v, byte| v << 8 | u64::from(*byte))),
            other => Err(refuse(access(), other)),
        }
    }

    fn mem_write(&mut self, addr: u64, len: u8, value: u64) -> Result<(), BusError> {
        let access = || format!("write of {len} bytes at {addr:#x}");
        let data = value.to_le_bytes()[..usize::from(len)].to_vec();
        match self.memory_write_to(addr, data).map_err(|s| stopped(self, &access(), s))? {
            Outcome::Sent => Ok(()),
            other => Err(refuse(access(), other)),
        }
    }

    fn dram_read(&mut self, addr: u64, buf: &mut [u8]) -> Result<(), BusError> {
        self.host.mem().read(addr, buf).map_err(|e| BusError::Failed {
            access: format!("processor read of {} bytes at {addr:#x}", buf.len()),
            why: e.to_string(),
        })
    }

    fn dram_write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), BusError> {
        World::dram_write(self, addr, bytes)
            .map_err(|s| stopped(self, &format!("processor write of {} bytes at {addr:#x}", bytes.len()), s))
    }

    fn vtd_read(&mut self, offset: u32, bytes: u8) -> Result<u64, BusError> {
        self.tick_host();
        Ok(self.host.vtd_read(offset, bytes))
    }

    fn vtd_write(&mut self, offset: u32, bytes: u8, value: u64) -> Result<(), BusError> {
        let now = self.now();
        if offset == QUEUE_TAIL {
            self.queue_mark = self.targets.mark();
        }
        self.host.vtd_write(now, offset, bytes, value);
        self.log.event(now, "vtd_write", 0, format_args!("\"reg\":{offset},\"value\":{value}"));
        self.tick_host();
        Ok(())
    }

    fn wait(&mut self, cycles: u64) -> Result<(), BusError> {
        World::wait(self, cycles).map_err(|s| stopped(self, "waiting", s))
    }

    fn set_link(&mut self, link: LinkSettings) -> Result<(), BusError> {
        self.host.rc_mut().set_link(link);
        Ok(())
    }

    fn set_digests(&mut self, digests: Digests) -> Result<(), BusError> {
        self.host.rc_mut().set_digests(digests);
        Ok(())
    }
}
