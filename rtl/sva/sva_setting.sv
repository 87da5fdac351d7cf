// SPDX-License-Identifier: Apache-2.0 OR MIT
// A setting changes by the access that is its own, and by reset, and by nothing else. Bound to the blocks of
// configuration space (sva_cfg_bind): a write that leaks into a neighbour's register shows at once.
module sva_setting #(
    parameter int unsigned Width = 1
) (
    input logic             clk_i,
    input logic             rst_ni,     // every reset that reaches it
    input logic             touched_i,  // its own write, with at least one byte
    input logic [Width-1:0] value_i
);
  logic             known_q, touched_q;
  logic [Width-1:0] value_q;
  always_ff @(posedge clk_i) begin
    known_q   <= rst_ni;
    touched_q <= touched_i;
    value_q   <= value_i;
  end
  OwnWrite_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) known_q && !touched_q |-> value_i == value_q);
endmodule
