// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Sparse host memory that knows which bytes were written.

use std::collections::BTreeMap;

const PAGE: usize = 4096;
/// Pages that stand together, so that finding one of them costs the same however many there are: a table of
/// 65,536 remapping entries is 256 pages.
const TOGETHER: usize = 512;
const BLOCK: u64 = (PAGE * TOGETHER) as u64;

#[derive(Clone)]
struct Page {
    bytes: [u8; PAGE],
    /// One bit per byte, set by the first write.
    written: [u64; PAGE / 64],
}

impl Page {
    fn new() -> Box<Self> {
        Box::new(Self { bytes: [0; PAGE], written: [0; PAGE / 64] })
    }
}

/// The pages of one aligned block of addresses; `None`: nothing of it has been written.
type Block = Box<[Option<Box<Page>>; TOGETHER]>;

/// An access that memory refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemError {
    /// The range touches a hole: no memory answers there.
    #[error("no memory at {addr:#x} (access of {len} bytes)")]
    Hole {
        /// First byte of the access.
        addr: u64,
        /// Bytes in the access.
        len: usize,
    },
    /// The range passes the end of the 64-bit address space.
    #[error("access of {len} bytes at {addr:#x} wraps around")]
    Wraps {
        /// First byte of the access.
        addr: u64,
        /// Bytes in the access.
        len: usize,
    },
}

/// Byte-addressed memory of the host; bytes never written read as 0.
#[derive(Clone, Default)]
pub struct HostMemory {
    blocks: BTreeMap<u64, Block>,
    /// Ranges `start..end` in which nothing answers, in order, disjoint.
    holes: Vec<(u64, u64)>,
}

impl HostMemory {
    /// Empty memory without holes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares `addr..addr+len` to be a hole: accesses that touch it fail.
    pub fn punch_hole(&mut self, addr: u64, len: u64) {
        self.holes.push((addr, addr.saturating_add(len)));
    }

    /// Removes every hole that starts at `addr`.
    pub fn fill_hole(&mut self, addr: u64) {
        self.holes.retain(|&(start, _)| start != addr);
    }

    fn check(&self, addr: u64, len: usize) -> Result<(), MemError> {
        let end = u128::from(addr) + len as u128;
        if end > 1 << 64 {
            return Err(MemError::Wraps { addr, len });
        }
        if self.holes.iter().any(|&(start, stop)| addr < stop && u128::from(start) < end) {
            return Err(MemError::Hole { addr, len });
        }
        Ok(())
    }

    fn page(&self, at: u64) -> Option<&Page> {
        self.blocks.get(&(at / BLOCK))?[(at % BLOCK) as usize / PAGE].as_deref()
    }

    fn page_mut(&mut self, at: u64) -> &mut Page {
        let block = self.blocks.entry(at / BLOCK).or_insert_with(|| Box::new([const { None }; TOGETHER]));
        block[(at % BLOCK) as usize / PAGE].get_or_insert_with(Page::new)
    }

    /// Whether memory answers to every byte of `addr..addr+len`.
    pub fn answers(&self, addr: u64, len: usize) -> Result<(), MemError> {
        self.check(addr, len)
    }

