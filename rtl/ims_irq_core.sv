// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Interrupt core: MSI-X table, pending bits, and the interrupt message store in device and in host memory. Causes,
// register accesses and slot contents go in; committed messages come out, one a clock when credits allow.
//
//   clock t      irq_admit lets one operation start; its addresses go to all memories
//   clock t+1    memories read
//   clock t+2    irq_pending decides and writes, with everything as the operations before have left it
//   clock t+3    irq_send shows message, read data, error
//
// So everything has one order, that of the commit stage. irq_select and the walkers make operations of their own:
// attempts to send for sources that are pending, and walks over many rows after enables and invalidations.
//
// Contract with the endpoint around it:
//   - after rst_ni and clear_i, clear_busy_o is high until all is forgotten (less than 2^14 clocks); nothing is taken
//     meanwhile. A read taken less than three clocks before clear_i is not answered.
//   - a message is not refused. msg_avail_i = messages that can be taken, counted without those still inside; a
//     message shown in a clock must be counted in the next. The core keeps msg_inflight_o <= msg_avail_i when it starts
//     an operation; others may only use what is beyond msg_inflight_o. Full rate takes msg_avail_i >= 4.
//   - read data has a fixed delay of three clocks and is not stalled.
//   - fetch numbers come back once each, in any order; after clear_i those of before never.
module ims_irq_core #(
  parameter int unsigned NumMsix = 2048,          // 1 to 2048
  parameter int unsigned NumDevSlots = 4096,      // 1 to 8192
  parameter int unsigned NumHostSlots = 65536,    // 64 to 2^20, multiple of 64
  parameter int unsigned HostCacheLines = 256,    // 4 to 4096, power of two
  parameter int unsigned MaxFetches = 16,         // 1 to 32
  parameter int unsigned NumVfs = 0,              // 0 to 32
  localparam int unsigned VfPorts = (NumVfs > 0) ? NumVfs : 1
) (
  input  logic         clk_i,
  input  logic         rst_ni,

  // forget everything
  input  logic         clear_i,
  output logic         clear_busy_o,

  // enables: bus master, function in D0 and not in reset, MSI-X
  input  logic         bme_i,
  input  logic         active_i,
  input  logic         msix_enable_i,
  input  logic         msix_fmask_i,

  // virtual functions: there and not in reset; bus master enable; MSI-X. A pulse forgets all about the function, which
  // has to be absent from then until busy falls.
  input  logic [VfPorts-1:0] vf_exist_i,
  input  logic [VfPorts-1:0] vf_bme_i,
  input  logic [VfPorts-1:0] vf_msix_enable_i,
  input  logic [VfPorts-1:0] vf_msix_fmask_i,
  input  logic [VfPorts-1:0] vf_clear_i,
  output logic [VfPorts-1:0] vf_clear_busy_o,

  // cause
  input  logic         cause_valid_i,
  output logic         cause_ready_o,
  input  logic         cause_withdraw_i,
  input  logic [1:0]   cause_store_i,
  input  logic [19:0]  cause_index_i,
  input  logic         cause_check_i,       // a device slot must allow this requester
  input  logic         cause_pasid_valid_i,
  input  logic [19:0]  cause_pasid_i,

  // register access, one quad word; read data in order
  input  logic         acc_valid_i,
  output logic         acc_ready_o,
  input  logic         acc_write_i,
  input  logic [1:0]   acc_space_i,
  input  logic [17:0]  acc_addr_i,
  input  logic [63:0]  acc_wdata_i,
  input  logic [7:0]   acc_be_i,
  output logic         acc_rvalid_o,
  output logic [63:0]  acc_rdata_o,

  // host store
  input  logic         hs_enable_i,
  input  logic [63:0]  hs_base_i,
  input  logic [20:0]  hs_size_i,

  // invalidation of the 2^order host slots around index
  input  logic         inv_valid_i,
  output logic         inv_ready_o,
  input  logic [19:0]  inv_index_i,
  input  logic [4:0]   inv_order_i,
  output logic         inv_done_o,

  // committed messages
  output logic         msg_valid_o,
  output logic [63:0]  msg_addr_o,
  output logic [31:0]  msg_data_o,
  output logic [1:0]   msg_store_o,
  output logic [19:0]  msg_index_o,
  input  logic [5:0]   msg_avail_i,
  output logic [3:0]   msg_inflight_o,

  // slot fetch: request and result
  output logic         fetch_valid_o,
  input  logic         fetch_ready_i,
  output logic [63:0]  fetch_addr_o,
  output logic [4:0]   fetch_id_o,
  input  logic         fres_valid_i,
  input  logic [4:0]   fres_id_i,
  input  logic [3:0]   fres_status_i,
  input  logic [127:0] fres_data_i,

  // error, a pulse each
  output logic         err_valid_o,
  output logic [3:0]   err_code_o,
  output logic [1:0]   err_store_o,
  output logic [19:0]  err_index_o
);
  localparam int unsigned RowsMsix   = (NumMsix + 63) / 64 + NumVfs;
  localparam int unsigned RowsDev    = (NumDevSlots + 63) / 64 + NumVfs;
  localparam int unsigned RowsHost   = NumHostSlots / 64;
  localparam int unsigned RowsDevice = RowsMsix + RowsDev;
  localparam int unsigned NumRows    = RowsDevice + RowsHost;

  if (NumMsix < 1 || NumMsix > 2048) begin : gen_bad_msix
    $error("NumMsix must be 1 to 2048");
  end
  if (NumDevSlots < 1 || NumDevSlots > 8192) begin : gen_bad_dev
    $error("NumDevSlots must be 1 to 8192");
  end
  if (NumHostSlots < 64 || NumHostSlots > (1 << 20) || (NumHostSlots % 64) != 0) begin : gen_bad_host
    $error("NumHostSlots must be 64 to 2^20 and a multiple of 64");
  end
  if (HostCacheLines < 4 || HostCacheLines > 4096 || (HostCacheLines & (HostCacheLines - 1)) != 0) begin : gen_bad_lines
    $error("HostCacheLines must be a power of two, 4 to 4096");
  end
  if (MaxFetches < 1 || MaxFetches > 32) begin : gen_bad_fetches
    $error("MaxFetches must be 1 to 32");
  end
  if (NumVfs > 32) begin : gen_bad_vfs
    $error("NumVfs must be 0 to 32");
  end

  // ---- enables -------------------------------------------------------------------------------------------------
  logic hs_on;
  logic open_dev, open_msix, open_host;

  assign open_dev  = bme_i && active_i;
  assign open_msix = open_dev && msix_enable_i && !msix_fmask_i;
  assign open_host = open_dev && hs_on;

  // A virtual function has bus master enable of its own; without the physical one it is not there.
  logic [VfPorts-1:0] vf_exist, vf_open_dev, vf_open_msix;
  assign vf_exist     = (active_i && NumVfs > 0) ? vf_exist_i : '0;
  assign vf_open_dev  = vf_exist & vf_bme_i;
  assign vf_open_msix = vf_open_dev & vf_msix_enable_i & ~vf_msix_fmask_i;

  // ---- clear ---------------------------------------------------------------------------------------------------
  logic        flush, clr;
  logic [13:0] clr_addr;

  irq_clear #(
    .NumEntries (RowsDevice * 64),
    .NumRowPairs((NumRows + 1) / 2),
    .NumLines   (HostCacheLines)
  ) u_clear (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .busy_o (clear_busy_o),
    .flush_o(flush),
    .we_o   (clr),
    .addr_o (clr_addr)
  );

  // ---- admission -----------------------------------------------------------------------------------------------
  irq_pkg::op_t    op_commit;
  irq_pkg::row_t   start_row;
  irq_pkg::index_t start_index;
  logic            fetched_valid, fetched_ready, fetched_sends;
  logic [4:0]      fetched_id;
  logic [3:0]      fetched_status;
  logic [127:0]    fetched_data;
  irq_pkg::index_t fetched_index;
  logic            pick_valid, pick_ready, pick_waiting;
  irq_pkg::store_t pick_store;
  irq_pkg::index_t pick_index;
  logic            dwalk_valid, dwalk_ready, hwalk_valid, hwalk_ready, hwalk_line, hwalk_inflight;
  irq_pkg::store_t dwalk_store;
  irq_pkg::index_t dwalk_index, hwalk_index, vwalk_index;
  logic            vwalk_valid, vwalk_ready, vwalk_inflight;
  irq_pkg::store_t vwalk_store;

  irq_admit #(
    .NumMsix     (NumMsix),
    .NumDevSlots (NumDevSlots),
    .NumHostSlots(NumHostSlots),
    .NumVfs      (NumVfs)
  ) u_admit (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .clear_i         (flush),
    .stop_i          (clear_busy_o),
    .acc_valid_i     (acc_valid_i),
    .acc_ready_o     (acc_ready_o),
    .acc_write_i     (acc_write_i),
    .acc_space_i     (acc_space_i),
    .acc_addr_i      (acc_addr_i),
    .acc_wdata_i     (acc_wdata_i),
    .acc_be_i        (acc_be_i),
    .cause_valid_i   (cause_valid_i),
    .cause_ready_o   (cause_ready_o),
    .cause_withdraw_i(cause_withdraw_i),
    .cause_store_i   (cause_store_i),
    .cause_index_i   (cause_index_i),
    .cause_check_i   (cause_check_i),
    .cause_pasid_valid_i(cause_pasid_valid_i),
    .cause_pasid_i   (cause_pasid_i),
    .fetched_valid_i (fetched_valid),
    .fetched_ready_o (fetched_ready),
    .fetched_sends_i (fetched_sends),
    .fetched_id_i    (fetched_id),
    .fetched_status_i(fetched_status),
    .fetched_data_i  (fetched_data),
    .fetched_index_i (fetched_index),
    .pick_valid_i    (pick_valid),
    .pick_ready_o    (pick_ready),
    .pick_store_i    (pick_store),
    .pick_index_i    (pick_index),
    .pick_waiting_i  (pick_waiting),
    .dwalk_valid_i   (dwalk_valid),
    .dwalk_ready_o   (dwalk_ready),
    .dwalk_store_i   (dwalk_store),
    .dwalk_index_i   (dwalk_index),
    .hwalk_valid_i   (hwalk_valid),
    .hwalk_ready_o   (hwalk_ready),
    .hwalk_line_i    (hwalk_line),
    .hwalk_index_i   (hwalk_index),
    .hwalk_inflight_o(hwalk_inflight),
    .vwalk_valid_i   (vwalk_valid),
    .vwalk_ready_o   (vwalk_ready),
    .vwalk_store_i   (vwalk_store),
    .vwalk_index_i   (vwalk_index),
    .vwalk_inflight_o(vwalk_inflight),
    .msg_avail_i     (msg_avail_i),
    .msg_valid_i     (msg_valid_o),
    .msg_inflight_o  (msg_inflight_o),
    .start_row_o     (start_row),
    .start_index_o   (start_index),
    .op_commit_o     (op_commit)
  );

  // ---- memories ------------------------------------------------------------------------------------------------
  logic            row_we, entry_we;
  logic [63:0]     pend, pend_new, mask, mask_new, sel_pend, sel_mask;
  logic            queue_par, queue_par_new, popped_par;
  logic            unused_sel_par;
  irq_pkg::entry_t entry, entry_new;
  irq_pkg::row_t   sel_row;

  // Pending bits, and with them the parity of the row's pushes into select's queue.
  irq_rows #(.Width(65), .NumRows(NumRows)) u_pend (
    .clk_i      (clk_i),
    .op_row_i   (start_row),
    .op_rdata_o ({queue_par, pend}),
    .sel_row_i  (sel_row),
    .sel_rdata_o({unused_sel_par, sel_pend}),
    .we_i       (row_we),
    .wrow_i     (op_commit.row),
    .wdata_i    ({queue_par_new, pend_new}),
    .clr_i      (clr),
    .clr_pair_i (clr_addr),
    .clr_even_i ('0),
    .clr_odd_i  ('0)
  );

  // Mask bits; of host slots: parked. MSI-X entries and device slots are masked after a clear.
  irq_rows #(.Width(64), .NumRows(NumRows)) u_mask (
    .clk_i      (clk_i),
    .op_row_i   (start_row),
    .op_rdata_o (mask),
    .sel_row_i  (sel_row),
    .sel_rdata_o(sel_mask),
    .we_i       (row_we),
    .wrow_i     (op_commit.row),
    .wdata_i    (mask_new),
    .clr_i      (clr),
    .clr_pair_i (clr_addr),
    .clr_even_i ({64{{clr_addr, 1'b0} < 15'(RowsDevice)}}),
    .clr_odd_i  ({64{{clr_addr, 1'b1} < 15'(RowsDevice)}})
  );

  irq_store #(.NumRows(RowsDevice)) u_store (
    .clk_i     (clk_i),
    .op_row_i  (start_row),
    .op_bit_i  (start_index[5:0]),
    .op_entry_o(entry),
    .we_i      (entry_we),
    .wrow_i    (op_commit.row),
    .wbit_i    (op_commit.index[5:0]),
    .wentry_i  (entry_new),
    .clr_i     (clr),
    .clr_addr_i(clr_addr)
  );

  // ---- host store ----------------------------------------------------------------------------------------------
  logic            held, held_mask, fetching, fetch_free, discard, fetch, fetch_over, fill;
  logic [63:2]     held_addr;
  logic [31:0]     held_data;
  logic            discard_range, drop_line;
  irq_pkg::index_t range_index, range_mask;
  logic [63:0]     unpark;

  assign drop_line = op_commit.valid && op_commit.kind == irq_pkg::OpLine;

  irq_ims_host #(
    .HostCacheLines(HostCacheLines),
    .MaxFetches    (MaxFetches)
  ) u_ims_host (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .flush_i         (flush),
    .hs_enable_i     (hs_enable_i),
    .host_open_i     (open_host),
    .hs_base_i       (hs_base_i),
    .op_index_i      (start_index),
    .commit_index_i  (op_commit.index),
    .commit_id_i     (op_commit.id),
    .commit_data_i   (op_commit.data),
    .held_o          (held),
    .held_mask_o     (held_mask),
    .held_addr_o     (held_addr),
    .held_data_o     (held_data),
    .fetching_o      (fetching),
    .fetch_free_o    (fetch_free),
    .discard_o       (discard),
    .fetch_i         (fetch),
    .over_i          (fetch_over),
    .fill_i          (fill),
    .drop_line_i     (drop_line),
    .discard_range_i (discard_range),
    .range_index_i   (range_index),
    .range_mask_i    (range_mask),
    .fetch_valid_o   (fetch_valid_o),
    .fetch_ready_i   (fetch_ready_i),
    .fetch_addr_o    (fetch_addr_o),
    .fetch_id_o      (fetch_id_o),
    .fres_valid_i    (fres_valid_i),
    .fres_id_i       (fres_id_i),
    .fres_status_i   (fres_status_i),
    .fres_data_i     (fres_data_i),
    .fetched_valid_o (fetched_valid),
    .fetched_ready_i (fetched_ready),
    .fetched_sends_o (fetched_sends),
    .fetched_id_o    (fetched_id),
    .fetched_status_o(fetched_status),
    .fetched_data_o  (fetched_data),
    .fetched_index_o (fetched_index),
    .clr_i           (clr),
    .clr_line_i      (clr_addr)
  );

  // ---- walks ---------------------------------------------------------------------------------------------------
  irq_walk_device #(
    .NumMsix    (NumMsix),
    .NumDevSlots(NumDevSlots),
    .NumVfs     (NumVfs)
  ) u_walk_device (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clear_busy_i  (clear_busy_o),
    .open_msix_i   (open_msix),
    .open_dev_i    (open_dev),
    .vf_open_msix_i(vf_open_msix),
    .vf_open_dev_i (vf_open_dev),
    .walk_valid_o  (dwalk_valid),
    .walk_ready_i  (dwalk_ready),
    .walk_store_o  (dwalk_store),
    .walk_index_o  (dwalk_index)
  );

  irq_clear_vf #(
    .NumVfs(NumVfs)
  ) u_clear_vf (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .clear_busy_i   (clear_busy_o),
    .request_i      ((NumVfs > 0) ? vf_clear_i : '0),
    .busy_o         (vf_clear_busy_o),
    .walk_valid_o   (vwalk_valid),
    .walk_ready_i   (vwalk_ready),
    .walk_store_o   (vwalk_store),
    .walk_index_o   (vwalk_index),
    .walk_inflight_i(vwalk_inflight)
  );

  irq_walk_host #(
    .RowsHost      (RowsHost),
    .HostCacheLines(HostCacheLines)
  ) u_walk_host (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .clear_busy_i   (clear_busy_o),
    .open_dev_i     (open_dev),
    .hs_enable_i    (hs_enable_i),
    .hs_on_o        (hs_on),
    .inv_valid_i    (inv_valid_i),
    .inv_ready_o    (inv_ready_o),
    .inv_index_i    (inv_index_i),
    .inv_order_i    (inv_order_i),
    .inv_done_o     (inv_done_o),
    .discard_range_o(discard_range),
    .range_index_o  (range_index),
    .range_mask_o   (range_mask),
    .unpark_o       (unpark),
    .walk_valid_o   (hwalk_valid),
    .walk_ready_i   (hwalk_ready),
    .walk_line_o    (hwalk_line),
    .walk_index_o   (hwalk_index),
    .walk_inflight_i(hwalk_inflight)
  );

  // ---- commit --------------------------------------------------------------------------------------------------
  logic          push, rvalid;
  logic [63:0]   rdata;
  irq_pkg::msg_t msg;
  irq_pkg::err_t err;

  irq_pending #(
    .NumMsix    (NumMsix),
    .NumDevSlots(NumDevSlots),
    .NumVfs     (NumVfs)
  ) u_pending (
    .op_i        (op_commit),
    .drop_i      (flush),
    .open_msix_i (open_msix),
    .open_dev_i  (open_dev),
    .vf_exist_i  (vf_exist),
    .vf_open_msix_i(vf_open_msix),
    .vf_open_dev_i (vf_open_dev),
    .open_host_i (open_host),
    .hs_enable_i (hs_enable_i),
    .hs_size_i   (hs_size_i),
    .pend_i      (pend),
    .queue_par_i (queue_par),
    .popped_par_i(popped_par),
    .mask_i      (mask),
    .entry_i     (entry),
    .held_i      (held),
    .held_mask_i (held_mask),
    .held_addr_i (held_addr),
    .held_data_i (held_data),
    .fetching_i  (fetching),
    .fetch_free_i(fetch_free),
    .discard_i   (discard),
    .unpark_i    (unpark),
    .row_we_o    (row_we),
    .pend_o      (pend_new),
    .queue_par_o (queue_par_new),
    .mask_o      (mask_new),
    .entry_we_o  (entry_we),
    .entry_o     (entry_new),
    .fetch_o     (fetch),
    .fetch_over_o(fetch_over),
    .fill_o      (fill),
    .push_o      (push),
    .msg_o       (msg),
    .err_o       (err),
    .rvalid_o    (rvalid),
    .rdata_o     (rdata)
  );

  irq_select #(
    .NumMsix     (NumMsix),
    .NumDevSlots (NumDevSlots),
    .NumHostSlots(NumHostSlots),
    .NumVfs      (NumVfs)
  ) u_select (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .flush_i        (flush),
    .stop_i         (clear_busy_o),
    .push_i         (push),
    .push_row_i     (op_commit.row),
    .push_par_i     (queue_par_new),
    .op_row_i       (start_row),
    .op_popped_par_o(popped_par),
    .sel_row_o      (sel_row),
    .sel_pend_i     (sel_pend),
    .sel_mask_i     (sel_mask),
    .open_msix_i    (open_msix),
    .open_dev_i     (open_dev),
    .open_host_i    (open_host),
    .vf_open_msix_i (vf_open_msix),
    .vf_open_dev_i  (vf_open_dev),
    .pace_i         (!fetch_free),
    .pick_valid_o   (pick_valid),
    .pick_ready_i   (pick_ready),
    .pick_store_o   (pick_store),
    .pick_index_o   (pick_index),
    .waiting_o      (pick_waiting),
    .clr_i          (clr),
    .clr_pair_i     (clr_addr)
  );

  irq_send u_send (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clear_i     (flush),
    .msg_i       (msg),
    .err_i       (err),
    .rvalid_i    (rvalid),
    .rdata_i     (rdata),
    .msg_valid_o (msg_valid_o),
    .msg_addr_o  (msg_addr_o),
    .msg_data_o  (msg_data_o),
    .msg_store_o (msg_store_o),
    .msg_index_o (msg_index_o),
    .acc_rvalid_o(acc_rvalid_o),
    .acc_rdata_o (acc_rdata_o),
    .err_valid_o (err_valid_o),
    .err_code_o  (err_code_o),
    .err_store_o (err_store_o),
    .err_index_o (err_index_o)
  );
endmodule
