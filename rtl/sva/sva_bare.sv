// SPDX-License-Identifier: Apache-2.0 OR MIT
// What is a message goes without a PASID: the prefix belongs to memory requests [PCIe Base 6.20].
module sva_bare (
    input logic clk_i,
    input logic rst_ni,
    input logic message_i,
    input logic pasid_i
);
  MessageBare_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) message_i |-> !pasid_i);
endmodule
