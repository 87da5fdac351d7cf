// SPDX-License-Identifier: Apache-2.0 OR MIT
// Base address registers [PCIe Base 7.5.1.2.1]: BAR0 32 bits, 64 KiB; BAR1 32 bits,
// 256 KiB; BAR2 64 bits, prefetchable, 64 KiB; BAR4 64 bits, prefetchable, 256 KiB.
module cfg_bar (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic                soft_rst_i,
    input  logic         [ 9:0] reg_i,
    input  logic         [31:0] wmask_i,
    input  logic         [31:0] wdata_i,
    output logic         [31:0] rdata_o,
    output logic         [31:16] bar0_o,
    output logic         [31:18] bar1_o,
    output logic         [63:16] bar2_o,
    output logic         [63:18] bar4_o
);
  localparam logic [31:0] Prefetchable64 = 32'h0000_000c;

  logic [31:0] bar0_q, bar1_q, bar2_q, bar3_q, bar4_q, bar5_q;

  always_comb begin
    unique case (reg_i)
      10'h004: rdata_o = bar0_q;
      10'h005: rdata_o = bar1_q;
      10'h006: rdata_o = bar2_q | Prefetchable64;
      10'h007: rdata_o = bar3_q;
      10'h008: rdata_o = bar4_q | Prefetchable64;
      10'h009: rdata_o = bar5_q;
      default: rdata_o = '0;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || soft_rst_i) begin
      bar0_q <= '0;
      bar1_q <= '0;
      bar2_q <= '0;
      bar3_q <= '0;
      bar4_q <= '0;
      bar5_q <= '0;
    end else begin
      if (reg_i == 10'h004) bar0_q <= ((bar0_q & ~wmask_i) | (wdata_i & wmask_i)) & 32'hffff_0000;
      if (reg_i == 10'h005) bar1_q <= ((bar1_q & ~wmask_i) | (wdata_i & wmask_i)) & 32'hfffc_0000;
      if (reg_i == 10'h006) bar2_q <= ((bar2_q & ~wmask_i) | (wdata_i & wmask_i)) & 32'hffff_0000;
      if (reg_i == 10'h007) bar3_q <= (bar3_q & ~wmask_i) | (wdata_i & wmask_i);
      if (reg_i == 10'h008) bar4_q <= ((bar4_q & ~wmask_i) | (wdata_i & wmask_i)) & 32'hfffc_0000;
      if (reg_i == 10'h009) bar5_q <= (bar5_q & ~wmask_i) | (wdata_i & wmask_i);
    end
  end

  assign bar0_o = bar0_q[31:16];
  assign bar1_o = bar1_q[31:18];
  assign bar2_o = {bar3_q, bar2_q[31:16]};
  assign bar4_o = {bar5_q, bar4_q[31:18]};
endmodule
