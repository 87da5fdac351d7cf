// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where registers stand in configuration space, and which errors have bits there. [Data sheet section 3.]

/// Offset of the word that holds Command and Status.
pub(crate) const COMMAND: u32 = 0x04;
pub(crate) const BAR0: u32 = 0x10;
pub(crate) const BAR1: u32 = 0x14;
pub(crate) const BAR2: u32 = 0x18;
pub(crate) const BAR4: u32 = 0x20;
pub(crate) const PMCSR: u32 = 0x44;
pub(crate) const DEVCTL: u32 = 0x58;
pub(crate) const LNKCTL: u32 = 0x60;
pub(crate) const DEVCTL2: u32 = 0x78;
pub(crate) const LNKCTL2: u32 = 0x80;
pub(crate) const MSI: u32 = 0x90;
pub(crate) const MSIX: u32 = 0xb0;
/// Capability and control of the PASID capability.
pub(crate) const PASID: u32 = 0x194;
/// Capability and control of the address translation capability.
pub(crate) const ATS: u32 = 0x1a4;
/// The SR-IOV capability [PCIe Base 9.3.3].
pub(crate) const SRIOV: u32 = 0x1c0;
pub(crate) const SRIOV_CONTROL: u32 = SRIOV + 0x08;
pub(crate) const TOTAL_VFS: u32 = SRIOV + 0x0c;
pub(crate) const NUM_VFS: u32 = SRIOV + 0x10;
pub(crate) const PAGE_SIZE: u32 = SRIOV + 0x20;
pub(crate) const VF_BAR: u32 = SRIOV + 0x24;

/// Advanced error reporting [PCIe Base 7.8.4].
pub(crate) const AER: u32 = 0x140;
pub(crate) const UNCORRECTABLE_STATUS: u32 = AER + 0x04;
pub(crate) const UNCORRECTABLE_MASK: u32 = AER + 0x08;
pub(crate) const SEVERITY: u32 = AER + 0x0c;
pub(crate) const CORRECTABLE_STATUS: u32 = AER + 0x10;
pub(crate) const CORRECTABLE_MASK: u32 = AER + 0x14;
pub(crate) const CONTROL: u32 = AER + 0x18;
pub(crate) const HEADER_LOG: u32 = AER + 0x1c;
pub(crate) const PREFIX_LOG: u32 = AER + 0x38;
/// End of the capability.
pub(crate) const AER_END: u32 = AER + 0x48;

/// Uncorrectable errors that this device can have.
pub(crate) const UNCORRECTABLE: u32 = 1 << 12 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 18 | 1 << 19 | 1 << 20;
/// Advisory non-fatal error.
pub(crate) const ADVISORY: u32 = 1 << 13;
