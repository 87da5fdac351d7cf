// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Accesses to the BARs, one quad word each, and the device registers.
//!
//! [Data sheet sections 4 (row 10) to 7; offsets from `regs.rs`.]

use crate::config::{Window, byte_mask};
use crate::device::Device;
use crate::events::VECTORS;
use crate::irq::IrqError;
use crate::quirks::Quirk;
use crate::regs;
use smallvec::SmallVec;
use tlp::Tick;

/// End of the coalescers' registers.
const EV_COAL_END: u32 = regs::WIN_EV_COAL_OFFSET + 4 * VECTORS as u32;
/// Ticks from the start of an invalidation to its earliest completion.
const INVALIDATION_TICKS: Tick = 6;

impl Device {
    /// Reads whole words; every quad word is read once.
    pub(crate) fn read_window(&self, window: Window, offset: u32, words: u32) -> SmallVec<[u32; 32]> {
        let mut data = SmallVec::new();
        let mut at = offset;
        while at < offset + 4 * words {
            let quad = match window {
                Window::Bar(bar) => self.read_quad(bar, at & !7),
                Window::Aperture(vf) => self.read_aperture(vf, at & !7),
            };
            if at & 4 == 0 {
                data.push(quad as u32);
                at += 4;
                if at >= offset + 4 * words {
                    break;
                }
            }
            data.push((quad >> 32) as u32);
            at += 4;
        }
        data
    }

    /// Writes words under byte enables, quad word by quad word.
    pub(crate) fn write_window(
        &mut self,
        t: Tick,
        window: Window,
        offset: u32,
        data: &[u32],
        first_be: u32,
        last_be: u32,
    ) {
        let last = data.len() - 1;
        let enables = |i: usize| match i {
            0 => first_be,
            i if i == last => last_be,
            _ => 0xf,
        };
        let mut i = 0;
        while i < data.len() {
            let at = offset + 4 * i as u32;
            let (mut value, mut enabled) = (u64::from(data[i]), u64::from(byte_mask(enables(i))));
            i += 1;
            if at & 4 != 0 {
                (value, enabled) = (value << 32, enabled << 32);
            } else if i < data.len() {
                value |= u64::from(data[i]) << 32;
                enabled |= u64::from(byte_mask(enables(i))) << 32;
                i += 1;
            }
            if enabled != 0 {
                match window {
                    Window::Bar(bar) => self.write_quad(t, bar, at & !7, value, enabled),
                    Window::Aperture(vf) => self.write_aperture(vf, at & !7, value, enabled),
                }
            }
        }
    }

    fn read_quad(&self, bar: u32, offset: u32) -> u64 {
        match bar {
            regs::BAR_REGS_INDEX => {
                u64::from(self.read_register(offset)) | u64::from(self.read_register(offset + 4)) << 32
            }
            regs::BAR_PORTALS_INDEX => u64::from(self.queues.portal_read(offset)),
            regs::BAR_MSIX_INDEX if offset < regs::WIN_MSIX_PBA_OFFSET => {
                self.msix.read(offset as usize / 16, offset >> 3 & 1)
            }
            regs::BAR_MSIX_INDEX => self.msix.pending.word((offset - regs::WIN_MSIX_PBA_OFFSET) as usize / 8),
            regs::BAR_IMS_INDEX if offset < regs::WIN_HOST_PENDING_OFFSET => {
                self.slots.read(offset as usize / 16, offset >> 3 & 1)
            }
            regs::BAR_IMS_INDEX => self.host.pending.word((offset - regs::WIN_HOST_PENDING_OFFSET) as usize / 8),
            _ => 0,
        }
    }

    fn write_quad(&mut self, t: Tick, bar: u32, offset: u32, value: u64, mask: u64) {
        match bar {
            regs::BAR_REGS_INDEX => {
                if offset == regs::EV_STATUS_LO {
                    self.events.clear_status(t, u128::from(value & mask));
                    return;
                }
                if mask as u32 != 0 {
                    self.write_register(t, offset, value as u32, mask as u32);
                }
                if mask >> 32 != 0 {
                    self.write_register(t, offset + 4, (value >> 32) as u32, (mask >> 32) as u32);
                }
            }
            regs::BAR_PORTALS_INDEX => self.queues.portal_write(offset, value as u32, mask as u32),
            regs::BAR_MSIX_INDEX if offset < regs::WIN_MSIX_PBA_OFFSET => {
                let (index, half) = (offset as usize / 16, offset >> 3 & 1);
                let was_masked = self.msix.masked(index);
                self.msix.write(index, half, value, mask);
                self.msix_mask_written(t, index, was_masked);
            }
            regs::BAR_IMS_INDEX if offset < regs::WIN_HOST_PENDING_OFFSET => {
                self.slots.write(offset as usize / 16, offset >> 3 & 1, value, mask);
            }
            _ => {} // pending bits are read only
        }
    }

