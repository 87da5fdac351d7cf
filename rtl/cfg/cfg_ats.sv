// SPDX-License-Identifier: Apache-2.0 OR MIT
// ATS capability [PCIe Base 10.5.1]: four invalidations may wait, requests are page aligned.
// The smallest translation unit is kept and has no effect: the device asks for 4 KiB.
module cfg_ats #(
    parameter logic [11:0] Next = 12'h000  // capability behind it
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        soft_rst_i,
    input  logic [ 9:0] reg_i,
    input  logic [31:0] wmask_i,
    input  logic [31:0] wdata_i,
    output logic [31:0] rdata_o,
    output logic        enable_o
);
  localparam logic [9:0] RegCap = ep_reg_pkg::CAP_ATS_OFFSET[11:2];
  localparam logic [9:0] RegControl = RegCap + 10'd1;
  localparam logic [15:0] Able = 16'h0024;  // queue depth 4, page aligned requests

  logic       enable_q;
  logic [4:0] unit_q;
  always_comb begin
    unique case (reg_i)
      RegCap:     rdata_o = {Next, 4'h1, ep_reg_pkg::CAP_ATS_ID};
      RegControl: rdata_o = {enable_q, 10'd0, unit_q, Able};
      default:    rdata_o = '0;
    endcase
  end
  assign enable_o = enable_q;

  // The unit is fixed while translation is in use, as it was before the write.
  always_ff @(posedge clk_i) begin
    if (!rst_ni || soft_rst_i) begin
      enable_q <= 1'b0;
      unit_q   <= '0;
    end else if (reg_i == RegControl) begin
      if (wmask_i[31]) enable_q <= wdata_i[31];
      if (!enable_q && wmask_i[16]) unit_q <= wdata_i[20:16];
    end
  end

  logic unused_bits;
  assign unused_bits = ^{wmask_i, wdata_i};
endmodule
