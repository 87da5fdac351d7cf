// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Packets that are refused: every row of data sheet section 4 but the performed
//! ones, and what they log. They change nothing, so their order is free; the looks
//! at the status bits come last.

use super::{CALM, Gen, ID};
use crate::lockstep::act::{Act, How};
use crate::lockstep::packets::{Down, REQUESTER, spends_non_posted, word0};
use rand::RngExt;
use tlp::{Data, Packet};

/// Message codes that have one routing [2.2.8], and traffic class 0.
const LISTED: [(u32, u32); 17] = [
    (0x00, 3),
    (0x14, 4),
    (0x18, 0),
    (0x19, 3),
    (0x1b, 5),
    (0x20, 4),
    (0x21, 4),
    (0x22, 4),
    (0x23, 4),
    (0x24, 4),
    (0x25, 4),
    (0x26, 4),
    (0x27, 4),
    (0x30, 0),
    (0x31, 0),
    (0x33, 0),
    (0x50, 4),
];

/// Row 1: Fmt and Type of no packet, wrong lengths, prefixes. Row 2: fields that
/// contradict each other.
pub fn malformed(g: &mut Gen) -> Act {
    let tag = g.fresh_tag() & 0xff;
    let w1 = REQUESTER << 16 | tag << 8 | 0x0f;
    let bar = g.bar(0) as u32;
    let cfg = u32::from(ID) << 16 | 0x0c;
    let any: u32 = g.rng.random();
    let words = |n: u32| (0..n).map(|k| any.rotate_left(k)).collect::<Data>();
    let plain = |header: [u32; 4], data: Data| Packet { prefix: None, header, data };
    let packet = match g.below(20) {
        // Undefined types: with every Fmt.
        0 => {
            let typ = [3, 6, 7, 8, 9, 15, 16, 24, 25, 26, 28, 29, 30, 31][g.below(14) as usize];
            let fmt = if typ == 16 { [0, 2][g.below(2) as usize] } else { g.below(4) };
            let data = if fmt & 2 == 2 { words(1) } else { Data::new() };
            plain([word0(fmt, typ, 1), w1, bar, 0], data)
        }
        1 => plain([word0(4 + g.below(4), g.below(32), 1), w1, bar, 0], Data::new()),
        // Types that are there, with a Fmt that is not.
        2 => {
            let (fmt, typ) =
                [(1, 2), (3, 2), (1, 4), (3, 4), (1, 5), (3, 5), (1, 10), (3, 10), (2, 1), (3, 1), (0, 12), (0, 27)]
                    [g.below(12) as usize];
            let data = if fmt & 2 == 2 { words(1) } else { Data::new() };
            plain([word0(fmt, typ, 1), w1, bar, 0], data)
        }
        // More or fewer words than Length, digest counted.
        3 => plain([word0(2, 0, 1), w1, bar, 0], words(2)),
        4 => plain([word0(2, 0, 4), w1 | 0xf0, bar, 0], words(3)),
        5 => plain([word0(2, 0, 1) | 1 << 15, w1, bar, 0], words(1)),
        6 => plain([word0(0, 0, 1), w1, bar, 0], words(1)),
        // A prefix before what would be good: another than that of a PASID, and that before a configuration request.
        7 => Packet {
            prefix: Some(0x9000_0000 | any & 0xf_ffff),
            header: [word0(0, 0, 1), w1, bar, 0],
            data: Data::new(),
        },
        8 => Packet { prefix: Some(0x9100_0000), header: [word0(2, 4, 1), w1, cfg, 0], data: words(1) },
        // Configuration and IO requests of a wrong shape.
        9 => {
            let wrong = [2, 1 << 20, 1 << 12, 1 << 13, 1 << 18, 1 << 10, 3][g.below(7) as usize];
            let typ = [2, 4, 5][g.below(3) as usize];
            let w = if wrong < 16 { word0(0, typ, wrong) } else { word0(0, typ, 1) | wrong };
            plain([w, w1, cfg, 0], Data::new())
        }
        10 => plain([word0(0, [0, 1, 2, 4, 5][g.below(5) as usize], 1), w1 | 0x10, bar, 0], Data::new()),
        // Byte enables of longer requests.
        11 => plain([word0(0, 0, 2), w1 & !0xf | 0xf0, bar, 0], Data::new()),
        12 => plain([word0(2, 0, 2), w1, bar, 0], words(2)),
        // Over a page.
        13 => plain([word0(0, 0, 2), w1 | 0xf0, bar | 0xffc, 0], Data::new()),
        14 => plain([word0(2, 0, 4), w1 | 0xf0, bar | 0xff8, 0], words(4)),
        // Above the payload size, which is at most 128 words.
        15 => plain([word0(2, 0, 160), w1 | 0xf0, bar, 0], words(160)),
        // Routing or traffic class that the code does not have.
        16 | 17 => {
            let (code, routing) = LISTED[g.below(LISTED.len() as u32) as usize];
            let wrong = g.below(2) == 0;
            let routing = if wrong { (routing + 1 + g.below(5)) % 6 } else { routing };
            let tc = if wrong { g.below(8) } else { 1 + g.below(7) };
            let with_data = if code == 0x50 { 2 } else { 0 };
            plain([word0(1 | with_data, 0x10 | routing, 1) | tc << 20, w1 & !0xff | code, 0, 0], Data::new())
        }
        // An operand of a length that AtomicOps do not have.
        18 => {
            let (typ, length) = [(12, 3), (13, 4), (13, 8), (14, 1), (14, 3), (14, 16)][g.below(6) as usize];
            plain([word0(2, typ, length), w1 | 0xf0, bar, 0], words(length))
        }
        // Reserved routing.
        _ => plain([word0(1 | g.below(2) << 1, 0x16 | g.below(2), 1), w1 & !0xff | 0x7f, 0, 0], Data::new()),
    };
    // A message with data has to bring it.
    let mut packet = packet;
    if packet.header[0] >> 29 == 3 && packet.data.is_empty() {
        packet.data = words(1);
    }
    let non_posted = spends_non_posted(packet.header[0]);
    Act::Down(Down { packet, non_posted, answered: false, error_word: None })
}

