// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Work queues, descriptors, and the endpoint test registers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults::{four, one, page};

/// How a work queue is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueSetup {
    /// Number of the queue.
    pub q: u32,
    /// The submission ring has 2^sq places, 1 to 10.
    #[serde(default = "four")]
    pub sq: u32,
    /// The completion ring has 2^cq places, 1 to 10.
    #[serde(default = "four")]
    pub cq: u32,
    /// PASID of its requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pasid: Option<u32>,
    /// Data may have relaxed ordering.
    #[serde(default)]
    pub relaxed: bool,
    /// Data may have id-based ordering.
    #[serde(default)]
    pub ido: bool,
    /// Doorbells go through its portal page.
    #[serde(default)]
    pub portal: bool,
}

/// What a descriptor asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Nothing.
    #[default]
    Nop,
    /// Repeat eight bytes.
    Fill,
    /// Copy and sum up.
    Copy,
    /// Sum up.
    Checksum,
    /// An operation by its number.
    Opcode(u8),
}

/// Descriptors to be submitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Submit {
    /// The queue.
    pub q: u32,
    /// The operation.
    pub work: Work,
    /// Bytes.
    pub size: u32,
    /// How many such descriptors.
    #[serde(default = "one")]
    pub times: u32,
    /// Source address; a free place with random bytes when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<u64>,
    /// Destination address; a free place when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<u64>,
    /// Interrupt by this handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle: Option<u32>,
    /// Interrupt by a handle of this number, whether the device gave it or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_handle: Option<u16>,
    /// Interrupt by the queue's event.
    pub event: bool,
    /// Wait for all earlier ones.
    pub fence: bool,
    /// Do not ring the doorbell.
    pub no_ring: bool,
}

/// Random work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkStorm {
    /// First queue.
    pub first: u32,
    /// How many queues.
    pub count: u32,
    /// Pieces of work altogether.
    pub descriptors: u32,
    /// Largest size in bytes.
    #[serde(default = "page")]
    pub size_max: u32,
    /// Handles that half of the descriptors draw from.
    #[serde(default)]
    pub handles: Vec<u32>,
    /// Largest gap between submissions in ticks.
    #[serde(default)]
    pub gap_max: u64,
    /// Chance in 1/256 per submission to revoke all handles.
    #[serde(default)]
    pub revoke_chance: u8,
    /// Chance in 1/256 of a fence.
    #[serde(default)]
    pub fence_chance: u8,
}

/// Commands of the endpoint test registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestDo {
    /// Raise the interrupt and do nothing else.
    Raise,
    /// The device reads and compares checksums.
    Read,
    /// The device writes and tells the checksum.
    Write,
    /// The device copies.
    Copy,
}
