// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// irq_select by itself, three rows, with anything at its ports; fetches can always be started. A row shows its first two
// sources at most: the others are tied to 0, so that the prover need not find out. What else the surroundings keep
// stands in irq_select_laws.
module formal_select (
  input logic          clk_i,
  input logic          push_i,
  input logic [1:0]    push_row_i,
  input logic          push_par_i,
  input logic [1:0]    sel_pend_i,
  input logic [1:0]    sel_mask_i,
  input logic          open_msix_i,
  input logic          open_dev_i,
  input logic          open_host_i,
  input logic          pick_ready_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  irq_select #(
    .NumMsix     (64),
    .NumDevSlots (64),
    .NumHostSlots(64),
    .NumVfs      (0)
  ) u_select (
    .clk_i(clk_i), .rst_ni(rst_ni), .flush_i(1'b0), .stop_i(1'b0),
    .push_i(push_i), .push_row_i({13'd0, push_row_i}), .push_par_i(push_par_i),
    .op_row_i(15'd0),
    .sel_pend_i({62'd0, sel_pend_i}), .sel_mask_i({62'd0, sel_mask_i}),
    .open_msix_i(open_msix_i), .open_dev_i(open_dev_i), .open_host_i(open_host_i),
    .vf_open_msix_i(1'b0), .vf_open_dev_i(1'b0), .pace_i(1'b0),
    .pick_ready_i(pick_ready_i),
    .clr_i(1'b0), .clr_pair_i(14'd0)
  );
endmodule
