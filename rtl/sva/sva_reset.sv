// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of the reset's sequence (ep_reset): the function is reset once, behind the drain, while it is busy; the two
// kinds of reset do not mix; nothing but a request begins a function reset.
module sva_reset (
    input logic clk_i,
    input logic rst_ni,        // any conventional reset
    input logic request_i,
    input logic drained_i,
    input logic busy_i,
    input logic soft_rst_i,
    input logic block_i,
    input logic clear_busy_i
);
  logic known_q, request_q, drained_q, busy_q, soft_q, block_q, clear_q;
  always_ff @(posedge clk_i) begin
    known_q   <= rst_ni;
    request_q <= request_i;
    drained_q <= drained_i;
    busy_q    <= busy_i;
    soft_q    <= soft_rst_i;
    block_q   <= block_i;
    clear_q   <= clear_busy_i;
  end
  OnePulse_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) known_q && soft_q |-> !soft_rst_i);
  BehindDrain_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) known_q && soft_rst_i |-> drained_q && busy_q && busy_i);
  Asked_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) known_q && busy_i && !busy_q |-> request_q);
  Begins_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) known_q && request_q && !busy_q && !block_q |-> busy_i);
  ClearedFirst_A :  // neither ends while the memories are being cleared
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      known_q && ((busy_q && !busy_i) || (block_q && !block_i)) |-> !clear_q);
  OneKind_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) !(busy_i && block_i));
endmodule
