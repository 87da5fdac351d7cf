// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// irq_msi and irq_intx with anything at their ports. What the endpoint around keeps: MSI is open only while it is enabled.
module formal_msi (
  input logic         clk_i,
  input ep_pkg::msi_t msi_i,
  input logic         open_i,
  input logic         raise_i,
  input logic [4:0]   vector_i,
  input logic         ready_i,
  input logic         wire_i,
  input logic         intx_ready_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;
  always_comb assume (!open_i || msi_i.enable);
  always_comb assume (msi_i.order <= 3'd5);
  irq_msi u_msi (
    .clk_i(clk_i), .rst_ni(rst_ni), .msi_i(msi_i), .open_i(open_i), .raise_i(raise_i), .vector_i(vector_i),
    .ready_i(ready_i)
  );
  irq_intx u_intx (
    .clk_i(clk_i), .rst_ni(rst_ni), .wire_i(wire_i), .ready_i(intx_ready_i)
  );
endmodule
