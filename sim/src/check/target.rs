// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A message arrives where the remapping entry (or its own bits) say [VT-d 5.1, 9.10; SDM 11.11].
//!
//! The check reads entries itself, bit by bit, apart from the remapping unit. After
//! an entry has been changed the unit may use the old one until an invalidation of
//! it is complete; from then on the old target is an error.

use super::Report;
use crate::ledger::Counters;
use crate::shadow::Possible;
use host_model::host::{Delivery, PostedDelivery};
use host_model::interrupt::DeliveryMode;
use host_model::mem::HostMemory;
use std::collections::BTreeMap;
use tlp::Tick;
use vectors::op::Source;

/// The interrupt remapping table as software has announced it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Host address of entry 0.
    pub base: u64,
    /// Entries.
    pub entries: u32,
    /// Extended interrupt mode.
    pub eime: bool,
    /// Compatibility format may pass.
    pub compatibility: bool,
}

/// Where messages may go.
#[derive(Clone, Default)]
pub struct Targets {
    table: Option<Table>,
    /// The vector handles the unit's registers itself: nothing can be told from here.
    blind: bool,
    entries: BTreeMap<u32, Possible<u128>>,
    replaced: BTreeMap<u32, Vec<u128>>,
    writes: u64,
}

/// What an entry sends, as far as it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Aim {
    destination: u32,
    logical: bool,
    vector: u8,
    mode: u8,
    level: bool,
}

fn aim(entry: u128, eime: bool) -> Option<Aim> {
    let low = entry as u64;
    let remapped = low & 1 == 1 && low >> 15 & 1 == 0;
    remapped.then_some(Aim {
        destination: if eime { (low >> 32) as u32 } else { (low >> 40) as u32 & 0xff },
        logical: low >> 2 & 1 == 1,
        vector: (low >> 16) as u8,
        mode: (low >> 5) as u8 & 7,
        level: low >> 4 & 1 == 1,
    })
}

impl Targets {
    /// Remapping is on (with this table) or off.
    pub fn set_table(&mut self, table: Option<Table>, mem: &HostMemory) {
        self.table = table;
        self.entries.clear();
        self.replaced.clear();
        if let Some(t) = table {
            self.memory_written(t.base, t.base + 16 * u64::from(t.entries), mem);
        }
    }

    /// From here on the vector programs the unit register by register.
    pub fn look_away(&mut self) {
        self.blind = true;
    }

    /// Memory has changed; entries in it are taken over.
    pub fn memory_written(&mut self, start: u64, end: u64, mem: &HostMemory) {
        let Some(t) = self.table else { return };
        let stop = t.base + 16 * u64::from(t.entries);
        if start >= stop || end <= t.base {
            return;
        }
        self.writes += 1;
        let first = (start.max(t.base) - t.base) / 16;
        let last = (end.min(stop) - 1 - t.base) / 16;
        // A whole table at once is its first use: absent entries need no page.
        let sparse = last - first > 4096;
        for k in first..=last {
            let value = mem.read_u128(t.base + 16 * k).unwrap_or(0);
            let k = k as u32;
            if sparse && value == 0 && !self.entries.contains_key(&k) {
                continue;
            }
            let entry = self.entries.entry(k).or_insert_with(|| Possible::certain(0));
            let old = *entry.latest();
            if old != value && old & 1 == 1 {
                let known = self.replaced.entry(k).or_default();
                if !known.contains(&old) {
                    known.push(old);
                }
            }
            entry.set(self.writes, value, 0);
        }
    }

    /// Number of the last change of the table: what an invalidation queued now covers.
    pub fn mark(&self) -> u64 {
        self.writes
    }

    /// An invalidation of `first..=last`, queued at `mark`, is complete.
    pub fn flushed(&mut self, first: u32, last: u32, mark: u64) {
        for (_, entry) in self.entries.range_mut(first..=last) {
            entry.prune(mark);
        }
    }

    /// Judges a post: the entry, possibly an old one, says so. Whether it does.
    pub fn judge_posted(&mut self, tick: Tick, p: &PostedDelivery, report: &mut Report) -> bool {
        if self.blind {
            return true;
        }
        // P, IM, the vector, and the descriptor's address in its two pieces [VT-d 9.12].
        let says = |entry: u128| {
            let (low, high) = (entry as u64, (entry >> 64) as u64);
            low & 0x8001 == 0x8001
                && (low >> 16) as u8 == p.vector
                && (high & 0xffff_ffff_0000_0000 | low >> 32 & 0xffff_ffc0) == p.descriptor
        };
        let entry = self.entries.entry(p.index).or_insert_with(|| Possible::certain(0));
        let ok = self.table.is_some() && entry.perhaps(0, |e| says(*e));
        report.require("posted_elsewhere", tick, ok, || {
            format!("vector {:#x} was posted at {:#x}; entry {:#x} does not say so", p.vector, p.descriptor, p.index)
        });
        ok
    }

    /// Judges an arrival.
    pub fn judge(
        &mut self,
        tick: Tick,
        d: &Delivery,
        source: Option<Source>,
        report: &mut Report,
        counters: &mut Counters,
    ) {
        if self.blind {
            return;
        }
        let m = &d.message;
        let mode = match m.mode {
            DeliveryMode::Fixed => 0,
            DeliveryMode::LowestPriority => 1,
            DeliveryMode::Smi => 2,
            DeliveryMode::Nmi => 4,
            DeliveryMode::Init => 5,
            DeliveryMode::ExtInt => 7,
            DeliveryMode::Reserved(n) => n,
        };
        let got = Aim { destination: m.destination, logical: m.logical, vector: m.vector, mode, level: m.level };
        let who = source.map_or("a message of unknown origin".to_string(), |s| format!("{s:?}"));
        let (ok, stale) = match (self.table, d.index) {
            (Some(t), Some(index)) => {
                let entry = self.entries.entry(index).or_insert_with(|| Possible::certain(0));
                let ok = entry.perhaps(0, |e| aim(*e, t.eime) == Some(got));
                let old = self.replaced.get(&index).is_some_and(|r| r.iter().any(|e| aim(*e, t.eime) == Some(got)));
                (ok, old)
            }
            (table, None) => {
                let a = d.request.address;
                let own = Aim {
                    destination: a >> 12 & 0xff,
                    logical: a >> 2 & 1 == 1,
                    vector: d.request.data as u8,
                    mode: (d.request.data >> 8) as u8 & 7,
                    level: d.request.data >> 15 & 1 == 1,
                };
                (own == got && table.is_none_or(|t| t.compatibility), false)
            }
            (None, Some(_)) => (false, false),
        };
        if !ok {
            if stale {
                counters.stale += 1;
            } else {
                counters.misdirected += 1;
            }
        }
        let check = if stale { "stale_entry_used" } else { "arrival_misdirected" };
        report.require(check, tick, ok, || {
            format!(
                "{who} arrived as {got:?}; entry {:?} does not say so{}",
                d.index,
                if stale { " any more" } else { "" }
            )
        });
        // Where a physical destination leads is known here as well: APIC ids are processor numbers.
        if !got.logical && got.mode == 0 && got.destination < 0xff {
            let right = d.arrivals.iter().all(|a| a.cpu as u32 == got.destination);
            if !right {
                counters.misdirected += 1;
            }
            report.require("wrong_processor", tick, right, || {
                format!("{who} for processor {} arrived at {:?}", got.destination, d.arrivals)
            });
        }
    }
}
