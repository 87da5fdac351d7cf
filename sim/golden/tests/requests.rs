// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Requests: data sheet section 4, row by row, and the numbers in completions.

mod common;

use common::*;
use golden::GoldenConfig;
use tlp::{Observed, Packet};

/// Byte count and offset of the first byte for each First BE of a one-word read
/// [PCIe Base tables 2-38 and 2-39].
const ONE_WORD: [(u32, u32); 16] = [
    (1, 0),
    (1, 0),
    (1, 1),
    (2, 0),
    (1, 2),
    (3, 0),
    (2, 1),
    (3, 0),
    (1, 3),
    (4, 0),
    (3, 1),
    (4, 0),
    (2, 2),
    (4, 0),
    (3, 1),
    (4, 0),
];

#[test]
fn byte_counts_and_lower_addresses_of_one_word() {
    let mut h = Hand::ready();
    for (be, (bytes, offset)) in ONE_WORD.into_iter().enumerate() {
        for at in [0x1000, 0x1004, 0x107c] {
            let c = h.ask(mrd(BAR0 + at, 1, be as u32, 0, 7), 7);
            assert_eq!((c.status, c.byte_count, c.lower_address), (0, bytes, at as u32 & 0x7c | offset), "be {be:x}");
            assert_eq!(c.data.len(), 1);
        }
    }
    // A zero-length read returns 0, whatever stands there.
    assert_eq!(h.ask(mrd(BAR0 + 0x1000, 1, 0, 0, 7), 7).data, [0]);
    assert_eq!(h.ask(mrd(BAR0 + 0x1000, 1, 1, 0, 7), 7).data, [0x3153_4d49]);
}

#[test]
fn byte_counts_of_two_words() {
    let mut h = Hand::ready();
    for first in 1..16u32 {
        for last in 1..16u32 {
            let c = h.ask(mrd(BAR0 + 0x1000, 2, first, last, 9), 9);
            // Bytes from the first enabled to the last enabled one.
            let enabled = first | last << 4;
            let bytes = 8 - enabled.trailing_zeros() - (enabled << 24).leading_zeros();
            assert_eq!((c.byte_count, c.lower_address), (bytes, first.trailing_zeros()));
            assert_eq!(c.data, [0x3153_4d49, 0x0100]);
        }
    }
}

/// All completions of one read.
fn completions(h: &mut Hand, request: Packet) -> Vec<Cpl> {
    h.push(request);
    h.run(1500);
    std::mem::take(&mut h.up).iter().map(cpl).collect()
}

#[test]
fn long_reads_are_split_at_the_payload_size() {
    for (code, size) in [(0, 128), (1, 256), (2, 512), (5, 512)] {
        let mut h = Hand::ready();
        h.cfg_write(0x58, 0x2810 | code << 5);
        for k in 0..256u32 {
            h.write16(BAR2 + 16 * u64::from(k), [4 * k * 4, 4 * k + 1, 4 * k + 2, 1]);
        }
        let word = |i: u32| match i % 4 {
            0 => 4 * i,
            3 => 1,
            _ => i,
        };
        for (start, words, first, last) in [
            (0u32, 1024u32, 0xf, 0xf),
            (4, 1023, 0xf, 0xf),
            (0x7c, 2, 0x8, 0x1),
            (0x1fc, 33, 0xe, 0x7),
            (0x84, 300, 0xc, 0x3),
        ] {
            let got = completions(&mut h, mrd(BAR2 + u64::from(start), words, first, last, 3));
            let mut at = start + u32::trailing_zeros(first);
            let end = start + 4 * words - ((last << 28).leading_zeros());
            let mut data = Vec::new();
            for (i, c) in got.iter().enumerate() {
                assert_eq!(c.byte_count, (end - at) & 0xfff, "{start:x} {words}");
                assert_eq!(c.lower_address, at & 0x7f);
                let next = (at & !3) + 4 * c.data.len() as u32;
                assert!(next - (at & !3) <= size);
                if i + 1 < got.len() {
                    assert_eq!(next % size, 0);
                }
                at = next;
                data.extend_from_slice(&c.data);
            }
            assert_eq!(data, (start / 4..start / 4 + words).map(word).collect::<Vec<_>>());
        }
    }
}

#[test]
fn tag_class_and_attributes_come_back() {
    let mut h = Hand::ready();
    for (tag, tc, attr) in [(0x3ff, 7, 7), (0x100, 1, 4), (0x2aa, 0, 2), (0x055, 3, 1)] {
        let mut request = mrd(BAR0 + 0x1000, 1, 0xf, 0, tag);
        request.header[0] |= tc << 20 | (attr >> 2) << 18 | (attr & 3) << 12;
        let c = h.ask(request, tag);
        assert_eq!((c.tag, c.tc, c.attr), (tag, tc, attr));
    }
}

