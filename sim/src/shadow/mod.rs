// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What software has told the device, read off the link.
//!
//! The shadow watches downstream packets and keeps what they leave in force:
//! enables, BARs, messages, masks. Since the device may still act on what was in
//! force before, values carry their history until a completion proves that the
//! change has arrived ([`Possible`]). The ledger judges messages against it.

mod config;
mod entries;
mod functions;
mod possible;
mod reporting;
mod who;
pub mod work;

pub use config::{Config, DeviceSizes, Mode, MsiRegisters};
pub use entries::{Content, Entries, Entry};
pub use functions::{Functions, Who, owner};
pub use possible::Possible;
pub use reporting::{ADVISORY, AER, DEVCTL, Reporting, UNCORRECTABLE};

use crate::bench::decode::{Class, Decoded, decode};
use tlp::{Bdf, CauseOp, Packet, Store};
use vectors::op::Source;
use vectors::regs;

/// What a downstream packet asked the device's function to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Causes through the doorbell.
    Doorbell {
        /// Raise or withdraw.
        op: CauseOp,
        /// The source.
        source: Source,
        /// How many causes.
        count: u32,
        /// A record is written before each.
        record: bool,
    },
    /// Causes through a sweep.
    Sweep {
        /// First source.
        first: Source,
        /// How many.
        count: u32,
    },
    /// An invalidation was started.
    Invalidate {
        /// First slot.
        index: u32,
        /// Exponent of the range.
        order: u32,
    },
    /// Status bits of events are cleared: bit q for event q, 64 and up for `ev_misc`.
    ClearStatus(u128),
    /// Something for the work queues or the endpoint test.
    Work(work::WorkCommand),
    /// Function level reset or its equivalent (D3hot to D0) was started.
    FunctionReset,
    /// Reset of virtual functions, a bit each: their own, or VF Enable falls.
    VirtualReset(u32),
}

/// End of the coalescers' registers.
const EV_COAL_END: u32 = regs::WIN_EV_COAL_OFFSET + 4 * 65;

/// The shadow.
#[derive(Clone)]
pub struct Shadow {
    /// Configuration space as written.
    pub config: Config,
    /// Messages and masks of the stores inside the device.
    pub entries: Entries,
    /// Highest write number known to be in force.
    pub flushed: u64,
    /// Host store: base, slots, enable, as written to the registers.
    pub host_base: u64,
    /// Slots in use.
    pub host_slots: u32,
    /// Host store enabled.
    pub host_enabled: Possible<bool>,
    /// Base of the record ring and its order.
    pub record_base: u64,
    /// Records in the ring, as exponent.
    pub record_order: u32,
    /// Address of the completion word of invalidations.
    pub done_address: u64,
    /// Vectors over which events are spread with MSI-X, as written.
    pub event_vectors: Possible<u32>,
    /// Errors of interrupts raise event 64.
    pub errors_raise: Possible<bool>,
    /// Frames and microseconds of each vector's coalescer.
    pub coalescing: Vec<Possible<(u32, u32)>>,
    sweep: (u32, u32),
    work: work::WorkRegisters,
    /// A function reset is under way: the device drops packets without a trace.
    pub resetting: bool,
    /// Virtual functions.
    pub functions: Functions,
    seq: u64,
}

/// MSI-X vectors and device slots of virtual function 0 are counted from here (data sheet §16).
const VF_MSIX: u32 = 2048;
const VF_DEVICE: u32 = 8192;
/// Virtual functions at most.
const VFS: u32 = 16;

/// The source of a store code and index as registers carry them.
pub fn source(store: Store, index: u32) -> Source {
    let beyond = |first: u32| {
        let k = index.checked_sub(first).filter(|k| *k < VFS * functions::SOURCES)?;
        Some((k / functions::SOURCES, k % functions::SOURCES))
    };
    match (store, beyond(VF_MSIX), beyond(VF_DEVICE)) {
        (Store::Msix, Some((vf, k)), _) => return Source::VfMsix { vf, k },
        (Store::Device, _, Some((vf, k))) => return Source::VfDevice { vf, k },
        _ => {}
    }
    match store {
        Store::Msix => Source::Msix(index),
        Store::Device => Source::Device(index),
        Store::Host => Source::Host(index),
        Store::Event => Source::Event(index),
    }
}

/// Code and index of a source as registers and cause port carry them; MSI vectors have none.
pub fn parts(source: Source) -> Option<(Store, u32)> {
    match source {
        Source::Msix(i) => Some((Store::Msix, i)),
        Source::Device(i) => Some((Store::Device, i)),
        Source::Host(i) => Some((Store::Host, i)),
        Source::Event(i) => Some((Store::Event, i)),
        Source::VfMsix { vf, k } => Some((Store::Msix, VF_MSIX + functions::SOURCES * vf + k)),
        Source::VfDevice { vf, k } => Some((Store::Device, VF_DEVICE + functions::SOURCES * vf + k)),
        Source::Msi(_) => None,
    }
}

