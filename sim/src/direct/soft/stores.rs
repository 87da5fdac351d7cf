// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where messages are kept: MSI-X, MSI, the host store, remapping below them.

use super::{LONG, Soft};
use vectors::op::{Op, Source};

impl Soft {
    /// Rules of stores.
    pub(super) fn stores(&mut self, op: &Op) -> Option<bool> {
        Some(match op {
            Op::Remapping { eime, compatibility, .. } => {
                let first = !self.remap && self.conns.is_empty() && !(*eime && *compatibility);
                self.remap |= first;
                first
            }
            Op::MsixEnable { vectors } => {
                let ok = self.reachable() && self.msix.is_none() && self.msi.is_none() && *vectors <= self.sizes[0];
                if ok {
                    self.msix = Some(*vectors);
                    (self.enable, self.function_mask) = (true, false);
                    self.conns.retain(|s, _| !matches!(s, Source::Msix(_)));
                }
                ok
            }
            Op::MsixDisable => {
                let ok = self.reachable() && self.msix.take().is_some();
                if ok {
                    (self.enable, self.function_mask) = (false, false);
                    self.conns.retain(|s, _| !matches!(s, Source::Msix(_)));
                }
                ok
            }
            Op::MsiEnable { vectors } => {
                let ok = self.reachable() && self.msix.is_none() && self.msi.is_none() && (1..=32).contains(vectors);
                if ok {
                    self.msi = Some(if self.remap { vectors.next_power_of_two() } else { 1 });
                }
                ok
            }
            Op::MsiDisable => {
                let ok = self.enumerated && !self.d3 && self.msi.take().is_some();
                if ok {
                    self.conns.retain(|s, _| !matches!(s, Source::Msi(_)));
                }
                ok
            }
            Op::HostStore { slots, base } => {
                let fits = *slots <= self.sizes[2] && base.is_none() && self.services.reach(*slots);
                let ok = self.free() && self.host.is_none() && fits;
                if ok {
                    self.host = Some(*slots);
                    // Pending bits outlive the store.
                    self.fetching = self.fetching.saturating_add(self.raised.len() as u32);
                }
                ok
            }
            Op::HostStoreOff => {
                // What waits in slots stays pending; a store that is set up anew has other slots.
                let ok = self.free() && self.idle() && self.host.take().is_some();
                if ok {
                    self.conns.retain(|s, _| !matches!(s, Source::Host(_)));
                }
                ok
            }
            Op::Invalidate { no_wait, order, index, .. } => {
                let ok = self.free() && self.host.is_some() && self.idle() && *order < 32;
                if ok {
                    self.forgotten = Some((*index, *order));
                }
                self.parked &= !(ok && *order >= 20);
                self.fetched_anew();
                if ok && *no_wait {
                    self.commanded = LONG;
                }
                ok
            }
            Op::FailReads { at, ring, range, .. } => {
                // Nothing else may be under way: which fetch it hits, and whether an invalidation meets it, would be open.
                let quiet = self.settled && self.idle() && self.host.is_some() && !self.parked;
                let Some(Source::Host(k)) = at else { return Some(false) };
                let covers = |(first, order): (u32, u8)| order >= 20 || first >> order == k >> order;
                let quiet = quiet && self.forgotten.is_some_and(covers);
                // Where addresses are translated, the translation may be what fails.
                let ok = self.free() && quiet && ring.is_none() && range.is_none() && !self.services.on;
                // Of a closed slot nothing is known to be fetched.
                let ok = ok && self.host.is_some_and(|n| *k < n) && self.is_open(Source::Host(*k));
                if ok {
                    self.doomed = Some(*k);
                }
                ok
            }
            Op::Iec { .. } => self.remap,
            _ => return None,
        })
    }
}
