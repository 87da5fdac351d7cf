// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Round-robin arbiter. `gnt_o` is one-hot in the same clock, zero without a request. The turn moves on only when
// `ack_i` says that the granted operation really started, so a requester that keeps asking waits for at most N-1
// others.
module prim_arb_rr #(
  parameter int unsigned N = 2
) (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic [N-1:0] req_i,
  output logic [N-1:0] gnt_o,
  input  logic         ack_i
);
  // Requesters above the one granted last: they are asked first.
  logic [N-1:0] above_q;
  logic [N-1:0] above_d;
  logic [N-1:0] first;
  logic [N-1:0] lowest_first, lowest;
  logic         seen_first, seen, passed;

  // The lowest one of either, told bit by bit: the arithmetic way would put a carry chain into the path of each grant.
  always_comb begin
    first      = req_i & above_q;
    seen_first = 1'b0;
    seen       = 1'b0;
    for (int unsigned i = 0; i < N; i++) begin
      lowest_first[i] = first[i] && !seen_first;
      lowest[i]       = req_i[i] && !seen;
      seen_first      = seen_first || first[i];
      seen            = seen || req_i[i];
    end
    gnt_o = seen_first ? lowest_first : lowest;
  end

  always_comb begin
    passed = 1'b0;
    for (int unsigned i = 0; i < N; i++) begin
      above_d[i] = passed;
      passed     = passed || gnt_o[i];
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni)              above_q <= '0;
    else if (ack_i && passed) above_q <= above_d;
  end
endmodule
