// SPDX-License-Identifier: Apache-2.0 OR MIT
// Invalidations of the host store: those of hs_cmd, and of everything for address translation,
// take turns at the core, which works on one at a time.
module fn_inv (
    input  logic        clk_i,
    input  logic        rst_ni,        // function reset included
    // hs_cmd
    input  logic        cmd_valid_i,
    output logic        cmd_ready_o,
    input  logic [19:0] cmd_index_i,
    input  logic [ 4:0] cmd_order_i,
    output logic        cmd_done_o,
    // address translation
    input  logic        ats_valid_i,
    output logic        ats_ready_o,
    output logic        ats_done_o,
    // the core
    output logic        inv_valid_o,
    input  logic        inv_ready_i,
    output logic [19:0] inv_index_o,
    output logic [ 4:0] inv_order_o,
    input  logic        inv_done_i
);
  localparam logic [4:0] All = 5'd20;  // order of the largest store

  logic ats_turn_q, ats_now, ats_q;  // ats_q: whose work it is
  assign ats_now     = ats_valid_i && (ats_turn_q || !cmd_valid_i);
  assign inv_valid_o = cmd_valid_i || ats_valid_i;
  assign inv_index_o = ats_now ? '0 : cmd_index_i;
  assign inv_order_o = ats_now ? All : cmd_order_i;
  assign cmd_ready_o = inv_ready_i && !ats_now;
  assign ats_ready_o = inv_ready_i && ats_now;
  assign cmd_done_o  = inv_done_i && !ats_q;
  assign ats_done_o  = inv_done_i && ats_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ats_turn_q <= 1'b0;
      ats_q      <= 1'b0;
    end else if (inv_valid_o && inv_ready_i) begin
      ats_turn_q <= !ats_now;
      ats_q      <= ats_now;
    end
  end
endmodule
