// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The bench's own reading of descriptors and records, and its own checksum.

/// A descriptor as the device received it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Descriptor {
    /// Operation.
    pub opcode: u32,
    /// Bytes.
    pub size: u32,
    /// Source.
    pub source: u64,
    /// Destination.
    pub destination: u64,
    /// Pattern of a fill.
    pub pattern: [u8; 8],
    /// Handle of the interrupt that it asks for.
    pub handle: Option<u16>,
    /// It asks for the queue's event.
    pub event: bool,
    /// It waits for all before it.
    pub fence: bool,
}

/// Operations.
pub const NOP: u32 = 0;
/// Fill.
pub const FILL: u32 = 1;
/// Copy.
pub const COPY: u32 = 2;
/// Checksum.
pub const CHECKSUM: u32 = 3;

impl Descriptor {
    /// Reads 32 bytes.
    pub fn read(b: &[u8]) -> Self {
        let n = |at: usize, len: usize| b[at..at + len].iter().rev().fold(0u64, |v, x| v << 8 | u64::from(*x));
        let head = n(0, 4) as u32;
        let mut pattern = [0; 8];
        pattern.copy_from_slice(&b[24..32]);
        Self {
            opcode: head & 0xff,
            size: n(4, 4) as u32,
            source: n(8, 8),
            destination: n(16, 8),
            pattern,
            handle: (head & 0x300 == 0x300).then_some((head >> 16) as u16),
            event: head & 0x300 == 0x100,
            fence: head & 0x400 != 0,
        }
    }

    /// Why it cannot be carried out, whatever the memory holds: opcode, size or range.
    pub fn refusal(&self) -> Option<u8> {
        let passes = |at: u64| at.checked_add(u64::from(self.size) - 1).is_none();
        match self.opcode {
            NOP => None,
            FILL..=CHECKSUM if self.size == 0 || self.size > 1 << 24 => Some(0x11),
            FILL if passes(self.destination) => Some(0x11),
            CHECKSUM if passes(self.source) => Some(0x11),
            COPY if passes(self.source) || passes(self.destination) => Some(0x11),
            FILL..=CHECKSUM => None,
            _ => Some(0x10),
        }
    }

    /// It reads its source.
    pub fn reads(&self) -> bool {
        matches!(self.opcode, COPY | CHECKSUM)
    }

    /// It writes its destination.
    pub fn writes(&self) -> bool {
        matches!(self.opcode, FILL | COPY)
    }
}

/// A record as it stands in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Status.
    pub status: u8,
    /// Queue.
    pub queue: u32,
    /// Place of the descriptor.
    pub index: u32,
    /// Bytes done.
    pub done: u32,
    /// Checksum.
    pub checksum: u32,
    /// Phase.
    pub phase: bool,
    /// Number, 31 bits.
    pub number: u32,
}

impl Record {
    /// Reads four words.
    pub fn read(w: &[u32]) -> Self {
        Self {
            status: w[0] as u8,
            queue: w[0] >> 8 & 0xff,
            index: w[0] >> 16,
            done: w[1],
            checksum: w[2],
            phase: w[3] & 1 == 1,
            number: w[3] >> 1,
        }
    }
}

/// CRC-32, polynomial 0x04c11db7 reflected, seed all ones, not inverted; by table.
pub fn crc(bytes: &[u8]) -> u32 {
    let table: [u32; 256] =
        std::array::from_fn(|n| (0..8).fold(n as u32, |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 }));
    bytes.iter().fold(!0, |c, b| table[usize::from(c as u8 ^ b)] ^ (c >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        assert_eq!(crc(b""), !0);
        // crc32("123456789") is 0xcbf43926 with the inversion at the end.
        assert_eq!(crc(b"123456789"), 0x340b_c6d9);
    }

    #[test]
    fn a_descriptor_by_hand() {
        let mut b = [0u8; 32];
        b[0..4].copy_from_slice(&[2, 3, 0x34, 0x12]);
        b[4] = 16;
        b[8] = 0x80;
        b[16..24].copy_from_slice(&[0xf0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        let d = Descriptor::read(&b);
        assert_eq!((d.opcode, d.size, d.source, d.destination), (COPY, 16, 0x80, !0xf));
        assert_eq!((d.handle, d.fence, d.refusal()), (Some(0x1234), false, None));
        assert_eq!(Descriptor { size: 17, ..d }.refusal(), Some(0x11));
        assert_eq!(Descriptor { opcode: 9, size: 0, ..d }.refusal(), Some(0x10));
    }
}
