// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// The inverse of irq_row: the source that a row's first bit stands for. Combinational.
module irq_source #(
  parameter int unsigned NumMsix = 1,
  parameter int unsigned NumDevSlots = 1,
  parameter int unsigned NumVfs = 0
) (
  input  irq_pkg::row_t   row_i,
  output irq_pkg::store_t store_o,
  output irq_pkg::index_t index_o,     // of its first source
  output logic            virtual_o,
  output irq_pkg::vf_t    vf_o
);
  localparam int unsigned RowsMsixPf = (NumMsix + 63) / 64;
  localparam int unsigned RowsMsix   = RowsMsixPf + NumVfs;
  localparam int unsigned RowsDevPf  = (NumDevSlots + 63) / 64;
  localparam int unsigned RowsDevice = RowsMsix + RowsDevPf + NumVfs;

  irq_pkg::row_t row;      // within the store
  irq_pkg::row_t beyond;   // within the rows of the virtual functions

  always_comb begin
    if (row_i < 15'(RowsMsix)) begin
      store_o   = irq_pkg::StoreMsix;
      row       = row_i;
      virtual_o = row >= 15'(RowsMsixPf);
      beyond    = row - 15'(RowsMsixPf);
      index_o   = irq_pkg::VfMsix;
    end else if (row_i < 15'(RowsDevice)) begin
      store_o   = irq_pkg::StoreDev;
      row       = row_i - 15'(RowsMsix);
      virtual_o = row >= 15'(RowsDevPf);
      beyond    = row - 15'(RowsDevPf);
      index_o   = irq_pkg::VfDev;
    end else begin
      store_o   = irq_pkg::StoreHost;
      row       = row_i - 15'(RowsDevice);
      virtual_o = 1'b0;
      beyond    = '0;
      index_o   = '0;
    end
    if (virtual_o) index_o = index_o + {beyond[13:0], 6'b0};
    else           index_o = {row[13:0], 6'b0};
  end

  assign vf_o = beyond[irq_pkg::VfW-1:0];

  logic unused_bits;
  assign unused_bits = ^{row, beyond};
endmodule
