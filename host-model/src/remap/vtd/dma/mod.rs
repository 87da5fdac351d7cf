// SPDX-License-Identifier: Apache-2.0 OR MIT
//! DMA remapping [VT-d 3, 6, 9]: an access of a device to the host address that it means, or a fault.
//!
//! Legacy mode goes from bus and function to a context entry and a second-level table. Scalable mode goes on through
//! the PASID directory to a PASID entry, which names a first-level table (the format of processors) or a second-level one, or lets
//! the address pass. What was found is kept until software invalidates it.
//!
//! Left out, and not claimed: nested translation, device TLBs and page requests, supervisor and execute requests,
//! accessed and dirty bits of second-level tables, register-based invalidation.
//!
//! Choices where the specification is open, or was not at hand:
//! - A translation whose permissions do not suffice is looked up again before it is a fault.
//! - Nothing that is not present or is erroneous is cached.
//! - A first-level entry gets its accessed and dirty bits when the whole walk has succeeded.
//! - A zero-length read needs the permission to read.
//!
//! The interrupt window [VT-d 3.14]: what results in an address there, by a table or by passing through, is fault 0x0E in
//! legacy mode, 0x87 in scalable mode. An address there that comes with a PASID is translated like any other.

mod cache;
mod context;
mod walk;

pub(super) use cache::{Extent, Invalidation};

use super::regs::Rtaddr;
use crate::mem::HostMemory;
use crate::remap::DmaAccess;
use cache::Tlb;
use context::{LegacyContext, PasidEntry, ScalableContext, Space, Way};
use std::collections::BTreeMap;

/// What the unit can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DmaConfig {
    /// ECAP.SMTS and what belongs to it: scalable mode with PASIDs of 20 bits.
    pub scalable: bool,
    /// 57-bit addresses: five levels.
    pub five_levels: bool,
    /// Pages of 2 MiB and 1 GiB.
    pub large_pages: bool,
    /// What was found is kept until it is invalidated; else everything is looked up for each access.
    pub caches: bool,
}

impl Default for DmaConfig {
    /// Everything there is, everything cached.
    fn default() -> Self {
        Self { scalable: true, five_levels: true, large_pages: true, caches: true }
    }
}

/// Why an access was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Refusal {
    /// Fault reason [VT-d 7.1.3].
    pub reason: u8,
    /// FPD of an entry on the way: not to be recorded.
    pub quiet: bool,
}

/// The tables' root and what has been read from them.
#[derive(Clone, Debug)]
pub(super) struct Dma {
    config: DmaConfig,
    /// GSTS.TES.
    pub enabled: bool,
    /// RTADDR as latched by SRTP.
    pub root: Rtaddr,
    legacy: BTreeMap<u16, LegacyContext>,
    scalable: BTreeMap<u16, ScalableContext>,
    pasids: BTreeMap<(u16, u32), PasidEntry>,
    tlb: Tlb,
}

/// The interrupt window of the platform.
fn in_window(address: u64) -> bool {
    (0xfee0_0000..0xfef0_0000).contains(&address)
}

impl Dma {
    pub fn new(config: DmaConfig) -> Self {
        Self {
            config,
            enabled: false,
            root: Rtaddr::new(),
            legacy: BTreeMap::new(),
            scalable: BTreeMap::new(),
            pasids: BTreeMap::new(),
            tlb: Tlb::default(),
        }
    }

    /// Largest number of levels.
    fn levels(&self) -> u32 {
        if self.config.five_levels { 5 } else { 4 }
    }

