// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of address translation at the endpoint (docs/device.md §17). Reads are followed here by
// their tags, from the queue over the link to their end.
module sva_ats (
    input logic              clk_i,
    input logic              rst_ni,        // function reset included
    input logic              enable_i,
    input logic              freeze_i,
    input logic              strike_i,
    input logic              closed_i,      // the store is off
    // slot reads: into the queue, begun to leave, taken out, over
    input logic              push_i,
    input tlp_pkg::tx_read_t push_read_i,
    input logic              pop_i,
    input tlp_pkg::tx_read_t head_i,
    input logic              drop_i,
    input logic              over_i,
    input logic       [ 4:0] over_tag_i,
    // fetches that the core shows, and what tlp_ats asks tlp_mrd for on their behalf
    input logic              shown_i,
    input logic       [ 4:0] shown_id_i,
    input logic              asked_i,
    input logic       [ 4:0] asked_id_i,
    // Invalidate Completion enters the posted stream
    input logic              completion_i,
    // fetches given back without result, and those that the core discards
    input logic              empty_i,
    input logic       [ 4:0] empty_id_i,
    input logic       [15:0] discard_i
);
  logic [15:0] pushed, popped, dropped, over;
  always_comb begin
    for (int i = 0; i < 16; i++) begin
      pushed[i]  = push_i && push_read_i.tag == 5'(i);
      popped[i]  = pop_i && head_i.tag == 5'(i);
      dropped[i] = drop_i && head_i.tag == 5'(i);
      over[i]    = over_i && over_tag_i == 5'(i);
    end
  end
  logic [15:0] queued_q, sent_q, dead_q, old_q;
  // Fetches that were shown at an invalidation or with the store off, until they are given back.
  logic [15:0] void_q, voided, given;
  always_comb begin
    for (int i = 0; i < 16; i++) begin
      voided[i] = shown_i && (strike_i || closed_i) && shown_id_i == 5'(i);
      given[i]  = empty_i && empty_id_i == 5'(i);
    end
  end
  always_ff @(posedge clk_i) void_q <= rst_ni ? (void_q | voided) & ~given : '0;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      queued_q <= '0;
      sent_q   <= '0;
      dead_q   <= '0;
      old_q    <= '0;
    end else begin
      queued_q <= (queued_q | pushed) & ~popped & ~dropped;
      sent_q   <= (sent_q | popped) & ~over;
      dead_q   <= (dead_q | (strike_i || closed_i ? queued_q & ~popped : '0)) & ~dropped;
      old_q    <= (old_q | (strike_i ? sent_q | popped : '0)) & ~over;
    end
  end

  // What was in the queue at an invalidation, or when the store went off, does not leave any more.
  OldNeverLeaves_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) (popped & dead_q) == '0);
  // Nor does any slot read while the store is off.
  ClosedSendsNone_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) closed_i |-> popped == '0);
  // What the core showed in that clock asks for nothing any more: neither slot nor translation.
  ShownNeverAsks_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) asked_i |-> !void_q[asked_id_i[3:0]]);
  // And only what is dead is taken out.
  DropIsOld_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) drop_i |-> (dropped & dead_q) == dropped && !head_i.tag[4]);
  // A completion says that nothing from before its strike is left.
  NoneOldLeft_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) completion_i |-> old_q == '0);
  // Addresses of the host's own kind only while translation is on; the engine's never.
  KindAllowed_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      pop_i && head_i.at != tlp_pkg::AtUntranslated |-> enable_i && !freeze_i && !head_i.tag[4]);
  // What is given back without a result must not be used.
  EmptyDiscarded_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) empty_i |-> discard_i[empty_id_i[3:0]]);

  logic unused_read;
  assign unused_read = ^{push_read_i, head_i, empty_id_i, shown_id_i, asked_id_i};
endmodule
