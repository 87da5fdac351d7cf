// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The device registers that its driver uses; offsets in bytes from BAR 0.
//!
//! A driver's own header file: the register source of the device is `rtl/pkg/ep_regs.yaml`,
//! and the bench proves that the two agree.

/// Base of the host store, low half.
pub const HS_BASE_LO: u64 = 0x1020;
/// Base of the host store, high half.
pub const HS_BASE_HI: u64 = 0x1024;
/// Slots in use.
pub const HS_SIZE: u64 = 0x1028;
/// Bit 0 enables the host store.
pub const HS_CTRL: u64 = 0x102c;
/// Starts an update of slots.
pub const HS_CMD: u64 = 0x1030;
/// Progress and errors of the host store.
pub const HS_STATUS: u64 = 0x1034;
/// Where the number of a finished command is written, low half.
pub const HS_DONE_ADDR_LO: u64 = 0x1038;
/// Where the number of a finished command is written, high half.
pub const HS_DONE_ADDR_HI: u64 = 0x103c;

/// HS_CTRL: the store is enabled.
pub const HS_CTRL_ENABLE: u32 = 1 << 0;
/// HS_CMD: log2 of the number of slots is in bits 24:20.
pub const HS_CMD_ORDER_SHIFT: u32 = 20;
/// HS_CMD: write the command's number to memory when done.
pub const HS_CMD_NOTIFY: u32 = 1 << 30;
/// HS_CMD: start.
pub const HS_CMD_START: u32 = 1 << 31;
/// HS_STATUS: a command is under way.
pub const HS_STATUS_BUSY: u32 = 1 << 0;
/// HS_STATUS: the store is enabled.
pub const HS_STATUS_ENABLED: u32 = 1 << 1;
/// HS_STATUS: enabling was refused (write 1 clears).
pub const HS_STATUS_CONFIG_ERROR: u32 = 1 << 2;
/// HS_STATUS: a command came while busy and was ignored (write 1 clears).
pub const HS_STATUS_CMD_ERROR: u32 = 1 << 3;
/// HS_STATUS: commands done, modulo 2^16, from this bit on.
pub const HS_STATUS_DONE_SHIFT: u32 = 16;

/// Words of an IMS slot, byte offsets: address low.
pub const SLOT_ADDRESS_LO: u64 = 0;
/// Address high.
pub const SLOT_ADDRESS_HI: u64 = 4;
/// Data.
pub const SLOT_DATA: u64 = 8;
/// Control.
pub const SLOT_CTRL: u64 = 12;
/// Bytes of a slot.
pub const SLOT_BYTES: u64 = 16;

/// Control word of a slot: masked.
pub const CTRL_MASK: u32 = 1 << 0;
/// Control word of a slot: pending (read only).
pub const CTRL_PENDING: u32 = 1 << 1;
/// Control word of a slot: the requester's PASID is not compared.
pub const CTRL_IGNORE: u32 = 1 << 2;
/// Control word of a slot: the PASID in bits 31:12 is to be compared.
pub const CTRL_PASID_EN: u32 = 1 << 3;
/// Control word of a slot: the PASID starts at this bit.
pub const CTRL_PASID_SHIFT: u32 = 12;
