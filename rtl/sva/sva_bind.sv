// SPDX-License-Identifier: Apache-2.0 OR MIT
// Attaches the laws to the endpoint and its blocks.
bind ims_endpoint sva_stream #(
    .DataW(DataW)
) u_sva_tx (
    .clk_i  (clk_i),
    .rst_ni (rst_n),
    .valid_i(tx_valid_o),
    .ready_i(tx_ready_i),
    .sop_i  (tx_sop_o),
    .eop_i  (tx_eop_o),
    .hdr_i  (tx_hdr_o),
    .data_i (tx_data_o),
    .keep_i (tx_keep_o)
);

// The partner's side of the bargain.
bind ims_endpoint sva_stream #(
    .DataW(DataW)
) u_sva_rx (
    .clk_i  (clk_i),
    .rst_ni (rst_n),
    .valid_i(rx_valid_i),
    .ready_i(rx_ready_o),
    .sop_i  (rx_sop_i),
    .eop_i  (rx_eop_i),
    .hdr_i  (rx_hdr_i),
    .data_i (rx_data_i),
    .keep_i (rx_keep_i)
);

bind ims_endpoint sva_credit u_sva_credit (
    .clk_i       (clk_i),
    .rst_ni      (rst_n),
    .sop_i       (tx_valid_o && tx_ready_i && tx_sop_o),
    .hdr_i       (tx_hdr_o),
    .ph_limit_i  (fc_ph_limit_i),
    .pd_limit_i  (fc_pd_limit_i),
    .nph_limit_i (fc_nph_limit_i),
    .cplh_limit_i(fc_cplh_limit_i),
    .cpld_limit_i(fc_cpld_limit_i),
    .infinite_i  (fc_infinite_i)
);

bind ims_endpoint sva_endpoint u_sva_endpoint (
    .clk_i           (clk_i),
    .rst_ni          (rst_n),
    .may_write_i     (may_write),
    .post_push_i     (u_post.push),
    .post_bare_i     (u_post.push_msg),
    .post_virtual_i  (u_post.fn.virt),
    .msg_valid_i     (msg_valid),
    .post_avail_i    (u_post.avail),
    .post_avail_bare_i(u_post.avail_bare),
    .read_pop_i      (read_pop),
    .cpl_push_i      (cpl_push),
    .cpl_full_i      (cpl_full),
    .cpl_data_push_i (cpl_data_push),
    .cpl_data_ready_i(cpl_data_ready),
    .cpl_data_pop_i  (cpl_data_pop),
    .cpl_data_valid_i(cpl_data_valid),
    .np_pop_i        (np_pop),
    .np_push_i       (np_push),
    .np_full_i       (np_full),
    .cpl_idle_i      (cpl_idle),
    .acc_read_i      (acc_valid && acc_ready && !acc_write),
    .acc_rvalid_i    (acc_rvalid),
    .read_push_i     (read_push),
    .read_full_i     (read_full)
);

bind tlp_ordq sva_ordq #(
    .Depth(Depth),
    .PtrW (PtrW)
) u_sva_ordq (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .flush_i(flush_i),
    .push_i (push_i),
    .full_i (full_o),
    .stamp_i(stamp_i),
    .done_i (done_i),
    .valid_i(valid_o),
    .pop_i  (pop_i)
);

bind fn_lane sva_dma u_sva_dma (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .idle_i        (idle_o),
    .mps_i         (cfg_i.mps),
    .piece_valid_i (piece_valid_o),
    .piece_go_i    (piece_go),
    .piece_writes_i(writes),
    .piece_reads_i (reads),
    .piece_dst_i   (wr_dst_q),
    .piece_bytes_i (wr_bytes),
    .avail_i       (avail_q),
    .read_now_i    (read_now),
    .read_addr_i   (read_o.addr),
    .read_bytes_i  (read_o.bytes),
    .out_i         (out_q),
    .read_tag_i    (read_tag_i),
    .res_valid_i   (res_valid_i),
    .res_tag_i     (res_tag_i),
    .rec_valid_i   (rec_valid_o),
    .rec_done_i    (rec_done_i),
    .irq_valid_i   (cause_valid_o || event_valid_o),
    .end_valid_i   (end_valid_o),
    .end_halt_i    (end_halt_o)
);

bind fn_dma sva_queue #(
    .Lanes(Lanes)
) u_sva_queue (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni),
    .try_i    (u_queue.do_start),
    .start_i  (u_queue.start_o),
    .tag_i    ((start & read_free_i) != '0),
    .wrote_i  (u_queue.do_wrote),
    .end_i    (u_queue.do_end),
    .q_i      (u_queue.q),
    .cq_next_i(u_queue.cq_next),
    .cq_free_i((u_queue.q.cq_head - u_queue.q.cq_tail - 10'd1) & u_queue.cq_mask)
);

bind fn_handle sva_handle #(
    .NumHandles(NumHandles)
) u_sva_handle (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (state_q == Clear),
    .give_i       (take),
    .give_handle_i(16'(found)),
    .drop_i       (state_q == Drop && release_ok),
    .drop_handle_i(handle_q),
    .found_i      (find_done_o && find_status_o != ep_pkg::StHandle),
    .missed_i     (find_done_o && find_status_o == ep_pkg::StHandle),
    .find_handle_i(find_handle_i),
    .busy_i       (pending_q)
);

bind tlp_post sva_bulk #(
    .DataW(DataW)
) u_sva_bulk (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .soft_rst_i(soft_rst_i),
    .push_i    (bulk_push_i),
    .ready_i   (fifo_ready),
    .go_i      (bulk_go),
    .bulk_i    (bulk_i),
    .pd_left_i (pd_left),
    .ph_left_i (ph_left),
    .pop_i     (payload_pop_i),
    .valid_i   (fifo_valid)
);

bind tlp_mrd sva_tags #(
    .MaxFetches(MaxFetches)
) u_sva_tags (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .push_i       (read_push_o),
    .push_free_i  (state_q[new_tag] == Free),
    .dma_i        (new_dma),
    .lane_i       (4'(dma_lane_i)),
    .tag_i        (new_tag),
    .sent_i       (sent_i),
    .sent_queued_i(state_q[st] == Queued),
    .put_i        (dput_valid_o),
    .put_waits_i  (state_q[ct] == Waiting)
);
