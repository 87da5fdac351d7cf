// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The translation agent: answers translation requests, remembers what it has handed out, and
//! keeps account of invalidations [PCIe Base 10].
//!
//! What an address means is asked of a [`Translate`]; a page map is one, a remapping unit may be.
//! One queue of Invalidate Requests, for one function; no page requests.

use std::collections::BTreeMap;

use tlp::{Bdf, Packet};

/// Bytes of the smallest page.
pub const PAGE: u64 = 0x1000;

/// Where a range of addresses leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Translation {
    /// First address of the range that the device asks for.
    pub first: u64,
    /// First address that it stands for.
    pub target: u64,
    /// Bytes, a power of two from 4 KiB on; both addresses are multiples of it.
    pub bytes: u64,
    /// May be read.
    pub readable: bool,
    /// To be used by untranslated requests only.
    pub untranslated: bool,
}

impl Translation {
    /// One readable page of 4 KiB.
    pub fn page(first: u64, target: u64) -> Self {
        Self {
            first: first & !(PAGE - 1),
            target: target & !(PAGE - 1),
            bytes: PAGE,
            readable: true,
            untranslated: false,
        }
    }

    fn covers(&self, address: u64) -> bool {
        address.wrapping_sub(self.first) < self.bytes
    }

    /// The quad word of a translation completion [PCIe Base 10.2.3]: read, untranslated only,
    /// size, and an address whose lowest clear bit tells the size.
    pub fn word(&self) -> u64 {
        u64::from(self.readable) | u64::from(self.untranslated) << 2 | size_bits(self.bytes) | self.target
    }
}

/// The size of a range above 4 KiB as an address carries it: S, and ones below the lowest clear bit [PCIe Base 10.2.3.2].
fn size_bits(bytes: u64) -> u64 {
    if bytes > PAGE { 1 << 11 | (bytes / 2 - PAGE) & !(PAGE - 1) } else { 0 }
}

/// Knows where addresses lead.
pub trait Translate {
    /// The range around an address of this requester; `None`: nowhere.
    fn translate(&self, requester: Bdf, address: u64) -> Option<Translation>;
}

/// Ranges as software has mapped them, the same for every requester.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PageMap {
    ranges: Vec<Translation>,
}

impl PageMap {
    /// Maps a range; what it covered before is gone.
    pub fn map(&mut self, range: Translation) {
        self.unmap(range.first, range.bytes);
        self.ranges.push(range);
    }

    /// Unmaps every range that begins within these bytes.
    pub fn unmap(&mut self, first: u64, bytes: u64) {
        self.ranges.retain(|r| r.first.wrapping_sub(first) >= bytes);
    }

    /// Whether nothing is mapped.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Address that software's address stands for; itself where nothing is mapped.
    pub fn physical(&self, address: u64) -> u64 {
        self.ranges.iter().find(|r| r.covers(address)).map_or(address, |r| r.target + (address - r.first))
    }

    /// Address under which the device knows this one; itself where nothing is mapped.
    pub fn virtual_of(&self, physical: u64) -> u64 {
        let found = self.ranges.iter().find(|r| physical.wrapping_sub(r.target) < r.bytes);
        found.map_or(physical, |r| r.first + (physical - r.target))
    }
}

impl Translate for PageMap {
    fn translate(&self, _: Bdf, address: u64) -> Option<Translation> {
        self.ranges.iter().find(|r| r.covers(address)).copied()
    }
}

/// What is wrong with a request or message of translation services.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, thiserror::Error)]
pub enum AtsFault {
    /// Length, byte enables, traffic class or attributes that a translation request does not have.
    #[error("a translation request has two words, all bytes, traffic class 0, no attributes, no write")]
    Form,
    /// A translated address that was never handed out, or whose invalidation has been completed.
    #[error("translated address that is not handed out, or invalidated")]
    NotHanded,
    /// An Invalidate Completion for a tag that is not outstanding.
    #[error("Invalidate Completion for tags {0:#x}, which nobody waits for")]
    Tag(u32),
    /// Completion count or other fields of an Invalidate Completion.
    #[error("form of an Invalidate Completion")]
    CompletionForm,
}

/// A translation in the device's hands.
#[derive(Clone, Copy, Debug)]
struct Handed {
    range: Translation,
    /// Invalidations sent before it was handed out.
    after: u64,
}

/// An invalidation that the device has not completed.
#[derive(Clone, Copy, Debug)]
struct Outstanding {
    first: u64,
    bytes: u64,
    number: u64,
}

/// The agent.
#[derive(Clone, Debug, Default)]
pub struct Agent<M> {
    /// Where addresses lead.
    pub map: M,
    /// Translation services are enabled.
    pub enabled: bool,
    handed: Vec<Handed>,
    outstanding: BTreeMap<u8, Outstanding>,
    sent: u64,
    /// Invalidations completed.
    pub completed: u64,
}

impl<M: Translate> Agent<M> {
    /// The enable is about to be written: what is handed out from here on is the new setting's.
    pub fn switch_begins(&mut self) -> u64 {
        self.sent += 1;
        self.sent
    }

    /// The write has been answered: the device has let go of what it got before.
    pub fn switch_ends(&mut self, number: u64) {
        self.handed.retain(|h| h.after >= number);
    }

    /// The link or the function was reset: the device holds nothing.
    pub fn forget(&mut self) {
        self.handed.clear();
        self.outstanding.clear();
    }

    /// The answer to a translation request for a page: the quad word of its completion.
    pub fn answer(&mut self, requester: Bdf, address: u64) -> u64 {
        let range = self.map.translate(requester, address & !(PAGE - 1));
        self.answer_with(range)
    }

