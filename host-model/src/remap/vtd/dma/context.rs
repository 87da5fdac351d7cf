// SPDX-License-Identifier: Apache-2.0 OR MIT
//! From a requester, and its PASID, to the table that translates for it [VT-d 9.1 to 9.6].

use super::Refusal;
use crate::mem::HostMemory;

/// How addresses are translated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Not at all; those of more than `bits` bits are refused.
    Pass { bits: u32 },
    /// By a second-level table.
    Second { table: u64, levels: u32 },
    /// By a first-level table.
    First { table: u64, levels: u32 },
}

/// An address space.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Space {
    pub domain: u16,
    pub way: Way,
    /// FPD on the way to it.
    pub quiet: bool,
}

const FRAME: u64 = !0xfff;

fn loud(reason: u8) -> Refusal {
    Refusal { reason, quiet: false }
}

/// Bits of an address for an AW code, if the unit has so many levels.
fn bits_of(code: u64, levels_max: u32) -> Option<u32> {
    let levels = code as u32 + 2;
    (matches!(code, 1..=3) && levels <= levels_max).then_some(12 + 9 * levels)
}

/// A context entry of legacy mode, 16 bytes [VT-d 9.3].
///
/// ```text
///   0 P   1 FPD   3:2 TT   63:12 table   66:64 AW   87:72 DID
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LegacyContext {
    low: u64,
    high: u64,
}

impl LegacyContext {
    /// Through the root entry of the bus [VT-d 9.1].
    pub fn read(root: u64, id: u16, mem: &HostMemory) -> Result<Self, Refusal> {
        let at = root + 16 * u64::from(id >> 8);
        let entry = mem.read_u128(at).map_err(|_| loud(0x08))?;
        if entry & 1 == 0 {
            return Err(loud(0x01));
        }
        if entry & 0xffe != 0 || entry >> 64 != 0 {
            return Err(loud(0x0a));
        }
        let at = (entry as u64 & FRAME) + 16 * u64::from(id & 0xff);
        let entry = mem.read_u128(at).map_err(|_| loud(0x09))?;
        Ok(Self { low: entry as u64, high: (entry >> 64) as u64 })
    }

    pub const fn domain(&self) -> u16 {
        (self.high >> 8) as u16
    }

    pub fn space(&self, levels_max: u32) -> Result<Space, Refusal> {
        let quiet = self.low & 2 != 0;
        let refuse = |reason| Refusal { reason, quiet };
        if self.low & 1 == 0 {
            return Err(refuse(0x02));
        }
        if self.low & 0xff0 != 0 || self.high & !0x00ff_ff7f != 0 {
            return Err(refuse(0x0b));
        }
        let bits = bits_of(self.high & 7, levels_max).ok_or_else(|| refuse(0x03))?;
        let way = match self.low >> 2 & 3 {
            0 => Way::Second { table: self.low & FRAME, levels: (bits - 12) / 9 },
            2 => Way::Pass { bits },
            // 1 wants device TLBs; 3 is reserved.
            _ => return Err(refuse(0x03)),
        };
        Ok(Space { domain: self.domain(), way, quiet })
    }
}

/// A context entry of scalable mode, 32 bytes [VT-d 9.4].
///
/// ```text
///   0 P   1 FPD   2 DTE   3 PASIDE   4 PRE   11:9 PDTS   63:12 PASID directory   83:64 RID_PASID
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ScalableContext {
    low: u64,
    high: u64,
}

impl ScalableContext {
    /// Through the root entry of the bus: its lower half serves device numbers below 16, its upper half the others
    /// [VT-d 9.2].
    pub fn read(root: u64, id: u16, mem: &HostMemory) -> Result<Self, Refusal> {
        let at = root + 16 * u64::from(id >> 8) + if id & 0x80 == 0 { 0 } else { 8 };
        let entry = mem.read_u64(at).map_err(|_| loud(0x38))?;
        if entry & 1 == 0 {
            return Err(loud(0x39));
        }
        if entry & 0xffe != 0 {
            return Err(loud(0x3a));
        }
        let at = (entry & FRAME) + 32 * u64::from(id & 0x7f);
        let (Ok(first), Ok(second)) = (mem.read_u128(at), mem.read_u128(at + 16)) else { return Err(loud(0x40)) };
        let context = Self { low: first as u64, high: (first >> 64) as u64 };
        let refuse = |reason| Refusal { reason, quiet: context.quiet() };
        if context.low & 1 == 0 {
            return Err(refuse(0x41));
        }
        // Device TLBs and page requests are not there, so their bits are reserved too.
        if context.low & 0x1f4 != 0 || context.high >> 20 != 0 || second != 0 {
            return Err(refuse(0x42));
        }
        Ok(context)
    }

