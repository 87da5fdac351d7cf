// SPDX-License-Identifier: Apache-2.0 OR MIT
// Generated from rtl/pkg/ep_regs.yaml by `cargo run -q -p xtask -- regs`; do not edit.
//! The device's own register map (`docs/registers.md`): offsets in BAR0, positions of fields, BARs, windows and
//! capabilities. Offsets and sizes are in bytes.

/// Number of the BAR of the device registers.
pub const BAR_REGS_INDEX: u32 = 0;
/// Size of the BAR of the device registers.
pub const BAR_REGS_SIZE: u32 = 0x10000;
/// Number of the BAR of the portal pages of the work queues: page q at 4096q.
pub const BAR_PORTALS_INDEX: u32 = 1;
/// Size of the BAR of the portal pages of the work queues: page q at 4096q.
pub const BAR_PORTALS_SIZE: u32 = 0x40000;
/// Number of the BAR of the MSI-X table and PBA.
pub const BAR_MSIX_INDEX: u32 = 2;
/// Size of the BAR of the MSI-X table and PBA.
pub const BAR_MSIX_SIZE: u32 = 0x10000;
/// Number of the BAR of the IMS slots in device memory; pending bits of the slots in host memory.
pub const BAR_IMS_INDEX: u32 = 4;
/// Size of the BAR of the IMS slots in device memory; pending bits of the slots in host memory.
pub const BAR_IMS_SIZE: u32 = 0x40000;
/// BAR of window `portal`.
pub const WIN_PORTAL_BAR: u32 = 1;
/// Offset of window `portal`: page q at 4096q belongs to work queue q: 0x0 sq_tail, 0x8 cq_head, 0x10 status.
pub const WIN_PORTAL_OFFSET: u32 = 0x0;
/// BAR of window `msix_table`.
pub const WIN_MSIX_TABLE_BAR: u32 = 2;
/// Offset of window `msix_table`: entry k at 16k.
pub const WIN_MSIX_TABLE_OFFSET: u32 = 0x0;
/// BAR of window `msix_pba`.
pub const WIN_MSIX_PBA_BAR: u32 = 2;
/// Offset of window `msix_pba`: bit k of quad word k/64.
pub const WIN_MSIX_PBA_OFFSET: u32 = 0x8000;
/// BAR of window `ims_slots`.
pub const WIN_IMS_SLOTS_BAR: u32 = 4;
/// Offset of window `ims_slots`: device slot k at 16k.
pub const WIN_IMS_SLOTS_OFFSET: u32 = 0x0;
/// BAR of window `host_pending`.
pub const WIN_HOST_PENDING_BAR: u32 = 4;
/// Offset of window `host_pending`: read only: bit k of quad word k/64 is the pending bit of host slot k.
pub const WIN_HOST_PENDING_OFFSET: u32 = 0x20000;
/// BAR of window `ev_coal`.
pub const WIN_EV_COAL_BAR: u32 = 0;
/// Offset of window `ev_coal`: coalescer of vector v (0 to 64) at 4v: 7:0 frames, 31:16 microseconds, both rw, reset 0.
pub const WIN_EV_COAL_OFFSET: u32 = 0x2000;
/// Offset of the capability `pm`: power management, version 3.
pub const CAP_PM_OFFSET: u32 = 0x40;
/// Identifier of the capability `pm`.
pub const CAP_PM_ID: u32 = 0x1;
/// Offset of the capability `pcie`: PCI Express, version 2.
pub const CAP_PCIE_OFFSET: u32 = 0x50;
/// Identifier of the capability `pcie`.
pub const CAP_PCIE_ID: u32 = 0x10;
/// Offset of the capability `msi`: MSI, 32 vectors, 64 bits, masks, extended data.
pub const CAP_MSI_OFFSET: u32 = 0x90;
/// Identifier of the capability `msi`.
pub const CAP_MSI_ID: u32 = 0x5;
/// Offset of the capability `msix`: MSI-X.
pub const CAP_MSIX_OFFSET: u32 = 0xb0;
/// Identifier of the capability `msix`.
pub const CAP_MSIX_ID: u32 = 0x11;
/// Offset of the capability `siov`: Intel SIOV DVSEC, announces IMS.
pub const CAP_SIOV_OFFSET: u32 = 0x100;
/// Identifier of the capability `siov`.
pub const CAP_SIOV_ID: u32 = 0x23;
/// Offset of the capability `aer`: advanced error reporting, version 2.
pub const CAP_AER_OFFSET: u32 = 0x140;
/// Identifier of the capability `aer`.
pub const CAP_AER_ID: u32 = 0x1;
/// Offset of the capability `pasid`: process address space id, version 1.
pub const CAP_PASID_OFFSET: u32 = 0x190;
/// Identifier of the capability `pasid`.
pub const CAP_PASID_ID: u32 = 0x1b;
/// Offset of the capability `ats`: address translation services, version 1.
pub const CAP_ATS_OFFSET: u32 = 0x1a0;
/// Identifier of the capability `ats`.
pub const CAP_ATS_ID: u32 = 0xf;
/// Offset of the capability `ari`: alternative routing id interpretation, version 1; absent without virtual functions.
pub const CAP_ARI_OFFSET: u32 = 0x1b0;
/// Identifier of the capability `ari`.
pub const CAP_ARI_ID: u32 = 0xe;
/// Offset of the capability `sriov`: single root I/O virtualization, version 1; absent without virtual functions.
pub const CAP_SRIOV_OFFSET: u32 = 0x1c0;
/// Identifier of the capability `sriov`.
pub const CAP_SRIOV_ID: u32 = 0x10;
/// Offset of register `et_magic`.
pub const ET_MAGIC: u32 = 0x0;
/// Offset of register `et_command`.
pub const ET_COMMAND: u32 = 0x4;
/// Offset of register `et_status`.
pub const ET_STATUS: u32 = 0x8;
/// Offset of register `et_src_lo`.
pub const ET_SRC_LO: u32 = 0xc;
/// Offset of register `et_src_hi`.
pub const ET_SRC_HI: u32 = 0x10;
/// Offset of register `et_dst_lo`.
pub const ET_DST_LO: u32 = 0x14;
/// Offset of register `et_dst_hi`.
pub const ET_DST_HI: u32 = 0x18;
/// Offset of register `et_size`.
pub const ET_SIZE: u32 = 0x1c;
/// Offset of register `et_checksum`.
pub const ET_CHECKSUM: u32 = 0x20;
/// Offset of register `et_irq_type`.
pub const ET_IRQ_TYPE: u32 = 0x24;
/// Offset of register `et_irq_number`.
pub const ET_IRQ_NUMBER: u32 = 0x28;
/// Offset of register `et_flags`.
pub const ET_FLAGS: u32 = 0x2c;
/// Offset of register `et_caps`.
pub const ET_CAPS: u32 = 0x30;
/// Offset of register `id`.
pub const ID: u32 = 0x1000;
/// Offset of register `version`.
pub const VERSION: u32 = 0x1004;
/// Offset of register `cap_msix`.
pub const CAP_MSIX: u32 = 0x1008;
/// Offset of register `cap_dev`.
pub const CAP_DEV: u32 = 0x100c;
/// Offset of register `cap_host`.
pub const CAP_HOST: u32 = 0x1010;
/// Offset of register `cap_cache`.
pub const CAP_CACHE: u32 = 0x1014;
/// Offset of register `hs_base_lo`.
pub const HS_BASE_LO: u32 = 0x1020;
/// Offset of register `hs_base_hi`.
pub const HS_BASE_HI: u32 = 0x1024;
/// Offset of register `hs_size`.
pub const HS_SIZE: u32 = 0x1028;
/// Offset of register `hs_ctrl`.
pub const HS_CTRL: u32 = 0x102c;
/// Offset of register `hs_cmd`.
pub const HS_CMD: u32 = 0x1030;
/// Offset of register `hs_status`.
pub const HS_STATUS: u32 = 0x1034;
/// Offset of register `hs_done_addr_lo`.
pub const HS_DONE_ADDR_LO: u32 = 0x1038;
/// Offset of register `hs_done_addr_hi`.
pub const HS_DONE_ADDR_HI: u32 = 0x103c;
/// Offset of register `irq_err`.
pub const IRQ_ERR: u32 = 0x1040;
/// Offset of register `irq_err_count`.
pub const IRQ_ERR_COUNT: u32 = 0x1044;
/// Offset of register `stat_sent`.
pub const STAT_SENT: u32 = 0x1048;
/// Offset of register `stat_fetch`.
pub const STAT_FETCH: u32 = 0x104c;
/// Offset of register `fn_doorbell`.
pub const FN_DOORBELL: u32 = 0x1100;
/// Offset of register `fn_status`.
pub const FN_STATUS: u32 = 0x1104;
/// Offset of register `fn_raised`.
pub const FN_RAISED: u32 = 0x1108;
/// Offset of register `fn_rec_addr_lo`.
pub const FN_REC_ADDR_LO: u32 = 0x1110;
/// Offset of register `fn_rec_addr_hi`.
pub const FN_REC_ADDR_HI: u32 = 0x1114;
/// Offset of register `fn_rec_order`.
pub const FN_REC_ORDER: u32 = 0x1118;
/// Offset of register `fn_rec_seq`.
pub const FN_REC_SEQ: u32 = 0x111c;
/// Offset of register `fn_sweep_first`.
pub const FN_SWEEP_FIRST: u32 = 0x1120;
/// Offset of register `fn_sweep_count`.
pub const FN_SWEEP_COUNT: u32 = 0x1124;
/// Offset of register `fn_sweep_go`.
pub const FN_SWEEP_GO: u32 = 0x1128;
/// Offset of register `ev_status_lo`.
pub const EV_STATUS_LO: u32 = 0x1140;
/// Offset of register `ev_status_hi`.
pub const EV_STATUS_HI: u32 = 0x1144;
/// Offset of register `ev_misc`.
pub const EV_MISC: u32 = 0x1148;
/// Offset of register `ev_vectors`.
pub const EV_VECTORS: u32 = 0x114c;
/// Offset of register `ev_ctrl`.
pub const EV_CTRL: u32 = 0x1150;
/// Offset of register `ev_intx`.
pub const EV_INTX: u32 = 0x1154;
/// Offset of register `ih_target`.
pub const IH_TARGET: u32 = 0x1180;
/// Offset of register `ih_perm`.
pub const IH_PERM: u32 = 0x1184;
/// Offset of register `ih_cmd`.
pub const IH_CMD: u32 = 0x1188;
/// Offset of register `ih_status`.
pub const IH_STATUS: u32 = 0x118c;
/// Offset of register `q_ctrl`.
pub const Q_CTRL: u32 = 0x4000;
/// Number of registers `q_ctrl`.
pub const Q_CTRL_COUNT: u32 = 64;
/// Distance of one register `q_ctrl` from the next.
pub const Q_CTRL_STRIDE: u32 = 0x80;
/// Offset of register `q_status`.
pub const Q_STATUS: u32 = 0x4004;
/// Number of registers `q_status`.
pub const Q_STATUS_COUNT: u32 = 64;
/// Distance of one register `q_status` from the next.
pub const Q_STATUS_STRIDE: u32 = 0x80;
/// Offset of register `q_sq_base_lo`.
pub const Q_SQ_BASE_LO: u32 = 0x4008;
/// Number of registers `q_sq_base_lo`.
pub const Q_SQ_BASE_LO_COUNT: u32 = 64;
/// Distance of one register `q_sq_base_lo` from the next.
pub const Q_SQ_BASE_LO_STRIDE: u32 = 0x80;
/// Offset of register `q_sq_base_hi`.
pub const Q_SQ_BASE_HI: u32 = 0x400c;
/// Number of registers `q_sq_base_hi`.
pub const Q_SQ_BASE_HI_COUNT: u32 = 64;
/// Distance of one register `q_sq_base_hi` from the next.
pub const Q_SQ_BASE_HI_STRIDE: u32 = 0x80;
/// Offset of register `q_cq_base_lo`.
pub const Q_CQ_BASE_LO: u32 = 0x4010;
/// Number of registers `q_cq_base_lo`.
pub const Q_CQ_BASE_LO_COUNT: u32 = 64;
/// Distance of one register `q_cq_base_lo` from the next.
pub const Q_CQ_BASE_LO_STRIDE: u32 = 0x80;
/// Offset of register `q_cq_base_hi`.
pub const Q_CQ_BASE_HI: u32 = 0x4014;
/// Number of registers `q_cq_base_hi`.
pub const Q_CQ_BASE_HI_COUNT: u32 = 64;
/// Distance of one register `q_cq_base_hi` from the next.
pub const Q_CQ_BASE_HI_STRIDE: u32 = 0x80;
/// Offset of register `q_size`.
pub const Q_SIZE: u32 = 0x4018;
/// Number of registers `q_size`.
pub const Q_SIZE_COUNT: u32 = 64;
/// Distance of one register `q_size` from the next.
pub const Q_SIZE_STRIDE: u32 = 0x80;
/// Offset of register `q_pasid`.
pub const Q_PASID: u32 = 0x401c;
/// Number of registers `q_pasid`.
pub const Q_PASID_COUNT: u32 = 64;
/// Distance of one register `q_pasid` from the next.
pub const Q_PASID_STRIDE: u32 = 0x80;
/// Offset of register `q_sq_tail`.
pub const Q_SQ_TAIL: u32 = 0x4020;
/// Number of registers `q_sq_tail`.
pub const Q_SQ_TAIL_COUNT: u32 = 64;
/// Distance of one register `q_sq_tail` from the next.
pub const Q_SQ_TAIL_STRIDE: u32 = 0x80;
/// Offset of register `q_sq_head`.
pub const Q_SQ_HEAD: u32 = 0x4024;
/// Number of registers `q_sq_head`.
pub const Q_SQ_HEAD_COUNT: u32 = 64;
/// Distance of one register `q_sq_head` from the next.
pub const Q_SQ_HEAD_STRIDE: u32 = 0x80;
/// Offset of register `q_cq_head`.
pub const Q_CQ_HEAD: u32 = 0x4028;
/// Number of registers `q_cq_head`.
pub const Q_CQ_HEAD_COUNT: u32 = 64;
/// Distance of one register `q_cq_head` from the next.
pub const Q_CQ_HEAD_STRIDE: u32 = 0x80;
/// Offset of register `q_cq_tail`.
pub const Q_CQ_TAIL: u32 = 0x402c;
/// Number of registers `q_cq_tail`.
pub const Q_CQ_TAIL_COUNT: u32 = 64;
/// Distance of one register `q_cq_tail` from the next.
pub const Q_CQ_TAIL_STRIDE: u32 = 0x80;
/// Offset of register `q_done`.
pub const Q_DONE: u32 = 0x4030;
/// Number of registers `q_done`.
pub const Q_DONE_COUNT: u32 = 64;
/// Distance of one register `q_done` from the next.
pub const Q_DONE_STRIDE: u32 = 0x80;
/// Offset of register `vf_id`.
pub const VF_ID: u32 = 0xf000;
/// Number of registers `vf_id`.
pub const VF_ID_COUNT: u32 = 16;
/// Distance of one register `vf_id` from the next.
pub const VF_ID_STRIDE: u32 = 0x10;
/// Offset of register `vf_number`.
pub const VF_NUMBER: u32 = 0xf004;
/// Number of registers `vf_number`.
pub const VF_NUMBER_COUNT: u32 = 16;
/// Distance of one register `vf_number` from the next.
pub const VF_NUMBER_STRIDE: u32 = 0x10;
/// Offset of register `vf_doorbell`.
pub const VF_DOORBELL: u32 = 0xf008;
/// Number of registers `vf_doorbell`.
pub const VF_DOORBELL_COUNT: u32 = 16;
/// Distance of one register `vf_doorbell` from the next.
pub const VF_DOORBELL_STRIDE: u32 = 0x10;

