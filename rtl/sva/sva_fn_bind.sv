// SPDX-License-Identifier: Apache-2.0 OR MIT
// Attaches laws to the function: what is offered stays, one is served at a time, the error record is kept.
// Of a doorbell's or sweep's cause the index alone is compared: software may write the store of a sweep that runs.
bind fn_work sva_hold #(
    .Width(128)
) u_sva_record (
    .clk_i  (clk_i),
    .on_i   (rst_ni && allow_i),
    .valid_i(rec_valid_o),
    .ready_i(rec_ready_i),
    .data_i (rec_data_o)
);

bind fn_work sva_hold #(
    .Width(20)
) u_sva_cause (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(cause_valid_o),
    .ready_i(cause_ready_i),
    .data_i (cause_o.index)
);

bind fn_record sva_hold #(
    .Width(213)
) u_sva_post (
    .clk_i  (clk_i),
    .on_i   (rst_ni && allow_i),
    .valid_i(post_valid_o),
    .ready_i(post_ready_i),
    .data_i ({post_addr_o, post_data_o, post_pasid_o})
);

bind fn_mover sva_hold #(
    .Width($bits(tlp_pkg::bulk_t))
) u_sva_bulk (
    .clk_i  (clk_i),
    .on_i   (rst_ni && allow_i),
    .valid_i(bulk_valid_o),
    .ready_i(bulk_ready_i),
    .data_i (bulk_o)
);

bind fn_pcitest sva_hold #(
    .Width(ep_pkg::CauseW)
) u_sva_cause (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(cause_valid_o),
    .ready_i(cause_ready_i),
    .data_i (cause_o)
);

bind fn_pcitest sva_hold #(
    .Width(5)
) u_sva_msi (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(msi_valid_o),
    .ready_i(msi_ready_i),
    .data_i (msi_vector_o)
);

bind fn_fire sva_hold #(
    .Width(7)
) u_sva_msix (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(msix_valid_o),
    .ready_i(msix_ready_i),
    .data_i (msix_vector_o)
);

bind fn_host sva_hold #(
    .Width(25)
) u_sva_invalidate (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(inv_valid_o),
    .ready_i(inv_ready_i),
    .data_i ({inv_index_o, inv_order_o})
);

bind fn_host sva_hold #(
    .Width(32)
) u_sva_note (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(note_valid_o),
    .ready_i(note_ready_i),
    .data_i (note_number_o)
);

bind fn_cause sva_hold #(
    .Width(20)
) u_sva_core (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(valid_o),
    .ready_i(ready_i),
    .data_i (cause_o.index)
);

bind fn_cause sva_hold #(
    .Width(20)
) u_sva_event (
    .clk_i  (clk_i),
    .on_i   (rst_ni),
    .valid_i(ev_valid_o),
    .ready_i(ev_ready_i),
    .data_i (cause_o.index)
);

bind fn_cause sva_turns #(
    .N(4)
) u_sva_turns (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i(req),
    .ready_i({self_ready_o, fire_ready_o, fn_ready_o, ext_ready_o}),
    .open_i (ready)
);

bind fn_err sva_setting #(
    .Width(32)
) u_sva_setting (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni),
    .touched_i(err_valid_i || drop_valid_i || inv_valid_i || data[0]),
    .value_i  (irq_err_o)
);