#[test]
fn writes_of_every_length_reach_what_is_there() {
    let mut h = Hand::ready();
    h.push(mwr(BAR2 + 4, 0xe, 0x7, &[0x1111_1111, 0x2222_2222, 0x3333_3333, 0x4444_4444]));
    let c = completions(&mut h, mrd(BAR2, 6, 0xf, 0xf, 1));
    assert_eq!(c[0].data, [0, 0x1111_1100, 0x2222_2222, 1, 0x0044_4444 & !3, 0]);
    // 32 words at most with the smallest payload size.
    h.push(mwr(BAR2 + 0x80, 0xf, 0xf, &[0xffff_ffff; 32]));
    assert_eq!(h.read(BAR2 + 0xf0), 0xffff_fffc);
    h.push(mwr(BAR2 + 0x100, 0xf, 0xf, &[0xffff_ffff; 33]));
    assert_eq!(h.read(BAR2 + 0x100), 0);
    assert_eq!(h.take_status(), (0b0100, 0));
}

/// A request that is answered with UR, and what it leaves in Device Status.
#[test]
fn unsupported_requests_are_refused_and_logged() {
    let request = |w0: u32, data: &[u32]| {
        Packet::with_data(
            [w0 | data.len().max(1) as u32, RC_ID << 16 | 0x77 << 8 | 0xf, BAR0 as u32 + 0x1000, 0],
            data.iter().copied(),
        )
    };
    let mut other_function = cfgrd(0, 0x77);
    other_function.header[2] |= 1 << 16;
    let mut other_write = cfgwr(0x3c, 0x55, 0xf, 0x77);
    other_write.header[2] |= 7 << 16;
    let mut translation = mrd(BAR0 + 0x1000, 1, 0xf, 0, 0x77);
    translation.header[0] |= 1 << 10;
    let mut reserved_at = mrd(BAR0 + 0x1000, 1, 0xf, 0, 0x77);
    reserved_at.header[0] |= 3 << 10;
    let locked = Packet::bare([0x0100_0001, RC_ID << 16 | 0x77 << 8 | 0x6, 0x14, 0]);
    // packet, byte count, lower address
    let rows = [
        (other_function, 4, 0),
        (other_write, 4, 0),
        (request(0x0500_0000, &[]), 4, 0),
        (request(0x4500_0000, &[1]), 4, 0),
        (request(0x0200_0000, &[]), 4, 0),
        (request(0x4200_0000, &[1]), 4, 0),
        (request(0x4c00_0000, &[1]), 4, 0),
        (request(0x4d00_0000, &[1, 2]), 4, 0),
        (request(0x4e00_0000, &[1, 2, 3, 4]), 4, 0),
        (request(0x5b00_0000, &[1]), 4, 0),
        (locked, 2, 0x15),
        (translation, 4, 0),
        (reserved_at, 4, 0),
        (mrd(0x1000, 1, 0xc, 0, 0x77), 2, 2),
        (mrd(0x1_0000_1034, 3, 0xf, 0x1, 0x77), 9, 0x34),
        (mrd(BAR4 + 0x4_0000, 1, 0xf, 0, 0x77), 4, 0),
    ];
    let mut h = Hand::ready();
    for (packet, bytes, lower) in rows {
        let c = h.ask(packet.clone(), 0x77);
        assert_eq!((c.status, c.byte_count, c.lower_address), (1, bytes, lower), "{packet:x?}");
        assert!(c.data.is_empty());
        assert_eq!(h.take_status(), (0b1001, 0), "{packet:x?}");
    }
    assert_eq!(h.cfg_read(0x3c), 0x100);
}

#[test]
fn memory_is_closed_without_memory_enable_and_in_d3hot() {
    for closed in 0..2 {
        let mut h = Hand::ready();
        if closed == 0 {
            h.cfg_write(0x04, 0x4)
        } else {
            h.cfg_write(0x44, 3)
        }
        let c = h.ask(mrd(BAR2, 1, 0xf, 0, 5), 5);
        assert_eq!((c.status, c.byte_count), (1, 4));
        assert_eq!(h.take_status(), (0b1001, 0));
        h.write(BAR2, 0xffff_ffff);
        assert_eq!(h.take_status(), (0b1010, 0));
        if closed == 0 {
            h.cfg_write(0x04, 0x6);
            assert_eq!(h.read(BAR2), 0);
        }
    }
}

