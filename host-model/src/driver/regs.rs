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

/// Events of the device itself; bit 31 (write 1 clears): all handles were revoked.
pub const EV_MISC: u64 = 0x1148;
/// EV_MISC: all interrupt handles were revoked.
pub const EV_MISC_REVOKED: u32 = 1 << 31;
/// Interrupt that the next handle is for: index, store from bit 20 on.
pub const IH_TARGET: u64 = 0x1180;
/// Who may use it: the bits of a slot's control word.
pub const IH_PERM: u64 = 0x1184;
/// Starts a handle command: handle, operation from bit 16 on.
pub const IH_CMD: u64 = 0x1188;
/// Busy, error, result, handle given.
pub const IH_STATUS: u64 = 0x118c;
/// IH_TARGET: the store starts at this bit.
pub const IH_TARGET_STORE_SHIFT: u32 = 20;
/// IH_CMD: the operation starts at this bit.
pub const IH_CMD_OP_SHIFT: u32 = 16;
/// IH_CMD: request a handle.
pub const IH_OP_REQUEST: u32 = 1;
/// IH_CMD: release a handle.
pub const IH_OP_RELEASE: u32 = 2;
/// IH_CMD: revoke all.
pub const IH_OP_REVOKE: u32 = 3;
/// IH_STATUS: a command is under way.
pub const IH_STATUS_BUSY: u32 = 1 << 0;
/// IH_STATUS: a command came while busy and was dropped (write 1 clears).
pub const IH_STATUS_CMD_ERROR: u32 = 1 << 1;
/// IH_STATUS: the result (8 bits) starts here.
pub const IH_STATUS_RESULT_SHIFT: u32 = 8;
/// IH_STATUS: the handle given (16 bits) starts here.
pub const IH_STATUS_HANDLE_SHIFT: u32 = 16;

/// Registers of work queue 0; those of queue q are [`Q_STRIDE`] × q behind. Control: enable, PASID, ordering.
pub const Q_CTRL: u64 = 0x4000;
/// Bytes from the registers of one queue to those of the next.
pub const Q_STRIDE: u64 = 0x80;
/// State, and why the queue has halted.
pub const Q_STATUS: u64 = 0x4004;
/// Submission ring, low half.
pub const Q_SQ_BASE_LO: u64 = 0x4008;
/// Submission ring, high half.
pub const Q_SQ_BASE_HI: u64 = 0x400c;
/// Completion ring, low half.
pub const Q_CQ_BASE_LO: u64 = 0x4010;
/// Completion ring, high half.
pub const Q_CQ_BASE_HI: u64 = 0x4014;
/// Orders of the rings: submission in bits 3:0, completion in 11:8.
pub const Q_SIZE: u64 = 0x4018;
/// PASID.
pub const Q_PASID: u64 = 0x401c;
/// Doorbell.
pub const Q_SQ_TAIL: u64 = 0x4020;
/// Consumer index.
pub const Q_CQ_HEAD: u64 = 0x4028;
/// Q_CTRL: enable.
pub const Q_CTRL_ENABLE: u32 = 1 << 0;
/// Q_CTRL: requests carry the PASID.
pub const Q_CTRL_PASID_EN: u32 = 1 << 1;
/// Q_CTRL: relaxed ordering of data.
pub const Q_CTRL_RELAXED: u32 = 1 << 2;
/// Q_CTRL: id-based ordering of data.
pub const Q_CTRL_IDO: u32 = 1 << 3;
/// Q_SIZE: the order of the completion ring starts here.
pub const Q_SIZE_CQ_SHIFT: u32 = 8;
/// Q_STATUS: enabled.
pub const Q_STATUS_ENABLED: u32 = 1 << 0;
/// Q_STATUS: busy.
pub const Q_STATUS_BUSY: u32 = 1 << 1;
/// Q_STATUS: halted (write 1 goes on).
pub const Q_STATUS_HALTED: u32 = 1 << 2;
/// Portal page of a queue in BAR 1: bytes from one to the next.
pub const PORTAL_STRIDE: u64 = 0x1000;
/// In a portal page: doorbell.
pub const PORTAL_SQ_TAIL: u64 = 0x0;
/// In a portal page: consumer index.
pub const PORTAL_CQ_HEAD: u64 = 0x8;

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
