// SPDX-License-Identifier: Apache-2.0 OR MIT
// CRC-32 over words of 32 bits, as the digest of a packet has it [PCIe Base 2.7.1]:
// polynomial 0x04C11DB7, bytes in wire order, bit 0 of each byte first. Combinational.
//
// The register is kept reversed, coefficient 31 in bit 0, and a word has its first byte
// in bits 7:0: so the bits come in order of their number.
module tlp_crc32 #(
    parameter int unsigned Words = 1
) (
    input  logic                en_i,     // 0: crc_o means nothing (and costs no simulation time)
    input  logic [        31:0] crc_i,
    input  logic [32*Words-1:0] words_i,  // word 0 first
    input  logic [   Words-1:0] valid_i,  // words that count
    output logic [        31:0] crc_o
);
  localparam logic [31:0] Poly = 32'hedb8_8320;  // 0x04c11db7 reversed

  always_comb begin
    crc_o = crc_i;
    if (en_i) begin
      for (int unsigned w = 0; w < Words; w++) begin
        if (valid_i[w]) begin
          for (int unsigned b = 0; b < 32; b++) begin
            crc_o = {1'b0, crc_o[31:1]} ^ ((crc_o[0] != words_i[32*w+b]) ? Poly : 32'd0);
          end
        end
      end
    end
  end
endmodule
