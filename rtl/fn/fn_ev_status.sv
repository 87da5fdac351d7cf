// SPDX-License-Identifier: Apache-2.0 OR MIT
// Global status of the events and the registers beside it: ev_status, ev_misc, ev_vectors,
// ev_ctrl (docs/device.md §7a). A bit that is set in the clock in which it is cleared
// ends 1.
module fn_ev_status (
    input  logic                     clk_i,
    input  logic                     rst_ni,       // function reset included
    input  ep_pkg::fn_write_t        write_i,
    // an event is taken
    input  logic                     set_i,
    input  logic              [ 6:0] index_i,      // 0 to 64
    input  logic                     irq_err_i,    // an error is counted
    input  logic                     revoked_i,    // the handles have been revoked
    // the device's own event
    output logic                     self_valid_o,
    input  logic                     self_ready_i,
    // registers
    output logic              [63:0] status_o,
    output logic              [31:0] misc_o,
    output logic              [ 6:0] vectors_o,
    output logic                     err_raises_o,
    output logic                     none_next_o   // all of the status is 0 after this clock
);
  logic lo_hit, hi_hit, misc_hit, vec_hit, ctrl_hit;
  logic [31:0] lo_mask, hi_mask, misc_mask, vec_mask, ctrl_mask;
  logic [31:0] lo_data, hi_data, misc_data, vec_data, ctrl_data;
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_EV_STATUS_LO_OFFSET)
  ) u_lo (
      .write_i,
      .hit_o (lo_hit),
      .mask_o(lo_mask),
      .data_o(lo_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_EV_STATUS_HI_OFFSET)
  ) u_hi (
      .write_i,
      .hit_o (hi_hit),
      .mask_o(hi_mask),
      .data_o(hi_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_EV_MISC_OFFSET)
  ) u_misc (
      .write_i,
      .hit_o (misc_hit),
      .mask_o(misc_mask),
      .data_o(misc_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_EV_VECTORS_OFFSET)
  ) u_vec (
      .write_i,
      .hit_o (vec_hit),
      .mask_o(vec_mask),
      .data_o(vec_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_EV_CTRL_OFFSET)
  ) u_ctrl (
      .write_i,
      .hit_o (ctrl_hit),
      .mask_o(ctrl_mask),
      .data_o(ctrl_data)
  );

  logic [63:0] status_q, status_d;
  logic [ 2:0] misc_q, misc_kept, misc_d;        // revoked, irq_err, event
  logic [ 6:0] vectors_q;
  logic        err_raises_q, self_q, own;
  assign misc_kept = misc_q & ~{misc_data[31], misc_data[1:0]};
  // What the device has to say by itself: a bit of ev_misc becomes 1.
  assign own       = (irq_err_i && !misc_kept[1] && err_raises_q) || (revoked_i && !misc_kept[2]);
  always_comb begin
    status_d = status_q & ~{hi_data, lo_data};
    misc_d   = misc_kept;
    if (set_i && index_i[6]) misc_d[0] = 1'b1;
    else if (set_i) status_d[index_i[5:0]] = 1'b1;
    if (irq_err_i) misc_d[1] = 1'b1;
    if (revoked_i) misc_d[2] = 1'b1;
  end
  assign none_next_o = status_d == '0 && misc_d == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      status_q     <= '0;
      misc_q       <= '0;
      vectors_q    <= ep_reg_pkg::REG_EV_VECTORS_COUNT_RESET;
      err_raises_q <= 1'b0;
      self_q       <= 1'b0;
    end else begin
      status_q  <= status_d;
      misc_q    <= misc_d;
      vectors_q <= (vectors_q & ~vec_mask[6:0]) | vec_data[6:0];
      if (ctrl_mask[0]) err_raises_q <= ctrl_data[0];
      self_q    <= own || (self_q && !self_ready_i);
    end
  end

  assign self_valid_o = self_q;
  assign status_o     = status_q;
  assign misc_o       = {misc_q[2], 29'd0, misc_q[1:0]};
  assign vectors_o    = vectors_q;
  assign err_raises_o = err_raises_q;

  logic unused_bits;
  assign unused_bits = ^{lo_hit, hi_hit, misc_hit, vec_hit, ctrl_hit, lo_mask, hi_mask, misc_mask, misc_data[30:2],
                         vec_mask[31:7], vec_data[31:7], ctrl_mask[31:1], ctrl_data[31:1]};
endmodule
