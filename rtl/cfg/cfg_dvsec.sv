// SPDX-License-Identifier: Apache-2.0 OR MIT
// Intel's SIOV capability (DVSEC 5 of vendor 8086): announces the interrupt message
// store [Intel Scalable IOV 1.2, 3.1.4]. First of the extended capabilities.
module cfg_dvsec (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        soft_rst_i,
    input  logic [ 9:0] reg_i,
    input  logic [31:0] wmask_i,
    input  logic [31:0] wdata_i,
    output logic [31:0] rdata_o
);
  localparam logic [9:0] RegCap = ep_reg_pkg::CAP_SIOV_OFFSET[11:2];
  localparam logic [31:0] PageSizes = 32'h0000_0553;

  logic [31:0] page_size_q;

  always_comb begin
    unique case (reg_i)
      RegCap:         rdata_o = {ep_reg_pkg::CAP_AER_OFFSET, 4'h1, ep_reg_pkg::CAP_SIOV_ID};
      RegCap + 10'd1: rdata_o = 32'h0180_8086;
      RegCap + 10'd2: rdata_o = 32'h0000_0005;
      RegCap + 10'd3: rdata_o = PageSizes;
      RegCap + 10'd4: rdata_o = page_size_q;
      RegCap + 10'd5: rdata_o = 32'h0000_0001;  // IMS supported
      default:        rdata_o = '0;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || soft_rst_i) page_size_q <= 32'h0000_0001;
    else if (reg_i == RegCap + 10'd4) page_size_q <= ((page_size_q & ~wmask_i) | (wdata_i & wmask_i)) & PageSizes;
  end
endmodule
