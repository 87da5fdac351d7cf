// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Interrupts that descriptors ask for, and the handles by which they do [data sheet 13].

use super::Work;
use super::handles::{Meaning, lets, usable};
use super::state::{Lane, Permit};
use crate::shadow::Shadow;
use vectors::op::Source;

impl Work {
    pub(super) fn grant(&mut self, source: Source, pasid: Option<u32>, owed: bool) {
        self.granted.push(source);
        let grants = self.grants.entry(source).or_default();
        if grants.early > 0 {
            grants.early -= 1;
        } else {
            grants.waiting.push_back((pasid, owed));
        }
    }

    /// PASIDs of descriptors under way that may yet raise this source.
    pub(super) fn potential(&self, source: Source) -> Vec<Option<u32>> {
        let mut list: Vec<Option<u32>> = self
            .lanes
            .iter()
            .filter_map(|lane| match lane {
                Lane::Active(job) => Some(job),
                _ => None,
            })
            .filter(|job| job.meanings.iter().flatten().any(|m| m.source == source && usable(m, job.pasid)))
            .map(|job| job.pasid)
            .collect();
        list.extend(self.test.iter().filter(|test| !test.done && test.irq == Some(source)).map(|_| None));
        list
    }

    /// The core took a cause that neither port nor doorbell asked for: whether a queue may have, and how it is
    /// to be treated.
    pub fn cause(&mut self, source: Source, shadow: &mut Shadow) -> Option<Permit> {
        let potential = self.potential(source);
        let grants = self.grants.entry(source).or_default();
        let requesters = if let Some((pasid, _)) = grants.waiting.pop_front() {
            vec![pasid]
        } else if (potential.len() as u64) > grants.early {
            grants.early += 1;
            potential
        } else {
            return None;
        };
        let Source::Device(_) = source else { return Some(Permit::Open) };
        let flushed = shadow.flushed;
        let entry = shadow.entries.entry(source);
        let all = requesters.iter().all(|p| entry.certainly(flushed, |c| lets(c.permission, *p)));
        let some = requesters.iter().any(|p| entry.perhaps(flushed, |c| lets(c.permission, *p)));
        Some(match (all, some) {
            (true, _) => Permit::Open,
            (false, false) => Permit::Refused,
            (false, true) => Permit::Unsure,
        })
    }

    /// A handle is being made invalid (all of them without one); descriptors under way may still see it valid.
    pub fn handle_ending(&mut self, handle: Option<u16>) {
        self.handles.ending(handle);
        for lane in &mut self.lanes {
            if let Lane::Active(job) = lane
                && job.what.handle.is_some_and(|h| handle.is_none_or(|only| only == h))
            {
                job.meanings.push(None);
            }
        }
    }

    /// The device gave this handle.
    pub fn handle_given(&mut self, handle: u16, meaning: Meaning) {
        self.handles.given(handle, meaning);
        for lane in &mut self.lanes {
            if let Lane::Active(job) = lane
                && job.what.handle == Some(handle)
            {
                job.meanings.push(Some(meaning));
            }
        }
    }
}
