// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Access to the register page, DWORD by DWORD [VT-d 11.4].

use super::Vtd;
use super::descriptor::{MAX_MASK, MAX_PAGES};
use super::regs::{self, Cap, Ecap, Iqa, Irta, Rtaddr};
use crate::mem::HostMemory;
use tlp::Tick;

/// Offset of the first IOTLB register, in an area that reads 0.
const IOTLB: u32 = 0xf0;

fn is_legal(offset: u32, bytes: u8) -> bool {
    (bytes == 4 || bytes == 8) && offset & (u32::from(bytes) - 1) == 0 && offset < regs::PAGE
}

/// Replaces the half of `old` that the DWORD at `offset` covers.
fn merge(old: u64, offset: u32, value: u32) -> u64 {
    match offset % 8 {
        0 => old & !0xffff_ffff | u64::from(value),
        _ => old & 0xffff_ffff | u64::from(value) << 32,
    }
}

impl Vtd {
    /// Reads `bytes` (4 or 8) at `offset`, aligned to its size; all ones otherwise.
    pub fn read(&self, offset: u32, bytes: u8) -> u64 {
        if !is_legal(offset, bytes) {
            return if bytes >= 8 { u64::MAX } else { (1 << (8 * u32::from(bytes))) - 1 };
        }
        let low = u64::from(self.read_dword(offset));
        if bytes == 8 { low | u64::from(self.read_dword(offset + 4)) << 32 } else { low }
    }

    /// Writes `bytes` (4 or 8) at `offset`, aligned to its size; dropped otherwise.
    ///
    /// An 8-byte write is two DWORDs, the lower first, between which nothing
    /// happens. Messages and queue work follow in the next [`step`](Self::step).
    pub fn write(&mut self, offset: u32, bytes: u8, value: u64, now: Tick, _mem: &mut HostMemory) {
        if !is_legal(offset, bytes) {
            return;
        }
        self.write_dword(offset, value as u32, now);
        if bytes == 8 {
            self.write_dword(offset + 4, (value >> 32) as u32, now);
        }
        self.attention.get_or_insert(now);
    }

    fn capabilities(&self) -> Cap {
        let dma = self.config.dma;
        let five = dma.is_some_and(|d| d.five_levels);
        let first_level = dma.is_some_and(|d| d.scalable);
        let large = dma.is_some_and(|d| d.large_pages);
        Cap::new()
            .with_cm(self.config.caching_mode)
            .with_nd(if dma.is_some() { 6 } else { 0 })
            .with_sagaw(if five {
                0b1110
            } else if dma.is_some() {
                0b0110
            } else {
                0
            })
            .with_mgaw(if five { 56 } else { 47 })
            .with_sllps(if large { 3 } else { 0 })
            .with_psi(dma.is_some())
            .with_mamv(if dma.is_some() { MAX_PAGES } else { 0 })
            .with_drain(if dma.is_some() { 3 } else { 0 })
            .with_fl1gp(first_level && large)
            .with_fl5lp(first_level && five)
            .with_fro(regs::FRCD / 16)
            .with_nfr((self.config.fault_records - 1) as u8)
            .with_pi(self.config.posted)
            .with_esirtps(self.config.esirtps)
    }

    fn extended_capabilities(&self) -> Ecap {
        let scalable = self.config.dma.is_some_and(|d| d.scalable);
        Ecap::new()
            .with_c(self.config.coherent)
            .with_qi(true)
            .with_ir(true)
            .with_eim(self.config.eim)
            .with_iro(IOTLB / 16)
            .with_mhmv(MAX_MASK as u8)
            .with_pt(self.config.dma.is_some())
            .with_pss(if scalable { 19 } else { 0 })
            .with_pasid(scalable)
            .with_smts(scalable)
            .with_slts(scalable)
            .with_flts(scalable)
    }

    fn status(&self) -> u32 {
        (u32::from(self.dma.as_ref().is_some_and(|dma| dma.enabled)) * regs::TE)
            | (u32::from(self.root_set) * regs::RTPS)
            | (u32::from(self.queue.enabled) * regs::QIE)
            | (u32::from(self.remapping_status) * regs::IRE)
            | (u32::from(self.table_set) * regs::IRTPS)
            | (u32::from(self.compat_passes) * regs::CFI)
    }

    fn read_dword(&self, offset: u32) -> u32 {
        let quad = |value: u64| (value >> (8 * (offset % 8))) as u32;
        match offset {
            regs::VER => 0x10,
            0x08 | 0x0c => quad(self.capabilities().into_bits()),
            0x10 | 0x14 => quad(self.extended_capabilities().into_bits()),
            regs::GSTS => self.status(),
            0x20 | 0x24 => quad(self.root_table.into_bits()),
            regs::FSTS => self.faults.read_status(),
            regs::FECTL..=0x44 => self.faults.event.read((offset - regs::FECTL) / 4),
            0x80 | 0x84 => quad(self.queue.head.into()),
            0x88 | 0x8c => quad(self.queue.tail.into()),
            0x90 | 0x94 => quad(self.queue.address.into_bits()),
            regs::ICS => self.queue.wait_complete.into(),
            regs::IECTL..=0xac => self.queue.event.read((offset - regs::IECTL) / 4),
            0xb0 | 0xb4 => quad(self.queue.error.map_or(0, |e| e as u64)),
            0xb8 | 0xbc => quad(self.table.into_bits()),
            regs::FRCD.. => self.faults.read_record((offset - regs::FRCD) / 4),
            // GCMD is write-only; the rest belongs to what is left out, or to nothing.
            _ => 0,
        }
    }

    fn write_dword(&mut self, offset: u32, value: u32, now: Tick) {
        match offset {
            regs::GCMD => self.write_command(value, now),
            0x20 | 0x24 => {
                let merged = merge(self.root_table.into_bits(), offset, value);
                self.root_table = Rtaddr::from_bits(merged & !0x3ff);
            }
            regs::FSTS => {
                self.faults.write_status(value);
                if !self.faults.queue_error() {
                    self.queue.error = None;
                }
            }
            regs::FECTL..=0x44 => self.faults.event.write((offset - regs::FECTL) / 4, value),
            0x88 => self.queue.tail = value & 0x7_fff0,
            0x90 | 0x94 => {
                let merged = merge(self.queue.address.into_bits(), offset, value);
                let mut writable = 0xffff_ffff_ffff_f007;
                if self.config.wide_queue {
                    writable |= 1 << 11;
                }
                self.queue.address = Iqa::from_bits(merged & writable);
            }
            regs::ICS if value & 1 == 1 => {
                self.queue.wait_complete = false;
                self.queue.event.withdraw();
            }
            regs::IECTL..=0xac => self.queue.event.write((offset - regs::IECTL) / 4, value),
            0xb8 | 0xbc => {
                let merged = merge(self.table.into_bits(), offset, value);
                let mut writable = 0xffff_ffff_ffff_f00f;
                if self.config.eim {
                    writable |= 1 << 11;
                }
                self.table = Irta::from_bits(merged & writable);
            }
            regs::FRCD.. => self.faults.write_record((offset - regs::FRCD) / 4, value),
            _ => {}
        }
    }

    /// A one-shot's status is off from the write until the command is done.
    fn write_command(&mut self, value: u32, now: Tick) {
        if value & regs::SRTP != 0 {
            self.root_set = false;
        }
        if value & regs::SIRTP != 0 {
            self.table_set = false;
        }
        if self.config.command_ticks == 0 {
            self.command(value, now);
        } else {
            self.commands.push_back((now + self.config.command_ticks, value));
        }
    }
}
