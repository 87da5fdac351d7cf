// SPDX-License-Identifier: Apache-2.0 OR MIT
// Attaches the laws of address translation.
bind ims_endpoint sva_ats u_sva_ats (
    .clk_i       (clk_i),
    .rst_ni      (rst_n && !soft_rst),
    .enable_i    (ats_enable),
    .freeze_i    (ats_freeze),
    .strike_i    (ats_strike),
    .closed_i    (!hs_enable),
    .push_i      (read_push),
    .push_read_i (read_in),
    .pop_i       (read_pop),
    .head_i      (read),
    .drop_i      (read_drop),
    .over_i      (sres_valid),
    .over_tag_i  (u_mrd.over_tag),
    .shown_i     (fetch_valid),
    .shown_id_i  (fetch_id),
    .asked_i     (slot_valid),
    .asked_id_i  (slot_id),
    .completion_i(invcpl_valid && invcpl_ready),
    .empty_i     (fres_empty),
    .empty_id_i  (fres_id),
    .discard_i   (16'(u_core.u_ims_host.discard_q))
);

bind fn_inv sva_turns #(
    .N       (2),
    .Patience(1)
) u_sva_turns (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i({ats_valid_i, cmd_valid_i}),
    .ready_i({ats_ready_o, cmd_ready_o}),
    .open_i (inv_ready_i)
);
