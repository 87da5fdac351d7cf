// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whether a packet to the device breaks the rules of its own format: rows 1 and 2 of the table of received packets
//! [data sheet §4].

use crate::bench::decode::{Common, Decoded};
use tlp::Packet;

fn has_enables(c: &Common) -> bool {
    // MRd, MWr, MRdLk, IO, configuration, deferrable write: all but AtomicOps.
    matches!(c.typ, 0 | 1 | 2 | 4 | 5 | 0x1b)
}

/// Rows 1 and 2 of the table.
pub(in crate::check) fn malformed(p: &Packet, c: &Common, what: &Decoded, mps: u32) -> bool {
    let locked_completion = matches!((c.fmt, c.typ), (0 | 2, 0x0b));
    // A PASID may stand before memory requests.
    let of_memory = matches!(what, Decoded::Memory { .. } | Decoded::OtherNonPosted { .. }) && !matches!(c.typ, 2 | 5);
    let bad_prefix = p.prefix.is_some_and(|w| w >> 24 != 0x91 || !of_memory);
    if bad_prefix || *what == Decoded::Undefined && !locked_completion {
        return true;
    }
    let with_data = c.fmt & 2 == 2;
    if p.data.len() as u32 != if with_data { c.length } else { 0 } + u32::from(c.td) {
        return true;
    }
    if with_data && 4 * c.length > mps {
        return true;
    }
    let plain = matches!(c.typ, 2 | 4 | 5);
    let (mut first, mut last) = (p.header[1] & 0xf, p.header[1] >> 4 & 0xf);
    if c.th && c.typ == 0 && !with_data {
        (first, last) = (0xf, if c.length == 1 { 0 } else { 0xf });
    }
    if plain && (c.length != 1 || c.tc != 0 || c.attr != 0 || c.at != 0 || last != 0) {
        return true;
    }
    if has_enables(c) && if c.length == 1 { last != 0 } else { first == 0 || last == 0 } {
        return true;
    }
    if matches!(c.typ, 0 | 1 | 0x1b) {
        let low = p.header[if c.fmt & 1 == 1 { 3 } else { 2 }] & 0xffc;
        if low + 4 * c.length > 0x1000 {
            return true;
        }
    }
    match *what {
        Decoded::Message { routing: 6 | 7, .. } => true,
        Decoded::Message { code: 0x01, routing: 2, .. } => with_data && c.length != 2,
        Decoded::Message { code, routing, .. } => match only_routing(code) {
            Some(only) => routing != only || c.tc != 0,
            None => false,
        },
        _ => odd_operand(c),
    }
}

/// The routing that a message of this code must have, with traffic class 0 [2.2.8.1 to 2.2.8.5].
fn only_routing(code: u8) -> Option<u8> {
    Some(match code {
        0x18 | 0x30 | 0x31 | 0x33 => 0,
        0x00 | 0x19 => 3,
        0x14 | 0x20..=0x27 | 0x50 => 4,
        0x1b => 5,
        _ => return None,
    })
}

/// An AtomicOp of a Length that is no operand's [2.2.7].
fn odd_operand(c: &Common) -> bool {
    match c.typ {
        0x0c | 0x0d => c.length > 2,
        0x0e => !matches!(c.length, 2 | 4 | 8),
        _ => false,
    }
}
