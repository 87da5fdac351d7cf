// SPDX-License-Identifier: Apache-2.0 OR MIT
// Buffer of received memory writes. The writer puts the data of one packet in
// and then commits or rolls it back; the reader sees whole packets only, with
// random access to the words of the oldest one. `pushed_o` counts packets committed,
// `done_o` packets that have been performed, somewhat after they were read, so that a
// non-posted request can wait for the writes in front of it.
//
// The data are block RAM, of which the read is registered: the reader tells a clock ahead
// which word it will ask for.
module tlp_rx_pbuf #(
    parameter int unsigned DataW = 256,
    parameter int unsigned Words = 1024,     // data words held
    parameter int unsigned Heads = 16,       // packets held, power of two
    localparam int unsigned Beats = Words / (DataW / 32),
    localparam int unsigned BeatW = $clog2(Beats),
    localparam int unsigned PtrW = $clog2(Heads) + 1
) (
    input  logic                  clk_i,
    input  logic                  rst_ni,
    input  logic                  flush_i,
    // write side
    output logic                  ready_o,      // room for a beat and for a packet
    input  logic                  we_i,
    input  logic      [DataW-1:0] data_i,
    input  logic                  commit_i,     // with or after the last beat
    input  logic                  rollback_i,
    input  tlp_pkg::mwr_t         head_i,
    // read side
    output logic                  valid_o,
    output tlp_pkg::mwr_t         head_o,
    input  logic            [7:0] word_i,       // which word of the packet
    input  logic            [7:0] word_next_i,  // and in the next clock
    output logic           [63:0] words_o,      // it, and above it the next of the same beat
    output logic                  next_o,       // there is a next word in the beat
    input  logic                  pop_i,        // the packet has been read
    // packets committed, packets performed
    input  logic                  done_i,
    output logic       [PtrW-1:0] pushed_o,
    output logic       [PtrW-1:0] done_o
);
  localparam int unsigned LaneW = $clog2(DataW / 32);

  logic [tlp_pkg::MwrW-1:0] head_mem[Heads];

  // Pointers have one bit more than an index.
  logic [BeatW:0]  wr_q, commit_q, rd_q;
  logic [PtrW-1:0] pushed_q, read_q, done_q;

  logic beats_full, heads_full;
  assign beats_full = wr_q == {~rd_q[BeatW], rd_q[BeatW-1:0]};
  assign heads_full = pushed_q == {~done_q[PtrW-1], done_q[PtrW-2:0]};
  assign ready_o    = !beats_full && !heads_full;

  assign valid_o  = pushed_q != read_q;
  assign head_o   = head_mem[read_q[PtrW-2:0]];
  assign pushed_o = pushed_q;
  assign done_o   = done_q;

  // Beats of the oldest packet.
  logic [BeatW:0] beats;
  assign beats = (BeatW + 1)'((9'(head_o.words) + 9'((1 << LaneW) - 1)) >> LaneW);

  // The words asked for. Above the last word of a beat stand zeros.
  logic [BeatW:0]    rd_d;
  logic [BeatW-1:0]  beat_next;
  logic [DataW-1:0]  beat_read, beat_q;
  logic              same_q;      // it was written in the clock in which it was read
  logic [DataW+31:0] rd_data;
  assign rd_d      = pop_i ? rd_q + beats : rd_q;
  assign beat_next = rd_d[BeatW-1:0] + BeatW'(word_next_i[7:LaneW]);
  assign rd_data   = {32'd0, same_q ? beat_q : beat_read};
  prim_ram_1r1w #(
      .Width(DataW),
      .Depth(Beats)
  ) u_beats (
      .clk_i,
      .we_i,
      .waddr_i(wr_q[BeatW-1:0]),
      .wdata_i(data_i),
      .raddr_i(beat_next),
      .rdata_o(beat_read)
  );
  always_ff @(posedge clk_i) begin
    same_q <= we_i && wr_q[BeatW-1:0] == beat_next;
    beat_q <= data_i;
  end
  assign words_o = rd_data[32*word_i[LaneW-1:0]+:64];
  assign next_o  = word_i[LaneW-1:0] != '1;
  logic unused_words;
  assign unused_words = ^{word_i, word_next_i};

  logic [BeatW:0] wr_next;
  assign wr_next = wr_q + (BeatW + 1)'(we_i);

  always_ff @(posedge clk_i) begin
    if (commit_i) head_mem[pushed_q[PtrW-2:0]] <= head_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || flush_i) begin
      wr_q     <= '0;
      commit_q <= '0;
      rd_q     <= '0;
      pushed_q <= '0;
      read_q   <= '0;
      done_q   <= '0;
    end else begin
      wr_q <= rollback_i ? commit_q : wr_next;
      if (commit_i) begin
        commit_q <= wr_next;
        pushed_q <= pushed_q + 1'b1;
      end
      rd_q <= rd_d;
      if (pop_i) read_q <= read_q + 1'b1;
      if (done_i) done_q <= done_q + 1'b1;
    end
  end
endmodule
