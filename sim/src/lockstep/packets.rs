// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Packets for the device, written word by word [PCIe Base 2.2].

use tlp::{Data, Packet};

/// Requester id under which the traffic speaks.
pub const REQUESTER: u32 = 0x0010;

/// A packet and whether it spends a non-posted credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    /// The packet.
    pub packet: Packet,
    /// The device gives a credit back for it, so it must have had one.
    pub non_posted: bool,
    /// A completion comes for it.
    pub answered: bool,
    /// The word of its answer that is `irq_err`, if it reads that.
    pub error_word: Option<u32>,
}

/// Whether a packet of this first header word spends a non-posted credit, good or not
/// [PCIe Base 2.6.1]: reads, IO, configuration, AtomicOps, deferrable writes.
pub fn spends_non_posted(word0: u32) -> bool {
    let data = word0 >> 30 & 1 == 1;
    match (word0 >> 29, word0 >> 24 & 0x1f) {
        (4.., _) => false,
        (0 | 1, 0 | 1) => true,
        (0 | 2, 2 | 4 | 5) => true,
        (_, 12..=14 | 27) => data,
        _ => false,
    }
}

/// First header word.
pub fn word0(fmt: u32, typ: u32, length: u32) -> u32 {
    fmt << 29 | typ << 24 | length & 0x3ff
}

fn tag_bits(tag: u32) -> u32 {
    (tag >> 9 & 1) << 23 | (tag >> 8 & 1) << 19
}

fn word1(tag: u32, last: u32, first: u32) -> u32 {
    REQUESTER << 16 | (tag & 0xff) << 8 | last << 4 | first
}

/// A configuration read of function 0 of `id`.
pub fn cfg_read(id: u16, offset: u32, be: u32, tag: u32) -> Down {
    let header = [word0(0, 4, 1) | tag_bits(tag), word1(tag, 0, be), u32::from(id) << 16 | offset & 0xffc, 0];
    Down { packet: Packet::bare(header), non_posted: true, answered: true, error_word: None }
}

/// A configuration write.
pub fn cfg_write(id: u16, offset: u32, be: u32, value: u32, tag: u32) -> Down {
    let header = [word0(2, 4, 1) | tag_bits(tag), word1(tag, 0, be), u32::from(id) << 16 | offset & 0xffc, 0];
    Down { packet: Packet::with_data(header, [value]), non_posted: true, answered: true, error_word: None }
}

/// An Invalidate Request to function 0 of `id` [PCIe Base 10.3.1]; `range` is an address with its size.
pub fn invalidate(id: u16, requester: u32, itag: u32, range: u64) -> Down {
    let header = [word0(3, 0x12, 2), requester << 16 | itag << 8 | 0x01, u32::from(id) << 16, 0];
    let words = [(range >> 32) as u32, range as u32].map(u32::swap_bytes);
    Down { packet: Packet::with_data(header, words), non_posted: false, answered: false, error_word: None }
}

fn memory(fmt: u32, address: u64, words: u32, be: (u32, u32), tag: u32) -> [u32; 4] {
    let long = u32::from(address >> 32 != 0);
    let low = address as u32 & !3;
    let (w2, w3) = if long == 1 { ((address >> 32) as u32, low) } else { (low, 0) };
    [word0(fmt | long, 0, words) | tag_bits(tag), word1(tag, be.1, be.0), w2, w3]
}

/// A memory read.
pub fn read(address: u64, words: u32, be: (u32, u32), tag: u32) -> Down {
    Down {
        packet: Packet::bare(memory(0, address, words, be, tag)),
        non_posted: true,
        answered: true,
        error_word: None,
    }
}

/// A memory write.
pub fn write(address: u64, be: (u32, u32), data: &[u32], tag: u32) -> Down {
    let header = memory(2, address, data.len() as u32, be, tag);
    Down {
        packet: Packet { prefix: None, header, data: Data::from_slice(data) },
        non_posted: false,
        answered: false,
        error_word: None,
    }
}

/// A completion for a read of the device.
pub struct Answer {
    /// Requester id of the read.
    pub requester: u16,
    /// Its tag.
    pub tag: u8,
    /// Status, 3 bits.
    pub status: u32,
    /// Bytes still owed.
    pub bytes: u32,
    /// Low seven address bits.
    pub lower: u32,
    /// Poisoned.
    pub poisoned: bool,
}

impl Answer {
    /// The packet; without data where `data` is empty.
    pub fn packet(&self, data: &[u32]) -> Down {
        let fmt = if data.is_empty() { 0 } else { 2 };
        let header = [
            word0(fmt, 10, data.len() as u32) | u32::from(self.poisoned) << 14,
            self.status << 13 | self.bytes & 0xfff,
            u32::from(self.requester) << 16 | u32::from(self.tag) << 8 | self.lower & 0x7f,
            0,
        ];
        Down {
            packet: Packet { prefix: None, header, data: Data::from_slice(data) },
            non_posted: false,
            answered: false,
            error_word: None,
        }
    }
}
