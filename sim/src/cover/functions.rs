// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Coverage of virtual functions, of the units that interrupts go through, and of posted interrupts.

use super::axes::{log2, step};
use super::collector::{Collector, Waiting};
use super::items::Item;
use crate::shadow::Shadow;
use tlp::{CauseOp, Tick};
use vectors::op::{RemapUnitKind, Source};

/// What is kept of virtual functions.
#[derive(Clone, Default)]
pub(super) struct Functions {
    /// Functions that were reset and have had no cause since, a bit each.
    after_reset: u32,
    /// Function of the message before; `None` in it: the physical one.
    before: Option<Option<u32>>,
    /// Unit of the machine, on its axis.
    pub unit: usize,
}

/// Store and index of a source of a virtual function.
fn place(s: Source) -> Option<(u32, usize, u32)> {
    match s {
        Source::VfMsix { vf, k } => Some((vf, 0, k)),
        Source::VfDevice { vf, k } => Some((vf, 1, k)),
        _ => None,
    }
}

/// Number of a unit on its axis.
pub(super) fn unit(kind: RemapUnitKind) -> usize {
    match kind {
        RemapUnitKind::None => 0,
        RemapUnitKind::Vtd => 1,
        RemapUnitKind::Amd => 2,
    }
}

impl Collector {
    /// The core has taken a cause of a virtual function.
    pub(super) fn vf_cause(&mut self, tick: Tick, op: CauseOp, s: Source, shadow: &mut Shadow) {
        let Some((n, store, k)) = place(s) else { return };
        let there = shadow.functions.is_enabled(n);
        self.hit(tick, Item::vf_there, &[store, usize::from(there)]);
        if !there {
            return;
        }
        if op == CauseOp::Withdraw {
            let pending = usize::from(self.waiting.remove(&s).is_some());
            self.hit(tick, Item::vf_withdrawn, &[store, pending]);
            return;
        }
        self.hit(tick, Item::vf_number, &[store, log2(n.into(), 4)]);
        self.hit(tick, Item::vf_source, &[store, log2(k.into(), 6)]);
        let function = &shadow.functions.each[n as usize];
        let (master, msix) = (*function.bus_master.latest(), *function.msix.latest());
        let (m, p) = (usize::from(Self::masked(shadow, s)), usize::from(self.pending(s)));
        self.hit(tick, Item::vf_state, &[store, usize::from(master), m, p]);
        if store == 0 {
            self.hit(tick, Item::vf_gate, &[usize::from(msix.enable), usize::from(msix.function_mask), m, p]);
        }
        if self.functions.after_reset >> n & 1 == 1 {
            self.functions.after_reset &= !(1 << n);
            self.hit(tick, Item::vf_reset_then, &[store]);
        }
        self.waiting.entry(s).or_insert(Waiting { since: tick, causes: 0 }).causes += 1;
    }

    /// A message of a virtual function has left.
    pub(super) fn vf_message(&mut self, tick: Tick, s: Source) {
        let Some((n, store, _)) = place(s) else { return };
        self.hit(tick, Item::vf_sender, &[store, log2(n.into(), 4)]);
        self.waiting.remove(&s);
    }

    /// A message has left: whose is it, and whose was the one before?
    pub(super) fn neighbour(&mut self, tick: Tick, vf: Option<u32>) {
        let at = match (self.functions.before.replace(vf), vf) {
            (Some(None), Some(_)) => 0,
            (Some(Some(_)), None) => 1,
            (Some(Some(a)), Some(b)) if a == b => 2,
            (Some(Some(_)), Some(_)) => 3,
            _ => return,
        };
        self.hit(tick, Item::vf_neighbour, &[at]);
    }

    /// Virtual functions are reset, or taken down, a bit each.
    pub fn vf_reset(&mut self, tick: Tick, functions: u32, flying: bool, shadow: &Shadow) {
        for n in (0..32).filter(|n| functions >> n & 1 == 1) {
            let own = |s: &Source| s.vf() == Some(n);
            let owed = usize::from(self.waiting.keys().any(own));
            self.waiting.retain(|s, _| !own(s));
            if shadow.functions.is_enabled(n) {
                self.hit(tick, Item::vf_reset, &[owed, usize::from(flying)]);
                self.functions.after_reset |= 1 << n;
            } else {
                self.hit(tick, Item::vf_disable, &[owed]);
                self.functions.after_reset &= !(1 << n);
            }
        }
    }

    /// Virtual functions are brought up.
    pub(super) fn vf_count(&mut self, tick: Tick, count: u32) {
        self.hit(tick, Item::vf_count, &[step(count.into(), &[1, 3, 7, 15])]);
    }

    /// A configuration request to a virtual function.
    pub(super) fn vf_config(&mut self, tick: Tick, register: u32, be: u8, write: Option<u32>, poisoned: bool) {
        let region = match register {
            0x00 | 0x08 | 0x2c => 0,
            0x04 => 1,
            0x50..=0x8c => 2,
            0xb0..=0xb8 => 3,
            0x100 | 0x104 => 4,
            _ => 5,
        };
        self.hit(tick, Item::vf_config, &[region, usize::from(write.is_some())]);
        let Some(value) = write else { return };
        if poisoned {
            self.vf_error(tick, 1);
            return;
        }
        match register {
            0x04 if be & 1 == 1 => self.hit(tick, Item::vf_master_write, &[(value >> 2 & 1) as usize]),
            0xb0 if be >> 3 & 1 == 1 => {
                self.hit(tick, Item::vf_control_write, &[(value >> 31) as usize, (value >> 30 & 1) as usize]);
            }
            _ => {}
        }
    }

    /// A request to the memory of a virtual function; `at`: its address type.
    pub(super) fn vf_memory(&mut self, tick: Tick, offset: u64, write: bool, poisoned: bool, at: u8) {
        let region = match offset {
            0..0x400 => 0,
            0x1000..0x1008 => 1,
            0x2000..0x2400 => 2,
            0x3000..0x300c => 3,
            _ => 4,
        };
        self.hit(tick, Item::vf_access, &[region, usize::from(write)]);
        if at & 1 == 1 {
            self.vf_error(tick, 2);
        } else if write && poisoned {
            self.vf_error(tick, 0);
        }
    }

    fn vf_error(&mut self, tick: Tick, kind: usize) {
        let reporting = usize::from(self.around.reporting);
        self.hit(tick, Item::vf_error, &[kind, reporting]);
    }

    /// An interrupt has gone through the platform's unit to a processor.
    pub(super) fn through_unit(&mut self, tick: Tick, outcome: usize) {
        let unit = self.functions.unit;
        self.hit(tick, Item::arrival_unit, &[unit, outcome]);
    }

    /// An interrupt was posted into a descriptor; `told`: a notification went out.
    pub fn posted(&mut self, tick: Tick, merged: bool, told: bool) {
        self.hit(tick, Item::posted, &[usize::from(merged), usize::from(told)]);
    }
}
