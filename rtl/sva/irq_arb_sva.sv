// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Laws of prim_arb_rr, bound to every instance. Inputs only.
module irq_arb_sva #(
  parameter int unsigned N = 2
) (
  input logic         clk_i,
  input logic         rst_ni,
  input logic [N-1:0] req_i,
  input logic [N-1:0] gnt_i,
  input logic         ack_i
);
  OneHot_A: assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0(gnt_i));
  Asked_A: assert property (@(posedge clk_i) disable iff (!rst_ni) (gnt_i & ~req_i) == '0);
  Some_A: assert property (@(posedge clk_i) disable iff (!rst_ni) (req_i == '0) == (gnt_i == '0));
  // Nobody who keeps asking is passed over more than N-1 times.
  for (genvar i = 0; i < N; i++) begin : gen_fair
    logic [7:0] passed_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni || !req_i[i] || (gnt_i[i] && ack_i)) passed_q <= '0;
      else if (ack_i)                                  passed_q <= passed_q + 8'd1;
    end
    Fair_A: assert property (@(posedge clk_i) disable iff (!rst_ni) passed_q < 8'(N));
  end
endmodule
