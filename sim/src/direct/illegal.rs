// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Packets that the device must refuse, as operations. Nothing is awaited: the laws know what must come of each.

use super::raw::{raw, slot};
use vectors::op::{Op, RawTlp};

/// How many kinds there are.
pub const KINDS: usize = 9;

/// The packet of that kind.
pub fn packet(kind: usize, random: u32) -> Op {
    let data = vec![random];
    // The last slots: nobody connects them.
    let unused = 0xf000 + (random & 0xf80);
    let t = match kind {
        // A reserved type.
        0 => RawTlp { data, at: slot(unused), ..raw(3, 0x1f) },
        // Less data than its length.
        1 => RawTlp { data, at: slot(unused), length: Some(2), last_be: Some(0xf), ..raw(3, 0) },
        // Beside the BARs.
        2 => RawTlp { data, address: 0x1000, ..raw(2, 0) },
        3 => RawTlp { address: u64::from(random & 0xffc), no_wait: true, ..raw(0, 2) },
        4 => RawTlp { data, address: u64::from(random & 0xffc), no_wait: true, ..raw(2, 2) },
        // A message that nobody knows.
        5 => RawTlp { length: Some(1024), first_be: Some(0xe), last_be: Some(7), ..raw(1, 0x10) },
        // Poisoned.
        6 => RawTlp { data, at: slot(unused), ep: true, ..raw(3, 0) },
        // A read beside the BARs.
        7 => RawTlp { address: 0x1000, no_wait: true, ..raw(0, 0) },
        // A completion for a tag that the device does not have.
        _ => RawTlp { data, address: 0x0100_f000, first_be: Some(4), last_be: Some(0), ..raw(2, 0x0a) },
    };
    Op::Tlp(t)
}
