// SPDX-License-Identifier: Apache-2.0 OR MIT
// Registers of the store in host memory: hs_base, hs_size, hs_ctrl, hs_cmd, hs_status,
// hs_done_addr (ep_regs.yaml; docs/device.md §6).
//
// A command is done when the core says so, and with `notify` when its number has entered
// the posted stream: whoever then reads done_count finds the number in memory.
module fn_host #(
    parameter int unsigned NumHostSlots = 65536
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,       // function reset included
    input  ep_pkg::fn_write_t        write_i,
    // registers
    output logic              [63:0] base_o,
    output logic              [20:0] size_o,
    output logic                     enable_o,
    output logic              [31:0] status_o,
    output logic              [63:0] done_addr_o,
    // invalidation by the core
    output logic                     inv_valid_o,
    input  logic                     inv_ready_i,
    output logic              [19:0] inv_index_o,
    output logic              [ 4:0] inv_order_o,
    input  logic                     inv_done_i,
    // completion word: done_addr_o, this number
    output logic                     note_valid_o,
    input  logic                     note_ready_i,
    output logic              [31:0] note_number_o
);
  logic lo_hit, hi_hit, size_hit, ctrl_hit, cmd_hit, status_hit, dlo_hit, dhi_hit;
  logic [31:0] lo_mask, hi_mask, size_mask, ctrl_mask, cmd_mask, status_mask, dlo_mask, dhi_mask;
  logic [31:0] lo_data, hi_data, size_data, ctrl_data, cmd_data, status_data, dlo_data, dhi_data;
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_HS_BASE_LO_OFFSET)
  ) u_lo (
      .write_i,
      .hit_o (lo_hit),
      .mask_o(lo_mask),
      .data_o(lo_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_HS_BASE_HI_OFFSET)
  ) u_hi (
      .write_i,
      .hit_o (hi_hit),
      .mask_o(hi_mask),
      .data_o(hi_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_HS_SIZE_OFFSET)
  ) u_size (
      .write_i,
      .hit_o (size_hit),
      .mask_o(size_mask),
      .data_o(size_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_HS_CTRL_OFFSET)
  ) u_ctrl (
      .write_i,
      .hit_o (ctrl_hit),
      .mask_o(ctrl_mask),
      .data_o(ctrl_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_HS_CMD_OFFSET)
  ) u_cmd (
      .write_i,
      .hit_o (cmd_hit),
      .mask_o(cmd_mask),
      .data_o(cmd_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_HS_STATUS_OFFSET)
  ) u_status (
      .write_i,
      .hit_o (status_hit),
      .mask_o(status_mask),
      .data_o(status_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_HS_DONE_ADDR_LO_OFFSET)
  ) u_dlo (
      .write_i,
      .hit_o (dlo_hit),
      .mask_o(dlo_mask),
      .data_o(dlo_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_HS_DONE_ADDR_HI_OFFSET)
  ) u_dhi (
      .write_i,
      .hit_o (dhi_hit),
      .mask_o(dhi_mask),
      .data_o(dhi_data)
  );

  // ---- place and size: fixed while the store is in use -----------------------------
  logic [63:0] base_q, base_d;
  logic [20:0] size_q, size_d;
  logic        enable_q;
  assign base_d = enable_q ? base_q : ((base_q & ~{hi_mask, lo_mask}) | {hi_data, lo_data});
  assign size_d = enable_q ? size_q : ((size_q & ~size_mask[20:0]) | size_data[20:0]);

  // A quad word write of size and enable together enables with the new size.
  logic [64:0] store_end;
  logic        fits, enable_on, enable_off;
  assign store_end  = {1'b0, base_q} + {40'd0, size_d, 4'd0};
  assign fits       = base_q[11:0] == '0 && size_d != '0 && size_d <= 21'(NumHostSlots) &&
                      !(store_end[64] && store_end[63:0] != '0);
  assign enable_on  = ctrl_mask[0] && ctrl_data[0] && !enable_q;
  assign enable_off = ctrl_mask[0] && !ctrl_data[0];

  // ---- commands ---------------------------------------------------------------------
  typedef enum logic [1:0] {
    Idle,  // a command
    Ask,   // the core to take it
    Wait,  // the core to be done
    Note   // the posted stream to take the number
  } state_e;
  state_e      state_q, state_d;
  logic [19:0] index_q;
  logic [4:0]  order_q;
  logic        notify_q, config_error_q, cmd_error_q;
  logic [31:0] number_q;  // commands started
  logic [15:0] done_count_q;

  logic start, core_done, finish;
  assign start     = cmd_hit && cmd_data[31];
  assign core_done = inv_done_i && (state_q == Wait || (state_q == Ask && inv_ready_i));
  assign finish    = (core_done && !notify_q) || (state_q == Note && note_ready_i);

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (start) state_d = Ask;
      Ask:     if (inv_ready_i) state_d = Wait;
      Wait:    state_d = Wait;
      default: state_d = Note;
    endcase
    if (core_done) state_d = Note;
    if (finish) state_d = Idle;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      base_q         <= '0;
      size_q         <= '0;
      enable_q       <= 1'b0;
      state_q        <= Idle;
      index_q        <= '0;
      order_q        <= '0;
      notify_q       <= 1'b0;
      config_error_q <= 1'b0;
      cmd_error_q    <= 1'b0;
      number_q       <= '0;
      done_count_q   <= '0;
      done_addr_o    <= '0;
    end else begin
      base_q      <= base_d;
      size_q      <= size_d;
      done_addr_o <= ((done_addr_o & ~{dhi_mask, dlo_mask}) | {dhi_data, dlo_data}) & ~64'h3;
      if (enable_on && fits) enable_q <= 1'b1;
      if (enable_off) enable_q <= 1'b0;

      // Events win over their clearing.
      if (status_data[2]) config_error_q <= 1'b0;
      if (status_data[3]) cmd_error_q <= 1'b0;
      if (enable_on && !fits) config_error_q <= 1'b1;
      if (start && state_q != Idle) cmd_error_q <= 1'b1;

      state_q <= state_d;
      if (start && state_q == Idle) begin
        index_q  <= cmd_data[19:0];
        order_q  <= cmd_data[24:20];
        notify_q <= cmd_data[30];
        number_q <= number_q + 32'd1;
      end
      if (finish) done_count_q <= done_count_q + 16'd1;
    end
  end

  assign base_o        = base_q;
  assign size_o        = size_q;
  assign enable_o      = enable_q;
  assign status_o      = {done_count_q, 12'd0, cmd_error_q, config_error_q, enable_q, state_q != Idle};
  assign inv_valid_o   = state_q == Ask;
  assign inv_index_o   = index_q;
  assign inv_order_o   = order_q;
  assign note_valid_o  = state_q == Note;
  assign note_number_o = number_q;

  logic unused_bits;
  assign unused_bits = ^{lo_hit, hi_hit, size_hit, ctrl_hit, status_hit, dlo_hit, dhi_hit, size_mask[31:21],
                         size_data[31:21], ctrl_mask[31:1], ctrl_data[31:1], cmd_mask, cmd_data[29:25], status_mask,
                         status_data[31:4], status_data[1:0]};
endmodule
