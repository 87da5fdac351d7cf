// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Sources, targets and what may happen beside a cause, as chance gives them.

use super::super::profile::Feature;
use super::super::shape::{any_size, dealt};
use super::super::soft::Soft;
use super::{Draw, entry, read, write};
use rand::RngExt;
use vectors::op::{Op, Range, Retarget, Source, Target};

impl Draw<'_> {
    pub(super) fn has(&self, f: Feature) -> bool {
        self.on.contains(&f)
    }

    /// A source that is connected, or any other that a cause can name.
    pub(super) fn source(&mut self, soft: &Soft) -> Source {
        let hot = self.rng.random_range(0..100) < self.profile.heat;
        if hot && !self.shape.sources.is_empty() {
            let k = self.rng.random_range(0..self.shape.sources.len());
            let s = self.shape.sources[k];
            if !matches!(s, Source::Msi(_)) {
                return s;
            }
        }
        match self.rng.random_range(0..3) {
            0 => Source::Msix(any_size(&mut self.rng, 2047)),
            1 if self.has(Feature::Device) => Source::Device(any_size(&mut self.rng, 4095)),
            _ => match soft.host {
                Some(n) => Source::Host(any_size(&mut self.rng, n - 1)),
                None => Source::Msix(any_size(&mut self.rng, 2047)),
            },
        }
    }

    pub(super) fn connected(&mut self, soft: &Soft) -> Option<Source> {
        let all: Vec<Source> = soft.conns.keys().copied().collect();
        (!all.is_empty()).then(|| all[self.rng.random_range(0..all.len())])
    }

    pub(super) fn cause(&mut self, soft: &Soft) -> Op {
        let at = if self.has(Feature::Events) && self.rng.random_range(0..6) == 0 {
            Source::Event(any_size(&mut self.rng, 64))
        } else {
            self.source(soft)
        };
        let times = if self.rng.random_range(0..4) == 0 { self.rng.random_range(2..20) } else { 1 };
        Op::Cause { at, times, gap: self.rng.random_range(0..4) }
    }

    pub(super) fn fresh(&mut self) -> Target {
        self.targets += 1;
        dealt(self.shape.host.cpus, self.targets - 1)
    }

    pub(super) fn range(&mut self, soft: &Soft) -> Range {
        let first = self.source(soft);
        Range { first, count: 1 + any_size(&mut self.rng, 95) }
    }

    /// An operation that changes what a cause of `s` meets.
    pub(super) fn beside(&mut self, s: Source, soft: &Soft) -> Op {
        let on: bool = self.rng.random();
        let word = |k| entry(s, k);
        match (self.rng.random_range(0..12), s) {
            (0 | 1, _) if word(3).is_some() => write(word(3).unwrap_or_default(), u64::from(on)),
            (2, _) if on => Op::Mask { at: s },
            (2, _) => Op::Unmask { at: s },
            (3, Source::Msix(_)) => Op::FunctionMask((!soft.function_mask).into()),
            (4, Source::Msix(_)) => Op::MsixEnableBit((!soft.enable).into()),
            (5, _) if word(1).is_some() => write(word(1).unwrap_or_default(), 0),
            (6, _) if word(3).is_some() => read(word(3).unwrap_or_default(), 4),
            (7, _) => Op::BusMaster((!soft.master).into()),
            (8, Source::Host(index)) => {
                Op::Invalidate { index, order: self.rng.random_range(0..21), notify: on, no_wait: false }
            }
            (9, _) if self.has(Feature::Resets) && self.rng.random_range(0..4) == 0 => Op::Flr,
            (10, Source::Host(_)) | (11, _) => Op::Cause { at: s, times: 1, gap: 0 },
            _ => Op::Retarget { at: s, to: self.fresh(), by: self.by() },
        }
    }

    pub(super) fn by(&mut self) -> Retarget {
        [Retarget::Entry, Retarget::EntryUnflushed, Retarget::Message][self.rng.random_range(0..3usize)]
    }
}
