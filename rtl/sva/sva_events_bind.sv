// SPDX-License-Identifier: Apache-2.0 OR MIT
// Attaches the laws of events, MSI and INTx.
bind irq_msi sva_msi u_sva_msi (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni),
    .msi_i    (msi_i),
    .open_i   (open_i),
    .raise_i  (raise_i),
    .vector_i (vector_o),
    .pending_i(pending_q),
    .valid_i  (valid_o),
    .ready_i  (ready_i),
    .addr_i   (addr_o),
    .data_i   (data_o),
    .pick_i   (pick)
);

bind irq_intx sva_intx u_sva_intx (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .wire_i (wire_i),
    .sent_i (sent_o),
    .valid_i(valid_o),
    .ready_i(ready_i),
    .code_i (code_o)
);

bind fn_event sva_event #(
    .Vectors(Vectors)
) u_sva_event (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .mode_i       (mode_o),
    .vectors_i    (vectors),
    .set_i        (set),
    .index_i      (index_i[6:0]),
    .status_i     (status_o),
    .misc_i       (misc_o),
    .ev_valid_i   (ev_valid_q),
    .ev_vector_i  (ev_vector),
    .some_i       (u_coal.some_q),
    .fire_i       (fire),
    .fire_zero_i  (fire_zero),
    .wait_i       (u_fire.wait_q),
    .done_i       (u_fire.done),
    .msix_valid_i (msix_valid_o),
    .msix_ready_i (msix_ready_i),
    .msix_vector_i(msix_vector_o),
    .msi_raise_i  (msi_raise_o),
    .latch_i      (latch_o)
);
