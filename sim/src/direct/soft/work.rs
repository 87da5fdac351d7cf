// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Queues, work, handles, the registers of pci_endpoint_test.

use super::{OUTSTANDING, Soft, WorkQueue};
use vectors::op::{Op, Source, Submit};

/// An interrupt handle.
#[derive(Clone, Copy, Debug)]
pub struct Handle {
    /// It holds: nothing has revoked it.
    pub held: bool,
    /// It names a device slot, whose own control word counts.
    device: bool,
    ignore: bool,
    pasid: Option<u32>,
}

impl Handle {
    /// Whether work of a queue with this PASID is not refused for it (data sheet §13): a device slot refuses the cause
    /// alone, and later.
    pub fn lets(&self, asks: Option<u32>) -> bool {
        self.device || self.ignore || self.pasid == asks
    }
}

impl Soft {
    /// Rules of work.
    pub(super) fn work(&mut self, op: &Op) -> Option<bool> {
        Some(match op {
            Op::Pasid(on) => {
                let ok = self.enumerated && !self.d3 && !self.working() && self.queues.is_empty();
                if ok {
                    self.pasid = *on;
                }
                ok
            }
            Op::Queue(setup) => {
                let fits = self.pasid || setup.pasid.is_none();
                let fits = fits && !self.few_posted && setup.sq >= 4 && setup.cq >= 4;
                let ok = self.free() && fits && !self.queues.contains_key(&setup.q);
                if ok {
                    self.queues.insert(setup.q, WorkQueue { setup: setup.clone(), outstanding: 0, by_handle: false });
                }
                ok
            }
            Op::QueueOff { q, no_wait } => {
                let ok = self.free() && !no_wait && self.queues.get(q).is_some_and(|q| q.outstanding == 0);
                if ok {
                    self.queues.remove(q);
                }
                ok
            }
            Op::Submit(w) => self.submit(w),
            Op::Consume { q, count, status, keep } => {
                let plain = count.is_none() && *status == 1 && !keep;
                let free = self.free();
                let Some(q) = self.queues.get_mut(q).filter(|_| plain && free) else { return Some(false) };
                (q.outstanding, q.by_handle) = (0, false);
                true
            }
            Op::Handle { id, at, expect, pasid, ignore } => {
                let ok = self.free()
                    && expect.is_none()
                    && (self.pasid || pasid.is_none())
                    && self.exists_in_device(*at)
                    && !self.handles.contains_key(id);
                if ok {
                    let device = matches!(at, Source::Device(_));
                    self.handles.insert(*id, Handle { held: true, device, ignore: *ignore, pasid: *pasid });
                    if let Source::Host(k) = at {
                        self.handled = self.handled.max(k + 1);
                    }
                }
                ok
            }
            Op::RevokeHandles => {
                // Work under way may then be refused, which only the work storm can follow.
                let used = self.queues.values().any(|q| q.by_handle);
                let ok = self.free() && !used && !self.handles.is_empty();
                if ok {
                    self.handles.values_mut().for_each(|h| h.held = false);
                }
                ok
            }
            Op::RenewHandles => {
                let revoked = self.handles.values().any(|h| !h.held);
                // One for a slot is refused while the store has no such slot.
                let ok = self.free() && revoked && self.handled <= self.host.unwrap_or(0);
                if ok {
                    self.handles.values_mut().for_each(|h| h.held = true);
                }
                ok
            }
            Op::EndpointTest { msix, fails, .. } => {
                let ok = self.free() && !fails && !self.working() && !self.few_posted && self.msix.is_some();
                if ok {
                    self.noise();
                }
                ok && msix.is_none_or(|k| self.is_open(Source::Msix(k)))
            }
            _ => return None,
        })
    }

    pub(super) fn submit(&mut self, w: &Submit) -> bool {
        let free = self.free();
        let plain = w.source.is_none() && w.destination.is_none() && w.raw_handle.is_none() && !w.no_ring;
        let asks = self.queues.get(&w.q).and_then(|q| q.setup.pasid);
        let held = w.handle.is_none_or(|id| self.handles.get(&id).is_some_and(|h| h.held && h.lets(asks)));
        let known = matches!(w.work, vectors::op::Work::Nop) || (1..=65_536).contains(&w.size);
        let known = known && !matches!(w.work, vectors::op::Work::Opcode(_));
        let Some(q) = self.queues.get_mut(&w.q).filter(|_| free && plain && held && known) else { return false };
        if q.outstanding + w.times > OUTSTANDING {
            return false;
        }
        q.outstanding += w.times;
        q.by_handle |= w.handle.is_some();
        self.noise();
        true
    }

    pub(super) fn exists_in_device(&self, s: Source) -> bool {
        match s {
            Source::Msix(k) => k < self.sizes[0],
            Source::Device(k) => k < self.sizes[1],
            Source::Host(k) => self.host.is_some_and(|n| k < n),
            _ => false,
        }
    }
}
