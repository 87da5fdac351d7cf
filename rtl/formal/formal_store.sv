// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// irq_store with any reads, writes and clears: any bit of any entry keeps the contract that the proof of the core
// relies on.
module formal_store (
  input logic            clk_i,
  input logic [14:0]     op_row_i,
  input logic [5:0]      op_bit_i,
  input logic            we_i,
  input logic [14:0]     wrow_i,
  input logic [5:0]      wbit_i,
  input irq_pkg::entry_t wentry_i,
  input logic            clr_i,
  input logic [13:0]     clr_addr_i
);
  (* anyconst *) logic [20:0] word;
  always_comb assume (word < 21'd128 && wrow_i < 15'd2 && op_row_i < 15'd2);

  irq_pkg::entry_t entry;
  irq_store #(.NumRows(2)) u_store (
    .clk_i(clk_i), .op_row_i(op_row_i), .op_bit_i(op_bit_i), .op_entry_o(entry),
    .we_i(we_i), .wrow_i(wrow_i), .wbit_i(wbit_i), .wentry_i(wentry_i), .clr_i(clr_i), .clr_addr_i(clr_addr_i)
  );

  logic [1:0] age_q = 2'd0;      // addresses of before the first clock mean nothing
  logic hit, known_q = 1'b0, unused_bit, kept;
  assign hit = clr_i ? {7'b0, clr_addr_i} == word : (we_i && {wrow_i, wbit_i} == word);
  coherent_contract #(.AddrW(21)) u_contract (
    .clk_i(clk_i), .word_i(word), .we_i(hit), .waddr_i(word), .wdata_i(!clr_i && wentry_i[`BIT]),
    .raddr_i({op_row_i, op_bit_i}), .rdata_i(entry[`BIT]), .bit_o(unused_bit), .kept_o(kept)
  );
  always_ff @(posedge clk_i) begin
    known_q <= known_q || hit;
    age_q   <= {age_q[0], 1'b1};
    if (known_q && age_q[1]) PipelineReadsEntry_A: assert (kept);
  end
endmodule