impl Shadow {
    /// The state after power-on.
    pub fn new(sizes: DeviceSizes) -> Self {
        Self {
            config: Config::new(),
            entries: Entries::new(sizes),
            flushed: 0,
            host_base: 0,
            host_slots: 0,
            host_enabled: Possible::certain(false),
            record_base: 0,
            record_order: 0,
            done_address: 0,
            event_vectors: Possible::certain(65),
            errors_raise: Possible::certain(false),
            coalescing: vec![Possible::certain((0, 0)); 65],
            sweep: (0, 0),
            work: work::WorkRegisters::default(),
            resetting: false,
            functions: Functions::new(sizes.vfs),
            seq: 0,
        }
    }

    /// Number of the last packet seen.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Takes note of a downstream packet; returns its number and what it commands.
    pub fn downstream(&mut self, p: &Packet) -> (u64, Vec<Command>) {
        self.seq += 1;
        let mut commands = Vec::new();
        if !self.resetting {
            self.apply(p, &mut commands);
        }
        (self.seq, commands)
    }

    fn apply(&mut self, p: &Packet, commands: &mut Vec<Command>) {
        let (c, what) = decode(p);
        // What the device must refuse leaves no trace here either (data sheet §4).
        if c.td && self.config.reporting.latest().checks_digests() && !crate::bench::digest::is_right(p) {
            return;
        }
        let payload = p.data.len() as u32 - u32::from(c.td && !p.data.is_empty());
        let expected = if c.fmt & 2 == 2 { c.length } else { 0 };
        let pasid_only = p.prefix.is_none_or(|w| w >> 24 == 0x91 && matches!(what, Decoded::Memory { .. }));
        if !pasid_only || payload != expected || c.ep {
            return;
        }
        match what {
            Decoded::Config { write: true, target, register, be, .. } => {
                if c.length != 1 || c.tc != 0 || c.attr != 0 || c.at != 0 {
                    return;
                }
                match self.config_target(target) {
                    None => return,
                    Some(Who::Virtual(n)) => {
                        if self.functions.write(n, self.seq, self.flushed, register, be, p.data[0]) {
                            commands.push(Command::VirtualReset(1 << n));
                        }
                        return;
                    }
                    Some(Who::Physical) => {}
                }
                let gone = self.functions.physical_write(self.seq, self.flushed, register, be, p.data[0]);
                if gone != 0 {
                    commands.push(Command::VirtualReset(gone));
                }
                let reset = self.config.write(self.seq, self.flushed, target, register, be, p.data[0]);
                if (regs::CAP_MSI_OFFSET..regs::CAP_MSI_OFFSET + 0x14).contains(&u32::from(register)) {
                    self.msi_written();
                }
                if reset {
                    self.resetting = true;
                    commands.push(Command::FunctionReset);
                }
            }
            Decoded::Memory { write: true, address, be, .. } => {
                let end = address + u64::from(c.length) * 4;
                let legal_be = if c.length == 1 { be.1 == 0 } else { be.0 != 0 && be.1 != 0 };
                if !legal_be
                    || address >> 12 != (end - 1) >> 12
                    || c.length * 4 > self.config.max_payload()
                    || c.at & 1 == 1
                {
                    return;
                }
                self.memory_write(address, c.length, be, &p.data, commands);
            }
            _ => {}
        }
    }

    /// The MSI capability says what every one of its vectors sends.
    fn msi_written(&mut self) {
        let registers = *self.config.msi.latest();
        for v in 0..32 {
            // A message is known from the moment in which it can be sent.
            let open = registers.enabled();
            self.entries.replace(Source::Msi(v), self.seq, self.flushed, registers.content(v), open);
        }
    }

    fn memory_write(&mut self, address: u64, length: u32, be: (u8, u8), data: &[u32], commands: &mut Vec<Command>) {
        // Quad word by quad word, each one access, in address order (data sheet §4).
        let mut i = 0;
        while i < length {
            let at = address + u64::from(i) * 4;
            let enables = |k: u32| match k {
                0 => be.0,
                k if k + 1 == length => be.1,
                _ => 0xf,
            };
            let pair = at.is_multiple_of(8) && i + 1 < length;
            let mut words = [(0u32, 0u8); 2];
            let half = usize::from(!at.is_multiple_of(8));
            words[half] = (data[i as usize], enables(i));
            if pair {
                words[1] = (data[i as usize + 1], enables(i + 1));
            }
            self.quad_write(at & !7, words, commands);
            i += 1 + u32::from(pair);
        }
    }

