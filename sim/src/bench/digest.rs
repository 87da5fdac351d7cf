// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The monitor's own reckoning of digests [PCIe Base 2.7.1].
//!
//! Long division of the bit string as it passes on the link by the polynomial, the
//! remainder laid into the digest by the specification's table of bit positions.

use tlp::Packet;

const POLYNOMIAL: u64 = 0x1_04c1_1db7;

/// The bits of a packet in wire order, without the digest; Type bit 0 and EP read as 1.
fn bits(p: &Packet, payload: &[u32]) -> Vec<bool> {
    let words = if p.header[0] >> 29 & 1 == 1 { 4 } else { 3 };
    let mut bytes = Vec::new();
    bytes.extend(p.prefix.iter().flat_map(|w| w.to_be_bytes()));
    let start = bytes.len();
    bytes.extend(p.header[..words].iter().flat_map(|w| w.to_be_bytes()));
    bytes[start] |= 0x01;
    bytes[start + 2] |= 0x40;
    bytes.extend(payload.iter().flat_map(|w| w.to_le_bytes()));
    bytes.iter().flat_map(|byte| (0..8).map(move |i| byte >> i & 1 == 1)).collect()
}

/// The digest word of a packet with this payload, first byte in bits 7:0.
fn digest(p: &Packet, payload: &[u32]) -> u32 {
    let mut string = bits(p, payload);
    // A register that starts with ones is the string with its first 32 bits turned.
    string.iter_mut().take(32).for_each(|bit| *bit = !*bit);
    string.extend([false; 32]);
    let remainder = string.into_iter().fold(0u64, |rest, bit| {
        let rest = rest << 1 | u64::from(bit);
        if rest >> 32 == 1 { rest ^ POLYNOMIAL } else { rest }
    });
    let result = !(remainder as u32);
    // Result bits 31:24 are in byte 0, turned: 31 at bit 0, 24 at bit 7; and so on.
    let byte = |k: u32| (0..8).fold(0, |b, i| b | (result >> (31 - 8 * k - i) & 1) << i);
    (0..4).fold(0, |word, k| word | byte(k) << (8 * k))
}

/// Whether a packet with TD has the right digest as its last data word.
pub fn is_right(p: &Packet) -> bool {
    p.data.split_last().is_some_and(|(last, payload)| digest(p, payload) == *last)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers, worked out with another program.
    #[test]
    fn known_answers() {
        let of = |prefix, header, data: &[u32]| digest(&Packet { prefix, header, data: Default::default() }, data);
        assert_eq!(of(None, [0x4000_8001, 0x0100_000f, 0xfee0_1000, 0], &[0x41]), 0xfed2_f3ba);
        assert_eq!(of(None, [0x0a00_8000, 0x0100_2004, 0x0000_0500, 0], &[]), 0x3109_3bed);
        let four = [0x0302_0100, 0x0706_0504, 0x0b0a_0908, 0x0f0e_0d0c];
        assert_eq!(of(None, [0x6000_8004, 0x0100_00ff, 1, 0x2345_6780], &four), 0x03ea_404d);
        assert_eq!(of(Some(0x9101_2345), [0x0000_8001, 0x0000_050f, 0xe000_1000, 0], &[]), 0xea14_ae7b);
    }
}
