// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// For a queue that by design always has room: it is never written when full, never read when empty. Bound to the
// queues of the interrupt core. Inputs only.
module irq_queue_sva (
  input logic clk_i,
  input logic rst_ni,
  input logic wvalid_i,
  input logic wready_i,
  input logic rvalid_i,
  input logic rready_i
);
  Overflow_A: assert property (@(posedge clk_i) disable iff (!rst_ni) wvalid_i |-> wready_i);
  Underflow_A: assert property (@(posedge clk_i) disable iff (!rst_ni) rready_i |-> rvalid_i);
endmodule
