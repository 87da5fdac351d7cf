// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Laws of admission, bound into irq_admit: turns, credits, and nothing starts during a clear. Inputs only.
module irq_admit_sva (
  input logic         clk_i,
  input logic         rst_ni,
  input logic         clear_i,
  input logic         stop_i,
  input logic [6:0]   req_i,
  input logic [6:0]   gnt_i,
  input logic [5:0]   msg_avail_i,
  input logic [3:0]   msg_inflight_i,
  input logic         msg_valid_i,
  input irq_pkg::op_t op_start_i,
  input irq_pkg::op_t op_commit_i,
  input logic         pick_valid_i,
  input logic         pick_ready_i,
  input logic         cause_valid_i,
  input logic         cause_ready_i,
  input logic         acc_valid_i,
  input logic         acc_ready_i
);
  GrantOneHot_A: assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0(gnt_i));
  GrantAsked_A: assert property (@(posedge clk_i) disable iff (!rst_ni) (gnt_i & ~req_i) == '0);
  GrantSome_A: assert property (@(posedge clk_i) disable iff (!rst_ni) req_i != '0 |-> gnt_i != '0);
  StopStops_A: assert property (@(posedge clk_i) disable iff (!rst_ni) stop_i |-> gnt_i == '0);

  // An operation holds a credit only if one was left; a pick always holds one.
  CreditHeld_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    op_start_i.valid && op_start_i.can_send |-> 6'(msg_inflight_i) < msg_avail_i);
  PickCredit_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    pick_valid_i && pick_ready_i |-> op_start_i.can_send);
  InflightBound_A: assert property (@(posedge clk_i) disable iff (!rst_ni) msg_inflight_i <= 4'd3);
  // What shows was committed with a credit in the clock before.
  MsgCredit_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    msg_valid_i |-> $past(op_commit_i.valid && op_commit_i.can_send && !clear_i));

  // Waiting times: seven parties, so at most six turns of others.
  logic [2:0] cause_wait_q, acc_wait_q;
  always_ff @(posedge clk_i) begin
    cause_wait_q <= (rst_ni && !stop_i && cause_valid_i && !cause_ready_i) ? cause_wait_q + 3'd1 : '0;
    acc_wait_q   <= (rst_ni && !stop_i && acc_valid_i && !acc_ready_i) ? acc_wait_q + 3'd1 : '0;
  end
  CauseWait_A: assert property (@(posedge clk_i) disable iff (!rst_ni) cause_wait_q <= 3'd6);
  AccessWait_A: assert property (@(posedge clk_i) disable iff (!rst_ni) acc_wait_q <= 3'd6);

  // The endpoint keeps a request until it is taken.
  CauseStays_A: assert property (@(posedge clk_i) disable iff (!rst_ni || stop_i)
    cause_valid_i && !cause_ready_i |=> cause_valid_i);
  AccessStays_A: assert property (@(posedge clk_i) disable iff (!rst_ni || stop_i)
    acc_valid_i && !acc_ready_i |=> acc_valid_i);

  logic unused_bits;
  assign unused_bits = ^{op_start_i, op_commit_i};
endmodule
