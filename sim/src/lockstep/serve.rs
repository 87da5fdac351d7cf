// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Answers to the device's reads: what a slot holds, where a page lies, and how the
//! completion comes, all drawn from the seed and the address alone, so that two devices
//! that read in different orders are told the same.

use super::packets::{Answer, Down};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A read of the device.
#[derive(Clone, Copy, Debug)]
pub struct Read {
    /// Its requester id.
    pub requester: u16,
    /// Its tag.
    pub tag: u8,
    /// Its address.
    pub address: u64,
    /// It asks where its page lies.
    pub asks: bool,
    /// Bytes that it asks for, and how far from `address` the first of them is.
    bytes: u32,
    lead: u32,
}

/// Address type of a translation request [PCIe Base 10.2.1].
const AT_REQUEST: u32 = 1;

impl Read {
    /// By its fields and its first header word, which has the length in words and the address type.
    pub fn new(requester: u16, tag: u8, address: u64, word0: u32, (first, last): (u32, u32)) -> Self {
        let (length, asks) = (word0 & 0x3ff, word0 >> 10 & 3 == AT_REQUEST);
        let lead = first.trailing_zeros().min(3);
        let end = if length == 1 { first } else { last };
        let trail = end.leading_zeros().saturating_sub(28).min(3);
        let words = if length == 0 { 1024 } else { length };
        let bytes = if first == 0 { 1 } else { 4 * words - lead - trail };
        Self { requester, tag, address, asks, bytes, lead: if first == 0 { 0 } else { lead } }
    }
}

/// First tag of the DMA engine.
const ENGINE: u8 = 16;

/// A descriptor of any operation with a fence, by its place: sometimes wrong, mostly with an interrupt.
fn descriptor(rng: &mut ChaCha8Rng) -> [u32; 8] {
    let opcode = [0, 1, 2, 2, 3, 7][rng.random_range(0..6)];
    let notice = [0, 1 << 8, 3 << 8, 3 << 8][rng.random_range(0..4)];
    // Handles are given from 0 on and revoked with their episode: sometimes the one that is valid.
    let handle = rng.random_range(0..3u32);
    let size = if rng.random_range(0..8) == 0 { 0 } else { rng.random_range(1..1500) };
    let place = |rng: &mut ChaCha8Rng, high: u32| [rng.random::<u32>() >> 3, high];
    let [s0, s1] = place(rng, 0x61);
    let [d0, d1] = place(rng, 0x71);
    [opcode | notice | 1 << 10 | handle << 16, size, s0, s1, d0, d1, rng.random(), rng.random()]
}

