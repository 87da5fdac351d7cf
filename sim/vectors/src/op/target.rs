// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where an interrupt goes: processor and vector, and the remapping entry that says so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults::yes;

/// Fields of a remapped interrupt entry as software sets them [VT-d 9.10].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Irte {
    /// Entry present.
    #[serde(default = "yes")]
    pub present: bool,
    /// Fault processing disable.
    #[serde(default)]
    pub fpd: bool,
    /// Destination: APIC id, or logical id with `logical`.
    pub destination: u32,
    /// Destination mode logical.
    #[serde(default)]
    pub logical: bool,
    /// Redirection hint.
    #[serde(default)]
    pub redirection_hint: bool,
    /// Trigger mode level.
    #[serde(default)]
    pub level: bool,
    /// Delivery mode code.
    #[serde(default)]
    pub delivery_mode: u8,
    /// Vector.
    pub vector: u8,
    /// Source id.
    #[serde(default)]
    pub sid: u16,
    /// Source id qualifier.
    #[serde(default)]
    pub sq: u8,
    /// Source validation type.
    #[serde(default)]
    pub svt: u8,
}

/// Where an interrupt is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Processor.
    pub cpu: u32,
    /// Vector, 16 to 255.
    pub vector: u8,
}

/// How a change of target is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retarget {
    /// Rewrite the remapping entry, invalidate it, wait.
    Entry,
    /// Rewrite the remapping entry and do not invalidate.
    EntryUnflushed,
    /// Mask, rewrite the message, unmask (compatibility format or a new handle).
    Message,
    /// Rewrite the message without masking: what Linux before 5.14 did.
    MessageUnmasked,
}