/// Fields of register `et_magic`.
pub mod et_magic {
    /// Lowest bit of `magic`: plain storage, for tests of the BAR.
    pub const MAGIC_LSB: u32 = 0;
    /// Bits of `magic`.
    pub const MAGIC_WIDTH: u32 = 32;
    /// `magic` in place.
    pub const MAGIC_MASK: u32 = 0xffffffff;
    /// `magic` after reset.
    pub const MAGIC_RESET: u32 = 0x0;
}

/// Fields of register `et_command`.
pub mod et_command {
    /// Lowest bit of `raise_intx`: raise INTx; a write of one command bit starts, the register reads 0 once the command is taken.
    pub const RAISE_INTX_LSB: u32 = 0;
    /// Bits of `raise_intx`.
    pub const RAISE_INTX_WIDTH: u32 = 1;
    /// `raise_intx` in place.
    pub const RAISE_INTX_MASK: u32 = 0x1;
    /// `raise_intx` after reset.
    pub const RAISE_INTX_RESET: u32 = 0x0;
    /// Lowest bit of `raise_msi`: raise MSI irq_number.
    pub const RAISE_MSI_LSB: u32 = 1;
    /// Bits of `raise_msi`.
    pub const RAISE_MSI_WIDTH: u32 = 1;
    /// `raise_msi` in place.
    pub const RAISE_MSI_MASK: u32 = 0x2;
    /// `raise_msi` after reset.
    pub const RAISE_MSI_RESET: u32 = 0x0;
    /// Lowest bit of `raise_msix`: raise MSI-X irq_number.
    pub const RAISE_MSIX_LSB: u32 = 2;
    /// Bits of `raise_msix`.
    pub const RAISE_MSIX_WIDTH: u32 = 1;
    /// `raise_msix` in place.
    pub const RAISE_MSIX_MASK: u32 = 0x4;
    /// `raise_msix` after reset.
    pub const RAISE_MSIX_RESET: u32 = 0x0;
    /// Lowest bit of `read`: read src and compare its CRC-32 with checksum.
    pub const READ_LSB: u32 = 3;
    /// Bits of `read`.
    pub const READ_WIDTH: u32 = 1;
    /// `read` in place.
    pub const READ_MASK: u32 = 0x8;
    /// `read` after reset.
    pub const READ_RESET: u32 = 0x0;
    /// Lowest bit of `write`: write a pattern to dst, its CRC-32 goes to checksum.
    pub const WRITE_LSB: u32 = 4;
    /// Bits of `write`.
    pub const WRITE_WIDTH: u32 = 1;
    /// `write` in place.
    pub const WRITE_MASK: u32 = 0x10;
    /// `write` after reset.
    pub const WRITE_RESET: u32 = 0x0;
    /// Lowest bit of `copy`: copy src to dst.
    pub const COPY_LSB: u32 = 5;
    /// Bits of `copy`.
    pub const COPY_WIDTH: u32 = 1;
    /// `copy` in place.
    pub const COPY_MASK: u32 = 0x20;
    /// `copy` after reset.
    pub const COPY_RESET: u32 = 0x0;
}

