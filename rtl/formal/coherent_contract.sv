// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// What a coherent memory promises about one bit of one word: read in clock t, it comes out in t+2 with every write up
// to t+1. Asserted of the memory (formal_rows, formal_store), and assumed where the core is proven without its
// memories (formal_core): one text for both.
module coherent_contract #(
  parameter int unsigned AddrW = 8
) (
  input  logic             clk_i,
  input  logic [AddrW-1:0] word_i,     // the word, a constant
  input  logic             we_i,
  input  logic [AddrW-1:0] waddr_i,
  input  logic             wdata_i,
  input  logic [AddrW-1:0] raddr_i,
  input  logic             rdata_i,
  output logic             bit_o,      // what the bit is
  output logic             kept_o      // the promise is kept in this clock
);
  logic             bit_q;
  logic [AddrW-1:0] raddr1_q, raddr2_q;

  always_ff @(posedge clk_i) begin
    if (we_i && waddr_i == word_i) bit_q <= wdata_i;
    raddr1_q <= raddr_i;
    raddr2_q <= raddr1_q;
  end

  assign bit_o  = bit_q;
  assign kept_o = raddr2_q != word_i || rdata_i == bit_q;
endmodule
