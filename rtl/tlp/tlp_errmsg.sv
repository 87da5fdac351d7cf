// SPDX-License-Identifier: Apache-2.0 OR MIT
// Error messages that are owed [PCIe Base 2.2.8.3]: one pending bit a kind, fatal first.
// A message not yet in the posted stream absorbs further ones of its kind. In D3hot and
// in a function reset none is owed and those that were are dropped.
module tlp_errmsg (
    input  logic       clk_i,
    input  logic       rst_ni,
    input  logic       active_i,   // D0, no function reset
    // pulses
    input  logic       cor_i,
    input  logic       nonfatal_i,
    input  logic       fatal_i,
    // to the posted stream
    output logic       valid_o,
    input  logic       ready_i,
    output logic [7:0] code_o
);
  logic cor_q, nonfatal_q, fatal_q, taken;
  assign valid_o = active_i && (cor_q || nonfatal_q || fatal_q);
  assign taken   = valid_o && ready_i;

  always_comb begin
    if (fatal_q) code_o = tlp_pkg::MsgErrFatal;
    else if (nonfatal_q) code_o = tlp_pkg::MsgErrNonfatal;
    else code_o = tlp_pkg::MsgErrCor;
  end

  // An error in the clock in which a message leaves is a new one.
  always_ff @(posedge clk_i) begin
    if (!rst_ni || !active_i) begin
      cor_q      <= 1'b0;
      nonfatal_q <= 1'b0;
      fatal_q    <= 1'b0;
    end else begin
      fatal_q    <= fatal_i || (fatal_q && !taken);
      nonfatal_q <= nonfatal_i || (nonfatal_q && !(taken && !fatal_q));
      cor_q      <= cor_i || (cor_q && !(taken && !fatal_q && !nonfatal_q));
    end
  end
endmodule
