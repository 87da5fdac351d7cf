// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rules of sources: which there are, which may be named where.

use super::{Checker, EVENTS, INDEX_LIMIT, MSI_VECTORS, Outcome, VF_SOURCES};
use crate::op::{Range, Source};

impl Checker {
    /// A source that the cause port can name, whether it exists or not.
    pub(super) fn named(&mut self, source: &Source) -> Outcome {
        if source.vf().is_some() {
            return self.existing(source);
        }
        let (key, index, _) = self.store(source);
        self.key(key, |c| c.within(index.into(), 0, u64::from(INDEX_LIMIT - 1)))
    }

    /// A source that this build of the device has.
    pub(super) fn existing(&mut self, source: &Source) -> Outcome {
        let (key, index, size) = self.store(source);
        self.key(key, |c| match source.vf() {
            Some(vf) => {
                c.virtual_function(vf)?;
                c.key("k", |c| c.within(index.into(), 0, u64::from(size - 1)))
            }
            None => c.within(index.into(), 0, u64::from(size - 1)),
        })
    }

    /// A virtual function that this build of the device has, whether it is enabled or not.
    pub(super) fn virtual_function(&mut self, vf: u32) -> Outcome {
        self.key("vf", |c| {
            c.ensure(vf < c.vfs, || format!("{vf}: the device has {} virtual function(s), counted from 0", c.vfs))
        })
    }

    pub(super) fn of_function(&mut self, vf: Option<u32>) -> Outcome {
        vf.map_or(Ok(()), |vf| self.virtual_function(vf))
    }

    /// A range of whole pages, aligned to its size.
    pub(super) fn pages(&mut self, at: u64, bytes: u32) -> Outcome {
        self.key("bytes", |c| {
            c.ensure(bytes.is_power_of_two() && bytes >= 0x1000, || format!("{bytes} is no power of two from 4096 on"))
        })?;
        self.key("at", |c| {
            c.ensure(at.is_multiple_of(u64::from(bytes)), || format!("{at:#x} is not a multiple of {bytes}"))
        })
    }

    pub(super) fn store(&self, source: &Source) -> (&'static str, u32, u32) {
        match *source {
            Source::Msix(index) => ("msix", index, self.msix.max(1)),
            Source::Device(index) => ("device", index, self.device.max(1)),
            Source::Host(index) => ("host", index, self.host.max(1)),
            Source::Event(index) => ("event", index, EVENTS),
            Source::Msi(index) => ("msi", index, MSI_VECTORS),
            Source::VfMsix { k, .. } => ("vf_msix", k, VF_SOURCES),
            Source::VfDevice { k, .. } => ("vf_device", k, VF_SOURCES),
        }
    }

    pub(super) fn at(&mut self, source: &Source) -> Outcome {
        self.key("at", |c| c.existing(source))
    }

    pub(super) fn at_named(&mut self, source: &Source) -> Outcome {
        self.key("at", |c| c.named(source))
    }

    /// A source that has a message.
    pub(super) fn signalling(&mut self, source: &Source) -> Outcome {
        self.at(source)?;
        self.ensure(!matches!(source, Source::Event(_)), || "an event has no message of its own".to_owned())
    }

    /// A source that cause port and doorbell can name.
    pub(super) fn raisable(&self, source: &Source) -> Outcome {
        self.ensure(!matches!(source, Source::Msi(_)), || "MSI vectors are raised by events".to_owned())
    }

    pub(super) fn range(&mut self, range: &Range) -> Outcome {
        self.key("first", |c| c.existing(&range.first))?;
        self.room(range, self.store(&range.first).2)
    }

    pub(super) fn named_range(&mut self, range: &Range) -> Outcome {
        self.key("first", |c| {
            c.raisable(&range.first)?;
            c.named(&range.first)
        })?;
        self.room(range, if range.first.vf().is_some() { VF_SOURCES } else { INDEX_LIMIT })
    }

    pub(super) fn room(&mut self, range: &Range, size: u32) -> Outcome {
        let (_, first, _) = self.store(&range.first);
        self.key("count", |c| c.within(range.count.into(), 1, u64::from(size - first)))
    }
}
