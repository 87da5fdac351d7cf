// SPDX-License-Identifier: Apache-2.0 OR MIT
// Of a kind of credit no more is taken than is left [PCIe Base 2.6.1.2]. Bound to every account (tlp_credit); what crosses
// the pins is held against the limits once more by sva_credit.
module sva_take #(
    parameter int unsigned Width = 8
) (
    input logic             clk_i,
    input logic             rst_ni,
    input logic             take_i,
    input logic             infinite_i,
    input logic [Width-1:0] amount_i,
    input logic [Width-1:0] left_i
);
  Within_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) take_i && !infinite_i |-> amount_i <= left_i);
endmodule
