// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The processor's side: blocking accesses to any function, any address, any remapping unit.

use super::kernel::{UNIT_STRIDE, UNITS};
use super::net::Net;
use crate::bench::world::Stop;
use crate::finding::Kind;
use host_model::driver::bridges::Segment;
use host_model::driver::{Bus, BusError};
use host_model::fabric::root::Route;
use host_model::rc::requests::{Outcome, Request};
use host_model::rc::{Digests, LinkSettings};
use tlp::{Bdf, Tick};

/// Ticks within which a request ends for certain: the root complex gives it up earlier.
const ENDS: Tick = 60_000;

/// Tail of the invalidation queue [VT-d 11.4.9.2].
const QUEUE_TAIL: u32 = 0x88;

/// Packets on their way to one endpoint, beyond which a processor's stores wait.
const WAITING: usize = 192;

/// A wait descriptor that asks for nothing [VT-d 6.5.2.8].
const NOTHING: [u8; 16] = [5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Whether a write puts an invalidation of interrupt entries into the queue of a unit.
fn is_flush(addr: u64, bytes: &[u8]) -> bool {
    let queue = |unit| {
        let at = UNITS + UNIT_STRIDE * unit + 0x10_0000;
        (at..at + 0x1000).contains(&addr)
    };
    (0..8).any(queue) && bytes.len() == 16 && bytes[0] & 0xf == 4
}

fn truncate(value: u64, len: u8) -> u64 {
    if len >= 8 { value } else { value & ((1 << (8 * u32::from(len))) - 1) }
}

fn failed(access: &str, why: &str) -> BusError {
    BusError::Failed { access: access.into(), why: why.into() }
}

impl Net {
    /// Register and queue accesses are for this remapping unit from now on.
    pub fn select_unit(&mut self, unit: usize) {
        self.unit = unit;
    }

    /// Submits a request at a root port and runs until it has ended.
    fn request(&mut self, port: usize, request: Request) -> Result<Outcome, Stop> {
        let id = self.host.submit_at(self.now, port, request);
        let deadline = self.now + ENDS;
        loop {
            if let Some(outcome) = self.outcomes.remove(&id) {
                return Ok(outcome);
            }
            if self.now >= deadline {
                return Err(Stop::Tool("a request at a root port never ends".into()));
            }
            self.window()?;
        }
    }

    fn stopped(&mut self, access: &str, stop: Stop) -> BusError {
        self.stop.get_or_insert(stop);
        failed(access, "the simulation stopped")
    }

    /// An access of an endpoint went wrong: it is given up.
    pub fn give_up(&mut self, endpoint: usize, why: &str) {
        let e = &mut self.endpoints[endpoint];
        if !std::mem::replace(&mut e.dead, true) {
            e.device.find("request_unanswered", Kind::Liveness, format!("software gives the endpoint up: {why}"));
        }
    }

    fn configure(&mut self, access: &str, read: bool, place: (u16, u8), value: u32) -> Result<u32, BusError> {
        let (reg, len) = place;
        let (register, target) = (reg & !3, self.selected);
        self.asked = self.monitor.owner(target);
        let enables = (((1u16 << len) - 1) << (reg & 3)) as u8;
        match self.root.route(target) {
            Route::Nobody => Err(BusError::UnsupportedRequest { access: access.into() }),
            Route::Own(port) if read => Ok(self.root.ports[port].read(register)),
            Route::Own(port) => {
                self.root.ports[port].write(register, enables, value);
                Ok(0)
            }
            Route::Below { port, type1 } => {
                let request = if read {
                    Request::ConfigRead { target, register, enables, type1 }
                } else {
                    Request::ConfigWrite { target, register, enables, value, type1 }
                };
                match self.request(port, request).map_err(|s| self.stopped(access, s))? {
                    Outcome::Data(b) => Ok(u32::from_le_bytes(b.try_into().unwrap_or_default())),
                    Outcome::Done => Ok(0),
                    other => Err(refuse(access, &other)),
                }
            }
        }
    }
}

fn refuse(access: &str, outcome: &Outcome) -> BusError {
    let access = access.to_string();
    match outcome {
        Outcome::UnsupportedRequest => BusError::UnsupportedRequest { access },
        Outcome::CompleterAbort => BusError::CompleterAbort { access },
        Outcome::ConfigRetry => BusError::ConfigRetry { access },
        Outcome::Timeout => BusError::Timeout { access },
        other => BusError::Failed { access, why: format!("{other:?}") },
    }
}

impl Segment for Net {
    fn select(&mut self, id: Bdf) {
        self.selected = id;
    }
}

impl Bus for Net {
    fn cfg_read(&mut self, reg: u16, len: u8) -> Result<u32, BusError> {
        let access = format!("configuration read of {}, {len} bytes at {reg:#x}", self.selected);
        let word = self.configure(&access, true, (reg, len), 0)?;
        Ok(truncate(u64::from(word >> (8 * u32::from(reg & 3))), len) as u32)
    }

    fn cfg_write(&mut self, reg: u16, len: u8, value: u32) -> Result<(), BusError> {
        let access = format!("configuration write of {}, {len} bytes at {reg:#x}", self.selected);
        self.configure(&access, false, (reg, len), value << (8 * u32::from(reg & 3))).map(|_| ())
    }

    fn cfg_read_of(&mut self, id: Bdf, reg: u16, len: u8) -> Result<u32, BusError> {
        let before = std::mem::replace(&mut self.selected, id);
        let result = self.cfg_read(reg, len);
        self.selected = before;
        result
    }

    fn cfg_write_of(&mut self, id: Bdf, reg: u16, len: u8, value: u32) -> Result<(), BusError> {
        let before = std::mem::replace(&mut self.selected, id);
        let result = self.cfg_write(reg, len, value);
        self.selected = before;
        result
    }

    fn mem_read(&mut self, addr: u64, len: u8) -> Result<u64, BusError> {
        let access = format!("read of {len} bytes at {addr:#x}");
        self.asked = self.monitor.target(addr);
        let port = self.root.claims(addr).ok_or_else(|| BusError::UnsupportedRequest { access: access.clone() })?;
        let read = Request::MemRead { address: addr, len: u16::from(len) };
        match self.request(port, read).map_err(|s| self.stopped(&access, s))? {
            Outcome::Data(b) => Ok(b.iter().rev().fold(0, |v, byte| v << 8 | u64::from(*byte))),
            other => Err(refuse(&access, &other)),
        }
    }

    fn mem_write(&mut self, addr: u64, len: u8, value: u64) -> Result<(), BusError> {
        let access = format!("write of {len} bytes at {addr:#x}");
        let port = self.root.claims(addr).ok_or_else(|| BusError::UnsupportedRequest { access: access.clone() })?;
        self.asked = self.monitor.target(addr);
        if let Some(n) = self.asked {
            let deadline = self.now + ENDS;
            while self.monitor.on_the_way(n) + self.endpoints[n].device.on_the_way() > WAITING {
                if self.now >= deadline {
                    return Err(BusError::Timeout { access });
                }
                self.window().map_err(|s| self.stopped(&access, s))?;
            }
        }
        let data = value.to_le_bytes()[..usize::from(len)].to_vec();
        self.host.submit_at(self.now, port, Request::MemWrite { address: addr, data });
        Ok(())
    }

    fn dram_read(&mut self, addr: u64, buf: &mut [u8]) -> Result<(), BusError> {
        self.host.mem().read(addr, buf).map_err(|e| failed(&format!("processor read at {addr:#x}"), &e.to_string()))
    }

    fn dram_write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), BusError> {
        let access = format!("processor write at {addr:#x}");
        let bytes = if self.forgets_flushes && is_flush(addr, bytes) { &NOTHING[..] } else { bytes };
        self.host.mem_mut().write(addr, bytes).map_err(|e| failed(&access, &e.to_string()))?;
        for t in &mut self.targets {
            t.memory_written(addr, addr + bytes.len() as u64, self.host.mem());
        }
        for e in &mut self.endpoints {
            e.device.memory_written(addr, bytes.len() as u64, self.host.mem(), &|at| at);
        }
        Ok(())
    }

    fn vtd_read(&mut self, offset: u32, bytes: u8) -> Result<u64, BusError> {
        Ok(self.host.unit_read(self.unit, offset, bytes))
    }

    fn vtd_write(&mut self, offset: u32, bytes: u8, value: u64) -> Result<(), BusError> {
        let (now, unit) = (self.now, self.unit);
        if offset == QUEUE_TAIL {
            self.queue_marks[unit] = self.targets[unit].mark();
        }
        self.host.unit_write(now, unit, offset, bytes, value);
        self.log.event(now, "vtd_write", 0, format_args!("\"unit\":{unit},\"reg\":{offset},\"value\":{value}"));
        Ok(())
    }

    fn wait(&mut self, cycles: u64) -> Result<(), BusError> {
        self.run_for(cycles).map_err(|s| self.stopped("waiting", s))
    }

    fn set_link(&mut self, link: LinkSettings) -> Result<(), BusError> {
        if let Route::Below { port, .. } = self.root.route(self.selected) {
            self.host.port_mut(port).set_link(link);
        }
        Ok(())
    }

    fn set_digests(&mut self, digests: Digests) -> Result<(), BusError> {
        if let Route::Below { port, .. } = self.root.route(self.selected) {
            self.host.port_mut(port).set_digests(digests);
        }
        Ok(())
    }
}
