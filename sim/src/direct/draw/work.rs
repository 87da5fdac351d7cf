// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Work queues, handles, the endpoint test registers.

use super::super::profile::{Feature, Kind};
use super::super::shape::any_size;
use super::super::soft::Soft;
use super::Draw;
use rand::RngExt;
use vectors::op::{Op, QueueSetup, Submit, TestDo, Work};

impl Draw<'_> {
    /// Operations of work; none: the kind is another group's.
    pub(super) fn work(&mut self, kind: Kind, on: bool, soft: &Soft) -> Option<Vec<Op>> {
        Some(match kind {
            Kind::Queue if self.has(Feature::Work) => {
                let q = any_size(&mut self.rng, 63);
                let pasid = soft.pasid.then(|| self.rng.random_range(0..0x10_0000)).filter(|_| on);
                let mut ops = Vec::new();
                if !soft.pasid && soft.queues.is_empty() && on {
                    ops.push(Op::Pasid(true));
                }
                let (relaxed, portal) = (self.rng.random(), self.rng.random());
                ops.push(Op::Queue(QueueSetup { q, sq: 4, cq: 4, pasid, relaxed, ido: false, portal }));
                ops
            }
            Kind::Submit if self.has(Feature::Work) => self.submit(soft),
            Kind::Consume if self.has(Feature::Work) => {
                let busy: Vec<u32> = soft.queues.keys().copied().collect();
                let Some(q) = busy.get(self.rng.random_range(0..busy.len().max(1))).copied() else {
                    return Some(Vec::new());
                };
                vec![Op::Consume { q, count: None, status: 1, keep: false }]
            }
            Kind::Handle if self.has(Feature::Work) => {
                self.queues += 1;
                let at = self.source(soft);
                let pasid = (soft.pasid && on).then(|| self.rng.random_range(0..0x10_0000));
                // A queue without PASID must be allowed to use it.
                vec![Op::Handle { id: self.queues, at, ignore: pasid.is_none() && on, pasid: None, expect: None }]
            }
            Kind::Revoke if self.has(Feature::Work) => vec![Op::RevokeHandles, Op::RenewHandles],
            Kind::EndpointTest if self.has(Feature::Work) => {
                let run = [TestDo::Read, TestDo::Write, TestDo::Copy][self.rng.random_range(0..3usize)];
                vec![
                    Op::Settle,
                    Op::EndpointTest {
                        run,
                        size: 1 + any_size(&mut self.rng, 1023),
                        msix: None,
                        msi: None,
                        intx: false,
                        fails: false,
                    },
                ]
            }
            _ => return None,
        })
    }

    fn submit(&mut self, soft: &Soft) -> Vec<Op> {
        let busy: Vec<u32> = soft.queues.keys().copied().collect();
        let Some(q) = busy.get(self.rng.random_range(0..busy.len().max(1))).copied() else { return Vec::new() };
        let work = [Work::Nop, Work::Fill, Work::Copy, Work::Checksum][self.rng.random_range(0..4usize)];
        let size = if work == Work::Nop { 0 } else { 1 + any_size(&mut self.rng, 4999) };
        // A handle that a PASID may not use would fail the work; queues without PASID are privileged.
        let plain = soft.queues.get(&q).is_some_and(|q| q.setup.pasid.is_none());
        let held: Vec<u32> = soft.handles.iter().filter(|(_, h)| h.held && h.lets(None)).map(|(id, _)| *id).collect();
        let handle = held.get(self.rng.random_range(0..held.len().max(1))).copied();
        let handle = handle.filter(|_| plain && self.rng.random());
        let event = handle.is_none() && self.has(Feature::Events) && self.rng.random();
        let (times, fence) = (self.rng.random_range(1..4), self.rng.random_range(0..4) == 0);
        vec![Op::Submit(Submit { q, work, size, times, handle, event, fence, ..Submit::default() })]
    }
}