    /// The answer when the range is known; `None`: nothing may be read there.
    pub fn answer_with(&mut self, range: Option<Translation>) -> u64 {
        let Some(range) = range else { return 0 };
        if range.readable && !range.untranslated {
            self.handed.push(Handed { range, after: self.sent });
        }
        range.word()
    }

    /// Whether a translated address is in the device's hands.
    pub fn is_handed(&self, physical: u64) -> bool {
        self.handed.iter().any(|h| physical.wrapping_sub(h.range.target) < h.range.bytes)
    }

    /// Invalidations that are outstanding.
    pub fn waits(&self) -> usize {
        self.outstanding.len()
    }

    /// An Invalidate Request for a range, and its tag [PCIe Base 10.3.1]; `None` while the
    /// function has as many as it can queue.
    pub fn invalidate(&mut self, root: Bdf, device: Bdf, first: u64, bytes: u64) -> Option<(u8, Packet)> {
        const DEPTH: usize = 4;
        if self.outstanding.len() >= DEPTH {
            return None;
        }
        let tag = (0..32).find(|tag| !self.outstanding.contains_key(tag))?;
        self.sent += 1;
        self.outstanding.insert(tag, Outstanding { first, bytes, number: self.sent });
        Some((tag, request(root, device, tag, first, bytes)))
    }

    /// An Invalidate Completion: its header words 2 and 3.
    pub fn complete(&mut self, root: Bdf, words: [u32; 2]) -> Result<(), AtsFault> {
        if words[0] >> 16 != u32::from(root.bits()) || words[0] & 0xffff != 1 {
            return Err(AtsFault::CompletionForm);
        }
        let known = self.outstanding.keys().fold(0u32, |mask, tag| mask | 1 << tag);
        if words[1] == 0 || words[1] & !known != 0 {
            return Err(AtsFault::Tag(words[1]));
        }
        for tag in (0..32).filter(|tag| words[1] >> tag & 1 == 1) {
            if let Some(done) = self.outstanding.remove(&tag) {
                self.completed += 1;
                let overlaps = |r: &Translation| {
                    r.first.wrapping_sub(done.first) < done.bytes || done.first.wrapping_sub(r.first) < r.bytes
                };
                self.handed.retain(|h| h.after >= done.number || !overlaps(&h.range));
            }
        }
        Ok(())
    }
}

/// The packet: MsgD, routed by id, code 1, the range as in a translation.
fn request(root: Bdf, device: Bdf, tag: u8, first: u64, bytes: u64) -> Packet {
    let word = first & !(PAGE - 1) | size_bits(bytes);
    let header =
        [0x7200_0002, u32::from(root.bits()) << 16 | u32::from(tag) << 8 | 0x01, u32::from(device.bits()) << 16, 0];
    Packet::with_data(header, [((word >> 32) as u32).swap_bytes(), (word as u32).swap_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: Bdf = Bdf::from_bits(0x0008);
    const DEVICE: Bdf = Bdf::from_bits(0x0100);

    fn range(first: u64, target: u64, bytes: u64) -> Translation {
        Translation { first, target, bytes, readable: true, untranslated: false }
    }

    #[test]
    fn words_of_translations() {
        assert_eq!(range(0, 0x12_3456_7000, 0x1000).word(), 0x12_3456_7001);
        assert_eq!(range(0, 0x40_0000, 0x2000).word(), 0x40_0801);
        assert_eq!(range(0, 0x40_0000, 0x20_0000).word(), 0x4f_f801);
        let only = Translation { untranslated: true, ..range(0, 0x1000, 0x1000) };
        assert_eq!(only.word(), 0x1005);
    }

    #[test]
    fn a_translation_is_out_of_hand_when_its_invalidation_is_complete() {
        let mut agent = Agent::<PageMap>::default();
        agent.map.map(range(0x1000_0000, 0x5000_0000, 0x2000));
        assert_eq!(agent.answer(DEVICE, 0x1000_1000), 0x5000_0801);
        assert_eq!(agent.answer(DEVICE, 0x1000_2000), 0);
        assert!(agent.is_handed(0x5000_1ff0) && !agent.is_handed(0x5000_2000));
        let (tag, packet) = agent.invalidate(ROOT, DEVICE, 0x1000_1000, 0x1000).unwrap();
        assert_eq!(packet.header, [0x7200_0002, 0x0008_0001, 0x0100_0000, 0]);
        assert_eq!(&packet.data[..], [0, 0x0010_0010]);
        assert!(agent.is_handed(0x5000_0000));
        assert_eq!(agent.complete(ROOT, [0x0008_0001, 2]), Err(AtsFault::Tag(2)));
        assert_eq!(agent.complete(ROOT, [0x0008_0002, 1]), Err(AtsFault::CompletionForm));
        // Handed out anew after the request: that one stays.
        agent.answer(DEVICE, 0x1000_0000);
        assert_eq!(agent.complete(ROOT, [0x0008_0001, 1 << tag]), Ok(()));
        assert!(agent.is_handed(0x5000_0000));
        let (tag, _) = agent.invalidate(ROOT, DEVICE, 0, 1 << 63).unwrap();
        agent.complete(ROOT, [0x0008_0001, 1 << tag]).unwrap();
        assert!(!agent.is_handed(0x5000_0000));
    }

    #[test]
    fn no_more_requests_than_the_device_can_queue() {
        let mut agent = Agent::<PageMap>::default();
        let tags: Vec<u8> = (0..4).map(|_| agent.invalidate(ROOT, DEVICE, 0, PAGE).unwrap().0).collect();
        assert_eq!(tags, [0, 1, 2, 3]);
        assert!(agent.invalidate(ROOT, DEVICE, 0, PAGE).is_none());
    }
}
