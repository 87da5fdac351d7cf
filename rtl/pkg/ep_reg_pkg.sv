// SPDX-License-Identifier: Apache-2.0 OR MIT
// Generated from ep_regs.yaml by `cargo run -q -p xtask -- regs`; do not edit.
// The device's own register map: offsets, field positions and reset values.
// It is complete whatever the design uses of it:
/* verilator lint_off UNUSEDPARAM */
package ep_reg_pkg;
  // BARs: number, size in bytes
  localparam int unsigned BAR_REGS_INDEX = 0;
  localparam int unsigned BAR_REGS_SIZE = 65536;
  localparam int unsigned BAR_PORTALS_INDEX = 1;
  localparam int unsigned BAR_PORTALS_SIZE = 262144;
  localparam int unsigned BAR_MSIX_INDEX = 2;
  localparam int unsigned BAR_MSIX_SIZE = 65536;
  localparam int unsigned BAR_IMS_INDEX = 4;
  localparam int unsigned BAR_IMS_SIZE = 262144;

  // Windows: BAR, offset in it
  localparam int unsigned WIN_PORTAL_BAR = 1;
  localparam logic [17:0] WIN_PORTAL_OFFSET = 18'h0;
  localparam int unsigned WIN_MSIX_TABLE_BAR = 2;
  localparam logic [15:0] WIN_MSIX_TABLE_OFFSET = 16'h0;
  localparam int unsigned WIN_MSIX_PBA_BAR = 2;
  localparam logic [15:0] WIN_MSIX_PBA_OFFSET = 16'h8000;
  localparam int unsigned WIN_IMS_SLOTS_BAR = 4;
  localparam logic [17:0] WIN_IMS_SLOTS_OFFSET = 18'h0;
  localparam int unsigned WIN_HOST_PENDING_BAR = 4;
  localparam logic [17:0] WIN_HOST_PENDING_OFFSET = 18'h20000;
  localparam int unsigned WIN_EV_COAL_BAR = 0;
  localparam logic [15:0] WIN_EV_COAL_OFFSET = 16'h2000;

  // Capabilities: offset in configuration space, identifier
  localparam logic [11:0] CAP_PM_OFFSET = 12'h40;
  localparam logic [7:0] CAP_PM_ID = 8'h1;
  localparam logic [11:0] CAP_PCIE_OFFSET = 12'h50;
  localparam logic [7:0] CAP_PCIE_ID = 8'h10;
  localparam logic [11:0] CAP_MSI_OFFSET = 12'h90;
  localparam logic [7:0] CAP_MSI_ID = 8'h5;
  localparam logic [11:0] CAP_MSIX_OFFSET = 12'hb0;
  localparam logic [7:0] CAP_MSIX_ID = 8'h11;
  localparam logic [11:0] CAP_SIOV_OFFSET = 12'h100;
  localparam logic [15:0] CAP_SIOV_ID = 16'h23;
  localparam logic [11:0] CAP_AER_OFFSET = 12'h140;
  localparam logic [15:0] CAP_AER_ID = 16'h1;
  localparam logic [11:0] CAP_PASID_OFFSET = 12'h190;
  localparam logic [15:0] CAP_PASID_ID = 16'h1b;
  localparam logic [11:0] CAP_ATS_OFFSET = 12'h1a0;
  localparam logic [15:0] CAP_ATS_ID = 16'hf;
  localparam logic [11:0] CAP_ARI_OFFSET = 12'h1b0;
  localparam logic [15:0] CAP_ARI_ID = 16'he;
  localparam logic [11:0] CAP_SRIOV_OFFSET = 12'h1c0;
  localparam logic [15:0] CAP_SRIOV_ID = 16'h10;

  // et_magic
  localparam logic [15:0] REG_ET_MAGIC_OFFSET = 16'h0;
  localparam int unsigned REG_ET_MAGIC_MAGIC_LSB = 0;
  localparam int unsigned REG_ET_MAGIC_MAGIC_WIDTH = 32;
  localparam logic [31:0] REG_ET_MAGIC_MAGIC_RESET = 32'h0;

  // et_command
  localparam logic [15:0] REG_ET_COMMAND_OFFSET = 16'h4;
  localparam int unsigned REG_ET_COMMAND_RAISE_INTX_LSB = 0;
  localparam int unsigned REG_ET_COMMAND_RAISE_INTX_WIDTH = 1;
  localparam logic [0:0] REG_ET_COMMAND_RAISE_INTX_RESET = 1'h0;
  localparam int unsigned REG_ET_COMMAND_RAISE_MSI_LSB = 1;
  localparam int unsigned REG_ET_COMMAND_RAISE_MSI_WIDTH = 1;
  localparam logic [0:0] REG_ET_COMMAND_RAISE_MSI_RESET = 1'h0;
  localparam int unsigned REG_ET_COMMAND_RAISE_MSIX_LSB = 2;
  localparam int unsigned REG_ET_COMMAND_RAISE_MSIX_WIDTH = 1;
  localparam logic [0:0] REG_ET_COMMAND_RAISE_MSIX_RESET = 1'h0;
  localparam int unsigned REG_ET_COMMAND_READ_LSB = 3;
  localparam int unsigned REG_ET_COMMAND_READ_WIDTH = 1;
  localparam logic [0:0] REG_ET_COMMAND_READ_RESET = 1'h0;
  localparam int unsigned REG_ET_COMMAND_WRITE_LSB = 4;
  localparam int unsigned REG_ET_COMMAND_WRITE_WIDTH = 1;
  localparam logic [0:0] REG_ET_COMMAND_WRITE_RESET = 1'h0;
  localparam int unsigned REG_ET_COMMAND_COPY_LSB = 5;
  localparam int unsigned REG_ET_COMMAND_COPY_WIDTH = 1;
  localparam logic [0:0] REG_ET_COMMAND_COPY_RESET = 1'h0;

  // et_status
  localparam logic [15:0] REG_ET_STATUS_OFFSET = 16'h8;
  localparam int unsigned REG_ET_STATUS_READ_OK_LSB = 0;
  localparam int unsigned REG_ET_STATUS_READ_OK_WIDTH = 1;
  localparam logic [0:0] REG_ET_STATUS_READ_OK_RESET = 1'h0;
  localparam int unsigned REG_ET_STATUS_READ_FAIL_LSB = 1;
  localparam int unsigned REG_ET_STATUS_READ_FAIL_WIDTH = 1;
  localparam logic [0:0] REG_ET_STATUS_READ_FAIL_RESET = 1'h0;
  localparam int unsigned REG_ET_STATUS_WRITE_OK_LSB = 2;
  localparam int unsigned REG_ET_STATUS_WRITE_OK_WIDTH = 1;
  localparam logic [0:0] REG_ET_STATUS_WRITE_OK_RESET = 1'h0;
  localparam int unsigned REG_ET_STATUS_WRITE_FAIL_LSB = 3;
  localparam int unsigned REG_ET_STATUS_WRITE_FAIL_WIDTH = 1;
  localparam logic [0:0] REG_ET_STATUS_WRITE_FAIL_RESET = 1'h0;
  localparam int unsigned REG_ET_STATUS_COPY_OK_LSB = 4;
  localparam int unsigned REG_ET_STATUS_COPY_OK_WIDTH = 1;
  localparam logic [0:0] REG_ET_STATUS_COPY_OK_RESET = 1'h0;
  localparam int unsigned REG_ET_STATUS_COPY_FAIL_LSB = 5;
  localparam int unsigned REG_ET_STATUS_COPY_FAIL_WIDTH = 1;
  localparam logic [0:0] REG_ET_STATUS_COPY_FAIL_RESET = 1'h0;
  localparam int unsigned REG_ET_STATUS_IRQ_RAISED_LSB = 6;
  localparam int unsigned REG_ET_STATUS_IRQ_RAISED_WIDTH = 1;
  localparam logic [0:0] REG_ET_STATUS_IRQ_RAISED_RESET = 1'h0;
  localparam int unsigned REG_ET_STATUS_SRC_INVALID_LSB = 7;
  localparam int unsigned REG_ET_STATUS_SRC_INVALID_WIDTH = 1;
  localparam logic [0:0] REG_ET_STATUS_SRC_INVALID_RESET = 1'h0;
  localparam int unsigned REG_ET_STATUS_DST_INVALID_LSB = 8;
  localparam int unsigned REG_ET_STATUS_DST_INVALID_WIDTH = 1;
  localparam logic [0:0] REG_ET_STATUS_DST_INVALID_RESET = 1'h0;

  // et_src_lo
  localparam logic [15:0] REG_ET_SRC_LO_OFFSET = 16'hc;
  localparam int unsigned REG_ET_SRC_LO_VALUE_LSB = 0;
  localparam int unsigned REG_ET_SRC_LO_VALUE_WIDTH = 32;
  localparam logic [31:0] REG_ET_SRC_LO_VALUE_RESET = 32'h0;

  // et_src_hi
  localparam logic [15:0] REG_ET_SRC_HI_OFFSET = 16'h10;
  localparam int unsigned REG_ET_SRC_HI_VALUE_LSB = 0;
  localparam int unsigned REG_ET_SRC_HI_VALUE_WIDTH = 32;
  localparam logic [31:0] REG_ET_SRC_HI_VALUE_RESET = 32'h0;

  // et_dst_lo
  localparam logic [15:0] REG_ET_DST_LO_OFFSET = 16'h14;
  localparam int unsigned REG_ET_DST_LO_VALUE_LSB = 0;
  localparam int unsigned REG_ET_DST_LO_VALUE_WIDTH = 32;
  localparam logic [31:0] REG_ET_DST_LO_VALUE_RESET = 32'h0;

  // et_dst_hi
  localparam logic [15:0] REG_ET_DST_HI_OFFSET = 16'h18;
  localparam int unsigned REG_ET_DST_HI_VALUE_LSB = 0;
  localparam int unsigned REG_ET_DST_HI_VALUE_WIDTH = 32;
  localparam logic [31:0] REG_ET_DST_HI_VALUE_RESET = 32'h0;

  // et_size
  localparam logic [15:0] REG_ET_SIZE_OFFSET = 16'h1c;
  localparam int unsigned REG_ET_SIZE_VALUE_LSB = 0;
  localparam int unsigned REG_ET_SIZE_VALUE_WIDTH = 32;
  localparam logic [31:0] REG_ET_SIZE_VALUE_RESET = 32'h0;

  // et_checksum
  localparam logic [15:0] REG_ET_CHECKSUM_OFFSET = 16'h20;
  localparam int unsigned REG_ET_CHECKSUM_VALUE_LSB = 0;
  localparam int unsigned REG_ET_CHECKSUM_VALUE_WIDTH = 32;
  localparam logic [31:0] REG_ET_CHECKSUM_VALUE_RESET = 32'h0;

  // et_irq_type
  localparam logic [15:0] REG_ET_IRQ_TYPE_OFFSET = 16'h24;
  localparam int unsigned REG_ET_IRQ_TYPE_VALUE_LSB = 0;
  localparam int unsigned REG_ET_IRQ_TYPE_VALUE_WIDTH = 32;
  localparam logic [31:0] REG_ET_IRQ_TYPE_VALUE_RESET = 32'h0;

  // et_irq_number
  localparam logic [15:0] REG_ET_IRQ_NUMBER_OFFSET = 16'h28;
  localparam int unsigned REG_ET_IRQ_NUMBER_VALUE_LSB = 0;
  localparam int unsigned REG_ET_IRQ_NUMBER_VALUE_WIDTH = 32;
  localparam logic [31:0] REG_ET_IRQ_NUMBER_VALUE_RESET = 32'h0;

  // et_flags
  localparam logic [15:0] REG_ET_FLAGS_OFFSET = 16'h2c;
  localparam int unsigned REG_ET_FLAGS_USE_DMA_LSB = 0;
  localparam int unsigned REG_ET_FLAGS_USE_DMA_WIDTH = 1;
  localparam logic [0:0] REG_ET_FLAGS_USE_DMA_RESET = 1'h0;

  // et_caps
  localparam logic [15:0] REG_ET_CAPS_OFFSET = 16'h30;
  localparam int unsigned REG_ET_CAPS_VALUE_LSB = 0;
  localparam int unsigned REG_ET_CAPS_VALUE_WIDTH = 32;
  localparam logic [31:0] REG_ET_CAPS_VALUE_RESET = 32'h0;

  // id
  localparam logic [15:0] REG_ID_OFFSET = 16'h1000;
  localparam int unsigned REG_ID_MAGIC_LSB = 0;
  localparam int unsigned REG_ID_MAGIC_WIDTH = 32;
  localparam logic [31:0] REG_ID_MAGIC_RESET = 32'h31534d49;

  // version
  localparam logic [15:0] REG_VERSION_OFFSET = 16'h1004;
  localparam int unsigned REG_VERSION_MINOR_LSB = 0;
  localparam int unsigned REG_VERSION_MINOR_WIDTH = 8;
  localparam logic [7:0] REG_VERSION_MINOR_RESET = 8'h0;
  localparam int unsigned REG_VERSION_MAJOR_LSB = 8;
  localparam int unsigned REG_VERSION_MAJOR_WIDTH = 8;
  localparam logic [7:0] REG_VERSION_MAJOR_RESET = 8'h1;

  // cap_msix
  localparam logic [15:0] REG_CAP_MSIX_OFFSET = 16'h1008;
  localparam int unsigned REG_CAP_MSIX_VECTORS_LSB = 0;
  localparam int unsigned REG_CAP_MSIX_VECTORS_WIDTH = 12;

  // cap_dev
  localparam logic [15:0] REG_CAP_DEV_OFFSET = 16'h100c;
  localparam int unsigned REG_CAP_DEV_SLOTS_LSB = 0;
  localparam int unsigned REG_CAP_DEV_SLOTS_WIDTH = 21;

  // cap_host
  localparam logic [15:0] REG_CAP_HOST_OFFSET = 16'h1010;
  localparam int unsigned REG_CAP_HOST_SLOTS_LSB = 0;
  localparam int unsigned REG_CAP_HOST_SLOTS_WIDTH = 21;

  // cap_cache
  localparam logic [15:0] REG_CAP_CACHE_OFFSET = 16'h1014;
  localparam int unsigned REG_CAP_CACHE_LINES_LSB = 0;
  localparam int unsigned REG_CAP_CACHE_LINES_WIDTH = 16;

  // hs_base_lo
  localparam logic [15:0] REG_HS_BASE_LO_OFFSET = 16'h1020;
  localparam int unsigned REG_HS_BASE_LO_ADDR_LSB = 0;
  localparam int unsigned REG_HS_BASE_LO_ADDR_WIDTH = 32;
  localparam logic [31:0] REG_HS_BASE_LO_ADDR_RESET = 32'h0;

  // hs_base_hi
  localparam logic [15:0] REG_HS_BASE_HI_OFFSET = 16'h1024;
  localparam int unsigned REG_HS_BASE_HI_ADDR_LSB = 0;
  localparam int unsigned REG_HS_BASE_HI_ADDR_WIDTH = 32;
  localparam logic [31:0] REG_HS_BASE_HI_ADDR_RESET = 32'h0;

  // hs_size
  localparam logic [15:0] REG_HS_SIZE_OFFSET = 16'h1028;
  localparam int unsigned REG_HS_SIZE_SLOTS_LSB = 0;
  localparam int unsigned REG_HS_SIZE_SLOTS_WIDTH = 21;
  localparam logic [20:0] REG_HS_SIZE_SLOTS_RESET = 21'h0;

  // hs_ctrl
  localparam logic [15:0] REG_HS_CTRL_OFFSET = 16'h102c;
  localparam int unsigned REG_HS_CTRL_ENABLE_LSB = 0;
  localparam int unsigned REG_HS_CTRL_ENABLE_WIDTH = 1;
  localparam logic [0:0] REG_HS_CTRL_ENABLE_RESET = 1'h0;

  // hs_cmd
  localparam logic [15:0] REG_HS_CMD_OFFSET = 16'h1030;
  localparam int unsigned REG_HS_CMD_INDEX_LSB = 0;
  localparam int unsigned REG_HS_CMD_INDEX_WIDTH = 20;
  localparam logic [19:0] REG_HS_CMD_INDEX_RESET = 20'h0;
  localparam int unsigned REG_HS_CMD_ORDER_LSB = 20;
  localparam int unsigned REG_HS_CMD_ORDER_WIDTH = 5;
  localparam logic [4:0] REG_HS_CMD_ORDER_RESET = 5'h0;
  localparam int unsigned REG_HS_CMD_NOTIFY_LSB = 30;
  localparam int unsigned REG_HS_CMD_NOTIFY_WIDTH = 1;
  localparam logic [0:0] REG_HS_CMD_NOTIFY_RESET = 1'h0;
  localparam int unsigned REG_HS_CMD_START_LSB = 31;
  localparam int unsigned REG_HS_CMD_START_WIDTH = 1;
  localparam logic [0:0] REG_HS_CMD_START_RESET = 1'h0;

  // hs_status
  localparam logic [15:0] REG_HS_STATUS_OFFSET = 16'h1034;
  localparam int unsigned REG_HS_STATUS_BUSY_LSB = 0;
  localparam int unsigned REG_HS_STATUS_BUSY_WIDTH = 1;
  localparam logic [0:0] REG_HS_STATUS_BUSY_RESET = 1'h0;
  localparam int unsigned REG_HS_STATUS_ENABLED_LSB = 1;
  localparam int unsigned REG_HS_STATUS_ENABLED_WIDTH = 1;
  localparam logic [0:0] REG_HS_STATUS_ENABLED_RESET = 1'h0;
  localparam int unsigned REG_HS_STATUS_CONFIG_ERROR_LSB = 2;
  localparam int unsigned REG_HS_STATUS_CONFIG_ERROR_WIDTH = 1;
  localparam logic [0:0] REG_HS_STATUS_CONFIG_ERROR_RESET = 1'h0;
  localparam int unsigned REG_HS_STATUS_CMD_ERROR_LSB = 3;
  localparam int unsigned REG_HS_STATUS_CMD_ERROR_WIDTH = 1;
  localparam logic [0:0] REG_HS_STATUS_CMD_ERROR_RESET = 1'h0;
  localparam int unsigned REG_HS_STATUS_DONE_COUNT_LSB = 16;
  localparam int unsigned REG_HS_STATUS_DONE_COUNT_WIDTH = 16;
  localparam logic [15:0] REG_HS_STATUS_DONE_COUNT_RESET = 16'h0;

  // hs_done_addr_lo
  localparam logic [15:0] REG_HS_DONE_ADDR_LO_OFFSET = 16'h1038;
  localparam int unsigned REG_HS_DONE_ADDR_LO_ADDR_LSB = 2;
  localparam int unsigned REG_HS_DONE_ADDR_LO_ADDR_WIDTH = 30;
  localparam logic [29:0] REG_HS_DONE_ADDR_LO_ADDR_RESET = 30'h0;

  // hs_done_addr_hi
  localparam logic [15:0] REG_HS_DONE_ADDR_HI_OFFSET = 16'h103c;
  localparam int unsigned REG_HS_DONE_ADDR_HI_ADDR_LSB = 0;
  localparam int unsigned REG_HS_DONE_ADDR_HI_ADDR_WIDTH = 32;
  localparam logic [31:0] REG_HS_DONE_ADDR_HI_ADDR_RESET = 32'h0;

  // irq_err
  localparam logic [15:0] REG_IRQ_ERR_OFFSET = 16'h1040;
  localparam int unsigned REG_IRQ_ERR_VALID_LSB = 0;
  localparam int unsigned REG_IRQ_ERR_VALID_WIDTH = 1;
  localparam logic [0:0] REG_IRQ_ERR_VALID_RESET = 1'h0;
  localparam int unsigned REG_IRQ_ERR_OVERFLOW_LSB = 1;
  localparam int unsigned REG_IRQ_ERR_OVERFLOW_WIDTH = 1;
  localparam logic [0:0] REG_IRQ_ERR_OVERFLOW_RESET = 1'h0;
  localparam int unsigned REG_IRQ_ERR_CODE_LSB = 4;
  localparam int unsigned REG_IRQ_ERR_CODE_WIDTH = 4;
  localparam logic [3:0] REG_IRQ_ERR_CODE_RESET = 4'h0;
  localparam int unsigned REG_IRQ_ERR_STORE_LSB = 8;
  localparam int unsigned REG_IRQ_ERR_STORE_WIDTH = 2;
  localparam logic [1:0] REG_IRQ_ERR_STORE_RESET = 2'h0;
  localparam int unsigned REG_IRQ_ERR_INDEX_LSB = 12;
  localparam int unsigned REG_IRQ_ERR_INDEX_WIDTH = 20;
  localparam logic [19:0] REG_IRQ_ERR_INDEX_RESET = 20'h0;

  // irq_err_count
  localparam logic [15:0] REG_IRQ_ERR_COUNT_OFFSET = 16'h1044;
  localparam int unsigned REG_IRQ_ERR_COUNT_COUNT_LSB = 0;
  localparam int unsigned REG_IRQ_ERR_COUNT_COUNT_WIDTH = 32;
  localparam logic [31:0] REG_IRQ_ERR_COUNT_COUNT_RESET = 32'h0;

  // stat_sent
  localparam logic [15:0] REG_STAT_SENT_OFFSET = 16'h1048;
  localparam int unsigned REG_STAT_SENT_COUNT_LSB = 0;
  localparam int unsigned REG_STAT_SENT_COUNT_WIDTH = 32;
  localparam logic [31:0] REG_STAT_SENT_COUNT_RESET = 32'h0;

  // stat_fetch
  localparam logic [15:0] REG_STAT_FETCH_OFFSET = 16'h104c;
  localparam int unsigned REG_STAT_FETCH_COUNT_LSB = 0;
  localparam int unsigned REG_STAT_FETCH_COUNT_WIDTH = 32;
  localparam logic [31:0] REG_STAT_FETCH_COUNT_RESET = 32'h0;

  // fn_doorbell
  localparam logic [15:0] REG_FN_DOORBELL_OFFSET = 16'h1100;
  localparam int unsigned REG_FN_DOORBELL_INDEX_LSB = 0;
  localparam int unsigned REG_FN_DOORBELL_INDEX_WIDTH = 20;
  localparam logic [19:0] REG_FN_DOORBELL_INDEX_RESET = 20'h0;
  localparam int unsigned REG_FN_DOORBELL_STORE_LSB = 20;
  localparam int unsigned REG_FN_DOORBELL_STORE_WIDTH = 2;
  localparam logic [1:0] REG_FN_DOORBELL_STORE_RESET = 2'h0;
  localparam int unsigned REG_FN_DOORBELL_COUNT_LSB = 22;
  localparam int unsigned REG_FN_DOORBELL_COUNT_WIDTH = 6;
  localparam logic [5:0] REG_FN_DOORBELL_COUNT_RESET = 6'h0;
  localparam int unsigned REG_FN_DOORBELL_RECORD_LSB = 30;
  localparam int unsigned REG_FN_DOORBELL_RECORD_WIDTH = 1;
  localparam logic [0:0] REG_FN_DOORBELL_RECORD_RESET = 1'h0;
  localparam int unsigned REG_FN_DOORBELL_WITHDRAW_LSB = 31;
  localparam int unsigned REG_FN_DOORBELL_WITHDRAW_WIDTH = 1;
  localparam logic [0:0] REG_FN_DOORBELL_WITHDRAW_RESET = 1'h0;

  // fn_status
  localparam logic [15:0] REG_FN_STATUS_OFFSET = 16'h1104;
  localparam int unsigned REG_FN_STATUS_BUSY_LSB = 0;
  localparam int unsigned REG_FN_STATUS_BUSY_WIDTH = 1;
  localparam logic [0:0] REG_FN_STATUS_BUSY_RESET = 1'h0;
  localparam int unsigned REG_FN_STATUS_LEVEL_LSB = 8;
  localparam int unsigned REG_FN_STATUS_LEVEL_WIDTH = 5;
  localparam logic [4:0] REG_FN_STATUS_LEVEL_RESET = 5'h0;

  // fn_raised
  localparam logic [15:0] REG_FN_RAISED_OFFSET = 16'h1108;
  localparam int unsigned REG_FN_RAISED_COUNT_LSB = 0;
  localparam int unsigned REG_FN_RAISED_COUNT_WIDTH = 32;
  localparam logic [31:0] REG_FN_RAISED_COUNT_RESET = 32'h0;

  // fn_rec_addr_lo
  localparam logic [15:0] REG_FN_REC_ADDR_LO_OFFSET = 16'h1110;
  localparam int unsigned REG_FN_REC_ADDR_LO_ADDR_LSB = 4;
  localparam int unsigned REG_FN_REC_ADDR_LO_ADDR_WIDTH = 28;
  localparam logic [27:0] REG_FN_REC_ADDR_LO_ADDR_RESET = 28'h0;

  // fn_rec_addr_hi
  localparam logic [15:0] REG_FN_REC_ADDR_HI_OFFSET = 16'h1114;
  localparam int unsigned REG_FN_REC_ADDR_HI_ADDR_LSB = 0;
  localparam int unsigned REG_FN_REC_ADDR_HI_ADDR_WIDTH = 32;
  localparam logic [31:0] REG_FN_REC_ADDR_HI_ADDR_RESET = 32'h0;

  // fn_rec_order
  localparam logic [15:0] REG_FN_REC_ORDER_OFFSET = 16'h1118;
  localparam int unsigned REG_FN_REC_ORDER_ORDER_LSB = 0;
  localparam int unsigned REG_FN_REC_ORDER_ORDER_WIDTH = 4;
  localparam logic [3:0] REG_FN_REC_ORDER_ORDER_RESET = 4'h0;

  // fn_rec_seq
  localparam logic [15:0] REG_FN_REC_SEQ_OFFSET = 16'h111c;
  localparam int unsigned REG_FN_REC_SEQ_SEQ_LSB = 0;
  localparam int unsigned REG_FN_REC_SEQ_SEQ_WIDTH = 32;
  localparam logic [31:0] REG_FN_REC_SEQ_SEQ_RESET = 32'h0;

  // fn_sweep_first
  localparam logic [15:0] REG_FN_SWEEP_FIRST_OFFSET = 16'h1120;
  localparam int unsigned REG_FN_SWEEP_FIRST_INDEX_LSB = 0;
  localparam int unsigned REG_FN_SWEEP_FIRST_INDEX_WIDTH = 20;
  localparam logic [19:0] REG_FN_SWEEP_FIRST_INDEX_RESET = 20'h0;
  localparam int unsigned REG_FN_SWEEP_FIRST_STORE_LSB = 20;
  localparam int unsigned REG_FN_SWEEP_FIRST_STORE_WIDTH = 2;
  localparam logic [1:0] REG_FN_SWEEP_FIRST_STORE_RESET = 2'h0;

  // fn_sweep_count
  localparam logic [15:0] REG_FN_SWEEP_COUNT_OFFSET = 16'h1124;
  localparam int unsigned REG_FN_SWEEP_COUNT_COUNT_LSB = 0;
  localparam int unsigned REG_FN_SWEEP_COUNT_COUNT_WIDTH = 21;
  localparam logic [20:0] REG_FN_SWEEP_COUNT_COUNT_RESET = 21'h0;

  // fn_sweep_go
  localparam logic [15:0] REG_FN_SWEEP_GO_OFFSET = 16'h1128;
  localparam int unsigned REG_FN_SWEEP_GO_GO_LSB = 0;
  localparam int unsigned REG_FN_SWEEP_GO_GO_WIDTH = 1;
  localparam logic [0:0] REG_FN_SWEEP_GO_GO_RESET = 1'h0;

  // ev_status_lo
  localparam logic [15:0] REG_EV_STATUS_LO_OFFSET = 16'h1140;
  localparam int unsigned REG_EV_STATUS_LO_EVENTS_LSB = 0;
  localparam int unsigned REG_EV_STATUS_LO_EVENTS_WIDTH = 32;
  localparam logic [31:0] REG_EV_STATUS_LO_EVENTS_RESET = 32'h0;

  // ev_status_hi
  localparam logic [15:0] REG_EV_STATUS_HI_OFFSET = 16'h1144;
  localparam int unsigned REG_EV_STATUS_HI_EVENTS_LSB = 0;
  localparam int unsigned REG_EV_STATUS_HI_EVENTS_WIDTH = 32;
  localparam logic [31:0] REG_EV_STATUS_HI_EVENTS_RESET = 32'h0;

  // ev_misc
  localparam logic [15:0] REG_EV_MISC_OFFSET = 16'h1148;
  localparam int unsigned REG_EV_MISC_EVENT_LSB = 0;
  localparam int unsigned REG_EV_MISC_EVENT_WIDTH = 1;
  localparam logic [0:0] REG_EV_MISC_EVENT_RESET = 1'h0;
  localparam int unsigned REG_EV_MISC_IRQ_ERR_LSB = 1;
  localparam int unsigned REG_EV_MISC_IRQ_ERR_WIDTH = 1;
  localparam logic [0:0] REG_EV_MISC_IRQ_ERR_RESET = 1'h0;
  localparam int unsigned REG_EV_MISC_REVOKED_LSB = 31;
  localparam int unsigned REG_EV_MISC_REVOKED_WIDTH = 1;
  localparam logic [0:0] REG_EV_MISC_REVOKED_RESET = 1'h0;

  // ev_vectors
  localparam logic [15:0] REG_EV_VECTORS_OFFSET = 16'h114c;
  localparam int unsigned REG_EV_VECTORS_COUNT_LSB = 0;
  localparam int unsigned REG_EV_VECTORS_COUNT_WIDTH = 7;
  localparam logic [6:0] REG_EV_VECTORS_COUNT_RESET = 7'h41;

  // ev_ctrl
  localparam logic [15:0] REG_EV_CTRL_OFFSET = 16'h1150;
  localparam int unsigned REG_EV_CTRL_IRQ_ERR_RAISES_LSB = 0;
  localparam int unsigned REG_EV_CTRL_IRQ_ERR_RAISES_WIDTH = 1;
  localparam logic [0:0] REG_EV_CTRL_IRQ_ERR_RAISES_RESET = 1'h0;

  // ev_intx
  localparam logic [15:0] REG_EV_INTX_OFFSET = 16'h1154;
  localparam int unsigned REG_EV_INTX_FIRED_LSB = 0;
  localparam int unsigned REG_EV_INTX_FIRED_WIDTH = 1;
  localparam logic [0:0] REG_EV_INTX_FIRED_RESET = 1'h0;
  localparam int unsigned REG_EV_INTX_WIRE_LSB = 1;
  localparam int unsigned REG_EV_INTX_WIRE_WIDTH = 1;
  localparam logic [0:0] REG_EV_INTX_WIRE_RESET = 1'h0;
  localparam int unsigned REG_EV_INTX_MODE_LSB = 8;
  localparam int unsigned REG_EV_INTX_MODE_WIDTH = 2;
  localparam logic [1:0] REG_EV_INTX_MODE_RESET = 2'h0;

  // ih_target
  localparam logic [15:0] REG_IH_TARGET_OFFSET = 16'h1180;
  localparam int unsigned REG_IH_TARGET_INDEX_LSB = 0;
  localparam int unsigned REG_IH_TARGET_INDEX_WIDTH = 20;
  localparam logic [19:0] REG_IH_TARGET_INDEX_RESET = 20'h0;
  localparam int unsigned REG_IH_TARGET_STORE_LSB = 20;
  localparam int unsigned REG_IH_TARGET_STORE_WIDTH = 2;
  localparam logic [1:0] REG_IH_TARGET_STORE_RESET = 2'h0;

  // ih_perm
  localparam logic [15:0] REG_IH_PERM_OFFSET = 16'h1184;
  localparam int unsigned REG_IH_PERM_IGNORE_LSB = 2;
  localparam int unsigned REG_IH_PERM_IGNORE_WIDTH = 1;
  localparam logic [0:0] REG_IH_PERM_IGNORE_RESET = 1'h0;
  localparam int unsigned REG_IH_PERM_PASID_EN_LSB = 3;
  localparam int unsigned REG_IH_PERM_PASID_EN_WIDTH = 1;
  localparam logic [0:0] REG_IH_PERM_PASID_EN_RESET = 1'h0;
  localparam int unsigned REG_IH_PERM_PASID_LSB = 12;
  localparam int unsigned REG_IH_PERM_PASID_WIDTH = 20;
  localparam logic [19:0] REG_IH_PERM_PASID_RESET = 20'h0;

  // ih_cmd
  localparam logic [15:0] REG_IH_CMD_OFFSET = 16'h1188;
  localparam int unsigned REG_IH_CMD_HANDLE_LSB = 0;
  localparam int unsigned REG_IH_CMD_HANDLE_WIDTH = 16;
  localparam logic [15:0] REG_IH_CMD_HANDLE_RESET = 16'h0;
  localparam int unsigned REG_IH_CMD_OP_LSB = 16;
  localparam int unsigned REG_IH_CMD_OP_WIDTH = 4;
  localparam logic [3:0] REG_IH_CMD_OP_RESET = 4'h0;

  // ih_status
  localparam logic [15:0] REG_IH_STATUS_OFFSET = 16'h118c;
  localparam int unsigned REG_IH_STATUS_BUSY_LSB = 0;
  localparam int unsigned REG_IH_STATUS_BUSY_WIDTH = 1;
  localparam logic [0:0] REG_IH_STATUS_BUSY_RESET = 1'h0;
  localparam int unsigned REG_IH_STATUS_CMD_ERROR_LSB = 1;
  localparam int unsigned REG_IH_STATUS_CMD_ERROR_WIDTH = 1;
  localparam logic [0:0] REG_IH_STATUS_CMD_ERROR_RESET = 1'h0;
  localparam int unsigned REG_IH_STATUS_RESULT_LSB = 8;
  localparam int unsigned REG_IH_STATUS_RESULT_WIDTH = 8;
  localparam logic [7:0] REG_IH_STATUS_RESULT_RESET = 8'h0;
  localparam int unsigned REG_IH_STATUS_HANDLE_LSB = 16;
  localparam int unsigned REG_IH_STATUS_HANDLE_WIDTH = 16;
  localparam logic [15:0] REG_IH_STATUS_HANDLE_RESET = 16'h0;

  // q_ctrl
  localparam logic [15:0] REG_Q_CTRL_OFFSET = 16'h4000;
  localparam int unsigned REG_Q_CTRL_COUNT = 64;
  localparam int unsigned REG_Q_CTRL_STRIDE = 128;
  localparam int unsigned REG_Q_CTRL_ENABLE_LSB = 0;
  localparam int unsigned REG_Q_CTRL_ENABLE_WIDTH = 1;
  localparam logic [0:0] REG_Q_CTRL_ENABLE_RESET = 1'h0;
  localparam int unsigned REG_Q_CTRL_PASID_EN_LSB = 1;
  localparam int unsigned REG_Q_CTRL_PASID_EN_WIDTH = 1;
  localparam logic [0:0] REG_Q_CTRL_PASID_EN_RESET = 1'h0;
  localparam int unsigned REG_Q_CTRL_RELAXED_LSB = 2;
  localparam int unsigned REG_Q_CTRL_RELAXED_WIDTH = 1;
  localparam logic [0:0] REG_Q_CTRL_RELAXED_RESET = 1'h0;
  localparam int unsigned REG_Q_CTRL_IDO_LSB = 3;
  localparam int unsigned REG_Q_CTRL_IDO_WIDTH = 1;
  localparam logic [0:0] REG_Q_CTRL_IDO_RESET = 1'h0;

  // q_status
  localparam logic [15:0] REG_Q_STATUS_OFFSET = 16'h4004;
  localparam int unsigned REG_Q_STATUS_COUNT = 64;
  localparam int unsigned REG_Q_STATUS_STRIDE = 128;
  localparam int unsigned REG_Q_STATUS_ENABLED_LSB = 0;
  localparam int unsigned REG_Q_STATUS_ENABLED_WIDTH = 1;
  localparam logic [0:0] REG_Q_STATUS_ENABLED_RESET = 1'h0;
  localparam int unsigned REG_Q_STATUS_BUSY_LSB = 1;
  localparam int unsigned REG_Q_STATUS_BUSY_WIDTH = 1;
  localparam logic [0:0] REG_Q_STATUS_BUSY_RESET = 1'h0;
  localparam int unsigned REG_Q_STATUS_HALTED_LSB = 2;
  localparam int unsigned REG_Q_STATUS_HALTED_WIDTH = 1;
  localparam logic [0:0] REG_Q_STATUS_HALTED_RESET = 1'h0;
  localparam int unsigned REG_Q_STATUS_CODE_LSB = 8;
  localparam int unsigned REG_Q_STATUS_CODE_WIDTH = 8;
  localparam logic [7:0] REG_Q_STATUS_CODE_RESET = 8'h0;

  // q_sq_base_lo
  localparam logic [15:0] REG_Q_SQ_BASE_LO_OFFSET = 16'h4008;
  localparam int unsigned REG_Q_SQ_BASE_LO_COUNT = 64;
  localparam int unsigned REG_Q_SQ_BASE_LO_STRIDE = 128;
  localparam int unsigned REG_Q_SQ_BASE_LO_ADDR_LSB = 12;
  localparam int unsigned REG_Q_SQ_BASE_LO_ADDR_WIDTH = 20;
  localparam logic [19:0] REG_Q_SQ_BASE_LO_ADDR_RESET = 20'h0;

  // q_sq_base_hi
  localparam logic [15:0] REG_Q_SQ_BASE_HI_OFFSET = 16'h400c;
  localparam int unsigned REG_Q_SQ_BASE_HI_COUNT = 64;
  localparam int unsigned REG_Q_SQ_BASE_HI_STRIDE = 128;
  localparam int unsigned REG_Q_SQ_BASE_HI_ADDR_LSB = 0;
  localparam int unsigned REG_Q_SQ_BASE_HI_ADDR_WIDTH = 32;
  localparam logic [31:0] REG_Q_SQ_BASE_HI_ADDR_RESET = 32'h0;

  // q_cq_base_lo
  localparam logic [15:0] REG_Q_CQ_BASE_LO_OFFSET = 16'h4010;
  localparam int unsigned REG_Q_CQ_BASE_LO_COUNT = 64;
  localparam int unsigned REG_Q_CQ_BASE_LO_STRIDE = 128;
  localparam int unsigned REG_Q_CQ_BASE_LO_ADDR_LSB = 12;
  localparam int unsigned REG_Q_CQ_BASE_LO_ADDR_WIDTH = 20;
  localparam logic [19:0] REG_Q_CQ_BASE_LO_ADDR_RESET = 20'h0;

  // q_cq_base_hi
  localparam logic [15:0] REG_Q_CQ_BASE_HI_OFFSET = 16'h4014;
  localparam int unsigned REG_Q_CQ_BASE_HI_COUNT = 64;
  localparam int unsigned REG_Q_CQ_BASE_HI_STRIDE = 128;
  localparam int unsigned REG_Q_CQ_BASE_HI_ADDR_LSB = 0;
  localparam int unsigned REG_Q_CQ_BASE_HI_ADDR_WIDTH = 32;
  localparam logic [31:0] REG_Q_CQ_BASE_HI_ADDR_RESET = 32'h0;

  // q_size
  localparam logic [15:0] REG_Q_SIZE_OFFSET = 16'h4018;
  localparam int unsigned REG_Q_SIZE_COUNT = 64;
  localparam int unsigned REG_Q_SIZE_STRIDE = 128;
  localparam int unsigned REG_Q_SIZE_SQ_ORDER_LSB = 0;
  localparam int unsigned REG_Q_SIZE_SQ_ORDER_WIDTH = 4;
  localparam logic [3:0] REG_Q_SIZE_SQ_ORDER_RESET = 4'h0;
  localparam int unsigned REG_Q_SIZE_CQ_ORDER_LSB = 8;
  localparam int unsigned REG_Q_SIZE_CQ_ORDER_WIDTH = 4;
  localparam logic [3:0] REG_Q_SIZE_CQ_ORDER_RESET = 4'h0;

  // q_pasid
  localparam logic [15:0] REG_Q_PASID_OFFSET = 16'h401c;
  localparam int unsigned REG_Q_PASID_COUNT = 64;
  localparam int unsigned REG_Q_PASID_STRIDE = 128;
  localparam int unsigned REG_Q_PASID_PASID_LSB = 0;
  localparam int unsigned REG_Q_PASID_PASID_WIDTH = 20;
  localparam logic [19:0] REG_Q_PASID_PASID_RESET = 20'h0;

  // q_sq_tail
  localparam logic [15:0] REG_Q_SQ_TAIL_OFFSET = 16'h4020;
  localparam int unsigned REG_Q_SQ_TAIL_COUNT = 64;
  localparam int unsigned REG_Q_SQ_TAIL_STRIDE = 128;
  localparam int unsigned REG_Q_SQ_TAIL_INDEX_LSB = 0;
  localparam int unsigned REG_Q_SQ_TAIL_INDEX_WIDTH = 10;
  localparam logic [9:0] REG_Q_SQ_TAIL_INDEX_RESET = 10'h0;

  // q_sq_head
  localparam logic [15:0] REG_Q_SQ_HEAD_OFFSET = 16'h4024;
  localparam int unsigned REG_Q_SQ_HEAD_COUNT = 64;
  localparam int unsigned REG_Q_SQ_HEAD_STRIDE = 128;
  localparam int unsigned REG_Q_SQ_HEAD_INDEX_LSB = 0;
  localparam int unsigned REG_Q_SQ_HEAD_INDEX_WIDTH = 10;
  localparam logic [9:0] REG_Q_SQ_HEAD_INDEX_RESET = 10'h0;

  // q_cq_head
  localparam logic [15:0] REG_Q_CQ_HEAD_OFFSET = 16'h4028;
  localparam int unsigned REG_Q_CQ_HEAD_COUNT = 64;
  localparam int unsigned REG_Q_CQ_HEAD_STRIDE = 128;
  localparam int unsigned REG_Q_CQ_HEAD_INDEX_LSB = 0;
  localparam int unsigned REG_Q_CQ_HEAD_INDEX_WIDTH = 10;
  localparam logic [9:0] REG_Q_CQ_HEAD_INDEX_RESET = 10'h0;

  // q_cq_tail
  localparam logic [15:0] REG_Q_CQ_TAIL_OFFSET = 16'h402c;
  localparam int unsigned REG_Q_CQ_TAIL_COUNT = 64;
  localparam int unsigned REG_Q_CQ_TAIL_STRIDE = 128;
  localparam int unsigned REG_Q_CQ_TAIL_INDEX_LSB = 0;
  localparam int unsigned REG_Q_CQ_TAIL_INDEX_WIDTH = 10;
  localparam logic [9:0] REG_Q_CQ_TAIL_INDEX_RESET = 10'h0;

  // q_done
  localparam logic [15:0] REG_Q_DONE_OFFSET = 16'h4030;
  localparam int unsigned REG_Q_DONE_COUNT = 64;
  localparam int unsigned REG_Q_DONE_STRIDE = 128;
  localparam int unsigned REG_Q_DONE_COUNT_LSB = 0;
  localparam int unsigned REG_Q_DONE_COUNT_WIDTH = 32;
  localparam logic [31:0] REG_Q_DONE_COUNT_RESET = 32'h0;

  // vf_id
  localparam logic [15:0] REG_VF_ID_OFFSET = 16'hf000;
  localparam int unsigned REG_VF_ID_COUNT = 16;
  localparam int unsigned REG_VF_ID_STRIDE = 16;
  localparam int unsigned REG_VF_ID_MAGIC_LSB = 0;
  localparam int unsigned REG_VF_ID_MAGIC_WIDTH = 32;
  localparam logic [31:0] REG_VF_ID_MAGIC_RESET = 32'h31564d49;

  // vf_number
  localparam logic [15:0] REG_VF_NUMBER_OFFSET = 16'hf004;
  localparam int unsigned REG_VF_NUMBER_COUNT = 16;
  localparam int unsigned REG_VF_NUMBER_STRIDE = 16;
  localparam int unsigned REG_VF_NUMBER_NUMBER_LSB = 0;
  localparam int unsigned REG_VF_NUMBER_NUMBER_WIDTH = 32;
  localparam logic [31:0] REG_VF_NUMBER_NUMBER_RESET = 32'h0;

  // vf_doorbell
  localparam logic [15:0] REG_VF_DOORBELL_OFFSET = 16'hf008;
  localparam int unsigned REG_VF_DOORBELL_COUNT = 16;
  localparam int unsigned REG_VF_DOORBELL_STRIDE = 16;
  localparam int unsigned REG_VF_DOORBELL_INDEX_LSB = 0;
  localparam int unsigned REG_VF_DOORBELL_INDEX_WIDTH = 6;
  localparam logic [5:0] REG_VF_DOORBELL_INDEX_RESET = 6'h0;
  localparam int unsigned REG_VF_DOORBELL_STORE_LSB = 8;
  localparam int unsigned REG_VF_DOORBELL_STORE_WIDTH = 1;
  localparam logic [0:0] REG_VF_DOORBELL_STORE_RESET = 1'h0;
endpackage
/* verilator lint_on UNUSEDPARAM */
