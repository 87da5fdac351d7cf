// SPDX-License-Identifier: Apache-2.0 OR MIT
// Byte count and first byte of a read request from Length and byte enables
// [PCIe Base 2.3.1.1, tables 2-38 and 2-39]. Combinational.
module tlp_count (
    input  logic [10:0] words_i,     // 1 to 1024
    input  logic [ 3:0] first_be_i,
    input  logic [ 3:0] last_be_i,
    output logic [12:0] bytes_o,     // 1 to 4096; a zero-length read counts 1
    output logic [ 1:0] lead_o       // disabled bytes in front of the first enabled one
);
  // Disabled bytes above the last enabled one.
  logic [3:1] end_be;
  logic [1:0] trail;
  assign end_be = (words_i == 11'd1) ? first_be_i[3:1] : last_be_i[3:1];

  always_comb begin
    if (first_be_i[0]) lead_o = 2'd0;
    else if (first_be_i[1]) lead_o = 2'd1;
    else if (first_be_i[2]) lead_o = 2'd2;
    else if (first_be_i[3]) lead_o = 2'd3;
    else lead_o = 2'd0;
  end
  always_comb begin
    if (end_be[3]) trail = 2'd0;
    else if (end_be[2]) trail = 2'd1;
    else if (end_be[1]) trail = 2'd2;
    else trail = 2'd3;
  end
  logic unused_be;
  assign unused_be = last_be_i[0];

  // With no byte enabled: 4 - 0 - 3 = 1, as the table has it.
  assign bytes_o = {words_i, 2'b00} - 13'(lead_o) - 13'(trail);
endmodule
