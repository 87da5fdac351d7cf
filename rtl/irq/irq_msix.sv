// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Control word of an MSI-X table entry [PCIe Base 7.7.2]: bit 0 masks, the rest is read-only 0 (no TPH tags).
module irq_msix (
  input  logic        mask_i,
  output logic [31:0] control_o,     // as software reads it

  input  logic        be_i,          // byte enable of control bits 7:0
  input  logic        wdata_i,       // control bit 0
  output logic        mask_o         // mask after the write
);
  assign control_o = {31'b0, mask_i};
  assign mask_o    = be_i ? wdata_i : mask_i;
endmodule
