// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// irq_clear: any address of the largest memory is written after each clear before busy falls.
module formal_clear (
  input logic clk_i,
  input logic clear_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;
  (* anyconst *) logic [13:0] addr;
  always_comb assume (addr < 14'd20);

  logic busy, flush, we;
  logic [13:0] at;
  irq_clear #(.NumEntries(20), .NumRowPairs(3), .NumLines(4)) u_clear (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i), .busy_o(busy), .flush_o(flush), .we_o(we), .addr_o(at)
  );

  logic swept_q;
  always_ff @(posedge clk_i) begin
    swept_q <= rst_ni && !clear_i && (swept_q || (we && at == addr));
    if (rst_ni) begin
      SweptAll_A: assert (busy || swept_q);
      FlushFirst_A: assert (flush == clear_i && (!clear_i || busy));
    end
  end
endmodule
