// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// A cover point, bound to the device.
module loopback_cov (
  input wire clk_i,
  input wire valid,
  input wire prefix
);
  co_prefix: cover property (@(posedge clk_i) valid && prefix);
endmodule

bind ims_endpoint loopback_cov u_cov (.clk_i(clk_i), .valid(rx_valid_i), .prefix(rx_prefix_valid_i));
