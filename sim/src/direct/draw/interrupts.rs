// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Causes, and what software changes beside them.

use super::super::profile::{Feature, Kind};
use super::super::shape::any_size;
use super::super::soft::Soft;
use super::{Draw, entry, read, write};
use rand::RngExt;
use vectors::op::{Op, Source};

impl Draw<'_> {
    /// Operations of sources and events; none: the kind is another group's.
    pub(super) fn interrupts(&mut self, kind: Kind, on: bool, soft: &Soft) -> Option<Vec<Op>> {
        Some(match kind {
            Kind::Cause => vec![self.cause(soft)],
            Kind::Aimed => {
                let s = self.connected(soft).filter(|s| !matches!(s, Source::Msi(_)));
                let s = s.unwrap_or_else(|| self.source(soft));
                let mut ops = Vec::new();
                for _ in 0..self.rng.random_range(1..3) {
                    ops.push(Op::CauseIn { at: s, ticks: self.rng.random_range(0..=self.profile.aim) });
                }
                ops.sort_by_key(|op| if let Op::CauseIn { ticks, .. } = op { *ticks } else { 0 });
                ops.push(self.beside(s, soft));
                ops
            }
            Kind::Range => vec![Op::CauseRange { range: self.range(soft) }],
            Kind::Withdraw => vec![Op::Withdraw { at: self.source(soft) }],
            Kind::Doorbell => {
                let at = if self.has(Feature::Events) && self.rng.random_range(0..4) == 0 {
                    Source::Event(any_size(&mut self.rng, 64))
                } else {
                    self.source(soft)
                };
                let withdraw = self.rng.random_range(0..8) == 0;
                let count = 1 + any_size(&mut self.rng, 62);
                vec![Op::Doorbell { at, count, record: on && !withdraw, withdraw }]
            }
            Kind::Sweep => vec![Op::Sweep { range: self.range(soft) }],
            Kind::Mask => match self.connected(soft) {
                Some(at) if on => vec![Op::Mask { at }],
                Some(at) => vec![Op::Unmask { at }],
                None => Vec::new(),
            },
            Kind::RawMask => {
                let at = self.connected(soft).and_then(|s| entry(s, 3));
                at.map(|at| vec![write(at, u64::from(on))]).unwrap_or_default()
            }
            Kind::FunctionMask => vec![Op::FunctionMask(on.into())],
            Kind::Enable => vec![Op::MsixEnableBit(on.into())],
            Kind::Master => vec![Op::BusMaster(on.into())],
            Kind::Memory => vec![Op::MemoryEnable(false), self.cause(soft), Op::MemoryEnable(true)],
            Kind::Connect => {
                let at = self.source(soft);
                vec![Op::Connect { at, to: self.fresh(), masked: self.rng.random_range(0..4) == 0 }]
            }
            Kind::Disconnect => {
                let at = self.connected(soft);
                at.map(|at| vec![Op::Settle, Op::Disconnect { at }]).unwrap_or_default()
            }
            Kind::Retarget => {
                let (to, by) = (self.fresh(), self.by());
                self.connected(soft).map(|at| vec![Op::Retarget { at, to, by }]).unwrap_or_default()
            }
            Kind::Message => {
                let Some(at) = self.connected(soft) else { return Some(Vec::new()) };
                let (address, data) =
                    (0x5_0000_0000 | u64::from(self.rng.random_range(0..256u32)) << 4, self.rng.random());
                let mut ops = vec![Op::Mask { at }, Op::Message { at, address, data, control: None }];
                ops.extend([Op::Unmask { at }, Op::Cause { at, times: 1, gap: 0 }, Op::Settle]);
                ops.push(Op::Connect { at, to: self.fresh(), masked: false });
                ops
            }
            Kind::Event if self.has(Feature::Events) => {
                let at = Source::Event(any_size(&mut self.rng, 64));
                let clear = write("ev_status_lo".into(), 0xffff_ffff);
                let mut ops = vec![Op::Cause { at, times: 1 + any_size(&mut self.rng, 15), gap: u64::from(on) }];
                if on {
                    ops.extend([Op::Wait(64), clear, write("ev_status_hi".into(), 0xffff_ffff)]);
                }
                ops
            }
            Kind::EventSetting if self.has(Feature::Events) => {
                let vector = any_size(&mut self.rng, 64);
                let frames = if on { any_size(&mut self.rng, 255) } else { 0 };
                let time = if self.rng.random() { 0 } else { self.rng.random_range(1..5u64) };
                let vectors = [1, 1 + any_size(&mut self.rng, 63), 65][self.rng.random_range(0..3usize)];
                vec![
                    write("ev_vectors".into(), vectors.into()),
                    read("ev_vectors".into(), 4),
                    write(format!("ev_coal+{:#x}", 4 * vector), u64::from(frames) | time << 16),
                    read(format!("ev_coal+{:#x}", 4 * vector), 4),
                ]
            }
            _ => return None,
        })
    }
}
