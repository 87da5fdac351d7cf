// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Digests of packets, by table [PCIe Base 2.7.1].
//!
//! The bit order of the link turns the specification's polynomial into the reflected one
//! that everybody has tables for: the digest, read as a little-endian word, is the CRC-32
//! of the bytes of prefix, header and payload with Type\[0\] and EP read as 1.

use tlp::Packet;

use super::header::Word0;

/// The polynomial, reflected.
const POLYNOMIAL: u32 = 0xedb8_8320;

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut value, mut bit) = (byte as u32, 0);
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ POLYNOMIAL } else { value >> 1 };
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
};

fn update(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, byte| TABLE[usize::from(crc as u8 ^ byte)] ^ crc >> 8)
}

/// The digest of a packet whose digest bit is set already and whose data are `payload`.
pub fn digest(packet: &Packet, payload: &[u32]) -> u32 {
    let mut word0 = Word0::from_bits(packet.header[0]);
    word0.set_ty(word0.ty() | 1);
    word0.set_poisoned(true);
    let words = if word0.fmt() & 1 == 1 { 4 } else { 3 };
    let mut header = packet.header;
    header[0] = word0.into_bits();
    let crc = packet.prefix.iter().fold(u32::MAX, |crc, prefix| update(crc, &prefix.to_be_bytes()));
    let crc = header[..words].iter().fold(crc, |crc, word| update(crc, &word.to_be_bytes()));
    !payload.iter().fold(crc, |crc, word| update(crc, &word.to_le_bytes()))
}

/// Whether the last data word of a packet with the digest bit is right.
pub fn is_right(packet: &Packet) -> bool {
    packet.data.split_last().is_some_and(|(last, payload)| digest(packet, payload) == *last)
}

/// Appends the digest, exclusive-or `flip`: 0 for a right one.
pub fn append(packet: &mut Packet, flip: u32) {
    let word0 = Word0::from_bits(packet.header[0]).with_digest(true);
    packet.header[0] = word0.into_bits();
    let word = digest(packet, &packet.data) ^ flip;
    packet.data.push(word);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets whose digests were worked out apart from this project.
    #[test]
    fn known_answers() {
        let of = |prefix, header, data: &[u32]| digest(&Packet { prefix, header, data: Default::default() }, data);
        assert_eq!(of(None, [0x4000_8001, 0x0100_000f, 0xfee0_1000, 0], &[0x41]), 0xfed2_f3ba);
        assert_eq!(of(None, [0x0a00_8000, 0x0100_2004, 0x0000_0500, 0], &[]), 0x3109_3bed);
        let four = [0x0302_0100, 0x0706_0504, 0x0b0a_0908, 0x0f0e_0d0c];
        assert_eq!(of(None, [0x6000_8004, 0x0100_00ff, 1, 0x2345_6780], &four), 0x03ea_404d);
        assert_eq!(of(Some(0x9101_2345), [0x0000_8001, 0x0000_050f, 0xe000_1000, 0], &[]), 0xea14_ae7b);
    }

    #[test]
    fn every_bit_that_must_not_change_is_covered() {
        let mut packet = Packet::with_data([0x4000_0001, 0x0100_000f, 0x8000_0000, 0], [0x1234]);
        append(&mut packet, 0);
        assert!(is_right(&packet));
        for word in 0..3 {
            for bit in 0..32 {
                let mut other = packet.clone();
                other.header[word] ^= 1 << bit;
                let variant = word == 0 && (bit == 24 || bit == 14);
                // Bit 29 adds a header word, which is 0 here and covered too.
                assert_eq!(is_right(&other), variant, "word {word} bit {bit}");
            }
        }
        packet.data[0] ^= 1 << 31;
        assert!(!is_right(&packet));
    }
}
