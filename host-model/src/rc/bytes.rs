// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Byte ranges as byte enables, counts and words, and back.

/// A byte range as a request names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// Address of the first double word.
    pub address: u64,
    /// Double words touched, 1..=1024 for a legal request.
    pub length: u16,
    /// Byte enables of the first double word.
    pub first_be: u8,
    /// Byte enables of the last double word; 0 when there is only one.
    pub last_be: u8,
}

impl Span {
    /// The span of `len` contiguous bytes at `addr`; `None` when it is longer than 1024
    /// double words. A length of 0 is the zero-length request (one word, no enables).
    pub fn of(addr: u64, len: usize) -> Option<Self> {
        let lead = (addr & 3) as usize;
        let words = (lead + len).div_ceil(4).max(1);
        if words > 1024 {
            return None;
        }
        let head = 0xf << lead & 0xf;
        let tail = 0xf >> (words * 4 - (lead + len).max(1)).min(4);
        let (first_be, last_be) = match (len, words) {
            (0, _) => (0, 0),
            (_, 1) => ((head & tail) as u8, 0),
            _ => (head as u8, tail as u8),
        };
        Some(Self { address: addr & !3, length: words as u16, first_be, last_be })
    }

    /// Bytes from the first enabled to the last enabled one; 1 for a zero-length
    /// request. This is the initial Byte Count of a read [PCIe Base 2.3.1.1, table 2-39].
    pub fn byte_count(&self) -> u16 {
        let first = self.first_be & 0xf;
        if self.length == 1 {
            return if first == 0 { 1 } else { (8 - first.leading_zeros() - first.trailing_zeros()) as u16 };
        }
        let last = self.last_be & 0xf;
        self.length * 4 - self.lead() - (last.leading_zeros() as u16).saturating_sub(4)
    }

    /// Disabled bytes in front of the first enabled one; 0 when none is enabled.
    pub fn lead(&self) -> u16 {
        match self.first_be & 0xf {
            0 => 0,
            be => be.trailing_zeros() as u16,
        }
    }

    /// Address of the first enabled byte.
    pub fn start(&self) -> u64 {
        self.address + u64::from(self.lead())
    }

    /// Whether byte `i`, counted from the first byte of the first word, is enabled.
    pub fn enables(&self, i: usize) -> bool {
        let word = i / 4;
        let last = usize::from(self.length) - 1;
        let be = match word {
            0 => self.first_be,
            w if w == last => self.last_be,
            _ => 0xf,
        };
        be >> (i % 4) & 1 == 1
    }

    /// Whether the enables keep the rules of PCIe Base 2.2.5.
    pub fn enables_legal(&self) -> bool {
        let (first, last) = (self.first_be, self.last_be);
        match self.length {
            1 => last == 0,
            2 if self.address & 7 == 0 => first != 0 && last != 0,
            _ => matches!(first, 0xf | 0xe | 0xc | 0x8) && matches!(last, 0xf | 0x7 | 0x3 | 0x1),
        }
    }

    /// Whether the words touched lie in one naturally aligned 4 KiB page.
    pub fn in_one_page(&self) -> bool {
        (self.address & 0xfff) + u64::from(self.length) * 4 <= 0x1000
    }
}

/// Bytes of payload words, lowest address first.
pub fn to_bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|w| w.to_le_bytes()).collect()
}

/// Payload words of bytes; `lead` bytes of `fill` stand in front and the last word is
/// filled up with it.
pub fn to_words(lead: usize, bytes: &[u8], fill: u8) -> Vec<u32> {
    let mut padded = vec![fill; lead];
    padded.extend_from_slice(bytes);
    padded.resize(padded.len().div_ceil(4).max(1) * 4, fill);
    padded.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_counts_of_one_word_follow_the_table() {
        // [PCIe Base table 2-39], all sixteen patterns.
        let table = [1, 1, 1, 2, 1, 3, 2, 3, 1, 4, 3, 4, 2, 4, 3, 4];
        for (be, &count) in table.iter().enumerate() {
            let span = Span { address: 0, length: 1, first_be: be as u8, last_be: 0 };
            assert_eq!(span.byte_count(), count, "BE {be:04b}");
        }
    }

    #[test]
    fn byte_counts_of_more_words_lose_both_ends() {
        for (length, first_be, last_be, count) in
            [(2, 0xf, 0xf, 8), (2, 0x8, 0x1, 2), (2, 0x1, 0x8, 8), (3, 0xe, 0x7, 10), (1024, 0xf, 0xf, 4096)]
        {
            assert_eq!(Span { address: 0, length, first_be, last_be }.byte_count(), count);
        }
    }

    #[test]
    fn every_small_range_becomes_a_legal_span_of_itself() {
        for addr in 0..16u64 {
            for len in 1..40usize {
                let span = Span::of(0x1000 + addr, len).unwrap();
                assert!(span.enables_legal(), "{span:?}");
                assert_eq!(span.start(), 0x1000 + addr);
                assert_eq!(usize::from(span.byte_count()), len);
                let enabled: Vec<u64> = (0..usize::from(span.length) * 4)
                    .filter(|&i| span.enables(i))
                    .map(|i| span.address + i as u64)
                    .collect();
                assert_eq!(enabled, (0x1000 + addr..0x1000 + addr + len as u64).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn ranges_beyond_the_length_field_have_no_span() {
        assert_eq!(Span::of(0, 4096).map(|s| s.length), Some(1024));
        assert_eq!(Span::of(1, 4096), None);
        assert_eq!(Span::of(5, 0), Some(Span { address: 4, length: 1, first_be: 0, last_be: 0 }));
    }

    #[test]
    fn enables_that_break_the_rules_are_seen() {
        let span = |address, length, first_be, last_be| Span { address, length, first_be, last_be };
        assert!(span(0, 1, 0b0101, 0).enables_legal());
        assert!(!span(0, 1, 0xf, 1).enables_legal());
        assert!(span(8, 2, 0b1001, 0b0101).enables_legal());
        assert!(!span(4, 2, 0b1001, 0b0101).enables_legal());
        assert!(!span(0, 2, 0xf, 0).enables_legal());
        assert!(!span(0, 3, 0b0111, 0xf).enables_legal());
        assert!(span(0xffc, 1, 0xf, 0).in_one_page());
        assert!(!span(0xffc, 2, 0xf, 0xf).in_one_page());
    }

    #[test]
    fn words_and_bytes_agree_on_order() {
        assert_eq!(to_words(1, &[0x11, 0x22, 0x33, 0x44], 0), [0x3322_1100, 0x44]);
        assert_eq!(to_bytes(&[0x3322_1100, 0x44]), [0, 0x11, 0x22, 0x33, 0x44, 0, 0, 0]);
    }
}
