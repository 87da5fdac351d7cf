// SPDX-License-Identifier: Apache-2.0 OR MIT
// What is offered stays until it is taken, unchanged: the rule of every valid/ready pair. Bound to the parties that
// offer (sva_fn_bind, sva_tlp_bind, sva_prim_bind). Where something may withdraw an offer - a reset, a flush, an
// enable that falls - that stands in `on_i`, and ends the obligation.
module sva_hold #(
    parameter int unsigned Width = 1
) (
    input logic             clk_i,
    input logic             on_i,
    input logic             valid_i,
    input logic             ready_i,
    input logic [Width-1:0] data_i
);
  logic             waiting_q;
  logic [Width-1:0] data_q;
  always_ff @(posedge clk_i) begin
    waiting_q <= on_i && valid_i && !ready_i;
    data_q    <= data_i;
  end
  Stays_A :
  assert property (@(posedge clk_i) disable iff (!on_i) waiting_q |-> valid_i);
  Unchanged_A :
  assert property (@(posedge clk_i) disable iff (!on_i) waiting_q |-> data_i == data_q);
endmodule
