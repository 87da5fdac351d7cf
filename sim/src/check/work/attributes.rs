// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What requests of the engine must carry beside address and data [data sheet 14].

use super::job::Job;
use super::{Report, Upstream};
use crate::shadow::Shadow;

/// Attributes that data of this job must carry.
pub(super) fn wanted(job: &Job, shadow: &Shadow) -> u8 {
    let (ido, relaxed) = job.attributes;
    u8::from(ido && shadow.config.ido_requests()) << 2 | u8::from(relaxed && shadow.config.relaxed_ordering()) << 1
}

/// Prefix and attributes of a request of the engine.
pub(super) fn look_at_request(up: &Upstream<'_>, pasid: Option<u32>, attr: u8, report: &mut Report) {
    let wanted = pasid.map(|p| 0x91 << 24 | p);
    let prefix = up.packet.prefix;
    report.require("pasid_prefix", up.tick, prefix == wanted, || {
        format!("a request of the engine has prefix {prefix:x?}, must have {wanted:x?}")
    });
    let c = up.common;
    let plain = c.attr == attr && c.tc == 0 && c.at == 0 && !c.th && !c.ep;
    report.require("dma_attributes", up.tick, plain, || {
        format!("attributes {:03b}, must be {attr:03b}; TC {}, AT {}, TH {}, EP {}", c.attr, c.tc, c.at, c.th, c.ep)
    });
}