/// Rows 5 to 8: well formed, not supported.
pub fn unsupported(g: &mut Gen) -> Act {
    let tag = g.fresh_tag();
    let high = (tag >> 9 & 1) << 23 | (tag >> 8 & 1) << 19;
    let w1 = REQUESTER << 16 | (tag & 0xff) << 8;
    let be = g.below(16);
    let any: u32 = g.rng.random();
    let bar = g.bar(0) as u32;
    let nowhere = 0xf000_0000 | any & 0xff_fffc;
    let tc = g.below(8) << 20 | g.below(4) << 12 | g.below(2) << 18;
    let bare = |w0: u32, w1: u32, w2: u32| Packet::bare([w0 | high, w1, w2, 0]);
    let with = |w0: u32, w1: u32, w2: u32, n: u32| {
        Packet::with_data([w0 | high, w1, w2, 0], (0..n).map(|k| any.rotate_left(k)))
    };
    let other = u32::from(ID) << 16 | (1 + g.below(7)) << 16;
    match g.below(13) {
        0 => Gen::down(bare(word0(0, 4, 1), w1 | be, other | any & 0xffc), true),
        1 => Gen::down(with(word0(2, 4, 1), w1 | be, other | any & 0xffc, 1), true),
        2 => Gen::down(bare(word0(0, 5, 1), w1 | be, any & 0xffff_0ffc), true),
        3 => Gen::down(with(word0(2, 5, 1), w1 | be, any & 0xffff_0ffc, 1), true),
        4 => Gen::down(bare(word0(0, 2, 1), w1 | be, any & !3), true),
        5 => Gen::down(with(word0(2, 2, 1), w1 | be, any & !3, 1), true),
        6 => {
            let hint = g.below(2) << 16;
            Gen::down(bare(word0(0, 1, 1) | tc | hint, w1 | be, bar | any & 0xffc), true)
        }
        7 => {
            let typ = 12 + g.below(3);
            let n = if typ == 14 { [2, 4, 8][g.below(3) as usize] } else { [1, 2][g.below(2) as usize] };
            Gen::down(with(word0(2, typ, n) | tc, w1 | be, bar | any & 0xfc0, n), true)
        }
        8 => Gen::down(with(word0(2, 27, 1) | tc, w1 | be, bar | any & 0xffc, 1), true),
        9 => {
            let n = 1 + g.below(8);
            let be = if n == 1 { be } else { 0xff };
            Gen::down(bare(word0(0, 0, n) | tc, w1 | be, nowhere & !0x1f), true)
        }
        10 => Gen::down(with(word0(2, 0, 1) | tc, w1 | be, nowhere, 1), false),
        11 => {
            let at = [1, 3][g.below(2) as usize] << 10;
            Gen::down(bare(word0(0, 0, 1) | tc | at, w1 | be, bar | 0x1000), true)
        }
        _ => {
            let at = [1, 3][g.below(2) as usize] << 10;
            Gen::down(with(word0(2, 0, 1) | tc | at, w1 | be, bar | 0x1120, 1), false)
        }
    }
}

