// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The remapping unit beyond interrupts that go to processors: DMA remapping and posted interrupts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Source, Target};

/// The platform's remapping unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RemapUnitKind {
    /// Intel VT-d.
    #[default]
    Vtd,
    /// AMD-Vi.
    Amd,
    /// None: messages are in compatibility format.
    None,
}

/// DMA remapping of VT-d. It needs `remapping` before it, whose queue it uses. What is mapped is mapped to its own
/// address, so that a vector reads alike with it and without.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DmaOp {
    /// Tables for the device, all memory mapped, translation on. Rings and slots have pages of 4 KiB, the rest larger ones.
    On {
        /// Scalable mode; else legacy mode, without PASIDs.
        #[serde(default)]
        scalable: bool,
        /// Levels of the second-level table, 3 to 5.
        #[serde(default = "four")]
        levels: u8,
    },
    /// Translation off.
    Off,
    /// A first-level table for a PASID, with all memory mapped.
    Pasid {
        /// PASID, below 2^15.
        pasid: u32,
        /// Levels, 4 or 5.
        #[serde(default = "four")]
        levels: u8,
    },
    /// Take a page of 4 KiB out of a table, invalidate, wait.
    Unmap {
        /// An address in it.
        at: u64,
        /// Of this PASID's table; absent: the device's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pasid: Option<u32>,
        /// Leave the invalidation out: the unit may use the old translation for ever.
        #[serde(default)]
        unflushed: bool,
    },
    /// Map a page of 4 KiB again.
    Map {
        /// An address in it.
        at: u64,
        /// In this PASID's table; absent: the device's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pasid: Option<u32>,
        /// It may be written.
        #[serde(default = "yes")]
        writable: bool,
    },
}

fn four() -> u8 {
    4
}

const fn yes() -> bool {
    true
}

/// Posted interrupts of VT-d (`host: { posted: true }`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PostedOp {
    /// An empty descriptor.
    SetUp {
        /// Its number, 0 to 63.
        id: u32,
        /// Whom it notifies.
        notify: Target,
    },
    /// Post the interrupts of a connected source into a descriptor; its message stays as it is.
    Post {
        /// The source.
        at: Source,
        /// The descriptor.
        id: u32,
        /// The bit of PIR.
        vector: u8,
        /// Notify in spite of suppression.
        #[serde(default)]
        urgent: bool,
    },
    /// Send them to the processor again that the source has as its target.
    Unpost {
        /// The source.
        at: Source,
    },
    /// Suppress notifications, or allow them again and look what has come meanwhile.
    Suppress {
        /// The descriptor.
        id: u32,
        /// Suppress.
        on: bool,
    },
    /// Notify another processor from now on.
    Move {
        /// The descriptor.
        id: u32,
        /// Whom.
        notify: Target,
    },
    /// Expect these bits in PIR, and ON; serve the descriptor as the notification's handler does.
    Take {
        /// The descriptor.
        id: u32,
        /// Vectors in ascending order.
        vectors: Vec<u8>,
        /// A notification is outstanding.
        outstanding: bool,
    },
}
