// SPDX-License-Identifier: Apache-2.0 OR MIT
// MSI-X capability [PCIe Base 7.7.2]: the table in BAR2 at 0, the pending bit array
// behind it.
module cfg_msix #(
    parameter int unsigned NumMsix = 2048
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        soft_rst_i,
    input  logic [ 9:0] reg_i,
    input  logic [31:0] wmask_i,
    input  logic [31:0] wdata_i,
    output logic [31:0] rdata_o,
    output logic        enable_o,
    output logic        function_mask_o
);
  localparam logic [9:0] RegCap = ep_reg_pkg::CAP_MSIX_OFFSET[11:2];
  localparam logic [31:0] Table = 32'(ep_reg_pkg::WIN_MSIX_TABLE_OFFSET) | ep_reg_pkg::WIN_MSIX_TABLE_BAR;
  localparam logic [31:0] Pba = 32'(ep_reg_pkg::WIN_MSIX_PBA_OFFSET) | ep_reg_pkg::WIN_MSIX_PBA_BAR;

  logic [31:30] ctrl_q;

  always_comb begin
    unique case (reg_i)
      RegCap:         rdata_o = {ctrl_q, 3'd0, 11'(NumMsix - 1), 8'd0, ep_reg_pkg::CAP_MSIX_ID};
      RegCap + 10'd1: rdata_o = Table;
      RegCap + 10'd2: rdata_o = Pba;
      default:        rdata_o = '0;
    endcase
  end

  assign enable_o        = ctrl_q[31];
  assign function_mask_o = ctrl_q[30];

  always_ff @(posedge clk_i) begin
    if (!rst_ni || soft_rst_i) ctrl_q <= '0;
    else if (reg_i == RegCap) ctrl_q <= (ctrl_q & ~wmask_i[31:30]) | (wdata_i[31:30] & wmask_i[31:30]);
  end

  logic unused_bits;
  assign unused_bits = ^{wmask_i[29:0], wdata_i[29:0]};
endmodule
