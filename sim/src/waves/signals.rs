// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The signals of the interrupt path, in the order in which an interrupt meets them.
//!
//! Paths are relative to `ims_endpoint`. A name that the RTL no longer has is an error
//! when the views are made, and in the tests.

/// How a viewer shows a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Radix {
    /// One bit.
    Bit,
    /// Hexadecimal.
    Hex,
    /// Decimal, without sign.
    Count,
}

/// A signal: path and radix.
pub type Signal = (&'static str, Radix);

/// Signals of one block.
pub struct Group {
    /// Name of the block: one word, as Surfer's dividers take it.
    pub title: &'static str,
    /// Its signals.
    pub signals: &'static [Signal],
}

use Radix::{Bit, Count, Hex};

/// All groups.
pub const GROUPS: &[Group] = &[
    Group { title: "clock_and_reset", signals: &[("clk_i", Bit), ("rst_n", Bit), ("flr_busy", Bit)] },
    Group {
        title: "downstream_stream",
        signals: &[
            ("rx_valid_i", Bit),
            ("rx_ready_o", Bit),
            ("rx_sop_i", Bit),
            ("rx_eop_i", Bit),
            ("rx_hdr_i", Hex),
            ("rx_data_i", Hex),
            ("rx_keep_i", Hex),
            ("rx_malformed", Bit),
        ],
    },
    Group {
        title: "register_access",
        signals: &[
            ("mwr_reg_valid", Bit),
            ("reg_wready", Bit),
            ("mwr_addr", Hex),
            ("mwr_wdata", Hex),
            ("mwr_be", Hex),
            ("acc_valid", Bit),
            ("acc_ready", Bit),
            ("acc_write", Bit),
            ("acc_space", Count),
            ("acc_addr", Hex),
            ("acc_rvalid", Bit),
            ("acc_rdata", Hex),
        ],
    },
    Group {
        title: "cause_port",
        signals: &[
            ("cause_valid_i", Bit),
            ("cause_ready_o", Bit),
            ("fn_cause_valid", Bit),
            ("fn_cause_ready", Bit),
            ("obs_cause_valid_o", Bit),
            ("obs_cause_withdraw_o", Bit),
            ("obs_cause_store_o", Count),
            ("obs_cause_index_o", Count),
        ],
    },
    Group {
        title: "commit_stage_pending_and_mask_rows",
        signals: &[
            ("u_core.op_commit.valid", Bit),
            ("u_core.op_commit.kind", Count),
            ("u_core.op_commit.can_send", Bit),
            ("u_core.op_commit.store", Count),
            ("u_core.op_commit.index", Count),
            ("u_core.row_we", Bit),
            ("u_core.pend", Hex),
            ("u_core.pend_new", Hex),
            ("u_core.mask", Hex),
            ("u_core.mask_new", Hex),
            ("u_core.entry_we", Bit),
        ],
    },
    Group {
        title: "select",
        signals: &[
            ("u_core.push", Bit),
            ("u_core.sel_row", Count),
            ("u_core.pick_waiting", Bit),
            ("u_core.pick_valid", Bit),
            ("u_core.pick_ready", Bit),
            ("u_core.pick_store", Count),
            ("u_core.pick_index", Count),
        ],
    },
    Group {
        title: "host_store_held_slots",
        signals: &[
            ("u_core.held", Bit),
            ("u_core.held_mask", Bit),
            ("u_core.held_addr", Hex),
            ("u_core.held_data", Hex),
            ("u_core.fill", Bit),
            ("u_core.drop_line", Bit),
        ],
    },
    Group {
        title: "host_store_fetch",
        signals: &[
            ("u_core.fetch", Bit),
            ("u_core.fetching", Bit),
            ("u_core.fetch_free", Bit),
            ("fetch_valid", Bit),
            ("fetch_ready", Bit),
            ("fetch_addr", Hex),
            ("fetch_id", Count),
            ("fres_valid", Bit),
            ("fres_id", Count),
            ("fres_status", Count),
            ("fres_data", Hex),
            ("u_core.fetched_valid", Bit),
            ("u_core.fetched_ready", Bit),
            ("u_core.discard", Bit),
        ],
    },
    Group {
        title: "host_store_invalidation",
        signals: &[
            ("inv_valid", Bit),
            ("inv_ready", Bit),
            ("inv_index", Count),
            ("inv_order", Count),
            ("inv_done", Bit),
            ("u_core.discard_range", Bit),
            ("u_core.hwalk_valid", Bit),
            ("u_core.hwalk_ready", Bit),
            ("u_core.hwalk_line", Bit),
            ("u_core.hwalk_index", Count),
        ],
    },
    Group {
        title: "send",
        signals: &[
            ("msg_valid", Bit),
            ("msg_addr", Hex),
            ("msg_data", Hex),
            ("msg_store", Count),
            ("msg_index", Count),
            ("irq_err_valid", Bit),
            ("irq_err_code", Count),
        ],
    },
    Group {
        title: "posted_queue_and_credits",
        signals: &[
            ("msg_avail", Count),
            ("msg_inflight", Count),
            ("u_post.wr_q", Count),
            ("u_post.rd_q", Count),
            ("u_post.ph_left", Count),
            ("u_post.pd_left", Count),
            ("u_post.reserved_q", Bit),
            ("other_valid", Bit),
            ("other_ready", Bit),
            ("fc_ph_limit_i", Count),
            ("fc_pd_limit_i", Count),
            ("fc_infinite_i", Hex),
        ],
    },
    Group {
        title: "upstream_stream",
        signals: &[
            ("tx_valid_o", Bit),
            ("tx_ready_i", Bit),
            ("tx_sop_o", Bit),
            ("tx_eop_o", Bit),
            ("tx_hdr_o", Hex),
            ("tx_data_o", Hex),
            ("tx_keep_o", Hex),
        ],
    },
    Group {
        title: "configuration_enables",
        signals: &[
            ("id", Hex),
            ("bus_master", Bit),
            ("d0", Bit),
            ("msix_enable", Bit),
            ("msix_mask", Bit),
            ("hs_enable", Bit),
            ("hs_base", Hex),
            ("hs_size", Count),
            ("u_core.open_msix", Bit),
            ("u_core.open_dev", Bit),
            ("u_core.open_host", Bit),
        ],
    },
];
