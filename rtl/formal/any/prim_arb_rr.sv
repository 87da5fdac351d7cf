// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// prim_arb_rr that lets any one of those pass who ask, or nobody: what holds behind it holds for every order of turns.
module prim_arb_rr #(
  parameter int unsigned N = 2
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [N-1:0] req_i,
  output logic [N-1:0] gnt_o,
  input  logic         ack_i
);
  (* anyseq *) logic [N-1:0] pool;
  logic [N-1:0] among;
  assign among = req_i & pool;
  assign gnt_o = among & (~among + 1'b1);
endmodule
