// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Invalidation queue descriptors [VT-d 6.5.2].
//!
//! Those of device TLBs and page requests are known by type and by their reserved bits, and do nothing.

use super::QueueError;
use super::dma::{Extent, Invalidation};
use bitfield_struct::bitfield;

/// Interrupt entry cache invalidate, type 4.
#[bitfield(u128)]
pub struct IecDescriptor {
    /// Type 3:0.
    #[bits(4)]
    pub kind: u8,
    /// G: index-selective, else global.
    pub selective: bool,
    #[bits(4)]
    __: u8,
    /// Type 6:4.
    #[bits(3)]
    pub kind_6_4: u8,
    #[bits(15)]
    __: u16,
    /// IM: this many low bits of the index do not count.
    #[bits(5)]
    pub mask: u32,
    /// IIDX.
    pub index: u16,
    #[bits(80)]
    __: u128,
}

/// Invalidation wait, type 5.
#[bitfield(u128)]
pub struct WaitDescriptor {
    /// Type 3:0.
    #[bits(4)]
    pub kind: u8,
    /// IF: completion sets ICS.IWC and raises the invalidation event.
    pub interrupt: bool,
    /// SW: completion writes the status data.
    pub status_write: bool,
    /// FN: later descriptors start after completion.
    pub fence: bool,
    /// PD: page-request drain; reserved, for there are no page requests.
    pub page_drain: bool,
    #[bits(1)]
    __: u8,
    /// Type 6:4.
    #[bits(3)]
    pub kind_6_4: u8,
    #[bits(20)]
    __: u32,
    /// Status data.
    pub data: u32,
    #[bits(2)]
    __: u8,
    /// Bits 63:2 of the status address.
    #[bits(62)]
    pub address_63_2: u64,
}

/// What a descriptor asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Command {
    /// Forget the interrupt entries `first..=last`.
    Entries {
        first: u16,
        last: u16,
    },
    Wait(WaitDescriptor),
    /// Forget what DMA remapping has found; `drain`: reads that used it are waited for.
    Translations {
        what: Invalidation,
        drain: bool,
    },
    /// Nothing that this unit keeps.
    Other,
}

/// Reserved bits of the low 128 by type, type field excluded; `None`: no such type.
///
/// Layouts: context 1, IOTLB 2, device TLB 3, interrupt entry 4, wait 5,
/// PASID IOTLB 6, PASID cache 7, PASID device TLB 8, page group response 9.
const fn reserved(kind: u8) -> Option<u128> {
    /// Bits `high:low`.
    const fn span(high: u32, low: u32) -> u128 {
        (u128::MAX >> (127 - high)) & (u128::MAX << low)
    }
    Some(match kind {
        1 => span(8, 6) | span(15, 12) | span(63, 50) | span(127, 64),
        2 => span(8, 8) | span(15, 12) | span(63, 32) | span(75, 71),
        3 => span(8, 4) | span(31, 21) | span(51, 48) | span(75, 65),
        4 => span(8, 5) | span(26, 12) | span(63, 48) | span(127, 64),
        5 => span(8, 7) | span(31, 12) | span(65, 64),
        6 => span(8, 6) | span(15, 12) | span(63, 52) | span(75, 71),
        7 => span(8, 6) | span(15, 12) | span(63, 52) | span(127, 64),
        8 => span(74, 65),
        9 => span(8, 6) | span(63, 52) | span(65, 64) | span(127, 76),
        _ => return None,
    })
}

/// Largest IM that the unit takes (ECAP.MHMV).
pub(super) const MAX_MASK: u32 = 15;

/// Largest AM that the unit takes (CAP.MAMV): 2^18 pages, 1 GiB.
pub(super) const MAX_PAGES: u8 = 18;

/// The invalidations of DMA remapping, by granularity in bits 5:4 [VT-d 6.5.2.1, 6.5.2.2, 6.5.2.6, 6.5.2.7].
fn translations(kind: u8, low: u64, high: u64) -> Result<Command, QueueError> {
    let granularity = low >> 4 & 3;
    let domain = Some((low >> 16) as u16);
    let pasid = Some((low >> 32 & 0xf_ffff) as u32);
    let around = || {
        let order = (high & 0x3f) as u32;
        if order > u32::from(MAX_PAGES) {
            return Err(QueueError::ReservedField);
        }
        Ok(Extent::Around { address: high & !0xfff, order })
    };
    let what = match (kind, granularity) {
        (1, 1) => Invalidation::Contexts { domain: None, source: None },
        (1, 2) => Invalidation::Contexts { domain, source: None },
        (1, 3) => {
            // FM: as many of the function number's upper bits do not count.
            let ignored = [0, 4, 6, 7][(low >> 48 & 3) as usize];
            Invalidation::Contexts { domain, source: Some(((low >> 32) as u16, ignored)) }
        }
        (2, 1) => Invalidation::Pages { domain: None, pasid: None, extent: Extent::All },
        (2, 2) => Invalidation::Pages { domain, pasid: None, extent: Extent::All },
        (2, 3) => Invalidation::Pages { domain, pasid: None, extent: around()? },
        (6, 2) => Invalidation::Pages { domain, pasid, extent: Extent::All },
        (6, 3) => Invalidation::Pages { domain, pasid, extent: around()? },
        (7, 0) => Invalidation::Pasids { domain, pasid: None },
        (7, 1) => Invalidation::Pasids { domain, pasid },
        (7, 3) => Invalidation::Pasids { domain: None, pasid: None },
        // A granularity that is not there.
        (1 | 2 | 6 | 7, _) => return Err(QueueError::ReservedField),
        _ => return Ok(Command::Other),
    };
    // Those by PASID always drain.
    let drain = match kind {
        2 => low & 0x80 != 0,
        _ => true,
    };
    Ok(Command::Translations { what, drain })
}

/// Reads a descriptor; `upper` is the second half of a 256-bit one, else 0. `translates`: the unit has DMA remapping.
///
/// A mask above MHMV, which the specification leaves open, counts as a reserved
/// field: an error that is seen beats an invalidation of unknown extent.
pub(super) fn decode(low: u128, upper: u128, translates: bool) -> Result<Command, QueueError> {
    let kind = (low & 0xf) as u8 | ((low >> 9 & 7) as u8) << 4;
    let reserved = reserved(kind).ok_or(QueueError::DescriptorType)?;
    // The upper half of a page group response holds the request's private data.
    if low & reserved != 0 || (upper != 0 && kind != 9) {
        return Err(QueueError::ReservedField);
    }
    Ok(match kind {
        4 => {
            let d = IecDescriptor::from_bits(low);
            if !d.selective() {
                Command::Entries { first: 0, last: u16::MAX }
            } else if d.mask() > MAX_MASK {
                return Err(QueueError::ReservedField);
            } else {
                let open = ((1u32 << d.mask()) - 1) as u16;
                Command::Entries { first: d.index() & !open, last: d.index() | open }
            }
        }
        5 => Command::Wait(WaitDescriptor::from_bits(low)),
        _ if !translates => Command::Other,
        _ => translations(kind, low as u64, (low >> 64) as u64)?,
    })
}
