// SPDX-License-Identifier: Apache-2.0 OR MIT
// BAR0 and BAR1: the device's own registers, and what acts behind them. Wiring, and the turns
// of those that share a way: completion words and records into the posted stream, causes,
// errors.
module fn_regs #(
    parameter int unsigned DataW          = 256,
    parameter int unsigned NumMsix        = 2048,
    parameter int unsigned NumDevSlots    = 4096,
    parameter int unsigned NumHostSlots   = 65536,
    parameter int unsigned HostCacheLines = 256,
    parameter int unsigned NumQueues      = 64,
    parameter int unsigned NumHandles     = 1024,
    parameter int unsigned NumVfs         = 16,
    parameter int unsigned DmaLanes       = 4,
    localparam int unsigned LaneW         = (DmaLanes > 1) ? $clog2(DmaLanes) : 1
) (
    input  logic                   clk_i,
    input  logic                   rst_ni,
    input  logic                   soft_rst_i,
    input  logic                   drop_i,         // function reset under way: writes have no effect
    input  logic                   allow_i,        // memory writes may be made
    input  ep_pkg::dma_cfg_t       dma_cfg_i,
    // write access
    input  logic                   wvalid_i,
    output logic                   wready_o,
    input  logic                   wportal_i,      // BAR1
    input  logic            [17:3] waddr_i,
    input  logic            [63:0] wdata_i,
    input  logic            [ 7:0] wbe_i,
    // read access: valid and address stay until ready, the data stands beside it
    input  logic                   rvalid_i,
    output logic                   rready_o,
    input  logic                   rportal_i,
    input  logic            [17:3] raddr_i,
    output logic            [63:0] rdata_o,
    // host store
    output logic                   hs_enable_o,
    output logic            [63:0] hs_base_o,
    output logic            [20:0] hs_size_o,
    output logic                   inv_valid_o,
    input  logic                   inv_ready_i,
    output logic            [19:0] inv_index_o,
    output logic            [ 4:0] inv_order_o,
    input  logic                   inv_done_i,
    // events to record and count
    input  logic                   err_valid_i,
    input  logic            [ 3:0] err_code_i,
    input  logic            [ 1:0] err_store_i,
    input  logic            [19:0] err_index_i,
    input  logic                   inv_drop_i,     // an Invalidate Request was dropped
    input  logic            [ 4:0] inv_tag_i,
    input  logic                   sent_i,
    input  logic                   fetched_i,
    // events: offered, and the device's own
    input  logic                   ev_valid_i,
    output logic                   ev_ready_o,
    input  logic                   ev_self_i,
    input  ep_pkg::cause_t         ev_i,
    input  logic                   ev_hold_i,      // reset under way: events wait
    output logic                   self_valid_o,
    input  logic                   self_ready_i,
    // where firings go
    input  logic                   msix_enable_i,
    input  logic                   msi_enable_i,
    input  logic            [ 2:0] msi_order_i,
    output logic                   fire_valid_o,   // MSI-X
    input  logic                   fire_ready_i,
    output logic            [ 6:0] fire_vector_o,
    output logic                   msi_raise_o,
    output logic            [ 4:0] msi_vector_o,
    output logic                   intx_latch_o,   // INTx is the mode and something has fired
    input  logic                   intx_sent_i,    // the wire as last sent
    // causes
    output logic                   cause_valid_o,
    input  logic                   cause_ready_i,
    output ep_pkg::cause_t         cause_o,
    // writes to memory
    output logic                   post_valid_o,
    input  logic                   post_ready_i,
    output logic                   post_quad_o,
    output logic            [63:0] post_addr_o,
    output logic           [127:0] post_data_o,
    output tlp_pkg::pasid_t        post_pasid_o,
    // DMA: reads and their answers
    output logic                   read_valid_o,
    input  logic                   read_ready_i,
    output logic       [LaneW-1:0] read_lane_o,
    output ep_pkg::dma_read_t      read_o,
    input  logic    [DmaLanes-1:0] read_free_i,
    input  logic             [1:0] read_tag_i,
    input  logic                   res_valid_i,
    input  logic       [LaneW-1:0] res_lane_i,
    input  logic             [1:0] res_tag_i,
    input  logic             [3:0] res_status_i,
    input  logic                   put_valid_i,
    input  logic       [LaneW-1:0] put_lane_i,
    input  logic            [10:2] put_word_i,
    input  logic             [7:0] put_words_i,
    input  logic       [DataW-1:0] put_data_i,
    // DMA: bulk writes
    input  logic                   bulk_room_i,
    output logic                   bulk_push_o,
    output logic       [DataW-1:0] bulk_data_o,
    output logic                   bulk_valid_o,
    input  logic                   bulk_ready_i,
    output tlp_pkg::bulk_t         bulk_o
);
  // 64 blocks of 128 bytes.
  localparam logic [2:0] QueueWindow = 3'(ep_reg_pkg::REG_Q_CTRL_OFFSET >> 13);

  logic rst_n;
  assign rst_n = rst_ni && !soft_rst_i;

  ep_pkg::fn_write_t write;
  assign write    = {wvalid_i && !drop_i && !wportal_i, waddr_i[15:3], wdata_i, wbe_i};

  // The registers of the queues take a few clocks; none waits for anything outside: the posted
  // stream must go on.
  logic        w_queue, r_queue, q_wready, q_rready;
  logic [63:0] q_rdata, test_rdata, plain_rdata, coal_rdata, vf_rdata;
  assign w_queue  = wportal_i || waddr_i[15:13] == QueueWindow;
  assign r_queue  = rportal_i || raddr_i[15:13] == QueueWindow;
  assign wready_o = drop_i || !w_queue || q_wready;
  assign rready_o = !r_queue || q_rready;
  assign rdata_o  = r_queue ? q_rdata : plain_rdata | test_rdata | coal_rdata | vf_rdata;

  ep_pkg::fn_values_t values;

  logic        note_valid, note_ready;
  logic [31:0] note_number;
  fn_host #(
      .NumHostSlots(NumHostSlots)
  ) u_host (
      .clk_i,
      .rst_ni       (rst_n),
      .write_i      (write),
      .base_o       (hs_base_o),
      .size_o       (hs_size_o),
      .enable_o     (hs_enable_o),
      .status_o     (values.hs_status),
      .done_addr_o  (values.hs_done_addr),
      .inv_valid_o,
      .inv_ready_i,
      .inv_index_o,
      .inv_order_o,
      .inv_done_i,
      .note_valid_o (note_valid),
      .note_ready_i (note_ready),
      .note_number_o(note_number)
  );
  assign values.hs_base   = hs_base_o;
  assign values.hs_size   = hs_size_o;
  assign values.hs_enable = hs_enable_o;

  // The core's errors, then events that do not exist, then those of handles.
  logic        ev_refused, err_valid;
  logic        ih_err_valid;
  logic [ 3:0] ih_err_code;
  logic [ 1:0] ih_err_store;
  logic [19:0] ih_err_index;
  assign err_valid = err_valid_i || ev_refused || ih_err_valid;
  logic        drop_valid;
  logic [ 1:0] drop_store;
  logic [19:0] drop_index;
  fn_err u_err (
      .clk_i,
      .rst_ni         (rst_n),
      .write_i        (write),
      .err_valid_i    (err_valid),
      .err_code_i     (err_valid_i ? err_code_i : ev_refused ? irq_pkg::ErrRange : ih_err_code),
      .err_store_i    (err_valid_i ? err_store_i : ev_refused ? ep_pkg::StoreEvent : ih_err_store),
      .err_index_i    (err_valid_i ? err_index_i : ev_refused ? ev_i.index : ih_err_index),
      .drop_valid_i   (drop_valid),
      .drop_store_i   (drop_store),
      .drop_index_i   (drop_index),
      .inv_valid_i    (inv_drop_i),
      .inv_tag_i,
      .sent_i,
      .fetched_i,
      .irq_err_o      (values.irq_err),
      .irq_err_count_o(values.irq_err_count),
      .stat_sent_o    (values.stat_sent),
      .stat_fetch_o   (values.stat_fetch)
  );

  logic        vf_bell_valid;
  logic [31:0] vf_bell;
  fn_vf #(
      .NumVfs(NumVfs)
  ) u_vf (
      .write_i     (write),
      .raddr_i     (raddr_i[15:3]),
      .rdata_o     (vf_rdata),
      .bell_valid_o(vf_bell_valid),
      .bell_o      (vf_bell)
  );

  logic           work_cause_valid, work_cause_ready;
  ep_pkg::cause_t work_cause;
  logic         rec_valid, rec_ready;
  logic [ 63:0] rec_dest;
  logic [127:0] rec_data;
  fn_work u_work (
      .clk_i,
      .rst_ni       (rst_n),
      .allow_i,
      .write_i      (write),
      .vf_bell_valid_i(vf_bell_valid),
      .vf_bell_i    (vf_bell),
      .drop_valid_o (drop_valid),
      .drop_store_o (drop_store),
      .drop_index_o (drop_index),
      .status_o     (values.fn_status),
      .raised_o     (values.fn_raised),
      .rec_addr_o   (values.fn_rec_addr),
      .rec_order_o  (values.fn_rec_order),
      .rec_seq_o    (values.fn_rec_seq),
      .sweep_first_o(values.fn_sweep_first),
      .sweep_count_o(values.fn_sweep_count),
      .rec_valid_o  (rec_valid),
      .rec_ready_i  (rec_ready),
      .rec_dest_o   (rec_dest),
      .rec_data_o   (rec_data),
      .cause_valid_o(work_cause_valid),
      .cause_ready_i(work_cause_ready),
      .cause_o      (work_cause)
  );

  logic        revoked, event_valid, event_ready, test_msi_valid, test_intx, ev_msi_raise;
  logic [ 4:0] ev_msi_vector, test_msi_vector;
  logic [ 5:0] event_queue;
  logic        latch;
  fn_event #(
      .NumMsix(NumMsix)
  ) u_event (
      .clk_i,
      .rst_ni       (rst_n),
      .hold_i       (ev_hold_i),
      .write_i      (write),
      .raddr_i      (raddr_i[15:3]),
      .rdata_o      (coal_rdata),
      .msix_enable_i,
      .msi_enable_i,
      .msi_order_i,
      .valid_i      (ev_valid_i),
      .ready_o      (ev_ready_o),
      .self_i       (ev_self_i),
      .withdraw_i   (ev_i.withdraw),
      .index_i      (ev_i.index),
      .refused_o    (ev_refused),
      .err_busy_i   (err_valid_i),
      .irq_err_i    (err_valid || drop_valid || inv_drop_i),
      .revoked_i    (revoked),
      .self_valid_o,
      .self_ready_i,
      .msix_valid_o (fire_valid_o),
      .msix_ready_i (fire_ready_i),
      .msix_vector_o(fire_vector_o),
      .msi_raise_o  (ev_msi_raise),
      .msi_vector_o (ev_msi_vector),
      .latch_o      (latch),
      .mode_o       (values.ev_mode),
      .status_o     (values.ev_status),
      .misc_o       (values.ev_misc),
      .vectors_o    (values.ev_vectors),
      .err_raises_o (values.ev_err_raises)
  );
  assign values.ev_latch = latch;
  assign values.ev_wire  = intx_sent_i;
  // pci_endpoint_test raises MSI when no event does, and INTx beside the latch.
  assign intx_latch_o    = (latch || test_intx) && values.ev_mode == ep_pkg::ModeIntx;
  assign msi_raise_o     = ev_msi_raise || test_msi_valid;
  assign msi_vector_o    = ev_msi_raise ? ev_msi_vector : test_msi_vector;

  // ---- interrupt handles ------------------------------------------------------------------
  logic            find_valid, find_done;
  logic [15:0]     find_handle;
  tlp_pkg::pasid_t find_pasid;
  logic [ 7:0]     find_status;
  ep_pkg::cause_t  find_cause;
  fn_handle #(
      .NumHandles (NumHandles),
      .NumMsix    (NumMsix),
      .NumDevSlots(NumDevSlots)
  ) u_handle (
      .clk_i,
      .rst_ni       (rst_n),
      .write_i      (write),
      .target_o     (values.ih_target),
      .perm_o       (values.ih_perm),
      .status_o     (values.ih_status),
      .revoked_o    (revoked),
      .hs_enable_i  (hs_enable_o),
      .hs_size_i    (hs_size_o),
      .find_valid_i (find_valid),
      .find_done_o  (find_done),
      .find_handle_i(find_handle),
      .find_pasid_i (find_pasid),
      .find_status_o(find_status),
      .find_cause_o (find_cause),
      .err_valid_o  (ih_err_valid),
      .err_ready_i  (!err_valid_i && !ev_refused),
      .err_code_o   (ih_err_code),
      .err_store_o  (ih_err_store),
      .err_index_o  (ih_err_index)
  );

  // ---- pci_endpoint_test -----------------------------------------------------------------
  logic           own_valid, own_ready, own_done, own_good, test_cause_valid, test_cause_ready;
  logic [255:0]   own_desc;
  logic [ 31:0]   own_crc;
  ep_pkg::cause_t test_cause;
  fn_pcitest u_pcitest (
      .clk_i,
      .rst_ni       (rst_n),
      .write_i      (write),
      .raddr_i      (raddr_i[15:3]),
      .rdata_o      (test_rdata),
      .own_valid_o  (own_valid),
      .own_ready_i  (own_ready),
      .own_desc_o   (own_desc),
      .own_done_i   (own_done),
      .own_good_i   (own_good),
      .own_crc_i    (own_crc),
      .cause_valid_o(test_cause_valid),
      .cause_ready_i(test_cause_ready),
      .cause_o      (test_cause),
      .msi_valid_o  (test_msi_valid),
      .msi_ready_i  (!ev_msi_raise),
      .msi_vector_o (test_msi_vector),
      .intx_o       (test_intx)
  );

  // ---- work queues and DMA engine ----------------------------------------------------------
  logic            dma_rec_valid, dma_rec_ready, dma_cause_valid, dma_cause_ready;
  logic [ 63:0]    dma_rec_addr;
  logic [127:0]    dma_rec_data;
  tlp_pkg::pasid_t dma_rec_pasid;
  ep_pkg::cause_t  dma_cause;
  fn_dma #(
      .DataW    (DataW),
      .NumQueues(NumQueues),
      .Lanes    (DmaLanes)
  ) u_dma (
      .clk_i,
      .rst_ni       (rst_n),
      .allow_i,
      .cfg_i        (dma_cfg_i),
      .wvalid_i     (wvalid_i && !drop_i && w_queue),
      .wready_o     (q_wready),
      .wportal_i,
      .waddr_i,
      .wdata_i,
      .wbe_i,
      .rvalid_i     (rvalid_i && r_queue),
      .rready_o     (q_rready),
      .rportal_i,
      .raddr_i,
      .rdata_o      (q_rdata),
      .own_valid_i  (own_valid),
      .own_ready_o  (own_ready),
      .own_desc_i   (own_desc),
      .own_done_o   (own_done),
      .own_good_o   (own_good),
      .own_crc_o    (own_crc),
      .read_valid_o,
      .read_ready_i,
      .read_lane_o,
      .read_o,
      .read_free_i,
      .read_tag_i,
      .res_valid_i,
      .res_lane_i,
      .res_tag_i,
      .res_status_i,
      .put_valid_i,
      .put_lane_i,
      .put_word_i,
      .put_words_i,
      .put_data_i,
      .find_valid_o (find_valid),
      .find_done_i  (find_done),
      .find_handle_o(find_handle),
      .find_pasid_o (find_pasid),
      .find_status_i(find_status),
      .find_cause_i (find_cause),
      .bulk_room_i,
      .bulk_push_o,
      .bulk_data_o,
      .bulk_valid_o,
      .bulk_ready_i,
      .bulk_o,
      .rec_valid_o  (dma_rec_valid),
      .rec_ready_i  (dma_rec_ready),
      .rec_addr_o   (dma_rec_addr),
      .rec_data_o   (dma_rec_data),
      .rec_pasid_o  (dma_rec_pasid),
      .cause_valid_o(dma_cause_valid),
      .cause_ready_i(dma_cause_ready),
      .cause_o      (dma_cause),
      .event_valid_o(event_valid),
      .event_ready_i(event_ready),
      .event_queue_o(event_queue)
  );

  // ---- causes: who has been shown to the core stays until it is taken -------------------------
  logic [3:0] cause_gnt;
  prim_arb_hold #(
      .N(4)
  ) u_cause_arb (
      .clk_i,
      .rst_ni(rst_n),
      .req_i ({event_valid, test_cause_valid, dma_cause_valid, work_cause_valid}),
      .gnt_o (cause_gnt),
      .ack_i (cause_ready_i)
  );
  assign cause_valid_o = cause_gnt != '0;
  always_comb begin
    cause_o = work_cause;
    if (cause_gnt[1]) cause_o = dma_cause;
    if (cause_gnt[2]) cause_o = test_cause;
    if (cause_gnt[3]) begin
      cause_o       = '0;
      cause_o.store = ep_pkg::StoreEvent;
      cause_o.index = {14'd0, event_queue};
    end
  end
  assign work_cause_ready = cause_gnt[0] && cause_ready_i;
  assign dma_cause_ready  = cause_gnt[1] && cause_ready_i;
  assign test_cause_ready = cause_gnt[2] && cause_ready_i;
  assign event_ready      = cause_gnt[3] && cause_ready_i;

  // ---- completion words first: they are few; then the records of both in turn ------------------
  logic       note_now;
  logic [1:0] rec_gnt;
  assign note_now = note_valid && allow_i;
  prim_arb_rr #(
      .N(2)
  ) u_rec_arb (
      .clk_i,
      .rst_ni(rst_n),
      .req_i ({dma_rec_valid, rec_valid}),
      .gnt_o (rec_gnt),
      .ack_i (post_ready_i && !note_now)
  );
  assign post_valid_o = note_now || rec_gnt != '0;
  assign post_quad_o  = !note_now;
  always_comb begin
    post_addr_o  = rec_dest;
    post_data_o  = rec_data;
    post_pasid_o = '0;
    if (note_now) begin
      post_addr_o = values.hs_done_addr;
      post_data_o = {96'd0, note_number};
    end else if (rec_gnt[1]) begin
      post_addr_o  = dma_rec_addr;
      post_data_o  = dma_rec_data;
      post_pasid_o = dma_rec_pasid;
    end
  end
  assign note_ready    = post_ready_i && note_now;
  assign rec_ready     = post_ready_i && !note_now && rec_gnt[0];
  assign dma_rec_ready = post_ready_i && !note_now && rec_gnt[1];

  fn_read #(
      .NumMsix       (NumMsix),
      .NumDevSlots   (NumDevSlots),
      .NumHostSlots  (NumHostSlots),
      .HostCacheLines(HostCacheLines)
  ) u_read_lo (
      .addr_i  ({raddr_i[15:3], 1'b0}),
      .values_i(values),
      .data_o  (plain_rdata[31:0])
  );
  fn_read #(
      .NumMsix       (NumMsix),
      .NumDevSlots   (NumDevSlots),
      .NumHostSlots  (NumHostSlots),
      .HostCacheLines(HostCacheLines)
  ) u_read_hi (
      .addr_i  ({raddr_i[15:3], 1'b1}),
      .values_i(values),
      .data_o  (plain_rdata[63:32])
  );

  logic unused_cause;
  assign unused_cause = ^ev_i;
endmodule
