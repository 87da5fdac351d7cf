// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Blocks of configuration space side by side under any writes: each changes by its own alone.
module formal_settings (
  input logic        clk_i,
  input logic        soft_rst_i,
  input logic [9:0]  reg_i,
  input logic [31:0] wmask_i,
  input logic [31:0] wdata_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;
  cfg_bar u_bar (
    .clk_i(clk_i), .rst_ni(rst_ni), .soft_rst_i(soft_rst_i), .reg_i(reg_i), .wmask_i(wmask_i), .wdata_i(wdata_i)
  );
  cfg_pm u_pm (
    .clk_i(clk_i), .rst_ni(rst_ni), .soft_rst_i(soft_rst_i), .reg_i(reg_i), .wmask_i(wmask_i), .wdata_i(wdata_i)
  );
  cfg_msi u_msi (
    .clk_i(clk_i), .rst_ni(rst_ni), .soft_rst_i(soft_rst_i), .reg_i(reg_i), .wmask_i(wmask_i), .wdata_i(wdata_i),
    .pending_i(32'd0)
  );
  cfg_msix #(.NumMsix(2048)) u_msix (
    .clk_i(clk_i), .rst_ni(rst_ni), .soft_rst_i(soft_rst_i), .reg_i(reg_i), .wmask_i(wmask_i), .wdata_i(wdata_i)
  );
  cfg_dvsec u_dvsec (
    .clk_i(clk_i), .rst_ni(rst_ni), .soft_rst_i(soft_rst_i), .reg_i(reg_i), .wmask_i(wmask_i), .wdata_i(wdata_i)
  );
endmodule
