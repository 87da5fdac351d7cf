// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// ep_reset with anything at its ports but what its neighbours keep: the core clears for a while after each reset.
module formal_reset (
  input logic clk_i,
  input logic hot_rst_i,
  input logic request_i,
  input logic drained_i,
  input logic clear_busy_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;
  ep_reset u_reset (
    .clk_i(clk_i), .rst_ni(rst_ni), .hot_rst_i(hot_rst_i),
    .request_i(request_i), .drained_i(drained_i), .clear_busy_i(clear_busy_i)
  );
endmodule
