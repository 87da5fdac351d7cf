// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Joins memory, root complex, remapping unit and APICs.

/// The host.
pub struct Host;
