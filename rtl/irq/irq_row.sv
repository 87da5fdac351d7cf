// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Where a source lives: its row in the common numbering, its function, and whether it exists. Combinational.
//
// The physical function's sources are counted from 0. Virtual function number n (0 to NumVfs-1) has 64 MSI-X vectors
// from 2048 + 64 n on and 64 device slots from 8192 + 64 n on, so that an index tells its function whatever the sizes
// of the physical function are. In the memories the rows of the virtual functions follow those of the physical
// one, a row a function and store.
module irq_row #(
  parameter int unsigned NumMsix = 1,
  parameter int unsigned NumDevSlots = 1,
  parameter int unsigned NumVfs = 0
) (
  input  irq_pkg::store_t store_i,
  input  irq_pkg::index_t index_i,
  output irq_pkg::row_t   row_o,
  output logic            virtual_o,   // of a virtual function
  output irq_pkg::vf_t    vf_o,        // its number
  output logic            exists_o     // within the store; says nothing of host slots
);
  localparam int unsigned RowsMsixPf = (NumMsix + 63) / 64;
  localparam int unsigned RowsMsix   = RowsMsixPf + NumVfs;
  localparam int unsigned RowsDevPf  = (NumDevSlots + 63) / 64;
  localparam int unsigned RowsDev    = RowsDevPf + NumVfs;

  irq_pkg::row_t row;        // within the store, as the index counts
  irq_pkg::index_t first;    // of the virtual functions
  irq_pkg::index_t beyond;   // counted from it

  assign row    = {1'b0, index_i[19:6]};
  assign first  = (store_i == irq_pkg::StoreDev) ? irq_pkg::VfDev : irq_pkg::VfMsix;
  assign beyond = index_i - first;
  assign vf_o   = beyond[6+:irq_pkg::VfW];

  always_comb begin
    virtual_o = store_i != irq_pkg::StoreHost && index_i >= first && index_i < first + 20'(64 * NumVfs);
    case (store_i)
      irq_pkg::StoreMsix: begin
        exists_o = virtual_o || index_i < 20'(NumMsix);
        row_o    = virtual_o ? 15'(vf_o) + 15'(RowsMsixPf) : row;
      end
      irq_pkg::StoreDev: begin
        exists_o = virtual_o || index_i < 20'(NumDevSlots);
        row_o    = (virtual_o ? 15'(vf_o) + 15'(RowsDevPf) : row) + 15'(RowsMsix);
      end
      default: begin
        exists_o = 1'b1;
        row_o    = row + 15'(RowsMsix + RowsDev);
      end
    endcase
  end

  logic unused_bits;
  assign unused_bits = ^{beyond};
endmodule
