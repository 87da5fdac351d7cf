// SPDX-License-Identifier: Apache-2.0 OR MIT
// Moves the data of the DMA engine, a piece at a time, for the lanes in turn: out of the
// buffer, or from a pattern, turned to where the destination's first byte stands, through
// the checksum and into the queue of payloads; then the write itself is offered to
// the posted stream. A lane asks with its piece held still until it is told `done`.
//
// One beat a clock. A piece starts only when there is room for all of its payload, so that
// nothing stops in the middle but for the checksum of beats that are not whole. Bytes
// outside the piece are 0.
module fn_mover #(
    parameter int unsigned DataW = 256,
    parameter int unsigned Lanes = 4,
    localparam int unsigned LaneW = (Lanes > 1) ? $clog2(Lanes) : 1
) (
    input  logic                           clk_i,
    input  logic                           rst_ni,       // function reset included
    input  logic                           allow_i,      // memory writes may be made
    // pieces
    input  logic               [Lanes-1:0] valid_i,
    input  logic [Lanes*ep_pkg::PieceW-1:0] piece_i,
    output logic               [Lanes-1:0] done_o,       // pulse: and its write, if any, is in the posted stream
    output logic                    [31:0] crc_o,        // with done
    // the buffer: shows its words in the next clock
    output logic               [LaneW-1:0] get_lane_o,
    output logic                    [10:2] get_word_o,
    input  logic               [DataW-1:0] get_data_i,
    // the posted stream
    input  logic                           room_i,
    output logic                           push_o,
    output logic               [DataW-1:0] data_o,
    output logic                           bulk_valid_o,
    input  logic                           bulk_ready_i,
    output tlp_pkg::bulk_t                 bulk_o
);
  localparam int unsigned KeepW = DataW / 32;
  localparam int unsigned Bytes = DataW / 8;
  localparam int unsigned ByteW = $clog2(Bytes);

  typedef enum logic [2:0] {
    Idle,   // a piece
    Prime,  // nothing: the first words are being read
    Run,    // beats
    Sum,    // the checksum to be done
    Commit  // the posted stream to take the write
  } state_e;
  state_e state_q, state_d;

  logic [Lanes-1:0] gnt, lane_q;
  prim_arb_rr #(
      .N(Lanes)
  ) u_arb (
      .clk_i,
      .rst_ni,
      .req_i(valid_i),
      .gnt_o(gnt),
      .ack_i(state_q == Idle)
  );
  ep_pkg::piece_t pick, p_q;
  logic [LaneW-1:0] pick_lane, lane_no_q;
  always_comb begin
    pick      = '0;
    pick_lane = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (gnt[l]) begin
        pick      = piece_i[l*ep_pkg::PieceW+:ep_pkg::PieceW];
        pick_lane = LaneW'(l);
      end
    end
  end
  logic start;
  assign start = state_q == Idle && (valid_i & gnt) != '0 && (!pick.post || room_i);

  // ---- extent --------------------------------------------------------------------------
  logic [7:0] words;
  logic [3:0] first_be, last_be;
  tlp_span u_span (
      .low_i     (p_q.dst[1:0]),
      .bytes_i   (p_q.bytes),
      .words_o   (words),
      .first_be_o(first_be),
      .last_be_o (last_be)
  );
  // Where beat 0 begins in the buffer: at the word of the first destination byte.
  logic [10:0] from;
  assign from = p_q.src - {9'd0, p_q.dst[1:0]};

  // ---- beats -----------------------------------------------------------------------------
  // Word group g is at the buffer's output; with the group before it, beat g - 1 is whole.
  logic [6:0]       group_q;
  logic [DataW-1:0] before_q;
  logic             advance, beat_now, last_now, crc_ready;
  logic [10:0]      seen_q;    // bytes of the packet before this beat
  logic [10:0]      end_byte;  // one past the last
  assign end_byte = {1'b0, p_q.bytes} + {9'd0, p_q.dst[1:0]};
  assign beat_now = state_q == Run && group_q != '0 && crc_ready;
  assign last_now = beat_now && end_byte - seen_q <= 11'(Bytes);
  assign advance  = state_q == Run && (group_q == '0 || crc_ready);

  logic [6:0] group_next;
  always_comb begin
    if (state_q != Run) group_next = '0;
    else group_next = group_q + 7'(advance);
  end
  assign get_lane_o = lane_no_q;
  assign get_word_o = from[10:2] + 9'(group_next) * 9'(KeepW);

  logic   [DataW+31:0] window;
  logic    [DataW-1:0] copied, filled, beat, mask;
  logic         [63:0] turned;
  logic          [2:0] turn;
  assign window = {get_data_i[31:0], before_q};
  assign copied = DataW'(window >> {from[1:0], 3'b000});
  // Byte 0 of a beat stands at a multiple of 4; the pattern begins at its origin.
  assign turn   = {p_q.dst[2], 2'b00} - p_q.origin;
  assign turned = 64'({p_q.pattern, p_q.pattern} >> {turn, 3'b000});
  assign filled = {(DataW / 64) {turned}};

  // The bytes that belong to the piece.
  logic [ByteW:0] lo, hi;
  assign lo = (seen_q == '0) ? (ByteW + 1)'(p_q.dst[1:0]) : '0;
  assign hi = (end_byte - seen_q >= 11'(Bytes)) ? (ByteW + 1)'(Bytes) : (ByteW + 1)'(end_byte - seen_q);
  always_comb begin
    for (int unsigned i = 0; i < Bytes; i++) begin
      mask[8*i+:8] = {8{(ByteW + 1)'(i) >= lo && (ByteW + 1)'(i) < hi}};
    end
  end
  assign beat = (p_q.fill ? filled : copied) & mask;

  assign push_o = beat_now && p_q.post;
  assign data_o = beat;

  logic crc_idle;
  fn_crc #(
      .DataW(DataW)
  ) u_crc (
      .clk_i,
      .rst_ni,
      .load_i (start),
      .seed_i (pick.crc),
      .valid_i(beat_now),
      .ready_o(crc_ready),
      .data_i (beat >> {lo, 3'b000}),
      .bytes_i(hi - lo),
      .idle_o (crc_idle),
      .crc_o
  );

  // ---- the write -----------------------------------------------------------------------------
  always_comb begin
    bulk_o          = '0;
    bulk_o.addr     = p_q.dst[63:2];
    bulk_o.words    = words;
    bulk_o.first_be = first_be;
    bulk_o.last_be  = last_be;
    bulk_o.attr     = p_q.attr;
    bulk_o.pasid    = p_q.pasid;
  end
  assign bulk_valid_o = state_q == Commit && allow_i;

  logic finish;
  assign finish = (state_q == Commit && bulk_valid_o && bulk_ready_i) || (state_q == Sum && crc_idle && !p_q.post);
  assign done_o = finish ? lane_q : '0;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (start) state_d = Prime;
      Prime:   state_d = Run;
      Run:     if (last_now) state_d = Sum;
      Sum:     if (crc_idle) state_d = p_q.post ? Commit : Idle;
      default: if (finish) state_d = Idle;  // Commit
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q   <= Idle;
      lane_q    <= '0;
      lane_no_q <= '0;
      p_q       <= '0;
      group_q   <= '0;
      seen_q    <= '0;
    end else begin
      state_q <= state_d;
      if (start) begin
        lane_q    <= gnt;
        lane_no_q <= pick_lane;
        p_q       <= pick;
        seen_q    <= '0;
      end
      group_q <= group_next;
      if (beat_now) seen_q <= seen_q + 11'(Bytes);
    end
  end
  always_ff @(posedge clk_i) begin
    if (advance) before_q <= get_data_i;
  end

  logic unused_piece;
  assign unused_piece = ^p_q;
endmodule
