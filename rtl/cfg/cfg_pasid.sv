// SPDX-License-Identifier: Apache-2.0 OR MIT
// PASID capability [PCIe Base 7.8.9]: 20 bits wide, no execute permission, no privileged
// mode. Its enable lets requests of queues with a PASID leave.
module cfg_pasid (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        soft_rst_i,
    input  logic [ 9:0] reg_i,
    input  logic [31:0] wmask_i,
    input  logic [31:0] wdata_i,
    output logic [31:0] rdata_o,
    output logic        enable_o
);
  localparam logic [9:0] RegCap = ep_reg_pkg::CAP_PASID_OFFSET[11:2];
  localparam logic [9:0] RegControl = RegCap + 10'd1;
  localparam logic [15:0] Widths = 16'h1400;  // PASIDs of 20 bits

  logic enable_q;
  always_comb begin
    unique case (reg_i)
      RegCap:     rdata_o = {ep_reg_pkg::CAP_ATS_OFFSET, 4'h1, ep_reg_pkg::CAP_PASID_ID};
      RegControl: rdata_o = {15'd0, enable_q, Widths};
      default:    rdata_o = '0;
    endcase
  end
  assign enable_o = enable_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || soft_rst_i) enable_q <= 1'b0;
    else if (reg_i == RegControl && wmask_i[16]) enable_q <= wdata_i[16];
  end

  logic unused_bits;
  assign unused_bits = ^{wmask_i, wdata_i};
endmodule
