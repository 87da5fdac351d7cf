// SPDX-License-Identifier: Apache-2.0 OR MIT
// Power management capability [PCIe Base 7.5.2]: D0 and D3hot. Going back to D0
// resets the function (No_Soft_Reset 0): the write starts that reset, and the state
// becomes D0 by it.
module cfg_pm (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        soft_rst_i,
    input  logic [ 9:0] reg_i,
    input  logic [31:0] wmask_i,
    input  logic [31:0] wdata_i,
    output logic [31:0] rdata_o,
    output logic        d0_o,
    output logic        wake_o       // pulse: D3hot to D0 was written
);
  localparam logic [9:0] RegCap = ep_reg_pkg::CAP_PM_OFFSET[11:2];
  localparam logic [9:0] RegStatus = RegCap + 10'd1;
  localparam logic [31:0] Cap = {16'h0003, 8'(ep_reg_pkg::CAP_PCIE_OFFSET), ep_reg_pkg::CAP_PM_ID};

  logic d3_q;

  always_comb begin
    unique case (reg_i)
      RegCap:    rdata_o = Cap;
      RegStatus: rdata_o = {30'd0, d3_q, d3_q};
      default:   rdata_o = '0;
    endcase
  end

  logic write;
  assign write  = reg_i == RegStatus && wmask_i[0];
  assign wake_o = write && wdata_i[1:0] == 2'b00 && d3_q;
  assign d0_o   = !d3_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || soft_rst_i) d3_q <= 1'b0;
    else if (write && wdata_i[1:0] == 2'b11) d3_q <= 1'b1;
  end

  logic unused_bits;
  assign unused_bits = ^{wmask_i[31:1], wdata_i[31:2]};
endmodule
