// SPDX-License-Identifier: Apache-2.0 OR MIT
//! End-to-end CRC, bit by bit, from the specification's figure.
//!
//! [PCIe Base 2.7.1.] A shift register of 32 bits takes the bytes of prefix, header
//! and data in wire order, bit 0 of each first; two header bits that may change on the
//! way count as 1. The complement is the digest, its coefficient of x^31 sent first.

use tlp::Packet;

/// Type bit 0, in the first header word.
const VARIANT_TYPE: u32 = 1 << 24;
/// EP, in the first header word.
const VARIANT_EP: u32 = 1 << 14;
/// TD.
pub(crate) const TD: u32 = 1 << 15;

fn shift_in(register: u32, byte: u8) -> u32 {
    (0..8).fold(register, |r, i| {
        let feedback = r >> 31 ^ u32::from(byte >> i & 1);
        r << 1 ^ if feedback == 1 { 0x04c1_1db7 } else { 0 }
    })
}

/// The digest word over a packet with these words of payload, first byte in bits 7:0.
fn over(prefix: Option<u32>, header: [u32; 4], payload: &[u32]) -> u32 {
    let four_words = header[0] >> 29 & 1 != 0;
    let mut words = header;
    words[0] |= VARIANT_TYPE | VARIANT_EP;
    let head = prefix.iter().chain(&words[..if four_words { 4 } else { 3 }]).flat_map(|w| w.to_be_bytes());
    let bytes = head.chain(payload.iter().flat_map(|w| w.to_le_bytes()));
    // Bit 31 of the result leaves first: it is bit 0 of the first byte.
    (!bytes.fold(u32::MAX, shift_in)).reverse_bits()
}

/// Whether the last data word of a packet with TD is its digest.
pub(crate) fn fits(packet: &Packet) -> bool {
    match packet.data.split_last() {
        Some((digest, payload)) => over(packet.prefix, packet.header, payload) == *digest,
        None => false,
    }
}

/// Gives a packet a digest.
pub(crate) fn attach(packet: &mut Packet) {
    packet.header[0] |= TD;
    let digest = over(packet.prefix, packet.header, &packet.data);
    packet.data.push(digest);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers computed outside of this project's code.
    #[test]
    fn known_answers() {
        assert_eq!(over(None, [0x4000_8001, 0x0100_000f, 0xfee0_1000, 0], &[0x41]), 0xfed2_f3ba);
        assert_eq!(over(None, [0x0a00_8000, 0x0100_2004, 0x0000_0500, 0], &[]), 0x3109_3bed);
        let data = [0x0302_0100, 0x0706_0504, 0x0b0a_0908, 0x0f0e_0d0c];
        assert_eq!(over(None, [0x6000_8004, 0x0100_00ff, 1, 0x2345_6780], &data), 0x03ea_404d);
        assert_eq!(over(Some(0x9101_2345), [0x0000_8001, 0x0000_050f, 0xe000_1000, 0], &[]), 0xea14_ae7b);
    }

    #[test]
    fn poison_and_type_bit_0_do_not_count() {
        let mut packet = Packet::with_data([0x4000_0001, 0x0100_000f, 0x8000_0000, 0], [7]);
        attach(&mut packet);
        packet.header[0] |= 1 << 14;
        assert!(fits(&packet));
        packet.header[2] ^= 4;
        assert!(!fits(&packet));
    }
}
