// SPDX-License-Identifier: Apache-2.0 OR MIT
// Which vector an event goes to (docs/device.md §7a, "sharing"): with one vector that one,
// else the device's own event to 0 and event q to 1 + q mod (vectors - 1). Combinational.
module fn_ev_map (
    input  logic [6:0] index_i,    // 0 to 64
    input  logic [6:0] vectors_i,  // 1 to 65
    output logic [6:0] vector_o
);
  logic [6:0] divisor;
  assign divisor = vectors_i - 7'd1;

  logic [ 5:0] rest;
  logic [12:0] step;
  always_comb begin
    rest = index_i[5:0];
    step = '0;
    for (int unsigned k = 0; k < 6; k++) begin
      step = {6'd0, divisor} << (5 - k);
      if ({7'd0, rest} >= step) rest = rest - step[5:0];
    end
  end

  always_comb begin
    if (divisor == '0 || index_i[6]) vector_o = '0;
    else vector_o = {1'b0, rest} + 7'd1;
  end
endmodule
