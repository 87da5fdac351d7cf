// SPDX-License-Identifier: Apache-2.0 OR MIT
// PCI Express endpoint around the interrupt core: configuration space, transaction
// layer, and a function that makes work. Wiring only; docs/device.md is its data sheet,
// §2 its pins.
module ims_endpoint #(
    parameter int unsigned DataW          = 256,
    parameter int unsigned NumMsix        = 2048,
    parameter int unsigned NumDevSlots    = 4096,
    parameter int unsigned NumHostSlots   = 65536,
    parameter int unsigned HostCacheLines = 256,
    parameter int unsigned MaxFetches     = 16,
    parameter int unsigned NumQueues      = 64,
    parameter int unsigned NumHandles     = 1024,
    parameter int unsigned DmaLanes       = 4,
    parameter int unsigned NumVfs         = 16,
    parameter logic [15:0] VendorId       = 16'h1234,
    parameter logic [15:0] DeviceId       = 16'h1a35
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic                hot_rst_i,
    // downstream stream: link partner to device
    input  logic                rx_valid_i,
    output logic                rx_ready_o,
    input  logic                rx_sop_i,
    input  logic                rx_eop_i,
    input  logic        [127:0] rx_hdr_i,
    input  logic                rx_prefix_valid_i,
    input  logic         [31:0] rx_prefix_i,
    input  logic    [DataW-1:0] rx_data_i,
    input  logic [DataW/32-1:0] rx_keep_i,
    // upstream stream: device to link partner
    output logic                tx_valid_o,
    input  logic                tx_ready_i,
    output logic                tx_sop_o,
    output logic                tx_eop_o,
    output logic        [127:0] tx_hdr_o,
    output logic                tx_prefix_valid_o,
    output logic         [31:0] tx_prefix_o,
    output logic    [DataW-1:0] tx_data_o,
    output logic [DataW/32-1:0] tx_keep_o,
    // flow control: cumulative limits of the partner, and of the device
    input  logic          [7:0] fc_ph_limit_i,
    input  logic         [11:0] fc_pd_limit_i,
    input  logic          [7:0] fc_nph_limit_i,
    input  logic         [11:0] fc_npd_limit_i,
    input  logic          [7:0] fc_cplh_limit_i,
    input  logic         [11:0] fc_cpld_limit_i,
    input  logic          [5:0] fc_infinite_i,
    output logic          [7:0] rx_nph_limit_o,
    // causes
    input  logic                cause_valid_i,
    output logic                cause_ready_o,
    input  logic                cause_withdraw_i,
    input  logic          [1:0] cause_store_i,
    input  logic         [19:0] cause_index_i,
    // observation: the core takes this cause in this cycle
    output logic                obs_cause_valid_o,
    output logic                obs_cause_withdraw_o,
    output logic          [1:0] obs_cause_store_o,
    output logic         [19:0] obs_cause_index_o,
    // observation: an MSI vector is raised in this cycle; the INTx wire as last committed
    output logic                obs_msi_valid_o,
    output logic          [4:0] obs_msi_vector_o,
    output logic                obs_intx_o
);
  // Queues. The stamps that order one behind another are as wide as the queue in front
  // counts.
  localparam int unsigned NpDepth = 8;       // the non-posted credits given to the partner
  localparam int unsigned RxHeads = 16;      // received writes held
  localparam int unsigned RxWords = 1024;    // and their data words
  localparam int unsigned PostDepth = 32;    // writes waiting to leave
  localparam int unsigned CplDepth = 8;      // completions waiting to leave
  localparam int unsigned CplBeats = 2 * 4096 / DataW;  // their data: twice 512 bytes
  localparam int unsigned ReadDepth = 8;     // reads waiting to leave
  localparam int unsigned LaneW = (DmaLanes > 1) ? $clog2(DmaLanes) : 1;
  localparam int unsigned RxPtrW = $clog2(RxHeads) + 1;
  localparam int unsigned PostPtrW = $clog2(PostDepth) + 1;
  localparam int unsigned Vfs = (NumVfs > 0) ? NumVfs : 1;

  if (NumVfs > 16) begin : gen_bad_vfs
    $error("NumVfs must be 0 to 16");
  end

  // ---- resets ------------------------------------------------------------------------
  logic rst_n, rx_block, flr_busy, soft_rst, reset_request, drained, clear_busy;
  ep_reset u_reset (
      .clk_i,
      .rst_ni,
      .hot_rst_i,
      .rst_no      (rst_n),
      .block_o     (rx_block),
      .request_i   (reset_request),
      .drained_i   (drained),
      .busy_o      (flr_busy),
      .soft_rst_o  (soft_rst),
      .clear_busy_i(clear_busy)
  );

  // ---- configuration space --------------------------------------------------------------
  logic        cfg_valid, cfg_write;
  logic [15:3] cfg_bus_dev;
  logic [ 9:0] cfg_reg;
  logic [ 3:0] cfg_be;
  logic [31:0] cfg_wdata, cfg_rdata;
  logic [15:0] id;
  logic        bus_master, d0, msix_enable, msix_mask, reads_pending;
  logic [ 2:0] mps;
  ep_pkg::dma_cfg_t dma_cfg;
  logic [ 4:0] timeout;
  ep_pkg::bars_t   bars;
  ep_pkg::err_ev_t ev;
  tlp_pkg::raw_t   ev_raw;
  ep_pkg::msi_t    msi;
  logic            intx_disable, intx_request, intx_sent;
  logic     [31:0] msi_pending;
  logic            active, may_write, err_cor, err_nonfatal, err_fatal, ecrc_gen, ecrc_check;
  logic    [Vfs-1:0] vf_exist, vf_bus_master, vf_msix_enable, vf_msix_mask, vf_reset, vf_forget;
  logic              vf_cor, vf_nonfatal, vf_hold, ats_enable;
  tlp_pkg::fn_t      cfg_fn;
  tlp_pkg::vf_err_t  vf_err;
  cfg_space #(
      .NumMsix (NumMsix),
      .NumVfs  (NumVfs),
      .VendorId(VendorId),
      .DeviceId(DeviceId)
  ) u_cfg (
      .clk_i,
      .por_ni         (rst_ni),
      .rst_ni         (rst_n),
      .soft_rst_i     (soft_rst),
      .valid_i        (cfg_valid),
      .write_i        (cfg_write),
      .fn_i           (cfg_fn),
      .bus_dev_i      (cfg_bus_dev),
      .reg_i          (cfg_reg),
      .be_i           (cfg_be),
      .wdata_i        (cfg_wdata),
      .rdata_o        (cfg_rdata),
      .ev_i           (ev),
      .ev_raw_i       (ev_raw),
      .pending_i      (reads_pending),
      .intx_i         (intx_request),
      .msi_pending_i  (msi_pending),
      .id_o           (id),
      .bars_o         (bars),
      .bus_master_o   (bus_master),
      .d0_o           (d0),
      .msix_enable_o  (msix_enable),
      .msix_mask_o    (msix_mask),
      .msi_o          (msi),
      .intx_disable_o (intx_disable),
      .dma_o          (dma_cfg),
      .mps_o          (mps),
      .timeout_o      (timeout),
      .active_i       (active),
      .err_cor_o      (err_cor),
      .err_nonfatal_o (err_nonfatal),
      .err_fatal_o    (err_fatal),
      .ecrc_gen_o     (ecrc_gen),
      .ecrc_check_o   (ecrc_check),
      .vf_exist_o     (vf_exist),
      .vf_bus_master_o(vf_bus_master),
      .vf_msix_enable_o(vf_msix_enable),
      .vf_msix_mask_o (vf_msix_mask),
      .vf_reset_o     (vf_reset),
      .vf_forget_i    (vf_forget),
      .vf_err_i       (vf_err),
      .vf_cor_o       (vf_cor),
      .vf_nonfatal_o  (vf_nonfatal),
      .ats_enable_o   (ats_enable),
      .reset_request_o(reset_request)
  );

  assign active    = d0 && !flr_busy;
  assign may_write = active && bus_master;

  // ---- receive ------------------------------------------------------------------------------
  logic             pbuf_ready, pbuf_we, pbuf_commit, pbuf_rollback;
  logic [DataW-1:0] pbuf_data;
  tlp_pkg::mwr_t    pbuf_head_in, pbuf_head;
  logic             np_push, np_seen, rx_cpl_valid, rx_malformed, rx_ecrc, rx_ur, rx_hold;
  tlp_pkg::np_t     np_in;
  tlp_pkg::rx_cpl_t rx_cpl;
  tlp_pkg::raw_t    rx_raw;
  logic             rx_cpl_beat;
  logic      [10:0] rx_cpl_before;
  logic             rx_inv_valid, inv_dropped;
  logic      [15:0] rx_inv_rid;
  logic      [ 4:0] rx_inv_tag;
  tlp_rx #(
      .DataW(DataW)
  ) u_rx (
      .clk_i,
      .rst_ni         (rst_n),
      .block_i        (rx_block),
      .drop_i         (flr_busy),
      .hold_i         (rx_hold),
      .mps_i          (mps),
      .id_i           (id),
      .ecrc_check_i   (ecrc_check),
      .rx_valid_i,
      .rx_ready_o,
      .rx_sop_i,
      .rx_eop_i,
      .rx_hdr_i,
      .rx_prefix_valid_i,
      .rx_prefix_i,
      .rx_data_i,
      .rx_keep_i,
      .pbuf_ready_i   (pbuf_ready),
      .pbuf_we_o      (pbuf_we),
      .pbuf_data_o    (pbuf_data),
      .pbuf_commit_o  (pbuf_commit),
      .pbuf_rollback_o(pbuf_rollback),
      .pbuf_head_o    (pbuf_head_in),
      .np_push_o      (np_push),
      .np_o           (np_in),
      .np_seen_o      (np_seen),
      .cpl_valid_o    (rx_cpl_valid),
      .cpl_o          (rx_cpl),
      .cpl_beat_o     (rx_cpl_beat),
      .cpl_before_o   (rx_cpl_before),
      .inv_valid_o    (rx_inv_valid),
      .inv_rid_o      (rx_inv_rid),
      .inv_tag_o      (rx_inv_tag),
      .malformed_o    (rx_malformed),
      .ecrc_o         (rx_ecrc),
      .ur_message_o   (rx_ur),
      .raw_o          (rx_raw)
  );

  logic              pbuf_valid, pbuf_next, pbuf_pop, pbuf_done;
  logic        [7:0] pbuf_index, pbuf_index_next;
  logic       [63:0] pbuf_words;
  logic [RxPtrW-1:0] rx_pushed, rx_done;
  tlp_rx_pbuf #(
      .DataW(DataW),
      .Words(RxWords),
      .Heads(RxHeads)
  ) u_rx_pbuf (
      .clk_i,
      .rst_ni    (rst_n),
      .flush_i   (flr_busy),
      .ready_o   (pbuf_ready),
      .we_i      (pbuf_we),
      .data_i    (pbuf_data),
      .commit_i  (pbuf_commit),
      .rollback_i(pbuf_rollback),
      .head_i    (pbuf_head_in),
      .valid_o   (pbuf_valid),
      .head_o    (pbuf_head),
      .word_i    (pbuf_index),
      .word_next_i(pbuf_index_next),
      .words_o   (pbuf_words),
      .next_o    (pbuf_next),
      .pop_i     (pbuf_pop),
      .pushed_o  (rx_pushed),
      .done_i    (pbuf_done),
      .done_o    (rx_done)
  );

  logic         np_valid, np_pop, np_full;
  logic   [3:0] np_count;
  tlp_pkg::np_t np;
  tlp_ordq #(
      .Width(tlp_pkg::NpW),
      .Depth(NpDepth),
      .PtrW (RxPtrW)
  ) u_np (
      .clk_i,
      .rst_ni (rst_n),
      .flush_i(flr_busy),
      .push_i (np_push),
      .data_i (np_in),
      .stamp_i(rx_pushed),
      .full_o (np_full),
      .count_o(np_count),
      .done_i (rx_done),
      .valid_o(np_valid),
      .data_o (np),
      .pop_i  (np_pop)
  );
  tlp_rx_credit #(
      .Depth(NpDepth)
  ) u_rx_credit (
      .clk_i,
      .rst_ni (rst_n),
      .seen_i (np_seen),
      .count_i(np_count),
      .limit_o(rx_nph_limit_o)
  );

  // ---- memory writes into the device ------------------------------------------------------------
  logic        mwr_reg_valid, mwr_reg_portal, reg_wready, mwr_acc_valid, mwr_acc_ready, mwr_ur, mwr_poisoned, mwr_err_ready, mwr_idle;
  logic [ 1:0] mwr_space;
  logic [17:0] mwr_addr;
  logic [63:0] mwr_wdata;
  logic [ 7:0] mwr_be;
  tlp_pkg::raw_t mwr_raw;
  tlp_pkg::fn_t  mwr_err_fn, cpl_err_fn;
  tlp_mwr u_mwr (
      .clk_i,
      .rst_ni     (rst_n),
      .flush_i    (flr_busy),
      .hold_i     (vf_hold),
      .bars_i     (bars),
      .valid_i    (pbuf_valid),
      .head_i     (pbuf_head),
      .word_o     (pbuf_index),
      .word_next_o(pbuf_index_next),
      .words_i    (pbuf_words),
      .next_i     (pbuf_next),
      .pop_o      (pbuf_pop),
      .done_o     (pbuf_done),
      .reg_valid_o(mwr_reg_valid),
      .reg_portal_o(mwr_reg_portal),
      .reg_ready_i(reg_wready),
      .acc_valid_o(mwr_acc_valid),
      .acc_ready_i(mwr_acc_ready),
      .acc_space_o(mwr_space),
      .acc_addr_o (mwr_addr),
      .acc_wdata_o(mwr_wdata),
      .acc_be_o   (mwr_be),
      .ur_o       (mwr_ur),
      .poisoned_o (mwr_poisoned),
      .err_fn_o   (mwr_err_fn),
      .raw_o      (mwr_raw),
      .err_ready_i(mwr_err_ready),
      .idle_o     (mwr_idle)
  );

  // ---- completer -----------------------------------------------------------------------------------
  logic             cpl_reg_valid, cpl_reg_portal, reg_rready;
  logic             cpl_idle, cpl_acc_valid, cpl_acc_ready, acc_rvalid, cpl_ur, cpl_poisoned, cpl_err_ready;
  logic      [ 1:0] cpl_space;
  logic      [17:0] cpl_addr;
  logic      [63:0] reg_rdata, acc_rdata;
  logic             cpl_data_ready, cpl_data_push, cpl_full, cpl_push;
  logic [DataW-1:0] cpl_data_in;
  tlp_pkg::tx_cpl_t cpl_in;
  tlp_cpl #(
      .DataW(DataW)
  ) u_cpl (
      .clk_i,
      .rst_ni       (rst_n),
      .hold_i       (flr_busy || vf_hold),
      .idle_o       (cpl_idle),
      .bars_i       (bars),
      .mps_i        (mps),
      .id_i         (id),
      .vf_exist_i   (16'(vf_exist)),
      .np_valid_i   (np_valid),
      .np_i         (np),
      .np_pop_o     (np_pop),
      .cfg_valid_o  (cfg_valid),
      .cfg_write_o  (cfg_write),
      .cfg_fn_o     (cfg_fn),
      .cfg_bus_dev_o(cfg_bus_dev),
      .cfg_reg_o    (cfg_reg),
      .cfg_be_o     (cfg_be),
      .cfg_wdata_o  (cfg_wdata),
      .cfg_rdata_i  (cfg_rdata),
      .reg_valid_o  (cpl_reg_valid),
      .reg_portal_o (cpl_reg_portal),
      .reg_ready_i  (reg_rready),
      .reg_rdata_i  (reg_rdata),
      .acc_valid_o  (cpl_acc_valid),
      .acc_ready_i  (cpl_acc_ready),
      .acc_space_o  (cpl_space),
      .acc_rvalid_i (acc_rvalid),
      .acc_rdata_i  (acc_rdata),
      .acc_addr_o   (cpl_addr),
      .data_ready_i (cpl_data_ready),
      .data_push_o  (cpl_data_push),
      .data_o       (cpl_data_in),
      .cpl_ready_i  (!cpl_full),
      .cpl_push_o   (cpl_push),
      .cpl_o        (cpl_in),
      .ur_o         (cpl_ur),
      .poisoned_o   (cpl_poisoned),
      .err_fn_o     (cpl_err_fn),
      .err_ready_i  (cpl_err_ready)
  );

  // ---- interrupt core --------------------------------------------------------------------------------
  logic        acc_valid, acc_ready, acc_write;
  logic [ 1:0] acc_space;
  logic [17:0] acc_addr;
  tlp_acc u_acc (
      .clk_i,
      .rst_ni     (rst_n),
      .w_valid_i  (mwr_acc_valid),
      .w_ready_o  (mwr_acc_ready),
      .w_space_i  (mwr_space),
      .w_addr_i   (mwr_addr),
      .r_valid_i  (cpl_acc_valid),
      .r_ready_o  (cpl_acc_ready),
      .r_space_i  (cpl_space),
      .r_addr_i   (cpl_addr),
      .acc_valid_o(acc_valid),
      .acc_ready_i(acc_ready),
      .acc_write_o(acc_write),
      .acc_space_o(acc_space),
      .acc_addr_o (acc_addr)
  );

  ep_pkg::cause_t ext_cause, fn_cause, cause;
  logic           fn_cause_valid, fn_cause_ready, cause_valid, cause_ready, cause_taken;
  logic           fire_valid, fire_ready, self_valid, self_ready, event_valid, event_ready, event_self;
  logic     [6:0] fire_vector;
  assign ext_cause = {22'd0, cause_withdraw_i, cause_store_i, cause_index_i};
  fn_cause u_cause (
      .clk_i,
      .rst_ni     (rst_n && !soft_rst),
      .ext_valid_i(cause_valid_i),
      .ext_ready_o(cause_ready_o),
      .ext_i      (ext_cause),
      .fn_valid_i (fn_cause_valid),
      .fn_ready_o (fn_cause_ready),
      .fn_i       (fn_cause),
      .fire_valid_i (fire_valid),
      .fire_ready_o (fire_ready),
      .fire_vector_i(fire_vector),
      .self_valid_i (self_valid),
      .self_ready_o (self_ready),
      .valid_o    (cause_valid),
      .ready_i    (cause_ready),
      .ev_valid_o (event_valid),
      .ev_ready_i (event_ready),
      .ev_self_o  (event_self),
      .cause_o    (cause),
      .taken_o    (cause_taken)
  );
  // A withdrawal of an event has no effect and is not shown.
  assign obs_cause_valid_o    = cause_taken && !(event_valid && cause.withdraw);
  assign obs_cause_withdraw_o = cause.withdraw;
  assign obs_cause_store_o    = cause.store;
  assign obs_cause_index_o    = cause.index;

  logic         hs_enable, inv_valid, inv_ready, inv_done;
  logic         cmd_valid, cmd_ready, cmd_done, ats_valid, ats_ready, ats_done;
  logic [ 19:0] cmd_index;
  logic [  4:0] cmd_order;
  logic [ 63:0] hs_base;
  logic [ 20:0] hs_size;
  logic [ 19:0] inv_index;
  logic [  4:0] inv_order;
  logic         msg_valid;
  logic [ 63:0] msg_addr;
  logic [ 31:0] msg_data;
  logic [  1:0] msg_store;
  logic [ 19:0] msg_index;
  logic [  5:0] msg_avail;
  logic [  3:0] msg_inflight;
  logic         fetch_valid, fetch_ready, fres_valid;
  logic [ 63:0] fetch_addr;
  logic [  4:0] fetch_id, fres_id;
  logic [  3:0] fres_status;
  logic [127:0] fres_data;
  logic         irq_err_valid;
  logic [  3:0] irq_err_code;
  logic [  1:0] irq_err_store;
  logic [ 19:0] irq_err_index;
  logic [Vfs-1:0] vf_clear, vf_clear_busy;
  ims_irq_core #(
      .NumMsix       (NumMsix),
      .NumDevSlots   (NumDevSlots),
      .NumHostSlots  (NumHostSlots),
      .HostCacheLines(HostCacheLines),
      .MaxFetches    (MaxFetches),
      .NumVfs        (NumVfs)
  ) u_core (
      .clk_i,
      .rst_ni          (rst_n),
      .clear_i         (soft_rst),
      .clear_busy_o    (clear_busy),
      .bme_i           (bus_master),
      .active_i        (active),
      .msix_enable_i   (msix_enable && !intx_sent),
      .msix_fmask_i    (msix_mask),
      .vf_exist_i      (vf_exist),
      .vf_bme_i        (vf_bus_master),
      .vf_msix_enable_i(vf_msix_enable),
      .vf_msix_fmask_i (vf_msix_mask),
      .vf_clear_i      (vf_clear),
      .vf_clear_busy_o (vf_clear_busy),
      .cause_valid_i   (cause_valid),
      .cause_ready_o   (cause_ready),
      .cause_withdraw_i(cause.withdraw),
      .cause_store_i   (cause.store),
      .cause_index_i   (cause.index),
      .cause_check_i   (cause.check),
      .cause_pasid_valid_i(cause.pasid.valid),
      .cause_pasid_i   (cause.pasid.pasid),
      .acc_valid_i     (acc_valid),
      .acc_ready_o     (acc_ready),
      .acc_write_i     (acc_write),
      .acc_space_i     (acc_space),
      .acc_addr_i      (acc_addr),
      .acc_wdata_i     (mwr_wdata),
      .acc_be_i        (mwr_be),
      .acc_rvalid_o    (acc_rvalid),
      .acc_rdata_o     (acc_rdata),
      .hs_enable_i     (hs_enable),
      .hs_base_i       (hs_base),
      .hs_size_i       (hs_size),
      .inv_valid_i     (inv_valid),
      .inv_ready_o     (inv_ready),
      .inv_index_i     (inv_index),
      .inv_order_i     (inv_order),
      .inv_done_o      (inv_done),
      .msg_valid_o     (msg_valid),
      .msg_addr_o      (msg_addr),
      .msg_data_o      (msg_data),
      .msg_store_o     (msg_store),
      .msg_index_o     (msg_index),
      .msg_avail_i     (msg_avail),
      .msg_inflight_o  (msg_inflight),
      .fetch_valid_o   (fetch_valid),
      .fetch_ready_i   (fetch_ready),
      .fetch_addr_o    (fetch_addr),
      .fetch_id_o      (fetch_id),
      .fres_valid_i    (fres_valid),
      .fres_id_i       (fres_id),
      .fres_status_i   (fres_status),
      .fres_data_i     (fres_data),
      .err_valid_o     (irq_err_valid),
      .err_code_o      (irq_err_code),
      .err_store_o     (irq_err_store),
      .err_index_o     (irq_err_index)
  );

  // ---- MSI and INTx ------------------------------------------------------------------------------------
  // A new mode's messages wait until the wire of the old one has been released: of the two INTx goes first (tlp_other).
  logic        msi_raise, msi_valid, msi_ready, intx_latch, intx_valid, intx_ready;
  logic [ 4:0] msi_raise_vector;
  logic [ 7:0] intx_code;
  logic [63:0] msi_addr;
  logic [31:0] msi_data;
  irq_msi u_msi (
      .clk_i,
      .rst_ni   (rst_n && !soft_rst),
      .msi_i    (msi),
      .open_i   (msi.enable && !msix_enable && may_write),
      .raise_i  (msi_raise),
      .vector_i (msi_raise_vector),
      .vector_o (obs_msi_vector_o),
      .pending_o(msi_pending),
      .valid_o  (msi_valid),
      .ready_i  (msi_ready),
      .addr_o   (msi_addr),
      .data_o   (msi_data)
  );
  assign obs_msi_valid_o = msi_raise;

  assign intx_request = intx_latch && active;
  irq_intx u_intx (
      .clk_i,
      .rst_ni (rst_n),
      .wire_i (intx_request && !intx_disable),
      .sent_o (intx_sent),
      .valid_o(intx_valid),
      .ready_i(intx_ready),
      .code_o (intx_code)
  );
  assign obs_intx_o = intx_sent;

  // ---- function --------------------------------------------------------------------------------------
  logic         other_valid, other_ready, other_quad, read_sent, read_sent_ask;
  logic [ 63:0] other_addr;
  logic [127:0] other_data;
  tlp_pkg::pasid_t other_pasid;
  logic              dma_read_valid, dma_read_ready, dres_valid, dput_valid;
  logic  [LaneW-1:0] dma_read_lane, dres_lane, dput_lane;
  logic [DmaLanes-1:0] dma_free;
  ep_pkg::dma_read_t dma_read;
  logic        [1:0] dma_read_tag, dres_tag;
  logic        [3:0] dres_status;
  logic       [10:2] dput_word;
  logic        [7:0] dput_words;
  logic              bulk_room, bulk_push, bulk_valid, bulk_ready;
  logic  [DataW-1:0] bulk_data;
  tlp_pkg::bulk_t    bulk;
  fn_regs #(
      .DataW         (DataW),
      .NumMsix       (NumMsix),
      .NumDevSlots   (NumDevSlots),
      .NumHostSlots  (NumHostSlots),
      .HostCacheLines(HostCacheLines),
      .NumQueues     (NumQueues),
      .NumHandles    (NumHandles),
      .NumVfs        (NumVfs),
      .DmaLanes      (DmaLanes)
  ) u_fn (
      .clk_i,
      .rst_ni       (rst_n),
      .soft_rst_i   (soft_rst),
      .drop_i       (flr_busy),
      .allow_i      (may_write),
      .dma_cfg_i    (dma_cfg),
      .wvalid_i     (mwr_reg_valid),
      .wready_o     (reg_wready),
      .wportal_i    (mwr_reg_portal),
      .waddr_i      (mwr_addr[17:3]),
      .wdata_i      (mwr_wdata),
      .wbe_i        (mwr_be),
      .rvalid_i     (cpl_reg_valid),
      .rready_o     (reg_rready),
      .rportal_i    (cpl_reg_portal),
      .raddr_i      (cpl_addr[17:3]),
      .rdata_o      (reg_rdata),
      .hs_enable_o  (hs_enable),
      .hs_base_o    (hs_base),
      .hs_size_o    (hs_size),
      .inv_valid_o  (cmd_valid),
      .inv_ready_i  (cmd_ready),
      .inv_index_o  (cmd_index),
      .inv_order_o  (cmd_order),
      .inv_done_i   (cmd_done),
      .err_valid_i  (irq_err_valid),
      .err_code_i   (irq_err_code),
      .err_store_i  (irq_err_store),
      .err_index_i  (irq_err_index),
      .inv_drop_i   (inv_dropped),
      .inv_tag_i    (rx_inv_tag),
      .sent_i       (msg_valid || (msi_valid && msi_ready)),
      .fetched_i    (read_sent && !read_sent_tag[4] && !read_sent_ask),  // slot fetches have the tags below 16
      .ev_valid_i   (event_valid),
      .ev_ready_o   (event_ready),
      .ev_self_i    (event_self),
      .ev_i         (cause),
      .ev_hold_i    (flr_busy || clear_busy),
      .self_valid_o (self_valid),
      .self_ready_i (self_ready),
      .msix_enable_i(msix_enable),
      .msi_enable_i (msi.enable),
      .msi_order_i  (msi.order),
      .fire_valid_o (fire_valid),
      .fire_ready_i (fire_ready),
      .fire_vector_o(fire_vector),
      .msi_raise_o  (msi_raise),
      .msi_vector_o (msi_raise_vector),
      .intx_latch_o (intx_latch),
      .intx_sent_i  (intx_sent),
      .cause_valid_o(fn_cause_valid),
      .cause_ready_i(fn_cause_ready),
      .cause_o      (fn_cause),
      .post_valid_o (other_valid),
      .post_ready_i (other_ready),
      .post_quad_o  (other_quad),
      .post_addr_o  (other_addr),
      .post_data_o  (other_data),
      .post_pasid_o (other_pasid),
      .read_valid_o (dma_read_valid),
      .read_ready_i (dma_read_ready),
      .read_lane_o  (dma_read_lane),
      .read_o       (dma_read),
      .read_free_i  (dma_free),
      .read_tag_i   (dma_read_tag),
      .res_valid_i  (dres_valid),
      .res_lane_i   (dres_lane),
      .res_tag_i    (dres_tag),
      .res_status_i (dres_status),
      .put_valid_i  (dput_valid),
      .put_lane_i   (dput_lane),
      .put_word_i   (dput_word),
      .put_words_i  (dput_words),
      .put_data_i   (rx_data_i),
      .bulk_room_i  (bulk_room),
      .bulk_push_o  (bulk_push),
      .bulk_data_o  (bulk_data),
      .bulk_valid_o (bulk_valid),
      .bulk_ready_i (bulk_ready),
      .bulk_o       (bulk)
  );

  // ---- transmit: posted ---------------------------------------------------------------------------------
  logic         errmsg_valid, errmsg_ready, beside_valid, beside_ready, beside_quad, beside_msg;
  logic [  7:0] errmsg_code, beside_code;
  logic [  2:0] beside_route;
  logic [ 63:0] beside_addr;
  logic [127:0] beside_data;
  tlp_pkg::pasid_t beside_pasid;
  tlp_pkg::fn_t    errmsg_fn, beside_fn, msg_fn;
  logic            invcpl_valid, invcpl_ready;
  logic     [63:0] invcpl_words;
  tlp_errmsg u_errmsg (
      .clk_i,
      .rst_ni    (rst_n),
      .active_i  (active),
      .cor_i     (err_cor),
      .nonfatal_i(err_nonfatal),
      .fatal_i   (err_fatal),
      .vf_cor_i     (vf_cor),
      .vf_nonfatal_i(vf_nonfatal),
      .vf_i         (vf_err.vf),
      .vf_forget_i  (16'(vf_forget)),
      .valid_o   (errmsg_valid),
      .ready_i   (errmsg_ready),
      .code_o    (errmsg_code),
      .fn_o      (errmsg_fn)
  );
  tlp_other u_other (
      .clk_i,
      .rst_ni      (rst_n),
      .intx_valid_i(intx_valid),
      .intx_ready_o(intx_ready),
      .intx_code_i (intx_code),
      .err_valid_i (errmsg_valid),
      .err_ready_o (errmsg_ready),
      .err_code_i  (errmsg_code),
      .err_fn_i    (errmsg_fn),
      .inv_valid_i (invcpl_valid),
      .inv_ready_o (invcpl_ready),
      .inv_words_i (invcpl_words),
      .msi_valid_i (msi_valid),
      .msi_ready_o (msi_ready),
      .msi_addr_i  (msi_addr),
      .msi_data_i  (msi_data),
      .fn_valid_i  (other_valid),
      .fn_ready_o  (other_ready),
      .fn_quad_i   (other_quad),
      .fn_addr_i   (other_addr),
      .fn_data_i   (other_data),
      .fn_pasid_i  (other_pasid),
      .valid_o     (beside_valid),
      .ready_i     (beside_ready),
      .quad_o      (beside_quad),
      .addr_o      (beside_addr),
      .data_o      (beside_data),
      .pasid_o     (beside_pasid),
      .msg_o       (beside_msg),
      .route_o     (beside_route),
      .code_o      (beside_code),
      .fn_o        (beside_fn)
  );

  // The index of a source tells its function: 64 of each store are one function's.
  always_comb begin
    msg_fn    = '0;
    msg_fn.vf = msg_index[9:6];
    if (msg_store == irq_pkg::StoreMsix) msg_fn.virt = msg_index >= irq_pkg::VfMsix;
    if (msg_store == irq_pkg::StoreDev) msg_fn.virt = msg_index >= irq_pkg::VfDev;
  end

  logic                post_valid, post_pop;
  tlp_pkg::tx_post_t   post;
  logic [PostPtrW-1:0] post_pushed, post_done;
  logic    [DataW-1:0] payload;
  logic                payload_pop;
  tlp_post #(
      .DataW(DataW),
      .Depth(PostDepth)
  ) u_post (
      .clk_i,
      .rst_ni        (rst_n),
      .soft_rst_i    (soft_rst),
      .id_i          (id),
      .fc_ph_limit_i,
      .fc_pd_limit_i,
      .fc_infinite_i (fc_infinite_i[1:0]),
      .msg_valid_i   (msg_valid),
      .msg_addr_i    (msg_addr),
      .msg_data_i    (msg_data),
      .msg_fn_i      (msg_fn),
      .msg_avail_o   (msg_avail),
      .msg_inflight_i(msg_inflight),
      .other_valid_i (beside_valid),
      .other_ready_o (beside_ready),
      .other_quad_i  (beside_quad),
      .other_addr_i  (beside_addr),
      .other_data_i  (beside_data),
      .other_msg_i   (beside_msg),
      .other_route_i (beside_route),
      .other_code_i  (beside_code),
      .other_pasid_i (beside_pasid),
      .other_fn_i    (beside_fn),
      .bulk_room_o   (bulk_room),
      .bulk_push_i   (bulk_push),
      .bulk_data_i   (bulk_data),
      .bulk_valid_i  (bulk_valid),
      .bulk_ready_o  (bulk_ready),
      .bulk_i        (bulk),
      .valid_o       (post_valid),
      .post_o        (post),
      .pop_i         (post_pop),
      .payload_o     (payload),
      .payload_pop_i (payload_pop),
      .pushed_o      (post_pushed),
      .done_o        (post_done)
  );

  // ---- transmit: completions --------------------------------------------------------------------------------
  logic             cpl_valid, cpl_pop, cpl_data_pop, cpl_data_valid;
  logic       [3:0] cpl_count;
  logic [$clog2(CplBeats + 1)-1:0] cpl_data_level;
  logic [DataW-1:0] cpl_data;
  tlp_pkg::tx_cpl_t cpl;
  tlp_ordq #(
      .Width(tlp_pkg::TxCplW),
      .Depth(CplDepth),
      .PtrW (PostPtrW)
  ) u_cpl_queue (
      .clk_i,
      .rst_ni (rst_n),
      .flush_i(1'b0),
      .push_i (cpl_push),
      .data_i (cpl_in),
      .stamp_i(post_pushed),
      .full_o (cpl_full),
      .count_o(cpl_count),
      .done_i (post_done),
      .valid_o(cpl_valid),
      .data_o (cpl),
      .pop_i  (cpl_pop)
  );
  prim_fifo #(
      .Width(DataW),
      .Depth(CplBeats)
  ) u_cpl_data (
      .clk_i,
      .rst_ni  (rst_n),
      .clear_i (1'b0),
      .wvalid_i(cpl_data_push),
      .wready_o(cpl_data_ready),
      .wdata_i (cpl_data_in),
      .rvalid_o(cpl_data_valid),
      .rready_i(cpl_data_pop),
      .rdata_o (cpl_data),
      .level_o (cpl_data_level)
  );

  // ---- address translation of slot fetches ---------------------------------------------------------------
  logic         ats_freeze, ats_strike, old_busy;
  logic         slot_valid, slot_ready, sres_valid, dropped, fres_empty;
  logic [ 63:0] slot_addr;
  logic [  4:0] slot_id, sres_id, dropped_id;
  logic [  1:0] slot_at;
  logic [  3:0] sres_status;
  logic [127:0] sres_data;
  fn_inv u_inv (
      .clk_i,
      .rst_ni     (rst_n && !soft_rst),
      .cmd_valid_i(cmd_valid),
      .cmd_ready_o(cmd_ready),
      .cmd_index_i(cmd_index),
      .cmd_order_i(cmd_order),
      .cmd_done_o (cmd_done),
      .ats_valid_i(ats_valid),
      .ats_ready_o(ats_ready),
      .ats_done_o (ats_done),
      .inv_valid_o(inv_valid),
      .inv_ready_i(inv_ready),
      .inv_index_o(inv_index),
      .inv_order_o(inv_order),
      .inv_done_i (inv_done)
  );
  tlp_ats_inv u_ats_inv (
      .clk_i,
      .rst_ni     (rst_n && !soft_rst),
      .enable_i   (ats_enable),
      .req_i      (rx_inv_valid),
      .req_rid_i  (rx_inv_rid),
      .req_tag_i  (rx_inv_tag),
      .dropped_o  (inv_dropped),
      .inv_valid_o(ats_valid),
      .inv_ready_i(ats_ready),
      .inv_done_i (ats_done),
      .freeze_o   (ats_freeze),
      .strike_o   (ats_strike),
      .old_busy_i (old_busy),
      .msg_valid_o(invcpl_valid),
      .msg_ready_i(invcpl_ready),
      .msg_words_o(invcpl_words)
  );
  tlp_ats u_ats (
      .clk_i,
      .rst_ni       (rst_n && !soft_rst),
      .enable_i     (ats_enable),
      .freeze_i     (ats_freeze),
      .strike_i     (ats_strike),
      .closed_i     (!hs_enable),
      .core_valid_i (fetch_valid),
      .core_ready_o (fetch_ready),
      .core_addr_i  (fetch_addr),
      .core_id_i    (fetch_id),
      .cres_valid_o (fres_valid),
      .cres_empty_o (fres_empty),
      .cres_id_o    (fres_id),
      .cres_status_o(fres_status),
      .cres_data_o  (fres_data),
      .fetch_valid_o(slot_valid),
      .fetch_ready_i(slot_ready),
      .fetch_addr_o (slot_addr),
      .fetch_id_o   (slot_id),
      .fetch_at_o   (slot_at),
      .fres_valid_i (sres_valid),
      .fres_id_i    (sres_id),
      .fres_status_i(sres_status),
      .fres_data_i  (sres_data),
      .dropped_i    (dropped),
      .dropped_id_i (dropped_id)
  );

  // ---- transmit: reads ----------------------------------------------------------------------------------
  logic              mrd_malformed, mrd_unexpected, mrd_poisoned, mrd_got_ur, mrd_got_ca, mrd_timeout, mrd_timeout_ready;
  logic              read_full, read_push, read_ready, read_pop, read_killed, read_drop, read_may_leave;
  logic        [4:0] read_sent_tag;
  logic        [3:0] read_count;
  tlp_pkg::tx_read_t read_in, read;
  tlp_mrd #(
      .MaxFetches(MaxFetches),
      .DmaLanes  (DmaLanes)
  ) u_mrd (
      .clk_i,
      .rst_ni       (rst_n),
      .forget_i     (soft_rst),
      .timeout_i    ({timeout[4] || flr_busy, timeout[3:0]}),  // a function reset forgets them all
      .rid_i        (id),
      .pending_o    (reads_pending),
      .fetch_valid_i(slot_valid),
      .fetch_ready_o(slot_ready),
      .fetch_addr_i (slot_addr),
      .fetch_at_i   (slot_at),
      .fetch_id_i   (slot_id),
      .fres_valid_o (sres_valid),
      .fres_id_o    (sres_id),
      .fres_status_o(sres_status),
      .fres_data_o  (sres_data),
      .strike_i     (ats_strike),
      .closed_i     (!hs_enable),
      .old_busy_o   (old_busy),
      .killed_o     (read_killed),
      .drop_i       (read_drop),
      .dropped_o    (dropped),
      .dropped_id_o (dropped_id),
      .dma_valid_i  (dma_read_valid),
      .dma_ready_o  (dma_read_ready),
      .dma_lane_i   (dma_read_lane),
      .dma_i        (dma_read),
      .dma_free_o   (dma_free),
      .dma_tag_o    (dma_read_tag),
      .dres_valid_o (dres_valid),
      .dres_lane_o  (dres_lane),
      .dres_tag_o   (dres_tag),
      .dres_status_o(dres_status),
      .dput_valid_o (dput_valid),
      .dput_lane_o  (dput_lane),
      .dput_word_o  (dput_word),
      .dput_words_o (dput_words),
      .read_ready_i (!read_full && !flr_busy),
      .read_push_o  (read_push),
      .read_o       (read_in),
      .head_tag_i   (read.tag),
      .pop_i        (read_pop),
      .sent_i       (read_sent),
      .sent_tag_i   (read_sent_tag),
      .cpl_beat_i   (rx_cpl_beat),
      .cpl_before_i (rx_cpl_before),
      .cpl_valid_i  (rx_cpl_valid),
      .cpl_i        (rx_cpl),
      .malformed_o  (mrd_malformed),
      .unexpected_o (mrd_unexpected),
      .poisoned_o   (mrd_poisoned),
      .got_ur_o     (mrd_got_ur),
      .got_ca_o     (mrd_got_ca),
      .timeout_o    (mrd_timeout),
      .timeout_ready_i(mrd_timeout_ready)
  );
  tlp_ordq #(
      .Width(tlp_pkg::TxReadW),
      .Depth(ReadDepth),
      .PtrW (PostPtrW)
  ) u_read_queue (
      .clk_i,
      .rst_ni (rst_n),
      .flush_i(flr_busy),
      .push_i (read_push),
      .data_i (read_in),
      .stamp_i(post_pushed),
      .full_o (read_full),
      .count_o(read_count),
      .done_i (post_done),
      .valid_o(read_ready),
      .data_o (read),
      .pop_i  (read_pop || read_drop)
  );
  // What a strike or the end of the store has killed is taken out; while one is to come no slot read leaves.
  assign read_drop      = read_ready && read_killed;
  assign read_may_leave = read_ready && may_write && !read_killed && !((ats_freeze || !hs_enable) && !read.tag[4]);

  logic               out_valid, out_ready, out_sop, out_eop;
  logic       [127:0] out_hdr;
  logic               out_prefix_valid;
  logic        [31:0] out_prefix;
  logic   [DataW-1:0] out_data;
  logic [DataW/32-1:0] out_keep;
  tlp_tx #(
      .DataW(DataW)
  ) u_tx (
      .clk_i,
      .rst_ni         (rst_n),
      .fc_nph_limit_i,
      .fc_cplh_limit_i,
      .fc_cpld_limit_i,
      .fc_infinite_i  ({fc_infinite_i[5], fc_infinite_i[4], fc_infinite_i[2]}),
      .post_valid_i   (post_valid),
      .post_i         (post),
      .post_pop_o     (post_pop),
      .bulk_data_i    (payload),
      .bulk_pop_o     (payload_pop),
      .cpl_valid_i    (cpl_valid),
      .cpl_i          (cpl),
      .cpl_pop_o      (cpl_pop),
      .cpl_data_i     (cpl_data),
      .cpl_data_pop_o (cpl_data_pop),
      .read_valid_i   (read_may_leave),
      .read_i         (read),
      .read_pop_o     (read_pop),
      .read_sent_o    (read_sent),
      .read_sent_tag_o(read_sent_tag),
      .read_sent_ask_o(read_sent_ask),
      .tx_valid_o     (out_valid),
      .tx_ready_i     (out_ready),
      .tx_sop_o       (out_sop),
      .tx_eop_o       (out_eop),
      .tx_hdr_o       (out_hdr),
      .tx_data_o      (out_data),
      .tx_keep_o      (out_keep),
      .tx_prefix_valid_o(out_prefix_valid),
      .tx_prefix_o    (out_prefix)
  );
  tlp_ecrc_gen #(
      .DataW(DataW)
  ) u_ecrc_gen (
      .clk_i,
      .rst_ni        (rst_n),
      .enable_i      (ecrc_gen),
      .valid_i       (out_valid),
      .ready_o       (out_ready),
      .sop_i         (out_sop),
      .eop_i         (out_eop),
      .hdr_i         (out_hdr),
      .prefix_valid_i(out_prefix_valid),
      .prefix_i      (out_prefix),
      .data_i        (out_data),
      .keep_i        (out_keep),
      .valid_o       (tx_valid_o),
      .ready_i       (tx_ready_i),
      .sop_o         (tx_sop_o),
      .eop_o         (tx_eop_o),
      .hdr_o         (tx_hdr_o),
      .data_o        (tx_data_o),
      .keep_o        (tx_keep_o)
  );
  // With a digest in a beat of its own the next packet stands behind already.
  assign tx_prefix_valid_o = out_prefix_valid && tx_sop_o;
  assign tx_prefix_o       = tx_prefix_valid_o ? out_prefix : '0;

  // ---- what a function reset waits for; error logging ---------------------------------------------------------------
  assign drained = cpl_idle && mwr_idle && msg_inflight == '0 && cpl_count == '0 && !post_valid && !tx_valid_o;

  ep_pkg::err_ev_t rx_ev;
  always_comb begin
    rx_ev              = '0;
    rx_ev.malformed    = rx_malformed || mrd_malformed;
    rx_ev.ecrc         = rx_ecrc;
    rx_ev.ur_posted    = rx_ur;
    rx_ev.poisoned_cpl = mrd_poisoned;
    rx_ev.unexpected   = mrd_unexpected;
    rx_ev.got_ca       = mrd_got_ca;
    rx_ev.got_ur       = mrd_got_ur;
  end
  tlp_err u_err (
      .clk_i,
      .rst_ni         (rst_n),
      .rx_ev_i        (rx_ev),
      .rx_raw_i       (rx_raw),
      .rx_hold_o      (rx_hold),
      .timeout_i      (mrd_timeout),
      .timeout_ready_o(mrd_timeout_ready),
      .mwr_ur_i       (mwr_ur),
      .mwr_poisoned_i (mwr_poisoned),
      .mwr_fn_i       (mwr_err_fn),
      .mwr_raw_i      (mwr_raw),
      .mwr_ready_o    (mwr_err_ready),
      .cpl_ur_i       (cpl_ur),
      .cpl_poisoned_i (cpl_poisoned),
      .cpl_fn_i       (cpl_err_fn),
      .cpl_raw_i      (np.raw),
      .cpl_ready_o    (cpl_err_ready),
      .ev_o           (ev),
      .raw_o          (ev_raw),
      .vf_o           (vf_err)
  );

  // ---- resets of virtual functions -----------------------------------------------------------------------------
  if (NumVfs > 0) begin : gen_reset_vf
    ep_reset_vf #(
        .NumVfs(NumVfs)
    ) u_reset_vf (
        .clk_i,
        .rst_ni      (rst_n && !soft_rst),
        .request_i   (vf_reset),
        .write_idle_i(mwr_idle),
        .forget_o    (vf_forget),
        .hold_o      (vf_hold),
        .clear_o     (vf_clear),
        .clear_busy_i(vf_clear_busy)
    );
  end else begin : gen_no_reset_vf
    assign vf_forget = '0;
    assign vf_hold   = 1'b0;
    assign vf_clear  = '0;
    logic unused_vf;
    assign unused_vf = ^{vf_reset, vf_clear_busy};
  end

  // Reads carry no data, so that non-posted data credits are never needed. The rest is for
  // observers.
  logic unused_pins;
  assign unused_pins = ^{fc_npd_limit_i, fc_infinite_i[3], np_full,
                         msg_index, fres_empty, cpl_data_valid, cpl_data_level, read_count};
endmodule
