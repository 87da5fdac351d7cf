// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A unit, its memory, and the few moves that software makes.

use host_model::interrupt::{ApicMessage, DeliveryMode, InterruptRequest};
use host_model::mem::HostMemory;
use host_model::remap::vtd::{Cache, Latency, Vtd, VtdConfig};
use host_model::remap::{FaultReason, RemapEffect};
use tlp::{Bdf, Tick};

pub const TABLE: u64 = 0x10_0000;
pub const QUEUE: u64 = 0x40_0000;
pub const STATUS: u64 = 0x60_0000;

/// The requester of most tests.
pub const RID: u16 = 0x0310;

pub const QIE: u32 = 1 << 26;
pub const IRE: u32 = 1 << 25;
pub const SIRTP: u32 = 1 << 24;
pub const CFI: u32 = 1 << 23;

/// What became of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    Delivered(Option<u32>, ApicMessage),
    Blocked(FaultReason, Option<u32>, bool),
}

pub struct Bench {
    pub unit: Vtd,
    pub mem: HostMemory,
    pub now: Tick,
    pub tail: u32,
    queue_bytes: u32,
    pub step_bytes: u32,
    waits: u32,
}

/// Nothing cached, no latency: for tests of a single look-up.
pub fn plain() -> VtdConfig {
    VtdConfig { cache: Cache::None, ..VtdConfig::default() }
}

pub fn slow(min: u64, max: u64, seed: u64) -> VtdConfig {
    VtdConfig { latency: Latency { min, max }, seed, ..VtdConfig::default() }
}

/// Address of a request in remappable format [VT-d 5.1.2.2].
pub fn remappable(handle: u16, shv: bool) -> u32 {
    let h = u32::from(handle);
    0xfee0_0000 | (h & 0x7fff) << 5 | 1 << 4 | u32::from(shv) << 3 | (h >> 15) << 2
}

/// A present entry: fixed, physical, edge, no source check [VT-d 9.10].
pub fn irte(vector: u8, destination: u32) -> u128 {
    1 | u128::from(vector) << 16 | u128::from(destination) << 32
}

pub fn with_source(entry: u128, svt: u8, sq: u8, sid: u16) -> u128 {
    entry | u128::from(sid) << 64 | u128::from(sq) << 80 | u128::from(svt) << 82
}

pub fn message(vector: u8, destination: u32) -> ApicMessage {
    ApicMessage {
        destination,
        logical: false,
        redirection_hint: false,
        mode: DeliveryMode::Fixed,
        level: false,
        vector,
    }
}

pub const IEC_GLOBAL: u128 = 4;

pub fn iec(index: u16, mask: u8) -> u128 {
    4 | 1 << 4 | u128::from(mask) << 27 | u128::from(index) << 32
}

/// Wait with status write of `data` to `address`.
pub fn wait(address: u64, data: u32) -> u128 {
    5 | 1 << 5 | u128::from(data) << 32 | u128::from(address) << 64
}

impl Bench {
    pub fn new(config: VtdConfig) -> Self {
        Self {
            unit: Vtd::new(config),
            mem: HostMemory::new(),
            now: 100,
            tail: 0,
            queue_bytes: 4096,
            step_bytes: 16,
            waits: 0,
        }
    }

    /// Table of 2^(size+1) entries, queue of one page, remapping on.
    pub fn running(config: VtdConfig, size: u64, eime: bool) -> Self {
        let mut b = Self::new(config);
        b.queue_on(0, false);
        b.set_table(TABLE, size, eime);
        b.command(IRE, true);
        b.step();
        assert_eq!(b.r32(0x1c) & (IRE | QIE | SIRTP), IRE | QIE | SIRTP);
        b
    }

    pub fn r32(&self, offset: u32) -> u32 {
        self.unit.read(offset, 4) as u32
    }

    pub fn r64(&self, offset: u32) -> u64 {
        self.unit.read(offset, 8)
    }

    pub fn w32(&mut self, offset: u32, value: u32) {
        self.unit.write(offset, 4, value.into(), self.now, &mut self.mem);
    }

    pub fn w64(&mut self, offset: u32, value: u64) {
        self.unit.write(offset, 8, value, self.now, &mut self.mem);
    }

    /// One bit of GCMD, by the rule of the register: status without one-shots, one change.
    pub fn command(&mut self, bit: u32, on: bool) {
        let kept = self.r32(0x1c) & 0x96ff_ffff;
        self.w32(0x18, if on { kept | bit } else { kept & !bit });
    }

    pub fn set_table(&mut self, base: u64, size: u64, eime: bool) {
        self.w64(0xb8, base | u64::from(eime) << 11 | size);
        self.command(SIRTP, true);
    }

