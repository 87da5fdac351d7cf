// SPDX-License-Identifier: Apache-2.0 OR MIT
// Of several parties with one way on: one at most is taken in a clock, and only one that asks. `First` names a party
// (by its bit) that all others let go first; none when it is N or more. `Patience` is the most clocks that a party
// waits while the way is open; not looked at when 0.
module sva_turns #(
    parameter int unsigned N = 2,
    parameter int unsigned First = N,
    parameter int unsigned Patience = 0
) (
    input logic         clk_i,
    input logic         rst_ni,
    input logic [N-1:0] valid_i,
    input logic [N-1:0] ready_i,
    input logic         open_i     // somebody can be taken
);
  logic [N-1:0] taken;
  assign taken = valid_i & ready_i;
  OneTaken_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0(taken));
  if (First < N) begin : gen_first
    LetsGoFirst_A :
    assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i[First] |-> (taken & ~(N'(1) << First)) == '0);
  end
  if (Patience > 0) begin : gen_patience
    for (genvar i = 0; i < N; i++) begin : gen_party
      logic [7:0] waited_q;
      always_ff @(posedge clk_i) begin
        if (!rst_ni || !valid_i[i] || ready_i[i]) waited_q <= '0;
        else if (open_i) waited_q <= waited_q + 8'd1;
      end
      Patience_A :
      assert property (@(posedge clk_i) disable iff (!rst_ni) 32'(waited_q) <= Patience);
    end
  end else begin : gen_patient
    logic unused_open;
    assign unused_open = open_i;
  end
endmodule
