// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// tlp_rx_credit beside a queue of four: what comes enters it or is dropped, what is inside leaves at any time. The partner
// keeps to the limit, so the queue has room for whatever comes.
module formal_credit (
  input logic clk_i,
  input logic seen_i,
  input logic drop_i,      // what comes is dropped
  input logic pop_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic [2:0] count_q;
  logic [7:0] used_q, limit, left;
  logic       push, pop;
  assign left = limit - used_q;
  always_comb assume (!seen_i || (rst_ni && left != '0));
  assign push = seen_i && !drop_i;
  assign pop  = pop_i && count_q != '0;
  always_ff @(posedge clk_i) begin
    count_q <= rst_ni ? count_q + 3'(push) - 3'(pop) : 3'd0;
    used_q  <= rst_ni ? used_q + 8'(seen_i) : 8'd0;
    if (rst_ni) NoOverflow_A: assert (count_q <= 3'd4);
  end
  tlp_rx_credit #(.Depth(4)) u_credit (
    .clk_i(clk_i), .rst_ni(rst_ni), .seen_i(seen_i), .count_i(count_q), .limit_o(limit)
  );
endmodule
