// SPDX-License-Identifier: Apache-2.0 OR MIT
// The posted stream: interrupt messages, records, completion words and message requests
// (errors, INTx) in the order of their commitment (docs/device.md §9). What enters has its credits: they are taken on
// entry, so that a posted packet never waits for one later and read completions
// stamped behind it always get out.
//
// The core's messages cannot be refused. `msg_avail_o` tells the core how many could
// be taken; other writes use what the core has not already got in its pipeline
// (`msg_inflight_i`). To keep both from starting on the last credit in the same cycle,
// another write first reserves one, which the core sees gone one cycle earlier. With
// few credits the core gets its turn between two other writes.
//
// A bulk write has its payload in a queue of its own: first all of the payload is put
// there, then the write is offered here, so that what is sent never stops in the middle.
// It needs up to 32 data credits at once. It reserves them only when they are all there and
// gives them back when messages that were already under way took some, so that
// neither messages nor other writes wait for it.
module tlp_post #(
    parameter int unsigned DataW = 256,
    parameter int unsigned Depth = 32,        // power of two
    parameter int unsigned BulkBytes = 2048,  // payloads waiting to leave, power of two
    localparam int unsigned BulkBeats = BulkBytes * 8 / DataW,
    localparam int unsigned PtrW = $clog2(Depth) + 1
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,
    input  logic                     soft_rst_i,     // function reset: payloads without their write are dropped
    input  logic              [15:0] id_i,           // of the physical function
    // credits
    input  logic              [ 7:0] fc_ph_limit_i,
    input  logic              [11:0] fc_pd_limit_i,
    input  logic              [ 1:0] fc_infinite_i,  // {pd, ph}
    // messages of the core
    input  logic                     msg_valid_i,
    input  logic              [63:0] msg_addr_i,
    input  logic              [31:0] msg_data_i,
    input  tlp_pkg::fn_t             msg_fn_i,       // whose message it is
    output logic              [ 5:0] msg_avail_o,
    input  logic              [ 3:0] msg_inflight_i,
    // other writes and message requests: taken when both are 1
    input  logic                     other_valid_i,
    output logic                     other_ready_o,
    input  logic                     other_quad_i,   // four words, else one
    input  logic              [63:0] other_addr_i,
    input  logic             [127:0] other_data_i,
    input  logic                     other_msg_i,    // a message request, no write
    input  logic              [ 2:0] other_route_i,
    input  logic              [ 7:0] other_code_i,
    input  tlp_pkg::pasid_t          other_pasid_i,
    input  tlp_pkg::fn_t             other_fn_i,
    // bulk writes: payload first, beat by beat, then the write: taken when both are 1
    output logic                     bulk_room_o,    // for 512 bytes; stays until a beat is put in
    input  logic                     bulk_push_i,
    input  logic         [DataW-1:0] bulk_data_i,
    input  logic                     bulk_valid_i,
    output logic                     bulk_ready_o,
    input  tlp_pkg::bulk_t           bulk_i,
    // to the transmitter
    output logic                     valid_o,
    output tlp_pkg::tx_post_t        post_o,
    input  logic                     pop_i,
    output logic         [DataW-1:0] payload_o,      // of bulk writes in turn
    input  logic                     payload_pop_i,
    // packets that entered, packets that left: stamps of §9
    output logic          [PtrW-1:0] pushed_o,
    output logic          [PtrW-1:0] done_o
);
  logic [tlp_pkg::TxPostW-1:0] mem[Depth];
  logic [PtrW-1:0] wr_q, rd_q;

  assign valid_o  = wr_q != rd_q;
  assign post_o   = mem[rd_q[PtrW-2:0]];
  assign pushed_o = wr_q;
  assign done_o   = rd_q;

  // ---- what could be taken -----------------------------------------------------
  logic [ 7:0] ph_left;
  logic [11:0] pd_left;
  logic        push, push_msg;  // push_msg: what enters has no data
  tlp_credit #(
      .Width(8)
  ) u_ph (
      .clk_i,
      .rst_ni,
      .limit_i   (fc_ph_limit_i),
      .infinite_i(fc_infinite_i[0]),
      .take_i    (push),
      .amount_i  (8'd1),
      .left_o    (ph_left)
  );
  // A data credit is 16 bytes: one and four words alike take one; a message request none.
  logic [11:0] pd_amount;
  tlp_credit #(
      .Width(12)
  ) u_pd (
      .clk_i,
      .rst_ni,
      .limit_i   (fc_pd_limit_i),
      .infinite_i(fc_infinite_i[1]),
      .take_i    (push && !push_msg),
      .amount_i  (pd_amount),
      .left_o    (pd_left)
  );

  logic [PtrW-1:0] space;
  logic [5:0]      space6, ph6, pd6, avail_bare, avail;
  assign space  = PtrW'(Depth) - (wr_q - rd_q);
  assign space6 = 6'(space);
  assign ph6    = (ph_left > 8'd63) ? 6'd63 : ph_left[5:0];
  assign pd6    = (pd_left > 12'd63) ? 6'd63 : pd_left[5:0];
  always_comb begin
    avail_bare = (ph6 < space6) ? ph6 : space6;            // packets without data
    avail      = (pd6 < avail_bare) ? pd6 : avail_bare;    // and with
  end

  // ---- the other writes -----------------------------------------------------------
  logic       reserved_q;
  logic [2:0] turn_q;  // clocks with a credit at hand that the core still has to itself
  // Bulk writes and the others take turns; a bulk write whose credits are not there loses
  // its turn.
  logic [5:0] need, pd_free;  // data credits of what is reserved; and left beside it
  logic       prefer_bulk_q, take_bulk, bulk_fits;
  assign need      = 6'((bulk_i.words + 8'd3) >> 2);
  assign bulk_fits = pd_left >= {6'd0, need};
  assign take_bulk = bulk_valid_i && bulk_fits && (prefer_bulk_q || !other_valid_i);
  assign pd_free   = (pd_left - {6'd0, need} > 12'd63) ? 6'd63 : 6'(pd_left - {6'd0, need});

  logic [5:0] avail_less;  // beside a bulk write
  always_comb begin
    avail_less = (avail != '0) ? avail - 6'd1 : 6'd0;
    if (take_bulk && pd_free < avail_less) avail_less = pd_free;
  end
  assign msg_avail_o = reserved_q ? avail_less : avail;

  // A message request is not held up by data credits.
  logic [5:0] avail_other;
  logic       may_go, other_go, bulk_go, some_go;
  assign avail_other   = (other_msg_i && !take_bulk) ? avail_bare : avail;
  assign may_go        = reserved_q && !msg_valid_i && avail_other > {2'b00, msg_inflight_i};
  assign other_ready_o = may_go && !take_bulk;
  assign bulk_ready_o  = may_go && take_bulk && pd_free >= {2'b00, msg_inflight_i};
  assign other_go      = other_valid_i && other_ready_o;
  assign bulk_go       = bulk_ready_o;
  assign some_go       = other_go || bulk_go;
  assign push          = msg_valid_i || some_go;
  assign pd_amount     = bulk_go ? {6'd0, need} : 12'd1;
  assign push_msg      = other_go && other_msg_i;

  // Bulk writes are of the physical function.
  tlp_pkg::fn_t fn, unused_named;
  logic [15:0]  rid;
  always_comb begin
    fn = '0;
    if (msg_valid_i) fn = msg_fn_i;
    else if (!bulk_go) fn = other_fn_i;
  end
  tlp_vf_id u_id (
      .id_i,
      .fn_i    (fn),
      .id_o    (rid),
      .number_i(8'd0),
      .exist_i (16'd0),
      .fn_o    (unused_named)
  );

  tlp_pkg::tx_post_t entry;
  always_comb begin
    entry     = '0;
    entry.rid = rid;
    if (msg_valid_i) begin
      entry.addr       = msg_addr_i[63:2];
      entry.data[31:0] = msg_data_i;
    end else if (bulk_go) begin
      entry.bulk     = 1'b1;
      entry.addr     = bulk_i.addr;
      entry.words    = bulk_i.words;
      entry.first_be = bulk_i.first_be;
      entry.last_be  = bulk_i.last_be;
      entry.attr     = bulk_i.attr;
      entry.pasid    = bulk_i.pasid;
    end else begin
      entry.pasid = other_pasid_i;
      entry.addr = other_addr_i[63:2];
      entry.quad = other_quad_i && !other_msg_i;
      entry.data = other_data_i;
      entry.msg  = other_msg_i;
      entry.route = other_route_i;
      entry.code = other_code_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) mem[wr_q[PtrW-2:0]] <= entry;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      wr_q       <= '0;
      rd_q       <= '0;
      reserved_q <= 1'b0;
      turn_q     <= '0;
      prefer_bulk_q <= 1'b0;
    end else begin
      if (push) wr_q <= wr_q + 1'b1;
      if (pop_i) rd_q <= rd_q + 1'b1;
      // A write that is no longer wanted gives its reservation back.
      reserved_q <= (other_valid_i || take_bulk) && !some_go && (reserved_q || turn_q == '0);
      if (some_go) prefer_bulk_q <= other_go;
      if (some_go) turn_q <= (avail > 6'd8) ? 3'd0 : 3'd4;
      else if (msg_valid_i) turn_q <= '0;
      else if (turn_q != '0 && avail_other != '0) turn_q <= turn_q - 3'd1;
    end
  end

  // ---- payloads ---------------------------------------------------------------------
  localparam int unsigned MaxBeats = 4096 / DataW;  // of 512 bytes
  localparam int unsigned BeatW = $clog2(BulkBeats) + 1;
  logic [BeatW-1:0] level_q;
  logic             fifo_ready, fifo_valid;
  prim_fifo_ram #(
      .Width(DataW),
      .Depth(BulkBeats)
  ) u_payload (
      .clk_i,
      .rst_ni,
      .clear_i (soft_rst_i),
      .wvalid_i(bulk_push_i),
      .wready_o(fifo_ready),
      .wdata_i (bulk_data_i),
      .rvalid_o(fifo_valid),
      .rready_i(payload_pop_i),
      .rdata_o (payload_o)
  );
  assign bulk_room_o = level_q <= BeatW'(BulkBeats - MaxBeats);
  always_ff @(posedge clk_i) begin
    if (!rst_ni || soft_rst_i) level_q <= '0;
    else level_q <= level_q + BeatW'(bulk_push_i) - BeatW'(payload_pop_i);
  end

  logic unused_fifo;
  assign unused_fifo = ^{fifo_ready, fifo_valid};

  logic unused_addr;
  assign unused_addr = ^{msg_addr_i[1:0], other_addr_i[1:0]};
endmodule
