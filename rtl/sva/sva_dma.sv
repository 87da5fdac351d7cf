// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of a lane of the DMA engine: order of data, record and interrupt, and what a piece of
// data may be. Bound to every lane.
module sva_dma (
    input logic        clk_i,
    input logic        rst_ni,
    input logic        idle_i,
    input logic [2:0]  mps_i,
    // data
    input logic        piece_valid_i,   // the mover is asked
    input logic        piece_go_i,      // this clock decides on a piece ...
    input logic        piece_writes_i,  // ... that is written
    input logic        piece_reads_i,   // ... and comes from the buffer
    input logic [63:0] piece_dst_i,
    input logic [9:0]  piece_bytes_i,
    input logic [11:0] avail_i,         // bytes in the buffer whose reads have ended well
    // reads
    input logic        read_now_i,
    input logic [63:0] read_addr_i,
    input logic [9:0]  read_bytes_i,
    input logic [3:0]  out_i,           // outstanding, by tag
    input logic [1:0]  read_tag_i,
    input logic        res_valid_i,
    input logic [1:0]  res_tag_i,
    // record, interrupt
    input logic        rec_valid_i,
    input logic        rec_done_i,
    input logic        irq_valid_i,
    input logic        end_valid_i,
    input logic        end_halt_i
);
  // ---- a piece is there before it is moved, and fits into one packet ---------------------
  logic [9:0] mps, place;
  assign mps   = (mps_i == 3'd0) ? 10'd128 : (mps_i == 3'd1) ? 10'd256 : 10'd512;
  assign place = {1'b0, piece_dst_i[8:0]} & (mps - 10'd1);
  PieceFits_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) piece_go_i && piece_writes_i |->
      piece_bytes_i != '0 && {1'b0, place} + {1'b0, piece_bytes_i} <= {1'b0, mps});
  PieceThere_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) piece_go_i && piece_reads_i |->
      {2'b00, piece_bytes_i} <= avail_i && avail_i <= 12'd2048);

  // ---- reads ---------------------------------------------------------------------------------
  ReadInPage_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) read_now_i |->
      read_bytes_i != '0 && read_bytes_i <= 10'd512 && {1'b0, read_addr_i[11:0]} + {3'd0, read_bytes_i} <= 13'd4096);
  TagFree_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) read_now_i |-> !out_i[read_tag_i]);
  ResultAsked_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) res_valid_i |-> out_i[res_tag_i]);

  // ---- data, then record, then interrupt, each once ---------------------------------------------
  RecordBehindData_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) rec_valid_i |-> !piece_valid_i && out_i == '0);
  logic recorded_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || idle_i) recorded_q <= 1'b0;
    else if (rec_done_i) recorded_q <= 1'b1;
  end
  InterruptBehindRecord_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) irq_valid_i |-> recorded_q);
  OneRecord_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) rec_valid_i |-> !recorded_q);
  EndRecorded_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) end_valid_i |-> recorded_q != end_halt_i);

  logic unused_bits;
  assign unused_bits = ^{piece_dst_i, read_addr_i};
endmodule
