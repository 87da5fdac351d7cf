// SPDX-License-Identifier: Apache-2.0 OR MIT
// Two parties with one way on take turns: one that waited while the other was taken is the next of the two. A party
// that stops waiting loses its turn.
module sva_alternate (
    input logic       clk_i,
    input logic       rst_ni,
    input logic [1:0] waits_i,
    input logic [1:0] taken_i
);
  logic [1:0] next_q;  // it waited when the other one was taken
  always_ff @(posedge clk_i) begin
    for (int i = 0; i < 2; i++) begin
      if (!rst_ni || !waits_i[i] || taken_i[i]) next_q[i] <= 1'b0;
      else if (taken_i[1-i]) next_q[i] <= 1'b1;
    end
  end
  InTurn_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      !(taken_i[0] && next_q[1] && waits_i[1]) && !(taken_i[1] && next_q[0] && waits_i[0]));
endmodule
