// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Slots in host memory: invalidations, translation, fetches that go wrong.

use super::super::profile::{Feature, Kind};
use super::super::shape::any_size;
use super::super::soft::Soft;
use super::super::soft::ats::page_of;
use super::Draw;
use rand::RngExt;
use vectors::op::{Op, ReadFault, Source};

impl Draw<'_> {
    /// Operations of the host store; none: the kind is another group's.
    pub(super) fn stores(&mut self, kind: Kind, on: bool, soft: &Soft) -> Option<Vec<Op>> {
        Some(match kind {
            Kind::Invalidate => {
                let index = any_size(&mut self.rng, soft.host.unwrap_or(1) - 1);
                let order = self.rng.random_range(0..24);
                vec![Op::Invalidate { index, order, notify: on, no_wait: self.rng.random_range(0..4) == 0 }]
            }
            Kind::Translation if self.has(Feature::Translation) && soft.host.is_some() => {
                if self.rng.random_range(0..4) == 0 {
                    return Some(vec![Op::Ats(!soft.services.on)]);
                }
                let page = any_size(&mut self.rng, soft.host.unwrap_or(1) / 256);
                let (at, bytes) = match self.rng.random_range(0..3) {
                    0 => (None, 0x1000),
                    1 => (Some(page_of(256 * page)), 0x1000),
                    _ => (Some(page_of(0)), 0x8000),
                };
                vec![Op::AtsInvalidate { at, bytes, no_wait: on }]
            }
            Kind::HostStore => {
                let mut ops = vec![Op::Settle, Op::HostStoreOff];
                ops.push(Op::HostStore { slots: self.shape.slots.max(64), base: None });
                let hot: Vec<Source> =
                    self.shape.sources.iter().copied().filter(|s| matches!(s, Source::Host(_))).collect();
                ops.extend(hot.into_iter().map(|at| Op::Connect { at, to: self.fresh(), masked: false }));
                ops
            }
            Kind::Fault if self.has(Feature::Errors) => {
                let all: Vec<Source> = soft.conns.keys().copied().filter(|s| matches!(s, Source::Host(_))).collect();
                let Some(at) = all.get(self.rng.random_range(0..all.len().max(1))).copied() else {
                    return Some(Vec::new());
                };
                let Source::Host(index) = at else { return Some(Vec::new()) };
                let how =
                    [ReadFault::Ur, ReadFault::Ca, ReadFault::Poison, ReadFault::Short, ReadFault::ReservedStatus]
                        [self.rng.random_range(0..5usize)];
                let forget = |order| Op::Invalidate { index, order, notify: false, no_wait: false };
                vec![
                    Op::Settle,
                    forget(0),
                    Op::Settle,
                    Op::FailReads { how, times: 1, at: Some(at), ring: None, range: None },
                    Op::Cause { at, times: 1, gap: 0 },
                    Op::Wait(1000),
                    forget(20),
                ]
            }
            _ => return None,
        })
    }
}
