// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// tlp_ats_cache that holds anything: whether a page is found, and where it lies, is open in each clock.
module tlp_ats_cache #(
  parameter int unsigned Entries = 16
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic [63:12] page_i,
  output logic         hit_o,
  output logic [63:12] trans_o,
  input  logic         fill_i,
  input  logic [63:12] fill_page_i,
  input  logic [63:12] fill_trans_i,
  input  logic         fill_large_i
);
  (* anyseq *) logic         hit;
  (* anyseq *) logic [63:12] trans;
  assign hit_o   = hit;
  assign trans_o = trans;
endmodule