    /// Where an access goes.
    pub fn translate(&mut self, access: &DmaAccess, mem: &mut HostMemory) -> Result<u64, Refusal> {
        let loud = |reason| Refusal { reason, quiet: false };
        let (space, tag, scalable) = match self.root.mode() {
            0 if access.pasid.is_some() => return Err(loud(0x31)),
            0 => (self.legacy_space(access, mem)?, u32::MAX, false),
            1 if self.config.scalable => {
                let (space, pasid) = self.scalable_space(access, mem)?;
                (space, pasid, true)
            }
            // Abort mode, or a mode that is not there.
            _ => return Err(loud(0x30)),
        };
        let refuse = |reason| Refusal { reason, quiet: space.quiet };
        if let Some(host) = self.tlb.lookup(space.domain, tag, access) {
            return Ok(host);
        }
        let large = self.config.large_pages;
        let leaf = match space.way {
            Way::Pass { bits } if access.address >> bits != 0 => {
                return Err(refuse(if scalable { 0x84 } else { 0x04 }));
            }
            Way::Pass { .. } if in_window(access.address) => return Err(refuse(if scalable { 0x87 } else { 0x0e })),
            Way::Pass { .. } => return Ok(access.address),
            Way::Second { table, levels } => walk::second(table, levels, access, scalable, large, mem),
            Way::First { table, levels } => walk::first(table, levels, access, large, mem),
        };
        let leaf = leaf.map_err(refuse)?;
        let host = leaf.host(access.address);
        if in_window(host) {
            return Err(refuse(if scalable { 0x87 } else { 0x0e }));
        }
        if self.config.caches {
            self.tlb.fill(space.domain, tag, access.address, leaf);
        }
        Ok(host)
    }

    fn legacy_space(&mut self, access: &DmaAccess, mem: &HostMemory) -> Result<Space, Refusal> {
        let id = access.source.bits();
        if let Some(context) = self.legacy.get(&id) {
            return context.space(self.levels());
        }
        let context = LegacyContext::read(self.root.base(), id, mem)?;
        let space = context.space(self.levels())?;
        if self.config.caches {
            self.legacy.insert(id, context);
        }
        Ok(space)
    }

    fn scalable_space(&mut self, access: &DmaAccess, mem: &HostMemory) -> Result<(Space, u32), Refusal> {
        let id = access.source.bits();
        let context = match self.scalable.get(&id) {
            Some(context) => *context,
            None => {
                let context = ScalableContext::read(self.root.base(), id, mem)?;
                if self.config.caches {
                    self.scalable.insert(id, context);
                }
                context
            }
        };
        let pasid = context.pasid(access.pasid)?;
        let entry = match self.pasids.get(&(id, pasid)) {
            Some(entry) => *entry,
            None => PasidEntry::read(&context, pasid, mem)?,
        };
        let space = entry.space(self.levels())?;
        if self.config.caches {
            self.pasids.insert((id, pasid), entry);
        }
        Ok((space, pasid))
    }

    /// Forgets what an invalidation names.
    pub fn invalidate(&mut self, what: &Invalidation) {
        match *what {
            Invalidation::Contexts { domain, source } => {
                let hit = |id: u16, of: Option<u16>| {
                    domain.is_none_or(|d| of.is_none_or(|of| of == d))
                        && source.is_none_or(|(s, ignored)| (id ^ s) & !ignored == 0)
                };
                self.legacy.retain(|id, c| !hit(*id, Some(c.domain())));
                // A scalable-mode context entry has no domain of its own: those of its PASIDs count.
                let pasids = &self.pasids;
                self.scalable.retain(|id, _| {
                    let of_domain = domain.is_none_or(|d| {
                        let mut of = pasids.range((*id, 0)..=(*id, u32::MAX)).map(|(_, e)| e.domain()).peekable();
                        of.peek().is_none() || of.any(|e| e == d)
                    });
                    !(of_domain && hit(*id, None))
                });
            }
            Invalidation::Pasids { domain, pasid } => {
                self.pasids.retain(|(_, p), e| {
                    !(domain.is_none_or(|d| d == e.domain()) && pasid.is_none_or(|wanted| wanted == *p))
                });
            }
            Invalidation::Pages { domain, pasid, extent } => self.tlb.invalidate(domain, pasid, extent),
        }
    }
}
