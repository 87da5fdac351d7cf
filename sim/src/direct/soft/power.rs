// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Enables, power states, resets.

use super::Soft;
use crate::run::Params;
use vectors::op::{Op, Switch};

impl Soft {
    /// Rules of enables, power states and resets.
    pub(super) fn power(&mut self, op: &Op) -> Option<bool> {
        Some(match op {
            Op::Enumerate => {
                let first = !self.enumerated && !self.d3;
                if first {
                    (self.enumerated, self.memory, self.master) = (true, true, true);
                }
                first
            }
            Op::FunctionMask(Switch::Physical(on)) => {
                let ok = self.enumerated && !self.d3 && self.msix.is_some();
                if ok {
                    self.function_mask = *on;
                    self.noise();
                }
                ok
            }
            Op::MsixEnableBit(Switch::Physical(on)) => {
                // With MSI-X off events turn to INTx; both ways are legal.
                let ok = self.enumerated && !self.d3 && self.msix.is_some();
                if ok {
                    self.enable = *on;
                    self.noise();
                }
                ok
            }
            Op::IntxDisable(_) => self.enumerated && !self.d3,
            Op::BusMaster(Switch::Physical(on)) => {
                let ok = self.enumerated && !self.d3 && (*on || !self.working() && self.idle());
                if ok {
                    self.master = *on;
                    self.noise();
                }
                ok
            }
            Op::MemoryEnable(on) => {
                let ok = self.enumerated && !self.d3 && (*on || !self.working() && self.idle());
                if ok {
                    self.memory = *on;
                }
                ok
            }
            Op::PowerState(state) => {
                if *state == 0 && self.d3 {
                    self.function_reset();
                    return Some(true);
                }
                let quiet = self.may_abandon() && !self.working() && !self.late_event && !self.ringing && self.idle();
                let ok = *state == 3 && self.enumerated && !self.d3 && quiet;
                self.d3 |= ok;
                ok
            }
            Op::Flr => {
                let quiet = !self.late_event && !self.ringing && self.idle() && self.may_abandon();
                let ok = self.enumerated && !self.d3 && quiet;
                if ok {
                    self.function_reset();
                }
                ok
            }
            Op::Reset(_) => {
                self.reset();
                true
            }
            _ => return None,
        })
    }

    pub(super) fn function_reset(&mut self) {
        let abandoned = self.abandoned.saturating_add(self.fetching);
        self.reset();
        self.abandoned = abandoned;
    }

    /// Whether a function reset leaves tags for fetches that come later: those of fetches that were outstanding are not
    /// used again for one completion timeout, which is longer than any sequence (data sheet section 8).
    pub(super) fn may_abandon(&self) -> bool {
        let abandoned = self.abandoned.saturating_add(self.fetching);
        self.host.is_none() || abandoned.saturating_add(2) < Params::from(&self.dut).max_fetches
    }

    pub(super) fn reset(&mut self) {
        let keep = Self {
            cpus: self.cpus,
            dut: self.dut.clone(),
            sizes: self.sizes,
            remap: self.remap,
            used: std::mem::take(&mut self.used),
            restarted: self.restarted,
            services: self.services.after_reset(),
            finite: self.finite,
            few_posted: self.few_posted,
            few_answers: self.few_answers,
            ..Self::default()
        };
        *self = keep;
    }
}
