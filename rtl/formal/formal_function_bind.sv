// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Binds the laws of virtual functions into the core.
bind ims_irq_core irq_function_laws #(
  .NumVfs(VfPorts)
) u_function (
  .clk_i        (clk_i),
  .rst_ni       (rst_ni),
  .clear_busy_i (clear_busy_o),
  .active_i     (active_i),
  .exist_i      (vf_exist_i),
  .bme_i        (vf_bme_i),
  .msix_enable_i(vf_msix_enable_i),
  .msix_fmask_i (vf_msix_fmask_i),
  .walk_taken_i (vwalk_valid && vwalk_ready),
  .walk_store_i (vwalk_store),
  .walk_index_i (vwalk_index),
  .walk_inflight_i(vwalk_inflight),
  .msg_valid_i  (msg_valid_o),
  .msg_store_i  (msg_store_o),
  .msg_index_i  (msg_index_o),
  .op_i         (op_commit),
  .drop_i       (flush),
  .row_we_i     (row_we),
  .entry_we_i   (entry_we),
  .pend_new_i   (pend_new),
  .mask_new_i   (mask_new),
  .entry_new_i  (entry_new)
);
