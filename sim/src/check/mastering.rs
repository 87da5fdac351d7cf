// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A function that may not master the bus sends no memory request [PCIe Base 7.5.1.1.3, 5.3.1.4].

use super::{Law, Report, Upstream};
use crate::bench::decode::Decoded;
use crate::shadow::{Shadow, Who};

/// No memory request once Bus Master Enable = 0 or D3hot is known to be in force.
pub struct Mastering;

impl Law for Mastering {
    fn upstream(&mut self, up: &Upstream<'_>, shadow: &mut Shadow, report: &mut Report) {
        if let Decoded::Memory { address, write, requester, .. } = *up.decoded {
            let who = shadow.speaker(requester).unwrap_or(Who::Physical);
            // What a function that is gone sends has a name of its own.
            let gone = matches!(who, Who::Virtual(n) if !shadow.perhaps_there(n));
            report.require("mastering_disabled", up.tick, gone || shadow.may_send(who), || {
                let what = if write { "write" } else { "read" };
                format!("memory {what} at {address:#x} although Bus Master Enable is 0 or the function is in D3hot, read back")
            });
        }
    }
}
