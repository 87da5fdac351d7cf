// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The host's driver has a register list of its own; it agrees with the register source.

use host_model::driver::regs as driver;
use vectors::regs as source;

#[test]
fn the_driver_and_the_register_source_agree() {
    let offsets = [
        (driver::HS_BASE_LO, source::HS_BASE_LO),
        (driver::HS_BASE_HI, source::HS_BASE_HI),
        (driver::HS_SIZE, source::HS_SIZE),
        (driver::HS_CTRL, source::HS_CTRL),
        (driver::HS_CMD, source::HS_CMD),
        (driver::HS_STATUS, source::HS_STATUS),
        (driver::HS_DONE_ADDR_LO, source::HS_DONE_ADDR_LO),
        (driver::HS_DONE_ADDR_HI, source::HS_DONE_ADDR_HI),
        (driver::EV_MISC, source::EV_MISC),
        (driver::IH_TARGET, source::IH_TARGET),
        (driver::IH_PERM, source::IH_PERM),
        (driver::IH_CMD, source::IH_CMD),
        (driver::IH_STATUS, source::IH_STATUS),
        (driver::Q_CTRL, source::Q_CTRL),
        (driver::Q_STRIDE, source::Q_CTRL_STRIDE),
        (driver::Q_STATUS, source::Q_STATUS),
        (driver::Q_SQ_BASE_LO, source::Q_SQ_BASE_LO),
        (driver::Q_SQ_BASE_HI, source::Q_SQ_BASE_HI),
        (driver::Q_CQ_BASE_LO, source::Q_CQ_BASE_LO),
        (driver::Q_CQ_BASE_HI, source::Q_CQ_BASE_HI),
        (driver::Q_SIZE, source::Q_SIZE),
        (driver::Q_PASID, source::Q_PASID),
        (driver::Q_SQ_TAIL, source::Q_SQ_TAIL),
        (driver::Q_CQ_HEAD, source::Q_CQ_HEAD),
    ];
    for (mine, theirs) in offsets {
        assert_eq!(mine, u64::from(theirs));
    }
    let fields = [
        (driver::HS_CTRL_ENABLE, source::hs_ctrl::ENABLE_MASK),
        (0x1f << driver::HS_CMD_ORDER_SHIFT, source::hs_cmd::ORDER_MASK),
        (driver::HS_CMD_NOTIFY, source::hs_cmd::NOTIFY_MASK),
        (driver::HS_CMD_START, source::hs_cmd::START_MASK),
        (driver::HS_STATUS_BUSY, source::hs_status::BUSY_MASK),
        (driver::HS_STATUS_ENABLED, source::hs_status::ENABLED_MASK),
        (driver::HS_STATUS_CONFIG_ERROR, source::hs_status::CONFIG_ERROR_MASK),
        (driver::HS_STATUS_CMD_ERROR, source::hs_status::CMD_ERROR_MASK),
        (0xffff << driver::HS_STATUS_DONE_SHIFT, source::hs_status::DONE_COUNT_MASK),
        (driver::EV_MISC_REVOKED, source::ev_misc::REVOKED_MASK),
        (3 << driver::IH_TARGET_STORE_SHIFT, source::ih_target::STORE_MASK),
        (driver::CTRL_IGNORE, source::ih_perm::IGNORE_MASK),
        (driver::CTRL_PASID_EN, source::ih_perm::PASID_EN_MASK),
        (0xf_ffff << driver::CTRL_PASID_SHIFT, source::ih_perm::PASID_MASK),
        (0xf << driver::IH_CMD_OP_SHIFT, source::ih_cmd::OP_MASK),
        (driver::IH_STATUS_BUSY, source::ih_status::BUSY_MASK),
        (driver::IH_STATUS_CMD_ERROR, source::ih_status::CMD_ERROR_MASK),
        (0xff << driver::IH_STATUS_RESULT_SHIFT, source::ih_status::RESULT_MASK),
        (0xffff << driver::IH_STATUS_HANDLE_SHIFT, source::ih_status::HANDLE_MASK),
        (driver::Q_CTRL_ENABLE, source::q_ctrl::ENABLE_MASK),
        (driver::Q_CTRL_PASID_EN, source::q_ctrl::PASID_EN_MASK),
        (driver::Q_CTRL_RELAXED, source::q_ctrl::RELAXED_MASK),
        (driver::Q_CTRL_IDO, source::q_ctrl::IDO_MASK),
        (0xf << driver::Q_SIZE_CQ_SHIFT, source::q_size::CQ_ORDER_MASK),
        (driver::Q_STATUS_ENABLED, source::q_status::ENABLED_MASK),
        (driver::Q_STATUS_BUSY, source::q_status::BUSY_MASK),
        (driver::Q_STATUS_HALTED, source::q_status::HALTED_MASK),
    ];
    for (mine, theirs) in fields {
        assert_eq!(mine, theirs);
    }
}
