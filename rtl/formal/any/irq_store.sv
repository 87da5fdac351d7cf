// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// irq_store without its memory, as any/irq_rows.sv; formal_store proves the contract.
module irq_store #(
  parameter int unsigned NumRows = 1
) (
  input  logic            clk_i,
  input  irq_pkg::row_t   op_row_i,
  input  logic [5:0]      op_bit_i,
  output irq_pkg::entry_t op_entry_o,
  input  logic            we_i,
  input  irq_pkg::row_t   wrow_i,
  input  logic [5:0]      wbit_i,
  input  irq_pkg::entry_t wentry_i,
  input  logic            clr_i,
  input  logic [13:0]     clr_addr_i
);
  (* anyseq *) logic [irq_pkg::EntryW-1:0] op_any;
  assign op_entry_o = op_any;
endmodule