/// Fields of register `et_status`.
pub mod et_status {
    /// Lowest bit of `read_ok`: READ: checksum as expected.
    pub const READ_OK_LSB: u32 = 0;
    /// Bits of `read_ok`.
    pub const READ_OK_WIDTH: u32 = 1;
    /// `read_ok` in place.
    pub const READ_OK_MASK: u32 = 0x1;
    /// `read_ok` after reset.
    pub const READ_OK_RESET: u32 = 0x0;
    /// Lowest bit of `read_fail`: READ: not as expected.
    pub const READ_FAIL_LSB: u32 = 1;
    /// Bits of `read_fail`.
    pub const READ_FAIL_WIDTH: u32 = 1;
    /// `read_fail` in place.
    pub const READ_FAIL_MASK: u32 = 0x2;
    /// `read_fail` after reset.
    pub const READ_FAIL_RESET: u32 = 0x0;
    /// Lowest bit of `write_ok`: WRITE done.
    pub const WRITE_OK_LSB: u32 = 2;
    /// Bits of `write_ok`.
    pub const WRITE_OK_WIDTH: u32 = 1;
    /// `write_ok` in place.
    pub const WRITE_OK_MASK: u32 = 0x4;
    /// `write_ok` after reset.
    pub const WRITE_OK_RESET: u32 = 0x0;
    /// Lowest bit of `write_fail`: WRITE failed.
    pub const WRITE_FAIL_LSB: u32 = 3;
    /// Bits of `write_fail`.
    pub const WRITE_FAIL_WIDTH: u32 = 1;
    /// `write_fail` in place.
    pub const WRITE_FAIL_MASK: u32 = 0x8;
    /// `write_fail` after reset.
    pub const WRITE_FAIL_RESET: u32 = 0x0;
    /// Lowest bit of `copy_ok`: COPY done.
    pub const COPY_OK_LSB: u32 = 4;
    /// Bits of `copy_ok`.
    pub const COPY_OK_WIDTH: u32 = 1;
    /// `copy_ok` in place.
    pub const COPY_OK_MASK: u32 = 0x10;
    /// `copy_ok` after reset.
    pub const COPY_OK_RESET: u32 = 0x0;
    /// Lowest bit of `copy_fail`: COPY failed.
    pub const COPY_FAIL_LSB: u32 = 5;
    /// Bits of `copy_fail`.
    pub const COPY_FAIL_WIDTH: u32 = 1;
    /// `copy_fail` in place.
    pub const COPY_FAIL_MASK: u32 = 0x20;
    /// `copy_fail` after reset.
    pub const COPY_FAIL_RESET: u32 = 0x0;
    /// Lowest bit of `irq_raised`: the interrupt of the command is raised next.
    pub const IRQ_RAISED_LSB: u32 = 6;
    /// Bits of `irq_raised`.
    pub const IRQ_RAISED_WIDTH: u32 = 1;
    /// `irq_raised` in place.
    pub const IRQ_RAISED_MASK: u32 = 0x40;
    /// `irq_raised` after reset.
    pub const IRQ_RAISED_RESET: u32 = 0x0;
    /// Lowest bit of `src_invalid`: never set by the device.
    pub const SRC_INVALID_LSB: u32 = 7;
    /// Bits of `src_invalid`.
    pub const SRC_INVALID_WIDTH: u32 = 1;
    /// `src_invalid` in place.
    pub const SRC_INVALID_MASK: u32 = 0x80;
    /// `src_invalid` after reset.
    pub const SRC_INVALID_RESET: u32 = 0x0;
    /// Lowest bit of `dst_invalid`: never set by the device.
    pub const DST_INVALID_LSB: u32 = 8;
    /// Bits of `dst_invalid`.
    pub const DST_INVALID_WIDTH: u32 = 1;
    /// `dst_invalid` in place.
    pub const DST_INVALID_MASK: u32 = 0x100;
    /// `dst_invalid` after reset.
    pub const DST_INVALID_RESET: u32 = 0x0;
}

/// Fields of register `et_src_lo`.
pub mod et_src_lo {
    /// Lowest bit of `value`: source address, low half.
    pub const VALUE_LSB: u32 = 0;
    /// Bits of `value`.
    pub const VALUE_WIDTH: u32 = 32;
    /// `value` in place.
    pub const VALUE_MASK: u32 = 0xffffffff;
    /// `value` after reset.
    pub const VALUE_RESET: u32 = 0x0;
}

/// Fields of register `et_src_hi`.
pub mod et_src_hi {
    /// Lowest bit of `value`: source address, high half.
    pub const VALUE_LSB: u32 = 0;
    /// Bits of `value`.
    pub const VALUE_WIDTH: u32 = 32;
    /// `value` in place.
    pub const VALUE_MASK: u32 = 0xffffffff;
    /// `value` after reset.
    pub const VALUE_RESET: u32 = 0x0;
}

/// Fields of register `et_dst_lo`.
pub mod et_dst_lo {
    /// Lowest bit of `value`: destination address, low half.
    pub const VALUE_LSB: u32 = 0;
    /// Bits of `value`.
    pub const VALUE_WIDTH: u32 = 32;
    /// `value` in place.
    pub const VALUE_MASK: u32 = 0xffffffff;
    /// `value` after reset.
    pub const VALUE_RESET: u32 = 0x0;
}

/// Fields of register `et_dst_hi`.
pub mod et_dst_hi {
    /// Lowest bit of `value`: destination address, high half.
    pub const VALUE_LSB: u32 = 0;
    /// Bits of `value`.
    pub const VALUE_WIDTH: u32 = 32;
    /// `value` in place.
    pub const VALUE_MASK: u32 = 0xffffffff;
    /// `value` after reset.
    pub const VALUE_RESET: u32 = 0x0;
}

/// Fields of register `et_size`.
pub mod et_size {
    /// Lowest bit of `value`: bytes.
    pub const VALUE_LSB: u32 = 0;
    /// Bits of `value`.
    pub const VALUE_WIDTH: u32 = 32;
    /// `value` in place.
    pub const VALUE_MASK: u32 = 0xffffffff;
    /// `value` after reset.
    pub const VALUE_RESET: u32 = 0x0;
}

/// Fields of register `et_checksum`.
pub mod et_checksum {
    /// Lowest bit of `value`: CRC-32, seed all ones, not inverted.
    pub const VALUE_LSB: u32 = 0;
    /// Bits of `value`.
    pub const VALUE_WIDTH: u32 = 32;
    /// `value` in place.
    pub const VALUE_MASK: u32 = 0xffffffff;
    /// `value` after reset.
    pub const VALUE_RESET: u32 = 0x0;
}

/// Fields of register `et_irq_type`.
pub mod et_irq_type {
    /// Lowest bit of `value`: 0 INTx, 1 MSI, 2 MSI-X.
    pub const VALUE_LSB: u32 = 0;
    /// Bits of `value`.
    pub const VALUE_WIDTH: u32 = 32;
    /// `value` in place.
    pub const VALUE_MASK: u32 = 0xffffffff;
    /// `value` after reset.
    pub const VALUE_RESET: u32 = 0x0;
}

/// Fields of register `et_irq_number`.
pub mod et_irq_number {
    /// Lowest bit of `value`: number of the interrupt, from 1.
    pub const VALUE_LSB: u32 = 0;
    /// Bits of `value`.
    pub const VALUE_WIDTH: u32 = 32;
    /// `value` in place.
    pub const VALUE_MASK: u32 = 0xffffffff;
    /// `value` after reset.
    pub const VALUE_RESET: u32 = 0x0;
}

/// Fields of register `et_flags`.
pub mod et_flags {
    /// Lowest bit of `use_dma`: no effect: data always move by the engine.
    pub const USE_DMA_LSB: u32 = 0;
    /// Bits of `use_dma`.
    pub const USE_DMA_WIDTH: u32 = 1;
    /// `use_dma` in place.
    pub const USE_DMA_MASK: u32 = 0x1;
    /// `use_dma` after reset.
    pub const USE_DMA_RESET: u32 = 0x0;
}

/// Fields of register `et_caps`.
pub mod et_caps {
    /// Lowest bit of `value`: none.
    pub const VALUE_LSB: u32 = 0;
    /// Bits of `value`.
    pub const VALUE_WIDTH: u32 = 32;
    /// `value` in place.
    pub const VALUE_MASK: u32 = 0xffffffff;
    /// `value` after reset.
    pub const VALUE_RESET: u32 = 0x0;
}

/// Fields of register `id`.
pub mod id {
    /// Lowest bit of `magic`: 'IMS1' in ASCII, first letter in the lowest byte.
    pub const MAGIC_LSB: u32 = 0;
    /// Bits of `magic`.
    pub const MAGIC_WIDTH: u32 = 32;
    /// `magic` in place.
    pub const MAGIC_MASK: u32 = 0xffffffff;
    /// `magic` after reset.
    pub const MAGIC_RESET: u32 = 0x31534d49;
}

/// Fields of register `version`.
pub mod version {
    /// Lowest bit of `minor`: minor version of this map.
    pub const MINOR_LSB: u32 = 0;
    /// Bits of `minor`.
    pub const MINOR_WIDTH: u32 = 8;
    /// `minor` in place.
    pub const MINOR_MASK: u32 = 0xff;
    /// `minor` after reset.
    pub const MINOR_RESET: u32 = 0x0;
    /// Lowest bit of `major`: major version of this map.
    pub const MAJOR_LSB: u32 = 8;
    /// Bits of `major`.
    pub const MAJOR_WIDTH: u32 = 8;
    /// `major` in place.
    pub const MAJOR_MASK: u32 = 0xff00;
    /// `major` after reset.
    pub const MAJOR_RESET: u32 = 0x1;
}

/// Fields of register `cap_msix`.
pub mod cap_msix {
    /// Lowest bit of `vectors`: MSI-X vectors, 1 to 2048.
    pub const VECTORS_LSB: u32 = 0;
    /// Bits of `vectors`.
    pub const VECTORS_WIDTH: u32 = 12;
    /// `vectors` in place.
    pub const VECTORS_MASK: u32 = 0xfff;
}

/// Fields of register `cap_dev`.
pub mod cap_dev {
    /// Lowest bit of `slots`: IMS slots in device memory.
    pub const SLOTS_LSB: u32 = 0;
    /// Bits of `slots`.
    pub const SLOTS_WIDTH: u32 = 21;
    /// `slots` in place.
    pub const SLOTS_MASK: u32 = 0x1fffff;
}

/// Fields of register `cap_host`.
pub mod cap_host {
    /// Lowest bit of `slots`: largest number of IMS slots in host memory.
    pub const SLOTS_LSB: u32 = 0;
    /// Bits of `slots`.
    pub const SLOTS_WIDTH: u32 = 21;
    /// `slots` in place.
    pub const SLOTS_MASK: u32 = 0x1fffff;
}

/// Fields of register `cap_cache`.
pub mod cap_cache {
    /// Lowest bit of `lines`: host slots that the device can hold at a time.
    pub const LINES_LSB: u32 = 0;
    /// Bits of `lines`.
    pub const LINES_WIDTH: u32 = 16;
    /// `lines` in place.
    pub const LINES_MASK: u32 = 0xffff;
}

/// Fields of register `hs_base_lo`.
pub mod hs_base_lo {
    /// Lowest bit of `addr`: host address of slot 0, low half; writes are ignored while hs_ctrl.enable is 1.
    pub const ADDR_LSB: u32 = 0;
    /// Bits of `addr`.
    pub const ADDR_WIDTH: u32 = 32;
    /// `addr` in place.
    pub const ADDR_MASK: u32 = 0xffffffff;
    /// `addr` after reset.
    pub const ADDR_RESET: u32 = 0x0;
}

/// Fields of register `hs_base_hi`.
pub mod hs_base_hi {
    /// Lowest bit of `addr`: host address of slot 0, high half; writes are ignored while hs_ctrl.enable is 1.
    pub const ADDR_LSB: u32 = 0;
    /// Bits of `addr`.
    pub const ADDR_WIDTH: u32 = 32;
    /// `addr` in place.
    pub const ADDR_MASK: u32 = 0xffffffff;
    /// `addr` after reset.
    pub const ADDR_RESET: u32 = 0x0;
}

