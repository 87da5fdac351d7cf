// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of tags: a read gets one that is free and belongs to whoever asks, and only reads that
// wait for data change the buffers.
module sva_tags #(
    parameter int unsigned MaxFetches = 16
) (
    input logic       clk_i,
    input logic       rst_ni,
    input logic       push_i,
    input logic       push_free_i,    // its tag is free
    input logic       dma_i,          // it is the DMA engine's ...
    input logic [3:0] lane_i,         // ... for this lane
    input logic [4:0] tag_i,
    input logic       sent_i,
    input logic       sent_queued_i,  // the tag of what leaves has been waiting for that
    input logic       put_i,
    input logic       put_waits_i     // and the read has left
);
  Free_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) push_i |-> push_free_i);
  FetchTag_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) push_i && !dma_i |-> 32'(tag_i) < MaxFetches && !tag_i[4]);
  DmaTag_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) push_i && dma_i |-> tag_i[4] && tag_i[3:2] == lane_i[1:0]);
  Sent_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) sent_i |-> sent_queued_i);
  Put_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) put_i |-> put_waits_i);

  logic unused_bits;
  assign unused_bits = ^lane_i;
endmodule
