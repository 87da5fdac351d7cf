// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// tlp_other between parties that offer and take back whatever they like, and a stream that takes when it likes.
module formal_turns (
  input logic            clk_i,
  input logic [4:0]      valid_i,
  input tlp_pkg::pasid_t pasid_i,
  input logic            ready_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  tlp_other u_other (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .intx_valid_i(valid_i[0]), .intx_code_i('0),
    .err_valid_i(valid_i[1]), .err_code_i('0), .err_fn_i('0),
    .inv_valid_i(valid_i[2]), .inv_words_i('0),
    .msi_valid_i(valid_i[3]), .msi_addr_i('0), .msi_data_i('0),
    .fn_valid_i(valid_i[4]), .fn_quad_i(1'b0), .fn_addr_i('0), .fn_data_i('0), .fn_pasid_i(pasid_i),
    .ready_i(ready_i)
  );
endmodule
