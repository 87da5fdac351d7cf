// SPDX-License-Identifier: Apache-2.0 OR MIT
// Attaches laws to the building blocks, wherever they stand in the endpoint, and to the walkers of the interrupt core.
bind prim_fifo sva_hold u_sva_out (
    .clk_i  (clk_i),
    .on_i   (rst_ni && !clear_i),
    .valid_i(rvalid_o),
    .ready_i(rready_i),
    .data_i (1'b0)
);

bind prim_fifo_ram sva_hold u_sva_out (
    .clk_i  (clk_i),
    .on_i   (rst_ni && !clear_i),
    .valid_i(rvalid_o),
    .ready_i(rready_i),
    .data_i (1'b0)
);

bind prim_skid sva_hold #(
    .Width(Width)
) u_sva_out (
    .clk_i  (clk_i),
    .on_i   (rst_ni && !clear_i),
    .valid_i(valid_o),
    .ready_i(ready_i),
    .data_i (data_o)
);

bind prim_arb_hold sva_hold #(
    .Width(N)
) u_sva_grant (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(gnt_o != '0),
    .ready_i(ack_i),
    .data_i (gnt_o)
);

bind irq_walk_device sva_hold #(
    .Width(22)
) u_sva_row (
    .clk_i  (clk_i),
    .on_i   (rst_ni && !clear_busy_i),
    .valid_i(walk_valid_o),
    .ready_i(walk_ready_i),
    .data_i ({walk_store_o, walk_index_o})
);

bind irq_walk_host sva_hold #(
    .Width(21)
) u_sva_row (
    .clk_i  (clk_i),
    .on_i   (rst_ni && !clear_busy_i),
    .valid_i(walk_valid_o),
    .ready_i(walk_ready_i),
    .data_i ({walk_line_o, walk_index_o})
);

bind irq_clear_vf sva_hold #(
    .Width(22)
) u_sva_row (
    .clk_i  (clk_i),
    .on_i   (rst_ni && !clear_busy_i),
    .valid_i(walk_valid_o),
    .ready_i(walk_ready_i),
    .data_i ({walk_store_o, walk_index_o})
);
