// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Memory with one write port and one registered read port, written so that synthesis makes block RAM of it.
//
// The read data belongs to the address of the clock before. A read of the word that is written in the same clock
// returns the old word; whoever needs the new one uses prim_ram_coherent. There is no reset: its users sweep it.
module prim_ram_1r1w #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 16,
  localparam int unsigned AddrW = (Depth > 1) ? $clog2(Depth) : 1
) (
  input  logic             clk_i,

  // write port
  input  logic             we_i,
  input  logic [AddrW-1:0] waddr_i,
  input  logic [Width-1:0] wdata_i,

  // read port
  input  logic [AddrW-1:0] raddr_i,
  output logic [Width-1:0] rdata_o
);
  logic [Width-1:0] mem [Depth];

  always_ff @(posedge clk_i) begin
    if (we_i) mem[waddr_i] <= wdata_i;
    rdata_o <= mem[raddr_i];
  end
endmodule