#[test]
fn poison_is_refused_and_logged() {
    let mut h = Hand::ready();
    let mut write = mwr(BAR2, 0xf, 0, &[0xffff_ffff]);
    write.header[0] |= 1 << 14;
    h.push(write);
    assert_eq!(h.read(BAR2), 0);
    assert_eq!(h.take_status(), (0b0010, 0x8000));

    let mut write = cfgwr(0x3c, 0x55, 0xf, 6);
    write.header[0] |= 1 << 14;
    write.header[2] = 0x4448 << 16 | 0x3c;
    let c = h.ask(write, 6);
    assert_eq!((c.status, c.byte_count, c.completer), (1, 4, EP_ID));
    assert_eq!(h.take_status(), (0b0001, 0x8000));
    assert_eq!(h.cfg_read(0x3c), 0x100);

    // On a packet without data the bit means nothing.
    let mut read = mrd(BAR0 + 0x1000, 1, 0xf, 0, 6);
    read.header[0] |= 1 << 14;
    assert_eq!(h.ask(read, 6).status, 0);
    assert_eq!(h.take_status(), (0, 0));
}

#[test]
fn malformed_packets_are_dropped_and_logged() {
    let change = |mut p: Packet, f: &dyn Fn(&mut Packet)| {
        f(&mut p);
        p
    };
    let read = || mrd(BAR0 + 0x1000, 1, 0xf, 0, 5);
    let long = || mrd(BAR0 + 0x1000, 2, 0xf, 0xf, 5);
    let write = || mwr(BAR2, 0xf, 0, &[0xffff_ffff]);
    let msg = Packet::bare([0x3000_0000, RC_ID << 16 | 0x7f, 0, 0]);
    let cases = [
        change(read(), &|p| p.header[0] |= 0x1f << 24),
        change(read(), &|p| p.header[0] |= 4 << 29),
        change(read(), &|p| p.prefix = Some(0x9000_0001)),
        change(read(), &|p| p.prefix = Some(0x8100_0001)),
        change(cfgrd(0, 5), &|p| p.prefix = Some(0x9100_0001)),
        change(msg.clone(), &|p| p.prefix = Some(0x9100_0001)),
        change(read(), &|p| p.data.push(0)),
        change(write(), &|p| p.data.push(0)),
        change(write(), &|p| p.data.clear()),
        change(write(), &|p| p.header[0] |= 1 << 15), // TD without a digest
        change(read(), &|p| p.header[1] |= 0xf0),
        change(write(), &|p| p.header[1] |= 0x10),
        change(long(), &|p| p.header[1] &= !0xf0),
        change(long(), &|p| p.header[1] &= !0x0f),
        mrd(BAR2 + 0xffc, 2, 0xf, 0xf, 5),
        mrd(BAR2 + 4, 1024, 0xf, 0xf, 5),
        mwr(BAR2 + 0xffc, 0xf, 0xf, &[1, 2]),
        mwr(BAR2, 0xf, 0xf, &[0; 33]),
        change(cfgrd(0, 5), &|p| p.header[0] += 1),
        change(cfgrd(0, 5), &|p| p.header[0] |= 1 << 20),
        change(cfgrd(0, 5), &|p| p.header[0] |= 1 << 12),
        change(cfgrd(0, 5), &|p| p.header[0] |= 1 << 18),
        change(cfgrd(0, 5), &|p| p.header[0] |= 1 << 10),
        change(cfgwr(0x3c, 1, 0xf, 5), &|p| p.header[1] |= 0x10),
        change(cfgrd(0, 5), &|p| p.header[0] |= 1 << 29), // four words
        change(msg.clone(), &|p| p.header[0] |= 6 << 24),
        change(msg.clone(), &|p| p.header[0] |= 7 << 24),
        change(msg.clone(), &|p| p.header[0] &= !(1 << 29)), // three words
        // Unlock, Assert_INTA, ERR_COR: by another route, in another class.
        Packet::bare([0x3400_0000, RC_ID << 16, 0, 0]),
        Packet::bare([0x3310_0000, RC_ID << 16, 0, 0]),
        Packet::bare([0x3000_0000, RC_ID << 16 | 0x20, 0, 0]),
        Packet::bare([0x3420_0000, RC_ID << 16 | 0x20, 0, 0]),
        Packet::bare([0x3200_0000, RC_ID << 16 | 0x30, 0, 0]),
        // FetchAdd of three words, Swap of four, CAS of one and of three.
        Packet::with_data([0x4c00_0003, RC_ID << 16 | 0xff, BAR2 as u32, 0], [1, 2, 3]),
        Packet::with_data([0x4d00_0004, RC_ID << 16 | 0xff, BAR2 as u32, 0], [1, 2, 3, 4]),
        Packet::with_data([0x4e00_0001, RC_ID << 16 | 0xf, BAR2 as u32, 0], [1]),
        Packet::with_data([0x4e00_0003, RC_ID << 16 | 0xff, BAR2 as u32, 0], [1, 2, 3]),
    ];
    let mut h = Hand::ready();
    for packet in cases {
        h.push(packet.clone());
        h.run(200);
        assert_eq!(h.up, [], "{packet:x?}");
        assert_eq!(h.take_status(), (0b0100, 0), "{packet:x?}");
    }
    assert_eq!(h.read(BAR2), 0);
    assert_eq!(h.cfg_read(0x3c), 0x100);
}