    pub const fn quiet(&self) -> bool {
        self.low & 2 != 0
    }

    /// The PASID that a request counts as.
    pub fn pasid(&self, pasid: Option<u32>) -> Result<u32, Refusal> {
        let refuse = |reason| Refusal { reason, quiet: self.quiet() };
        if pasid.is_some() && self.low & 8 == 0 {
            return Err(refuse(0x45));
        }
        let pasid = pasid.unwrap_or((self.high & 0xf_ffff) as u32);
        // The directory has 2^(PDTS+7) entries for 64 PASIDs each.
        if pasid >> ((self.low >> 9 & 7) + 13) != 0 {
            return Err(refuse(0x46));
        }
        Ok(pasid)
    }
}

/// A PASID entry, 64 bytes, of which three quad words matter [VT-d 9.6].
///
/// ```text
///   0 P   1 FPD   4:2 AW   8:6 PGTT   63:12 second-level table
///   79:64 DID
///   131:130 FLPM   191:140 first-level table
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PasidEntry {
    words: [u64; 3],
    /// FPD of it, of its directory entry or of the context entry.
    quiet: bool,
}

impl PasidEntry {
    /// Through the directory [VT-d 9.5].
    pub fn read(context: &ScalableContext, pasid: u32, mem: &HostMemory) -> Result<Self, Refusal> {
        let refuse = |reason| Refusal { reason, quiet: context.quiet() };
        let at = (context.low & FRAME) + 8 * u64::from(pasid >> 6);
        let directory = mem.read_u64(at).map_err(|_| refuse(0x50))?;
        let refuse = |reason| Refusal { reason, quiet: context.quiet() || directory & 2 != 0 };
        if directory & 1 == 0 {
            return Err(refuse(0x51));
        }
        if directory & 0xffc != 0 {
            return Err(refuse(0x52));
        }
        let at = (directory & FRAME) + 64 * u64::from(pasid & 63);
        let word = |n: u64| mem.read_u64(at + 8 * n).map_err(|_| refuse(0x58));
        let words = [word(0)?, word(1)?, word(2)?];
        let rest = [word(3)?, word(4)?, word(5)?, word(6)?, word(7)?];
        let quiet = context.quiet() || directory & 2 != 0 || words[0] & 2 != 0;
        let refuse = |reason| Refusal { reason, quiet };
        if words[0] & 1 == 0 {
            return Err(refuse(0x59));
        }
        // Accessed and dirty bits, snoop control, write protection and the like are not there.
        if words[0] & 0xe20 != 0 || words[1] >> 16 != 0 || words[2] & 0xff3 != 0 || rest != [0; 5] {
            return Err(refuse(0x5a));
        }
        Ok(Self { words, quiet })
    }

    pub const fn domain(&self) -> u16 {
        self.words[1] as u16
    }

    pub fn space(&self, levels_max: u32) -> Result<Space, Refusal> {
        let [first, _, third] = self.words;
        let quiet = self.quiet;
        let invalid = Refusal { reason: 0x5b, quiet };
        let way = match first >> 6 & 7 {
            1 => {
                let levels = 4 + (third >> 2 & 3) as u32;
                if levels > levels_max {
                    return Err(invalid);
                }
                Way::First { table: third & FRAME, levels }
            }
            2 => {
                let bits = bits_of(first >> 2 & 7, levels_max).ok_or(invalid)?;
                Way::Second { table: first & FRAME, levels: (bits - 12) / 9 }
            }
            4 => Way::Pass { bits: bits_of(first >> 2 & 7, levels_max).ok_or(invalid)? },
            _ => return Err(invalid),
        };
        Ok(Space { domain: self.domain(), way, quiet })
    }
}
