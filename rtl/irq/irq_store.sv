// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Message memory in device memory, the same for MSI-X entries and IMS device slots: address, data and the control
// bits that are not in the rows. Entry memory address = {row, bit}; the few entries that a last row has too many are
// never written.
//
// An entry is read and written as a whole: an access replaces the bytes that it enables (irq_msix, irq_ims), so
// address and data can never be seen half written.
module irq_store #(
  parameter int unsigned NumRows = 1      // rows of MSI-X and device slots together
) (
  input  logic            clk_i,

  // operation that starts; its entry two clocks later
  input  irq_pkg::row_t   op_row_i,
  input  logic [5:0]      op_bit_i,
  output irq_pkg::entry_t op_entry_o,

  // write
  input  logic            we_i,
  input  irq_pkg::row_t   wrow_i,
  input  logic [5:0]      wbit_i,
  input  irq_pkg::entry_t wentry_i,

  // clearing sweep
  input  logic            clr_i,
  input  logic [13:0]     clr_addr_i
);
  localparam int unsigned Depth = NumRows * 64;
  localparam int unsigned AddrW = $clog2(Depth);

  logic [20:0]      raddr_wide, waddr_wide;
  logic [AddrW-1:0] waddr;
  logic             we;
  irq_pkg::entry_t  wentry;

  assign raddr_wide = {op_row_i, op_bit_i};
  assign waddr_wide = {wrow_i, wbit_i};
  assign we         = clr_i ? (clr_addr_i < 14'(Depth)) : we_i;
  assign waddr      = clr_i ? clr_addr_i[AddrW-1:0] : waddr_wide[AddrW-1:0];
  assign wentry     = clr_i ? '0 : wentry_i;

  prim_ram_coherent #(
    .Width(irq_pkg::EntryW),
    .Depth(Depth)
  ) u_ram (
    .clk_i  (clk_i),
    .we_i   (we),
    .waddr_i(waddr),
    .wdata_i(wentry),
    .raddr_i(raddr_wide[AddrW-1:0]),
    .rdata_o(op_entry_o)
  );

  logic unused_addr;
  assign unused_addr = ^{raddr_wide, waddr_wide, clr_addr_i};
endmodule
