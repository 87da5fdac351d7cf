// SPDX-License-Identifier: Apache-2.0 OR MIT
// PCI Express capability, version 2 [PCIe Base 7.5.3]. Which error bits of Device Status an
// error sets, cfg_aer decides.
module cfg_pcie (
    input  logic                  clk_i,
    input  logic                  por_ni,        // power-on reset alone
    input  logic                  rst_ni,        // any conventional reset
    input  logic                  soft_rst_i,
    input  logic           [ 9:0] reg_i,
    input  logic           [31:0] wmask_i,
    input  logic           [31:0] wdata_i,
    output logic           [31:0] rdata_o,
    input  logic           [ 3:0] devsta_i,      // sets bits 3:0 of Device Status
    input  logic                  pending_i,     // non-posted requests outstanding
    output logic                  flr_o,         // pulse: function level reset was written
    output logic           [ 3:0] report_o,      // DevCtl[3:0]: which errors are reported
    output logic           [ 2:0] mps_o,         // DevCtl[7:5]
    output logic           [ 2:0] mrrs_o,        // DevCtl[14:12]
    output logic                  relaxed_o,     // DevCtl.4: relaxed ordering may be used
    output logic                  ido_o,         // DevCtl2.8: id-based ordering may be used
    output logic           [ 4:0] timeout_o      // DevCtl2[4:0]
);
  localparam logic [9:0] Base = ep_reg_pkg::CAP_PCIE_OFFSET[11:2];
  localparam logic [9:0] RegCap = Base;
  localparam logic [9:0] RegDevCap = Base + 10'd1;
  localparam logic [9:0] RegDevCtl = Base + 10'd2;
  localparam logic [9:0] RegLnkCap = Base + 10'd3;
  localparam logic [9:0] RegLnkCtl = Base + 10'd4;
  localparam logic [9:0] RegDevCap2 = Base + 10'd9;
  localparam logic [9:0] RegDevCtl2 = Base + 10'd10;
  localparam logic [9:0] RegLnkCap2 = Base + 10'd11;
  localparam logic [9:0] RegLnkCtl2 = Base + 10'd12;

  localparam logic [31:0] Cap = {16'h0002, 8'(ep_reg_pkg::CAP_MSI_OFFSET), ep_reg_pkg::CAP_PCIE_ID};
  localparam logic [31:0] DevCap = 32'h1000_8022;    // MPS 512, extended tag, role-based errors, FLR
  localparam logic [15:0] DevCtlReset = 16'h2810;    // MRRS 512, no snoop, relaxed ordering
  localparam logic [15:0] DevCtlRw = 16'h79ff;
  localparam logic [15:0] DevCtlMps = 16'h00e0;
  localparam logic [31:0] LnkCap = 32'h0040_0083;    // 8 GT/s, x8
  localparam logic [15:0] LnkSta = 16'h1083;
  localparam logic [15:0] LnkCtlRw = 16'h00cb;
  localparam logic [31:0] DevCap2 = 32'h0070_001f;   // timeout ranges A to D, disable; long Fmt, one end-end prefix
  localparam logic [8:0]  DevCtl2Rw = 9'h11f;  // timeout, id-based ordering of requests
  localparam logic [31:0] LnkCap2 = 32'h0000_000e;
  localparam logic [3:0]  LnkCtl2Reset = 4'h3;

  logic [15:0] devctl_q, lnkctl_q;
  logic [ 3:0] devsta_q, lnkctl2_q;
  logic [ 8:0] devctl2_q;

  always_comb begin
    unique case (reg_i)
      RegCap:     rdata_o = Cap;
      RegDevCap:  rdata_o = DevCap;
      RegDevCtl:  rdata_o = {10'd0, pending_i, 1'b0, devsta_q, devctl_q};
      RegLnkCap:  rdata_o = LnkCap;
      RegLnkCtl:  rdata_o = {LnkSta, lnkctl_q};
      RegDevCap2: rdata_o = DevCap2;
      RegDevCtl2: rdata_o = {23'd0, devctl2_q};
      RegLnkCap2: rdata_o = LnkCap2;
      RegLnkCtl2: rdata_o = {28'd0, lnkctl2_q};
      default:    rdata_o = '0;
    endcase
  end

  logic [3:0] devsta_clear;
  assign devsta_clear = (reg_i == RegDevCtl) ? (wdata_i[19:16] & wmask_i[19:16]) : '0;

  assign flr_o     = reg_i == RegDevCtl && wmask_i[15] && wdata_i[15];
  assign report_o  = devctl_q[3:0];
  assign mps_o     = devctl_q[7:5];
  assign mrrs_o    = devctl_q[14:12];
  assign relaxed_o = devctl_q[4];
  assign ido_o     = devctl2_q[8];
  assign timeout_o = devctl2_q[4:0];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      devctl_q <= DevCtlReset;
      lnkctl_q <= '0;
    end else if (soft_rst_i) begin
      devctl_q <= (DevCtlReset & ~DevCtlMps) | (devctl_q & DevCtlMps);
    end else begin
      if (reg_i == RegDevCtl) devctl_q <= ((devctl_q & ~wmask_i[15:0]) | (wdata_i[15:0] & wmask_i[15:0])) & DevCtlRw;
      if (reg_i == RegLnkCtl) lnkctl_q <= ((lnkctl_q & ~wmask_i[15:0]) | (wdata_i[15:0] & wmask_i[15:0])) & LnkCtlRw;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || soft_rst_i) begin
      devsta_q  <= '0;
      devctl2_q <= '0;
    end else begin
      devsta_q <= (devsta_q & ~devsta_clear) | devsta_i;
      if (reg_i == RegDevCtl2) devctl2_q <= ((devctl2_q & ~wmask_i[8:0]) | (wdata_i[8:0] & wmask_i[8:0])) & DevCtl2Rw;
    end
  end

  // Sticky: only a power-on reset returns it to its default.
  always_ff @(posedge clk_i) begin
    if (!por_ni) lnkctl2_q <= LnkCtl2Reset;
    else if (rst_ni && reg_i == RegLnkCtl2) lnkctl2_q <= (lnkctl2_q & ~wmask_i[3:0]) | (wdata_i[3:0] & wmask_i[3:0]);
  end

  logic unused_bits;
  assign unused_bits = ^{wmask_i[31:20], wdata_i[31:20]};
endmodule