/// Fields of register `hs_size`.
pub mod hs_size {
    /// Lowest bit of `slots`: slots in use, 1 to cap_host; writes are ignored while hs_ctrl.enable is 1.
    pub const SLOTS_LSB: u32 = 0;
    /// Bits of `slots`.
    pub const SLOTS_WIDTH: u32 = 21;
    /// `slots` in place.
    pub const SLOTS_MASK: u32 = 0x1fffff;
    /// `slots` after reset.
    pub const SLOTS_RESET: u32 = 0x0;
}

/// Fields of register `hs_ctrl`.
pub mod hs_ctrl {
    /// Lowest bit of `enable`: host store in use; stays 0 and sets hs_status.config_error when hs_base is not 4 KiB aligned, hs_size is 0 or above cap_host, or base + 16 * size passes 2^64.
    pub const ENABLE_LSB: u32 = 0;
    /// Bits of `enable`.
    pub const ENABLE_WIDTH: u32 = 1;
    /// `enable` in place.
    pub const ENABLE_MASK: u32 = 0x1;
    /// `enable` after reset.
    pub const ENABLE_RESET: u32 = 0x0;
}

/// Fields of register `hs_cmd`.
pub mod hs_cmd {
    /// Lowest bit of `index`: first slot; its low `order` bits are ignored.
    pub const INDEX_LSB: u32 = 0;
    /// Bits of `index`.
    pub const INDEX_WIDTH: u32 = 20;
    /// `index` in place.
    pub const INDEX_MASK: u32 = 0xfffff;
    /// `index` after reset.
    pub const INDEX_RESET: u32 = 0x0;
    /// Lowest bit of `order`: 2^order slots; 20 and above: all slots.
    pub const ORDER_LSB: u32 = 20;
    /// Bits of `order`.
    pub const ORDER_WIDTH: u32 = 5;
    /// `order` in place.
    pub const ORDER_MASK: u32 = 0x1f00000;
    /// `order` after reset.
    pub const ORDER_RESET: u32 = 0x0;
    /// Lowest bit of `notify`: write the command's number to hs_done_addr when complete.
    pub const NOTIFY_LSB: u32 = 30;
    /// Bits of `notify`.
    pub const NOTIFY_WIDTH: u32 = 1;
    /// `notify` in place.
    pub const NOTIFY_MASK: u32 = 0x40000000;
    /// `notify` after reset.
    pub const NOTIFY_RESET: u32 = 0x0;
    /// Lowest bit of `start`: 1 starts an invalidation; 0: no effect.
    pub const START_LSB: u32 = 31;
    /// Bits of `start`.
    pub const START_WIDTH: u32 = 1;
    /// `start` in place.
    pub const START_MASK: u32 = 0x80000000;
    /// `start` after reset.
    pub const START_RESET: u32 = 0x0;
}

/// Fields of register `hs_status`.
pub mod hs_status {
    /// Lowest bit of `busy`: a command is under way.
    pub const BUSY_LSB: u32 = 0;
    /// Bits of `busy`.
    pub const BUSY_WIDTH: u32 = 1;
    /// `busy` in place.
    pub const BUSY_MASK: u32 = 0x1;
    /// `busy` after reset.
    pub const BUSY_RESET: u32 = 0x0;
    /// Lowest bit of `enabled`: mirror of hs_ctrl.enable.
    pub const ENABLED_LSB: u32 = 1;
    /// Bits of `enabled`.
    pub const ENABLED_WIDTH: u32 = 1;
    /// `enabled` in place.
    pub const ENABLED_MASK: u32 = 0x2;
    /// `enabled` after reset.
    pub const ENABLED_RESET: u32 = 0x0;
    /// Lowest bit of `config_error`: hs_ctrl.enable was refused.
    pub const CONFIG_ERROR_LSB: u32 = 2;
    /// Bits of `config_error`.
    pub const CONFIG_ERROR_WIDTH: u32 = 1;
    /// `config_error` in place.
    pub const CONFIG_ERROR_MASK: u32 = 0x4;
    /// `config_error` after reset.
    pub const CONFIG_ERROR_RESET: u32 = 0x0;
    /// Lowest bit of `cmd_error`: hs_cmd was started while busy; that command was ignored.
    pub const CMD_ERROR_LSB: u32 = 3;
    /// Bits of `cmd_error`.
    pub const CMD_ERROR_WIDTH: u32 = 1;
    /// `cmd_error` in place.
    pub const CMD_ERROR_MASK: u32 = 0x8;
    /// `cmd_error` after reset.
    pub const CMD_ERROR_RESET: u32 = 0x0;
    /// Lowest bit of `done_count`: commands completed since reset, modulo 2^16.
    pub const DONE_COUNT_LSB: u32 = 16;
    /// Bits of `done_count`.
    pub const DONE_COUNT_WIDTH: u32 = 16;
    /// `done_count` in place.
    pub const DONE_COUNT_MASK: u32 = 0xffff0000;
    /// `done_count` after reset.
    pub const DONE_COUNT_RESET: u32 = 0x0;
}

/// Fields of register `hs_done_addr_lo`.
pub mod hs_done_addr_lo {
    /// Lowest bit of `addr`: host address of the completion word, low half.
    pub const ADDR_LSB: u32 = 2;
    /// Bits of `addr`.
    pub const ADDR_WIDTH: u32 = 30;
    /// `addr` in place.
    pub const ADDR_MASK: u32 = 0xfffffffc;
    /// `addr` after reset.
    pub const ADDR_RESET: u32 = 0x0;
}

/// Fields of register `hs_done_addr_hi`.
pub mod hs_done_addr_hi {
    /// Lowest bit of `addr`: host address of the completion word, high half.
    pub const ADDR_LSB: u32 = 0;
    /// Bits of `addr`.
    pub const ADDR_WIDTH: u32 = 32;
    /// `addr` in place.
    pub const ADDR_MASK: u32 = 0xffffffff;
    /// `addr` after reset.
    pub const ADDR_RESET: u32 = 0x0;
}

/// Fields of register `irq_err`.
pub mod irq_err {
    /// Lowest bit of `valid`: an error is recorded here; writing 1 clears valid and overflow and frees the record.
    pub const VALID_LSB: u32 = 0;
    /// Bits of `valid`.
    pub const VALID_WIDTH: u32 = 1;
    /// `valid` in place.
    pub const VALID_MASK: u32 = 0x1;
    /// `valid` after reset.
    pub const VALID_RESET: u32 = 0x0;
    /// Lowest bit of `overflow`: a later error was dropped while valid was 1.
    pub const OVERFLOW_LSB: u32 = 1;
    /// Bits of `overflow`.
    pub const OVERFLOW_WIDTH: u32 = 1;
    /// `overflow` in place.
    pub const OVERFLOW_MASK: u32 = 0x2;
    /// `overflow` after reset.
    pub const OVERFLOW_RESET: u32 = 0x0;
    /// Lowest bit of `code`: 1 index out of range, 2 store disabled, 3 fetch UR, 4 fetch CA, 5 fetch poisoned, 6 fetch timed out, 7 fetch short or wrong, 8 message address zero, 9 handle not valid, 10 refused by permission, 11 doorbell dropped, 12 virtual function absent, 13 translation refused, 14 too many invalidate requests.
    pub const CODE_LSB: u32 = 4;
    /// Bits of `code`.
    pub const CODE_WIDTH: u32 = 4;
    /// `code` in place.
    pub const CODE_MASK: u32 = 0xf0;
    /// `code` after reset.
    pub const CODE_RESET: u32 = 0x0;
    /// Lowest bit of `store`: 0 MSI-X, 1 device slots, 2 host slots, 3 interrupt handle (code 9) or events.
    pub const STORE_LSB: u32 = 8;
    /// Bits of `store`.
    pub const STORE_WIDTH: u32 = 2;
    /// `store` in place.
    pub const STORE_MASK: u32 = 0x300;
    /// `store` after reset.
    pub const STORE_RESET: u32 = 0x0;
    /// Lowest bit of `index`: index within the store, or the handle.
    pub const INDEX_LSB: u32 = 12;
    /// Bits of `index`.
    pub const INDEX_WIDTH: u32 = 20;
    /// `index` in place.
    pub const INDEX_MASK: u32 = 0xfffff000;
    /// `index` after reset.
    pub const INDEX_RESET: u32 = 0x0;
}

/// Fields of register `irq_err_count`.
pub mod irq_err_count {
    /// Lowest bit of `count`: errors since reset, recorded or dropped.
    pub const COUNT_LSB: u32 = 0;
    /// Bits of `count`.
    pub const COUNT_WIDTH: u32 = 32;
    /// `count` in place.
    pub const COUNT_MASK: u32 = 0xffffffff;
    /// `count` after reset.
    pub const COUNT_RESET: u32 = 0x0;
}

/// Fields of register `stat_sent`.
pub mod stat_sent {
    /// Lowest bit of `count`: interrupt messages committed to the link since reset.
    pub const COUNT_LSB: u32 = 0;
    /// Bits of `count`.
    pub const COUNT_WIDTH: u32 = 32;
    /// `count` in place.
    pub const COUNT_MASK: u32 = 0xffffffff;
    /// `count` after reset.
    pub const COUNT_RESET: u32 = 0x0;
}

/// Fields of register `stat_fetch`.
pub mod stat_fetch {
    /// Lowest bit of `count`: slot fetches sent since reset.
    pub const COUNT_LSB: u32 = 0;
    /// Bits of `count`.
    pub const COUNT_WIDTH: u32 = 32;
    /// `count` in place.
    pub const COUNT_MASK: u32 = 0xffffffff;
    /// `count` after reset.
    pub const COUNT_RESET: u32 = 0x0;
}