#[test]
fn a_digest_is_allowed_and_ignored() {
    let mut h = Hand::ready();
    let mut write = mwr(BAR2, 0xf, 0, &[0x10, 0xdead_beef]);
    write.header[0] = write.header[0] & !0x3ff | 1 | 1 << 15;
    h.push(write);
    assert_eq!((h.read(BAR2), h.read(BAR2 + 4)), (0x10, 0));
    let mut read = mrd(BAR2, 1, 0xf, 0, 5);
    read.header[0] |= 1 << 15;
    read.data.push(0x1234);
    assert_eq!(h.ask(read, 5).data, [0x10]);
    assert_eq!(h.take_status(), (0, 0));
}

#[test]
fn messages_are_dropped_some_with_a_log() {
    let mut h = Hand::ready();
    for code in 0..=255u32 {
        // Those of which the code has one routing have it.
        let routing = match code {
            0x18 | 0x30 | 0x31 | 0x33 => 0,
            0x00 | 0x19 => 3,
            0x14 | 0x20..=0x27 | 0x50 => 4,
            0x1b => 5,
            _ => code % 6,
        };
        h.push(Packet::bare([0x3000_0000 | routing << 24, RC_ID << 16 | code, 0, 0]));
        h.run(20);
        let known = matches!(code, 0x00 | 0x14 | 0x19 | 0x50 | 0x7f);
        assert_eq!(h.take_status(), if known { (0, 0) } else { (0b1010, 0) }, "{code:x}");
    }
    h.push(Packet::with_data([0x7400_0001, RC_ID << 16 | 0x50, 0, 0], [1]));
    h.run(20);
    assert_eq!(h.take_status(), (0, 0));
}

#[test]
fn hints_make_all_bytes_of_a_read_count() {
    let mut h = Hand::ready();
    let mut read = mrd(BAR0 + 0x1000, 1, 0x3, 0x5, 5);
    read.header[0] |= 1 << 16;
    let c = h.ask(read, 5);
    assert_eq!((c.status, c.byte_count, c.data[0]), (0, 4, 0x3153_4d49));
}

#[test]
fn a_four_word_header_below_4_gib_is_accepted() {
    let mut h = Hand::ready();
    let c = h.ask(Packet::bare([0x2000_0001, RC_ID << 16 | 0x0500 | 0xf, 0, BAR0 as u32 + 0x1000]), 5);
    assert_eq!(c.data, [0x3153_4d49]);
}

#[test]
fn holes_read_zero_and_parameters_show() {
    let config =
        GoldenConfig { num_msix: 17, num_dev_slots: 33, num_host_slots: 128, cache_lines: 4, ..Default::default() };
    let mut h = Hand::ready_with(&config);
    assert_eq!([0x1008, 0x100c, 0x1010, 0x1014].map(|o| h.reg(o)), [17, 33, 128, 4]);
    for offset in [0x34, 0xffc, 0x1018, 0x101c, 0x1050, 0x110c, 0x112c, 0xfffc] {
        h.set_reg(offset, !0);
        assert_eq!(h.reg(offset), 0);
    }
    for offset in (0..0x1200).chain(0x4000..0x6000).step_by(4) {
        h.set_reg(offset, 0);
    }
}

#[test]
fn the_limit_of_non_posted_requests_grows_as_they_are_performed() {
    let mut h = Hand::ready();
    let limits = |h: &Hand| {
        h.seen
            .iter()
            .filter_map(|s| if let Observed::NonPostedLimit(n) = s.what { Some(n) } else { None })
            .collect::<Vec<_>>()
    };
    let before = limits(&h);
    assert_eq!(before[0], 8);
    for i in 0..600 {
        h.cfg_read(0);
        let _ = i;
    }
    let after = limits(&h);
    assert_eq!(after.len(), before.len() + 600);
    assert!(after.windows(2).all(|w| w[1] == w[0].wrapping_add(1)));
}

#[test]
fn translated_requests_are_taken() {
    let mut h = Hand::ready();
    let mut write = mwr(BAR2, 0xf, 0, &[0x10]);
    write.header[0] |= 2 << 10;
    h.push(write);
    let mut read = mrd(BAR2, 1, 0xf, 0, 5);
    read.header[0] |= 2 << 10;
    assert_eq!(h.ask(read, 5).data, [0x10]);
}
