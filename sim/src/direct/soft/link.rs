// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The link and what surrounds the device: sizes, credits, digests, stalls, time.

use super::{LARGEST, Soft, finite};
use vectors::op::{Credits, Op};

impl Soft {
    /// Rules of the link and of time.
    pub(super) fn link(&mut self, op: &Op) -> Option<bool> {
        Some(match op {
            Op::ErrorReporting(_) | Op::ClearErrors => {
                let ok = self.enumerated && !self.d3;
                self.aer |= ok;
                ok
            }
            Op::Digests(on) => {
                let ok = self.enumerated && !self.d3 && !self.working();
                if ok {
                    self.digests = *on;
                }
                ok
            }
            Op::Link { .. } => self.reachable() && !self.working(),
            Op::Pressure { rx_gap, tx_stall, cause_gap } => *rx_gap < 250 && *tx_stall < 250 && *cause_gap < 250,
            Op::Credits(c) => {
                let known = finite(c).iter().zip(self.finite).all(|(set, finite)| !set || finite);
                let some = [c.ph, c.nph, c.cplh].iter().flatten().all(|n| *n > 0)
                    && [c.pd, c.cpld].iter().flatten().all(|n| *n > 0);
                let few = c.pd.is_some_and(|n| n < LARGEST) && !self.queues.is_empty();
                let ok = known && some && !few;
                if ok {
                    self.window(c);
                }
                ok
            }
            Op::Completions(c) => c.delay[0] <= c.delay[1] && c.delay[1] <= 2_000,
            Op::Wait(n) => {
                if *n >= 2_500 {
                    self.fetching = 0;
                }
                self.busy = self.busy.saturating_sub(*n);
                self.commanded = self.commanded.saturating_sub(*n);
                *n <= 20_000
            }
            Op::Settle => self.enumerated,
            Op::Mark(_) => true,
            _ => return None,
        })
    }

    /// Data credits below the largest packet, which the partner must not do once such packets are asked for
    /// [PCIe Base 2.6.1]: then there is no work, and no long read.
    pub(super) fn window(&mut self, c: &Credits) {
        self.few_posted = c.pd.map_or(self.few_posted, |n| n < LARGEST);
        self.few_answers = c.cpld.map_or(self.few_answers, |n| n < LARGEST);
    }
}