    /// The value of a device register; 0 in a hole.
    fn read_register(&self, offset: u32) -> u32 {
        let bit = |flag: bool, mask: u32| if flag { mask } else { 0 };
        match offset {
            regs::ID => regs::id::MAGIC_RESET,
            regs::VERSION => {
                regs::version::MAJOR_RESET << regs::version::MAJOR_LSB
                    | regs::version::MINOR_RESET << regs::version::MINOR_LSB
            }
            regs::CAP_MSIX => self.msix.len() as u32,
            regs::CAP_DEV => self.slots.len() as u32,
            regs::CAP_HOST => self.host.capacity,
            regs::CAP_CACHE => self.cache_lines,
            regs::HS_BASE_LO => self.host.base as u32,
            regs::HS_BASE_HI => (self.host.base >> 32) as u32,
            regs::HS_SIZE => self.host.size,
            regs::HS_CTRL => bit(self.host.enabled, regs::hs_ctrl::ENABLE_MASK),
            regs::HS_STATUS => {
                use regs::hs_status as f;
                bit(self.host.command.is_some(), f::BUSY_MASK)
                    | bit(self.host.enabled, f::ENABLED_MASK)
                    | bit(self.host.config_error, f::CONFIG_ERROR_MASK)
                    | bit(self.host.command_error, f::CMD_ERROR_MASK)
                    | u32::from(self.host.done_count) << f::DONE_COUNT_LSB
            }
            regs::HS_DONE_ADDR_LO => self.host.done_address as u32,
            regs::HS_DONE_ADDR_HI => (self.host.done_address >> 32) as u32,
            regs::IRQ_ERR => self.errors.read(),
            regs::IRQ_ERR_COUNT => self.errors.count,
            regs::STAT_SENT => self.sent,
            regs::STAT_FETCH => self.fetched,
            regs::FN_STATUS => {
                use regs::fn_status as f;
                bit(self.function.busy(), f::BUSY_MASK) | self.function.level() << f::LEVEL_LSB
            }
            regs::FN_RAISED => self.function.raised,
            regs::FN_REC_ADDR_LO => self.function.record_address as u32,
            regs::FN_REC_ADDR_HI => (self.function.record_address >> 32) as u32,
            regs::FN_REC_ORDER => self.function.record_order,
            regs::FN_REC_SEQ => self.function.record_seq,
            regs::FN_SWEEP_FIRST => self.function.sweep_first,
            regs::FN_SWEEP_COUNT => self.function.sweep_count,
            regs::EV_STATUS_LO => self.events.status as u32,
            regs::EV_STATUS_HI => (self.events.status >> 32) as u32,
            regs::EV_MISC => (self.events.status >> 64) as u32,
            regs::EV_VECTORS => self.events.granted,
            regs::EV_CTRL => self.events.control,
            regs::EV_INTX => {
                use regs::ev_intx as f;
                bit(self.events.fired, f::FIRED_MASK)
                    | bit(self.intx_sent, f::WIRE_MASK)
                    | (self.mode() as u32) << f::MODE_LSB
            }
            regs::WIN_EV_COAL_OFFSET..EV_COAL_END => {
                self.events.coalescing((offset - regs::WIN_EV_COAL_OFFSET) as usize / 4)
            }
            regs::IH_TARGET => self.handles.target,
            regs::IH_PERM => self.handles.permission,
            regs::IH_STATUS => self.handles.status(),
            regs::VF_ID.. => self.read_vf_register(offset),
            _ if offset <= regs::ET_CAPS => self.test.read(offset),
            _ => self.queues.read(offset),
        }
    }

