// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Control word of an IMS slot: 0 mask, 1 pending (read only), 2 ignore, 3 PASID enable, 31:12 PASID.
module irq_ims (
  // as software reads it
  input  logic        mask_i,
  input  logic        pending_i,
  input  logic        ignore_i,
  input  logic        pasid_en_i,
  input  logic [19:0] pasid_i,
  output logic [31:0] control_o,

  // write: byte enables and word, and the bits after it
  input  logic [3:0]  be_i,
  input  logic [31:0] wdata_i,
  output logic        mask_o,
  output logic        ignore_o,
  output logic        pasid_en_o,
  output logic [19:0] pasid_o
);
  assign control_o = {pasid_i, 8'b0, pasid_en_i, ignore_i, pending_i, mask_i};

  assign mask_o     = be_i[0] ? wdata_i[0] : mask_i;
  assign ignore_o   = be_i[0] ? wdata_i[2] : ignore_i;
  assign pasid_en_o = be_i[0] ? wdata_i[3] : pasid_en_i;
  assign pasid_o    = {be_i[3] ? wdata_i[31:24] : pasid_i[19:12],
                       be_i[2] ? wdata_i[23:16] : pasid_i[11:4],
                       be_i[1] ? wdata_i[15:12] : pasid_i[3:0]};

  logic unused_bits;
  assign unused_bits = ^{wdata_i[11:4], wdata_i[1]};
endmodule
