// SPDX-License-Identifier: Apache-2.0 OR MIT
// One 32-bit register of BAR0 as it is read. Combinational; holes read 0.
module fn_read #(
    parameter int unsigned NumMsix        = 2048,
    parameter int unsigned NumDevSlots    = 4096,
    parameter int unsigned NumHostSlots   = 65536,
    parameter int unsigned HostCacheLines = 256
) (
    input  logic               [15:2] addr_i,
    input  ep_pkg::fn_values_t        values_i,
    output logic               [31:0] data_o
);
  localparam logic [31:0] Version = {16'd0, ep_reg_pkg::REG_VERSION_MAJOR_RESET, ep_reg_pkg::REG_VERSION_MINOR_RESET};

  logic [15:0] offset;
  assign offset = {addr_i, 2'b00};

  always_comb begin
    unique case (offset)
      ep_reg_pkg::REG_ID_OFFSET:              data_o = ep_reg_pkg::REG_ID_MAGIC_RESET;
      ep_reg_pkg::REG_VERSION_OFFSET:         data_o = Version;
      ep_reg_pkg::REG_CAP_MSIX_OFFSET:        data_o = NumMsix;
      ep_reg_pkg::REG_CAP_DEV_OFFSET:         data_o = NumDevSlots;
      ep_reg_pkg::REG_CAP_HOST_OFFSET:        data_o = NumHostSlots;
      ep_reg_pkg::REG_CAP_CACHE_OFFSET:       data_o = HostCacheLines;
      ep_reg_pkg::REG_HS_BASE_LO_OFFSET:      data_o = values_i.hs_base[31:0];
      ep_reg_pkg::REG_HS_BASE_HI_OFFSET:      data_o = values_i.hs_base[63:32];
      ep_reg_pkg::REG_HS_SIZE_OFFSET:         data_o = {11'd0, values_i.hs_size};
      ep_reg_pkg::REG_HS_CTRL_OFFSET:         data_o = {31'd0, values_i.hs_enable};
      ep_reg_pkg::REG_HS_STATUS_OFFSET:       data_o = values_i.hs_status;
      ep_reg_pkg::REG_HS_DONE_ADDR_LO_OFFSET: data_o = values_i.hs_done_addr[31:0];
      ep_reg_pkg::REG_HS_DONE_ADDR_HI_OFFSET: data_o = values_i.hs_done_addr[63:32];
      ep_reg_pkg::REG_IRQ_ERR_OFFSET:         data_o = values_i.irq_err;
      ep_reg_pkg::REG_IRQ_ERR_COUNT_OFFSET:   data_o = values_i.irq_err_count;
      ep_reg_pkg::REG_STAT_SENT_OFFSET:       data_o = values_i.stat_sent;
      ep_reg_pkg::REG_STAT_FETCH_OFFSET:      data_o = values_i.stat_fetch;
      ep_reg_pkg::REG_FN_STATUS_OFFSET:       data_o = values_i.fn_status;
      ep_reg_pkg::REG_FN_RAISED_OFFSET:       data_o = values_i.fn_raised;
      ep_reg_pkg::REG_FN_REC_ADDR_LO_OFFSET:  data_o = values_i.fn_rec_addr[31:0];
      ep_reg_pkg::REG_FN_REC_ADDR_HI_OFFSET:  data_o = values_i.fn_rec_addr[63:32];
      ep_reg_pkg::REG_FN_REC_ORDER_OFFSET:    data_o = {28'd0, values_i.fn_rec_order};
      ep_reg_pkg::REG_FN_REC_SEQ_OFFSET:      data_o = values_i.fn_rec_seq;
      ep_reg_pkg::REG_FN_SWEEP_FIRST_OFFSET:  data_o = {10'd0, values_i.fn_sweep_first};
      ep_reg_pkg::REG_FN_SWEEP_COUNT_OFFSET:  data_o = {11'd0, values_i.fn_sweep_count};
      ep_reg_pkg::REG_EV_STATUS_LO_OFFSET:    data_o = values_i.ev_status[31:0];
      ep_reg_pkg::REG_EV_STATUS_HI_OFFSET:    data_o = values_i.ev_status[63:32];
      ep_reg_pkg::REG_EV_MISC_OFFSET:         data_o = values_i.ev_misc;
      ep_reg_pkg::REG_EV_VECTORS_OFFSET:      data_o = {25'd0, values_i.ev_vectors};
      ep_reg_pkg::REG_EV_CTRL_OFFSET:         data_o = {31'd0, values_i.ev_err_raises};
      ep_reg_pkg::REG_EV_INTX_OFFSET:         data_o = {22'd0, values_i.ev_mode, 6'd0, values_i.ev_wire, values_i.ev_latch};
      ep_reg_pkg::REG_IH_TARGET_OFFSET:       data_o = values_i.ih_target;
      ep_reg_pkg::REG_IH_PERM_OFFSET:         data_o = values_i.ih_perm;
      ep_reg_pkg::REG_IH_STATUS_OFFSET:       data_o = values_i.ih_status;
      default:                                data_o = '0;
    endcase
  end
endmodule
