// SPDX-License-Identifier: Apache-2.0 OR MIT
// Translations that the device holds [PCIe Base 10.2.3; docs/device.md §17]: fully
// associative, replaced in turn. A lookup is combinational and sees what was put in before its
// clock. With S = 1 an entry covers 2^(p+1) bytes, p being the lowest bit from 12 up of the
// translated address that is 0.
module tlp_ats_cache #(
    parameter int unsigned Entries = 16  // power of two
) (
    input  logic         clk_i,
    input  logic         rst_ni,
    input  logic         clear_i,   // wins over a fill
    // look up
    input  logic [63:12] page_i,
    output logic         hit_o,
    output logic [63:12] trans_o,
    // put in
    input  logic         fill_i,
    input  logic [63:12] fill_page_i,
    input  logic [63:12] fill_trans_i,
    input  logic         fill_large_i  // S
);
  logic   [Entries-1:0] valid_q;
  logic         [63:12] page_q [Entries], trans_q[Entries], inner_q[Entries];  // inner: within the range
  logic [$clog2(Entries)-1:0] next_q;

  logic [63:12] inner;
  assign inner = fill_large_i ? fill_trans_i ^ (fill_trans_i + 52'd1) : '0;

  // Overlapping ranges may both hit: the lowest one counts.
  always_comb begin
    hit_o   = 1'b0;
    trans_o = '0;
    for (int unsigned i = 0; i < Entries; i++) begin
      if (!hit_o && valid_q[i] && ((page_i ^ page_q[i]) & ~inner_q[i]) == '0) begin
        hit_o   = 1'b1;
        trans_o = (trans_q[i] & ~inner_q[i]) | (page_i & inner_q[i]);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
      next_q  <= '0;
    end else if (clear_i) begin
      valid_q <= '0;
    end else if (fill_i) begin
      valid_q[next_q] <= 1'b1;
      next_q          <= next_q + 1'b1;
    end
  end
  always_ff @(posedge clk_i) begin
    if (fill_i) begin
      page_q[next_q]  <= fill_page_i;
      trans_q[next_q] <= fill_trans_i;
      inner_q[next_q] <= inner;
    end
  end
endmodule
