// SPDX-License-Identifier: Apache-2.0 OR MIT
// ARI and SR-IOV capabilities of the physical function [PCIe Base 7.8.8, 9.3.3;
// docs/device.md §16]. Number of functions and page size are fixed while VF Enable is 1.
//
// ARI Capable Hierarchy is kept over function resets and moves nothing: First VF Offset and
// VF Stride are the same with and without it.
module cfg_sriov #(
    parameter int unsigned NumVfs   = 16,  // 1 to 16
    parameter logic [15:0] DeviceId = 16'h1a35
) (
    input  logic              clk_i,
    input  logic              rst_ni,
    input  logic              soft_rst_i,
    input  logic       [ 9:0] reg_i,
    input  logic       [31:0] wmask_i,
    input  logic       [31:0] wdata_i,
    output logic       [31:0] rdata_o,
    output logic              enable_o,    // VF Enable
    output logic              memory_o,    // VF MSE
    output logic [NumVfs-1:0] acting_o,    // functions below NumVFs, enabled or not
    output logic       [ 2:0] page_o,      // an aperture is 2^(14 + 2 page) bytes
    output logic      [63:14] bar_o,       // the bits that the aperture covers are 0
    output logic              disabled_o   // pulse: VF Enable is being cleared
);
  localparam logic [9:0] RegAri = ep_reg_pkg::CAP_ARI_OFFSET[11:2];
  localparam logic [9:0] RegCap = ep_reg_pkg::CAP_SRIOV_OFFSET[11:2];
  localparam logic [9:0] RegAble = RegCap + 10'd1;
  localparam logic [9:0] RegControl = RegCap + 10'd2;
  localparam logic [9:0] RegTotal = RegCap + 10'd3;
  localparam logic [9:0] RegNumber = RegCap + 10'd4;
  localparam logic [9:0] RegStride = RegCap + 10'd5;
  localparam logic [9:0] RegDevice = RegCap + 10'd6;
  localparam logic [9:0] RegPages = RegCap + 10'd7;
  localparam logic [9:0] RegPage = RegCap + 10'd8;
  localparam logic [9:0] RegBarLow = RegCap + 10'd9;
  localparam logic [9:0] RegBarHigh = RegCap + 10'd10;

  localparam logic [31:0] Ari = {ep_reg_pkg::CAP_SRIOV_OFFSET, 4'h1, ep_reg_pkg::CAP_ARI_ID};
  localparam logic [31:0] Cap = {12'h000, 4'h1, ep_reg_pkg::CAP_SRIOV_ID};  // end of the list
  localparam logic [31:0] Able = 32'h0000_0002;    // ARI Capable Hierarchy survives function resets
  localparam logic [31:0] Stride = {16'd1, 16'(tlp_pkg::FirstVf)};
  localparam logic [10:0] PageSizes = 11'h553;
  localparam logic [31:0] Prefetchable64 = 32'h0000_000c;

  logic         enable_q, memory_q, ari_q;
  logic [15:0]  number_q;
  logic [10:0]  page_q;
  logic [31:14] low_q, low_open, low_write;
  logic [31:0]  high_q;

  always_comb begin
    unique case (reg_i)
      RegAri:     rdata_o = Ari;
      RegCap:     rdata_o = Cap;
      RegAble:    rdata_o = Able;
      RegControl: rdata_o = {27'd0, ari_q, memory_q, 2'b00, enable_q};
      RegTotal:   rdata_o = {16'(NumVfs), 16'(NumVfs)};
      RegNumber:  rdata_o = {16'd0, number_q};
      RegStride:  rdata_o = Stride;
      RegDevice:  rdata_o = {DeviceId + 16'd1, 16'd0};
      RegPages:   rdata_o = {21'd0, PageSizes};
      RegPage:    rdata_o = {21'd0, page_q};
      RegBarLow:  rdata_o = {low_q & low_open, 14'd0} | Prefetchable64;
      RegBarHigh: rdata_o = high_q;
      default:    rdata_o = '0;
    endcase
  end

  // The lowest page size that is asked for; an aperture has 16 KiB at least.
  always_comb begin
    page_o = 3'd0;
    if (page_q[1:0] == '0) begin
      if (page_q[4]) page_o = 3'd1;
      else if (page_q[6]) page_o = 3'd2;
      else if (page_q[8]) page_o = 3'd3;
      else if (page_q[10]) page_o = 3'd4;
    end
  end
  // What the aperture covers is neither shown nor written; a smaller page shows it again.
  assign low_open  = 18'h3ffff << {page_o, 1'b0};
  assign low_write = wmask_i[31:14] & low_open;

  logic clearing;
  assign clearing   = reg_i == RegControl && wmask_i[0] && !wdata_i[0];
  assign disabled_o = enable_q && clearing;
  assign enable_o   = enable_q;
  assign memory_o   = memory_q;
  assign bar_o      = {high_q, low_q & low_open};
  always_comb begin
    for (int unsigned n = 0; n < NumVfs; n++) acting_o[n] = number_q > 16'(n);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) ari_q <= 1'b0;
    else if (reg_i == RegControl && wmask_i[4]) ari_q <= wdata_i[4];
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || soft_rst_i) begin
      enable_q <= 1'b0;
      memory_q <= 1'b0;
      number_q <= '0;
      page_q   <= 11'h001;
      low_q    <= '0;
      high_q   <= '0;
    end else begin
      if (reg_i == RegControl && wmask_i[0]) begin
        enable_q <= wdata_i[0];
        memory_q <= wdata_i[3];
      end
      if (!enable_q && reg_i == RegNumber) begin
        number_q <= (number_q & ~wmask_i[15:0]) | (wdata_i[15:0] & wmask_i[15:0]);
      end
      if (!enable_q && reg_i == RegPage) begin
        page_q <= ((page_q & ~wmask_i[10:0]) | (wdata_i[10:0] & wmask_i[10:0])) & PageSizes;
      end
      if (reg_i == RegBarLow) low_q <= (low_q & ~low_write) | (wdata_i[31:14] & low_write);
      if (reg_i == RegBarHigh) high_q <= (high_q & ~wmask_i) | (wdata_i & wmask_i);
    end
  end
endmodule