    fn quad_write(&mut self, at: u64, words: [(u32, u8); 2], commands: &mut Vec<Command>) {
        let (bar, offset) = match self.address_target(at) {
            Some((Who::Physical, bar, offset)) => (bar, offset),
            Some((Who::Virtual(n), _, offset)) => return self.aperture_write(n, offset, words, commands),
            None => return,
        };
        match bar {
            0 if offset == u64::from(regs::EV_STATUS_LO) => {
                let bits = words.map(|(value, be)| u128::from(merge(0, value, be)));
                commands.push(Command::ClearStatus(bits[0] | bits[1] << 32));
            }
            0 => {
                for (k, (value, be)) in words.into_iter().enumerate() {
                    if be != 0 {
                        self.register(offset as u32 + 4 * k as u32, value, be, commands);
                    }
                }
            }
            1 => {
                let command = self.work.portal(offset as u32, words[0].0, words[0].1);
                commands.extend(command.filter(|_| words[0].1 != 0).map(Command::Work));
            }
            2 if offset < u64::from(regs::WIN_MSIX_PBA_OFFSET) => {
                self.entries.write(Store::Msix, self.seq, self.flushed, offset, words);
            }
            4 if offset < u64::from(regs::WIN_HOST_PENDING_OFFSET) => {
                self.entries.write(Store::Device, self.seq, self.flushed, offset, words);
            }
            _ => {}
        }
    }

    fn register(&mut self, offset: u32, value: u32, be: u8, commands: &mut Vec<Command>) {
        let low = |old: u64| old & !0xffff_ffff | u64::from(merge(old as u32, value, be));
        let high = |old: u64| old & 0xffff_ffff | u64::from(merge((old >> 32) as u32, value, be)) << 32;
        let enabled = *self.host_enabled.latest();
        match offset {
            regs::HS_BASE_LO if !enabled => self.host_base = low(self.host_base),
            regs::HS_BASE_HI if !enabled => self.host_base = high(self.host_base),
            regs::HS_SIZE if !enabled => self.host_slots = merge(self.host_slots, value, be) & 0x1f_ffff,
            regs::HS_CTRL => {
                let on = merge(u32::from(enabled), value, be) & 1 == 1;
                let legal = self.host_base & 0xfff == 0
                    && self.host_slots != 0
                    && self.host_slots <= self.entries.sizes().host
                    && self.host_base.checked_add(u64::from(self.host_slots) * 16 - 1).is_some();
                self.host_enabled.set(self.seq, on && (enabled || legal), self.flushed);
            }
            regs::HS_CMD => {
                let v = merge(0, value, be);
                if v & regs::hs_cmd::START_MASK != 0 {
                    commands.push(Command::Invalidate { index: v & 0xf_ffff, order: v >> 20 & 0x1f });
                }
            }
            regs::HS_DONE_ADDR_LO => self.done_address = low(self.done_address) & !3,
            regs::HS_DONE_ADDR_HI => self.done_address = high(self.done_address),
            regs::FN_REC_ADDR_LO => self.record_base = low(self.record_base) & !15,
            regs::FN_REC_ADDR_HI => self.record_base = high(self.record_base),
            regs::FN_REC_ORDER => self.record_order = merge(self.record_order, value, be) & 15,
            regs::FN_SWEEP_FIRST => self.sweep.0 = merge(self.sweep.0, value, be) & 0x3f_ffff,
            regs::FN_SWEEP_COUNT => self.sweep.1 = merge(self.sweep.1, value, be) & 0x1f_ffff,
            regs::FN_SWEEP_GO if be & 1 == 1 && value & 1 == 1 => {
                if let Some(store) = Store::from_code(self.sweep.0 >> 20) {
                    commands
                        .push(Command::Sweep { first: source(store, self.sweep.0 & 0xf_ffff), count: self.sweep.1 });
                }
            }
            regs::EV_MISC => commands.push(Command::ClearStatus(u128::from(merge(0, value, be)) << 64)),
            regs::EV_VECTORS => {
                let v = merge(*self.event_vectors.latest(), value, be) & 0x7f;
                self.event_vectors.set(self.seq, v, self.flushed);
            }
            regs::EV_CTRL => {
                let v = merge(u32::from(*self.errors_raise.latest()), value, be) & 1 == 1;
                self.errors_raise.set(self.seq, v, self.flushed);
            }
            regs::WIN_EV_COAL_OFFSET..EV_COAL_END => {
                let c = &mut self.coalescing[(offset - regs::WIN_EV_COAL_OFFSET) as usize / 4];
                let (frames, usec) = *c.latest();
                let v = merge(frames | usec << 16, value, be);
                c.set(self.seq, (v & 0xff, v >> 16), self.flushed);
            }
            regs::FN_DOORBELL => {
                let v = merge(0, value, be);
                if let Some(store) = Store::from_code(v >> 20 & 3) {
                    commands.push(Command::Doorbell {
                        op: if v >> 31 == 1 { CauseOp::Withdraw } else { CauseOp::Raise },
                        source: source(store, v & 0xf_ffff),
                        count: (v >> 22 & 0x3f).max(1),
                        record: v >> 30 & 1 == 1,
                    });
                }
            }
            regs::VF_ID.. => {
                let n = (offset - regs::VF_ID) / regs::VF_ID_STRIDE;
                if offset % regs::VF_ID_STRIDE == regs::VF_DOORBELL - regs::VF_ID && n < self.entries.sizes().vfs {
                    commands.push(who::doorbell_of(n, merge(0, value, be)));
                }
            }
            _ => commands.extend(self.work.write(offset, value, be).map(Command::Work)),
        }
    }

