// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Translations that are kept, and what invalidations take away [VT-d 6.2, 6.5.2].

use super::walk::Leaf;
use crate::remap::DmaAccess;
use std::collections::BTreeMap;

/// Which pages an invalidation takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// All.
    All,
    /// Those that touch 2^`order` pages of 4 KiB around an address.
    Around {
        /// The address.
        address: u64,
        /// AM.
        order: u32,
    },
}

/// What a queue descriptor asks to forget; `None` stands for all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Invalidation {
    /// Context entries.
    Contexts {
        /// DID.
        domain: Option<u16>,
        /// SID, and those of its bits that do not count.
        source: Option<(u16, u16)>,
    },
    /// PASID entries.
    Pasids {
        /// DID.
        domain: Option<u16>,
        /// PASID.
        pasid: Option<u32>,
    },
    /// Translations.
    Pages {
        /// DID.
        domain: Option<u16>,
        /// PASID.
        pasid: Option<u32>,
        /// Addresses.
        extent: Extent,
    },
}

/// Translations by domain, PASID and 4 KiB page of the address, whatever the size of the page that gave them.
#[derive(Clone, Debug, Default)]
pub struct Tlb {
    lines: BTreeMap<(u16, u32, u64), Leaf>,
}

impl Tlb {
    /// The host address, when a translation with sufficient rights is kept.
    pub fn lookup(&self, domain: u16, pasid: u32, access: &DmaAccess) -> Option<u64> {
        let leaf = self.lines.get(&(domain, pasid, access.address >> 12))?;
        (if access.write { leaf.write } else { leaf.read }).then(|| leaf.host(access.address))
    }

    pub fn fill(&mut self, domain: u16, pasid: u32, address: u64, leaf: Leaf) {
        self.lines.insert((domain, pasid, address >> 12), leaf);
    }

    /// An address inside a large page takes all of it.
    pub fn invalidate(&mut self, domain: Option<u16>, pasid: Option<u32>, extent: Extent) {
        self.lines.retain(|&(d, p, page), leaf| {
            let named = domain.is_none_or(|wanted| wanted == d) && pasid.is_none_or(|wanted| wanted == p);
            let touched = match extent {
                Extent::All => true,
                Extent::Around { address, order } => {
                    // The larger of the two blocks decides: both are aligned to their size.
                    let bits = leaf.size.max(12 + order).min(63);
                    (page << 12) >> bits == address >> bits
                }
            };
            !(named && touched)
        });
    }
}
