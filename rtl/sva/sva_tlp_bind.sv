// SPDX-License-Identifier: Apache-2.0 OR MIT
// Attaches laws to the receiver, the completer, the writer and the ways out.
bind tlp_rx sva_rx u_sva_rx (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .last_i     (last),
    .beat_i     (beat),
    .dropping_i (dropping),
    .block_i    (block_i),
    .ready_i    (rx_ready_o),
    .commit_i   (pbuf_commit_o),
    .rollback_i (pbuf_rollback_o),
    .np_push_i  (np_push_o),
    .cpl_i      (cpl_valid_o),
    .message_i  (ur_message_o),
    .malformed_i(malformed_o),
    .ecrc_i     (ecrc_o),
    .we_i       (pbuf_we_o)
);

bind tlp_rx_credit sva_limit #(
    .Depth(Depth)
) u_sva_limit (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .seen_i (seen_i),
    .count_i(count_i),
    .limit_i(limit_o)
);

// Packets held, and those that were read and not yet performed.
bind tlp_rx_pbuf sva_room #(
    .Width(PtrW),
    .Room (Heads)
) u_sva_held (
    .clk_i (clk_i),
    .rst_ni(rst_ni && !flush_i),
    .came_i(pushed_q),
    .went_i(read_q)
);

bind tlp_rx_pbuf sva_room #(
    .Width(PtrW),
    .Room (Heads)
) u_sva_performed (
    .clk_i (clk_i),
    .rst_ni(rst_ni && !flush_i),
    .came_i(read_q),
    .went_i(done_q)
);

bind tlp_mwr sva_hold #(
    .Width(92)
) u_sva_access (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(acc_valid_o),
    .ready_i(acc_ready_i),
    .data_i ({acc_space_o, acc_addr_o, acc_wdata_o, acc_be_o})
);

bind tlp_mwr sva_hold #(
    .Width(91)
) u_sva_register (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(reg_valid_o),
    .ready_i(reg_ready_i),
    .data_i ({reg_portal_o, acc_addr_o, acc_wdata_o, acc_be_o})
);

bind tlp_mwr sva_hold #(
    .Width(1 + $bits(tlp_pkg::raw_t))
) u_sva_error (
    .clk_i  (clk_i),
    .on_i   (rst_ni && !flush_i),
    .valid_i(ur_o || poisoned_o),
    .ready_i(err_ready_i),
    .data_i ({ur_o, raw_o})
);

bind tlp_cpl sva_hold #(
    .Width(20)
) u_sva_access (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(acc_valid_o),
    .ready_i(acc_ready_i),
    .data_i ({acc_space_o, acc_addr_o})
);

bind tlp_cpl sva_hold #(
    .Width(19)
) u_sva_register (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(reg_valid_o),
    .ready_i(reg_ready_i),
    .data_i ({reg_portal_o, acc_addr_o})
);

bind tlp_tx sva_hold #(
    .Width(130 + KeepW)
) u_sva_out (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(tx_valid_o),
    .ready_i(tx_ready_i),
    .data_i ({tx_sop_o, tx_eop_o, tx_hdr_o, tx_keep_o})
);

bind tlp_ecrc_gen sva_hold #(
    .Width(130 + KeepW)
) u_sva_out (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(valid_o),
    .ready_i(ready_i),
    .data_i ({sop_o, eop_o, hdr_o, keep_o})
);

// A packet that is just received goes first and cannot wait; 0 a timeout, 1 a write, 2 a request wait for five clocks at most.
bind tlp_err sva_turns #(
    .N       (4),
    .First   (3),
    .Patience(5)
) u_sva_turns (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i({rx_any, cpl_any, mwr_any, timeout_i}),
    .ready_i({1'b1, cpl_ready_o, mwr_ready_o, timeout_ready_o}),
    .open_i (1'b1)
);

bind tlp_credit sva_take #(
    .Width(Width)
) u_sva_take (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .take_i    (take_i),
    .infinite_i(infinite_i),
    .amount_i  (amount_i),
    .left_i    (left_o)
);
