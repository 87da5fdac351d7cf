// SPDX-License-Identifier: Apache-2.0 OR MIT
// Joins the writes of tlp_mwr and the reads of tlp_cpl into the interrupt core's access
// port, in turn, so that posted writes never wait for a long read. A choice that the
// core has been shown stays until it is taken.
module tlp_acc (
    input  logic        clk_i,
    input  logic        rst_ni,
    // writes
    input  logic        w_valid_i,
    output logic        w_ready_o,
    input  logic [ 1:0] w_space_i,
    input  logic [17:0] w_addr_i,
    // reads
    input  logic        r_valid_i,
    output logic        r_ready_o,
    input  logic [ 1:0] r_space_i,
    input  logic [17:0] r_addr_i,
    // to the core
    output logic        acc_valid_o,
    input  logic        acc_ready_i,
    output logic        acc_write_o,
    output logic [ 1:0] acc_space_o,
    output logic [17:0] acc_addr_o
);
  logic prefer_w_q, held_q, held_w_q, take_w;
  assign take_w = held_q ? held_w_q : (w_valid_i && (prefer_w_q || !r_valid_i));

  assign acc_valid_o = w_valid_i || r_valid_i;
  assign acc_write_o = take_w;
  assign acc_space_o = take_w ? w_space_i : r_space_i;
  assign acc_addr_o  = take_w ? w_addr_i : r_addr_i;
  assign w_ready_o   = acc_ready_i && take_w;
  assign r_ready_o   = acc_ready_i && !take_w;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      prefer_w_q <= 1'b1;
      held_q     <= 1'b0;
      held_w_q   <= 1'b0;
    end else begin
      held_q   <= acc_valid_o && !acc_ready_i;
      held_w_q <= take_w;
      if (acc_valid_o && acc_ready_i) prefer_w_q <= !take_w;
    end
  end
endmodule
