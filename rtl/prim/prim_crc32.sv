// SPDX-License-Identifier: Apache-2.0 OR MIT
// CRC-32 over bits in their order, polynomial 0x04C11DB7. Combinational.
//
// The register is reversed, coefficient 31 in bit 0, and begins as 0. So bits of 0 in front change nothing, and what
// the register held before may be added to the first 32 bits. Every bit of the result is a sum of some of the bits,
// however many there are: a tree, no chain.
module prim_crc32 #(
    parameter int unsigned Bits = 32
) (
    input  logic            en_i,    // 0: crc_o is 0 (and costs no simulation time)
    input  logic [Bits-1:0] bits_i,  // bit 0 first
    output logic [    31:0] crc_o
);
  localparam logic [31:0] Poly = 32'hedb8_8320;  // 0x04c11db7 reversed

  // Which bits are in this bit of the result.
  function automatic logic [Bits-1:0] summed(input logic [4:0] result);
    logic [31:0] crc;  // of a single 1 and the zeros behind it
    crc = Poly;
    for (int unsigned b = 0; b < Bits; b++) begin
      summed[Bits-1-b] = crc[result];
      crc = {1'b0, crc[31:1]} ^ (crc[0] ? Poly : 32'd0);
    end
  endfunction

  for (genvar i = 0; i < 32; i++) begin : gen_bit
    localparam logic [Bits-1:0] Summed = summed(5'(i));
    always_comb begin
      crc_o[i] = 1'b0;
      if (en_i) crc_o[i] = ^(bits_i & Summed);
    end
  end
endmodule
