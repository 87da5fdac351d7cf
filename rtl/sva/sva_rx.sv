// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of the receiver (tlp_rx): a packet has one effect at most, and has it when its last beat is taken; a packet
// that is dropped has none.
module sva_rx (
    input logic clk_i,
    input logic rst_ni,
    input logic last_i,        // the last beat of a packet is taken
    input logic beat_i,
    input logic dropping_i,    // a function reset saw a beat of it
    input logic block_i,
    input logic ready_i,
    // effects
    input logic commit_i,
    input logic rollback_i,
    input logic np_push_i,
    input logic cpl_i,
    input logic message_i,
    input logic malformed_i,
    input logic ecrc_i,
    // the posted buffer
    input logic we_i
);
  logic [5:0] effects;
  assign effects = {commit_i, np_push_i, cpl_i, message_i, malformed_i, ecrc_i};
  OneEffect_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0(effects));
  AtItsEnd_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) effects != '0 |-> last_i);
  Dropped_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) dropping_i && beat_i |-> effects == '0 && !we_i);
  AllOrNothing_A :  // what the buffer holds of a packet is committed or given back
  assert property (@(posedge clk_i) disable iff (!rst_ni) last_i |-> commit_i != rollback_i);
  Blocked_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) block_i |-> !ready_i);
endmodule
