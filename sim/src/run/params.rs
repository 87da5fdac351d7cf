// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Parameters of a device (data sheet section 1).

use crate::shadow::DeviceSizes;
use vectors::op::DutParams;

/// Device parameters with nothing left open (data sheet §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// Stream width in bits.
    pub data_w: u32,
    /// MSI-X vectors.
    pub num_msix: u32,
    /// Device slots.
    pub num_dev_slots: u32,
    /// Host slots.
    pub num_host_slots: u32,
    /// Host slots held at a time.
    pub host_cache_lines: u32,
    /// Fetches outstanding.
    pub max_fetches: u32,
    /// Virtual functions.
    pub num_vfs: u32,
}

impl From<&DutParams> for Params {
    fn from(p: &DutParams) -> Self {
        Self {
            data_w: p.data_w.unwrap_or(256),
            num_msix: p.num_msix.unwrap_or(2048),
            num_dev_slots: p.num_dev_slots.unwrap_or(4096),
            num_host_slots: p.num_host_slots.unwrap_or(65536),
            host_cache_lines: p.host_cache_lines.unwrap_or(256),
            max_fetches: p.max_fetches.unwrap_or(16),
            num_vfs: p.num_vfs.unwrap_or(16),
        }
    }
}

impl Params {
    /// Sizes of the stores.
    pub fn sizes(&self) -> DeviceSizes {
        DeviceSizes { msix: self.num_msix, device: self.num_dev_slots, host: self.num_host_slots, vfs: self.num_vfs }
    }
}
