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
    ];
    for (mine, theirs) in fields {
        assert_eq!(mine, theirs);
    }
}
