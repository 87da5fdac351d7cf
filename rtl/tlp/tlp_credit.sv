// SPDX-License-Identifier: Apache-2.0 OR MIT
// One kind of transmit credit: what has been used, and how much is left of the
// partner's cumulative limit [PCIe Base 2.6.1.2]. Arithmetic is modulo 2^Width: with
// (limit - (used + needed)) mod 2^Width <= 2^Width / 2 a packet may go.
module tlp_credit #(
    parameter int unsigned Width = 8
) (
    input  logic             clk_i,
    input  logic             rst_ni,
    input  logic [Width-1:0] limit_i,
    input  logic             infinite_i,
    input  logic             take_i,
    input  logic [Width-1:0] amount_i,   // taken with take_i
    output logic [Width-1:0] left_o      // 0 when the limit stands behind what is used
);
  localparam logic [Width-1:0] Half = Width'(1) << (Width - 1);

  logic [Width-1:0] used_q, rest;
  assign rest = limit_i - used_q;

  always_comb begin
    if (infinite_i) left_o = Half;
    else if (rest - 1'b1 <= Half) left_o = rest;
    else left_o = '0;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) used_q <= '0;
    else if (take_i) used_q <= used_q + amount_i;
  end
endmodule