/// Fields of register `fn_doorbell`.
pub mod fn_doorbell {
    /// Lowest bit of `index`: index within the store.
    pub const INDEX_LSB: u32 = 0;
    /// Bits of `index`.
    pub const INDEX_WIDTH: u32 = 20;
    /// `index` in place.
    pub const INDEX_MASK: u32 = 0xfffff;
    /// `index` after reset.
    pub const INDEX_RESET: u32 = 0x0;
    /// Lowest bit of `store`: 0 MSI-X, 1 device slots, 2 host slots, 3 events.
    pub const STORE_LSB: u32 = 20;
    /// Bits of `store`.
    pub const STORE_WIDTH: u32 = 2;
    /// `store` in place.
    pub const STORE_MASK: u32 = 0x300000;
    /// `store` after reset.
    pub const STORE_RESET: u32 = 0x0;
    /// Lowest bit of `count`: causes to raise, one after another; 0 counts as 1.
    pub const COUNT_LSB: u32 = 22;
    /// Bits of `count`.
    pub const COUNT_WIDTH: u32 = 6;
    /// `count` in place.
    pub const COUNT_MASK: u32 = 0xfc00000;
    /// `count` after reset.
    pub const COUNT_RESET: u32 = 0x0;
    /// Lowest bit of `record`: before each cause write a completion record to host memory.
    pub const RECORD_LSB: u32 = 30;
    /// Bits of `record`.
    pub const RECORD_WIDTH: u32 = 1;
    /// `record` in place.
    pub const RECORD_MASK: u32 = 0x40000000;
    /// `record` after reset.
    pub const RECORD_RESET: u32 = 0x0;
    /// Lowest bit of `withdraw`: take the cause back instead of raising it.
    pub const WITHDRAW_LSB: u32 = 31;
    /// Bits of `withdraw`.
    pub const WITHDRAW_WIDTH: u32 = 1;
    /// `withdraw` in place.
    pub const WITHDRAW_MASK: u32 = 0x80000000;
    /// `withdraw` after reset.
    pub const WITHDRAW_RESET: u32 = 0x0;
}

/// Fields of register `fn_status`.
pub mod fn_status {
    /// Lowest bit of `busy`: doorbells or a sweep are still being worked on.
    pub const BUSY_LSB: u32 = 0;
    /// Bits of `busy`.
    pub const BUSY_WIDTH: u32 = 1;
    /// `busy` in place.
    pub const BUSY_MASK: u32 = 0x1;
    /// `busy` after reset.
    pub const BUSY_RESET: u32 = 0x0;
    /// Lowest bit of `level`: doorbells not finished, at most 16; one written beyond that is dropped, irq_err code 11.
    pub const LEVEL_LSB: u32 = 8;
    /// Bits of `level`.
    pub const LEVEL_WIDTH: u32 = 5;
    /// `level` in place.
    pub const LEVEL_MASK: u32 = 0x1f00;
    /// `level` after reset.
    pub const LEVEL_RESET: u32 = 0x0;
}

/// Fields of register `fn_raised`.
pub mod fn_raised {
    /// Lowest bit of `count`: causes that the function has raised since reset.
    pub const COUNT_LSB: u32 = 0;
    /// Bits of `count`.
    pub const COUNT_WIDTH: u32 = 32;
    /// `count` in place.
    pub const COUNT_MASK: u32 = 0xffffffff;
    /// `count` after reset.
    pub const COUNT_RESET: u32 = 0x0;
}

/// Fields of register `fn_rec_addr_lo`.
pub mod fn_rec_addr_lo {
    /// Lowest bit of `addr`: host address of the record ring, low half; 16-byte records.
    pub const ADDR_LSB: u32 = 4;
    /// Bits of `addr`.
    pub const ADDR_WIDTH: u32 = 28;
    /// `addr` in place.
    pub const ADDR_MASK: u32 = 0xfffffff0;
    /// `addr` after reset.
    pub const ADDR_RESET: u32 = 0x0;
}

/// Fields of register `fn_rec_addr_hi`.
pub mod fn_rec_addr_hi {
    /// Lowest bit of `addr`: host address of the record ring, high half.
    pub const ADDR_LSB: u32 = 0;
    /// Bits of `addr`.
    pub const ADDR_WIDTH: u32 = 32;
    /// `addr` in place.
    pub const ADDR_MASK: u32 = 0xffffffff;
    /// `addr` after reset.
    pub const ADDR_RESET: u32 = 0x0;
}

/// Fields of register `fn_rec_order`.
pub mod fn_rec_order {
    /// Lowest bit of `order`: the ring has 2^order records.
    pub const ORDER_LSB: u32 = 0;
    /// Bits of `order`.
    pub const ORDER_WIDTH: u32 = 4;
    /// `order` in place.
    pub const ORDER_MASK: u32 = 0xf;
    /// `order` after reset.
    pub const ORDER_RESET: u32 = 0x0;
}

/// Fields of register `fn_rec_seq`.
pub mod fn_rec_seq {
    /// Lowest bit of `seq`: records written since reset.
    pub const SEQ_LSB: u32 = 0;
    /// Bits of `seq`.
    pub const SEQ_WIDTH: u32 = 32;
    /// `seq` in place.
    pub const SEQ_MASK: u32 = 0xffffffff;
    /// `seq` after reset.
    pub const SEQ_RESET: u32 = 0x0;
}

/// Fields of register `fn_sweep_first`.
pub mod fn_sweep_first {
    /// Lowest bit of `index`: first index of a sweep.
    pub const INDEX_LSB: u32 = 0;
    /// Bits of `index`.
    pub const INDEX_WIDTH: u32 = 20;
    /// `index` in place.
    pub const INDEX_MASK: u32 = 0xfffff;
    /// `index` after reset.
    pub const INDEX_RESET: u32 = 0x0;
    /// Lowest bit of `store`: store of a sweep.
    pub const STORE_LSB: u32 = 20;
    /// Bits of `store`.
    pub const STORE_WIDTH: u32 = 2;
    /// `store` in place.
    pub const STORE_MASK: u32 = 0x300000;
    /// `store` after reset.
    pub const STORE_RESET: u32 = 0x0;
}

/// Fields of register `fn_sweep_count`.
pub mod fn_sweep_count {
    /// Lowest bit of `count`: causes in a sweep.
    pub const COUNT_LSB: u32 = 0;
    /// Bits of `count`.
    pub const COUNT_WIDTH: u32 = 21;
    /// `count` in place.
    pub const COUNT_MASK: u32 = 0x1fffff;
    /// `count` after reset.
    pub const COUNT_RESET: u32 = 0x0;
}

/// Fields of register `fn_sweep_go`.
pub mod fn_sweep_go {
    /// Lowest bit of `go`: 1 raises the causes first, first+1, … one per clock when the core takes them; ignored while fn_status.busy.
    pub const GO_LSB: u32 = 0;
    /// Bits of `go`.
    pub const GO_WIDTH: u32 = 1;
    /// `go` in place.
    pub const GO_MASK: u32 = 0x1;
    /// `go` after reset.
    pub const GO_RESET: u32 = 0x0;
}

/// Fields of register `ev_status_lo`.
pub mod ev_status_lo {
    /// Lowest bit of `events`: bit q: event q since it was last cleared.
    pub const EVENTS_LSB: u32 = 0;
    /// Bits of `events`.
    pub const EVENTS_WIDTH: u32 = 32;
    /// `events` in place.
    pub const EVENTS_MASK: u32 = 0xffffffff;
    /// `events` after reset.
    pub const EVENTS_RESET: u32 = 0x0;
}

/// Fields of register `ev_status_hi`.
pub mod ev_status_hi {
    /// Lowest bit of `events`: bit q: event 32 + q since it was last cleared.
    pub const EVENTS_LSB: u32 = 0;
    /// Bits of `events`.
    pub const EVENTS_WIDTH: u32 = 32;
    /// `events` in place.
    pub const EVENTS_MASK: u32 = 0xffffffff;
    /// `events` after reset.
    pub const EVENTS_RESET: u32 = 0x0;
}

/// Fields of register `ev_misc`.
pub mod ev_misc {
    /// Lowest bit of `event`: event 64 by cause port or doorbell.
    pub const EVENT_LSB: u32 = 0;
    /// Bits of `event`.
    pub const EVENT_WIDTH: u32 = 1;
    /// `event` in place.
    pub const EVENT_MASK: u32 = 0x1;
    /// `event` after reset.
    pub const EVENT_RESET: u32 = 0x0;
    /// Lowest bit of `irq_err`: an error was counted in irq_err_count.
    pub const IRQ_ERR_LSB: u32 = 1;
    /// Bits of `irq_err`.
    pub const IRQ_ERR_WIDTH: u32 = 1;
    /// `irq_err` in place.
    pub const IRQ_ERR_MASK: u32 = 0x2;
    /// `irq_err` after reset.
    pub const IRQ_ERR_RESET: u32 = 0x0;
    /// Lowest bit of `revoked`: all interrupt handles were revoked.
    pub const REVOKED_LSB: u32 = 31;
    /// Bits of `revoked`.
    pub const REVOKED_WIDTH: u32 = 1;
    /// `revoked` in place.
    pub const REVOKED_MASK: u32 = 0x80000000;
    /// `revoked` after reset.
    pub const REVOKED_RESET: u32 = 0x0;
}

/// Fields of register `ev_vectors`.
pub mod ev_vectors {
    /// Lowest bit of `count`: MSI-X vectors that events are spread over; 0 counts as 1, above 65 as 65, above NumMsix as NumMsix.
    pub const COUNT_LSB: u32 = 0;
    /// Bits of `count`.
    pub const COUNT_WIDTH: u32 = 7;
    /// `count` in place.
    pub const COUNT_MASK: u32 = 0x7f;
    /// `count` after reset.
    pub const COUNT_RESET: u32 = 0x41;
}

/// Fields of register `ev_ctrl`.
pub mod ev_ctrl {
    /// Lowest bit of `irq_err_raises`: ev_misc.irq_err raises event 64 when it becomes 1.
    pub const IRQ_ERR_RAISES_LSB: u32 = 0;
    /// Bits of `irq_err_raises`.
    pub const IRQ_ERR_RAISES_WIDTH: u32 = 1;
    /// `irq_err_raises` in place.
    pub const IRQ_ERR_RAISES_MASK: u32 = 0x1;
    /// `irq_err_raises` after reset.
    pub const IRQ_ERR_RAISES_RESET: u32 = 0x0;
}