/// What the engine is answered: a descriptor, or bytes that follow from their addresses.
fn work(seed: u64, read: &Read) -> Vec<Down> {
    let word = |at: u64| ChaCha8Rng::seed_from_u64(seed ^ at.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let words = (read.lead + read.bytes).div_ceil(4);
    // Whatever looks like the read of a descriptor gets one, wherever the ring stands: so none is without its fence, also
    // when a burst is made shorter.
    let data: Vec<u32> = if read.bytes == 32 && read.address.is_multiple_of(32) {
        descriptor(&mut word(read.address)).to_vec()
    } else {
        (0..u64::from(words)).map(|k| word(read.address + 4 * k).random()).collect()
    };
    // Cut at every multiple of 128 bytes, or of 64: legal with any payload size and boundary.
    let step = if word(!read.address).random() { 32 } else { 16 };
    let mut packets = Vec::new();
    let mut at = 0;
    while at < words {
        let to = (step - (read.address as u32 / 4 + at) % step + at).min(words);
        let lead = if at == 0 { read.lead } else { 0 };
        let answer = Answer {
            requester: read.requester,
            tag: read.tag,
            status: 0,
            bytes: read.bytes + read.lead - 4 * at - lead,
            lower: read.address as u32 + 4 * at + lead,
            poisoned: false,
        };
        packets.push(answer.packet(&data[at as usize..to as usize]));
        at = to;
    }
    packets
}

/// Sizes of translated ranges, as powers of two of 4 KiB; with the last two one range is half of
/// all addresses, or all.
const ORDERS: [u32; 8] = [0, 0, 0, 1, 2, 4, 51, 52];

/// The size of all ranges under this seed: so ranges never overlap in part.
pub fn order(seed: u64) -> u32 {
    ORDERS[ChaCha8Rng::seed_from_u64(seed).random_range(0..ORDERS.len())]
}

/// Draws for a range: that of `page` under `seed`.
fn range(seed: u64, page: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed ^ !(page >> order(seed)).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Whether slots of the page are to be read without its translation.
fn untranslated(rng: &mut ChaCha8Rng) -> bool {
    rng.random_range(0..8) == 0
}

/// Whether a good answer for the page is one that the device can hold.
pub fn held(seed: u64, page: u64) -> bool {
    !untranslated(&mut range(seed, page))
}

/// What a translation request is answered. Pages of a range are all translated or all
/// refused, in the same way, so that it does not matter which of them is asked for first.
fn translation(seed: u64, odd: u32, read: &Read) -> Vec<Down> {
    let order = order(seed);
    let page = read.address >> 12;
    let mut rng = range(seed, page);
    let only_untranslated = u64::from(untranslated(&mut rng)) << 2;
    let of_page = ChaCha8Rng::seed_from_u64(seed ^ read.address.rotate_left(17)).random::<u32>();
    let mut base = rng.random::<u64>();
    if rng.random_range(0..3) == 0 {
        base &= 0xffff_ffff;
    }
    let within = (1u64 << order) - 1;
    let target = base >> 12 & !within | page & within;
    // A range may be told whole, or this page of it alone.
    let large = order > 0 && of_page & 1 == 0;
    let address = if large { target & !within | within >> 1 } else { target };
    // Reserved bits, No Snoop and Write say nothing to the device.
    let noise = u64::from(of_page) & 0x7fa;
    let good = address << 12 | u64::from(large) << 11 | noise | only_untranslated | 1;
    let words = |word: u64| [(word >> 32) as u32, word as u32].map(u32::swap_bytes);
    // Which of the low address bits come back is not looked at.
    let a = |status: u32, bytes: u32| Answer {
        requester: read.requester,
        tag: read.tag,
        status,
        bytes,
        lower: of_page >> 8,
        poisoned: false,
    };
    let whole = a(0, 8).packet(&words(good));
    if odd == 0 || rng.random_range(0..odd) != 0 {
        return vec![whole];
    }
    match rng.random_range(0..16) {
        0 | 1 => vec![a(0, 8).packet(&words(good & !1))],
        2 => vec![a(0, 8).packet(&words(good & !1 | 4))],
        3 => vec![a(1, 8).packet(&[])],
        4 => vec![a(4, 8).packet(&[])],
        5 => vec![a([3, 5, 6, 7][rng.random_range(0..4)], 8).packet(&[])],
        6 => vec![a(1, 8).packet(&words(good))],
        7 | 8 => vec![Answer { poisoned: true, ..a(0, 8) }.packet(&words(good))],
        // One word only, too few and too many bytes, more words, none.
        9 => vec![a(0, 8).packet(&words(good)[..1])],
        10 => vec![a(0, [4, 7, 12, 16][rng.random_range(0..4)]).packet(&words(good))],
        11 => vec![a(0, 16).packet(&[words(good), words(good)].concat())],
        12 => vec![a(0, 8).packet(&[])],
        // Those that do not end it, then the good one: retry status, another's requester id, another's tag.
        13 => vec![a(2, 8).packet(&[]), whole],
        14 => vec![Answer { requester: read.requester ^ 0x100, ..a(0, 8) }.packet(&words(good)), whole],
        _ => vec![Answer { tag: 0xee, ..a(0, 8) }.packet(&words(good)), whole],
    }
}

/// The packets that answer a read; the last of them ends it.
pub fn answers(seed: u64, odd: u32, read: &Read) -> Vec<Down> {
    if read.tag >= ENGINE {
        return work(seed, read);
    }
    if read.asks {
        return translation(seed, odd, read);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ read.address.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let high = if rng.random_range(0..3) == 0 { rng.random_range(1..u32::MAX) } else { 0 };
    let mask = u32::from(rng.random_range(0..8) == 0);
    let slot = [rng.random::<u32>() & !3 | 0x10, high, rng.random(), mask | rng.random::<u32>() & 0xffff_f00c];
    let a = |status: u32, bytes: u32, lower: u32| Answer {
        requester: read.requester,
        tag: read.tag,
        status,
        bytes,
        lower: read.address as u32 + lower,
        poisoned: false,
    };
    let whole = || vec![a(0, 16, 0).packet(&slot)];
    if odd == 0 || rng.random_range(0..odd) != 0 {
        return match rng.random_range(0..6) {
            0 => vec![a(0, 16, 0).packet(&slot[..1]), a(0, 12, 4).packet(&slot[1..])],
            1 => (0..4).map(|k| a(0, 16 - 4 * k, 4 * k).packet(&slot[k as usize..=k as usize])).collect(),
            _ => whole(),
        };
    }
    let mut packets = match rng.random_range(0..19) {
        0 | 1 => vec![a(1, 16, 0).packet(&[])],
        2 | 3 => vec![a(4, 16, 0).packet(&[])],
        4 => vec![a([3, 5, 6, 7][rng.random_range(0..4)], 16, 0).packet(&[])],
        // Retry status is not for memory reads: malformed, and the read goes on.
        5 => vec![a(2, 16, 0).packet(&[])],
        6 | 7 => vec![Answer { poisoned: true, ..a(0, 16, 0) }.packet(&slot)],
        8 => vec![a(0, 12, 0).packet(&slot[..3])],
        9 => vec![a(0, 16, 4).packet(&slot)],
        10 => vec![a(0, 20, 0).packet(&[slot[0], slot[1], slot[2], slot[3], 5])],
        11 => vec![a(0, 16, 0).packet(&[])],
        // The first part is good, the second is not.
        12 => vec![a(0, 16, 0).packet(&slot[..2]), a(4, 8, 8).packet(&[])],
        13 => vec![a(0, 16, 0).packet(&slot[..2]), a(0, 12, 8).packet(&slot[2..])],
        14 => vec![a(0, 16, 0).packet(&slot[..3]), Answer { poisoned: true, ..a(0, 4, 12) }.packet(&slot[3..])],
        // Once more than asked for: the second is unexpected.
        15 => [whole(), whole()].concat(),
        // For somebody else, then for the read.
        16 => vec![Answer { requester: read.requester ^ 0x100, ..a(0, 16, 0) }.packet(&slot)],
        17 => vec![Answer { tag: 0xee, ..a(0, 16, 0) }.packet(&slot)],
        // Error status with data.
        _ => vec![a(1, 16, 0).packet(&slot)],
    };
    // What does not end the read is followed by what does.
    let last = packets.last().map(|d| d.packet.header);
    let ends = last.is_some_and(|h| {
        h[1] >> 13 & 7 != 2 && h[2] >> 16 == u32::from(read.requester) && h[2] >> 8 & 0xff == u32::from(read.tag)
    });
    if !ends {
        packets.extend(whole());
    }
    packets
}
