// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Headers as the tables of the specification have them.

use super::*;

fn bdf(bits: u16) -> Bdf {
    Bdf::from_bits(bits)
}

/// Header words worked out by hand from the tables of PCIe Base 2.2.
fn known() -> Vec<(Header, [u32; 4])> {
    let mem = |address, first_be, last_be| Body::Addressed {
        requester: bdf(0x0100),
        tag: 0x25,
        address,
        hint: 0,
        first_be,
        last_be,
    };
    let config =
        |register| Body::Config { requester: bdf(0), tag: 3, target: bdf(0x0108), register, first_be: 0xf, last_be: 0 };
    let completion = |status, byte_count, lower_address| Body::Completion {
        completer: bdf(0x0100),
        requester: bdf(0x00f8),
        tag: 0x1a5,
        status,
        bcm: false,
        byte_count,
        lower_address,
    };
    let mut relaxed = Header::new(Kind::MemWrite, true, 1, mem(0xfee0_1000, 0xf, 0));
    relaxed.attr.relaxed = true;
    relaxed.tc = 5;
    vec![
        (Header::new(Kind::MemRead, false, 4, mem(0x1000, 0xf, 0xf)), [0x0000_0004, 0x0100_25ff, 0x1000, 0]),
        (
            Header::new(Kind::MemRead, false, 1024, mem(0x12_3456_7000, 0xf, 0xf)),
            [0x2000_0000, 0x0100_25ff, 0x12, 0x3456_7000],
        ),
        (Header::new(Kind::MemWrite, true, 1, mem(0xfee0_1000, 0xf, 0)), [0x4000_0001, 0x0100_250f, 0xfee0_1000, 0]),
        (Header::new(Kind::MemWrite, true, 2, mem(0x1_0000_0000, 0xe, 0x3)), [0x6000_0002, 0x0100_253e, 1, 0]),
        (relaxed, [0x4050_2001, 0x0100_250f, 0xfee0_1000, 0]),
        (
            Header::new(Kind::ConfigRead { type1: false }, false, 1, config(0x104)),
            [0x0400_0001, 0x0000_030f, 0x0108_0104, 0],
        ),
        (
            Header::new(Kind::ConfigWrite { type1: true }, true, 1, config(0x04)),
            [0x4500_0001, 0x0000_030f, 0x0108_0004, 0],
        ),
        (Header::new(Kind::IoRead, false, 1, mem(0xcf8, 0xf, 0)), [0x0200_0001, 0x0100_250f, 0xcf8, 0]),
        (Header::new(Kind::IoWrite, true, 1, mem(0xcfc, 1, 0)), [0x4200_0001, 0x0100_2501, 0xcfc, 0]),
        (
            Header::new(Kind::Completion { locked: false }, true, 16, completion(Status::Success, 64, 0x40)),
            [0x4a08_0010, 0x0100_0040, 0x00f8_a540, 0],
        ),
        (
            Header::new(Kind::Completion { locked: false }, true, 1, completion(Status::Success, 4096, 0)),
            [0x4a08_0001, 0x0100_0000, 0x00f8_a500, 0],
        ),
        (
            Header::new(Kind::Completion { locked: false }, false, 1024, completion(Status::CompleterAbort, 4, 0)),
            [0x0a08_0000, 0x0100_8004, 0x00f8_a500, 0],
        ),
        (
            Header::new(
                Kind::Message { routing: 3 },
                false,
                1024,
                Body::Message { requester: bdf(0), tag: 0, code: 0x19, rest: [0, 0] },
            ),
            [0x3300_0000, 0x0000_0019, 0, 0],
        ),
        (Header::new(Kind::Atomic { op: 2 }, true, 4, mem(0x2000, 0xf, 0xf)), [0x4e00_0004, 0x0100_25ff, 0x2000, 0]),
        (Header::new(Kind::DeferrableWrite, true, 1, mem(0x40, 0xf, 0)), [0x5b00_0001, 0x0100_250f, 0x40, 0]),
    ]
}

#[test]
fn headers_pack_to_known_words() {
    for (header, words) in known() {
        assert_eq!(header.pack().map(|w| format!("{w:08x}")), words.map(|w| format!("{w:08x}")), "{header:?}");
    }
}

#[test]
fn known_words_unpack_to_headers() {
    for (header, words) in known() {
        assert_eq!(Header::unpack(&words), Ok(header));
    }
}

#[test]
fn every_fmt_and_type_is_reserved_or_keeps_its_kind() {
    let mut legal = 0;
    for code in 0..=u8::MAX {
        let (fmt, ty) = (code >> 5, code & 0x1f);
        let Some(kind) = Kind::from_bits(fmt, ty) else { continue };
        legal += 1;
        let (back, without, with) = kind.code();
        assert_eq!(back, ty);
        assert!(if fmt & 2 == 2 { with } else { without }, "{kind:?} with fmt {fmt}");
    }
    // MRd, MRdLk, MWr: 2 each; IO 2; Cfg 4; Cpl 4; atomics 6; DMWr 2; Msg 16.
    assert_eq!(legal, 40);
}

#[test]
fn length_digest_and_words_must_agree() {
    let (header, words) = known()[2];
    assert_eq!(parse(&Packet::with_data(words, [7])).map(|p| (p.header, p.payload[0])), Ok((header, 7)));
    let two = Packet::with_data(words, [7, 8]);
    assert_eq!(parse(&two).map(|_| ()), Err(ParseError::Length { words: 2, expected: 1 }));
    let mut digest = two.clone();
    digest.header[0] |= 1 << 15;
    assert_eq!(parse(&digest).map(|p| p.payload.to_vec()), Ok(vec![7]));
    let data_on_read = Packet::with_data(known()[0].1, [1]);
    assert_eq!(parse(&data_on_read).map(|_| ()), Err(ParseError::Length { words: 1, expected: 0 }));
    let prefix = Packet::bare([0x9100_0000, 0, 0, 0]);
    assert_eq!(parse(&prefix).map(|_| ()), Err(ParseError::Reserved { fmt: 4, ty: 0x11 }));
}
