// SPDX-License-Identifier: Apache-2.0 OR MIT
// Attaches the laws of sva_vf.sv.
bind ims_endpoint sva_vf #(
    .Vfs(Vfs)
) u_sva_vf (
    .clk_i         (clk_i),
    .rst_ni        (rst_n),
    .id_i          (id),
    .exist_i       (vf_exist),
    .bus_master_i  (vf_bus_master),
    .forget_i      (vf_forget),
    .bars_i        (bars),
    .msg_i         (msg_valid),
    .msg_store_i   (msg_store),
    .msg_index_i   (msg_index),
    .post_rid_i    (u_post.entry.rid),
    .errmsg_i      (errmsg_valid && errmsg_ready),
    .errmsg_fn_i   (errmsg_fn),
    .np_pop_i      (np_pop),
    .np_i          (np),
    .cpl_push_i    (cpl_push),
    .cpl_cid_i     (cpl_in.cid),
    .write_begins_i(u_mwr.step && u_mwr.first),
    .reset_i       (vf_reset)
);