    /// Writes the bits of `mask` of a device register. Bytes that are not enabled
    /// count as 0 where a write is a command.
    fn write_register(&mut self, t: Tick, offset: u32, value: u32, mask: u32) {
        let bits = value & mask;
        let word = |old: u32, writable: u32| old & !(mask & writable) | bits & writable;
        let low = |old: u64, writable: u32| old & !0xffff_ffff | u64::from(word(old as u32, writable));
        let high = |old: u64| old & 0xffff_ffff | u64::from(word((old >> 32) as u32, !0)) << 32;
        let events = &mut self.events;
        let host = &mut self.host;
        let function = &mut self.function;
        match offset {
            regs::HS_BASE_LO if !host.enabled => host.base = low(host.base, regs::hs_base_lo::ADDR_MASK),
            regs::HS_BASE_HI if !host.enabled => host.base = high(host.base),
            regs::HS_SIZE if !host.enabled => host.size = word(host.size, regs::hs_size::SLOTS_MASK),
            regs::HS_CTRL if mask & regs::hs_ctrl::ENABLE_MASK != 0 => {
                self.switch_host_store(bits & regs::hs_ctrl::ENABLE_MASK != 0);
            }
            regs::HS_CMD if bits & regs::hs_cmd::START_MASK != 0 => self.start_invalidation(t, bits),
            regs::HS_STATUS => {
                host.config_error &= bits & regs::hs_status::CONFIG_ERROR_MASK == 0;
                host.command_error &= bits & regs::hs_status::CMD_ERROR_MASK == 0;
            }
            regs::HS_DONE_ADDR_LO => host.done_address = low(host.done_address, regs::hs_done_addr_lo::ADDR_MASK),
            regs::HS_DONE_ADDR_HI => host.done_address = high(host.done_address),
            regs::IRQ_ERR => self.errors.write(bits),
            regs::FN_DOORBELL => {
                let times = if self.quirks.has(Quirk::DoorbellRaisesTwice) { 2 } else { 1 };
                let dropped = function.doorbell(bits, times);
                if let Some((store, index)) = dropped
                    && !self.quirks.has(Quirk::DoorbellDroppedSilently)
                {
                    self.errors.note(IrqError::DoorbellDropped, store, index);
                }
            }
            regs::FN_REC_ADDR_LO => {
                function.record_address = low(function.record_address, regs::fn_rec_addr_lo::ADDR_MASK);
            }
            regs::FN_REC_ADDR_HI => function.record_address = high(function.record_address),
            regs::FN_REC_ORDER => function.record_order = word(function.record_order, regs::fn_rec_order::ORDER_MASK),
            regs::FN_SWEEP_FIRST => {
                let writable = regs::fn_sweep_first::INDEX_MASK | regs::fn_sweep_first::STORE_MASK;
                function.sweep_first = word(function.sweep_first, writable);
            }
            regs::FN_SWEEP_COUNT => {
                function.sweep_count = word(function.sweep_count, regs::fn_sweep_count::COUNT_MASK);
            }
            regs::EV_MISC => events.clear_status(t, u128::from(bits) << 64),
            regs::EV_VECTORS => events.granted = word(events.granted, regs::ev_vectors::COUNT_MASK),
            regs::EV_CTRL => events.control = word(events.control, regs::ev_ctrl::IRQ_ERR_RAISES_MASK),
            regs::WIN_EV_COAL_OFFSET..EV_COAL_END => {
                let vector = (offset - regs::WIN_EV_COAL_OFFSET) as usize / 4;
                let value = word(events.coalescing(vector), 0xffff_00ff);
                events.set_coalescing(vector, value);
            }
            regs::FN_SWEEP_GO if bits & regs::fn_sweep_go::GO_MASK != 0 => function.sweep(),
            regs::IH_TARGET => {
                let writable = regs::ih_target::INDEX_MASK | regs::ih_target::STORE_MASK;
                self.handles.target = word(self.handles.target, writable);
            }
            regs::IH_PERM => {
                use regs::ih_perm as f;
                let writable = f::IGNORE_MASK | f::PASID_EN_MASK | f::PASID_MASK;
                self.handles.permission = word(self.handles.permission, writable);
            }
            regs::IH_CMD => self.handles.start(t, bits),
            regs::IH_STATUS => self.handles.clear(bits),
            regs::VF_ID.. => self.write_vf_register(offset, bits),
            _ if offset <= regs::ET_CAPS => self.test.write(offset, bits, mask),
            _ => self.queues.write(offset, bits, mask),
        }
    }

    fn switch_host_store(&mut self, on: bool) {
        if on == self.host.enabled {
            return;
        }
        if on {
            self.host.enable();
        } else {
            self.revoke_slot_fetch();
            self.host.disable(self.quirks.has(Quirk::StaleSlotAfterDisable));
        }
    }

    fn start_invalidation(&mut self, t: Tick, bits: u32) {
        use regs::hs_cmd as f;
        if self.host.command.is_some() {
            self.host.command_error = true;
            return;
        }
        let order = (bits & f::ORDER_MASK) >> f::ORDER_LSB;
        let (first, slots) =
            if order >= 20 { (0, u32::MAX) } else { (bits & f::INDEX_MASK & !((1 << order) - 1), 1 << order) };
        let keep_held = self.quirks.has(Quirk::StaleSlotAfterInvalidation);
        let keep_fetches = keep_held || self.quirks.has(Quirk::StaleFetchAfterInvalidation);
        self.host.invalidate(first, slots, keep_held, keep_fetches);
        self.host.command_count = self.host.command_count.wrapping_add(1);
        self.host.command = Some(crate::host_store::Command {
            number: self.host.command_count,
            notify: bits & f::NOTIFY_MASK != 0,
            due: t + INVALIDATION_TICKS,
        });
    }
}
