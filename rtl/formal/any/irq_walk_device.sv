// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// irq_walk_device that looks at the first row of either store of the device at any time.
module irq_walk_device #(
  parameter int unsigned NumMsix = 1,
  parameter int unsigned NumDevSlots = 1,
  parameter int unsigned NumVfs = 0,
  localparam int unsigned VfPorts = (NumVfs > 0) ? NumVfs : 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_busy_i,
  input  logic               open_msix_i,
  input  logic               open_dev_i,
  input  logic [VfPorts-1:0] vf_open_msix_i,
  input  logic [VfPorts-1:0] vf_open_dev_i,
  output logic               walk_valid_o,
  input  logic               walk_ready_i,
  output irq_pkg::store_t    walk_store_o,
  output irq_pkg::index_t    walk_index_o
);
  (* anyseq *) logic valid, slots;
  assign walk_valid_o = valid;
  assign walk_store_o = slots ? irq_pkg::StoreDev : irq_pkg::StoreMsix;
  assign walk_index_o = '0;
endmodule
