// SPDX-License-Identifier: Apache-2.0 OR MIT
// Attaches the laws of sva_aer.sv and sva_errmsg.sv.
bind cfg_aer sva_aer u_sva_aer (
    .clk_i      (clk_i),
    .por_ni     (por_ni),
    .ev_i       (ev_i),
    .reg_i      (reg_i),
    .wmask_i    (wmask_i),
    .wdata_i    (wdata_i),
    .active_i   (active_i),
    .serr_i     (serr_i),
    .report_i   (report_i),
    .cor_i      (cor_o),
    .nonfatal_i (nonfatal_o),
    .fatal_i    (fatal_o),
    .signalled_i(signalled_o),
    .status_i   (status_q),
    .mask_i     (mask_q),
    .severity_i (severity_q),
    .cor_mask_i (cor_mask_q),
    .pointer_i  (pointer_q),
    .log_i      (log_q)
);

bind tlp_errmsg sva_errmsg u_sva_errmsg (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .active_i  (active_i),
    .cor_i     (cor_i),
    .nonfatal_i(nonfatal_i),
    .fatal_i   (fatal_i),
    .vf_cor_i     (vf_cor_i),
    .vf_nonfatal_i(vf_nonfatal_i),
    .vf_i         (vf_i),
    .vf_forget_i  (vf_forget_i),
    .valid_i   (valid_o),
    .ready_i   (ready_i),
    .code_i    (code_o),
    .fn_i      (fn_o)
);
