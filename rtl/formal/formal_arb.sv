// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// prim_arb_rr with any requests; its laws are those that every instance has in simulation (sva/irq_arb_sva.sv).
module formal_arb (
  input logic          clk_i,
  input logic [`N-1:0] req_i,
  input logic          ack_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic [`N-1:0] unused_gnt;
  prim_arb_rr #(.N(`N)) u_arb (
    .clk_i (clk_i),
    .rst_ni(rst_ni),
    .req_i (req_i),
    .gnt_o (unused_gnt),
    .ack_i (ack_i)
  );
endmodule
