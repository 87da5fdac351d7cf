// SPDX-License-Identifier: Apache-2.0 OR MIT
// Attaches laws to where packets of several origins enter the posted stream: who goes first, who takes turns, and
// that none takes another's PASID along.

// INTx goes first, so a message of another mode leaves behind its release.
bind tlp_other sva_turns #(
    .N    (5),
    .First(0)
) u_sva_turns (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i({inv_valid_i, fn_valid_i, msi_valid_i, err_valid_i, intx_valid_i}),
    .ready_i({inv_ready_o, fn_ready_o, msi_ready_o, err_ready_o, intx_ready_o}),
    .open_i (ready_i)
);

// MSI and the writes of the function.
bind tlp_other sva_alternate u_sva_alternate (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .waits_i({fn_valid_i, msi_valid_i}),
    .taken_i({fn_valid_i && fn_ready_o, msi_valid_i && msi_ready_o})
);

// Messages, while a write of the function with a PASID may wait behind them.
bind tlp_other sva_bare u_sva_bare (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni),
    .message_i(valid_o && msg_o),
    .pasid_i  (pasid_o.valid)
);

// Data of the engine, while there are credits for all of it, and everything else but MSI-X and IMS.
bind tlp_post sva_alternate u_sva_alternate (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .waits_i({bulk_valid_i && bulk_fits, other_valid_i}),
    .taken_i({bulk_go, other_go})
);
