// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of the work queues: a submission ring is never read past its tail, a completion ring
// never written over what software has not seen, and what is in flight is accounted for.
// They are about the operation in its second clock.
module sva_queue #(
    parameter int unsigned Lanes = 4
) (
    input logic           clk_i,
    input logic           rst_ni,
    input logic           try_i,       // a queue was chosen to begin its next piece of work
    input logic           start_i,     // and does ...
    input logic           tag_i,       // ... on a lane that has a free tag
    input logic           wrote_i,
    input logic           end_i,
    input ep_pkg::queue_t q_i,         // before the operation
    input logic     [9:0] cq_next_i,
    input logic     [9:0] cq_free_i    // told from the distance of head and tail
);
  // Which queues are chosen is kept beside their words, and may not lag behind them: no turn is for nothing.
  TriedMayStart_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) try_i |->
      q_i.enable && !q_i.halted && q_i.sq_head != q_i.sq_tail && cq_free_i > 10'(q_i.inflight));
  StartSubmitted_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |->
      q_i.enable && !q_i.halted && q_i.sq_head != q_i.sq_tail);
  PlaceKept_A :  // for its record, beside those of all under way
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> cq_free_i > 10'(q_i.inflight));
  LaneFree_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> 32'(q_i.inflight) < Lanes);
  LaneHasTag_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> tag_i);
  RingHasRoom_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) wrote_i |-> cq_next_i != q_i.cq_head);
  WroteInFlight_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) wrote_i |-> q_i.inflight != '0);
  EndInFlight_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) end_i |-> q_i.inflight != '0);

  logic unused_bits;
  assign unused_bits = ^q_i;
endmodule
