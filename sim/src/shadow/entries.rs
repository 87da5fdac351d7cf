// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Messages and masks, per source, as software wrote them.

use super::{DeviceSizes, Possible, merge};
use std::collections::BTreeMap;
use tlp::Store;
use vectors::op::Source;

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Content {
    /// Message address.
    pub address: u64,
    /// Message data.
    pub data: u32,
    /// Mask bit.
    pub mask: bool,
    /// Bits 31:12, 3 and 2 of an IMS control word: who may ask for the interrupt.
    pub permission: u32,
}

/// Bits of a control word that [`Content::permission`] holds.
const PERMISSION: u32 = 0xffff_f00c;

impl Content {
    const RESET: Self = Self { address: 0, data: 0, mask: true, permission: 0 };

    /// The sixteen bytes of an IMS slot.
    pub fn from_slot(words: [u32; 4]) -> Self {
        Self {
            address: u64::from(words[1]) << 32 | u64::from(words[0] & !3),
            data: words[2],
            mask: words[3] & 1 == 1,
            permission: words[3] & PERMISSION,
        }
    }
}

/// History of one entry.
pub type Entry = Possible<Content>;

/// All entries that software has touched; the rest are as after reset.
#[derive(Clone)]
pub struct Entries {
    sizes: DeviceSizes,
    touched: BTreeMap<Source, Entry>,
    /// Every message that was ever open, with the sources that carried it.
    known: BTreeMap<(u64, u32), Vec<Source>>,
    /// Sources whose message software changed while they were unmasked, not yet reported.
    pub rewritten_open: Vec<Source>,
}

impl Entries {
    /// Nothing touched.
    pub fn new(sizes: DeviceSizes) -> Self {
        Self { sizes, touched: BTreeMap::new(), known: BTreeMap::new(), rewritten_open: Vec::new() }
    }

    /// Sizes of the stores.
    pub fn sizes(&self) -> DeviceSizes {
        self.sizes
    }

    /// The entry of a source.
    pub fn entry(&mut self, source: Source) -> &mut Entry {
        self.touched.entry(source).or_insert_with(|| Possible::certain(Content::RESET))
    }

    /// Sources that carry or carried this message while open.
    pub fn carriers(&self, address: u64, data: u32) -> &[Source] {
        self.known.get(&(address, data)).map_or(&[], Vec::as_slice)
    }

    /// Whether some source ever carried this address.
    pub fn address_known(&self, address: u64) -> bool {
        self.known.range((address, 0)..=(address, u32::MAX)).next().is_some()
    }

    /// Whether some source ever carried this data. Slow: for findings only.
    pub fn data_known(&self, data: u32) -> bool {
        self.known.keys().any(|(_, d)| *d == data)
    }

    /// A quad word write into the table or the slots.
    pub fn write(&mut self, store: Store, seq: u64, flushed: u64, offset: u64, words: [(u32, u8); 2]) {
        let index = (offset / 16) as u32;
        let source = match store {
            Store::Msix if index < self.sizes.msix => Source::Msix(index),
            Store::Device if index < self.sizes.device => Source::Device(index),
            _ => return,
        };
        self.write_half(source, seq, flushed, offset.is_multiple_of(16), words);
    }

    /// A quad word of one entry: its address, or data and control.
    pub fn write_half(&mut self, source: Source, seq: u64, flushed: u64, address: bool, words: [(u32, u8); 2]) {
        let old = *self.entry(source).latest();
        let mut new = old;
        if address {
            let low = merge(old.address as u32, words[0].0, words[0].1) & !3;
            let high = merge((old.address >> 32) as u32, words[1].0, words[1].1);
            new.address = u64::from(high) << 32 | u64::from(low);
        } else {
            new.data = merge(old.data, words[0].0, words[0].1);
            if words[1].1 & 1 == 1 {
                new.mask = words[1].0 & 1 == 1;
            }
            new.permission = merge(old.permission, words[1].0, words[1].1) & PERMISSION;
        }
        self.put(source, seq, flushed, new);
    }

    /// An entry has this content from write `seq` on.
    pub fn put(&mut self, source: Source, seq: u64, flushed: u64, new: Content) {
        let old = *self.entry(source).latest();
        if !old.mask && !new.mask && (old.address, old.data) != (new.address, new.data) {
            self.rewritten_open.push(source);
        }
        self.replace(source, seq, flushed, new, true);
    }

    /// As [`put`](Self::put), where software may change an open message: MSI has no other way.
    pub fn replace(&mut self, source: Source, seq: u64, flushed: u64, new: Content, enabled: bool) {
        self.entry(source).set(seq, new, flushed);
        if !new.mask && enabled {
            let carriers = self.known.entry((new.address, new.data)).or_default();
            if !carriers.contains(&source) {
                carriers.push(source);
            }
        }
    }

    /// After a reset of the device: its own entries are as new, the slots in host
    /// memory are untouched, and old messages stay known so that a late one has a name.
    pub fn after_reset(mut self) -> Self {
        self.touched.retain(|s, _| matches!(s, Source::Host(_)));
        self.rewritten_open.clear();
        self
    }

    /// Forgets the entries of a virtual function.
    pub fn forget_function(&mut self, n: u32) {
        self.touched.retain(|s, _| s.vf() != Some(n));
    }

    /// Forgets the host slots: the store was set up anew.
    pub fn forget_host(&mut self) {
        self.touched.retain(|s, _| !matches!(s, Source::Host(_)));
    }

    /// Touched host slots of a range.
    pub fn host_range(&mut self, first: u32, last: u32) -> impl Iterator<Item = (&Source, &mut Entry)> {
        self.touched.range_mut(Source::Host(first)..=Source::Host(last))
    }
}
