// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Sources: their targets, their masks, their causes.

use super::{Conn, LONG, Soft};
use vectors::op::{Op, Range, Retarget, Source, Target};

impl Soft {
    /// Rules of sources and of causes.
    pub(super) fn sources(&mut self, op: &Op) -> Option<bool> {
        Some(match op {
            Op::Connect { at, to, masked } => {
                let host = !matches!(at, Source::Host(_)) || self.master && self.idle();
                let again = !self.conns.contains_key(at) || self.settled;
                let ok = self.reachable() && self.exists(*at) && host && again && self.target(*to);
                if ok {
                    self.conns.insert(*at, Conn { masked: *masked, custom: false });
                    self.noise();
                }
                ok
            }
            Op::Disconnect { at } => {
                let host = !matches!(at, Source::Host(_)) || self.master && self.idle();
                let ok = self.reachable() && self.settled && host && self.conns.remove(at).is_some();
                if ok {
                    self.noise();
                }
                ok
            }
            Op::Retarget { at, to, by } => self.retarget(*at, *to, *by),
            Op::Mask { at } | Op::Unmask { at } => {
                let host = !matches!(at, Source::Host(_)) || self.master && self.idle();
                let (reachable, on) = (self.reachable() && host, matches!(op, Op::Mask { .. }));
                let Some(c) = self.conns.get_mut(at).filter(|_| reachable) else {
                    // A slot that nobody uses may be masked once more.
                    return Some(reachable && on && matches!(at, Source::Device(k) if *k < self.sizes[1]));
                };
                c.masked = on;
                self.noise();
                true
            }
            Op::Message { at, address, .. } => {
                let open = self.is_open(*at);
                let reachable = self.reachable() && address >> 32 != 0;
                let ok = reachable && !open && matches!(at, Source::Msix(_) | Source::Device(_));
                let Some(c) = self.conns.get_mut(at).filter(|c| ok && c.masked) else { return Some(false) };
                c.custom = true;
                true
            }
            Op::Cause { at, times, gap } => {
                self.noise();
                self.may_fetch(*at, 1);
                self.enumerated && !matches!(at, Source::Msi(_)) && u64::from(*times) * (gap + 1) < 5_000
            }
            Op::CauseIn { at, ticks } => {
                self.noise();
                self.may_fetch(*at, 1);
                self.late_event |= matches!(at, Source::Event(_));
                self.enumerated && !matches!(at, Source::Msi(_)) && *ticks < 2_000
            }
            Op::CauseRange { range } => {
                self.noise();
                self.may_fetch(range.first, range.count);
                self.enumerated && is_range(range)
            }
            Op::Withdraw { at } => self.enumerated && !matches!(at, Source::Msi(_)),
            Op::Doorbell { at, count, record, .. } => {
                self.noise();
                self.may_fetch(*at, 1);
                let ok = self.free() && !matches!(at, Source::Msi(_)) && *count <= 63 && (!record || self.master);
                self.ringing |= ok;
                self.recording |= ok && *record;
                ok
            }
            Op::Sweep { range } => {
                // The function does one thing at a time and ignores a sweep meanwhile.
                let quiet = self.reachable() && self.idle() && !self.ringing;
                let ok = quiet && is_range(range);
                if ok {
                    self.noise();
                    self.may_fetch(range.first, range.count);
                    self.busy = LONG;
                }
                ok
            }
            _ => return None,
        })
    }

    pub(super) fn retarget(&mut self, at: Source, to: Target, by: Retarget) -> bool {
        let host = !matches!(at, Source::Host(_)) || self.master && self.idle();
        let Some(c) = self.conns.get(&at).copied() else { return false };
        let ok = self.reachable()
            && host
            && at.vf().is_none()
            && !c.custom
            && match by {
                Retarget::Entry | Retarget::EntryUnflushed => self.remap,
                Retarget::Message => !matches!(at, Source::Msi(_)),
                Retarget::MessageUnmasked => false,
            };
        if !ok || !self.target(to) {
            return false;
        }
        if by == Retarget::Message {
            self.conns.insert(at, Conn { masked: false, custom: false });
        }
        self.noise();
        true
    }
}

/// Sources in a row that a cause or a sweep can name; a virtual function has 64 of each kind.
fn is_range(range: &Range) -> bool {
    let ends = match range.first {
        Source::VfMsix { k, .. } | Source::VfDevice { k, .. } => k + range.count <= 64,
        Source::Msi(_) => false,
        _ => true,
    };
    ends && (1..=256).contains(&range.count)
}
