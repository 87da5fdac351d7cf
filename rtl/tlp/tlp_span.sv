// SPDX-License-Identifier: Apache-2.0 OR MIT
// Length and byte enables of a memory request for a run of bytes [PCIe Base 2.2.5].
// Combinational. `bytes_i` is 1 to 512, within one 4 KiB page.
module tlp_span (
    input  logic [1:0] low_i,       // address[1:0] of the first byte
    input  logic [9:0] bytes_i,
    output logic [7:0] words_o,
    output logic [3:0] first_be_o,
    output logic [3:0] last_be_o
);
  logic [10:0] end_byte;  // one past the last, from the first word's start
  logic [3:0] from, upto;
  assign end_byte = {1'b0, bytes_i} + {9'd0, low_i};
  assign words_o  = 8'((end_byte + 11'd3) >> 2);
  assign from     = 4'hf << low_i;
  assign upto     = (end_byte[1:0] == 2'd0) ? 4'hf : ~(4'hf << end_byte[1:0]);

  assign first_be_o = (words_o == 8'd1) ? (from & upto) : from;
  assign last_be_o  = (words_o == 8'd1) ? 4'h0 : upto;
endmodule
