// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Sources of interrupts, places, and accesses to them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults::{four, is_four};

/// An interrupt source: store and index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// MSI-X vector.
    Msix(u32),
    /// IMS slot in device memory.
    Device(u32),
    /// IMS slot in host memory.
    Host(u32),
    /// Event of the function: queue 0 to 63, or 64, the device itself.
    Event(u32),
    /// MSI vector; raised by events only.
    Msi(u32),
    /// MSI-X vector of a virtual function.
    VfMsix {
        /// The function, from 0.
        vf: u32,
        /// Its vector, 0 to 63.
        k: u32,
    },
    /// IMS slot of a virtual function.
    VfDevice {
        /// The function, from 0.
        vf: u32,
        /// Its slot, 0 to 63.
        k: u32,
    },
}

impl Source {
    /// The virtual function that it belongs to.
    pub fn vf(self) -> Option<u32> {
        match self {
            Source::VfMsix { vf, .. } | Source::VfDevice { vf, .. } => Some(vf),
            _ => None,
        }
    }

    /// The source of the same kind, `k` further up.
    pub fn plus(self, k: u32) -> Self {
        match self {
            Source::Msix(i) => Source::Msix(i + k),
            Source::Device(i) => Source::Device(i + k),
            Source::Host(i) => Source::Host(i + k),
            Source::Event(i) => Source::Event(i + k),
            Source::Msi(i) => Source::Msi(i + k),
            Source::VfMsix { vf, k: i } => Source::VfMsix { vf, k: i + k },
            Source::VfDevice { vf, k: i } => Source::VfDevice { vf, k: i + k },
        }
    }
}

/// On or off: of the physical function (`true`), or of a virtual one (`{ vf: 3, on: true }`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Switch {
    /// The physical function.
    Physical(bool),
    /// A virtual function.
    Virtual {
        /// Its number, from 0.
        vf: u32,
        /// On or off.
        on: bool,
    },
}

impl From<bool> for Switch {
    fn from(on: bool) -> Self {
        Self::Physical(on)
    }
}

impl Switch {
    /// Which virtual function, and on or off.
    pub fn parts(self) -> (Option<u32>, bool) {
        match self {
            Switch::Physical(on) => (None, on),
            Switch::Virtual { vf, on } => (Some(vf), on),
        }
    }
}

/// A run of sources of one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// First source.
    pub first: Source,
    /// How many, upwards from it.
    pub count: u32,
}

impl Range {
    /// Whether a source is one of them.
    pub fn has(&self, source: Source) -> bool {
        self.first <= source && source < self.first.plus(self.count)
    }
}

/// A number, or the name of a register (`hs_status`, `command`), or name and
/// byte distance (`msix+2`, `bar2+0x10`, `msix_table+0x40`, `ims_slots`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Place {
    /// Plain byte address or offset.
    Number(u64),
    /// Symbolic place; which names exist depends on the operation.
    Name(String),
}

/// What a completion must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Successful completion.
    Sc,
    /// Unsupported request.
    Ur,
    /// Completer abort.
    Ca,
    /// No completion at all within the bound.
    None,
}

/// A read with its expectation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// What is read.
    pub at: Place,
    /// Bytes: 1, 2, 4 or 8 for registers; up to 4096 for memory.
    #[serde(default = "four", skip_serializing_if = "is_four")]
    pub len: u32,
    /// Value that must come back under `mask` (little endian; at most 8 bytes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<u64>,
    /// Bits that count; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<u64>,
    /// Status that must come back; `sc` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Configuration reads: of this virtual function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vf: Option<u32>,
}

/// A write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// What is written.
    pub at: Place,
    /// Bytes: 1, 2, 4 or 8.
    #[serde(default = "four", skip_serializing_if = "is_four")]
    pub len: u32,
    /// Value, little endian.
    pub value: u64,
    /// Byte enables instead of all of `len` (configuration and single DWORDs).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub be: Option<u8>,
    /// Status that must come back (configuration writes only); `sc` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Configuration writes: of this virtual function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vf: Option<u32>,
}
