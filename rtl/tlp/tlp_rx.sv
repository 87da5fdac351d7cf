// SPDX-License-Identifier: Apache-2.0 OR MIT
// The receiving end of the downstream stream. It takes a packet beat by beat,
// judges it when its last beat is there (docs/device.md §4 rows 1 to 3, digest) and only
// then lets it have an effect: a write is committed to the posted buffer, a
// non-posted request enters its queue, a completion is shown to tlp_mrd, a
// message is dropped here.
//
// Readiness never depends on non-posted requests: their queue is as deep as the
// credits that the partner has been given. In a function reset everything is
// taken and dropped.
module tlp_rx #(
    parameter int unsigned DataW = 256,
    localparam int unsigned KeepW = DataW / 32
) (
    input  logic                      clk_i,
    input  logic                      rst_ni,
    input  logic                      block_i,          // take nothing: memories are being cleared
    input  logic                      drop_i,           // function reset: take and drop
    input  logic                      hold_i,           // take nothing in this clock: the error log is owed another
    input  logic              [  2:0] mps_i,
    input  logic              [ 15:0] id_i,             // of the physical function
    input  logic                      ecrc_check_i,
    // the stream
    input  logic                      rx_valid_i,
    output logic                      rx_ready_o,
    input  logic                      rx_sop_i,
    input  logic                      rx_eop_i,
    input  logic              [127:0] rx_hdr_i,
    input  logic                      rx_prefix_valid_i,
    input  logic              [ 31:0] rx_prefix_i,
    input  logic          [DataW-1:0] rx_data_i,
    input  logic          [KeepW-1:0] rx_keep_i,
    // posted buffer: beats first, then commit or rollback of the packet
    input  logic                      pbuf_ready_i,
    output logic                      pbuf_we_o,
    output logic          [DataW-1:0] pbuf_data_o,
    output logic                      pbuf_commit_o,
    output logic                      pbuf_rollback_o,
    output tlp_pkg::mwr_t             pbuf_head_o,
    // non-posted queue
    output logic                      np_push_o,
    output tlp_pkg::np_t              np_o,
    output logic                      np_seen_o,        // a non-posted request has been received, good or not
    // completions
    output logic                      cpl_valid_o,
    output tlp_pkg::rx_cpl_t          cpl_o,            // stands beside every beat of a completion
    output logic                      cpl_beat_o,       // a beat of one: its words count when the packet is good ...
    output logic              [ 10:0] cpl_before_o,     // ... and so many came before
    // Invalidate Request: what it names does not matter
    output logic                      inv_valid_o,
    output logic              [ 15:0] inv_rid_o,
    output logic              [  4:0] inv_tag_o,
    // errors, and the header of the packet that ends in this clock
    output logic                      malformed_o,
    output logic                      ecrc_o,
    output logic                      ur_message_o,
    output tlp_pkg::raw_t             raw_o
);
  localparam int unsigned LaneW = $clog2(KeepW);

  logic beat;
  assign rx_ready_o = !block_i && pbuf_ready_i && !hold_i;
  assign beat       = rx_valid_i && rx_ready_o;

  tlp_pkg::rx_head_t head_now, head_q, head;
  tlp_rx_hdr u_hdr (
      .hdr_i         (rx_hdr_i),
      .prefix_valid_i(rx_prefix_valid_i),
      .prefix_i      (rx_prefix_i),
      .mps_i         (mps_i),
      .id_i          (id_i),
      .head_o        (head_now)
  );
  assign head = rx_sop_i ? head_now : head_q;

  // Data words so far, saturating well above any Length.
  logic [LaneW:0] here;
  always_comb begin
    here = '0;
    for (int unsigned i = 0; i < KeepW; i++) begin
      here = here + (LaneW + 1)'(rx_keep_i[i]);
    end
  end
  logic [11:0] seen_q, seen_before, seen;
  assign seen_before = rx_sop_i ? '0 : seen_q;
  assign seen        = seen_before[11] ? seen_before : seen_before + 12'(here);

  logic [11:0] expected;
  logic [11:0] payload;
  assign payload  = head.has_data ? {1'b0, head.words} : 12'd0;
  assign expected = payload + 12'(head.digest);

  // A packet is dropped as a whole when any of it came during a function reset.
  logic drop_q, dropping;
  assign dropping = drop_i || (!rx_sop_i && drop_q);

  logic bad_digest;
  tlp_ecrc_check #(
      .DataW(DataW)
  ) u_ecrc (
      .clk_i,
      .rst_ni,
      .enable_i (ecrc_check_i),
      .beat_i   (beat),
      .sop_i    (rx_sop_i),
      .raw_i    (head_now.np.raw),
      .digest_i (head.digest),
      .payload_i(payload),
      .before_i (seen_before),
      .data_i   (rx_data_i),
      .keep_i   (rx_keep_i),
      .bad_o    (bad_digest)
  );

  logic last, whole, good;
  assign last  = beat && rx_eop_i;
  assign whole = last && !dropping && !head.malformed && seen == expected;
  assign good  = whole && !bad_digest;

  // First four data words: all that completions and configuration writes need.
  logic [1:0]   beats_q, beats_before;  // beats of this packet so far, up to 2
  logic [127:0] first_q, first;
  assign beats_before = rx_sop_i ? 2'd0 : beats_q;
  if (DataW == 64) begin : gen_first_narrow
    always_comb begin
      first = rx_sop_i ? '0 : first_q;
      if (beats_before == 2'd0) first[63:0] = rx_data_i;
      else if (beats_before == 2'd1) first[127:64] = rx_data_i;
    end
  end else begin : gen_first_wide
    assign first = (beats_before == 2'd0) ? rx_data_i[127:0] : first_q;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      head_q  <= '0;
      seen_q  <= '0;
      drop_q  <= 1'b0;
      beats_q <= '0;
      first_q <= '0;
    end else if (beat) begin
      head_q  <= head;
      seen_q  <= seen;
      drop_q  <= dropping;
      beats_q <= (beats_before == 2'd2) ? 2'd2 : beats_before + 2'd1;
      first_q <= first;
    end else if (drop_i) begin
      drop_q  <= 1'b1;
    end
  end

  // Writes: the beats that hold payload, not a digest that needs its own.
  logic is_write;
  assign is_write        = head.cls == tlp_pkg::RxMemWrite && !head.malformed && !dropping;
  assign pbuf_we_o       = beat && is_write && seen_before < {1'b0, head.words};
  assign pbuf_data_o     = rx_data_i;
  assign pbuf_commit_o   = good && head.cls == tlp_pkg::RxMemWrite;
  assign pbuf_rollback_o = last && !pbuf_commit_o;
  assign pbuf_head_o     = head.mwr;

  always_comb begin
    np_o      = head.np;
    np_o.data = first[31:0];
  end
  assign np_push_o = good && head.cls == tlp_pkg::RxNonPosted;
  assign np_seen_o = last && head.non_posted;

  always_comb begin
    cpl_o      = head.cpl;
    cpl_o.data = first;
  end
  assign cpl_valid_o = good && head.cls == tlp_pkg::RxCompletion;

  assign cpl_beat_o   = beat && !dropping && !head.malformed && head.cls == tlp_pkg::RxCompletion &&
                        seen_before < {1'b0, head.words};
  assign cpl_before_o = seen_before[10:0];

  assign inv_valid_o = good && head.cls == tlp_pkg::RxInvalidate;
  assign inv_rid_o   = head.np.rid;
  assign inv_tag_o   = head.np.tag[4:0];

  assign malformed_o  = last && !dropping && !whole;
  assign ecrc_o       = whole && bad_digest;
  assign ur_message_o = good && head.cls == tlp_pkg::RxMsgUnsupported;
  assign raw_o        = head.np.raw;
endmodule