    pub fn queue_on(&mut self, size: u32, wide: bool) {
        self.queue_bytes = 4096 << size;
        self.step_bytes = if wide { 32 } else { 16 };
        self.tail = 0;
        self.w64(0x88, 0);
        self.w64(0x90, QUEUE | u64::from(wide) << 11 | u64::from(size));
        self.command(QIE, true);
    }

    /// Puts descriptors into the queue, without telling the unit.
    pub fn place(&mut self, descriptors: &[u128]) {
        for &d in descriptors {
            let at = QUEUE + u64::from(self.tail);
            self.mem.write_u128(at, d).unwrap();
            if self.step_bytes == 32 {
                self.mem.write_u128(at + 16, 0).unwrap();
            }
            self.tail = (self.tail + self.step_bytes) % self.queue_bytes;
        }
    }

    pub fn ring(&mut self) {
        self.w64(0x88, self.tail.into());
    }

    pub fn submit(&mut self, descriptors: &[u128]) {
        self.place(descriptors);
        self.ring();
    }

    /// Submits, then steps until a final wait has written its status.
    pub fn submit_sync(&mut self, descriptors: &[u128]) -> Vec<RemapEffect> {
        self.waits += 1;
        let mark = 0x5000_0000 | self.waits;
        self.place(descriptors);
        self.submit(&[wait(STATUS, mark)]);
        let mut all = vec![];
        for _ in 0..100_000 {
            all.extend(self.step());
            if self.mem.read_u32(STATUS) == Ok(mark) {
                return all;
            }
            self.now += 1;
        }
        panic!("the wait never completed: FSTS {:#x}", self.r32(0x34));
    }

    pub fn set_entry(&mut self, index: u32, entry: u128) {
        self.mem.write_u128(TABLE + 16 * u64::from(index), entry).unwrap();
    }

    pub fn step(&mut self) -> Vec<RemapEffect> {
        let mut out = vec![];
        self.unit.step(self.now, &mut self.mem, &mut out);
        out
    }

    /// Steps at every due tick until nothing is under way.
    pub fn drain(&mut self) -> Vec<(Tick, RemapEffect)> {
        let mut all = vec![];
        while let Some(due) = self.unit.next_due() {
            self.now = self.now.max(due);
            all.extend(self.step().into_iter().map(|e| (self.now, e)));
        }
        all
    }

    pub fn enter(&mut self, source: u16, address: u32, data: u32) {
        let request = InterruptRequest { source: Bdf::from_bits(source), address, data };
        self.unit.request(request, self.now, &self.mem);
    }

    /// Sends a request through a unit without latency.
    pub fn send_from(&mut self, source: u16, address: u32, data: u32) -> Fate {
        self.enter(source, address, data);
        let fates: Vec<Fate> = self.step().iter().filter_map(fate).collect();
        assert_eq!(fates.len(), 1, "one request has one fate");
        fates[0]
    }

    pub fn send(&mut self, address: u32, data: u32) -> Fate {
        self.send_from(RID, address, data)
    }

    /// The fate of handle `index` with subhandle 0.
    pub fn fire(&mut self, index: u16) -> Fate {
        self.send(remappable(index, true), 0)
    }

    /// Fault record `n`: (F, reason, source, index), raw FI bits below the index included.
    pub fn record(&self, n: u32) -> (bool, u8, u16, u64) {
        let low = self.r64(0x220 + 16 * n);
        let high = self.r64(0x228 + 16 * n);
        assert_eq!(high & 0x7fff_ff00_ffff_0000, 0, "fields without meaning for interrupts are 0");
        assert_eq!(low & 0xffff_ffff_ffff, 0, "FI holds the index alone");
        (high >> 63 == 1, (high >> 32) as u8, high as u16, low >> 48)
    }

    /// Clears every record and the overflow.
    pub fn clear_faults(&mut self) {
        let count = (self.r64(0x08) >> 40 & 0xff) as u32 + 1;
        for n in 0..count {
            self.w32(0x22c + 16 * n, 1 << 31);
        }
        self.w32(0x34, 1);
    }
}

pub fn fate(effect: &RemapEffect) -> Option<Fate> {
    match *effect {
        RemapEffect::Deliver { index, message, .. } => Some(Fate::Delivered(index, message)),
        RemapEffect::Blocked { reason, index, recorded, .. } => Some(Fate::Blocked(reason, index, recorded)),
        _ => None,
    }
}

/// The reason of a blocked request.
pub fn reason(fate: Fate) -> Option<u8> {
    match fate {
        Fate::Delivered(..) => None,
        Fate::Blocked(reason, ..) => Some(reason.code()),
    }
}
