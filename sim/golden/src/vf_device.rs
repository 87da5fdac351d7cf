// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Virtual functions in the device: which exist, what an address or id of theirs leads to,
//! and how they are forgotten.
//!
//! [Data sheet section 16.]

use crate::aer::{Error, Message};
use crate::config::Window;
use crate::decode::Header;
use crate::device::{Device, Phase};
use crate::irq::{IrqError, Table};
use crate::quirks::Quirk;
use crate::regs;
use crate::vf::{FIRST_OFFSET, Owner, SOURCES, first};
use tlp::{Packet, Store, Tick};

/// Ticks for which nothing received is begun while functions are forgotten.
const FORGET_TICKS: Tick = 300;

const PBA: u32 = 0x1000;
const SLOTS: u32 = 0x2000;
const REGISTERS: u32 = 0x3000;
const TABLE_BYTES: u32 = 16 * SOURCES;

/// Functions that are being forgotten.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forgetting {
    pub(crate) functions: u32,
    pub(crate) until: Tick,
}

impl Device {
    /// Whether a virtual function is there: enabled, not being forgotten, and the
    /// physical function neither in D3hot nor in reset.
    pub(crate) fn exists(&self, vf: usize) -> bool {
        self.phase == Phase::Running
            && !self.config.in_d3hot()
            && vf < self.config.vfs_acting()
            && self.forgetting.is_none_or(|f| f.functions >> vf & 1 == 0)
    }

    /// Requester and completer id of a function.
    pub(crate) fn id_of(&self, owner: Owner) -> u16 {
        match owner {
            Owner::Physical => self.config.id,
            Owner::Virtual(vf) => self.config.id.wrapping_add(FIRST_OFFSET + vf as u16),
        }
    }

    /// The virtual function of a source of this build, and the source's number in it.
    pub(crate) fn vf_source(&self, store: Store, index: usize) -> Option<(usize, usize)> {
        let beyond = index.checked_sub(first(store)? as usize)?;
        let (vf, k) = (beyond / SOURCES as usize, beyond % SOURCES as usize);
        (vf < self.vfs.len()).then_some((vf, k))
    }

    pub(crate) fn owner_of(&self, store: Store, index: usize) -> Owner {
        self.vf_source(store, index).map_or(Owner::Physical, |(vf, _)| Owner::Virtual(vf))
    }

    /// The table on the device that holds a source, and its place there.
    pub(crate) fn table_mut(&mut self, store: Store, index: usize) -> Option<(&mut Table, usize)> {
        match (self.vf_source(store, index), store) {
            (Some((vf, k)), _) => Some((self.vfs[vf].table_mut(store), k)),
            (None, Store::Msix) => Some((&mut self.msix, index)),
            (None, Store::Device) => Some((&mut self.slots, index)),
            (None, Store::Host | Store::Event) => None,
        }
    }

    /// As [`table_mut`](Self::table_mut), to look at.
    pub(crate) fn table(&self, store: Store, index: usize) -> Option<(&Table, usize)> {
        match (self.vf_source(store, index), store) {
            (Some((vf, k)), _) => Some((self.vfs[vf].table(store), k)),
            (None, Store::Msix) => Some((&self.msix, index)),
            (None, Store::Device) => Some((&self.slots, index)),
            (None, Store::Host | Store::Event) => None,
        }
    }

    /// Whether sources of a virtual function's store can be open at all.
    pub(crate) fn vf_open(&self, vf: usize, store: Store) -> bool {
        let quirks = &self.quirks;
        let function = &self.vfs[vf];
        let shared = quirks.has(Quirk::VfMsixOfPhysical);
        let (enabled, masked) = match shared {
            true => (self.config.msix_enabled(), self.config.msix_function_mask()),
            false => (function.msix_enabled(), function.msix_function_mask()),
        };
        let master = (function.bus_master() || quirks.has(Quirk::VfBusMasterIgnored))
            && (self.config.bus_master() || !quirks.has(Quirk::VfNeedsPhysicalBusMaster));
        (self.exists(vf) || quirks.has(Quirk::VfSendsThoughAbsent) && self.phase == Phase::Running)
            && master
            && (store == Store::Device || enabled && !masked)
    }

    /// The next source of a virtual function's store, as its index on the cause port.
    pub(crate) fn vf_ready(&self, vf: usize, store: Store) -> Option<usize> {
        let table = self.vfs[vf].table(store);
        if table.ready.is_empty() || !self.vf_open(vf, store) {
            return None;
        }
        let k = table.ready.round_robin(table.cursor)?;
        Some(first(store)? as usize + SOURCES as usize * vf + k)
    }

    /// The function that a type 0 configuration request addresses.
    pub(crate) fn config_target(&self, header: &Header) -> Option<Owner> {
        let low = header.cfg_low();
        let named = |&vf: &usize| self.exists(vf) && self.id_of(Owner::Virtual(vf)) & 0xff == low;
        match (0..self.vfs.len()).find(named) {
            Some(vf) => Some(Owner::Virtual(vf)),
            None => (header.cfg_function() == 0).then_some(Owner::Physical),
        }
    }

