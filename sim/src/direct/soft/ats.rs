// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Address translation of slot fetches. What is mapped leads to itself, so that software and device mean the same
//! places whatever the device holds.

use super::Soft;
use crate::bench::machine::SLOTS;
use std::collections::BTreeSet;
use vectors::op::{Op, Source};

/// Bytes of the smallest page.
pub const PAGE: u64 = 0x1000;
/// Invalidate Requests that the device can queue (data sheet §17).
const DEPTH: u32 = 4;
/// Bytes that the host store of a sequence has at the most.
const REACH: u64 = 0x4_0000;

/// A page that leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Torn {
    /// Causes of its slots may come.
    Open(u64),
    /// It is mapped again; the device must be told.
    Mapped,
}

/// Translation as software has it.
#[derive(Clone, Debug, Default)]
pub struct Services {
    /// They are on.
    pub on: bool,
    /// Invalidate Requests that nobody has waited for.
    pub waiting: u32,
    /// Pages that are mapped; none: every address leads to itself.
    pub mapped: BTreeSet<u64>,
    torn: Option<Torn>,
}

/// Page of a host slot.
pub fn page_of(slot: u32) -> u64 {
    (SLOTS + 16 * u64::from(slot)) & !(PAGE - 1)
}

impl Services {
    /// What a reset leaves: the host's map.
    pub(super) fn after_reset(&self) -> Self {
        Self { mapped: self.mapped.clone(), ..Self::default() }
    }

    /// Whether every slot of a store leads somewhere.
    pub(super) fn reach(&self, slots: u32) -> bool {
        self.mapped.is_empty() || (0..slots).step_by(256).all(|k| self.mapped.contains(&page_of(k)))
    }

    /// What a torn page allows; none: nothing is torn.
    pub(super) fn torn(&self, op: &Op) -> Option<bool> {
        let torn = self.torn?;
        Some(match (torn, op) {
            (_, Op::Reset(_) | Op::Wait(_)) => true,
            (Torn::Open(page), Op::Cause { at: Source::Host(k), .. }) => page_of(*k) == page,
            (Torn::Open(page), Op::Map { at, .. }) => *at == page,
            (Torn::Mapped, Op::AtsInvalidate { no_wait, at, .. }) => !no_wait && at.is_none(),
            _ => false,
        })
    }
}

impl Soft {
    /// Rules of address translation.
    pub(super) fn translation(&mut self, op: &Op) -> Option<bool> {
        let (free, idle, reachable) = (self.free(), self.idle(), self.reachable());
        let s = &mut self.services;
        Some(match op {
            Op::Ats(on) => {
                let ok = free && idle && s.on != *on;
                if ok {
                    s.on = *on;
                    self.fetched_anew();
                }
                ok
            }
            Op::Map { at, to, bytes, unreadable, untranslated } => {
                let end = at + u64::from(*bytes);
                let torn = matches!(s.torn, Some(Torn::Open(_)));
                let page = torn && u64::from(*bytes) == PAGE && !untranslated;
                let early = s.torn.is_none() && !s.on && self.host.is_none();
                let within = (SLOTS..SLOTS + REACH).contains(at) && end <= SLOTS + REACH;
                let ok = at == to && !unreadable && within && (page || early);
                if ok {
                    s.mapped.extend((*at..end).step_by(PAGE as usize));
                    s.torn = torn.then_some(Torn::Mapped);
                }
                ok
            }
            Op::Unmap { at, bytes } => {
                let quiet = free && idle && self.settled && self.host.is_some() && s.on;
                let ok = quiet && u64::from(*bytes) == PAGE && s.mapped.remove(at);
                if ok {
                    s.torn = Some(Torn::Open(*at));
                }
                ok
            }
            Op::AtsInvalidate { no_wait, .. } => {
                // As with a command: whether it meets a fetch that goes wrong must not be open.
                let ok = reachable && s.waiting < DEPTH && (idle || !self.parked);
                if ok {
                    s.waiting = if *no_wait { s.waiting + 1 } else { 0 };
                    s.torn = None;
                    // What was fetched may be fetched once more.
                    self.fetching = self.fetching.saturating_mul(2);
                    self.fetched_anew();
                    self.noise();
                }
                ok
            }
            _ => return None,
        })
    }
}
