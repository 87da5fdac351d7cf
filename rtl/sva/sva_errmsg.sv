// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of the messages that are owed (tlp_errmsg): none is lost and none is made up.
module sva_errmsg (
    input logic       clk_i,
    input logic       rst_ni,
    input logic       active_i,
    input logic       cor_i,
    input logic       nonfatal_i,
    input logic       fatal_i,
    input logic       valid_i,
    input logic       ready_i,
    input logic [7:0] code_i
);
  // Owed: there was an error of the kind since the last message of the kind.
  logic [2:0] owed_q, raised, taken;
  assign raised = {fatal_i, nonfatal_i, cor_i};
  assign taken  = (valid_i && ready_i) ? {code_i == 8'h33, code_i == 8'h31, code_i == 8'h30} : 3'b000;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || !active_i) owed_q <= '0;
    else owed_q <= (owed_q & ~taken) | raised;
  end
  NotLost_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) owed_q != '0 && active_i |-> valid_i);
  Owed_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) (taken & ~owed_q) == '0);
  Known_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i && ready_i |-> taken != '0);
  Silent_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) !active_i |-> !valid_i);
endmodule
