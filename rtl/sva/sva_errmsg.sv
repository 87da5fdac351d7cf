// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of the messages that are owed (tlp_errmsg): none is lost and none is made up.
module sva_errmsg (
    input logic       clk_i,
    input logic       rst_ni,
    input logic       active_i,
    input logic       cor_i,
    input logic       nonfatal_i,
    input logic       fatal_i,
    input logic       vf_cor_i,
    input logic       vf_nonfatal_i,
    input logic [3:0] vf_i,
    input logic [15:0] vf_forget_i,
    input logic       valid_i,
    input logic       ready_i,
    input logic [7:0] code_i,
    input tlp_pkg::fn_t fn_i
);
  // Owed: there was an error of the kind since the last message of the kind, and the
  // function of the first one has not been forgotten.
  logic [2:0] owed_q, owed, raised, taken;
  logic [4:0] owner;
  assign raised = {fatal_i, nonfatal_i || vf_nonfatal_i, cor_i || vf_cor_i};
  assign owner  = (vf_cor_i || vf_nonfatal_i) ? {1'b1, vf_i} : 5'd0;
  assign taken  = (valid_i && ready_i) ? {code_i == 8'h33, code_i == 8'h31, code_i == 8'h30} : 3'b000;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || !active_i) owed_q <= '0;
    else owed_q <= (owed & ~taken) | raised;
  end
  OneFunction_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) !((cor_i || nonfatal_i || fatal_i) && (vf_cor_i || vf_nonfatal_i)));
  for (genvar k = 0; k < 3; k++) begin : gen_owner
    logic [4:0] owner_q;
    assign owed[k] = owed_q[k] && !(owner_q[4] && vf_forget_i[owner_q[3:0]]);
    always_ff @(posedge clk_i) if (raised[k] && !(owed[k] && !taken[k])) owner_q <= owner;
    Owner_A :
    assert property (@(posedge clk_i) disable iff (!rst_ni)
        taken[k] |-> fn_i.virt == owner_q[4] && (!fn_i.virt || fn_i.vf == owner_q[3:0]));
  end
  NotLost_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) owed != '0 && active_i |-> valid_i);
  Owed_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) (taken & ~owed) == '0);
  Known_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i && ready_i |-> taken != '0);
  Silent_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) !active_i |-> !valid_i);
endmodule
