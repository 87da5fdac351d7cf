// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// The interrupt core with anything at its ports. What the endpoint around it keeps is assumed: the laws that say "of
// the endpoint" in sva/irq_core_sva.sv. Without virtual functions.
module formal_core (
  input logic         clk_i,
  input logic         clear_i,
  input logic         bme_i,
  input logic         active_i,
  input logic         msix_enable_i,
  input logic         msix_fmask_i,
  input logic         cause_valid_i,
  input logic         cause_withdraw_i,
  input logic [1:0]   cause_store_i,
  input logic [19:0]  cause_index_i,
  input logic         acc_valid_i,
  input logic         acc_write_i,
  input logic [1:0]   acc_space_i,
  input logic [17:0]  acc_addr_i,
  input logic [63:0]  acc_wdata_i,
  input logic [7:0]   acc_be_i,
  input logic         hs_enable_i,
  input logic [20:0]  hs_size_i,
  input logic         inv_valid_i,
  input logic [19:0]  inv_index_i,
  input logic [4:0]   inv_order_i,
  input logic [5:0]   msg_avail_i,
  input logic         fetch_ready_i,
  input logic         fres_valid_i,
  input logic [4:0]   fres_id_i,
  input logic [3:0]   fres_status_i,
  input logic [127:0] fres_data_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  // For the laws of host slots what they do not look at is fixed, so that the prover need not find out: content written
  // to entries; of a slot that comes all but mask, bit 0 of the data and bit 63 of the address (bit 2 is 1, since a slot
  // with address 0 sends nothing at all). Indices are below 256, a store of 64 slots at most; a fetch has number 0 or 1.
  logic [127:0] fres_data;
  logic [63:0]  acc_wdata;
  logic [19:0]  cause_index, inv_index;
  logic [20:0]  hs_size;
  logic [4:0]   fres_id;
`ifdef HOSTONLY
  assign fres_data   = {31'd0, fres_data_i[96], 31'd0, fres_data_i[64], fres_data_i[63], 60'd0, 1'b1, 2'b00};
  assign acc_wdata   = 64'd0;
  assign cause_index = {12'd0, cause_index_i[7:0]};
  assign inv_index   = {12'd0, inv_index_i[7:0]};
  assign hs_size     = {14'd0, hs_size_i[6:0]};
  assign fres_id     = {4'd0, fres_id_i[0]};
`else
  assign fres_data   = fres_data_i;
  assign acc_wdata   = acc_wdata_i;
  assign cause_index = cause_index_i;
  assign inv_index   = inv_index_i;
  assign hs_size     = hs_size_i;
  assign fres_id     = fres_id_i;
`endif

  ims_irq_core #(
    .NumMsix       (`MSIX),
    .NumDevSlots   (`DEV),
    .NumHostSlots  (`HOST),
    .HostCacheLines(4),
    .MaxFetches    (2),
    .NumVfs        (0)
  ) u_core (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i),
    .bme_i(bme_i), .active_i(active_i), .msix_enable_i(msix_enable_i), .msix_fmask_i(msix_fmask_i),
    .vf_exist_i(1'b0), .vf_bme_i(1'b0), .vf_msix_enable_i(1'b0), .vf_msix_fmask_i(1'b0), .vf_clear_i(1'b0),
    .cause_valid_i(cause_valid_i), .cause_withdraw_i(cause_withdraw_i), .cause_store_i(cause_store_i),
    .cause_index_i(cause_index),
    .cause_check_i(1'b0), .cause_pasid_valid_i(1'b0), .cause_pasid_i(20'd0),  // nobody asks a slot
    .acc_valid_i(acc_valid_i), .acc_write_i(acc_write_i), .acc_space_i(acc_space_i), .acc_addr_i(acc_addr_i),
    .acc_wdata_i(acc_wdata), .acc_be_i(acc_be_i),
    .hs_enable_i(hs_enable_i), .hs_base_i(64'd0), .hs_size_i(hs_size),
    .inv_valid_i(inv_valid_i), .inv_index_i(inv_index), .inv_order_i(inv_order_i),
    .msg_avail_i(msg_avail_i),
    .fetch_ready_i(fetch_ready_i),
    .fres_valid_i(fres_valid_i), .fres_id_i(fres_id), .fres_status_i(fres_status_i), .fres_data_i(fres_data)
  );
endmodule