/// Fields of register `ev_intx`.
pub mod ev_intx {
    /// Lowest bit of `fired`: INTx latch.
    pub const FIRED_LSB: u32 = 0;
    /// Bits of `fired`.
    pub const FIRED_WIDTH: u32 = 1;
    /// `fired` in place.
    pub const FIRED_MASK: u32 = 0x1;
    /// `fired` after reset.
    pub const FIRED_RESET: u32 = 0x0;
    /// Lowest bit of `wire`: INTx wire as last sent.
    pub const WIRE_LSB: u32 = 1;
    /// Bits of `wire`.
    pub const WIRE_WIDTH: u32 = 1;
    /// `wire` in place.
    pub const WIRE_MASK: u32 = 0x2;
    /// `wire` after reset.
    pub const WIRE_RESET: u32 = 0x0;
    /// Lowest bit of `mode`: 0 INTx, 1 MSI, 2 MSI-X.
    pub const MODE_LSB: u32 = 8;
    /// Bits of `mode`.
    pub const MODE_WIDTH: u32 = 2;
    /// `mode` in place.
    pub const MODE_MASK: u32 = 0x300;
    /// `mode` after reset.
    pub const MODE_RESET: u32 = 0x0;
}

/// Fields of register `ih_target`.
pub mod ih_target {
    /// Lowest bit of `index`: index of the interrupt that a request is for.
    pub const INDEX_LSB: u32 = 0;
    /// Bits of `index`.
    pub const INDEX_WIDTH: u32 = 20;
    /// `index` in place.
    pub const INDEX_MASK: u32 = 0xfffff;
    /// `index` after reset.
    pub const INDEX_RESET: u32 = 0x0;
    /// Lowest bit of `store`: 0 MSI-X, 1 device slots, 2 host slots.
    pub const STORE_LSB: u32 = 20;
    /// Bits of `store`.
    pub const STORE_WIDTH: u32 = 2;
    /// `store` in place.
    pub const STORE_MASK: u32 = 0x300000;
    /// `store` after reset.
    pub const STORE_RESET: u32 = 0x0;
}

/// Fields of register `ih_perm`.
pub mod ih_perm {
    /// Lowest bit of `ignore`: any requester may use the handle.
    pub const IGNORE_LSB: u32 = 2;
    /// Bits of `ignore`.
    pub const IGNORE_WIDTH: u32 = 1;
    /// `ignore` in place.
    pub const IGNORE_MASK: u32 = 0x4;
    /// `ignore` after reset.
    pub const IGNORE_RESET: u32 = 0x0;
    /// Lowest bit of `pasid_en`: only requesters with this PASID may; else only those without one.
    pub const PASID_EN_LSB: u32 = 3;
    /// Bits of `pasid_en`.
    pub const PASID_EN_WIDTH: u32 = 1;
    /// `pasid_en` in place.
    pub const PASID_EN_MASK: u32 = 0x8;
    /// `pasid_en` after reset.
    pub const PASID_EN_RESET: u32 = 0x0;
    /// Lowest bit of `pasid`: the PASID.
    pub const PASID_LSB: u32 = 12;
    /// Bits of `pasid`.
    pub const PASID_WIDTH: u32 = 20;
    /// `pasid` in place.
    pub const PASID_MASK: u32 = 0xfffff000;
    /// `pasid` after reset.
    pub const PASID_RESET: u32 = 0x0;
}

/// Fields of register `ih_cmd`.
pub mod ih_cmd {
    /// Lowest bit of `handle`: handle to release.
    pub const HANDLE_LSB: u32 = 0;
    /// Bits of `handle`.
    pub const HANDLE_WIDTH: u32 = 16;
    /// `handle` in place.
    pub const HANDLE_MASK: u32 = 0xffff;
    /// `handle` after reset.
    pub const HANDLE_RESET: u32 = 0x0;
    /// Lowest bit of `op`: 1 request, 2 release, 3 revoke all.
    pub const OP_LSB: u32 = 16;
    /// Bits of `op`.
    pub const OP_WIDTH: u32 = 4;
    /// `op` in place.
    pub const OP_MASK: u32 = 0xf0000;
    /// `op` after reset.
    pub const OP_RESET: u32 = 0x0;
}

/// Fields of register `ih_status`.
pub mod ih_status {
    /// Lowest bit of `busy`: a command is under way.
    pub const BUSY_LSB: u32 = 0;
    /// Bits of `busy`.
    pub const BUSY_WIDTH: u32 = 1;
    /// `busy` in place.
    pub const BUSY_MASK: u32 = 0x1;
    /// `busy` after reset.
    pub const BUSY_RESET: u32 = 0x0;
    /// Lowest bit of `cmd_error`: ih_cmd was written while busy; that command was dropped.
    pub const CMD_ERROR_LSB: u32 = 1;
    /// Bits of `cmd_error`.
    pub const CMD_ERROR_WIDTH: u32 = 1;
    /// `cmd_error` in place.
    pub const CMD_ERROR_MASK: u32 = 0x2;
    /// `cmd_error` after reset.
    pub const CMD_ERROR_RESET: u32 = 0x0;
    /// Lowest bit of `result`: of the last command: 0 done, 0x41 index invalid, 0x42 no handle free, 0x43 handle not valid.
    pub const RESULT_LSB: u32 = 8;
    /// Bits of `result`.
    pub const RESULT_WIDTH: u32 = 8;
    /// `result` in place.
    pub const RESULT_MASK: u32 = 0xff00;
    /// `result` after reset.
    pub const RESULT_RESET: u32 = 0x0;
    /// Lowest bit of `handle`: handle given by the last request that was granted.
    pub const HANDLE_LSB: u32 = 16;
    /// Bits of `handle`.
    pub const HANDLE_WIDTH: u32 = 16;
    /// `handle` in place.
    pub const HANDLE_MASK: u32 = 0xffff0000;
    /// `handle` after reset.
    pub const HANDLE_RESET: u32 = 0x0;
}

/// Fields of register `q_ctrl`.
pub mod q_ctrl {
    /// Lowest bit of `enable`: queue in use; 0 to 1 starts it anew, ignored while q_status.busy.
    pub const ENABLE_LSB: u32 = 0;
    /// Bits of `enable`.
    pub const ENABLE_WIDTH: u32 = 1;
    /// `enable` in place.
    pub const ENABLE_MASK: u32 = 0x1;
    /// `enable` after reset.
    pub const ENABLE_RESET: u32 = 0x0;
    /// Lowest bit of `pasid_en`: requests of the queue carry q_pasid; fixed while enabled.
    pub const PASID_EN_LSB: u32 = 1;
    /// Bits of `pasid_en`.
    pub const PASID_EN_WIDTH: u32 = 1;
    /// `pasid_en` in place.
    pub const PASID_EN_MASK: u32 = 0x2;
    /// `pasid_en` after reset.
    pub const PASID_EN_RESET: u32 = 0x0;
    /// Lowest bit of `relaxed`: relaxed ordering on data, if enabled in DevCtl; fixed while enabled.
    pub const RELAXED_LSB: u32 = 2;
    /// Bits of `relaxed`.
    pub const RELAXED_WIDTH: u32 = 1;
    /// `relaxed` in place.
    pub const RELAXED_MASK: u32 = 0x4;
    /// `relaxed` after reset.
    pub const RELAXED_RESET: u32 = 0x0;
    /// Lowest bit of `ido`: id-based ordering on data, if enabled in DevCtl2; fixed while enabled.
    pub const IDO_LSB: u32 = 3;
    /// Bits of `ido`.
    pub const IDO_WIDTH: u32 = 1;
    /// `ido` in place.
    pub const IDO_MASK: u32 = 0x8;
    /// `ido` after reset.
    pub const IDO_RESET: u32 = 0x0;
}

/// Fields of register `q_status`.
pub mod q_status {
    /// Lowest bit of `enabled`: mirror of q_ctrl.enable.
    pub const ENABLED_LSB: u32 = 0;
    /// Bits of `enabled`.
    pub const ENABLED_WIDTH: u32 = 1;
    /// `enabled` in place.
    pub const ENABLED_MASK: u32 = 0x1;
    /// `enabled` after reset.
    pub const ENABLED_RESET: u32 = 0x0;
    /// Lowest bit of `busy`: a descriptor is being fetched or worked on.
    pub const BUSY_LSB: u32 = 1;
    /// Bits of `busy`.
    pub const BUSY_WIDTH: u32 = 1;
    /// `busy` in place.
    pub const BUSY_MASK: u32 = 0x2;
    /// `busy` after reset.
    pub const BUSY_RESET: u32 = 0x0;
    /// Lowest bit of `halted`: a descriptor could not be fetched; writing 1 goes on with what is submitted from then on.
    pub const HALTED_LSB: u32 = 2;
    /// Bits of `halted`.
    pub const HALTED_WIDTH: u32 = 1;
    /// `halted` in place.
    pub const HALTED_MASK: u32 = 0x4;
    /// `halted` after reset.
    pub const HALTED_RESET: u32 = 0x0;
    /// Lowest bit of `code`: why the queue halted: 0x13, 0x20 to 0x24.
    pub const CODE_LSB: u32 = 8;
    /// Bits of `code`.
    pub const CODE_WIDTH: u32 = 8;
    /// `code` in place.
    pub const CODE_MASK: u32 = 0xff00;
    /// `code` after reset.
    pub const CODE_RESET: u32 = 0x0;
}

/// Fields of register `q_sq_base_lo`.
pub mod q_sq_base_lo {
    /// Lowest bit of `addr`: host address of the submission ring, low half; fixed while enabled.
    pub const ADDR_LSB: u32 = 12;
    /// Bits of `addr`.
    pub const ADDR_WIDTH: u32 = 20;
    /// `addr` in place.
    pub const ADDR_MASK: u32 = 0xfffff000;
    /// `addr` after reset.
    pub const ADDR_RESET: u32 = 0x0;
}

/// Fields of register `q_sq_base_hi`.
pub mod q_sq_base_hi {
    /// Lowest bit of `addr`: host address of the submission ring, high half; fixed while enabled.
    pub const ADDR_LSB: u32 = 0;
    /// Bits of `addr`.
    pub const ADDR_WIDTH: u32 = 32;
    /// `addr` in place.
    pub const ADDR_MASK: u32 = 0xffffffff;
    /// `addr` after reset.
    pub const ADDR_RESET: u32 = 0x0;
}

/// Fields of register `q_cq_base_lo`.
pub mod q_cq_base_lo {
    /// Lowest bit of `addr`: host address of the completion ring, low half; fixed while enabled.
    pub const ADDR_LSB: u32 = 12;
    /// Bits of `addr`.
    pub const ADDR_WIDTH: u32 = 20;
    /// `addr` in place.
    pub const ADDR_MASK: u32 = 0xfffff000;
    /// `addr` after reset.
    pub const ADDR_RESET: u32 = 0x0;
}

