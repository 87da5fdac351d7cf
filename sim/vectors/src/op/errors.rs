// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Errors by name, and what registers and messages must say of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An uncorrectable error [PCIe Base 7.8.4.2].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorName {
    /// Poisoned packet received, bit 12.
    Poisoned,
    /// Completion timeout, bit 14.
    CompletionTimeout,
    /// Completer abort, bit 15.
    CompleterAbort,
    /// Unexpected completion, bit 16.
    UnexpectedCompletion,
    /// Malformed packet, bit 18.
    Malformed,
    /// Digest error, bit 19.
    Ecrc,
    /// Unsupported request, bit 20.
    UnsupportedRequest,
}

impl ErrorName {
    /// Number of its bit.
    pub const fn bit(self) -> u8 {
        match self {
            ErrorName::Poisoned => 12,
            ErrorName::CompletionTimeout => 14,
            ErrorName::CompleterAbort => 15,
            ErrorName::UnexpectedCompletion => 16,
            ErrorName::Malformed => 18,
            ErrorName::Ecrc => 19,
            ErrorName::UnsupportedRequest => 20,
        }
    }
}

/// What Device Status says of errors, bits 0 to 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceError {
    /// Correctable error detected.
    Correctable,
    /// Non-fatal error detected.
    NonFatal,
    /// Fatal error detected.
    Fatal,
    /// Unsupported request detected.
    Unsupported,
}

/// What the header log must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoggedHeader {
    /// The last `tlp` of the vector, as it went out, with its prefix.
    LastTlp,
    /// Not the last `tlp`: the log holds another packet.
    NotLastTlp,
    /// The error has no header.
    None,
}

/// What the error registers must say; a driver reads them all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorExpect {
    /// Exactly these uncorrectable errors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncorrectable: Vec<ErrorName>,
    /// Advisory non-fatal error in the correctable status.
    #[serde(default)]
    pub advisory: bool,
    /// Exactly these bits of Device Status; not compared when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Vec<DeviceError>>,
    /// The error that the First Error Pointer names; absent: it names none that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<ErrorName>,
    /// What the header log shows; not compared when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<LoggedHeader>,
}

/// Error messages since `count`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ErrorMessages {
    /// ERR_COR.
    pub correctable: u64,
    /// ERR_NONFATAL.
    pub non_fatal: u64,
    /// ERR_FATAL.
    pub fatal: u64,
}
