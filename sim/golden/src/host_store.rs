// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The store in host memory: which slots are held, fetched, parked.
//!
//! [Data sheet section 6.] This part knows nothing of packets; `fetch.rs` turns its
//! wishes into reads and completions into its events.

use crate::bits::BitTree;
use crate::irq::MASK;
use tlp::Tick;

/// The 16 bytes of a slot.
pub(crate) type Words = [u32; 4];

/// What a tag of the device's own reads is used for.
#[derive(Clone, Debug)]
pub(crate) enum Tag {
    Free,
    /// The read waits to leave.
    Queued {
        slot: u32,
        address: u64,
        discard: bool,
        /// The read asks for a translation.
        asks: bool,
    },
    /// The read has left.
    Out(Fetch),
    /// Not to be used before `until`; a late completion is unexpected, and logged
    /// unless `silent`.
    Quiet {
        until: Tick,
        silent: bool,
    },
}

/// A read under way.
#[derive(Clone, Debug)]
pub(crate) struct Fetch {
    pub(crate) slot: u32,
    /// Address that was read.
    pub(crate) address: u64,
    /// The range was invalidated or the store disabled: the answer is not used.
    pub(crate) discard: bool,
    /// The read asks for a translation of its address.
    pub(crate) asks: bool,
    /// It left before translations were forgotten: the completion of that waits for its answer.
    pub(crate) stale: bool,
    /// What it asks for will not be held: it is stale, or the store has been off since.
    pub(crate) late: bool,
    /// Words that have come so far.
    pub(crate) words: [u32; 4],
    pub(crate) received: usize,
    /// When it times out.
    pub(crate) due: Option<Tick>,
    /// How long the tag rests after that.
    pub(crate) rest: Tick,
}

/// An invalidation under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command {
    pub(crate) number: u32,
    pub(crate) notify: bool,
    /// Earliest tick of its completion.
    pub(crate) due: Tick,
}

/// The host store.
#[derive(Clone, Debug)]
pub(crate) struct HostStore {
    pub(crate) base: u64,
    pub(crate) size: u32,
    pub(crate) enabled: bool,
    pub(crate) capacity: u32,
    lines: Vec<Option<(u32, Words)>>,
    pub(crate) pending: BitTree,
    /// Pending, held, not masked.
    pub(crate) ready: BitTree,
    /// Pending, neither held nor fetched nor parked.
    want: BitTree,
    parked: BitTree,
    /// Where round robin goes on, for messages and for fetches.
    pub(crate) cursor: usize,
    fetch_cursor: usize,
    pub(crate) tags: Vec<Tag>,
    pub(crate) command: Option<Command>,
    pub(crate) command_count: u32,
    pub(crate) done_count: u16,
    pub(crate) done_address: u64,
    pub(crate) config_error: bool,
    pub(crate) command_error: bool,
}

impl HostStore {
    pub(crate) fn new(capacity: u32, lines: u32, tags: u32) -> Self {
        let slots = capacity as usize;
        Self {
            base: 0,
            size: 0,
            enabled: false,
            capacity,
            lines: vec![None; lines as usize],
            pending: BitTree::new(slots),
            ready: BitTree::new(slots),
            want: BitTree::new(slots),
            parked: BitTree::new(slots),
            cursor: 0,
            fetch_cursor: 0,
            tags: vec![Tag::Free; tags as usize],
            command: None,
            command_count: 0,
            done_count: 0,
            done_address: 0,
            config_error: false,
            command_error: false,
        }
    }

    fn line_of(&self, slot: u32) -> usize {
        slot as usize & (self.lines.len() - 1)
    }

    /// The slot's content, if held.
    pub(crate) fn held(&self, slot: u32) -> Option<Words> {
        self.lines[self.line_of(slot)].filter(|&(held, _)| held == slot).map(|(_, words)| words)
    }

    fn being_fetched(&self, slot: u32) -> bool {
        self.tags.iter().any(|tag| match tag {
            Tag::Queued { slot: s, discard, .. } => *s == slot && !discard,
            Tag::Out(fetch) => fetch.slot == slot && !fetch.discard,
            Tag::Free | Tag::Quiet { .. } => false,
        })
    }

    /// Works out anew what a slot's source is waiting for.
    pub(crate) fn refresh(&mut self, slot: u32) {
        let index = slot as usize;
        let (mut ready, mut want) = (false, false);
        if self.pending.get(index) && self.enabled && slot < self.size && !self.parked.get(index) {
            match self.held(slot) {
                Some(words) if words[3] & MASK != 0 => self.parked.set(index, true),
                Some(_) => ready = true,
                None => want = !self.being_fetched(slot),
            }
        }
        self.ready.set(index, ready);
        self.want.set(index, want);
    }

    pub(crate) fn set_pending(&mut self, slot: u32, pending: bool) {
        self.pending.set(slot as usize, pending);
        self.refresh(slot);
    }

    /// Holds a slot from now on, instead of what its line held.
    pub(crate) fn fill(&mut self, slot: u32, words: Words) {
        let line = self.line_of(slot);
        let evicted = self.lines[line].replace((slot, words));
        if let Some((old, _)) = evicted.filter(|&(old, _)| old != slot) {
            self.refresh(old);
        }
        if words[3] & MASK != 0 {
            self.parked.set(slot as usize, true);
        }
        self.refresh(slot);
    }

    /// A fetch failed: the source waits for an invalidation.
    pub(crate) fn park(&mut self, slot: u32) {
        self.parked.set(slot as usize, true);
        self.refresh(slot);
    }

