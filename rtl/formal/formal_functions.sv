// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// The interrupt core with two virtual functions and anything at its ports. Of the endpoint is assumed, besides the laws
// that say so in sva/irq_core_sva.sv, that a function is closed from the request to forget it until that is done
// (ims_irq_core; law of the endpoint: sva_vf).
module formal_functions (
  input logic         clk_i,
  input logic         clear_i,
  input logic         bme_i,
  input logic         active_i,
  input logic         msix_enable_i,
  input logic         msix_fmask_i,
  input logic [1:0]   vf_exist_i,
  input logic [1:0]   vf_bme_i,
  input logic [1:0]   vf_msix_enable_i,
  input logic [1:0]   vf_msix_fmask_i,
  input logic [1:0]   vf_clear_i,
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

  logic [1:0] busy, exist;
  assign exist = vf_exist_i & ~vf_clear_i & ~busy;

  ims_irq_core #(
    .NumMsix       (2),
    .NumDevSlots   (2),
    .NumHostSlots  (64),
    .HostCacheLines(4),
    .MaxFetches    (2),
    .NumVfs        (2)
  ) u_core (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i),
    .bme_i(bme_i), .active_i(active_i), .msix_enable_i(msix_enable_i), .msix_fmask_i(msix_fmask_i),
    .vf_exist_i(exist), .vf_bme_i(vf_bme_i), .vf_msix_enable_i(vf_msix_enable_i),
    .vf_msix_fmask_i(vf_msix_fmask_i), .vf_clear_i(vf_clear_i), .vf_clear_busy_o(busy),
    .cause_valid_i(cause_valid_i), .cause_withdraw_i(cause_withdraw_i), .cause_store_i(cause_store_i),
    .cause_index_i(cause_index_i),
    .cause_check_i(1'b0), .cause_pasid_valid_i(1'b0), .cause_pasid_i(20'd0),
    .acc_valid_i(acc_valid_i), .acc_write_i(acc_write_i), .acc_space_i(acc_space_i), .acc_addr_i(acc_addr_i),
    .acc_wdata_i(acc_wdata_i), .acc_be_i(acc_be_i),
    .hs_enable_i(hs_enable_i), .hs_base_i(64'd0), .hs_size_i(hs_size_i),
    .inv_valid_i(inv_valid_i), .inv_index_i(inv_index_i), .inv_order_i(inv_order_i),
    .msg_avail_i(msg_avail_i),
    .fetch_ready_i(fetch_ready_i),
    .fres_valid_i(fres_valid_i), .fres_id_i(fres_id_i), .fres_status_i(fres_status_i), .fres_data_i(fres_data_i)
  );
endmodule