    /// A completion shows that everything up to packet `seq` has taken effect.
    pub fn flush(&mut self, seq: u64) {
        self.flushed = self.flushed.max(seq);
    }

    /// Everything is back to its reset state, certainly; a function level reset
    /// keeps the captured id and Max_Payload_Size, and all but power-on what is sticky.
    pub fn reset(&mut self, function_only: bool, power_on: bool) {
        let sizes = self.entries.sizes();
        let seq = self.seq;
        let config = match (function_only, power_on) {
            (true, _) => self.config.after_flr(),
            (false, false) => self.config.after_hot_reset(),
            (false, true) => Config::new(),
        };
        let entries = std::mem::replace(&mut self.entries, Entries::new(sizes)).after_reset();
        *self = Self { config, entries, seq, flushed: seq, ..Self::new(sizes) };
    }

    /// Whether the function may send memory requests, whatever is still in flight.
    pub fn may_master(&mut self) -> bool {
        let f = self.flushed;
        self.config.bus_master.perhaps(f, |b| *b) && self.config.in_d0.perhaps(f, |d| *d)
    }

    /// Whether interrupts of the source may leave, apart from the source's own mask.
    pub fn gate_perhaps(&mut self, source: Source) -> bool {
        let f = self.flushed;
        if let Some(n) = source.vf() {
            return self.may_send(Who::Virtual(n))
                && (matches!(source, Source::VfDevice { .. })
                    || self.functions.each[n as usize].msix.perhaps(f, |m| m.enable && !m.function_mask));
        }
        self.may_master()
            && match source {
                Source::Msix(_) => self.config.msix.perhaps(f, |m| m.enable && !m.function_mask),
                Source::Device(_) => true,
                Source::Host(_) => self.host_enabled.perhaps(f, |e| *e),
                Source::Msi(_) => self.config.modes(f).contains(&Mode::Msi),
                Source::Event(_) | Source::VfMsix { .. } | Source::VfDevice { .. } => false,
            }
    }

    /// Whether interrupts of the source must leave, apart from the source's own mask.
    pub fn gate_certain(&mut self, source: Source) -> bool {
        let f = self.flushed;
        if let Some(n) = source.vf() {
            let there = self.surely_enabled(n) && !self.functions.reset_unanswered(n);
            let Some(function) = self.functions.each.get_mut(n as usize).filter(|_| there) else { return false };
            return function.bus_master.certainly(f, |b| *b)
                && (matches!(source, Source::VfDevice { .. })
                    || function.msix.certainly(f, |m| m.enable && !m.function_mask));
        }
        !self.resetting
            && self.config.bus_master.certainly(f, |b| *b)
            && self.config.in_d0.certainly(f, |d| *d)
            && match source {
                Source::Msix(_) => self.config.msix.certainly(f, |m| m.enable && !m.function_mask),
                Source::Device(_) => true,
                Source::Host(_) => self.host_enabled.certainly(f, |e| *e),
                Source::Msi(_) => self.config.modes(f) == [Mode::Msi],
                Source::Event(_) | Source::VfMsix { .. } | Source::VfDevice { .. } => false,
            }
    }

    /// Whether the device may speak under this id.
    pub fn may_be(&mut self, id: Bdf) -> bool {
        self.config.captured.perhaps(self.flushed, |c| *c == id)
    }

    /// Flow-control class of a packet, for those who count credits.
    pub fn class(p: &Packet) -> Class {
        decode(p).1.class()
    }
}

/// Replaces the enabled bytes of `old`.
pub(crate) fn merge(old: u32, new: u32, be: u8) -> u32 {
    let mask = (0..4).filter(|i| be >> i & 1 == 1).fold(0, |m, i| m | 0xff << (8 * i));
    old & !mask | new & mask
}
