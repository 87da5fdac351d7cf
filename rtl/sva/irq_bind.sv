// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Binds the laws and cover points of the interrupt core. Read after the sources, with sva/irq_sva.f.
bind ims_irq_core irq_commit_sva #(
  .NumMsix    (NumMsix),
  .NumDevSlots(NumDevSlots),
  .NumVfs     (NumVfs)
) u_commit_sva (
  .clk_i          (clk_i),
  .rst_ni         (rst_ni),
  .op_i           (op_commit),
  .clear_i        (flush),
  .open_msix_i    (open_msix),
  .open_dev_i     (open_dev),
  .open_host_i    (open_host),
  .vf_exist_i     (vf_exist),
  .vf_open_msix_i (vf_open_msix),
  .vf_open_dev_i  (vf_open_dev),
  .hs_enable_i    (hs_enable_i),
  .hs_size_i      (hs_size_i),
  .pend_i         (pend),
  .mask_i         (mask),
  .entry_i        (entry),
  .popped_par_i   (popped_par),
  .held_i         (held),
  .held_mask_i    (held_mask),
  .discard_i      (discard),
  .row_we_i       (row_we),
  .pend_new_i     (pend_new),
  .mask_new_i     (mask_new),
  .queue_par_new_i(queue_par_new),
  .entry_we_i     (entry_we),
  .fetch_i        (fetch),
  .fill_i         (fill),
  .msg_i          (msg),
  .err_i          (err),
  .rvalid_i       (rvalid)
);

bind ims_irq_core irq_core_sva #(
  .MaxFetches(MaxFetches)
) u_core_sva (
  .clk_i        (clk_i),
  .rst_ni       (rst_ni),
  .clear_i      (clear_i),
  .clear_busy_i (clear_busy_o),
  .acc_valid_i  (acc_valid_i),
  .acc_ready_i  (acc_ready_o),
  .acc_write_i  (acc_write_i),
  .acc_rvalid_i (acc_rvalid_o),
  .cause_ready_i(cause_ready_o),
  .hs_enable_i  (hs_enable_i),
  .hs_base_i    (hs_base_i),
  .hs_size_i    (hs_size_i),
  .hs_on_i      (hs_on),
  .inv_valid_i  (inv_valid_i),
  .inv_ready_i  (inv_ready_o),
  .inv_done_i   (inv_done_o),
  .msg_valid_i  (msg_valid_o),
  .fetch_valid_i(fetch_valid_o),
  .fetch_ready_i(fetch_ready_i),
  .fetch_addr_i (fetch_addr_o),
  .fetch_id_i   (fetch_id_o),
  .fres_valid_i (fres_valid_i),
  .fres_id_i    (fres_id_i)
);

bind irq_admit irq_admit_sva u_sva (
  .clk_i         (clk_i),
  .rst_ni        (rst_ni),
  .clear_i       (clear_i),
  .stop_i        (stop_i),
  .req_i         (req),
  .gnt_i         (gnt),
  .msg_avail_i   (msg_avail_i),
  .msg_inflight_i(msg_inflight_o),
  .msg_valid_i   (msg_valid_i),
  .op_start_i    (op_a),
  .op_commit_i   (op_c_q),
  .pick_valid_i  (pick_valid_i),
  .pick_ready_i  (pick_ready_o),
  .cause_valid_i (cause_valid_i),
  .cause_ready_i (cause_ready_o),
  .acc_valid_i   (acc_valid_i),
  .acc_ready_i   (acc_ready_o)
);

bind irq_select irq_queue_sva u_dev_queue_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .wvalid_i(push_i && !push_host && !flush_i),
  .wready_i(unused_dev_wready),
  .rvalid_i(dev_valid),
  .rready_i(dev_ready)
);

bind irq_select irq_queue_sva u_host_queue_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .wvalid_i(push_i && push_host && !flush_i),
  .wready_i(unused_host_wready),
  .rvalid_i(host_valid),
  .rready_i(host_ready)
);

bind irq_select irq_queue_sva u_found_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .wvalid_i(read2_q && sources != '0),
  .wready_i(unused_found_wready),
  .rvalid_i(found_valid),
  .rready_i(found_ready && found_valid)
);

bind irq_ims_host irq_queue_sva u_requests_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .wvalid_i(fetch_i),
  .wready_i(unused_request_wready),
  .rvalid_i(request_valid),
  .rready_i(request_take || drop_request)
);

bind irq_ims_host irq_queue_sva u_results_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .wvalid_i(fres_valid_i),
  .wready_i(unused_result_wready),
  .rvalid_i(fetched_valid_o),
  .rready_i(fetched_ready_i)
);

bind prim_arb_rr irq_arb_sva #(
  .N(N)
) u_sva (
  .clk_i (clk_i),
  .rst_ni(rst_ni),
  .req_i (req_i),
  .gnt_i (gnt_o),
  .ack_i (ack_i)
);

bind ims_irq_core irq_cov u_cov (
  .clk_i          (clk_i),
  .rst_ni         (rst_ni),
  .op_i           (op_commit),
  .clear_i        (flush),
  .pend_i         (pend),
  .mask_i         (mask),
  .pend_new_i     (pend_new),
  .mask_new_i     (mask_new),
  .row_we_i       (row_we),
  .held_i         (held),
  .held_mask_i    (held_mask),
  .fetching_i     (fetching),
  .fetch_free_i   (fetch_free),
  .fetch_i        (fetch),
  .discard_i      (discard),
  .push_i         (push),
  .discard_range_i(discard_range),
  .msg_i          (msg),
  .err_i          (err),
  .msg_avail_i    (msg_avail_i),
  .msg_inflight_i (msg_inflight_o)
);
