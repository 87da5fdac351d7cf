// SPDX-License-Identifier: Apache-2.0 OR MIT
// BAR0: the device's own registers, and what acts behind them. Wiring and the choice
// between completion words and records, which share one way into the posted stream.
module fn_regs #(
    parameter int unsigned NumMsix        = 2048,
    parameter int unsigned NumDevSlots    = 4096,
    parameter int unsigned NumHostSlots   = 65536,
    parameter int unsigned HostCacheLines = 256
) (
    input  logic                   clk_i,
    input  logic                   rst_ni,
    input  logic                   soft_rst_i,
    input  logic                   drop_i,         // function reset under way: writes have no effect
    input  logic                   allow_i,        // memory writes may be made
    // write access
    input  logic                   wvalid_i,
    output logic                   wready_o,
    input  logic            [15:3] waddr_i,
    input  logic            [63:0] wdata_i,
    input  logic            [ 7:0] wbe_i,
    // read access, answered in the same cycle
    input  logic            [15:3] raddr_i,
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
    output logic           [127:0] post_data_o
);
  logic rst_n;
  assign rst_n = rst_ni && !soft_rst_i;

  ep_pkg::fn_write_t write;
  assign write    = {wvalid_i && !drop_i, waddr_i, wdata_i, wbe_i};
  assign wready_o = 1'b1;  // no register write waits: the posted stream must go on

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

  // The core's errors, and events that do not exist.
  logic ev_refused, err_valid;
  assign err_valid = err_valid_i || ev_refused;
  logic        drop_valid;
  logic [ 1:0] drop_store;
  logic [19:0] drop_index;
  fn_err u_err (
      .clk_i,
      .rst_ni         (rst_n),
      .write_i        (write),
      .err_valid_i    (err_valid),
      .err_code_i     (err_valid_i ? err_code_i : irq_pkg::ErrRange),
      .err_store_i    (err_valid_i ? err_store_i : ep_pkg::StoreEvent),
      .err_index_i    (err_valid_i ? err_index_i : ev_i.index),
      .drop_valid_i   (drop_valid),
      .drop_store_i   (drop_store),
      .drop_index_i   (drop_index),
      .sent_i,
      .fetched_i,
      .irq_err_o      (values.irq_err),
      .irq_err_count_o(values.irq_err_count),
      .stat_sent_o    (values.stat_sent),
      .stat_fetch_o   (values.stat_fetch)
  );

  logic         rec_valid, rec_ready;
  logic [ 63:0] rec_dest;
  logic [127:0] rec_data;
  fn_work u_work (
      .clk_i,
      .rst_ni       (rst_n),
      .allow_i,
      .write_i      (write),
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
      .cause_valid_o,
      .cause_ready_i,
      .cause_o
  );

  logic [63:0] coal_rdata;
  logic        latch;
  fn_event #(
      .NumMsix(NumMsix)
  ) u_event (
      .clk_i,
      .rst_ni       (rst_n),
      .hold_i       (ev_hold_i),
      .write_i      (write),
      .raddr_i,
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
      .irq_err_i    (err_valid || drop_valid),
      .self_valid_o,
      .self_ready_i,
      .msix_valid_o (fire_valid_o),
      .msix_ready_i (fire_ready_i),
      .msix_vector_o(fire_vector_o),
      .msi_raise_o,
      .msi_vector_o,
      .latch_o      (latch),
      .mode_o       (values.ev_mode),
      .status_o     (values.ev_status),
      .misc_o       (values.ev_misc),
      .vectors_o    (values.ev_vectors),
      .err_raises_o (values.ev_err_raises)
  );
  assign values.ev_latch = latch;
  assign values.ev_wire  = intx_sent_i;
  assign intx_latch_o    = latch && values.ev_mode == ep_pkg::ModeIntx;

  // Completion words first: they are few.
  logic note_now;
  assign note_now     = note_valid && allow_i;
  assign post_valid_o = note_now || rec_valid;
  assign post_quad_o  = !note_now;
  assign post_addr_o  = note_now ? values.hs_done_addr : rec_dest;
  assign post_data_o  = note_now ? {96'd0, note_number} : rec_data;
  assign note_ready   = post_ready_i && note_now;
  assign rec_ready    = post_ready_i && !note_now;

  logic [63:0] reg_rdata;
  fn_read #(
      .NumMsix       (NumMsix),
      .NumDevSlots   (NumDevSlots),
      .NumHostSlots  (NumHostSlots),
      .HostCacheLines(HostCacheLines)
  ) u_read_lo (
      .addr_i  ({raddr_i, 1'b0}),
      .values_i(values),
      .data_o  (reg_rdata[31:0])
  );
  fn_read #(
      .NumMsix       (NumMsix),
      .NumDevSlots   (NumDevSlots),
      .NumHostSlots  (NumHostSlots),
      .HostCacheLines(HostCacheLines)
  ) u_read_hi (
      .addr_i  ({raddr_i, 1'b1}),
      .values_i(values),
      .data_o  (reg_rdata[63:32])
  );
  assign rdata_o = reg_rdata | coal_rdata;

  logic unused_store;
  assign unused_store = ^ev_i.store;
endmodule
