// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Accesses by hand: reads, writes, packets that are or are not as they should be.

use super::Soft;
use vectors::op::{Op, Place, Source, Write};
use vectors::place::{self, Memory};
use vectors::regs;

impl Soft {
    /// Rules of accesses.
    pub(super) fn accesses(&mut self, op: &Op) -> Option<bool> {
        Some(match op {
            Op::Read(r) => {
                let long = r.len > 16 && self.few_answers;
                // No request crosses a boundary of 4 KiB [PCIe Base 2.2.7].
                let fits = match place::memory(&r.at) {
                    Ok(Memory::Bar { offset, .. }) => offset % 4096 + u64::from(r.len) <= 4096,
                    Ok(Memory::Vf { vf, .. }) => self.functions.contains_key(&vf),
                    other => other.is_ok(),
                };
                self.reachable() && !long && r.expect.is_none() && fits
            }
            Op::Write(w) => self.write(&w.at, w.len, w.value, w.be),
            Op::CfgRead(r) => {
                let there = r.vf.is_none_or(|n| self.reachable() && self.functions.contains_key(&n));
                self.enumerated && there && r.expect.is_none()
            }
            Op::CfgWrite(w) => self.config_write(w),
            Op::Tlp(t) => {
                let of = t.at.as_ref().and_then(|at| match place::memory(at) {
                    Ok(Memory::Vf { vf, .. }) => Some(vf),
                    _ => None,
                });
                let there = of.or(t.vf).is_none_or(|n| self.functions.contains_key(&n));
                self.reachable() && there && t.expect.is_none() && !self.digests_known()
            }
            _ => return None,
        })
    }

    /// Registers without effect, and those of MSI while it is in use.
    pub(super) fn config_write(&mut self, w: &Write) -> bool {
        let (at, value) = (&w.at, w.value as u32);
        if !self.enumerated {
            return false;
        }
        if let Some(n) = w.vf {
            let there = self.reachable() && self.functions.contains_key(&n);
            return there && matches!(at, Place::Number(0x00 | 0x0c | 0x54 | 0x100));
        }
        let name = match at {
            Place::Name(n) => n.as_str(),
            Place::Number(n) => return !self.d3 && matches!(n, 0 | 0x100 | 0xff0),
        };
        // A function reset: its bit alone, or the way out of D3hot.
        let reset = match name {
            "pcie+8" => !self.d3 && w.be == Some(2) && value == 1 << 15,
            "pm+4" => self.d3 && w.be == Some(1) && value == 0,
            _ => false,
        };
        if reset {
            let ok = !self.late_event && !self.ringing && self.idle() && !self.working();
            self.resetting = ok;
            return ok;
        }
        if self.d3 {
            return false;
        }
        if name == "msix_control" && self.msix.is_some() && w.len == 2 && w.be.is_none() && value & 0x3fff == 0 {
            (self.enable, self.function_mask) = (value >> 15 == 1, value >> 14 & 1 == 1);
            self.noise();
            return true;
        }
        if name == "command" && w.be == Some(1) && value == 2 {
            let ok = !self.working() && self.idle();
            self.master &= !ok;
            self.noise();
            return ok;
        }
        if let Some(granted) = self.msi.filter(|_| name == "msi_mask") {
            // The message of a vector that nobody connected would be blocked.
            let open = |v: u32| value >> v & 1 == 0;
            if self.remap && (0..granted).any(|v| open(v) && !self.conns.contains_key(&Source::Msi(v))) {
                return false;
            }
            for (s, c) in &mut self.conns {
                if let Source::Msi(v) = s {
                    c.masked = value >> v & 1 == 1;
                }
            }
        }
        if let Some(granted) = self.msi.filter(|_| name == "msi_control" && self.remap) {
            // Nor has anybody connected vectors that were not granted, and their mask bits stand as they may.
            if 1 << (value >> 4 & 7) > granted {
                return false;
            }
        }
        let extended = name == "msi_data" && w.len == 4 && w.be.is_some_and(|be| be & 0x3 == 0);
        let msi = (matches!(name, "msi_control" | "msi_upper" | "msi_mask") || extended) && self.msi.is_some();
        matches!(name, "cache_line" | "interrupt_line") || msi
    }

    /// Digests are on: hand-made packets would need one.
    pub(super) fn digests_known(&self) -> bool {
        self.digests
    }

    /// Raw writes: mask bits of connected sources, the upper word of closed messages, settings of events.
    pub(super) fn write(&mut self, at: &Place, len: u32, value: u64, be: Option<u8>) -> bool {
        if !self.reachable() || be.is_some() && be != Some(0xf) || len != 4 {
            return false;
        }
        let (bar, offset) = match place::memory(at) {
            Ok(Memory::Bar { bar, offset }) => (bar, offset),
            // The last entries, which nobody connects; the doorbell; what does not exist.
            Ok(Memory::Vf { vf, offset }) => {
                self.noise();
                let harmless = matches!((offset, value), (0x3fc | 0x23fc, 1) | (0x1000 | 0x3008 | 0x3ffc, 0));
                self.ringing |= offset == 0x3008;
                return self.functions.contains_key(&vf) && harmless;
            }
            _ => return false,
        };
        let entry = match bar {
            2 if offset < u64::from(regs::WIN_MSIX_PBA_OFFSET) => Source::Msix((offset / 16) as u32),
            4 if offset < u64::from(regs::WIN_HOST_PENDING_OFFSET) => Source::Device((offset / 16) as u32),
            0 => return self.register(offset as u32, value as u32),
            _ => return false,
        };
        let Some(c) = self.conns.get_mut(&entry) else { return false };
        match offset % 16 {
            12 if value <= 1 => {
                c.masked = value == 1;
                self.noise();
                true
            }
            // The same value again: a rewrite that changes nothing.
            4 => value == 0 && !c.custom,
            _ => false,
        }
    }

    pub(super) fn register(&mut self, offset: u32, value: u32) -> bool {
        const COAL: u32 = regs::WIN_EV_COAL_OFFSET;
        match offset {
            regs::EV_VECTORS => (1..=65).contains(&value),
            regs::EV_STATUS_LO | regs::EV_STATUS_HI | regs::EV_MISC => true,
            o if (COAL..COAL + 4 * 65).contains(&o) => value & 0xff00 == 0 && value >> 16 <= 8,
            _ => false,
        }
    }
}
