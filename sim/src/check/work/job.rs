// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One descriptor (or endpoint test) under way: what the device has been given and what it has written.

use super::descriptor::Descriptor;
use super::handles::Meaning;
use std::collections::BTreeSet;
use tlp::Tick;

/// Who asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A queue: its number and the place in its submission ring.
    Queue(u32, u32),
    /// The endpoint test registers.
    Test,
}

/// A read of the engine that has not been answered in full.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    /// First byte still to come.
    pub next: u64,
    /// Bytes still to come.
    pub left: u32,
    /// When it left, and after how long it may be given up.
    pub since: Tick,
    /// Shortest time after which it may be given up.
    pub timeout: Option<Tick>,
    /// A completion of it was poisoned.
    pub poisoned: bool,
}

/// What a completion does to a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many good bytes from this offset of the payload on.
    Bytes(u32, u32),
    /// The read has failed with this status code of a record.
    Failed(u8),
    /// It changes nothing.
    Ignored,
}

/// A completion as the device sees it.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Status.
    pub status: u8,
    /// Poisoned.
    pub poisoned: bool,
    /// Byte count.
    pub byte_count: u32,
    /// Lower address.
    pub lower: u8,
    /// Words of data; none: without data.
    pub words: Option<u32>,
}

impl Open {
    /// Judges a completion as a requester must [PCIe Base 2.3.2; data sheet 6, 14].
    pub fn step(&mut self, now: Tick, a: Arrival) -> Step {
        if self.timeout.is_some_and(|t| now >= self.since + t) {
            return Step::Failed(0x23);
        }
        match a.status {
            0 => {}
            2 => return Step::Ignored,
            4 => return Step::Failed(0x21),
            _ => return Step::Failed(0x20),
        }
        let lead = (self.next & 3) as u32;
        let Some(words) = a.words else { return Step::Failed(0x24) };
        let here = (words * 4 - lead).min(self.left);
        if a.byte_count != self.left || u64::from(a.lower) != self.next & 0x7f || words != (lead + here).div_ceil(4) {
            return Step::Failed(0x24);
        }
        self.next += u64::from(here);
        self.left -= here;
        self.poisoned |= a.poisoned;
        if self.poisoned { Step::Failed(0x22) } else { Step::Bytes(lead, here) }
    }
}

/// The work.
#[derive(Clone, Debug)]
pub struct Job {
    /// Who asked.
    pub owner: Owner,
    /// What is to be done; as fetched.
    pub what: Descriptor,
    /// PASID of its requests.
    pub pasid: Option<u32>,
    /// Attributes that data may carry: {IDO, RO}.
    pub attributes: (bool, bool),
    /// Number in the order of fetching, per queue.
    pub number: u64,
    /// What its handle may have stood for since it came.
    pub meanings: Vec<Option<Meaning>>,
    /// Source bytes that have come; empty until the first one.
    source: Vec<u8>,
    have: Vec<bool>,
    had: u64,
    /// Bytes written so far, in order from the first.
    pub written: u64,
    /// Ways in which its reads have failed.
    pub failures: BTreeSet<u8>,
}

impl Job {
    /// Work that begins.
    pub fn new(owner: Owner, what: Descriptor, pasid: Option<u32>, attributes: (bool, bool), number: u64) -> Self {
        Self {
            owner,
            what,
            pasid,
            attributes,
            number,
            meanings: Vec::new(),
            source: Vec::new(),
            have: Vec::new(),
            had: 0,
            written: 0,
            failures: BTreeSet::new(),
        }
    }

    /// Whether `len` bytes at `address` are part of its source.
    pub fn reads_at(&self, address: u64, len: u64) -> bool {
        self.what.reads() && within(address, len, self.what.source, self.what.size)
    }

    /// Whether its next write, of `len` bytes, goes to `address`.
    pub fn writes_at(&self, address: u64, len: u64) -> bool {
        self.covers(address, len) && address - self.what.destination == self.written
    }

    /// Whether `len` bytes at `address` are part of its destination.
    pub fn covers(&self, address: u64, len: u64) -> bool {
        self.what.writes() && within(address, len, self.what.destination, self.what.size)
    }

    /// Source bytes have come.
    pub fn feed(&mut self, address: u64, bytes: &[u8]) {
        if self.source.is_empty() {
            self.source = vec![0; self.what.size as usize];
            self.have = vec![false; self.what.size as usize];
        }
        let first = (address - self.what.source) as usize;
        for (i, byte) in bytes.iter().enumerate() {
            self.source[first + i] = *byte;
            self.had += u64::from(!std::mem::replace(&mut self.have[first + i], true));
        }
    }

    /// The byte that belongs at this place of its destination, if the device can know it.
    pub fn due(&self, at: u64) -> Option<u8> {
        if self.what.reads() {
            let at = at as usize;
            return self.have.get(at).copied().unwrap_or(false).then(|| self.source[at]);
        }
        Some(self.what.pattern[(at % 8) as usize])
    }

    /// All source bytes have come, where there is a source.
    pub fn fed(&self) -> bool {
        !self.what.reads() || self.had == u64::from(self.what.size)
    }

    /// All that is to be written has been written.
    pub fn complete(&self) -> bool {
        self.fed() && (!self.what.writes() || self.written == u64::from(self.what.size))
    }

    /// The bytes of its source (of its destination, for a fill).
    pub fn bytes(&self) -> Vec<u8> {
        if self.what.reads() {
            return self.source.clone();
        }
        (0..self.what.size as usize).map(|i| self.what.pattern[i % 8]).collect()
    }
}

fn within(address: u64, len: u64, first: u64, size: u32) -> bool {
    address >= first && address - first < u64::from(size) && len <= u64::from(size) - (address - first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(next: u64, left: u32) -> Open {
        Open { next, left, since: 0, timeout: Some(100), poisoned: false }
    }

    fn arrival(byte_count: u32, lower: u8, words: u32) -> Arrival {
        Arrival { status: 0, poisoned: false, byte_count, lower, words: Some(words) }
    }

    #[test]
    fn pieces_that_fit_and_pieces_that_do_not() {
        let mut o = open(0x103d, 70);
        assert_eq!(o.step(1, arrival(70, 0x3d, 1)), Step::Bytes(1, 3));
        assert_eq!(o.step(2, arrival(67, 0x40, 17)), Step::Bytes(0, 67));
        assert_eq!(o.left, 0);
        assert_eq!(open(0x1000, 8).step(1, arrival(4, 0, 1)), Step::Failed(0x24));
        assert_eq!(open(0x1000, 8).step(1, arrival(8, 0, 3)), Step::Failed(0x24));
        assert_eq!(open(0x1000, 8).step(1, arrival(8, 4, 2)), Step::Failed(0x24));
        assert_eq!(open(0x1000, 8).step(100, arrival(8, 0, 2)), Step::Failed(0x23));
    }

    #[test]
    fn bytes_are_due_where_their_source_stood() {
        let what = Descriptor { opcode: 2, size: 4, source: 0x100, destination: 0x203, ..Descriptor::default() };
        let mut job = Job::new(Owner::Test, what, None, (false, false), 0);
        assert!(job.reads_at(0x100, 4) && !job.reads_at(0xff, 2) && !job.reads_at(0x103, 2));
        assert!(job.writes_at(0x203, 1) && !job.writes_at(0x204, 1));
        job.feed(0x102, &[7, 8]);
        assert_eq!((job.due(0), job.due(2), job.fed()), (None, Some(7), false));
        job.feed(0x100, &[5, 6]);
        assert!(job.fed() && !job.complete());
    }
}