/// Fields of register `q_cq_base_hi`.
pub mod q_cq_base_hi {
    /// Lowest bit of `addr`: host address of the completion ring, high half; fixed while enabled.
    pub const ADDR_LSB: u32 = 0;
    /// Bits of `addr`.
    pub const ADDR_WIDTH: u32 = 32;
    /// `addr` in place.
    pub const ADDR_MASK: u32 = 0xffffffff;
    /// `addr` after reset.
    pub const ADDR_RESET: u32 = 0x0;
}

/// Fields of register `q_size`.
pub mod q_size {
    /// Lowest bit of `sq_order`: the submission ring has 2^order descriptors, 1 to 10; fixed while enabled.
    pub const SQ_ORDER_LSB: u32 = 0;
    /// Bits of `sq_order`.
    pub const SQ_ORDER_WIDTH: u32 = 4;
    /// `sq_order` in place.
    pub const SQ_ORDER_MASK: u32 = 0xf;
    /// `sq_order` after reset.
    pub const SQ_ORDER_RESET: u32 = 0x0;
    /// Lowest bit of `cq_order`: the completion ring has 2^order records, 1 to 10; fixed while enabled.
    pub const CQ_ORDER_LSB: u32 = 8;
    /// Bits of `cq_order`.
    pub const CQ_ORDER_WIDTH: u32 = 4;
    /// `cq_order` in place.
    pub const CQ_ORDER_MASK: u32 = 0xf00;
    /// `cq_order` after reset.
    pub const CQ_ORDER_RESET: u32 = 0x0;
}

/// Fields of register `q_pasid`.
pub mod q_pasid {
    /// Lowest bit of `pasid`: PASID of the queue; fixed while enabled.
    pub const PASID_LSB: u32 = 0;
    /// Bits of `pasid`.
    pub const PASID_WIDTH: u32 = 20;
    /// `pasid` in place.
    pub const PASID_MASK: u32 = 0xfffff;
    /// `pasid` after reset.
    pub const PASID_RESET: u32 = 0x0;
}

/// Fields of register `q_sq_tail`.
pub mod q_sq_tail {
    /// Lowest bit of `index`: where software puts its next descriptor: the doorbell.
    pub const INDEX_LSB: u32 = 0;
    /// Bits of `index`.
    pub const INDEX_WIDTH: u32 = 10;
    /// `index` in place.
    pub const INDEX_MASK: u32 = 0x3ff;
    /// `index` after reset.
    pub const INDEX_RESET: u32 = 0x0;
}

/// Fields of register `q_sq_head`.
pub mod q_sq_head {
    /// Lowest bit of `index`: where the device fetches its next descriptor.
    pub const INDEX_LSB: u32 = 0;
    /// Bits of `index`.
    pub const INDEX_WIDTH: u32 = 10;
    /// `index` in place.
    pub const INDEX_MASK: u32 = 0x3ff;
    /// `index` after reset.
    pub const INDEX_RESET: u32 = 0x0;
}

/// Fields of register `q_cq_head`.
pub mod q_cq_head {
    /// Lowest bit of `index`: where software looks for its next record.
    pub const INDEX_LSB: u32 = 0;
    /// Bits of `index`.
    pub const INDEX_WIDTH: u32 = 10;
    /// `index` in place.
    pub const INDEX_MASK: u32 = 0x3ff;
    /// `index` after reset.
    pub const INDEX_RESET: u32 = 0x0;
}

/// Fields of register `q_cq_tail`.
pub mod q_cq_tail {
    /// Lowest bit of `index`: where the device writes its next record.
    pub const INDEX_LSB: u32 = 0;
    /// Bits of `index`.
    pub const INDEX_WIDTH: u32 = 10;
    /// `index` in place.
    pub const INDEX_MASK: u32 = 0x3ff;
    /// `index` after reset.
    pub const INDEX_RESET: u32 = 0x0;
}

/// Fields of register `q_done`.
pub mod q_done {
    /// Lowest bit of `count`: descriptors completed since the queue was enabled, modulo 2^32.
    pub const COUNT_LSB: u32 = 0;
    /// Bits of `count`.
    pub const COUNT_WIDTH: u32 = 32;
    /// `count` in place.
    pub const COUNT_MASK: u32 = 0xffffffff;
    /// `count` after reset.
    pub const COUNT_RESET: u32 = 0x0;
}

/// Fields of register `vf_id`.
pub mod vf_id {
    /// Lowest bit of `magic`: "IMV1".
    pub const MAGIC_LSB: u32 = 0;
    /// Bits of `magic`.
    pub const MAGIC_WIDTH: u32 = 32;
    /// `magic` in place.
    pub const MAGIC_MASK: u32 = 0xffffffff;
    /// `magic` after reset.
    pub const MAGIC_RESET: u32 = 0x31564d49;
}

/// Fields of register `vf_number`.
pub mod vf_number {
    /// Lowest bit of `number`: number n of the function, from 0; the reset value is that of function 0.
    pub const NUMBER_LSB: u32 = 0;
    /// Bits of `number`.
    pub const NUMBER_WIDTH: u32 = 32;
    /// `number` in place.
    pub const NUMBER_MASK: u32 = 0xffffffff;
    /// `number` after reset.
    pub const NUMBER_RESET: u32 = 0x0;
}

/// Fields of register `vf_doorbell`.
pub mod vf_doorbell {
    /// Lowest bit of `index`: source of the function.
    pub const INDEX_LSB: u32 = 0;
    /// Bits of `index`.
    pub const INDEX_WIDTH: u32 = 6;
    /// `index` in place.
    pub const INDEX_MASK: u32 = 0x3f;
    /// `index` after reset.
    pub const INDEX_RESET: u32 = 0x0;
    /// Lowest bit of `store`: 0 MSI-X, 1 device slot.
    pub const STORE_LSB: u32 = 8;
    /// Bits of `store`.
    pub const STORE_WIDTH: u32 = 1;
    /// `store` in place.
    pub const STORE_MASK: u32 = 0x100;
    /// `store` after reset.
    pub const STORE_RESET: u32 = 0x0;
}

/// What software may do with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read only.
    Ro,
    /// Read and write.
    Rw,
    /// Reads as a status, writing one clears.
    Rw1c,
    /// Write only, reads 0.
    Wo,
}

/// Value after reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// A fixed number.
    Value(u32),
    /// The value of the endpoint's parameter of this name.
    Parameter(&'static str),
}

/// A base address register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarInfo {
    /// Name in the register map.
    pub name: &'static str,
    /// Number, 0 to 5.
    pub index: u32,
    /// Address bits, 32 or 64.
    pub width: u32,
    /// Whether reads may be prefetched.
    pub prefetchable: bool,
    /// Size in bytes.
    pub size: u32,
}

/// A region of a BAR that is not made of registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowInfo {
    /// Name in the register map.
    pub name: &'static str,
    /// Number of the BAR.
    pub bar: u32,
    /// Offset in the BAR.
    pub offset: u32,
}

/// A capability in configuration space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapabilityInfo {
    /// Name in the register map.
    pub name: &'static str,
    /// Offset in configuration space.
    pub offset: u32,
    /// Capability identifier.
    pub id: u32,
    /// Whether it is in the extended list, from 0x100.
    pub extended: bool,
}

/// A field of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// Name in the register map.
    pub name: &'static str,
    /// Lowest bit.
    pub lsb: u32,
    /// Number of bits.
    pub width: u32,
    /// What software may do with it.
    pub access: Access,
    /// Value after reset.
    pub reset: Reset,
}

/// A 32-bit register of BAR0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterInfo {
    /// Name in the register map.
    pub name: &'static str,
    /// Offset in BAR0; of the first one in an array.
    pub offset: u32,
    /// Number of such registers, 1 but for an array.
    pub count: u32,
    /// Bytes from one to the next in an array; 4 otherwise.
    pub stride: u32,
    /// Its fields, lowest offset in the source first.
    pub fields: &'static [FieldInfo],
}

/// Every implemented BAR.
#[rustfmt::skip]
pub const BARS: &[BarInfo] = &[
    BarInfo { name: "regs", index: 0, width: 32, prefetchable: false, size: 0x10000 },
    BarInfo { name: "portals", index: 1, width: 32, prefetchable: false, size: 0x40000 },
    BarInfo { name: "msix", index: 2, width: 64, prefetchable: true, size: 0x10000 },
    BarInfo { name: "ims", index: 4, width: 64, prefetchable: true, size: 0x40000 },
];

/// Every window.
#[rustfmt::skip]
pub const WINDOWS: &[WindowInfo] = &[
    WindowInfo { name: "portal", bar: 1, offset: 0x0 },
    WindowInfo { name: "msix_table", bar: 2, offset: 0x0 },
    WindowInfo { name: "msix_pba", bar: 2, offset: 0x8000 },
    WindowInfo { name: "ims_slots", bar: 4, offset: 0x0 },
    WindowInfo { name: "host_pending", bar: 4, offset: 0x20000 },
    WindowInfo { name: "ev_coal", bar: 0, offset: 0x2000 },
];

/// Every capability, in list order.
#[rustfmt::skip]
pub const CAPABILITIES: &[CapabilityInfo] = &[
    CapabilityInfo { name: "pm", offset: 0x40, id: 0x1, extended: false },
    CapabilityInfo { name: "pcie", offset: 0x50, id: 0x10, extended: false },
    CapabilityInfo { name: "msi", offset: 0x90, id: 0x5, extended: false },
    CapabilityInfo { name: "msix", offset: 0xb0, id: 0x11, extended: false },
    CapabilityInfo { name: "siov", offset: 0x100, id: 0x23, extended: true },
    CapabilityInfo { name: "aer", offset: 0x140, id: 0x1, extended: true },
    CapabilityInfo { name: "pasid", offset: 0x190, id: 0x1b, extended: true },
    CapabilityInfo { name: "ats", offset: 0x1a0, id: 0xf, extended: true },
    CapabilityInfo { name: "ari", offset: 0x1b0, id: 0xe, extended: true },
    CapabilityInfo { name: "sriov", offset: 0x1c0, id: 0x10, extended: true },
];

