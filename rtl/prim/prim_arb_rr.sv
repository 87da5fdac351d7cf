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
  logic [N-1:0] first;
  logic [N-1:0] pool;

  assign first = req_i & above_q;
  assign pool  = (first != '0) ? first : req_i;
  assign gnt_o = pool & (~pool + 1'b1);       // the lowest one

  always_ff @(posedge clk_i) begin
    if (!rst_ni)                      above_q <= '0;
    else if (ack_i && (gnt_o != '0))  above_q <= ~(gnt_o | (gnt_o - 1'b1));
  end
endmodule
