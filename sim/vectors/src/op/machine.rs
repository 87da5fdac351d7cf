// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The host around the device, and what a vector can change about it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RemapUnitKind;

/// The host around the device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HostParams {
    /// Processors, APIC ids 0 to cpus−1.
    pub cpus: u32,
    /// The local APICs run in x2APIC mode.
    pub x2apic: bool,
    /// What the remapping unit keeps of entries it has read.
    pub entry_cache: EntryCache,
    /// Primary fault records of the remapping unit, 1 to 256.
    pub fault_records: u32,
    /// Ticks that a request spends in the remapping unit: smallest and largest.
    pub remap_delay: [u64; 2],
    /// Read completion boundary of the root complex: 64 or 128.
    pub rcb: u32,
    /// How reads of the device are answered.
    pub completions: Completions,
    /// Transmit credits at start; an absent class is infinite.
    pub credits: Credits,
    /// Interrupts are taken and ended by the processors by themselves.
    pub auto_service: bool,
    /// The remapping unit.
    #[serde(skip_serializing_if = "is_vtd")]
    pub remap_unit: RemapUnitKind,
    /// The unit has posted interrupts.
    #[serde(skip_serializing_if = "is_false")]
    pub posted: bool,
    /// The unit has DMA remapping.
    #[serde(skip_serializing_if = "is_false")]
    pub dma_remapping: bool,
}

fn is_vtd(unit: &RemapUnitKind) -> bool {
    *unit == RemapUnitKind::Vtd
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Default for HostParams {
    fn default() -> Self {
        Self {
            cpus: 4,
            x2apic: false,
            entry_cache: EntryCache::Unlimited,
            fault_records: 8,
            remap_delay: [1, 16],
            rcb: 64,
            completions: Completions::default(),
            credits: Credits::default(),
            auto_service: true,
            remap_unit: RemapUnitKind::Vtd,
            posted: false,
            dma_remapping: false,
        }
    }
}

impl HostParams {
    /// Whether this is the default machine.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What the remapping unit keeps of interrupt entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryCache {
    /// Nothing: every request reads its entry.
    None,
    /// Everything until invalidated: the worst case for software.
    Unlimited,
    /// So many entries.
    Lines(u32),
}

/// How the root complex answers reads of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Completions {
    /// Split at random where legal; otherwise one completion where legal.
    pub split: bool,
    /// Completions of different reads may change places.
    pub reorder: bool,
    /// Ticks from request to first completion: smallest and largest.
    pub delay: [u64; 2],
}

impl Default for Completions {
    fn default() -> Self {
        Self { split: true, reorder: true, delay: [20, 120] }
    }
}

/// Credits per class; an absent one is infinite (at start) or unchanged (later).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credits {
    /// Posted headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ph: Option<u8>,
    /// Posted data, units of 16 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pd: Option<u16>,
    /// Non-posted headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nph: Option<u8>,
    /// Completion headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cplh: Option<u8>,
    /// Completion data, units of 16 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpld: Option<u16>,
}

/// What goes wrong with a read of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadFault {
    /// Cpl with status UR.
    Ur,
    /// Cpl with status CA.
    Ca,
    /// CplD with EP = 1.
    Poison,
    /// No completion, ever.
    Withhold,
    /// Completions with a digest that does not fit.
    WrongDigest,
    /// CplD with less data than asked for, byte count as if that were all.
    Short,
    /// The right data under a tag that is not outstanding.
    WrongTag,
    /// Cpl with status CRS, then nothing.
    Crs,
    /// Cpl with reserved status 3.
    ReservedStatus,
    /// The right completion twice.
    Duplicate,
    /// The right completion, but only after the device's timeout.
    Late,
}

/// Conventional resets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResetKind {
    /// Power-on.
    Cold,
    /// In-band.
    Hot,
}
