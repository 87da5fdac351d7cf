// SPDX-License-Identifier: Apache-2.0 OR MIT
// A limit of credits that the partner has been given is never taken back [PCIe Base 2.6.1.2], and never runs ahead of
// the room: in one clock at most one request comes and one leaves (tlp_rx_credit).
module sva_limit #(
    parameter int unsigned Depth = 8
) (
    input logic                   clk_i,
    input logic                   rst_ni,
    input logic                   seen_i,
    input logic [$clog2(Depth):0] count_i,
    input logic             [7:0] limit_i
);
  logic       known_q;
  logic [7:0] limit_q, used_q, grown;
  assign grown = limit_i - limit_q;
  always_ff @(posedge clk_i) begin
    known_q <= rst_ni;
    limit_q <= limit_i;
    if (!rst_ni) used_q <= '0;
    else used_q <= used_q + 8'(seen_i);
  end
  Forward_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) known_q |-> grown <= 8'd2);
  WithinRoom_A :  // what the partner may still send fits beside what waits
  assert property (@(posedge clk_i) disable iff (!rst_ni) known_q |-> 8'(limit_i - used_q) + 8'(count_i) == 8'(Depth));
endmodule
