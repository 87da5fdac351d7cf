// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Round-robin arbiter for what takes several clocks: a grant stays until `ack_i`, whoever else asks meanwhile. Requests
// stay until then.
module prim_arb_hold #(
  parameter int unsigned N = 2
) (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic [N-1:0] req_i,
  output logic [N-1:0] gnt_o,
  input  logic         ack_i
);
  logic [N-1:0] fresh, held_q;

  prim_arb_rr #(.N(N)) u_arb (
    .clk_i (clk_i),
    .rst_ni(rst_ni),
    .req_i (req_i),
    .gnt_o (fresh),
    .ack_i (held_q == '0)
  );
  assign gnt_o = (held_q != '0) ? held_q : fresh;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || ack_i) held_q <= '0;
    else                  held_q <= gnt_o;
  end
endmodule
