// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of irq_intx: Assert and Deassert alternate, beginning with Assert, and each is as the wire
// is in the clock in which it is taken.
module sva_intx (
    input logic       clk_i,
    input logic       rst_ni,
    input logic       wire_i,
    input logic       sent_i,
    input logic       valid_i,
    input logic       ready_i,
    input logic [7:0] code_i
);
  logic last_q;  // the last message was an Assert
  always_ff @(posedge clk_i) begin
    if (!rst_ni) last_q <= 1'b0;
    else if (valid_i && ready_i) last_q <= code_i == 8'h20;
  end
  Codes_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i |-> code_i == 8'h20 || code_i == 8'h24);
  Alternate_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i && ready_i |-> (code_i == 8'h20) != last_q);
  AsTheWire_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i |-> (code_i == 8'h20) == wire_i);
  Owed_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) wire_i != last_q |-> valid_i);
  Sent_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) sent_i == last_q);
endmodule
