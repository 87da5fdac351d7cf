// SPDX-License-Identifier: Apache-2.0 OR MIT
// The virtual wire INTA [PCIe Base 6.1.2, 2.2.8.1]: whenever the wire is not as it was last sent, a
// message is offered to the posted stream, Assert or Deassert. What it was is known from
// the messages alone; so they alternate, a wire that falls back before its message was
// taken sends nothing, and a function reset or D3hot sends what it owes.
module irq_intx (
    input  logic       clk_i,
    input  logic       rst_ni,     // conventional reset: the partner forgets, nothing is sent
    input  logic       wire_i,     // as it should be
    output logic       sent_o,     // as last sent
    output logic       valid_o,
    input  logic       ready_i,
    output logic [7:0] code_o
);
  logic sent_q;
  assign sent_o  = sent_q;
  assign valid_o = wire_i != sent_q;
  assign code_o  = wire_i ? tlp_pkg::MsgAssertInta : tlp_pkg::MsgDeassertInta;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) sent_q <= 1'b0;
    else if (valid_o && ready_i) sent_q <= wire_i;
  end
endmodule