    /// Fills `buf` from `addr` on, all of it or (on error) nothing.
    pub fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), MemError> {
        self.check(addr, buf.len())?;
        let mut at = addr;
        let mut rest = buf;
        while !rest.is_empty() {
            let off = at as usize % PAGE;
            let (part, others) = rest.split_at_mut((PAGE - off).min(rest.len()));
            match self.page(at) {
                Some(page) => part.copy_from_slice(&page.bytes[off..off + part.len()]),
                None => part.fill(0),
            }
            at = at.wrapping_add(part.len() as u64);
            rest = others;
        }
        Ok(())
    }

    /// Stores `bytes` from `addr` on, all of them or (on error) none.
    pub fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), MemError> {
        self.check(addr, bytes.len())?;
        let mut at = addr;
        let mut rest = bytes;
        while !rest.is_empty() {
            let off = at as usize % PAGE;
            let (part, others) = rest.split_at((PAGE - off).min(rest.len()));
            let page = self.page_mut(at);
            page.bytes[off..off + part.len()].copy_from_slice(part);
            for i in off..off + part.len() {
                page.written[i / 64] |= 1 << (i % 64);
            }
            at = at.wrapping_add(part.len() as u64);
            rest = others;
        }
        Ok(())
    }

    /// Whether every byte of `addr..addr+len` has been written.
    pub fn is_written(&self, addr: u64, len: usize) -> bool {
        (addr..addr.saturating_add(len as u64)).all(|at| {
            let off = at as usize % PAGE;
            self.page(at).is_some_and(|p| p.written[off / 64] >> (off % 64) & 1 == 1)
        })
    }

    /// The little-endian double word at `addr`.
    pub fn read_u32(&self, addr: u64) -> Result<u32, MemError> {
        let mut b = [0; 4];
        self.read(addr, &mut b)?;
        Ok(u32::from_le_bytes(b))
    }

    /// The little-endian quad word at `addr`.
    pub fn read_u64(&self, addr: u64) -> Result<u64, MemError> {
        let mut b = [0; 8];
        self.read(addr, &mut b)?;
        Ok(u64::from_le_bytes(b))
    }

    /// The little-endian 128-bit word at `addr`, read in one piece.
    pub fn read_u128(&self, addr: u64) -> Result<u128, MemError> {
        let mut b = [0; 16];
        self.read(addr, &mut b)?;
        Ok(u128::from_le_bytes(b))
    }

    /// Stores a little-endian double word.
    pub fn write_u32(&mut self, addr: u64, value: u32) -> Result<(), MemError> {
        self.write(addr, &value.to_le_bytes())
    }

    /// Stores a little-endian quad word.
    pub fn write_u64(&mut self, addr: u64, value: u64) -> Result<(), MemError> {
        self.write(addr, &value.to_le_bytes())
    }

    /// Stores a little-endian 128-bit word in one piece.
    pub fn write_u128(&mut self, addr: u64, value: u128) -> Result<(), MemError> {
        self.write(addr, &value.to_le_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_a_page_border_and_are_known_to_be_written() {
        let mut m = HostMemory::new();
        m.write(0x1ffe, &[1, 2, 3, 4]).unwrap();
        assert_eq!(m.read_u32(0x1ffe), Ok(0x0403_0201));
        assert!(m.is_written(0x1ffe, 4));
        assert!(!m.is_written(0x1ffd, 2));
    }

    #[test]
    fn a_hole_refuses_the_whole_access() {
        let mut m = HostMemory::new();
        m.punch_hole(0x2000, 0x1000);
        assert_eq!(m.write(0x1ffe, &[1, 2, 3, 4]), Err(MemError::Hole { addr: 0x1ffe, len: 4 }));
        assert!(!m.is_written(0x1ffe, 1));
        m.fill_hole(0x2000);
        assert_eq!(m.write(0x1ffe, &[1, 2, 3, 4]), Ok(()));
    }

    #[test]
    fn an_access_over_several_pages_reads_back() {
        let mut m = HostMemory::new();
        let bytes: Vec<u8> = (0..3 * PAGE).map(|i| (i * 7 % 251) as u8).collect();
        m.write(0x1fff, &bytes).unwrap();
        let mut back = vec![0xee; bytes.len() + 2];
        m.read(0x1ffe, &mut back).unwrap();
        assert_eq!((back[0], back[bytes.len() + 1]), (0, 0));
        assert_eq!(back[1..=bytes.len()], bytes);
        assert!(m.is_written(0x1fff, bytes.len()));
        assert!(!m.is_written(0x1fff, bytes.len() + 1));
    }

    #[test]
    fn pages_far_apart_and_on_both_sides_of_a_block_are_their_own() {
        let mut m = HostMemory::new();
        let places = [0, PAGE as u64, BLOCK - 8, BLOCK, 7 * BLOCK + 4088, 1 << 45, u64::MAX - 7];
        for (n, at) in places.iter().enumerate() {
            m.write_u64(*at, n as u64 + 1).unwrap();
        }
        for (n, at) in places.iter().enumerate() {
            assert_eq!(m.read_u64(*at), Ok(n as u64 + 1));
        }
        assert_eq!(m.read_u64(2 * BLOCK), Ok(0));
        assert!(!m.is_written(8 * BLOCK + 4088, 1));
    }

    #[test]
    fn the_end_of_the_address_space_does_not_wrap() {
        assert_eq!(HostMemory::new().read_u64(u64::MAX - 3), Err(MemError::Wraps { addr: u64::MAX - 3, len: 8 }));
        let mut m = HostMemory::new();
        m.write_u64(u64::MAX - 7, 5).unwrap();
        assert_eq!(m.read_u64(u64::MAX - 7), Ok(5));
    }
}
