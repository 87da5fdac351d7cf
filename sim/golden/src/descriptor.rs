// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Descriptors of work: 32 bytes of host memory, what they ask for, what is wrong with them.
//!
//! [Data sheet section 14.]

/// Bytes of a descriptor.
pub(crate) const DESCRIPTOR_BYTES: u32 = 32;
/// Largest size that a descriptor may ask for.
const LARGEST: u32 = 1 << 24;

/// Status codes of completion records.
pub(crate) mod status {
    pub(crate) const OK: u8 = 0x01;
    pub(crate) const OPCODE: u8 = 0x10;
    pub(crate) const SIZE: u8 = 0x11;
    pub(crate) const PASID_OFF: u8 = 0x13;
    pub(crate) const HANDLE_INVALID: u8 = 0x19;
    pub(crate) const HANDLE_REFUSED: u8 = 0x1a;
    pub(crate) const READ_UNSUPPORTED: u8 = 0x20;
    pub(crate) const READ_ABORTED: u8 = 0x21;
    pub(crate) const READ_POISONED: u8 = 0x22;
    pub(crate) const READ_TIMED_OUT: u8 = 0x23;
    pub(crate) const READ_WRONG: u8 = 0x24;
}

/// What is to be done with memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Opcode {
    Nop,
    Fill,
    Copy,
    Checksum,
}

impl Opcode {
    pub(crate) fn reads(self) -> bool {
        matches!(self, Opcode::Copy | Opcode::Checksum)
    }

    pub(crate) fn writes(self) -> bool {
        matches!(self, Opcode::Copy | Opcode::Fill)
    }
}

/// The memory that a job moves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    pub(crate) opcode: Opcode,
    pub(crate) size: u32,
    pub(crate) source: u64,
    pub(crate) destination: u64,
    pub(crate) pattern: u64,
}

impl Move {
    /// Nothing moved.
    pub(crate) const NOTHING: Move = Move { opcode: Opcode::Nop, size: 0, source: 0, destination: 0, pattern: 0 };

    /// Whether size and ranges are legal.
    pub(crate) fn legal(&self) -> bool {
        let fits = |at: u64| u128::from(at) + u128::from(self.size) <= 1 << 64;
        self.opcode == Opcode::Nop
            || (1..=LARGEST).contains(&self.size)
                && (!self.opcode.reads() || fits(self.source))
                && (!self.opcode.writes() || fits(self.destination))
    }
}

/// A descriptor, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Descriptor {
    /// The move, or why there is none.
    pub(crate) work: Result<Move, u8>,
    pub(crate) interrupt: bool,
    pub(crate) by_handle: bool,
    pub(crate) fence: bool,
    pub(crate) handle: u32,
}

impl Descriptor {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let word = |i: usize| u32::from_le_bytes([bytes[4 * i], bytes[4 * i + 1], bytes[4 * i + 2], bytes[4 * i + 3]]);
        let quad = |i: usize| u64::from(word(i + 1)) << 32 | u64::from(word(i));
        let opcode = match word(0) & 0xff {
            0 => Some(Opcode::Nop),
            1 => Some(Opcode::Fill),
            2 => Some(Opcode::Copy),
            3 => Some(Opcode::Checksum),
            _ => None,
        };
        let work = match opcode {
            None => Err(status::OPCODE),
            Some(opcode) => {
                let work = Move { opcode, size: word(1), source: quad(2), destination: quad(4), pattern: quad(6) };
                if work.legal() { Ok(work) } else { Err(status::SIZE) }
            }
        };
        Self {
            work,
            interrupt: word(0) >> 8 & 1 != 0,
            by_handle: word(0) >> 9 & 1 != 0,
            fence: word(0) >> 10 & 1 != 0,
            handle: word(0) >> 16,
        }
    }
}

/// Goes on with a CRC-32 (reflected 0xEDB88320), bit by bit.
pub(crate) fn crc32(mut crc: u32, bytes: impl IntoIterator<Item = u8>) -> u32 {
    for byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 != 0 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answer_of_the_checksum() {
        // The check value of CRC-32 is 0xcbf43926 after the final inversion that this one leaves out.
        assert_eq!(crc32(!0, *b"123456789"), !0xcbf4_3926);
    }

    #[test]
    fn sizes_and_ranges() {
        let work = Move { opcode: Opcode::Copy, size: 16, source: 0, destination: !0 - 15, pattern: 0 };
        assert!(work.legal());
        assert!(!Move { destination: !0 - 14, ..work }.legal());
        assert!(!Move { size: 0, ..work }.legal());
        assert!(!Move { size: LARGEST + 1, destination: 0, ..work }.legal());
        assert!(Move { opcode: Opcode::Checksum, destination: !0, ..work }.legal());
        assert!(Move { opcode: Opcode::Nop, size: 0, ..work }.legal());
    }
}
