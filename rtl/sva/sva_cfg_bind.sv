// SPDX-License-Identifier: Apache-2.0 OR MIT
// Attaches laws to configuration space and the reset's sequence. Register numbers are those of docs/device.md §3, a quarter
// of the offset; they are written here again on purpose.
bind ep_reset sva_reset u_sva_reset (
    .clk_i       (clk_i),
    .rst_ni      (rst_no),
    .request_i   (request_i),
    .drained_i   (drained_i),
    .busy_i      (busy_o),
    .soft_rst_i  (soft_rst_o),
    .block_i     (block_o),
    .clear_busy_i(clear_busy_i)
);

bind cfg_hdr sva_setting #(
    .Width(4)
) u_sva_setting (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni && !soft_rst_i),
    .touched_i(reg_i == 10'h001 && wmask_i != '0),
    .value_i  ({mem_enable_o, bus_master_o, serr_o, intx_disable_o})
);

bind cfg_bar sva_setting #(
    .Width(124)
) u_sva_setting (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni && !soft_rst_i),
    .touched_i(reg_i >= 10'h004 && reg_i <= 10'h009 && wmask_i != '0),
    .value_i  ({bar0_o, bar1_o, bar2_o, bar4_o})
);

bind cfg_pm sva_setting #(
    .Width(1)
) u_sva_setting (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni && !soft_rst_i),
    .touched_i(reg_i == 10'h011 && wmask_i != '0),
    .value_i  (d0_o)
);

bind cfg_pcie sva_setting #(
    .Width(17)
) u_sva_setting (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni && !soft_rst_i),
    .touched_i((reg_i == 10'h016 || reg_i == 10'h01e) && wmask_i != '0),
    .value_i  ({report_o, mps_o, mrrs_o, relaxed_o, ido_o, timeout_o})
);

bind cfg_msi sva_setting #(
    .Width(130)
) u_sva_setting (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni && !soft_rst_i),
    .touched_i(reg_i >= 10'h024 && reg_i <= 10'h028 && wmask_i != '0),
    .value_i  (msi_o)
);

bind cfg_msix sva_setting #(
    .Width(2)
) u_sva_setting (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni && !soft_rst_i),
    .touched_i(reg_i == 10'h02c && wmask_i != '0),
    .value_i  ({enable_o, function_mask_o})
);

bind cfg_dvsec sva_setting #(
    .Width(32)
) u_sva_setting (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni && !soft_rst_i),
    .touched_i(reg_i == 10'h044 && wmask_i != '0),
    .value_i  (page_size_q)
);

bind cfg_pasid sva_setting #(
    .Width(1)
) u_sva_setting (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni && !soft_rst_i),
    .touched_i(reg_i == 10'h065 && wmask_i != '0),
    .value_i  (enable_o)
);

bind cfg_space sva_setting #(
    .Width(16)
) u_sva_setting (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni),
    .touched_i(valid_i && write_i),
    .value_i  (id_o)
);
