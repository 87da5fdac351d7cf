// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A test as a whole: its intent, the device and the machine it wants, its steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HostParams, Op};

/// A test: what it shows, on which machine, and the steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// Unique name, `[a-z0-9_]+`, the file's stem.
    pub name: String,
    /// One sentence: what a pass shows.
    pub intent: String,
    /// Ids of the catalogue of verification items that this covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// Parameters of the device that differ from its default build.
    #[serde(default, skip_serializing_if = "DutParams::is_default")]
    pub dut: DutParams,
    /// The machine around the device.
    #[serde(default, skip_serializing_if = "HostParams::is_default")]
    pub host: HostParams,
    /// Cycles within which everything owed must arrive once nothing disturbs.
    #[serde(default = "default_bound", skip_serializing_if = "is_default_bound")]
    pub bound: u64,
    /// The steps, in order.
    pub steps: Vec<Op>,
}

fn default_bound() -> u64 {
    50_000
}

fn is_default_bound(bound: &u64) -> bool {
    *bound == default_bound()
}

/// Device parameters (data sheet §1); absent ones keep their default.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DutParams {
    /// Stream width in bits: 64, 128, 256 or 512.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_w: Option<u32>,
    /// MSI-X vectors, 1 to 2048.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_msix: Option<u32>,
    /// IMS slots in device memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_dev_slots: Option<u32>,
    /// IMS slots in host memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_host_slots: Option<u32>,
    /// Host slots held at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_cache_lines: Option<u32>,
    /// Slot fetches outstanding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_fetches: Option<u32>,
    /// Virtual functions, 0 to 16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_vfs: Option<u32>,
}

impl DutParams {
    /// Whether nothing differs from the default build.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
