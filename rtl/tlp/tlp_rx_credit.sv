// SPDX-License-Identifier: Apache-2.0 OR MIT
// Non-posted credits given to the partner: everything that it has sent so far, plus
// the room in the queue (cumulative, modulo 256) [PCIe Base 2.6.1.2]. A request that never
// enters the queue (malformed, or dropped in a function reset) thus gives its credit
// back at once, one in the queue when it leaves.
module tlp_rx_credit #(
    parameter int unsigned Depth = 8
) (
    input  logic                   clk_i,
    input  logic                   rst_ni,
    input  logic                   seen_i,    // a non-posted request has been received
    input  logic [$clog2(Depth):0] count_i,   // of them, those in the queue
    output logic             [7:0] limit_o
);
  logic [7:0] seen_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) seen_q <= '0;
    else if (seen_i) seen_q <= seen_q + 8'd1;
  end
  assign limit_o = seen_q + 8'(Depth) - 8'(count_i);
endmodule
