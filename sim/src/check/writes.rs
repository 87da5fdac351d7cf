// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The device writes only where it was told to.

use super::Report;
use crate::shadow::Shadow;
use tlp::Tick;
use vectors::op::Source;

/// What a write of the device, other than a message, was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A completion record of this source.
    Record(Source),
    /// The completion word of an invalidation.
    Done(u32),
    /// Nothing that anybody asked for.
    None,
}

/// Last word of a record.
const RECORD_MAGIC: u32 = 0xc0de_0001;

/// Finds what an upstream write that is no message was for; reports one without purpose.
pub fn purpose(tick: Tick, address: u64, data: &[u32], shadow: &Shadow, report: &mut Report) -> Purpose {
    let ring = 16u64 << shadow.record_order;
    if shadow.record_base != 0
        && (shadow.record_base..shadow.record_base + ring).contains(&address)
        && address.is_multiple_of(16)
        && data.len() == 4
        && data[3] == RECORD_MAGIC
        && let Some(store) = tlp::Store::from_code(data[1] >> 20)
    {
        report.look("stray_write");
        return Purpose::Record(crate::shadow::source(store, data[1] & 0xf_ffff));
    }
    if shadow.done_address != 0 && address == shadow.done_address && data.len() == 1 {
        report.look("stray_write");
        return Purpose::Done(data[0]);
    }
    report.require("stray_write", tick, false, || {
        format!("{} words written to {address:#x}, where nothing was asked for", data.len())
    });
    Purpose::None
}