/// Rows 6 and 9: poisoned writes.
pub fn poisoned(g: &mut Gen) -> Act {
    let value = g.rng.random();
    let act = if g.one_in(2) {
        let offset = [0x0c, 0x3c, 0x04, 0x110][g.below(4) as usize];
        g.set_cfg(offset, 0xf, value)
    } else {
        let at = 16 * g.below(8) + 8;
        g.set(2, at, &[value])
    };
    poison(act)
}

fn poison(act: Act) -> Act {
    match act {
        Act::Down(mut d) => {
            d.packet.header[0] |= 1 << 14;
            Act::Down(d)
        }
        other => other,
    }
}

/// Rows 11 and 12: messages.
pub fn message(g: &mut Gen) -> Act {
    let code = if g.one_in(2) { [0x00, 0x14, 0x19, 0x50, 0x7f, 0x7e][g.below(6) as usize] } else { g.below(256) };
    let data = g.below(2);
    let header = [word0(1 | data << 1, 16 + g.below(6), data), REQUESTER << 16 | code, g.rng.random(), g.rng.random()];
    let payload: Vec<u32> = (0..data).map(|_| g.rng.random()).collect();
    Gen::down(Packet::with_data(header, payload), false)
}

/// Row 10a: Invalidate Requests of a wrong length, for another function, for none.
pub fn invalidate(g: &mut Gen) -> Act {
    let id = u32::from(ID);
    let (length, to) = match g.below(4) {
        0 => ([1, 3, 4][g.below(3) as usize], id),
        1 => (2, id + 1 + g.below(7)),
        // Where virtual functions are, or would be.
        2 => (2, id + 8 + g.below(8)),
        _ => (2, g.below(0x1_0000)),
    };
    let header = [word0(3, 0x12, length), REQUESTER << 16 | g.below(32) << 8 | 0x01, to << 16, 0];
    let data: Vec<u32> = (0..length).map(|_| g.rng.random()).collect();
    Gen::down(Packet::with_data(header, data), false)
}

/// Row 14: completions for nothing.
pub fn stray_completion(g: &mut Gen) -> Act {
    let data = g.below(2);
    let status = if data == 1 { 0 } else { g.below(8) };
    let id = if g.one_in(2) { u32::from(ID) } else { g.below(0x1_0000) };
    let typ = 10 + u32::from(g.one_in(4));
    let header = [word0(data << 1, typ, data), status << 13 | 4, id << 16 | g.below(256) << 8, 0];
    let payload: Vec<u32> = (0..data).map(|_| g.rng.random()).collect();
    Gen::down(Packet::with_data(header, payload), false)
}

pub fn make(g: &mut Gen) -> Vec<Act> {
    let mut acts = Vec::new();
    let decode_off = g.one_in(6);
    if decode_off {
        acts.extend([g.set_cfg(0x04, 1, 4), Act::Quiet(CALM)]);
    }
    for _ in 0..g.rng.random_range(1..6) {
        for _ in 0..g.rng.random_range(1..8) {
            let act = match g.below(11) {
                0..=2 => malformed(g),
                3..=5 => unsupported(g),
                6 => poisoned(g),
                7 | 8 => message(g),
                9 => invalidate(g),
                _ => stray_completion(g),
            };
            acts.push(act);
        }
        if decode_off {
            let at = 4 * g.below(64);
            acts.push(g.set(2, at, &[1, 2]));
            acts.push(g.read(4, at, 3, (0xe, 0x7)));
        }
        acts.extend([g.cfg(0x58), g.cfg(0x04), Act::Quiet(CALM)]);
        acts.push(g.set_cfg(0x58, 0xc, 0x000f_0000));
        acts.extend([g.set_cfg(0x04, 0xc, 0xf900_0000), g.cfg(0x58), Act::Quiet(CALM)]);
    }
    if decode_off {
        acts.extend([g.set_cfg(0x04, 1, 6), Act::Quiet(CALM)]);
    }
    // Nothing has changed where they aimed.
    acts.extend([
        g.read(2, 0, 32, (0xf, 0xf)),
        g.read(0, 0x1100, 12, (0xf, 0xf)),
        g.cfg(0x0c),
        g.cfg(0x3c),
        g.cfg(0x110),
    ]);
    acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);
    acts
}
