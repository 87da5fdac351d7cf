// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// irq_select that attempts any source of the first row of any store at any time: what holds behind it does not hang on what select does.
module irq_select #(
  parameter int unsigned NumMsix = 1,
  parameter int unsigned NumDevSlots = 1,
  parameter int unsigned NumHostSlots = 64,
  parameter int unsigned NumVfs = 0,
  localparam int unsigned VfPorts = (NumVfs > 0) ? NumVfs : 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            flush_i,
  input  logic            stop_i,
  input  logic            push_i,
  input  irq_pkg::row_t   push_row_i,
  input  logic            push_par_i,
  input  irq_pkg::row_t   op_row_i,
  output logic            op_popped_par_o,
  output irq_pkg::row_t   sel_row_o,
  input  logic [63:0]     sel_pend_i,
  input  logic [63:0]     sel_mask_i,
  input  logic            open_msix_i,
  input  logic            open_dev_i,
  input  logic            open_host_i,
  input  logic [VfPorts-1:0] vf_open_msix_i,
  input  logic [VfPorts-1:0] vf_open_dev_i,
  input  logic            pace_i,
  output logic            pick_valid_o,
  input  logic            pick_ready_i,
  output irq_pkg::store_t pick_store_o,
  output irq_pkg::index_t pick_index_o,
  output logic            waiting_o,
  input  logic            clr_i,
  input  logic [13:0]     clr_pair_i
);
  (* anyseq *) logic        popped, valid, waiting;
  (* anyseq *) logic [1:0]  store;
  (* anyseq *) logic [5:0]  place;
  (* anyseq *) logic [14:0] row;
  assign op_popped_par_o = popped;
  assign sel_row_o       = row;
  assign pick_valid_o    = valid;
  assign pick_store_o    = store;
  assign pick_index_o    = {14'd0, place};
  assign waiting_o       = waiting;
endmodule
