// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The device reads only its slots, whole, and never reuses a tag in flight.

use super::ats::Meaning;
use super::{Law, Report, Upstream};
use crate::bench::decode::Decoded;
use crate::shadow::Shadow;
use std::collections::BTreeMap;
use tlp::Tick;

/// Ticks for which the tag of a read without answer is taken: the shortest completion timeout, and then as long again
/// (data sheet §3, §6).
const QUARANTINE: Tick = 2 << 14;

/// Reads of the device that are not yet answered.
#[derive(Clone, Default)]
pub struct Reads {
    outstanding: BTreeMap<u16, (Tick, u64)>,
}

impl Reads {
    /// A completion for `tag` was sent down and is the last of its request.
    pub fn answered(&mut self, tag: u16) {
        self.outstanding.remove(&tag);
    }

    /// Address of the read outstanding under `tag`.
    pub fn address(&self, tag: u16) -> Option<u64> {
        self.outstanding.get(&tag).map(|(_, a)| *a)
    }

    /// A reset forgets them.
    pub fn forget(&mut self) {
        self.outstanding.clear();
    }
}

impl Law for Reads {
    fn upstream(&mut self, up: &Upstream<'_>, shadow: &mut Shadow, report: &mut Report) {
        let means = match *up.decoded {
            Decoded::Memory { write: false, address, .. } => Some(Meaning::Slot(address)),
            _ => None,
        };
        self.judge(up, means, shadow, report);
    }
}

impl Reads {
    /// Judges one upstream packet; `means`: the slot that it reads, if it reads one.
    pub fn judge(&mut self, up: &Upstream<'_>, means: Option<Meaning>, shadow: &mut Shadow, report: &mut Report) {
        let Decoded::Memory { write: false, address, be, .. } = *up.decoded else { return };
        let tag = up.common.tag;
        let free = self.outstanding.get(&tag).is_none_or(|(since, _)| up.tick - since >= QUARANTINE);
        report.require("tag_reused", up.tick, free, || {
            format!("tag {tag:#x} is still outstanding, or rests after its timeout [2.2.6.2]")
        });
        self.outstanding.insert(tag, (up.tick, address));
        // The engine's reads, and questions for translations, are judged elsewhere.
        let Some(Meaning::Slot(address)) = means else { return };
        report.require("pasid_prefix", up.tick, up.packet.prefix.is_none(), || {
            format!("the read of a slot at {address:#x} has a prefix")
        });
        let end = shadow.host_base + 16 * u64::from(shadow.host_slots);
        let flushed = shadow.flushed;
        let on = shadow.host_enabled.perhaps(flushed, |e| *e);
        let within = on && (shadow.host_base..end).contains(&address);
        report.require("stray_read", up.tick, within, || {
            format!(
                "read at {address:#x}; the host store is {} {:#x}..{end:#x}",
                if on { "at" } else { "off, was at" },
                shadow.host_base
            )
        });
        let whole = up.common.length == 4 && address % 16 == 0 && be == (0xf, 0xf);
        report.require("torn_slot_read", up.tick, whole, || {
            format!(
                "slot read of {} words at {address:#x}, byte enables {be:?}: not one aligned 16-byte read",
                up.common.length
            )
        });
    }
}