/// Every register, in offset order.
#[rustfmt::skip]
pub const REGISTERS: &[RegisterInfo] = &[
    RegisterInfo { name: "et_magic", offset: 0x0, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "magic", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "et_command", offset: 0x4, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "raise_intx", lsb: 0, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "raise_msi", lsb: 1, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "raise_msix", lsb: 2, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "read", lsb: 3, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "write", lsb: 4, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "copy", lsb: 5, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "et_status", offset: 0x8, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "read_ok", lsb: 0, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "read_fail", lsb: 1, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "write_ok", lsb: 2, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "write_fail", lsb: 3, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "copy_ok", lsb: 4, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "copy_fail", lsb: 5, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "irq_raised", lsb: 6, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "src_invalid", lsb: 7, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "dst_invalid", lsb: 8, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "et_src_lo", offset: 0xc, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "value", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "et_src_hi", offset: 0x10, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "value", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "et_dst_lo", offset: 0x14, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "value", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "et_dst_hi", offset: 0x18, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "value", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "et_size", offset: 0x1c, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "value", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "et_checksum", offset: 0x20, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "value", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "et_irq_type", offset: 0x24, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "value", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "et_irq_number", offset: 0x28, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "value", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "et_flags", offset: 0x2c, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "use_dma", lsb: 0, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "et_caps", offset: 0x30, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "value", lsb: 0, width: 32, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "id", offset: 0x1000, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "magic", lsb: 0, width: 32, access: Access::Ro, reset: Reset::Value(0x31534d49) },
    ] },
    RegisterInfo { name: "version", offset: 0x1004, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "minor", lsb: 0, width: 8, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "major", lsb: 8, width: 8, access: Access::Ro, reset: Reset::Value(0x1) },
    ] },
    RegisterInfo { name: "cap_msix", offset: 0x1008, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "vectors", lsb: 0, width: 12, access: Access::Ro, reset: Reset::Parameter("NumMsix") },
    ] },
    RegisterInfo { name: "cap_dev", offset: 0x100c, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "slots", lsb: 0, width: 21, access: Access::Ro, reset: Reset::Parameter("NumDevSlots") },
    ] },
    RegisterInfo { name: "cap_host", offset: 0x1010, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "slots", lsb: 0, width: 21, access: Access::Ro, reset: Reset::Parameter("NumHostSlots") },
    ] },
    RegisterInfo { name: "cap_cache", offset: 0x1014, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "lines", lsb: 0, width: 16, access: Access::Ro, reset: Reset::Parameter("HostCacheLines") },
    ] },
    RegisterInfo { name: "hs_base_lo", offset: 0x1020, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "addr", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "hs_base_hi", offset: 0x1024, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "addr", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "hs_size", offset: 0x1028, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "slots", lsb: 0, width: 21, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "hs_ctrl", offset: 0x102c, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "enable", lsb: 0, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "hs_cmd", offset: 0x1030, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "index", lsb: 0, width: 20, access: Access::Wo, reset: Reset::Value(0x0) },
        FieldInfo { name: "order", lsb: 20, width: 5, access: Access::Wo, reset: Reset::Value(0x0) },
        FieldInfo { name: "notify", lsb: 30, width: 1, access: Access::Wo, reset: Reset::Value(0x0) },
        FieldInfo { name: "start", lsb: 31, width: 1, access: Access::Wo, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "hs_status", offset: 0x1034, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "busy", lsb: 0, width: 1, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "enabled", lsb: 1, width: 1, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "config_error", lsb: 2, width: 1, access: Access::Rw1c, reset: Reset::Value(0x0) },
        FieldInfo { name: "cmd_error", lsb: 3, width: 1, access: Access::Rw1c, reset: Reset::Value(0x0) },
        FieldInfo { name: "done_count", lsb: 16, width: 16, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "hs_done_addr_lo", offset: 0x1038, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "addr", lsb: 2, width: 30, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "hs_done_addr_hi", offset: 0x103c, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "addr", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "irq_err", offset: 0x1040, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "valid", lsb: 0, width: 1, access: Access::Rw1c, reset: Reset::Value(0x0) },
        FieldInfo { name: "overflow", lsb: 1, width: 1, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "code", lsb: 4, width: 4, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "store", lsb: 8, width: 2, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "index", lsb: 12, width: 20, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "irq_err_count", offset: 0x1044, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "count", lsb: 0, width: 32, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "stat_sent", offset: 0x1048, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "count", lsb: 0, width: 32, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "stat_fetch", offset: 0x104c, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "count", lsb: 0, width: 32, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "fn_doorbell", offset: 0x1100, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "index", lsb: 0, width: 20, access: Access::Wo, reset: Reset::Value(0x0) },
        FieldInfo { name: "store", lsb: 20, width: 2, access: Access::Wo, reset: Reset::Value(0x0) },
        FieldInfo { name: "count", lsb: 22, width: 6, access: Access::Wo, reset: Reset::Value(0x0) },
        FieldInfo { name: "record", lsb: 30, width: 1, access: Access::Wo, reset: Reset::Value(0x0) },
        FieldInfo { name: "withdraw", lsb: 31, width: 1, access: Access::Wo, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "fn_status", offset: 0x1104, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "busy", lsb: 0, width: 1, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "level", lsb: 8, width: 5, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "fn_raised", offset: 0x1108, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "count", lsb: 0, width: 32, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "fn_rec_addr_lo", offset: 0x1110, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "addr", lsb: 4, width: 28, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "fn_rec_addr_hi", offset: 0x1114, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "addr", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "fn_rec_order", offset: 0x1118, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "order", lsb: 0, width: 4, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "fn_rec_seq", offset: 0x111c, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "seq", lsb: 0, width: 32, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "fn_sweep_first", offset: 0x1120, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "index", lsb: 0, width: 20, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "store", lsb: 20, width: 2, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "fn_sweep_count", offset: 0x1124, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "count", lsb: 0, width: 21, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "fn_sweep_go", offset: 0x1128, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "go", lsb: 0, width: 1, access: Access::Wo, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "ev_status_lo", offset: 0x1140, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "events", lsb: 0, width: 32, access: Access::Rw1c, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "ev_status_hi", offset: 0x1144, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "events", lsb: 0, width: 32, access: Access::Rw1c, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "ev_misc", offset: 0x1148, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "event", lsb: 0, width: 1, access: Access::Rw1c, reset: Reset::Value(0x0) },
        FieldInfo { name: "irq_err", lsb: 1, width: 1, access: Access::Rw1c, reset: Reset::Value(0x0) },
        FieldInfo { name: "revoked", lsb: 31, width: 1, access: Access::Rw1c, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "ev_vectors", offset: 0x114c, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "count", lsb: 0, width: 7, access: Access::Rw, reset: Reset::Value(0x41) },
    ] },
    RegisterInfo { name: "ev_ctrl", offset: 0x1150, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "irq_err_raises", lsb: 0, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "ev_intx", offset: 0x1154, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "fired", lsb: 0, width: 1, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "wire", lsb: 1, width: 1, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "mode", lsb: 8, width: 2, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "ih_target", offset: 0x1180, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "index", lsb: 0, width: 20, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "store", lsb: 20, width: 2, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "ih_perm", offset: 0x1184, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "ignore", lsb: 2, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "pasid_en", lsb: 3, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "pasid", lsb: 12, width: 20, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "ih_cmd", offset: 0x1188, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "handle", lsb: 0, width: 16, access: Access::Wo, reset: Reset::Value(0x0) },
        FieldInfo { name: "op", lsb: 16, width: 4, access: Access::Wo, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "ih_status", offset: 0x118c, count: 1, stride: 0x4, fields: &[
        FieldInfo { name: "busy", lsb: 0, width: 1, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "cmd_error", lsb: 1, width: 1, access: Access::Rw1c, reset: Reset::Value(0x0) },
        FieldInfo { name: "result", lsb: 8, width: 8, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "handle", lsb: 16, width: 16, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_ctrl", offset: 0x4000, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "enable", lsb: 0, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "pasid_en", lsb: 1, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "relaxed", lsb: 2, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "ido", lsb: 3, width: 1, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_status", offset: 0x4004, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "enabled", lsb: 0, width: 1, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "busy", lsb: 1, width: 1, access: Access::Ro, reset: Reset::Value(0x0) },
        FieldInfo { name: "halted", lsb: 2, width: 1, access: Access::Rw1c, reset: Reset::Value(0x0) },
        FieldInfo { name: "code", lsb: 8, width: 8, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_sq_base_lo", offset: 0x4008, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "addr", lsb: 12, width: 20, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_sq_base_hi", offset: 0x400c, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "addr", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_cq_base_lo", offset: 0x4010, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "addr", lsb: 12, width: 20, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_cq_base_hi", offset: 0x4014, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "addr", lsb: 0, width: 32, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_size", offset: 0x4018, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "sq_order", lsb: 0, width: 4, access: Access::Rw, reset: Reset::Value(0x0) },
        FieldInfo { name: "cq_order", lsb: 8, width: 4, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_pasid", offset: 0x401c, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "pasid", lsb: 0, width: 20, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_sq_tail", offset: 0x4020, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "index", lsb: 0, width: 10, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_sq_head", offset: 0x4024, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "index", lsb: 0, width: 10, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_cq_head", offset: 0x4028, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "index", lsb: 0, width: 10, access: Access::Rw, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_cq_tail", offset: 0x402c, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "index", lsb: 0, width: 10, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "q_done", offset: 0x4030, count: 64, stride: 0x80, fields: &[
        FieldInfo { name: "count", lsb: 0, width: 32, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "vf_id", offset: 0xf000, count: 16, stride: 0x10, fields: &[
        FieldInfo { name: "magic", lsb: 0, width: 32, access: Access::Ro, reset: Reset::Value(0x31564d49) },
    ] },
    RegisterInfo { name: "vf_number", offset: 0xf004, count: 16, stride: 0x10, fields: &[
        FieldInfo { name: "number", lsb: 0, width: 32, access: Access::Ro, reset: Reset::Value(0x0) },
    ] },
    RegisterInfo { name: "vf_doorbell", offset: 0xf008, count: 16, stride: 0x10, fields: &[
        FieldInfo { name: "index", lsb: 0, width: 6, access: Access::Wo, reset: Reset::Value(0x0) },
        FieldInfo { name: "store", lsb: 8, width: 1, access: Access::Wo, reset: Reset::Value(0x0) },
    ] },
];
