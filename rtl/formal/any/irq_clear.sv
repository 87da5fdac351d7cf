// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// irq_clear with a sweep over the cache lines only. The memories of rows and entries are taken out of the proof, and
// count as cleared in each clock of the sweep; that the real sweep reaches every address before it ends is proven of it
// alone (formal_clear).
module irq_clear #(
  parameter int unsigned NumEntries = 64,
  parameter int unsigned NumRowPairs = 2,
  parameter int unsigned NumLines = 4
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  output logic        busy_o,
  output logic        flush_o,
  output logic        we_o,
  output logic [13:0] addr_o
);
  logic        busy_q;
  logic [13:0] addr_q;

  assign busy_o  = clear_i || busy_q;
  assign flush_o = clear_i;
  assign we_o    = busy_q;
  assign addr_o  = addr_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      busy_q <= 1'b1;
      addr_q <= '0;
    end else if (busy_q) begin
      busy_q <= addr_q != 14'(NumLines - 1);
      addr_q <= addr_q + 1'b1;
    end
  end
endmodule