    /// Where an address leads, and whose that place is; enables are looked at, the
    /// request's own attributes are not.
    pub(crate) fn address_target(&self, address: u64) -> Option<(Window, u32, Owner)> {
        if self.config.in_d3hot() {
            return None;
        }
        let enabled = self.config.memory_enabled() || self.quirks.has(Quirk::MemoryEnableIgnored);
        let physical = self.config.bar_hit(address).filter(|_| enabled);
        if let Some((bar, offset)) = physical {
            return Some((Window::Bar(bar), offset, Owner::Physical));
        }
        let (vf, offset) = self.config.aperture_hit(address, self.quirks.has(Quirk::VfMemoryEnableIgnored))?;
        Some((Window::Aperture(vf), offset, Owner::Virtual(vf)))
    }

    /// One quad word of an aperture.
    pub(crate) fn read_aperture(&self, vf: usize, offset: u32) -> u64 {
        let function = &self.vfs[vf];
        let half = offset >> 3 & 1;
        match offset {
            0..TABLE_BYTES => function.msix.read(offset as usize / 16, half),
            PBA => function.msix.pending.word(0),
            SLOTS.. if offset < SLOTS + TABLE_BYTES => function.slots.read((offset - SLOTS) as usize / 16, half),
            REGISTERS => u64::from(regs::vf_id::MAGIC_RESET) | (vf as u64) << 32,
            _ => 0,
        }
    }

    /// Writes one quad word of an aperture.
    pub(crate) fn write_aperture(&mut self, vf: usize, offset: u32, value: u64, mask: u64) {
        let half = offset >> 3 & 1;
        let function = &mut self.vfs[vf];
        match offset {
            0..TABLE_BYTES => function.msix.write(offset as usize / 16, half, value, mask),
            SLOTS.. if offset < SLOTS + TABLE_BYTES => {
                function.slots.write((offset - SLOTS) as usize / 16, half, value, mask);
            }
            _ if offset == REGISTERS + 8 && mask as u32 != 0 => self.vf_doorbell(vf, (value & mask) as u32),
            _ => {}
        }
    }

    /// A register of BAR0 0xf000 and up.
    pub(crate) fn read_vf_register(&self, offset: u32) -> u32 {
        let vf = (offset - regs::VF_ID) / regs::VF_ID_STRIDE;
        match offset % regs::VF_ID_STRIDE {
            _ if vf as usize >= self.vfs.len() => 0,
            0 => regs::vf_id::MAGIC_RESET,
            4 => vf,
            _ => 0,
        }
    }

    pub(crate) fn write_vf_register(&mut self, offset: u32, bits: u32) {
        let vf = ((offset - regs::VF_ID) / regs::VF_ID_STRIDE) as usize;
        if offset % regs::VF_ID_STRIDE == 8 && vf < self.vfs.len() {
            self.vf_doorbell(vf, bits);
        }
    }

    /// A doorbell of a virtual function: one cause, in the function's queue.
    fn vf_doorbell(&mut self, vf: usize, bits: u32) {
        use regs::fn_doorbell as bell;
        use regs::vf_doorbell as own;
        let vf = if self.quirks.has(Quirk::VfDoorbellOfNeighbour) { vf ^ 1 } else { vf };
        let store = if bits & own::STORE_MASK != 0 { Store::Device } else { Store::Msix };
        let index = first(store).unwrap_or(0) + SOURCES * vf as u32 + (bits & own::INDEX_MASK);
        let word = index | store.code() << bell::STORE_LSB | 1 << bell::COUNT_LSB;
        if let Some((store, index)) = self.function.doorbell(word, 1) {
            self.errors.note(IrqError::DoorbellDropped, store, index);
        }
    }

    /// Forgets everything of these functions; meanwhile nothing received is begun.
    pub(crate) fn forget(&mut self, t: Tick, functions: u32) {
        for (n, vf) in self.vfs.iter_mut().enumerate().filter(|(n, _)| functions >> n & 1 != 0) {
            let pending = vf.msix.pending.word(0);
            vf.reset();
            if self.quirks.has(Quirk::VfResetKeepsPending) {
                (0..SOURCES as usize).for_each(|k| vf.msix.set_pending(k, pending >> k & 1 != 0));
            }
            for owed in &mut self.owed_errors {
                *owed = owed.filter(|owner| *owner != Owner::Virtual(n));
            }
        }
        if self.quirks.has(Quirk::VfResetClearsNeighbour)
            && let Some(next) = self.vfs.get_mut(functions.trailing_zeros() as usize + 1)
        {
            (0..SOURCES as usize).for_each(|k| next.msix.set_pending(k, false));
        }
        self.forgetting = Some(Forgetting { functions, until: t + FORGET_TICKS });
    }

    /// An error of any function: the physical one's registers, or a virtual one's own.
    pub(crate) fn error_of(&mut self, owner: Owner, error: Error, advisory: bool, packet: &Packet) {
        let vf = match owner {
            Owner::Virtual(vf) if !self.quirks.has(Quirk::VfErrorInPhysical) => vf,
            _ => match error {
                Error::Poisoned => return self.poisoned(packet, false, advisory),
                _ => return self.unsupported(packet, advisory),
            },
        };
        let message = self.vfs[vf].note(error, advisory);
        if self.config.reports(message, error == Error::UnsupportedRequest) {
            if message == Message::NonFatal && self.config.system_errors() {
                self.vfs[vf].signalled();
            }
            self.owed_errors[message as usize].get_or_insert(owner);
        }
    }
}
