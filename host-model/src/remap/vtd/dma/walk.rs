// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Walks through translation tables of 512 entries a page [VT-d 3.6, 3.7, 9.7, 9.8].

use crate::mem::HostMemory;
use crate::remap::DmaAccess;

/// A translation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaf {
    /// Host address of the page.
    pub page: u64,
    /// log2 of its bytes: 12, 21 or 30.
    pub size: u32,
    pub read: bool,
    pub write: bool,
}

impl Leaf {
    /// The host address of an address inside the page.
    pub const fn host(&self, address: u64) -> u64 {
        self.page | address & ((1 << self.size) - 1)
    }
}

const ADDRESS: u64 = 0x000f_ffff_ffff_f000;
const PAGE_SIZE: u64 = 1 << 7;

/// Place of the entry for an address in the table of a level, 1 being the last.
const fn entry_at(table: u64, level: u32, address: u64) -> u64 {
    table + 8 * (address >> (12 + 9 * (level - 1)) & 0x1ff)
}

/// What a PS bit makes of an entry: a large page, or an error where there are none so large; the bits of its
/// address below the page's size must be 0.
fn large(entry: u64, level: u32, supported: bool) -> Result<Option<u32>, ()> {
    if level == 1 || entry & PAGE_SIZE == 0 {
        return Ok(None);
    }
    let size = 12 + 9 * (level - 1);
    let fits = supported && level <= 3 && entry & ADDRESS & ((1 << size) - 1) == 0;
    if fits { Ok(Some(size)) } else { Err(()) }
}

/// Second level: R in bit 0, W in bit 1, both needed at every level on the way.
///
/// Reasons are those of the mode.
pub fn second(
    table: u64,
    levels: u32,
    access: &DmaAccess,
    scalable: bool,
    large_pages: bool,
    mem: &HostMemory,
) -> Result<Leaf, u8> {
    let reason = |legacy: u8, other: u8| if scalable { other } else { legacy };
    let address = access.address;
    if address >> (12 + 9 * levels) != 0 {
        return Err(reason(0x04, 0x84));
    }
    let denied = reason(if access.write { 0x05 } else { 0x06 }, 0x79);
    let (mut at, mut rights) = (table, 3);
    for level in (1..=levels).rev() {
        let entry = mem.read_u64(entry_at(at, level, address)).map_err(|_| reason(0x07, 0x78))?;
        rights &= entry & 3;
        if entry & 3 == 0 {
            return Err(denied);
        }
        let page = large(entry, level, large_pages).map_err(|()| reason(0x0c, 0x7a))?;
        if page.is_some() || level == 1 {
            let (read, write) = (rights & 1 != 0, rights & 2 != 0);
            if if access.write { !write } else { !read } {
                return Err(denied);
            }
            return Ok(Leaf { page: entry & ADDRESS, size: page.unwrap_or(12), read, write });
        }
        at = entry & ADDRESS;
    }
    unreachable!("the last level is a page")
}

const PRESENT: u64 = 1 << 0;
const WRITABLE: u64 = 1 << 1;
const USER: u64 = 1 << 2;
const ACCESSED: u64 = 1 << 5;
const DIRTY: u64 = 1 << 6;

/// First level: as processors have it; every request here is a user's. Sets accessed and dirty bits.
pub fn first(table: u64, levels: u32, access: &DmaAccess, large_pages: bool, mem: &mut HostMemory) -> Result<Leaf, u8> {
    let address = access.address;
    // Canonical: the bits above the last level repeat its highest.
    let unused = 64 - (12 + 9 * levels);
    if ((address << unused) as i64 >> unused) as u64 != address {
        return Err(0x80);
    }
    let (mut at, mut writable) = (table, true);
    let mut marks = Vec::with_capacity(levels as usize);
    for level in (1..=levels).rev() {
        let place = entry_at(at, level, address);
        let entry = mem.read_u64(place).map_err(|_| if level == levels { 0x73 } else { 0x70 })?;
        if entry & PRESENT == 0 {
            return Err(0x71);
        }
        let page = large(entry, level, large_pages).map_err(|()| 0x72)?;
        if entry & USER == 0 {
            return Err(0x81);
        }
        writable &= entry & WRITABLE != 0;
        marks.push((place, entry));
        if page.is_some() || level == 1 {
            if access.write && !writable {
                return Err(0x85);
            }
            let leaf = marks.len() - 1;
            for (n, (place, entry)) in marks.into_iter().enumerate() {
                let marked = entry | ACCESSED | if n == leaf && access.write { DIRTY } else { 0 };
                if marked != entry {
                    mem.write_u64(place, marked).map_err(|_| 0x70)?;
                }
            }
            return Ok(Leaf { page: entry & ADDRESS, size: page.unwrap_or(12), read: true, write: writable });
        }
        at = entry & ADDRESS;
    }
    unreachable!("the last level is a page")
}
