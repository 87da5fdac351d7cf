// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Answers to the device's reads: what a slot holds and how the completion comes,
//! both drawn from the seed and the address alone, so that two devices that read
//! in different orders are told the same.

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
}

/// The packets that answer a read; the last of them ends it.
pub fn answers(seed: u64, odd: u32, read: &Read) -> Vec<Down> {
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
