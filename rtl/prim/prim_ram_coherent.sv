// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Memory for a read-modify-write pipeline: the address enters in clock t, the data is in a register in clock t+2, and
// it includes every write made in clocks up to and including t+1.
//
// So an operation that reads here, decides two clocks later and writes in that same clock sees the effect of all
// operations before it, whatever their distance. The two bypasses that this takes stand here, once, instead of in
// every stage that uses a memory.
module prim_ram_coherent #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 16,
  localparam int unsigned AddrW = (Depth > 1) ? $clog2(Depth) : 1
) (
  input  logic             clk_i,

  // write port
  input  logic             we_i,
  input  logic [AddrW-1:0] waddr_i,
  input  logic [Width-1:0] wdata_i,

  // read port: address, and two clocks later its word
  input  logic [AddrW-1:0] raddr_i,
  output logic [Width-1:0] rdata_o
);
  logic [Width-1:0] ram_rdata;

  prim_ram_1r1w #(
    .Width(Width),
    .Depth(Depth)
  ) u_ram (
    .clk_i  (clk_i),
    .we_i   (we_i),
    .waddr_i(waddr_i),
    .wdata_i(wdata_i),
    .raddr_i(raddr_i),
    .rdata_o(ram_rdata)
  );

  // First bypass: the word was written in the clock in which it was read.
  logic             same_q;
  logic [Width-1:0] wdata_q;
  logic [AddrW-1:0] raddr_q;

  always_ff @(posedge clk_i) begin
    same_q  <= we_i && (waddr_i == raddr_i);
    wdata_q <= wdata_i;
    raddr_q <= raddr_i;
  end

  // Second bypass: it is written in the clock in which its old value comes out of the memory.
  always_ff @(posedge clk_i) begin
    if (we_i && (waddr_i == raddr_q)) rdata_o <= wdata_i;
    else if (same_q)                  rdata_o <= wdata_q;
    else                              rdata_o <= ram_rdata;
  end
endmodule
