// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Finds the next source to send for. Rows that may hold a deliverable source stand in a queue, each at most once;
// the row at its head is read, and all of its sources that are pending and not masked become picks, one a clock.
// Then comes the next row: round robin over rows, and every source of a row once per turn.
//
// A masked or closed source is not in the picks, so it costs others nothing. A pick is only an attempt: the commit
// stage looks again. What a pick may miss (a source that becomes deliverable after its row was read) cannot be lost,
// since the commit stage puts the row into the queue again (`push`).
//
// Device-side rows and host rows have separate queues that take turns, so that a crowd of host slots waiting for
// fetches does not delay the others. While no fetch can be started (`pace_i`), a host row is read only every 64
// clocks: slots that are held are still served, and the rows that wait do not fill the pipeline with attempts.
//
// Whether a row is queued: a bit in the row that flips with each push (`push_par_i`), against a bit here that follows
// it when the row is taken. A commit that still sees "queued" for a row just taken is right to rely on it: the row is
// read for picks with all writes up to the clock after it was taken.
module irq_select #(
  parameter int unsigned NumMsix = 1,
  parameter int unsigned NumDevSlots = 1,
  parameter int unsigned NumHostSlots = 64,
  parameter int unsigned NumVfs = 0,
  localparam int unsigned VfPorts = (NumVfs > 0) ? NumVfs : 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            flush_i,        // a clear starts: forget everything
  input  logic            stop_i,         // a clear is under way

  // commit stage: put a row into the queue
  input  logic            push_i,
  input  irq_pkg::row_t   push_row_i,
  input  logic            push_par_i,

  // parity of takes, for the operation that starts; two clocks later
  input  irq_pkg::row_t   op_row_i,
  output logic            op_popped_par_o,

  // row read, data two clocks later
  output irq_pkg::row_t   sel_row_o,
  input  logic [63:0]     sel_pend_i,
  input  logic [63:0]     sel_mask_i,

  // enables
  input  logic            open_msix_i,
  input  logic            open_dev_i,
  input  logic            open_host_i,
  input  logic [VfPorts-1:0] vf_open_msix_i,
  input  logic [VfPorts-1:0] vf_open_dev_i,
  input  logic            pace_i,

  // picks
  output logic            pick_valid_o,
  input  logic            pick_ready_i,
  output irq_pkg::store_t pick_store_o,
  output irq_pkg::index_t pick_index_o,
  output logic            waiting_o,      // there are picks, or rows to look for them in

  // clearing sweep
  input  logic            clr_i,
  input  logic [13:0]     clr_pair_i
);
  // MSI-X and device slot rows, those of the virtual functions included
  localparam int unsigned RowsDevice = (NumMsix + 63) / 64 + (NumDevSlots + 63) / 64 + 2 * NumVfs;
  localparam int unsigned RowsHost   = NumHostSlots / 64;
  localparam int unsigned NumRows    = RowsDevice + RowsHost;
  localparam int unsigned RowW    = irq_pkg::RowW;

  // ---- queues of rows ------------------------------------------------------------------------------------------
  logic          push_host;
  logic          dev_valid, dev_ready, host_valid, host_ready;
  logic [RowW:0] dev_head, host_head;     // {parity, row}
  logic          unused_dev_wready, unused_host_wready;   // a row is queued once, so they cannot be full

  assign push_host = push_row_i >= 15'(RowsDevice);

  prim_fifo_ram #(.Width(RowW + 1), .Depth(RowsDevice)) u_dev_queue (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .clear_i (flush_i),
    .wvalid_i(push_i && !push_host),
    .wready_o(unused_dev_wready),
    .wdata_i ({push_par_i, push_row_i}),
    .rvalid_o(dev_valid),
    .rready_i(dev_ready),
    .rdata_o (dev_head)
  );

  prim_fifo_ram #(.Width(RowW + 1), .Depth(RowsHost)) u_host_queue (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .clear_i (flush_i),
    .wvalid_i(push_i && push_host),
    .wready_o(unused_host_wready),
    .wdata_i ({push_par_i, push_row_i}),
    .rvalid_o(host_valid),
    .rready_i(host_ready),
    .rdata_o (host_head)
  );

  // ---- take a row ----------------------------------------------------------------------------------------------
  logic [5:0]    pace_q;
  logic          host_now;
  logic [1:0]    take;
  logic [RowW:0] taken;
  logic          room;         // the row's sources will find a place

  assign host_now   = !pace_i || pace_q == '0;
  assign taken      = take[1] ? host_head : dev_head;
  assign sel_row_o  = taken[RowW-1:0];
  assign dev_ready  = take[0];
  assign host_ready = take[1];

  prim_arb_rr #(.N(2)) u_arb (
    .clk_i (clk_i),
    .rst_ni(rst_ni),
    .req_i ({host_valid && host_now && room && !stop_i, dev_valid && room && !stop_i}),
    .gnt_o (take),
    .ack_i (1'b1)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni)                           pace_q <= '0;
    else if (take[1] && pace_i)            pace_q <= 6'd63;
    else if (pace_q != '0)                 pace_q <= pace_q - 1'b1;
  end

  irq_rows #(
    .Width     (1),
    .NumRows   (NumRows),
    .SelectPort(1'b0)
  ) u_popped (
    .clk_i      (clk_i),
    .op_row_i   (op_row_i),
    .op_rdata_o (op_popped_par_o),
    .sel_row_i  ('0),
    .sel_rdata_o(unused_sel),
    .we_i       (take != '0),
    .wrow_i     (taken[RowW-1:0]),
    .wdata_i    (taken[RowW]),
    .clr_i      (clr_i),
    .clr_pair_i (clr_pair_i),
    .clr_even_i (1'b0),
    .clr_odd_i  (1'b0)
  );
  logic unused_sel;

  // ---- read it: two clocks -------------------------------------------------------------------------------------
  logic          read1_q, read2_q;
  irq_pkg::row_t row1_q, row2_q;
  logic          row_open;
  logic [63:0]   sources;

  always_ff @(posedge clk_i) begin
    row1_q  <= taken[RowW-1:0];
    row2_q  <= row1_q;
    read1_q <= take != '0;
    read2_q <= read1_q;
    if (!rst_ni || flush_i) begin
      read1_q <= 1'b0;
      read2_q <= 1'b0;
    end
  end

  irq_pkg::store_t    row_store;
  irq_pkg::vf_t       row_vf;
  logic               row_virtual;
  irq_pkg::index_t    unused_row_index;
  logic [VfPorts-1:0] row_of_vf;

  irq_source #(
    .NumMsix    (NumMsix),
    .NumDevSlots(NumDevSlots),
    .NumVfs     (NumVfs)
  ) u_row_source (
    .row_i    (row2_q),
    .store_o  (row_store),
    .index_o  (unused_row_index),
    .virtual_o(row_virtual),
    .vf_o     (row_vf)
  );

  always_comb begin
    for (int unsigned i = 0; i < VfPorts; i++) row_of_vf[i] = row_vf == irq_pkg::VfW'(i);
    case (row_store)
      irq_pkg::StoreMsix: row_open = row_virtual ? (row_of_vf & vf_open_msix_i) != '0 : open_msix_i;
      irq_pkg::StoreDev:  row_open = row_virtual ? (row_of_vf & vf_open_dev_i) != '0 : open_dev_i;
      default:            row_open = open_host_i;
    endcase
  end

  assign sources = row_open ? (sel_pend_i & ~sel_mask_i) : '0;

  // ---- rows with something in them -----------------------------------------------------------------------------
  localparam int unsigned FoundDepth = 4;
  logic                     found_valid, found_ready;
  logic                     unused_found_wready;   // `room` sees to it
  logic [RowW+63:0]         found;
  logic [2:0]               found_level;

  // Rows under way and rows found must not be more than the places for them.
  assign room = ({1'b0, found_level} + 4'(read1_q) + 4'(read2_q)) < 4'(FoundDepth);

  prim_fifo #(.Width(RowW + 64), .Depth(FoundDepth)) u_found (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .clear_i (flush_i),
    .wvalid_i(read2_q && sources != '0),
    .wready_o(unused_found_wready),
    .wdata_i ({row2_q, sources}),
    .rvalid_o(found_valid),
    .rready_i(found_ready),
    .rdata_o (found),
    .level_o (found_level)
  );

  // ---- picks ---------------------------------------------------------------------------------------------------
  // `left` are the sources of the row in service that are still to be picked; the pick itself is registered.
  logic [63:0]   left_q, lowest;
  irq_pkg::row_t row_q;
  logic          pick_valid_q;
  irq_pkg::row_t pick_row_q;
  logic [5:0]    pick_bit_q, lowest_bit;
  logic          pick_load, last;

  assign lowest      = left_q & (~left_q + 64'd1);
  assign last        = left_q == lowest;      // one left, or none
  assign pick_load   = pick_ready_i || !pick_valid_q;
  assign found_ready = last && (pick_load || left_q == '0);

  // Number of the only bit set in `lowest`.
  always_comb begin
    lowest_bit = '0;
    for (int unsigned i = 0; i < 64; i++) begin
      if (lowest[i]) lowest_bit |= 6'(i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (found_ready) begin
      left_q <= found_valid ? found[63:0] : '0;
      row_q  <= found[RowW+63:64];
    end else if (pick_load) begin
      left_q <= left_q & ~lowest;
    end
    if (pick_load) begin
      pick_valid_q <= left_q != '0;
      pick_row_q   <= row_q;
      pick_bit_q   <= lowest_bit;
    end
    if (!rst_ni || flush_i) begin
      left_q       <= '0;
      pick_valid_q <= 1'b0;
    end
  end

  irq_pkg::index_t pick_first;
  logic            unused_pick_virtual;
  irq_pkg::vf_t    unused_pick_vf;

  irq_source #(
    .NumMsix    (NumMsix),
    .NumDevSlots(NumDevSlots),
    .NumVfs     (NumVfs)
  ) u_pick_source (
    .row_i    (pick_row_q),
    .store_o  (pick_store_o),
    .index_o  (pick_first),
    .virtual_o(unused_pick_virtual),
    .vf_o     (unused_pick_vf)
  );

  assign pick_valid_o = pick_valid_q;
  assign waiting_o    = dev_valid || host_valid || read1_q || read2_q || found_valid || left_q != '0 || pick_valid_q;
  assign pick_index_o = pick_first | {14'b0, pick_bit_q};
endmodule
