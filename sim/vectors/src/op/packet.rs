// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Packets of any shape, and what must come back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Place, Status};

/// A raw packet from the host side to the device, field by field [PCIe Base 2.2].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTlp {
    /// Fmt, 3 bits.
    pub fmt: u8,
    /// Type, 5 bits.
    pub typ: u8,
    /// Address (memory, IO) or, for messages and completions, header words 2 and 3 as one number.
    #[serde(default)]
    pub address: u64,
    /// A symbolic address instead of `address` (`bar2+0x10`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
    /// Length field in DWORDs (1024 is coded 0); the number of data words when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// First DWORD byte enables (message code's low nibble for messages).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_be: Option<u8>,
    /// Last DWORD byte enables (message code's high nibble for messages).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_be: Option<u8>,
    /// Traffic class.
    #[serde(default)]
    pub tc: u8,
    /// Attr: bit 2 IDO, bit 1 relaxed ordering, bit 0 no snoop.
    #[serde(default)]
    pub attr: u8,
    /// Address type.
    #[serde(default)]
    pub address_type: u8,
    /// TH bit.
    #[serde(default)]
    pub th: bool,
    /// TD bit; the digest is the last data word.
    #[serde(default)]
    pub td: bool,
    /// EP bit.
    #[serde(default)]
    pub ep: bool,
    /// Configuration requests: to this virtual function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vf: Option<u32>,
    /// Tag; a free one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<u16>,
    /// PASID prefix word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<u32>,
    /// Append a digest and set TD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Data words.
    #[serde(default)]
    pub data: Vec<u32>,
    /// A request: go on at once, its completion is taken whenever it comes and not looked at.
    #[serde(default)]
    pub no_wait: bool,
    /// Completion that must come back; nothing is awaited when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<CompletionExpect>,
}

/// The digest of a hand-made packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Digest {
    /// As the packet wants it.
    Right,
    /// One bit off.
    Wrong,
}

/// A completion that must come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompletionExpect {
    /// Status; `none`: no completion may come within 2,000 cycles.
    pub status: Status,
    /// Byte count of the first completion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub byte_count: Option<u32>,
    /// Lower address of the first completion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower_address: Option<u8>,
    /// Data words of all completions together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Vec<u32>>,
}
