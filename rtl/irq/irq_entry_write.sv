// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Merges one quad word access into the address and data of an entry, byte by byte; the same for MSI-X and IMS.
// Address bits 1:0 are read-only 0.
module irq_entry_write (
  input  logic        half_i,       // 0: address; 1: {control, data}
  input  logic [7:0]  be_i,
  input  logic [63:0] wdata_i,
  input  logic [63:2] addr_i,
  input  logic [31:0] data_i,
  output logic [63:2] addr_o,
  output logic [31:0] data_o
);
  always_comb begin
    addr_o = addr_i;
    data_o = data_i;
    if (!half_i) begin
      if (be_i[0]) addr_o[7:2] = wdata_i[7:2];
      for (int unsigned i = 1; i < 8; i++) begin
        if (be_i[i]) addr_o[8*i+:8] = wdata_i[8*i+:8];
      end
    end else begin
      for (int unsigned i = 0; i < 4; i++) begin
        if (be_i[i]) data_o[8*i+:8] = wdata_i[8*i+:8];
      end
    end
  end

  logic unused_bits;
  assign unused_bits = ^{wdata_i[63:32], wdata_i[1:0]};
endmodule
