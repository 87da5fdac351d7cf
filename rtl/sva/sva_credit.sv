// SPDX-License-Identifier: Apache-2.0 OR MIT
// Credits as the link partner counts them, at the pins [PCIe Base 2.6.1.2]: what leaves is
// never more than the cumulative limits allow. It has its own decoding and counters.
module sva_credit (
    input logic         clk_i,
    input logic         rst_ni,
    input logic         sop_i,         // first beat of a packet moves
    input logic [127:0] hdr_i,
    input logic [  7:0] ph_limit_i,
    input logic [ 11:0] pd_limit_i,
    input logic [  7:0] nph_limit_i,
    input logic [  7:0] cplh_limit_i,
    input logic [ 11:0] cpld_limit_i,
    input logic [  5:0] infinite_i     // {cpld, cplh, npd, nph, pd, ph}
);
  logic is_cpl, is_msg, is_write, is_read;  // is_write: posted, messages too
  logic [11:0] units;
  assign is_cpl   = sop_i && hdr_i[124:123] == 2'b01;
  assign is_msg   = hdr_i[124:123] == 2'b10;
  assign is_write = sop_i && (is_msg || (!hdr_i[123] && hdr_i[126]));
  assign is_read  = sop_i && !is_msg && !hdr_i[123] && !hdr_i[126];
  assign units    = hdr_i[126] ? {4'd0, hdr_i[105:98]} + 12'(hdr_i[97:96] != 2'b00) : 12'd0;

  logic [7:0] ph_q, nph_q, cplh_q;
  logic [11:0] pd_q, cpld_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ph_q   <= '0;
      pd_q   <= '0;
      nph_q  <= '0;
      cplh_q <= '0;
      cpld_q <= '0;
    end else begin
      if (is_write) begin
        ph_q <= ph_q + 8'd1;
        pd_q <= pd_q + units;
      end
      if (is_read) nph_q <= nph_q + 8'd1;
      if (is_cpl) begin
        cplh_q <= cplh_q + 8'd1;
        cpld_q <= cpld_q + units;
      end
    end
  end

  Ph_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      is_write && !infinite_i[0] |-> 8'(ph_limit_i - ph_q - 8'd1) <= 8'h80);
  Pd_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      is_write && !infinite_i[1] |-> 12'(pd_limit_i - pd_q - units) <= 12'h800);
  Nph_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      is_read && !infinite_i[2] |-> 8'(nph_limit_i - nph_q - 8'd1) <= 8'h80);
  Cplh_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      is_cpl && !infinite_i[4] |-> 8'(cplh_limit_i - cplh_q - 8'd1) <= 8'h80);
  Cpld_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      is_cpl && !infinite_i[5] |-> 12'(cpld_limit_i - cpld_q - units) <= 12'h800);

  logic unused_bits;
  assign unused_bits = ^{hdr_i, infinite_i[3]};
endmodule
