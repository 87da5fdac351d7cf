// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Sweeps every memory of the interrupt core after reset and after clear_i.
//
// One counter walks all memories side by side: an entry, a cache line and a pair of rows each clock, so it takes as
// many clocks as the largest of them needs (12 288 at most). A new clear_i starts it again.
module irq_clear #(
  parameter int unsigned NumEntries = 64,
  parameter int unsigned NumRowPairs = 2,
  parameter int unsigned NumLines = 4
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        clear_i,        // start
  output logic        busy_o,         // from the clock of clear_i until all is cleared: nothing may start
  output logic        flush_o,        // forget registers and queues: high in the first clock

  output logic        we_o,           // clear the words `addr_o` of all memories that have them
  output logic [13:0] addr_o
);
  localparam int unsigned Most =
      (NumEntries > NumRowPairs) ? ((NumEntries > NumLines) ? NumEntries : NumLines)
                                 : ((NumRowPairs > NumLines) ? NumRowPairs : NumLines);
  localparam logic [13:0] Last = 14'(Most - 1);

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
      busy_q <= addr_q != Last;
      addr_q <= addr_q + 1'b1;
    end
  end
endmodule
