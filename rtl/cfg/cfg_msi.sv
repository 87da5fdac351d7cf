// SPDX-License-Identifier: Apache-2.0 OR MIT
// MSI capability [PCIe Base 7.7.1]: 32 vectors, 64-bit address, a mask bit a vector,
// extended message data. Pending bits are kept by irq_msi.
module cfg_msi (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic                soft_rst_i,
    input  logic         [ 9:0] reg_i,
    input  logic         [31:0] wmask_i,
    input  logic         [31:0] wdata_i,
    output logic         [31:0] rdata_o,
    input  logic         [31:0] pending_i,
    output ep_pkg::msi_t        msi_o
);
  localparam logic [9:0] Base = ep_reg_pkg::CAP_MSI_OFFSET[11:2];
  localparam logic [9:0] RegCap = Base;
  localparam logic [9:0] RegLow = Base + 10'd1;
  localparam logic [9:0] RegHigh = Base + 10'd2;
  localparam logic [9:0] RegData = Base + 10'd3;
  localparam logic [9:0] RegMask = Base + 10'd4;
  localparam logic [9:0] RegPending = Base + 10'd5;

  localparam logic [2:0] Capable = 3'd5;  // 2^5 vectors
  localparam logic [31:0] ControlRw = 32'h0471_0000;
  // Extended data capable, masks, 64 bits; the number of vectors.
  localparam logic [31:0] Cap = {4'h0, 4'b0011, 4'b1000, Capable, 1'b0, 8'(ep_reg_pkg::CAP_MSIX_OFFSET), ep_reg_pkg::CAP_MSI_ID};

  logic [31:0] control_q, low_q, high_q, data_q, mask_q;

  always_comb begin
    unique case (reg_i)
      RegCap:     rdata_o = Cap | control_q;
      RegLow:     rdata_o = low_q;
      RegHigh:    rdata_o = high_q;
      RegData:    rdata_o = data_q;
      RegMask:    rdata_o = mask_q;
      RegPending: rdata_o = pending_i;
      default:    rdata_o = '0;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || soft_rst_i) begin
      control_q <= '0;
      low_q     <= '0;
      high_q    <= '0;
      data_q    <= '0;
      mask_q    <= '0;
    end else begin
      if (reg_i == RegCap) control_q <= ((control_q & ~wmask_i) | (wdata_i & wmask_i)) & ControlRw;
      if (reg_i == RegLow) low_q <= ((low_q & ~wmask_i) | (wdata_i & wmask_i)) & ~32'h3;
      if (reg_i == RegHigh) high_q <= (high_q & ~wmask_i) | (wdata_i & wmask_i);
      if (reg_i == RegData) data_q <= (data_q & ~wmask_i) | (wdata_i & wmask_i);
      if (reg_i == RegMask) mask_q <= (mask_q & ~wmask_i) | (wdata_i & wmask_i);
    end
  end

  always_comb begin
    msi_o        = '0;
    msi_o.enable = control_q[16];
    msi_o.order  = (control_q[22:20] > Capable) ? Capable : control_q[22:20];
    msi_o.addr   = {high_q, low_q[31:2]};
    msi_o.data   = {control_q[26] ? data_q[31:16] : 16'd0, data_q[15:0]};
    msi_o.mask   = mask_q;
  end
endmodule
