// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// irq_rows without its memory: it reads anything. What a proof needs of it is assumed as coherent_contract, which
// formal_rows proves of the real one; so the proof holds for every number of rows.
module irq_rows #(
  parameter int unsigned Width = 64,
  parameter int unsigned NumRows = 4,
  parameter bit          SelectPort = 1'b1
) (
  input  logic               clk_i,
  input  irq_pkg::row_t      op_row_i,
  output logic [Width-1:0]   op_rdata_o,
  input  irq_pkg::row_t      sel_row_i,
  output logic [Width-1:0]   sel_rdata_o,
  input  logic               we_i,
  input  irq_pkg::row_t      wrow_i,
  input  logic [Width-1:0]   wdata_i,
  input  logic               clr_i,
  input  logic [13:0]        clr_pair_i,
  input  logic [Width-1:0]   clr_even_i,
  input  logic [Width-1:0]   clr_odd_i
);
  (* anyseq *) logic [Width-1:0] op_any;
  (* anyseq *) logic [Width-1:0] sel_any;
  assign op_rdata_o  = op_any;
  assign sel_rdata_o = SelectPort ? sel_any : '0;
endmodule
