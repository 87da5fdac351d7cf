// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Tags of the host's own non-posted requests [PCIe Base 2.2.6.2].

use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::ChaCha8Rng;
use tlp::Tick;

use super::random::between;

/// How many bits of the tag a requester may use.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum TagWidth {
    /// 32 tags: Extended Tag Enable is 0.
    Five,
    /// 256 tags: Extended Tag Enable is 1.
    #[default]
    Eight,
    /// 768 tags: 10-Bit Tag Requester Enable is 1; Tag\[9:8\] is never 00, so that a
    /// completer that echoes eight bits only is found out.
    Ten,
}

impl TagWidth {
    /// The tags that may be used.
    pub const fn range(self) -> std::ops::RangeInclusive<u16> {
        match self {
            TagWidth::Five => 0..=31,
            TagWidth::Eight => 0..=255,
            TagWidth::Ten => 256..=1023,
        }
    }

    /// Whether a requester that has this width enabled may use `tag`. Eight-bit tags stay
    /// legal beside ten-bit ones, towards completers that know eight bits only.
    pub const fn allows(self, tag: u16) -> bool {
        match self {
            TagWidth::Five => tag <= 31,
            TagWidth::Eight => tag <= 255,
            TagWidth::Ten => tag <= 1023,
        }
    }
}

/// How the next tag is chosen among the free ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TagPolicy {
    /// The lowest free one, so that tags are reused at once.
    #[default]
    Lowest,
    /// Any free one.
    Random,
}

/// Hands out tags and keeps them apart until it is safe to use them again.
#[derive(Clone, Debug)]
pub struct Tags {
    width: TagWidth,
    policy: TagPolicy,
    rng: ChaCha8Rng,
    held: BTreeSet<u16>,
    /// Tags whose request timed out, until the tick at which they may be used again.
    quarantine: BTreeMap<u16, Tick>,
}

impl Tags {
    /// All tags free.
    pub fn new(width: TagWidth, policy: TagPolicy, rng: ChaCha8Rng) -> Self {
        Self { width, policy, rng, held: BTreeSet::new(), quarantine: BTreeMap::new() }
    }

    /// Changes the width for tags given out from now on.
    pub fn set_width(&mut self, width: TagWidth) {
        self.width = width;
    }

    /// Takes a free tag; `None` when all are held or quarantined.
    pub fn take(&mut self, now: Tick) -> Option<u16> {
        self.quarantine.retain(|_, until| *until > now);
        let is_free = |t: &u16| !self.held.contains(t) && !self.quarantine.contains_key(t);
        let tag = match self.policy {
            TagPolicy::Lowest => self.width.range().find(is_free)?,
            TagPolicy::Random => {
                let free: Vec<u16> = self.width.range().filter(is_free).collect();
                let last = free.len().checked_sub(1)?;
                free[between(&mut self.rng, (0, last as u64)) as usize]
            }
        };
        self.held.insert(tag);
        Some(tag)
    }

    /// Takes this very tag for a hand-made request; false when it is not free.
    pub fn claim(&mut self, tag: u16, now: Tick) -> bool {
        self.quarantine.retain(|_, until| *until > now);
        !self.quarantine.contains_key(&tag) && self.held.insert(tag)
    }

    /// Gives a tag back after its last completion.
    pub fn release(&mut self, tag: u16) {
        self.held.remove(&tag);
    }

    /// Gives a tag back without a completion: it is not used again before `until`.
    pub fn abandon(&mut self, tag: u16, until: Tick) {
        if self.held.remove(&tag) {
            self.quarantine.insert(tag, until);
        }
    }

    /// Whether a late completion for this tag may still come.
    pub fn is_quarantined(&self, tag: u16, now: Tick) -> bool {
        self.quarantine.get(&tag).is_some_and(|&until| until > now)
    }

    /// The tick at which the next quarantined tag becomes free.
    pub fn next_due(&self) -> Option<Tick> {
        self.quarantine.values().copied().min()
    }

    /// Forgets everything: the link was reset.
    pub fn clear(&mut self) {
        self.held.clear();
        self.quarantine.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::{Concern, stream};
    use super::*;

    fn tags(width: TagWidth, policy: TagPolicy) -> Tags {
        Tags::new(width, policy, stream(7, Concern::Tags))
    }

    #[test]
    fn every_tag_of_a_width_is_given_once_and_no_other() {
        for policy in [TagPolicy::Lowest, TagPolicy::Random] {
            for (width, count) in [(TagWidth::Five, 32), (TagWidth::Eight, 256), (TagWidth::Ten, 768)] {
                let mut t = tags(width, policy);
                let given: BTreeSet<u16> = std::iter::from_fn(|| t.take(0)).collect();
                assert_eq!(given.len(), count);
                assert!(given.iter().all(|tag| width.range().contains(tag)));
            }
        }
    }

    #[test]
    fn ten_bit_tags_never_look_like_eight_bit_ones() {
        let mut t = tags(TagWidth::Ten, TagPolicy::Random);
        assert!(std::iter::from_fn(|| t.take(0)).all(|tag| tag >> 8 != 0));
    }

    #[test]
    fn a_released_tag_comes_back_and_a_held_one_does_not() {
        let mut t = tags(TagWidth::Five, TagPolicy::Lowest);
        assert_eq!((t.take(0), t.take(0)), (Some(0), Some(1)));
        t.release(0);
        assert_eq!((t.take(0), t.take(0)), (Some(0), Some(2)));
        assert!(!t.claim(2, 0));
        assert!(t.claim(9, 0));
    }

    #[test]
    fn an_abandoned_tag_waits_for_its_time() {
        let mut t = tags(TagWidth::Five, TagPolicy::Lowest);
        assert_eq!(t.take(0), Some(0));
        t.abandon(0, 100);
        assert!(t.is_quarantined(0, 99));
        assert_eq!(t.next_due(), Some(100));
        assert_eq!(t.take(99), Some(1));
        assert!(!t.claim(0, 99));
        assert_eq!(t.take(100), Some(0));
    }
}
