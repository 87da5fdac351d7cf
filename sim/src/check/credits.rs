// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The device never sends beyond the credits that it was given [PCIe Base 2.6].

use super::{Law, Report, Upstream};
use crate::bench::decode::Class;
use crate::shadow::Shadow;

/// Credits used and granted so far, counted without wrapping, per class: headers and data units of 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Headers.
    pub headers: u64,
    /// Data units.
    pub data: u64,
}

/// The credit books of the link partner.
#[derive(Clone, Default)]
pub struct CreditBook {
    /// Used, by class: posted, non-posted, completion.
    pub used: [Count; 3],
    /// Granted, headers then data; `None` is infinite.
    pub granted: [(Option<u64>, Option<u64>); 3],
}

impl CreditBook {
    /// Everything starts anew with a conventional reset.
    pub fn restart(&mut self) {
        self.used = Default::default();
    }
}

impl Law for CreditBook {
    fn upstream(&mut self, up: &Upstream<'_>, _: &mut Shadow, report: &mut Report) {
        let k = match up.decoded.class() {
            Class::Posted => 0,
            Class::NonPosted => 1,
            Class::Completion => 2,
        };
        self.used[k].headers += 1;
        // The digest takes no data credit [2.6.1].
        let payload = up.packet.data.len().saturating_sub(usize::from(up.common.td)) as u64;
        self.used[k].data += payload.div_ceil(4);
        let (used, granted) = (self.used[k], self.granted[k]);
        let within = granted.0.is_none_or(|g| used.headers <= g) && granted.1.is_none_or(|g| used.data <= g);
        report.require("credits_overrun", up.tick, within, || {
            format!("{:?}: {used:?} used, {granted:?} granted", up.decoded.class())
        });
    }
}