    /// The slot to fetch next. One whose line holds a message that is about to
    /// leave waits for that, or two sources could evict each other for ever.
    /// Slots that `may` refuses are passed over.
    pub(crate) fn next_fetch(&self, may: impl Fn(u32) -> bool) -> Option<u32> {
        let mut from = self.fetch_cursor;
        for _ in 0..8 {
            let index = self.want.round_robin(from)?;
            if self.fetchable(index as u32) && may(index as u32) {
                return Some(index as u32);
            }
            from = index + 1;
        }
        None
    }

    /// Whether a slot is to be fetched, and its line is free for it.
    pub(crate) fn fetchable(&self, slot: u32) -> bool {
        let occupied = self.lines[self.line_of(slot)];
        self.want.get(slot as usize) && !occupied.is_some_and(|(held, _)| self.ready.get(held as usize))
    }

    /// A tag that is free.
    pub(crate) fn free_tag(&self) -> Option<u8> {
        self.tags.iter().position(|tag| matches!(tag, Tag::Free)).map(|tag| tag as u8)
    }

    /// Gives a tag to the fetch of a slot.
    pub(crate) fn begin_fetch(&mut self, tag: u8, slot: u32, address: u64, asks: bool) {
        self.tags[tag as usize] = Tag::Queued { slot, address, discard: false, asks };
        self.fetch_cursor = slot as usize + 1;
        self.refresh(slot);
    }

    /// The fetch that a tag was queued for will not leave.
    pub(crate) fn revoke(&mut self, tag: u8) {
        if let Tag::Queued { slot, .. } = self.tags[tag as usize] {
            self.tags[tag as usize] = Tag::Free;
            self.refresh(slot);
        }
    }

    /// Whether a fetch has left and is neither answered nor given up.
    pub(crate) fn transactions_pending(&self) -> bool {
        self.tags.iter().any(|tag| matches!(tag, Tag::Out(_)))
    }

    /// First tick at which a tag changes by time alone.
    pub(crate) fn next_timer(&self) -> Tick {
        let timer = |tag: &Tag| match tag {
            Tag::Out(fetch) => fetch.due,
            Tag::Quiet { until, .. } => Some(*until),
            Tag::Free | Tag::Queued { .. } => None,
        };
        self.tags.iter().filter_map(timer).min().unwrap_or(Tick::MAX)
    }

    /// Forgets held slots, fetches under way and parking in a range; `keep_held`
    /// and `keep_fetches` leave something behind (quirks).
    pub(crate) fn invalidate(&mut self, first: u32, slots: u32, keep_held: bool, keep_fetches: bool) {
        let covers = |slot: u32| slot >= first && slot - first < slots;
        let mut touched = Vec::new();
        for line in &mut self.lines {
            if let Some((slot, _)) = *line
                && covers(slot)
            {
                touched.push(slot);
                if !keep_held {
                    *line = None;
                }
            }
        }
        for tag in &mut self.tags {
            if let Tag::Out(fetch) = tag
                && covers(fetch.slot)
            {
                touched.push(fetch.slot);
                fetch.discard |= !keep_fetches;
            }
        }
        let mut from = first as usize;
        while let Some(slot) = self.parked.at_or_after(from).filter(|&slot| covers(slot as u32)) {
            self.parked.set(slot, false);
            touched.push(slot as u32);
            from = slot + 1;
        }
        touched.into_iter().for_each(|slot| self.refresh(slot));
    }

    /// Translations are forgotten: what has left for them is stale.
    pub(crate) fn strike(&mut self) {
        for tag in &mut self.tags {
            if let Tag::Out(fetch) = tag {
                fetch.stale = true;
                fetch.late = true;
            }
        }
    }

    /// Whether a stale read is still to be answered.
    pub(crate) fn awaits_stale(&self) -> bool {
        self.tags.iter().any(|tag| matches!(tag, Tag::Out(fetch) if fetch.stale))
    }

    /// Takes the store into use; refused where the registers make no sense.
    pub(crate) fn enable(&mut self) {
        let end = u128::from(self.base) + 16 * u128::from(self.size);
        if self.base & 0xfff != 0 || self.size == 0 || self.size > self.capacity || end > 1 << 64 {
            self.config_error = true;
            return;
        }
        self.enabled = true;
        self.refresh_pending();
    }

    /// Takes the store out of use; pending bits stay, all else is forgotten.
    pub(crate) fn disable(&mut self, keep_held: bool) {
        self.enabled = false;
        for tag in &mut self.tags {
            match tag {
                Tag::Queued { discard, .. } => *discard = true,
                Tag::Out(fetch) => fetch.late = true,
                Tag::Free | Tag::Quiet { .. } => {}
            }
        }
        self.invalidate(0, u32::MAX, keep_held, false);
        self.refresh_pending();
    }

    fn refresh_pending(&mut self) {
        let mut from = 0;
        while let Some(index) = self.pending.at_or_after(from) {
            self.refresh(index as u32);
            from = index + 1;
        }
    }

    /// Reset; `rest` is how long the tags of abandoned reads are left alone, `None`
    /// after a conventional reset.
    pub(crate) fn reset(&mut self, now: Tick, rest: Option<Tick>) {
        let mut fresh = Self::new(self.capacity, self.lines.len() as u32, self.tags.len() as u32);
        if let Some(rest) = rest {
            for (new, old) in fresh.tags.iter_mut().zip(&self.tags) {
                *new = match *old {
                    Tag::Out(_) => Tag::Quiet { until: now + rest, silent: true },
                    Tag::Quiet { until, .. } => Tag::Quiet { until: until.max(now + rest), silent: true },
                    Tag::Free | Tag::Queued { .. } => Tag::Free,
                };
            }
        }
        *self = fresh;
    }
}
